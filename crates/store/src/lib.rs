//! Queries and changes over the model, on SQLite and PostgreSQL.
//!
//! A [`Store`] runs closures: [`Store::read`] on a consistent snapshot, [`Store::write`] in one
//! transaction that is durable when the call returns. Inside, a [`Reader`] or [`Writer`] speaks
//! of tables, rows and [`Query`] trees, never of SQL. Derived data (base amounts excepted) is
//! kept here, in the writing transaction: text search, rollups, summaries and the change feed.
//!
//! The store knows nothing of people's rights: the caller hands in a [`Scope`] with every query.

mod check;
mod compile;
mod derived;
mod dialect;
mod engine;
mod error;
mod feed;
mod migrate;
mod query;
mod row;
mod rows;
mod schema;
mod store;
mod url;

pub use check::{CheckReport, Finding};
pub use compile::matches;
pub use error::StoreError;
pub use feed::{Actor, FeedEntry, FeedHeading, FeedOperation, FeedPosition, Sealed};
pub use migrate::{
    MigrationPlan,
    publication::Publication,
    purge::{KeptData, Purged},
};
pub use query::{
    Aggregate, AggregateFunction, Cursor, DatePart, Grouping, Join, JoinKind, Output, Page, Query, Ranking, Rows,
    Scope, Zone,
};
pub use row::{ColumnName, Row};
pub use store::{BackupReport, Copies, MatchKey, Reader, Secret, ServerLock, Store, StoreOptions, Writer};
pub use url::DatabaseUrl;
