//! Serves all pages over a small made-up organisation, to look at while working on them:
//! `cargo run -p pipewright-web --example site -- sqlite:PATH`, then <http://127.0.0.1:4181>;
//! sign in as `ada@contoso.example` with `correct horse battery`.

#![allow(missing_docs)]

use crm::{App, Caller, NewRecord, Origin, Row, identity::SetUp};
use model::Reference;
use rust_decimal::Decimal;
use uuid::Uuid;

const COMPANIES: [&str; 12] = [
    "Baltic Freight AB",
    "Hansa Maschinenbau GmbH",
    "Meridian Foods",
    "Oakridge Hospitals Trust",
    "Kestrel Aerospace",
    "Vantaa Paper Oy",
    "Città Verde S.p.A.",
    "Brightwater Utilities",
    "Sokol Metallwerke",
    "Lumière Optique",
    "Iberia Cold Chain",
    "Fjordline Shipping",
];
const FIRST: [&str; 8] = ["Jonas", "Amélie", "Priya", "Tomasz", "Sofia", "Henrik", "Grace", "Luca"];
const LAST: [&str; 7] = ["Becker", "Laurent", "Raman", "Nowak", "Marín", "Dahl", "Okafor"];
const TOPICS: [&str; 9] = [
    "Palletising cell for the new cold store",
    "Replace two welding lines",
    "Pilot with three picking robots",
    "Service contract for existing arms",
    "Vision inspection for blister packs",
    "Retrofit of press line 4",
    "Autonomous transport between halls",
    "Training for maintenance team",
    "Framework agreement",
];

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "sqlite:site.db".to_owned()).parse()?;
    let app = App::open(&url).await?;
    if !app.identity().is_set_up().await? {
        fill(&app).await?;
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:4181").await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, pipewright_web::router(app)).await?;
    Ok(())
}

async fn fill(app: &App) -> crm::Result<()> {
    let admin = app
        .identity()
        .set_up(SetUp {
            organization: "Contoso Robotics".into(),
            admin_email: "ada@contoso.example".into(),
            admin_first_name: "Ada".into(),
            admin_last_name: "Lindqvist".into(),
            admin_password: Some("correct horse battery".into()),
            currency: "EUR".into(),
            ..SetUp::default()
        })
        .await?;
    let ada = app.caller(admin).await?;
    let mut accounts = Vec::new();
    for (position, company) in COMPANIES.iter().enumerate() {
        let row = Row::new()
            .with("name", *company)
            .with("telephone1", format!("+49 40 2000 {position}"))
            .with("address1_city", "Hamburg");
        accounts.push(create(app, &ada, "account", row).await?);
    }
    for position in 0..260 {
        lead(app, &ada, position).await?;
    }
    for (position, topic) in TOPICS.iter().cycle().take(75).enumerate() {
        let row = Row::new()
            .with("name", *topic)
            .with("customerid", Reference::new("account", accounts[position % accounts.len()]))
            .with("estimatedvalue", Decimal::from(2_500 * (position as i64 * 37 % 90 + 4)));
        let deal = create(app, &ada, "opportunity", row).await?;
        if position < 3 {
            story(app, &ada, Reference::new("opportunity", deal)).await?;
        }
    }
    Ok(())
}

async fn lead(app: &App, ada: &Caller, position: usize) -> crm::Result<()> {
    let (first, last) = (FIRST[position * 5 % FIRST.len()], LAST[position * 3 % LAST.len()]);
    let company = COMPANIES[position * 7 % COMPANIES.len()];
    let row = Row::new()
        .with("subject", TOPICS[position * 4 % TOPICS.len()])
        .with("firstname", first)
        .with("lastname", last)
        .with("companyname", company)
        .with("emailaddress1", format!("{}.{position}@example.com", first.to_lowercase()))
        .with("telephone1", format!("+49 40 {:04} {position}", 2000 + position * 31))
        .with("leadqualitycode", i32::try_from(position % 3 + 1).unwrap_or(1))
        .with("budgetamount", Decimal::from(1_000 * (position as i64 % 40 + 1)));
    let id = create(app, ada, "lead", row).await?;
    if position > 256 { story(app, ada, Reference::new("lead", id)).await } else { Ok(()) }
}

async fn story(app: &App, ada: &Caller, about: Reference) -> crm::Result<()> {
    let note = Row::new()
        .with("subject", "Site visit")
        .with("notetext", "Hall 3 has 6.2 m clear height.\nFloor load is fine.")
        .with("objectid", about.clone());
    create(app, ada, "annotation", note).await?;
    let now = jiff::Timestamp::now();
    let call = Row::new()
        .with("subject", "Call about washdown rating")
        .with("regardingobjectid", about.clone())
        .with("scheduledend", now - jiff::SignedDuration::from_hours(5));
    create(app, ada, "phonecall", call).await?;
    let task = Row::new()
        .with("subject", "Send the layout drawing")
        .with("regardingobjectid", about)
        .with("scheduledend", now + jiff::SignedDuration::from_hours(50));
    create(app, ada, "task", task).await.map(|_| ())
}

async fn create(app: &App, caller: &Caller, table: &str, row: Row) -> crm::Result<Uuid> {
    app.create(caller, Origin::Page, NewRecord::of(table, row)).await
}
