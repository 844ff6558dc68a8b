//! What the palette offers while one types: one request, one snapshot of all searchable tables.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use language::tr;
use model::{Reference, Table};

use super::{lookup, search};
use crate::{
    app::Site,
    components::{Palette, PaletteAction, PaletteGroup, PaletteItem},
    failure::Failure,
    posted::Typed,
    respond::fragment,
    session::Me,
    view::{
        list::List,
        palette::{self, Words},
        tables,
    },
};

/// Rows offered of each table.
const RECORDS: u32 = 5;
/// Visited records that a browser may ask the names of.
const RECENT: usize = 12;
/// Narrows what is offered to pages and commands when it is typed first.
const COMMANDS_ONLY: char = '>';

/// Pages, views, commands and records that fit `q`; without it what one is likely to want. `recent`
/// names the records that this browser has visited.
pub(crate) async fn show(State(site): State<Site>, me: Me, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let asked = Typed::parse(&query.unwrap_or_default());
    let typed = asked.text("q").trim();
    let model = site.model();
    if let Some(rest) = typed.strip_prefix(COMMANDS_ONLY) {
        let groups = palette::commands(&me, &model, &Words::of(rest));
        return Ok(fragment(Palette { query: typed.to_owned(), groups, all: None }));
    }
    let words = Words::of(typed);
    let kept = site.app.pinned(&me.caller).await?;
    let mut groups = Vec::new();
    if words.is_empty() {
        groups.push(recent(&site, &me, &asked).await?);
        groups.push(palette::pinned(&me, &model, &kept, &words));
        groups.extend(palette::commands(&me, &model, &words));
        return Ok(fragment(Palette { query: String::new(), groups, all: None }));
    }
    groups.push(palette::pinned(&me, &model, &kept, &words));
    groups.extend(palette::commands(&me, &model, &words));
    let own = site.app.own_views(&me.caller).await?;
    let views = palette::views(&me, &model, &own, &words);
    let searchable = typed.chars().any(char::is_alphanumeric);
    if searchable {
        groups.extend(records(&site, &me, typed).await?);
    }
    groups.push(views);
    let all = searchable.then(|| List { q: typed.to_owned(), ..List::default() }.href("/search"));
    Ok(fragment(Palette { query: typed.to_owned(), groups, all }))
}

async fn records(site: &Site, me: &Me, words: &str) -> Result<Vec<PaletteGroup>, Failure> {
    let found = search::find(site, me, words, RECORDS).await?;
    let group = |(table, matches): (std::sync::Arc<Table>, Vec<lookup::Match>)| PaletteGroup {
        label: table.plural_label.clone(),
        items: matches.into_iter().map(|found| record(&table, found)).collect(),
    };
    Ok(found.into_iter().map(group).collect())
}

fn record(table: &Table, found: lookup::Match) -> PaletteItem {
    let go = PaletteAction::Go(format!("/{}/{}", table.set_name, found.id));
    PaletteItem::new(found.label, &table.icon, go).about(found.secondary)
}

/// The records that the browser has visited, as far as they are still there for this person. The
/// browser keeps their numbers only, so that nothing of them stays on a device, and naming them
/// here leaves out what was deleted or hidden since.
async fn recent(site: &Site, me: &Me, asked: &Typed) -> Result<PaletteGroup, Failure> {
    let model = site.model();
    let visited: Vec<(std::sync::Arc<Table>, Reference)> = asked
        .text("recent")
        .split(',')
        .filter_map(|item| {
            let (set_name, id) = item.split_once(':')?;
            let table = tables::named(&model, &me.caller, set_name).ok()?;
            let reference = Reference::new(table.name.as_str(), id.parse::<uuid::Uuid>().ok()?);
            Some((table, reference))
        })
        .take(RECENT)
        .collect();
    let mut group = PaletteGroup { label: tr!("Recent"), items: Vec::new() };
    if visited.is_empty() {
        return Ok(group);
    }
    let names = site.app.names(&me.caller, visited.iter().map(|(_, reference)| reference.clone()).collect()).await?;
    group.items = visited
        .iter()
        .filter_map(|(table, reference)| {
            let name = names.get(reference)?;
            let unnamed = tr!("(no name)");
            let label = if name.trim().is_empty() { &unnamed } else { name };
            Some(palette::record_item(table, reference.id, label))
        })
        .collect();
    Ok(group)
}
