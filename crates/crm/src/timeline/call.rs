//! A call that was just made, with what follows from it, in one act.

use jiff::{SignedDuration, Timestamp};
use model::Reference;
use store::Row;
use uuid::Uuid;

use crate::{NewRecord, Result, activities::parties::Party, records::Work};

/// `statecode` of what is done.
const COMPLETED: i64 = 1;
/// `statuscode` of calls that went out, and of those that came in.
const MADE: i64 = 2;
const RECEIVED: i64 = 4;
/// `outcomecode` of a call that ended at an answering machine.
const LEFT_VOICE_MAIL: i64 = 2;

/// A call to be kept.
#[derive(Debug, Clone)]
pub struct LoggedCall {
    /// Columns of the call: subject, number, outcome, duration …
    pub row: Row,
    /// Whether the caller called, or was called.
    pub outgoing: bool,
    /// Whom they spoke with.
    pub with: Vec<Party>,
    /// It took place; otherwise it is planned.
    pub made: bool,
    /// A task that follows from it.
    pub follow_up: Option<FollowUp>,
}

/// A task that follows from something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowUp {
    /// What is to be done.
    pub subject: String,
    /// Until when.
    pub due: Option<Timestamp>,
}

impl Work<'_, '_> {
    /// Keeps a call with who took part, completed where it took place, and plans what follows.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`] names what is missing or wrong.
    pub fn log_call(&mut self, call: LoggedCall) -> Result<Uuid> {
        let LoggedCall { mut row, outgoing, with, made, follow_up } = call;
        let about = row.value("regardingobjectid").as_reference().cloned();
        row.set("directioncode", outgoing);
        if let Some(outcome) = row.value("outcomecode").as_whole() {
            row.set("leftvoicemail", outcome == LEFT_VOICE_MAIL);
        }
        if made {
            self.time(&mut row);
        }
        let id = self.create_all(NewRecord::of("phonecall", row))?;
        let myself = vec![Party::Record(Reference::new("systemuser", self.caller().user))];
        let (from, to) = if outgoing { (myself, with) } else { (with, myself) };
        let lists = vec![("from".to_owned(), from), ("to".to_owned(), to)];
        self.set_parties(&Reference::new("phonecall", id), lists)?;
        if made {
            // Only now: a completed call keeps its parties.
            let status = if outgoing { MADE } else { RECEIVED };
            let done = Row::new().with("statecode", COMPLETED).with("statuscode", status);
            self.update("phonecall", id, done, None)?;
        }
        if let Some(follow_up) = follow_up {
            self.plan(follow_up, about)?;
        }
        Ok(id)
    }

    /// It ended now, and began as long ago as it took.
    fn time(&self, row: &mut Row) {
        row.set("actualend", self.now());
        if let Some(minutes) = row.value("actualdurationminutes").as_whole() {
            row.set("actualstart", self.now() - SignedDuration::from_mins(minutes));
        }
    }

    fn plan(&mut self, follow_up: FollowUp, about: Option<Reference>) -> Result<Uuid> {
        let task = Row::new()
            .with("subject", follow_up.subject)
            .with("scheduledend", follow_up.due)
            .with("regardingobjectid", about);
        self.create_all(NewRecord::of("task", task))
    }
}
