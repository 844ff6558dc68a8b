//! `$select` and `$expand` over a table of the model.

use model::{Column, ColumnType, Filter, Model, Order, Table};

use super::{
    filter::translate_filter,
    names::{Navigation, column_of, known_table, navigation, unknown},
    order::translate_order,
    owner::OwnerNames,
};
use crate::{
    error::{Error, Result},
    odata::ExpandItem,
};

/// Columns shown of each row.
#[derive(Debug, Clone)]
pub struct SelectPlan<'m> {
    /// The table.
    pub table: &'m Table,
    /// In the order they are shown, primary key included.
    pub columns: Vec<&'m Column>,
}

/// One navigation property shown in full.
#[derive(Debug, Clone)]
pub struct ExpandPlan<'m> {
    /// As it was asked for.
    pub name: String,
    /// What it leads to.
    pub navigation: Navigation,
    /// Only links to the rows.
    pub references_only: bool,
    /// For each table it may lead to: what is shown.
    pub targets: Vec<ExpandTarget<'m>>,
    /// At most so many for each row.
    pub top: Option<u32>,
}

/// What is shown of the rows of one table.
#[derive(Debug, Clone)]
pub struct ExpandTarget<'m> {
    /// Columns.
    pub select: SelectPlan<'m>,
    /// Which rows.
    pub filter: Filter,
    /// In which order.
    pub order: Vec<Order>,
    /// Their own expansions.
    pub expand: Vec<ExpandPlan<'m>>,
    /// What owners of all kinds are asked for by one name, and how it is called here.
    pub owner: OwnerNames,
}

/// All columns of a row on its own, files included.
pub fn plan_whole_row(table: &Table) -> SelectPlan<'_> {
    SelectPlan { table, columns: table.columns.values().filter(|column| column.is_stored()).collect() }
}

/// The columns that `names` stand for. Where nothing is said all of them, except files: a list
/// that nobody asked to hold them would be as large as they are.
pub fn plan_select<'m>(table: &'m Table, names: Option<&[String]>) -> Result<SelectPlan<'m>> {
    let Some(names) = names.filter(|names| !names.iter().any(|name| name == "*")) else {
        let mut plan = plan_whole_row(table);
        plan.columns.retain(|column| !matches!(column.kind, ColumnType::File { .. } | ColumnType::Image { .. }));
        return Ok(plan);
    };
    let mut columns: Vec<&Column> = Vec::with_capacity(names.len() + 1);
    for name in names {
        let column = column_of(table, name)?;
        if !columns.iter().any(|other| other.name == column.name) {
            columns.push(column);
        }
    }
    if !columns.iter().any(|column| column.name == table.primary_key) {
        columns.extend(table.column(&table.primary_key));
    }
    Ok(SelectPlan { table, columns })
}

/// What the expansions of rows of `table` mean.
pub fn plan_expand<'m>(model: &'m Model, table: &'m Table, items: &[ExpandItem]) -> Result<Vec<ExpandPlan<'m>>> {
    items.iter().map(|item| plan(model, table, item)).collect()
}

fn plan<'m>(model: &'m Model, table: &'m Table, item: &ExpandItem) -> Result<ExpandPlan<'m>> {
    let navigation =
        navigation(model, table, &item.navigation).ok_or_else(|| unknown_navigation(model, table, &item.navigation))?;
    let tables = match &navigation {
        Navigation::Single { targets, .. } => targets.clone(),
        Navigation::Collection { table, .. } | Navigation::Pairs { table, .. } => vec![table.clone()],
    };
    if matches!(navigation, Navigation::Single { .. })
        && (item.filter.is_some() || !item.order.is_empty() || item.top.is_some())
    {
        return Err(Error::BadRequest(format!(
            "$expand: '{}' is one row; only $select and $expand are possible inside it",
            item.navigation
        )));
    }
    let targets = match tables.as_slice() {
        [only] => vec![target(model, only, item, item.select.as_deref())?],
        several => several.iter().map(|name| open_target(model, several, name, item)).collect::<Result<Vec<_>>>()?,
    };
    Ok(ExpandPlan {
        name: item.navigation.clone(),
        navigation,
        references_only: item.references_only,
        targets,
        top: item.top,
    })
}

/// One of several tables (`ownerid` leads to users and teams): columns that only the others have
/// are left out.
fn open_target<'m>(model: &'m Model, several: &[String], name: &str, item: &ExpandItem) -> Result<ExpandTarget<'m>> {
    let table = known_table(model, name)?;
    let Some(names) = &item.select else { return target(model, name, item, None) };
    for name in names {
        let is_known = |other: &Table| column_of(other, name).is_ok() || OwnerNames::has(other, several, name);
        if !several.iter().filter_map(|other| model.table(other)).any(|other| is_known(other)) {
            return Err(unknown(table, name));
        }
    }
    let here: Vec<String> = names.iter().filter(|name| column_of(table, name).is_ok()).cloned().collect();
    let owner = OwnerNames::asked_for(table, several, names);
    let mut target = target(model, name, item, Some(&owner.with_sources(&here)))?;
    target.owner = owner;
    Ok(target)
}

fn target<'m>(model: &'m Model, name: &str, item: &ExpandItem, select: Option<&[String]>) -> Result<ExpandTarget<'m>> {
    let table = known_table(model, name)?;
    let select = if item.references_only { Some(&[] as &[String]) } else { select };
    Ok(ExpandTarget {
        select: plan_select(table, select)?,
        filter: item
            .filter
            .as_ref()
            .map_or(Ok(Filter::everything()), |filter| translate_filter(model, table, filter))?,
        order: translate_order(model, table, &item.order)?,
        expand: plan_expand(model, table, &item.expand)?,
        owner: OwnerNames::default(),
    })
}

fn unknown_navigation(model: &Model, table: &Table, name: &str) -> Error {
    if let Some(column) = table.column(name) {
        return Error::BadRequest(format!(
            "$expand: '{}' is a plain column of {}; name it in $select",
            column.name, table.name
        ));
    }
    let near = model
        .pointing_from(&table.name)
        .map(|relationship| &relationship.navigation)
        .chain(model.pointing_at(&table.name).map(|relationship| &relationship.name))
        .find(|known| known.eq_ignore_ascii_case(name));
    match near {
        Some(near) => Error::UnknownProperty {
            name: name.to_owned(),
            table: table.name.clone(),
            hint: format!("; did you mean '{near}'?"),
        },
        None => unknown(table, name),
    }
}
