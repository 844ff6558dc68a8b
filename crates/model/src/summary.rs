//! Grouped totals that the store keeps current with every write.

use serde::{Deserialize, Serialize};

use crate::Filter;

/// Totals of a table by some of its columns: what a board or a dashboard asks all day.
///
/// A query that groups by, and filters on, nothing but `group_by` columns, and asks for counts
/// and sums of `sums` only, is answered from here without touching the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// Stable short name within the table.
    pub name: String,
    /// Own columns grouped by; must hold the columns access rules look at (owner, owning
    /// business unit) to be of use to everybody.
    pub group_by: Vec<String>,
    /// Own whole, decimal or money columns summed.
    pub sums: Vec<String>,
    /// Rows counted in; conditions on the row's own columns only.
    #[serde(default, skip_serializing_if = "Filter::is_everything")]
    pub filter: Filter,
}
