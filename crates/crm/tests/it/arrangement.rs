//! What people arrange for themselves: pins, the page they begin with, shortcuts; and what is kept of
//! what they had typed and not saved.

use std::collections::BTreeMap;

use crate::world::{World, crm, in_every_world};
use crm::{
    Error, NewRecord, Origin, Row,
    unsaved::Draft,
    views::Definition,
    workspace::{MOST_PINS, Pin},
};
use model::Reference;

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
async fn what_somebody_keeps_at_hand_is_nobody_elses_to_read() {
    in_every_world(async |world| {
        let lead = world.create_as_admin("lead", Row::new().with("subject", "Hush").with("lastname", "Secret")).await;
        world.app.pin(&world.admin, Origin::Page, record("lead", lead)).await.unwrap();
        let admin = world.app.pinned(&world.admin).await.unwrap();
        assert_eq!(admin.into_iter().map(|pinned| pinned.label).collect::<Vec<_>>(), ["Secret"]);

        assert!(pinned(&world).await.is_empty());
        let row = world.get("systemuser", world.admin.user).await;
        assert!(!format!("{row:?}").contains(&lead.to_string()), "{row:?}");
    })
    .await;
}

/// Drafts of these names, each as long as this.
fn drafts(names: &[&str], text: &str) -> Vec<Draft> {
    names.iter().map(|name| Draft((*name).to_owned(), text.to_owned())).collect()
}

/// Names and lengths of what is kept for the seller, by name: what comes within a millisecond has no
/// order.
async fn unsaved(world: &World) -> BTreeMap<String, usize> {
    let kept = world.app.unsaved(&world.seller).await.unwrap();
    kept.into_iter().map(|draft| (draft.0, draft.1.len())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_of_several_browsers_are_kept_together_the_newest_of_each_name() {
    in_every_world(async |world| {
        let keep = async |drafts| world.app.keep_unsaved(&world.seller, drafts).await.unwrap();
        assert_eq!(keep(drafts(&["/leads/new", "/leads/1"], "one")).await, 0);
        assert_eq!(keep(drafts(&["/accounts/new", "/leads/1"], "second")).await, 0);
        let expected = [("/accounts/new", 6), ("/leads/1", 6), ("/leads/new", 3)];
        assert_eq!(unsaved(&world).await, expected.map(|(name, length)| (name.to_owned(), length)).into());
        assert!(world.app.unsaved(&world.admin).await.unwrap().is_empty(), "for nobody else");

        world.app.forget_unsaved(&world.seller).await.unwrap();
        assert!(unsaved(&world).await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_drafts_are_too_much_the_newest_that_fit_are_kept() {
    in_every_world(async |world| {
        let keep = async |drafts| world.app.keep_unsaved(&world.seller, drafts).await.unwrap();
        let half = "x".repeat(500 * 1024);
        assert_eq!(keep(drafts(&["first", "second"], &half)).await, 0);
        assert_eq!(keep(drafts(&["third"], &half)).await, 1);
        assert_eq!(unsaved(&world).await.into_keys().collect::<Vec<_>>(), ["first", "third"]);
        assert_eq!(keep(drafts(&["far too long"], &half.repeat(3))).await, 1);
        assert_eq!(keep(drafts(&[&"n".repeat(5000)], "short")).await, 1, "no name is that long");
        assert_eq!(unsaved(&world).await.len(), 2, "the others stay");
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
