//! Retention rules: for how long records of a table, and what the history says of them, are kept.
//! Rules are rows of `retentionrule`, off until somebody turns them on, and carried out once a day
//! in small batches, each with a report of its own.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiff::{SignedDuration, Span, Timestamp, tz::TimeZone};
use language::{text, tr};
use model::{Filter, Operator, Reference, Table, TableKind, Value};
use serde::Serialize;
use store::{Query, Row};
use uuid::Uuid;

use super::{
    HOLD, Privacy,
    erase::{Eraser, Treatment, scrub},
    find::{self, Kind},
    personal,
    report::{Did, Report, ReportKind},
    require_administrator,
};
use crate::{App, Caller, Error, Origin, Result, records::Work, words::within};

const RULES: &str = "retentionrule";
/// Records of one batch.
const BATCH: u32 = 100;
/// Entries of the history of one batch.
const ENTRIES: u32 = 500;
/// How often the server looks for rules that are due.
const LOOK: Duration = Duration::from_secs(600);
/// A rule is carried out again after so long.
const DAY: SignedDuration = SignedDuration::from_hours(23);
/// Tables whose rows retention rules do not touch: people who work here, settings, and what tells
/// of past erasures.
const NEVER: [&str; 4] = ["privacyrequest", "retentionrule", "importmap", "organization"];

/// What a rule does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RetentionAction {
    /// 1: records unchanged for so long are stripped of everything personal.
    Anonymise,
    /// 2: records unchanged for so long go.
    Delete,
    /// 3: what the history says of changes so long ago goes.
    EraseHistory,
    /// 4: what the history says of records deleted so long ago goes.
    EraseDeleted,
}

/// What carrying a rule out now would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RetentionPreview {
    /// The rule.
    pub rule: Uuid,
    /// Its name.
    pub name: String,
    /// The table it concerns.
    pub table: String,
    /// What it does.
    pub action: RetentionAction,
    /// It is on: the server carries it out.
    pub on: bool,
    /// Whatever is older than this is concerned.
    pub before: Timestamp,
    /// Records concerned; of the actions that concern the history, entries, at most as many as one
    /// batch holds.
    pub concerned: u64,
    /// When it was carried out last.
    pub last_run: Option<Timestamp>,
}

/// A rule that was read.
struct Rule {
    id: Uuid,
    name: String,
    table: Arc<Table>,
    action: RetentionAction,
    on: bool,
    state: Option<i64>,
    status: Option<i64>,
    before: Timestamp,
    last_run: Option<Timestamp>,
}

impl Rule {
    fn read(model: &model::Model, row: &Row) -> Result<Self> {
        let name = row.text("name").to_owned();
        let refuse = |reason: &str| Error::refused(tr!("the retention rule “{name}” {reason}", name, reason));
        let table = row.text("targetentityname");
        let table = model.table(table).cloned().ok_or_else(|| refuse(&tr!("names no table: '{table}'", table)))?;
        let action = match row.value("actioncode").as_whole() {
            Some(1) => RetentionAction::Anonymise,
            Some(2) => RetentionAction::Delete,
            Some(3) => RetentionAction::EraseHistory,
            Some(4) => RetentionAction::EraseDeleted,
            _ => return Err(refuse(&tr!("says no action"))),
        };
        let touches_rows = matches!(action, RetentionAction::Anonymise | RetentionAction::Delete);
        let is_business = matches!(table.kind, TableKind::Standard | TableKind::Activity);
        if touches_rows && (!is_business || NEVER.contains(&table.name.as_str())) {
            return Err(refuse(&tr!("may not concern rows of {}", within(&table.plural_label))));
        }
        let amount =
            row.value("amount").as_whole().filter(|amount| *amount > 0).ok_or_else(|| refuse(&tr!("says no time")))?;
        let span = match row.value("unitcode").as_whole() {
            Some(1) => Span::new().try_days(amount),
            Some(3) => Span::new().try_years(amount),
            _ => Span::new().try_months(amount),
        };
        let now = Timestamp::now().to_zoned_datetime(TimeZone::UTC);
        let before = span.and_then(|span| now.checked_sub(span)).map_err(|_| refuse(&tr!("reaches back too far")))?;
        Ok(Self {
            id: row.value("retentionruleid").as_id().unwrap_or_default(),
            table,
            action,
            on: row.value("statecode").as_whole() == Some(1),
            state: row.value("rowstate").as_whole(),
            status: row.value("rowstatus").as_whole(),
            before: before.timestamp(),
            last_run: row.value("lastrunon").as_date_time(),
            name,
        })
    }

    /// Rows that are due, legal holds left out.
    fn due(&self, caller: &Caller) -> Query {
        let older = Filter::compare("modifiedon", Operator::Lt, self.before);
        let mut all = vec![older];
        if self.table.has_state() {
            all.extend(self.state.map(|state| Filter::eq("statecode", state)));
            all.extend(self.status.map(|status| Filter::eq("statuscode", status)));
        }
        if self.table.column(HOLD).is_some() {
            all.push(Filter::Any(vec![Filter::unary(HOLD, Operator::Null), Filter::eq(HOLD, false)]));
        }
        if self.action == RetentionAction::Anonymise {
            all.push(Filter::Any(self.still_personal()));
        }
        Query::of(&self.table.name, caller.scope().clone(), caller.zone())
            .select([self.table.primary_key.as_str()])
            .matching(Filter::All(all))
    }

    /// Rows that were not anonymised before.
    fn still_personal(&self) -> Vec<Filter> {
        let columns = self.table.columns.values().filter(|column| personal::is_personal(&self.table, column));
        columns
            .map(|column| {
                let name = column.name.as_str();
                let filled = Filter::unary(name, Operator::NotNull);
                if column.is_text() {
                    filled.and(Filter::compare(name, Operator::Ne, personal::ERASED))
                } else {
                    filled
                }
            })
            .collect()
    }
}

/// Before a rule is written: it must be one that can be carried out.
pub(crate) fn before_rule(work: &mut Work<'_, '_>, old: Option<&Row>, changes: &Row) -> Result<()> {
    let mut row = old.cloned().unwrap_or_default();
    row.merge(changes);
    Rule::read(work.model(), &row).map(drop)
}

impl Privacy<'_> {
    /// All rules with what carrying them out now would do.
    ///
    /// # Errors
    /// [`Error::Refused`] where a rule cannot be carried out as it is.
    pub async fn retention(&self, caller: &Caller) -> Result<Vec<RetentionPreview>> {
        require_administrator(caller)?;
        let mut previews = Vec::new();
        for rule in rules(self.app, caller).await? {
            previews.push(self.preview(caller, &rule).await?);
        }
        Ok(previews)
    }

    async fn preview(&self, caller: &Caller, rule: &Rule) -> Result<RetentionPreview> {
        let concerned = match rule.action {
            RetentionAction::Anonymise | RetentionAction::Delete => {
                let mut query = rule.due(caller).take(1);
                query.page.count = true;
                self.app.query(caller, query).await?.total.unwrap_or_default()
            }
            action => {
                let (table, before) = (rule.table.name.clone(), rule.before);
                let deletions = action == RetentionAction::EraseDeleted;
                let found = move |reader: &mut store::Reader<'_>| {
                    Ok(reader.feed_before(Some(&table), before, deletions, ENTRIES)?.len() as u64)
                };
                self.app.read(found).await?
            }
        };
        Ok(RetentionPreview {
            rule: rule.id,
            name: rule.name.clone(),
            table: rule.table.name.clone(),
            action: rule.action,
            on: rule.on,
            before: rule.before,
            concerned,
            last_run: rule.last_run,
        })
    }

    /// Carries one rule out to its end, also one that is off; the reports of its batches.
    pub async fn carry_out(&self, caller: &Caller, origin: Origin, rule: Uuid) -> Result<Vec<Report>> {
        require_administrator(caller)?;
        let mut reports: Vec<Report> = Vec::new();
        let mut after: Option<Uuid> = None;
        loop {
            let (report, last) = self.app.work(caller, origin, move |work| batch(work, rule, after)).await?;
            reports.extend(report);
            match last {
                Some(last) => after = Some(last),
                None => break,
            }
        }
        if let Some(last) = reports.pop() {
            // The file is written anew once, whatever the number of batches.
            let steps = reports.iter().chain([&last]).flat_map(|report| report.steps.clone()).collect();
            let scrubbed = scrub(self.app, Report { steps, ..last.clone() }).await;
            reports.push(Report { left_behind: scrubbed.left_behind, ..last });
        }
        Ok(reports)
    }
}

async fn rules(app: &App, caller: &Caller) -> Result<Vec<Rule>> {
    let table = app.table(RULES)?;
    let columns = table.columns.values().filter(|column| column.is_stored()).map(|column| column.name.as_str());
    let query = app.new_query(caller, RULES).select(columns).order_by(model::Order::ascending("name")).take(1000);
    let model = app.model();
    app.query(caller, query).await?.to_rows().map(|row| Rule::read(&model, &row)).collect()
}

/// One batch of a rule, in a transaction with its report; behind which row the next one begins.
fn batch(work: &mut Work<'_, '_>, rule: Uuid, after: Option<Uuid>) -> Result<(Option<Report>, Option<Uuid>)> {
    let table = work.table(RULES)?;
    let row = work.load(RULES, rule)?;
    let rule = Rule::read(&work.model().clone(), &row)?;
    let mut eraser = Eraser::new(Report::new(ReportKind::Retention, work.caller(), &rule.name));
    let last = work.as_consequence(|work| {
        work.without_duplicate_rules(|work| {
            let last = match rule.action {
                RetentionAction::Anonymise => rows(&mut eraser, work, &rule, Treatment::Anonymise, after)?,
                RetentionAction::Delete => rows(&mut eraser, work, &rule, Treatment::Delete, after)?,
                RetentionAction::EraseHistory => entries(&mut eraser, work, &rule)?,
                RetentionAction::EraseDeleted => deleted(&mut eraser, work, &rule)?,
            };
            eraser.finish(work)?;
            work.write_row(&table, &row, Row::new().with("lastrunon", work.now()))?;
            Ok(last)
        })
    })?;
    if eraser.report.steps.is_empty() && eraser.report.kept.is_empty() {
        return Ok((None, last));
    }
    eraser.report.store(work)?;
    Ok((Some(eraser.report), last))
}

/// Records, each with what hangs on it.
fn rows(
    eraser: &mut Eraser,
    work: &mut Work<'_, '_>,
    rule: &Rule,
    treatment: Treatment,
    after: Option<Uuid>,
) -> Result<Option<Uuid>> {
    let key = rule.table.primary_key.as_str();
    let behind = after.map_or_else(Filter::everything, |after| Filter::compare(key, Operator::Gt, Value::Id(after)));
    let query = rule.due(work.caller()).matching(behind).order_by(model::Order::ascending(key)).take(BATCH);
    let due: Vec<Uuid> = work.query(&query)?.iter().filter_map(|row| row.value(key).as_id()).collect();
    for id in &due {
        let record = Reference::new(rule.table.name.as_str(), *id);
        if is_held(work, &record)? {
            eraser.report.keep(&record, text!("it belongs to a record under legal hold"));
            continue;
        }
        let caller = work.caller().clone();
        for item in find::hanging_on(work.writer(), &caller, &record)? {
            match item.kind {
                Kind::About => eraser.treat(work, &item.record, treatment)?,
                Kind::Party => eraser.unlink(work, &item.record)?,
                _ => {}
            }
        }
        eraser.treat(work, &record, treatment)?;
    }
    Ok(due.last().copied().filter(|_| due.len() == BATCH as usize))
}

/// Whether something the record points at is held.
fn is_held(work: &mut Work<'_, '_>, record: &Reference) -> Result<bool> {
    let Some(row) = work.writer().lock(&record.table, record.id)? else { return Ok(false) };
    let pointed: Vec<Reference> = row.iter().filter_map(|(_, value)| value.as_reference().cloned()).collect();
    for other in pointed {
        let Some(table) = work.model().table(&other.table).cloned() else { continue };
        if table.column(HOLD).is_none() {
            continue;
        }
        let caller = work.caller().clone();
        let found = work.writer().get(&table.name, other.id, Some(&[HOLD]), caller.scope(), &caller.zone())?;
        if found.is_some_and(|row| row.value(HOLD) == &Value::Boolean(true)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Values of old changes.
fn entries(eraser: &mut Eraser, work: &mut Work<'_, '_>, rule: &Rule) -> Result<Option<Uuid>> {
    let found = work.writer().feed_before(Some(&rule.table.name), rule.before, false, ENTRIES)?;
    let full = found.len() == ENTRIES as usize;
    let mut by_record: BTreeMap<Reference, Vec<u64>> = BTreeMap::new();
    for (record, sequence) in found {
        by_record.entry(record).or_default().push(sequence);
    }
    for (record, sequences) in &by_record {
        eraser.erase_entries(work, record, sequences)?;
    }
    Ok(full.then(Uuid::nil))
}

/// All values of records that were deleted long ago.
fn deleted(eraser: &mut Eraser, work: &mut Work<'_, '_>, rule: &Rule) -> Result<Option<Uuid>> {
    let found = work.writer().feed_before(Some(&rule.table.name), rule.before, true, ENTRIES)?;
    let full = found.len() == ENTRIES as usize;
    for (record, sequence) in found {
        if work.writer().exists(&record)? {
            // It was brought back; only the deletion itself is over.
            eraser.erase_entries(work, &record, &[sequence])?;
        } else {
            eraser.report.note(&record, Did::HistoryErased { sequences: Vec::new() });
            eraser.forget(&record);
        }
    }
    Ok(full.then(Uuid::nil))
}

/// Carries the rules that are on out once a day, for as long as the server runs; to be spawned by
/// the process that serves.
pub async fn keep_rules(app: App) {
    loop {
        tokio::time::sleep(LOOK).await;
        match carry_out_due(&app).await {
            Ok(()) => {}
            Err(Error::Unavailable(reason)) => tracing::debug!(reason, "retention rules could not be carried out"),
            Err(error) => tracing::warn!(%error, "a retention rule could not be carried out; it is tried again"),
        }
    }
}

/// Carries out those rules that are on and were not carried out within a day.
async fn carry_out_due(app: &App) -> Result<()> {
    let engine = app.engine().await?;
    for rule in rules(app, &engine).await? {
        let is_due = rule.last_run.is_none_or(|last| Timestamp::now().duration_since(last) > DAY);
        if rule.on && is_due && claim(app, &engine, &rule).await? {
            let reports = app.privacy().carry_out(&engine, Origin::Engine, rule.id).await?;
            let records: usize = reports.iter().map(Report::records).sum();
            tracing::info!(rule = rule.name, records, "a retention rule was carried out");
        }
    }
    Ok(())
}

/// Of several servers one carries a rule out.
async fn claim(app: &App, engine: &Caller, rule: &Rule) -> Result<bool> {
    let (id, known) = (rule.id, rule.last_run);
    app.work(engine, Origin::Engine, move |work| {
        let table = work.table(RULES)?;
        let row = work.load(RULES, id)?;
        let is_free = row.value("lastrunon").as_date_time() == known && row.value("statecode").as_whole() == Some(1);
        if is_free {
            work.write_row(&table, &row, Row::new().with("lastrunon", work.now()))?;
        }
        Ok(is_free)
    })
    .await
}
