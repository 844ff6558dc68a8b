//! What came of a qualified lead, told on its timeline and on those of the opportunities it became.

use model::{Filter, Order, Reference};
use store::{Query, Reader, Row};

use super::{Entry, Event, Item, What};
use crate::{Caller, Error, Result, leads, reading};

/// What a lead can become, with the key of each and the lead's own column for one of it.
const BECOMES: [(&str, &str, &str); 3] = [
    ("account", "accountid", "parentaccountid"),
    ("contact", "contactid", "parentcontactid"),
    ("opportunity", "opportunityid", "qualifyingopportunityid"),
];
/// Most records named of each.
const MOST: u32 = 10;

/// Names with the qualification of a lead the records that it became, and with the creation of an
/// opportunity the lead that it came of and the other records.
pub(super) fn put_records(
    reader: &mut Reader<'_>,
    caller: &Caller,
    record: &Reference,
    entries: &mut [Entry],
) -> Result<()> {
    let tells = |what: &What| match record.table.as_str() {
        "lead" => matches!(what, What::State { to: leads::QUALIFIED, .. }),
        "opportunity" => matches!(what, What::Created),
        _ => false,
    };
    let mut events = entries.iter_mut().filter_map(|entry| match &mut entry.item {
        Item::Event(event) => Some(event),
        _ => None,
    });
    // The newest: an earlier qualification was undone.
    if let Some(event) = events.find(|event| tells(&event.what)) {
        put(reader, caller, record, event)?;
    }
    Ok(())
}

fn put(reader: &mut Reader<'_>, caller: &Caller, record: &Reference, event: &mut Event) -> Result<()> {
    let lead = if record.table == "lead" {
        record.clone()
    } else {
        let deal = reading::get(reader, caller, &record.table, record.id, Some(&["originatingleadid".to_owned()]))?;
        let Some(lead) = deal.value("originatingleadid").as_reference() else { return Ok(()) };
        event.with.push(lead.clone());
        lead.clone()
    };
    let columns = BECOMES.map(|(_, _, column)| column.to_owned());
    // Whoever may not see the lead sees what else there is.
    let row = match reading::get(reader, caller, &lead.table, lead.id, Some(&columns)) {
        Err(Error::NotFound { .. } | Error::Forbidden(_)) => Row::new(),
        row => row?,
    };
    for (table, key, column) in BECOMES {
        event.with.extend(row.value(column).as_reference().cloned());
        let query = Query::of(table, caller.scope().clone(), caller.zone())
            .select([key])
            .matching(Filter::eq("originatingleadid", lead.id))
            .order_by(Order::ascending(key))
            .take(MOST);
        let made = reader.query(&query)?;
        let made = made.rows.iter().filter_map(|row| row.first()?.as_id());
        event.with.extend(made.map(|id| Reference::new(table, id)));
    }
    let mut seen = std::collections::HashSet::new();
    event.with.retain(|with| with != record && seen.insert(with.clone()));
    Ok(())
}
