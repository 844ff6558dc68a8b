//! The tree of accounts.

use crate::world::{World, crm, in_every_world, to};
use crm::{Origin, Row, accounts::Level};
use model::Value;
use uuid::Uuid;

impl World {
    async fn account_of(&self, name: &str, parent: Option<Uuid>) -> Uuid {
        let parent = parent.map_or(Value::Null, |parent| to("account", parent));
        self.create("account", Row::new().with("name", name).with("parentaccountid", parent)).await
    }
}

fn told(level: &Level) -> Vec<(&str, u64)> {
    level.nodes.iter().map(|node| (node.row.text("name"), node.parts)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_stands_below_its_parents_and_above_its_parts() {
    in_every_world(async |world| {
        let top = world.account_of("Holding", None).await;
        let middle = world.account_of("Engines", Some(top)).await;
        world.account_of("Cranes", Some(top)).await;
        let bottom = world.account_of("Pistons", Some(middle)).await;
        let above = world.app.accounts_above(&world.seller, bottom).await.unwrap();
        assert_eq!(told(&above), [("Holding", 2), ("Engines", 1), ("Pistons", 0)]);
        let parts = world.app.account_parts(&world.seller, top, None).await.unwrap();
        assert_eq!(told(&parts), [("Cranes", 0), ("Engines", 1)]);
        assert!(parts.next.is_none());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_that_are_parents_of_each_other_make_no_endless_tree() {
    in_every_world(async |world| {
        let one = world.account_of("One", None).await;
        let other = world.account_of("Other", Some(one)).await;
        // Such a loop is refused by now; there may be older ones.
        let (actor, changes) =
            (world.seller.actor(Origin::Page), Row::new().with("parentaccountid", to("account", other)));
        let close = move |writer: &mut store::Writer<'_>| -> crm::Result<()> {
            let row = writer.lock("account", one)?.unwrap();
            writer.update(&actor, "account", &row, changes.clone())?;
            Ok(())
        };
        world.app.store().write(close).await.unwrap();
        let above = world.app.accounts_above(&world.seller, one).await.unwrap();
        assert_eq!(told(&above), [("Other", 1), ("One", 1)]);
        // What stands below it can still be changed.
        world.account_of("Third", Some(one)).await;
        let fourth = world.account_of("Fourth", None).await;
        world.update("account", fourth, Row::new().with("parentaccountid", to("account", other))).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tree_ends_where_one_may_not_look() {
    in_every_world(async |world| {
        let top = world.account_of("Holding", None).await;
        let unit = model::Reference::new("businessunit", world.admin.business_unit);
        let row = Row::new()
            .with("lastname", "Customizer")
            .with("internalemailaddress", "c@contoso.example")
            .with("businessunitid", unit);
        let user = world.create_as_admin("systemuser", row).await;
        world.app.identity().give_role(&world.admin, user, "System Customizer").await.unwrap();
        let own = world.create_as_admin(
            "account",
            Row::new()
                .with("name", "Own")
                .with("parentaccountid", to("account", top))
                .with("ownerid", to("systemuser", user)),
        );
        let own = own.await;
        let caller = world.app.caller(user).await.unwrap();
        let above = world.app.accounts_above(&caller, own).await.unwrap();
        assert_eq!(told(&above), [("Own", 0)]);
        assert!(world.app.account_parts(&caller, top, None).await.is_err());
    })
    .await;
}
