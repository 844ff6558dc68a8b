//! One part of the customisations at a time: a column, a view, a relationship …
//!
//! Each accepted change is one publication. Changes made at the same time wait for each other,
//! so that none is lost.

use language::text;
use model::{ModelError, Overlay, Part, PartAddress, PartKind, PartSummary, Problem};
use serde::Serialize;
use serde_json::Value as Json;

use super::{Customization, versions};
use crate::{Caller, Error, Origin, Result, access, identity::roles::keep_roles};

/// Whether a change is made or only tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Validated, migrated, published.
    Publish,
    /// Validated, and told what publishing would change.
    Try,
}

impl Purpose {
    /// [`Purpose::Try`] for a dry run.
    pub const fn of_dry_run(dry_run: bool) -> Self {
        if dry_run { Self::Try } else { Self::Publish }
    }
}

/// What a change of one part did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// Kind of the part.
    pub kind: PartKind,
    /// Its name, with the number that was chosen for an option or status reason.
    pub name: String,
    /// What is different in the model, a sentence each; empty where nothing is.
    pub changes: Vec<String>,
    /// It is in force; false for a trial.
    pub published: bool,
}

impl Customization<'_> {
    /// All parts of this kind, or of every kind, shipped ones included.
    pub fn parts(&self, caller: &Caller, kind: Option<PartKind>, table: Option<&str>) -> Result<Vec<PartSummary>> {
        access::require_customizer(caller, text!("see the customisations"))?;
        if let Some(table) = table {
            self.app.table(table)?;
        }
        let overlay = self.overlay();
        let kinds = kind.map_or_else(|| PartKind::ALL.to_vec(), |kind| vec![kind]);
        let mut parts = Vec::new();
        for kind in kinds {
            parts.extend(overlay.parts(kind, table)?);
        }
        Ok(parts)
    }

    /// The part as it is in force; none where there is no such part.
    pub fn part(&self, caller: &Caller, address: &PartAddress) -> Result<Option<Part>> {
        access::require_customizer(caller, text!("see the customisations"))?;
        Ok(self.overlay().part(address)?)
    }

    /// Declares one part whole.
    pub async fn put(
        &self,
        caller: &Caller,
        origin: Origin,
        address: &PartAddress,
        document: &Json,
        purpose: Purpose,
    ) -> Result<Outcome> {
        self.edit(caller, origin, purpose, |overlay| overlay.put_part(address, document)).await
    }

    /// Changes the named properties of one part (JSON merge patch) and leaves the others.
    pub async fn change(
        &self,
        caller: &Caller,
        origin: Origin,
        address: &PartAddress,
        patch: &Json,
        purpose: Purpose,
    ) -> Result<Outcome> {
        self.edit(caller, origin, purpose, |overlay| overlay.change_part(address, patch)).await
    }

    /// Removes an own part, or gives a changed one its shipped declaration back. None where there
    /// is no such part. What still needs it is told with its place.
    pub async fn remove(
        &self,
        caller: &Caller,
        origin: Origin,
        address: &PartAddress,
        purpose: Purpose,
    ) -> Result<Option<Outcome>> {
        if self.part(caller, address)?.is_none() {
            return Ok(None);
        }
        let removed = self.edit(caller, origin, purpose, |overlay| {
            overlay.remove_part(address)?;
            Ok(address.clone())
        });
        match removed.await {
            Err(Error::Model(error)) => Err(needed(address, error).into()),
            other => other.map(Some),
        }
    }

    async fn edit(
        &self,
        caller: &Caller,
        origin: Origin,
        purpose: Purpose,
        edit: impl FnOnce(&mut Overlay) -> std::result::Result<PartAddress, ModelError> + Send,
    ) -> Result<Outcome> {
        access::require_customizer(caller, text!("change the model"))?;
        let _alone = self.app.editing_model().await;
        let present = self.overlay();
        let mut overlay = (*present).clone();
        let address = edit(&mut overlay)?;
        let overlay = Box::pin(versions::kept_in(self.app, overlay)).await?;
        let changes = self.validate(caller, &overlay).await?;
        if purpose == Purpose::Publish && overlay != *present {
            self.app.store().publish_over(present, overlay, caller.actor(origin)).await?;
            Box::pin(keep_roles(self.app)).await?;
        }
        let published = purpose == Purpose::Publish;
        Ok(Outcome { kind: address.kind, name: address.name(), changes, published })
    }
}

/// The mistakes that a removal makes are the places where the part is still used.
pub(super) fn needed(address: &PartAddress, error: ModelError) -> ModelError {
    if error.problems.iter().any(|problem| problem.place == address.to_string()) {
        return error;
    }
    let mut problems = vec![Problem::new(address.to_string(), "this cannot be removed while it is still used:")];
    problems.extend(error.problems);
    ModelError { problems }
}
