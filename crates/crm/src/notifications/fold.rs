//! What concerns somebody, put together into what they are told: without what they did themselves, do
//! not want to hear of or may not read.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use model::{Reference, Table};
use store::{Reader, Row};
use uuid::Uuid;

use super::{
    HIDDEN, Kind, MANY, TIMED,
    kind::What,
    occasion::{Occasion, To},
};
use crate::{
    Caller, Error, Organization, Result,
    follows::{self, can_be_followed},
    reading::names,
};

/// A notification to be written, or to be added to one that is unread.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub to: Uuid,
    /// Under which it is told as one with what happens further.
    pub key: String,
    /// What happened last.
    pub last: Occasion,
    /// The record it began with.
    pub first: Reference,
    /// How many changes, or records where each is one of an act.
    pub count: usize,
    table: Arc<Table>,
}

impl Told {
    /// The row, where `before` changes were told already, of which the first was about `first`.
    pub fn to_row(&self, before: usize, first: Option<Reference>) -> Row {
        let count = self.count + before;
        let is_many = count > MANY && self.is_of_act();
        let about =
            if self.is_of_act() { first.unwrap_or_else(|| self.first.clone()) } else { self.last.about.clone() };
        let source = self.last.source.as_ref();
        Row::new()
            .with("title", self.last.what.sentence(&self.table, count))
            .with("icontype", self.last.kind.icon())
            .with("toasttype", if is_many { HIDDEN } else { TIMED })
            .with("reasoncode", self.last.kind.number())
            .with("actorid", (!self.last.by.is_nil()).then(|| Reference::new("systemuser", self.last.by)))
            .with("objectid", (!is_many).then_some(about.id))
            .with("objecttypecode", about.table)
            .with("sourcetypecode", source.map(|source| source.table.clone()))
            .with("sourceid", source.map(|source| source.id))
            .with("changecount", i32::try_from(count).unwrap_or(i32::MAX))
            .with("raisedon", self.last.at)
    }

    /// Whether it tells of the records of one act, not of the changes of one record.
    fn is_of_act(&self) -> bool {
        matches!(self.last.what, What::Assigned | What::Shared | What::ChangedMany)
    }
}

/// Whom to tell of what.
pub(super) fn fold(
    reader: &mut Reader<'_>,
    organization: &Arc<Organization>,
    occasions: Vec<Occasion>,
) -> Result<Vec<Told>> {
    let engine = Caller::engine(Arc::clone(organization));
    let pieces = addressed(reader, &engine, occasions)?;
    let mut by_person: HashMap<Uuid, Vec<Occasion>> = HashMap::new();
    for (person, occasion) in pieces {
        by_person.entry(person).or_default().push(occasion);
    }
    let mut readable = Vec::new();
    for (person, occasions) in by_person {
        let occasions = told_to(reader, organization, person, occasions)?;
        readable.extend(bundled(occasions).into_iter().map(|(key, occasion)| (person, key, occasion)));
    }
    let mut told: Vec<Told> = Vec::new();
    let mut places: HashMap<(Uuid, String), usize> = HashMap::new();
    for (to, key, last) in readable {
        let Some(table) = reader.model().table(&last.about.table).cloned() else { continue };
        if let Some(place) = places.get(&(to, key.clone())) {
            told[*place].count += 1;
            told[*place].last = last;
            continue;
        }
        places.insert((to, key.clone()), told.len());
        told.push(Told { to, key, first: last.about.clone(), last, count: 1, table });
    }
    Ok(told)
}

/// Each occasion with the person it is for, once a change, and never who did it.
fn addressed(reader: &mut Reader<'_>, engine: &Caller, occasions: Vec<Occasion>) -> Result<Vec<(Uuid, Occasion)>> {
    let followed = occasions.iter().filter(|occasion| occasion.to == To::Followers).map(|of| of.about.clone());
    let model = reader.model().clone();
    let can_be = |record: &Reference| model.table(&record.table).is_some_and(|table| can_be_followed(&model, table));
    let followed: HashSet<Reference> = followed.filter(can_be).collect();
    let mut followers: HashMap<Reference, Vec<Uuid>> = HashMap::new();
    for (record, person) in follows::followers(reader, engine, &followed.into_iter().collect::<Vec<_>>())? {
        followers.entry(record).or_default().push(person);
    }
    let mut seen: HashSet<(Uuid, u64)> = HashSet::new();
    let mut addressed = Vec::new();
    for occasion in occasions {
        let people = match occasion.to {
            To::Person(person) => vec![person],
            To::Followers => followers.get(&occasion.about).cloned().unwrap_or_default(),
        };
        for person in people {
            if person != occasion.by && seen.insert((person, occasion.sequence)) {
                addressed.push((person, occasion.clone()));
            }
        }
    }
    Ok(addressed)
}

/// What of these a person wants to hear and may read, in order; nothing, where they may not sign in.
fn told_to(
    reader: &mut Reader<'_>,
    organization: &Arc<Organization>,
    person: Uuid,
    mut occasions: Vec<Occasion>,
) -> Result<Vec<Occasion>> {
    let caller = match Caller::load(reader, organization, person) {
        Ok(caller) => caller,
        Err(Error::NotSignedIn) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    occasions.retain(|occasion| !caller.arrangement().is_muted(occasion.kind));
    let concerned: HashSet<Reference> = occasions
        .iter()
        .flat_map(|occasion| std::iter::once(occasion.about.clone()).chain(occasion.source.clone()))
        // Of a table that is gone by now there is nothing to read.
        .filter(|reference| reader.model().table(&reference.table).is_some())
        .collect();
    let readable = names(reader, &caller, &concerned.into_iter().collect::<Vec<_>>())?;
    occasions.retain(|occasion| {
        readable.get(&occasion.about).is_some() && occasion.source.as_ref().is_none_or(|of| readable.get(of).is_some())
    });
    occasions.sort_by_key(|occasion| occasion.sequence);
    Ok(occasions)
}

/// The key of each: what one act gave somebody is told as one, and what happened to a record they
/// follow; of very many records in one act only their number.
fn bundled(occasions: Vec<Occasion>) -> Vec<(String, Occasion)> {
    let mut records: HashMap<Uuid, HashSet<Reference>> = HashMap::new();
    for occasion in occasions.iter().filter(|occasion| occasion.to == To::Followers) {
        records.entry(occasion.act).or_default().insert(occasion.about.clone());
    }
    let is_many = |occasion: &Occasion| {
        occasion.to == To::Followers && records.get(&occasion.act).is_some_and(|records| records.len() > MANY)
    };
    let mut counted: HashSet<(Uuid, Reference)> = HashSet::new();
    let mut bundled = Vec::new();
    for mut occasion in occasions {
        let Occasion { act, about, .. } = &occasion;
        let key = match occasion.kind {
            Kind::Assignment => format!("assigned:{act}"),
            Kind::Share => format!("shared:{act}"),
            Kind::Mention => format!("mention:{}:{}", about.table, about.id),
            Kind::Reply => format!("reply:{}:{}", about.table, about.id),
            Kind::Progress | Kind::Activity if is_many(&occasion) => {
                // Several changes of a record are one record.
                if !counted.insert((*act, about.clone())) {
                    continue;
                }
                format!("followed:{act}")
            }
            Kind::Progress | Kind::Activity => format!("followed:{}:{}", about.table, about.id),
        };
        if key == format!("followed:{act}") {
            (occasion.what, occasion.source) = (What::ChangedMany, None);
        }
        bundled.push((key, occasion));
    }
    bundled
}
