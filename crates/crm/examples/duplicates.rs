//! What duplicate rules cost: a check among few and among many leads, and a create with and
//! without rules. `cargo run --release -p pipewright-crm --example duplicates -- 100000`

use std::time::{Duration, Instant};

use crm::{App, Caller, NewRecord, Origin, Row, identity::SetUp};
use pipewright_crm as crm;

/// Checks timed together.
const CHECKS: usize = 200;

#[tokio::main]
async fn main() -> crm::Result<()> {
    let most: usize = std::env::args().nth(1).and_then(|number| number.parse().ok()).unwrap_or(20_000);
    let folder = tempfile::tempdir().map_err(|error| crm::Error::File(error.to_string()))?;
    let app = App::open(&store::DatabaseUrl::Sqlite(folder.path().join("cost.db"))).await?;
    let set_up = SetUp { admin_email: "ada@contoso.example".into(), ..SetUp::default() };
    let admin = app.identity().set_up(set_up).await?;
    let admin = app.caller(admin).await?;
    let few = most / 100;
    fill(&app, &admin, 0, few).await?;
    let among_few = checked(&app, &admin, few).await?;
    let with_rules = fill(&app, &admin, few, most).await?;
    let among_many = checked(&app, &admin, most).await?;
    println!("a check among {few} leads takes {among_few:?}, among {most} {among_many:?}");
    println!("ratio {:.2}", among_many.as_secs_f64() / among_few.as_secs_f64());
    let query = app.new_query(&admin, "duplicaterule").select(["duplicateruleid"]).take(1000);
    for row in app.query(&admin, query).await?.to_rows() {
        if let Some(id) = row.value("duplicateruleid").as_id() {
            app.update(&admin, Origin::Page, "duplicaterule", id, Row::new().with("statecode", 0), None).await?;
        }
    }
    app.duplicates().settled().await?;
    let without = fill(&app, &admin, most, most + most / 10).await?;
    println!("a create takes {with_rules:?} with rules, {without:?} without");
    Ok(())
}

/// A lead like those of a sales team: most differ in everything, some are there twice.
fn lead(place: usize) -> Row {
    let person = place - place % 50;
    Row::new()
        .with("subject", format!("Topic {place}"))
        .with("firstname", format!("First{}", letters(person)))
        .with("lastname", format!("Last{}", letters(place)))
        .with("companyname", format!("{} Industries Ltd", letters(place / 3)))
        .with("emailaddress1", format!("{}@{}.example", letters(place), letters(place / 3)))
        .with("telephone1", format!("+1 425 {:07}", place % 10_000_000))
}

fn letters(mut number: usize) -> String {
    let mut text = String::new();
    for _ in 0..5 {
        text.push(char::from(b'a' + u8::try_from(number % 26).unwrap_or_default()));
        number /= 26;
    }
    text
}

/// Creates leads, a hundred in a transaction; how long one takes.
async fn fill(app: &App, caller: &Caller, from: usize, to: usize) -> crm::Result<Duration> {
    let begin = Instant::now();
    for first in (from..to).step_by(100) {
        let last = (first + 100).min(to);
        app.work(caller, Origin::WebApi, move |work| {
            (first..last).try_for_each(|place| work.create_all(NewRecord::of("lead", lead(place))).map(drop))
        })
        .await?;
    }
    Ok(begin.elapsed() / u32::try_from((to - from).max(1)).unwrap_or(1))
}

/// How long a check of a lead with a known address takes.
async fn checked(app: &App, caller: &Caller, leads: usize) -> crm::Result<Duration> {
    let begin = Instant::now();
    for place in 0..CHECKS {
        let known = lead(place * 7 % leads);
        let found = app.duplicates().of_values(caller, "lead", (known, None), "lead").await?;
        if found.is_empty() {
            return Err(crm::Error::refused("a lead that is there was not found"));
        }
    }
    Ok(begin.elapsed() / u32::try_from(CHECKS).unwrap_or(1))
}
