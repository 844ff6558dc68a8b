//! What stands on a record's page beside its fields: people, the tree of accounts, history, calculated values.

use crate::world::{World, in_every_world, somebody};
use axum::http::StatusCode;
use crm::{Origin, Row};
use model::{Depth, Privileges, Reference, Value};
use rust_decimal::Decimal;
use uuid::Uuid;

async fn deal(world: &World) -> Uuid {
    let account = world.create("account", Row::new().with("name", "Fabrikam")).await;
    let row = Row::new()
        .with("name", "Robots")
        .with("customerid", Reference::new("account", account))
        .with("estimatedvalue", Decimal::new(1_000, 0))
        .with("closeprobability", 50);
    world.create("opportunity", row).await
}

#[tokio::test(flavor = "multi_thread")]
async fn stakeholders_are_added_given_a_part_and_removed_in_their_list() {
    in_every_world(async |world| {
        let deal = deal(&world).await;
        let contact = Row::new().with("lastname", "Lind").with("emailaddress1", "lind@fabrikam.example");
        let contact = world.create("contact", contact).await;
        let list = format!("/opportunities/{deal}/people/stakeholders");
        let mut browser = world.browser().await;
        let page = browser.get(&format!("/opportunities/{deal}")).await;
        assert!(page.has(&format!("hx-get=\"{list}\"")) && page.has("/people/sales-team"));
        assert!(browser.get(&list).await.has("Nobody yet. Add the people who decide"));
        let dialog = browser.get(&format!("{list}/new")).await;
        assert!(dialog.has("?only=contact,account") && dialog.has("New contact") && dialog.has("Decision Maker"));
        assert!(!dialog.has("New lead"));

        let nobody = browser.post(&list, &[("who", "")]).await;
        assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY);
        let who = format!("contact:{contact}");
        assert_eq!(browser.post(&list, &[("who", &who)]).await.status, StatusCode::SEE_OTHER);
        let twice = browser.post(&list, &[("who", &who)]).await;
        assert!(twice.status == StatusCode::UNPROCESSABLE_ENTITY && twice.has("in this list already"));

        let shown = browser.get(&list).await;
        assert!(shown.has("lind@fabrikam.example") && shown.has("Part of Lind"));
        let part = shown.text.split("<option value=\"").find(|part| part.contains("Champion")).unwrap();
        let part = part.split('"').next().unwrap().to_owned();
        let connection = shown.after(&format!("hx-post=\"{list}/")).split('/').next().unwrap().to_owned();
        browser.post(&format!("{list}/{connection}/part"), &[("part", &part)]).await;
        assert!(browser.get(&list).await.has(&format!("<option value=\"{part}\" selected>Champion")));
        browser.post(&format!("{list}/{connection}/removal"), &[]).await;
        assert!(browser.get(&list).await.has("Nobody yet"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_only_read_a_deal_sees_its_people_and_changes_none() {
    in_every_world(async |world| {
        let deal = deal(&world).await;
        let reads = Privileges::default().with(model::Privilege::Read, Depth::Organization);
        let (_, mut browser) = somebody(&world, &[("opportunity", reads), ("connection", reads)]).await;
        let list = format!("/opportunities/{deal}/people/sales-team");
        let shown = browser.get(&list).await;
        assert!(shown.status == StatusCode::OK && !shown.has("Add member"));
        let who = format!("systemuser:{}", world.seller.user);
        browser.get(&format!("/opportunities/{deal}")).await;
        let refused = browser.post(&list, &[("who", &who)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
        assert!(refused.has("Your security roles do not let you"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_and_its_contacts_show_the_tree_of_accounts() {
    in_every_world(async |world| {
        let top = world.create("account", Row::new().with("name", "Holding")).await;
        let part = Row::new().with("name", "Engines & more").with("parentaccountid", Reference::new("account", top));
        let part = world.create("account", part).await;
        let company: Value = Reference::new("account", part).into();
        let contact =
            world.create("contact", Row::new().with("lastname", "Lind").with("parentcustomerid", company)).await;
        let mut browser = world.browser().await;
        let tree = format!("/accounts/{part}/hierarchy");
        for page in [format!("/accounts/{part}"), format!("/contacts/{contact}")] {
            assert!(browser.get(&page).await.has(&format!("hx-get=\"{tree}\"")), "{page}");
        }
        let shown = browser.get(&tree).await;
        assert!(shown.has("Holding") && shown.has("Engines &amp; more") && shown.has("aria-current=\"true\""));
        let parts = browser.get(&format!("/accounts/{top}/hierarchy/parts")).await;
        assert!(parts.has("Engines &amp; more"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_compares_long_texts_by_words_and_puts_one_field_back() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Lead").await;
        let text = "They want three robots by May, with training for everybody in the plant and spare parts.";
        let first = Row::new().with("description", text).with("jobtitle", "Buyer");
        world.app.update(&world.seller, Origin::Page, "lead", lead, first, None).await.unwrap();
        let second = Row::new().with("description", text.replace("three", "four")).with("jobtitle", "Head buyer");
        world.app.update(&world.admin, Origin::Page, "lead", lead, second, None).await.unwrap();
        let mut browser = world.browser().await;
        let history = format!("/leads/{lead}/history");
        let page = browser.get(&history).await;
        assert!(page.has("<del>three</del>") && page.has("<ins>four</ins>"));
        let (before, _) = page.text.split_once("aria-label=\"Put back Job title\"").unwrap();
        let href = before.rsplit("data-post=\"").next().unwrap().split('"').next().unwrap().to_owned();
        browser.post(&href, &[]).await;
        let row = world.get("lead", lead).await;
        assert_eq!(row.text("jobtitle"), "Buyer");
        assert!(row.text("description").contains("four"), "the other field stays");

        // A page that is older than the last change puts nothing back.
        let third = Row::new().with("jobtitle", "Owner");
        world.app.update(&world.admin, Origin::Page, "lead", lead, third, None).await.unwrap();
        browser.post(&href, &[]).await;
        assert_eq!(world.get("lead", lead).await.text("jobtitle"), "Owner");

        let only = browser.get(&format!("{history}?column=description&by={}", world.admin.user)).await;
        assert!(only.has("<ins>four</ins>") && !only.has("Head buyer"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calculated_field_follows_what_is_typed_and_nothing_is_written() {
    in_every_world(async |world| {
        let deal = deal(&world).await;
        let mut browser = world.browser().await;
        let page = browser.get(&format!("/opportunities/{deal}")).await;
        assert!(page.has(&format!("data-calculation=\"/opportunities/{deal}/calculation\"")));
        let typed = [("estimatedvalue", "2,000.00"), ("closeprobability", "half")];
        let answer = browser.post(&format!("/opportunities/{deal}/calculation"), &typed).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.has("1,000.00"), "half a number counts as it is stored: {}", answer.text);
        assert_eq!(
            world.get("opportunity", deal).await.value("estimatedvalue").as_decimal(),
            Some(Decimal::new(1_000, 0))
        );
    })
    .await;
}
