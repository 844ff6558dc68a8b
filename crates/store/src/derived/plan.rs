//! What follows from a write of a table, found out once.

use std::sync::Arc;

use model::{Column, ColumnType, Model, Table};

use super::{rollup, summary::SummaryPlan};
use crate::engine::Dialect;

/// The derived data that hang on the rows of one table.
pub(crate) struct DerivedPlan {
    /// In the order of the table's summaries.
    pub(super) summaries: Vec<Arc<SummaryPlan>>,
    /// Table and column of the rollups over the rows.
    pub(super) rollups: Vec<(String, String)>,
    /// Positions of the calculated columns.
    calculated: Vec<usize>,
    /// Positions of the columns that are searched.
    searched: Vec<usize>,
}

impl DerivedPlan {
    pub(crate) fn new(model: &Model, table: &Table, dialect: Dialect) -> Self {
        let summaries =
            table.summaries.iter().map(|summary| Arc::new(SummaryPlan::new(dialect, table, summary))).collect();
        let positions = |wanted: fn(&Column) -> bool| {
            let columns = table.columns.values().enumerate();
            columns.filter(|(_, column)| wanted(column)).map(|(position, _)| position).collect()
        };
        Self {
            summaries,
            rollups: rollup::names_over(model, table),
            calculated: positions(|column| matches!(column.kind, ColumnType::Calculated { .. })),
            searched: positions(|column| column.searchable),
        }
    }

    /// The calculated columns of the table.
    pub(super) fn calculated<'a>(&self, table: &'a Table) -> Vec<&'a Column> {
        self.calculated.iter().map(|position| &table.columns[*position]).collect()
    }

    /// The columns of the table that are searched.
    pub(super) fn searched<'a>(&self, table: &'a Table) -> Vec<&'a Column> {
        self.searched.iter().map(|position| &table.columns[*position]).collect()
    }
}
