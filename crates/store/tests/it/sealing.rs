//! The history cannot be changed behind the product's back without being found out.

use crate::world::*;
use store::{
    FeedOperation::{Create, Erase, Update},
    Row, Store,
};

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

/// A lead with a history of three entries, of which the values are erased.
async fn with_erasure(store: &Store) -> uuid::Uuid {
    with_history(store).await;
    let row = insert(store, "lead", lead("Jane Undoe")).await;
    let id = id_of(&row, "leadid");
    update(store, "lead", id, Row::new().with("lastname", "Undoe")).await.unwrap();
    store.seal(PATIENCE).await.unwrap();
    update(store, "lead", id, Row::new().with("lastname", "").with("subject", "")).await.unwrap();
    let erased = store.write(move |writer| writer.erase_history(&somebody(), "lead", id, None)).await.unwrap();
    assert_eq!(erased, 3);
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn erased_values_are_gone_from_the_history_and_its_seals_still_hold() {
    on_every_place(async |place| {
        let store = place.open().await;
        let id = with_erasure(&store).await;
        for _ in 0..2 {
            let report = store.check().await.unwrap();
            assert_eq!((report.findings.as_slice(), report.history.erased), ([].as_slice(), 3));
            store.seal(PATIENCE).await.unwrap();
        }
        let entries = store.read(move |reader| reader.feed_of("lead", id, 10)).await.unwrap();
        let told: Vec<_> = entries.iter().map(|entry| (entry.operation, entry.erased)).collect();
        assert_eq!(told, [(Erase, false), (Update, true), (Update, true), (Create, true)]);
        assert!(entries.iter().all(|entry| !format!("{entry:?}").contains("Undoe")));
        // Once more there is nothing to erase.
        let again = store.write(move |writer| writer.erase_history(&somebody(), "lead", id, None)).await;
        assert_eq!(again.unwrap(), 0);

        let copy = place.file("copy.db");
        store.backup(&copy).await.unwrap();
        store.close().await;
        for other in [Place::sqlite(), Place::postgres()] {
            Store::restore(&other.url, &copy).await.unwrap();
            let report = other.open().await.check().await.unwrap();
            assert_eq!((report.findings.as_slice(), report.history.erased), ([].as_slice(), 3), "{:?}", other.url);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_some_values_of_a_row_can_be_erased() {
    on_every_store(async |store| {
        with_history(&store).await;
        let row = insert(&store, "lead", lead("Robots for Jane")).await;
        let id = id_of(&row, "leadid");
        update(&store, "lead", id, Row::new().with("subject", "Robots")).await.unwrap();
        let only = [u64::try_from(version(&row)).unwrap()];
        let erased = store.write(move |writer| writer.erase_history(&somebody(), "lead", id, Some(&only))).await;
        assert_eq!(erased.unwrap(), 1);
        let entries = store.read(move |reader| reader.feed_of("lead", id, 10)).await.unwrap();
        assert_eq!(entries.iter().filter(|entry| entry.erased).count(), 1);
        assert_eq!(store.check().await.unwrap().findings, []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_erases_behind_the_products_back_is_found_out() {
    let blanked = "changes = '{}', salt = NULL, erased = zeroblob(32)";
    let frauds = [
        // Values taken out without an erasure, with and without a digest that fits.
        format!("UPDATE pw_feed SET {blanked} WHERE seq = 4"),
        "UPDATE pw_feed SET changes = '{}' WHERE seq = 4".to_owned(),
        // Other values in the place of erased ones.
        "UPDATE pw_feed SET changes = '{\"subject\":[null,\"Forged\"]}' WHERE erased IS NOT NULL".to_owned(),
        // Another digest in the place of erased values.
        format!("UPDATE pw_feed SET {blanked} WHERE erased IS NOT NULL"),
        // The erasure itself changed, taken away, or erased.
        "UPDATE pw_feed SET changes = '{\"erased\":[null,\"4\"]}' WHERE operation = 4".to_owned(),
        "DELETE FROM pw_feed WHERE operation = 4".to_owned(),
        format!("UPDATE pw_feed SET {blanked} WHERE operation = 4"),
        // Made to speak of another row.
        "UPDATE pw_feed SET record = act WHERE operation = 4".to_owned(),
        "UPDATE pw_feed SET salt = zeroblob(16) WHERE seq = 4".to_owned(),
    ];
    let place = Place::sqlite();
    let store = place.open().await;
    with_erasure(&store).await;
    store.seal(PATIENCE).await.unwrap();
    let copy = place.file("copy.db");
    store.backup(&copy).await.unwrap();
    for fraud in frauds {
        let forged = Place::sqlite();
        Store::restore(&forged.url, &copy).await.unwrap();
        forged.sql(&fraud).await;
        let findings = forged.open().await.check().await.unwrap().findings;
        assert!(findings.iter().any(|finding| finding.message.contains("history")), "{fraud}: {findings:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_erased_values_is_left_in_the_file() {
    let place = Place::sqlite();
    let store = place.open().await;
    with_erasure(&store).await;
    // Deleted and changed by others, long ago.
    let other = insert(&store, "lead", lead("Undoefy")).await;
    update(&store, "lead", id_of(&other, "leadid"), Row::new().with("subject", "Other")).await.unwrap();
    let id = id_of(&other, "leadid");
    store.write(move |writer| writer.erase_history(&somebody(), "lead", id, None)).await.unwrap();
    store.scrub(vec!["lead".to_owned()]).await.unwrap();
    // While the store is open, the log lies beside the file.
    for name in ["pipewright.db", "pipewright.db-wal"] {
        let bytes = std::fs::read(place.file(name)).unwrap().to_ascii_lowercase();
        assert!(!bytes.windows(5).any(|part| part == b"undoe"), "{name} still holds the name");
    }
    assert_eq!(store.check().await.unwrap().findings, []);
}
