//! Deliveries that are over.

use jiff::{SignedDuration, Timestamp};
use model::{Filter, Operator};
use store::Query;
use uuid::Uuid;

use super::{DELIVERED, DELIVERIES, FAILED, Webhooks};
use crate::{Caller, Error, Origin, Result};

/// How long a delivery stays that was taken.
const TAKEN: SignedDuration = SignedDuration::from_hours(24 * 30);
/// How long one stays that was given up.
const GIVEN_UP: SignedDuration = SignedDuration::from_hours(24 * 90);
/// Rows deleted in one transaction.
const BATCH: u32 = 200;
const KEY: &str = "webhookdeliveryid";

impl Webhooks<'_> {
    /// Takes away what was delivered 30 days ago and what was given up 90 days ago; how many that were.
    pub async fn tidy(&self) -> Result<usize> {
        let engine = self.app.engine().await?;
        let now = Timestamp::now();
        let mut gone = 0;
        for (outcome, stays) in [(DELIVERED, TAKEN), (FAILED, GIVEN_UP)] {
            let over = Filter::eq("outcomecode", outcome).and(Filter::compare("senton", Operator::Lt, now - stays));
            gone += self.delete_all(&engine, over).await?;
        }
        Ok(gone)
    }

    async fn delete_all(&self, engine: &Caller, filter: Filter) -> Result<usize> {
        let mut gone = 0;
        loop {
            let query = Query::of(DELIVERIES, engine.scope().clone(), engine.zone());
            let rows = self.app.query(engine, query.select([KEY]).matching(filter.clone()).take(BATCH)).await?;
            let ids: Vec<Uuid> = rows.to_rows().filter_map(|row| row.value(KEY).as_id()).collect();
            if ids.is_empty() {
                return Ok(gone);
            }
            let deleted = self.app.work(engine, Origin::Engine, move |work| {
                let mut gone = 0;
                for id in ids {
                    // Another server may tidy at the same time.
                    match work.attempt(|work| work.delete(DELIVERIES, id, None))? {
                        Ok(()) => gone += 1,
                        Err(Error::NotFound { .. }) => {}
                        Err(error) => return Err(error),
                    }
                }
                Ok(gone)
            });
            gone += deleted.await?;
        }
    }
}
