//! From the model and rows to what is shown: cells, fields, grids and forms of any table.

pub(crate) mod board;
pub(crate) mod bulk;
pub(crate) mod cells;
pub(crate) mod commands;
pub(crate) mod day;
pub(crate) mod duplicates;
pub(crate) mod fields;
pub(crate) mod filters;
pub(crate) mod grid;
pub(crate) mod import;
pub(crate) mod input;
pub(crate) mod list;
pub(crate) mod navigation;
pub(crate) mod operators;
pub(crate) mod palette;
pub(crate) mod parties;
pub(crate) mod pins;
pub(crate) mod process;
pub(crate) mod record;
pub(crate) mod rich_text;
pub(crate) mod sharing;
pub(crate) mod sign_in;
pub(crate) mod since;
pub(crate) mod stage;
pub(crate) mod tables;
pub(crate) mod timeline;
