//! The sales domain: everything a seller, a manager or an integrator can do, with its rules.
//!
//! [`App`] is the door. Reading goes through [`App::query`] and its kin, which add the rules of
//! access; every change goes through [`records::Work`], the one write path: authorise, default,
//! validate, table rules, write, feed. Pages and the Web API call nothing below this crate.

pub mod access;
pub mod accounts;
pub mod activities;
mod app;
pub mod boards;
pub mod bulk;
mod caller;
pub mod changes;
pub mod connections;
pub mod customization;
pub mod duplicates;
mod error;
pub mod export;
mod follower;
pub mod follows;
pub mod format;
mod foundations;
pub mod highlight;
pub mod identity;
pub mod import;
pub mod jobs;
mod keyed_name;
pub mod leads;
pub mod letters;
pub mod live;
pub mod locality;
pub mod merge;
mod money;
pub mod notifications;
pub mod opportunities;
mod organization;
pub mod privacy;
pub mod process;
pub mod reading;
pub mod records;
pub mod timeline;
pub mod unsaved;
pub mod uploads;
pub mod views;
pub mod webhooks;
pub mod wire;
mod words;
pub mod workspace;
mod writing;

pub use app::App;
pub use caller::{Caller, Origin, way_of};
pub use error::{Error, FieldError};
pub use organization::{Currency, Organization, TeamTemplate};
pub use records::{NewRecord, Work};
pub use store::{
    Aggregate, AggregateFunction, Cursor, DatePart, FeedEntry, FeedOperation, FeedPosition, Grouping, Join, JoinKind,
    Output, Page, Query, Ranking, Row, Rows,
};

/// What a function of this crate returns.
pub type Result<T> = std::result::Result<T, Error>;
