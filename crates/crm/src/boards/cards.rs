//! The cards of lanes: a page of rows each.

use std::collections::HashMap;

use jiff::Timestamp;
use model::Value;
use store::{Query, Rows};
use uuid::Uuid;

use super::{Board, Boards, age};
use crate::{
    Caller, Result,
    reading::{Names, names},
};

/// Pages of cards, with what is shown beside their values.
#[derive(Debug, Clone, Default)]
pub struct Cards {
    /// A page a query, in their order.
    pub pages: Vec<Rows>,
    /// Names of everything the rows point at.
    pub names: Names,
    /// Since when each row has been in its stage, on a board of stages.
    pub since: HashMap<Uuid, Timestamp>,
}

impl Boards<'_> {
    /// Runs the queries of lanes on one snapshot. Each must ask for the table's primary key; for the
    /// time in the stage also for `stageid` and `createdon`.
    pub async fn cards(&self, caller: &Caller, board: &Board, mut queries: Vec<Query>) -> Result<Cards> {
        for query in &mut queries {
            query.scope = caller.scope().clone();
        }
        let (caller, board) = (caller.clone(), board.clone());
        self.app
            .read(move |reader| {
                let pages = queries.iter().map(|query| Ok(reader.query(query)?)).collect::<Result<Vec<Rows>>>()?;
                let values = pages.iter().flat_map(|page| page.rows.iter().flatten());
                let references: Vec<_> = values.filter_map(Value::as_reference).cloned().collect();
                let names = names(reader, &caller, &references)?;
                let since = if board.axis.is_stages() {
                    age::since(reader, &caller, &board.table, &pages)?
                } else {
                    HashMap::new()
                };
                Ok(Cards { pages, names, since })
            })
            .await
    }
}
