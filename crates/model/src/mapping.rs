//! Which columns a new row takes over from the row it comes from.

use serde::{Deserialize, Serialize};

/// Column mappings from one table to another, used when a lead is qualified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableMapping {
    /// Copied from: `lead`.
    pub from: String,
    /// Copied to: `contact`.
    pub to: String,
    /// Column pairs.
    #[serde(rename = "column")]
    pub columns: Vec<ColumnMapping>,
}

/// One pair of columns; types must agree and the target must be at least as long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnMapping {
    /// Column copied from.
    pub from: String,
    /// Column copied to.
    pub to: String,
}
