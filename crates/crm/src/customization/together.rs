//! Several parts changed as one, or none of them.

use std::sync::Arc;

use language::text;
use model::{Model, ModelError, Overlay, PartAddress, PartKind, PartOrigin, Problem};
use serde_json::{Value as Json, json};

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
        origin: Origin,
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
            let actor = caller.actor(origin);
            self.app.store().publish_over(present, overlay, actor).await.map_err(Error::from)?;
        }
        Ok((self.app.model(), edited))
    }

    /// Deletes own parts in one publication, columns together with their places on the table's own views
    /// and forms. Unlike [`Customization::remove`] it leaves what is shipped as it is: that is refused, as
    /// is a part that others still need, each with its place. A relationship, by the name of lookup and
    /// target, is taken from its lookup, and with the last one goes the lookup.
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
    let name = address.name();
    if let (PartKind::Relationship, [table, column, target]) = (address.kind, &name.split('/').collect::<Vec<_>>()[..])
    {
        let lookup = PartAddress::new(PartKind::Column, &format!("{table}/{column}"))?;
        return delete_target(overlay, address, &lookup, target);
    }
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

fn delete_target(
    overlay: &mut Overlay,
    address: &PartAddress,
    lookup: &PartAddress,
    target: &str,
) -> Result<(), ModelError> {
    let refuse = |message: String| Err(Problem::new(address.to_string(), message).into());
    let Some(part) = overlay.part(lookup)?.filter(|part| part.origin == PartOrigin::Own) else {
        return refuse("this lookup is shipped and keeps its targets".to_owned());
    };
    let targets = part.document.get("targets").and_then(Json::as_array).cloned().unwrap_or_default();
    let left: Vec<Json> = targets.iter().filter(|other| other.as_str() != Some(target)).cloned().collect();
    if left.len() == targets.len() {
        return refuse(format!("this lookup does not lead to {target}"));
    }
    if left.is_empty() {
        return delete(overlay, lookup);
    }
    // Where it has its usual behaviour, nothing is said about it.
    let _ = overlay.remove_part(address);
    overlay.change_part(lookup, &json!({ "targets": left })).map(drop)
}
