//! A record as others have left it, for a form of it that is open.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use maud::html;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::record::{self, Shown};
use crate::{
    address::Address,
    app::Site,
    failure::Failure,
    posted::Typed,
    respond::fragment,
    session::Me,
    view::{
        since::{Present, Since},
        tables,
    },
};

/// The record's form as it is now, and who changed which field since the version `since`.
pub(crate) async fn show(
    State(site): State<Site>,
    me: Me,
    Address((set_name, id)): Address<(String, Uuid)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let model = site.model();
    let table = tables::named(&model, &me.caller, &set_name)?;
    let asked = Typed::parse(&query.unwrap_or_default());
    let version = asked.text("since").parse();
    let version = version.map_err(|_| Failure::Bad("“since” is not a version of a record".to_owned()))?;
    let (row, names) = site.app.get_with_names(&me.caller, &table.name, id).await?;
    let since = Since::read(&site, &me, &table, id, version).await?;
    let parties = record::stored_parties(&site, &me, &table, id).await?;
    let mut known = names.clone();
    for (reference, name) in since.names().iter() {
        known.insert(reference.clone(), name.to_owned());
    }
    let shown_now = Shown { row: row.clone(), names, parties: parties.clone(), ..Shown::default() };
    let mut form = record::form(&site, &me, &table, Some(id), shown_now, false).await?;
    let present = Present { me: &me, model: &model, table: &table, row: &row, names: &known, parties: &parties };
    let now = row.value("versionnumber").as_whole().unwrap_or_default();
    let mut changes = Map::new();
    for field in form.fields_mut() {
        let Some(column) = table.column(&field.name) else { continue };
        let Some(change) = since.column(column, version) else { continue };
        let (who, when) = since.told(&me, change.entry);
        let place = change.entry.map_or_else(|| now.to_string(), |entry| entry.position.sequence.to_string());
        let told = json!({
            "label": column.label, "who": who, "when": when, "seen": place,
            "value": present.shown(column), "text": present.sentence(&since, column, &change),
        });
        changes.insert(field.name.clone(), told);
    }
    let (who, when) = since.last(&me);
    Ok(fragment(html! {
        div data-changes=(Value::from(changes)) data-who=(who) data-when=(when)
            data-version=(now) { (form) }
    }))
}
