//! Currencies and their rates.

use language::tr;
use rust_decimal::Decimal;
use store::Row;

use crate::{Error, Result};

/// A rate is positive: units of the currency for one of the base currency.
pub(crate) fn before_rate(row: &Row) -> Result<()> {
    match row.value("exchangerate").as_decimal() {
        Some(rate) if rate <= Decimal::ZERO => Err(Error::refused(tr!(
            "an exchange rate is greater than zero: units of the currency for one of the base currency"
        ))),
        _ => Ok(()),
    }
}
