//! The change feed: in order, nothing skipped, nothing twice.

use std::{collections::HashSet, sync::Arc, sync::atomic::AtomicBool, sync::atomic::Ordering, time::Duration};

use crate::world::*;
use store::{FeedOperation, FeedPosition, Row, StoreError};
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reader_of_news_misses_nothing_while_many_write() {
    on_every_store(async |store| {
        const WRITERS: usize = 6;
        const EACH: usize = 30;
        let done = Arc::new(AtomicBool::new(false));
        let reader = tokio::spawn({
            let (store, done) = (store.clone(), Arc::clone(&done));
            async move {
                let mut place = FeedPosition::default();
                let mut seen = Vec::new();
                let mut end = None;
                while end.is_none_or(|end| place < end) {
                    if end.is_none() && done.load(Ordering::SeqCst) {
                        end = Some(settled(&store).await);
                    }
                    let news = store.read(move |reader| reader.feed_after(place, 7)).await.unwrap();
                    for entry in news {
                        assert!(entry.position > place);
                        place = entry.position;
                        if entry.table == "lead" {
                            seen.push(entry.id);
                        }
                    }
                }
                seen
            }
        });
        let mut writers = Vec::new();
        for _ in 0..WRITERS {
            let store = store.clone();
            writers.push(tokio::spawn(async move {
                let mut written = Vec::new();
                for number in 0..EACH {
                    let id = Uuid::now_v7();
                    store
                        .write(move |writer| {
                            writer.insert(&somebody(), "lead", id, lead("News"))?;
                            // Transactions overlap: later numbers are committed before this one.
                            std::thread::sleep(Duration::from_millis((number % 4) as u64));
                            Ok::<_, StoreError>(())
                        })
                        .await
                        .unwrap();
                    written.push(id);
                }
                written
            }));
        }
        let mut written = HashSet::new();
        for writer in writers {
            written.extend(writer.await.unwrap());
        }
        done.store(true, Ordering::SeqCst);
        let seen = reader.await.unwrap();
        assert_eq!(seen.len(), WRITERS * EACH);
        assert_eq!(seen.into_iter().collect::<HashSet<_>>(), written);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_changes_of_one_act_are_found_together() {
    on_every_store(async |store| {
        let actor = somebody();
        let act = actor.act;
        insert(&store, "lead", lead("Other act")).await;
        store
            .write(move |writer| {
                let row = writer.insert(&actor, "lead", Uuid::now_v7(), lead("One"))?;
                let row = writer.update(&actor, "lead", &row, Row::new().with("subject", "Two"))?;
                writer.delete(&actor, "lead", &row)
            })
            .await
            .unwrap();
        let entries = store.read(move |reader| reader.feed_of_act(act, FeedPosition::default(), 10)).await.unwrap();
        let operations: Vec<_> = entries.iter().map(|entry| entry.operation).collect();
        assert_eq!(operations, [FeedOperation::Create, FeedOperation::Update, FeedOperation::Delete]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_durable_reader_goes_on_where_it_was() {
    on_every_place(async |place| {
        let store = place.open().await;
        insert(&store, "lead", lead("One")).await;
        let end = settled(&store).await;
        store.write(move |writer| writer.set_feed_cursor("assistant", end)).await.unwrap();
        insert(&store, "lead", lead("Two")).await;
        store.close().await;
        let store = place.open().await;
        settled(&store).await;
        let news = store
            .read(|reader| {
                let place = reader.feed_cursor("assistant")?;
                assert_eq!(reader.feed_cursor("nobody")?, FeedPosition::default());
                reader.feed_after(place, 10)
            })
            .await
            .unwrap();
        assert_eq!(news.iter().filter(|entry| entry.table == "lead").count(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_read_in_one_name_one_moves_on_and_a_beginning_is_kept() {
    on_every_store(async |store| {
        let begin = FeedPosition { transaction: 0, sequence: 3 };
        let end = FeedPosition { transaction: 0, sequence: 9 };
        assert!(store.write(move |writer| writer.begin_feed_cursor("bell", begin)).await.unwrap());
        assert!(!store.write(move |writer| writer.begin_feed_cursor("bell", end)).await.unwrap());
        let go = async || store.write(move |writer| writer.move_feed_cursor("bell", begin, end)).await.unwrap();
        let (one, other) = tokio::join!(go(), go());
        assert!(one != other, "one of both");
        assert_eq!(store.read(|reader| reader.feed_cursor("bell")).await.unwrap(), end);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_wakes_those_who_wait_for_changes() {
    on_every_store(async |store| {
        let mut changes = store.changes();
        changes.mark_unchanged();
        let row = insert(&store, "lead", lead("One")).await;
        tokio::time::timeout(Duration::from_secs(10), changes.changed()).await.unwrap().unwrap();
        assert_eq!(changes.borrow().sequence, u64::try_from(version(&row)).unwrap());
    })
    .await;
}
