//! Tables as parts: of an own one everything, of a shipped one what is said about itself.

use serde_json::Value as Json;

use super::{Document, Edited, Found, Laid, Overlay, PartOrigin, difference, read, refuse, starter, write};
use crate::{TableChange, TableDeclaration, files::Declarations};

/// What a table consists of beside what is said about itself.
const COLLECTIONS: [&str; 10] =
    ["include", "columns", "relationship", "many_to_many", "state", "index", "key", "summary", "view", "form"];
/// What an organisation may say otherwise about a shipped table.
const CHANGEABLE: [&str; 7] = ["label", "plural_label", "description", "icon", "audited", "searchable", "importable"];

pub(super) fn show(laid: &Laid<'_>, name: &str) -> Edited<Found> {
    if let Some(own) = laid.overlay.new_tables.get(name) {
        return Ok(Some((PartOrigin::Own, Json::Object(write(name, own)?))));
    }
    let Some(declared) = laid.declared.tables.get(name) else { return Ok(None) };
    let changed = laid.overlay.tables.get(name).is_some_and(is_changed);
    let origin = if changed { PartOrigin::Changed } else { PartOrigin::Shipped };
    Ok(Some((origin, Json::Object(head(name, declared)?))))
}

/// What is said about the table itself.
fn head(name: &str, table: &TableDeclaration) -> Edited<Document> {
    let mut document = write(name, table)?;
    document.retain(|property, _| !COLLECTIONS.contains(&property.as_str()));
    Ok(document)
}

pub(super) fn put(overlay: &mut Overlay, place: &str, name: &str, document: &Document) -> Edited {
    match Declarations::base()?.tables.get(name) {
        Some(shipped) => put_change(overlay, place, name, shipped, document),
        None => put_own(overlay, place, name, document),
    }
}

/// An own table: collections the document does not speak of stay as they are; a new table gets
/// usual ones.
fn put_own(overlay: &mut Overlay, place: &str, name: &str, document: &Document) -> Edited {
    let mut whole = document.clone();
    let table = match overlay.new_tables.get(name) {
        Some(present) => {
            let present = write(place, present)?;
            let kept = present.into_iter().filter(|(property, _)| COLLECTIONS.contains(&property.as_str()));
            for (property, value) in kept {
                whole.entry(property).or_insert(value);
            }
            read(place, &whole)?
        }
        None => starter::furnished(read(place, &whole)?, document),
    };
    overlay.new_tables.insert(name.to_owned(), table);
    Ok(())
}

fn put_change(
    overlay: &mut Overlay,
    place: &str,
    name: &str,
    shipped: &TableDeclaration,
    document: &Document,
) -> Edited {
    if let Some(collection) = COLLECTIONS.iter().find(|collection| document.contains_key(**collection)) {
        return refuse(
            format!("{place}: {collection}"),
            "of a shipped table only what is said about itself is put here; put columns, views, forms … one by one",
        );
    }
    let wanted = head(name, &read(place, document)?)?;
    let differences = difference::between(place, &head(name, shipped)?, &wanted, &CHANGEABLE)?;
    let change = overlay.tables.entry(name.to_owned()).or_default();
    let mut kept = write(place, change)?;
    kept.retain(|property, _| !CHANGEABLE.contains(&property.as_str()));
    kept.extend(differences);
    *change = read(place, &kept)?;
    Ok(())
}

/// True where something about the table itself is changed.
pub(super) fn is_changed(change: &TableChange) -> bool {
    change.label.is_some()
        || change.plural_label.is_some()
        || change.description.is_some()
        || change.icon.is_some()
        || change.audited.is_some()
        || change.searchable.is_some()
        || change.importable.is_some()
}

pub(super) fn remove(overlay: &mut Overlay, name: &str) {
    if overlay.new_tables.shift_remove(name).is_some() {
        return;
    }
    if let Some(change) = overlay.tables.get_mut(name) {
        let untouched = TableChange::default();
        change.label = untouched.label;
        change.plural_label = untouched.plural_label;
        change.description = untouched.description;
        change.icon = untouched.icon;
        change.audited = untouched.audited;
        change.searchable = untouched.searchable;
        change.importable = untouched.importable;
    }
}
