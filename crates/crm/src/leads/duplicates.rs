//! Existing accounts and contacts that a lead seems to be about, offered when it is qualified.

use model::{Filter, Operator, Reference};
use store::{Query, Reader, Row};

use crate::{Caller, Result};

/// A record that seems to be the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The record.
    pub reference: Reference,
    /// Its name.
    pub name: String,
    /// Why it is offered: `same e-mail address`.
    pub reason: &'static str,
}

/// Most matches offered.
const OFFERED: u32 = 10;

/// Accounts with the lead's company name, web site or e-mail address.
pub(super) fn accounts(reader: &mut Reader<'_>, caller: &Caller, lead: &Row) -> Result<Vec<Match>> {
    let mut found = Vec::new();
    let name = lead.text("companyname");
    search(reader, caller, ("account", "accountid", "name"), "name", name, "same name", &mut found)?;
    let bare = without_legal_form(name);
    if bare.len() > 2 && bare != name {
        let filter = Filter::compare("name", Operator::BeginsWith, bare);
        look(reader, caller, ("account", "accountid", "name"), filter, "same name but for the legal form", &mut found)?;
    }
    for (column, reason) in
        [("websiteurl", "same web site"), ("emailaddress1", "same e-mail address"), ("telephone1", "same phone number")]
    {
        search(reader, caller, ("account", "accountid", "name"), column, lead.text(column), reason, &mut found)?;
    }
    Ok(found)
}

/// Contacts with the lead's e-mail address, phone or name.
pub(super) fn contacts(reader: &mut Reader<'_>, caller: &Caller, lead: &Row) -> Result<Vec<Match>> {
    let mut found = Vec::new();
    let table = ("contact", "contactid", "fullname");
    for (column, reason) in [
        ("emailaddress1", "same e-mail address"),
        ("mobilephone", "same mobile phone"),
        ("telephone1", "same phone number"),
    ] {
        search(reader, caller, table, column, lead.text(column), reason, &mut found)?;
    }
    search(reader, caller, table, "fullname", lead.text("fullname"), "same name", &mut found)?;
    Ok(found)
}

fn search(
    reader: &mut Reader<'_>,
    caller: &Caller,
    table: (&str, &str, &str),
    column: &str,
    value: &str,
    reason: &'static str,
    found: &mut Vec<Match>,
) -> Result<()> {
    let value = value.trim();
    if value.is_empty() || reader.model().table(table.0).is_none_or(|t| t.column(column).is_none()) {
        return Ok(());
    }
    look(reader, caller, table, Filter::eq(column, value), reason, found)
}

fn look(
    reader: &mut Reader<'_>,
    caller: &Caller,
    (table, key, name): (&str, &str, &str),
    filter: Filter,
    reason: &'static str,
    found: &mut Vec<Match>,
) -> Result<()> {
    let active = Filter::eq("statecode", 0);
    let query = Query::of(table, caller.scope().clone(), caller.zone())
        .select([key, name])
        .matching(filter.and(active))
        .take(OFFERED);
    for row in reader.query(&query)?.to_rows() {
        let Some(id) = row.value(key).as_id() else { continue };
        let reference = Reference::new(table, id);
        if !found.iter().any(|known| known.reference == reference) {
            found.push(Match { reference, name: row.text(name).to_owned(), reason });
        }
    }
    Ok(())
}

/// A company's name without the legal form at its end: `Contoso` for `Contoso, Inc.`
fn without_legal_form(name: &str) -> String {
    const FORMS: &[&str] = &[
        "inc",
        "incorporated",
        "corp",
        "corporation",
        "co",
        "company",
        "ltd",
        "limited",
        "llc",
        "llp",
        "plc",
        "gmbh",
        "ag",
        "kg",
        "se",
        "sa",
        "sas",
        "sarl",
        "srl",
        "spa",
        "bv",
        "nv",
        "oy",
        "ab",
        "as",
        "pty",
    ];
    let mut words: Vec<&str> = name.split_whitespace().collect();
    while words.len() > 1 {
        let last = words[words.len() - 1].to_lowercase().replace(['.', ','], "");
        if !FORMS.contains(&last.as_str()) {
            break;
        }
        words.pop();
    }
    words.join(" ").trim_end_matches(',').to_owned()
}
