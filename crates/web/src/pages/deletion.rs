//! Deleting records, one or many.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use crm::Origin;
use language::{Language, tr};
use model::{Cascade, Model, Table};
use uuid::Uuid;

use super::bulk::{self, Chosen};
use crate::{
    address::Address,
    app::Site,
    components::Dialog,
    failure::Failure,
    flash::Flash,
    posted::{Posted, Typed},
    respond::fragment,
    session::Me,
    view::{bulk::capital, tables},
};

/// Asks before a record is deleted.
pub(crate) async fn ask_one(
    State(site): State<Site>,
    me: Me,
    Address((set_name, id)): Address<(String, Uuid)>,
) -> Result<Response, Failure> {
    let model = site.model();
    let table = tables::named(&model, &me.caller, &set_name)?;
    let row = site.app.get(&me.caller, &table.name, id, None).await?;
    let name = row.text(&table.primary_name);
    let title = tr!("Delete {} “{}”?", Language::within_sentence(&table.label), name);
    let action = format!("{}/deletion", tables::row_href(&table, id));
    Ok(fragment(dialog(&me, &model, &table, title, action, Vec::new())))
}

/// Asks before several are deleted.
pub(crate) async fn ask(
    State(site): State<Site>,
    me: Me,
    Address(set_name): Address<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let model = site.model();
    let table = tables::named(&model, &me.caller, &set_name)?;
    let chosen = Chosen::of(&Typed::parse(&query.unwrap_or_default()))?;
    let title = capital(&tr!("Delete {}?", chosen.words(&me, &table)));
    let action = format!("/{}/deletions", table.set_name);
    Ok(fragment(dialog(&me, &model, &table, title, action, chosen.hidden())))
}

fn dialog(
    me: &Me,
    model: &Model,
    table: &Table,
    title: String,
    action: String,
    hidden: Vec<(String, String)>,
) -> Dialog {
    Dialog {
        id: "deletion".to_owned(),
        title,
        icon: "trash".to_owned(),
        action: Some(action),
        csrf: me.csrf.clone(),
        hidden,
        text: consequences(model, table),
        submit: tr!("Delete"),
        danger: true,
        ..Dialog::default()
    }
}

/// What goes with a row.
fn consequences(model: &Model, table: &Table) -> String {
    let mut gone: Vec<String> = model
        .pointing_at(&table.name)
        .filter(|relationship| relationship.on_delete == Cascade::Cascade)
        .filter_map(|relationship| model.table(&relationship.referencing))
        .filter(|other| matches!(other.kind, model::TableKind::Standard | model::TableKind::Activity))
        .map(|other| Language::within_sentence(&other.plural_label))
        .collect();
    gone.sort_unstable();
    gone.dedup();
    let undo = tr!("You can undo this right afterwards.");
    match gone.as_slice() {
        [] => undo,
        gone => format!("{} {undo}", tr!("What hangs on it is deleted, too: {}.", gone.join(", "))),
    }
}

/// Deletes a record.
pub(crate) async fn create_one(
    State(site): State<Site>,
    Address((set_name, id)): Address<(String, Uuid)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let me = posted.me;
    let table = tables::named(&site.model(), &me.caller, &set_name)?;
    let (name, list) = (table.name.clone(), format!("/{}", table.set_name));
    let deleted = site.app.work(&me.caller, Origin::Page, move |work| {
        work.delete(&name, id, None)?;
        Ok(work.act())
    });
    match deleted.await {
        Ok(act) => Ok(me.go(&me.list_or(&list), Some(Flash::done(tr!("{} deleted.", table.label)).undo(act)))),
        Err(crm::Error::Refused(message)) => {
            Ok(me.go(&tables::row_href(&table, id), Some(Flash::failed(crate::failure::sentence(&message)))))
        }
        Err(error) => Err(error.into()),
    }
}

/// Deletes several, each in its own part: those that cannot be deleted stay, with the reason.
pub(crate) async fn create(
    State(site): State<Site>,
    Address(set_name): Address<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let table = tables::named(&site.model(), &me.caller, &set_name)?;
    bulk::run(&site, &me, &table, &Chosen::of(&typed)?, &tr!("deleted"), |work, table, id| work.delete(table, id, None))
        .await
}
