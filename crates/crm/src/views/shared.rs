//! Views that were shared with somebody.

use model::{Filter, Reference};
use store::{Query, Rows, Scope};
use uuid::Uuid;

use super::{MOST, VIEWS};
use crate::{Caller, Result, access::SHARES, records::Work};

/// Asks for the shares that let the caller see views of a table. None where nothing at all was
/// shared with them. That somebody sees all views by their role does not make them theirs to use.
pub(super) fn query(caller: &Caller, table: &str) -> Option<Query> {
    let access = caller.access();
    let of_view = |column: &str| format!("objectid({VIEWS}).{column}").parse::<model::Path>().ok();
    let is_about = Filter::eq(of_view("returnedtypecode")?, table).and(Filter::eq(of_view("statecode")?, 0));
    access.has_shares.then(|| {
        Query::of(SHARES, Scope::default().into(), caller.zone())
            .select(["objectid"])
            .matching(Filter::is_in("principalid", access.principals.iter().copied()))
            .matching(Filter::eq("canread", true))
            .matching(is_about)
            .take(MOST)
    })
}

/// The views that these shares are of.
pub(super) fn views_in(shares: &Rows) -> Vec<Uuid> {
    let of = |row: store::Row| row.value("objectid").as_reference().map(|view| view.id);
    shares.to_rows().filter_map(of).collect()
}

/// Whether the view was shared with the caller to be changed, too.
pub(super) fn may_change(work: &mut Work<'_, '_>, id: Uuid) -> Result<bool> {
    let principals: Vec<Uuid> = work.caller().access().principals.clone();
    let shared = Filter::eq("objectid", Reference::new(VIEWS, id))
        .and(Filter::is_in("principalid", principals))
        .and(Filter::eq("canwrite", true));
    let found = work.as_consequence(|work| work.find(SHARES, shared, &["principalobjectaccessid"]))?;
    Ok(!found.is_empty())
}
