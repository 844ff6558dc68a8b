//! The timeline of a record: what happened around it and what is still to be done. Activities,
//! notes and posts are rows about the record; what was done to the record itself (a stage left, a
//! new owner) is told from its history.

mod asked;
mod call;
mod counts;
mod events;
mod item;
mod page;
mod pins;
mod posts;
mod qualified;
mod related;
mod source;
mod to_do;
mod visits;

pub use asked::{Asked, Span, State};
pub use call::{FollowUp, LoggedCall};
pub use counts::Counts;
pub use events::{Event, What};
pub use item::{Entry, Item};
pub use page::{Opening, Page, Place};
pub use pins::Pinned;
pub use posts::{MENTIONED, Mention, Part, as_typed, parts, with_mentions};
pub use source::{ACTIVITY, EVENT, NOTE, POST};
pub use to_do::{Due, ToDo};

use crate::App;

/// Timelines of records.
pub struct Timelines<'a> {
    pub(crate) app: &'a App,
}

impl App {
    /// Timelines of records.
    pub const fn timelines(&self) -> Timelines<'_> {
        Timelines { app: self }
    }
}
