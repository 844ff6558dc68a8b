//! What a form saves by itself: only what was typed since, answered in words for the form that is
//! open, which stays as it is.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use language::tr;
use model::Table;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    record,
    saving::{self, Change, Saved},
    together::{self, meet},
};
use crate::{
    address::Address,
    app::Site,
    failure::{Failure, sentence},
    posted::Posted,
    session::Me,
    view::{
        record::{errors_of, form_columns, main_form, without_label},
        tables,
    },
};

/// Whether the forms of this person save by themselves.
pub(super) fn is_on(me: &Me) -> bool {
    me.caller.organization().saves_forms && !me.caller.arrangement().without_autosave
}

/// Saves the fields that were sent over the version they were typed over. Where others have saved
/// since, what they did to other fields stays, and nothing is written where they changed the same.
/// `act` names an earlier saving of the same visit, so that all of it is taken back as one.
pub(crate) async fn create(
    State(site): State<Site>,
    Address((set_name, id)): Address<(String, Uuid)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, mut typed } = posted;
    let table = tables::named(&site.model(), &me.caller, &set_name)?;
    if !is_on(&me) {
        return Ok(answer(StatusCode::OK, json!({ "state": "off" })));
    }
    let (row, names) = site.app.get_with_names(&me.caller, &table.name, id).await?;
    let parties = record::stored_parties(&site, &me, &table, id).await?;
    let columns: Vec<String> = form_columns(&main_form(&table)).map(str::to_owned).collect();
    let loaded = together::version(&typed);
    let met = meet(&site, &me, (&table, id), &columns, (&row, &names, &parties), &mut typed).await?;
    if !met.contested.is_empty() {
        return Ok(contested(&table, &met.contested));
    }
    let reading = saving::read_form(&me, &table, Some(&row), &typed);
    if !reading.errors.is_empty() {
        return Ok(refused(&table, &reading.errors));
    }
    let version = row.value("versionnumber").as_whole();
    let earlier = typed.get("act").and_then(|act| act.parse().ok());
    let change = Change { table: &table, id, reading, typed: &typed, version, earlier };
    match saving::update(&site, &me, change).await {
        Ok(written) => Ok(saved(&me, &written, (loaded, version))),
        // Somebody was faster by a moment; the form asks what they did and comes again.
        Err(crm::Error::Changed { .. }) => Ok(answer(StatusCode::CONFLICT, json!({ "state": "behind" }))),
        Err(crm::Error::Duplicates(_)) => {
            let message = tr!("It looks like a record that is there already. Choose Save to compare them.");
            Ok(refused(&table, &[(String::new(), message)]))
        }
        Err(error) => Ok(refused(&table, &errors_of(&error).ok_or(error)?)),
    }
}

/// `followed` says whether the version typed over was the present one: only then does the form know
/// everything that is stored now.
fn saved(me: &Me, written: &Saved, (loaded, before): (Option<i64>, Option<i64>)) -> Response {
    let changed = written.version != before;
    let body = json!({
        "state": "saved",
        "text": tr!("Saved {}", me.style.time(me.caller.zone().now)),
        "version": written.version.map(|version| version.to_string()),
        "followed": loaded == before,
        "act": changed.then(|| written.act.to_string()),
    });
    answer(StatusCode::OK, body)
}

fn refused(table: &Table, errors: &[(String, String)]) -> Response {
    let body = json!({ "state": "refused", "errors": told(table, errors) });
    answer(StatusCode::UNPROCESSABLE_ENTITY, body)
}

/// What is wrong with fields, for the script that says it beside them.
pub(super) fn told(table: &Table, errors: &[(String, String)]) -> Vec<Value> {
    let one = |(name, message): &(String, String)| {
        let label = table.column(name).map_or("", |column| column.label.as_str());
        json!({ "name": name, "label": label, "message": sentence(&without_label(label, message)) })
    };
    errors.iter().map(one).collect()
}

fn contested(table: &Table, contested: &[(String, String)]) -> Response {
    let labels = contested.iter().filter_map(|(name, _)| table.column(name)).map(|column| column.label.clone());
    let text = tr!("Others changed {}, too; choose beside the field", labels.collect::<Vec<_>>().join(", "));
    answer(StatusCode::CONFLICT, json!({ "state": "contested", "text": text }))
}

pub(super) fn answer(status: StatusCode, body: Value) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}
