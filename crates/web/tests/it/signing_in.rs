//! Cookies, half open sessions, and how one's own and others' sign-in is changed.

use crate::world::{PASSWORD, World, in_every_world};
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use crm::{Origin, Row};

#[tokio::test(flavor = "multi_thread")]
async fn over_https_cookies_are_bound_to_the_host_and_encrypted() {
    in_every_world(async |world| {
        let mut browser = world.stranger();
        let request = Request::get("/sign-in").header("x-forwarded-proto", "https").body(Body::empty()).unwrap();
        let cookie = browser.ask(request).await.header("set-cookie").to_owned();
        assert!(cookie.starts_with("__Host-pipewright_visitor="), "{cookie}");
        for attribute in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(cookie.contains(attribute), "{attribute} in {cookie}");
        }
        assert!(!cookie.contains("Domain"));
        // A session set by a neighbouring host under the plain name counts nothing.
        let mut seller = world.browser().await;
        let request = Request::get("/leads").header("x-forwarded-proto", "https").body(Body::empty()).unwrap();
        assert!(seller.ask(request).await.leads_to().starts_with("/sign-in"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_changed_with_the_present_one_and_ends_the_other_sessions() {
    in_every_world(async |world| {
        let (mut here, mut there) = (world.browser().await, world.browser().await);
        here.get("/settings/sign-in").await;
        let change =
            |old: &'static str| [("old", old), ("password", "slow purple ladder"), ("repeated", "slow purple ladder")];
        here.post("/settings/password", &change("a guess")).await;
        assert!(here.get("/settings/sign-in").await.has("The old password is wrong."));
        assert_eq!(there.get("/leads").await.status, StatusCode::OK);
        here.post("/settings/password", &change(PASSWORD)).await;
        assert!(here.get("/settings/sign-in").await.has("Password changed."), "this session goes on");
        assert!(there.get("/leads").await.leads_to().starts_with("/sign-in"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_role_demands_a_second_factor_reaches_nothing_else_by_any_address() {
    in_every_world(async |world| {
        let query = world.app.new_query(&world.admin, "role").matching(model::Filter::eq("name", "Salesperson"));
        let roles = world.app.query(&world.admin, query.select(["roleid"])).await.unwrap();
        let role = roles.to_rows().next().unwrap().value("roleid").as_id().unwrap();
        let demand = Row::new().with("secondfactor", 2_i64);
        world.app.update(&world.admin, Origin::Page, "role", role, demand, None).await.unwrap();
        let mut browser = world.stranger();
        browser.get("/sign-in").await;
        let answer = browser.post("/sign-in", &[("email", "sam@contoso.example"), ("password", PASSWORD)]).await;
        assert!(answer.leads_to().starts_with("/sign-in/set-up"), "{}", answer.leads_to());
        let lead = world.lead("Robots", "Lead").await;
        let page = browser.get("/sign-in/set-up").await;
        assert!(page.has("Protect your account first") && !page.has("Authenticator app"), "a passkey is demanded");
        for address in ["/leads", "/settings/profile", "/settings/sign-in", "/search?q=a", "/import"] {
            assert!(browser.get(address).await.leads_to().starts_with("/sign-in/set-up"), "{address}");
        }
        browser.get("/sign-in/set-up").await;
        browser.post(&format!("/leads/{lead}"), &[("lastname", "Changed")]).await;
        assert_eq!(world.get("lead", lead).await.text("lastname"), "Lead");
        let token = browser.post("/settings/tokens", &[("name", "way round"), ("days", "1")]).await;
        assert!(token.leads_to().starts_with("/sign-in/set-up"));
        browser.get("/sign-in/set-up").await;
        assert_eq!(browser.post("/sign-out", &[]).await.leads_to(), "/sign-in");
    })
    .await;
}

/// Signs out of a new browser of the seller's, with these drafts; where that leads to.
async fn sign_out_with(world: &World, drafts: &serde_json::Value) -> String {
    let mut browser = world.browser().await;
    browser.post("/sign-out", &[("unsaved", &drafts.to_string())]).await.leads_to().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_saved_in_two_browsers_comes_back_and_what_is_too_much_is_told() {
    in_every_world(async |world| {
        let on_leads = serde_json::json!([["draft /leads/new", "{\"version\":\"new\"}"]]);
        let on_accounts = serde_json::json!([["draft /accounts/new", "{\"version\":\"new\"}"]]);
        assert_eq!(sign_out_with(&world, &on_leads).await, "/sign-in");
        assert_eq!(sign_out_with(&world, &on_accounts).await, "/sign-in");
        let too_much = serde_json::json!([["draft /contacts/new", "x".repeat(2 * 1024 * 1024)]]);
        let told = sign_out_with(&world, &too_much).await;
        let page = world.stranger().get(&told).await;
        assert!(page.has("Not all of what you had typed"), "{}", page.text);
        assert!(sign_out_with(&world, &serde_json::json!({ "no": "drafts" })).await.contains("left-out"));

        let mut browser = world.browser().await;
        let kept: Vec<(String, String)> = serde_json::from_str(&browser.get("/unsaved").await.text).unwrap();
        let mut names: Vec<&str> = kept.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["draft /accounts/new", "draft /leads/new"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_administrators_see_how_others_sign_in() {
    in_every_world(async |world| {
        let mut seller = world.browser().await;
        let address = format!("/systemusers/{}/sign-in", world.admin.user);
        assert_eq!(seller.get(&address).await.status, StatusCode::FORBIDDEN);
        let refused = seller.post(&format!("{address}/reset"), &[]).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        let mut admin = world.stranger();
        admin.sign_in("ada@contoso.example").await;
        let sellers = format!("/systemusers/{}", world.seller.user);
        let page = admin.get(&format!("{sellers}/sign-in")).await;
        assert!(page.has("Sign-in of Sam Seller") && page.has("Sign out everywhere"));
        admin.post(&format!("{sellers}/sessions/end"), &[]).await;
        assert!(seller.get("/leads").await.leads_to().starts_with("/sign-in"));
        admin.get(&format!("{sellers}/sign-in")).await;
        let made = admin.post(&format!("{sellers}/sign-in/link"), &[]).await;
        assert!(made.has("/password/"));
        assert!(!admin.get(&format!("{sellers}/sign-in")).await.has("/password/"), "shown once");
    })
    .await;
}
