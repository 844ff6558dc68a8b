//! What is sent.

use std::sync::Arc;

use jiff::Timestamp;
use model::{Column, Value};
use store::{FeedEntry, FeedOperation, Row};
use uuid::Uuid;

use super::subscription::Subscription;
use crate::{
    Caller,
    wire::{Json, moment_text, to_json, wire_name},
};

/// Bytes of a payload; a row that would make it longer is left out, and the receiver told so.
const LARGEST: usize = 500_000;
/// Beside a lookup that may lead to several tables: which one it is.
const TABLE_OF: &str = "Microsoft.Dynamics.CRM.lookuplogicalname";

/// What happened, as the end of an event's name.
pub(super) const fn verb(operation: FeedOperation) -> &'static str {
    match operation {
        FeedOperation::Create => "created",
        FeedOperation::Delete => "deleted",
        FeedOperation::Update | FeedOperation::Erase => "updated",
    }
}

/// The JSON of one change: `row` is as it is now, of a deleted one as it was last.
pub(super) fn of_change(subscription: &Subscription, maker: &Caller, entry: &FeedEntry, row: &Row) -> String {
    let text = written(subscription, maker, entry, Some(row));
    if text.len() <= LARGEST { text } else { written(subscription, maker, entry, None) }
}

fn written(subscription: &Subscription, maker: &Caller, entry: &FeedEntry, row: Option<&Row>) -> String {
    let mut data = vec![
        member("table", entry.table.as_str()),
        member("id", entry.id.to_string()),
        ("sequence".into(), whole(entry.position.sequence)),
        ("user".into(), if entry.actor.user.is_nil() { Json::Null } else { entry.actor.user.to_string().into() }),
        member("origin", entry.actor.origin.as_str()),
        member("act", entry.actor.act.to_string()),
    ];
    if entry.operation == FeedOperation::Update {
        let changed = subscription.changed(maker, entry).into_iter().map(|column| Json::Text(wire_name(column)));
        data.push(("changed".into(), Json::List(changed.collect())));
    }
    let is_left_out = row.is_none();
    data.push(("row".into(), row.map_or(Json::Null, |row| of_row(&subscription.sent(), row))));
    if is_left_out {
        data.push(("rowTooLarge".into(), true.into()));
    }
    event(&format!("{}.{}", entry.table, verb(entry.operation)), entry.at, data)
}

/// The JSON of a test.
pub(super) fn of_test(webhook: Uuid, table: &str, now: Timestamp) -> String {
    event("webhook.test", now, vec![member("table", table), member("webhook", webhook.to_string())])
}

fn event(kind: &str, at: Timestamp, data: Vec<(Arc<str>, Json)>) -> String {
    let event = vec![member("type", kind), member("timestamp", moment_text(at)), ("data".into(), Json::Object(data))];
    String::from_utf8(Json::Object(event).to_bytes()).unwrap_or_default()
}

fn of_row(columns: &[&Column], row: &Row) -> Json {
    let mut members: Vec<(Arc<str>, Json)> = Vec::with_capacity(columns.len());
    for column in columns {
        let (name, value) = (wire_name(column), row.value(&column.name));
        if let Value::Reference(reference) = value
            && column.targets().len() > 1
        {
            members.push((format!("{name}@{TABLE_OF}").into(), reference.table.as_str().into()));
        }
        members.push((name.into(), to_json(Some(column), value)));
    }
    Json::Object(members)
}

fn member(name: &str, value: impl Into<Json>) -> (Arc<str>, Json) {
    (name.into(), value.into())
}

fn whole(number: u64) -> Json {
    Json::Whole(i64::try_from(number).unwrap_or(i64::MAX))
}
