//! What a person is told by the bell: rows of `appnotification`.
//!
//! Nothing is told on the way of a write. One [`Teller`] follows the change feed behind it, finds what
//! concerns somebody else than who did it ([`occasion`]), asks in the name of each person whether they
//! may read it, puts together what belongs together ([`fold`]) and writes the rows together with its
//! place in the feed, so that each is written once, whatever stops in between. So a write costs what it
//! did, an act that is taken back is not held by what was told of it, and whatever changes a record
//! (a page, the Web API, an import) is told of alike. A change that cannot be told is stepped over with a
//! warning in the log, so that it keeps back none behind it.
//!
//! A notification holds neither the name of a person or record nor words that somebody wrote: these are
//! read when it is shown, in the reader's scope ([`inbox`]).

mod fold;
mod inbox;
mod kind;
mod link;
mod occasion;
mod teller;
mod tidy;

use store::Row;

use crate::{App, records::Work};

pub use inbox::{Inbox, Notification, Unread};
pub use kind::Kind;
pub use link::Target;
pub use teller::{Teller, keep_telling};

/// The table.
pub const TABLE: &str = "appnotification";
/// More records than this in one act are told as a number.
const MANY: usize = 5;
/// `toasttype` of what appears for a moment at the edge of the page, and of what does not.
const TIMED: i32 = 200_000_000;
const HIDDEN: i32 = 200_000_001;

/// What a person was told.
pub struct Notifications<'a> {
    app: &'a App,
}

impl App {
    /// What a person was told.
    pub const fn notifications(&self) -> Notifications<'_> {
        Notifications { app: self }
    }
}

/// A notification that another program writes was raised when it was written.
pub(crate) fn before_create(work: &Work<'_, '_>, row: &mut Row) {
    if !row.has("raisedon") {
        row.set("raisedon", work.now());
    }
}
