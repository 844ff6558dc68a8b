//! In whose name work goes on after the request that began it: the person, and what cut their rights
//! down in that request. What it allows is found out anew each time.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::on_behalf::{self, OnBehalfOf};
use crate::{
    App, Caller, Result,
    identity::{Holder, let_in},
};

/// A caller as they can be called to mind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Standing {
    /// The `systemuser`.
    user: Uuid,
    /// The program that asked in their name, and the grant by which it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    holder: Option<Holder>,
    /// Whoever acted on their behalf.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    acting: Option<Uuid>,
}

impl Standing {
    /// What is kept of this caller.
    pub fn of(caller: &Caller) -> Self {
        Self { user: caller.user, holder: caller.within().holder.clone(), acting: caller.within().acting }
    }
}

impl App {
    /// The caller this stands for, with the rights they have now: what let the request in must let it in
    /// still.
    ///
    /// # Errors
    /// [`crate::Error::NotSignedIn`] where the person, the program or whoever acted for them is disabled or gone by
    /// now, the grant has ended or the policy allows no tokens any more; what [`App::acting_for`] refuses.
    pub(crate) async fn standing(&self, standing: &Standing) -> Result<Caller> {
        let Standing { user, holder, acting } = standing.clone();
        self.read_in_organization(move |reader, organization| {
            let caller = let_in(reader, organization, acting.unwrap_or(user), holder.as_ref())?;
            match acting {
                Some(_) => on_behalf::acting(reader, organization, &caller, OnBehalfOf::User(user)),
                None => Ok(caller),
            }
        })
        .await
    }
}
