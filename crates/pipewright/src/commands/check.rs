//! Verify the database.

use crm::App;

use crate::failure::Failure;

/// Prints what is wrong; exit code 3 where something is.
pub async fn run(app: &App, json: bool) -> Result<(), Failure> {
    let report = app.store().check().await?;
    if json {
        super::print_json(&report)?;
    } else {
        println!("{report}");
    }
    if report.is_sound() { Ok(()) } else { Err(Failure::Findings(format!("{} findings", report.findings.len()))) }
}
