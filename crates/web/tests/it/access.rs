//! Who gets in, and what a forged request gets.

use crate::world;

use crate::world::in_every_world;
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use crm::{Origin, Row};

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_is_asked_to_sign_in_and_then_taken_where_they_wanted_to_go() {
    in_every_world(async |world| {
        let mut browser = world.stranger();
        let answer = browser.get("/leads?view=open").await;
        assert_eq!((answer.status, answer.leads_to()), (StatusCode::SEE_OTHER, "/sign-in?next=%2Fleads%3Fview%3Dopen"));
        browser.get(answer.leads_to()).await;
        let values = [("email", "sam@contoso.example"), ("password", world::PASSWORD), ("next", "/leads?view=open")];
        assert_eq!(browser.post("/sign-in", &values).await.leads_to(), "/leads?view=open");
        assert!(browser.get("/leads?view=open").await.has("Open Leads"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_a_page_sends_the_whole_page_to_sign_in() {
    in_every_world(async |world| {
        let answer = world.stranger().get_part("/leads/quick-create", "dialogs").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(answer.header("hx-redirect").starts_with("/sign-in"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_keeps_the_address_and_tells_nothing_about_it() {
    in_every_world(async |world| {
        let mut browser = world.stranger();
        browser.get("/sign-in").await;
        let known = browser.post("/sign-in", &[("email", "sam@contoso.example"), ("password", "wrong password")]).await;
        let unknown =
            browser.post("/sign-in", &[("email", "nobody@contoso.example"), ("password", "wrong password")]).await;
        for (answer, email) in [(known, "sam@contoso.example"), (unknown, "nobody@contoso.example")] {
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(answer.has(email) && answer.has("The e-mail address or the password is wrong."));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_without_the_sessions_token_changes_nothing() {
    in_every_world(async |world| {
        let mut browser = world.browser().await;
        let lead = world.lead("Robots", "Lead").await;
        for token in ["", "guessed"] {
            let answer = browser.post_with_token(&format!("/leads/{lead}"), &[("lastname", "Changed")], token).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN);
        }
        assert_eq!(world.get("lead", lead).await.text("lastname"), "Lead");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_from_another_site_is_refused() {
    in_every_world(async |world| {
        let request = Request::post("/sign-in").header("host", "crm.example").header("origin", "https://evil.example");
        let answer = world.stranger().ask(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_user_is_signed_out_at_once() {
    in_every_world(async |world| {
        let mut browser = world.browser().await;
        assert_eq!(browser.get("/leads").await.status, StatusCode::OK);
        let disabled = Row::new().with("isdisabled", true);
        world.app.update(&world.admin, Origin::Page, "systemuser", world.seller.user, disabled, None).await.unwrap();
        assert!(browser.get("/leads").await.leads_to().starts_with("/sign-in"));
        browser.get("/sign-in").await;
        let again = browser.post("/sign-in", &[("email", "sam@contoso.example"), ("password", world::PASSWORD)]).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_one_time_link_sets_the_password_once() {
    in_every_world(async |world| {
        let secret = world.app.identity().password_link(&world.admin, world.seller.user).await.unwrap();
        let mut browser = world.stranger();
        assert!(browser.get(&format!("/password/{secret}")).await.has("sam@contoso.example"));
        let differ = browser
            .post(&format!("/password/{secret}"), &[("password", "a long new one"), ("repeated", "another one")])
            .await;
        assert_eq!(differ.status, StatusCode::UNPROCESSABLE_ENTITY);
        let set = browser
            .post(&format!("/password/{secret}"), &[("password", "a long new one"), ("repeated", "a long new one")])
            .await;
        assert_eq!(set.leads_to(), "/");
        assert_eq!(browser.get("/leads").await.status, StatusCode::OK);
        assert!(world.stranger().get(&format!("/password/{secret}")).await.has("used already"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_people_and_settings_are_for_administrators() {
    in_every_world(async |world| {
        assert_eq!(world.browser().await.get("/systemusers").await.status, StatusCode::NOT_FOUND);
        let mut browser = world.stranger();
        browser.sign_in("ada@contoso.example").await;
        assert_eq!(browser.get("/systemusers").await.status, StatusCode::OK);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_with_signing_out() {
    in_every_world(async |world| {
        let mut browser = world.browser().await;
        assert_eq!(browser.post("/sign-out", &[]).await.leads_to(), "/sign-in");
        assert!(browser.get("/leads").await.leads_to().starts_with("/sign-in"));
    })
    .await;
}
