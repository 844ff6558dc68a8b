//! Bringing a file in by the pages.

use crate::world::{Answer, Browser, World, in_every_world};
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use crm::{
    Origin,
    import::{Control, InputFile, ProposeOptions, RunOptions},
};
use std::time::Duration;

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

/// Begins an import as the seller and drops it in the middle, as the end of its process does.
async fn dropped_import(world: &World) -> uuid::Uuid {
    let folder = testkit::Scratch::new().unwrap();
    let rows: String = (0..20_000).map(|number| format!("Company {number},Bremen\n")).collect();
    std::fs::write(folder.file("accounts.csv"), format!("Company,City\n{rows}")).unwrap();
    let files = vec![InputFile::at(folder.file("accounts.csv"))];
    let (app, seller, control) = (world.app.clone(), world.seller.clone(), Control::default());
    let options = ProposeOptions { table: Some("account".to_owned()), ..ProposeOptions::default() };
    let mapping = app.imports().propose(&seller, files.clone(), options).await.unwrap().mapping;
    let mut progress = control.progress();
    let running = tokio::spawn(async move {
        app.imports().run(&seller, Origin::Import, files, mapping, RunOptions::default(), control).await
    });
    progress.wait_for(|progress| progress.processed >= 1_000).await.unwrap();
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
    world.app.imports().last(&world.seller).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_ended_without_a_word_is_shown_as_interrupted_and_taken_back() {
    let world = World::new(false).await;
    let mut browser = world.browser().await;
    let page = format!("/import/{}", dropped_import(&world).await);
    let at_first = browser.get(&page).await;
    assert!(at_first.has("Importing") && at_first.has("noticed within a minute"), "{}", at_first.text);
    assert!(!at_first.has("Undo the import"), "what may be at work is not taken back");
    browser.post(&format!("{page}/undo"), &[]).await;
    assert!(browser.get("/accounts?q=company").await.has("data-row-link"));

    let watching = tokio::spawn(crm::import::keep_watch(world.app.clone()));
    let mut interrupted = browser.get(&page).await;
    for _ in 0..120 {
        if !interrupted.has("Importing") {
            break;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        interrupted = browser.get(&page).await;
    }
    watching.abort();
    assert!(interrupted.has("The import was interrupted"), "{}", interrupted.text);
    assert!(interrupted.has("Not reached") && interrupted.has("Download the rows that are not in"));
    assert!(browser.get("/import").await.has("Interrupted"), "in the list of imports, too");
    let left_out = browser.get(&format!("{page}/failed/0")).await;
    assert!(left_out.has("Company 19999,Bremen,"), "{}", left_out.status);
    browser.post(&format!("{page}/undo"), &[]).await;
    assert!(!browser.get("/accounts?q=company").await.has("data-row-link"));
    let undone = browser.get(&page).await;
    assert!(undone.has("Undone") && !undone.has("Undo the import"), "{}", undone.text);
}
