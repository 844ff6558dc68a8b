//! How fast a spreadsheet comes in.

use std::{path::Path, time::Instant};

use crm::{
    Origin,
    import::{Control, InputFile, ProposeOptions, RunOptions},
};

use crate::{Arguments, BenchError, Result, aims, report::Figure, subject::Subject};

/// Rows of the spreadsheet.
const ROWS: u64 = 20_000;

/// Imports a CSV of leads through a mapping that proposes itself.
pub(crate) async fn figure(arguments: &Arguments, subject: &Subject) -> Result<Option<Figure>> {
    if !arguments.wants(aims::IMPORT) {
        return Ok(None);
    }
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("Leads from the fair.csv");
    write(&path)?;
    let (app, caller) = (&subject.app, &subject.administrator);
    let files = vec![InputFile::at(path)];
    let options = ProposeOptions { table: Some("lead".to_owned()), ..ProposeOptions::default() };
    let proposal = app.imports().propose(caller, files.clone(), options).await?;
    let begun = Instant::now();
    let report = app
        .imports()
        .run(caller, Origin::Import, files, proposal.mapping, RunOptions::default(), Control::default())
        .await?;
    let took = begun.elapsed();
    if !report.is_complete() {
        let warnings = serde_json::to_string(&report)?;
        return Err(BenchError::other(format!("{} rows of the import failed: {warnings}", report.failed())));
    }
    Ok(Some(Figure::new(aims::IMPORT, ROWS as f64 / took.as_secs_f64())))
}

fn write(path: &Path) -> Result<()> {
    let wrong = |error: csv::Error| BenchError::other(format!("the spreadsheet cannot be written: {error}"));
    let mut file = csv::Writer::from_path(path).map_err(wrong)?;
    let headers = [
        "Topic",
        "First name",
        "Last name",
        "Company name",
        "Job title",
        "Email",
        "Business phone",
        "City",
        "Created on",
    ];
    file.write_record(headers).map_err(wrong)?;
    for number in 0..ROWS {
        let row = [
            format!("Conveyor for hall {number}"),
            "Grace".to_owned(),
            format!("Hopper {number}"),
            format!("Compilers {} Ltd.", number % 4000),
            "Head of Production".to_owned(),
            format!("grace.{number}@compilers.example"),
            format!("+1 212 555 {:04}", number % 10_000),
            "Arlington".to_owned(),
            format!("2026-{:02}-{:02}", number % 12 + 1, number % 28 + 1),
        ];
        file.write_record(&row).map_err(wrong)?;
    }
    file.flush()?;
    Ok(())
}
