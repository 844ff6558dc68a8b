//! Adding to a timeline.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use crm::{
    NewRecord, Origin, Row, Work,
    timeline::{NOTE, POST},
};
use jiff::{SignedDuration, Timestamp};
use language::tr;
use model::{Reference, Table};
use uuid::Uuid;

use super::{Opened, again, changed, posts, refused};
use crate::{
    address::Address,
    app::Site,
    components::timeline::{Composer, Number},
    failure::Failure,
    flash::Flash,
    pages::record::first_parties,
    posted::{Posted, Typed, Upload},
    respond::fragment,
    session::Me,
    view::{
        fields,
        parties::{self, Parties},
        record::errors_of,
        timeline::{Composing, can_compose, columns, formatted, kind_named, log_call, numbers},
    },
};

/// How a form that was accepted goes.
const GOES: &str = "delete";

/// The form for a new entry.
pub(crate) async fn show(
    State(site): State<Site>,
    me: Me,
    Address((set_name, id, kind)): Address<(String, Uuid, String)>,
) -> Result<Response, Failure> {
    let opened = Opened::at(&site, me, &set_name, id, &Typed::default()).await?;
    let kind = composed(&opened, &kind)?;
    Ok(fragment(form(&site, &opened, &kind, None, &[]).await?))
}

/// The kind of entry that may be added.
fn composed(opened: &Opened, name: &str) -> Result<Arc<Table>, Failure> {
    let kind = kind_named(&opened.model, name).cloned().ok_or(Failure::NoPage)?;
    if can_compose(&opened.view(), &kind) { Ok(kind) } else { Err(Failure::NoPage) }
}

async fn form(
    site: &Site,
    opened: &Opened,
    kind: &Table,
    typed: Option<&Typed>,
    errors: &[(String, String)],
) -> Result<Composer, Failure> {
    let row = beginning(opened, kind);
    let parties = first_parties(site, &opened.me, kind, &row).await?;
    let renamed = typed.map(with_people);
    let names = site.app.names(&opened.me.caller, fields::references(kind, &row, renamed.as_ref())).await?;
    let numbers = if kind.name == "phonecall" { numbers_of(site, opened).await? } else { Vec::new() };
    let view = opened.view();
    let composing = Composing {
        view: &view,
        kind,
        row: &row,
        names: &names,
        parties: &parties,
        typed,
        errors,
        editing: None,
        numbers,
    };
    Ok(composing.composer())
}

/// What was typed, with the people one spoke with where their names are looked for.
fn with_people(typed: &Typed) -> Typed {
    let mut with = typed.clone();
    for person in typed.all("with") {
        with.add("to", person);
    }
    with
}

/// What a new entry begins with.
fn beginning(opened: &Opened, kind: &Table) -> Row {
    let mut row = fields::defaults(&opened.me, kind);
    row.set(if kind.name == NOTE { "objectid" } else { "regardingobjectid" }, opened.record());
    let name = opened.row.text(&opened.table.primary_name);
    if kind.name == "phonecall" && !name.is_empty() {
        // A proposal in the writer's language: they see it in the form and may change it.
        row.set("subject", tr!("Call with {}", name).chars().take(200).collect::<String>());
    }
    if kind.name == "appointment" {
        let start = next_hour(opened.me.caller.zone().now);
        row.set("scheduledstart", start);
        row.set("scheduledend", start + SignedDuration::from_hours(1));
    }
    row
}

fn next_hour(now: Timestamp) -> Timestamp {
    let hour = 3600;
    Timestamp::from_second((now.as_second() / hour + 1) * hour).unwrap_or(now)
}

/// The numbers of whom the record is about.
async fn numbers_of(site: &Site, opened: &Opened) -> Result<Vec<Number>, Failure> {
    let own = numbers(&opened.table, &opened.row);
    let about = parties::about(&opened.record(), &opened.row).filter(|about| *about != opened.record());
    let Some(about) = about.filter(|_| own.is_empty()) else { return Ok(own) };
    let Some(table) = opened.model.table(&about.table) else { return Ok(own) };
    match site.app.get(&opened.me.caller, &about.table, about.id, None).await {
        Ok(row) => Ok(numbers(table, &row)),
        // Whom one may not see one does not call.
        Err(crm::Error::NotFound { .. }) => Ok(own),
        Err(error) => Err(error.into()),
    }
}

/// Adds an entry.
pub(crate) async fn create(
    State(site): State<Site>,
    Address((set_name, id, kind)): Address<(String, Uuid, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let opened = Opened::at(&site, me, &set_name, id, &Typed::default()).await?;
    let kind = composed(&opened, &kind)?;
    let added = match kind.name.as_str() {
        NOTE => note(&site, &opened, &kind, &typed).await,
        POST => posts::create_on(&site, &opened, &kind, &typed).await,
        "phonecall" => call(&site, &opened, &kind, &typed).await,
        _ => activity(&site, &opened, &kind, &typed).await,
    };
    match added {
        Ok(flash) => Ok(changed(&opened.me, &flash, GOES)),
        Err(Wrong::Typed(errors)) => Ok(again(&form(&site, &opened, &kind, Some(&typed), &errors).await?)),
        Err(Wrong::Domain(error)) => match errors_of(&error) {
            Some(errors) => Ok(again(&form(&site, &opened, &kind, Some(&typed), &errors).await?)),
            None => refused(&opened.me, error),
        },
    }
}

/// Why an entry was not added.
pub(super) enum Wrong {
    /// By field of the form.
    Typed(Vec<(String, String)>),
    /// The domain says so.
    Domain(crm::Error),
}

impl From<crm::Error> for Wrong {
    fn from(error: crm::Error) -> Self {
        Self::Domain(error)
    }
}

async fn in_one_act(
    site: &Site,
    opened: &Opened,
    act: impl FnOnce(&mut Work<'_, '_>) -> crm::Result<()> + Send + 'static,
) -> Result<Uuid, Wrong> {
    let done = site.app.work(&opened.me.caller, Origin::Page, move |work| {
        act(work)?;
        Ok(work.act())
    });
    Ok(done.await?)
}

async fn call(site: &Site, opened: &Opened, kind: &Table, typed: &Typed) -> Result<Flash, Wrong> {
    let call = log_call(&opened.view(), kind, typed).map_err(Wrong::Typed)?;
    let words = match (call.made, call.follow_up.is_some()) {
        (true, true) => tr!("Call saved, follow-up planned."),
        (true, false) => tr!("Call saved."),
        (false, true) => tr!("Call and follow-up planned."),
        (false, false) => tr!("Call planned."),
    };
    let act = in_one_act(site, opened, move |work| work.log_call(call).map(drop)).await?;
    Ok(Flash::done(words).undo(act))
}

async fn activity(site: &Site, opened: &Opened, kind: &Table, typed: &Typed) -> Result<Flash, Wrong> {
    let columns = columns(kind, true);
    let reading = fields::read(&opened.me, kind, columns.iter().map(String::as_str), None, typed);
    let (mut lists, wrong) = parties::read(kind, &columns, typed);
    let errors: Vec<_> = reading.errors.into_iter().chain(wrong).collect();
    if !errors.is_empty() {
        return Err(Wrong::Typed(errors));
    }
    let mut row = reading.values;
    row.set("regardingobjectid", opened.record());
    let first = match first_parties(site, &opened.me, kind, &row).await {
        Ok(first) => first,
        Err(Failure::Domain(error)) => return Err(error.into()),
        Err(_) => Parties::default(),
    };
    lists.extend(first.lists_beside(&columns));
    let name = kind.name.clone();
    let act = in_one_act(site, opened, move |work| {
        let id = work.create_all(NewRecord::of(name.as_str(), row))?;
        work.set_parties(&Reference::new(name, id), lists)
    });
    let words = if kind.name == "email" { tr!("Draft saved.") } else { tr!("{} added.", kind.label) };
    Ok(Flash::done(words).undo(act.await?))
}

/// A note, with a further one for each further file: a note holds one.
async fn note(site: &Site, opened: &Opened, kind: &Table, typed: &Typed) -> Result<Flash, Wrong> {
    let reading = fields::read(&opened.me, kind, ["subject", "notetext"], None, typed);
    if !reading.errors.is_empty() {
        return Err(Wrong::Typed(reading.errors));
    }
    let files: Vec<Upload> = typed.files("documentbody").cloned().collect();
    let mut row = reading.values;
    if let Some(text) = formatted(kind, typed).map_err(|wrong| Wrong::Typed(vec![wrong]))? {
        row.set("notetext", text);
    }
    if !row.has("subject") && !row.has("notetext") && files.is_empty() {
        return Err(Wrong::Typed(vec![("notetext".to_owned(), tr!("write something or choose a file"))]));
    }
    row.set("objectid", opened.record());
    let about = opened.record();
    let act = in_one_act(site, opened, move |work| {
        let mut files = files.into_iter();
        if let Some(file) = files.next() {
            attach(work, &mut row, &file)?;
        }
        work.create_all(NewRecord::of(NOTE, row))?;
        for file in files {
            let mut further = Row::new().with("objectid", about.clone());
            attach(work, &mut further, &file)?;
            work.create_all(NewRecord::of(NOTE, further))?;
        }
        Ok(())
    });
    Ok(Flash::done(tr!("Note added.")).undo(act.await?))
}

fn attach(work: &mut Work<'_, '_>, row: &mut Row, file: &Upload) -> crm::Result<()> {
    let short = |text: &str| text.chars().take(255).collect::<String>();
    row.set("documentbody", work.store_file(&file.bytes)?);
    row.set("filename", short(&file.name));
    row.set("mimetype", short(&file.content_type));
    Ok(())
}
