//! The parsers of what comes from outside.

mod declarations;
mod fetchxml;
mod files;
mod operations;
mod requests;
mod values;

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::Target;

/// All targets.
pub const NAMES: [&str; 16] = [
    "address",
    "batch",
    "delimited",
    "fetchxml",
    "formatting",
    "formula",
    "json",
    "mapping",
    "odata",
    "operations",
    "overlay",
    "pages",
    "cookies",
    "tokens",
    "values",
    "workbook",
];

/// The target of this name.
pub fn open(name: &str) -> Option<Box<dyn Target>> {
    Some(match name {
        "address" => Box::new(values::Address),
        "values" => Box::new(values::Values::default()),
        "formatting" => Box::new(values::Formatting),
        "formula" => Box::new(values::Formulas::default()),
        "overlay" => Box::new(declarations::Overlays),
        "mapping" => Box::new(declarations::Mappings),
        "delimited" => Box::new(files::File::delimited()),
        "workbook" => Box::new(files::File::workbook()),
        "odata" => Box::new(requests::OData::open()),
        "fetchxml" => Box::new(fetchxml::FetchXml::open()),
        "operations" => Box::new(operations::Operations::open()),
        "tokens" => Box::new(operations::Tokens::open()),
        "batch" => Box::new(requests::Batch::open()),
        "json" => Box::new(requests::Json::open()),
        "pages" => Box::new(requests::Pages::open()),
        "cookies" => Box::new(requests::Cookies::open()),
        _ => return None,
    })
}

/// The kind of an outcome, from what tells it apart; digits and quoted input are left out, so that
/// the same complaint about another place is the same kind.
fn kind(of: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    let mut quoted = false;
    for letter in of.chars().take(300) {
        if matches!(letter, '\'' | '"' | '`') {
            quoted = !quoted;
        }
        if !quoted && letter.is_ascii_alphabetic() {
            letter.hash(&mut hasher);
        }
    }
    hasher.finish()
}

/// Texts as inputs.
fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}
