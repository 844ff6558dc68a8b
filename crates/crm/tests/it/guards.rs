//! What no single request may ruin, whoever makes it.

use crate::world::{World, crm, in_every_world, to};
use crm::{Caller, Error, NewRecord, Origin, Result, Row};
use uuid::Uuid;

impl World {
    async fn change(&self, table: &str, id: Uuid, changes: Row) -> Result<Row> {
        self.app.update(&self.admin, Origin::WebApi, table, id, changes, None).await
    }

    async fn add_row(&self, table: &str, row: Row) -> Result<Uuid> {
        self.app.create(&self.admin, Origin::WebApi, NewRecord::of(table, row)).await
    }

    async fn remove_row(&self, table: &'static str, id: Uuid) -> Result<()> {
        self.app.work(&self.admin, Origin::WebApi, move |work| work.delete(table, id, None)).await
    }
}

#[track_caller]
fn is_refused<T: std::fmt::Debug>(outcome: Result<T>, with: &str) {
    let error = outcome.unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error:?}");
    assert!(error.to_string().contains(with), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_twin_of_an_activity_is_written_by_nobody() {
    in_every_world(async |world| {
        let task = world.create("task", Row::new().with("subject", "Call back")).await;
        let refusal = "are written through the activities themselves";
        is_refused(world.change("activitypointer", task, Row::new().with("subject", "Other")).await, refusal);
        let owner = Row::new().with("ownerid", to("systemuser", world.admin.user));
        is_refused(world.change("activitypointer", task, owner).await, refusal);
        is_refused(world.remove_row("activitypointer", task).await, refusal);
        is_refused(world.add_row("activitypointer", Row::new().with("subject", "Alone")).await, refusal);
        let error = world.update("activitypointer", task, Row::new().with("subject", "Other")).await.unwrap_err();
        assert!(matches!(error, Error::Forbidden(_)), "{error:?}");
        let engine: Caller = world.app.engine().await.unwrap();
        let by_engine = world.app.work(&engine, Origin::Engine, move |work| work.delete("activitypointer", task, None));
        is_refused(by_engine.await, refusal);

        world.change("task", task, Row::new().with("subject", "Call again")).await.unwrap();
        assert_eq!(world.get("activitypointer", task).await.text("subject"), "Call again");
        world.remove_row("task", task).await.unwrap();
        assert_eq!(world.count("activitypointer").await, 0);
    })
    .await;
}
