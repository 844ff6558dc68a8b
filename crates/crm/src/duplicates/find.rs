//! Finding the rows that a rule says are the same.

use std::{collections::HashSet, fmt};

use language::tr;
use model::{Reference, Table};
use store::{MatchKey, Reader, Row, Scope};
use uuid::Uuid;

use super::rules::{Action, Rule, Rules};
use crate::{Caller, Result};

/// Rows looked at for one key; a rule that blocks looks at more, lest one hides behind others.
const LOOKED_AT: u32 = 40;
const LOOKED_AT_TO_BLOCK: u32 = 1000;
/// Most matches told.
pub(crate) const TOLD: usize = 20;

/// A record that seems to be the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The record.
    pub reference: Reference,
    /// Its name.
    pub name: String,
    /// Why: `same e-mail address`.
    pub reason: String,
    /// Name of its owner, where it has one.
    pub owner: Option<String>,
    /// Name of the rule that says so.
    pub rule: String,
    /// What the rule does.
    pub action: Action,
}

/// Records that seem to be the same as one that is about to be saved.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    /// Those the caller may see.
    pub matches: Vec<Match>,
    /// Reasons of a rule that blocks, for records the caller may not see.
    pub hidden: Vec<String>,
    /// The record may not be saved; else it may, once a person has looked.
    pub blocked: bool,
}

impl Found {
    /// True where nothing seems to be the same.
    pub fn is_empty(&self) -> bool {
        self.matches.is_empty() && self.hidden.is_empty()
    }

    pub(crate) fn add(&mut self, new: Match) {
        match self.matches.iter_mut().find(|known| known.reference == new.reference) {
            None => self.matches.push(new),
            Some(known) => {
                if !known.reason.contains(&new.reason) {
                    known.reason = format!("{}, {}", known.reason, new.reason);
                }
                known.action = known.action.max(new.action);
            }
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: Vec<String> = self
            .matches
            .iter()
            .filter(|found| !self.blocked || found.action == Action::Block)
            .take(5)
            .map(|found| format!("{} “{}” ({})", found.reference.table, found.name, found.reason))
            .collect();
        match (self.blocked, shown.is_empty()) {
            (false, _) => out.write_str(&tr!(
                "there may already be {}; use it, or save anyway to make a new one",
                shown.join(", ")
            )),
            (true, false) => out.write_str(&tr!(
                "there is already {}, and a duplicate rule allows no second one; use the existing record, or change what is the same",
                shown.join(", ")
            )),
            (true, true) => out.write_str(&tr!(
                "a record that you cannot see has the {}, and a duplicate rule allows no second one; change what is the same, or ask an administrator",
                self.hidden.join(", ")
            )),
        }
    }
}

/// A row whose like is looked for.
pub(crate) struct Subject<'a> {
    pub table: &'a Table,
    /// All its columns.
    pub row: &'a Row,
    /// None where it is not stored yet.
    pub id: Option<Uuid>,
}

/// From which side a rule is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The subject is the row that is written.
    Base,
    /// The subject is a row that is searched.
    Matching,
}

/// What a rule finds for the subject. Hidden rows are named by their reason alone, and only where
/// the rule blocks. A rule over columns the caller may not read finds nothing.
pub(crate) fn by_rule(
    reader: &mut Reader<'_>,
    caller: &Caller,
    rules: &Rules,
    (rule, side): (&Rule, Side),
    subject: &Subject<'_>,
    found: &mut Found,
) -> Result<()> {
    if rule.tells_hidden(rules, caller) {
        return Ok(());
    }
    let (own, others, other_table) = match side {
        Side::Base => (rule.base_definition, rule.matching_definition, &rule.matching),
        Side::Matching => (rule.matching_definition, rule.base_definition, &rule.base),
    };
    let number = rules.definitions[others].number;
    let keys: Vec<MatchKey> = rules
        .keys(&rules.definitions[own], subject.row)
        .into_iter()
        .map(|key| MatchKey { definition: number, ..key })
        .collect();
    if keys.is_empty() {
        return Ok(());
    }
    let blocks = rule.action == Action::Block && side == Side::Base;
    let each = if blocks { LOOKED_AT_TO_BLOCK } else { LOOKED_AT };
    let table = rules.definitions[others].table.clone();
    let mut seen: HashSet<Uuid> = HashSet::new();
    for (_, id) in reader.rows_by_match_key(&keys, each)? {
        let is_itself = subject.id == Some(id) && *other_table == subject.table.name;
        if is_itself || !seen.insert(id) {
            continue;
        }
        let Some(row) = reader.get(other_table, id, None, &Scope::default(), &caller.zone())? else { continue };
        let sides = match side {
            Side::Base => ((subject.table, subject.row), (&*table, &row)),
            Side::Matching => ((&*table, &row), (subject.table, subject.row)),
        };
        if is_out(rule, &row) || !rules.agree(rule, sides.0, sides.1) {
            continue;
        }
        if is_visible(reader, caller, other_table, id)? {
            let owner = row.value("ownerid").as_reference().cloned();
            let owner = match owner {
                Some(owner) => reader.names(std::slice::from_ref(&owner))?.remove(&owner),
                None => None,
            };
            found.add(Match {
                reference: Reference::new(other_table.as_str(), id),
                name: row.text(&table.primary_name).to_owned(),
                reason: rule.reason(),
                owner,
                rule: rule.name.clone(),
                action: rule.action,
            });
            found.blocked |= blocks;
        } else if blocks {
            found.blocked = true;
            let reason = rule.reason();
            if !found.hidden.contains(&reason) {
                found.hidden.push(reason);
            }
        }
        if found.matches.len() >= TOLD {
            return Ok(());
        }
    }
    Ok(())
}

/// Rows that were merged into others, and inactive ones where the rule leaves those out.
fn is_out(rule: &Rule, row: &Row) -> bool {
    let inactive = row.value("statecode").as_whole().is_some_and(|state| state != 0);
    row.value("merged").as_boolean() == Some(true) || (rule.exclude_inactive && inactive)
}

fn is_visible(reader: &mut Reader<'_>, caller: &Caller, table: &str, id: Uuid) -> Result<bool> {
    if !caller.scope().restricts(table) {
        return Ok(true);
    }
    Ok(reader.get(table, id, Some(&[]), caller.scope(), &caller.zone())?.is_some())
}

/// Everything that may be the same as the subject, whatever the rule does; in `matching` alone
/// where that is given.
pub(crate) fn all(
    reader: &mut Reader<'_>,
    caller: &Caller,
    rules: &Rules,
    subject: &Subject<'_>,
    matching: Option<&str>,
) -> Result<Vec<Match>> {
    let mut found = Found::default();
    for rule in rules.all.iter().filter(|rule| rule.published) {
        let wanted = |table: &str| matching.is_none_or(|matching| matching == table);
        if rule.base == subject.table.name && wanted(&rule.matching) {
            by_rule(reader, caller, rules, (rule, Side::Base), subject, &mut found)?;
        }
        let reads_other_way = rule.base_definition != rule.matching_definition;
        if rule.matching == subject.table.name && reads_other_way && wanted(&rule.base) {
            by_rule(reader, caller, rules, (rule, Side::Matching), subject, &mut found)?;
        }
    }
    Ok(found.matches)
}
