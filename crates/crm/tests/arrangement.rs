//! What people arrange for themselves: pins, the page they begin with, shortcuts.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod world;

use crm::{
    Error, NewRecord, Origin, Row,
    views::Definition,
    workspace::{MOST_PINS, Pin},
};
use model::Reference;
use world::{World, crm, in_every_world};

async fn lead(world: &World, name: &str) -> uuid::Uuid {
    let row = Row::new().with("subject", "Robots").with("lastname", name);
    world.app.create(&world.seller, Origin::Page, NewRecord::of("lead", row)).await.unwrap()
}

fn record(table: &str, id: uuid::Uuid) -> Pin {
    Pin::Record(Reference::new(table, id))
}

/// What the seller keeps at hand, as it is called.
async fn pinned(world: &World) -> Vec<String> {
    let seller = world.app.caller(world.seller.user).await.unwrap();
    world.app.pinned(&seller).await.unwrap().into_iter().map(|pinned| pinned.label).collect()
}

#[test]
fn a_pin_is_read_as_it_was_written_and_nothing_else_is_one() {
    for text in ["lead:0197f6a8-0000-7000-8000-000000000001", "lead/my_open"] {
        assert_eq!(text.parse::<Pin>().unwrap().to_string(), text);
    }
    for wrong in ["", "lead", "lead:", "lead:x", "/my_open", "lead/", "lead/a/b", "lead/a\nb", "le ad/a"] {
        assert!(wrong.parse::<Pin>().is_err(), "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn records_and_views_are_kept_at_hand_under_the_names_they_have_now() {
    in_every_world(async |world| {
        let lena = lead(&world, "Lind").await;
        let (definition, name) = (Definition::default(), "Hot ones");
        let own = world.app.keep_personal_view(&world.seller, Origin::Page, "lead", name, &definition).await.unwrap();
        let own = Pin::View { table: "lead".into(), view: own.to_string() };
        let shipped = Pin::View { table: "opportunity".into(), view: "my_open".into() };
        for pin in [record("lead", lena), own, shipped.clone(), shipped.clone()] {
            world.app.pin(&world.seller, Origin::Page, pin).await.unwrap();
        }
        assert_eq!(pinned(&world).await, ["Lind", "Hot ones", "My Open Opportunities"]);

        let renamed = Row::new().with("lastname", "Lindqvist");
        world.app.update(&world.seller, Origin::Page, "lead", lena, renamed, None).await.unwrap();
        world.app.unpin(&world.seller, Origin::Page, shipped).await.unwrap();
        assert_eq!(pinned(&world).await, ["Lindqvist", "Hot ones"]);

        world.app.delete(&world.admin, Origin::Page, "lead", lena, None).await.unwrap();
        assert_eq!(pinned(&world).await, ["Hot ones"], "what is gone is left out");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_cannot_see_cannot_be_pinned_and_pins_have_an_end() {
    in_every_world(async |world| {
        let nowhere = record("lead", uuid::Uuid::now_v7());
        let refused = world.app.pin(&world.seller, Origin::Page, nowhere).await;
        assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
        let elsewhere = Pin::View { table: "lead".into(), view: "no_such_view".into() };
        assert!(world.app.pin(&world.seller, Origin::Page, elsewhere).await.is_err());

        for number in 0..MOST_PINS {
            let lead = lead(&world, &format!("Number {number}")).await;
            world.app.pin(&world.seller, Origin::Page, record("lead", lead)).await.unwrap();
        }
        let one_more = record("lead", lead(&world, "One more").await);
        let refused = world.app.pin(&world.seller, Origin::Page, one_more).await.unwrap_err().to_string();
        assert!(refused.contains("unpin one"), "{refused}");
        assert_eq!(pinned(&world).await.len(), MOST_PINS);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_arrange_their_own_workspace_and_nobody_elses() {
    in_every_world(async |world| {
        let own = Row::new().with("homepage", "leads").with("keyboardshortcuts", false);
        world.app.update(&world.seller, Origin::Page, "systemuser", world.seller.user, own, None).await.unwrap();
        let seller = world.app.caller(world.seller.user).await.unwrap();
        assert_eq!(seller.arrangement().start_page.as_deref(), Some("leads"));
        assert!(seller.arrangement().without_shortcuts);

        let wrong = Row::new().with("homepage", "nowhere");
        let refused = world.app.update(&seller, Origin::Page, "systemuser", seller.user, wrong, None).await;
        assert!(refused.unwrap_err().to_string().contains("'nowhere' is no list"));
        let others = Row::new().with("homepage", "leads");
        let refused = world.app.update(&seller, Origin::Page, "systemuser", world.admin.user, others, None).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
    })
    .await;
}
