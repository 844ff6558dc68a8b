//! Which rows a webhook tells of: those of a shipped view, of somebody's own view, or of both.

use language::{tr, translated};
use model::{Filter, Table, View};
use store::Row;

use crate::views;

/// What makes a view of a row of `userquery`.
pub(super) const OWN_VIEW: [&str; 6] =
    ["userqueryid", "name", "returnedtypecode", "definition", "isdefault", "statecode"];

/// The table's view with this name or label, however it is capitalised.
///
/// # Errors
/// A sentence that names the views there are.
pub(super) fn shipped<'t>(table: &'t Table, name: &str) -> Result<&'t View, String> {
    let wanted = name.trim().to_lowercase();
    let is_it = |view: &&View| {
        [view.name.as_str(), &view.label, &translated(&view.label)].iter().any(|known| known.to_lowercase() == wanted)
    };
    table.views.iter().find(is_it).ok_or_else(|| {
        let known: Vec<_> = table.views.iter().map(|view| translated(&view.label)).collect();
        tr!(
            "there is no view “{name}” of this table; its views are {known}",
            name = name.trim(),
            known = known.join(", ")
        )
    })
}

/// What rows of `table` must satisfy to be in somebody's own view.
///
/// # Errors
/// A sentence that says why the view cannot be used.
pub(super) fn own(table: &Table, row: &Row) -> Result<Filter, String> {
    if row.text("returnedtypecode") != table.name {
        return Err(tr!("this is a view of another table; choose one of {table}", table = table.name));
    }
    let view = views::view(row).ok_or_else(|| tr!("the definition of this view cannot be read; choose another one"))?;
    Ok(view.filter)
}
