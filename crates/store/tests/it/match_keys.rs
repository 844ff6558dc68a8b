//! Rows are found by their match keys, at once and for as long as they have them.

use crate::world::*;
use store::{MatchKey, Reader, Store, StoreError, Writer};
use uuid::Uuid;

const KEY: MatchKey = MatchKey { definition: 7, hash: 42 };

fn row(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn bearing(reader: &mut Reader<'_>) -> Result<Vec<Uuid>, StoreError> {
    Ok(reader.rows_by_match_key(&[KEY], 100)?.into_iter().map(|(_, id)| id).collect())
}

async fn write<T: Send + 'static>(
    store: &Store,
    act: impl FnOnce(&mut Writer<'_>) -> Result<T, StoreError> + Send + 'static,
) -> T {
    store.write(act).await.unwrap()
}

async fn found(store: &Store) -> Vec<Uuid> {
    store.read(bearing).await.unwrap()
}

fn read_definitions(reader: &mut Reader<'_>) -> Result<Vec<i32>, StoreError> {
    reader.match_key_definitions()
}

fn settle(writer: &mut Writer<'_>) -> Result<(), StoreError> {
    writer.settle_match_keys()
}

async fn definitions(store: &Store) -> Vec<i32> {
    let definitions: Result<Vec<i32>, StoreError> = store.read(read_definitions).await;
    definitions.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_just_given_is_found_in_the_same_act_and_by_others_after_it() {
    on_every_store(async |store| {
        let within = write(&store, |writer| {
            writer.put_match_keys(&[(KEY, row(1))])?;
            bearing(writer)
        })
        .await;
        assert_eq!(within, [row(1)]);
        write(&store, |writer| writer.put_match_keys(&[(KEY, row(2)), (KEY, row(2))])).await;
        assert_eq!(found(&store).await, [row(1), row(2)]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_what_was_undone_are_not_kept() {
    on_every_store(async |store| {
        write(&store, |writer| {
            let part: Result<Result<(), StoreError>, StoreError> = writer.savepoint(|writer| {
                writer.put_match_keys(&[(KEY, row(1))])?;
                Err(StoreError::BadQuery("on purpose".to_owned()))
            });
            assert!(part?.is_err());
            writer.put_match_keys(&[(KEY, row(2))])
        })
        .await;
        assert_eq!(found(&store).await, [row(2)]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_and_their_removal_outlive_the_process() {
    on_every_place(async |place| {
        let store = place.open().await;
        write(&store, |writer| writer.put_match_keys(&[(KEY, row(1)), (KEY, row(2)), (KEY, row(3))])).await;
        write(&store, settle).await;
        write(&store, |writer| writer.remove_match_keys(row(1), &[KEY])).await;
        write(&store, |writer| writer.put_match_keys(&[(KEY, row(4))])).await;
        store.close().await;

        let store = place.open().await;
        write(&store, |writer| writer.remove_match_keys(row(2), &[KEY])).await;
        write(&store, settle).await;
        assert_eq!(found(&store).await, [row(3), row(4)]);
        assert_eq!(definitions(&store).await, [7]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_definition_that_is_dropped_has_no_keys_left() {
    on_every_store(async |store| {
        write(&store, |writer| writer.put_match_keys(&[(KEY, row(1))])).await;
        write(&store, |writer| writer.put_match_keys(&[(MatchKey { definition: 8, ..KEY }, row(1))])).await;
        assert_eq!(definitions(&store).await, [7, 8]);
        write(&store, |writer| writer.drop_match_keys(7, 100)).await;
        assert_eq!(definitions(&store).await, [8]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_holds_keys_whether_they_are_in_their_table_or_not() {
    on_every_place(async |place| {
        let store = place.open().await;
        write(&store, |writer| writer.put_match_keys(&[(KEY, row(1)), (KEY, row(2))])).await;
        write(&store, settle).await;
        write(&store, |writer| writer.remove_match_keys(row(1), &[KEY])).await;
        write(&store, |writer| writer.put_match_keys(&[(KEY, row(3))])).await;
        let copy = place.file("copy.db");
        store.backup(&copy).await.unwrap();

        on_every_place(async |other| {
            Store::restore(&other.url, &copy).await.unwrap();
            let restored = other.open().await;
            write(&restored, settle).await;
            assert_eq!(found(&restored).await, [row(2), row(3)]);
        })
        .await;
    })
    .await;
}
