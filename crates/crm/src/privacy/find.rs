//! Finding everything about one person: the records that are about them, what hangs on these, what
//! the history, deleted records and imports say, and where else they are mentioned.

use std::collections::BTreeSet;

use language::tr;
use model::{Filter, Operator, Reference, Relationship, Table, TableKind, Value};
use serde::{Deserialize, Serialize};
use store::{Query, Reader, Row};
use uuid::Uuid;

use super::{HOLD, PEOPLE, Person, Privacy, imports, require_administrator, terms, terms::Terms, traces};
use crate::{Caller, Error, Result, duplicates, reading, words::within};

/// Records about one person that are gathered at most; more are no one person.
const MOST_PEOPLE: usize = 200;
/// Rows read in one go.
const PART: u32 = 1000;
/// Mentions shown of one table.
const MENTIONS: u32 = 100;

/// Lookups that tie two records about the same person: the row's table, its lookup.
const SAME: [(&str, &str); 5] = [
    ("contact", "originatingleadid"),
    ("contact", "masterid"),
    ("lead", "masterid"),
    ("lead", "parentcontactid"),
    ("account", "masterid"),
];
/// Tables whose rows say something about the record they hang on, beside activities.
const ABOUT: [&str; 4] = ["annotation", "post", "postcomment", "connection"];
/// Tables that hold no data about people, or are gathered in their own way.
const NOT_SEARCHED: [&str; 10] = [
    "asyncoperation",
    "importjob",
    "importmap",
    "privacyrequest",
    "retentionrule",
    "activityparty",
    "principalobjectaccess",
    "role",
    "organization",
    "systemuser",
];

/// What something found is to the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A record about them.
    Person,
    /// A record that may be about them; to be looked at, and named as theirs where it is.
    Candidate,
    /// An activity, note, post or connection of a record about them.
    About,
    /// Their part in an activity that is about something else.
    Party,
    /// A record of business that points at them and stays.
    Business,
    /// Former values of a record that is not theirs.
    FormerValue,
    /// A record that was deleted and of which the history still tells.
    Deleted,
    /// Rows that an import left out.
    Import,
}

/// Something found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Item {
    /// What it is to the person.
    pub kind: Kind,
    /// The record; of an import its job.
    pub record: Reference,
    /// Its name.
    pub name: String,
    /// Why it was found.
    pub reason: String,
    /// It is surely theirs, and erased unless somebody decides otherwise.
    pub certain: bool,
    /// It must be kept for a claim or a lawsuit.
    pub held: bool,
    /// The entries of the history that speak of them; of a deleted record all do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sequences: Vec<u64>,
}

impl Item {
    /// What a request names it by.
    pub fn key(&self) -> String {
        let kind = match self.kind {
            Kind::FormerValue => "history/",
            Kind::Party => "party/",
            _ => "",
        };
        format!("{kind}{}/{}", self.record.table, self.record.id)
    }

    /// Whether it can be erased, and so be chosen.
    pub fn is_erasable(&self) -> bool {
        !self.held && !matches!(self.kind, Kind::Candidate | Kind::Business)
    }
}

/// A record that speaks of the person among other things: to be looked at by a person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mention {
    /// The record.
    pub record: Reference,
    /// Its name.
    pub name: String,
    /// Labels of the columns that speak of them.
    pub columns: Vec<String>,
}

/// Everything found about a person.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Findings {
    /// Whom it is about, with all records, addresses, numbers and names that were found.
    pub person: Person,
    /// What is about them.
    pub items: Vec<Item>,
    /// Where else they are mentioned.
    pub mentions: Vec<Mention>,
}

impl Privacy<'_> {
    /// Finds everything about a person. Reads the whole history, so that it takes a moment.
    ///
    /// # Errors
    /// [`Error::Refused`] where nothing is known by which somebody could be found, or too many
    /// records are about them to be one person's.
    pub async fn find(&self, caller: &Caller, person: Person) -> Result<Findings> {
        require_administrator(caller)?;
        if person.is_unknown() {
            return Err(Error::refused(tr!(
                "say whose data is meant: a record, an e-mail address, a phone number or a name"
            )));
        }
        let (asker, cache) = (caller.clone(), self.app.duplicate_rules().clone());
        let (mut findings, terms) = self
            .app
            .read(move |reader| {
                let mut search = Search { reader, caller: &asker, person, items: Vec::new(), seen: BTreeSet::new() };
                search.people()?;
                search.candidates(&cache)?;
                search.related()?;
                search.addresses_used()?;
                let mentions = search.mentions()?;
                let Search { person, items, .. } = search;
                let terms = Terms::of(&person);
                Ok((Findings { person, items, mentions }, terms))
            })
            .await?;
        findings.items.extend(traces::find(self.app, caller, &findings, &terms).await?);
        findings.items.extend(imports::find(self.app, caller, &terms).await?);
        findings.items.sort_by(|one, other| {
            (one.kind, &one.record.table, &one.name).cmp(&(other.kind, &other.record.table, &other.name))
        });
        Ok(findings)
    }
}

/// What hangs on one record: what is about it, and parts in activities.
pub(super) fn hanging_on(reader: &mut Reader<'_>, caller: &Caller, record: &Reference) -> Result<Vec<Item>> {
    let person = Person::of(record.clone());
    let mut search = Search { reader, caller, person, items: Vec::new(), seen: BTreeSet::new() };
    search.related()?;
    Ok(search.items)
}

/// A search at work, on one snapshot.
struct Search<'r, 's> {
    reader: &'r mut Reader<'s>,
    caller: &'r Caller,
    person: Person,
    items: Vec<Item>,
    seen: BTreeSet<(Kind, Reference)>,
}

impl Search<'_, '_> {
    /// The records about the person: those named, those that bear their e-mail address, and those
    /// tied to them as the same person.
    fn people(&mut self) -> Result<()> {
        let named = self.person.records.clone();
        for record in named {
            self.person_row(&record, &tr!("named in the request"))?;
        }
        let mut done = 0;
        let mut addresses = 0;
        while done < self.person.records.len() || addresses < self.person.emails.len() {
            if self.person.records.len() > MOST_PEOPLE {
                return Err(Error::refused(tr!(
                    "more than {MOST_PEOPLE} records bear this e-mail address, which is not one person's; name the records instead",
                    MOST_PEOPLE
                )));
            }
            if let Some(record) = self.person.records.get(done).cloned() {
                done += 1;
                self.tied(&record)?;
            }
            if let Some(email) = self.person.emails.get(addresses).cloned() {
                addresses += 1;
                self.with_address(&email)?;
            }
        }
        Ok(())
    }

    /// A record about the person: what it says of them is looked for as well.
    fn person_row(&mut self, record: &Reference, reason: &str) -> Result<()> {
        let Some(table) = self.reader.model().table(&record.table).cloned() else {
            return Err(Error::Unknown(tr!("there is no table '{name}'", name = record.table)));
        };
        let row = self.reader.get(&table.name, record.id, None, self.caller.scope(), &self.caller.zone())?;
        if !self.person.records.contains(record) {
            self.person.records.push(record.clone());
        }
        // A deleted record is found in the history.
        let Some(row) = row else { return Ok(()) };
        if self.add(Kind::Person, &table, &row, reason, true) {
            for column in table.columns.values() {
                if terms::is_email(column) {
                    self.person.add_email(row.text(&column.name));
                } else if terms::is_phone(column) && PEOPLE.contains(&table.name.as_str()) {
                    self.person.add_phone(row.text(&column.name));
                }
            }
            let name = row.text(&table.primary_name).to_owned();
            if name != super::personal::ERASED {
                self.person.add_name(&name);
            }
        }
        Ok(())
    }

    /// Records tied to one as the same person, from either side.
    fn tied(&mut self, record: &Reference) -> Result<()> {
        for (table, lookup) in SAME {
            let Some(known) = self.reader.model().table(table).cloned() else { continue };
            if table == record.table {
                let row = self.reader.get(table, record.id, None, self.caller.scope(), &self.caller.zone())?;
                if let Some(other) = row.and_then(|row| row.value(lookup).as_reference().cloned()) {
                    self.person_row(&other, &tr!("the same person, as a record of theirs says"))?;
                }
            }
            let targets = known.column(lookup).is_some_and(|column| column.targets().contains(&record.table));
            if targets {
                for row in self.rows(&known, Filter::eq(lookup, record.clone()))? {
                    let id = row.value(&known.primary_key).as_id().unwrap_or_default();
                    self.person_row(&Reference::new(table, id), &tr!("the same person, as it says"))?;
                }
            }
        }
        Ok(())
    }

    fn with_address(&mut self, email: &str) -> Result<()> {
        for name in PEOPLE {
            let Some(table) = self.reader.model().table(name).cloned() else { continue };
            for row in self.rows_with(&table, &[email], terms::is_email)? {
                let id = row.value(&table.primary_key).as_id().unwrap_or_default();
                self.person_row(&Reference::new(name, id), &tr!("same e-mail address"))?;
            }
        }
        Ok(())
    }

    /// Records that may be about the person: same number, same name, or the same by a published
    /// duplicate rule; and accounts with their address.
    fn candidates(&mut self, cache: &duplicates::rules::Cache) -> Result<()> {
        let phones: Vec<String> = self.person.phones.clone();
        let names: Vec<String> = self.person.names.clone();
        let emails: Vec<String> = self.person.emails.clone();
        for name in PEOPLE {
            let Some(table) = self.reader.model().table(name).cloned() else { continue };
            for row in self.rows_with(&table, &phones, terms::is_phone)? {
                self.add(Kind::Candidate, &table, &row, &tr!("same phone number"), false);
            }
            let is_name = |column: &model::Column| column.name == table.primary_name;
            for row in self.rows_with(&table, &names, is_name)? {
                self.add(Kind::Candidate, &table, &row, &tr!("same name"), false);
            }
        }
        if let Some(table) = self.reader.model().table("account").cloned() {
            for row in self.rows_with(&table, &emails, terms::is_email)? {
                self.add(Kind::Candidate, &table, &row, &tr!("an account with the same e-mail address"), false);
            }
        }
        for record in self.person.records.clone() {
            let row = self.reader.get(&record.table, record.id, None, self.caller.scope(), &self.caller.zone())?;
            let Some(row) = row else { continue };
            let subject = (&row, Some(record.id));
            let matches = duplicates::of_row(self.reader, self.caller, cache, &record.table, subject, None)?;
            for found in matches.into_iter().filter(|found| PEOPLE.contains(&found.reference.table.as_str())) {
                self.add_named(Kind::Candidate, found.reference, found.name, &found.reason, false, false);
            }
        }
        Ok(())
    }

    /// What hangs on the records about the person, by every lookup the model has.
    fn related(&mut self) -> Result<()> {
        let model = self.reader.model().clone();
        for record in self.person.records.clone() {
            for relationship in model.pointing_at(&record.table) {
                let Some(table) = model.table(&relationship.referencing) else { continue };
                self.pointing(table, relationship, &record)?;
            }
        }
        // What hangs on what is about them.
        let about: Vec<Reference> = self.records_of(Kind::About);
        for record in about {
            for relationship in model.pointing_at(&record.table) {
                let Some(table) = model.table(&relationship.referencing) else { continue };
                if ABOUT.contains(&table.name.as_str()) {
                    self.pointing(table, relationship, &record)?;
                }
            }
        }
        Ok(())
    }

    fn pointing(&mut self, table: &Table, relationship: &Relationship, record: &Reference) -> Result<()> {
        let lookup = relationship.column.as_str();
        let is_same = SAME.contains(&(table.name.as_str(), lookup));
        let is_beside = matches!(table.kind, TableKind::Pointer | TableKind::Intersect | TableKind::Process);
        if is_same || is_beside || matches!(table.name.as_str(), "principalobjectaccess" | "processstagevisit") {
            return Ok(());
        }
        let label = table.column(lookup).map_or(lookup, |column| column.label.as_str());
        let label = within(label);
        let about =
            table.kind == TableKind::Activity && lookup == "regardingobjectid" || ABOUT.contains(&table.name.as_str());
        for row in self.rows(table, Filter::eq(lookup, record.clone()))? {
            if table.name == "activityparty" {
                self.party(&row)?;
            } else if about {
                self.add(Kind::About, table, &row, &tr!("{label} is a record about them", label), true);
            } else {
                self.add(
                    Kind::Business,
                    table,
                    &row,
                    &tr!("stays for the business; its {label} is them", label),
                    false,
                );
            }
        }
        Ok(())
    }

    /// Parts in activities under the person's address, where nobody was known by it.
    fn addresses_used(&mut self) -> Result<()> {
        let Some(table) = self.reader.model().table("activityparty").cloned() else { return Ok(()) };
        let emails = self.person.emails.clone();
        for row in self.rows_with(&table, &emails, |column| column.name == "addressused")? {
            self.party(&row)?;
        }
        Ok(())
    }

    /// Taking part in an activity: named by the activity.
    fn party(&mut self, party: &Row) -> Result<()> {
        let Some(id) = party.value("activitypartyid").as_id() else { return Ok(()) };
        let activity = party.value("activityid").as_reference().cloned();
        let names = self.reader.names(activity.as_slice())?;
        let name = activity.as_ref().and_then(|activity| names.get(activity)).cloned().unwrap_or_default();
        let reason = match activity.as_ref().and_then(|activity| self.reader.model().table(&activity.table)) {
            Some(table) => tr!("takes part in this {}", within(&table.label)),
            None => tr!("takes part"),
        };
        self.add_named(Kind::Party, Reference::new("activityparty", id), name, &reason, true, false);
        Ok(())
    }

    /// Records whose texts hold the person's address, number or name.
    fn mentions(&mut self) -> Result<Vec<Mention>> {
        let written: Vec<String> = self.person.written().into_iter().map(str::to_owned).collect();
        let model = self.reader.model().clone();
        let mut mentions = Vec::new();
        if written.is_empty() {
            return Ok(mentions);
        }
        let terms = Terms::of(&self.person);
        for table in model.tables.values() {
            let is_searched = matches!(table.kind, TableKind::Standard | TableKind::Activity | TableKind::System);
            if !is_searched || NOT_SEARCHED.contains(&table.name.as_str()) {
                continue;
            }
            let texts: Vec<&model::Column> =
                table.columns.values().filter(|column| column.is_stored() && column.is_text()).collect();
            let holds = texts.iter().flat_map(|column| {
                let name = column.name.as_str();
                written.iter().map(move |text| Filter::compare(name, Operator::Contains, text.as_str()))
            });
            let holds: Vec<Filter> = holds.collect();
            if holds.is_empty() {
                continue;
            }
            let query = self.query(table, Filter::Any(holds)).take(MENTIONS);
            for row in self.reader.query(&query)?.to_rows() {
                let Some(id) = row.value(&table.primary_key).as_id() else { continue };
                let record = Reference::new(table.name.as_str(), id);
                let known = [Kind::Person, Kind::Candidate, Kind::About];
                if known.iter().any(|kind| self.seen.contains(&(*kind, record.clone()))) {
                    continue;
                }
                let speaks = |column: &&&model::Column| terms.spoken(row.text(&column.name)).is_some();
                let columns = texts.iter().filter(speaks).map(|column| column.label.clone()).collect();
                mentions.push(Mention { record, name: row.text(&table.primary_name).to_owned(), columns });
            }
        }
        Ok(mentions)
    }

    fn query(&self, table: &Table, filter: Filter) -> Query {
        let columns = table.columns.values().filter(|column| column.is_stored()).map(|column| column.name.as_str());
        Query::of(&table.name, self.caller.scope().clone(), self.caller.zone()).select(columns).matching(filter)
    }

    /// All rows that satisfy the filter.
    fn rows(&mut self, table: &Table, filter: Filter) -> Result<Vec<Row>> {
        let mut query = self.query(table, filter).take(PART);
        let mut rows = Vec::new();
        loop {
            let found = self.reader.query(&query)?;
            rows.extend(found.to_rows());
            match found.next {
                Some(next) => query.page.cursor = Some(next),
                None => return Ok(rows),
            }
        }
    }

    /// Rows of which one of these columns holds one of the values.
    fn rows_with(
        &mut self,
        table: &Table,
        values: &[impl AsRef<str>],
        is_meant: impl Fn(&model::Column) -> bool,
    ) -> Result<Vec<Row>> {
        let columns = table.columns.values().filter(|column| column.is_stored() && is_meant(column));
        let holds: Vec<Filter> = columns
            .flat_map(|column| values.iter().map(|value| Filter::eq(column.name.as_str(), value.as_ref())))
            .collect();
        if holds.is_empty() { Ok(Vec::new()) } else { self.rows(table, Filter::Any(holds)) }
    }

    fn records_of(&self, kind: Kind) -> Vec<Reference> {
        self.items.iter().filter(|item| item.kind == kind).map(|item| item.record.clone()).collect()
    }

    fn add(&mut self, kind: Kind, table: &Table, row: &Row, reason: &str, certain: bool) -> bool {
        let Some(id) = row.value(&table.primary_key).as_id() else { return false };
        let held = row.value(HOLD) == &Value::Boolean(true);
        let name = row.text(&table.primary_name).to_owned();
        self.add_named(kind, Reference::new(table.name.as_str(), id), name, reason, certain, held)
    }

    /// Whether it was not known before.
    fn add_named(
        &mut self,
        kind: Kind,
        record: Reference,
        name: String,
        reason: &str,
        certain: bool,
        held: bool,
    ) -> bool {
        let is_persons = kind != Kind::Person && self.person.records.contains(&record);
        if is_persons || !self.seen.insert((kind, record.clone())) {
            return false;
        }
        self.items.push(Item { kind, record, name, reason: reason.to_owned(), certain, held, sequences: Vec::new() });
        true
    }
}

/// Whether rows of a table are deleted with the record they are a part of, whatever it is.
pub(super) fn goes_with(table: &Table) -> bool {
    let is_detail = matches!(table.name.as_str(), "principalobjectaccess" | "processstagevisit" | "activityparty");
    is_detail || ABOUT.contains(&table.name.as_str()) || table.kind == TableKind::Activity
}

/// Names of records, for what is shown.
pub(super) fn name_of(names: &reading::Names, table: &str, id: Uuid) -> String {
    names.get(&Reference::new(table, id)).unwrap_or_default().to_owned()
}
