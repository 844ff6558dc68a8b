//! Reopen a closed opportunity.

use language::tr;
use model::Value;
use store::Row;
use uuid::Uuid;

use super::{OPEN, Opportunities, PIPELINE, is_closed};
use crate::{Caller, Error, Origin, Result, records::Work};

impl Opportunities<'_> {
    /// Opens closed opportunities again; all or none. What the closing said stays in its
    /// `opportunityclose`. Returns the act, by which it is undone.
    pub async fn reopen(&self, caller: &Caller, origin: Origin, opportunities: Vec<Uuid>) -> Result<Uuid> {
        self.app
            .work(caller, origin, move |work| {
                for id in opportunities {
                    let old = work.load("opportunity", id)?;
                    reopen_loaded(work, &old, None, &Row::new())?;
                }
                Ok(work.act())
            })
            .await
    }
}

/// Opens a loaded opportunity again; `also` are other columns changed in the same breath.
pub(crate) fn reopen_loaded(
    work: &mut Work<'_, '_>,
    opportunity: &Row,
    status: Option<i64>,
    also: &Row,
) -> Result<Row> {
    if !is_closed(opportunity) {
        return Err(Error::refused(tr!("Opportunity “{}” is open already", opportunity.text("name"))));
    }
    let table = work.table("opportunity")?;
    let open = table.state(OPEN as i32).map_or(1, |state| i64::from(state.default_status));
    let status = status
        .filter(|status| table.state_of_status(*status as i32).is_some_and(|state| i64::from(state.value) == OPEN));
    let mut changes = also.clone();
    changes.set("statecode", OPEN);
    changes.set("statuscode", status.unwrap_or(open));
    changes.set("actualvalue", Value::Null);
    changes.set("actualclosedate", Value::Null);
    if !also.contains("msdyn_forecastcategory") {
        changes.set("msdyn_forecastcategory", PIPELINE);
    }
    work.update_loaded(&table, opportunity, changes)
}
