//! Another record, found while typing.

use maud::{Markup, html};

use super::Field;

/// The record that a lookup holds.
#[derive(Debug, Clone, Default)]
pub struct LookupValue {
    /// Logical name of its table.
    pub table: String,
    /// Its id.
    pub id: String,
    /// Its name.
    pub label: String,
    /// Its page; `None` where the reader may not open it.
    pub href: Option<String>,
}

/// A table in which a record can be created from within the lookup.
#[derive(Debug, Clone, Default)]
pub struct NewRecord {
    /// Words such as `New account`.
    pub label: String,
    /// Address of the quick-create dialog. The typed text goes along as `name`, and the field's
    /// element id as `for`.
    pub href: String,
}

/// How another record is looked up. The chosen record is sent as `table:id`, nothing as an empty
/// value.
#[derive(Debug, Clone, Default)]
pub struct LookupControl {
    /// The record it holds.
    pub value: Option<LookupValue>,
    /// Where matches are found: answers `[{id, table, label, secondary}]` to `?q=`.
    pub source: String,
    /// Icon of each table that can be looked up: logical name and icon.
    pub icons: Vec<(String, String)>,
    /// What can be created from here.
    pub create: Vec<NewRecord>,
    /// Records to choose from where no script runs; scripts find their own.
    pub offered: Vec<LookupValue>,
}

/// How several other records are looked up: the people who take part in an activity. Each is sent
/// as `table:id`, an e-mail address of nobody known as `address:…`; an empty value goes first, so
/// that "none" reaches the server.
#[derive(Debug, Clone, Default)]
pub struct PartiesControl {
    /// Who takes part; an address has the table `address` and itself as the id.
    pub values: Vec<LookupValue>,
    /// How they are found and made.
    pub lookup: LookupControl,
    /// Whether an e-mail address of nobody known may stand in the list.
    pub addresses: bool,
}

fn icons(lookup: &LookupControl) -> String {
    lookup.icons.iter().map(|(table, icon)| format!("{table}={icon}")).collect::<Vec<_>>().join(" ")
}

pub fn several(field: &Field, parties: &PartiesControl) -> Markup {
    html! {
        input type="hidden" name=(field.name) value="" form=[field.form.as_deref()];
        select.form-select id=(field.id()) name=(field.name) multiple data-lookup=(parties.lookup.source)
            data-icons=(icons(&parties.lookup)) data-addresses[parties.addresses]
            form=[field.form.as_deref()] autofocus[field.autofocus]
            aria-invalid=[field.invalid()] aria-describedby=[field.described_by()] {
            @for value in &parties.values {
                option value={ (value.table) ":" (value.id) } selected data-table=(value.table) { (value.label) }
            }
        }
    }
}

pub fn select(field: &Field, lookup: &LookupControl) -> Markup {
    let icons = icons(lookup);
    let create: serde_json::Map<_, _> =
        lookup.create.iter().map(|new| (new.label.clone(), serde_json::Value::from(new.href.as_str()))).collect();
    let create = serde_json::Value::from(create);
    html! {
        select.form-select id=(field.id()) name=(field.name) data-lookup=(lookup.source) data-icons=(icons)
            data-create=[(!lookup.create.is_empty()).then(|| create.to_string())]
            data-href=[lookup.value.as_ref().and_then(|value| value.href.as_deref())]
            form=[field.form.as_deref()] required[field.is_required()] autofocus[field.autofocus]
            aria-invalid=[field.invalid()] aria-describedby=[field.described_by()] {
            option value="" { "" }
            @if let Some(value) = &lookup.value {
                option value={ (value.table) ":" (value.id) } selected data-table=(value.table) { (value.label) }
            }
            @for value in lookup.offered.iter().filter(|offered| lookup.value.as_ref().is_none_or(|value| value.id != offered.id)) {
                option value={ (value.table) ":" (value.id) } data-table=(value.table) { (value.label) }
            }
        }
    }
}
