//! How fast the store writes and reads: `cargo run --release -p pipewright-store --example speed
//! [DATABASE]`, on a fresh SQLite file where no database is given.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use pipewright_store::{Actor, DatabaseUrl, Row, Scope, Store, StoreError, StoreOptions, Zone};
use uuid::Uuid;

const CALLERS: usize = 16;
const TIME: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> Result<(), StoreError> {
    let folder = tempfile::tempdir_in(".")?;
    let url = match std::env::args().nth(1) {
        Some(url) => url.parse()?,
        None => DatabaseUrl::Sqlite(folder.path().join("speed.db")),
    };
    let begun = Instant::now();
    let store = Store::open(&url, StoreOptions::default()).await?;
    println!("{url:?} opened in {:?}", begun.elapsed());

    measure("inserts, one transaction each", &store, insert).await?;
    measure("updates of one column", &store, update).await?;
    measure("reads of a whole row", &store, read).await?;
    bulk(&store).await?;
    store.close().await;
    Ok(())
}

/// Runs `work` over and over with [`CALLERS`] at a time and prints rate and waiting times.
async fn measure<F>(
    what: &str,
    store: &Store,
    work: impl Fn(Store, Uuid) -> F + Copy + Send + 'static,
) -> Result<(), StoreError>
where
    F: Future<Output = Result<(), StoreError>> + Send,
{
    let known = Arc::new(some_leads(store).await?);
    let begun = Instant::now();
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let (store, known) = (store.clone(), Arc::clone(&known));
            tokio::spawn(async move {
                let mut waits = Vec::new();
                let mut turn = caller;
                while begun.elapsed() < TIME {
                    let start = Instant::now();
                    work(store.clone(), known[turn % known.len()]).await?;
                    waits.push(start.elapsed());
                    turn += CALLERS;
                }
                Ok::<_, StoreError>(waits)
            })
        })
        .collect();
    let mut waits = Vec::new();
    for caller in callers {
        waits.extend(caller.await.map_err(|error| StoreError::Internal(error.to_string()))??);
    }
    let rate = waits.len() as f64 / begun.elapsed().as_secs_f64();
    waits.sort_unstable();
    println!(
        "{what}: {rate:.0}/s, median {:?}, 99 of 100 within {:?}",
        waits[waits.len() / 2],
        waits[waits.len() * 99 / 100]
    );
    Ok(())
}

async fn some_leads(store: &Store) -> Result<Vec<Uuid>, StoreError> {
    let ids: Vec<Uuid> = (0..1000).map(|_| Uuid::now_v7()).collect();
    let written = ids.clone();
    store
        .write(move |writer| {
            for id in written {
                writer.insert(&actor(), "lead", id, lead())?;
            }
            Ok::<_, StoreError>(())
        })
        .await?;
    Ok(ids)
}

async fn insert(store: Store, _: Uuid) -> Result<(), StoreError> {
    store.write(|writer| writer.insert(&actor(), "lead", Uuid::now_v7(), lead()).map(drop)).await
}

async fn update(store: Store, id: Uuid) -> Result<(), StoreError> {
    store
        .write(move |writer| {
            let old = writer.lock("lead", id)?.ok_or(StoreError::NotFound { table: "lead".to_owned(), id })?;
            let jobs = old.value("numberofemployees").as_whole().unwrap_or_default() + 1;
            writer.update(&actor(), "lead", &old, Row::new().with("numberofemployees", jobs)).map(drop)
        })
        .await
}

async fn read(store: Store, id: Uuid) -> Result<(), StoreError> {
    store.read(move |reader| reader.get("lead", id, None, &Scope::default(), &zone()).map(drop)).await
}

/// The writer's own time for one row, without waiting for the disk.
async fn bulk(store: &Store) -> Result<(), StoreError> {
    const ROWS: u32 = 10_000;
    let spent = store
        .write(|writer| {
            let begun = Instant::now();
            for _ in 0..ROWS {
                writer.insert(&actor(), "lead", Uuid::now_v7(), lead())?;
            }
            Ok::<_, StoreError>(begun.elapsed())
        })
        .await?;
    println!("inserts within one transaction: {:?} each", spent / ROWS);
    Ok(())
}

fn actor() -> Actor {
    Actor { user: Uuid::from_u128(1), origin: "speed".to_owned(), act: Uuid::from_u128(2), at: None }
}

fn lead() -> Row {
    let now = Timestamp::now();
    Row::new()
        .with("createdon", now)
        .with("modifiedon", now)
        .with("statecode", 0)
        .with("statuscode", 1)
        .with("subject", "Robotics line for the new plant")
        .with("firstname", "Ada")
        .with("lastname", "Lovelace")
        .with("companyname", "Analytical Engines Ltd.")
        .with("jobtitle", "Head of Production")
        .with("emailaddress1", "ada.lovelace@example.org")
        .with("telephone1", "+44 20 7946 0000")
        .with("address1_city", "London")
        .with("leadsourcecode", 2)
        .with("donotphone", false)
        .with("numberofemployees", 250)
}

fn zone() -> Zone {
    Zone {
        user: Uuid::from_u128(1),
        teams: Vec::new(),
        business_unit: Uuid::from_u128(2),
        now: Timestamp::now(),
        time_zone: jiff::tz::TimeZone::UTC,
        fiscal_start_month: 1,
        week_starts: jiff::civil::Weekday::Monday,
    }
}
