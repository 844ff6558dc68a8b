//! One row of a file becomes a row of the table, or changes one.

use language::{tr, translated};
use model::{Column, Reference, Table, Value};
use store::Row;
use uuid::Uuid;

use super::{
    batch,
    closing::{self, Ending},
    files, parties, references, resolve,
    session::{Closing, Pending, Session},
};
use crate::{
    Error, Result,
    access::Setting,
    import::{
        cells::short,
        compile::{STAGE, is_history},
        matching::folded,
        plan::Duplicates,
        prepare::Prepared,
    },
    process,
    records::Work,
    words::within,
};

/// Brings one row in.
pub(super) fn write(work: &mut Work<'_, '_>, session: &mut Session<'_>, row: &Prepared) -> Result<()> {
    let mut values = row.values.clone();
    let mut pending = references::settle(session, row, &mut values);
    let mut known = batch::known(work, session, &values, false)?;
    let only = if let [id] = known.as_slice() { Some(*id) } else { None };
    let found = resolve::all(work, session, row, &mut values, only)?;
    if known.is_empty() {
        known = batch::known(work, session, &values, true)?;
    }
    if known.is_empty() && session.file.by_rules {
        known = work.known_by_rules(&session.file.table.name, &values)?;
        if session.file.duplicates == Duplicates::Skip {
            known.truncate(1);
        }
    }
    let keys = values.clone();
    let (id, made) = match known.as_slice() {
        [] => (create(work, session, row, values, &found)?, true),
        _ if session.file.duplicates == Duplicates::Create => (create(work, session, row, values, &found)?, true),
        [id] => {
            references::note_renamed(session, &values, *id);
            (update(work, session, row, *id, values)?, session.made_by_import(*id))
        }
        several => {
            let by_rules = session.file.by_rules.then(|| tr!("what the duplicate rules compare"));
            return Err(Error::refused(tr!(
                "{} {} have the same {}; make them different or choose another key in the mapping",
                several.len(),
                within(&session.file.table.plural_label),
                session
                    .file
                    .keys
                    .iter()
                    .map(|key| key.join(&tr!(" and ")))
                    .chain(by_rules)
                    .collect::<Vec<_>>()
                    .join(&tr!(" or "))
            )));
        }
    };
    session.remember(&keys, id);
    if !made && session.file.duplicates == Duplicates::Skip {
        return Ok(()); // it stays as it is
    }
    pending.extend(found.pending);
    let brings = |pending: &Pending| made || !is_history(&session.file.table, pending.column(session.file));
    pending.retain(brings);
    for mut pending in pending {
        (pending.row, pending.made) = (id, made);
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
    work.authorise_columns(Setting::Create, &table, &values)?;
    let ending = Ending::take(&table, row, &mut values);
    session.complete(work, &table, &mut values);
    if let Some(id) = stands_on_nothing(session, &table, id, &values) {
        return Ok(id);
    }
    session.as_far_as_real(&table, &mut values);
    files::of_new(work, session, row, &mut values)?;
    if process::is_path(&table) {
        let stored = process::bring_in(work, &table, id, values, session.state.dry_run)?;
        session.note_created(&table, &stored);
        session.done.report.created += 1;
        return Ok(stored.value(&table.primary_key).as_id().unwrap_or_default());
    }
    place(work, session, row, &table, ending.stage.as_deref(), &mut values);
    let stored = work.create_trusted(&table, id, values)?;
    session.note_created(&table, &stored);
    session.done.report.created += 1;
    let id = stored.value(&table.primary_key).as_id().unwrap_or_default();
    if let Some(product) = &found.product {
        add_line(work, session, row, id, product, &ending)?;
    }
    let lists = parties::lists(work, session, row, None)?;
    if !lists.is_empty() && session.is_real(id) {
        work.bring_in_parties(&Reference::new(table.name.as_str(), id), lists)?;
    }
    close(work, session, row, &table, &stored, ending)?;
    Ok(id)
}

/// The row stands in the stage that the file names; where there is none of the name, that is told.
fn place(
    work: &Work<'_, '_>,
    session: &mut Session<'_>,
    row: &Prepared,
    table: &Table,
    stage: Option<&str>,
    values: &mut Row,
) {
    let Some(stage) = stage else { return };
    if let Some((flow, at)) = process::stage_named(work.model(), &table.name, stage) {
        return process::place_in(table, &flow, at, values);
    }
    let label = table.column(STAGE).map_or(STAGE, |column| column.label.as_str());
    let warning = tr!(
        "{}: new {} cannot stand in a stage '{}'; they begin as others do",
        translated(label),
        within(&table.plural_label),
        short(stage)
    );
    session.warn(&warning, row.number);
}

/// Closes the row now, or once its product lines are in.
fn close(
    work: &mut Work<'_, '_>,
    session: &mut Session<'_>,
    row: &Prepared,
    table: &Table,
    stored: &Row,
    ending: Ending,
) -> Result<()> {
    if !session.state.closes_later || table.name != "opportunity" {
        return closing::carry_out(work, table, stored, &ending);
    }
    if ending.is_closed()
        && let Some(id) = stored.value(&table.primary_key).as_id()
    {
        session.done.closings.push(Closing { row: id, number: row.number, ending });
    }
    Ok(())
}

/// In a dry run the row that this one must hang on may only be imagined: then this one is, too.
fn stands_on_nothing(session: &mut Session<'_>, table: &Table, id: Option<Uuid>, values: &Row) -> Option<Uuid> {
    let imagined = |column: &&Column| {
        column.required == model::RequiredLevel::System
            && values.value(&column.name).as_reference().is_some_and(|reference| {
                !matches!(reference.table.as_str(), "businessunit" | "systemuser")
                    && session.state.imagined.contains(&reference.id)
            })
    };
    if !session.state.dry_run || !table.columns.values().any(|column| imagined(&column)) {
        return None;
    }
    let id = id.unwrap_or_else(Uuid::now_v7);
    session.done.report.created += 1;
    session.done.created.push(id);
    session.here.push(id);
    Some(id)
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
            session.warn(&tr!("the product has no price; its product line has the price 0"), row.number);
            work.create("opportunityproduct", None, at_price(rust_decimal::Decimal::ZERO)).map(|_| ())
        }
        Err(error) => Err(error),
    }
}

fn update(work: &mut Work<'_, '_>, session: &mut Session<'_>, row: &Prepared, id: Uuid, values: Row) -> Result<Uuid> {
    if session.file.duplicates == Duplicates::Skip && !session.made_by_import(id) {
        session.done.report.skipped += 1;
        return Ok(id);
    }
    if !session.is_real(id) {
        session.done.report.updated += 1;
        return Ok(id);
    }
    let table = session.table(work)?;
    let old = work.load(&table.name, id)?;
    let readable = |column: &Column| work.caller().may_read(column);
    if process::is_path(&table) && differs_as_path(&table, &old, &values) {
        return Err(Error::refused(tr!("how a record went through its stages is brought in once and not changed")));
    }
    let mut changes = changes(session, &table, &old, values, readable);
    session.as_far_as_real(&table, &mut changes);
    files::changed(work, session, row, &old, &mut changes)?;
    let ending = Ending::of(&table, row);
    let closes = ending.closes(&old)?;
    let lists = parties::lists(work, session, row, Some(id))?;
    if changes.is_empty() && !closes && lists.is_empty() {
        session.done.report.unchanged += 1;
        return Ok(id);
    }
    let mut new = old;
    if !changes.is_empty() {
        new = work.update(&table.name, id, changes, None)?;
    }
    work.set_parties(&Reference::new(table.name.as_str(), id), lists)?;
    if closes {
        close(work, session, row, &table, &new, ending)?;
    }
    session.done.report.updated += 1;
    Ok(id)
}

/// What the file says otherwise than the row; empty cells say nothing. What the caller may not read
/// counts as another value, lest they learn that it is the same.
fn changes(session: &Session<'_>, table: &Table, old: &Row, values: Row, readable: impl Fn(&Column) -> bool) -> Row {
    // A full name in one cell is cut by a guess, which must not spoil a row that has this name.
    let same_name = session.file.has_full_names() && {
        let name = format!("{} {}", values.text("firstname"), values.text("lastname"));
        folded(&name) == folded(old.text("fullname"))
    };
    let only_new = |name: &str| {
        name == table.primary_key
            || name == "overriddencreatedon"
            || is_history(table, name)
            || same_name && matches!(name, "firstname" | "lastname")
            || session.file.is_for_new_rows_only(name)
    };
    values
        .into_iter()
        .filter(|(name, value)| !value.is_null() && !only_new(name))
        .filter(|(name, value)| !table.column(name).is_some_and(&readable) || !same(old.value(name), value))
        .collect()
}

/// True where the file tells another path than the one that is here.
fn differs_as_path(table: &Table, old: &Row, values: &Row) -> bool {
    let told = values.iter().filter(|(name, _)| process::tells_path(table, name));
    told.into_iter().any(|(name, value)| !value.is_null() && !same(old.value(name), value))
}

fn same(old: &Value, new: &Value) -> bool {
    match (old, new) {
        (Value::Decimal(old), Value::Decimal(new)) => old == new,
        (Value::Text(old), Value::Text(new)) => old.trim_end() == new.trim_end(),
        (Value::Reference(old), Value::Id(new)) => old.id == *new,
        // Spreadsheets keep no smaller parts of a second, and some none at all.
        (Value::DateTime(old), Value::DateTime(new)) => {
            let apart = (old.as_microsecond() - new.as_microsecond()).abs();
            apart <= 1_000 || new.subsec_nanosecond() == 0 && old.as_second() == new.as_second()
        }
        _ => old == new,
    }
}
