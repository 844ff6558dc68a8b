//! What a table has several of, each with a name: views, forms, totals, keys, many-to-many
//! relationships.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value as Json;

use super::{Document, Edited, Found, Laid, Overlay, PartOrigin, read, refuse, with_name, write};
use crate::{
    AlternateKey, Form, ManyToManyDeclaration, Summary, TableChange, TableDeclaration, View, files::Declarations,
};

/// Says of a shipped one that it is not to be seen.
const HIDDEN: &str = "hidden";

/// A list of named things in a table and in a change to one.
pub(super) trait Collection: Serialize + DeserializeOwned + 'static {
    /// A shipped one can be replaced under its name.
    const REPLACES: bool;
    fn name(&self) -> &str;
    fn of(table: &TableDeclaration) -> &Vec<Self>;
    fn of_own(table: &mut TableDeclaration) -> &mut Vec<Self>;
    fn of_change(change: &mut TableChange) -> &mut Vec<Self>;
    fn in_change(change: &TableChange) -> &Vec<Self>;
    /// Names of shipped ones that are hidden; none where they cannot be.
    fn hidden(change: &TableChange) -> Option<&Vec<String>>;
    fn hidden_of(change: &mut TableChange) -> Option<&mut Vec<String>>;
    /// Fills in what follows from the name.
    fn complete(_document: &mut Document, _name: &str) {}
}

macro_rules! collection {
    ($of:ty, $field:ident, $replaces:expr, $hidden:expr, $hidden_of:expr, $complete:expr) => {
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
            fn hidden(change: &TableChange) -> Option<&Vec<String>> {
                let hidden: fn(&TableChange) -> Option<&Vec<String>> = $hidden;
                hidden(change)
            }
            fn hidden_of(change: &mut TableChange) -> Option<&mut Vec<String>> {
                let hidden: fn(&mut TableChange) -> Option<&mut Vec<String>> = $hidden_of;
                hidden(change)
            }
            fn complete(document: &mut Document, name: &str) {
                let complete: fn(&mut Document, &str) = $complete;
                complete(document, name);
            }
        }
    };
    ($of:ty, $field:ident, hidden in $hidden:ident) => {
        collection!($of, $field, true, |it| Some(&it.$hidden), |it| Some(&mut it.$hidden), |_, _| {});
    };
    ($of:ty, $field:ident, fixed, $complete:expr) => {
        collection!($of, $field, false, |_| None, |_| None, $complete);
    };
}

collection!(View, views, hidden in removed_views);
collection!(Form, forms, hidden in removed_forms);
collection!(Summary, summaries, hidden in removed_summaries);
collection!(AlternateKey, keys, fixed, |_, _| {});
collection!(ManyToManyDeclaration, many_to_many, fixed, |document, name| {
    document.entry("intersect").or_insert_with(|| Json::String(name.to_lowercase()));
});

pub(super) fn show<T: Collection>(laid: &Laid<'_>, table: &str, name: &str) -> Edited<Found> {
    let in_force = laid.declared.tables.get(table).and_then(|declared| named(T::of(declared), name));
    let hidden = hidden_in::<T>(laid, table).find(|it| it.name() == name);
    let Some(found) = in_force.or(hidden) else { return Ok(None) };
    let mut document = write(name, found)?;
    document.shift_remove("name");
    if hidden.is_some() {
        document.insert(HIDDEN.to_owned(), Json::Bool(true));
    }
    Ok(Some((origin::<T>(laid, table, name), Json::Object(document))))
}

fn named<'a, T: Collection>(list: &'a [T], name: &str) -> Option<&'a T> {
    list.iter().find(|it| it.name() == name)
}

/// Shipped ones that are hidden, as they would be shown.
pub(super) fn hidden_in<'a, T: Collection>(laid: &'a Laid<'_>, table: &str) -> impl Iterator<Item = &'a T> {
    let change = laid.overlay.tables.get(table);
    let shipped = laid.shipped(table).map_or(&[][..], |shipped| T::of(shipped).as_slice());
    let names = change.and_then(|change| T::hidden(change)).map_or(&[][..], Vec::as_slice);
    names.iter().filter_map(move |name| {
        let shipped = named(shipped, name)?;
        Some(change.and_then(|change| named(T::in_change(change), name)).unwrap_or(shipped))
    })
}

pub(super) fn origin<T: Collection>(laid: &Laid<'_>, table: &str, name: &str) -> PartOrigin {
    let shipped = laid.shipped(table).is_some_and(|shipped| named(T::of(shipped), name).is_some());
    let changed = laid.overlay.tables.get(table).is_some_and(|change| {
        let hidden = T::hidden(change).is_some_and(|hidden| hidden.iter().any(|it| it == name));
        hidden || named(T::in_change(change), name).is_some()
    });
    match (shipped, changed) {
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
    let hide = match document.shift_remove(HIDDEN) {
        None | Some(Json::Bool(false)) => false,
        Some(Json::Bool(true)) => true,
        Some(other) => return refuse(format!("{place}: {HIDDEN}"), format!("this is true or false, not {other}")),
    };
    let shipped = Declarations::base()?.tables.get(table);
    let as_shipped = shipped.and_then(|shipped| named(T::of(shipped), name));
    if hide && as_shipped.is_none() {
        return refuse(format!("{place}: {HIDDEN}"), "only what is shipped is hidden; remove an own one instead");
    }
    T::complete(&mut document, name);
    // To hide something nothing else need be said about it.
    let wanted: T = match as_shipped {
        Some(shipped) if hide && document.len() == 1 => read(place, &write(place, shipped)?)?,
        _ => read(place, &document)?,
    };
    if let Some(own) = overlay.new_tables.get_mut(table) {
        place_in(T::of_own(own), wanted);
        return Ok(());
    }
    if shipped.is_none() {
        return refuse(place, format!("there is no table {table}"));
    }
    let change = overlay.change_table(table)?;
    if let Some(hidden) = T::hidden_of(change) {
        hidden.retain(|hidden| hidden != name);
        if hide {
            hidden.push(name.to_owned());
        }
    } else if hide {
        return refuse(format!("{place}: {HIDDEN}"), "this cannot be hidden");
    }
    if let Some(shipped) = as_shipped {
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
        if let Some(hidden) = T::hidden_of(change) {
            hidden.retain(|hidden| hidden != name);
        }
    }
}
