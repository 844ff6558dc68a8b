//! Take away for good what was taken out of the model.

use std::io::{BufRead, IsTerminal, Write};

use crm::{App, Caller, Origin, customization::parts::Purpose};
use store::KeptData;

use super::print_json;
use crate::{arguments::Purge, failure::Failure};

/// Lists what is kept, or purges some of it.
pub async fn run(app: &App, wanted: Purge) -> Result<(), Failure> {
    let engine = app.engine().await?;
    let Some(name) = wanted.name.as_deref().filter(|_| !wanted.list) else {
        return list(app, &engine, &wanted).await;
    };
    let customization = app.customization();
    if !wanted.yes {
        let would = customization.purge(&engine, Origin::CommandLine, name, Purpose::Try).await?;
        require_yes(&would.data)?;
    }
    let outcome = customization.purge(&engine, Origin::CommandLine, name, Purpose::Publish).await?;
    if wanted.json {
        return print_json(&outcome);
    }
    println!("purged: {} ({})", outcome.data, filled(&outcome.data));
    Ok(())
}

async fn list(app: &App, engine: &Caller, wanted: &Purge) -> Result<(), Failure> {
    let mut aside = app.customization().kept_aside(engine).await?;
    if let Some(name) = &wanted.name {
        let name = name.replace('/', ".");
        let concerns = |data: &KeptData| data.table == name || data.to_string() == name;
        aside.kept.retain(concerns);
        aside.purged.retain(|purged| concerns(&purged.data));
    }
    if wanted.json {
        return print_json(&aside);
    }
    if aside.kept.is_empty() {
        println!("nothing is kept that was taken out of the model");
    }
    for data in &aside.kept {
        println!("kept    {data}  {}", filled(data));
    }
    for purged in &aside.purged {
        let (data, by) = (&purged.data, &purged.origin);
        println!("purged  {data}  {}, at {} by way of {by}", filled(data), purged.at.strftime("%Y-%m-%d %H:%M UTC"));
    }
    Ok(())
}

/// Asks at the keyboard; without one, the flag has to be given.
fn require_yes(data: &KeptData) -> Result<(), Failure> {
    let what = format!("{data} ({}) would be gone for good", filled(data));
    if !std::io::stdin().is_terminal() {
        return Err(Failure::Usage(format!("{what}; say --yes to purge it")));
    }
    eprint!("{what}, and only a backup brings it back. Purge it? [y/N] ");
    let _ = std::io::stderr().flush();
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    if matches!(answer.trim(), "y" | "Y" | "yes") {
        return Ok(());
    }
    Err(Failure::Refused("nothing was purged".to_owned()))
}

fn filled(data: &KeptData) -> String {
    match (&data.column, data.rows) {
        (Some(_), 1) => "1 row has a value".to_owned(),
        (Some(_), rows) => format!("{rows} rows have a value"),
        (None, 1) => "1 row".to_owned(),
        (None, rows) => format!("{rows} rows"),
    }
}
