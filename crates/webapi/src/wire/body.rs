//! Bodies of creates and updates: JSON members as columns, links and rows to be created along.

use crm::Row;
use indexmap::IndexMap;
use model::{Column, ColumnType, Model, Reference, Table, TableKind, Value};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{
    Link, parse_link,
    scalar::{file_bytes, from_json, is_file},
};
use crate::{
    error::{Error, Result},
    fetch::take_view,
    odata::KeyPart,
    translate::{Navigation, known_table, navigation, unknown},
};

/// The table of people's own views, which may be written in FetchXML.
const VIEWS: &str = "userquery";
/// What all rows are, whatever their table.
const BASE: &str = "crmbaseentity";
/// Deepest nesting of rows created together.
const DEPTH: usize = 50;

/// A row as a body describes it.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// Logical name of the table.
    pub table: String,
    /// The primary key, where the body names it.
    pub id: Option<Uuid>,
    /// Columns given.
    pub values: Row,
    /// Contents of file columns, still to be stored.
    pub files: Vec<(String, Vec<u8>)>,
    /// Links by alternate keys, still to be looked up.
    pub unresolved: Vec<Unresolved>,
    /// Lookups to be emptied, each only where it leads to one of these tables.
    pub unlinked: Vec<(String, Vec<String>)>,
    /// Rows to be created first, with the lookup that shall point at each.
    pub parents: Vec<(String, Draft)>,
    /// Rows to be created afterwards, with their lookup that shall point here.
    pub children: Vec<(String, Draft)>,
}

/// A link by an alternate key.
#[derive(Debug, Clone)]
pub struct Unresolved {
    /// The lookup it is for.
    pub column: String,
    /// Table pointed at.
    pub table: String,
    /// The key.
    pub key: Vec<KeyPart>,
}

/// The members of a JSON object in order.
pub fn members(place: &str, text: &str) -> Result<IndexMap<String, Box<RawValue>>> {
    if text.trim().is_empty() {
        return Err(Error::BadBody(format!("{place}: the body is empty; send a JSON object")));
    }
    serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|error| Error::BadBody(format!("{place}: {error}; send a JSON object")))
}

/// Read a body as a row of `table`. With `nested` false rows to be created along are refused,
/// as they are on updates.
pub fn read_draft(model: &Model, table: &Table, text: &str, nested: bool) -> Result<Draft> {
    Reading { model, nested }.draft(table, text, 1)
}

struct Reading<'m> {
    model: &'m Model,
    nested: bool,
}

impl Reading<'_> {
    fn draft(&self, table: &Table, text: &str, depth: usize) -> Result<Draft> {
        if depth > DEPTH {
            return Err(Error::BadBody(format!("rows are nested more than {DEPTH} deep")));
        }
        let mut draft = Draft { table: table.name.clone(), ..Draft::default() };
        let mut given = members(&table.name, text)?;
        if table.name == VIEWS {
            take_view(self.model, &mut given)?;
        }
        for (name, raw) in given {
            self.member(table, &mut draft, &name, raw.get(), depth)?;
        }
        Ok(draft)
    }

    fn member(&self, table: &Table, draft: &mut Draft, name: &str, raw: &str, depth: usize) -> Result<()> {
        if let Some(navigation) = name.strip_suffix("@odata.bind") {
            return self.bind(table, draft, navigation, raw);
        }
        if name == "@odata.type" {
            return self.right_type(table, raw);
        }
        if name.contains('@') {
            return Ok(()); // annotations that clients send back with a row they have read
        }
        if name == table.primary_key {
            return primary_key(table, draft, raw);
        }
        if is_only_read(table, name) {
            return Ok(()); // as above; Dataverse passes over it, too
        }
        match table.column(name).filter(|column| column.is_stored()) {
            Some(column) if !matches!(column.kind, ColumnType::Lookup { .. }) => draft.set(column, raw),
            _ => self.navigation_member(table, draft, name, raw, depth),
        }
    }

    /// Refuses a row that says it is of another table.
    fn right_type(&self, table: &Table, raw: &str) -> Result<()> {
        let said: Option<String> = serde_json::from_str(raw).ok();
        let said = said.as_deref().map(|said| said.rsplit('.').next().unwrap_or(said)).unwrap_or_default();
        let is_base = |base: &Table| base.kind == TableKind::Pointer && table.kind == TableKind::Activity;
        if said == table.name || said == BASE || self.model.table(said).is_some_and(|base| is_base(base)) {
            return Ok(());
        }
        Err(Error::BadBody(format!(
            "@odata.type: '{said}' is not what is written here; send Microsoft.Dynamics.CRM.{} or leave it out",
            table.name
        )))
    }

    /// A navigation property without `@odata.bind`: rows to be created along, or `null`.
    fn navigation_member(&self, table: &Table, draft: &mut Draft, name: &str, raw: &str, depth: usize) -> Result<()> {
        match navigation(self.model, table, name) {
            None => Err(unknown(table, name)),
            Some(Navigation::Single { lookup, targets }) if is_null(raw) => {
                draft.unlink(table, lookup, targets);
                Ok(())
            }
            Some(Navigation::Single { lookup, targets }) => {
                self.refuse_unless_object(name, raw)?;
                let target = target_of_nested(name, &targets, raw)?;
                draft.refuse_second(&lookup, name)?;
                let parent = self.draft(known_table(self.model, &target)?, raw, depth + 1)?;
                draft.parents.push((lookup, parent));
                Ok(())
            }
            Some(Navigation::Collection { table: child, through }) => {
                let child = known_table(self.model, &child)?;
                for item in self.items(name, raw)? {
                    let row = self.draft(child, item.get(), depth + 1)?;
                    draft.children.push((through.clone(), row));
                }
                Ok(())
            }
            Some(Navigation::Pairs { intersect, here, there, table: other }) => {
                let other = known_table(self.model, &other)?;
                for item in self.items(name, raw)? {
                    let row = self.draft(other, item.get(), depth + 1)?;
                    let pair =
                        Draft { table: intersect.clone(), parents: vec![(there.clone(), row)], ..Draft::default() };
                    draft.children.push((here.clone(), pair));
                }
                Ok(())
            }
        }
    }

    fn items(&self, name: &str, raw: &str) -> Result<Vec<Box<RawValue>>> {
        self.refuse_nested(name)?;
        serde_json::from_str(raw)
            .map_err(|_| Error::BadBody(format!("{name}: a collection is written as a list of objects: [{{…}}]")))
    }

    fn refuse_unless_object(&self, name: &str, raw: &str) -> Result<()> {
        self.refuse_nested(name)?;
        if raw.trim_start().starts_with('{') {
            return Ok(());
        }
        Err(Error::BadBody(format!(
            "{name}: link a row with \"{name}@odata.bind\": \"/set(id)\", or write the new row as an object"
        )))
    }

    fn refuse_nested(&self, name: &str) -> Result<()> {
        if self.nested {
            return Ok(());
        }
        Err(Error::BadBody(format!(
            "{name}: related rows cannot be created by an update; create them on their own, with a link to this row"
        )))
    }

    fn bind(&self, table: &Table, draft: &mut Draft, name: &str, raw: &str) -> Result<()> {
        let place = format!("{name}@odata.bind");
        match navigation(self.model, table, name) {
            None => Err(unknown(table, name)),
            Some(Navigation::Single { lookup, targets }) if is_null(raw) => {
                draft.unlink(table, lookup, targets);
                Ok(())
            }
            Some(Navigation::Single { lookup, targets }) => {
                let link = link_in(&place, raw)?;
                let (target, key) = self.linked(&place, &targets, link)?;
                draft.refuse_second(&lookup, name)?;
                match key {
                    Key::Id(id) => draft.values.set(lookup, Reference::new(target, id)),
                    Key::Parts(key) => draft.unresolved.push(Unresolved { column: lookup, table: target, key }),
                }
                Ok(())
            }
            Some(Navigation::Collection { .. }) => Err(Error::BadBody(format!(
                "{place}: existing rows are linked to a collection from their own side, or with POST …/{name}/$ref"
            ))),
            Some(Navigation::Pairs { intersect, here, there, table: other }) => {
                self.refuse_nested(name)?;
                let links: Vec<Box<RawValue>> = serde_json::from_str(raw)
                    .map_err(|_| Error::BadBody(format!("{place}: write a list of addresses")))?;
                for link in links {
                    let link = link_in(&place, link.get())?;
                    let (target, key) = self.linked(&place, std::slice::from_ref(&other), link)?;
                    let mut pair = Draft { table: intersect.clone(), ..Draft::default() };
                    match key {
                        Key::Id(id) => pair.values.set(there.clone(), Reference::new(target, id)),
                        Key::Parts(key) => {
                            pair.unresolved.push(Unresolved { column: there.clone(), table: target, key });
                        }
                    }
                    draft.children.push((here.clone(), pair));
                }
                Ok(())
            }
        }
    }

    /// The linked table, checked against what the property may lead to, and the key.
    fn linked(&self, place: &str, targets: &[String], link: Link) -> Result<(String, Key)> {
        let target = self
            .model
            .table_by_set(&link.set_name)
            .ok_or_else(|| Error::BadRequest(format!("{place}: there is no entity set '{}'", link.set_name)))?;
        if !targets.contains(&target.name) {
            return Err(Error::BadRequest(format!(
                "{place}: leads to {}, not to {}; for another table use its typed navigation property",
                targets.join(" or "),
                target.name
            )));
        }
        Ok((target.name.clone(), Key::of(link.key)))
    }
}

/// The table of a nested row: the navigation property's, or what `@odata.type` says.
fn target_of_nested(name: &str, targets: &[String], raw: &str) -> Result<String> {
    if let [only] = targets {
        return Ok(only.clone());
    }
    let said = members(name, raw)?.get("@odata.type").and_then(|raw| serde_json::from_str::<String>(raw.get()).ok());
    let said = said.as_deref().map(|said| said.rsplit('.').next().unwrap_or(said));
    targets.iter().find(|target| Some(target.as_str()) == said).cloned().ok_or_else(|| {
        Error::BadBody(format!(
            "{name}: it is not clear which table is meant; use the typed navigation property ({})",
            targets.join(", ")
        ))
    })
}

fn link_in(place: &str, raw: &str) -> Result<Link> {
    let text: String = serde_json::from_str(raw)
        .map_err(|_| Error::BadBody(format!("{place}: write the address of a row as a text: \"/accounts(id)\"")))?;
    parse_link(place, &text)
}

enum Key {
    Id(Uuid),
    Parts(Vec<KeyPart>),
}

impl Key {
    fn of(parts: Vec<KeyPart>) -> Self {
        match parts.as_slice() {
            [KeyPart { name: None, value: crate::odata::Literal::Guid(id) }] => Self::Id(*id),
            _ => Self::Parts(parts),
        }
    }
}

fn primary_key(table: &Table, draft: &mut Draft, raw: &str) -> Result<()> {
    if is_null(raw) {
        return Ok(());
    }
    let id = serde_json::from_str::<String>(raw).ok().and_then(|text| Uuid::try_parse(text.trim()).ok());
    draft.id = Some(id.ok_or_else(|| Error::BadValue {
        column: table.primary_key.clone(),
        message: "must be a GUID in quotes".to_owned(),
    })?);
    Ok(())
}

/// A column that the server sets, or a lookup as it is read (`_ownerid_value`).
fn is_only_read(table: &Table, name: &str) -> bool {
    let lookup = name.strip_prefix('_').and_then(|rest| rest.strip_suffix("_value"));
    if let Some(lookup) = lookup.and_then(|name| table.column(name)) {
        return matches!(lookup.kind, ColumnType::Lookup { .. });
    }
    let column = table.column(name).filter(|column| column.is_stored());
    column.is_some_and(|column| column.read_only || column.is_computed())
}

fn is_null(raw: &str) -> bool {
    raw.trim() == "null"
}

impl Draft {
    /// All links by alternate keys, of nested rows too, to be looked up before writing.
    pub fn unresolved_mut(&mut self) -> Vec<(&mut Row, &mut Vec<Unresolved>)> {
        let mut found = vec![(&mut self.values, &mut self.unresolved)];
        for (_, inner) in self.parents.iter_mut().chain(self.children.iter_mut()) {
            found.extend(inner.unresolved_mut());
        }
        found
    }

    /// Empties a lookup; by a name that leads to some of its tables only, where it leads to one of them.
    pub fn unlink(&mut self, table: &Table, lookup: String, targets: Vec<String>) {
        let is_typed = table.column(&lookup).is_some_and(|column| column.targets().len() > targets.len());
        if is_typed {
            self.unlinked.push((lookup, targets));
        } else {
            self.values.set(lookup, Value::Null);
        }
    }

    /// Refuses to point a lookup at a second row: which of them was meant, nobody could tell.
    fn refuse_second(&self, lookup: &str, name: &str) -> Result<()> {
        let is_set = self.values.value(lookup).as_reference().is_some()
            || self.unresolved.iter().any(|link| link.column == lookup)
            || self.parents.iter().any(|(parent, _)| parent == lookup);
        if !is_set {
            return Ok(());
        }
        Err(Error::BadBody(format!(
            "{name}: the body already links another row for '{lookup}', which points at one row only; send one of them"
        )))
    }

    /// A draft of the changes to one row.
    pub fn of(table: &Table) -> Self {
        Self { table: table.name.clone(), ..Self::default() }
    }

    /// Set a plain column from its JSON.
    pub fn set(&mut self, column: &Column, raw: &str) -> Result<()> {
        if !is_file(column) {
            self.values.set(column.name.as_str(), from_json(column, raw)?);
            return Ok(());
        }
        match file_bytes(column, raw)? {
            Some(bytes) => self.files.push((column.name.clone(), bytes)),
            None => self.values.set(column.name.as_str(), Value::Null),
        }
        Ok(())
    }
}
