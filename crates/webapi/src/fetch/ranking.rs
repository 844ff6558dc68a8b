//! Choices in the order of their labels, as Dataverse sorts them unless `useraworderby` asks for the numbers.

use crm::{Ranking, format::whole_label};
use model::{Column, ColumnType, Path, Table};

use super::{limits, wrong};
use crate::error::Result;

/// The order of a choice's numbers by the labels that are shown for them, without regard to case; none where the
/// column is no choice of one number. `path` is what the order names it by.
pub fn by_label(table: &Table, column: &Column, path: Path) -> Option<Ranking> {
    let numbers: Vec<i32> = match column.value_type() {
        ColumnType::Choice { options } => options.iter().map(|option| option.value).collect(),
        ColumnType::State => table.states.iter().map(|state| state.value).collect(),
        ColumnType::Status => {
            table.states.iter().flat_map(|state| &state.statuses).map(|status| status.value).collect()
        }
        _ => return None,
    };
    let mut labels: Vec<(String, i64)> = numbers
        .into_iter()
        .map(i64::from)
        .map(|number| (whole_label(table, column, number).unwrap_or_default().to_lowercase(), number))
        .collect();
    labels.sort();
    let places = labels.chunk_by(|one, next| one.0 == next.0);
    let places = places.map(|same| same.iter().map(|(_, number)| *number).collect()).collect();
    Some(Ranking { column: path, places })
}

/// Refuses to sort by more labels than a statement should name.
///
/// # Errors
/// Where the choices that rows are sorted by have too many options together.
pub fn refuse_too_many(rankings: &[Ranking]) -> Result<()> {
    let options: usize = rankings.iter().flat_map(|ranking| &ranking.places).map(Vec::len).sum();
    if options <= limits::RANKED {
        return Ok(());
    }
    Err(wrong(format!(
        "the choices to sort by have {options} options, more than the {} that can be sorted by their labels; useraworderby=\"true\" sorts by their numbers",
        limits::RANKED
    )))
}
