//! What somebody follows, on a record's page, as a block of "My day" and as a list.

use crm::{Row, follows::Changed, reading::Names};
use language::tr;
use maud::{Markup, Render, html};
use model::{Model, Reference, Table};
use uuid::Uuid;

use super::{cells::Cells, day, tables};
use crate::{
    components::{Cell, DayBlock, DayRow, FollowToggle, icon},
    session::Me,
};

/// Address of the list.
pub(crate) const ADDRESS: &str = "/follows";

/// The button on a record's page.
pub(crate) fn toggle(table: &Table, id: Uuid, following: bool) -> FollowToggle {
    FollowToggle { action: format!("{}/following", tables::row_href(table, id)), following }
}

/// Whom the changes were made by, whose names are shown.
pub(crate) fn references(changes: &[Changed]) -> Vec<Reference> {
    changes.iter().filter_map(|change| change.by.clone()).collect()
}

/// The block of "My day".
pub(crate) fn block(me: &Me, model: &Model, names: &Names, changes: &[Changed]) -> DayBlock {
    let row = |change: &Changed| {
        let table = model.table(&change.record.table)?;
        let by = change.by.as_ref().and_then(|by| names.get(by)).map_or_else(|| tr!("Somebody"), str::to_owned);
        Some(DayRow {
            icon: table.icon.clone(),
            label: named(table, &change.name),
            href: tables::row_href(table, change.record.id),
            secondary: by,
            facts: vec![Cell::Moment(day::near(me, change.at))],
            complete: None,
        })
    };
    DayBlock {
        id: "followed".to_owned(),
        title: tr!("Changes in what you follow"),
        icon: "eye".to_owned(),
        all: vec![(tr!("What you follow"), ADDRESS.to_owned())],
        rows: changes.iter().filter_map(row).collect(),
        empty: tr!("Nobody else has changed what you follow within the last seven days. Follow a record on its page."),
        commands: Vec::new(),
    }
}

fn named(table: &Table, name: &str) -> String {
    if name.trim().is_empty() { tr!("{} without a name", table.label) } else { name.to_owned() }
}

/// A row of the list: the record, since when, and the way to let it go. A record that is hidden from
/// the reader by now has no name, but can be let go.
pub(crate) fn list_row(cells: &Cells<'_>, csrf: &str, row: &Row) -> Option<Vec<Markup>> {
    let record = row.value("regardingobjectid").as_reference()?;
    let table = cells.model.table(&record.table)?;
    let name = cells.names.get(record).map(|name| named(table, name));
    let action = format!("{}/following", tables::row_href(table, record.id));
    let label = name.clone().unwrap_or_else(|| tr!("a record that you may not see any more"));
    Some(vec![
        html! {
            @match &name {
                Some(name) => a href=(tables::row_href(table, record.id)) { (name) },
                None => em { (tr!("You may not see this record any more")) },
            }
        },
        html! { span.follow-kind { (icon(&table.icon)) (table.label) } },
        row.value("createdon").as_date_time().map(|at| cells.moment(at).render()).unwrap_or_default(),
        html! {
            form method="post" action=(action) {
                input type="hidden" name="csrf" value=(csrf);
                input type="hidden" name="keep" value="false";
                button.btn.btn-sm type="submit" aria-label=(tr!("Unfollow {}", label)) { (tr!("Unfollow")) }
            }
        },
    ])
}
