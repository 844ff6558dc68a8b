//! The model in force, with what was made from it.

use std::sync::Arc;

use model::{Model, Overlay};

use crate::{StoreError, rows::Plans};

/// One published model. Never changed; publishing makes the next.
pub(crate) struct Current {
    pub(crate) model: Arc<Model>,
    pub(crate) overlay: Arc<Overlay>,
    pub(crate) plans: Plans,
}

impl Current {
    /// The shipped app with this overlay merged in, as version `version`.
    pub(crate) fn build(overlay: Overlay, version: u64) -> Result<Self, StoreError> {
        let model = Model::merge(&overlay, version)?;
        Ok(Self { model: Arc::new(model), overlay: Arc::new(overlay), plans: Plans::default() })
    }

    /// The same under another number.
    pub(crate) fn as_version(&self, version: u64) -> Self {
        let model = Model { version, ..(*self.model).clone() };
        Self { model: Arc::new(model), overlay: Arc::clone(&self.overlay), plans: Plans::default() }
    }

    /// Nothing yet: what a store has before it has read its database.
    pub(crate) fn empty() -> Self {
        Self { model: Arc::default(), overlay: Arc::default(), plans: Plans::default() }
    }
}
