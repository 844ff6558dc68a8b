//! Close as won or lost. Every closing is an `opportunityclose` activity, and creating one from
//! anywhere closes the opportunity.

use jiff::civil::Date;
use language::{tr, translated};
use model::{Reference, Table, Value};
use rust_decimal::Decimal;
use store::Row;
use uuid::Uuid;

use super::{FORECAST_LOST, FORECAST_WON, LOST, OPEN, Opportunities, WON, is_closed};
use crate::{Caller, Error, Origin, Result, access::Setting, records::Work};

/// How an opportunity ended.
#[derive(Debug, Clone, Default)]
pub struct CloseRequest {
    /// Which.
    pub opportunity: Uuid,
    /// Status reason, which belongs to Won or to Lost; the state's default where none is given.
    pub status: Option<i64>,
    /// What was really sold for; on a won deal the estimated revenue where none is given.
    pub actual_revenue: Option<Decimal>,
    /// The day; today where none is given.
    pub actual_end: Option<Date>,
    /// Why.
    pub description: Option<String>,
    /// Who won instead.
    pub competitor: Option<Uuid>,
    /// Title of the closing; made from the opportunity where none is given.
    pub subject: Option<String>,
    /// Further columns of the closing.
    pub also: Row,
}

impl Opportunities<'_> {
    /// Closes as won.
    pub async fn win(&self, caller: &Caller, origin: Origin, request: CloseRequest) -> Result<Uuid> {
        self.app.work(caller, origin, move |work| close(work, WON, request)).await
    }

    /// Closes as lost.
    pub async fn lose(&self, caller: &Caller, origin: Origin, request: CloseRequest) -> Result<Uuid> {
        self.app.work(caller, origin, move |work| close(work, LOST, request)).await
    }
}

/// Closes an opportunity into `state`; returns the `opportunityclose`.
pub(crate) fn close(work: &mut Work<'_, '_>, state: i64, request: CloseRequest) -> Result<Uuid> {
    let table = work.table("opportunity")?;
    let target =
        table.state(state as i32).ok_or_else(|| Error::refused(tr!("the opportunity table lacks this state")))?;
    let status = request.status.unwrap_or_else(|| i64::from(target.default_status));
    if table.state_of_status(status as i32).map(|s| s.value) != Some(target.value) {
        let known: Vec<String> =
            target.statuses.iter().map(|s| format!("{} ({})", s.value, translated(&s.label))).collect();
        return Err(Error::refused(tr!(
            "status reason {status} does not belong to {}; take one of {}",
            translated(&target.label),
            known.join(", "),
            status
        )));
    }
    let mut row = request.also;
    row.set("opportunityid", Reference::new("opportunity", request.opportunity));
    row.set("opportunitystatuscode", status);
    for (column, value) in [
        ("actualrevenue", request.actual_revenue.map(Value::from)),
        ("actualend", request.actual_end.map(|day| end_of(work, day))),
        ("description", request.description.map(Value::from)),
        ("competitorid", request.competitor.map(|id| Reference::new("competitor", id).into())),
        ("subject", request.subject.filter(|s| !s.is_empty()).map(Value::from)),
    ] {
        if let Some(value) = value {
            row.set(column, value);
        }
    }
    let close = work.table("opportunityclose")?;
    work.authorise_columns(Setting::Create, &close, &row)?;
    let stored = work.create_trusted(&close, None, row)?;
    Ok(stored.value(&close.primary_key).as_id().unwrap_or_default())
}

/// Completes what was not said about a closing, and refuses it where the deal is closed.
pub(crate) fn before_close_record(work: &mut Work<'_, '_>, row: &mut Row) -> Result<()> {
    let opportunity = opportunity_of(work, row)?;
    if is_closed(&opportunity) {
        let name = opportunity.text("name");
        return Err(Error::refused(tr!("Opportunity “{name}” is closed already; reopen it first", name)));
    }
    let table = work.table("opportunity")?;
    let (state, status) = outcome(&table, row)?;
    row.set("opportunitystatuscode", status);
    row.set("opportunitystatecode", state);
    if state == WON && !row.has("actualrevenue") {
        row.set("actualrevenue", opportunity.value("estimatedvalue").clone());
    }
    if !row.has("actualend") {
        row.set("actualend", work.now());
    }
    if !row.has("subject") {
        let word = if state == WON { "Won" } else { "Lost" };
        let subject: String = format!("{word}: {}", opportunity.text("name")).chars().take(200).collect();
        row.set("subject", subject);
    }
    row.set("regardingobjectid", row.value("opportunityid").clone());
    row.set("transactioncurrencyid", opportunity.value("transactioncurrencyid").clone());
    row.set("statecode", 1);
    row.set("statuscode", 2);
    keep_known_columns(work, "opportunityclose", row)
}

/// Closes the opportunity that a new `opportunityclose` speaks of.
pub(crate) fn after_close_record(work: &mut Work<'_, '_>, row: &Row) -> Result<()> {
    let opportunity = opportunity_of(work, row)?;
    let table = work.table("opportunity")?;
    let (state, status) = outcome(&table, row)?;
    let closed_on = row.value("actualend").as_date_time().unwrap_or_else(|| work.now());
    let changes = Row::new()
        .with("statecode", state)
        .with("statuscode", status)
        .with("actualvalue", row.value("actualrevenue").clone())
        .with("actualclosedate", closed_on.to_zoned_datetime(work.caller().time_zone.clone()).date())
        .with("msdyn_forecastcategory", if state == WON { FORECAST_WON } else { FORECAST_LOST });
    work.update_loaded(&table, &opportunity, changes).map(|_| ())
}

fn opportunity_of(work: &mut Work<'_, '_>, row: &Row) -> Result<Row> {
    let Some(id) = row.value("opportunityid").as_id() else {
        let table = work.table("opportunityclose")?;
        let message = tr!("name the opportunity that is closed");
        return Err(table
            .column("opportunityid")
            .map_or_else(|| Error::refused(&message), |c| Error::field(c, &message)));
    };
    work.load("opportunity", id)
}

/// State and status reason a closing leads to.
fn outcome(opportunity: &Table, row: &Row) -> Result<(i64, i64)> {
    let given = row.value("opportunitystatuscode").as_whole().filter(|status| *status > 0);
    let state = row.value("opportunitystatecode").as_whole().filter(|state| *state != OPEN);
    let status = match (given, state) {
        (Some(status), _) => status,
        (None, None) => return Err(Error::refused(tr!("say whether the opportunity is won (1) or lost (2)"))),
        (None, Some(state)) => opportunity
            .state(state as i32)
            .map(|state| i64::from(state.default_status))
            .ok_or_else(|| Error::refused(tr!("an opportunity is closed as won (1) or lost (2)")))?,
    };
    let state = opportunity.state_of_status(status as i32).map(|state| i64::from(state.value));
    match state {
        Some(state) if state != OPEN => Ok((state, status)),
        _ => Err(Error::refused(tr!("{status} is not a status reason of a won or lost opportunity", status))),
    }
}

fn keep_known_columns(work: &Work<'_, '_>, table: &str, row: &mut Row) -> Result<()> {
    let table = work.table(table)?;
    let unknown: Vec<String> =
        row.iter().filter(|(name, _)| table.column(name).is_none()).map(|(n, _)| n.to_owned()).collect();
    for name in unknown {
        row.remove(&name);
    }
    Ok(())
}

/// Now, for today; for another day noon where the caller lives: a day without an hour must not
/// slip into the next one.
fn end_of(work: &Work<'_, '_>, day: Date) -> Value {
    if day == work.today() {
        return work.now().into();
    }
    let zone = work.caller().time_zone.clone();
    day.at(12, 0, 0, 0).to_zoned_datetime(zone).map_or_else(|_| work.now().into(), |moment| moment.timestamp().into())
}
