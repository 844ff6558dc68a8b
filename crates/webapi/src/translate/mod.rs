//! From names in an address to the model: trees of [`crate::odata`] become filters, orders and
//! groupings of [`model`], every name checked.

mod apply;
mod filter;
mod function;
mod literal;
mod merge;
mod names;
mod order;
mod owner;
mod select;

#[cfg(test)]
mod tests;

pub use apply::{Grouped, translate_apply};
pub use filter::translate_filter;
pub use literal::{as_value, as_value_from_text};
pub use names::{Navigation, column_of, known_table, navigation, steps_to, unknown, wire_name};
pub use order::translate_order;
pub use select::{ExpandPlan, ExpandTarget, SelectPlan, plan_expand, plan_select, plan_whole_row};
