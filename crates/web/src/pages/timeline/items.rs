//! What is done with an entry of a timeline: completed, given away, pinned, deleted.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use crm::{
    Origin, Row, Work,
    timeline::{NOTE, POST},
};
use language::tr;
use maud::Render;
use model::{Reference, Table, TableKind};
use uuid::Uuid;

use super::{Opened, again, changed, edit::ItemAddress, refused};
use crate::{
    address::Address,
    app::Site,
    failure::Failure,
    flash::Flash,
    pages::assignment,
    posted::{Posted, Typed},
    respond::fragment,
    session::Me,
    view::{commands, timeline::kind_named},
};

/// The kind of entry that an address names.
fn kind_of(opened: &Opened, name: &str) -> Result<Arc<Table>, Failure> {
    kind_named(&opened.model, name).cloned().ok_or(Failure::NoPage)
}

/// Does one thing in one act and says so, with a way back.
async fn act(
    site: &Site,
    me: &Me,
    words: String,
    one: impl FnOnce(&mut Work<'_, '_>) -> crm::Result<()> + Send + 'static,
) -> Result<Response, Failure> {
    let done = site.app.work(&me.caller, Origin::Page, move |work| {
        one(work)?;
        Ok(work.act())
    });
    match done.await {
        Ok(act) => Ok(changed(me, &Flash::done(words).undo(act), "none")),
        Err(error) => refused(me, error),
    }
}

/// Completes an activity, gives it up, or opens it again.
pub(crate) async fn state(
    State(site): State<Site>,
    Address((set_name, id, kind, item)): ItemAddress,
    RawQuery(query): RawQuery,
    posted: Posted,
) -> Result<Response, Failure> {
    let opened = Opened::at(&site, posted.me, &set_name, id, &Typed::default()).await?;
    let kind = kind_of(&opened, &kind)?;
    let to: i32 = Typed::parse(&query.unwrap_or_default()).text("to").parse().unwrap_or(-1);
    let state = kind.state(to).filter(|_| kind.kind == TableKind::Activity).ok_or(Failure::NoPage)?;
    let words = match to {
        0 => tr!("{} opened again.", kind.label),
        1 => tr!("{} completed.", kind.label),
        _ => tr!("{} canceled.", kind.label),
    };
    let (name, to) = (kind.name.clone(), state.value);
    act(&site, &opened.me, words, move |work| {
        work.update(&name, item, Row::new().with("statecode", to), None).map(drop)
    })
    .await
}

/// Deletes it.
pub(crate) async fn delete(
    State(site): State<Site>,
    Address((set_name, id, kind, item)): ItemAddress,
    posted: Posted,
) -> Result<Response, Failure> {
    let opened = Opened::at(&site, posted.me, &set_name, id, &Typed::default()).await?;
    let is_reply = kind == "postcomment";
    if is_reply || kind == POST {
        let words = if is_reply { tr!("Reply deleted.") } else { tr!("Post deleted.") };
        let of = Reference::new(kind, item);
        return act(&site, &opened.me, words, move |work| work.withdraw(&of)).await;
    }
    let kind = kind_of(&opened, &kind)?;
    let name = kind.name.clone();
    let words = tr!("{} deleted.", kind.label);
    act(&site, &opened.me, words, move |work| work.delete(&name, item, None)).await
}

/// Keeps it at the top, or no longer.
pub(crate) async fn pin(
    State(site): State<Site>,
    Address((set_name, id, kind, item)): ItemAddress,
    RawQuery(query): RawQuery,
    posted: Posted,
) -> Result<Response, Failure> {
    let opened = Opened::at(&site, posted.me, &set_name, id, &Typed::default()).await?;
    let kind = kind_of(&opened, &kind)?;
    let (record, of) = (opened.record(), Reference::new(kind.name.as_str(), item));
    if Typed::parse(&query.unwrap_or_default()).text("pinned") == "false" {
        return act(&site, &opened.me, tr!("Unpinned."), move |work| work.unpin(&record, &of)).await;
    }
    act(&site, &opened.me, tr!("Pinned to the top, for everybody."), move |work| work.pin(&record, &of)).await
}

/// Asks to whom an activity is given.
pub(crate) async fn ask_to_assign(
    State(site): State<Site>,
    me: Me,
    Address((set_name, id, kind, item)): ItemAddress,
) -> Result<Response, Failure> {
    let opened = Opened::at(&site, me, &set_name, id, &Typed::default()).await?;
    let kind = assignable(&opened, &kind)?;
    Ok(fragment(dialog(&site, &opened, &kind, item, None).await?))
}

fn assignable(opened: &Opened, name: &str) -> Result<Arc<Table>, Failure> {
    let kind = kind_of(opened, name)?;
    if commands::is_assignable(&kind) && ![NOTE, POST].contains(&kind.name.as_str()) {
        Ok(kind)
    } else {
        Err(Failure::NoPage)
    }
}

async fn dialog(
    site: &Site,
    opened: &Opened,
    kind: &Table,
    item: Uuid,
    error: Option<String>,
) -> Result<impl Render, Failure> {
    let row = site.app.get(&opened.me.caller, &kind.name, item, None).await?;
    let title = tr!("Assign “{}”", row.text(&kind.primary_name));
    let action = opened.view().href(&format!("/{}/{item}/assignment", kind.name));
    Ok(assignment::dialog(site, &opened.me, kind, title, action, Vec::new(), error))
}

/// Gives an activity to somebody else.
pub(crate) async fn assign(
    State(site): State<Site>,
    Address((set_name, id, kind, item)): ItemAddress,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let opened = Opened::at(&site, me, &set_name, id, &Typed::default()).await?;
    let kind = assignable(&opened, &kind)?;
    let owner = match assignment::owner(&kind, &typed) {
        Ok(owner) => owner,
        Err(message) => return Ok(again(&dialog(&site, &opened, &kind, item, Some(message)).await?)),
    };
    let names = site.app.names(&opened.me.caller, vec![owner.clone()]).await?;
    let words = match names.get(&owner) {
        Some(name) => tr!("{} assigned to {}.", kind.label, name),
        None => tr!("{} assigned to the new owner.", kind.label),
    };
    let name = kind.name.clone();
    act(&site, &opened.me, words, move |work| {
        work.update(&name, item, Row::new().with("ownerid", owner), None).map(drop)
    })
    .await
}
