//! Writes an organisation into a new SQLite file and says how long it took:
//! `cargo run --release -p pipewright-demo --example load -- FILE LEADS [SEED]`.

use crm::{App, identity::SetUp};
use demo::Plan;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, leads, ..] = arguments.as_slice() else {
        return Err("give the file to be written and the number of leads".into());
    };
    let seed = arguments.get(2).map_or(Ok(1), |seed| seed.parse())?;
    let plan = Plan {
        leads: leads.parse()?,
        seed,
        today: jiff::Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let app = App::open(&format!("sqlite:{file}").parse()?).await?;
        let set_up = SetUp {
            organization: demo::ORGANIZATION.to_owned(),
            admin_email: format!("admin@{}", demo::DOMAIN),
            currency: "EUR".to_owned(),
            ..SetUp::default()
        };
        app.identity().set_up(set_up).await?;
        let report = demo::load(&app, &plan, |_, _| {}).await?;
        println!("{report:#?}");
        app.close().await;
        Ok(())
    })
}
