//! What people call tables and columns in their files.

use language::tr;
use model::{Column, Table};

use crate::import::{
    compile::may_fill,
    matching::{is_label, is_normalised, labelled, normalised},
};

/// Names of files by table, beside the table's own names.
pub(super) const TABLES: &[(&str, &[&str])] = &[
    (
        "account",
        &["companies", "company", "customers", "customer", "organisations", "organizations", "firms", "clients"],
    ),
    ("contact", &["people", "persons", "contact list", "address book"]),
    ("lead", &["prospects", "prospect", "enquiries", "inquiries"]),
    ("opportunity", &["deals", "deal", "pipeline", "sales pipeline", "opps"]),
    ("product", &["articles", "items", "catalogue", "catalog", "price list"]),
    (
        "systemuser",
        &[
            "users",
            "sales team",
            "sales teams",
            "sellers",
            "sales reps",
            "sales agents",
            "staff",
            "employees",
            "owners",
            "salespeople",
        ],
    ),
    ("businessunit", &["offices", "departments", "divisions", "branches"]),
    ("competitor", &["competition", "rivals"]),
    ("task", &["todos", "to dos"]),
    ("phonecall", &["calls", "call log"]),
    ("appointment", &["meetings", "events"]),
];

/// Headers by column, beside labels and logical names; with a table before it only there.
const COLUMNS: &[(&str, &[&str])] = &[
    (
        "account.name",
        &[
            "account",
            "account name",
            "company",
            "company name",
            "customer",
            "customer name",
            "organisation",
            "organization",
            "firm",
            "client",
            "name",
        ],
    ),
    ("product.name", &["product", "product name", "article", "item", "title", "name"]),
    (
        "opportunity.name",
        &["deal", "deal name", "opportunity", "opportunity name", "topic", "title", "subject", "name"],
    ),
    (
        "opportunity.customerid",
        &[
            "account",
            "account name",
            "company",
            "company name",
            "customer",
            "customer name",
            "client",
            "organisation",
            "organization",
        ],
    ),
    ("businessunit.name", &["office", "business unit", "department", "division", "branch", "name"]),
    ("competitor.name", &["competitor", "company", "name"]),
    ("subject", &["topic", "title", "interest", "interested in", "subject"]),
    ("firstname", &["first name", "given name", "forename", "vorname", "prénom"]),
    ("lastname", &["last name", "surname", "family name", "nachname", "nom"]),
    (
        "companyname",
        &["company", "company name", "organisation", "organization", "firm", "employer", "account", "account name"],
    ),
    ("jobtitle", &["job title", "position", "role", "function", "designation"]),
    ("emailaddress1", &["e-mail", "email", "email address", "mail", "e-mail address", "business email"]),
    ("internalemailaddress", &["e-mail", "email", "email address", "mail"]),
    (
        "telephone1",
        &["phone", "telephone", "phone number", "business phone", "work phone", "tel", "main phone", "telefon"],
    ),
    ("mobilephone", &["mobile", "mobile phone", "cell", "cell phone", "handy"]),
    ("fax", &["fax number"]),
    ("websiteurl", &["website", "web", "url", "homepage", "web site", "domain"]),
    (
        "numberofemployees",
        &[
            "employees",
            "no of employees",
            "employee count",
            "headcount",
            "staff",
            "company size",
            "number of employees",
        ],
    ),
    ("revenue", &["annual revenue", "turnover", "sales volume", "revenue", "yearly revenue"]),
    ("industrycode", &["industry", "sector", "line of business", "branche", "vertical"]),
    ("leadsourcecode", &["source", "lead source", "origin channel", "channel"]),
    ("leadqualitycode", &["rating", "temperature"]),
    ("description", &["notes", "note", "comment", "comments", "remarks", "description"]),
    ("address1_line1", &["street", "address", "street address", "address line 1", "strasse", "straße"]),
    ("address1_line2", &["address line 2"]),
    ("address1_city", &["city", "town", "ort", "stadt"]),
    ("address1_postalcode", &["zip", "zip code", "postcode", "postal code", "plz"]),
    ("address1_stateorprovince", &["state", "province", "region", "county"]),
    ("address1_country", &["country", "nation", "land"]),
    ("donotemail", &["do not email", "no email", "email opt out"]),
    ("donotphone", &["do not call", "do not phone", "no calls"]),
    ("donotpostalmail", &["do not mail", "no post"]),
    (
        "estimatedvalue",
        &["amount", "deal value", "value", "expected revenue", "estimated revenue", "est revenue", "deal size"],
    ),
    ("estimatedclosedate", &["expected close date", "close date", "estimated close date", "closing date", "due"]),
    ("closeprobability", &["probability", "win probability", "chance"]),
    ("price", &["sales price", "unit price", "list price", "price", "retail price"]),
    ("productnumber", &["sku", "article number", "product id", "product number", "item number", "part number"]),
    ("accountnumber", &["customer number", "account number", "customer no", "account id", "customer id"]),
    (
        "overriddencreatedon",
        &[
            "created",
            "created on",
            "created at",
            "creation date",
            "create date",
            "date created",
            "date added",
            "engage date",
            "start date",
            "opened",
            "open date",
        ],
    ),
    (
        "ownerid",
        &[
            "owner",
            "sales agent",
            "agent",
            "seller",
            "sales rep",
            "salesperson",
            "account manager",
            "assigned to",
            "responsible",
        ],
    ),
    ("parentaccountid", &["parent account", "parent company", "subsidiary of", "parent", "belongs to", "group"]),
    ("parentsystemuserid", &["manager", "supervisor", "boss", "reports to", "team lead"]),
    ("businessunitid", &["regional office", "office", "business unit", "department", "division", "branch", "region"]),
    ("parentcustomerid", &["company", "account", "company name", "organisation", "organization"]),
    ("title", &["job title"]),
    ("birthdate", &["birthday", "date of birth"]),
];

/// Choices that an organisation extends with its own words as a matter of course.
pub(super) const OPEN_LISTS: &[&str] = &["industrycode", "leadsourcecode"];

/// Words that stand for an empty cell.
pub(super) const EMPTY: &[&str] =
    &["select", "please select", "n/a", "#n/a", "null", "nan", "-", "--", "(blank)", "(empty)", "(none)"];

/// A full name in one cell.
const PERSON: &[&str] = &[
    "name",
    "full name",
    "contact",
    "contact name",
    "lead name",
    "person",
    "fullname",
    "employee",
    "user",
    "user name",
];

/// Somebody who sells.
const SELLERS: &[&str] = &[
    "sales agent",
    "agent",
    "seller",
    "sales rep",
    "salesperson",
    "representative",
    "rep",
    "employee",
    "sales person",
    "user",
];

/// True for a header that names somebody who sells.
pub(super) fn is_seller(header: &str) -> bool {
    is_among(SELLERS, header)
}

/// True for a header of full names.
pub(super) fn is_person(header: &str) -> bool {
    is_among(PERSON, header) || is_seller(header)
}

fn is_among(words: &[&str], header: &str) -> bool {
    let header = normalised(header);
    words.iter().any(|word| is_normalised(word, &header))
}

/// The column of the table that a header means: by logical name, by what people call it in just
/// this table, by label, or by what people say anywhere. In an export of `ours` labels count first.
pub(super) fn column<'t>(table: &'t Table, header: &str, ours: bool) -> Option<&'t Column> {
    let wanted = normalised(header);
    if wanted.is_empty() {
        return None;
    }
    let open = |column: &&Column| may_fill(table, column);
    // The key is meant by its logical name only: `Product ID` is the number people know.
    let by_key = || table.column(&table.primary_key).filter(|key| header.trim().eq_ignore_ascii_case(&key.name));
    let by_exact_name = || table.column(header.trim()).filter(|column| column.name != table.primary_key).filter(open);
    let by_name = || {
        table
            .columns
            .values()
            .filter(open)
            .filter(|column| column.name != table.primary_key)
            .find(|column| is_normalised(&column.name, &wanted))
    };
    let by_label = || {
        let open = table.columns.values().filter(open);
        labelled(open, |column| &column.label, |label| is_normalised(label, &wanted))
    };
    let said = |of_table: bool| {
        COLUMNS
            .iter()
            .filter(|(_, words)| words.iter().any(|word| is_normalised(word, &wanted)))
            .filter_map(|(name, _)| match name.split_once('.') {
                Some((of, name)) => Some(name).filter(|_| of_table && of == table.name),
                None => Some(*name).filter(|_| !of_table),
            })
            .find_map(|name| table.column(name).filter(open))
    };
    // `Status (statecode)`, as an export tells columns with the same label apart.
    let by_bracket = || bracketed(header).and_then(|name| table.column(name)).filter(open);
    let known = by_key().or_else(by_exact_name).or_else(by_bracket);
    if ours {
        // What the system puts together bears its own label: `Address` is no street.
        let is_meant = |label: &str| is_normalised(label, &wanted);
        let is_closed = || table.columns.values().any(|column| is_label(&column.label, is_meant));
        let known = known.or_else(by_label);
        if known.is_some() || is_closed() {
            return known;
        }
    }
    known.or_else(by_name).or_else(|| said(true)).or_else(by_label).or_else(|| said(false))
}

/// Why a header of an export is nothing to be brought in: the system sets the column itself, or
/// it belongs to another row.
pub(super) fn not_writable(table: &Table, header: &str) -> Option<String> {
    let name = bracketed(header).unwrap_or(header);
    if let Some((lookup, _)) = name.split_once('.')
        && table.column(lookup.split('(').next().unwrap_or(lookup)).is_some_and(|column| !column.targets().is_empty())
    {
        return Some(tr!("they belong to the row that is looked up; change that one"));
    }
    // `Budget amount (base)` is a label, not a name in brackets; what stands in brackets is no label.
    let (bracketed, whole) = (normalised(name), normalised(header));
    let is_named = |column: &Column| is_normalised(&column.name, &bracketed) || is_normalised(&column.name, &whole);
    let is_meant = |column: &&Column| is_named(column) || is_label(&column.label, |label| is_normalised(label, &whole));
    let column = table.columns.values().filter(|column| column.name != table.primary_key).find(is_meant)?;
    let closed = column.read_only || column.is_computed() || !column.importable;
    closed.then(|| tr!("the system sets it itself"))
}

/// True where an export of the table writes the stage under this header.
pub(super) fn is_stage(table: &Table, header: &str) -> bool {
    let wanted = normalised(header);
    table.column(crate::import::compile::STAGE).is_some_and(|column| {
        is_normalised(&column.name, &wanted) || is_label(&column.label, |label| is_normalised(label, &wanted))
    })
}

fn bracketed(header: &str) -> Option<&str> {
    header.strip_suffix(')')?.split_once(" (").map(|(_, name)| name)
}
