//! The open database that is measured, with the people and rows the measurements use.

use std::{path::PathBuf, sync::Arc};

use crm::{Aggregate, AggregateFunction, App, Caller, Grouping, Query};
use model::{Filter, Order, Value};
use store::DatabaseUrl;
use uuid::Uuid;

use crate::{BenchError, Result, organization::ADMINISTRATOR};

/// Sellers who take turns.
const SELLERS: usize = 64;
/// Rows of each kind who take turns.
const ROWS: u32 = 5000;

/// An open organisation.
pub(crate) struct Subject {
    pub app: App,
    /// The SQLite file, for raw statements.
    pub file: Option<PathBuf>,
    pub administrator: Caller,
    /// Those with the most open leads.
    pub sellers: Arc<Vec<Caller>>,
    /// Some leads, spread over all.
    pub leads: Arc<Vec<Uuid>>,
    /// Full names of some leads.
    pub names: Arc<Vec<String>>,
    /// Open leads of companies, to be qualified.
    pub open_leads: Arc<Vec<Uuid>>,
    /// Open deals in the second stage of their flows.
    pub open_deals: Arc<Vec<Uuid>>,
}

impl Subject {
    pub(crate) async fn open(url: &DatabaseUrl) -> Result<Self> {
        let app = App::open(url).await?;
        let administrator = app.caller(app.identity().find(ADMINISTRATOR).await?).await?;
        let sellers = sellers(&app, &administrator).await?;
        let some = |filter| by_key(&app, &administrator, "lead", "fullname", filter);
        let leads = app.query(&administrator, some(Filter::everything())).await?;
        let open = Filter::eq("statecode", 0).and(Filter::unary("companyname", model::Operator::NotNull));
        let open_leads = app.query(&administrator, some(open)).await?;
        let second = Filter::eq("statecode", 0).and(Filter::compare("stepname", model::Operator::BeginsWith, "2-"));
        let open_deals = app.query(&administrator, by_key(&app, &administrator, "opportunity", "name", second)).await?;
        let file = match url {
            DatabaseUrl::Sqlite(path) => Some(path.clone()),
            DatabaseUrl::Postgres(_) => None,
        };
        if leads.rows.is_empty() || sellers.is_empty() || open_deals.rows.is_empty() {
            return Err(BenchError::other("the organisation holds too little; generate it with --leads 1000 or more"));
        }
        let text = |row: &Vec<Value>| row.get(1).and_then(Value::as_text).map(str::to_owned);
        Ok(Self {
            names: Arc::new(leads.rows.iter().filter_map(text).collect()),
            leads: Arc::new(ids(&leads.rows)),
            open_leads: Arc::new(ids(&open_leads.rows)),
            open_deals: Arc::new(ids(&open_deals.rows)),
            sellers: Arc::new(sellers),
            administrator,
            app,
            file,
        })
    }
}

/// A page of rows by key. Keys follow from the seed by a digest, so that it is a fair sample.
fn by_key(app: &App, caller: &Caller, table: &str, name: &str, filter: Filter) -> Query {
    let key = format!("{table}id");
    app.new_query(caller, table)
        .select([key.as_str(), name])
        .matching(filter)
        .order_by(Order::ascending(key.as_str()))
        .take(ROWS)
}

fn ids(rows: &[Vec<Value>]) -> Vec<Uuid> {
    rows.iter().filter_map(|row| row.first().and_then(Value::as_id)).collect()
}

async fn sellers(app: &App, administrator: &Caller) -> Result<Vec<Caller>> {
    let mut query = app.new_query(administrator, "lead").matching(Filter::eq("statecode", 0)).take(SELLERS as u32);
    query.group_by.push(Grouping { path: "ownerid".into(), part: None, alias: "owner".to_owned() });
    query.aggregates.push(Aggregate { function: AggregateFunction::Count, path: None, alias: "leads".to_owned() });
    let rows = app.query(administrator, query.order_by(Order::descending("leads"))).await?.rows;
    let mut sellers = Vec::new();
    for owner in rows.iter().filter_map(|row| row.first().and_then(Value::as_reference)) {
        if owner.table == "systemuser" {
            sellers.push(app.caller(owner.id).await?);
        }
    }
    Ok(sellers)
}

/// The one whose turn it is.
pub(crate) fn of_turn<T>(all: &[T], turn: u64) -> &T {
    // A stride that is no divisor, so that neighbours in time are no neighbours in the file.
    &all[(turn.wrapping_mul(7919) % all.len() as u64) as usize]
}
