//! Columns as properties: their type and its limits.

use std::borrow::Cow;

use model::{Column, ColumnType};
use rust_decimal::Decimal;

/// Places that money is told with.
const MONEY_PLACES: u32 = 4;
/// Characters of a number given by the engine.
const AUTO_NUMBER: u32 = 100;

/// The type of a column's values on the wire, and its limits as attributes.
pub struct Facets {
    /// `Edm.String`
    pub kind: &'static str,
    /// `MaxLength`, `Precision`, `Scale`
    pub limits: Vec<(&'static str, Cow<'static, str>)>,
}

impl Facets {
    /// Those of a column.
    pub fn of(column: &Column) -> Self {
        let plain = |kind| Self { kind, limits: Vec::new() };
        match column.value_type() {
            ColumnType::Id | ColumnType::Lookup { .. } => plain("Edm.Guid"),
            ColumnType::Text { length, .. } | ColumnType::Memo { length } | ColumnType::RichText { length } => {
                text(*length)
            }
            ColumnType::AutoNumber(_) => text(AUTO_NUMBER),
            ColumnType::Whole { min, max } if i32::try_from(*min).is_ok() && i32::try_from(*max).is_ok() => {
                plain("Edm.Int32")
            }
            ColumnType::Whole { .. } => plain("Edm.Int64"),
            ColumnType::Decimal { precision, min, max } => decimal(*precision, *min, *max),
            ColumnType::Money { min, max, .. } => decimal(MONEY_PLACES, *min, *max),
            ColumnType::Boolean { .. } => plain("Edm.Boolean"),
            ColumnType::Choice { .. } | ColumnType::State | ColumnType::Status => plain("Edm.Int32"),
            ColumnType::Date => plain("Edm.Date"),
            ColumnType::DateTime => plain("Edm.DateTimeOffset"),
            ColumnType::Image { .. } => plain("Edm.Binary"),
            // Several numbers stand in one text, files are told in base64.
            _ => plain("Edm.String"),
        }
    }
}

fn text(length: u32) -> Facets {
    Facets { kind: "Edm.String", limits: vec![("MaxLength", length.to_string().into())] }
}

fn decimal(places: u32, min: Decimal, max: Decimal) -> Facets {
    let largest = min.abs().max(max.abs()).trunc().normalize();
    let digits = u32::try_from(largest.to_string().len()).unwrap_or(u32::MAX).saturating_add(places);
    let limits = vec![("Precision", digits.to_string().into()), ("Scale", places.to_string().into())];
    Facets { kind: "Edm.Decimal", limits }
}
