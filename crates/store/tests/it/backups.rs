//! Backup and restore, from either engine to either engine.

use crate::world::*;
use store::{BackupReport, FeedPosition, Row, Store, StoreError};
use uuid::Uuid;

/// More than are read at a time.
const ROWS: i64 = 1200;

/// A little of everything, on a customised model.
async fn fill(store: &Store) {
    let column = "[table.lead.columns.new_score]\nlabel = \"Score\"\ntype = \"whole\"\n";
    store.publish(overlay(column), somebody()).await.unwrap();
    let parent = insert(store, "account", account("Ärzte GmbH")).await;
    let parent = reference("account", id_of(&parent, "accountid"));
    let customer = parent.clone();
    store
        .write(move |writer| {
            for number in 0..ROWS {
                let row = lead(&format!("Lead {number}"))
                    .with("lastname", format!("Müller {number}"))
                    .with("budgetamount", rust_decimal::Decimal::new(number * 1234, 2))
                    .with("new_score", number)
                    .with("customerid", customer.clone());
                let row = writer.insert(&somebody(), "lead", Uuid::now_v7(), row)?;
                if number % 100 == 0 {
                    writer.update(&somebody(), "lead", &row, Row::new().with("donotphone", true))?;
                }
            }
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
    insert(
        store,
        "task",
        stamped().with("subject", "Call").with("statecode", 0).with("statuscode", 2).with("regardingobjectid", parent),
    )
    .await;
    let end = settled(store).await;
    store
        .write(move |writer| {
            writer.set_feed_cursor("assistant", end)?;
            writer.set_setting("currency", &serde_json::json!("EUR"))?;
            writer.put_file(Uuid::from_u128(5), b"picture")?;
            for kind in ["password", "session", "token"] {
                writer.put_secret(&store::Secret {
                    kind: kind.to_owned(),
                    key: "k".to_owned(),
                    owner: None,
                    expires: None,
                    data: serde_json::json!({}),
                })?;
            }
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
}

/// All rows of all tables and the whole feed, as text.
async fn contents(store: &Store) -> Vec<String> {
    store
        .read(|reader| {
            let mut ids = Vec::new();
            let mut lines = Vec::new();
            let mut place = FeedPosition::default();
            loop {
                let entries = reader.feed_after(place, 1000)?;
                let Some(last) = entries.last() else { break };
                place = last.position;
                for entry in entries {
                    ids.push((entry.table.clone(), entry.id));
                    let (sequence, at) = (entry.position.sequence, entry.at.as_millisecond());
                    lines.push(format!("{sequence} {at} {:?} {} {:?}", entry.actor, entry.id, entry.changes));
                }
            }
            // On PostgreSQL the order is by transaction; the content is what counts here.
            lines.sort();
            ids.sort();
            ids.dedup();
            for (table, id) in ids {
                let row = reader.get(&table, id, None, &store::Scope::default(), &zone())?;
                lines.push(format!("{table} {id} {row:?}"));
            }
            lines.push(format!("{:?}", reader.publications(None, 10)?));
            lines.push(format!("{:?} {:?}", reader.setting("currency")?, reader.file(Uuid::from_u128(5))?));
            Ok::<_, StoreError>(lines)
        })
        .await
        .unwrap()
}

async fn carried_over(from: &Place, to: &Place) {
    let source = from.open().await;
    fill(&source).await;
    let file = from.file("backup.db");
    let report: BackupReport = source.backup(&file).await.unwrap();
    assert_eq!(report.files, 1);
    assert!(report.rows.contains(&("lead".to_owned(), ROWS.unsigned_abs())), "{report:?}");
    let restored = Store::restore(&to.url, &file).await.unwrap();
    assert_eq!(restored, report);

    let target = to.open().await;
    assert_eq!(target.model().version, 1);
    let (before, after) = (contents(&source).await, contents(&target).await);
    assert_eq!(before.len(), after.len());
    assert!(after.iter().any(|line| line.contains("column lead/new_score (Score) is added")), "who published is kept");
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before, after);
    }
    assert_eq!(target.check().await.unwrap().findings, []);
    target
        .read(|reader| {
            assert!(reader.secret("password", "k")?.is_some());
            assert!(reader.secret("session", "k")?.is_none() && reader.secret("token", "k")?.is_none());
            let place = reader.feed_cursor("assistant")?;
            assert_eq!(reader.feed_after(place, 10)?, []);
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
    // The feed goes on behind what was restored.
    let next = insert(&target, "lead", lead("Next")).await;
    assert!(version(&next) > i64::try_from(report.feed_entries).unwrap());
    let refused = Store::restore(&to.url, &file).await;
    assert!(matches!(refused, Err(StoreError::ForeignDatabase(_))), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn from_sqlite_to_sqlite() {
    carried_over(&Place::sqlite(), &Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_sqlite_to_postgres() {
    carried_over(&Place::sqlite(), &Place::postgres()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_postgres_to_sqlite() {
    carried_over(&Place::postgres(), &Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_postgres_to_postgres() {
    carried_over(&Place::postgres(), &Place::postgres()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_backup_is_of_one_moment_while_others_write() {
    on_every_place(async |place| {
        let store = place.open().await;
        let writers: Vec<_> = (0..3)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move {
                    for number in 0..60 {
                        insert(&store, "lead", lead(&format!("Lead {number}"))).await;
                    }
                })
            })
            .collect();
        let file = place.file("busy.db");
        for _ in 0..3 {
            store.backup(&file).await.unwrap();
        }
        for writer in writers {
            writer.await.unwrap();
        }
        let copy = Place::sqlite();
        Store::restore(&copy.url, &file).await.unwrap();
        assert_eq!(copy.open().await.check().await.unwrap().findings, []);
    })
    .await;
}
