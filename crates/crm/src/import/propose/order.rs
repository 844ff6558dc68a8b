//! Rows that others point at come first.

use crate::import::plan::{FilePlan, Target};

/// The plans in an order in which each finds the rows it names.
pub(super) fn dependencies_first(mut plans: Vec<FilePlan>) -> Vec<FilePlan> {
    let mut ordered: Vec<FilePlan> = Vec::with_capacity(plans.len());
    while !plans.is_empty() {
        let tables: Vec<String> = plans.iter().map(|plan| plan.table.clone()).collect();
        let free = plans.iter().position(|plan| {
            !needs(plan).any(|table| table != plan.table && tables.iter().any(|waiting| waiting == table))
        });
        // Where files point at each other in a circle the first one begins.
        ordered.push(plans.remove(free.unwrap_or_default()));
    }
    ordered
}

fn needs(plan: &FilePlan) -> impl Iterator<Item = &str> {
    plan.columns.iter().filter_map(|column| match &column.target {
        Target::Lookup(target) | Target::ProductLine(target) => Some(target.table.as_str()),
        _ => None,
    })
}
