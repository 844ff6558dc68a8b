//! The columns every table has without declaring them.

use rust_decimal::Decimal;

use super::column::any_money;
use crate::{
    ByName, Column, ColumnChange, ColumnType, DefaultValue, Ownership, Problem, RequiredLevel, TableDeclaration, Value,
};

/// Places of an exchange rate.
const RATE_PLACES: u32 = 10;
/// Largest exchange rate.
const LARGEST_RATE: i64 = 100_000_000;

pub(super) fn primary_key(name: &str, table_label: &str) -> Column {
    let mut column = column(name, &super::names::schema_name(name, false), table_label, ColumnType::Id);
    column.audited = false;
    column
}

/// The companion in the organisation's base currency.
pub(super) fn base_money(money: &Column) -> Column {
    let mut column = column(
        &format!("{}_base", money.name),
        &format!("{}_Base", money.schema_name),
        &format!("{} (base)", money.label),
        any_money(true),
    );
    "The same amount in the base currency.".clone_into(&mut column.description);
    column.custom = money.custom;
    column.audited = false;
    column
}

/// An amount calculated from amounts in the base currency is in the base currency itself.
pub(super) fn tell_base_results(columns: &mut ByName<Column>) {
    let is_base = |column: &Column| matches!(column.value_type(), ColumnType::Money { base: true, .. });
    let bases: Vec<String> = columns.values().filter(|column| is_base(column)).map(|base| base.name.clone()).collect();
    for column in columns.values_mut() {
        if let ColumnType::Calculated { formula, result } = &mut column.kind
            && let ColumnType::Money { base, .. } = result.as_mut()
        {
            *base = formula.columns().iter().any(|read| bases.iter().any(|name| name == read));
        }
    }
}

/// Adds what is not declared by the table itself.
pub(super) fn add(columns: &mut ByName<Column>, table: &TableDeclaration) {
    let mut wanted = tracking();
    if table.ownership == Ownership::User {
        wanted.extend(owning());
    }
    if !table.states.is_empty() {
        wanted.extend(state(table));
    }
    if columns.values().any(Column::is_money) && holds_own_amounts(columns) {
        wanted.extend(currency());
    }
    for column in wanted {
        columns.entry(column.name.clone()).or_insert(column);
    }
}

/// What an organisation may change in columns that come by themselves: how they are called, and
/// whether they are kept in the history and filled by imports.
pub(super) fn change(
    table: &str,
    columns: &mut ByName<Column>,
    declared: &TableDeclaration,
    problems: &mut Vec<Problem>,
) {
    for (name, change) in &declared.system_changes {
        let place = format!("table.{table}.change.{name}");
        let Some(column) = columns.get_mut(name) else {
            problems.push(Problem::new(place, format!("{table} has no column {name}")));
            continue;
        };
        let ColumnChange { label, description, audited, importable, .. } = change.clone();
        let allowed = ColumnChange { label, description, audited, importable, ..ColumnChange::default() };
        if allowed != *change || (change.importable == Some(true) && column.read_only) {
            problems.push(Problem::new(
                place,
                "the engine keeps this column; only its label, description and audited can be changed",
            ));
            continue;
        }
        if let Some(label) = &change.label {
            column.label.clone_from(label);
        }
        if let Some(description) = &change.description {
            column.description.clone_from(description);
        }
        column.audited = change.audited.unwrap_or(column.audited);
        column.importable = change.importable.unwrap_or(column.importable);
    }
}

/// Rollups in the base currency need no currency of the row.
fn holds_own_amounts(columns: &ByName<Column>) -> bool {
    columns.values().any(|column| match &column.kind {
        ColumnType::Money { .. } => true,
        ColumnType::Calculated { result, .. } => matches!(**result, ColumnType::Money { .. }),
        _ => false,
    })
}

/// A read-only column that imports do not fill.
fn column(name: &str, schema_name: &str, label: &str, kind: ColumnType) -> Column {
    Column {
        name: name.to_owned(),
        schema_name: schema_name.to_owned(),
        label: label.to_owned(),
        description: String::new(),
        kind,
        required: RequiredLevel::None,
        default: None,
        searchable: false,
        audited: true,
        importable: false,
        read_only: true,
        custom: false,
        secured: false,
        guards: Vec::new(),
        choice: None,
    }
}

fn lookup(name: &str, schema_name: &str, label: &str, targets: &[&str]) -> Column {
    let targets = targets.iter().map(|target| (*target).to_owned()).collect();
    column(name, schema_name, label, ColumnType::Lookup { targets })
}

fn whole(name: &str, schema_name: &str, label: &str, max: i64) -> Column {
    column(name, schema_name, label, ColumnType::Whole { min: 0, max })
}

fn tracking() -> Vec<Column> {
    let unaudited = |column: Column| Column { audited: false, ..column };
    let imported = |column: Column| Column { importable: true, read_only: false, ..unaudited(column) };
    vec![
        column("createdon", "CreatedOn", "Created on", ColumnType::DateTime),
        lookup("createdby", "CreatedBy", "Created by", &["systemuser"]),
        unaudited(column("modifiedon", "ModifiedOn", "Modified on", ColumnType::DateTime)),
        unaudited(lookup("modifiedby", "ModifiedBy", "Modified by", &["systemuser"])),
        lookup("createdonbehalfby", "CreatedOnBehalfBy", "Created on behalf by", &["systemuser"]),
        unaudited(lookup("modifiedonbehalfby", "ModifiedOnBehalfBy", "Modified on behalf by", &["systemuser"])),
        unaudited(whole("versionnumber", "VersionNumber", "Version number", i64::MAX)),
        imported(whole("importsequencenumber", "ImportSequenceNumber", "Import number", i64::from(i32::MAX))),
        imported(column("overriddencreatedon", "OverriddenCreatedOn", "Record created on", ColumnType::DateTime)),
    ]
}

fn owning() -> Vec<Column> {
    let owner = Column {
        required: RequiredLevel::System,
        default: Some(DefaultValue::Caller),
        importable: true,
        read_only: false,
        ..lookup("ownerid", "OwnerId", "Owner", &["systemuser", "team"])
    };
    vec![
        owner,
        lookup("owningbusinessunit", "OwningBusinessUnit", "Owning business unit", &["businessunit"]),
        lookup("owninguser", "OwningUser", "Owning user", &["systemuser"]),
        lookup("owningteam", "OwningTeam", "Owning team", &["team"]),
    ]
}

/// A new row begins in the first state with that state's usual status reason.
fn state(table: &TableDeclaration) -> Vec<Column> {
    let first = table.states.first();
    let open = |column: Column, default: Option<i32>| Column {
        default: default.map(|number| DefaultValue::Constant(Value::from(number))),
        required: RequiredLevel::System,
        importable: true,
        read_only: false,
        ..column
    };
    vec![
        open(column("statecode", "StateCode", "Status", ColumnType::State), first.map(|state| state.value)),
        open(
            column("statuscode", "StatusCode", "Status reason", ColumnType::Status),
            first.map(|state| state.default_status),
        ),
    ]
}

fn currency() -> Vec<Column> {
    let rate = ColumnType::Decimal {
        precision: RATE_PLACES,
        min: Decimal::new(1, RATE_PLACES),
        max: Decimal::from(LARGEST_RATE),
    };
    let currency = lookup("transactioncurrencyid", "TransactionCurrencyId", "Currency", &["transactioncurrency"]);
    vec![
        Column { importable: true, read_only: false, ..currency },
        column("exchangerate", "ExchangeRate", "Exchange rate", rate),
    ]
}
