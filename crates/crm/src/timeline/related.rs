//! Which records' activities stand on the timeline of another: those of a company's contacts, deals
//! and leads on the company's.

use model::{Filter, Model, Order, Reference};
use store::{Query, Reader};

use crate::{Caller, Result};

/// Most records by each way; the ones changed last.
const MOST: u32 = 200;

/// By what ways a table's rows are related to others: table, and its lookup.
fn ways(table: &str) -> &'static [(&'static str, &'static str)] {
    match table {
        "account" => &[
            ("contact", "parentcustomerid"),
            ("opportunity", "parentaccountid"),
            ("opportunity", "customerid"),
            ("lead", "parentaccountid"),
        ],
        "contact" => &[("opportunity", "parentcontactid"), ("opportunity", "customerid"), ("lead", "parentcontactid")],
        _ => &[],
    }
}

/// True where timelines of the table's rows show what is about others.
pub(super) fn has_related(model: &Model, table: &str) -> bool {
    ways(table).iter().any(|(other, lookup)| model.table(other).is_some_and(|other| other.column(lookup).is_some()))
}

/// The records related to this one that the caller may see; and whether there are more than are taken.
pub(super) fn records(reader: &mut Reader<'_>, caller: &Caller, of: &Reference) -> Result<(Vec<Reference>, bool)> {
    let (mut found, mut is_cut) = (Vec::new(), false);
    for (name, lookup) in ways(&of.table) {
        let Some(table) = reader.model().table(name).cloned() else { continue };
        let fits = table.column(lookup).is_some_and(|column| column.targets().contains(&of.table));
        if !fits {
            continue;
        }
        let query = Query::of(&table.name, caller.scope().clone(), caller.zone())
            .select([table.primary_key.as_str()])
            .matching(Filter::eq(*lookup, of.clone()))
            .order_by(Order::descending("modifiedon"))
            .take(MOST);
        let rows = reader.query(&query)?;
        is_cut |= rows.next.is_some();
        for id in rows.rows.iter().filter_map(|row| row.first()?.as_id()) {
            let reference = Reference::new(&table.name, id);
            if !found.contains(&reference) {
                found.push(reference);
            }
        }
    }
    Ok((found, is_cut))
}
