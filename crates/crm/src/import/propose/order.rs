//! Rows that others point at come first.

use model::{Model, RequiredLevel};

use crate::{
    import::plan::{FilePlan, Target},
    process,
};

/// Lookups that a row is worth little without, whatever the model says.
const WEIGHTY: &[&str] = &["ownerid", "transactioncurrencyid", "businessunitid", "regardingobjectid", "objectid"];

/// The plans in an order in which each finds the rows it names. Where files point at each other
/// in a circle, the one begins that lacks the least: the second pass fills what is left.
pub(super) fn dependencies_first(model: &Model, mut plans: Vec<FilePlan>) -> Vec<FilePlan> {
    let mut ordered: Vec<FilePlan> = Vec::with_capacity(plans.len());
    while !plans.is_empty() {
        let waiting: Vec<String> = plans.iter().map(|plan| plan.table.clone()).collect();
        let lacks = |plan: &FilePlan| {
            let missing: Vec<bool> = needs(model, plan)
                .into_iter()
                .filter(|(table, _)| *table != plan.table && waiting.contains(table))
                .map(|(_, weighty)| weighty)
                .collect();
            (missing.iter().filter(|weighty| **weighty).count(), missing.len())
        };
        let next = (0..plans.len()).min_by_key(|place| lacks(&plans[*place])).unwrap_or_default();
        ordered.push(plans.remove(next));
    }
    ordered
}

/// The tables whose rows a plan names, and whether its rows are worth little without.
fn needs(model: &Model, plan: &FilePlan) -> Vec<(String, bool)> {
    let table = model.table(&plan.table);
    let mut needs: Vec<(String, bool)> = Vec::new();
    for column in &plan.columns {
        let declared = column.to().and_then(|name| table?.column(name));
        let targets: &[String] = match &column.target {
            Target::Lookup(target) | Target::ProductLine(target) => &target.tables,
            Target::Column(_) => declared.map(model::Column::targets).unwrap_or_default(),
            _ => continue,
        };
        let weighty = matches!(column.target, Target::ProductLine(_))
            || table.is_some_and(|table| process::is_path(table))
            || declared.is_some_and(|column| {
                column.required != RequiredLevel::None || WEIGHTY.contains(&column.name.as_str())
            });
        for target in targets {
            match needs.iter_mut().find(|(table, _)| table == target) {
                Some(known) => known.1 |= weighty,
                None => needs.push((target.clone(), weighty)),
            }
        }
    }
    if plan.table == process::VISITS {
        needs.extend(model.processes.iter().map(|flow| (flow.name.clone(), true)));
    }
    needs
}
