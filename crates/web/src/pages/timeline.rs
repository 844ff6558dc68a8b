//! The timeline of a record: further entries, and notes.

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use crm::{NewRecord, Origin, Row, activities::LARGEST_FILE};
use maud::Render;
use model::{Reference, Table};
use uuid::Uuid;

use super::record::timeline_of;
use crate::{
    address::Address,
    app::Site,
    components::{Control, Dialog, DialogSize, Field},
    failure::Failure,
    flash::Flash,
    posted::{Posted, Typed},
    respond::{fragment, html},
    session::Me,
    view::{
        cells::formatted_text,
        record::{error_list, errors_of},
        tables,
    },
};

/// The newest entries, or those older than a moment.
pub(crate) async fn more(
    State(site): State<Site>,
    me: Me,
    Address((set_name, id)): Address<(String, Uuid)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let model = site.app.model();
    let table = tables::named(&model, &me.caller, &set_name)?;
    let asked = Typed::parse(&query.unwrap_or_default());
    let before = asked.get("before").map(str::parse).transpose();
    let before = before.map_err(|_| Failure::Bad("“before” is not a moment".to_owned()))?;
    let timeline = timeline_of(&site, &me, &table, id, before).await?;
    Ok(fragment(timeline.more_entries()))
}

/// The dialog for a new note.
pub(crate) async fn new_note(
    State(site): State<Site>,
    me: Me,
    Address((set_name, id)): Address<(String, Uuid)>,
) -> Result<Response, Failure> {
    let table = tables::named(&site.app.model(), &me.caller, &set_name)?;
    Ok(fragment(dialog(&me, &table, id, &Typed::default(), &[])))
}

/// Adds a note.
pub(crate) async fn create_note(
    State(site): State<Site>,
    Address((set_name, id)): Address<(String, Uuid)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let model = site.app.model();
    let table = tables::named(&model, &me.caller, &set_name)?;
    let (title, text) = (typed.text("subject").trim(), typed.text("notetext").trim());
    let file = typed.file("documentbody").cloned();
    if title.is_empty() && text.is_empty() && file.is_none() {
        let errors = [("notetext".to_owned(), "write something or choose a file, or cancel".to_owned())];
        return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, dialog(&me, &table, id, &typed, &errors).render()));
    }
    let mut row = Row::new()
        .with("subject", Some(title.to_owned()).filter(|title| !title.is_empty()))
        .with("notetext", (!text.is_empty()).then(|| formatted_text(text)))
        .with("objectid", Reference::new(table.name.as_str(), id));
    let created = site.app.work(&me.caller, Origin::Page, move |work| {
        if let Some(file) = file {
            row.set("documentbody", work.store_file(&file.bytes)?);
            row.set("filename", short(&file.name));
            row.set("mimetype", short(&file.content_type));
        }
        work.create_all(NewRecord::of("annotation", row))
    });
    match created.await {
        Ok(_) => Ok(me.go(&tables::row_href(&table, id), Some(Flash::done("Note added.")))),
        Err(error) => {
            let errors = errors_of(&error).ok_or(error)?;
            Ok(html(StatusCode::UNPROCESSABLE_ENTITY, dialog(&me, &table, id, &typed, &errors).render()))
        }
    }
}

/// As much of a text as a column for it holds.
fn short(text: &str) -> String {
    text.chars().take(255).collect()
}

fn dialog(me: &Me, table: &Table, id: Uuid, typed: &Typed, errors: &[(String, String)]) -> Dialog {
    let wrong = |name: &str| errors.iter().find(|(column, _)| column == name).map(|(_, message)| message.clone());
    let mut title = Field::new(
        "subject",
        "Title",
        Control::Text { value: typed.text("subject").to_owned(), max_length: Some(500), autocomplete: None },
    );
    title.error = wrong("subject");
    let memo = Control::Memo { value: typed.text("notetext").to_owned(), max_length: Some(100_000), rows: 6 };
    let mut text = Field::new("notetext", "Note", memo);
    text.error = wrong("notetext");
    text.autofocus = true;
    let file = Control::File { stored: None, accept: None, largest: Some(LARGEST_FILE) };
    let mut file = Field::new("documentbody", "File", file);
    file.error = wrong("documentbody");
    Dialog {
        id: "note".to_owned(),
        title: "New note".to_owned(),
        icon: "notes".to_owned(),
        size: DialogSize::Medium,
        action: Some(format!("{}/notes", tables::row_href(table, id))),
        csrf: me.csrf.clone(),
        errors: error_list(table, errors, "note", |column| matches!(column, "subject" | "notetext" | "documentbody")),
        fields: vec![title, text, file],
        submit: "Add note".to_owned(),
        ..Dialog::default()
    }
}
