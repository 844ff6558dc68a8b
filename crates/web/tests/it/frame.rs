//! The frame around every page: palette, pins, "My day", settings, what a phone installs.

use crate::world;

use crate::world::{Answer, Browser, World, in_every_world};
use axum::http::StatusCode;
use crm::Row;
use jiff::{Timestamp, ToSpan};
use model::{Depth, Overlay, Privileges, Reference, Role};

/// The part of a page that begins with this heading.
fn block<'a>(page: &'a Answer, heading: &str) -> &'a str {
    let start = page.text.find(heading).unwrap_or_else(|| panic!("no “{heading}”: {}", page.text));
    page.text[start..].split("</section>").next().unwrap()
}

async fn task(world: &World, subject: &str, due: Timestamp) -> uuid::Uuid {
    world.create("task", Row::new().with("subject", subject).with("scheduledend", due)).await
}

async fn deal(world: &World, name: &str, closes: &str) -> uuid::Uuid {
    let account = world.create("account", Row::new().with("name", "Fabrikam Ltd")).await;
    let row = Row::new()
        .with("name", name)
        .with("customerid", Reference::new("account", account))
        .with("estimatedclosedate", closes.parse::<jiff::civil::Date>().unwrap());
    world.create("opportunity", row).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_palette_finds_records_views_pages_and_commands() {
    in_every_world(async |world| {
        let lead = world.lead("Robotics line", "Rosenqvist").await;
        let mut browser = world.browser().await;
        let found = browser.get_part("/palette?q=rosenq", "palette").await;
        assert!(found.has(&format!("href=\"/leads/{lead}\"")) && found.has("role=\"option\""), "{}", found.text);
        assert!(found.has("data-answers=\"rosenq\"") && found.has("/search?q=rosenq"), "{}", found.text);

        let found = browser.get_part("/palette?q=closing+soon", "palette").await;
        assert!(found.has("/opportunities?view=my_closing_soon"), "{}", found.text);
        let found = browser.get_part("/palette?q=new+task", "palette").await;
        assert!(found.has("data-opens=\"/tasks/quick-create\""), "{}", found.text);
        let only = browser.get_part("/palette?q=%3Elead", "palette").await;
        assert!(only.has("New lead") && !only.has("Rosenqvist"), "{}", only.text);

        let first = browser
            .get_part(&format!("/palette?q=&recent=leads:{lead},leads:{},roles:{lead}", uuid::Uuid::nil()), "palette")
            .await;
        assert!(first.has("Recent") && first.has("Lena Rosenqvist") && first.has("Sign out"), "{}", first.text);

        let evil = browser.get_part("/palette?q=%3Cscript%3Ealert(1)%3C/script%3E", "palette").await;
        assert!(!evil.has("<script>"), "{}", evil.text);
        let stranger = world.stranger().get_part("/palette?q=rosenq", "palette").await;
        assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
    })
    .await;
}

/// The browser of a person who meets nothing but leads of their own.
async fn of_own_leads_only(world: &World) -> Browser {
    let role = Role {
        label: "Tried".to_owned(),
        description: String::new(),
        everything: false,
        customizes: false,
        acts_for_others: false,
        own_tables: Privileges::default(),
        tables: [("lead".to_owned(), Privileges::all(Depth::User))].into(),
    };
    let mut overlay = Overlay::default();
    overlay.roles.insert("new_tried".to_owned(), role);
    world.app.customization().publish(&world.admin, crm::Origin::Page, overlay).await.unwrap();
    let row = Row::new()
        .with("lastname", "Tried")
        .with("internalemailaddress", "tara@contoso.example")
        .with("businessunitid", Reference::new("businessunit", world.admin.business_unit));
    let new = crm::NewRecord::of("systemuser", row);
    let user = world.app.create(&world.admin, crm::Origin::Page, new).await.unwrap();
    world.app.identity().give_role(&world.admin, user, "Tried").await.unwrap();
    world.app.identity().set_password(&world.admin, user, world::PASSWORD).await.unwrap();
    let mut browser = world.stranger();
    browser.sign_in("tara@contoso.example").await;
    browser
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_hidden_from_somebody_is_in_no_palette_pin_or_day_of_theirs() {
    in_every_world(async |world| {
        let theirs = world.lead("Secret", "Hidden").await;
        let mut browser = of_own_leads_only(&world).await;
        let found = browser.get_part(&format!("/palette?recent=leads:{theirs}"), "palette").await;
        assert_eq!(found.status, StatusCode::OK);
        assert!(!found.has("Hidden") && !found.has(&theirs.to_string()), "{}", found.text);
        assert!(!browser.get_part("/palette?q=hidden", "palette").await.has(&theirs.to_string()));

        let day = browser.get("/home").await;
        assert!(block(&day, "New leads").contains("No new leads") && !day.has("Deals closing soon"), "{}", day.text);
        browser.post("/pins", &[("item", &format!("lead:{theirs}")), ("keep", "true")]).await;
        let page = browser.get("/home").await;
        assert!(page.has("hidden from you") && !page.has("Lena Hidden"), "{}", page.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_pinned_on_its_page_and_stands_in_the_side_bar() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Pinned").await;
        let mut browser = world.browser().await;
        let address = format!("/leads/{lead}");
        let page = browser.get(&address).await;
        assert!(page.has("Pin this record") && !page.has("id=\"nav-pinned\""), "{}", page.text);
        let item = format!("lead:{lead}");
        let kept = browser.post("/pins", &[("item", &item), ("keep", "true")]).await;
        assert_eq!(kept.status, StatusCode::SEE_OTHER);
        let page = browser.get(&address).await;
        assert!(page.has("Unpin this record") && page.has("id=\"nav-pinned\""), "{}", page.text);
        assert!(browser.get("/accounts").await.has("<span>Lena Pinned</span>"), "on every page");
        browser.post("/pins", &[("item", &item), ("keep", "false")]).await;
        assert!(!browser.get("/accounts").await.has("Lena Pinned"));

        browser.post("/pins", &[("item", "lead/hot"), ("keep", "true")]).await;
        assert!(browser.get("/leads?view=hot").await.has("Unpin this view"));
        assert!(browser.get("/leads?view=all").await.has("Pin this view"));
        assert_eq!(
            browser.post_with_token("/pins", &[("item", &item), ("keep", "true")], "forged").await.status,
            StatusCode::FORBIDDEN
        );
        assert!(browser.post("/pins", &[("item", "nonsense"), ("keep", "true")]).await.status.is_client_error());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn my_day_shows_what_is_to_be_done_and_an_activity_is_completed_there() {
    in_every_world(async |world| {
        let now = Timestamp::now();
        let overdue = task(&world, "Send the offer", now - 3.hours()).await;
        task(&world, "Next month", now + 900.hours()).await;
        let meeting = Row::new()
            .with("subject", "Factory visit")
            .with("scheduledstart", now + 24.hours())
            .with("scheduledend", now + 25.hours());
        world.create("appointment", meeting).await;
        world.lead("Conveyor", "Newcomer").await;
        let today = now.to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
        deal(&world, "Late deal", &(today - 5.days()).to_string()).await;
        let planned = deal(&world, "Deal far away", &(today + 200.days()).to_string()).await;
        let about = Reference::new("opportunity", planned);
        world
            .create(
                "task",
                Row::new()
                    .with("subject", "Call them")
                    .with("regardingobjectid", about)
                    .with("scheduledend", now + 90.hours()),
            )
            .await;

        let mut browser = world.browser().await;
        let page = browser.get("/home").await;
        let due = block(&page, "Due and overdue");
        assert!(due.contains("Send the offer") && due.contains("(overdue)") && !due.contains("Next month"), "{due}");
        assert!(due.contains("href=\"/activitypointers?view=my_due\""), "{due}");
        assert!(block(&page, "Meetings of the next 7 days").contains("Factory visit"));
        assert!(block(&page, "New leads").contains("Lena Newcomer"));
        let closing = block(&page, "Deals closing soon");
        assert!(closing.contains("Late deal") && !closing.contains("far away"), "{closing}");
        let without = block(&page, "Deals without a next step");
        assert!(without.contains("Late deal") && !without.contains("far away"), "{without}");
        for list in ["/activitypointers?view=my_due", "/opportunities?view=my_without_next_step"] {
            assert_eq!(browser.get(list).await.status, StatusCode::OK, "{list}");
        }

        browser.get("/home").await;
        let done = browser.post(&format!("/tasks/states?to=1&id={overdue}"), &[]).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER);
        let page = browser.get("/home").await;
        assert!(
            page.has("Task marked complete.") && block(&page, "Due and overdue").contains("Nothing is due"),
            "{}",
            page.text
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn my_day_tells_what_others_changed_and_not_what_one_did_oneself() {
    in_every_world(async |world| {
        let mine = deal(&world, "Mine", "2031-05-01").await;
        let theirs = deal(&world, "Touched by Ada", "2031-05-01").await;
        for (caller, id) in [(&world.seller, mine), (&world.admin, theirs)] {
            let changes = Row::new().with("description", "Changed");
            world.app.update(caller, crm::Origin::Page, "opportunity", id, changes, None).await.unwrap();
        }
        let page = world.browser().await.get("/home").await;
        let changed = block(&page, "Changed by others");
        assert!(changed.contains("Touched by Ada") && !changed.contains(">Mine<"), "{changed}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_begins_where_one_wants_and_pages_look_as_one_wants() {
    in_every_world(async |world| {
        let mut browser = world.browser().await;
        assert_eq!(browser.get("/").await.leads_to(), "/home");
        browser.get("/settings/profile").await;
        browser.post("/settings/profile", &[("homepage", "opportunities"), ("keyboardshortcuts", "false")]).await;
        assert_eq!(browser.get("/").await.leads_to(), "/opportunities");
        let page = browser.get("/settings/profile").await;
        assert!(page.has("data-shortcuts=\"off\""), "{}", page.text);
        let refused = browser.post("/settings/profile", &[("homepage", "secrets")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.has("There is no list “secrets”"), "{}", refused.text);

        browser.post("/settings/display", &[("theme", "dark"), ("density", "compact")]).await;
        let page = browser.get("/leads").await;
        assert!(page.has("data-bs-theme=\"dark\"") && page.has("data-density=\"compact\""), "{}", page.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_learns_how_to_install_the_site_without_a_session() {
    let world = World::new(false).await;
    let mut stranger = world.stranger();
    let manifest = stranger.get("/manifest.webmanifest").await;
    assert_eq!(manifest.status, StatusCode::OK);
    assert_eq!(manifest.header("content-type"), "application/manifest+json");
    let manifest: serde_json::Value = serde_json::from_str(&manifest.text).unwrap();
    assert_eq!((manifest["display"].as_str(), manifest["start_url"].as_str()), (Some("standalone"), Some("/")));
    for icon in manifest["icons"].as_array().unwrap() {
        let picture = stranger.get(icon["src"].as_str().unwrap()).await;
        assert_eq!(picture.status, StatusCode::OK, "{icon}");
        assert_eq!(picture.header("content-type"), icon["type"].as_str().unwrap());
    }
}
