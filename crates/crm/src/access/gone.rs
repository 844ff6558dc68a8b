//! Who may know of a row that is gone.

use model::{Privilege, Table};
use store::{FeedEntry, Row};

use super::governed::{ACTIVITIES, Governed, governed};
use crate::Caller;

/// Whether the caller may know that a row was deleted, by its entry in the feed: whoever deleted it, an
/// administrator, and whoever could read it by their roles and its owner. What was shared with them and
/// parts of other rows are not looked up: those cannot be seen any more either.
pub(crate) fn may_know(model: &model::Model, caller: &Caller, table: &Table, gone: &FeedEntry) -> bool {
    if caller.administrator || gone.actor.user == caller.user {
        return true;
    }
    let by_owner = |name: &str| {
        let row: Row = gone.changes.iter().map(|(name, before, _)| (name.clone(), before.clone())).collect();
        caller.access().reach(name, Privilege::Read).is_some_and(|reach| reach.covers(&row))
    };
    match governed(model, table) {
        Governed::Settings(_) => true,
        Governed::Whole(name) => caller.access().reach(&name, Privilege::Read).is_some_and(|reach| reach.everywhere),
        Governed::ByOwner(name) => by_owner(&name),
        Governed::Twin => by_owner(ACTIVITIES),
        Governed::Following(_) | Governed::Pair(_) => false,
    }
}
