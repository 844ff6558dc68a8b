//! A row of `webhook`, understood.

use std::sync::Arc;

use language::tr;
use model::{Column, ColumnType, Filter, Model, Order, Table, TableKind};
use store::{FeedEntry, FeedOperation, FeedPosition, Query, Reader, Row};
use uuid::Uuid;

use super::{DELIVERIES, MOST, ON, TABLE, filter};
use crate::{Caller, Result};

/// Columns of the row that are needed here.
const COLUMNS: [&str; 10] = [
    "webhookid",
    "targetentityname",
    "oncreate",
    "onupdate",
    "ondelete",
    "columnnames",
    "viewname",
    "userqueryid",
    "startposition",
    "createdby",
];
/// Tables whose changes follow from a change of another one, or from webhooks themselves.
const NOT_TOLD: [&str; 3] = [TABLE, DELIVERIES, crate::notifications::TABLE];

/// Who is told of what.
#[derive(Debug, Clone)]
pub(super) struct Subscription {
    pub webhook: Uuid,
    /// With whose rights rows are read.
    pub maker: Uuid,
    pub table: Arc<Table>,
    pub on_create: bool,
    pub on_update: bool,
    pub on_delete: bool,
    /// Columns that are sent and watched, in the order of the table; none for all.
    pub columns: Option<Vec<String>>,
    /// Which rows.
    pub filter: Filter,
    /// Behind which place changes are told of.
    pub start: FeedPosition,
}

/// A webhook that cannot be understood any more, with the reason.
pub(super) type Broken = (Uuid, String);

/// The webhooks that are on.
pub(super) fn all(reader: &mut Reader<'_>, engine: &Caller) -> Result<(Vec<Subscription>, Vec<Broken>)> {
    let query = Query::of(TABLE, engine.scope().clone(), engine.zone())
        .select(COLUMNS)
        .matching(Filter::eq("statecode", ON))
        .order_by(Order::ascending("createdon"))
        .take(u32::try_from(MOST).unwrap_or(u32::MAX));
    let rows: Vec<Row> = reader.query(&query)?.to_rows().collect();
    let (mut subscriptions, mut broken) = (Vec::new(), Vec::new());
    for row in rows {
        let Some(webhook) = row.value("webhookid").as_id() else { continue };
        match understood(reader, engine, webhook, &row)? {
            Ok(subscription) => subscriptions.push(subscription),
            Err(reason) => broken.push((webhook, reason)),
        }
    }
    Ok((subscriptions, broken))
}

fn understood(
    reader: &mut Reader<'_>,
    engine: &Caller,
    webhook: Uuid,
    row: &Row,
) -> Result<std::result::Result<Subscription, String>> {
    let model = reader.model().clone();
    let own = match row.value("userqueryid").as_reference() {
        Some(view) => reader.get("userquery", view.id, Some(&filter::OWN_VIEW), engine.scope(), &engine.zone())?,
        None => None,
    };
    Ok(of(&model, webhook, row, own.as_ref()))
}

fn of(model: &Model, webhook: Uuid, row: &Row, own: Option<&Row>) -> std::result::Result<Subscription, String> {
    let table = table(model, row.text("targetentityname"))?;
    let columns = columns(&table, row.text("columnnames"))?;
    let mut filter = Filter::everything();
    if !row.text("viewname").is_empty() {
        filter = filter.and(filter::shipped(&table, row.text("viewname"))?.filter.clone());
    }
    if let Some(own) = own {
        filter = filter.and(filter::own(&table, own)?);
    }
    let yes = |column: &str| row.value(column).as_boolean().unwrap_or_default();
    Ok(Subscription {
        webhook,
        maker: row.value("createdby").as_id().unwrap_or_default(),
        on_create: yes("oncreate"),
        on_update: yes("onupdate"),
        on_delete: yes("ondelete"),
        columns,
        filter,
        start: row.text("startposition").parse().unwrap_or_default(),
        table,
    })
}

/// The table of this logical name, where its changes can be told of.
///
/// # Errors
/// A sentence that says why not.
pub(super) fn table(model: &Model, name: &str) -> std::result::Result<Arc<Table>, String> {
    let table = model
        .table(name)
        .ok_or_else(|| tr!("there is no table “{name}”; write its logical name, such as lead", name))?;
    let is_told = matches!(table.kind, TableKind::Standard | TableKind::Activity) && !NOT_TOLD.contains(&name);
    if is_told { Ok(Arc::clone(table)) } else { Err(tr!("changes of the table {name} are not told", name)) }
}

/// The columns of a list with commas between them; none where it is empty.
///
/// # Errors
/// A sentence that names the one that is not there.
pub(super) fn columns(table: &Table, list: &str) -> std::result::Result<Option<Vec<String>>, String> {
    let mut names: Vec<&str> = list.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    if names.is_empty() {
        return Ok(None);
    }
    for name in &names {
        if !table.column(name).is_some_and(is_sent) {
            return Err(tr!(
                "“{name}” is no column of {table} that can be sent; write logical names with commas between them",
                name,
                table = table.name
            ));
        }
    }
    names.sort_by_key(|name| table.columns.get_index_of(*name));
    names.dedup();
    Ok(Some(names.into_iter().map(str::to_owned).collect()))
}

/// Files are as large as they like, and are read by the Web API.
pub(super) fn is_sent(column: &Column) -> bool {
    column.is_stored() && !matches!(column.value_type(), ColumnType::File { .. } | ColumnType::Image { .. })
}

impl Subscription {
    /// True where the change is one that is told of, as far as it says itself.
    pub fn is_told(&self, maker: &Caller, entry: &FeedEntry) -> bool {
        if entry.table != self.table.name || entry.position <= self.start || entry.erased {
            return false;
        }
        match entry.operation {
            FeedOperation::Create => self.on_create,
            FeedOperation::Delete => self.on_delete,
            FeedOperation::Update => self.on_update && !self.changed(maker, entry).is_empty(),
            FeedOperation::Erase => false,
        }
    }

    /// Columns that the change set, that are told of, and that the maker may read.
    pub fn changed(&self, maker: &Caller, entry: &FeedEntry) -> Vec<&Column> {
        let changed = entry.changes.iter().filter_map(|(name, ..)| self.table.column(name));
        changed.filter(|column| self.sends(column) && maker.may_read(column)).collect()
    }

    /// The columns sent of each row, the primary key first.
    pub fn sent(&self) -> Vec<&Column> {
        let key = self.table.column(&self.table.primary_key);
        let others = self.table.columns.values();
        let others = others.filter(|column| column.name != self.table.primary_key && self.sends(column));
        key.into_iter().chain(others).collect()
    }

    fn sends(&self, column: &Column) -> bool {
        is_sent(column) && self.columns.as_ref().is_none_or(|names| names.contains(&column.name))
    }
}
