//! Names in cells to the rows they mean; rows that are missing are made where that is allowed.

use language::{tr, translated};
use model::{Reference, Table};
use store::Row;
use uuid::Uuid;

use super::session::{Later, Pending, Session};
use crate::{
    Error, Result,
    import::{
        cells::{self, short},
        compile::Lookup,
        labels::Labels,
        matching::split_name,
        plan::{Reading, Unresolved},
        prepare::Prepared,
    },
    records::Work,
    words::within,
};

/// What the names of a row led to.
#[derive(Default)]
pub(super) struct Resolved {
    /// The product of its product line.
    pub product: Option<Reference>,
    /// Lookups whose row may come later in the file.
    pub pending: Vec<Pending>,
}

/// What a name means.
pub(super) enum Meant {
    /// This row.
    Row(Reference),
    /// Each of these; which one is not for the import to say.
    Several(Vec<Reference>),
    /// None.
    Nothing,
}

/// Finds the rows that are named and puts them into `values`; `known` is the row that is there
/// already.
pub(super) fn all(
    work: &mut Work<'_, '_>,
    session: &mut Session<'_>,
    row: &Prepared,
    values: &mut Row,
    known: Option<Uuid>,
) -> Result<Resolved> {
    let mut resolved = Resolved::default();
    let file = session.file;
    // A row that is made may take columns from other lookups of this one, so those come first.
    let mut names: Vec<&(usize, String)> = row.names.iter().collect();
    names.sort_by_key(|(place, _)| !file.lookups[*place].target.same.is_empty());
    for (place, name) in names {
        let lookup = &file.lookups[*place];
        let target = &lookup.target;
        let reference = match find(session, row, lookup, name) {
            Meant::Row(reference) => Some(reference),
            Meant::Several(rows) => {
                let present = pointed_at(work, session, lookup, known, &rows)?;
                if present.is_none() {
                    unresolved(session, row, lookup, &ambiguous(lookup, name, &rows), known)?;
                }
                present
            }
            Meant::Nothing if target.create_missing => Some(make(work, session, row, lookup, name, values)?),
            Meant::Nothing if target.to != "productid" && target.tables.iter().any(|t| file.coming.contains(t)) => {
                resolved.pending.push(Pending {
                    row: Uuid::nil(),
                    made: false,
                    number: row.number,
                    later: Later::Name { lookup: *place, name: name.clone() },
                });
                None
            }
            Meant::Nothing => {
                let message = tr!(
                    "{}; create it first, allow the import to make it (create_missing), or name in the mapping what it is called here (values)",
                    nothing_found(lookup, name)
                );
                let message =
                    if target.unresolved == Unresolved::Empty { nothing_found(lookup, name) } else { message };
                unresolved(session, row, lookup, &message, known)?;
                None
            }
        };
        match reference {
            Some(product) if file.line == Some(*place) => resolved.product = Some(product),
            Some(reference) => values.set(target.to.as_str(), reference),
            None => {}
        }
    }
    Ok(resolved)
}

/// The row called `name`; a name that differs in spaces or punctuation is taken and told.
pub(super) fn find(session: &mut Session<'_>, row: &Prepared, lookup: &Lookup, name: &str) -> Meant {
    for step in &lookup.steps {
        let (mut exact, mut near) = (Vec::new(), Vec::new());
        for place in step {
            let found = session.state.finder.find(place.names, name);
            exact.extend(found.exact.into_iter().map(|id| Reference::new(place.table.as_str(), id)));
            near.extend(found.near.into_iter().map(|(id, known)| (Reference::new(place.table.as_str(), id), known)));
        }
        if let Some(meant) = one_or_several(exact) {
            return meant;
        }
        if let [(only, known)] = near.as_slice() {
            let message = tr!(
                "{}: '{}' was taken as {} '{known}', written a little differently",
                lookup.source,
                short(name),
                only.table,
                known
            );
            session.warn(&message, row.number);
        }
        if let Some(meant) = one_or_several(near.into_iter().map(|(reference, _)| reference).collect()) {
            return meant;
        }
    }
    Meant::Nothing
}

fn one_or_several(mut rows: Vec<Reference>) -> Option<Meant> {
    match rows.len() {
        0 => None,
        1 => rows.pop().map(Meant::Row),
        _ => Some(Meant::Several(rows)),
    }
}

/// The one of several rows that the row already points at: then the file says nothing new.
fn pointed_at(
    work: &mut Work<'_, '_>,
    session: &Session<'_>,
    lookup: &Lookup,
    known: Option<Uuid>,
    rows: &[Reference],
) -> Result<Option<Reference>> {
    let Some(id) = known.filter(|id| session.is_real(*id)) else { return Ok(None) };
    let old = work.load(&session.file.table.name, id)?;
    let present = old.value(&lookup.target.to).as_id();
    Ok(rows.iter().find(|reference| Some(reference.id) == present).cloned())
}

/// The sentence for a name that several rows have.
pub(super) fn ambiguous(lookup: &Lookup, name: &str, rows: &[Reference]) -> String {
    let count = |table: &str| rows.iter().filter(|reference| reference.table == table).count();
    let counts: Vec<String> = lookup
        .target
        .tables
        .iter()
        .filter(|table| count(table) > 0)
        .map(|table| tr!("{} of {table}", count(table), table))
        .collect();
    tr!(
        "{}: {} rows are called '{}' ({}); make their names different, look in another column (by = […] in the mapping), or name one table only",
        lookup.source,
        rows.len(),
        short(name),
        counts.join(", ")
    )
}

fn unresolved(
    session: &mut Session<'_>,
    row: &Prepared,
    lookup: &Lookup,
    message: &str,
    known: Option<Uuid>,
) -> Result<()> {
    // A new row is nothing without a lookup that must be filled: the reason is this name.
    let is_needed = known.is_none() && session.must_be_filled(&lookup.target.to);
    if lookup.target.unresolved != Unresolved::Empty || is_needed {
        return Err(Error::refused(message));
    }
    let end = if known.is_some() { tr!("left as it is") } else { tr!("left empty") };
    session.warn(&format!("{message}; {end}"), row.number);
    Ok(())
}

/// The sentence for a name that leads nowhere.
pub(super) fn nothing_found(lookup: &Lookup, name: &str) -> String {
    tr!("{}: no row of {} is called '{}'", lookup.source, lookup.target.tables_in_words(), short(name))
}

/// Makes the row that is named.
fn make(
    work: &mut Work<'_, '_>,
    session: &mut Session<'_>,
    row: &Prepared,
    lookup: &Lookup,
    name: &str,
    of: &Row,
) -> Result<Reference> {
    // Of several tables the first is meant where somebody allows rows to be made.
    let table = work.table(lookup.target.tables.first().map_or("", String::as_str))?;
    let mut values = Row::new();
    put_name(&table, lookup, name, &mut values)?;
    let zone = work.caller().time_zone.clone();
    for (column, template) in &lookup.target.with {
        let text = template.fill(|header| if header == "name" { name } else { "" });
        let known = table
            .column(column)
            .ok_or_else(|| Error::Unknown(tr!("{} has no column '{column}'", table.name, column)))?;
        let labels = Labels::of(&table, known);
        let understood = cells::read(&table, known, &labels, &Reading::default(), &zone, &text)
            .map_err(|message| Error::field(known, message))?;
        values.set(column.as_str(), understood.value);
    }
    for column in &lookup.target.same {
        if of.has(column) && table.column(column).is_some() {
            values.set(column.as_str(), of.value(column).clone());
        }
    }
    session.complete(work, &table, &mut values);
    session.as_far_as_real(&table, &mut values);
    let stored = work.create(&table.name, None, values)?;
    session.note_created(&table, &stored);
    let id = stored.value(&table.primary_key).as_id().unwrap_or_default();
    *session.done.report.created_besides.entry(table.name.clone()).or_default() += 1;
    session.done.made.push(id);
    session.warn(
        &tr!("{}: {} '{}' was not there and has been made", lookup.source, within(&table.label), short(name)),
        row.number,
    );
    if table.name == session.file.table.name {
        // It may come as a row of its own later in the batch.
        session.remember(&stored, id);
    }
    Ok(Reference::new(table.name.as_str(), id))
}

/// The name goes into the column it was looked for in; a person's full name into its parts.
fn put_name(table: &Table, lookup: &Lookup, name: &str, values: &mut Row) -> Result<()> {
    let by = lookup.target.by.first().unwrap_or(&table.primary_name);
    let column = table.column(by).ok_or_else(|| Error::Unknown(tr!("{} has no column '{by}'", table.name, by)))?;
    if !column.is_computed() && !column.read_only {
        values.set(by.as_str(), name);
        return Ok(());
    }
    if table.column("lastname").is_none() {
        return Err(Error::refused(tr!(
            "a row of {} cannot be made from its {}; look in another column",
            table.name,
            translated(&column.label)
        )));
    }
    let (first, last) = split_name(name);
    values.set("firstname", first);
    values.set("lastname", last);
    Ok(())
}
