//! How a row ended, carried out by the domain's own verbs.

use jiff::civil::Date;
use language::tr;
use model::{Table, Value};
use rust_decimal::Decimal;
use store::Row;

use crate::{
    Error, Result,
    import::{compile::status_of, plan::Outcome, prepare::Prepared},
    leads, opportunities,
    records::Work,
};

/// What is to be carried out after a row is in.
#[derive(Debug, Clone, Default)]
pub(super) struct Ending {
    state: i64,
    status: Option<i64>,
    pub stage: Option<String>,
    pub closed_on: Option<Date>,
    pub amount: Option<Decimal>,
}

impl Ending {
    /// What the words of the file say.
    pub fn of(table: &Table, row: &Prepared) -> Self {
        let Some(ended) = &row.ended else { return Self { stage: row.stage.clone(), ..Self::default() } };
        let (state, reason, stage) = match &ended.outcome {
            Outcome::Open { stage } => (0, &None, stage.clone()),
            Outcome::Won { reason, stage } => (1, reason, stage.clone()),
            Outcome::Lost { reason, stage } => (2, reason, stage.clone()),
            Outcome::Disqualified { reason } => (2, reason, None),
            Outcome::Qualified { reason } => (1, reason, None),
        };
        let status = reason.as_ref().and_then(|reason| status_of(table, &ended.outcome, reason));
        let stage = stage.or_else(|| row.stage.clone());
        Self { state, status, stage, closed_on: ended.closed_on, amount: ended.amount }
    }

    /// The same for a new row; state columns among its values, as an export has them, are taken
    /// out and carried out afterwards, too.
    pub fn take(table: &Table, row: &Prepared, values: &mut Row) -> Self {
        let mut ending = Self::of(table, row);
        if !matches!(table.name.as_str(), "lead" | "opportunity") {
            return ending;
        }
        let status = values.value("statuscode").as_whole();
        let of_status = status
            .and_then(|status| table.state_of_status(i32::try_from(status).ok()?))
            .map(|state| i64::from(state.value));
        let state = values.value("statecode").as_whole().or(of_status).unwrap_or_default();
        if state == 0 {
            return ending;
        }
        values.remove("statecode");
        values.remove("statuscode");
        ending.state = state;
        ending.status = status;
        ending.closed_on = values.remove("actualclosedate").and_then(|day| day.as_date()).or(ending.closed_on);
        ending.amount = values.remove("actualvalue").and_then(|amount| amount.as_decimal()).or(ending.amount);
        if matches!(values.value("msdyn_forecastcategory"), Value::Whole(100_000_005 | 100_000_006)) {
            values.remove("msdyn_forecastcategory");
        }
        ending
    }

    /// True where the row ends closed.
    pub fn is_closed(&self) -> bool {
        self.state != 0
    }

    pub fn is_won(&self) -> bool {
        self.state == opportunities::WON
    }

    /// Whether a row that is there is still to be closed.
    pub fn closes(&self, old: &Row) -> Result<bool> {
        let state = old.value("statecode").as_whole().unwrap_or_default();
        match (state, self.state) {
            (_, 0) => Ok(false),
            (0, _) => Ok(true),
            (is, wanted) if is == wanted => Ok(false),
            _ => Err(Error::refused(tr!("it is closed already in another way than the file says; reopen it first"))),
        }
    }
}

/// Closes or disqualifies a row that was just written.
pub(super) fn carry_out(work: &mut Work<'_, '_>, table: &Table, row: &Row, ending: &Ending) -> Result<()> {
    if ending.state == 0 {
        return Ok(());
    }
    let id = row.value(&table.primary_key).as_id().unwrap_or_default();
    if table.name == "lead" {
        let lead = work.load("lead", id)?;
        if ending.state == leads::QUALIFIED {
            // It was qualified elsewhere: what it became comes in with its own files.
            let mut state = Row::new().with("statecode", leads::QUALIFIED);
            if let Some(status) = ending.status {
                state.set("statuscode", status);
            }
            return work.update_loaded(table, &lead, state).map(|_| ());
        }
        return leads::disqualify_loaded(work, &lead, ending.status, &Row::new()).map(|_| ());
    }
    let mut also = Row::new().with("ownerid", row.value("ownerid").clone());
    if let Some(day) = ending.closed_on {
        let noon = day.at(12, 0, 0, 0).to_zoned_datetime(work.caller().time_zone.clone());
        also.set("overriddencreatedon", noon.ok().map(|moment| moment.timestamp()));
    }
    let request = opportunities::CloseRequest {
        opportunity: id,
        status: ending.status,
        actual_revenue: ending.amount,
        actual_end: ending.closed_on,
        also,
        ..opportunities::CloseRequest::default()
    };
    opportunities::close(work, ending.state, request).map(|_| ())
}
