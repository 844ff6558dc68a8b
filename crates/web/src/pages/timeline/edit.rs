//! Changing an entry of a timeline in its place.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use crm::{Origin, Row, reading::Names, timeline::POST};
use language::tr;
use maud::Render;
use model::{Reference, Table};
use uuid::Uuid;

use super::{Opened, again, changed, posts, refused, told};
use crate::{
    address::Address,
    app::Site,
    components::timeline::Composer,
    failure::Failure,
    flash::Flash,
    pages::{
        record::stored_parties,
        together::{Met, Said, at_once, mark, meet, version},
    },
    posted::{Posted, Typed},
    respond::fragment,
    session::Me,
    view::{
        cells::plain_text,
        fields,
        parties::{self, Parties},
        record::errors_of,
        rich_text,
        timeline::{Block, Composing, columns, formatted, html_of, kind_named},
    },
};

/// What an entry's address names: the record's table and key, the entry's kind and key.
pub(crate) type ItemAddress = Address<(String, Uuid, String, Uuid)>;

/// An entry by itself, as it stands on the timeline.
pub(crate) async fn entry(
    State(site): State<Site>,
    me: Me,
    Address((set_name, id, kind, item)): ItemAddress,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let typed = Typed::parse(&query.unwrap_or_default());
    let opened = Opened::at(&site, me, &set_name, id, &typed).await?;
    let kind = kind_named(&opened.model, &kind).cloned().ok_or(Failure::NoPage)?;
    Ok(fragment(alone(&site, &opened, &kind, item, Block::named(typed.text("in"))).await?))
}

async fn alone(site: &Site, opened: &Opened, kind: &Table, item: Uuid, block: Block) -> Result<maud::Markup, Failure> {
    let of = Reference::new(kind.name.as_str(), item);
    let (entry, names) = site.app.timelines().entry(&opened.me.caller, of).await?;
    Ok(opened.view().alone(&entry, &names, block, block == Block::Pinned).render())
}

/// The form that stands in the entry's place.
pub(crate) async fn show(
    State(site): State<Site>,
    me: Me,
    Address((set_name, id, kind, item)): ItemAddress,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let typed = Typed::parse(&query.unwrap_or_default());
    let opened = Opened::at(&site, me, &set_name, id, &typed).await?;
    let kind = kind_named(&opened.model, &kind).cloned().ok_or(Failure::NoPage)?;
    let editing = (item, Block::named(typed.text("in")));
    Ok(fragment(form(&site, &opened, &kind, editing, None, Said::default()).await?))
}

async fn form(
    site: &Site,
    opened: &Opened,
    kind: &Arc<Table>,
    editing: (Uuid, Block),
    typed: Option<&Typed>,
    said: Said<'_>,
) -> Result<Composer, Failure> {
    let caller = &opened.me.caller;
    let (row, mut names, parties) = stored(site, opened, kind, editing.0).await?;
    for (reference, name) in site.app.names(caller, fields::references(kind, &Row::new(), typed)).await?.iter() {
        names.insert(reference.clone(), name.to_owned());
    }
    let view = opened.view();
    let composing = Composing {
        view: &view,
        kind,
        row: &row,
        names: &names,
        parties: &parties,
        typed,
        errors: said.errors,
        editing: Some(editing),
        numbers: Vec::new(),
    };
    let mut composer = composing.composer();
    mark(&mut composer.fields, said.contested);
    Ok(composer)
}

/// The entry as it is edited: a post with the names that its writer typed.
async fn stored(site: &Site, opened: &Opened, kind: &Table, item: Uuid) -> Result<(Row, Names, Parties), Failure> {
    let (mut row, names) = site.app.get_with_names(&opened.me.caller, &kind.name, item).await?;
    if kind.name == POST {
        row.set("text", crm::timeline::as_typed(&opened.model, row.text("text")));
    }
    Ok((row, names, stored_parties(site, &opened.me, kind, item).await?))
}

/// Puts what was typed together with what others saved after the form was opened.
async fn meanwhile(site: &Site, opened: &Opened, kind: &Table, item: Uuid, typed: &mut Typed) -> Result<Met, Failure> {
    let (row, names, parties) = stored(site, opened, kind, item).await?;
    // One that is too long is refused on writing.
    let html = html_of(kind, typed).ok().flatten().map(rich_text::clean);
    if let Some(html) = &html {
        typed.set("notetext", &plain_text(html));
    }
    let text = typed.text("notetext").to_owned();
    let met = meet(site, &opened.me, (kind, item), &columns(kind, false), (&row, &names, &parties), typed).await?;
    if html.is_some() && typed.text("notetext") != text {
        typed.set("notetext_html", row.text("notetext"));
    }
    Ok(met)
}

/// Saves it. What is past stays where it is; what is to be done may now stand elsewhere, and what is
/// pinned stands in two places.
pub(crate) async fn save(
    State(site): State<Site>,
    Address((set_name, id, kind, item)): ItemAddress,
    RawQuery(query): RawQuery,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, mut typed } = posted;
    let block = Block::named(Typed::parse(&query.unwrap_or_default()).text("in"));
    let opened = Opened::at(&site, me, &set_name, id, &Typed::default()).await?;
    let kind = kind_named(&opened.model, &kind).cloned().ok_or(Failure::NoPage)?;
    let mut met = meanwhile(&site, &opened, &kind, item, &mut typed).await?;
    if !met.contested.is_empty() {
        let said = Said { errors: &met.errors, contested: &met.contested };
        return Ok(again(&form(&site, &opened, &kind, (item, block), Some(&typed), said).await?));
    }
    let (act, errors) = match write(&site, &opened, &kind, item, &typed).await {
        Ok(act) => (act, Vec::new()),
        Err(super::compose::Wrong::Typed(errors)) => (None, errors),
        // Once more, at this very moment.
        Err(super::compose::Wrong::Domain(crm::Error::Changed { .. })) => {
            met = meanwhile(&site, &opened, &kind, item, &mut typed).await?;
            (None, vec![at_once()])
        }
        Err(super::compose::Wrong::Domain(error)) => match errors_of(&error) {
            Some(errors) => (None, errors),
            None => return refused(&opened.me, error),
        },
    };
    if !errors.is_empty() {
        return Ok(again(
            &form(
                &site,
                &opened,
                &kind,
                (item, block),
                Some(&typed),
                Said { errors: &errors, contested: &met.contested },
            )
            .await?,
        ));
    }
    let flash = Flash::done(match met.taken.as_slice() {
        [] => tr!("Saved."),
        taken => tr!("Saved, with what others changed meanwhile: {}.", taken.join(", ")),
    });
    let flash = act.map_or(flash.clone(), |act| flash.undo(act));
    if block != Block::Past {
        return Ok(changed(&opened.me, &flash, "none"));
    }
    let entry = alone(&site, &opened, &kind, item, block).await?;
    let mut response = told(&opened.me, &entry, &flash);
    crate::respond::set_header(&mut response, "hx-retarget", &format!("#{}-{item}", block.name()));
    Ok(response)
}

/// Writes what was typed; the act, where it can be undone.
async fn write(
    site: &Site,
    opened: &Opened,
    kind: &Table,
    item: Uuid,
    typed: &Typed,
) -> Result<Option<Uuid>, super::compose::Wrong> {
    let caller = &opened.me.caller;
    if kind.name == POST {
        let text = posts::text(site, opened, kind, typed).await?;
        let of = Reference::new(POST, item);
        site.app.work(caller, Origin::Page, move |work| work.rewrite(&of, &text)).await?;
        return Ok(None);
    }
    let row = site.app.get(caller, &kind.name, item, None).await?;
    let columns = columns(kind, false);
    let reading = fields::read(&opened.me, kind, columns.iter().map(String::as_str), Some(&row), typed);
    let (lists, wrong) = parties::read(kind, &columns, typed);
    let errors: Vec<_> = reading.errors.into_iter().chain(wrong).collect();
    if !errors.is_empty() {
        return Err(super::compose::Wrong::Typed(errors));
    }
    let (name, mut changes) = (kind.name.clone(), reading.values);
    let text = formatted(kind, typed).map_err(|wrong| super::compose::Wrong::Typed(vec![wrong]))?;
    if let Some(text) = text.filter(|text| row.value("notetext") != text) {
        changes.set("notetext", text);
    }
    // What the history does not keep cannot be put back, so that is not offered.
    let is_kept = |name: &str| kind.audited && kind.column(name).is_none_or(|column| column.audited);
    let can_undo = changes.iter().all(|(name, _)| is_kept(name));
    let version = version(typed);
    let saved = site.app.work(caller, Origin::Page, move |work| {
        work.update(&name, item, changes, version)?;
        work.set_parties(&Reference::new(name, item), lists)?;
        Ok(work.act())
    });
    let act = saved.await?;
    Ok(can_undo.then_some(act))
}
