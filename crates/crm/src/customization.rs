//! Shaping the model: an organisation's tables, columns, choices, views and forms.
//!
//! Every change works on the overlay as a whole: it is validated with the shipped app, both are
//! merged, the database is migrated online and the new model swapped in, or nothing happens.
//! [`parts`] changes one named part of the overlay at a time, [`Customization::change_together`] several.

mod guard;
pub mod history;
pub mod parts;
pub mod purge;
mod together;
mod uses;
mod versions;

use std::sync::Arc;

use language::text;
use model::{Model, Overlay};

use crate::{App, Caller, Origin, Result, access, identity::roles::keep_roles};

/// What can be done about the model.
pub struct Customization<'a> {
    app: &'a App,
}

impl App {
    /// What can be done about the model.
    pub const fn customization(&self) -> Customization<'_> {
        Customization { app: self }
    }
}

impl Customization<'_> {
    /// The customisations in force.
    pub fn overlay(&self) -> Arc<Overlay> {
        self.app.store().overlay()
    }

    /// Says what is wrong with `overlay`, with the place of each mistake; what only the rows can
    /// tell (a text too long for a shorter column, a key that two rows share) is told on
    /// publishing.
    ///
    /// Returns what publishing it would change, a sentence each.
    pub async fn validate(&self, caller: &Caller, overlay: &Overlay) -> Result<Vec<String>> {
        access::require_customizer(caller, text!("change the model"))?;
        let present = self.app.model();
        let next = Model::merge(overlay, present.version + 1)?;
        if present.roles != next.roles {
            access::require_administrator(caller, text!("change security roles"))?;
        }
        if present.secured != next.secured {
            access::require_administrator(caller, text!("change which columns are secured"))?;
        }
        present.check_upgrade(&next)?;
        Box::pin(guard::refuse_losses(self.app, &present, &next)).await?;
        Ok(present.changes_to(&next))
    }

    /// Validates, migrates and publishes `overlay` in place of the customisations in force.
    pub async fn publish(&self, caller: &Caller, origin: Origin, overlay: Overlay) -> Result<Arc<Model>> {
        access::require_customizer(caller, text!("change the model"))?;
        let _alone = self.app.editing_model().await;
        let overlay = Box::pin(versions::kept_in(self.app, overlay)).await?;
        self.validate(caller, &overlay).await?;
        let model = self.app.store().publish(overlay, caller.actor(origin)).await?;
        keep_roles(self.app).await?;
        Ok(model)
    }

    /// As [`Customization::publish`], provided that the customisations in force are still
    /// `present`, from which `overlay` was made.
    pub(crate) async fn publish_over(
        &self,
        caller: &Caller,
        origin: Origin,
        present: Arc<Overlay>,
        overlay: Overlay,
    ) -> Result<Arc<Model>> {
        access::require_customizer(caller, text!("change the model"))?;
        let _alone = self.app.editing_model().await;
        let overlay = Box::pin(versions::kept_in(self.app, overlay)).await?;
        self.validate(caller, &overlay).await?;
        let model = self.app.store().publish_over(present, overlay, caller.actor(origin)).await?;
        keep_roles(self.app).await?;
        Ok(model)
    }
}
