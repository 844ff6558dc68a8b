//! Security roles as parts.

use serde_json::Value as Json;

use super::{Document, Edited, Found, Laid, Overlay, PartOrigin, read, write};
use crate::{Role, files::Declarations};

pub(super) fn show(laid: &Laid<'_>, name: &str) -> Edited<Found> {
    let Some(role) = laid.declared.roles.get(name) else { return Ok(None) };
    Ok(Some((origin(laid, name), Json::Object(write(name, role)?))))
}

pub(super) fn origin(laid: &Laid<'_>, name: &str) -> PartOrigin {
    match (laid.base.roles.contains_key(name), laid.overlay.roles.contains_key(name)) {
        (false, _) => PartOrigin::Own,
        (true, false) => PartOrigin::Shipped,
        (true, true) => PartOrigin::Changed,
    }
}

pub(super) fn put(overlay: &mut Overlay, place: &str, name: &str, document: &Document) -> Edited {
    let wanted: Role = read(place, document)?;
    if Declarations::base()?.roles.get(name) == Some(&wanted) {
        overlay.roles.shift_remove(name);
    } else {
        overlay.roles.insert(name.to_owned(), wanted);
    }
    Ok(())
}
