//! Values as people read them, for the `FormattedValue` annotation.

use crm::{Caller, format::Style, reading::Names};
use model::{Column, ColumnType, Table, Value};
use uuid::Uuid;

/// Formats for one caller: locale, time zone and currencies.
pub struct Formatter<'a> {
    caller: &'a Caller,
    style: Style,
}

impl<'a> Formatter<'a> {
    /// For this caller.
    pub fn new(caller: &'a Caller) -> Self {
        Self { caller, style: Style::of(caller) }
    }

    /// The value as people read it; nothing where it reads as it is (text, ids) or where the
    /// name of the row pointed at is not known. An amount whose `currency` is not known, as that of several
    /// rows together, bears no sign where there are several currencies.
    pub fn format(
        &self,
        table: &Table,
        column: &Column,
        value: &Value,
        currency: Option<Uuid>,
        names: &Names,
    ) -> Option<String> {
        match value {
            Value::Null | Value::Text(_) | Value::Id(_) => None,
            Value::Reference(reference) => names.get(reference).map(str::to_owned),
            Value::Decimal(amount) if currency.is_none() && self.may_be_any_currency(column) => {
                Some(self.style.number(*amount, 2))
            }
            other => Some(crm::format::value(self.caller, &self.style, table, column, other, currency, names)),
        }
    }

    fn may_be_any_currency(&self, column: &Column) -> bool {
        let is_own = matches!(column.value_type(), ColumnType::Money { base: false, .. });
        is_own && self.caller.organization().currencies.len() > 1
    }

    /// A number that stands for itself: a count, an average.
    pub fn number(&self, number: rust_decimal::Decimal) -> String {
        let number = number.normalize();
        self.style.number(number, number.scale())
    }
}
