//! Existing accounts and contacts that a lead seems to be about, offered when it is qualified: as
//! the duplicate rules from leads to accounts and contacts say.

use store::{Reader, Row};

use crate::{
    Caller, Result,
    duplicates::{self, rules::Cache},
};

pub use crate::duplicates::Match;

/// Accounts that may be the lead's company.
pub(super) fn accounts(reader: &mut Reader<'_>, caller: &Caller, rules: &Cache, lead: &Row) -> Result<Vec<Match>> {
    matches(reader, caller, rules, lead, "account")
}

/// Contacts that may be the lead's person.
pub(super) fn contacts(reader: &mut Reader<'_>, caller: &Caller, rules: &Cache, lead: &Row) -> Result<Vec<Match>> {
    matches(reader, caller, rules, lead, "contact")
}

fn matches(reader: &mut Reader<'_>, caller: &Caller, rules: &Cache, lead: &Row, table: &str) -> Result<Vec<Match>> {
    let id = lead.value("leadid").as_id();
    duplicates::of_row(reader, caller, rules, "lead", (lead, id), Some(table))
}
