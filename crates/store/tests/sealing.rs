//! The history cannot be changed behind the product's back without being found out.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod world;

use store::{Row, Store};
use world::*;

/// Other tests on the same server are waited for.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

/// A history of some entries, sealed twice, and one entry more.
async fn with_history(store: &Store) {
    for round in 0..2 {
        for number in 0..4 {
            let row = insert(store, "lead", lead(&format!("Lead {round}.{number}"))).await;
            let changes = Row::new().with("subject", format!("Changed {round}.{number}"));
            update(store, "lead", id_of(&row, "leadid"), changes).await.unwrap();
        }
        store.seal(PATIENCE).await.unwrap();
    }
    insert(store, "lead", lead("Not sealed")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_untouched_history_is_sound_and_says_what_is_sealed() {
    on_every_store(async |store| {
        with_history(&store).await;
        let report = store.check().await.unwrap();
        assert_eq!(report.findings, []);
        assert_eq!((report.history.seals, report.history.entries, report.history.unsealed), (2, 16, 1));
        assert_eq!(report.history.last.as_ref().map(String::len), Some(64));

        store.seal(PATIENCE).await.unwrap();
        let later = store.check().await.unwrap().history;
        assert_eq!((later.seals, later.entries, later.unsealed), (3, 17, 0));
        assert_ne!(later.last, report.history.last);
        // Nothing new, no new seal.
        store.seal(PATIENCE).await.unwrap();
        assert_eq!(store.check().await.unwrap().history, later);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_changes_adds_or_removes_history_is_found_out() {
    let frauds = [
        "UPDATE pw_feed SET changes = replace(changes, 'Changed 0.1', 'Changed 0.2') WHERE seq = 4",
        r#"UPDATE pw_feed SET "user" = act WHERE seq = 3"#,
        "UPDATE pw_feed SET operation = 3 WHERE seq = 16",
        "DELETE FROM pw_feed WHERE seq = 2",
        "DELETE FROM pw_feed WHERE seq = 16",
        "UPDATE pw_feed SET seq = 1000 WHERE seq = 5",
        "DELETE FROM pw_seal WHERE number = 1",
    ];
    on_every_place(async |place| {
        let store = place.open().await;
        with_history(&store).await;
        store.close().await;
        for fraud in frauds {
            let copy = place.file("copy.db");
            let store = place.open().await;
            store.backup(&copy).await.unwrap();
            store.close().await;

            let forged = Place::sqlite();
            Store::restore(&forged.url, &copy).await.unwrap();
            assert_eq!(forged.open().await.check().await.unwrap().findings, [], "a copy keeps its seals");
            forged.sql(fraud).await;
            let findings = forged.open().await.check().await.unwrap().findings;
            let is_told = |finding: &store::Finding| finding.message.contains("history");
            assert!(findings.iter().any(is_told), "{fraud}: {findings:?}");
        }
    })
    .await;
}
