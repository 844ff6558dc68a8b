//! What the store promises, on both engines.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod backups;
mod certificates;
mod change_feed;
mod encryption;
mod gadgets;
mod match_keys;
mod opening;
mod publishing;
mod query_filters;
mod query_groups;
mod query_joins;
mod query_paging;
mod query_scope;
mod rows;
mod sealing;
mod transactions;
mod upgrades;
mod world;
