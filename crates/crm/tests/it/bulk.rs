//! One thing done to many rows, and jumping in long lists.

use crate::world::{World, crm, in_every_world};
use crm::{
    Origin, Row,
    bulk::{Control, Selection},
    letters::Letters,
};
use model::{Filter, Order};
use std::time::Duration;
use uuid::Uuid;

async fn leads(world: &World, count: usize) -> Vec<Uuid> {
    let seller = world.seller().await;
    let names = (0..count).map(|number| {
        Row::new().with("subject", format!("Topic {number}")).with("lastname", format!("Lead {number:03}"))
    });
    let rows: Vec<Row> = names.collect();
    let work = move |work: &mut crm::Work<'_, '_>| {
        rows.into_iter().map(|row| work.create_all(crm::NewRecord::of("lead", row))).collect()
    };
    world.app.work(&seller, Origin::Page, work).await.unwrap()
}

async fn rename(world: &World, rows: Vec<Uuid>, control: &Control) -> crm::bulk::Done {
    let change = |work: &mut crm::Work<'_, '_>, table: &str, id: Uuid| {
        work.update(table, id, Row::new().with("jobtitle", "Buyer"), None).map(drop)
    };
    world.app.for_each(world.seller.user, Origin::Page, ("lead", rows), control, change).await.unwrap()
}

async fn buyers(world: &World) -> usize {
    let query = world.app.new_query(&world.seller, "lead").select(["leadid"]).take(5000);
    let query = query.matching(Filter::eq("jobtitle", "Buyer"));
    world.app.query(&world.seller, query).await.unwrap().rows.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn many_rows_are_changed_in_one_act_and_undone_together() {
    in_every_world(async |world| {
        let rows = leads(&world, 250).await;
        let control = Control::default();
        let done = rename(&world, rows, &control).await;
        assert_eq!((done.succeeded, done.refused.len(), done.left), (250, 0, 0));
        assert_eq!((control.progress().processed, control.progress().total), (250, 250));
        assert_eq!(buyers(&world).await, 250);
        world.app.undo(&world.seller, Origin::Page, done.act.unwrap()).await.unwrap();
        assert_eq!(buyers(&world).await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_is_refused_is_told_and_the_others_go_on() {
    in_every_world(async |world| {
        let rows = leads(&world, 3).await;
        world.app.leads().disqualify(&world.seller, Origin::Page, vec![rows[1]], 4).await.unwrap();
        let done = rename(&world, rows.clone(), &Control::default()).await;
        assert_eq!(done.succeeded, 2);
        assert_eq!(done.refused[0].0, rows[1]);
        assert!(done.refused[0].1.to_string().contains("read-only"), "{}", done.refused[0].1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stopped_leaves_the_rest_as_it_is() {
    in_every_world(async |world| {
        let rows = leads(&world, 250).await;
        let control = Control::default();
        let (stop, last) = (control.clone(), rows[120]);
        let change = move |work: &mut crm::Work<'_, '_>, table: &str, id: Uuid| {
            if id == last {
                stop.cancel();
            }
            work.update(table, id, Row::new().with("jobtitle", "Buyer"), None).map(drop)
        };
        let done = world.app.for_each(world.seller.user, Origin::Page, ("lead", rows), &control, change).await.unwrap();
        assert!(done.left > 0 && done.succeeded + done.left == 250);
        assert_eq!(buyers(&world).await, done.succeeded);
        world.app.undo(&world.seller, Origin::Page, done.act.unwrap()).await.unwrap();
        assert_eq!(buyers(&world).await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_began_ends_when_they_are_disabled() {
    in_every_world(async |world| {
        let rows = leads(&world, 600).await;
        let control = Control::default();
        let slowly = |work: &mut crm::Work<'_, '_>, table: &str, id: Uuid| {
            std::thread::sleep(Duration::from_millis(1));
            work.update(table, id, Row::new().with("jobtitle", "Buyer"), None).map(drop)
        };
        let act = world.app.for_each(world.seller.user, Origin::Page, ("lead", rows), &control, slowly);
        let disabling = async {
            while control.progress().processed == 0 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            let disabled = Row::new().with("isdisabled", true);
            world
                .app
                .update(&world.admin, Origin::Page, "systemuser", world.seller.user, disabled, None)
                .await
                .unwrap();
        };
        let (done, ()) = tokio::join!(act, disabling);
        let done = done.unwrap();
        assert!(matches!(done.broken, Some(crm::Error::NotSignedIn)), "{:?}", done.broken);
        assert!(done.left > 0 && done.succeeded + done.left == 600, "{done:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_list_is_what_its_filter_finds_and_no_more_than_is_changed_at_once() {
    in_every_world(async |world| {
        let rows = leads(&world, 3).await;
        let filter = Filter::compare("lastname", model::Operator::Ne, "Lead 001");
        let found = world.app.selected(&world.seller, "lead", Selection::Matching(filter)).await.unwrap();
        assert_eq!(found, [rows[0], rows[2]]);
        let twice = vec![rows[0], rows[0]];
        assert_eq!(world.app.selected(&world.seller, "lead", Selection::Rows(twice)).await.unwrap(), [rows[0]]);
        let too_many = (0..=crm::bulk::MOST_ROWS).map(|_| Uuid::now_v7()).collect();
        let refused = world.app.selected(&world.seller, "lead", Selection::Rows(too_many)).await.unwrap_err();
        let told = refused.to_string();
        assert!(told.contains("10,000 rows") && told.contains("narrow the list"), "{told}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leads_qualified_together_are_told_apart_by_what_became_of_them() {
    in_every_world(async |world| {
        let good = world.lead("Good").await;
        let bad = world.create("lead", Row::new().with("subject", "Bad").with("lastname", "Nobody")).await;
        let qualify =
            |work: &mut crm::Work<'_, '_>, _: &str, id: Uuid| work.qualify_lead(id, (true, true, true)).map(drop);
        let rows = ("lead", vec![good, bad]);
        let done =
            world.app.for_each(world.seller.user, Origin::Page, rows, &Control::default(), qualify).await.unwrap();
        assert_eq!(done.succeeded, 1);
        assert!(done.refused[0].1.to_string().contains("company name"));
        assert_eq!(world.count("account").await, 1);
        let open = Filter::eq("statecode", crm::leads::OPEN);
        assert_eq!(world.app.selected(&world.seller, "lead", Selection::Matching(open)).await.unwrap(), [bad]);
    })
    .await;
}

async fn accounts(world: &World, names: &[&str]) {
    for name in names {
        world.create("account", Row::new().with("name", *name)).await;
    }
}

async fn from(world: &World, letter: char, descending: bool) -> Vec<String> {
    let mut query = world.app.new_query(&world.seller, "account").select(["name"]).take(2);
    query.order = vec![Order { column: "name".parse().unwrap(), descending }];
    query.page.cursor = Some(world.app.place_of_letter(&world.seller, &query, letter).await.unwrap());
    let rows = world.app.query(&world.seller, query).await.unwrap();
    rows.to_rows().map(|row| row.text("name").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_jumped_to_where_a_letter_begins() {
    in_every_world(async |world| {
        accounts(&world, &["Alpine", "berg", "M", "Miller", "mz", "Neon", "3D Print", "Ökostrom"]).await;
        assert_eq!(from(&world, 'm', false).await, ["M", "Miller"]);
        assert_eq!(from(&world, 'M', true).await, ["mz", "Miller"]);
        assert_eq!(from(&world, 'c', false).await, ["M", "Miller"], "the next one where there is none");
        assert_eq!(from(&world, '0', false).await, ["3D Print", "Alpine"]);
        assert_eq!(from(&world, 'ö', false).await, ["Ökostrom"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_letters_of_a_list_are_those_its_texts_begin_with() {
    in_every_world(async |world| {
        accounts(&world, &["Alpine", "apple", "M", "3D Print", "Ökostrom"]).await;
        let mut query = world.app.new_query(&world.seller, "account");
        query.order = vec![Order::descending("name")];
        let letters = world.app.letters(&world.seller, query).await.unwrap();
        // Looking ends after a while, wherever it is then.
        let expected = ['3', 'a', 'm', 'ö'];
        assert!(expected.starts_with(&letters.found) && !letters.found.is_empty(), "{letters:?}");
        assert!(!letters.complete || letters.found == expected);
        let none = world.app.letters(&world.seller, world.app.new_query(&world.seller, "account")).await.unwrap();
        assert_eq!(none, Letters::default(), "a list without an order has no letters");
    })
    .await;
}
