//! Pages by number, for clients that count them: counted off to, as far as that is sensible.

use std::time::{Duration, Instant};

use crm::Query;
use model::Filter;

use super::request::Request;
use crate::{
    domain,
    error::{Error, Result},
};

/// Pages that are counted past.
const MOST_PAGES: u32 = 10_000;
/// Rows that are counted past.
const MOST_ROWS: u64 = 500_000;
/// Rows that are counted past at once, however small the pages.
const STRIDE: u64 = 5_000;

/// The query so many pages further on; nothing where there are not so many.
///
/// # Errors
/// `what` names the option at fault where that is too far.
pub async fn on(request: &Request, mut query: Query, pages: u32, what: &str) -> Result<Option<Query>> {
    if pages > MOST_PAGES || u64::from(pages) * u64::from(query.page.size) > MOST_ROWS {
        return Err(Error::BadRequest(format!(
            "{what}: page {} is too far to be counted to; go on from the page before by what its answer gave for that",
            u64::from(pages) + 1
        )));
    }
    let mut scout = query.clone();
    scout.page.count = false;
    // Rows without repetitions are what they show; of others their places are enough.
    if let Some(table) = request.model.table(&query.table).filter(|_| !query.distinct) {
        scout.columns.clear();
        scout = scout.select([table.primary_key.as_str()]);
    }
    let begun = Instant::now();
    let mut left = u64::from(pages) * u64::from(query.page.size);
    while left > 0 {
        let stride = left.min(STRIDE);
        left -= stride;
        scout.page.size = u32::try_from(stride).unwrap_or(u32::MAX);
        scout.patience = Some(remaining(begun)?);
        let rows = domain::query(&request.app, &request.caller, scout.clone()).await?;
        if rows.next.is_none() {
            return Ok(None);
        }
        scout.page.cursor = rows.next;
    }
    query.patience = Some(remaining(begun)?);
    query.page.cursor = scout.page.cursor;
    Ok(Some(query))
}

/// What is left of the time that the whole walk has.
fn remaining(begun: Instant) -> Result<Duration> {
    let left = domain::PATIENCE.checked_sub(begun.elapsed());
    Ok(left.filter(|left| !left.is_zero()).ok_or(crm::Error::TookTooLong)?)
}

/// The query that finds nothing: behind the last page.
pub fn past_the_end(mut query: Query) -> Query {
    query.filter = Filter::Any(Vec::new());
    query
}
