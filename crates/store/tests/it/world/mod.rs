//! Databases to test on, and rows to put into them.

use std::path::PathBuf;

use jiff::Timestamp;
use model::{Overlay, Reference};
pub use pipewright_store as store;
use store::{Actor, Copies, DatabaseUrl, Row, Store, StoreError, StoreOptions};
use testkit::{Postgres, Scratch, TestDatabase};
use uuid::Uuid;

/// A database that goes when it is dropped.
pub struct Place {
    pub url: DatabaseUrl,
    /// A folder for files of the test.
    pub scratch: Scratch,
    database: Option<TestDatabase>,
}

impl Place {
    pub fn sqlite() -> Self {
        let scratch = Scratch::new().unwrap();
        Self { url: DatabaseUrl::Sqlite(scratch.file("pipewright.db")), scratch, database: None }
    }

    pub fn postgres() -> Self {
        let database = Postgres::shared().unwrap().database().unwrap();
        let url = database.url().parse().unwrap();
        Self { url, scratch: Scratch::new().unwrap(), database: Some(database) }
    }

    pub async fn open(&self) -> Store {
        self.try_open().await.unwrap()
    }

    pub async fn try_open(&self) -> Result<Store, StoreError> {
        let copies = Copies::In(self.scratch.path().to_owned());
        Store::open(&self.url, StoreOptions { readers: 6, copies, ..StoreOptions::default() }).await
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.scratch.file(name)
    }

    /// Brings a dump into this PostgreSQL database.
    pub fn restore(&self, dump: &std::path::Path) {
        self.database.as_ref().unwrap().restore(dump).unwrap();
    }

    /// Runs one statement on the database behind the store's back.
    pub async fn sql(&self, sql: &str) {
        match &self.url {
            DatabaseUrl::Sqlite(path) => {
                let connection = rusqlite::Connection::open(path).unwrap();
                connection.busy_timeout(std::time::Duration::from_secs(10)).unwrap();
                // Indexes name it; the texts of these tests are plain enough.
                connection.create_collation("PW_NOCASE", |a, b| a.to_lowercase().cmp(&b.to_lowercase())).unwrap();
                connection.execute_batch(sql).unwrap();
            }
            DatabaseUrl::Postgres(url) => {
                let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
                let driver = tokio::spawn(connection);
                client.batch_execute(sql).await.unwrap();
                drop(client);
                driver.await.unwrap().unwrap();
            }
        }
    }
}

/// Runs a test on SQLite and on PostgreSQL.
pub async fn on_every_place(test: impl AsyncFn(&Place)) {
    for place in [Place::sqlite(), Place::postgres()] {
        eprintln!("on {:?}", place.url);
        test(&place).await;
    }
}

/// Runs a test on a freshly opened store of either engine.
pub async fn on_every_store(test: impl AsyncFn(Store)) {
    on_every_place(async |place| test(place.open().await).await).await;
}

pub fn somebody() -> Actor {
    Actor { user: Uuid::from_u128(1), origin: "test".to_owned(), act: Uuid::now_v7(), at: None }
}

/// What every row needs.
pub fn stamped() -> Row {
    let now = Timestamp::now();
    Row::new().with("createdon", now).with("modifiedon", now)
}

pub fn lead(subject: &str) -> Row {
    stamped().with("subject", subject).with("statecode", 0).with("statuscode", 1)
}

pub fn account(name: &str) -> Row {
    stamped().with("name", name).with("statecode", 0).with("statuscode", 1)
}

pub fn reference(table: &str, id: Uuid) -> Reference {
    Reference::new(table, id)
}

/// Inserts a row in a transaction of its own.
pub async fn insert(store: &Store, table: &'static str, row: Row) -> Row {
    try_insert(store, table, row).await.unwrap()
}

pub async fn try_insert(store: &Store, table: &'static str, row: Row) -> Result<Row, StoreError> {
    store.write(move |writer| writer.insert(&somebody(), table, Uuid::now_v7(), row)).await
}

/// Changes a row in a transaction of its own.
pub async fn update(store: &Store, table: &'static str, id: Uuid, changes: Row) -> Result<Row, StoreError> {
    store
        .write(move |writer| {
            let old = writer.lock(table, id)?.ok_or(StoreError::NotFound { table: table.to_owned(), id })?;
            writer.update(&somebody(), table, &old, changes)
        })
        .await
}

/// The row as it is now.
pub async fn get(store: &Store, table: &'static str, id: Uuid) -> Option<Row> {
    store.read(move |reader| reader.get(table, id, None, &store::Scope::default(), &zone())).await.unwrap()
}

/// Waits until the feed shows all that was committed, and returns its end. PostgreSQL shows an
/// entry to readers of news only when every transaction of the server that began before has
/// ended, and other tests share the server.
pub async fn settled(store: &Store) -> store::FeedPosition {
    let last = insert(store, "account", account("the last")).await;
    for _ in 0..600 {
        #[allow(clippy::redundant_closure_for_method_calls, reason = "the method's name alone is not general enough")]
        let end = store.read(|reader| reader.feed_end()).await.unwrap();
        if i64::try_from(end.sequence).unwrap() >= version(&last) {
            return end;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the feed has not shown the last change within 30 seconds");
}

pub fn zone() -> store::Zone {
    store::Zone {
        user: Uuid::from_u128(1),
        teams: Vec::new(),
        business_unit: Uuid::from_u128(2),
        now: "2026-11-24T12:00:00Z".parse().unwrap(),
        time_zone: jiff::tz::TimeZone::UTC,
        fiscal_start_month: 1,
        week_starts: jiff::civil::Weekday::Monday,
    }
}

pub fn id_of(row: &Row, key: &str) -> Uuid {
    row.value(key).as_id().unwrap()
}

pub fn version(row: &Row) -> i64 {
    row.value("versionnumber").as_whole().unwrap()
}

pub fn overlay(toml: &str) -> Overlay {
    Overlay::from_toml(toml).unwrap()
}
