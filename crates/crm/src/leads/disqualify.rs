//! Disqualify with a reason, and bring back.

use language::{spoken, text, tr};
use store::Row;
use uuid::Uuid;

use super::{DISQUALIFIED, Leads, OPEN, QUALIFIED};
use crate::{Caller, Error, Origin, Result, records::Work};

/// Status reason of a disqualification without one: Lost.
pub const DISQUALIFIED_DEFAULT: i64 = 4;

impl Leads<'_> {
    /// Disqualifies leads, each with `status` as the reason; all or none. Returns the act, by which
    /// it is undone.
    pub async fn disqualify(&self, caller: &Caller, origin: Origin, leads: Vec<Uuid>, status: i64) -> Result<Uuid> {
        self.app
            .work(caller, origin, move |work| {
                for id in leads {
                    let old = work.load("lead", id)?;
                    disqualify_loaded(work, &old, Some(status), &Row::new())?;
                }
                Ok(work.act())
            })
            .await
    }

    /// Opens closed leads again; all or none. Returns the act, by which it is undone.
    pub async fn reactivate(&self, caller: &Caller, origin: Origin, leads: Vec<Uuid>) -> Result<Uuid> {
        self.app
            .work(caller, origin, move |work| {
                for id in leads {
                    let old = work.load("lead", id)?;
                    reactivate_loaded(work, &old, None, &Row::new())?;
                }
                Ok(work.act())
            })
            .await
    }
}

/// Disqualifies a loaded lead; `also` are other columns changed in the same breath.
pub(crate) fn disqualify_loaded(work: &mut Work<'_, '_>, lead: &Row, status: Option<i64>, also: &Row) -> Result<Row> {
    require(lead, OPEN, text!("be disqualified"))?;
    let table = work.table("lead")?;
    let mut changes = also.clone();
    changes.set("statecode", DISQUALIFIED);
    changes.set("statuscode", status.unwrap_or(DISQUALIFIED_DEFAULT));
    let row = work.update_loaded(&table, lead, changes)?;
    crate::process::abandon_for(work, "lead", lead.value("leadid").as_id().unwrap_or_default())?;
    Ok(row)
}

/// Opens a loaded lead again. The records a qualification made stay; the lead keeps pointing at
/// them until it is qualified anew.
pub(crate) fn reactivate_loaded(work: &mut Work<'_, '_>, lead: &Row, status: Option<i64>, also: &Row) -> Result<Row> {
    if lead.value("statecode").as_whole() == Some(OPEN) {
        return Err(Error::Refused(tr!("Lead “{}” is open already", lead.text("fullname"))));
    }
    let table = work.table("lead")?;
    let open = table.state(OPEN as i32).map_or(1, |state| i64::from(state.default_status));
    let status = status
        .filter(|status| table.state_of_status(*status as i32).is_some_and(|state| i64::from(state.value) == OPEN));
    let mut changes = also.clone();
    changes.set("statecode", OPEN);
    changes.set("statuscode", status.unwrap_or(open));
    let row = work.update_loaded(&table, lead, changes)?;
    crate::process::reactivate_for(work, "lead", lead.value("leadid").as_id().unwrap_or_default())?;
    Ok(row)
}

/// Refuses a lead in another state than `state`, telling what it is.
pub(super) fn require(lead: &Row, state: i64, what: &'static str) -> Result<()> {
    let is = lead.value("statecode").as_whole().unwrap_or_default();
    if is == state {
        return Ok(());
    }
    let name = lead.text("fullname");
    let word = match is {
        QUALIFIED => tr!("qualified already"),
        DISQUALIFIED => tr!("disqualified"),
        _ => tr!("open"),
    };
    Err(Error::Refused(tr!(
        "Lead “{name}” is {word} and cannot {what}; reactivate it first",
        name,
        word,
        what = spoken(what)
    )))
}
