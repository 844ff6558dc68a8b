//! Who takes part in an activity, as fields hold it: `contact:ID`, `address:name@example.com`.

use std::collections::BTreeMap;

use crm::{
    Row,
    activities::parties::{Party, PartyList, StoredParty},
    reading::Names,
};
use language::tr;
use model::{Column, ColumnType, Model, Reference, Table};

use super::tables;
use crate::{
    components::{Cell, LookupValue},
    posted::Typed,
    session::Me,
};

/// Prefix of an e-mail address of nobody known.
const ADDRESS: &str = "address";

/// The parties of one activity, by column.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parties(BTreeMap<String, Vec<(Party, String)>>);

impl Parties {
    /// Those that are stored.
    pub fn stored(table: &Table, all: Vec<StoredParty>) -> Self {
        let mut parties = Self::default();
        for one in all {
            let column = lists(table).find(|column| participation(column) == Some(one.participation));
            if let Some(column) = column {
                parties.0.entry(column.name.clone()).or_default().push((one.party, one.name));
            }
        }
        parties
    }

    /// What a new activity begins with: the caller calls, writes and invites; it goes to whom it
    /// is about. `about` is the row it regards, or the customer of that.
    pub fn beginning(me: &Me, table: &Table, names: &Names, about: Option<&Reference>) -> Self {
        let myself = Reference::new("systemuser", me.caller.user);
        let mut parties = Self::default();
        for column in lists(table) {
            let first = match participation(column) {
                Some(1 | 7) => Some(&myself),
                Some(2 | 5) => about,
                _ => None,
            };
            if let Some(reference) = first.filter(|first| column.targets().contains(&first.table)) {
                let name = names.get(reference).unwrap_or_default().to_owned();
                parties.0.insert(column.name.clone(), vec![(Party::Record(reference.clone()), name)]);
            }
        }
        parties
    }

    /// What a field shows: what was typed, else what is stored.
    pub fn values(
        &self,
        me: &Me,
        model: &Model,
        names: &Names,
        column: &Column,
        typed: Option<&Typed>,
    ) -> Vec<LookupValue> {
        let parties = match typed.filter(|typed| typed.has(&column.name)) {
            Some(typed) => read_one(column, typed).0.into_iter().map(|party| (party, String::new())).collect(),
            None => self.0.get(&column.name).cloned().unwrap_or_default(),
        };
        let value = |(party, stored): (Party, String)| match party {
            Party::Address(address) => {
                LookupValue { table: ADDRESS.to_owned(), id: address.clone(), label: address, href: None }
            }
            Party::Record(reference) => LookupValue {
                label: names.get(&reference).map_or(stored, str::to_owned),
                href: tables::reference_href(model, &me.caller, &reference),
                id: reference.id.to_string(),
                table: reference.table,
            },
        };
        parties.into_iter().map(value).collect()
    }

    /// The stored parties of a list, each as its field would send it.
    pub fn written(&self, column: &Column) -> Vec<String> {
        let written = |(party, _): &(Party, String)| match party {
            Party::Address(address) => format!("{ADDRESS}:{address}"),
            Party::Record(reference) => format!("{}:{}", reference.table, reference.id),
        };
        self.0.get(&column.name).into_iter().flatten().map(written).collect()
    }

    /// The parties of a column to read.
    pub fn cell(&self, me: &Me, model: &Model, names: &Names, column: &Column) -> Cell {
        let cells = self.values(me, model, names, column, None).into_iter().map(|value| {
            let icon = if value.table == ADDRESS { "mail".to_owned() } else { tables::icon_of(model, &value.table) };
            Cell::Lookup { text: value.label, href: value.href, icon }
        });
        Cell::Several(cells.collect())
    }

    /// The lists that a short form does not show: they are kept as they begin.
    pub fn lists_beside(&self, shown: &[String]) -> Vec<PartyList> {
        let beside = self.0.iter().filter(|(column, _)| !shown.contains(column));
        beside
            .map(|(column, parties)| (column.clone(), parties.iter().map(|(party, _)| party.clone()).collect()))
            .collect()
    }
}

/// True for a list of parties.
pub(crate) fn is_list(column: &Column) -> bool {
    matches!(column.kind, ColumnType::PartyList { .. })
}

/// The lists of an activity.
pub(crate) fn lists(table: &Table) -> impl Iterator<Item = &Column> {
    table.columns.values().filter(|column| is_list(column))
}

/// Whom a new activity goes to: who it regards, or who buys there.
pub(crate) fn about(regarding: &Reference, row: &Row) -> Option<Reference> {
    if regarding.table != "opportunity" {
        return Some(regarding.clone());
    }
    ["parentcontactid", "customerid"].iter().find_map(|column| row.value(column).as_reference().cloned())
}

fn participation(column: &Column) -> Option<i64> {
    match column.kind {
        ColumnType::PartyList { participation, .. } => Some(i64::from(participation)),
        _ => None,
    }
}

/// The lists that a form sent, and what is wrong with them.
pub(crate) fn read(table: &Table, columns: &[String], typed: &Typed) -> (Vec<PartyList>, Vec<(String, String)>) {
    let (mut read, mut errors) = (Vec::new(), Vec::new());
    for column in lists(table).filter(|column| columns.contains(&column.name) && typed.has(&column.name)) {
        let (parties, wrong) = read_one(column, typed);
        errors.extend(wrong.map(|message| (column.name.clone(), message)));
        let wanted = matches!(column.required, model::RequiredLevel::Required | model::RequiredLevel::System);
        if parties.is_empty() && wanted {
            errors.push((column.name.clone(), tr!("must be filled")));
        }
        read.push((column.name.clone(), parties));
    }
    (read, errors)
}

/// The parties typed into one list, and the first mistake among them.
fn read_one(column: &Column, typed: &Typed) -> (Vec<Party>, Option<String>) {
    let (mut parties, mut wrong) = (Vec::new(), None);
    for text in typed.all(&column.name) {
        match text.split_once(':') {
            Some((ADDRESS, address)) => parties.push(Party::Address(address.trim().to_owned())),
            _ => match super::input::reference(text, column.targets()) {
                Ok(reference) => parties.push(Party::Record(reference)),
                Err(message) => wrong = wrong.or(Some(message)),
            },
        }
    }
    (parties, wrong)
}

/// The rows that typed parties point at, for their names.
pub(crate) fn references(table: &Table, typed: &Typed) -> Vec<Reference> {
    let parties = lists(table).flat_map(|column| read_one(column, typed).0);
    parties
        .filter_map(|party| match party {
            Party::Record(reference) => Some(reference),
            Party::Address(_) => None,
        })
        .collect()
}
