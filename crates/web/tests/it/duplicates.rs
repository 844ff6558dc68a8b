//! Duplicates on pages: asked about before saving, told on the record, compared and merged.

use crate::world;

use crate::world::{Browser, World, in_every_world};
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use crm::Row;

/// Posts as a script of the page does.
async fn post_part(browser: &mut Browser, path: &str, values: &[(&str, &str)], target: &str) -> world::Answer {
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("csrf", browser.token())
        .extend_pairs(values)
        .finish();
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::HOST, "crm.example")
        .header("hx-request", "true")
        .header("hx-target", target);
    browser.ask(request.body(Body::from(body)).unwrap()).await
}

async fn ada(world: &World) -> uuid::Uuid {
    let row =
        Row::new().with("firstname", "Ada").with("lastname", "Byron").with("emailaddress1", "ada@contoso.example");
    world.create("contact", row).await
}

const AGAIN: [(&str, &str); 3] =
    [("firstname", "A."), ("lastname", "Lovelace"), ("emailaddress1", "ADA@contoso.example")];

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_asked_before_a_duplicate_is_saved_and_may_save_it_anyway() {
    in_every_world(async |world| {
        let known = ada(&world).await;
        let mut browser = world.browser().await;
        browser.get("/contacts/new").await;
        // A script shows the question above the form, which it does not touch.
        let asked = post_part(&mut browser, "/contacts/new", &AGAIN, "record").await;
        assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", asked.text);
        assert_eq!((asked.header("hx-retarget"), asked.header("hx-reselect")), ("#dialogs", "dialog"));
        for part in ["Duplicate records detected", "Ada Byron", "same e-mail address", "Sam Seller", "Save anyway"] {
            assert!(asked.has(part), "{part}: {}", asked.text);
        }
        assert!(asked.has(&format!("/contacts/{known}")));
        // Without scripts the page comes again with all that was typed.
        browser.get("/contacts/new").await;
        let page = browser.post("/contacts/new", &AGAIN).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            page.has("Lovelace") && page.has("“Ada Byron” (same e-mail address)") && page.has("Save anyway"),
            "{}",
            page.text
        );

        let mut anyway = AGAIN.to_vec();
        anyway.push(("duplicates", "seen"));
        let saved = browser.post("/contacts/new", &anyway).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
        let page = browser.get(saved.leads_to()).await;
        assert!(page.has("1 possible duplicate: “Ada Byron” (same e-mail address)."), "{}", page.text);
        assert!(page.has("/duplicates\""), "{}", page.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_short_form_asks_too_and_saves_when_it_is_sent_once_more() {
    in_every_world(async |world| {
        ada(&world).await;
        let mut browser = world.browser().await;
        browser.get_part("/contacts/quick-create", "dialogs").await;
        let asked = post_part(&mut browser, "/contacts/quick-create", &AGAIN, "quick-create").await;
        assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", asked.text);
        assert!(asked.has("Ada Byron") && asked.has("Choose Save again"), "{}", asked.text);
        assert_eq!(asked.after("name=\"duplicates\" value=\""), "seen");
        let mut again = AGAIN.to_vec();
        again.push(("duplicates", "seen"));
        let saved = post_part(&mut browser, "/contacts/quick-create", &again, "quick-create").await;
        assert!(saved.status.is_success(), "{}", saved.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_makes_a_duplicate_is_asked_about_and_a_blocking_rule_offers_no_way() {
    in_every_world(async |world| {
        ada(&world).await;
        let other = world.create("contact", Row::new().with("lastname", "Cole")).await;
        let mut browser = world.browser().await;
        let path = format!("/contacts/{other}");
        browser.get(&path).await;
        let change = [("lastname", "Cole"), ("emailaddress1", "ada@contoso.example")];
        let asked = post_part(&mut browser, &path, &change, "record").await;
        assert_eq!(asked.header("hx-retarget"), "#dialogs", "{}", asked.text);
        assert!(!world.get("contact", other).await.has("emailaddress1"), "nothing was saved");

        let rule = crm::Origin::Page;
        let query = world
            .app
            .new_query(&world.admin, "duplicaterule")
            .select(["duplicateruleid"])
            .matching(model::Filter::eq("name", "Contacts with the same e-mail address"));
        let rows = world.app.query(&world.admin, query).await.unwrap();
        let id = rows.to_rows().next().unwrap().value("duplicateruleid").as_id().unwrap();
        world
            .app
            .update(&world.admin, rule, "duplicaterule", id, Row::new().with("actioncode", 1), None)
            .await
            .unwrap();
        let mut anyway = change.to_vec();
        anyway.push(("duplicates", "seen"));
        let blocked = post_part(&mut browser, &path, &anyway, "record").await;
        assert_eq!(blocked.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(blocked.has("allows no second one") && !blocked.has("Save anyway"), "{}", blocked.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_records_are_compared_merged_and_taken_apart_again() {
    in_every_world(async |world| {
        let first = ada(&world).await;
        let row = Row::new()
            .with("firstname", "Ada")
            .with("lastname", "Lovelace")
            .with("emailaddress1", "ada@contoso.example")
            .with("jobtitle", "Countess");
        let second = world.create("contact", row).await;
        let mut browser = world.browser().await;
        let page = browser.get(&format!("/contacts/{first}/duplicates")).await;
        assert_eq!(page.status, StatusCode::OK);
        for part in ["Lovelace", "Countess", "pick.jobtitle", "Keep this record", "(the same)"] {
            assert!(page.has(part), "{part}: {}", page.text);
        }
        let other = second.to_string();
        let choice =
            [("with", other.as_str()), ("master", "one"), ("pick.jobtitle", "other"), ("pick.lastname", "one")];
        let merged = browser.post(&format!("/contacts/{first}/merge"), &choice).await;
        assert_eq!(merged.status, StatusCode::SEE_OTHER, "{}", merged.text);
        assert_eq!(merged.leads_to(), format!("/contacts/{first}"));
        let row = world.get("contact", first).await;
        assert_eq!((row.text("jobtitle"), row.text("lastname")), ("Countess", "Byron"));

        let page = browser.get(&format!("/contacts/{second}")).await;
        assert!(page.has("was merged into “Ada Byron” and is read-only"), "{}", page.text);
        let undo = page.after("data-post=\"/acts/");
        let undone = browser.post(&format!("/acts/{undo}"), &[]).await;
        assert_eq!(undone.status, StatusCode::SEE_OTHER, "{}", undone.text);
        assert_eq!(world.get("contact", second).await.value("merged").as_boolean(), Some(false));
        assert!(!world.get("contact", first).await.has("jobtitle"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_shows_all_pairs_of_a_rule() {
    in_every_world(async |world| {
        let first = ada(&world).await;
        let second = ada(&world).await;
        let mut browser = world.browser().await;
        let page = browser.get("/contacts/duplicates").await;
        assert!(page.has("Contacts with the same e-mail address"), "{}", page.text);
        assert!(page.has(&format!("/contacts/{first}")) || page.has(&format!("/contacts/{second}")), "{}", page.text);
        assert!(page.has("duplicates?with="), "{}", page.text);
        let page = browser.get("/contacts").await;
        assert!(page.has("href=\"/contacts/duplicates\""), "{}", page.text);
    })
    .await;
}
