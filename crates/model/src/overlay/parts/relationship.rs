//! Relationships of lookups as parts: their names and what happens to the rows they tie.

use serde_json::{Value as Json, json};

use super::{Document, Edited, Found, Laid, Overlay, PartOrigin, difference, read, refuse};
use crate::{Relationship, RelationshipChange, RelationshipDeclaration};

/// What an organisation may say otherwise about a shipped relationship.
const CHANGEABLE: [&str; 3] = ["on_delete", "cascade_assign", "cascade_share"];

/// Table, lookup, and the target where the lookup has several.
type Path<'a> = (&'a str, &'a str, Option<&'a str>);

pub(super) fn show(laid: &Laid<'_>, table: &str, column: &str, target: Option<&str>) -> Edited<Found> {
    let model = laid.model()?;
    let found: Vec<&Relationship> = model
        .pointing_from(table)
        .filter(|it| it.column == column && target.is_none_or(|target| target == it.referenced))
        .collect();
    match found.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some((origin(laid, one), Json::Object(document(one))))),
        several => {
            let targets = several.iter().map(|it| format!("{table}/{column}/{}", it.referenced));
            let message =
                format!("this lookup has several targets; write {}", targets.collect::<Vec<_>>().join(" or "));
            refuse(format!("relationship {table}/{column}"), message)
        }
    }
}

fn document(relationship: &Relationship) -> Document {
    let mut document = Document::new();
    document.insert("target".to_owned(), json!(relationship.referenced));
    document.insert("name".to_owned(), json!(relationship.name));
    document.insert("navigation".to_owned(), json!(relationship.navigation));
    document.insert("on_delete".to_owned(), json!(relationship.on_delete));
    document.insert("cascade_assign".to_owned(), json!(relationship.cascade_assign));
    document.insert("cascade_share".to_owned(), json!(relationship.cascade_share));
    document
}

/// Own is what an own lookup makes; of a lookup that comes by itself everything is shipped.
pub(super) fn origin(laid: &Laid<'_>, relationship: &Relationship) -> PartOrigin {
    let Relationship { referencing, column, referenced, .. } = relationship;
    if is_own(laid.overlay, referencing, column) {
        return PartOrigin::Own;
    }
    let changes = laid.overlay.tables.get(referencing).map_or(&[][..], |change| &change.relationship_changes);
    let changed = changes.iter().any(|it| it.column == *column && it.target == *referenced);
    if changed { PartOrigin::Changed } else { PartOrigin::Shipped }
}

fn is_own(overlay: &Overlay, table: &str, column: &str) -> bool {
    overlay.new_tables.get(table).is_some_and(|own| own.columns.contains_key(column))
        || overlay.tables.get(table).is_some_and(|change| change.columns.contains_key(column))
}

pub(super) fn put(overlay: &mut Overlay, place: &str, path: Path<'_>, wanted: &Document) -> Edited {
    let (table, column, target) = path;
    let laid = Laid::of(overlay)?;
    let Some((origin, Json::Object(present))) = show(&laid, table, column, target)? else {
        return refuse(
            place,
            format!(
                "there is no such lookup; put column {table}/{column} with type = \"lookup\" and its targets first"
            ),
        );
    };
    let target = present.get("target").and_then(Json::as_str).unwrap_or_default().to_owned();
    if origin == PartOrigin::Own {
        let mut wanted = super::with_name(place, wanted, "column", column)?;
        wanted = super::with_name(place, &wanted, "target", &target)?;
        let declared: RelationshipDeclaration = read(place, &wanted)?;
        let list = match overlay.new_tables.get_mut(table) {
            Some(own) => &mut own.relationships,
            None => &mut overlay.change_table(table)?.relationships,
        };
        list.retain(|it| it.column != column || it.target != target);
        list.push(declared);
        return Ok(());
    }
    put_change(overlay, place, (table, column, &target), wanted)
}

fn put_change(
    overlay: &mut Overlay,
    place: &str,
    (table, column, target): (&str, &str, &str),
    wanted: &Document,
) -> Edited {
    let shipped = Overlay::default();
    let Some((_, Json::Object(shipped))) = show(&Laid::of(&shipped)?, table, column, Some(target))? else {
        return refuse(place, "this follows from what is said on the table itself and cannot be changed");
    };
    let mut complete = shipped.clone();
    complete.extend(wanted.clone());
    let mut differences = difference::between(place, &shipped, &complete, &CHANGEABLE)?;
    if let Some(change) = overlay.tables.get_mut(table) {
        change.relationship_changes.retain(|it| it.column != column || it.target != target);
    }
    if differences.is_empty() {
        return Ok(());
    }
    differences.insert("column".to_owned(), json!(column));
    differences.insert("target".to_owned(), json!(target));
    let declared: RelationshipChange = read(place, &differences)?;
    overlay.change_table(table)?.relationship_changes.push(declared);
    Ok(())
}

/// Gives a relationship its usual name and behaviour back; an own one goes with its lookup.
pub(super) fn remove(overlay: &mut Overlay, place: &str, (table, column, target): Path<'_>) -> Edited {
    let concerns =
        |its_column: &str, its_target: &str| its_column == column && target.is_none_or(|target| target == its_target);
    let mut removed = 0;
    if let Some(own) = overlay.new_tables.get_mut(table) {
        removed += own.relationships.len();
        own.relationships.retain(|it| !concerns(&it.column, &it.target));
        removed -= own.relationships.len();
    }
    if let Some(change) = overlay.tables.get_mut(table) {
        removed += change.relationships.len() + change.relationship_changes.len();
        change.relationships.retain(|it| !concerns(&it.column, &it.target));
        change.relationship_changes.retain(|it| !concerns(&it.column, &it.target));
        removed -= change.relationships.len() + change.relationship_changes.len();
    }
    if removed == 0 {
        return refuse(
            place,
            format!(
                "this relationship has its usual behaviour already and goes with its lookup; remove column {table}/{column}"
            ),
        );
    }
    Ok(())
}
