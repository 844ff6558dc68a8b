//! What was taken out of the model and is still in the database: shown, and taken away for good.

use language::text;
use serde::Serialize;
use store::{KeptData, Purged};

use super::{Customization, parts::Purpose};
use crate::{Caller, Error, Origin, Result, access};

/// What is kept, and what was purged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeptAside {
    /// Tables and columns that the model no longer has, with their rows.
    pub kept: Vec<KeptData>,
    /// Every purge so far, the oldest first.
    pub purged: Vec<Purged>,
}

/// What a purge did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PurgeOutcome {
    /// What is taken away.
    #[serde(flatten)]
    pub data: KeptData,
    /// It is gone; false for a trial.
    pub purged: bool,
}

impl Customization<'_> {
    /// What was taken out of the model and is still kept.
    pub async fn kept_aside(&self, caller: &Caller) -> Result<KeptAside> {
        access::require_administrator(caller, text!("see what was taken out of the model"))?;
        let (kept, purged) = self.app.store().kept().await?;
        Ok(KeptAside { kept, purged })
    }

    /// Takes what is kept under this name (`TABLE`, or `TABLE.COLUMN`) away for good, with its
    /// files. This cannot be undone; the history of the rows keeps what it says.
    ///
    /// # Errors
    /// Refused where the model still has it, or nothing of this name is kept.
    pub async fn purge(&self, caller: &Caller, origin: Origin, name: &str, purpose: Purpose) -> Result<PurgeOutcome> {
        access::require_administrator(caller, text!("purge what was taken out of the model"))?;
        let _alone = self.app.editing_model().await;
        let (table, column) = match name.split_once(['.', '/']) {
            Some((table, column)) => (table.trim(), Some(column.trim().to_owned())),
            None => (name.trim(), None),
        };
        self.refuse_in_use(table, column.as_deref())?;
        let (kept, _) = self.app.store().kept().await?;
        let Some(data) = kept.iter().find(|it| it.table == table && it.column == column).cloned() else {
            return Err(nothing_kept(name, &kept));
        };
        if purpose == Purpose::Try {
            return Ok(PurgeOutcome { data, purged: false });
        }
        match self.app.store().purge(table, column, caller.actor(origin)).await? {
            Some(purged) => {
                let Purged { data, user, .. } = purged;
                tracing::warn!(%data, rows = data.rows, %user, "data taken out of the model was purged");
                Ok(PurgeOutcome { data, purged: true })
            }
            None => Err(nothing_kept(name, &kept)),
        }
    }

    fn refuse_in_use(&self, table: &str, column: Option<&str>) -> Result<()> {
        let model = self.app.model();
        let Some(known) = model.table(table) else { return Ok(()) };
        match column {
            None => Err(Error::refused(format!(
                "{table} is part of the model; only what was taken out of it can be purged, so remove the table first"
            ))),
            Some(column) if known.column(column).is_some() => Err(Error::refused(format!(
                "{table}.{column} is part of the model; only what was taken out of it can be purged, so remove the column first"
            ))),
            Some(_) => Ok(()),
        }
    }
}

fn nothing_kept(name: &str, kept: &[KeptData]) -> Error {
    let there = kept.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let there = if there.is_empty() { "nothing is".to_owned() } else { there };
    Error::Unknown(format!("nothing is kept under the name {name}; kept are: {there}"))
}
