//! Columns as fields to fill in.

use std::sync::Arc;

use crm::{Row, access::Setting, process::is_kept_by_flow, reading::Names};
use language::{Language, tr};
use model::{Column, ColumnType, DefaultValue, Model, Reference, RequiredLevel, Table, TableKind, TextFormat, Value};
use uuid::Uuid;

use super::{
    cells::Cells,
    commands,
    input::{self, Notation},
    order::by_label,
    parties::{self, Parties},
    tables,
};
use crate::{
    components::{
        Control, Field, FieldWidth, LookupValue, Requirement,
        fields::{ChoiceOption, LookupControl, NewRecord, PartiesControl, ReadOnlyReason, StoredFile},
    },
    failure::sentence,
    posted::Typed,
    session::Me,
};

/// What the fields of one record are made with.
pub(crate) struct Fields<'a> {
    pub me: &'a Me,
    pub model: &'a Model,
    pub table: &'a Table,
    pub names: &'a Names,
    /// The row as stored, or the values a new one begins with.
    pub row: &'a Row,
    /// What was typed and refused; shown in place of the row's values.
    pub typed: Option<&'a Typed>,
    /// A new row: read-only columns are left out.
    pub new: bool,
    /// Nothing can be changed.
    pub closed: bool,
    /// Prefix of element ids.
    pub scope: &'a str,
    /// What is wrong, by column.
    pub errors: &'a [(String, String)],
    /// Who takes part, where the row is an activity.
    pub parties: Option<&'a Parties>,
}

impl Fields<'_> {
    /// The field of a column; none for what a form does not show.
    pub fn field(&self, name: &str) -> Option<Field> {
        let column = self.table.column(name).filter(|column| column.is_stored() || self.has_parties(column))?;
        if self.new && !is_editable(column) && !parties::is_list(column) {
            return None;
        }
        let control = self.control(column);
        let mut field = Field::new(column.name.clone(), column.label.clone(), control);
        field.requirement = requirement(column);
        let open = (is_editable(column) || parties::is_list(column)) && !self.closed && !self.is_withheld(column);
        field.help = (!column.description.is_empty() && open).then(|| column.description.clone());
        field.error = self.errors.iter().find(|(wrong, _)| wrong == name).map(|(_, message)| sentence(message));
        self.scope.clone_into(&mut field.scope);
        if matches!(
            column.value_type(),
            ColumnType::MultiChoice { .. } | ColumnType::Memo { .. } | ColumnType::RichText { .. }
        ) {
            field.width = FieldWidth::Full;
        }
        Some(field)
    }

    /// The row's currency: the one typed, else the stored one.
    fn currency(&self) -> Option<Uuid> {
        let typed = self
            .typed
            .and_then(|typed| typed.get("transactioncurrencyid"))
            .and_then(|text| text.split_once(':')?.1.parse().ok());
        typed.or_else(|| self.row.value("transactioncurrencyid").as_id())
    }

    /// A secured column that the reader may not set here, or whose value they would change unseen.
    fn is_withheld(&self, column: &Column) -> bool {
        let caller = &self.me.caller;
        if self.new {
            return !caller.may_set(Setting::Create, self.table, column);
        }
        !caller.may_set(Setting::Update, self.table, column) || !caller.may_read(column)
    }

    fn has_parties(&self, column: &Column) -> bool {
        self.parties.is_some() && parties::is_list(column)
    }

    fn parties_control(&self, column: &Column, parties: &Parties) -> Control {
        if self.closed {
            let value = parties.cell(self.me, self.model, self.names, column);
            return Control::ReadOnly { value, reason: None };
        }
        Control::Parties(PartiesControl {
            values: parties.values(self.me, self.model, self.names, column, self.typed),
            lookup: LookupControl { create: Vec::new(), ..lookup(self.me, self.model, self.table, column) },
            addresses: self.table.name == "email",
        })
    }

    fn control(&self, column: &Column) -> Control {
        if let Some(parties) = self.parties.filter(|_| parties::is_list(column)) {
            return self.parties_control(column, parties);
        }
        if self.closed || !is_editable(column) || self.is_withheld(column) {
            let cells = Cells { me: self.me, model: self.model, names: self.names };
            let reason = match () {
                () if self.is_withheld(column) => ReadOnlyReason::Secured,
                () if column.is_computed() => ReadOnlyReason::Calculated,
                () => ReadOnlyReason::BySystem,
            };
            return Control::ReadOnly {
                value: cells.cell(self.table, column, self.row.value(&column.name), self.currency()),
                reason: (!self.closed).then_some(reason),
            };
        }
        let notation = Notation::of(self.me);
        let shown = match self.typed.filter(|typed| typed.has(&column.name)) {
            Some(typed) if matches!(column.value_type(), ColumnType::MultiChoice { .. }) => {
                typed.all(&column.name).collect::<Vec<_>>().join(",")
            }
            Some(typed) => typed.text(&column.name).to_owned(),
            None => notation.write(self.me, column, self.row.value(&column.name), self.currency()),
        };
        self.control_showing(column, shown)
    }

    fn control_showing(&self, column: &Column, shown: String) -> Control {
        match column.value_type() {
            ColumnType::Text { format: TextFormat::Email, .. } => Control::Email { value: shown },
            ColumnType::Text { format: TextFormat::Phone, .. } => Control::Phone { value: shown },
            ColumnType::Text { format: TextFormat::Url, .. } => Control::Url { value: shown },
            ColumnType::Text { format: TextFormat::Table, .. } => Control::Choice { options: self.tables(&shown) },
            ColumnType::Memo { length } | ColumnType::RichText { length } => {
                Control::Memo { value: shown, max_length: Some(*length), rows: 4 }
            }
            ColumnType::Whole { .. } => Control::Whole { value: shown },
            ColumnType::Decimal { .. } => {
                Control::Decimal { value: shown, precision: small(input::places(self.me, column, None)), unit: None }
            }
            ColumnType::Money { .. } => Control::Money {
                value: shown,
                precision: small(input::places(self.me, column, self.currency())),
                currency: self.currency_sign(),
            },
            ColumnType::Boolean { yes, no } => {
                Control::Boolean { value: shown == "true", yes: yes.clone(), no: no.clone() }
            }
            ColumnType::Choice { .. } | ColumnType::State | ColumnType::Status => {
                let state = self.row.value("statecode").as_whole();
                Control::Choice { options: chosen(options_in(self.table, column, state), &[&shown]) }
            }
            ColumnType::MultiChoice { .. } => {
                let numbers: Vec<&str> = shown.split(',').collect();
                Control::MultiChoice { options: chosen(options(self.table, column, None), &numbers) }
            }
            ColumnType::Date => Control::Date { value: shown },
            ColumnType::DateTime => Control::DateTime { value: shown, zone: zone_name(self.me) },
            ColumnType::Lookup { .. } => Control::Lookup(self.lookup(column, &shown)),
            ColumnType::File { .. } => Control::File {
                stored: self.stored_file(column),
                accept: None,
                largest: Some(crm::activities::LARGEST_FILE),
            },
            ColumnType::Image { .. } => Control::Image { stored: self.stored_file(column) },
            ColumnType::Text { length, .. } => {
                Control::Text { value: shown, max_length: Some(*length), autocomplete: None }
            }
            _ => Control::Text { value: shown, max_length: None, autocomplete: None },
        }
    }

    /// The tables that one meets on pages, by label, and the one named now, whichever it is.
    fn tables(&self, shown: &str) -> Vec<ChoiceOption> {
        let offered = |table: &&Arc<Table>| {
            tables::is_open_to(&self.me.caller, table) && table.kind != TableKind::Pointer || table.name == shown
        };
        let option = |table: &Arc<Table>| ChoiceOption {
            value: table.name.clone(),
            label: table.label.clone(),
            chosen: table.name == shown,
        };
        let mut options: Vec<_> = self.model.tables.values().filter(offered).map(option).collect();
        options.sort_by_key(|option| by_label(&option.label));
        options
    }

    fn lookup(&self, column: &Column, shown: &str) -> LookupControl {
        let reference = input::reference(shown, column.targets()).ok();
        let value = reference.map(|reference| LookupValue {
            label: self.names.get(&reference).map_or_else(|| tr!("(no name)"), str::to_owned),
            href: tables::reference_href(self.model, &self.me.caller, &reference),
            id: reference.id.to_string(),
            table: reference.table,
        });
        LookupControl { value, ..lookup(self.me, self.model, self.table, column) }
    }

    fn stored_file(&self, column: &Column) -> Option<StoredFile> {
        let (row, key) = (self.row.value(&self.table.primary_key).as_id()?, self.row.value(&column.name).as_id()?);
        let _ = key;
        Some(StoredFile {
            name: file_name(self.table, column, self.row),
            size: self.row.value("filesize").as_whole().map(size_in_words).unwrap_or_default(),
            href: format!("/files/{}/{row}/{}", self.table.set_name, column.name),
        })
    }

    fn currency_sign(&self) -> String {
        let organization = self.me.caller.organization();
        let own = self.currency().and_then(|id| organization.currency(id));
        own.or_else(|| organization.base_currency())
            .map(|currency| if currency.symbol.is_empty() { currency.code.clone() } else { currency.symbol.clone() })
            .unwrap_or_default()
    }
}

/// The name under which a file of a row is kept on the reader's device.
pub(crate) fn file_name(table: &Table, column: &Column, row: &Row) -> String {
    let known = Some(row.text("filename")).filter(|name| !name.is_empty() && table.column("filename").is_some());
    known.map_or_else(|| column.label.clone(), str::to_owned)
}

/// A size as people say it.
pub(crate) fn size_in_words(bytes: i64) -> String {
    match bytes {
        ..1024 => tr!("{} bytes", bytes),
        1024..1_048_576 => tr!("{} KB", bytes / 1024),
        _ => tr!("{}.{} MB", bytes / 1_048_576, bytes % 1_048_576 * 10 / 1_048_576),
    }
}

fn small(places: u32) -> u8 {
    u8::try_from(places).unwrap_or(10)
}

fn zone_name(me: &Me) -> String {
    me.caller.time_zone.iana_name().unwrap_or("UTC").to_owned()
}

/// True where people may type a value.
pub(crate) fn is_editable(column: &Column) -> bool {
    !column.read_only
        && !column.is_computed()
        && !is_kept_by_flow(column)
        && !matches!(column.kind, ColumnType::Id | ColumnType::PartyList { .. })
}

fn requirement(column: &Column) -> Requirement {
    match column.required {
        RequiredLevel::None => Requirement::Optional,
        RequiredLevel::Recommended => Requirement::Recommended,
        RequiredLevel::Required | RequiredLevel::System => Requirement::Required,
    }
}

/// How a lookup column finds its rows.
pub(crate) fn lookup(me: &Me, model: &Model, table: &Table, column: &Column) -> LookupControl {
    let targets = || column.targets().iter().filter_map(|target| model.table(target));
    LookupControl {
        value: None,
        source: format!("/lookup/{}/{}", table.set_name, column.name),
        icons: targets().map(|target| (target.name.clone(), target.icon.clone())).collect(),
        create: targets()
            .filter(|target| tables::is_open_to(&me.caller, target) && commands::may_create(me, model, target))
            .filter(|target| {
                target.form(model::FormKind::QuickCreate).is_some() && target.kind == model::TableKind::Standard
            })
            .map(|target| NewRecord {
                label: tr!("New {}", Language::within_sentence(&target.label)),
                href: format!("/{}/quick-create", target.set_name),
            })
            .collect(),
        offered: Vec::new(),
    }
}

/// A control for a column by itself, for comparing, with what it shows.
pub(crate) fn control(me: &Me, model: &Model, names: &Names, table: &Table, column: &Column, shown: String) -> Control {
    let fields = Fields {
        me,
        model,
        table,
        names,
        row: &Row::new(),
        typed: None,
        new: true,
        closed: false,
        scope: "filter",
        errors: &[],
        parties: None,
    };
    match column.value_type() {
        ColumnType::Lookup { .. } => {
            Control::Lookup(LookupControl { create: Vec::new(), ..fields.lookup(column, &shown) })
        }
        _ => fields.control_showing(column, shown),
    }
}

/// The options of a choice, a state or a status; of a status only those of `state`, where given.
pub(crate) fn options(table: &Table, column: &Column, state: Option<i64>) -> Vec<ChoiceOption> {
    let option =
        |value: i32, label: &str| ChoiceOption { value: value.to_string(), label: label.to_owned(), chosen: false };
    match column.value_type() {
        ColumnType::State => table.states.iter().map(|state| option(state.value, &state.label)).collect(),
        ColumnType::Status => table
            .states
            .iter()
            .filter(|of| state.is_none_or(|state| i64::from(of.value) == state))
            .flat_map(|state| &state.statuses)
            .map(|status| option(status.value, &status.label))
            .collect(),
        _ => column
            .options()
            .iter()
            .filter(|choice| !choice.hidden)
            .map(|choice| option(choice.value, &choice.label))
            .collect(),
    }
}

fn options_in(table: &Table, column: &Column, state: Option<i64>) -> Vec<ChoiceOption> {
    options(table, column, state.or(Some(0)))
}

fn chosen(mut options: Vec<ChoiceOption>, values: &[&str]) -> Vec<ChoiceOption> {
    for option in &mut options {
        option.chosen = values.contains(&option.value.as_str());
    }
    options
}

/// What a new row begins with, so that the form shows it: constant defaults, today, oneself.
pub(crate) fn defaults(me: &Me, table: &Table) -> Row {
    let now = me.caller.zone().now;
    let mut row = Row::new();
    for column in table.columns.values().filter(|column| is_editable(column)) {
        let value = match &column.default {
            Some(DefaultValue::Constant(value)) => value.clone(),
            Some(DefaultValue::Now) => match column.value_type() {
                ColumnType::Date => now.to_zoned_datetime(me.caller.time_zone.clone()).date().into(),
                _ => now.into(),
            },
            Some(DefaultValue::Caller) => Reference::new("systemuser", me.caller.user).into(),
            None => continue,
        };
        row.set(column.name.as_str(), value);
    }
    if table.column("ownerid").is_some_and(is_editable) {
        row.set("ownerid", Reference::new("systemuser", me.caller.user));
    }
    if table.has_money()
        && let Some(currency) = me.caller.organization().base_currency()
    {
        row.set("transactioncurrencyid", Reference::new("transactioncurrency", currency.id));
    }
    row
}

/// The rows that values and typed lookups point at, whose names a form shows.
pub(crate) fn references(table: &Table, row: &Row, typed: Option<&Typed>) -> Vec<Reference> {
    let stored = row.iter().filter_map(|(_, value)| value.as_reference().cloned());
    let chosen =
        table.lookups().filter_map(|column| input::reference(typed?.get(&column.name)?, column.targets()).ok());
    let parties = typed.map(|typed| parties::references(table, typed)).unwrap_or_default();
    stored.chain(chosen).chain(parties).collect()
}

/// The values that a form's fields hold. Fields that hold what the row shows are left out: seconds
/// or further decimal places that a field cannot show are not lost by saving.
pub(crate) struct Reading {
    pub values: Row,
    /// By column.
    pub errors: Vec<(String, String)>,
}

/// Reads the named columns from what was typed.
pub(crate) fn read<'c>(
    me: &Me,
    table: &Table,
    columns: impl IntoIterator<Item = &'c str>,
    row: Option<&Row>,
    typed: &Typed,
) -> Reading {
    let notation = Notation::of(me);
    let mut reading = Reading { values: Row::new(), errors: Vec::new() };
    let currency = row.and_then(|row| row.value("transactioncurrencyid").as_id());
    for name in columns {
        let Some(column) = table.column(name).filter(|column| is_editable(column) && typed.has(name)) else { continue };
        if matches!(column.kind, ColumnType::File { .. } | ColumnType::Image { .. }) || reading.values.contains(name) {
            continue;
        }
        let text = match column.value_type() {
            ColumnType::MultiChoice { .. } => typed.all(name).collect::<Vec<_>>().join(","),
            _ => typed.text(name).to_owned(),
        };
        if let Some(row) = row {
            let shown = notation.write(me, column, row.value(name), currency);
            if shown.trim() == text.replace("\r\n", "\n").trim() || (text == "false" && row.value(name).is_null()) {
                continue;
            }
        }
        let wanted = matches!(column.required, RequiredLevel::Required | RequiredLevel::System);
        match notation.read(column, &text) {
            Ok(Value::Null) if wanted => {
                reading.errors.push((name.to_owned(), tr!("must be filled")));
            }
            Ok(Value::Null) if row.is_none() => {}
            Ok(value) => match table.check(name, &value) {
                Ok(value) => reading.values.set(name, value),
                Err(error) => reading.errors.push((name.to_owned(), error.message)),
            },
            Err(message) => reading.errors.push((name.to_owned(), message)),
        }
    }
    reading
}
