//! All or nothing, and durable when acknowledged.

use std::sync::Arc;

use crate::world::*;
use store::{Row, StoreError};
use uuid::Uuid;

async fn leads(store: &store::Store) -> u64 {
    let report = store.check().await.unwrap();
    assert_eq!(report.findings, []);
    report.rows.iter().find(|(table, _)| table == "lead").unwrap().1
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_there_after_reopening() {
    on_every_place(async |place| {
        let store = place.open().await;
        let mut tasks = Vec::new();
        for number in 0..100 {
            let store = store.clone();
            tasks.push(tokio::spawn(async move { insert(&store, "lead", lead(&format!("Lead {number}"))).await }));
        }
        let mut rows = Vec::new();
        for task in tasks {
            rows.push(task.await.unwrap());
        }
        store.close().await;
        let store = place.open().await;
        assert_eq!(leads(&store).await, 100);
        for row in rows {
            assert_eq!(get(&store, "lead", id_of(&row, "leadid")).await.as_ref(), Some(&row));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_or_panicking_write_undoes_only_itself() {
    on_every_store(async |store| {
        let mut tasks = Vec::new();
        for number in 0..60 {
            let store = store.clone();
            tasks.push(tokio::spawn(async move {
                store
                    .write(move |writer| {
                        writer.insert(&somebody(), "lead", Uuid::now_v7(), lead(&format!("Lead {number}")))?;
                        match number % 3 {
                            0 => Ok(()),
                            1 => Err(StoreError::BadQuery("on purpose".to_owned())),
                            _ => panic!("on purpose"),
                        }
                    })
                    .await
            }));
        }
        let mut good = 0;
        for (number, task) in tasks.into_iter().enumerate() {
            match (number % 3, task.await.unwrap()) {
                (0, Ok(())) => good += 1,
                (1, Err(StoreError::BadQuery(_))) | (2, Err(StoreError::Internal(_))) => {}
                (_, other) => panic!("{number}: {other:?}"),
            }
        }
        assert_eq!((good, leads(&store).await), (20, 20));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_savepoint_undoes_only_its_own_part() {
    on_every_store(async |store| {
        store
            .write(|writer| {
                writer.insert(&somebody(), "lead", Uuid::now_v7(), lead("Before"))?;
                let part: Result<(), StoreError> = writer.savepoint(|writer| {
                    writer.insert(&somebody(), "lead", Uuid::now_v7(), lead("Undone"))?;
                    let missing = lead("Bad").with("parentaccountid", reference("account", Uuid::now_v7()));
                    writer.insert(&somebody(), "lead", Uuid::now_v7(), missing).map(drop)
                })?;
                assert!(matches!(part, Err(StoreError::DanglingReference { .. })));
                writer.insert(&somebody(), "lead", Uuid::now_v7(), lead("After")).map(drop)
            })
            .await
            .unwrap();
        assert_eq!(leads(&store).await, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_finds_by_its_words_what_it_has_written_and_not_what_it_has_undone() {
    fn found(writer: &mut store::Writer<'_>, words: &str) -> usize {
        let query = store::Query::of("lead", Arc::default(), Arc::new(zone()))
            .select(["subject"])
            .matching(model::Filter::Search(words.to_owned()));
        writer.query(&query).unwrap().rows.len()
    }
    on_every_store(async |store| {
        store
            .write(|writer| {
                let row = writer.insert(&somebody(), "lead", Uuid::now_v7(), lead("Early bird"))?;
                let part: Result<(), StoreError> = writer.savepoint(|writer| {
                    writer.insert(&somebody(), "lead", Uuid::now_v7(), lead("Undone bird"))?;
                    writer.update(&somebody(), "lead", &row, Row::new().with("subject", "Undone early"))?;
                    // Looking makes the index current inside the part that is undone.
                    assert_eq!((found(writer, "bird"), found(writer, "undone")), (1, 2));
                    Err(StoreError::BadQuery("on purpose".to_owned()))
                })?;
                assert!(part.is_err());
                assert_eq!((found(writer, "bird"), found(writer, "undone")), (1, 0));
                let gone = writer.insert(&somebody(), "lead", Uuid::now_v7(), lead("Late bird"))?;
                writer.delete(&somebody(), "lead", &gone)
            })
            .await
            .unwrap();
        assert_eq!(leads(&store).await, 1);
        let after = store.write(|writer| Ok::<_, StoreError>(found(writer, "early bird"))).await.unwrap();
        assert_eq!(after, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panicking_read_is_an_error_and_the_store_goes_on() {
    on_every_store(async |store| {
        for _ in 0..20 {
            let result = store.read(|_| -> Result<(), StoreError> { panic!("on purpose") }).await;
            assert!(matches!(result, Err(StoreError::Internal(_))), "{result:?}");
        }
        assert_eq!(leads(&store).await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_sees_one_moment_however_long_it_takes() {
    on_every_store(async |store| {
        let row = insert(&store, "lead", lead("Before")).await;
        let id = id_of(&row, "leadid");
        let (begun, reading) = tokio::sync::oneshot::channel();
        let (go_on, written) = std::sync::mpsc::channel();
        let reader = tokio::spawn({
            let store = store.clone();
            async move {
                store
                    .read(move |reader| {
                        let scope = store::Scope::default();
                        let first = reader.get("lead", id, None, &scope, &zone())?;
                        begun.send(()).unwrap();
                        written.recv().unwrap();
                        Ok::<_, StoreError>((first, reader.get("lead", id, None, &scope, &zone())?))
                    })
                    .await
            }
        });
        reading.await.unwrap();
        update(&store, "lead", id, Row::new().with("subject", "After")).await.unwrap();
        go_on.send(()).unwrap();
        let (first, second) = reader.await.unwrap().unwrap();
        assert_eq!(first, second);
        assert_eq!(get(&store, "lead", id).await.unwrap().text("subject"), "After");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_store_says_so() {
    on_every_store(async |store| {
        let clone = store.clone();
        store.close().await;
        let refused = try_insert(&clone, "lead", lead("Late")).await;
        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_long_read_does_not_keep_short_ones_waiting() {
    on_every_store(async |store| {
        for _ in 0..130 {
            insert(&store, "lead", lead("The same")).await;
        }
        let (begun, reading) = tokio::sync::oneshot::channel();
        let long = tokio::spawn({
            let store = store.clone();
            async move {
                let query = every_triple_of_leads();
                let read = move |reader: &mut store::Reader<'_>| {
                    begun.send(()).unwrap();
                    reader.query(&query)
                };
                store.read(read).await
            }
        });
        reading.await.unwrap();
        let short = store.clone();
        tokio::spawn(async move { short.read(|reader| reader.setting("none")).await }).await.unwrap().unwrap();
        assert!(!long.is_finished());
        let counted = long.await.unwrap().unwrap();
        assert_eq!(counted.rows, [[model::Value::Whole(130 * 130 * 130)]]);
    })
    .await;
}

/// Takes far longer than one row.
fn every_triple_of_leads() -> store::Query {
    let join = |alias: &str| store::Join {
        alias: alias.to_owned(),
        table: "lead".to_owned(),
        column: "subject".to_owned(),
        parent: None,
        parent_column: "subject".to_owned(),
        kind: store::JoinKind::Inner,
        filter: model::Filter::everything(),
    };
    let mut query = store::Query::of("lead", Arc::default(), Arc::new(zone()));
    query.joins = vec![join("second"), join("third")];
    query.aggregates.push(store::Aggregate {
        function: store::AggregateFunction::Count,
        path: None,
        alias: "triples".to_owned(),
    });
    query
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_counts_what_it_has_written_and_not_what_it_has_undone() {
    /// Leads by their rating, from the kept totals.
    fn rated(writer: &mut store::Writer<'_>, rating: i64) -> i64 {
        let mut query = store::Query::of("lead", Arc::default(), Arc::new(zone()));
        query.group_by =
            vec![store::Grouping { path: "leadqualitycode".into(), part: None, alias: "rating".to_owned() }];
        query.aggregates =
            vec![store::Aggregate { function: store::AggregateFunction::Count, path: None, alias: "count".to_owned() }];
        let rows = writer.query(&query).unwrap().rows;
        let group = rows.iter().find(|row| row[0].as_whole() == Some(rating));
        group.and_then(|row| row[1].as_whole()).unwrap_or_default()
    }
    let rated_lead = |rating: i32| lead("Bird").with("leadqualitycode", rating);
    on_every_store(async |store| {
        store
            .write(move |writer| {
                let row = writer.insert(&somebody(), "lead", Uuid::now_v7(), rated_lead(1))?;
                writer.insert(&somebody(), "lead", Uuid::now_v7(), rated_lead(1))?;
                let part: Result<(), StoreError> = writer.savepoint(|writer| {
                    writer.insert(&somebody(), "lead", Uuid::now_v7(), rated_lead(2))?;
                    writer.update(&somebody(), "lead", &row, Row::new().with("leadqualitycode", 2))?;
                    // Looking makes the totals current inside the part that is undone.
                    assert_eq!((rated(writer, 1), rated(writer, 2)), (1, 2));
                    Err(StoreError::BadQuery("on purpose".to_owned()))
                })?;
                assert!(part.is_err());
                assert_eq!((rated(writer, 1), rated(writer, 2)), (2, 0));
                writer.update(&somebody(), "lead", &row, Row::new().with("leadqualitycode", 3)).map(drop)
            })
            .await
            .unwrap();
        let after =
            store.write(|writer| Ok::<_, StoreError>([1, 2, 3].map(|rating| rated(writer, rating)))).await.unwrap();
        assert_eq!(after, [1, 0, 1]);
        assert_eq!(store.check().await.unwrap().findings, []);
    })
    .await;
}
