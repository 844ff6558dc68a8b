//! Pairs of a many-to-many relationship: a deal and its competitors, a team and its members.

use language::tr;
use model::{Filter, ManyToMany, Reference};
use store::Row;
use uuid::Uuid;

use super::Work;
use crate::{Error, Result};

impl Work<'_, '_> {
    /// Ties two rows together; false where they are already.
    pub fn associate(&mut self, relationship: &str, one: &Reference, other: &Reference) -> Result<bool> {
        let pair = Pair::of(self, relationship, one, other)?;
        // Both must be there and visible to the caller.
        for side in [one, other] {
            self.load(&side.table, side.id)?;
        }
        if !self.pairs(&pair)?.is_empty() {
            return Ok(false);
        }
        let row = Row::new().with(pair.lookups.0.as_str(), one.clone()).with(pair.lookups.1.as_str(), other.clone());
        self.create(&pair.intersect, None, row)?;
        Ok(true)
    }

    /// Unties two rows; false where they were not tied.
    pub fn dissociate(&mut self, relationship: &str, one: &Reference, other: &Reference) -> Result<bool> {
        let pair = Pair::of(self, relationship, one, other)?;
        let found = self.pairs(&pair)?;
        for id in &found {
            self.delete(&pair.intersect, *id, None)?;
        }
        Ok(!found.is_empty())
    }

    fn pairs(&mut self, pair: &Pair) -> Result<Vec<Uuid>> {
        let key = self.table(&pair.intersect)?.primary_key.clone();
        let rows = self.find(&pair.intersect, pair.filter.clone(), &[key.as_str()])?;
        Ok(rows.iter().filter_map(|row| row.value(&key).as_id()).collect())
    }
}

/// Where a pair stands.
struct Pair {
    intersect: String,
    lookups: (String, String),
    filter: Filter,
}

impl Pair {
    fn of(work: &Work<'_, '_>, relationship: &str, one: &Reference, other: &Reference) -> Result<Self> {
        let fits = |pairs: &&ManyToMany| {
            pairs.name == relationship
                && ((pairs.first == one.table && pairs.second == other.table)
                    || (pairs.second == one.table && pairs.first == other.table))
        };
        let model = work.model();
        let pairs = model.many_to_many.iter().find(fits).ok_or_else(|| {
            Error::Unknown(tr!("{relationship} does not tie {} and {} together", one.table, other.table, relationship))
        })?;
        let (here, there) =
            (work.table(&one.table)?.primary_key.clone(), work.table(&other.table)?.primary_key.clone());
        let filter = Filter::eq(here.as_str(), one.clone()).and(Filter::eq(there.as_str(), other.clone()));
        Ok(Self { intersect: pairs.intersect.clone(), lookups: (here, there), filter })
    }
}
