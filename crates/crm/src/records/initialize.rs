//! What a new row takes over from the row it is made for.

use model::{ColumnType, Model, Reference, Table, Value};
use store::Row;

use crate::{App, Caller, Result};

impl App {
    /// The values that a new row of the table `target` takes over from a row: by the mapping of
    /// the model between their tables, and a link in every lookup that may lead there and is for
    /// people to fill (Dataverse: `InitializeFrom`). Nothing is written. None where there is neither.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] where the row is absent or hidden from the caller,
    /// [`crate::Error::Unknown`] where there is no such table.
    pub async fn initial_values(&self, caller: &Caller, source: &Reference, target: &str) -> Result<Option<Row>> {
        let model = self.model();
        let target = self.table(target)?;
        let row = self.get(caller, &source.table, source.id, None).await?;
        let mut values = mapped(&model, &row, &source.table, &target);
        for lookup in links(&target, &source.table) {
            values.set(lookup.to_owned(), source.clone());
        }
        let is_known = model.mapping(&source.table, &target.name).is_some() || !values.is_empty();
        Ok(is_known.then_some(values))
    }
}

/// The values that the mapping of the model takes over.
fn mapped(model: &Model, row: &Row, from: &str, target: &Table) -> Row {
    let mut values = Row::new();
    for pair in model.mapping(from, &target.name).map(|mapping| mapping.columns.as_slice()).unwrap_or_default() {
        let value = row.value(&pair.from);
        let column = target.column(&pair.to).filter(|column| !column.read_only && !column.is_computed());
        // A choice number that the target does not know is left out rather than refused.
        let fitting = column.and_then(|column| target.check(&column.name, value).ok()).unwrap_or_default();
        if !value.is_null() && fitting != Value::Null {
            values.set(pair.to.clone(), fitting);
        }
    }
    values
}

/// The lookups of a table that may lead to a row of another, but for who owns the row.
fn links<'t>(target: &'t Table, source: &str) -> impl Iterator<Item = &'t str> {
    let lookups = target.lookups().filter(move |column| match &column.kind {
        ColumnType::Lookup { targets } => targets.iter().any(|table| table == source),
        _ => false,
    });
    lookups.filter(|column| !column.read_only && column.name != "ownerid").map(|column| column.name.as_str())
}
