//! Columns and options that an import needs are added to the model before it begins.

use indexmap::IndexMap;
use language::{tr, translated};
use model::{AlternateKey, Choice, ColumnDeclaration, ColumnKind, Model, Overlay, Section};

use super::{
    matching::{folded, is_label, normalised},
    plan::{Mapping, NewColumn, Target},
    scan::Words,
};
use crate::{Error, Result};

/// Options an organisation adds are numbered from here.
const FIRST_OPTION: i32 = 100_000_000;
/// Most options of one choice that an import makes.
const MOST_OPTIONS: usize = 500;
/// Heading of the form section with the added columns.
const SECTION: &str = "Imported";

/// What an import adds to the model.
#[derive(Debug, Default)]
pub(super) struct Customisations {
    /// The organisation's overlay with the additions in it.
    pub overlay: Overlay,
    /// Each addition in words.
    pub told: Vec<String>,
}

/// The additions that `mapping` needs; `words` are the words of choices in the files.
pub(super) fn needed(model: &Model, overlay: &Overlay, mapping: &Mapping, words: &Words) -> Result<Customisations> {
    let mut additions = Additions { model, overlay: overlay.clone(), told: Vec::new(), shown: IndexMap::new() };
    for file in &mapping.files {
        for column in &file.columns {
            let found = words.of(&file.name, &column.source);
            match &column.target {
                Target::NewColumn(target, new)
                    if model.table(&file.table).is_some_and(|table| table.column(&target.to).is_none()) =>
                {
                    additions.add_column(&file.table, &target.to, new, found)?;
                }
                Target::Column(target) | Target::NewColumn(target, _) if target.reading.create_options => {
                    additions.add_options(&file.table, &target.to, found)?;
                }
                _ => {}
            }
        }
    }
    additions.show_on_forms();
    Ok(Customisations { overlay: additions.overlay, told: additions.told })
}

struct Additions<'a> {
    model: &'a Model,
    overlay: Overlay,
    told: Vec<String>,
    shown: IndexMap<String, Vec<String>>,
}

impl Additions<'_> {
    fn add_column(&mut self, table: &str, name: &str, new: &NewColumn, words: &[String]) -> Result<()> {
        if !name.contains('_') {
            return Err(Error::refused(tr!(
                "the new column '{name}' of {table} needs a prefix, such as new_{name}",
                name,
                table
            )));
        }
        let declaration = declare(new, words)?;
        let key = new.unique.then(|| AlternateKey::new(format!("{table}_{name}"), vec![name.to_owned()]));
        let kind = kind_name(new.kind);
        let columns = self.columns_of(table);
        if columns.contains_key(name) {
            return Ok(()); // another file of this import adds it, too
        }
        columns.insert(name.to_owned(), declaration);
        if let Some(key) = key {
            match self.overlay.new_tables.get_mut(table) {
                Some(own) => own.keys.push(key),
                None => self.overlay.tables.entry(table.to_owned()).or_default().keys.push(key),
            }
        }
        self.told.push(tr!("column {} ({name}, {kind}) added to {table}", translated(&new.label), name, kind, table));
        self.shown.entry(table.to_owned()).or_default().push(name.to_owned());
        Ok(())
    }

    fn columns_of(&mut self, table: &str) -> &mut IndexMap<String, ColumnDeclaration> {
        if self.overlay.new_tables.contains_key(table) {
            return &mut self.overlay.new_tables[table].columns;
        }
        &mut self.overlay.tables.entry(table.to_owned()).or_default().columns
    }

    fn add_options(&mut self, table: &str, name: &str, words: &[String]) -> Result<()> {
        let Some(column) = self.model.table(table).and_then(|table| table.column(name)) else { return Ok(()) };
        if !matches!(column.kind, model::ColumnType::Choice { .. }) {
            return Ok(());
        }
        let known = |word: &String| {
            column.options().iter().any(|option| {
                is_label(&option.label, |label| normalised(label) == normalised(word))
                    || option.value.to_string() == *word
            })
        };
        let missing: Vec<&String> = words.iter().filter(|word| !known(word)).collect();
        if missing.len() > MOST_OPTIONS {
            return Err(too_many(&translated(&column.label), missing.len()));
        }
        let label = translated(&column.label);
        let own = self.overlay.tables.get(table).is_some_and(|change| change.columns.contains_key(name))
            || self.overlay.new_tables.get(table).is_some_and(|own| own.columns.contains_key(name));
        let highest = column.options().iter().map(|option| option.value).max().unwrap_or_default();
        for (position, word) in missing.into_iter().enumerate() {
            let number = highest.max(FIRST_OPTION - 1) + 1 + i32::try_from(position).unwrap_or_default();
            let option = Choice { value: number, label: word.clone(), color: None, hidden: false };
            if own {
                if let Some(declaration) = self.columns_of(table).get_mut(name) {
                    declaration.options.push(option);
                }
            } else {
                let change = self.overlay.tables.entry(table.to_owned()).or_default();
                change.column_changes.entry(name.to_owned()).or_default().options.push(option);
            }
            self.told.push(tr!("option '{word}' added to {label} ({table}.{name})", word, label, table, name));
        }
        Ok(())
    }

    /// The main form of each table shows the added columns in a section of their own.
    fn show_on_forms(&mut self) {
        for (name, columns) in std::mem::take(&mut self.shown) {
            let Some(form) = self.model.table(&name).and_then(|table| table.form(model::FormKind::Main)) else {
                continue;
            };
            let mut form = form.clone();
            let Some(tab) = form.tabs.first_mut() else { continue };
            match tab.sections.iter_mut().find(|section| section.label == SECTION) {
                Some(section) => section.columns.extend(columns),
                None => {
                    tab.sections.push(Section {
                        label: SECTION.to_owned(),
                        columns,
                        timeline: false,
                        subgrid: None,
                        people: None,
                    });
                }
            }
            let forms = match self.overlay.new_tables.get_mut(&name) {
                Some(own) => &mut own.forms,
                None => &mut self.overlay.tables.entry(name).or_default().forms,
            };
            forms.retain(|known| known.name != form.name);
            forms.push(form);
        }
    }
}

fn declare(new: &NewColumn, words: &[String]) -> Result<ColumnDeclaration> {
    let mut declaration = ColumnDeclaration::new(new.kind, new.label.as_str());
    match new.kind {
        ColumnKind::Text | ColumnKind::Memo => declaration.length = new.length,
        ColumnKind::Decimal => declaration.precision = new.precision.or(Some(2)),
        ColumnKind::Choice => {
            if words.len() > MOST_OPTIONS {
                return Err(too_many(&new.label, words.len()));
            }
            let mut options: Vec<Choice> = Vec::new();
            for word in words {
                if options.iter().any(|option| folded(&option.label) == folded(word)) {
                    continue;
                }
                let value = FIRST_OPTION + i32::try_from(options.len()).unwrap_or_default();
                options.push(Choice { value, label: word.clone(), color: None, hidden: false });
            }
            declaration.options = options;
        }
        ColumnKind::Whole | ColumnKind::Money | ColumnKind::Boolean | ColumnKind::Date | ColumnKind::DateTime => {}
        other => {
            return Err(Error::refused(tr!(
                "the import cannot add '{}' as {}; use text, memo, whole, decimal, money, boolean, choice, date or date_time",
                translated(&new.label),
                kind_name(other)
            )));
        }
    }
    Ok(declaration)
}

fn too_many(label: &str, count: usize) -> Error {
    Error::refused(tr!(
        "{label} has {count} different words in the file, more than {MOST_OPTIONS}; make it a text column in the mapping",
        label,
        count,
        MOST_OPTIONS
    ))
}

fn kind_name(kind: ColumnKind) -> String {
    serde_json::to_value(kind).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
