//! Leads: somebody who may become a customer.

mod disqualify;
pub mod duplicates;
mod qualify;
mod undo;

use language::tr;
use store::Row;

use crate::{App, Result};

pub use disqualify::DISQUALIFIED_DEFAULT;
pub(crate) use disqualify::{disqualify_loaded, reactivate_loaded};
pub use qualify::{AccountChoice, ContactChoice, OpportunityDraft, Preview, Qualification, QualifyChoice, qualify};

/// `statecode` of an open lead.
pub const OPEN: i64 = 0;
/// `statecode` of a qualified lead.
pub const QUALIFIED: i64 = 1;
/// `statecode` of a disqualified lead.
pub const DISQUALIFIED: i64 = 2;

/// What can be done with leads.
pub struct Leads<'a> {
    pub(crate) app: &'a App,
}

impl App {
    /// What can be done with leads.
    pub const fn leads(&self) -> Leads<'_> {
        Leads { app: self }
    }
}

/// A lead begins open; qualified or disqualified it becomes by what is done with it. Imports
/// bring disqualified leads by disqualifying them after they were created.
pub(crate) fn before_create(row: &mut Row) -> Result<()> {
    if row.value("statecode").as_whole() != Some(OPEN) {
        return Err(crate::Error::refused(tr!("a new lead is open; qualify or disqualify it after it was created")));
    }
    Ok(())
}
