//! One declared column to a column of the model.

use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::names;
use crate::{
    AutoNumber, Choice, Column, ColumnDeclaration, ColumnKind, ColumnType, DefaultValue, Filter, Formula, Problem,
    Rollup, RollupFunction, Value,
};

/// A line of text where nothing is said.
const USUAL_LENGTH: u32 = 100;
/// Several lines of text where nothing is said.
const USUAL_MEMO_LENGTH: u32 = 2_000;
/// Most places of a decimal.
const MOST_PLACES: u32 = 10;
/// Places of a decimal where nothing is said.
const USUAL_PLACES: u32 = 2;
/// Largest file where nothing is said.
const USUAL_FILE: u64 = 32 * 1024 * 1024;
/// Largest picture where nothing is said.
const USUAL_IMAGE: u64 = 10 * 1024 * 1024;

/// Largest number with this many places that 64 bits hold, which is how it is stored.
pub(super) fn largest(places: u32) -> Decimal {
    Decimal::from(i64::MAX / 10_i64.pow(places.min(18)))
}

pub(super) fn any_whole() -> ColumnType {
    ColumnType::Whole { min: i64::MIN + 1, max: i64::MAX }
}

pub(super) fn any_money(base: bool) -> ColumnType {
    let most = largest(crate::coerce::MONEY_PLACES);
    ColumnType::Money { min: -most, max: most, base }
}

pub(super) fn column(table: &str, name: &str, declared: &ColumnDeclaration, problems: &mut Vec<Problem>) -> Column {
    let place = if declared.place.is_empty() {
        format!("{table}.{name}")
    } else {
        format!("{}: {table}.{name}", declared.place)
    };
    let mut found = Vec::new();
    refuse_foreign_options(declared, &mut found);
    let kind = kind(declared, &mut found);
    let mut column = Column {
        name: name.to_owned(),
        schema_name: declared.schema_name.clone().unwrap_or_else(|| names::schema_name(name, declared.custom)),
        label: declared.label.clone(),
        description: declared.description.clone(),
        kind,
        required: declared.required,
        default: None,
        searchable: declared.searchable,
        audited: declared.audited,
        importable: declared.importable,
        read_only: declared.read_only,
        custom: declared.custom,
        secured: declared.secured,
        guards: Vec::new(),
        choice: declared.choice.clone(),
    };
    column.default = default(&column, declared.default.as_ref(), &mut found);
    if column.searchable && !column.is_text() {
        found.push("only text can be searchable".to_owned());
    }
    problems.extend(found.into_iter().map(|message| Problem::new(place.clone(), message)));
    column
}

/// An option the type does not have is a mistake, not something to be passed over.
fn refuse_foreign_options(declared: &ColumnDeclaration, problems: &mut Vec<String>) {
    use ColumnKind as K;
    // A calculated column's result has limits of its own.
    let kind = match declared.kind {
        K::Calculated => declared.result.unwrap_or(K::Text),
        kind => kind,
    };
    let calculated = declared.kind == K::Calculated;
    let text = [K::Text, K::Memo, K::RichText].contains(&kind);
    let number = [K::Whole, K::Decimal, K::Money].contains(&kind);
    let choice = [K::Choice, K::MultiChoice].contains(&kind);
    let lookup = [K::Lookup, K::PartyList].contains(&kind);
    let rollup = kind == K::Rollup;
    let given = [
        ("length", declared.length.is_some(), text),
        ("format", declared.format.is_some(), kind == K::Text),
        ("min", declared.min.is_some(), number),
        ("max", declared.max.is_some(), number),
        ("precision", declared.precision.is_some(), kind == K::Decimal),
        ("yes", declared.yes.is_some(), kind == K::Boolean),
        ("no", declared.no.is_some(), kind == K::Boolean),
        ("options", !declared.options.is_empty(), choice),
        ("choice", declared.choice.is_some(), choice),
        ("targets", !declared.targets.is_empty(), lookup),
        ("participation", declared.participation.is_some(), kind == K::PartyList),
        ("result", declared.result.is_some(), calculated),
        ("formula", declared.formula.is_some(), calculated),
        ("autonumber", declared.autonumber.is_some(), kind == K::AutoNumber),
        ("function", declared.function.is_some(), rollup),
        ("table", declared.table.is_some(), rollup),
        ("through", declared.through.is_some(), rollup),
        ("column", declared.column.is_some(), rollup),
        ("filter", declared.filter.is_some(), rollup),
        ("max_bytes", declared.max_bytes.is_some(), [K::File, K::Image].contains(&kind)),
    ];
    for (option, present, belongs) in given {
        if present && !belongs {
            problems.push(format!("'{option}' does not belong to a column of this type; take it out"));
        }
    }
}

fn kind(declared: &ColumnDeclaration, problems: &mut Vec<String>) -> ColumnType {
    match declared.kind {
        ColumnKind::Calculated => calculated(declared, problems),
        ColumnKind::Rollup => rollup(declared, problems),
        ColumnKind::AutoNumber => match auto_number(declared.autonumber.as_deref().unwrap_or_default()) {
            Ok(number) => ColumnType::AutoNumber(number),
            Err(message) => {
                problems.push(message);
                ColumnType::AutoNumber(AutoNumber { prefix: String::new(), digits: 1, suffix: String::new() })
            }
        },
        kind => plain(kind, declared, problems),
    }
}

/// A type that is not computed.
fn plain(kind: ColumnKind, declared: &ColumnDeclaration, problems: &mut Vec<String>) -> ColumnType {
    match kind {
        ColumnKind::Id => ColumnType::Id,
        ColumnKind::Text => ColumnType::Text {
            length: declared.length.unwrap_or(USUAL_LENGTH),
            format: declared.format.unwrap_or_default(),
        },
        ColumnKind::Memo => ColumnType::Memo { length: declared.length.unwrap_or(USUAL_MEMO_LENGTH) },
        ColumnKind::RichText => ColumnType::RichText { length: declared.length.unwrap_or(USUAL_MEMO_LENGTH) },
        ColumnKind::Whole => {
            let (min, max) = limits(declared, Decimal::from(i32::MAX), 0, problems);
            ColumnType::Whole { min: min.to_i64().unwrap_or_default(), max: max.to_i64().unwrap_or_default() }
        }
        ColumnKind::Decimal => {
            let precision = declared.precision.unwrap_or(USUAL_PLACES);
            if precision > MOST_PLACES {
                problems.push(format!("precision is from 0 to {MOST_PLACES}"));
            }
            let precision = precision.min(MOST_PLACES);
            let usual = Decimal::from(100_000_000_000_i64).min(largest(precision));
            let (min, max) = limits(declared, usual, precision, problems);
            ColumnType::Decimal { precision, min, max }
        }
        ColumnKind::Money => {
            let places = crate::coerce::MONEY_PLACES;
            let (min, max) = limits(declared, largest(places), places, problems);
            ColumnType::Money { min, max, base: false }
        }
        ColumnKind::Boolean => ColumnType::Boolean {
            yes: declared.yes.clone().unwrap_or_else(|| "Yes".to_owned()),
            no: declared.no.clone().unwrap_or_else(|| "No".to_owned()),
        },
        ColumnKind::Choice => ColumnType::Choice { options: options(declared, problems) },
        ColumnKind::MultiChoice => ColumnType::MultiChoice { options: options(declared, problems) },
        ColumnKind::Date => ColumnType::Date,
        ColumnKind::DateTime => ColumnType::DateTime,
        ColumnKind::Lookup => ColumnType::Lookup { targets: targets(declared, problems) },
        ColumnKind::PartyList => {
            let participation = declared.participation.unwrap_or_default();
            if !(1..=9).contains(&participation) {
                problems.push("a party list needs a participation from 1 (from) to 9 (owner)".to_owned());
            }
            ColumnType::PartyList { participation, targets: targets(declared, problems) }
        }
        ColumnKind::File => ColumnType::File { max_bytes: declared.max_bytes.unwrap_or(USUAL_FILE) },
        ColumnKind::Image => ColumnType::Image { max_bytes: declared.max_bytes.unwrap_or(USUAL_IMAGE) },
        ColumnKind::AutoNumber | ColumnKind::Calculated | ColumnKind::Rollup => {
            problems.push("the result of a formula is text, a number, yes/no, a date or a moment".to_owned());
            ColumnType::Text { length: USUAL_LENGTH, format: crate::TextFormat::Text }
        }
    }
}

fn limits(declared: &ColumnDeclaration, usual: Decimal, places: u32, problems: &mut Vec<String>) -> (Decimal, Decimal) {
    let most = largest(places);
    let mut bound = |value: Option<&Value>, name: &str, usual: Decimal| {
        let Some(value) = value else { return usual };
        let number = match value {
            Value::Text(text) => text.parse().ok(),
            other => other.as_decimal(),
        };
        match number {
            Some(number) if number.abs() <= most && number.normalize().scale() <= places => number,
            Some(number) => {
                problems.push(format!(
                    "{name} {number} must lie between -{most} and {most} and have at most {places} places"
                ));
                usual
            }
            None => {
                problems.push(format!("{name} must be a number"));
                usual
            }
        }
    };
    let min = bound(declared.min.as_ref(), "min", -usual);
    let max = bound(declared.max.as_ref(), "max", usual);
    if min > max {
        problems.push(format!("min {min} is larger than max {max}"));
    }
    (min, max)
}

fn options(declared: &ColumnDeclaration, problems: &mut Vec<String>) -> Vec<Choice> {
    if declared.options.is_empty() {
        problems.push("a choice needs options, for instance [{ value = 1, label = \"Hot\" }]".to_owned());
    }
    declared.options.clone()
}

fn targets(declared: &ColumnDeclaration, problems: &mut Vec<String>) -> Vec<String> {
    if declared.targets.is_empty() {
        problems.push("a lookup needs targets, for instance [\"account\"]".to_owned());
    }
    let mut seen = std::collections::BTreeSet::new();
    if let Some(twice) = declared.targets.iter().find(|target| !seen.insert(*target)) {
        problems.push(format!("target {twice} stands twice"));
    }
    declared.targets.clone()
}

fn calculated(declared: &ColumnDeclaration, problems: &mut Vec<String>) -> ColumnType {
    let text = declared.formula.as_deref().unwrap_or_default();
    let formula = Formula::parse(text).or_else(|error| {
        problems.push(format!("formula: {error}"));
        Formula::parse("null")
    });
    if declared.result.is_none() {
        problems.push("a calculated column needs a result, for instance \"text\"".to_owned());
    }
    let result = plain(declared.result.unwrap_or(ColumnKind::Text), declared, problems);
    match formula {
        Ok(formula) => ColumnType::Calculated { formula, result: Box::new(result) },
        Err(_) => result,
    }
}

fn rollup(declared: &ColumnDeclaration, problems: &mut Vec<String>) -> ColumnType {
    let mut wanted = |value: &Option<String>, name: &str| {
        value.clone().unwrap_or_else(|| {
            problems.push(format!("a rollup needs {name}"));
            String::new()
        })
    };
    let table = wanted(&declared.table, "table");
    let through = wanted(&declared.through, "through");
    let function = declared.function.unwrap_or_else(|| {
        problems.push("a rollup needs a function: count, sum, min or max".to_owned());
        RollupFunction::Count
    });
    ColumnType::Rollup(Rollup {
        function,
        table,
        through,
        column: declared.column.clone(),
        filter: declared.filter.clone().unwrap_or_else(Filter::everything),
        result: Box::new(any_whole()),
    })
}

/// `LEAD-{000000}`: text around one run of zeros in braces.
fn auto_number(format: &str) -> Result<AutoNumber, String> {
    let parts = format.split_once('{').and_then(|(prefix, rest)| {
        let (zeros, suffix) = rest.split_once('}')?;
        let digits = u32::try_from(zeros.len()).ok().filter(|digits| (1..=18).contains(digits))?;
        let sound = zeros.bytes().all(|byte| byte == b'0') && !suffix.contains(['{', '}']);
        (sound && prefix.len() + suffix.len() <= 80).then(|| (prefix.to_owned(), digits, suffix.to_owned()))
    });
    match parts {
        Some((prefix, digits, suffix)) => Ok(AutoNumber { prefix, digits, suffix }),
        None => Err(format!("'{format}' is not an autonumber; write for instance \"LEAD-{{000000}}\"")),
    }
}

fn default(column: &Column, declared: Option<&Value>, problems: &mut Vec<String>) -> Option<DefaultValue> {
    let value = declared?;
    if column.is_computed() || matches!(column.kind, ColumnType::PartyList { .. } | ColumnType::Id) {
        problems.push("a column of this type has no default".to_owned());
        return None;
    }
    match (value.as_text(), &column.kind) {
        (Some("now()"), ColumnType::Date | ColumnType::DateTime) => return Some(DefaultValue::Now),
        (Some("caller()"), ColumnType::Lookup { targets }) if targets.iter().any(|target| target == "systemuser") => {
            return Some(DefaultValue::Caller);
        }
        _ => {}
    }
    match column.coerce(value.clone()).and_then(|value| column.check(&value)) {
        Ok(value) => Some(DefaultValue::Constant(value)),
        Err(error) => {
            problems.push(format!("the default does not fit: {error}"));
            None
        }
    }
}
