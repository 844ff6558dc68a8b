//! A record: shown, made and saved by its table's main form.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use crm::{
    Row,
    access::{self, Privilege},
    reading::Names,
};
use language::tr;
use maud::Render;
use model::{Reference, Table, TableKind};
use uuid::Uuid;

use super::{
    autosave, duplicate_warning,
    saving::{self, Change},
    timeline,
    together::{contested, put_together},
};
use crate::{
    address::Address,
    app::Site,
    components::{Banner, Field, Page, PageLayout, RecordForm, fields::Theirs},
    failure::Failure,
    flash::Flash,
    posted::{Posted, Typed},
    respond::html,
    session::Me,
    view::{
        commands, duplicates, fields,
        input::Notation,
        parties::{self, Parties},
        record::{self, Record, errors_of},
        since::Present,
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
    let model = site.model();
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

/// A table with its labels in the language of whoever reads them.
pub(super) fn labelled(site: &Site, name: &str) -> Result<Arc<Table>, Failure> {
    site.model().table(name).cloned().ok_or(Failure::NoPage)
}

/// Who takes part in an activity; nobody in anything else.
pub(super) async fn stored_parties(site: &Site, me: &Me, table: &Table, id: Uuid) -> Result<Parties, Failure> {
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
    let model = site.model();
    let table = creatable(&me, &model, &set_name)?;
    let row = beginning(&me, &table, &Typed::parse(&query.unwrap_or_default()));
    let names = site.app.names(&me.caller, fields::references(&table, &row, None)).await?;
    let parties = first_parties(&site, &me, &table, &row).await?;
    page(&site, &me, &table, None, Shown { row, names, parties, ..Shown::default() }).await
}

/// The table that an address names, where the person may add rows of it.
pub(crate) fn creatable(me: &Me, model: &model::Model, set_name: &str) -> Result<Arc<Table>, Failure> {
    let table = tables::named(model, &me.caller, set_name)?;
    if commands::may_create(me, model, &table) {
        return Ok(table);
    }
    if me.caller.may_anywhere(model, &table, Privilege::Create) {
        return Err(Failure::NoPage);
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
    let model = site.model();
    let table = tables::named(&model, &me.caller, &set_name)?;
    let reading = saving::read_form(&me, &table, None, &typed);
    let mut notice = None;
    let errors = if reading.errors.is_empty() {
        match saving::insert(&site, &me, &table, reading.values, reading.parties, &typed).await {
            Ok(id) => {
                let flash = Flash::done(tr!("{} saved.", table.label));
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

/// Saves a record. Where others have saved it since this form was loaded, both are put together
/// column by column.
pub(crate) async fn save(
    State(site): State<Site>,
    Address((set_name, id)): Address<(String, Uuid)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, mut typed } = posted;
    let model = site.model();
    let table = tables::named(&model, &me.caller, &set_name)?;
    let (row, names) = site.app.get_with_names(&me.caller, &table.name, id).await?;
    let parties = stored_parties(&site, &me, &table, id).await?;
    let columns: Vec<String> = record::form_columns(&record::main_form(&table)).map(str::to_owned).collect();
    let of = (&*table, id);
    let mut version: Option<i64> = typed.get("version").and_then(|version| version.parse().ok());
    let now = row.value("versionnumber").as_whole();
    let mut done = Flash::done(tr!("Saved."));
    if let Some(loaded) = version.filter(|_| version != now) {
        let (since, together) =
            put_together(&site, &me, of, &columns, (&row, &names, &parties), (typed, loaded)).await?;
        if !together.contested.is_empty() {
            return contested(&site, &me, &table, id, (row, names, parties), (&since, together)).await;
        }
        if !together.taken.is_empty() {
            done = Flash::done(tr!("Saved, with what others changed meanwhile: {}.", together.taken.join(", ")));
        }
        (typed, version) = (together.typed, now);
    }
    let present = Present { me: &me, model: &model, table: &table, row: &row, names: &names, parties: &parties };
    present.take_chosen(&mut typed);
    let reading = saving::read_form(&me, &table, Some(&row), &typed);
    let mut notice = None;
    let errors = if reading.errors.is_empty() {
        let change = Change { table: &table, id, reading, typed: &typed, version, earlier: None };
        match saving::update(&site, &me, change).await {
            Ok(_) => return Ok(me.go(&tables::row_href(&table, id), Some(done))),
            Err(crm::Error::Changed { .. }) => {
                // Once more, at this very moment.
                let (row, names) = site.app.get_with_names(&me.caller, &table.name, id).await?;
                let parties = stored_parties(&site, &me, &table, id).await?;
                let loaded = version.unwrap_or_default();
                let (since, together) =
                    put_together(&site, &me, of, &columns, (&row, &names, &parties), (typed, loaded)).await?;
                return contested(&site, &me, &table, id, (row, names, parties), (&since, together)).await;
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
    let shown = Shown {
        row,
        names,
        parties,
        typed: Some(typed),
        errors,
        notice,
        status: Some(StatusCode::UNPROCESSABLE_ENTITY),
        ..Shown::default()
    };
    page(&site, &me, &table, Some(id), shown).await
}

pub(super) async fn with_typed_names(
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
pub(super) struct Shown {
    pub row: Row,
    pub names: Names,
    pub typed: Option<Typed>,
    pub errors: Vec<(String, String)>,
    /// Columns that somebody else changed, too, each with what they did.
    pub contested: Vec<(String, String)>,
    pub notice: Option<Banner>,
    pub parties: Parties,
    /// Of a page that is shown again because something was refused.
    pub status: Option<StatusCode>,
}

pub(super) async fn page(
    site: &Site,
    me: &Me,
    table: &Arc<Table>,
    id: Option<Uuid>,
    mut shown: Shown,
) -> Result<Response, Failure> {
    let model = site.model();
    if let Some(id) = id.filter(|_| shown.notice.is_none() && shown.status.is_none()) {
        shown.notice = duplicate_warning::about(site, me, table, id, (&shown.row, &shown.names)).await?;
    }
    let status = shown.status;
    let form = form(site, me, table, id, shown, true).await?;
    let title = form.header.title.clone();
    match status {
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

/// The form of a record with all that stands around it; the timeline only where it is wanted.
pub(super) async fn form(
    site: &Site,
    me: &Me,
    table: &Arc<Table>,
    id: Option<Uuid>,
    mut shown: Shown,
    with_timeline: bool,
) -> Result<RecordForm, Failure> {
    let model = site.model();
    let notice = shown.notice.take();
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
    let timeline = match id.filter(|_| with_timeline && record::has_timeline(table)) {
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
        notice,
        rights: &rights,
        qualification,
        parties: Some(&shown.parties),
        saves_itself: autosave::is_on(me),
        following: following(site, me, table, id).await?,
    };
    let mut form = record.form();
    for field in form.fields_mut() {
        mark(me, table, &shown, field);
    }
    Ok(form)
}

/// Whether the person follows the record; none for what cannot be followed.
async fn following(site: &Site, me: &Me, table: &Table, id: Option<Uuid>) -> Result<Option<bool>, Failure> {
    let model = site.model();
    let may_follow = || {
        let follows = model.table(crm::follows::FOLLOWS);
        follows.is_some_and(|follows| me.caller.may_anywhere(&model, follows, Privilege::Create))
    };
    match id.filter(|_| crm::follows::can_be_followed(&model, table) && may_follow()) {
        Some(id) => Ok(Some(site.app.is_following(&me.caller, &Reference::new(table.name.as_str(), id)).await?)),
        None => Ok(None),
    }
}

/// Notes on a field what is stored where something else was typed, and what others made of it.
fn mark(me: &Me, table: &Table, shown: &Shown, field: &mut Field) {
    let text = shown.contested.iter().find(|(name, _)| *name == field.name).map(|(_, text)| text.clone());
    field.theirs = text.map(|text| Theirs { text });
    if let (Some(column), true) = (table.column(&field.name), shown.typed.is_some()) {
        let currency = shown.row.value("transactioncurrencyid").as_id();
        field.stored = Some(Notation::of(me).write(me, column, shown.row.value(&field.name), currency));
    }
}
