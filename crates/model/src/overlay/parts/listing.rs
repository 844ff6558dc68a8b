//! All parts there are.

use serde::{Serialize, Serializer};

use super::{
    Laid, Overlay, PartAddress, PartKind, PartOrigin, choice, collection, column, index, process, relationship, role,
    state, status, table,
};
use crate::{AlternateKey, Form, ManyToManyDeclaration, Model, ModelError, Summary, View};

/// One line of a list of parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PartSummary {
    /// Kind.
    pub kind: PartKind,
    /// Kind and name; only the name on the wire.
    #[serde(rename = "name", serialize_with = "name_only")]
    pub address: PartAddress,
    /// What people read.
    pub label: String,
    /// Where it comes from.
    pub origin: PartOrigin,
}

fn name_only<S: Serializer>(address: &PartAddress, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&address.name())
}

impl Overlay {
    /// All parts of this kind, shipped ones included; of one table where it is named.
    pub fn parts(&self, kind: PartKind, table: Option<&str>) -> Result<Vec<PartSummary>, ModelError> {
        let laid = Laid::of(self)?;
        let model = laid.model()?;
        let mut list = List { laid: &laid, model: &model, kind, found: Vec::new() };
        list.of_kind();
        list.found.retain(|part| table.is_none_or(|table| part.address.table() == Some(table)));
        Ok(list.found)
    }
}

struct List<'a> {
    laid: &'a Laid<'a>,
    model: &'a Model,
    kind: PartKind,
    found: Vec<PartSummary>,
}

impl List<'_> {
    fn add<const N: usize>(&mut self, path: [&str; N], label: &str, origin: PartOrigin) {
        let address = PartAddress::of(self.kind, path);
        self.found.push(PartSummary { kind: self.kind, address, label: label.to_owned(), origin });
    }

    fn of_kind(&mut self) {
        match self.kind {
            PartKind::Table => self.tables(),
            PartKind::Column => self.columns(),
            PartKind::Choice => self.choices(false),
            PartKind::Option => self.choices(true),
            PartKind::State => self.states(),
            PartKind::Status => self.statuses(),
            PartKind::Relationship => {
                for it in &self.model.relationships {
                    let origin = relationship::origin(self.laid, it);
                    self.add([&it.referencing, &it.column, &it.referenced], &it.name, origin);
                }
            }
            PartKind::ManyToMany => self.collection::<ManyToManyDeclaration>(|it| (&it.name, &it.other)),
            PartKind::View => self.collection::<View>(|it| (&it.name, &it.label)),
            PartKind::Form => self.collection::<Form>(|it| (&it.name, &it.label)),
            PartKind::Summary => self.collection::<Summary>(|it| (&it.name, &it.name)),
            PartKind::Key => self.collection::<AlternateKey>(|it| (&it.name, &it.name)),
            PartKind::Index => self.indexes(),
            PartKind::Process => {
                for it in &self.model.processes {
                    self.add([&it.name], &it.label, process::origin(self.laid, &it.name));
                }
            }
            PartKind::Role => {
                for (name, it) in &self.model.roles {
                    self.add([name], &it.label, role::origin(self.laid, name));
                }
            }
            PartKind::Mapping => {
                for it in &self.model.mappings {
                    let origin = process::mapping_origin(self.laid, &it.from, &it.to);
                    self.add([&it.from, &it.to], "", origin);
                }
            }
        }
    }

    /// Tables that are declared; those of pairs and of process instances follow from others.
    fn tables(&mut self) {
        let laid = self.laid;
        for (name, declared) in &laid.declared.tables {
            let origin = if laid.is_own_table(name) {
                PartOrigin::Own
            } else if laid.overlay.tables.get(name).is_some_and(table::is_changed) {
                PartOrigin::Changed
            } else {
                PartOrigin::Shipped
            };
            self.add([name], &declared.label, origin);
        }
    }

    fn columns(&mut self) {
        let (laid, model) = (self.laid, self.model);
        for table in laid.declared.tables.keys().filter_map(|name| model.table(name)) {
            for column in table.columns.values() {
                let origin = column::origin(laid, &table.name, &column.name);
                self.add([&table.name, &column.name], &column.label, origin);
            }
        }
    }

    fn choices(&mut self, options: bool) {
        let laid = self.laid;
        for (name, shared) in &laid.overlay.choices {
            if !options {
                self.add([name], &shared.label, PartOrigin::Own);
                continue;
            }
            for option in &shared.options {
                self.add([name, &option.value.to_string()], &option.label, PartOrigin::Own);
            }
        }
        for (table, declared) in &laid.declared.tables {
            for (name, column) in declared.columns.iter().filter(|(_, column)| !column.options.is_empty()) {
                if !options {
                    self.add([table, name], &column.label, choice::origin(laid, table, name));
                    continue;
                }
                for option in &column.options {
                    let origin = choice::option_origin(&[table, name], option);
                    self.add([table, name, &option.value.to_string()], &option.label, origin);
                }
            }
        }
    }

    fn states(&mut self) {
        let laid = self.laid;
        for (table, declared) in &laid.declared.tables {
            for it in &declared.states {
                self.add([table, &it.value.to_string()], &it.label, state::origin(laid, table, it.value));
            }
        }
    }

    fn indexes(&mut self) {
        let laid = self.laid;
        for (table, declared) in &laid.declared.tables {
            for it in &declared.indexes {
                self.add([table, &it.columns.join(",")], "", index::origin(laid, table, it));
            }
        }
    }

    fn statuses(&mut self) {
        let laid = self.laid;
        for (table, declared) in &laid.declared.tables {
            for it in declared.states.iter().flat_map(|state| &state.statuses) {
                self.add([table, &it.value.to_string()], &it.label, status::origin(laid, table, it.value));
            }
        }
    }

    fn collection<T: collection::Collection>(&mut self, told: impl Fn(&T) -> (&String, &String)) {
        let laid = self.laid;
        for (table, declared) in &laid.declared.tables {
            for it in T::of(declared).iter().chain(collection::hidden_in::<T>(laid, table)) {
                let (name, label) = told(it);
                self.add([table, name], label, collection::origin::<T>(laid, table, name));
            }
        }
    }
}
