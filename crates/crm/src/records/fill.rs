//! What the engine fills in: defaults, owner, state, stamps and base amounts.

use language::{tr, translated};
use model::{Column, ColumnType, DefaultValue, Ownership, Reference, Table, TableKind, Value};
use rust_decimal::{Decimal, RoundingStrategy};
use store::Row;
use uuid::Uuid;

use super::Work;
use crate::words::within;
use crate::{Error, FieldError, Result};

impl Work<'_, '_> {
    /// Defaults, stamps, owner and state of a new row.
    pub(super) fn fill_new(&mut self, table: &Table, row: &mut Row) -> Result<()> {
        self.stamp_created(table, row);
        let plain = |column: &&Column| !matches!(column.kind, ColumnType::State | ColumnType::Status);
        for column in table.columns.values().filter(plain) {
            if let Some(default) = column.default.as_ref().filter(|_| !row.contains(&column.name)) {
                row.set(&column.name, self.default_value(column, default));
            }
        }
        fill_state(table, None, row)?;
        if table.ownership == Ownership::User {
            self.fill_owner(table, row)?;
        }
        Ok(())
    }

    fn default_value(&self, column: &Column, default: &DefaultValue) -> Value {
        match default {
            DefaultValue::Constant(value) => value.clone(),
            DefaultValue::Now if matches!(column.kind, ColumnType::Date) => self.today().into(),
            DefaultValue::Now => self.now.into(),
            DefaultValue::Caller => self.author(),
        }
    }

    /// The caller as the value of a user lookup; nothing for the engine itself.
    pub(crate) fn author(&self) -> Value {
        if self.caller.user.is_nil() { Value::Null } else { Reference::new("systemuser", self.caller.user).into() }
    }

    fn stamp_created(&self, table: &Table, row: &mut Row) {
        if !table.columns.contains_key("createdon") {
            return;
        }
        // `overriddencreatedon` carries the true date of a row that comes from another system.
        let created = match row.value("overriddencreatedon") {
            Value::Null => Value::from(self.now),
            given => given.clone(),
        };
        row.set("createdon", created);
        if !row.contains("createdby") {
            row.set("createdby", self.author());
        }
        if self.caller.acting().is_some() {
            row.set("createdonbehalfby", self.acting());
        }
        self.stamp_modified(table, row);
    }

    pub(crate) fn stamp_modified(&self, table: &Table, row: &mut Row) {
        if table.columns.contains_key("modifiedon") {
            row.set("modifiedon", self.now);
            row.set("modifiedby", self.author());
            row.set("modifiedonbehalfby", self.acting());
        }
    }

    /// Whoever acts on behalf of the caller, as the value of a user lookup.
    fn acting(&self) -> Value {
        self.caller.acting().map_or(Value::Null, |acting| Reference::new("systemuser", acting).into())
    }

    /// Owner's companions: user or team, and the business unit the row belongs to. Refuses an owner
    /// who could not see the row.
    pub(super) fn fill_owner(&mut self, table: &Table, row: &mut Row) -> Result<()> {
        let Some(owner) = row.value("ownerid").as_reference().cloned() else {
            row.set("owningbusinessunit", unit(self.caller.business_unit));
            return Ok(());
        };
        let is_team = owner.table == "team";
        row.set("owninguser", if is_team { Value::Null } else { owner.clone().into() });
        row.set("owningteam", if is_team { owner.clone().into() } else { Value::Null });
        let business_unit = self.owners_unit(table, &owner)?;
        row.set("owningbusinessunit", unit(business_unit));
        Ok(())
    }

    /// Currency, exchange rate and base amounts. `row` holds the new columns (all of them for a
    /// new row); `old` the row before an update.
    pub(super) fn fill_money(&mut self, table: &Table, old: Option<&Row>, row: &mut Row) -> Result<()> {
        let money: Vec<&Column> =
            table.columns.values().filter(|c| matches!(c.kind, ColumnType::Money { base: false, .. })).collect();
        if !table.has_money() || money.is_empty() {
            return Ok(());
        }
        let organization = self.organization();
        let currency_given = row.has("transactioncurrencyid");
        let currency = match (row.get("transactioncurrencyid"), old) {
            (Some(value), _) if !value.is_null() => value.as_id(),
            (Some(_), _) | (None, None) => None,
            (None, Some(old)) => old.value("transactioncurrencyid").as_id(),
        };
        let Some(currency) = currency.or_else(|| organization.base_currency().map(|base| base.id)) else {
            return Ok(()); // before set-up there is no currency, and no money either
        };
        let concerns_money = old.is_none() || currency_given || money.iter().any(|column| row.contains(&column.name));
        if !concerns_money {
            return Ok(());
        }
        let Some(known) = organization.currency(currency) else {
            return Err(Error::NotFound { table: "transactioncurrency".to_owned(), id: currency });
        };
        let day = self.rate_day(table, old, row);
        let rate = known.rate_on(day);
        row.set("transactioncurrencyid", Reference::new("transactioncurrency", currency));
        row.set("exchangerate", rate);
        for column in money {
            let base = format!("{}_base", column.name);
            if !table.columns.contains_key(&base) {
                continue;
            }
            let amount =
                row.get(&column.name).or_else(|| old.map(|old| old.value(&column.name))).cloned().unwrap_or_default();
            row.set(base, amount.as_decimal().map(|amount| to_base(amount, rate)));
        }
        Ok(())
    }

    /// The day whose exchange rate counts: the closing day of a closed opportunity, the day of
    /// the activity that closes it, today for everything else.
    fn rate_day(&self, table: &Table, old: Option<&Row>, row: &Row) -> jiff::civil::Date {
        let column = match table.name.as_str() {
            "opportunity" => "actualclosedate",
            "opportunityclose" => "actualend",
            _ => return self.today(),
        };
        let value = row.get(column).or_else(|| old.map(|old| old.value(column)));
        match value {
            Some(Value::Date(day)) => *day,
            Some(Value::DateTime(moment)) => moment.to_zoned_datetime(self.caller.time_zone.clone()).date(),
            _ => self.today(),
        }
    }
}

/// Only activities and notes may be added to a closed row; itself it stays as it is, but for a legal
/// hold, which is about keeping it.
pub(crate) fn refuse_closed(table: &Table, old: &Row, changes: &Row) -> Result<()> {
    let Some(state) = old.value("statecode").as_whole().and_then(|state| table.state(state as i32)) else {
        return Ok(());
    };
    // No column at all is what a change of an activity's parties comes with.
    let holds = changes.contains(crate::privacy::HOLD) && changes.iter().count() == 1;
    if !state.closed || changes.contains("statecode") || table.kind == TableKind::Process || holds {
        return Ok(());
    }
    let name = old.text(&table.primary_name).to_owned();
    let state = within(&state.label);
    Err(Error::Refused(if name.is_empty() {
        tr!("This {} is {state} and read-only; reactivate it first", within(&table.label), state)
    } else {
        tr!("{} “{name}” is {state} and read-only; reactivate it first", translated(&table.label), name, state)
    }))
}

fn known_state(table: &Table, state: i64) -> Result<&model::State> {
    table.state(state as i32).ok_or_else(|| {
        state_error(table, "statecode", &tr!("{state} is not a state of {}", translated(&table.label), state))
    })
}

/// State and status reason agree: a status alone brings its state, a state alone its
/// default status.
pub(super) fn fill_state(table: &Table, old: Option<&Row>, row: &mut Row) -> Result<()> {
    if !table.has_state() {
        return Ok(());
    }
    let state = row.get("statecode").and_then(Value::as_whole);
    let status = row.get("statuscode").and_then(Value::as_whole);
    let (state, status) = match (state, status) {
        (None, None) if old.is_some() => return Ok(()),
        (None, None) => {
            let first = &table.states[0];
            (first.value, first.default_status)
        }
        (Some(state), None) => {
            let state = known_state(table, state)?;
            (state.value, state.default_status)
        }
        (state, Some(status)) => {
            let of = table.state_of_status(status as i32).ok_or_else(|| {
                state_error(
                    table,
                    "statuscode",
                    &tr!("{status} is not a status reason of {}", translated(&table.label), status),
                )
            })?;
            if let Some(state) = state.filter(|state| *state != i64::from(of.value)) {
                let message = tr!(
                    "status reason {status} belongs to state {} ({}), not to {state}",
                    of.value,
                    translated(&of.label),
                    status,
                    state
                );
                return Err(state_error(table, "statuscode", &message));
            }
            (of.value, status as i32)
        }
    };
    row.set("statecode", state);
    row.set("statuscode", status);
    Ok(())
}

/// Refuses a new state together with a reason of another, also where that is the present one, which is
/// no change and so would be left out of account.
pub(super) fn refuse_other_states_reason(table: &Table, old: &Row, changes: &Row) -> Result<()> {
    if changes.has("statecode") && changes.has("statuscode") {
        return fill_state(table, Some(old), &mut changes.clone());
    }
    Ok(())
}

/// An amount in the base currency, rounded to the four places money is kept with.
pub(crate) fn to_base(amount: Decimal, rate: Decimal) -> Decimal {
    amount.checked_div(rate).unwrap_or_default().round_dp_with_strategy(4, RoundingStrategy::MidpointAwayFromZero)
}

fn unit(id: Uuid) -> Value {
    if id.is_nil() { Value::Null } else { Reference::new("businessunit", id).into() }
}

fn state_error(table: &Table, column: &str, message: &str) -> Error {
    match table.column(column) {
        Some(column) => Error::Invalid(vec![FieldError::of(column, message)]),
        None => Error::Refused(message.to_owned()),
    }
}
