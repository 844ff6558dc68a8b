//! Names in cells to the rows they mean; rows that are missing are made where that is allowed.

use model::{Reference, Table};
use store::Row;
use uuid::Uuid;

use super::session::{Pending, Session};
use crate::{
    Error, Result,
    import::{
        cells::{self, short},
        compile::Lookup,
        finder::Found,
        matching::split_name,
        plan::{Reading, Unresolved},
        prepare::Prepared,
    },
    records::Work,
};

/// What the names of a row led to.
#[derive(Default)]
pub(super) struct Resolved {
    /// The product of its product line.
    pub product: Option<Reference>,
    /// Lookups whose row may come later in the file.
    pub pending: Vec<Pending>,
}

/// Finds the rows that are named and puts them into `values`.
pub(super) fn all(
    work: &mut Work<'_, '_>,
    session: &mut Session<'_>,
    row: &Prepared,
    values: &mut Row,
) -> Result<Resolved> {
    let mut resolved = Resolved::default();
    let file = session.file;
    // A row that is made may take columns from other lookups of this one, so those come first.
    let mut names: Vec<&(usize, String)> = row.names.iter().collect();
    names.sort_by_key(|(place, _)| !file.lookups[*place].target.same.is_empty());
    for (place, name) in names {
        let lookup = &file.lookups[*place];
        let found = find(session, row, lookup, name)?;
        let id = match found {
            Some(id) => Some(id),
            None if lookup.target.create_missing => Some(make(work, session, row, lookup, name, values)?),
            None if lookup.own_table && lookup.target.to != "productid" => {
                resolved.pending.push(Pending {
                    row: Uuid::nil(),
                    number: row.number,
                    lookup: *place,
                    name: name.clone(),
                });
                None
            }
            None => {
                unresolved(session, row, lookup, name)?;
                None
            }
        };
        let reference = id.map(|id| Reference::new(lookup.target.table.clone(), id));
        match reference {
            Some(product) if file.line == Some(*place) => resolved.product = Some(product),
            Some(reference) => values.set(lookup.target.to.as_str(), reference),
            None => {}
        }
    }
    Ok(resolved)
}

/// The row called `name`; a name that differs in spaces or punctuation is taken and told.
pub(super) fn find(session: &mut Session<'_>, row: &Prepared, lookup: &Lookup, name: &str) -> Result<Option<Uuid>> {
    for place in &lookup.places {
        match session.state.finder.find(*place, name) {
            Found::Exact(id) => return Ok(Some(id)),
            Found::Near(id, known) => {
                let message = format!(
                    "{}: '{}' was taken as {} '{known}', written a little differently",
                    lookup.source,
                    short(name),
                    lookup.target.table
                );
                session.warn(&message, row.number);
                return Ok(Some(id));
            }
            Found::Several(count) => {
                return Err(Error::refused(format!(
                    "{}: {count} rows of {} are called '{}'; make their names different, or look in another column (by = […] in the mapping)",
                    lookup.source,
                    lookup.target.table,
                    short(name)
                )));
            }
            Found::Nothing => {}
        }
    }
    Ok(None)
}

fn unresolved(session: &mut Session<'_>, row: &Prepared, lookup: &Lookup, name: &str) -> Result<()> {
    let message = nothing_found(lookup, name);
    if lookup.target.unresolved == Unresolved::Empty {
        session.warn(&format!("{message}; left empty"), row.number);
        return Ok(());
    }
    Err(Error::refused(format!(
        "{message}; create it first, allow the import to make it (create_missing), or name in the mapping what it is called here (values)"
    )))
}

/// The sentence for a name that leads nowhere.
pub(super) fn nothing_found(lookup: &Lookup, name: &str) -> String {
    format!("{}: no row of {} is called '{}'", lookup.source, lookup.target.table, short(name))
}

/// Makes the row that is named.
fn make(
    work: &mut Work<'_, '_>,
    session: &mut Session<'_>,
    row: &Prepared,
    lookup: &Lookup,
    name: &str,
    of: &Row,
) -> Result<Uuid> {
    let table = work.table(&lookup.target.table)?;
    let mut values = Row::new();
    put_name(&table, lookup, name, &mut values)?;
    let zone = work.caller().time_zone.clone();
    for (column, template) in &lookup.target.with {
        let text = template.fill(|header| if header == "name" { name } else { "" });
        let known =
            table.column(column).ok_or_else(|| Error::Unknown(format!("{} has no column '{column}'", table.name)))?;
        let understood = cells::read(&table, known, &Reading::default(), &zone, &text)
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
        &format!("{}: {} '{}' was not there and has been made", lookup.source, table.label.to_lowercase(), short(name)),
        row.number,
    );
    if let Some(key) = own_key(session, &table, &stored) {
        session.existing.entry(key).or_default().push(id);
    }
    Ok(id)
}

/// A made row of the very table may come as a row of its own later in the batch.
fn own_key(session: &Session<'_>, table: &Table, stored: &Row) -> Option<String> {
    if table.name == session.file.table.name { super::batch::key_of(session.file, stored) } else { None }
}

/// The name goes into the column it was looked for in; a person's full name into its parts.
fn put_name(table: &Table, lookup: &Lookup, name: &str, values: &mut Row) -> Result<()> {
    let by = lookup.target.by.first().unwrap_or(&table.primary_name);
    let column = table.column(by).ok_or_else(|| Error::Unknown(format!("{} has no column '{by}'", table.name)))?;
    if !column.is_computed() && !column.read_only {
        values.set(by.as_str(), name);
        return Ok(());
    }
    if table.column("lastname").is_none() {
        return Err(Error::refused(format!(
            "a row of {} cannot be made from its {}; look in another column",
            table.name, column.label
        )));
    }
    let (first, last) = split_name(name);
    values.set("firstname", first);
    values.set("lastname", last);
    Ok(())
}
