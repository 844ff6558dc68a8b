//! Bring CSV and XLSX files in.

use std::{
    io::{IsTerminal, Write},
    path::Path,
    time::Duration,
};

use crm::{
    App, Caller, Origin,
    import::{
        Control, FileReport, InputFile, ProposeOptions, Report, RunOptions, Standing,
        plan::{Duplicates, Mapping},
    },
};
use uuid::Uuid;

use crate::{arguments::Import, failure::Failure};

/// Proposes or reads a mapping and carries it out, or takes an import back.
pub async fn run(app: &App, arguments: Import) -> Result<(), Failure> {
    let caller = caller(app, arguments.user.as_deref()).await?;
    if let Some(number) = &arguments.undo {
        return undo(app, &caller, number, &arguments).await;
    }
    if let Some(number) = &arguments.report {
        return tell(app, &caller, number, &arguments).await;
    }
    if let Some(number) = &arguments.left_out {
        return left_out(app, &caller, number, &arguments).await;
    }
    if let Some(absent) = arguments.files.iter().find(|file| !file.exists()) {
        return Err(Failure::Usage(format!("there is no file {}", absent.display())));
    }
    let files: Vec<InputFile> = arguments.files.iter().map(|path| InputFile::at(path).with_files_beside()).collect();
    let mut mapping = match &arguments.mapping {
        Some(path) => read_mapping(path)?,
        None => propose(app, &caller, &files, arguments.create_missing).await?,
    };
    if let Some(how) = arguments.duplicates {
        mapping.treat_duplicates(how);
    }
    if !arguments.match_by.is_empty() {
        mapping.find_by(&arguments.match_by)?;
    }
    if let Some(path) = &arguments.write_mapping {
        std::fs::write(path, mapping.to_toml()?)
            .map_err(|error| Failure::Environment(format!("{} cannot be written: {error}", path.display())))?;
    }
    let options = RunOptions { dry_run: arguments.dry_run, saved_mapping: None };
    let control = Control::default();
    stop_when_told(&control)?;
    show_progress(&control);
    let report = app.imports().run(&caller, Origin::CommandLine, files, mapping, options, control).await?;
    if let (Some(folder), Some(job)) = (&arguments.failed_rows, report.job) {
        write_failed_rows(app, &caller, job, folder).await?;
    }
    if arguments.json {
        super::print_json(&report)?;
    } else {
        print(&report);
    }
    ended(&report, arguments.failed_rows.as_deref())
}

/// Success where every row is in; what is missing otherwise, and where it is.
fn ended(report: &Report, folder: Option<&Path>) -> Result<(), Failure> {
    let left_out = report.failed() + report.unreached();
    let where_they_are = match (folder, report.job) {
        _ if left_out == 0 => String::new(),
        (Some(folder), _) => format!("; the {left_out} rows that are not in are in {}", folder.display()),
        (None, Some(job)) => format!(
            "; `pipewright import --left-out {job} --failed-rows FOLDER` writes the {left_out} rows that are not in to a file with the reason"
        ),
        (None, None) => String::new(),
    };
    if let Some(reason) = &report.broke_off {
        return Err(Failure::Environment(format!(
            "the import broke off: {reason}; what is in stays, `pipewright import --undo {}` takes it back{where_they_are}",
            report.act
        )));
    }
    if report.canceled {
        return Err(Failure::Findings(format!(
            "the import was stopped; what is in stays, `pipewright import --undo {}` takes it back{where_they_are}",
            report.act
        )));
    }
    match left_out {
        0 => Ok(()),
        1 => Err(Failure::Findings(format!("1 row was left out{where_they_are}"))),
        count => Err(Failure::Findings(format!("{count} rows were left out{where_they_are}"))),
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

/// Ctrl-C and SIGTERM stop the import between two batches; what is in stays.
fn stop_when_told(control: &Control) -> Result<(), Failure> {
    let mut signals = crate::server::Signals::listen()?;
    let control = control.clone();
    tokio::spawn(async move {
        signals.told_to_stop().await;
        control.cancel();
    });
    Ok(())
}

/// How far it is, on a terminal.
fn show_progress(control: &Control) {
    if !std::io::stderr().is_terminal() {
        return;
    }
    let mut progress = control.progress();
    tokio::spawn(async move {
        while progress.changed().await.is_ok() {
            let now = progress.borrow_and_update().clone();
            // What cannot be shown is no reason to stop.
            let _ = write!(std::io::stderr(), "\r{}: {} of {} rows\x1b[K", now.file, now.processed, now.total);
            if now.total > 0 && now.processed >= now.total {
                eprintln!();
            }
        }
    });
}

/// Writes what an earlier import left out; the import may still run, or have been broken off by a
/// crash.
async fn left_out(app: &App, caller: &Caller, number: &str, arguments: &Import) -> Result<(), Failure> {
    let Some(folder) = &arguments.failed_rows else {
        return Err(Failure::Usage("say with --failed-rows FOLDER where the rows are to be written".to_owned()));
    };
    let number = numbered(app, caller, number).await?;
    stands(app, caller, number, arguments).await?;
    let written = write_failed_rows(app, caller, number, folder).await?;
    if arguments.json {
        return super::print_json(&serde_json::json!({ "import": number, "files": written }));
    }
    if written.is_empty() {
        println!("the import left no row out");
    }
    for file in written {
        println!("{file} written");
    }
    Ok(())
}

/// An import by the number it printed, or the last one.
async fn numbered(app: &App, caller: &Caller, number: &str) -> Result<Uuid, Failure> {
    if number == "last" {
        let last = app.imports().last(caller).await?;
        return last.ok_or_else(|| Failure::Usage("nothing was imported yet".to_owned()));
    }
    number
        .parse()
        .map_err(|_| Failure::Usage(format!("'{number}' is not the number of an import; the import printed it")))
}

/// How an import stands. One that looks at work may have been interrupted: that is made sure.
async fn stands(app: &App, caller: &Caller, number: Uuid, arguments: &Import) -> Result<Standing, Failure> {
    let standing = app.imports().standing(caller, number).await?;
    if !standing.at_work {
        return Ok(standing);
    }
    eprintln!("this import says that it is at work; making sure that it is, which takes up to a minute");
    Ok(app.imports().make_sure(caller, number, Duration::from_secs(arguments.silence)).await?)
}

/// Tells what came in by an earlier import, and whether it is at work.
async fn tell(app: &App, caller: &Caller, number: &str, arguments: &Import) -> Result<(), Failure> {
    let standing = stands(app, caller, numbered(app, caller, number).await?, arguments).await?;
    if arguments.json {
        return super::print_json(&standing);
    }
    println!("{}: {}", standing.name, standing.status);
    if standing.at_work {
        println!("{} of {} rows so far", standing.processed, standing.total);
    }
    if let Some(report) = &standing.report {
        if let Some(reason) = &report.broke_off {
            println!("it broke off: {reason}");
        }
        print(report);
        let left_out = report.failed() + report.unreached();
        if left_out > 0 {
            println!(
                "`pipewright import --left-out {} --failed-rows FOLDER` writes the {left_out} rows that are not in to a file with the reason",
                standing.job
            );
        }
    }
    Ok(())
}

async fn undo(app: &App, caller: &Caller, number: &str, arguments: &Import) -> Result<(), Failure> {
    let number = numbered(app, caller, number).await?;
    match app.imports().standing(caller, number).await {
        Ok(standing) if standing.at_work => drop(stands(app, caller, number, arguments).await?),
        // What is no import may be another act, which is taken back just so.
        Ok(_) | Err(crm::Error::NotFound { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    let rows = app.imports().undo(caller, Origin::CommandLine, number).await?;
    if arguments.json {
        return super::print_json(&serde_json::json!({ "undone": number, "rows": rows }));
    }
    println!("undone: {rows} rows are as they were; columns and options that were added stay");
    Ok(())
}

/// Writes one file for each file that left rows out; returns their names.
async fn write_failed_rows(app: &App, caller: &Caller, number: Uuid, folder: &Path) -> Result<Vec<String>, Failure> {
    let files = app.imports().failed_rows(caller, number).await?;
    if files.is_empty() {
        return Ok(Vec::new());
    }
    std::fs::create_dir_all(folder)
        .map_err(|error| Failure::Environment(format!("{} cannot be made: {error}", folder.display())))?;
    let mut written = Vec::new();
    for file in files {
        let stem =
            Path::new(&file.file).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let path = folder.join(format!("{stem}.csv"));
        std::fs::write(&path, file.content)
            .map_err(|error| Failure::Environment(format!("{} cannot be written: {error}", path.display())))?;
        written.push(path.display().to_string());
    }
    Ok(written)
}

/// How rows that are there already were found, and what became of them.
fn duplicates(file: &FileReport) -> String {
    if file.found_by.is_empty() {
        return "every row is new: no column tells whether it is there already (choose one with --match)".to_owned();
    }
    let then = match file.duplicates {
        Duplicates::Skip => "stay as they are",
        Duplicates::Update => "get the values of the file",
        Duplicates::Create => "are made once more",
    };
    format!("rows that are there already, found by {}, {then}", file.found_by)
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
        if file.unreached > 0 {
            println!("  {} rows were not reached", file.unreached);
        }
        println!("  {}", duplicates(file));
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
        if file.unlisted > 0 {
            println!("  look: further warnings of other kinds, not listed ({} times)", file.unlisted);
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
