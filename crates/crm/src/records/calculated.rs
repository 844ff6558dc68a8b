//! What calculated columns would hold, before anything is written.

use jiff::Timestamp;
use model::{ColumnType, Table};
use store::Row;

use super::fill::to_base;
use crate::{App, Caller};

impl App {
    /// What the calculated columns of a row would hold with these changes, as far as the caller may
    /// read them. Nothing is written; `row` holds what the caller sees of it, so that what is hidden
    /// from them tells nothing here either.
    pub fn calculated(&self, caller: &Caller, table: &Table, row: &Row, changes: &Row) -> Row {
        let mut whole = row.clone();
        whole.merge(changes);
        fill_base(caller, table, &mut whole);
        let mut calculated = Row::new();
        for column in table.calculated() {
            let value = column.calculate(&|name| whole.value(name).clone());
            whole.set(column.name.as_str(), value.clone());
            if caller.may_read(column) {
                calculated.set(column.name.as_str(), value);
            }
        }
        calculated
    }
}

/// Amounts in the base currency, by the rate of today.
fn fill_base(caller: &Caller, table: &Table, row: &mut Row) {
    let organization = caller.organization();
    let own = row.value("transactioncurrencyid").as_id().and_then(|id| organization.currency(id));
    let Some(currency) = own.or_else(|| organization.base_currency()) else { return };
    let rate = currency.rate_on(Timestamp::now().to_zoned_datetime(caller.time_zone.clone()).date());
    let money = table.columns.values().filter(|column| matches!(column.kind, ColumnType::Money { base: false, .. }));
    for column in money {
        let base = format!("{}_base", column.name);
        if table.columns.contains_key(&base) {
            let amount = row.value(&column.name).as_decimal().map(|amount| to_base(amount, rate));
            row.set(base, amount);
        }
    }
}
