//! Following paths through lookups.

use crate::{Column, Model, Path, Table, ValueError};

impl Model {
    /// The column a path leads to, seen from `table`, with the table it stands in.
    pub fn resolve<'a>(&'a self, table: &str, path: &Path) -> Result<(&'a Table, &'a Column), ValueError> {
        let mut here = self.named(table)?;
        for step in &path.steps {
            let lookup = column_of(here, &step.lookup)?;
            let target = match (&step.target, lookup.targets()) {
                (_, []) => return Err(ValueError::new(format!("{}.{} is not a lookup", here.name, step.lookup))),
                (None, [only]) => only,
                (Some(target), targets) if targets.contains(target) => target,
                (_, targets) => {
                    return Err(ValueError::new(format!(
                        "{} may point at {}; write for instance {}({}).{}",
                        step.lookup,
                        targets.join(" or "),
                        step.lookup,
                        targets[0],
                        path.column
                    )));
                }
            };
            here = self.named(target)?;
        }
        Ok((here, column_of(here, &path.column)?))
    }

    fn named(&self, table: &str) -> Result<&Table, ValueError> {
        self.table(table).map(AsRef::as_ref).ok_or_else(|| ValueError::new(format!("there is no table {table}")))
    }
}

fn column_of<'a>(table: &'a Table, name: &str) -> Result<&'a Column, ValueError> {
    table.column(name).ok_or_else(|| ValueError::new(format!("{} has no column {name}", table.name)))
}
