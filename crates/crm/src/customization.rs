//! Shaping the model: an organisation's tables, columns, choices, views and forms.
//!
//! Every change works on the overlay as a whole: it is validated with the shipped app, both are
//! merged, the database is migrated online and the new model swapped in, or nothing happens.

use std::sync::Arc;

use model::{Choice, ColumnDeclaration, ColumnKind, Model, Overlay};

use crate::{App, Caller, Error, Origin, Result, access};

/// What can be done about the model.
pub struct Customization<'a> {
    app: &'a App,
}

/// A column to be added.
#[derive(Debug, Clone)]
pub struct NewColumn {
    /// Logical name of the table.
    pub table: String,
    /// Logical name of the column, with a prefix: `new_score`.
    pub name: String,
    /// Type as in the declaration files: `text`, `choice`, `lookup` …
    pub kind: String,
    /// What people read.
    pub label: String,
    /// Labels of a choice's options, or target tables of a lookup.
    pub options: Vec<String>,
    /// Length of a text.
    pub length: Option<u32>,
}

impl App {
    /// What can be done about the model.
    pub const fn customization(&self) -> Customization<'_> {
        Customization { app: self }
    }
}

impl Customization<'_> {
    /// The customisations in force.
    pub fn overlay(&self) -> Arc<Overlay> {
        self.app.store().overlay()
    }

    /// Says what is wrong with `overlay`, with the place of each mistake.
    pub fn validate(&self, overlay: &Overlay) -> Result<()> {
        Model::merge(overlay, self.app.model().version + 1)?;
        Ok(())
    }

    /// Validates, migrates and publishes `overlay` in place of the customisations in force.
    pub async fn publish(&self, caller: &Caller, _origin: Origin, overlay: Overlay) -> Result<Arc<Model>> {
        access::require_administrator(caller, "change the model")?;
        self.validate(&overlay)?;
        Ok(self.app.store().publish(overlay).await?)
    }

    /// Adds one column and publishes.
    pub async fn add_column(&self, caller: &Caller, origin: Origin, new: NewColumn) -> Result<Arc<Model>> {
        let mut overlay = (*self.overlay()).clone();
        let declaration = declaration(&new)?;
        overlay.add_column(&new.table, &new.name, declaration)?;
        self.publish(caller, origin, overlay).await
    }
}

fn declaration(new: &NewColumn) -> Result<ColumnDeclaration> {
    let kind: ColumnKind = serde_json::from_value(serde_json::Value::String(new.kind.clone())).map_err(|_| {
        Error::refused(format!("'{}' is not a column type; write text, whole, choice, lookup …", new.kind))
    })?;
    let mut column = ColumnDeclaration::new(kind, new.label.clone());
    column.length = new.length.or(if kind == ColumnKind::Text { Some(100) } else { None });
    match kind {
        ColumnKind::Choice | ColumnKind::MultiChoice => {
            column.options = (1..)
                .zip(&new.options)
                .map(|(value, label)| Choice { value, label: label.clone(), color: None, hidden: false })
                .collect();
        }
        ColumnKind::Lookup => column.targets.clone_from(&new.options),
        _ => {}
    }
    Ok(column)
}
