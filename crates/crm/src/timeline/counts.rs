//! How much of what stands on a timeline.

use std::collections::BTreeMap;

use model::{Filter, Operator, Path, Reference, Value};
use store::{Aggregate, AggregateFunction, Grouping, Query, Reader};

use super::{
    Asked, State, Timelines,
    asked::TO_DO,
    page::{Look, look},
    source::{ACTIVITIES, ACTIVITY, ALL, Source},
};
use crate::{
    Caller, Result,
    reading::{self, Names},
};

/// How much of what stands on a timeline, whatever was chosen to be shown of it.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    /// By kind: a kind of activity, notes, posts. Those of which there are none are left out.
    pub kinds: BTreeMap<String, u64>,
    /// Activities by state.
    pub states: BTreeMap<State, u64>,
    /// By whose it is; those who have most come first.
    pub people: Vec<(Reference, u64)>,
    /// The people's names.
    pub names: Names,
}

impl Timelines<'_> {
    /// How much of what there is, to choose from.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] where the record is absent or hidden from the caller.
    pub async fn counts(&self, caller: &Caller, record: Reference, related: bool) -> Result<Counts> {
        let asked = Asked { related, ..Asked::default() };
        look(self.app, caller, record, asked, |look, reader| {
            let mut counts = Counts::default();
            let mut people: BTreeMap<Reference, u64> = BTreeMap::new();
            for source in ALL {
                let about = look.about(reader, source);
                if !about.is_empty() {
                    let about = Filter::is_in(source.about, about);
                    counts.count(look, reader, source, &about)?;
                    count_people(look, reader, source, &about, &mut people)?;
                }
            }
            counts.people = people.into_iter().collect();
            counts.people.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
            let references: Vec<Reference> = counts.people.iter().map(|(person, _)| person.clone()).collect();
            counts.names = reading::names(reader, &look.caller, &references)?;
            Ok(counts)
        })
        .await
    }
}

impl Counts {
    fn count(&mut self, look: &Look, reader: &mut Reader<'_>, source: &Source, about: &Filter) -> Result<()> {
        if source.table != ACTIVITY {
            for (_, count) in groups(look, reader, source, about.clone(), &[])? {
                self.add(source.table, count);
            }
            return Ok(());
        }
        for (values, count) in groups(look, reader, source, about.clone(), &["activitytypecode", "statecode"])? {
            let [kind, state] = values.as_slice() else { continue };
            self.add(kind.as_text().unwrap_or_default(), count);
            let number = state.as_whole().unwrap_or_default();
            let closed = State::ALL.into_iter().find(|state| state.closed() == Some(number));
            *self.states.entry(closed.unwrap_or(State::Open)).or_default() += count;
        }
        let to_do = Filter::is_in("statecode", TO_DO);
        let late = about.clone().and(to_do).and(Filter::compare("scheduledend", Operator::Lt, look.now));
        for (_, count) in groups(look, reader, &ACTIVITIES, late, &[])? {
            *self.states.entry(State::Overdue).or_default() += count;
        }
        Ok(())
    }

    fn add(&mut self, kind: &str, count: u64) {
        if count > 0 {
            *self.kinds.entry(kind.to_owned()).or_default() += count;
        }
    }
}

fn count_people(
    look: &Look,
    reader: &mut Reader<'_>,
    source: &Source,
    about: &Filter,
    people: &mut BTreeMap<Reference, u64>,
) -> Result<()> {
    for (values, count) in groups(look, reader, source, about.clone(), &[source.person])? {
        let person = values.first().and_then(Value::as_reference).filter(|person| person.table == "systemuser");
        if let Some(person) = person {
            *people.entry(person.clone()).or_default() += count;
        }
    }
    Ok(())
}

/// Rows of a source counted by the values of columns.
fn groups(
    look: &Look,
    reader: &mut Reader<'_>,
    source: &Source,
    filter: Filter,
    by: &[&str],
) -> Result<Vec<(Vec<Value>, u64)>> {
    let mut query =
        Query::of(source.table, look.caller.scope().clone(), look.caller.zone()).matching(filter).take(5000);
    let grouping = |column: &&str| Grouping { path: Path::column(*column), part: None, alias: (*column).to_owned() };
    query.group_by = by.iter().map(grouping).collect();
    query.aggregates = vec![Aggregate { function: AggregateFunction::Count, path: None, alias: "count".to_owned() }];
    let rows = reader.query(&query)?.rows;
    let group = |mut row: Vec<Value>| {
        let count = row.pop()?.as_whole()?;
        Some((row, u64::try_from(count).ok()?))
    };
    Ok(rows.into_iter().filter_map(group).collect())
}
