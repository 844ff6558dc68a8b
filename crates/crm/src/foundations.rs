//! What the whole organisation stands on stays: its one row, the business unit at the top, the currency
//! all amounts are compared in, the rows of declared roles.

use language::tr;
use model::{Filter, Reference, Table, Value};
use rust_decimal::Decimal;
use store::Row;
use uuid::Uuid;

use crate::{Error, Origin, Result, records::Work};

/// Before a new row is filled in: every unit but the one at the top stands below another.
pub(crate) fn before_unit(work: &Work<'_, '_>, row: &mut Row) {
    let root = work.organization().root_business_unit;
    if !root.is_nil() && row.value("parentbusinessunitid").is_null() {
        row.set("parentbusinessunitid", Reference::new("businessunit", root));
    }
}

/// Before a row of a role is added: the engine alone does, for what the model declares.
pub(crate) fn before_role(work: &Work<'_, '_>) -> Result<()> {
    if work.origin() == Origin::Engine {
        return Ok(());
    }
    Err(Error::refused(tr!(
        "security roles are declarations; add a role to the customisations, and its row is made by itself"
    )))
}

/// Before a row is written, new or changed, by whatever way.
pub(crate) fn before_write(work: &mut Work<'_, '_>, table: &Table, old: Option<&Row>, row: &Row) -> Result<()> {
    match table.name.as_str() {
        "organization" => before_organization(work, table, old, row),
        "businessunit" => before_change_of_unit(work, table, old, row),
        "transactioncurrency" => before_currency(work, table, old, row),
        "transactioncurrencyrate" => before_dated_rate(work, table, old, row),
        "role" => before_change_of_role(work, table, old, row),
        _ => Ok(()),
    }
}

/// Before a row is deleted, by whatever way.
pub(crate) fn before_delete(work: &Work<'_, '_>, table: &Table, row: &Row) -> Result<()> {
    let id = row.value(&table.primary_key).as_id();
    match table.name.as_str() {
        "organization" => Err(Error::refused(tr!("the organisation itself is not deleted"))),
        "businessunit" if is_root(work, id) => {
            Err(Error::refused(tr!("the business unit at the top stays; all others stand below it")))
        }
        "transactioncurrency" if is_base(work, id) => {
            Err(Error::refused(tr!("the base currency stays; all amounts are compared in it")))
        }
        "role" if is_declared(work, row.text("name")) => Err(Error::refused(tr!(
            "“{name}” is a declared security role, and its row stays as long as it is; take the role away from those who hold it instead",
            name = row.text("name")
        ))),
        _ => Ok(()),
    }
}

fn before_organization(work: &mut Work<'_, '_>, table: &Table, old: Option<&Row>, row: &Row) -> Result<()> {
    let Some(old) = old else {
        let present =
            work.as_consequence(|work| work.find("organization", Filter::everything(), &[&table.primary_key]))?;
        if present.is_empty() {
            return Ok(());
        }
        return Err(Error::refused(tr!("there is one organisation, and no second one is made")));
    };
    let base = row.get("basecurrencyid").filter(|base| *base != old.value("basecurrencyid"));
    if base.is_some() && has_amounts(work)? {
        let message = tr!("stays once there are amounts, which were all reckoned in it");
        return Err(at(table, "basecurrencyid", message));
    }
    Ok(())
}

/// Whether any row has amounts in a currency.
fn has_amounts(work: &mut Work<'_, '_>) -> Result<bool> {
    let model = work.model().clone();
    for table in model.tables.values().filter(|table| table.has_money()) {
        let key = table.primary_key.as_str();
        let filter = Filter::unary("exchangerate", model::Operator::NotNull);
        let query = store::Query::of(&table.name, std::sync::Arc::new(store::Scope::default()), work.caller().zone())
            .select([key])
            .matching(filter)
            .take(1);
        if !work.writer().query(&query)?.rows.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn before_change_of_unit(work: &Work<'_, '_>, table: &Table, old: Option<&Row>, row: &Row) -> Result<()> {
    let Some(old) = old else { return Ok(()) };
    let parent = row.get("parentbusinessunitid");
    if !is_root(work, old.value(&table.primary_key).as_id()) {
        let is_cut_off = parent.is_some_and(Value::is_null) && !old.value("parentbusinessunitid").is_null();
        if is_cut_off {
            return Err(at(table, "parentbusinessunitid", tr!("is empty for the business unit at the top only")));
        }
        return Ok(());
    }
    if parent.is_some_and(|parent| !parent.is_null()) {
        let message = tr!("stays empty: this is the business unit at the top, and all others stand below it");
        return Err(at(table, "parentbusinessunitid", message));
    }
    if row.value("isdisabled").as_boolean() == Some(true) {
        return Err(at(table, "isdisabled", tr!("the business unit at the top stays enabled")));
    }
    Ok(())
}

fn before_currency(work: &Work<'_, '_>, table: &Table, old: Option<&Row>, row: &Row) -> Result<()> {
    if !old.is_some_and(|old| is_base(work, old.value(&table.primary_key).as_id())) {
        return Ok(());
    }
    refuse_other_rate(table, row)?;
    if row.value("statecode").as_whole().is_some_and(|state| state != 0) {
        return Err(at(table, "statecode", tr!("the base currency stays active; all amounts are compared in it")));
    }
    Ok(())
}

fn before_dated_rate(work: &Work<'_, '_>, table: &Table, old: Option<&Row>, row: &Row) -> Result<()> {
    let currency = row.get("transactioncurrencyid").or_else(|| old.map(|old| old.value("transactioncurrencyid")));
    if !is_base(work, currency.and_then(Value::as_id)) {
        return Ok(());
    }
    if let Some(old) = old {
        let mut whole = old.clone();
        whole.merge(row);
        return refuse_other_rate(table, &whole);
    }
    refuse_other_rate(table, row)
}

fn refuse_other_rate(table: &Table, row: &Row) -> Result<()> {
    match row.value("exchangerate").as_decimal() {
        Some(rate) if rate != Decimal::ONE => {
            let message = tr!("is 1 for the base currency, which the rates of all others are told in");
            Err(at(table, "exchangerate", message))
        }
        _ => Ok(()),
    }
}

/// By its name the row of a role stands for what the model declares.
fn before_change_of_role(work: &Work<'_, '_>, table: &Table, old: Option<&Row>, row: &Row) -> Result<()> {
    let Some(old) = old else { return Ok(()) };
    let (before, after) = (old.text("name"), row.get("name").map_or_else(|| old.text("name"), |_| row.text("name")));
    if before != after && (is_declared(work, before) || is_declared(work, after)) {
        let message = tr!("is what ties the role to its declaration; change it in the customisations instead");
        return Err(at(table, "name", message));
    }
    Ok(())
}

fn is_declared(work: &Work<'_, '_>, role: &str) -> bool {
    work.model().roles.values().any(|known| known.label == role)
}

fn is_root(work: &Work<'_, '_>, unit: Option<Uuid>) -> bool {
    let root = work.organization().root_business_unit;
    !root.is_nil() && unit == Some(root)
}

fn is_base(work: &Work<'_, '_>, currency: Option<Uuid>) -> bool {
    currency.is_some() && work.organization().base_currency().map(|base| base.id) == currency
}

fn at(table: &Table, column: &str, message: String) -> Error {
    match table.column(column) {
        Some(column) => Error::field(column, message),
        None => Error::refused(message),
    }
}
