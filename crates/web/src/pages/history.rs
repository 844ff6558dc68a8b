//! Who changed what on a record.

use std::collections::BTreeSet;

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use crm::{
    FeedEntry, FeedOperation, Origin, Row,
    access::{self, Privilege, ShareChange},
    process::FlowChange,
    records::former,
};
use maud::{Render, html};
use model::Table;
use uuid::Uuid;

use crate::{
    address::Address,
    app::Site,
    components::{Action, ColumnChange, Command, History, HistoryEntry, PageLayout, icon},
    failure::Failure,
    flash::Flash,
    posted::{Posted, Typed},
    session::Me,
    view::{cells::Cells, tables},
};

/// Changes on the page; "older" shows ten times as many, and so on.
const SHOWN: u32 = 100;
/// Most changes on one page.
const MOST: u32 = 5_000;

/// Columns whose change says nothing to people.
const SILENT: &[&str] = &[
    "versionnumber",
    "modifiedon",
    "modifiedby",
    "createdon",
    "createdby",
    "exchangerate",
    "traversedpath",
    "processid",
    "stageid",
    "owningbusinessunit",
    "owninguser",
    "owningteam",
];

/// The history.
pub(crate) async fn show(
    State(site): State<Site>,
    me: Me,
    Address((set_name, id)): Address<(String, Uuid)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let model = site.app.model();
    let table = tables::named(&model, &me.caller, &set_name)?;
    let wanted = Typed::parse(&query.unwrap_or_default()).text("limit").parse().unwrap_or(SHOWN).clamp(SHOWN, MOST);
    let (row, _) = site.app.get_with_names(&me.caller, &table.name, id).await?;
    let (entries, names) = site.app.history(&me.caller, &table.name, id, wanted).await?;
    let cells = Cells { me: &me, model: &model, names: &names };
    let href = tables::row_href(&table, id);
    let older = entries.len() as u32 >= wanted && wanted < MOST;
    let history = History {
        entries: entries
            .iter()
            .map(|change| HistoryEntry {
                put_back: way_back(&table, id, &row, change),
                ..share(&cells, change)
                    .or_else(|| flow(&cells, change))
                    .unwrap_or_else(|| entry(&cells, &table, change))
            })
            .collect(),
        older: older.then(|| format!("{href}/history?limit={}", wanted * 10)),
    };
    let name = row.text(&table.primary_name);
    let content = html! {
        div.page-plain {
            header {
                nav.record-trail aria-label="Where this is" { a href=(href) { (icon("chevron-left")) span { (name) } } }
                h1 { "History" }
                p { (table.label) " “" (name) "”" }
            }
            section.page-card { (history) }
        }
    };
    Ok(me.page(&model, &format!("History of {name}"), PageLayout::Scrolling, &table.set_name, content.render()))
}

/// Takes one change back and says so above the history.
pub(crate) async fn put_back(
    State(site): State<Site>,
    Address((set_name, id, change)): Address<(String, Uuid, u64)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let me = posted.me;
    let table = tables::named(&site.app.model(), &me.caller, &set_name)?;
    let flash = match site.app.put_back(&me.caller, Origin::Page, &table.name, id, change).await {
        Ok(act) => Flash::done("The former values are back.").undo(act),
        Err(error) => Flash::failed(Failure::from(error).text()),
    };
    Ok(me.go(&format!("{}/history", tables::row_href(&table, id)), Some(flash)))
}

/// The command that takes a change back: where something that people set has not its former value
/// already.
fn way_back(table: &Table, id: Uuid, row: &Row, change: &FeedEntry) -> Option<Command> {
    if change.operation != FeedOperation::Update || change.table != table.name {
        return None;
    }
    let differs = former(table, change).iter().any(|(column, value)| row.value(column) != value);
    let href = format!("{}/history/{}/reversal", tables::row_href(table, id), change.position.sequence);
    let command = Command::new("Put back", "arrow-back-up", Action::Post { href, confirm: None });
    differs.then_some(command)
}

/// By what way a change came in, where that was not a page.
fn way(entry: &FeedEntry) -> &'static str {
    match entry.actor.origin.as_str() {
        "webapi" => " by the Web API",
        "import" => " by an import",
        "command" => " from the command line",
        "demo" => " as part of the demonstration",
        _ => "",
    }
}

/// What happened to the record's flow as a whole.
fn flow(cells: &Cells<'_>, entry: &FeedEntry) -> Option<HistoryEntry> {
    let label = &cells.model.table(&entry.table)?.label;
    let what = match FlowChange::of(cells.model, entry)? {
        FlowChange::Finished => format!("finished the flow {label}"),
        FlowChange::Abandoned => format!("abandoned the flow {label}"),
        FlowChange::Reactivated => format!("reactivated the flow {label}"),
        FlowChange::SwitchedAway => format!("switched away from the flow {label}"),
        FlowChange::SwitchedBack => format!("switched back to the flow {label}"),
    };
    Some(HistoryEntry {
        who: cells.person(entry.actor.user),
        when: cells.moment(entry.at),
        what: format!("{what}{}", way(entry)),
        changes: Vec::new(),
        created: false,
        put_back: None,
    })
}

/// A change of whom the record is shared with.
fn share(cells: &Cells<'_>, entry: &FeedEntry) -> Option<HistoryEntry> {
    let share = ShareChange::of(entry)?;
    let named = |privileges: &BTreeSet<Privilege>| {
        privileges.iter().map(|privilege| access::label(*privilege)).collect::<Vec<_>>().join(", ")
    };
    let whom = share.principal.as_ref().and_then(|principal| cells.names.get(principal)).unwrap_or("somebody");
    let what = match (share.before.is_empty(), share.after.is_empty()) {
        (true, _) => format!("shared this record with {whom}"),
        (_, true) => format!("stopped sharing this record with {whom}"),
        _ => format!("changed what {whom} may do with this record"),
    };
    let change = ColumnChange { column: "Shared for".to_owned(), from: named(&share.before), to: named(&share.after) };
    let why = if share.followed { " with what it hangs on" } else { "" };
    Some(HistoryEntry {
        who: cells.person(entry.actor.user),
        when: cells.moment(entry.at),
        what: format!("{what}{why}{}", way(entry)),
        created: share.before.is_empty(),
        changes: vec![change],
        put_back: None,
    })
}

fn entry(cells: &Cells<'_>, table: &Table, entry: &FeedEntry) -> HistoryEntry {
    let what = match entry.operation {
        FeedOperation::Create => "created this record",
        FeedOperation::Update => "updated this record",
        FeedOperation::Delete => "deleted this record",
        FeedOperation::Erase => "erased values from this history",
    };
    let way = way(entry);
    let changes = entry.changes.iter().filter(|(name, ..)| !SILENT.contains(&name.as_str()));
    let changes = changes.filter_map(|(name, before, after)| {
        let column =
            table.column(name).filter(|column| column.name != table.primary_key && !column.name.ends_with("_base"))?;
        // What the reader may not see comes without its values; what is not audited, too.
        if before == after && cells.me.caller.may_read(column) {
            return None;
        }
        Some(ColumnChange {
            column: column.label.clone(),
            from: cells.text(table, column, before, None),
            to: cells.text(table, column, after, None),
        })
    });
    HistoryEntry {
        who: cells.person(entry.actor.user),
        when: cells.moment(entry.at),
        what: format!("{what}{way}"),
        changes: changes.collect(),
        created: entry.operation == FeedOperation::Create,
        put_back: None,
    }
}
