//! Views that clients write in FetchXML: a query and a layout become the definition that a personal
//! view is kept by.

use crm::views::Definition;
use indexmap::IndexMap;
use model::{Model, Path, ViewColumn};
use serde_json::value::RawValue;

use super::{
    ast::{Attribute, Entity, Fetch},
    plan, read, wrong,
    xml::{self, Element},
};
use crate::{
    error::{Error, Result},
    translate::known_table,
};

const DEFINITION: &str = "definition";
const TABLE: &str = "returnedtypecode";

/// Puts the definition in place of `fetchxml`, `layoutxml` and `querytype` among the members of a body.
pub fn take_view(model: &Model, members: &mut IndexMap<String, Box<RawValue>>) -> Result<()> {
    if let Some(kind) = members.shift_remove("querytype")
        && !matches!(kind.get().trim(), "0" | "null")
    {
        return Err(bad("querytype", "views of people have the type 0"));
    }
    let layout = text(members, "layoutxml")?;
    let Some(fetchxml) = text(members, "fetchxml")? else {
        return match layout {
            None => Ok(()),
            Some(_) => Err(bad("layoutxml", "send it together with fetchxml")),
        };
    };
    if members.contains_key(DEFINITION) {
        return Err(bad("fetchxml", "send either fetchxml or definition, not both"));
    }
    let fetch = read(&fetchxml)?;
    let definition = definition(model, &fetch, layout.as_deref())?;
    let definition = serde_json::to_string(&definition).map_err(|error| bad("fetchxml", &error.to_string()))?;
    members.insert(DEFINITION.to_owned(), raw(&definition)?);
    if !members.contains_key(TABLE) {
        members.insert(TABLE.to_owned(), raw(&fetch.entity.name)?);
    }
    Ok(())
}

fn bad(column: &str, message: &str) -> Error {
    Error::BadValue { column: column.to_owned(), message: message.to_owned() }
}

fn text(members: &mut IndexMap<String, Box<RawValue>>, name: &str) -> Result<Option<String>> {
    let Some(raw) = members.shift_remove(name) else { return Ok(None) };
    serde_json::from_str(raw.get()).map_err(|_| bad(name, "write a text in quotes"))
}

fn raw(text: &str) -> Result<Box<RawValue>> {
    serde_json::value::to_raw_value(text).map_err(|error| Error::BadBody(error.to_string()))
}

fn definition(model: &Model, fetch: &Fetch, layout: Option<&str>) -> Result<Definition> {
    let is_plain = fetch.top.or(fetch.count).or(fetch.page).is_none() && fetch.cookie.is_none();
    if fetch.aggregate || fetch.distinct || fetch.total || !is_plain {
        return Err(wrong(
            "a view has no top, count, page, distinct, aggregate or returntotalrecordcount; leave them out",
        ));
    }
    refuse_aliases(&fetch.entity)?;
    let table = known_table(model, &fetch.entity.name)?;
    let plan = plan(model, table, fetch)?;
    if !plan.joins.is_empty() {
        return Err(wrong(
            "a view shows a row once: its link-entities lead from a lookup to the row it points at, or stand in a filter",
        ));
    }
    // Under the name that a layout has for it.
    let named = |shown: &plan::Shown<'_>| {
        let path = plan.columns[shown.position].path.clone();
        let name = if path.is_own() { path.column.clone() } else { shown.name.clone() };
        (name, path)
    };
    let mut columns: Vec<(String, Path)> = plan.shown.iter().map(named).collect();
    let asked = |name: &str| fetch.entity.all || fetch.entity.attributes.iter().any(|own| own.name == name);
    if !fetch.entity.attributes.is_empty() {
        columns.retain(|(name, _)| *name != table.primary_key || asked(name));
    }
    Ok(Definition {
        columns: match layout {
            None => columns.into_iter().map(|(_, column)| ViewColumn { column, width: None }).collect(),
            Some(layout) => laid_out(layout, &columns)?,
        },
        filter: plan.filter,
        order: plan.order,
        group: None,
    })
}

fn refuse_aliases(entity: &Entity) -> Result<()> {
    if let Some(Attribute { name, .. }) = entity.attributes.iter().find(|attribute| attribute.alias.is_some()) {
        return Err(wrong(format!("a view calls its columns by their labels; leave the alias of '{name}' out")));
    }
    entity.links.iter().try_for_each(|link| refuse_aliases(&link.entity))
}

/// The columns as the layout puts them side by side.
fn laid_out(layout: &str, columns: &[(String, Path)]) -> Result<Vec<ViewColumn>> {
    let grid = xml::parse(layout)?;
    let rows: Vec<&Element> = grid.children.iter().filter(|child| child.name == "row").collect();
    let [row] = rows.as_slice() else {
        return Err(bad("layoutxml", "write <grid><row><cell name=\"subject\" width=\"150\"/></row></grid>"));
    };
    let cell = |cell: &Element| {
        let name = cell.need("name")?;
        let (_, path) = columns
            .iter()
            .find(|(own, _)| own == name)
            .ok_or_else(|| bad("layoutxml", &format!("the cell '{name}' is no attribute of fetchxml")))?;
        let width = cell.number("width")?.map(|width| u16::try_from(width).unwrap_or(u16::MAX));
        Ok(ViewColumn { column: path.clone(), width })
    };
    row.children.iter().filter(|child| child.name == "cell").map(cell).collect()
}
