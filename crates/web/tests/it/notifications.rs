//! The bell: what it counts, shows and leads to.

use crate::world::{Browser, World, in_every_world, somebody};
use axum::http::StatusCode;
use crm::{NewRecord, Origin, Row, notifications::Teller};
use model::{Depth, Privileges, Reference};
use serde_json::json;
use uuid::Uuid;

/// Tells everything that was done until now; see the tests of the domain.
async fn tell(world: &World, teller: &mut Teller) {
    let last = *world.app.changes().borrow();
    while world.app.live().position().await.unwrap() < last {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    teller.tell().await.unwrap();
}

async fn admins_browser(world: &World) -> Browser {
    let mut browser = world.stranger();
    browser.sign_in("ada@contoso.example").await;
    browser
}

/// The administrator gives the seller a lead.
async fn given(world: &World, name: &str) -> Uuid {
    let owner = Reference::new("systemuser", world.seller.user);
    let lead = Row::new().with("subject", "Given").with("lastname", name.to_owned()).with("ownerid", owner);
    world.app.create(&world.admin, Origin::Page, NewRecord::of("lead", lead)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bell_counts_what_is_unread_and_a_visit_marks_it_as_read() {
    in_every_world(async |world| {
        let mut teller = Teller::begin(&world.app).await.unwrap();
        let mut browser = world.browser().await;
        assert!(!browser.get("/leads").await.has(", 1 unread"));
        let lead = given(&world, "Berg").await;
        tell(&world, &mut teller).await;
        assert!(browser.get("/leads").await.has(", 1 unread"));

        let panel = browser.get("/notifications/panel").await;
        assert!(panel.has("assigned you this lead") && panel.has("Berg") && panel.has("Today"), "{}", panel.text);
        let href = panel.after("notification-title\" href=\"");
        let opened = browser.get(&href).await;
        assert_eq!(opened.status, StatusCode::SEE_OTHER);
        assert_eq!(opened.leads_to(), format!("/leads/{lead}"));
        assert!(!browser.get("/leads").await.has(", 1 unread"));

        // Looking at the record itself is enough, too.
        let other = given(&world, "Tal").await;
        tell(&world, &mut teller).await;
        browser.get(&format!("/leads/{other}")).await;
        browser.post(&format!("/leads/{other}/timeline/visit"), &[]).await;
        assert!(!browser.get("/leads").await.has(", 1 unread"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_comes_live_with_a_toast_unless_nobody_looks() {
    in_every_world(async |world| {
        let mut teller = Teller::begin(&world.app).await.unwrap();
        let mut browser = world.browser().await;
        let page = browser.get("/leads").await;
        let (since, news) = (page.after("data-live=\""), page.after("hx-get=\"/notifications/news?since="));
        let mut told = browser.listen(&format!("/live?watch=appnotification&since={since}")).await;
        given(&world, "Berg").await;
        tell(&world, &mut teller).await;
        assert_eq!(told.next().await.unwrap().1[0]["created"], json!(true));
        let fresh = browser.get(&format!("/notifications/news?since={news}")).await;
        assert!(fresh.has(", 1 unread") && fresh.has("assigned you this lead: Berg"), "{}", fresh.text);
        let quiet = browser.get(&format!("/notifications/news?since={news}&quiet=1")).await;
        assert!(quiet.has(", 1 unread") && !quiet.has("assigned you"), "{}", quiet.text);
        let again = fresh.after("hx-get=\"/notifications/news?since=");
        assert!(!browser.get(&format!("/notifications/news?since={again}")).await.has("assigned you"), "once");
        assert_eq!(browser.get("/notifications/news?since=soon").await.status, StatusCode::BAD_REQUEST);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_hears_of_what_others_are_told_not_even_an_administrator() {
    in_every_world(async |world| {
        let mut teller = Teller::begin(&world.app).await.unwrap();
        let mut admin = admins_browser(&world).await;
        let mut news = admin.listen("/live?watch=appnotification&watch=account").await;
        given(&world, "Berg").await;
        tell(&world, &mut teller).await;
        let account = Row::new().with("name", "Fabrikam");
        world.app.create(&world.admin, Origin::Page, NewRecord::of("account", account)).await.unwrap();
        let (_, told) = news.next().await.unwrap();
        assert!(told[0]["row"].as_str().unwrap().starts_with("account:"), "{told}");
        assert!(!admin.get("/notifications").await.has("assigned you"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_or_all_are_marked_as_read_and_only_ones_own() {
    in_every_world(async |world| {
        let mut teller = Teller::begin(&world.app).await.unwrap();
        let mut browser = world.browser().await;
        for name in ["Berg", "Tal", "Ohm"] {
            given(&world, name).await;
        }
        tell(&world, &mut teller).await;
        let page = browser.get("/notifications").await;
        assert!(page.has(", 3 unread"));
        let one = page.after("id=\"notification-");
        let mut other = admins_browser(&world).await;
        other.get("/notifications").await;
        let foreign = other.post(&format!("/notifications/{one}/read"), &[("read", "true")]).await;
        assert_eq!(foreign.status, StatusCode::NOT_FOUND);
        browser.post(&format!("/notifications/{one}/read"), &[("read", "true")]).await;
        assert!(browser.get("/notifications").await.has(", 2 unread"));
        assert_eq!(browser.get("/notifications?unread=1").await.text.matches("id=\"notification-").count(), 2);
        browser.post("/notifications/read", &[]).await;
        assert!(browser.get("/notifications?unread=1").await.has("You have read everything"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seller_chooses_what_the_bell_is_silent_about() {
    in_every_world(async |world| {
        let mut teller = Teller::begin(&world.app).await.unwrap();
        let mut browser = world.browser().await;
        assert!(browser.get("/settings/profile").await.has("The bell tells me of"));
        browser.post("/settings/notifications", &[("kind", "1"), ("kind", "2")]).await;
        given(&world, "Berg").await;
        tell(&world, &mut teller).await;
        assert!(!browser.get("/notifications").await.has("assigned you"));
        browser.post("/settings/notifications", &[("kind", "3")]).await;
        given(&world, "Tal").await;
        tell(&world, &mut teller).await;
        assert!(browser.get("/notifications").await.has("assigned you"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn words_of_a_program_are_shown_as_words_and_lead_nowhere_else() {
    in_every_world(async |world| {
        let mut browser = admins_browser(&world).await;
        let data = json!({ "actions": [{ "data": { "url": "https://evil.example" } }] }).to_string();
        let row = Row::new()
            .with("title", "<b>Look</b>")
            .with("body", "<script>alert(1)</script>")
            .with("data", data)
            .with("ownerid", Reference::new("systemuser", world.admin.user));
        let id = world.app.create(&world.admin, Origin::WebApi, NewRecord::of("appnotification", row)).await.unwrap();
        let page = browser.get("/notifications").await;
        assert!(page.has("&lt;b&gt;Look&lt;/b&gt;") && !page.has("<script>alert"), "{}", page.text);
        assert_eq!(browser.get(&format!("/notifications/{id}")).await.leads_to(), "/notifications");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_have_no_notifications_has_a_silent_bell() {
    in_every_world(async |world| {
        let (_, mut theirs) = somebody(&world, &[("lead", Privileges::all(Depth::User))]).await;
        assert!(theirs.get("/notifications").await.has("Nothing yet"));
    })
    .await;
}
