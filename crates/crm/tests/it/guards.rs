//! What no single request may ruin, whoever makes it.

use crate::world::{World, crm, in_every_world, to};
use crm::{Caller, Error, NewRecord, Origin, Result, Row};
use model::Filter;
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

    async fn named(&self, table: &str, name: &str) -> Uuid {
        let key = format!("{table}id");
        let query = self.app.new_query(&self.admin, table).select([key.as_str()]).matching(Filter::eq("name", name));
        self.app.query(&self.admin, query).await.unwrap().rows[0][0].as_id().unwrap()
    }

    async fn undo(&self, act: Uuid) -> Result<usize> {
        self.app.work(&self.admin, Origin::WebApi, move |work| work.undo(act)).await
    }
}

#[track_caller]
fn is_refused<T: std::fmt::Debug>(outcome: Result<T>, with: &str) {
    let error = outcome.unwrap_err();
    assert!(matches!(error, Error::Refused(_)), "{error:?}");
    assert!(error.to_string().contains(with), "{error}");
}

#[track_caller]
fn is_invalid<T: std::fmt::Debug>(outcome: Result<T>, column: &str, with: &str) {
    let Error::Invalid(fields) = outcome.unwrap_err() else { panic!("not a mistake in a column") };
    assert_eq!(fields[0].column, column, "{fields:?}");
    assert!(fields[0].message.contains(with), "{fields:?}");
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

#[tokio::test(flavor = "multi_thread")]
async fn no_row_stands_above_itself() {
    in_every_world(async |world| {
        let mut accounts = Vec::new();
        for name in ["Top", "Middle", "Low"] {
            accounts.push(world.create("account", Row::new().with("name", name)).await);
        }
        let [top, middle, low] = accounts[..] else { panic!() };
        let below = |id| Row::new().with("parentaccountid", to("account", id));
        is_invalid(world.update("account", top, below(top)).await, "parentaccountid", "below itself");
        world.update("account", middle, below(top)).await.unwrap();
        let lowered = world.app.work(&world.admin, Origin::WebApi, move |work| {
            work.update("account", low, Row::new().with("parentaccountid", to("account", middle)), None)?;
            Ok(work.act())
        });
        let lowered = lowered.await.unwrap();
        let names = "“Top” → “Low” → “Middle” → “Top”";
        is_invalid(world.update("account", top, below(low)).await, "parentaccountid", names);
        // Nor by several changes of one act, or by taking one back.
        let both = world.app.work(&world.admin, Origin::WebApi, move |work| {
            work.update("account", middle, Row::new().with("parentaccountid", model::Value::Null), None)?;
            work.update("account", top, Row::new().with("parentaccountid", to("account", low)), None)?;
            work.update("account", middle, Row::new().with("parentaccountid", to("account", top)), None)
        });
        is_invalid(both.await, "parentaccountid", "makes a loop");
        let freed = world.app.work(&world.admin, Origin::WebApi, move |work| {
            work.update("account", low, Row::new().with("parentaccountid", model::Value::Null), None)?;
            Ok(work.act())
        });
        let freed = freed.await.unwrap();
        assert_ne!(freed, lowered);
        world.update("account", top, below(low)).await.unwrap();
        is_invalid(world.undo(freed).await, "parentaccountid", "makes a loop");

        let manager = |id| Row::new().with("parentsystemuserid", to("systemuser", id));
        world.change("systemuser", world.seller.user, manager(world.admin.user)).await.unwrap();
        let turned = world.change("systemuser", world.admin.user, manager(world.seller.user)).await;
        is_invalid(turned, "parentsystemuserid", "makes a loop");
        for (table, column) in
            [("position", "parentpositionid"), ("territory", "parentterritoryid"), ("product", "parentproductid")]
        {
            let row = |name: &str| match table {
                "product" => Row::new().with("name", name).with("productnumber", name),
                _ => Row::new().with("name", name),
            };
            let one = world.add_row(table, row("One")).await.unwrap();
            let two = world.add_row(table, row("Two").with(column, to(table, one))).await.unwrap();
            let turned = world.change(table, one, Row::new().with(column, to(table, two))).await;
            is_invalid(turned, column, "“One” → “Two” → “One”");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_leaves_a_parent_that_makes_a_loop_empty_and_goes_on() {
    in_every_world(async |world| {
        let file = "Account Name,Parent Account\nAlpha,Beta\nBeta,Gamma\nGamma,Alpha\nDelta,Alpha\n";
        let report = world.bring_in(&[("accounts.csv", file)]).await;
        assert_eq!(world.count("account").await, 4, "{report:?}");
        assert!(format!("{report:?}").contains("makes a loop"), "{report:?}");
        let delta = world.named("account", "Delta").await;
        let alpha = world.named("account", "Alpha").await;
        assert_eq!(world.get("account", delta).await.value("parentaccountid").as_id(), Some(alpha));
    })
    .await;
}
