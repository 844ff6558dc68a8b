//! The rules in force, read once and kept until they change.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, RwLock},
};

use language::{in_english, tr, translated};
use model::{Filter, Model, Table, Value};
use sha2::{Digest, Sha256};
use store::{Reader, Row};
use uuid::Uuid;

use super::{
    criterion::{self, Criterion},
    normal,
};
use crate::{Caller, Result, organization::all};

/// `statuscode` of a rule that compares nothing.
pub(crate) const UNPUBLISHED: i64 = 0;
/// `statuscode` of a rule whose keys are being made.
pub(crate) const PUBLISHING: i64 = 1;
/// `statuscode` of a rule in force.
pub(crate) const PUBLISHED: i64 = 2;

/// Raise it when keys come to be made otherwise: all are made anew.
const KEYS: u32 = 2;
/// The setting that lists the definitions whose keys are complete.
pub(crate) const BUILT: &str = "duplicate_definitions";

/// What a match leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// It is shown on the record's page, nothing more.
    Mark,
    /// The person is asked before the record is saved.
    Warn,
    /// The record is not saved.
    Block,
}

/// A rule in force, or about to be.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    pub id: Uuid,
    pub name: String,
    /// Table whose rows are written.
    pub base: String,
    /// Table searched for their like.
    pub matching: String,
    pub action: Action,
    pub case_sensitive: bool,
    pub exclude_inactive: bool,
    pub conditions: Vec<Condition>,
    /// What its conditions compare, and how, in English: why two rows match.
    pub compared: Vec<(Criterion, String)>,
    /// Positions of the definitions of both sides' keys.
    pub base_definition: usize,
    pub matching_definition: usize,
    /// In force; else its keys are still being made.
    pub published: bool,
}

/// One pair of columns that must agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Condition {
    pub base: String,
    pub matching: String,
    pub criterion: Criterion,
    pub ignore_blank: bool,
}

/// From what the keys of a table's rows are made.
#[derive(Debug, Clone)]
pub(crate) struct Definition {
    /// Stands in every key.
    pub number: i32,
    pub table: Arc<Table>,
    /// Column, how it is compared, and whether rows are left out where it is empty.
    pub parts: Vec<(String, Criterion, bool)>,
    pub case_sensitive: bool,
    /// Columns whose change changes the keys.
    pub columns: BTreeSet<String>,
    /// Keys of all rows are there.
    pub built: bool,
}

/// All rules in force or about to be.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    pub all: Vec<Rule>,
    pub definitions: Vec<Definition>,
    /// Region of phone numbers that tell none.
    pub region: Option<String>,
    /// Positions of the definitions of each table.
    by_table: BTreeMap<String, Vec<usize>>,
}

/// The rules of the last publication that was asked for.
#[derive(Clone, Default)]
pub(crate) struct Cache(Arc<RwLock<Option<Cached>>>);

/// Rules, with the number of the publication they are of.
type Cached = (u64, Arc<Rules>);

impl Cache {
    /// The rules as of publication `version`, which `reader` sees.
    pub fn rules(&self, reader: &mut Reader<'_>, version: u64) -> Result<Arc<Rules>> {
        let known = self.0.read().ok().and_then(|slot| slot.clone()).filter(|(of, _)| *of == version);
        if let Some((_, rules)) = known {
            return Ok(rules);
        }
        let rules = Arc::new(Rules::load(reader)?);
        if let Ok(mut slot) = self.0.write() {
            *slot = Some((version, rules.clone()));
        }
        Ok(rules)
    }
}

impl Rules {
    /// Reads the rules that are published or being published.
    pub fn load(reader: &mut Reader<'_>) -> Result<Self> {
        let model = reader.model().clone();
        if model.table("duplicaterule").is_none() {
            return Ok(Self::default());
        }
        let in_force = Filter::is_in("statuscode", [PUBLISHING, PUBLISHED]);
        let rows = all(reader, "duplicaterule", in_force, &["name"])?;
        if rows.is_empty() {
            return Ok(Self::default());
        }
        let locale = all(reader, "organization", Filter::everything(), &[])?;
        let locale = locale.first().map(|row| row.text("locale").to_owned()).unwrap_or_default();
        let region = locale.rsplit('-').next().filter(|_| locale.contains('-')).and_then(normal::region_of);
        let conditions = all(reader, "duplicaterulecondition", Filter::everything(), &["createdon"])?;
        let built: BTreeSet<i32> = built(reader)?;
        let mut rules = Self { region: region.map(str::to_owned), ..Self::default() };
        for row in rows {
            let id = row.value("duplicateruleid").as_id().unwrap_or_default();
            let own = conditions.iter().filter(|condition| condition.value("regardingobjectid").as_id() == Some(id));
            rules.add(&model, &row, own, &built);
        }
        Ok(rules)
    }

    /// Adds a rule; one that the model no longer allows compares nothing.
    fn add<'r>(&mut self, model: &Model, row: &Row, conditions: impl Iterator<Item = &'r Row>, built: &BTreeSet<i32>) {
        let (base, matching) = (row.text("baseentityname"), row.text("matchingentityname"));
        let (Some(base), Some(matching)) = (model.table(base), model.table(matching)) else { return };
        let mut read: Vec<Condition> = Vec::new();
        for condition in conditions {
            match in_english(|| Condition::read(base, matching, condition)) {
                Ok(condition) => read.push(condition),
                Err(reason) => {
                    tracing::warn!(rule = row.text("name"), reason, "a duplicate rule compares nothing");
                    return;
                }
            }
        }
        if read.is_empty() {
            return;
        }
        if let [only] = read.as_mut_slice() {
            only.ignore_blank = true; // else all rows without the value were the same
        }
        read.sort_by(|a, b| a.base.cmp(&b.base).then(a.matching.cmp(&b.matching)));
        let case_sensitive = row.value("iscasesensitive").as_boolean() == Some(true);
        let base_definition = self.definition(base, &read, |condition| &condition.base, case_sensitive, built);
        let matching_definition =
            self.definition(matching, &read, |condition| &condition.matching, case_sensitive, built);
        self.all.push(Rule {
            id: row.value("duplicateruleid").as_id().unwrap_or_default(),
            name: row.text("name").to_owned(),
            base: base.name.clone(),
            matching: matching.name.clone(),
            action: action(row.value("actioncode")),
            case_sensitive,
            exclude_inactive: row.value("excludeinactiverecords").as_boolean() == Some(true),
            compared: read.iter().map(|condition| condition.compared(base)).collect(),
            conditions: read,
            base_definition,
            matching_definition,
            published: row.value("statuscode").as_whole() == Some(PUBLISHED),
        });
    }

    /// The place of the definition of these keys; rules that compare alike share it.
    fn definition(
        &mut self,
        table: &Arc<Table>,
        conditions: &[Condition],
        side: fn(&Condition) -> &String,
        case_sensitive: bool,
        built: &BTreeSet<i32>,
    ) -> usize {
        let parts: Vec<(String, Criterion, bool)> = conditions
            .iter()
            .map(|condition| (side(condition).clone(), condition.criterion, condition.ignore_blank))
            .collect();
        let has_phone = parts.iter().any(|(_, criterion, _)| *criterion == Criterion::Phone);
        let region = if has_phone { self.region.as_deref() } else { None };
        let number = number(&format!("{KEYS} {} {parts:?} {case_sensitive} {region:?}", table.name));
        if let Some(known) = self.definitions.iter().position(|definition| definition.number == number) {
            return known;
        }
        let mut columns: BTreeSet<String> = parts.iter().map(|(column, ..)| column.clone()).collect();
        columns.extend(criterion::country_column(table).filter(|_| has_phone).map(str::to_owned));
        let place = self.definitions.len();
        self.definitions.push(Definition {
            number,
            table: table.clone(),
            parts,
            case_sensitive,
            columns,
            built: built.contains(&number),
        });
        self.by_table.entry(table.name.clone()).or_default().push(place);
        place
    }

    /// The definitions of keys of this table's rows, with their places.
    pub fn of_table(&self, table: &str) -> impl Iterator<Item = (usize, &Definition)> {
        self.by_table.get(table).into_iter().flatten().map(|place| (*place, &self.definitions[*place]))
    }

    /// True where no rule speaks of this table.
    pub fn know_nothing_of(&self, table: &str) -> bool {
        !self.by_table.contains_key(table)
    }
}

impl Rule {
    /// Why its rows match, in a person's words.
    pub fn reason(&self) -> String {
        let reasons: Vec<String> = self.compared.iter().map(|(criterion, label)| criterion.reason(label)).collect();
        super::joined(&reasons)
    }

    /// True where a match would tell the value of a secured column that the caller may not read.
    pub fn tells_hidden(&self, rules: &Rules, caller: &Caller) -> bool {
        [self.base_definition, self.matching_definition].iter().any(|place| {
            let definition = &rules.definitions[*place];
            let mut columns = definition.columns.iter().filter_map(|name| definition.table.column(name));
            columns.any(|column| !caller.may_read(column))
        })
    }
}

impl Condition {
    /// Reads a condition; else says what is wrong with it.
    pub fn read(base: &Table, matching: &Table, row: &Row) -> std::result::Result<Self, String> {
        let number = row.value("operatorcode").as_whole().unwrap_or_default();
        let criterion = Criterion::of(number, row.value("operatorparam").as_whole())
            .ok_or_else(|| tr!("say how many characters must be the same, from 1 on"))?;
        let column = |table: &Table, name: &str| -> std::result::Result<String, String> {
            let column = table.column(name).filter(|column| column.is_stored()).ok_or_else(|| {
                tr!(
                    "{} has no column '{name}'; write a logical name such as emailaddress1",
                    translated(&table.label),
                    name
                )
            })?;
            if criterion.fits(column) {
                Ok(column.name.clone())
            } else {
                Err(tr!(
                    "{} of {} cannot be compared by this criterion",
                    translated(&column.label),
                    translated(&table.label)
                ))
            }
        };
        Ok(Self {
            base: column(base, row.text("baseattributename"))?,
            matching: column(matching, row.text("matchingattributename"))?,
            criterion,
            ignore_blank: row.value("ignoreblankvalues").as_boolean() != Some(false),
        })
    }

    /// The criterion, and the label of what it compares.
    fn compared(&self, base: &Table) -> (Criterion, String) {
        let label = base.column(&self.base).map_or(self.base.as_str(), |column| column.label.as_str());
        (self.criterion, label.to_owned())
    }
}

fn action(value: &Value) -> Action {
    match value.as_whole() {
        Some(1) => Action::Block,
        Some(2) => Action::Mark,
        _ => Action::Warn,
    }
}

/// The definitions whose keys are complete.
pub(crate) fn built(reader: &mut Reader<'_>) -> Result<BTreeSet<i32>> {
    let stored = reader.setting(BUILT)?;
    Ok(stored.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default())
}

/// A number that stands for a text, the same on every machine.
fn number(text: &str) -> i32 {
    let digest = Sha256::digest(text.as_bytes());
    i32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
}
