//! Which columns tell of a person, and how a row is stripped of them.
//!
//! What remains of an anonymised row says nothing about anybody: its keys, links, owner, state,
//! choices, amounts and dates of business, so that counts and sums stay right.

use model::{Column, ColumnType, RequiredLevel, Table, Value};
use store::Row;
use uuid::Uuid;

use super::PEOPLE;

/// What stands where a text may not be empty.
pub(super) const ERASED: &str = "(erased)";

/// Choices and amounts that tell of a person rather than of business.
const PRIVATE: [&str; 7] = [
    "gendercode",
    "familystatuscode",
    "haschildrencode",
    "educationcode",
    "numberofchildren",
    "annualincome",
    "creditlimit",
];
/// Days that tell of a person. Of an organisation's own columns every day does.
const PRIVATE_DAYS: [&str; 2] = ["birthdate", "anniversary"];
/// Texts of which everybody's rows have the same few.
const IMPERSONAL: [&str; 7] = [
    "activitytypecode",
    "traversedpath",
    "mimetype",
    "langid",
    "address1_country",
    "address2_country",
    "address3_country",
];

/// Whether a column's values tell of the person the row is about.
pub(super) fn is_personal(table: &Table, column: &Column) -> bool {
    if !column.is_stored() || column.is_computed() || IMPERSONAL.contains(&column.name.as_str()) {
        return false;
    }
    let is_person = PEOPLE.contains(&table.name.as_str()) || table.name == "account";
    match &column.kind {
        ColumnType::Text { .. }
        | ColumnType::Memo { .. }
        | ColumnType::RichText { .. }
        | ColumnType::File { .. }
        | ColumnType::Image { .. } => true,
        ColumnType::Date => is_person && (column.custom || PRIVATE_DAYS.contains(&column.name.as_str())),
        ColumnType::Decimal { .. } => column.name.ends_with("_latitude") || column.name.ends_with("_longitude"),
        ColumnType::Choice { .. } | ColumnType::Whole { .. } | ColumnType::Money { base: false, .. } => {
            is_person && PRIVATE.contains(&column.name.as_str())
        }
        _ => false,
    }
}

/// The changes that strip a row of what tells of a person.
pub(super) fn emptied(table: &Table, row: &Row) -> Row {
    let filled = table.columns.values().filter(|column| is_personal(table, column) && row.has(&column.name));
    let mut changes: Row = filled.map(|column| (column.name.clone(), nothing_in(column))).collect();
    if changes.contains("documentbody") {
        // The note no longer has a file.
        changes.set("isdocument", false);
        changes.set("filesize", Value::Null);
    }
    changes
}

/// Pages and lists need something to show where a name must stand.
fn nothing_in(column: &Column) -> Value {
    let must_stand = matches!(column.required, RequiredLevel::System | RequiredLevel::Required);
    let fits = match column.kind {
        ColumnType::Text { length, .. } | ColumnType::Memo { length } | ColumnType::RichText { length } => {
            length as usize >= ERASED.len()
        }
        _ => false,
    };
    if must_stand && fits { ERASED.into() } else { Value::Null }
}

/// The files a row holds, or held by the values given.
pub(super) fn files<'v>(table: &Table, values: impl Iterator<Item = (&'v str, &'v Value)>) -> Vec<Uuid> {
    let is_file = |name: &str| {
        let kind = table.column(name).map(|column| &column.kind);
        matches!(kind, Some(ColumnType::File { .. } | ColumnType::Image { .. }))
    };
    values.filter(|(name, _)| is_file(name)).filter_map(|(_, value)| value.as_id()).collect()
}
