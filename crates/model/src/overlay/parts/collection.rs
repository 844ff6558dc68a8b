//! What a table has several of, each with a name: views, forms, totals, keys, many-to-many
//! relationships.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value as Json;

use super::{Document, Edited, Found, Laid, Overlay, PartOrigin, read, refuse, with_name, write};
use crate::{
    AlternateKey, Form, ManyToManyDeclaration, Summary, TableChange, TableDeclaration, View, files::Declarations,
};

/// A list of named things in a table and in a change to one.
pub(super) trait Collection: Serialize + DeserializeOwned + 'static {
    /// A shipped one can be replaced under its name.
    const REPLACES: bool;
    fn name(&self) -> &str;
    fn of(table: &TableDeclaration) -> &Vec<Self>;
    fn of_own(table: &mut TableDeclaration) -> &mut Vec<Self>;
    fn of_change(change: &mut TableChange) -> &mut Vec<Self>;
    fn in_change(change: &TableChange) -> &Vec<Self>;
    fn taken_away(change: &mut TableChange) -> Option<&mut Vec<String>>;
    /// Fills in what follows from the name.
    fn complete(_document: &mut Document, _name: &str) {}
}

macro_rules! collection {
    ($of:ty, $field:ident, $replaces:expr, $removed:expr) => {
        collection!($of, $field, $replaces, $removed, |_, _| {});
    };
    ($of:ty, $field:ident, $replaces:expr, $removed:expr, $complete:expr) => {
        impl Collection for $of {
            const REPLACES: bool = $replaces;
            fn name(&self) -> &str {
                &self.name
            }
            fn of(table: &TableDeclaration) -> &Vec<Self> {
                &table.$field
            }
            fn of_own(table: &mut TableDeclaration) -> &mut Vec<Self> {
                &mut table.$field
            }
            fn of_change(change: &mut TableChange) -> &mut Vec<Self> {
                &mut change.$field
            }
            fn in_change(change: &TableChange) -> &Vec<Self> {
                &change.$field
            }
            fn taken_away(change: &mut TableChange) -> Option<&mut Vec<String>> {
                let taken: fn(&mut TableChange) -> Option<&mut Vec<String>> = $removed;
                taken(change)
            }
            fn complete(document: &mut Document, name: &str) {
                let complete: fn(&mut Document, &str) = $complete;
                complete(document, name);
            }
        }
    };
}

collection!(View, views, true, |change| Some(&mut change.removed_views));
collection!(Form, forms, true, |change| Some(&mut change.removed_forms));
collection!(Summary, summaries, true, |change| Some(&mut change.removed_summaries));
collection!(AlternateKey, keys, false, |_| None);
collection!(ManyToManyDeclaration, many_to_many, false, |_| None, |document, name| {
    document.entry("intersect").or_insert_with(|| Json::String(name.to_lowercase()));
});

pub(super) fn show<T: Collection>(laid: &Laid<'_>, table: &str, name: &str) -> Edited<Found> {
    let Some(declared) = laid.declared.tables.get(table) else { return Ok(None) };
    let Some(found) = T::of(declared).iter().find(|it| it.name() == name) else { return Ok(None) };
    let mut document = write(name, found)?;
    document.shift_remove("name");
    Ok(Some((origin::<T>(laid, table, name), Json::Object(document))))
}

pub(super) fn origin<T: Collection>(laid: &Laid<'_>, table: &str, name: &str) -> PartOrigin {
    let shipped = laid.shipped(table).is_some_and(|shipped| T::of(shipped).iter().any(|it| it.name() == name));
    let change = laid.overlay.tables.get(table);
    match (shipped, change.is_some_and(|change| T::in_change(change).iter().any(|it| it.name() == name))) {
        (false, _) => PartOrigin::Own,
        (true, false) => PartOrigin::Shipped,
        (true, true) => PartOrigin::Changed,
    }
}

pub(super) fn put<T: Collection>(
    overlay: &mut Overlay,
    place: &str,
    table: &str,
    name: &str,
    document: &Document,
) -> Edited {
    let mut document = with_name(place, document, "name", name)?;
    T::complete(&mut document, name);
    let wanted: T = read(place, &document)?;
    if let Some(own) = overlay.new_tables.get_mut(table) {
        place_in(T::of_own(own), wanted);
        return Ok(());
    }
    let Some(shipped) = Declarations::base()?.tables.get(table) else {
        return refuse(place, format!("there is no table {table}"));
    };
    let change = overlay.change_table(table)?;
    if let Some(taken_away) = T::taken_away(change) {
        taken_away.retain(|taken| taken != name);
    }
    if let Some(shipped) = T::of(shipped).iter().find(|it| it.name() == name) {
        if write(place, shipped)? == write(place, &wanted)? {
            T::of_change(change).retain(|it| it.name() != name);
            return Ok(());
        }
        if !T::REPLACES {
            return refuse(place, "this is shipped and cannot be changed; put one with another name");
        }
    }
    place_in(T::of_change(change), wanted);
    Ok(())
}

fn place_in<T: Collection>(list: &mut Vec<T>, item: T) {
    match list.iter_mut().find(|it| it.name() == item.name()) {
        Some(place) => *place = item,
        None => list.push(item),
    }
}

pub(super) fn remove<T: Collection>(overlay: &mut Overlay, table: &str, name: &str) {
    if let Some(own) = overlay.new_tables.get_mut(table) {
        T::of_own(own).retain(|it| it.name() != name);
    } else if let Some(change) = overlay.tables.get_mut(table) {
        T::of_change(change).retain(|it| it.name() != name);
    }
}
