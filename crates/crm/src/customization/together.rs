//! Several parts changed as one, or none of them.

use std::sync::Arc;

use language::text;
use model::{Model, ModelError, Overlay, PartAddress, PartKind, PartOrigin, Problem};

use super::{Customization, parts::needed, versions};
use crate::{Caller, Error, Origin, access};

impl Customization<'_> {
    /// Makes what `edit` does to the customisations one publication. `accept` is shown the model that would
    /// come of it, with what `edit` returned, before anything is done, and may refuse.
    ///
    /// Returns the model in force afterwards.
    pub async fn change_together<T: Send, E: From<Error>>(
        &self,
        caller: &Caller,
        _origin: Origin,
        edit: impl FnOnce(&mut Overlay) -> Result<T, ModelError> + Send,
        accept: impl FnOnce(&Model, &T) -> Result<(), E> + Send,
    ) -> Result<(Arc<Model>, T), E> {
        access::require_customizer(caller, text!("change the model"))?;
        let _alone = self.app.editing_model().await;
        let present = self.overlay();
        let mut overlay = (*present).clone();
        let edited = edit(&mut overlay).map_err(Error::from)?;
        let overlay = Box::pin(versions::kept_in(self.app, overlay)).await?;
        let version = self.app.model().version + 1;
        accept(&Model::merge(&overlay, version).map_err(Error::from)?, &edited)?;
        self.validate(caller, &overlay).await?;
        if overlay != *present {
            self.app.store().publish_over(present, overlay).await.map_err(Error::from)?;
        }
        Ok((self.app.model(), edited))
    }

    /// Deletes own parts in one publication, columns together with their places on the table's own views
    /// and forms. Unlike [`Customization::remove`] it leaves what is shipped as it is: that is refused, as
    /// is a part that others still need, each with its place.
    pub async fn delete(&self, caller: &Caller, origin: Origin, parts: Vec<PartAddress>) -> Result<Arc<Model>, Error> {
        let deleted = self.change_together(
            caller,
            origin,
            |overlay| parts.iter().try_for_each(|part| delete(overlay, part)),
            |_, ()| Ok(()),
        );
        match (deleted.await, parts.first()) {
            (Err(Error::Model(error)), Some(first)) => Err(needed(first, error).into()),
            (other, _) => other.map(|(model, ())| model),
        }
    }
}

fn delete(overlay: &mut Overlay, address: &PartAddress) -> Result<(), ModelError> {
    let refuse = |message: &str| Err(Problem::new(address.to_string(), message).into());
    match overlay.part(address)?.map(|part| part.origin) {
        Some(PartOrigin::Own) => {}
        Some(PartOrigin::Shipped | PartOrigin::Changed) => return refuse("this is shipped and cannot be deleted"),
        None => return refuse("this follows from other declarations and cannot be deleted by itself"),
    }
    if address.kind == PartKind::Column
        && let Some((table, column)) = address.name().split_once('/')
    {
        overlay.take_off_pages(table, column);
    }
    overlay.remove_part(address).map(drop)
}
