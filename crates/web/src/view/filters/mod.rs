//! What narrows a list: in its address, as chips, and as the editors offer it.

mod builder;
mod condition;
mod draft;
mod editor;
pub(crate) mod offered;
mod part;
mod values;

use crm::reading::Names;
use model::{Model, Table};

pub(crate) use builder::builder;
pub(crate) use condition::Condition;
pub(crate) use draft::Draft;
pub(crate) use editor::{condition_editor, editor};
pub(crate) use part::{Group, MOST, Part, Related, names, references};

use super::{cells::Cells, list::List};
use crate::{components::FilterChip, session::Me};

/// The chips of the filters that are on.
pub(crate) fn chips(me: &Me, model: &Model, names: &Names, table: &Table, list: &List, path: &str) -> Vec<FilterChip> {
    let cells = Cells { me, model, names };
    let start = list.beginning();
    let without = |position: usize| {
        let mut rest = start.clone();
        rest.filters.remove(position);
        rest.href(path)
    };
    let edit = |position: usize, place: &str| {
        let mut parameters = start.parameters();
        parameters.push(("edit", position.to_string()));
        super::list::address(&format!("{path}/{place}"), &parameters)
    };
    let chip = |(position, part): (usize, &Part)| {
        let (column, condition) = part.words(&cells, table);
        let remove = without(position);
        match part {
            Part::Condition(one) => {
                let edit = one.is_offered(model, table).then(|| edit(position, "filter"));
                FilterChip { column, condition, remove, edit, ..FilterChip::default() }
            }
            _ => FilterChip {
                column,
                condition,
                remove,
                dialog: Some(start.href(&format!("/{}/filters", table.set_name))),
                ..FilterChip::default()
            },
        }
    };
    list.filters.iter().enumerate().map(chip).collect()
}
