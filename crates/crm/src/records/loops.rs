//! No row stands above itself.

use language::tr;
use model::{Column, Filter, Table};
use store::{Row, Scope};
use uuid::Uuid;

use super::Work;
use crate::{Error, Result};

/// Most rows that may stand above another.
const MOST_LEVELS: usize = 100;
/// Most rows of a loop that are named.
const MOST_NAMED: usize = 6;

impl Work<'_, '_> {
    /// Refuses to put a row below one that stands below it. One step up at a time is looked at, as the
    /// act has left the rows so far.
    ///
    /// # Errors
    /// [`Error::Invalid`] at the lookup, with the rows of the loop.
    pub(super) fn refuse_loop(&mut self, table: &Table, id: Uuid, old: Option<&Row>, row: &Row) -> Result<()> {
        let Some(lookup) = parent(table) else { return Ok(()) };
        let above = row.value(&lookup.name).as_id();
        let Some(above) = above.filter(|above| old.is_none_or(|old| old.value(&lookup.name).as_id() != Some(*above)))
        else {
            return Ok(());
        };
        if above == id {
            return Err(Error::field(lookup, tr!("no row stands below itself; choose another one")));
        }
        // Nothing points at a new row yet.
        if old.is_none() {
            return Ok(());
        }
        let zone = self.caller.zone();
        let mut chain = vec![id];
        let mut next = Some(above);
        while let Some(at) = next {
            chain.push(at);
            if at == id {
                let names = self.chain_of_names(table, &chain)?;
                return Err(Error::field(lookup, tr!("makes a loop: {}; choose another one", names)));
            }
            if chain[..chain.len() - 1].contains(&at) {
                return Ok(()); // a loop further up, from before such were refused
            }
            if chain.len() > MOST_LEVELS {
                return Err(Error::field(
                    lookup,
                    tr!("has more than {} rows above it; choose another one", MOST_LEVELS),
                ));
            }
            let found = self.writer.get(&table.name, at, Some(&[lookup.name.as_str()]), &Scope::default(), &zone)?;
            next = found.and_then(|row| row.value(&lookup.name).as_id());
        }
        Ok(())
    }

    /// The rows of a loop by name, as far as the caller sees them.
    fn chain_of_names(&mut self, table: &Table, chain: &[Uuid]) -> Result<String> {
        let key = table.primary_key.as_str();
        let known =
            self.find(&table.name, Filter::is_in(key, chain.iter().copied()), &[key, table.primary_name.as_str()])?;
        let name = |id: &Uuid| {
            let row = known.iter().find(|row| row.value(key).as_id() == Some(*id));
            row.map(|row| row.text(&table.primary_name))
                .filter(|name| !name.is_empty())
                .map_or("…".to_owned(), |name| format!("“{name}”"))
        };
        let mut names: Vec<String> = chain.iter().take(MOST_NAMED).map(name).collect();
        if chain.len() > MOST_NAMED {
            names.push("…".to_owned());
            names.extend(chain.last().map(name));
        }
        Ok(names.join(" → "))
    }
}

/// The lookup by which the rows of a table stand below each other. Of a shipped table it is the one that
/// says so by its name: others tie rows together that are merged, or are two sides of one thing.
fn parent(table: &Table) -> Option<&Column> {
    let lookup = table.parent_lookup()?;
    let is_meant = table.custom || lookup.name == format!("parent{}id", table.name);
    (is_meant && !lookup.read_only).then_some(lookup)
}
