//! A new record beside what is open.

use std::fmt::Write as _;

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use crm::{Row, reading::Names};
use language::{Language, tr};
use maud::Render;
use model::{FormKind, Reference, Table};
use uuid::Uuid;

use super::{record, saving};
use crate::{
    address::Address,
    app::Site,
    components::QuickCreate,
    failure::Failure,
    flash::Flash,
    posted::{Posted, Typed},
    respond::{fragment, html, set_header},
    session::Me,
    view::{
        duplicates,
        fields::{self, Fields},
        parties::{self, Parties},
        record::{error_list, errors_of, form_columns, main_form, once},
        tables,
    },
};

/// Sent where the page stays open on which a record is made.
pub(crate) const STAY: &str = "stay";

/// The dialog. `for` names the lookup that wants the record, `name` what was typed there, and
/// parameters named like columns fill them.
pub(crate) async fn show(
    State(site): State<Site>,
    me: Me,
    Address(set_name): Address<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let table = record::creatable(&me, &site.model(), &set_name)?;
    let asked = Typed::parse(&query.unwrap_or_default());
    let mut row = record::beginning(&me, &table, &asked);
    let (for_lookup, name) = (asked.get("for"), asked.text("name").trim());
    if for_lookup.is_some() && !name.is_empty() {
        name_row(&table, &mut row, name);
    }
    let mut hidden = given_lookups(&table, &asked);
    hidden.extend(asked.has(STAY).then(|| (STAY.to_owned(), "1".to_owned())));
    let names = site.app.names(&me.caller, fields::references(&table, &row, None)).await?;
    let parties = record::first_parties(&site, &me, &table, &row).await?;
    Ok(fragment(dialog(
        &site,
        &me,
        &table,
        &Shown { row: &row, names: &names, typed: None, errors: &[], hidden, for_lookup, parties: &parties },
    )))
}

/// The text typed in a lookup names the new row: a person by first and last name.
fn name_row(table: &Table, row: &mut Row, name: &str) {
    let primary = table.column(&table.primary_name).filter(|column| fields::is_editable(column));
    if primary.is_some() {
        row.set(table.primary_name.as_str(), name);
    } else if table.column("lastname").is_some() {
        let (first, last) = name.rsplit_once(' ').unwrap_or(("", name));
        row.set("firstname", Some(first.trim()).filter(|first| !first.is_empty()));
        row.set("lastname", last);
    }
}

/// Lookups that the address fills and the short form may not show.
fn given_lookups(table: &Table, asked: &Typed) -> Vec<(String, String)> {
    table
        .lookups()
        .filter_map(|column| {
            Some((column.name.clone(), asked.get(&column.name).filter(|value| !value.is_empty())?.to_owned()))
        })
        .collect()
}

/// Makes the record.
pub(crate) async fn create(
    State(site): State<Site>,
    Address(set_name): Address<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let model = site.model();
    let table = tables::named(&model, &me.caller, &set_name)?;
    let for_lookup = typed.get("for");
    let columns: Vec<String> =
        columns(&table).into_iter().chain(table.lookups().map(|column| column.name.clone())).collect();
    let mut reading = fields::read(&me, &table, columns.iter().map(String::as_str), None, &typed);
    let (mut lists, wrong) = parties::read(&table, &columns, &typed);
    reading.errors.extend(wrong);
    let mut same = None;
    let errors = if reading.errors.is_empty() {
        let first = record::first_parties(&site, &me, &table, &reading.values).await?;
        lists.extend(first.lists_beside(&columns));
        match saving::insert(&site, &me, &table, reading.values, lists, &typed).await {
            Ok(id) => return created(&site, &me, &table, id, for_lookup, &typed).await,
            Err(crm::Error::Duplicates(found)) => {
                let told = vec![(String::new(), duplicates::asked(&found))];
                same = Some(found);
                told
            }
            Err(error) => errors_of(&error).ok_or(error)?,
        }
    } else {
        reading.errors
    };
    let row = fields::defaults(&me, &table);
    let names = site.app.names(&me.caller, fields::references(&table, &row, Some(&typed))).await?;
    let mut hidden = given_lookups(&table, &typed);
    if same.as_ref().is_some_and(|found| !found.blocked) {
        hidden.push((duplicates::SEEN.to_owned(), duplicates::YES.to_owned()));
    }
    let mut dialog = dialog(
        &site,
        &me,
        &table,
        &Shown {
            row: &row,
            names: &names,
            typed: Some(&typed),
            errors: &errors,
            hidden,
            for_lookup,
            parties: &Parties::default(),
        },
    );
    if let Some(found) = same {
        dialog.body = duplicates::within(&me, &model, &found);
    }
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, dialog.render()))
}

/// Fills the lookup that asked, begins another one, or opens what was made.
async fn created(
    site: &Site,
    me: &Me,
    table: &Table,
    id: Uuid,
    for_lookup: Option<&str>,
    typed: &Typed,
) -> Result<Response, Failure> {
    let reference = Reference::new(table.name.as_str(), id);
    let names = site.app.names(&me.caller, vec![reference.clone()]).await?;
    let name = names.get(&reference).unwrap_or_default().to_owned();
    if let Some(field) = for_lookup {
        let event =
            serde_json::json!({ "record-created": { "for": field, "table": table.name, "id": id, "label": name } });
        let mut response = StatusCode::NO_CONTENT.into_response();
        set_header(&mut response, "hx-trigger", &ascii(&event));
        return Ok(response);
    }
    let flash = Flash::done(tr!("{} “{}” created.", table.label, name))
        .link(tables::row_href(table, id), tr!("verb" => "Open"));
    if typed.get("then") == Some("new") {
        let mut row = fields::defaults(me, table);
        let hidden = given_lookups(table, typed);
        // The next one is about the same record.
        for (column, value) in &hidden {
            if let Some((target, id)) = value.split_once(':')
                && let Ok(id) = id.parse()
            {
                row.set(column.as_str(), Reference::new(target, id));
            }
        }
        let names = site.app.names(&me.caller, fields::references(table, &row, None)).await?;
        let parties = record::first_parties(site, me, table, &row).await?;
        return Ok(fragment(dialog(
            site,
            me,
            table,
            &Shown { row: &row, names: &names, typed: None, errors: &[], hidden, for_lookup: None, parties: &parties },
        )));
    }
    // What was made about the record that is open appears there.
    let beside = me
        .browser
        .page
        .as_deref()
        .filter(|page| typed.all("regardingobjectid").next().is_some() && page.matches('/').count() >= 2)
        .or(me.browser.page.as_deref().filter(|_| typed.has(STAY)));
    Ok(me.go(beside.unwrap_or(&tables::row_href(table, id)), Some(flash)))
}

/// JSON for a header, which holds ASCII only.
fn ascii(value: &serde_json::Value) -> String {
    let mut text = String::new();
    for letter in value.to_string().chars() {
        if letter.is_ascii() {
            text.push(letter);
        } else {
            let mut units = [0; 2];
            for unit in letter.encode_utf16(&mut units) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
    }
    text
}

/// Columns of the short form; of a table without one, those of the main form that want a value.
fn columns(table: &Table) -> Vec<String> {
    if let Some(form) = table.form(FormKind::QuickCreate) {
        form_columns(form).map(str::to_owned).collect()
    } else {
        let main = main_form(table);
        form_columns(&main)
            .filter(|name| {
                table.column(name).is_some_and(|column| fields::is_editable(column) || parties::is_list(column))
            })
            .take(12)
            .map(str::to_owned)
            .collect()
    }
}

struct Shown<'a> {
    row: &'a Row,
    names: &'a Names,
    typed: Option<&'a Typed>,
    errors: &'a [(String, String)],
    hidden: Vec<(String, String)>,
    for_lookup: Option<&'a str>,
    parties: &'a Parties,
}

fn dialog(site: &Site, me: &Me, table: &Table, shown: &Shown<'_>) -> QuickCreate {
    let model = site.model();
    let fields = Fields {
        me,
        model: &model,
        table,
        names: shown.names,
        row: shown.row,
        typed: shown.typed,
        new: true,
        closed: false,
        scope: QuickCreate::SCOPE,
        errors: shown.errors,
        parties: Some(shown.parties),
    };
    let columns = columns(table);
    let on_form = |column: &str| columns.iter().any(|name| name == column);
    QuickCreate {
        title: tr!("New {}", Language::within_sentence(&table.label)),
        icon: table.icon.clone(),
        action: format!("/{}/quick-create", table.set_name),
        checks: Some(tables::checks_href(table)),
        csrf: me.csrf.clone(),
        for_lookup: shown.for_lookup.map(str::to_owned),
        hidden: shown
            .hidden
            .iter()
            .filter(|(name, _)| !on_form(name))
            .cloned()
            .chain([("once".to_owned(), once(shown.typed))])
            .collect(),
        fields: columns.iter().filter_map(|name| fields.field(name)).collect(),
        errors: error_list(table, shown.errors, QuickCreate::SCOPE, on_form),
        ..QuickCreate::default()
    }
}
