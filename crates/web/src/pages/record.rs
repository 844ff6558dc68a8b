//! A record: shown, made and saved by its table's main form.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use crm::{
    NewRecord, Origin, Row,
    access::{self, Privilege},
    activities::parties::PartyList,
    reading::Names,
};
use maud::Render;
use model::{Reference, Table, TableKind};
use uuid::Uuid;

use super::{duplicate_warning, timeline};
use crate::{
    address::Address,
    app::Site,
    components::{Banner, Page, PageLayout},
    failure::Failure,
    flash::Flash,
    posted::{Posted, Typed},
    respond::html,
    session::Me,
    view::{
        duplicates, fields,
        parties::{self, Parties},
        record::{self, Record, errors_of},
        tables,
    },
};

/// Id of the form.
const FORM: &str = "record-form";

/// The page of a record.
pub(crate) async fn show(
    State(site): State<Site>,
    me: Me,
    Address((set_name, id)): Address<(String, Uuid)>,
) -> Result<Response, Failure> {
    let model = site.app.model();
    let table = tables::named(&model, &me.caller, &set_name)?;
    let (row, names) = site.app.get_with_names(&me.caller, &table.name, id).await?;
    if table.kind == TableKind::Pointer {
        // The twin of an activity is shown as the activity itself.
        return Ok(Redirect::to(&tables::href_of(&model, row.text("activitytypecode"), id)).into_response());
    }
    let parties = stored_parties(&site, &me, &table, id).await?;
    let shown = Shown { row, names, parties, ..Shown::default() };
    page(&site, &me, &table, Some(id), shown).await
}

/// Who takes part in an activity; nobody in anything else.
async fn stored_parties(site: &Site, me: &Me, table: &Table, id: Uuid) -> Result<Parties, Failure> {
    if table.kind != TableKind::Activity {
        return Ok(Parties::default());
    }
    Ok(Parties::stored(table, site.app.parties(&me.caller, &table.name, vec![id]).await?))
}

/// Who takes part in a new activity that begins with `row`.
pub(crate) async fn first_parties(site: &Site, me: &Me, table: &Table, row: &Row) -> Result<Parties, Failure> {
    if table.kind != TableKind::Activity {
        return Ok(Parties::default());
    }
    let about = match row.value("regardingobjectid").as_reference() {
        Some(regarding) => {
            let of = site.app.get(&me.caller, &regarding.table, regarding.id, None).await?;
            parties::about(regarding, &of)
        }
        None => None,
    };
    let people = about.iter().cloned().chain([Reference::new("systemuser", me.caller.user)]).collect();
    let names = site.app.names(&me.caller, people).await?;
    Ok(Parties::beginning(me, table, &names, about.as_ref()))
}

/// A form for a new record; parameters named like columns fill them.
pub(crate) async fn new(
    State(site): State<Site>,
    me: Me,
    Address(set_name): Address<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let model = site.app.model();
    let table = creatable(&me, &model, &set_name)?;
    let row = beginning(&me, &table, &Typed::parse(&query.unwrap_or_default()));
    let names = site.app.names(&me.caller, fields::references(&table, &row, None)).await?;
    let parties = first_parties(&site, &me, &table, &row).await?;
    page(&site, &me, &table, None, Shown { row, names, parties, ..Shown::default() }).await
}

/// The table that an address names, where the person may add rows of it.
pub(crate) fn creatable(me: &Me, model: &model::Model, set_name: &str) -> Result<Arc<Table>, Failure> {
    let table = tables::named(model, &me.caller, set_name)?;
    if me.caller.may_anywhere(model, &table, Privilege::Create) {
        return Ok(table);
    }
    Err(access::refusal(&me.caller, Privilege::Create, &table).into())
}

/// What a new row begins with: defaults, and over them what the address says.
pub(crate) fn beginning(me: &Me, table: &Table, asked: &Typed) -> Row {
    let mut row = fields::defaults(me, table);
    let given = fields::read(me, table, table.columns.keys().map(String::as_str), None, asked);
    row.merge(&given.values);
    row
}

/// Makes a record.
pub(crate) async fn create(
    State(site): State<Site>,
    Address(set_name): Address<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let model = site.app.model();
    let table = tables::named(&model, &me.caller, &set_name)?;
    let reading = read_form(&me, &table, None, &typed);
    let mut notice = None;
    let errors = if reading.errors.is_empty() {
        match insert(&site, &me, &table, reading.values, reading.parties, &typed).await {
            Ok(id) => {
                let flash = Flash::done(format!("{} saved.", table.label));
                return Ok(me.go(&tables::row_href(&table, id), Some(flash)));
            }
            Err(crm::Error::Duplicates(found)) if me.browser.htmx => {
                return Ok(duplicate_warning::ask(&me, &model, &found, FORM));
            }
            Err(crm::Error::Duplicates(found)) => {
                notice = Some(duplicates::notice(&found, FORM));
                Vec::new()
            }
            Err(error) => errors_of(&error).ok_or(error)?,
        }
    } else {
        reading.errors
    };
    let row = fields::defaults(&me, &table);
    let names = site.app.names(&me.caller, fields::references(&table, &row, Some(&typed))).await?;
    let shown = Shown {
        row,
        names,
        typed: Some(typed),
        errors,
        notice,
        status: Some(StatusCode::UNPROCESSABLE_ENTITY),
        ..Shown::default()
    };
    page(&site, &me, &table, None, shown).await
}

/// Creates the row with its files and parties in one act.
pub(crate) async fn insert(
    site: &Site,
    me: &Me,
    table: &Table,
    mut values: Row,
    parties: Vec<PartyList>,
    typed: &Typed,
) -> crm::Result<Uuid> {
    let files = files(table, typed);
    let has_looked = duplicate_warning::has_looked(typed);
    let name = table.name.clone();
    site.app
        .work(&me.caller, Origin::Page, move |work| {
            if !has_looked {
                work.warn_of_duplicates();
            }
            for (column, bytes) in files {
                let stored = match bytes {
                    Some(bytes) => work.store_file(&bytes)?,
                    None => model::Value::Null,
                };
                values.set(column, stored);
            }
            let id = work.create_all(NewRecord::of(name.as_str(), values))?;
            work.set_parties(&Reference::new(name, id), parties)?;
            Ok(id)
        })
        .await
}

/// Saves a record.
pub(crate) async fn save(
    State(site): State<Site>,
    Address((set_name, id)): Address<(String, Uuid)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let model = site.app.model();
    let table = tables::named(&model, &me.caller, &set_name)?;
    let (row, names) = site.app.get_with_names(&me.caller, &table.name, id).await?;
    let version: Option<i64> = typed.get("version").and_then(|version| version.parse().ok());
    if version.is_some() && version != row.value("versionnumber").as_whole() {
        return conflict(&site, &me, &table, id, (row, names), typed, version.unwrap_or_default()).await;
    }
    let reading = read_form(&me, &table, Some(&row), &typed);
    let mut notice = None;
    let errors = if reading.errors.is_empty() {
        match update(&site, &me, &table, id, reading, &typed, version).await {
            Ok(()) => return Ok(me.go(&tables::row_href(&table, id), Some(Flash::done("Saved.")))),
            Err(crm::Error::Changed { .. }) => {
                let (row, names) = site.app.get_with_names(&me.caller, &table.name, id).await?;
                return conflict(&site, &me, &table, id, (row, names), typed, version.unwrap_or_default()).await;
            }
            Err(crm::Error::Duplicates(found)) if me.browser.htmx => {
                return Ok(duplicate_warning::ask(&me, &model, &found, FORM));
            }
            Err(crm::Error::Duplicates(found)) => {
                notice = Some(duplicates::notice(&found, FORM));
                Vec::new()
            }
            Err(error) => errors_of(&error).ok_or(error)?,
        }
    } else {
        reading.errors
    };
    let names = with_typed_names(&site, &me, &table, names, &typed).await?;
    let parties = stored_parties(&site, &me, &table, id).await?;
    let shown = Shown {
        row,
        names,
        parties,
        typed: Some(typed),
        errors,
        notice,
        status: Some(StatusCode::UNPROCESSABLE_ENTITY),
    };
    page(&site, &me, &table, Some(id), shown).await
}

async fn update(
    site: &Site,
    me: &Me,
    table: &Table,
    id: Uuid,
    reading: FormReading,
    typed: &Typed,
    version: Option<i64>,
) -> crm::Result<()> {
    let (mut changes, parties) = (reading.values, reading.parties);
    let files = files(table, typed);
    let has_looked = duplicate_warning::has_looked(typed);
    let name = table.name.clone();
    site.app
        .work(&me.caller, Origin::Page, move |work| {
            if !has_looked {
                work.warn_of_duplicates();
            }
            for (column, bytes) in files {
                let stored = match bytes {
                    Some(bytes) => work.store_file(&bytes)?,
                    None => model::Value::Null,
                };
                changes.set(column, stored);
            }
            work.update(&name, id, changes, version)?;
            work.set_parties(&Reference::new(name, id), parties)
        })
        .await
}

/// The files that were sent, and the columns whose file is to go.
fn files(table: &Table, typed: &Typed) -> Vec<(String, Option<Vec<u8>>)> {
    let columns = table.columns.values().filter(|column| record::is_file(column));
    let mut files = Vec::new();
    for column in columns {
        if let Some(upload) = typed.file(&column.name) {
            files.push((column.name.clone(), Some(upload.bytes.to_vec())));
        } else if typed.get(&format!("{}_remove", column.name)) == Some("true") {
            files.push((column.name.clone(), None));
        }
    }
    files
}

/// What a record's form holds.
struct FormReading {
    values: Row,
    parties: Vec<PartyList>,
    errors: Vec<(String, String)>,
}

fn read_form(me: &Me, table: &Table, row: Option<&Row>, typed: &Typed) -> FormReading {
    let form = record::main_form(table);
    let columns: Vec<String> = record::form_columns(&form).map(str::to_owned).collect();
    let mut reading = fields::read(me, table, columns.iter().map(String::as_str), row, typed);
    let (parties, wrong) = parties::read(table, &columns, typed);
    reading.errors.extend(wrong);
    // A new record about another one carries the lookup that its form may not show.
    if row.is_none() {
        let hidden = fields::read(me, table, table.lookups().map(|column| column.name.as_str()), None, typed);
        for (column, value) in hidden.values {
            if !reading.values.contains(&column) {
                reading.values.set(column, value);
            }
        }
    }
    if let Some(upload) = typed.file("documentbody").filter(|_| table.name == "annotation") {
        reading.values.set("filename", upload.name.chars().take(255).collect::<String>());
        reading.values.set("mimetype", upload.content_type.chars().take(255).collect::<String>());
    }
    FormReading { values: reading.values, parties, errors: reading.errors }
}

/// Somebody saved the record after this form was loaded. What they changed and the person did not
/// touch is taken over; where both changed a column, both values are shown and what was typed
/// stays. Saving again keeps it.
async fn conflict(
    site: &Site,
    me: &Me,
    table: &Arc<Table>,
    id: Uuid,
    (row, names): (Row, Names),
    mut typed: Typed,
    version: i64,
) -> Result<Response, Failure> {
    let (entries, more_names) = site.app.history(&me.caller, &table.name, id, 200).await?;
    let mut names = with_typed_names(site, me, table, names, &typed).await?;
    for (reference, name) in more_names.iter() {
        names.insert(reference.clone(), name.to_owned());
    }
    let since = entries.iter().filter(|entry| i64::try_from(entry.position.sequence).is_ok_and(|at| at > version));
    let since: Vec<_> = since.filter(|entry| entry.table == table.name).collect();
    let model = site.app.model();
    let cells = crate::view::cells::Cells { me, model: &model, names: &names };
    let notation = crate::view::input::Notation::of(me);
    let currency = row.value("transactioncurrencyid").as_id();
    let mut errors = Vec::new();
    let mut taken = Vec::new();
    for name in record::form_columns(&record::main_form(table)) {
        let Some(column) = table.column(name).filter(|_| typed.has(name)) else { continue };
        let theirs: Vec<_> = since
            .iter()
            .flat_map(|entry| &entry.changes)
            .filter(|(changed, before, after)| changed == name && before != after)
            .collect();
        // Newest first: the last one tells what the form was loaded with.
        let Some((_, base, _)) = theirs.last() else { continue };
        let now = notation.write(me, column, row.value(name), currency);
        let loaded = notation.write(me, column, base, currency);
        let mine = typed.text(name).replace("\r\n", "\n");
        if mine == now {
            continue;
        }
        if mine == loaded {
            typed.set(name, &now);
            taken.push(column.label.clone());
            continue;
        }
        let shown = cells.text(table, column, row.value(name), currency);
        let shown = if shown.is_empty() { "empty".to_owned() } else { format!("“{shown}”") };
        errors
            .push((name.to_owned(), format!("is {shown} now; your entry is kept and replaces it when you save again")));
    }
    let who = since.first().map_or_else(|| "Somebody".to_owned(), |entry| cells.person(entry.actor.user));
    let when = since.first().map(|entry| format!(" on {}", me.style.date_time(entry.at))).unwrap_or_default();
    let also = if taken.is_empty() { String::new() } else { format!(" Taken over from them: {}.", taken.join(", ")) };
    let text = format!(
        "{who} saved this {} after you opened it{when}. Nothing you typed is lost: look at both, then save again.{also}",
        table.label.to_lowercase()
    );
    let shown = Shown {
        row,
        names,
        parties: stored_parties(site, me, table, id).await?,
        typed: Some(typed),
        errors,
        notice: Some(record::caution(text)),
        status: Some(StatusCode::CONFLICT),
    };
    page(site, me, table, Some(id), shown).await
}

async fn with_typed_names(
    site: &Site,
    me: &Me,
    table: &Table,
    mut names: Names,
    typed: &Typed,
) -> Result<Names, Failure> {
    let chosen = fields::references(table, &Row::new(), Some(typed));
    for (reference, name) in site.app.names(&me.caller, chosen).await?.iter() {
        names.insert(reference.clone(), name.to_owned());
    }
    Ok(names)
}

/// What a record's page shows.
#[derive(Default)]
struct Shown {
    row: Row,
    names: Names,
    typed: Option<Typed>,
    errors: Vec<(String, String)>,
    notice: Option<Banner>,
    parties: Parties,
    /// Of a page that is shown again because something was refused.
    status: Option<StatusCode>,
}

async fn page(
    site: &Site,
    me: &Me,
    table: &Arc<Table>,
    id: Option<Uuid>,
    mut shown: Shown,
) -> Result<Response, Failure> {
    let model = site.app.model();
    if let Some(id) = id.filter(|_| shown.notice.is_none() && shown.status.is_none()) {
        shown.notice = duplicate_warning::about(site, me, table, id, (&shown.row, &shown.names)).await?;
    }
    let journey = match id.filter(|_| {
        model
            .processes
            .iter()
            .any(|process| process.stages.iter().any(|stage| stage.table == table.name) || process.table == table.name)
    }) {
        Some(id) => site.app.processes().journey(&me.caller, Reference::new(table.name.as_str(), id)).await?,
        None => None,
    };
    let rights = match id {
        Some(_) => site.app.rights_on(&me.caller, table, &shown.row).await?,
        None => Privilege::ALL.into(),
    };
    let timeline = match id.filter(|_| record::has_timeline(table)) {
        Some(id) => Some(timeline::of_record(site, me, table, id, &rights).await?),
        None => None,
    };
    let qualified = table.name == "lead" && shown.row.value("statecode").as_whole() == Some(crm::leads::QUALIFIED);
    let qualification = match id.filter(|_| qualified) {
        Some(id) => site.app.leads().qualification_to_undo(&me.caller, id).await?,
        None => None,
    };
    let record = Record {
        me,
        model: &model,
        table,
        names: &shown.names,
        row: &shown.row,
        id,
        typed: shown.typed.as_ref(),
        errors: &shown.errors,
        journey: journey.as_ref(),
        timeline,
        notice: shown.notice,
        rights: &rights,
        qualification,
        parties: Some(&shown.parties),
    };
    let form = record.form();
    let title = form.header.title.clone();
    match shown.status {
        None => Ok(me.page(&model, &title, PageLayout::Scrolling, &table.set_name, form.render())),
        Some(status) => {
            let page = Page {
                title,
                shell: me.shell(&model, &table.set_name),
                layout: PageLayout::Scrolling,
                content: form.render(),
            };
            Ok(html(me.refused(status), page.render()))
        }
    }
}
