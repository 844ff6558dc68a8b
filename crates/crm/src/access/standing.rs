//! In whose name work goes on after the request that began it: the person, and what cut their rights
//! down in that request. What it allows is found out anew each time.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Within, on_behalf};
use crate::{App, Caller, Result, identity::programs};

/// A caller as they can be called to mind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Standing {
    /// The `systemuser`.
    user: Uuid,
    /// The program that asked in their name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    program: Option<Uuid>,
    /// Whoever acted on their behalf.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    acting: Option<Uuid>,
}

impl Standing {
    /// What is kept of this caller.
    pub fn of(caller: &Caller) -> Self {
        Self { user: caller.user, program: caller.within().program, acting: caller.within().acting }
    }
}

impl App {
    /// The caller this stands for, with the rights they have now.
    ///
    /// # Errors
    /// [`crate::Error::NotSignedIn`] where the person, the program or whoever acted for them is disabled or gone by now.
    pub(crate) async fn standing(&self, standing: &Standing) -> Result<Caller> {
        let Standing { user, program, acting } = *standing;
        self.read_in_organization(move |reader, organization| {
            let within = match program {
                Some(program) => programs::within(reader, &Caller::engine(Arc::clone(organization)), program)?,
                None => Within::default(),
            };
            let Some(acting) = acting else { return Caller::load_within(reader, organization, user, within) };
            let acting = Caller::load_within(reader, organization, acting, within)?;
            let within = on_behalf::within(&acting, reader.model());
            Caller::load_within(reader, organization, user, within)
        })
        .await
    }
}
