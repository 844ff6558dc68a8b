//! Which databases are opened, and which are left alone.

use std::time::Duration;

use crate::world::*;
use store::{DatabaseUrl, Store, StoreError, StoreOptions};
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_a_newer_release_is_refused() {
    on_every_place(async |place| {
        place.open().await.close().await;
        place.sql("UPDATE pw_meta SET value = '99' WHERE key = 'format'").await;
        let refused = place.try_open().await.err();
        assert!(matches!(refused, Some(StoreError::NewerDatabase { found: 99, .. })), "{refused:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_without_seals_gets_them() {
    on_every_place(async |place| {
        let store = place.open().await;
        insert(&store, "lead", lead("From before")).await;
        store.close().await;
        place
            .sql("DROP INDEX pw_feed_erased; DROP INDEX pw_feed_erasures; ALTER TABLE pw_feed DROP COLUMN salt; ALTER TABLE pw_feed DROP COLUMN erased; DROP TABLE pw_match_key; DROP TABLE IF EXISTS pw_match_fresh; DROP TABLE pw_seal; DROP TABLE pw_publication; DROP INDEX pw_feed_deleted; DROP INDEX pw_feed_deleted_by; UPDATE pw_meta SET value = '1' WHERE key = 'format'")
            .await;
        let untouched = Store::open(&place.url, StoreOptions { migrate: false, ..StoreOptions::default() }).await.err();
        assert!(matches!(untouched, Some(StoreError::Migration(_))), "{untouched:?}");

        let store = place.open().await;
        store.seal(Duration::from_secs(60)).await.unwrap();
        assert_eq!(store.check().await.unwrap().history.entries, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_something_else_is_left_alone() {
    on_every_place(async |place| {
        place.sql("CREATE TABLE invoices (number integer)").await;
        let refused = place.try_open().await.err();
        assert!(matches!(refused, Some(StoreError::ForeignDatabase(_))), "{refused:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_database_is_refused() {
    let place = Place::sqlite();
    let path = place.file("letter.txt");
    std::fs::write(&path, "Dear customer, ".repeat(200)).unwrap();
    let refused = Store::open(&DatabaseUrl::Sqlite(path), StoreOptions::default()).await.err();
    assert!(matches!(refused, Some(StoreError::ForeignDatabase(_))), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_server_is_reported_as_such() {
    let url = DatabaseUrl::Postgres("postgres://nobody@127.0.0.1:9/nothing".to_owned());
    let refused = Store::open(&url, StoreOptions::default()).await.err();
    assert!(matches!(refused, Some(StoreError::Unavailable(_))), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_database_is_not_touched_where_changes_are_forbidden() {
    on_every_place(async |place| {
        let options = StoreOptions { migrate: false, ..StoreOptions::default() };
        let refused = Store::open(&place.url, options.clone()).await.err();
        assert!(matches!(refused, Some(StoreError::Migration(_))), "{refused:?}");
        place.open().await.close().await;
        Store::open(&place.url, options).await.unwrap().close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_served_by_one_process_only_and_used_by_others_meanwhile() {
    let place = Place::sqlite();
    let server = place.open().await;
    let held = server.serve_alone().unwrap();
    let command = place.open().await;
    match command.serve_alone() {
        Err(StoreError::Unavailable(message)) => {
            assert!(message.contains(&std::process::id().to_string()), "{message}");
        }
        other => panic!("{other:?}"),
    }
    insert(&command, "lead", lead("From the command line")).await;
    drop(held);
    command.serve_alone().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn opening_does_not_wait_for_whoever_writes() {
    on_every_place(async |place| {
        let store = place.open().await;
        let (begun, writing) = tokio::sync::oneshot::channel();
        let (go_on, opened) = std::sync::mpsc::channel::<()>();
        let writer = tokio::spawn(async move {
            store
                .write(move |writer| {
                    writer.insert(&somebody(), "lead", Uuid::now_v7(), lead("Long work"))?;
                    begun.send(()).unwrap();
                    opened.recv().unwrap();
                    Ok::<_, StoreError>(())
                })
                .await
        });
        writing.await.unwrap();
        let other = tokio::time::timeout(Duration::from_secs(20), place.open()).await;
        go_on.send(()).unwrap();
        writer.await.unwrap().unwrap();
        other.expect("it waited for the writer").close().await;
    })
    .await;
}
