//! Groups instead of rows.

use crm::{Aggregate, AggregateFunction, Grouping, Ranking};
use model::{Order, Path};

use super::{
    ast::{Attribute, Entity, Fetch, Role},
    links::{Links, Place},
    plan::{Plan, Shown},
    ranking, wrong,
};
use crate::error::Result;

/// Puts the groups and values of `fetch` into the plan.
pub(super) fn put<'m>(plan: &mut Plan<'m>, links: &Links<'m, '_>, fetch: &Fetch) -> Result<()> {
    let mut asked = Vec::new();
    for (entity, place) in entities(links, fetch) {
        if entity.all {
            return Err(wrong("all-attributes is not possible with aggregate=\"true\"; name the attributes"));
        }
        asked.extend(entity.attributes.iter().map(|attribute| (attribute, place)));
    }
    if asked.is_empty() {
        return Err(wrong("aggregate=\"true\" needs at least one attribute with aggregate or groupby"));
    }
    // In a result the groups stand before the values.
    let groups = asked.iter().filter(|(attribute, _)| matches!(attribute.role, Role::Grouped(_))).count();
    for (attribute, place) in asked {
        let shown = put_one(plan, attribute, place, groups)?;
        plan.shown.push(shown);
    }
    Ok(())
}

fn put_one<'m>(plan: &mut Plan<'m>, attribute: &Attribute, place: &Place<'m>, groups: usize) -> Result<Shown<'m>> {
    let column = place.column(&attribute.name)?;
    let path = place.path(&column.name);
    let name = attribute.alias.clone().unwrap_or_else(|| attribute.name.clone());
    let number = plan.shown.len();
    let mut shown =
        Shown { name, table: place.table, column: Some(column), position: 0, currency: None, is_number: false };
    let (function, path) = match attribute.role {
        Role::Grouped(part) => {
            shown.position = plan.group_by.len();
            shown.is_number = part.is_some();
            plan.group_by.push(Grouping { path, part, alias: format!("v{number}") });
            return Ok(shown);
        }
        Role::Counted => (AggregateFunction::Count, None),
        Role::Combined(function) => (function, Some(path)),
        Role::Shown => return Err(wrong(format!("the attribute '{}' needs aggregate or groupby", attribute.name))),
    };
    if matches!(function, AggregateFunction::Count | AggregateFunction::CountDistinct) {
        // Counts are counts, whatever they are about.
        shown.column = None;
        shown.is_number = true;
    }
    shown.position = groups + plan.aggregates.len();
    plan.aggregates.push(Aggregate { function, path, alias: format!("v{number}") });
    Ok(shown)
}

/// The order of the groups: by the names of the answer, or by what is grouped by.
pub(super) fn put_order<'m>(plan: &mut Plan<'m>, links: &Links<'m, '_>, fetch: &Fetch) -> Result<()> {
    for (entity, place) in entities(links, fetch) {
        for order in &entity.orders {
            let found = match (&order.alias, &order.attribute) {
                (Some(alias), _) => plan.shown.iter().position(|shown| shown.name == *alias).map(|n| format!("v{n}")),
                (None, Some(name)) => {
                    let place = match &order.entity {
                        None => place.clone(),
                        Some(entity) => links.named(entity)?,
                    };
                    let path = place.path(&place.column(name)?.name);
                    plan.group_by.iter().find(|group| group.path == path).map(|group| group.alias.clone())
                }
                (None, None) => None,
            };
            let found = found.ok_or_else(|| {
                let asked = order.alias.as_ref().or(order.attribute.as_ref());
                let asked = asked.map(String::as_str).unwrap_or_default();
                wrong(format!("groups are sorted by an alias of the query; '{asked}' is none"))
            })?;
            let path = Path::column(found);
            if !fetch.raw_order {
                plan.rankings.extend(ranking_of(plan, &path));
            }
            plan.order.push(Order { column: path, descending: order.descending });
        }
    }
    Ok(())
}

/// How groups by a choice are ranked.
fn ranking_of(plan: &Plan<'_>, alias: &Path) -> Option<Ranking> {
    let group = plan.group_by.iter().position(|group| group.alias == alias.column);
    let is_shown = |shown: &&Shown<'_>| group == Some(shown.position);
    match plan.shown.iter().find(is_shown) {
        Some(Shown { table, column: Some(column), .. }) => ranking::by_label(table, column, alias.clone()),
        _ => None,
    }
}

fn entities<'p, 'm>(links: &'p Links<'m, '_>, fetch: &'p Fetch) -> impl Iterator<Item = (&'p Entity, &'p Place<'m>)> {
    let theirs = links.linked.iter().map(|linked| (&linked.link.entity, &linked.place));
    std::iter::once((&fetch.entity, &links.root)).chain(theirs)
}
