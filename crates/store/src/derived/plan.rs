//! What follows from a write of a table, found out once.

use model::{Model, Table};

use super::{rollup, summary::SummaryPlan};
use crate::engine::Dialect;

/// The derived data that hang on the rows of one table.
pub(crate) struct DerivedPlan {
    /// In the order of the table's summaries.
    pub(super) summaries: Vec<SummaryPlan>,
    /// Table and column of the rollups over the rows.
    pub(super) rollups: Vec<(String, String)>,
}

impl DerivedPlan {
    pub(crate) fn new(model: &Model, table: &Table, dialect: Dialect) -> Self {
        let summaries = table.summaries.iter().map(|summary| SummaryPlan::new(dialect, table, summary)).collect();
        Self { summaries, rollups: rollup::names_over(model, table) }
    }
}
