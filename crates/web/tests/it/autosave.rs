//! What a form saves by itself.

use crate::world::{Answer, Browser, World, in_every_world};
use axum::http::StatusCode;
use crm::{Origin, Row};
use serde_json::Value;
use uuid::Uuid;

async fn autosave(browser: &mut Browser, lead: Uuid, values: &[(&str, &str)]) -> (StatusCode, Value) {
    let Answer { status, text, .. } = browser.post(&format!("/leads/{lead}/autosave"), values).await;
    (status, serde_json::from_str(&text).unwrap())
}

async fn opened(browser: &mut Browser, lead: Uuid) -> String {
    browser.get(&format!("/leads/{lead}")).await.after("name=\"version\" value=\"")
}

async fn change_as_admin(world: &World, lead: Uuid, changes: Row) {
    world.app.update(&world.admin, Origin::Page, "lead", lead, changes, None).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_a_form_saved_by_itself_is_undone_at_once() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Lead").await;
        let mut browser = world.browser().await;
        let version = opened(&mut browser, lead).await;
        let (status, first) = autosave(&mut browser, lead, &[("version", &version), ("jobtitle", "Buyer")]).await;
        assert_eq!((status, &first["state"]), (StatusCode::OK, &"saved".into()));
        let (version, act) = (first["version"].as_str().unwrap(), first["act"].as_str().unwrap());
        let again = [("version", version), ("act", act), ("jobtitle", "Head buyer"), ("subject", "More robots")];
        let (_, second) = autosave(&mut browser, lead, &again).await;
        assert_eq!(second["act"], first["act"]);
        let stored = world.get("lead", lead).await;
        assert_eq!((stored.text("jobtitle"), stored.text("subject")), ("Head buyer", "More robots"));
        assert_eq!(stored.text("lastname"), "Lead", "what was not sent stays");

        browser.post(&format!("/acts/{act}/undo"), &[]).await;
        let stored = world.get("lead", lead).await;
        assert_eq!((stored.text("jobtitle"), stored.text("subject")), ("", "Robots"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_that_somebody_built_on_or_that_made_the_record_is_not_gone_on_with() {
    in_every_world(async |world| {
        let mut browser = world.browser().await;
        let made = browser.get("/leads/new").await.after("name=\"once\" value=\"");
        browser.post("/leads/new", &[("once", &made), ("subject", "Robots"), ("lastname", "Berg")]).await;
        let lead: Uuid = made.parse().unwrap();
        let (history, _) = world.app.history(&world.seller, "lead", lead, 5).await.unwrap();
        let creation = history.last().unwrap().actor.act.to_string();
        let version = opened(&mut browser, lead).await;
        let values = [("version", version.as_str()), ("act", &creation), ("jobtitle", "Buyer")];
        let (_, first) = autosave(&mut browser, lead, &values).await;
        assert_ne!(first["act"], creation.as_str());

        change_as_admin(&world, lead, Row::new().with("mobilephone", "+49 1")).await;
        let act = first["act"].as_str().unwrap();
        let values = [("version", first["version"].as_str().unwrap()), ("act", act), ("jobtitle", "Head buyer")];
        let (_, second) = autosave(&mut browser, lead, &values).await;
        assert_eq!(second["state"], "saved");
        assert_ne!(second["act"], first["act"]);
        assert_eq!(second["followed"], false, "the form does not know yet what others did");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_or_contested_is_said_and_nothing_is_written() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Lead").await;
        let mut browser = world.browser().await;
        let version = opened(&mut browser, lead).await;
        let wrong =
            [("version", version.as_str()), ("jobtitle", "Buyer"), ("budgetamount", "about 5"), ("lastname", "")];
        let (status, answer) = autosave(&mut browser, lead, &wrong).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        let mut names: Vec<&str> =
            answer["errors"].as_array().unwrap().iter().filter_map(|error| error["name"].as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["budgetamount", "lastname"]);
        assert_eq!(world.get("lead", lead).await.text("jobtitle"), "");

        change_as_admin(&world, lead, Row::new().with("jobtitle", "Their title")).await;
        let mine = [("version", version.as_str()), ("jobtitle", "My title")];
        let (status, answer) = autosave(&mut browser, lead, &mine).await;
        assert_eq!((status, &answer["state"]), (StatusCode::CONFLICT, &"contested".into()));
        assert_eq!(world.get("lead", lead).await.text("jobtitle"), "Their title");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_save_by_themselves_where_the_organisation_and_the_person_let_them() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Lead").await;
        let page = format!("/leads/{lead}");
        let mut browser = world.browser().await;
        assert!(browser.get(&page).await.has("data-autosave="));
        assert!(!browser.get("/leads/new").await.has("data-autosave="), "a new record is saved by hand");

        browser.post("/settings/profile", &[("isautosaveenabled", "false")]).await;
        assert!(!browser.get(&page).await.has("data-autosave="));
        let (_, answer) = autosave(&mut browser, lead, &[("jobtitle", "Buyer")]).await;
        assert_eq!(answer["state"], "off");
        browser.post("/settings/profile", &[("isautosaveenabled", "true")]).await;
        assert!(browser.get(&page).await.has("data-autosave="));

        let organization = world.app.organization().await.unwrap().id;
        let off = Row::new().with("isautosaveenabled", false);
        world.app.update(&world.admin, Origin::Page, "organization", organization, off, None).await.unwrap();
        assert!(!browser.get(&page).await.has("data-autosave="));
        assert!(browser.get("/settings/profile").await.has("Your organisation has turned this off"));
        assert_eq!(world.get("lead", lead).await.text("jobtitle"), "");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_closed_or_only_read_saves_nothing_by_itself() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Lead").await;
        change_as_admin(&world, lead, Row::new().with("statecode", 2)).await;
        let mut browser = world.browser().await;
        let page = browser.get(&format!("/leads/{lead}")).await;
        assert!(!page.has("data-autosave="));
        let answer = browser.post(&format!("/leads/{lead}/autosave"), &[("jobtitle", "Buyer")]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(world.get("lead", lead).await.text("jobtitle"), "");
    })
    .await;
}
