//! The tree of accounts: which company is a part of which.

use std::collections::{BTreeMap, BTreeSet};

use model::{Filter, Order, Path, Value};
use store::{Aggregate, AggregateFunction, Cursor, Grouping, Query, Reader, Row};
use uuid::Uuid;

use crate::{
    App, Caller, Result,
    reading::{self, Names},
};

const ACCOUNT: &str = "account";
const KEY: &str = "accountid";
const PARENT: &str = "parentaccountid";
/// What is told of each account.
const COLUMNS: [&str; 9] =
    [KEY, "name", PARENT, "ownerid", "revenue", "opendeals", "openrevenue", "transactioncurrencyid", "statecode"];
/// How far up is looked; deeper trees are shown from there.
const MOST_LEVELS: usize = 20;
/// Parts of an account that are read in one go.
const SHOWN: u32 = 50;

/// An account in the tree.
#[derive(Debug, Clone)]
pub struct Node {
    /// The account with its key facts.
    pub row: Row,
    /// How many accounts are a part of it, as far as the caller sees them.
    pub parts: u64,
}

impl Node {
    /// Its key.
    pub fn id(&self) -> Uuid {
        self.row.value(KEY).as_id().unwrap_or_default()
    }
}

/// Accounts with the names of what they point at.
#[derive(Debug, Clone, Default)]
pub struct Level {
    /// The accounts.
    pub nodes: Vec<Node>,
    /// Where more of them begin.
    pub next: Option<Cursor>,
    /// The names of their owners.
    pub names: Names,
}

impl App {
    /// An account with those above it, the topmost first. It ends where the caller may not look, and
    /// where accounts that name each other as parents close a circle.
    pub async fn accounts_above(&self, caller: &Caller, account: Uuid) -> Result<Level> {
        let caller = caller.clone();
        self.read(move |reader| {
            let mut rows = vec![account_row(reader, &caller, account)?];
            let mut seen = BTreeSet::from([account]);
            while rows.len() < MOST_LEVELS {
                let parent = rows.last().and_then(|row| row.value(PARENT).as_id());
                let Some(parent) = parent.filter(|parent| seen.insert(*parent)) else { break };
                match account_row(reader, &caller, parent) {
                    Ok(row) => rows.push(row),
                    Err(crate::Error::NotFound { .. }) => break,
                    Err(error) => return Err(error),
                }
            }
            rows.reverse();
            level(reader, &caller, rows, None)
        })
        .await
    }

    /// A page of the accounts that are a part of this one, by name.
    pub async fn account_parts(&self, caller: &Caller, account: Uuid, behind: Option<Cursor>) -> Result<Level> {
        let caller = caller.clone();
        self.read(move |reader| {
            account_row(reader, &caller, account)?;
            let mut query = Query::of(ACCOUNT, caller.scope().clone(), caller.zone())
                .select(columns(&caller, reader))
                .matching(Filter::eq(PARENT, account))
                .order_by(Order::ascending("name"))
                .take(SHOWN);
            query.page.cursor = behind;
            let found = reader.query(&query)?;
            let rows = found.to_rows().collect();
            level(reader, &caller, rows, found.next)
        })
        .await
    }
}

fn columns(caller: &Caller, reader: &Reader<'_>) -> Vec<&'static str> {
    let table = reader.model().table(ACCOUNT);
    let is_read =
        |name: &&str| table.and_then(|table| table.column(name)).is_some_and(|column| caller.may_read(column));
    COLUMNS.into_iter().filter(is_read).collect()
}

fn account_row(reader: &mut Reader<'_>, caller: &Caller, account: Uuid) -> Result<Row> {
    let wanted: Vec<String> = columns(caller, reader).into_iter().map(str::to_owned).collect();
    reading::get(reader, caller, ACCOUNT, account, Some(&wanted))
}

fn level(reader: &mut Reader<'_>, caller: &Caller, rows: Vec<Row>, next: Option<Cursor>) -> Result<Level> {
    let ids: Vec<Uuid> = rows.iter().filter_map(|row| row.value(KEY).as_id()).collect();
    let parts = parts(reader, caller, ids)?;
    let owners: Vec<_> = rows.iter().filter_map(|row| row.value("ownerid").as_reference().cloned()).collect();
    let names = reading::names(reader, caller, &owners)?;
    let node = |row: Row| {
        let parts = row.value(KEY).as_id().and_then(|id| parts.get(&id)).copied().unwrap_or_default();
        Node { row, parts }
    };
    Ok(Level { nodes: rows.into_iter().map(node).collect(), next, names })
}

/// How many parts each of these accounts has, in one query.
fn parts(reader: &mut Reader<'_>, caller: &Caller, accounts: Vec<Uuid>) -> Result<BTreeMap<Uuid, u64>> {
    let mut query =
        Query::of(ACCOUNT, caller.scope().clone(), caller.zone()).matching(Filter::is_in(PARENT, accounts)).take(5_000);
    query.group_by = vec![Grouping { path: Path::column(PARENT), part: None, alias: PARENT.to_owned() }];
    query.aggregates = vec![Aggregate { function: AggregateFunction::Count, path: None, alias: "count".to_owned() }];
    let count = |mut row: Vec<Value>| {
        let count = row.pop()?.as_whole()?;
        Some((row.pop()?.as_id()?, u64::try_from(count).ok()?))
    };
    Ok(reader.query(&query)?.rows.into_iter().filter_map(count).collect())
}
