//! Requests of people outside about their data, and retention rules.

use std::{
    io::{BufRead, IsTerminal, Write},
    path::Path,
};

use crm::{
    App, Caller, Origin,
    privacy::{ErasureRequest, Findings, Kind, Person, Report, Treatment},
};
use model::Reference;

use super::print_json;
use crate::{
    arguments::{ErasePerson, PersonArguments, Privacy, Retention},
    failure::Failure,
};

/// Carries one of these commands out.
pub async fn run(app: &App, command: Privacy) -> Result<(), Failure> {
    let engine = app.engine().await?;
    match command {
        Privacy::Find { person, json } => {
            let found = app.privacy().find(&engine, person_of(&person)?).await?;
            if json {
                return print_json(&found);
            }
            tell(&found);
            Ok(())
        }
        Privacy::Export { person, output, reference } => export(app, &engine, &person, &output, &reference).await,
        Privacy::Erase(wanted) => erase(app, &engine, wanted).await,
        Privacy::Ledger { output } => ledger(app, &engine, output.as_deref()).await,
        Privacy::Again { ledger, json } => again(app, &engine, &ledger, json).await,
        Privacy::Retention(wanted) => retention(app, &engine, wanted).await,
    }
}

fn person_of(given: &PersonArguments) -> Result<Person, Failure> {
    let record = |text: &String| {
        let (table, id) = text.split_once('/')?;
        Some(Reference::new(table, id.parse().ok()?))
    };
    let records = given.record.iter().map(|text| {
        record(text).ok_or_else(|| Failure::Usage(format!("“{text}” names no record; write contact/IDENTIFIER")))
    });
    Ok(Person {
        records: records.collect::<Result<_, _>>()?,
        emails: given.email.clone(),
        phones: given.phone.clone(),
        names: given.name.clone(),
    })
}

fn tell(found: &Findings) {
    if found.items.is_empty() && found.mentions.is_empty() {
        println!("nothing was found");
    }
    for item in &found.items {
        let sure = match (item.kind, item.certain, item.held) {
            (_, _, true) => "legal hold",
            (Kind::Business, ..) => "stays",
            (_, true, _) => "erased",
            (Kind::Candidate, ..) => "perhaps theirs",
            _ => "not chosen",
        };
        println!("{sure:14} {}  {} ({})", item.key(), item.name, item.reason);
    }
    for mention in &found.mentions {
        let record = &mention.record;
        println!("to look at     {}/{}  {} ({})", record.table, record.id, mention.name, mention.columns.join(", "));
    }
}

async fn export(
    app: &App,
    engine: &Caller,
    person: &PersonArguments,
    output: &Path,
    reference: &str,
) -> Result<(), Failure> {
    if output.exists() {
        return Err(Failure::Refused(format!("{} exists already; choose another name", output.display())));
    }
    let cannot =
        |error: std::io::Error| Failure::Environment(format!("{} cannot be written: {error}", output.display()));
    let mut partial = output.as_os_str().to_owned();
    partial.push(".partial");
    let file = std::fs::File::create(&partial).map_err(cannot)?;
    let person = person_of(person)?;
    let exported = app.privacy().export(engine, Origin::CommandLine, person, reference, file).await;
    let package = exported.inspect_err(|_| drop(std::fs::remove_file(&partial)))?;
    package.target.sync_all().map_err(cannot)?;
    std::fs::rename(&partial, output).map_err(cannot)?;
    println!("{} written: {} records, {} files", output.display(), package.report.records(), package.report.files);
    Ok(())
}

async fn erase(app: &App, engine: &Caller, wanted: ErasePerson) -> Result<(), Failure> {
    let person = person_of(&wanted.person)?;
    if !wanted.yes {
        let found = app.privacy().find(engine, person.clone()).await?;
        tell(&found);
        require_word("Everything marked “erased” would be gone for good, and no undo brings it back.", "--yes")?;
    }
    let treatment = |delete: bool| if delete { Treatment::Delete } else { Treatment::Anonymise };
    let request = ErasureRequest {
        person,
        chosen: (!wanted.only.is_empty()).then_some(wanted.only),
        people: treatment(wanted.delete),
        about: treatment(wanted.delete_activities),
        reference: wanted.reference,
    };
    let report = app.privacy().erase(engine, Origin::CommandLine, request).await?;
    if wanted.json { print_json(&report) } else { tell_report(&report) }
}

fn tell_report(report: &Report) -> Result<(), Failure> {
    println!(
        "{}: {} records, {} entries of the history, {} files; {} records stay, {} more mention them",
        report.id,
        report.records(),
        report.history_entries,
        report.files,
        report.kept.len(),
        report.mentioned.len()
    );
    match &report.left_behind {
        None => Ok(()),
        Some(reason) => Err(Failure::Environment(format!(
            "it is erased for everybody, but bytes of it may still be in the database file: {reason}"
        ))),
    }
}

async fn ledger(app: &App, engine: &Caller, output: Option<&Path>) -> Result<(), Failure> {
    let ledger = app.privacy().ledger(engine).await?;
    let Some(path) = output else { return print_json(&ledger) };
    let text = serde_json::to_vec_pretty(&ledger).map_err(|error| Failure::Environment(error.to_string()))?;
    std::fs::write(path, text)
        .map_err(|error| Failure::Environment(format!("{} cannot be written: {error}", path.display())))?;
    println!("{} written: {} erasures", path.display(), ledger.len());
    Ok(())
}

async fn again(app: &App, engine: &Caller, path: &Path, json: bool) -> Result<(), Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::Usage(format!("{} cannot be read: {error}", path.display())))?;
    let ledger: Vec<Report> = serde_json::from_str(&text)
        .map_err(|error| Failure::Refused(format!("{} is no ledger of erasures: {error}", path.display())))?;
    let again = app.privacy().again(engine, Origin::CommandLine, ledger).await?;
    if json {
        return print_json(&again);
    }
    println!("{} of {} erasures were done again", again.done_again, again.erasures);
    Ok(())
}

async fn retention(app: &App, engine: &Caller, wanted: Retention) -> Result<(), Failure> {
    let rules = app.privacy().retention(engine).await?;
    let Some(name) = &wanted.run else {
        if wanted.json {
            return print_json(&rules);
        }
        if rules.is_empty() {
            println!("there are no retention rules");
        }
        for rule in &rules {
            let state = if rule.on { "on " } else { "off" };
            let (before, concerned) = (rule.before.strftime("%Y-%m-%d"), rule.concerned);
            println!("{state} {}  {}, older than {before}: {concerned} concerned", rule.name, rule.table);
        }
        return Ok(());
    };
    let found: Vec<_> = rules.iter().filter(|rule| rule.name == *name || rule.rule.to_string() == *name).collect();
    let [rule] = found.as_slice() else {
        return Err(Failure::Refused(format!("{} retention rules are called “{name}”", found.len())));
    };
    if !wanted.yes {
        let what = format!("“{}” would concern {} of {}, for good.", rule.name, rule.concerned, rule.table);
        require_word(&what, "--yes")?;
    }
    let reports = app.privacy().carry_out(engine, Origin::CommandLine, rule.rule).await?;
    if wanted.json {
        return print_json(&reports);
    }
    println!("{} records in {} batches", reports.iter().map(Report::records).sum::<usize>(), reports.len());
    Ok(())
}

/// Asks at the keyboard; without one, the flag has to be given.
fn require_word(what: &str, flag: &str) -> Result<(), Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::Usage(format!("{what} Say {flag} to do it")));
    }
    eprint!("{what} Write “erase” to do it: ");
    let _ = std::io::stderr().flush();
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    if answer.trim() == "erase" { Ok(()) } else { Err(Failure::Refused("nothing was erased".to_owned())) }
}
