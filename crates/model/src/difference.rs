//! What publishing changes, in sentences an administrator reads before it happens.

use crate::{AlternateKey, Column, Index, Model, Relationship, Table};

impl Model {
    /// What becomes different from this model to `next`, a sentence each; empty where nothing does.
    pub fn changes_to(&self, next: &Self) -> Vec<String> {
        let mut told = Told::default();
        for (name, table) in &next.tables {
            match self.table(name) {
                None => told.new_table(table),
                Some(before) if before != table => told.table(before, table),
                Some(_) => {}
            }
        }
        for (name, table) in &self.tables {
            if next.table(name).is_none() {
                told.say(format!("table {name} ({}) leaves the model; its rows are kept in the database", table.label));
            }
        }
        // Those of a table that comes or goes as a whole come and go with it.
        let lasting = |model: &Self| -> Vec<Relationship> {
            let stays = |it: &&Relationship| [self, next].iter().all(|model| model.table(&it.referencing).is_some());
            model.relationships.iter().filter(stays).cloned().collect()
        };
        told.named("relationship", &lasting(self), &lasting(next), |it| it.name.clone());
        told.named("many-to-many relationship", &self.many_to_many, &next.many_to_many, |it| it.name.clone());
        told.named("process", &self.processes, &next.processes, |it| it.name.clone());
        let roles =
            |model: &Self| model.roles.iter().map(|(name, role)| (name.clone(), role.clone())).collect::<Vec<_>>();
        told.named("role", &roles(self), &roles(next), |(name, _)| name.clone());
        told.named("mapping", &self.mappings, &next.mappings, |it| format!("{}/{}", it.from, it.to));
        told.sentences
    }
}

#[derive(Default)]
struct Told {
    sentences: Vec<String>,
}

impl Told {
    fn say(&mut self, sentence: String) {
        self.sentences.push(sentence);
    }

    fn new_table(&mut self, table: &Table) {
        self.say(format!(
            "table {} ({}) is added with {} columns, {} views and {} forms",
            table.name,
            table.label,
            table.columns.len(),
            table.views.len(),
            table.forms.len()
        ));
    }

    fn table(&mut self, before: &Table, after: &Table) {
        let name = &after.name;
        self.properties(
            &format!("table {name}"),
            &[
                ("label", before.label != after.label || before.plural_label != after.plural_label),
                ("description", before.description != after.description),
                ("icon", before.icon != after.icon),
                ("audited", before.audited != after.audited),
                ("searchable", before.searchable != after.searchable),
                ("importable", before.importable != after.importable),
                ("notes", before.has_notes != after.has_notes),
                ("activities", before.has_activities != after.has_activities),
                ("primary name", before.primary_name != after.primary_name),
                ("states and status reasons", before.states != after.states),
            ],
        );
        for column in after.columns.values() {
            match before.column(&column.name) {
                None => self.say(format!("column {name}/{} ({}) is added", column.name, column.label)),
                Some(old) => self.column(name, old, column),
            }
        }
        for column in before.columns.values().filter(|column| after.column(&column.name).is_none()) {
            let column = &column.name;
            self.say(format!("column {name}/{column} leaves the model; its values are kept in the database"));
        }
        self.named("view", &before.views, &after.views, |it| format!("{name}/{}", it.name));
        self.named("form", &before.forms, &after.forms, |it| format!("{name}/{}", it.name));
        self.named("summary", &before.summaries, &after.summaries, |it| format!("{name}/{}", it.name));
        self.named("key", &before.keys, &after.keys, |it: &AlternateKey| format!("{name}/{}", it.name));
        self.named("index", &before.indexes, &after.indexes, |it: &Index| {
            format!("{name} ({})", it.columns.join(", "))
        });
    }

    fn column(&mut self, table: &str, before: &Column, after: &Column) {
        self.properties(
            &format!("column {table}/{}", after.name),
            &[
                ("label", before.label != after.label),
                ("description", before.description != after.description),
                ("type, limits or options", before.kind != after.kind),
                ("required", before.required != after.required),
                ("default", before.default != after.default),
                ("searchable", before.searchable != after.searchable),
                ("audited", before.audited != after.audited),
                ("importable", before.importable != after.importable),
                ("read only", before.read_only != after.read_only),
                ("secured", before.secured != after.secured),
            ],
        );
    }

    fn properties(&mut self, what: &str, properties: &[(&str, bool)]) {
        let changed: Vec<&str> = properties.iter().filter(|(_, differs)| *differs).map(|(name, _)| *name).collect();
        if !changed.is_empty() {
            self.say(format!("{what} changes: {}", changed.join(", ")));
        }
    }

    fn named<T: PartialEq>(&mut self, what: &str, before: &[T], after: &[T], name: impl Fn(&T) -> String) {
        for item in after {
            match before.iter().find(|old| name(old) == name(item)) {
                None => self.say(format!("{what} {} is added", name(item))),
                Some(old) if old != item => self.say(format!("{what} {} changes", name(item))),
                Some(_) => {}
            }
        }
        for item in before.iter().filter(|old| !after.iter().any(|item| name(item) == name(old))) {
            self.say(format!("{what} {} is removed", name(item)));
        }
    }
}
