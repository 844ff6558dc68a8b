//! Names: their shape, and that each is given once.

use super::Validation;

/// Longest name; `PostgreSQL` cuts longer ones.
const LONGEST: usize = 63;

impl Validation<'_> {
    pub(super) fn names(&mut self) {
        let model = self.model;
        for table in model.tables.values() {
            self.shape(&table.name, &table.name, table.custom);
            for column in table.columns.values() {
                let place = format!("{}.{}", table.name, column.name);
                // On an own table nothing shipped can ever get in the way.
                self.shape(&place, &column.name, column.custom && !table.custom);
            }
            if let Some(column) = table
                .columns
                .values()
                .find(|column| column.is_polymorphic() && table.columns.contains_key(&format!("{}_type", column.name)))
            {
                self.problem(
                    format!("{}.{}_type", table.name, column.name),
                    format!("the lookup {} keeps its table under this name; choose another", column.name),
                );
            }
        }
        let tables = || model.tables.values();
        self.unique("set names", "set name", tables().map(|table| &table.set_name));
        self.unique("object type codes", "code", tables().map(|table| table.object_type_code));
        self.unique("relationships", "relationship", model.relationships.iter().map(|it| &it.name));
        self.unique("many-to-many relationships", "relationship", model.many_to_many.iter().map(|it| &it.name));
        self.unique("processes", "process", model.processes.iter().map(|process| &process.name));
        let pairs = model.mappings.iter().map(|mapping| format!("{} to {}", mapping.from, mapping.to));
        self.unique("mappings", "mapping", pairs);
    }

    fn shape(&mut self, place: &str, name: &str, needs_prefix: bool) {
        if !is_name(name) {
            self.problem(
                place,
                format!("a name is lower-case letters, digits and _, begins with a letter and has at most {LONGEST} characters"),
            );
        } else if needs_prefix && !has_prefix(name) {
            self.problem(
                place,
                format!("what an organisation adds bears its prefix, so that no later release gets in the way; name it for instance new_{name}"),
            );
        } else if name.starts_with("pw_") || name == "seq" {
            self.problem(place, "seq and names that begin with pw_ belong to the engine; choose another");
        }
    }
}

fn is_name(name: &str) -> bool {
    name.len() <= LONGEST
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// `new_`, `cr1_`: two to eight letters and digits and a `_`, with something behind it.
pub(crate) fn has_prefix(name: &str) -> bool {
    name.split_once('_').is_some_and(|(prefix, rest)| (2..=8).contains(&prefix.len()) && !rest.is_empty())
}
