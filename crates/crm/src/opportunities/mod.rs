//! Opportunities: deals in the pipeline, from first talk to won or lost.

mod close;
mod price;
pub(crate) mod products;
mod reopen;

use language::tr;
use model::{Operator, Reference, Value};
use store::Row;

use crate::{App, Error, Result, records::Work};

pub use close::CloseRequest;
pub(crate) use close::{after_close_record, before_close_record, close};
pub(crate) use reopen::reopen_loaded;

/// `statecode` of an open opportunity.
pub const OPEN: i64 = 0;
/// `statecode` of a won opportunity.
pub const WON: i64 = 1;
/// `statecode` of a lost opportunity.
pub const LOST: i64 = 2;

/// `msdyn_forecastcategory` of open deals by default.
const PIPELINE: i64 = 100_000_001;
/// `msdyn_forecastcategory` of won deals.
const FORECAST_WON: i64 = 100_000_005;
/// `msdyn_forecastcategory` of lost deals.
const FORECAST_LOST: i64 = 100_000_006;

/// What can be done with opportunities.
pub struct Opportunities<'a> {
    pub(crate) app: &'a App,
}

impl App {
    /// What can be done with opportunities.
    pub const fn opportunities(&self) -> Opportunities<'_> {
        Opportunities { app: self }
    }
}

/// A new opportunity is open; its customer is also its account or contact.
pub(crate) fn before_create(row: &mut Row) -> Result<()> {
    if row.value("statecode").as_whole() != Some(OPEN) {
        return Err(Error::refused(tr!("a new opportunity is open; close it as won or lost after it was created")));
    }
    refuse_closed_category(row)?;
    follow_customer(None, row);
    Ok(())
}

/// Changes that would break the agreement between columns.
pub(crate) fn before_update(work: &mut Work<'_, '_>, old: &Row, changes: &mut Row) -> Result<()> {
    let state = changes.get("statecode").unwrap_or_else(|| old.value("statecode")).as_whole();
    if state == Some(OPEN) {
        refuse_closed_category(changes)?;
    }
    follow_customer(Some(old), changes);
    if changes.contains("transactioncurrencyid") {
        products::refuse_currency_change(work, old)?;
    }
    let calculated = changes.get("isrevenuesystemcalculated").unwrap_or_else(|| old.value("isrevenuesystemcalculated"));
    if calculated.as_boolean() == Some(true) && state == Some(OPEN) {
        let total = changes.get("totalamount").unwrap_or_else(|| old.value("totalamount")).clone();
        changes.set("estimatedvalue", total);
    }
    Ok(())
}

/// Discounts and freight typed into the opportunity change its totals.
pub(crate) fn after_update(work: &mut Work<'_, '_>, old: &Row, new: &Row) -> Result<()> {
    let typed = ["discountamount", "discountpercentage", "freightamount"];
    if typed.iter().any(|column| old.value(column) != new.value(column)) {
        products::recalculate(work, new)?;
    }
    Ok(())
}

fn refuse_closed_category(row: &Row) -> Result<()> {
    match row.value("msdyn_forecastcategory").as_whole() {
        Some(FORECAST_WON | FORECAST_LOST) => Err(Error::refused(tr!(
            "forecast category Won or Lost follows from closing the opportunity; choose Pipeline, Best case, Committed or Omitted"
        ))),
        _ => Ok(()),
    }
}

/// The customer is an account or a contact; the columns for each kind follow it. The account
/// and contact the deal is with are filled where they are empty.
fn follow_customer(old: Option<&Row>, row: &mut Row) {
    let Some(customer) = row.get("customerid").cloned() else { return };
    let customer = customer.as_reference().cloned();
    for (kind, follows, parent) in
        [("account", "accountid", "parentaccountid"), ("contact", "contactid", "parentcontactid")]
    {
        let of_kind: Option<Reference> = customer.clone().filter(|reference| reference.table == kind);
        row.set(follows, of_kind.clone());
        let known = row.get(parent).or_else(|| old.map(|old| old.value(parent))).is_some_and(|value| !value.is_null());
        if let (Some(reference), false) = (of_kind, known) {
            row.set(parent, reference);
        }
    }
}

/// True where an opportunity is closed.
pub(crate) fn is_closed(row: &Row) -> bool {
    !matches!(row.value("statecode"), Value::Whole(OPEN))
}

/// Filter for open opportunities.
pub fn open_filter() -> model::Filter {
    model::Filter::compare("statecode", Operator::Eq, OPEN)
}
