//! What happened around a record: notes and activities, newest first.

use crm::{Query, Row, reading::Names};
use jiff::Timestamp;
use model::{Filter, Model, Order, Reference, Table, Value};
use uuid::Uuid;

use super::{
    cells::{Cells, plain_text, tone},
    commands,
    fields::size_in_words,
    tables,
};
use crate::{
    components::{Action, Badge, Command, Moment, Timeline, TimelineEntry, Tone, fields::StoredFile},
    session::Me,
};

/// Entries shown at once.
pub(crate) const SHOWN: usize = 20;

/// Kinds of activity that can be added from a timeline.
const COMPOSED: &[&str] = &["task", "phonecall", "email", "appointment"];

/// A timeline without entries: what can be added.
pub(crate) fn frame(me: &Me, model: &Model, table: &Table, id: Uuid) -> Timeline {
    let mut compose = Vec::new();
    let notes = model.table("annotation").filter(|notes| table.has_notes && commands::may_create(me, model, notes));
    if notes.is_some() {
        compose.push(Command::new(
            "Note",
            "notes",
            Action::Dialog(format!("{}/notes/new", tables::row_href(table, id))),
        ));
    }
    let live = (format!("{}:{id}", table.name), format!("{}/timeline", tables::row_href(table, id)));
    Timeline { compose, live: Some(live), ..Timeline::default() }
}

/// The same with the activities that may be about rows of this table.
pub(crate) fn frame_of(me: &Me, model: &Model, table: &Table, id: Uuid) -> Timeline {
    let mut timeline = frame(me, model, table, id);
    let about = |kind: &Table| {
        let regarding = kind.column("regardingobjectid");
        regarding.is_some_and(|column| column.targets().contains(&table.name)) && commands::may_create(me, model, kind)
    };
    let kinds = COMPOSED.iter().filter_map(|name| model.table(name)).filter(|kind| table.has_activities && about(kind));
    timeline.compose.extend(kinds.map(|kind| {
        let href = format!("/{}/quick-create?regardingobjectid={}:{id}", kind.set_name, table.name);
        Command::new(kind.label.clone(), &kind.icon, Action::Dialog(href))
    }));
    timeline
}

/// What is asked of the domain: notes, then activities, each with one more than is shown.
pub(crate) fn queries(
    new_query: impl Fn(&str) -> Query,
    model: &Model,
    table: &Table,
    id: Uuid,
    before: Option<Timestamp>,
) -> Vec<Query> {
    let here = || Reference::new(table.name.as_str(), id);
    let page = |table: &str, columns: &[&str], lookup: &str, moment: &str| {
        let mut filter = Filter::eq(lookup, here());
        if let Some(before) = before {
            filter = filter.and(Filter::compare(moment, model::Operator::Lt, before));
        }
        new_query(table)
            .select(columns.iter().copied())
            .matching(filter)
            .order_by(Order::descending(moment))
            .take(u32::try_from(SHOWN).unwrap_or(20) + 1)
    };
    let mut queries = Vec::new();
    let is_target = |kind: &str, lookup: &str| {
        model
            .table(kind)
            .and_then(|kind| kind.column(lookup))
            .is_some_and(|column| column.targets().contains(&table.name))
    };
    if is_target("annotation", "objectid") {
        queries.push(page(
            "annotation",
            &["annotationid", "subject", "notetext", "filename", "filesize", "documentbody", "createdon", "createdby"],
            "objectid",
            "createdon",
        ));
    }
    if is_target("activitypointer", "regardingobjectid") {
        let columns = [
            "activityid",
            "activitytypecode",
            "subject",
            "description",
            "statecode",
            "statuscode",
            "sortdate",
            "scheduledend",
            "ownerid",
        ];
        queries.push(page("activitypointer", &columns, "regardingobjectid", "sortdate"));
    }
    queries
}

/// The rows as a timeline.
pub(crate) fn timeline(me: &Me, model: &Model, names: &Names, table: &Table, id: Uuid, rows: &[Row]) -> Timeline {
    let cells = Cells { me, model, names };
    let mut entries: Vec<(Timestamp, TimelineEntry)> = rows.iter().filter_map(|row| entry(&cells, row)).collect();
    entries.sort_by_key(|(moment, _)| std::cmp::Reverse(*moment));
    let more = entries.len() > SHOWN;
    entries.truncate(SHOWN);
    let more = entries
        .last()
        .filter(|_| more)
        .map(|(moment, _)| format!("{}/timeline?before={moment}", tables::row_href(table, id)));
    Timeline { entries: entries.into_iter().map(|(_, entry)| entry).collect(), more, ..frame_of(me, model, table, id) }
}

fn entry(cells: &Cells<'_>, row: &Row) -> Option<(Timestamp, TimelineEntry)> {
    if row.contains("annotationid") { note(cells, row) } else { activity(cells, row) }
}

fn note(cells: &Cells<'_>, row: &Row) -> Option<(Timestamp, TimelineEntry)> {
    let moment = row.value("createdon").as_date_time()?;
    let id = row.value("annotationid").as_id()?;
    let text = plain_text(row.text("notetext"));
    let file = row.text("filename");
    let title = [row.text("subject"), file].into_iter().find(|title| !title.is_empty()).unwrap_or("Note").to_owned();
    Some((
        moment,
        TimelineEntry {
            id: format!("annotation:{id}"),
            icon: if file.is_empty() { "notes" } else { "paperclip" }.to_owned(),
            tone: Tone::Yellow,
            title,
            href: Some(tables::href_of(cells.model, "annotation", id)),
            who: row.value("createdby").as_id().map(|user| cells.person(user)).unwrap_or_default(),
            when: cells.moment(moment),
            badge: None,
            body: (!text.is_empty()).then_some(text),
            file: (!file.is_empty() && row.has("documentbody")).then(|| StoredFile {
                name: file.to_owned(),
                size: row.value("filesize").as_whole().map(size_in_words).unwrap_or_default(),
                href: format!("/files/annotations/{id}/documentbody"),
            }),
            planned: false,
        },
    ))
}

fn activity(cells: &Cells<'_>, row: &Row) -> Option<(Timestamp, TimelineEntry)> {
    let moment = row.value("sortdate").as_date_time()?;
    let kind = cells.model.table(row.text("activitytypecode"))?;
    let subject = row.text("subject");
    let text = plain_text(row.text("description"));
    let when: Moment = cells.moment(moment);
    Some((
        moment,
        TimelineEntry {
            id: row.value("activityid").as_id().map(|id| format!("activitypointer:{id}")).unwrap_or_default(),
            icon: kind.icon.clone(),
            tone: kind_tone(&kind.name),
            title: if subject.is_empty() { kind.label.clone() } else { subject.to_owned() },
            href: row.value("activityid").as_id().map(|id| tables::row_href(kind, id)),
            who: owner(cells, row),
            when,
            badge: badge(cells, kind, row),
            body: (!text.is_empty()).then_some(text),
            file: None,
            planned: row.value("statecode").as_whole() == Some(0),
        },
    ))
}

fn owner(cells: &Cells<'_>, row: &Row) -> String {
    row.value("ownerid").as_reference().and_then(|owner| cells.names.get(owner)).unwrap_or_default().to_owned()
}

fn badge(cells: &Cells<'_>, kind: &Table, row: &Row) -> Option<Badge> {
    let state = row.value("statecode").as_whole()?;
    let due = row.value("scheduledend").as_date_time();
    if state == 0 && due.is_some_and(|due| due < cells.me.caller.zone().now) {
        return Some(Badge::new("Overdue", Tone::Red));
    }
    let column = kind.column("statecode")?;
    if state == 0 {
        return Some(Badge::new("Planned", tone(kind, column, state)));
    }
    let label = kind.state(i32::try_from(state).ok()?)?.label.clone();
    Some(Badge::new(label, tone(kind, column, state)))
}

fn kind_tone(kind: &str) -> Tone {
    match kind {
        "phonecall" => Tone::Teal,
        "email" => Tone::Blue,
        "appointment" => Tone::Purple,
        "task" => Tone::Orange,
        "opportunityclose" => Tone::Green,
        _ => Tone::Grey,
    }
}

/// Everything the rows of a timeline point at.
pub(crate) fn references(rows: &[Row]) -> Vec<Reference> {
    rows.iter()
        .flat_map(Row::iter)
        .filter_map(|(_, value)| match value {
            Value::Reference(reference) => Some(reference.clone()),
            _ => None,
        })
        .collect()
}
