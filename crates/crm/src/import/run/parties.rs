//! Who takes part in an activity, from the cells of its lists.

use language::tr;
use model::Reference;
use uuid::Uuid;

use super::{
    resolve::{self, Meant},
    session::Session,
};
use crate::{
    Result,
    activities::parties::{Party, PartyList},
    import::{cells::short, compile::Lookup, prepare::Prepared},
    keyed_name,
    records::Work,
};

/// The lists of a row; `known` is the activity that is there already. A list with a name that
/// leads nowhere is told, and left as it is where the activity is there already.
pub(super) fn lists(
    work: &mut Work<'_, '_>,
    session: &mut Session<'_>,
    row: &Prepared,
    known: Option<Uuid>,
) -> Result<Vec<PartyList>> {
    let file = session.file;
    let known = known.filter(|id| session.is_real(*id)).map(|id| Reference::new(file.table.name.as_str(), id));
    let mut lists = Vec::new();
    for (place, names) in &row.parties {
        let lookup = &file.lookups[*place];
        let list = lookup.target.to.as_str();
        let present = match &known {
            Some(activity) => work.parties_of(activity, list)?,
            None => Vec::new(),
        };
        let mut parties = Vec::new();
        let mut complete = true;
        for name in names {
            match party(session, row, lookup, name, &present) {
                Ok(party) => parties.push(party),
                Err(message) => {
                    complete = false;
                    let end =
                        if known.is_some() { tr!("the list is left as it is") } else { tr!("left out of the list") };
                    session.warn(&format!("{message}; {end}"), row.number);
                }
            }
        }
        let same = parties.len() == present.len() && parties.iter().all(|party| present.contains(party));
        if known.is_none() || complete && !same {
            lists.push((list.to_owned(), parties));
        }
    }
    Ok(lists)
}

fn party(
    session: &mut Session<'_>,
    row: &Prepared,
    lookup: &Lookup,
    name: &str,
    present: &[Party],
) -> std::result::Result<Party, String> {
    if let Some((_, reference)) = keyed_name::read(name, &lookup.target.tables) {
        let here = session.state.renamed.get(&reference.id).copied();
        return Ok(Party::Record(here.map_or(reference.clone(), |here| Reference::new(reference.table, here))));
    }
    match resolve::find(session, row, lookup, name) {
        Meant::Row(reference) => Ok(Party::Record(reference)),
        Meant::Several(rows) => {
            let there = |reference: &Reference| present.contains(&Party::Record(reference.clone()));
            let found = rows.iter().find(|reference| there(reference)).cloned();
            found.map(Party::Record).ok_or_else(|| resolve::ambiguous(lookup, name, &rows))
        }
        Meant::Nothing if name.contains('@') && session.file.table.name == "email" => {
            Ok(Party::Address(name.to_owned()))
        }
        Meant::Nothing => Err(resolve::nothing_found(lookup, short(name).as_str())),
    }
}
