//! Whether what was typed into single fields reads as what their columns hold, before anything is saved.

use axum::{extract::State, http::StatusCode, response::Response};
use serde_json::json;

use super::autosave::{answer, told};
use crate::{
    address::Address,
    app::Site,
    failure::Failure,
    posted::Posted,
    view::{fields, tables},
};

/// What is wrong with the fields that were sent, each for itself.
pub(crate) async fn create(
    State(site): State<Site>,
    Address(set_name): Address<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let table = tables::named(&site.model(), &me.caller, &set_name)?;
    let sent = table.columns.keys().map(String::as_str);
    let reading = fields::read(&me, &table, sent, None, &typed);
    Ok(answer(StatusCode::OK, json!({ "errors": told(&table, &reading.errors) })))
}
