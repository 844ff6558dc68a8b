//! The page for developers: the tables as programs know them, and a request that is tried.

use axum::http::StatusCode;
use model::{Depth, Privileges};

use crate::world::{Browser, World, in_every_world, somebody};

const REQUESTS: &str = "/developer/requests";

async fn tried(
    browser: &mut Browser,
    method: &str,
    address: &str,
    headers: &str,
    body: &str,
    confirmed: bool,
) -> String {
    let confirmed = if confirmed { "yes" } else { "" };
    let values =
        [("method", method), ("address", address), ("headers", headers), ("body", body), ("confirmed", confirmed)];
    browser.post(REQUESTS, &values).await.text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_developer_finds_a_table_with_its_columns_and_examples() {
    let world = World::new(false).await;
    let lead = world.lead("Robots", "Berg").await;
    let mut browser = world.browser().await;
    assert!(browser.get("/home").await.has("href=\"/developer\""), "it stands in the menu of the person");
    let all = browser.get("/developer").await;
    assert!(all.has("href=\"/developer/lead\"") && all.has("href=\"/developer/opportunity\""));
    let found = browser.get("/developer?q=opportun").await;
    assert!(found.has("href=\"/developer/opportunity\"") && !found.has("href=\"/developer/lead\""));
    assert!(browser.get("/developer?q=nonsense").await.has("No table is called that"));

    let page = browser.get("/developer/lead").await;
    for told in [
        "_parentaccountid_value",
        "href=\"/developer/account\"",
        "leadqualitycode",
        "Hot",
        "Microsoft.Dynamics.CRM.QualifyLead",
        "curl -X GET",
        "JSON.stringify",
        &lead.to_string(),
    ] {
        assert!(page.has(told), "{told}");
    }
    assert_eq!(browser.get("/developer/nonsense").await.status, StatusCode::NOT_FOUND);
    let document = browser.get("/developer/openapi.json").await;
    assert!(document.has("\"openapi\":\"3.1.0\"") && document.has("/api/data/v9.2/leads"));
    let mut stranger = world.stranger();
    assert!(stranger.get("/developer").await.leads_to().starts_with("/sign-in"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_tried_in_ones_own_name_and_a_write_only_when_it_was_confirmed() {
    in_every_world(async |world| {
        let lead = world.lead("Robots & <more>", "Berg").await;
        let mut browser = world.browser().await;
        let read = tried(&mut browser, "GET", "leads?$select=subject&$top=1", "", "", false).await;
        assert!(read.contains("200 OK") && read.contains("Robots &amp; &lt;more&gt;"), "{read}");
        let whole = format!("/api/data/v9.2/leads({lead})/subject");
        assert!(tried(&mut browser, "GET", &whole, "Prefer: odata.maxpagesize=5", "", false).await.contains("200 OK"));

        let path = format!("leads({lead})");
        let change = r#"{"jobtitle": "Buyer"}"#;
        let asked = tried(&mut browser, "PATCH", &path, "", change, false).await;
        assert!(asked.contains("Send this request?"), "{asked}");
        assert!(world.get("lead", lead).await.value("jobtitle").is_null(), "nothing is changed unasked");
        let done = tried(&mut browser, "PATCH", &path, "", change, true).await;
        assert!(done.contains("204 No Content"), "{done}");
        let row = world.get("lead", lead).await;
        assert_eq!(row.text("jobtitle"), "Buyer");
        let history = browser.get(&format!("/leads/{lead}/history")).await;
        assert!(history.has("Web API"), "the history tells how it was changed");
        let refused = tried(&mut browser, "PATCH", &path, "If-Match: W/\"1\"", change, true).await;
        assert!(refused.contains("412 Precondition Failed"), "{refused}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_none_of_the_web_api_or_forged_is_not_sent() {
    let world = World::new(false).await;
    let lead = world.lead("Robots", "Berg").await;
    let mut browser = world.browser().await;
    for (method, address, headers, body, told) in [
        ("GET", "/leads", "", "", "Write an address below"),
        ("GET", "https://evil.example/api/data/v9.2/leads", "", "", "404 Not Found"),
        ("GET", "/api/customization", "", "", "Write an address below"),
        ("GET", "leads", "Cookie: a=b", "", "is not sent from here"),
        ("GET", "leads", "Authorization: Bearer x", "", "is not sent from here"),
        ("GET", "leads", "nonsense", "", "is not a header"),
        ("GET", "leads", "", "{}", "A GET has no body"),
        ("TRACE", "leads", "", "", "Choose one of the methods"),
    ] {
        let answer = tried(&mut browser, method, address, headers, body, true).await;
        assert!(answer.contains(told), "{method} {address} {headers}: {answer}");
    }
    let forged = [("method", "DELETE"), ("address", &*format!("leads({lead})")), ("confirmed", "yes")];
    let answer = browser.post_with_token(REQUESTS, &forged, "another").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    world.get("lead", lead).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_may_not_see_is_neither_told_nor_asked_for() {
    let world = World::new(false).await;
    let account = world.create("account", crm::Row::new().with("name", "Secret Ltd")).await;
    let own = Privileges::all(Depth::User);
    let (_, mut browser) = somebody(&world, &[("lead", own)]).await;
    assert!(!browser.get("/developer").await.has("href=\"/developer/account\""));
    assert_eq!(browser.get("/developer/account").await.status, StatusCode::NOT_FOUND);
    assert!(!browser.get("/developer/lead").await.has("href=\"/developer/account\""));
    let asked = tried(&mut browser, "GET", &format!("accounts({account})"), "", "", false).await;
    assert!(!asked.contains("Secret") && !asked.contains("200 OK"), "{asked}");
    let acting = format!("MSCRMCallerID: {}", world.admin.user);
    let asked = tried(&mut browser, "GET", "WhoAmI", &acting, "", false).await;
    assert!(asked.contains("403 Forbidden"), "{asked}");
}
