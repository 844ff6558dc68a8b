//! Bring CSV and XLSX files in.

use std::path::Path;

use crm::{
    App, Caller, Origin,
    import::{Control, InputFile, ProposeOptions, Report, RunOptions, plan::Mapping},
};
use uuid::Uuid;

use crate::{arguments::Import, failure::Failure};

/// Proposes or reads a mapping and carries it out, or takes an import back.
pub async fn run(app: &App, arguments: Import) -> Result<(), Failure> {
    let caller = caller(app, arguments.user.as_deref()).await?;
    if let Some(number) = &arguments.undo {
        return undo(app, &caller, number, arguments.json).await;
    }
    if let Some(absent) = arguments.files.iter().find(|file| !file.exists()) {
        return Err(Failure::Usage(format!("there is no file {}", absent.display())));
    }
    let files: Vec<InputFile> = arguments.files.iter().map(InputFile::at).collect();
    let mapping = match &arguments.mapping {
        Some(path) => read_mapping(path)?,
        None => propose(app, &caller, &files, arguments.create_missing).await?,
    };
    if let Some(path) = &arguments.write_mapping {
        std::fs::write(path, mapping.to_toml()?)
            .map_err(|error| Failure::Environment(format!("{} cannot be written: {error}", path.display())))?;
    }
    let options = RunOptions { dry_run: arguments.dry_run, saved_mapping: None };
    let control = Control::default();
    stop_on_interrupt(&control);
    let report = app.imports().run(&caller, Origin::CommandLine, files, mapping, options, control).await?;
    if let (Some(folder), Some(job)) = (&arguments.failed_rows, report.job) {
        write_failed_rows(app, &caller, job, folder).await?;
    }
    if arguments.json {
        super::print_json(&report)?;
    } else {
        print(&report);
    }
    match (report.canceled, report.failed()) {
        (true, _) => Err(Failure::Findings(
            "the import was stopped; what is in stays, `pipewright import --undo` takes it back".to_owned(),
        )),
        (false, 0) => Ok(()),
        (false, count) => Err(Failure::Findings(format!(
            "{count} rows were left out; `--failed-rows FOLDER` writes them to a file with the reason"
        ))),
    }
}

pub(super) async fn caller(app: &App, user: Option<&str>) -> Result<Caller, Failure> {
    match user {
        None => Ok(app.engine().await?),
        Some(email) => {
            let id = app.identity().find(email).await?;
            Ok(app.caller(id).await?)
        }
    }
}

fn read_mapping(path: &Path) -> Result<Mapping, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::Usage(format!("{} cannot be read: {error}", path.display())))?;
    Mapping::from_toml(&text).map_err(|error| Failure::Refused(format!("{}: {error}", path.display())))
}

async fn propose(app: &App, caller: &Caller, files: &[InputFile], create_missing: bool) -> Result<Mapping, Failure> {
    let options = ProposeOptions { create_missing, ..ProposeOptions::default() };
    let proposal = app.imports().propose(caller, files.to_vec(), options).await.map_err(|error| match error {
        // The file is there, what it holds is no table.
        crm::Error::File(reason) => Failure::Refused(reason),
        other => other.into(),
    })?;
    Ok(proposal.mapping)
}

/// Ctrl-C stops the import between two batches; what is in stays.
fn stop_on_interrupt(control: &Control) {
    let control = control.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            control.cancel();
        }
    });
}

async fn undo(app: &App, caller: &Caller, number: &str, json: bool) -> Result<(), Failure> {
    let number: Uuid = number
        .parse()
        .map_err(|_| Failure::Usage(format!("'{number}' is not the number of an import; the import printed it")))?;
    let rows = app.imports().undo(caller, Origin::CommandLine, number).await?;
    if json {
        return super::print_json(&serde_json::json!({ "undone": number, "rows": rows }));
    }
    println!("undone: {rows} rows are as they were; columns and options that were added stay");
    Ok(())
}

async fn write_failed_rows(app: &App, caller: &Caller, job: Uuid, folder: &Path) -> Result<(), Failure> {
    let files = app.imports().failed_rows(caller, job).await?;
    if files.is_empty() {
        return Ok(());
    }
    std::fs::create_dir_all(folder)
        .map_err(|error| Failure::Environment(format!("{} cannot be made: {error}", folder.display())))?;
    for file in files {
        let stem =
            Path::new(&file.file).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let path = folder.join(format!("{stem}.csv"));
        std::fs::write(&path, file.content)
            .map_err(|error| Failure::Environment(format!("{} cannot be written: {error}", path.display())))?;
    }
    Ok(())
}

fn print(report: &Report) {
    if report.dry_run {
        println!("Dry run: nothing was written. This would have been done:");
    }
    for addition in &report.customisations {
        println!("  {addition}");
    }
    for file in &report.files {
        println!("{} -> {}: {} rows", file.file, file.table, file.rows);
        println!(
            "  {} created, {} updated, {} unchanged, {} skipped, {} left out",
            file.created, file.updated, file.unchanged, file.skipped, file.failed
        );
        for (table, count) in &file.created_besides {
            println!("  {count} {table} created besides, because the file names them");
        }
        for note in &file.notes {
            println!("  note: {note}");
        }
        for warning in &file.warnings {
            let rows: Vec<String> = warning.rows.iter().map(u64::to_string).collect();
            println!("  look: {} ({} times; rows {})", warning.message, warning.count, rows.join(", "));
        }
    }
    for left_out in &report.left_out {
        println!("{}: left out; {}", left_out.file, left_out.reason);
    }
    let rows: u64 = report.files.iter().map(|file| file.rows).sum();
    let speed = rows as f64 / report.seconds.max(0.001);
    println!("{rows} rows in {:.1} s ({speed:.0} a second)", report.seconds);
    if !report.dry_run {
        println!("To take all of it back: pipewright import --undo {}", report.act);
    }
}
