//! Values to cells of a file.

use model::{Column, Reference, Table, Value};
use tabular::Cell;

use crate::{
    Caller,
    activities::parties::{Party, StoredParty},
    format, keyed_name,
};

/// For people: labels, names, dates in the caller's time zone. `name` knows what rows are called, and
/// whether the key must stand with it.
pub(super) fn readable<'n>(
    table: &Table,
    column: &Column,
    value: &Value,
    caller: &Caller,
    name: impl Fn(&Reference) -> Option<(&'n str, bool)>,
) -> Cell {
    match value {
        Value::Null => Cell::Empty,
        Value::Boolean(yes) => Cell::Text(format::boolean_label(column, *yes)),
        Value::Whole(number) => {
            format::whole_label(table, column, *number).map_or_else(|| Cell::Number((*number).into()), Cell::Text)
        }
        Value::Decimal(number) => Cell::Number(number.normalize()),
        Value::Text(text) => Cell::Text(text.clone()),
        Value::Id(id) => Cell::Text(id.to_string()),
        Value::Reference(reference) => {
            let keyed = |name: &str| keyed_name::write(name, reference, column.is_polymorphic());
            Cell::Text(match name(reference) {
                Some((name, false)) => name.to_owned(),
                Some((name, true)) => keyed(name),
                None => keyed(""),
            })
        }
        Value::Date(day) => Cell::Date(*day),
        Value::DateTime(moment) => Cell::DateTime(moment.to_zoned_datetime(caller.time_zone.clone()).datetime()),
        Value::Choices(numbers) => {
            let labels = numbers.iter().map(|number| {
                let option = column.options().iter().find(|option| option.value == *number);
                option.map_or_else(|| number.to_string(), |option| option.label.clone())
            });
            Cell::Text(labels.collect::<Vec<_>>().join("; "))
        }
    }
}

/// For machines: numbers, identifiers, UTC.
pub(super) fn raw(column: &Column, value: &Value) -> Cell {
    match value {
        Value::Null => Cell::Empty,
        Value::Boolean(yes) => Cell::Text(yes.to_string()),
        Value::Whole(number) => Cell::Number((*number).into()),
        Value::Decimal(number) => Cell::Number(number.normalize()),
        Value::Text(text) => Cell::Text(text.clone()),
        Value::Id(id) => Cell::Text(id.to_string()),
        Value::Reference(reference) if column.is_polymorphic() => {
            Cell::Text(format!("{}:{}", reference.table, reference.id))
        }
        Value::Reference(reference) => Cell::Text(reference.id.to_string()),
        Value::Date(day) => Cell::Date(*day),
        Value::DateTime(moment) => Cell::Text(moment.to_string()),
        Value::Choices(numbers) => Cell::Text(numbers.iter().map(i32::to_string).collect::<Vec<_>>().join(";")),
    }
}

/// Who takes part in an activity: names for people, `table:identifier` or an address for machines.
pub(super) fn parties<'p>(
    parties: impl Iterator<Item = &'p StoredParty>,
    raw: bool,
    is_keyed: impl Fn(&Reference) -> bool,
) -> Cell {
    let words: Vec<String> = parties
        .map(|party| match &party.party {
            Party::Record(reference) if raw => format!("{}:{}", reference.table, reference.id),
            Party::Address(address) => address.clone(),
            // Semicolons stand between names.
            Party::Record(reference) if party.name.contains(';') => keyed_name::write("", reference, true),
            Party::Record(reference) if is_keyed(reference) => keyed_name::write(&party.name, reference, true),
            Party::Record(_) => party.name.clone(),
        })
        .collect();
    if words.is_empty() { Cell::Empty } else { Cell::Text(words.join("; ")) }
}
