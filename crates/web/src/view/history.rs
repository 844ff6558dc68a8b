//! What a record's history tells: each write in words, column by column, and the ways back.

use std::collections::BTreeSet;

use crm::{
    FeedEntry, FeedOperation, Row,
    access::{self, Privilege, ShareChange},
    process::FlowChange,
    records::former,
};
use language::tr;
use model::Table;
use uuid::Uuid;

use super::{cells::Cells, order::by_label, tables, words};
use crate::components::{Action, ColumnChange, Command, HistoryEntry, fields::ChoiceOption};

/// Columns whose change says nothing to people.
const SILENT: &[&str] = &[
    "versionnumber",
    "modifiedon",
    "modifiedby",
    "createdon",
    "createdby",
    "createdonbehalfby",
    "modifiedonbehalfby",
    "exchangerate",
    "traversedpath",
    "processid",
    "stageid",
    "owningbusinessunit",
    "owninguser",
    "owningteam",
];

/// One write of the record `row`, on whose page the ways back are offered.
pub(crate) fn told(cells: &Cells<'_>, table: &Table, id: Uuid, row: &Row, change: &FeedEntry) -> HistoryEntry {
    let entry =
        share(cells, change).or_else(|| flow(cells, change)).unwrap_or_else(|| entry(cells, table, id, row, change));
    HistoryEntry { put_back: way_back(table, id, row, change), ..entry }
}

/// The people who made these changes, by name.
pub(crate) fn people(cells: &Cells<'_>, entries: &[FeedEntry], chosen: Option<Uuid>) -> Vec<ChoiceOption> {
    let users: BTreeSet<Uuid> = entries.iter().map(|entry| entry.actor.user).chain(chosen).collect();
    let option =
        |user: Uuid| ChoiceOption { chosen: chosen == Some(user), value: user.to_string(), label: cells.person(user) };
    let mut options: Vec<ChoiceOption> = users.into_iter().map(option).collect();
    options.sort_by_key(|option| by_label(&option.label));
    options
}

/// The columns that these changes speak of, by label.
pub(crate) fn columns(table: &Table, entries: &[FeedEntry], chosen: Option<&str>) -> Vec<ChoiceOption> {
    let own = entries.iter().filter(|entry| entry.table == table.name);
    let names: BTreeSet<&str> =
        own.flat_map(|entry| &entry.changes).map(|(name, ..)| name.as_str()).chain(chosen).collect();
    let told = names.into_iter().filter(|name| !SILENT.contains(name) && !name.ends_with("_base"));
    let mut options: Vec<ChoiceOption> = told
        .filter_map(|name| table.column(name).filter(|column| column.name != table.primary_key))
        .map(|column| ChoiceOption {
            value: column.name.clone(),
            label: column.label.clone(),
            chosen: chosen == Some(column.name.as_str()),
        })
        .collect();
    options.sort_by_key(|option| by_label(&option.label));
    options
}

/// The command that takes a change back: where something that people set has not its former value
/// already.
fn way_back(table: &Table, id: Uuid, row: &Row, change: &FeedEntry) -> Option<Command> {
    if change.operation != FeedOperation::Update || change.table != table.name {
        return None;
    }
    let differs = former(table, change).iter().any(|(column, value)| row.value(column) != value);
    differs.then(|| back(table, id, row, &change.position.sequence.to_string()))
}

/// The command that takes back what stands at this place of the history, of the row as it is shown: what
/// somebody changes until then is not overwritten.
fn back(table: &Table, id: Uuid, row: &Row, place: &str) -> Command {
    let version = row.value("versionnumber").as_whole().unwrap_or_default();
    let href = format!("{}/history/{place}/reversal?version={version}", tables::row_href(table, id));
    Command::new(tr!("Put back"), "arrow-back-up", Action::Post { href, confirm: None })
}

/// What was done, by what way it came in, where that was not a page, and by whom, where that was on
/// behalf of somebody else.
fn with_way(cells: &Cells<'_>, what: String, entry: &FeedEntry) -> String {
    let (way, acting) = crm::way_of(&entry.actor.origin);
    let what = by_way(what, way);
    match acting {
        Some(acting) => tr!("{}, done on their behalf by {}", what, cells.person(acting)),
        None => what,
    }
}

fn by_way(what: String, way: &str) -> String {
    match way {
        "webapi" => tr!("{} by the Web API", what),
        "import" => tr!("{} by an import", what),
        "command" => tr!("{} from the command line", what),
        "demo" => tr!("{} as part of the demonstration", what),
        _ => what,
    }
}

/// What happened to the record's flow as a whole.
fn flow(cells: &Cells<'_>, entry: &FeedEntry) -> Option<HistoryEntry> {
    let label = &cells.model.table(&entry.table)?.label;
    let what = match FlowChange::of(cells.model, entry)? {
        FlowChange::Finished => tr!("finished the flow {}", label),
        FlowChange::Abandoned => tr!("abandoned the flow {}", label),
        FlowChange::Reactivated => tr!("reactivated the flow {}", label),
        FlowChange::SwitchedAway => tr!("switched away from the flow {}", label),
        FlowChange::SwitchedBack => tr!("switched back to the flow {}", label),
    };
    Some(HistoryEntry {
        who: cells.person(entry.actor.user),
        when: cells.moment(entry.at),
        what: with_way(cells, what, entry),
        changes: Vec::new(),
        created: false,
        put_back: None,
    })
}

/// Whether a team is called as those are that belong to one record.
fn is_of_record(name: &str) -> bool {
    let parts = name.split_once('+');
    parts.is_some_and(|(record, template)| [record, template].iter().all(|part| part.parse::<Uuid>().is_ok()))
}

/// A change of whom the record is shared with.
fn share(cells: &Cells<'_>, entry: &FeedEntry) -> Option<HistoryEntry> {
    let share = ShareChange::of(entry)?;
    let named = |privileges: &BTreeSet<Privilege>| {
        privileges.iter().map(|privilege| access::label(*privilege)).collect::<Vec<_>>().join(", ")
    };
    let whom = share.principal.as_ref().and_then(|principal| cells.names.get(principal));
    let whom = match whom {
        // A team that came about with its first member is called by record and template.
        Some(name) if is_of_record(name) => tr!("the access team of this record"),
        Some(name) => name.to_owned(),
        None => tr!("somebody"),
    };
    let what = match (share.before.is_empty(), share.after.is_empty()) {
        (true, _) => tr!("shared this record with {}", whom),
        (_, true) => tr!("stopped sharing this record with {}", whom),
        _ => tr!("changed what {} may do with this record", whom),
    };
    let change = ColumnChange {
        column: tr!("Shared for"),
        from: named(&share.before),
        to: named(&share.after),
        ..ColumnChange::default()
    };
    let what = if share.followed { tr!("{} with what it hangs on", what) } else { what };
    Some(HistoryEntry {
        who: cells.person(entry.actor.user),
        when: cells.moment(entry.at),
        what: with_way(cells, what, entry),
        created: share.before.is_empty(),
        changes: vec![change],
        put_back: None,
    })
}

fn entry(cells: &Cells<'_>, table: &Table, id: Uuid, row: &Row, entry: &FeedEntry) -> HistoryEntry {
    let what = match entry.operation {
        FeedOperation::Create => tr!("created this record"),
        FeedOperation::Update => tr!("updated this record"),
        FeedOperation::Delete => tr!("deleted this record"),
        FeedOperation::Erase => tr!("erased values from this history"),
    };
    let is_single = entry.operation != FeedOperation::Update || former(table, entry).len() < 2;
    let returnable = if is_single { Row::new() } else { former(table, entry) };
    let changes = entry.changes.iter().filter(|(name, ..)| !SILENT.contains(&name.as_str()));
    let changes = changes.filter_map(|(name, before, after)| {
        let column =
            table.column(name).filter(|column| column.name != table.primary_key && !column.name.ends_with("_base"))?;
        // What the reader may not see comes without its values; what is not audited, too.
        if before == after && cells.me.caller.may_read(column) {
            return None;
        }
        let (from, to) = (cells.text(table, column, before, None), cells.text(table, column, after, None));
        let put_back = returnable
            .get(name)
            .filter(|former| row.value(name) != *former)
            .map(|_| back(table, id, row, &format!("{}/{name}", entry.position.sequence)));
        Some(ColumnChange { column: column.label.clone(), words: words::compared(&from, &to), from, to, put_back })
    });
    HistoryEntry {
        who: cells.person(entry.actor.user),
        when: cells.moment(entry.at),
        what: with_way(cells, what, entry),
        changes: changes.collect(),
        created: entry.operation == FeedOperation::Create,
        put_back: None,
    }
}
