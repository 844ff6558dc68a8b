//! Notifications that are over.

use jiff::{SignedDuration, Timestamp};
use model::{Filter, Operator, Order, Value};
use store::{Aggregate, AggregateFunction, Grouping, Query};
use uuid::Uuid;

use super::{Notifications, TABLE};
use crate::{Caller, Origin, Result};

/// How long a notification that was read stays.
const READ: SignedDuration = SignedDuration::from_hours(24 * 30);
/// How long one stays that was not.
const UNREAD: SignedDuration = SignedDuration::from_hours(24 * 90);
/// Most notifications of one person; the oldest go first.
const MOST: u32 = 500;
/// Rows deleted in one transaction.
const BATCH: u32 = 200;
const KEY: &str = "appnotificationid";

impl Notifications<'_> {
    /// Takes away what was read long ago, what nobody read for very long, what has expired, and of
    /// each person what goes beyond 500; how many that were.
    pub async fn tidy(&self) -> Result<usize> {
        let engine = self.app.engine().await?;
        let now = Timestamp::now();
        let older = |span: SignedDuration| Filter::compare("raisedon", Operator::Lt, now - span);
        let mut gone = self.delete_all(&engine, Filter::eq("isread", true).and(older(READ))).await?;
        gone += self.delete_all(&engine, Filter::eq("isread", false).and(older(UNREAD))).await?;
        gone += self.delete_expired(&engine, now).await?;
        Ok(gone + self.delete_beyond(&engine).await?)
    }

    async fn delete_all(&self, engine: &Caller, filter: Filter) -> Result<usize> {
        let mut gone = 0;
        loop {
            let query = of(engine).select([KEY]).matching(filter.clone()).take(BATCH);
            let ids = ids(&self.app.query(engine, query).await?.rows);
            if ids.is_empty() {
                return Ok(gone);
            }
            gone += self.delete(engine, ids).await?;
        }
    }

    /// Few have a time after which they expire: those that other programs write.
    async fn delete_expired(&self, engine: &Caller, now: Timestamp) -> Result<usize> {
        let query = of(engine)
            .select([KEY, "createdon", "ttlinseconds"])
            .matching(Filter::compare("ttlinseconds", Operator::Gt, 0))
            .order_by(Order::ascending("createdon"))
            .take(5_000);
        let rows = self.app.query(engine, query).await?;
        let over = rows.to_rows().filter(|row| super::inbox::has_expired(row, now));
        let over: Vec<Uuid> = over.filter_map(|row| row.value(KEY).as_id()).collect();
        let mut gone = 0;
        for batch in over.chunks(BATCH as usize) {
            gone += self.delete(engine, batch.to_vec()).await?;
        }
        Ok(gone)
    }

    async fn delete_beyond(&self, engine: &Caller) -> Result<usize> {
        let mut counts = of(engine).take(5_000);
        counts.group_by = vec![Grouping { path: "ownerid".into(), part: None, alias: "ownerid".to_owned() }];
        counts.aggregates =
            vec![Aggregate { function: AggregateFunction::Count, path: None, alias: "rows".to_owned() }];
        let mut gone = 0;
        for row in self.app.query(engine, counts).await?.to_rows() {
            let count = row.value("rows").as_whole().and_then(|count| u32::try_from(count).ok()).unwrap_or_default();
            let owner = row.value("ownerid").as_reference().cloned();
            let Some(owner) = owner.filter(|_| count > MOST) else { continue };
            let oldest = of(engine)
                .select([KEY])
                .matching(Filter::eq("ownerid", owner))
                .order_by(Order::ascending("raisedon"))
                .take((count - MOST).min(5_000));
            let oldest = ids(&self.app.query(engine, oldest).await?.rows);
            for batch in oldest.chunks(BATCH as usize) {
                gone += self.delete(engine, batch.to_vec()).await?;
            }
        }
        Ok(gone)
    }

    async fn delete(&self, engine: &Caller, ids: Vec<Uuid>) -> Result<usize> {
        self.app
            .work(engine, Origin::Engine, move |work| {
                let mut gone = 0;
                for id in ids {
                    // Another server may tidy at the same time.
                    match work.attempt(|work| work.delete(TABLE, id, None))? {
                        Ok(()) => gone += 1,
                        Err(crate::Error::NotFound { .. }) => {}
                        Err(error) => return Err(error),
                    }
                }
                Ok(gone)
            })
            .await
    }
}

fn of(engine: &Caller) -> Query {
    Query::of(TABLE, engine.scope().clone(), engine.zone())
}

fn ids(rows: &[Vec<Value>]) -> Vec<Uuid> {
    rows.iter().filter_map(|row| row.first().and_then(Value::as_id)).collect()
}
