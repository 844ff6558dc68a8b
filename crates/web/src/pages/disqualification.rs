//! Disqualifying leads with a reason, and bringing them back.

use axum::{
    extract::{Path, RawQuery, State},
    response::Response,
};
use crm::{
    Origin,
    leads::{DISQUALIFIED, DISQUALIFIED_DEFAULT},
};
use model::Table;
use uuid::Uuid;

use crate::{
    app::Site,
    components::{Control, Dialog, Field},
    failure::{Failure, sentence},
    flash::Flash,
    posted::{Posted, Typed},
    respond::fragment,
    session::Me,
    view::{bulk, fields, tables},
};

/// The dialog for one lead.
pub(crate) async fn ask_one(State(site): State<Site>, me: Me, Path(id): Path<Uuid>) -> Result<Response, Failure> {
    let table = site.app.table("lead")?;
    let lead = site.app.get(&me.caller, "lead", id, None).await?;
    let title = format!("Disqualify {}", lead.text("fullname"));
    Ok(fragment(dialog(&me, &table, title, format!("/leads/{id}/disqualification"), &[])))
}

/// The dialog for several.
pub(crate) async fn ask(State(site): State<Site>, me: Me, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let table = site.app.table("lead")?;
    let ids = Typed::parse(&query.unwrap_or_default()).ids()?;
    let title = format!("Disqualify {}", bulk::counted(&table, ids.len()));
    Ok(fragment(dialog(&me, &table, title, "/leads/disqualifications".to_owned(), &ids)))
}

fn dialog(me: &Me, table: &Table, title: String, action: String, ids: &[Uuid]) -> Dialog {
    let reasons =
        table.column("statuscode").map(|column| fields::options(table, column, Some(DISQUALIFIED))).unwrap_or_default();
    let reasons = reasons.into_iter().map(|mut reason| {
        reason.chosen = reason.value == DISQUALIFIED_DEFAULT.to_string();
        reason
    });
    let mut reason = Field::new("statuscode", "Reason", Control::Choice { options: reasons.collect() }).required();
    reason.autofocus = true;
    Dialog {
        id: "disqualification".to_owned(),
        title,
        icon: "ban".to_owned(),
        action: Some(action),
        csrf: me.csrf.clone(),
        hidden: ids.iter().map(|id| ("id".to_owned(), id.to_string())).collect(),
        text: "It stays in the system and can be reactivated at any time.".to_owned(),
        fields: vec![reason],
        submit: "Disqualify".to_owned(),
        ..Dialog::default()
    }
}

/// Disqualifies one lead.
pub(crate) async fn create_one(
    State(site): State<Site>,
    Path(id): Path<Uuid>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let href = tables::href_of(&site.app.model(), "lead", id);
    let done = site.app.leads().disqualify(&me.caller, Origin::Page, vec![id], reason(&typed)).await;
    told(&me, &href, done, "Lead disqualified.")
}

/// Disqualifies several, each in its own part.
pub(crate) async fn create(State(site): State<Site>, posted: Posted) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let table = site.app.table("lead")?;
    let reason = reason(&typed);
    let mut done = bulk::Done { succeeded: 0, refused: Vec::new(), act: None };
    for id in typed.ids()? {
        done.count(site.app.leads().disqualify(&me.caller, Origin::Page, vec![id], reason).await)?;
    }
    Ok(bulk::report(&me, &table, &done, "disqualified"))
}

/// Opens one lead again.
pub(crate) async fn reactivate_one(
    State(site): State<Site>,
    Path(id): Path<Uuid>,
    posted: Posted,
) -> Result<Response, Failure> {
    let me = posted.me;
    let href = tables::href_of(&site.app.model(), "lead", id);
    let done = site.app.leads().reactivate(&me.caller, Origin::Page, vec![id]).await;
    told(&me, &href, done, "Lead reactivated.")
}

/// Opens several again, each in its own part.
pub(crate) async fn reactivate(State(site): State<Site>, posted: Posted) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let table = site.app.table("lead")?;
    let mut done = bulk::Done { succeeded: 0, refused: Vec::new(), act: None };
    for id in typed.ids()? {
        done.count(site.app.leads().reactivate(&me.caller, Origin::Page, vec![id]).await)?;
    }
    Ok(bulk::report(&me, &table, &done, "reactivated"))
}

fn reason(typed: &Typed) -> i64 {
    typed.text("statuscode").parse().unwrap_or(DISQUALIFIED_DEFAULT)
}

fn told(me: &Me, href: &str, done: crm::Result<()>, words: &str) -> Result<Response, Failure> {
    match done {
        Ok(()) => Ok(me.go(href, Some(Flash::done(words)))),
        Err(crm::Error::Refused(message)) => Ok(me.go(href, Some(Flash::failed(sentence(&message))))),
        Err(error) => Err(error.into()),
    }
}
