//! One row of a file becomes a row of the table, or changes one.

use model::{Reference, Table, Value};
use store::Row;
use uuid::Uuid;

use super::{
    batch::key_of,
    closing::{self, Ending},
    resolve,
    session::Session,
};
use crate::{
    Error, Result,
    import::{plan::Duplicates, prepare::Prepared},
    process,
    records::Work,
};

/// Brings one row in.
pub(super) fn write(work: &mut Work<'_, '_>, session: &mut Session<'_>, row: &Prepared) -> Result<()> {
    let mut values = row.values.clone();
    let found = resolve::all(work, session, row, &mut values)?;
    let key = key_of(session.file, &values);
    let known: Vec<Uuid> = key.as_ref().and_then(|key| session.existing.get(key)).cloned().unwrap_or_default();
    let id = match known.as_slice() {
        [] => create(work, session, row, values, &found)?,
        _ if session.file.duplicates == Duplicates::Create => create(work, session, row, values, &found)?,
        [id] => update(work, session, row, *id, values)?,
        several => {
            return Err(Error::refused(format!(
                "{} {} have the same {}; make them different or choose another key in the mapping",
                several.len(),
                session.file.table.plural_label.to_lowercase(),
                session.file.key.join(" and ")
            )));
        }
    };
    if let Some(key) = key {
        if session.state.dry_run {
            session.done.keys.push((key.clone(), id));
        }
        let ids = session.existing.entry(key).or_default();
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    for mut pending in found.pending {
        pending.row = id;
        session.done.pending.push(pending);
    }
    Ok(())
}

fn create(
    work: &mut Work<'_, '_>,
    session: &mut Session<'_>,
    row: &Prepared,
    mut values: Row,
    found: &resolve::Resolved,
) -> Result<Uuid> {
    let table = session.table(work)?;
    let id = values.remove(&table.primary_key).and_then(|value| value.as_id());
    let ending = Ending::take(&table, row.ended.as_ref(), &mut values)?;
    session.complete(work, &table, &mut values);
    session.as_far_as_real(&table, &mut values);
    if let Some(stage) = ending.stage.as_deref()
        && let Some((flow, at)) = process::stage_named(work.model(), &table.name, stage)
    {
        process::place_in(&table, &flow, at, &mut values);
    }
    let stored = work.create_trusted(&table, id, values)?;
    session.note_created(&table, &stored);
    session.done.report.created += 1;
    let id = stored.value(&table.primary_key).as_id().unwrap_or_default();
    if let Some(product) = &found.product {
        add_line(work, session, row, id, product, &ending)?;
    }
    closing::carry_out(work, &table, &stored, &ending)?;
    Ok(id)
}

/// The product line: at the amount the deal was won with, otherwise at the list price.
fn add_line(
    work: &mut Work<'_, '_>,
    session: &mut Session<'_>,
    row: &Prepared,
    deal: Uuid,
    product: &Reference,
    ending: &Ending,
) -> Result<()> {
    if session.state.imagined.contains(&product.id) {
        return Ok(()); // dry run: the product would be there, but is not
    }
    let line = Row::new()
        .with("opportunityid", Reference::new("opportunity", deal))
        .with("productid", product.clone())
        .with("quantity", rust_decimal::Decimal::ONE);
    let at_price =
        |amount: rust_decimal::Decimal| line.clone().with("ispriceoverridden", true).with("priceperunit", amount);
    let agreed = ending.amount.filter(|amount| ending.is_won() && !amount.is_sign_negative());
    if let Some(amount) = agreed {
        work.create("opportunityproduct", None, at_price(amount))?;
        return Ok(());
    }
    match work.create("opportunityproduct", None, line.clone()) {
        Ok(_) => Ok(()),
        Err(Error::Refused(_)) => {
            session.warn("the product has no price; its product line has the price 0", row.number);
            work.create("opportunityproduct", None, at_price(rust_decimal::Decimal::ZERO)).map(|_| ())
        }
        Err(error) => Err(error),
    }
}

fn update(work: &mut Work<'_, '_>, session: &mut Session<'_>, row: &Prepared, id: Uuid, values: Row) -> Result<Uuid> {
    let made_by_import = session.state.made.contains(&id) || session.done.made.contains(&id);
    if session.file.duplicates == Duplicates::Skip && !made_by_import {
        session.done.report.skipped += 1;
        return Ok(id);
    }
    if session.state.imagined.contains(&id) || session.done.created.contains(&id) && session.state.dry_run {
        session.done.report.updated += 1;
        return Ok(id);
    }
    let table = session.table(work)?;
    let old = work.load(&table.name, id)?;
    let mut changes = changes(session, &table, &old, values);
    session.as_far_as_real(&table, &mut changes);
    let ending = Ending::of(&table, row.ended.as_ref());
    let closes = ending.closes(&old)?;
    if changes.is_empty() && !closes {
        session.done.report.unchanged += 1;
        return Ok(id);
    }
    let mut new = old;
    if !changes.is_empty() {
        new = work.update(&table.name, id, changes, None)?;
    }
    if closes {
        closing::carry_out(work, &table, &new, &ending)?;
    }
    session.done.report.updated += 1;
    Ok(id)
}

/// What the file says otherwise than the row; empty cells say nothing.
fn changes(session: &Session<'_>, table: &Table, old: &Row, values: Row) -> Row {
    let only_new = |name: &str| {
        name == table.primary_key || name == "overriddencreatedon" || session.file.is_for_new_rows_only(name)
    };
    values
        .into_iter()
        .filter(|(name, value)| !value.is_null() && !only_new(name) && !same(old.value(name), value))
        .collect()
}

fn same(old: &Value, new: &Value) -> bool {
    match (old, new) {
        (Value::Decimal(old), Value::Decimal(new)) => old == new,
        (Value::Text(old), Value::Text(new)) => old.trim_end() == new.trim_end(),
        (Value::Reference(old), Value::Id(new)) => old.id == *new,
        _ => old == new,
    }
}
