//! A reader of the change feed that keeps its place in the database, and builds every row from the
//! feed alone to compare it with what is stored.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::{Timestamp, civil, tz::TimeZone};
use model::{Column, ColumnType, Model, Value};
use store::{DatabaseUrl, FeedEntry, FeedOperation, FeedPosition, Query, Reader, Scope, Store, StoreError, Zone};
use uuid::Uuid;

/// How its place is called in the database.
const NAME: &str = "follower of the tests";
/// Entries read at once; few, so that many places are kept.
const PAGE: u32 = 500;
/// How long the last entries of a database at rest may stay unread: PostgreSQL shows an entry to readers
/// of news when every transaction of the server that began before has ended, and other tests share it.
const SETTLING: Duration = Duration::from_secs(30);

/// Reads on from where it was, in whichever process.
#[derive(Default)]
pub struct Follower {
    place: FeedPosition,
    seen: HashSet<u64>,
    rows: HashMap<(String, Uuid), Followed>,
}

/// A row as the feed tells it.
struct Followed {
    version: u64,
    there: bool,
    values: BTreeMap<String, Value>,
}

impl Follower {
    /// Reads everything new and compares all rows; everything that is wrong. The database must be
    /// at rest and hold so many entries.
    pub fn follow(&mut self, address: &str, entries: u64) -> Vec<String> {
        runtime().block_on(async {
            let store = open(address).await;
            let mut wrong = self.read_on(&store).await;
            let begun = Instant::now();
            while (self.seen.len() as u64) < entries && begun.elapsed() < SETTLING {
                tokio::time::sleep(Duration::from_millis(100)).await;
                wrong.extend(self.read_on(&store).await);
            }
            if self.seen.len() as u64 != entries {
                wrong.push(format!("{entries} entries are in the feed, {} were read from it", self.seen.len()));
            }
            let stored = store.read(all_rows).await.unwrap();
            wrong.extend(self.compare(&stored, &computed(&store.model())));
            store.close().await;
            wrong
        })
    }

    async fn read_on(&mut self, store: &Store) -> Vec<String> {
        let mut wrong = Vec::new();
        loop {
            let (place, news) = store
                .write(|writer| {
                    let place = writer.feed_cursor(NAME)?;
                    let news = writer.feed_after(place, PAGE)?;
                    if let Some(last) = news.last() {
                        writer.set_feed_cursor(NAME, last.position)?;
                    }
                    Ok::<_, StoreError>((place, news))
                })
                .await
                .unwrap();
            if place != self.place {
                wrong.push(format!("the place in the feed was {:?} and is {place:?}", self.place));
            }
            let Some(last) = news.last() else { return wrong };
            self.place = last.position;
            let mut before = place;
            for entry in news {
                if entry.position <= before {
                    wrong.push(format!("{:?} comes after {before:?}", entry.position));
                }
                before = entry.position;
                self.take(entry, &mut wrong);
            }
        }
    }

    fn take(&mut self, entry: FeedEntry, wrong: &mut Vec<String>) {
        if !self.seen.insert(entry.position.sequence) {
            wrong.push(format!("{:?} is in the feed twice", entry.position));
        }
        let key = (entry.table, entry.id);
        let known = self.rows.get(&key).is_some_and(|row| row.there);
        if known == (entry.operation == FeedOperation::Create) {
            wrong.push(format!("{key:?}: {:?} of a row that was there: {known}", entry.operation));
        }
        let row =
            self.rows.entry(key).or_insert_with(|| Followed { version: 0, there: false, values: BTreeMap::new() });
        row.version = entry.position.sequence;
        row.there = entry.operation != FeedOperation::Delete;
        for (column, before, after) in entry.changes {
            // Both are null where the column is not recorded.
            if before.is_null() && after.is_null() {
                row.values.remove(&column);
                continue;
            }
            if let Some(known) = row.values.get(&column).filter(|known| **known != before) {
                wrong.push(format!("{} {column}: the feed says {before:?} was there, it was {known:?}", entry.id));
            }
            row.values.insert(column, after);
        }
    }

    fn compare(&self, stored: &BTreeMap<(String, Uuid), store::Row>, computed: &Computed) -> Vec<String> {
        let mut wrong = Vec::new();
        for (key, row) in &self.rows {
            match stored.get(key) {
                None if row.there => wrong.push(format!("{key:?} is in the feed and not in its table")),
                Some(_) if !row.there => wrong.push(format!("{key:?} was deleted and is in its table")),
                Some(stored) => wrong.extend(row.compare(key, stored, computed)),
                None => {}
            }
        }
        // The changes of a row of `activitypointer` are in the feed as those of its twin.
        let by_id: HashMap<Uuid, &Followed> =
            self.rows.iter().filter(|(_, row)| row.there).map(|((_, id), row)| (*id, row)).collect();
        for (key, row) in stored.iter().filter(|(key, _)| !self.rows.contains_key(*key)) {
            match by_id.get(&key.1).filter(|_| key.0 == "activitypointer") {
                Some(activity) => wrong.extend(activity.compare(key, row, computed)),
                None => wrong.push(format!("{key:?} is not in the feed")),
            }
        }
        wrong
    }
}

/// Columns whose values follow from others, by table.
type Computed = HashSet<(String, String)>;

fn computed(model: &Model) -> Computed {
    let follows = |column: &&Column| matches!(column.kind, ColumnType::Calculated { .. } | ColumnType::Rollup(_));
    let tables = model.tables.values();
    tables
        .flat_map(|table| {
            table.columns.values().filter(follows).map(|column| (table.name.clone(), column.name.clone()))
        })
        .collect()
}

impl Followed {
    fn compare(&self, key: &(String, Uuid), stored: &store::Row, computed: &Computed) -> Vec<String> {
        let mut wrong = Vec::new();
        let version = stored.value("versionnumber").as_whole().unwrap_or_default();
        if u64::try_from(version) != Ok(self.version) {
            wrong.push(format!("{key:?} has version {version}, the feed's last change is {}", self.version));
        }
        for (column, value) in &self.values {
            let recorded = column != "versionnumber" && !computed.contains(&(key.0.clone(), column.clone()));
            if recorded && stored.get(column).is_some_and(|stored| stored != value) {
                wrong.push(format!("{key:?} {column}: {:?} is stored, the feed says {value:?}", stored.value(column)));
            }
        }
        wrong
    }
}

/// Entries of a feed by their sequence number.
pub type Entries = BTreeMap<u64, FeedEntry>;

/// The whole change feed of a database at rest. Where an entry stands differs between the engines;
/// its number does not.
pub fn entries(address: &str) -> Entries {
    runtime().block_on(async {
        let store = open(address).await;
        let (mut all, mut place) = (Entries::new(), FeedPosition::default());
        let (count, begun) = (store.check().await.unwrap().feed_entries, Instant::now());
        while (all.len() as u64) < count {
            assert!(begun.elapsed() < SETTLING, "{count} entries are in the feed, {} can be read", all.len());
            let page = store.read(move |reader| reader.feed_after(place, 5000)).await.unwrap();
            let Some(last) = page.last() else {
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            place = last.position;
            for mut entry in page {
                let sequence = entry.position.sequence;
                entry.position.transaction = 0;
                all.insert(sequence, entry);
            }
        }
        store.close().await;
        all
    })
}

/// All rows of all tables of a database, with every stored column.
pub fn every_row(address: &str) -> BTreeMap<(String, Uuid), store::Row> {
    runtime().block_on(async {
        let store = open(address).await;
        let rows = store.read(all_rows).await.unwrap();
        store.close().await;
        rows
    })
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

async fn open(address: &str) -> Store {
    let url: DatabaseUrl = address.parse().unwrap();
    Store::open(&url, store::StoreOptions::default()).await.unwrap()
}

/// All rows of all tables, with every stored column.
fn all_rows(reader: &mut Reader<'_>) -> Result<BTreeMap<(String, Uuid), store::Row>, StoreError> {
    let zone = Arc::new(Zone {
        user: Uuid::nil(),
        teams: Vec::new(),
        business_unit: Uuid::nil(),
        now: Timestamp::now(),
        time_zone: TimeZone::UTC,
        fiscal_start_month: 1,
        week_starts: civil::Weekday::Monday,
    });
    let scope = Arc::new(Scope::default());
    let model = Arc::clone(reader.model());
    let mut all = BTreeMap::new();
    for table in model.tables.values() {
        let columns = table.columns.values().filter(|column| column.is_stored()).map(|column| column.name.as_str());
        let query = Query::of(&table.name, Arc::clone(&scope), Arc::clone(&zone)).select(columns).take(1_000_000);
        for row in reader.query(&query)?.to_rows() {
            let id = row.value(&table.primary_key).as_id().unwrap_or_default();
            all.insert((table.name.clone(), id), row);
        }
    }
    Ok(all)
}
