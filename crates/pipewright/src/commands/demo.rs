//! Load a generated organisation.

use std::io::{IsTerminal, Write};

use crm::{App, identity::SetUp};
use demo::{Plan, Report};

use crate::failure::Failure;

/// E-mail address of the demonstration organisation's administrator.
pub const ADMINISTRATOR: &str = "admin@brennmoor.example";

/// Generates an organisation of this many leads, with history up to today, and writes it; sets an
/// empty database up first.
pub async fn load(app: &App, leads: u32, seed: u64, quiet: bool) -> Result<Report, Failure> {
    if !app.identity().is_set_up().await? {
        set_up(app).await?;
    }
    let plan = Plan { leads, seed, today: jiff::Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date() };
    let mut shown = !quiet && std::io::stderr().is_terminal();
    let report = demo::load(app, &plan, |written, all| {
        // What cannot be shown is no reason to stop.
        shown = shown && write!(std::io::stderr(), "\r{written} of {all} leads").is_ok();
    })
    .await?;
    if shown {
        eprintln!();
    }
    Ok(report)
}

/// Writes the organisation and prints what it made.
pub async fn run(app: &App, leads: u32, seed: u64, json: bool) -> Result<(), Failure> {
    let report = load(app, leads, seed, json).await?;
    if json {
        return super::print_json(&report);
    }
    println!("{}", summary(&report));
    Ok(())
}

async fn set_up(app: &App) -> Result<(), Failure> {
    let set_up = SetUp {
        organization: demo::ORGANIZATION.to_owned(),
        admin_email: ADMINISTRATOR.to_owned(),
        currency: "EUR".to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        locale: "en-GB".to_owned(),
        ..SetUp::default()
    };
    app.identity().set_up(set_up).await?;
    Ok(())
}

/// What was made, in one line.
pub fn summary(report: &Report) -> String {
    format!(
        "{}: {} people, {} accounts, {} contacts, {} leads ({} qualified, {} disqualified), \
         {} opportunities ({} won, {} lost), {} activities; {:.1} s",
        demo::ORGANIZATION,
        report.users,
        report.accounts,
        report.contacts,
        report.leads,
        report.qualified,
        report.disqualified,
        report.opportunities,
        report.won,
        report.lost,
        report.activities,
        report.milliseconds as f64 / 1000.0
    )
}
