//! An organisation's customisations: the whole as one file, and each part of it.

use std::{io::Read, path::Path};

use crm::{
    App, Caller, Origin,
    customization::{
        history::Published,
        parts::{Outcome, Purpose},
    },
};
use model::{Overlay, PartAddress, PartKind, PartOrigin, PartSummary};
use serde_json::{Map, Value as Json, json};

use super::{print_json, purge};
use crate::{
    arguments::{AddColumn, Customize, CustomizeHistory, ListParts, PutPart, RemovePart, ShowPart},
    failure::Failure,
};

/// Shows or changes the customisations.
pub async fn run(app: &App, command: Customize) -> Result<(), Failure> {
    match command {
        Customize::List(wanted) => list(app, wanted).await,
        Customize::Show(wanted) => show(app, wanted).await,
        Customize::Put(part) => put(app, part).await,
        Customize::Remove(part) => remove(app, part).await,
        Customize::History(wanted) => history(app, wanted).await,
        Customize::Purge(wanted) => purge::run(app, wanted).await,
        Customize::AddColumn(column) => add_column(app, column).await,
        Customize::Check { file, json } => check(app, &file, json).await,
        Customize::Export => {
            let text =
                app.customization().overlay().to_toml().map_err(|error| Failure::Environment(error.to_string()))?;
            print!("{text}");
            Ok(())
        }
        Customize::Import { file, dry_run: true } => check(app, &file, false).await,
        Customize::Import { file, dry_run: false } => {
            let overlay = read_overlay(&file)?;
            app.customization().publish(&app.engine().await?, Origin::CommandLine, overlay).await?;
            println!("published");
            Ok(())
        }
    }
}

async fn list(app: &App, wanted: ListParts) -> Result<(), Failure> {
    let kind = wanted.kind.as_deref().map(kind).transpose()?;
    let mut parts = app.customization().parts(&app.engine().await?, kind, wanted.table.as_deref())?;
    parts.retain(|part| wanted.all || part.origin != PartOrigin::Shipped);
    if wanted.json {
        return print_json(&parts);
    }
    for PartSummary { address, label, origin, .. } in parts {
        let origin = match origin {
            PartOrigin::Own => "own",
            PartOrigin::Changed => "changed",
            PartOrigin::Shipped => "shipped",
        };
        println!("{origin:8} {address}{}{label}", if label.is_empty() { "" } else { "  " });
    }
    Ok(())
}

async fn show(app: &App, wanted: ShowPart) -> Result<(), Failure> {
    let address = address(&wanted.kind, &wanted.name)?;
    let Some(part) = app.customization().part(&app.engine().await?, &address)? else { return Err(absent(&address)) };
    if wanted.json {
        return print_json(&part.document);
    }
    let text = toml::to_string_pretty(&part.document)
        .map_err(|error| Failure::Refused(format!("{address} cannot be written as TOML ({error}); ask for --json")))?;
    print!("{text}");
    Ok(())
}

async fn put(app: &App, part: PutPart) -> Result<(), Failure> {
    let address = address(&part.kind, &part.name)?;
    let settings = settings(&part.set)?;
    let engine = app.engine().await?;
    let purpose = Purpose::of_dry_run(part.dry_run);
    let (customization, origin) = (app.customization(), Origin::CommandLine);
    let outcome = match part.file {
        Some(file) => {
            let mut document = read_document(&address, &file)?;
            if let Json::Object(document) = &mut document {
                document.extend(settings);
            }
            customization.put(&engine, origin, &address, &document, purpose).await?
        }
        // An index says everything by its name.
        None if settings.is_empty() && address.kind != PartKind::Index => {
            return Err(Failure::Usage("give the declaration with --file FILE (- for standard input), or what is to change with --set PROPERTY=VALUE".to_owned()));
        }
        None => customization.change(&engine, origin, &address, &Json::Object(settings), purpose).await?,
    };
    tell(&outcome, part.json)
}

async fn remove(app: &App, part: RemovePart) -> Result<(), Failure> {
    let address = address(&part.kind, &part.name)?;
    let (engine, purpose) = (app.engine().await?, Purpose::of_dry_run(part.dry_run));
    match app.customization().remove(&engine, Origin::CommandLine, &address, purpose).await? {
        Some(outcome) => tell(&outcome, part.json),
        None => Err(absent(&address)),
    }
}

async fn history(app: &App, wanted: CustomizeHistory) -> Result<(), Failure> {
    let history = app.customization().history(&app.engine().await?, wanted.before, wanted.count).await?;
    if wanted.json {
        return print_json(&history);
    }
    if history.value.is_empty() {
        println!("nobody has published customisations");
    }
    for published in &history.value {
        let at = published.at.strftime("%Y-%m-%d %H:%M UTC");
        println!("version {}, {at}, {} by way of {}", published.version, publisher(published), published.origin);
        for change in &published.changes {
            println!("  {change}");
        }
    }
    if let Some(before) = history.before {
        println!("earlier ones: --before {before}");
    }
    Ok(())
}

fn publisher(published: &Published) -> String {
    let named = |name: &Option<String>, id: uuid::Uuid| name.clone().unwrap_or_else(|| id.to_string());
    if published.user.is_nil() {
        return "the engine".to_owned();
    }
    let author = named(&published.user_name, published.user);
    match published.acting_user {
        Some(acting) => format!("{author}, in whose name {} acted,", named(&published.acting_user_name, acting)),
        None => author,
    }
}

/// The flags of the most usual change, as a document.
async fn add_column(app: &App, column: AddColumn) -> Result<(), Failure> {
    let address = address("column", &format!("{}/{}", column.table, column.column))?;
    let engine: Caller = app.engine().await?;
    if app.customization().part(&engine, &address)?.is_some() {
        return Err(Failure::Refused(format!("{address}: a column of this name exists already")));
    }
    let mut document = json!({ "type": column.kind, "label": column.label });
    if let Some(length) = column.length {
        document["length"] = json!(length);
    }
    if !column.options.is_empty() {
        let property = if column.kind == "lookup" { "targets" } else { "options" };
        document[property] = json!(column.options);
    }
    app.customization().put(&engine, Origin::CommandLine, &address, &document, Purpose::Publish).await?;
    println!("published");
    Ok(())
}

async fn check(app: &App, file: &Path, json: bool) -> Result<(), Failure> {
    let overlay = read_overlay(file)?;
    let changes = app.customization().validate(&app.engine().await?, &overlay).await?;
    if json {
        return print_json(&json!({ "changes": changes, "published": false }));
    }
    println!("the customisations are sound; nothing was changed");
    print_changes("publishing them would change", &changes);
    Ok(())
}

fn tell(outcome: &Outcome, json: bool) -> Result<(), Failure> {
    if json {
        return print_json(outcome);
    }
    let part = format!("{} {}", outcome.kind.name(), outcome.name);
    if outcome.published {
        println!("published: {part}");
        print_changes("changed", &outcome.changes);
    } else {
        println!("{part} is sound; nothing was changed");
        print_changes("publishing it would change", &outcome.changes);
    }
    Ok(())
}

fn print_changes(heading: &str, changes: &[String]) {
    if changes.is_empty() {
        println!("{heading}: nothing");
        return;
    }
    println!("{heading}:");
    for change in changes {
        println!("  {change}");
    }
}

fn kind(text: &str) -> Result<PartKind, Failure> {
    text.parse().map_err(|error: model::ModelError| Failure::Usage(error.to_string()))
}

fn address(kind_name: &str, name: &str) -> Result<PartAddress, Failure> {
    PartAddress::new(kind(kind_name)?, name).map_err(|error| Failure::Usage(error.to_string()))
}

fn absent(address: &PartAddress) -> Failure {
    let kind = address.kind.name();
    Failure::Refused(format!("there is no {address}; `pipewright customize list {kind} --all` lists those there are"))
}

fn read_overlay(file: &Path) -> Result<Overlay, Failure> {
    Overlay::from_toml(&read(file)?).map_err(|error| Failure::Refused(format!("{}: {error}", file.display())))
}

/// A declaration in TOML, or in JSON where it begins with a brace.
fn read_document(address: &PartAddress, file: &Path) -> Result<Json, Failure> {
    let text = read(file)?;
    let wrong = |reason: String| Failure::Refused(format!("{address}: {}: {reason}", file.display()));
    if text.trim_start().starts_with('{') {
        return serde_json::from_str(&text).map_err(|error| wrong(error.to_string()));
    }
    toml::from_str(&text).map_err(|error| wrong(error.to_string().trim_end().to_owned()))
}

fn read(file: &Path) -> Result<String, Failure> {
    let unreadable = |error| Failure::Usage(format!("{} cannot be read: {error}", file.display()));
    if file == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map_err(unreadable)?;
        return Ok(text);
    }
    std::fs::read_to_string(file).map_err(unreadable)
}

/// `length=500`, `label=Wish`, `options=["Hot", "Cold"]`: TOML values; what is none is text.
/// Nothing behind the sign takes the property out.
fn settings(given: &[String]) -> Result<Map<String, Json>, Failure> {
    let mut settings = Map::new();
    for setting in given {
        let Some((property, text)) = setting.split_once('=') else {
            return Err(Failure::Usage(format!("'{setting}' is not PROPERTY=VALUE; write for instance label=Score")));
        };
        let value = if text.is_empty() { Json::Null } else { value(text) };
        settings.insert(property.trim().to_owned(), value);
    }
    Ok(settings)
}

fn value(text: &str) -> Json {
    let parsed = toml::from_str::<Json>(&format!("value = {text}")).ok();
    parsed.and_then(|mut document| document.get_mut("value").map(Json::take)).unwrap_or_else(|| json!(text))
}
