//! Bringing a file in by the pages.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod world;

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use std::time::Duration;
use world::{Answer, Browser, in_every_world};

const FILE: &str = "Company,City\nFabrikam Ltd,Hamburg\nNorthwind,Bremen\n";

async fn upload(browser: &mut Browser, token: &str) -> Answer {
    let part = |name: &str, value: &str| {
        format!("--cut\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let file = format!(
        "--cut\r\ncontent-disposition: form-data; name=\"files\"; filename=\"accounts.csv\"\r\ncontent-type: text/csv\r\n\r\n{FILE}\r\n--cut--\r\n"
    );
    let body = part("csrf", token) + &part("table", "account") + &file;
    let request = Request::post("/import").header("content-type", "multipart/form-data; boundary=cut");
    browser.ask(request.body(Body::from(body)).unwrap()).await
}

async fn when_done(browser: &mut Browser, path: &str) -> Answer {
    for _ in 0..200 {
        let answer = browser.get(path).await;
        if !answer.has("/progress\"") {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the import does not end");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_looked_into_tried_out_brought_in_and_taken_back() {
    in_every_world(async |world| {
        let mut browser = world.browser().await;
        browser.get("/import").await;
        let token = browser.token().to_owned();
        let uploaded = upload(&mut browser, &token).await;
        let draft = uploaded.leads_to().to_owned();
        assert!(draft.starts_with("/import/"), "{} {}", uploaded.status, uploaded.text);
        let proposed = browser.get(&draft).await;
        assert!(
            proposed.has("accounts.csv") && proposed.has("Fabrikam Ltd") && proposed.has("Account name"),
            "{}",
            proposed.text
        );

        browser.post(&draft, &[("then", "check")]).await;
        let tried = when_done(&mut browser, &draft).await;
        assert!(tried.has("What would be done") && tried.has("Nothing has been written yet"), "{}", tried.text);
        assert!(!browser.get("/accounts?view=active").await.has("Northwind"));

        browser.post(&draft, &[("then", "run")]).await;
        let done = when_done(&mut browser, &draft).await;
        assert!(done.has("Everything is in."), "{}", done.text);
        assert!(browser.get("/accounts?q=northwind").await.has("Northwind"));

        browser.post(&format!("{draft}/undo"), &[]).await;
        assert!(!browser.get("/accounts?q=northwind").await.has("data-row-link"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_without_the_sessions_token_is_refused() {
    in_every_world(async |world| {
        let mut browser = world.browser().await;
        assert_eq!(upload(&mut browser, "guessed").await.status, StatusCode::FORBIDDEN);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_import_is_not_there() {
    in_every_world(async |world| {
        let mut browser = world.browser().await;
        browser.get("/import").await;
        let token = browser.token().to_owned();
        let draft = upload(&mut browser, &token).await.leads_to().to_owned();
        let mut other = world.stranger();
        other.sign_in("ada@contoso.example").await;
        assert_eq!(other.get(&draft).await.status, StatusCode::NOT_FOUND);
    })
    .await;
}
