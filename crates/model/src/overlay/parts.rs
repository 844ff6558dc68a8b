//! The overlay as named parts: one column, one view, one relationship …
//!
//! A part is addressed by its kind and name, and is one JSON document in the words of the
//! declaration files. What is shown is what is in force, so that it can be edited and put back;
//! what is stored is only what differs from the shipped app. Putting the shipped document back
//! leaves nothing behind.

mod address;
mod choice;
mod collection;
mod column;
mod difference;
mod index;
mod listing;
mod process;
mod relationship;
mod role;
mod starter;
mod state;
mod status;
mod table;

pub use address::{PartAddress, PartKind};
pub use listing::PartSummary;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value as Json};

use super::{Overlay, TableChange};
use crate::{
    AlternateKey, Form, ManyToManyDeclaration, Model, ModelError, Problem, Summary, TableDeclaration, View,
    files::Declarations,
};

type Edited<T = ()> = Result<T, ModelError>;
/// A JSON object.
type Document = Map<String, Json>;

/// Where a part comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PartOrigin {
    /// Shipped, as it is.
    Shipped,
    /// Shipped, with an organisation's changes.
    Changed,
    /// Added by an organisation.
    Own,
}

/// One part as it is in force.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Kind and name.
    pub address: PartAddress,
    /// Where it comes from.
    pub origin: PartOrigin,
    /// The declaration, in the words of the declaration files.
    pub document: Json,
}

type Found = Option<(PartOrigin, Json)>;

impl Overlay {
    /// The part as it is in force with this overlay; none where there is no such part.
    pub fn part(&self, address: &PartAddress) -> Result<Option<Part>, ModelError> {
        let laid = Laid::of(self)?;
        let path: Vec<&str> = address.path().collect();
        let found: Found = match (address.kind, path.as_slice()) {
            (PartKind::Table, [table]) => table::show(&laid, table)?,
            (PartKind::Column, [table, name]) => column::show(&laid, table, name)?,
            (PartKind::Choice, path) => choice::show(&laid, path)?,
            (PartKind::Option, [choice @ .., value]) => choice::show_option(&laid, choice, value)?,
            (PartKind::State, [table, value]) => state::show(&laid, table, value)?,
            (PartKind::Status, [table, value]) => status::show(&laid, table, value)?,
            (PartKind::Relationship, [table, column, target @ ..]) => {
                relationship::show(&laid, table, column, target.first().copied())?
            }
            (PartKind::ManyToMany, [table, name]) => collection::show::<ManyToManyDeclaration>(&laid, table, name)?,
            (PartKind::View, [table, name]) => collection::show::<View>(&laid, table, name)?,
            (PartKind::Form, [table, name]) => collection::show::<Form>(&laid, table, name)?,
            (PartKind::Summary, [table, name]) => collection::show::<Summary>(&laid, table, name)?,
            (PartKind::Key, [table, name]) => collection::show::<AlternateKey>(&laid, table, name)?,
            (PartKind::Index, [table, columns]) => index::show(&laid, table, columns),
            (PartKind::Process, [name]) => process::show(&laid, name)?,
            (PartKind::Role, [name]) => role::show(&laid, name)?,
            (PartKind::Mapping, [from, to]) => process::show_mapping(&laid, from, to),
            _ => None,
        };
        Ok(found.map(|(origin, document)| Part { address: address.clone(), origin, document }))
    }

    /// Declares one part whole: an own one is added or replaced, of a shipped one the difference
    /// is kept. Returns the address, in which an option's number is filled in where it was left
    /// to be chosen (`next`). Whether the result is sound as a whole is said when it is merged.
    pub fn put_part(&mut self, address: &PartAddress, document: &Json) -> Result<PartAddress, ModelError> {
        let place = address.to_string();
        let document = object(&place, document)?;
        let mut put = address.clone();
        let path: Vec<&str> = address.path().collect();
        match (address.kind, path.as_slice()) {
            (PartKind::Table, [table]) => table::put(self, &place, table, document),
            (PartKind::Column, [table, name]) => column::put(self, &place, table, name, document),
            (PartKind::Choice, path) => choice::put(self, &place, path, document),
            (PartKind::Option, [choice @ .., value]) => {
                choice::put_option(self, &place, choice, value, document).map(|number| put.set_last(number))
            }
            (PartKind::State, [table, value]) => state::put(self, &place, table, value, document),
            (PartKind::Status, [table, value]) => {
                status::put(self, &place, table, value, document).map(|number| put.set_last(number))
            }
            (PartKind::Relationship, [table, column, target @ ..]) => {
                relationship::put(self, &place, (table, column, target.first().copied()), document)
            }
            (PartKind::ManyToMany, [table, name]) => {
                collection::put::<ManyToManyDeclaration>(self, &place, table, name, document)
            }
            (PartKind::View, [table, name]) => collection::put::<View>(self, &place, table, name, document),
            (PartKind::Form, [table, name]) => collection::put::<Form>(self, &place, table, name, document),
            (PartKind::Summary, [table, name]) => collection::put::<Summary>(self, &place, table, name, document),
            (PartKind::Key, [table, name]) => collection::put::<AlternateKey>(self, &place, table, name, document),
            (PartKind::Index, [table, columns]) => index::put(self, &place, table, columns, document),
            (PartKind::Process, [name]) => process::put(self, &place, name, document),
            (PartKind::Role, [name]) => role::put(self, &place, name, document),
            (PartKind::Mapping, [from, to]) => process::put_mapping(self, &place, from, to, document),
            _ => refuse(&place, "there is no such part"),
        }?;
        self.tidy();
        Ok(put)
    }

    /// Changes some properties of a part and leaves the others: what `patch` sets to null is
    /// taken out, objects are merged, everything else takes the place of what was there (RFC
    /// 7396). A part that is not there yet is added.
    pub fn change_part(&mut self, address: &PartAddress, patch: &Json) -> Result<PartAddress, ModelError> {
        object(&address.to_string(), patch)?;
        let mut document = self.part(address)?.map_or_else(|| Json::Object(Map::new()), |part| part.document);
        merge(&mut document, patch);
        self.put_part(address, &document)
    }

    /// Takes back what was customised: an own part is removed, a changed one gets its shipped
    /// declaration back. False where there is no such part; a shipped one without changes is
    /// refused. What else still needs the part is said when the overlay is merged.
    pub fn remove_part(&mut self, address: &PartAddress) -> Result<bool, ModelError> {
        match self.part(address)?.map(|part| part.origin) {
            None => return Ok(false),
            Some(PartOrigin::Shipped) => {
                let hint = address.kind.instead_of_removing();
                return refuse(address.to_string(), format!("this is shipped and cannot be removed{hint}"));
            }
            Some(PartOrigin::Changed | PartOrigin::Own) => {}
        }
        let place = address.to_string();
        let path: Vec<&str> = address.path().collect();
        match (address.kind, path.as_slice()) {
            (PartKind::Table, [table]) => table::remove(self, table),
            (PartKind::Column, [table, name]) => column::remove(self, table, name),
            (PartKind::Choice, path) => choice::remove(self, &place, path)?,
            (PartKind::Option, [choice @ .., value]) => choice::remove_option(self, &place, choice, value)?,
            (PartKind::State, [table, value]) => state::remove(self, &place, table, value)?,
            (PartKind::Status, [table, value]) => status::remove(self, &place, table, value)?,
            (PartKind::Relationship, [table, column, target @ ..]) => {
                relationship::remove(self, &place, (table, column, target.first().copied()))?;
            }
            (PartKind::ManyToMany, [table, name]) => collection::remove::<ManyToManyDeclaration>(self, table, name),
            (PartKind::View, [table, name]) => collection::remove::<View>(self, table, name),
            (PartKind::Form, [table, name]) => collection::remove::<Form>(self, table, name),
            (PartKind::Summary, [table, name]) => collection::remove::<Summary>(self, table, name),
            (PartKind::Key, [table, name]) => collection::remove::<AlternateKey>(self, table, name),
            (PartKind::Index, [table, columns]) => index::remove(self, table, columns),
            (PartKind::Process, [name]) => self.reset_process(name),
            (PartKind::Role, [name]) => drop(self.roles.shift_remove(*name)),
            (PartKind::Mapping, [from, to]) => self.mappings.retain(|it| it.from != *from || it.to != *to),
            _ => return Ok(false),
        }
        self.tidy();
        Ok(true)
    }

    /// Changes that say nothing are no customisations.
    fn tidy(&mut self) {
        for change in self.tables.values_mut() {
            change.column_changes.retain(|_, column| *column != super::ColumnChange::default());
        }
        self.tables.retain(|_, change| *change != TableChange::default());
        self.process_changes.retain(|_, change| *change != super::ProcessChange::default());
    }
}

/// The shipped app, an overlay, and what is declared with both.
struct Laid<'a> {
    overlay: &'a Overlay,
    base: &'static Declarations,
    declared: Declarations,
}

impl<'a> Laid<'a> {
    fn of(overlay: &'a Overlay) -> Edited<Self> {
        let base = Declarations::base()?;
        Ok(Self { overlay, base, declared: overlay.over(base)? })
    }

    /// The whole as one model, for what is derived.
    fn model(&self) -> Edited<Model> {
        Model::merge(self.overlay, 0)
    }

    fn is_own_table(&self, table: &str) -> bool {
        self.overlay.new_tables.contains_key(table)
    }

    fn shipped(&self, table: &str) -> Option<&TableDeclaration> {
        self.base.tables.get(table)
    }
}

fn refuse<T>(place: impl Into<String>, message: impl Into<String>) -> Edited<T> {
    Err(Problem::new(place, message).into())
}

fn object<'a>(place: &str, document: &'a Json) -> Edited<&'a Document> {
    match document {
        Json::Object(object) => Ok(object),
        _ => refuse(place, "a declaration is an object, for instance {\"label\": \"Score\", \"type\": \"whole\"}"),
    }
}

/// Reads a declaration and says at which property it cannot be read.
fn read<T: DeserializeOwned>(place: &str, document: &Document) -> Edited<T> {
    serde_path_to_error::deserialize(Json::Object(document.clone())).map_err(|error| {
        let path = error.path().to_string();
        let place = if path == "." { place.to_owned() } else { format!("{place}: {path}") };
        Problem::new(place, error.into_inner().to_string()).into()
    })
}

fn write(place: &str, declared: &impl Serialize) -> Edited<Document> {
    match serde_json::to_value(declared) {
        Ok(Json::Object(object)) => Ok(object),
        Ok(_) => refuse(place, "this cannot be shown as an object"),
        Err(error) => refuse(place, error.to_string()),
    }
}

/// The document with what its address already says filled in; a contradiction is refused.
fn with_name(place: &str, document: &Document, property: &str, name: &str) -> Edited<Document> {
    let mut document = document.clone();
    match document.get(property).and_then(Json::as_str) {
        Some(said) if said != name => {
            refuse(place, format!("the declaration says {property} = \"{said}\"; write \"{name}\" or leave it out"))
        }
        _ => {
            document.insert(property.to_owned(), Json::String(name.to_owned()));
            Ok(document)
        }
    }
}

fn merge(document: &mut Json, patch: &Json) {
    let Json::Object(patch) = patch else {
        patch.clone_into(document);
        return;
    };
    if !document.is_object() {
        *document = Json::Object(Map::new());
    }
    let Json::Object(object) = document else { return };
    for (name, value) in patch {
        if value.is_null() {
            object.shift_remove(name);
        } else {
            merge(object.entry(name.clone()).or_insert(Json::Null), value);
        }
    }
}
