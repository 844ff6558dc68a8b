//! A release that has to change a database: a backup first, all or nothing, and the reason.

use std::{os::unix::fs::PermissionsExt, path::PathBuf, sync::Arc};

use crate::{
    gadgets::{berlin, rows_of},
    world::*,
};
use model::Filter;
use sha2::{Digest as _, Sha256};
use store::{Copies, DatabaseUrl, Store, StoreError, StoreOptions};

/// Takes a column of leads out of what the database says it has, as if an older release had made it.
const OLDER: &str = "ALTER TABLE lead DROP COLUMN jobtitle;
    UPDATE pw_meta SET value = json_remove(value, '$.tables.lead.columns.jobtitle') WHERE key = 'schema'";
/// The same on PostgreSQL.
const OLDER_ON_POSTGRES: &str = "ALTER TABLE lead DROP COLUMN jobtitle;
    UPDATE pw_meta SET value = (value::jsonb #- '{tables,lead,columns,jobtitle}')::text WHERE key = 'schema'";
/// Says that an older release allowed longer topics.
const LONGER: &str = "UPDATE pw_meta SET value = json_set(value, '$.tables.lead.columns.subject.length', 9000)
    WHERE key = 'schema'";

/// The backups beside the database.
fn backups(place: &Place) -> Vec<PathBuf> {
    let DatabaseUrl::Sqlite(path) = &place.url else { panic!("{:?} is no file", place.url) };
    let folder = std::fs::read_dir(path.parent().unwrap()).unwrap();
    let all = folder.map(|entry| entry.unwrap().path());
    all.filter(|path| path.to_string_lossy().contains(".before-")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn before_a_release_changes_a_file_it_lays_a_backup_beside_it() {
    let place = Place::sqlite();
    let store = place.open().await;
    let row = insert(&store, "lead", lead("Robots").with("lastname", "Berg")).await;
    let id = id_of(&row, "leadid");
    store.close().await;
    place.open().await.close().await;
    assert_eq!(backups(&place), Vec::<PathBuf>::new(), "nothing had to be changed");

    place.sql(OLDER).await;
    let store = place.open().await;
    assert_eq!(get(&store, "lead", id).await, Some(row.clone()), "the row is as it was, with the new column");
    let row = update(&store, "lead", id, store::Row::new().with("jobtitle", "Buyer")).await.unwrap();
    store.close().await;
    let [backup] = backups(&place).try_into().expect("one backup");

    let other = Place::sqlite();
    Store::restore(&other.url, &backup).await.unwrap();
    let store = other.open().await;
    let before = get(&store, "lead", id).await.unwrap();
    assert_eq!((before.text("subject"), before.text("jobtitle")), ("Robots", ""), "as it was before");
    assert_eq!(row.text("jobtitle"), "Buyer");
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_does_not_list_the_words_of_its_searches_lists_them_and_is_left_as_it_is() {
    let place = Place::sqlite();
    let store = place.open().await;
    insert(&store, "lead", lead("Robots").with("lastname", "Berg")).await;
    store.close().await;
    place
        .sql(
            "DROP TABLE lead_search_words;
             UPDATE pw_meta SET value = json_remove(value, '$.tables.lead.derived[1]') WHERE key = 'schema'",
        )
        .await;
    let plan = Store::plan(&place.url).await.unwrap().to_string();
    assert!(plan.contains("lead_search_words") && !plan.contains("anew"), "{plan}");
    let store = place.open().await;
    let query = store::Query::of("lead", Arc::default(), Arc::new(berlin())).matching(Filter::Search("rob".to_owned()));
    assert_eq!(rows_of(&store, query.select(["subject"])).await.unwrap().rows.len(), 1);
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn before_a_release_changes_a_postgresql_database_it_is_dumped() {
    let place = Place::postgres();
    let store = place.open().await;
    let row = insert(&store, "lead", lead("Robots").with("lastname", "Berg")).await;
    let id = id_of(&row, "leadid");
    store.close().await;
    place.sql(OLDER_ON_POSTGRES).await;
    let unwritable = StoreOptions { copies: Copies::In(place.file("no such folder")), ..StoreOptions::default() };
    let refused = Store::open(&place.url, unwritable).await.err();
    let Some(StoreError::Migration(reason)) = refused else { panic!("{refused:?}") };
    assert!(reason.contains("nothing was changed") && reason.contains("--upgrade-copies"), "{reason}");

    let folder = place.file("copies");
    std::fs::create_dir(&folder).unwrap();
    let options = StoreOptions { copies: Copies::In(folder.clone()), ..StoreOptions::default() };
    let store = Store::open(&place.url, options).await.unwrap();
    assert_eq!(get(&store, "lead", id).await, Some(row.clone()));
    store.close().await;
    let dumps: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let [dump] = dumps.try_into().expect("one dump");
    let mode = std::fs::metadata(&dump).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "nobody else reads what people sign in with");

    let other = Place::postgres();
    other.restore(&dump);
    let plan = Store::plan(&other.url).await.unwrap();
    assert!(plan.to_string().contains("add the column lead.jobtitle"), "it is as it was before: {plan}");
    let options = StoreOptions { copies: Copies::Nowhere, ..StoreOptions::default() };
    let store = Store::open(&other.url, options).await.unwrap();
    assert_eq!(get(&store, "lead", id).await, Some(row));
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_fails_leaves_everything_as_it_was_and_says_why() {
    let place = Place::sqlite();
    let store = place.open().await;
    let row = insert(&store, "lead", lead("Robots")).await;
    store.close().await;
    // The column that is missing would be added first; that must be undone, too.
    place.sql(OLDER).await;
    place.sql(LONGER).await;
    place.sql("UPDATE lead SET subject = printf('%.*c', 5000, 'x')").await;
    let refused = place.try_open().await.err();
    let Some(StoreError::Migration(reason)) = refused else { panic!("{refused:?}") };
    assert!(reason.contains("lead.subject: 1 texts are longer") && reason.contains("shorten"), "{reason}");
    assert_eq!(backups(&place).len(), 1);
    let plan = Store::plan(&place.url).await.unwrap();
    assert!(plan.steps.iter().any(|step| step.contains("add the column lead.jobtitle")), "{plan}");
    place.sql("UPDATE lead SET subject = 'Robots'").await;
    let store = place.open().await;
    assert_eq!(get(&store, "lead", id_of(&row, "leadid")).await, Some(row));
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_cannot_be_backed_up_is_not_changed() {
    let place = Place::sqlite();
    place.open().await.close().await;
    place.sql(OLDER).await;
    // In the way of every backup of this minute.
    let DatabaseUrl::Sqlite(path) = &place.url else { panic!("no file") };
    for second in 0..20 {
        let moment = (jiff::Timestamp::now() + jiff::SignedDuration::from_secs(second)).strftime("%Y%m%dT%H%M%S");
        let name = format!(".before-{}-{moment}.backup", env!("CARGO_PKG_VERSION"));
        let mut copy = path.clone().into_os_string();
        copy.push(name);
        std::fs::create_dir(copy).unwrap();
    }
    let refused = place.try_open().await.err();
    let Some(StoreError::Migration(reason)) = refused else { panic!("{refused:?}") };
    assert!(reason.contains("nothing was changed"), "{reason}");
    assert!(!Store::plan(&place.url).await.unwrap().is_empty(), "it still has to be changed");
}

/// Makes the file one of format 2, whose seals cover the values themselves.
fn as_format_2(place: &Place) {
    let DatabaseUrl::Sqlite(path) = &place.url else { panic!("{:?} is no file", place.url) };
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.create_collation("PW_NOCASE", |a, b| a.to_lowercase().cmp(&b.to_lowercase())).unwrap();
    connection
        .execute_batch(
            "DROP INDEX pw_feed_erased; DROP INDEX pw_feed_erasures; ALTER TABLE pw_feed DROP COLUMN salt;
             ALTER TABLE pw_feed DROP COLUMN erased; DELETE FROM pw_seal; DROP TABLE pw_match_fresh;
             DROP TABLE pw_publication;
             UPDATE pw_meta SET value = '2' WHERE key = 'format'",
        )
        .unwrap();
    let mut hash = Sha256::new();
    let mut statement = connection
        .prepare(
            r#"SELECT seq, at, "user", origin, act, "table", record, operation, changes FROM pw_feed ORDER BY seq"#,
        )
        .unwrap();
    let mut rows = statement.query([]).unwrap();
    let (mut last, mut entries) = (0, 0);
    while let Some(row) = rows.next().unwrap() {
        last = row.get::<_, i64>(0).unwrap();
        entries += 1;
        for column in 0..9 {
            let bytes = match row.get_ref(column).unwrap() {
                rusqlite::types::ValueRef::Integer(number) => number.to_string().into_bytes(),
                other => other.as_bytes().unwrap().to_vec(),
            };
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        }
    }
    connection
        .execute("INSERT INTO pw_seal VALUES (1, ?1, ?2, 0, ?3)", (last, entries, hash.finalize().to_vec()))
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn seals_of_an_earlier_format_are_verified_and_made_anew() {
    let place = Place::sqlite();
    let store = place.open().await;
    let row = insert(&store, "lead", lead("Robots")).await;
    store.close().await;
    as_format_2(&place);
    let store = place.open().await;
    let report = store.check().await.unwrap();
    assert_eq!((report.findings.as_slice(), report.history.entries), ([].as_slice(), 1));
    // From now on values can be erased.
    let id = id_of(&row, "leadid");
    let erased = store.write(move |writer| writer.erase_history(&somebody(), "lead", id, None)).await.unwrap();
    assert_eq!((erased, store.check().await.unwrap().findings), (1, vec![]));
    store.close().await;
    place.sql("UPDATE pw_feed SET origin = 'forged' WHERE seq = 1").await;
    let findings = place.open().await.check().await.unwrap().findings;
    assert!(findings[0].message.contains("history"), "{findings:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_forged_before_the_upgrade_is_found_out_after_it() {
    let place = Place::sqlite();
    let store = place.open().await;
    insert(&store, "lead", lead("Robots")).await;
    store.close().await;
    as_format_2(&place);
    place.sql("UPDATE pw_feed SET changes = replace(changes, 'Robots', 'Forged')").await;
    let copy = place.file("copy.db");
    let store = place.open().await;
    store.backup(&copy).await.unwrap();
    let moved = Place::postgres();
    Store::restore(&moved.url, &copy).await.unwrap();
    for store in [store, moved.open().await] {
        let findings = store.check().await.unwrap().findings;
        assert!(findings.iter().any(|finding| finding.message.contains("did not fit")), "{findings:?}");
    }
}
