//! The list of pairs that may be the same, found by the keys they share.

use std::collections::HashSet;

use language::tr;
use model::Reference;
use store::{MatchKey, Reader, Row, Scope};
use uuid::Uuid;

use super::{
    Duplicates,
    rules::{Rule, Rules},
};
use crate::{Caller, Error, Result, access};

/// Keys read in one go.
const TOGETHER: u32 = 200;
/// Rows looked at for one key.
const LOOKED_AT: u32 = 20;
/// Most keys read for one page; a list of few pairs among many rows is found over several.
const MOST: usize = 4000;

/// Two records that may be the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// The record the rule speaks of.
    pub base: Reference,
    /// Its name.
    pub base_name: String,
    /// The one that may be the same.
    pub matching: Reference,
    /// Its name.
    pub matching_name: String,
    /// Why.
    pub reason: String,
}

/// Part of a list of pairs.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pairs {
    /// The pairs; each once, where one rule says so.
    pub pairs: Vec<Pair>,
    /// Where the list goes on.
    pub next: Option<i64>,
}

impl Duplicates<'_> {
    /// The published rules about a table, id and name, that compare what the caller may read.
    pub async fn rules_of(&self, caller: &Caller, table: &str) -> Result<Vec<(Uuid, String)>> {
        let (caller, table, cache) = (caller.clone(), table.to_owned(), self.app.duplicate_rules().clone());
        self.app
            .read(move |reader| {
                let version = reader.published_version()?;
                let rules = cache.rules(reader, version)?;
                let own = rules.all.iter().filter(|rule| rule.published && rule.base == table);
                let own = own.filter(|rule| !rule.tells_hidden(&rules, &caller));
                Ok(own.map(|rule| (rule.id, rule.name.clone())).collect())
            })
            .await
    }

    /// Pairs of records that one rule holds for the same, about `wanted` at a time. Pairs of
    /// which the caller may not see both are left out.
    pub async fn pairs(&self, caller: &Caller, rule: Uuid, after: Option<i64>, wanted: usize) -> Result<Pairs> {
        let (caller, cache) = (caller.clone(), self.app.duplicate_rules().clone());
        self.app.store().write(settle).await?;
        self.app
            .read(move |reader| {
                let version = reader.published_version()?;
                let rules = cache.rules(reader, version)?;
                let known = rules.all.iter().find(|known| known.id == rule && known.published);
                let rule = known.ok_or_else(|| Error::Unknown(tr!("this duplicate rule is not published")))?;
                if rule.tells_hidden(&rules, &caller) {
                    let words = tr!("this duplicate rule compares secured columns that you may not read");
                    return Err(access::refused(&caller, "list duplicates", Some("duplicaterule"), words));
                }
                Listing { caller, rules: &rules, rule, seen: HashSet::new() }.read(reader, after, wanted)
            })
            .await
    }
}

/// Puts the keys that were gathered into their table, which is listed.
fn settle(writer: &mut store::Writer<'_>) -> Result<()> {
    Ok(writer.settle_match_keys()?)
}

struct Listing<'r> {
    caller: Caller,
    rules: &'r Rules,
    rule: &'r Rule,
    seen: HashSet<(Uuid, Uuid)>,
}

impl Listing<'_> {
    fn read(&mut self, reader: &mut Reader<'_>, mut after: Option<i64>, wanted: usize) -> Result<Pairs> {
        let (base, matching) = self.definitions();
        let mut pairs = Vec::new();
        let mut looked_at = 0;
        loop {
            let keys = if base == matching {
                reader.shared_match_keys(base, after, TOGETHER)?
            } else {
                reader.common_match_keys(base, matching, after, TOGETHER)?
            };
            let complete = keys.len() < TOGETHER as usize;
            for key in keys {
                after = Some(key.hash);
                looked_at += 1;
                self.pairs_of(reader, key, matching, &mut pairs)?;
                if pairs.len() >= wanted || looked_at >= MOST {
                    return Ok(Pairs { pairs, next: after });
                }
            }
            if complete {
                return Ok(Pairs { pairs, next: None });
            }
        }
    }

    fn definitions(&self) -> (i32, i32) {
        let number = |place: usize| self.rules.definitions[place].number;
        (number(self.rule.base_definition), number(self.rule.matching_definition))
    }

    fn pairs_of(&mut self, reader: &mut Reader<'_>, key: MatchKey, matching: i32, pairs: &mut Vec<Pair>) -> Result<()> {
        let (base_table, other_table) = (
            self.rules.definitions[self.rule.base_definition].table.clone(),
            self.rules.definitions[self.rule.matching_definition].table.clone(),
        );
        let ones = self.rows(reader, key, &base_table.name)?;
        let others = if key.definition == matching {
            ones.clone()
        } else {
            self.rows(reader, MatchKey { definition: matching, ..key }, &other_table.name)?
        };
        let is_one_table = base_table.name == other_table.name;
        for (one_id, one) in &ones {
            for (other_id, other) in &others {
                let is_twin = is_one_table && (one_id == other_id || self.seen.contains(&(*other_id, *one_id)));
                let inactive = |row: &Row| row.value("statecode").as_whole().is_some_and(|state| state != 0);
                if is_twin || self.rule.exclude_inactive && (inactive(other) || is_one_table && inactive(one)) {
                    continue;
                }
                if !self.rules.agree(self.rule, (&base_table, one), (&other_table, other))
                    || !self.seen.insert((*one_id, *other_id))
                {
                    continue;
                }
                pairs.push(Pair {
                    base: Reference::new(base_table.name.as_str(), *one_id),
                    base_name: one.text(&base_table.primary_name).to_owned(),
                    matching: Reference::new(other_table.name.as_str(), *other_id),
                    matching_name: other.text(&other_table.primary_name).to_owned(),
                    reason: self.rule.reason(),
                });
            }
        }
        Ok(())
    }

    /// Rows that bear a key, as the caller may see them.
    fn rows(&self, reader: &mut Reader<'_>, key: MatchKey, table: &str) -> Result<Vec<(Uuid, Row)>> {
        let mut rows = Vec::new();
        for (_, id) in reader.rows_by_match_key(&[key], LOOKED_AT)? {
            // Keys are made from all columns, whatever the caller sees of them.
            if reader.get(table, id, Some(&[]), self.caller.scope(), &self.caller.zone())?.is_none() {
                continue;
            }
            let row = reader.get(table, id, None, &Scope::default(), &self.caller.zone())?;
            rows.extend(row.filter(|row| row.value("merged").as_boolean() != Some(true)).map(|row| (id, row)));
        }
        Ok(rows)
    }
}
