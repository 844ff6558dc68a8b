//! Lists of options that several columns share.

use crate::{Problem, files::Declarations};

/// Gives each column that names a shared list that list's options.
pub(super) fn resolve(declared: &mut Declarations, problems: &mut Vec<Problem>) {
    for (table_name, table) in &mut declared.tables {
        for (name, column) in &mut table.columns {
            let Some(choice) = &column.choice else { continue };
            let place = format!("{table_name}.{name}");
            if !column.options.is_empty() {
                problems.push(Problem::new(place, "give options or the name of a shared choice, not both"));
                continue;
            }
            match declared.choices.get(choice) {
                Some(found) => column.options.clone_from(&found.options),
                None => problems.push(Problem::new(place, format!("there is no shared choice {choice}"))),
            }
        }
    }
}
