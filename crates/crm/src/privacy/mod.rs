//! Requests of people outside about their own data (GDPR, Regulation (EU) 2016/679): everything
//! that is kept about one person is found ([`find`]), handed out (articles 15 and 20, [`package`])
//! and erased (article 17, [`erase`]), with a report that holds no personal data. Retention rules
//! ([`retention`]) do the same to what is old.
//!
//! Erasing goes through the one write path and then takes the values out of the history, which
//! stays verifiable ([`store::Writer::erase_history`]).

mod again;
mod erase;
mod find;
mod imports;
mod package;
mod personal;
mod report;
mod retention;
mod terms;
mod traces;

use language::text;

use crate::{App, Caller, Result, access};

pub use again::Again;
pub use erase::{ErasureRequest, Treatment};
pub use find::{Findings, Item, Kind, Mention};
pub use package::Package;
pub use report::{Did, Kept, Report, ReportKind, Step};
pub(crate) use retention::before_rule;
pub use retention::{RetentionAction, RetentionPreview, keep_rules};
pub use terms::Person;

/// The tables whose rows are about one person each.
pub const PEOPLE: [&str; 2] = ["contact", "lead"];

/// The column that keeps a record whatever a request or a rule says; set also where it is closed.
pub const HOLD: &str = "legalhold";

/// What can be done about people's data.
pub struct Privacy<'a> {
    app: &'a App,
}

impl App {
    /// What can be done about people's data.
    pub const fn privacy(&self) -> Privacy<'_> {
        Privacy { app: self }
    }
}

/// Whoever answers for a whole person sees everything about them, whoever owns it.
fn require_administrator(caller: &Caller) -> Result<()> {
    access::require_administrator(caller, text!("answer requests about people's data"))
}
