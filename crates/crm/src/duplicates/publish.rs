//! Publishing rules: their keys are made for all rows, a part at a time, so that work goes on
//! meanwhile and an interruption costs nothing.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use language::{tr, translated};
use model::{Filter, Table, Value};
use serde::{Deserialize, Serialize};
use store::{Cursor, MatchKey, Query, Reader, Row, Scope};
use uuid::Uuid;

use super::rules::{self, Condition, Definition, PUBLISHED, PUBLISHING, UNPUBLISHED};
use crate::{App, Error, Origin, Result, records::Work};

/// Rows whose keys are made in one transaction.
const PART: u32 = 500;
/// Keys taken away in one transaction.
const DROPPED: u32 = 5000;
/// Set where rules were changed and not every process knows it yet.
pub(crate) const PENDING: &str = "duplicate_rules_pending";
/// How long somebody who changes a rule waits for its keys; then they are made in the background.
const PATIENCE: Duration = Duration::from_secs(1);
/// How far the making of keys is.
const PROGRESS: &str = "duplicate_progress";

/// How far the making of one definition's keys is.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Progress {
    definition: i32,
    /// Behind the last row whose keys are there.
    after: Option<String>,
    /// How many rows have been done.
    done: u64,
}

/// What is left to do before all rules are in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    /// Nothing.
    Nothing,
    /// Some processes do not know of a changed rule.
    Telling,
    /// Keys are to be made or taken away.
    Making,
}

/// What became of one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Further,
    Nothing,
}

/// Puts a rule in force, once its keys are made; called where somebody sets its state.
pub(crate) fn publish_loaded(work: &mut Work<'_, '_>, old: &Row) -> Result<Row> {
    let table = work.table("duplicaterule")?;
    work.authorise_change(&table, old, &Row::new().with("statuscode", PUBLISHING))?;
    refuse_unsound(work, old)?;
    let new = set_state(work, &table, old, Row::new().with("statecode", 0).with("statuscode", PUBLISHING))?;
    forget_keys(work, old.value(&table.primary_key).as_id().unwrap_or_default())?;
    Ok(new)
}

/// Keys that nobody kept while the rule was not in force count as incomplete.
fn forget_keys(work: &mut Work<'_, '_>, id: Uuid) -> Result<()> {
    let rules = work.duplicate_rules()?;
    let numbers = |own: bool| -> BTreeSet<i32> {
        let rules_of = rules.all.iter().filter(|rule| (rule.id == id) == own);
        let places = rules_of.flat_map(|rule| [rule.base_definition, rule.matching_definition]);
        places.map(|place| rules.definitions[place].number).collect()
    };
    let (own, of_others) = (numbers(true), numbers(false));
    change_built(work, |built| built.retain(|number| !own.contains(number) || of_others.contains(number)))?;
    Ok(work.writer().set_setting(PROGRESS, &serde_json::Value::Null)?)
}

/// Takes a rule out of force.
pub(crate) fn unpublish_loaded(work: &mut Work<'_, '_>, old: &Row) -> Result<Row> {
    let table = work.table("duplicaterule")?;
    work.authorise_change(&table, old, &Row::new().with("statuscode", UNPUBLISHED))?;
    set_state(work, &table, old, Row::new().with("statecode", 0).with("statuscode", UNPUBLISHED))
}

fn set_state(work: &mut Work<'_, '_>, table: &Table, old: &Row, mut changes: Row) -> Result<Row> {
    work.stamp_modified(table, &mut changes);
    work.write_row(table, old, changes)
}

/// A rule that compares nothing, or what is not there, is not published.
fn refuse_unsound(work: &mut Work<'_, '_>, rule: &Row) -> Result<()> {
    let base = work.table(rule.text("baseentityname"))?;
    let matching = work.table(rule.text("matchingentityname"))?;
    for table in [&base, &matching] {
        if table.kind != model::TableKind::Standard {
            return Err(Error::refused(tr!(
                "{} cannot be compared by duplicate rules",
                translated(&table.plural_label)
            )));
        }
    }
    let of_rule = Filter::eq("regardingobjectid", rule.value("duplicateruleid").clone());
    let columns = ["baseattributename", "matchingattributename", "operatorcode", "operatorparam", "ignoreblankvalues"];
    let conditions = work.find("duplicaterulecondition", of_rule, &columns)?;
    if conditions.is_empty() {
        return Err(Error::refused(tr!("a duplicate rule needs at least one condition: add one, then publish it")));
    }
    for condition in &conditions {
        Condition::read(&base, &matching, condition).map_err(Error::Refused)?;
    }
    Ok(())
}

/// Publishes changed rules and makes keys until nothing is left to do.
///
/// A changed rule is told to all processes while nobody writes; from then on everybody keeps its
/// keys for what they write, and those of older rows are made here.
pub(crate) async fn build(app: &App) -> Result<()> {
    let _alone = app.building_keys().await;
    let engine = app.engine().await?;
    loop {
        let cache = app.duplicate_rules().clone();
        match app.read(move |reader| left(reader, &cache)).await? {
            Left::Nothing => return Ok(()),
            Left::Telling => app.store().write_alone(tell).await?,
            Left::Making => {
                if app.work(&engine, Origin::Engine, step).await? == Step::Nothing {
                    return Ok(());
                }
            }
        }
    }
}

/// What is left to do. Mostly nothing, and then nobody who writes is waited for.
fn left(reader: &mut Reader<'_>, cache: &rules::Cache) -> Result<Left> {
    if reader.setting(PENDING)? == Some(true.into()) {
        return Ok(Left::Telling);
    }
    let version = reader.published_version()?;
    let rules = cache.rules(reader, version)?;
    let all_made = rules.all.iter().all(|rule| rule.published) && rules.definitions.iter().all(|one| one.built);
    let present = reader.match_key_definitions()?;
    let mut known = rules::built(reader)?.into_iter().chain(present);
    let all_wanted = known.all(|number| rules.definitions.iter().any(|one| one.number == number));
    Ok(if all_made && all_wanted { Left::Nothing } else { Left::Making })
}

fn tell(writer: &mut store::Writer<'_>) -> Result<()> {
    writer.count_publication()?;
    Ok(writer.set_setting(PENDING, &false.into())?)
}

/// Makes keys in the background; what is left when the process ends is done after the next start.
pub(crate) fn build_soon(app: &App) -> tokio::task::JoinHandle<()> {
    let app = app.clone();
    tokio::spawn(async move {
        if let Err(error) = Box::pin(build(&app)).await {
            match error {
                Error::Unavailable(_) => tracing::debug!(%error, "making match keys stopped"),
                other => tracing::warn!(error = %other, "making match keys failed; it goes on after the next start"),
            }
        }
    })
}

/// Makes keys; whoever changed the rules waits a moment, since mostly there is little to do.
pub(crate) async fn build_now(app: &App) {
    // Where it takes longer it goes on in the background.
    let _ = tokio::time::timeout(PATIENCE, build_soon(app)).await;
}

/// One part of what is to be done: keys of definitions that lack some, then rules that have all of
/// their keys by now, then keys that no rule wants any more.
fn step(work: &mut Work<'_, '_>) -> Result<Step> {
    let rules = work.duplicate_rules()?;
    // After the rules: one among them that not everybody knows yet has left this note.
    if work.writer().setting(PENDING)? == Some(true.into()) {
        return Ok(Step::Further);
    }
    let mut left = PART as usize;
    for definition in rules.definitions.iter().filter(|definition| !definition.built) {
        let done = make_part(work, &rules, definition)?;
        left = left.saturating_sub(done);
        if left == 0 {
            return Ok(Step::Further);
        }
    }
    let ready: Vec<Uuid> = rules.all.iter().filter(|rule| !rule.published).map(|rule| rule.id).collect();
    if rules.definitions.iter().any(|definition| !definition.built) || !ready.is_empty() {
        for id in ready {
            put_in_force(work, id)?;
        }
        return Ok(Step::Further);
    }
    drop_unwanted(work, &rules)
}

fn put_in_force(work: &mut Work<'_, '_>, rule: Uuid) -> Result<()> {
    let table = work.table("duplicaterule")?;
    let old = work.load(&table.name, rule)?;
    set_state(work, &table, &old, Row::new().with("statecode", 1).with("statuscode", PUBLISHED)).map(drop)
}

/// Makes the keys of some rows; how many rows that were.
fn make_part(work: &mut Work<'_, '_>, rules: &rules::Rules, definition: &Definition) -> Result<usize> {
    let known = work.writer().setting(PROGRESS)?.and_then(|value| serde_json::from_value::<Progress>(value).ok());
    let mut progress = known.filter(|progress| progress.definition == definition.number).unwrap_or(Progress {
        definition: definition.number,
        after: None,
        done: 0,
    });
    let (ids, next) = ids_behind(work, &definition.table, progress.after.take())?;
    let mut keys: Vec<(MatchKey, Uuid)> = Vec::new();
    for id in &ids {
        // Locked, so that nobody changes it between being read and its keys being there.
        let Some(row) = work.writer().lock(&definition.table.name, *id)? else { continue };
        keys.extend(rules.keys(definition, &row).into_iter().map(|key| (key, *id)));
    }
    work.writer().put_match_keys(&keys)?;
    progress.done += ids.len() as u64;
    progress.after = next;
    if progress.after.is_none() {
        finish(work, definition.number)?;
        return Ok(ids.len());
    }
    let value = serde_json::to_value(&progress).unwrap_or_default();
    work.writer().set_setting(PROGRESS, &value)?;
    Ok(PART as usize)
}

/// The next rows in the order of their keys, and where the others begin.
fn ids_behind(work: &mut Work<'_, '_>, table: &Table, after: Option<String>) -> Result<(Vec<Uuid>, Option<String>)> {
    let key = table.primary_key.as_str();
    let mut query = Query::of(&table.name, Arc::new(Scope::default()), work.caller().zone()).select([key]).take(PART);
    query.page.cursor = after.map(|token| Cursor { token, backwards: false });
    let rows = work.writer().query(&query)?;
    let ids = rows.rows.iter().filter_map(|row| row.first().and_then(Value::as_id)).collect();
    Ok((ids, rows.next.map(|next| next.token)))
}

/// All keys of the definition are there.
fn finish(work: &mut Work<'_, '_>, definition: i32) -> Result<()> {
    change_built(work, |built| built.extend([definition]))
}

fn change_built(work: &mut Work<'_, '_>, change: impl FnOnce(&mut BTreeSet<i32>)) -> Result<()> {
    // Whoever notes a change holds the note until the end: the list has one writer at a time.
    work.note_rules_changed()?;
    let mut built = rules::built(work.writer())?;
    change(&mut built);
    let value = serde_json::to_value(&built).unwrap_or_default();
    Ok(work.writer().set_setting(rules::BUILT, &value)?)
}

/// Keys that no rule wants any more go, a part at a time.
fn drop_unwanted(work: &mut Work<'_, '_>, rules: &rules::Rules) -> Result<Step> {
    let wanted = |number: &i32| rules.definitions.iter().any(|definition| definition.number == *number);
    if !rules::built(work.writer())?.iter().all(wanted) {
        // First of all they count as incomplete: a rule that wants them again makes all anew.
        change_built(work, |built| built.retain(wanted))?;
        return Ok(Step::Further);
    }
    let present = work.writer().match_key_definitions()?;
    let Some(unwanted) = present.into_iter().find(|number| !wanted(number)) else { return Ok(Step::Nothing) };
    work.writer().drop_match_keys(unwanted, DROPPED)?;
    Ok(Step::Further)
}

impl super::Duplicates<'_> {
    /// For a rule that is being published: how many rows have their keys, of how many.
    pub async fn progress(&self) -> Result<Option<(u64, u64)>> {
        let engine = self.app.engine().await?;
        let cache = self.app.duplicate_rules().clone();
        self.app
            .read(move |reader| {
                let Some(value) = reader.setting(PROGRESS)? else { return Ok(None) };
                let Ok(progress) = serde_json::from_value::<Progress>(value) else { return Ok(None) };
                let version = reader.published_version()?;
                let rules = cache.rules(reader, version)?;
                let at = rules.definitions.iter().find(|known| known.number == progress.definition && !known.built);
                let Some(definition) = at else { return Ok(None) };
                let mut query = Query::of(&definition.table.name, Arc::new(Scope::default()), engine.zone()).take(1);
                query.page.count = true;
                Ok(Some((progress.done, reader.query(&query)?.total.unwrap_or_default())))
            })
            .await
    }

    /// Waits until all keys of published rules are made.
    pub async fn settled(&self) -> Result<()> {
        build(self.app).await
    }
}

/// Before a rule is written: its tables must be there, and what its keys are made from does not
/// change while it is in force.
pub(crate) fn before_rule(work: &mut Work<'_, '_>, old: Option<&Row>, changes: &Row) -> Result<()> {
    for name in ["baseentityname", "matchingentityname"] {
        if changes.has(name) {
            work.table(changes.text(name))?;
        }
    }
    let Some(old) = old else {
        if changes.value("statuscode").as_whole().is_some_and(|status| status != UNPUBLISHED) {
            return Err(Error::refused(tr!(
                "a new duplicate rule is unpublished; add its conditions, then publish it"
            )));
        }
        return Ok(());
    };
    if changes.contains("statuscode") {
        return Err(Error::refused(tr!("publish or unpublish the rule; its status follows")));
    }
    let is_in_force = old.value("statuscode").as_whole() != Some(UNPUBLISHED);
    let is_fixed = |column: &&str| changes.contains(column);
    if is_in_force && ["baseentityname", "matchingentityname", "iscasesensitive"].iter().any(is_fixed) {
        return Err(Error::refused(tr!("unpublish the rule before you change what it compares")));
    }
    Ok(())
}

/// Before a condition is written.
pub(crate) fn before_condition(work: &mut Work<'_, '_>, old: Option<&Row>, changes: &Row) -> Result<()> {
    let mut row = old.cloned().unwrap_or_default();
    row.merge(changes);
    let Some(id) = row.value("regardingobjectid").as_id() else { return Ok(()) };
    let rule = work.load("duplicaterule", id)?;
    if rule.value("statuscode").as_whole() != Some(UNPUBLISHED) {
        return Err(Error::refused(tr!("unpublish the rule before you change its conditions")));
    }
    let (base, matching) = (work.table(rule.text("baseentityname"))?, work.table(rule.text("matchingentityname"))?);
    Condition::read(&base, &matching, &row).map(drop).map_err(Error::Refused)
}
