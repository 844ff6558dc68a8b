//! Undo a qualification.

use uuid::Uuid;

use super::Leads;
use crate::{Caller, Origin, Result};

impl Leads<'_> {
    /// Takes a qualification back as if it had not been: the created records go, the lead is
    /// open, its notes and activities hang on it again. Refused, with the reason, once somebody
    /// touched one of the records.
    pub async fn undo(&self, caller: &Caller, origin: Origin, act: Uuid) -> Result<()> {
        self.app.work(caller, origin, move |work| work.undo(act).map(|_| ())).await
    }
}
