//! Keys are kept with every write of a row, and rules that warn or block are asked.

use std::{collections::BTreeSet, sync::Arc};

use model::{Table, TableKind};
use store::{MatchKey, Row};
use uuid::Uuid;

use super::{
    find::{self, Found, Side, Subject},
    keys::Forms,
    publish,
    rules::{Action, Cache, Rules},
};
use crate::{Error, Result, records::Work};

/// What an act knows of duplicate rules, and how it heeds them.
#[derive(Clone, Default)]
pub(crate) struct Watch {
    cache: Cache,
    rules: Option<Arc<Rules>>,
    /// Rules were changed by this act: nobody else knows them yet.
    changed: bool,
    heed: Heed,
}

/// Which rules an act heeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Heed {
    /// Those that block; a person who was warned saves anyway.
    #[default]
    Blocking,
    /// Those that warn, too.
    Warning,
    /// None: rows that were there already come back, or become one.
    Nothing,
}

impl Watch {
    pub fn new(cache: Cache) -> Self {
        Self { cache, ..Self::default() }
    }

    pub const fn cache(&self) -> &Cache {
        &self.cache
    }

    pub const fn has_changed_rules(&self) -> bool {
        self.changed
    }

    pub fn note_changed(&mut self) {
        self.changed = true;
        self.rules = None;
    }
}

/// Tables of which rules are made.
const RULE_TABLES: [&str; 2] = ["duplicaterule", "duplicaterulecondition"];

impl Work<'_, '_> {
    /// From here on records that seem to be there already are refused as
    /// [`Error::Duplicates`], also where a rule only warns: nobody has looked at them yet.
    pub fn warn_of_duplicates(&mut self) {
        self.watch.heed = Heed::Warning;
    }

    /// Runs `part` without asking any duplicate rule.
    pub(crate) fn without_duplicate_rules<T>(&mut self, part: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let heed = std::mem::replace(&mut self.watch.heed, Heed::Nothing);
        let result = part(self);
        self.watch.heed = heed;
        result
    }

    /// Rows that a rule which warns or blocks holds for the same as one with these values.
    pub(crate) fn known_by_rules(&mut self, table: &str, values: &Row) -> Result<Vec<Uuid>> {
        let (table, caller, rules) = (self.table(table)?, self.caller().clone(), self.duplicate_rules()?);
        let mut row = values.clone();
        super::complete(&table, &mut row);
        let subject = Subject { table: &table, row: &row, id: None };
        let mut found = Found::default();
        let own = |rule: &&super::rules::Rule| rule.base == table.name && rule.matching == table.name;
        for rule in rules.all.iter().filter(own).filter(|rule| rule.published && rule.action > Action::Mark) {
            find::by_rule(self.writer(), &caller, &rules, (rule, Side::Base), &subject, &mut found)?;
        }
        Ok(found.matches.into_iter().map(|found| found.reference.id).collect())
    }

    /// The rules as this transaction sees them.
    pub(crate) fn duplicate_rules(&mut self) -> Result<Arc<Rules>> {
        if let Some(rules) = &self.watch.rules {
            return Ok(rules.clone());
        }
        let rules = if self.watch.changed {
            Arc::new(Rules::load(self.writer())?)
        } else {
            // Nobody publishes while others write: the model's version stands for the rules'.
            let (cache, version) = (self.watch.cache.clone(), self.model().version);
            cache.rules(self.writer(), version)?
        };
        self.watch.rules = Some(rules.clone());
        Ok(rules)
    }

    /// Keeps the keys of a row that was written or deleted, and heeds the rules about it.
    pub(crate) fn keep_match_keys(&mut self, table: &Table, old: Option<&Row>, new: Option<&Row>) -> Result<()> {
        if RULE_TABLES.contains(&table.name.as_str()) || is_other_locale(table, old, new) {
            self.note_rules_changed()?;
        }
        if table.kind != TableKind::Standard {
            return Ok(());
        }
        let rules = self.duplicate_rules()?;
        if rules.know_nothing_of(&table.name) {
            return Ok(());
        }
        let mut touched: BTreeSet<usize> = BTreeSet::new();
        let (mut gone, mut come): (Vec<MatchKey>, Vec<MatchKey>) = (Vec::new(), Vec::new());
        let mut known = (Forms::new(), Forms::new());
        for (place, definition) in rules.of_table(&table.name) {
            let is_same = |column: &String| match (old, new) {
                (Some(old), Some(new)) => old.value(column) == new.value(column),
                _ => false,
            };
            if definition.columns.iter().all(is_same) {
                continue;
            }
            touched.insert(place);
            let before = old.map(|row| rules.keys_beside(definition, row, &mut known.0)).unwrap_or_default();
            let after = new.map(|row| rules.keys_beside(definition, row, &mut known.1)).unwrap_or_default();
            gone.extend(before.iter().filter(|key| !after.contains(key)));
            come.extend(after.iter().filter(|key| !before.contains(key)));
        }
        if let Some(new) = new.filter(|_| !touched.is_empty()) {
            self.heed_duplicate_rules(&rules, table, new, &touched)?;
        }
        let Some(id) = old.or(new).and_then(|row| row.value(&table.primary_key).as_id()) else { return Ok(()) };
        if !gone.is_empty() {
            self.writer().remove_match_keys(id, &gone)?;
        }
        if !come.is_empty() {
            let keys: Vec<(MatchKey, Uuid)> = come.into_iter().map(|key| (key, id)).collect();
            self.writer().put_match_keys(&keys)?;
        }
        Ok(())
    }

    /// Others learn of it once the change is published; see [`publish::build`].
    pub(crate) fn note_rules_changed(&mut self) -> Result<()> {
        if !self.watch.has_changed_rules() {
            self.writer().set_setting(publish::PENDING, &true.into())?;
        }
        self.watch.note_changed();
        Ok(())
    }

    fn heed_duplicate_rules(
        &mut self,
        rules: &Rules,
        table: &Table,
        new: &Row,
        touched: &BTreeSet<usize>,
    ) -> Result<()> {
        let least = match self.watch.heed {
            Heed::Nothing => return Ok(()),
            Heed::Blocking => Action::Block,
            Heed::Warning => Action::Warn,
        };
        let id = new.value(&table.primary_key).as_id();
        let caller = self.caller().clone();
        let mut found = Found::default();
        for rule in &rules.all {
            let concerns = rule.published && rule.base == table.name && touched.contains(&rule.base_definition);
            if !concerns || rule.action < least {
                continue;
            }
            if rule.action == Action::Block {
                // Whoever creates the like at the same time waits here for the other.
                let mut wanted = rules.keys(&rules.definitions[rule.base_definition], new);
                let number = rules.definitions[rule.matching_definition].number;
                for key in &mut wanted {
                    key.definition = number;
                }
                if rule.matching == table.name {
                    wanted.extend(rules.keys(&rules.definitions[rule.matching_definition], new));
                }
                self.writer().lock_match_keys(&wanted)?;
            }
            let subject = Subject { table, row: new, id };
            find::by_rule(self.writer(), &caller, rules, (rule, Side::Base), &subject, &mut found)?;
        }
        if found.is_empty() { Ok(()) } else { Err(Error::Duplicates(Box::new(found))) }
    }
}

/// Phone numbers are read by the organisation's region.
fn is_other_locale(table: &Table, old: Option<&Row>, new: Option<&Row>) -> bool {
    match (table.name.as_str(), old, new) {
        ("organization", Some(old), Some(new)) => old.value("locale") != new.value("locale"),
        _ => false,
    }
}
