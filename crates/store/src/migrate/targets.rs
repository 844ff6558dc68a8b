//! Lookups of several tables that lose one of them.

use model::Model;

use super::steps::refuse_rows;
use crate::{
    StoreError,
    dialect::type_column,
    engine::{Connection, quoted},
};

/// Refuses a model in which a lookup no longer leads to a table that rows point at. Where a single table
/// is left, the steps of the migration look; what points at a table that leaves the model is kept with it.
pub(super) fn refuse_lost(connection: &mut dyn Connection, before: &Model, after: &Model) -> Result<(), StoreError> {
    for table in before.tables.values() {
        let Some(later) = after.table(&table.name).filter(|later| ***later != **table) else { continue };
        for column in table.lookups().filter(|column| column.is_polymorphic()) {
            let Some(kept) = later.column(&column.name).filter(|kept| kept.is_polymorphic()) else { continue };
            let is_lost = |target: &&String| !kept.targets().contains(target) && after.table(target).is_some();
            for target in column.targets().iter().filter(is_lost) {
                // Names come from the validated model; they hold no quotes.
                let pointing = format!(
                    "{} IS NOT NULL AND {} = '{target}'",
                    quoted(&column.name),
                    quoted(&type_column(&column.name))
                );
                let place = format!("{}.{}", table.name, column.name);
                let reason = format!("{place}: {{count}} rows point at {target}; empty or delete them first");
                refuse_rows(connection, &table.name, &pointing, &reason)?;
            }
        }
    }
    Ok(())
}
