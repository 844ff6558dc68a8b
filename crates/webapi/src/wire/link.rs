//! Addresses of rows inside bodies: `/accounts(id)`, `accounts(id)`, or absolute.

use crate::{
    error::{Error, Result},
    odata::{KeyPart, QueryOptions, ResourcePath},
};

/// A row named by an address.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// Entity set name.
    pub set_name: String,
    /// What stands in the brackets.
    pub key: Vec<KeyPart>,
}

/// Read the address of a row. `place` is the property it stands in, for messages. Absolute
/// addresses are judged by their path below `/api/data/v9.x/`, whatever host they name.
pub fn parse_link(place: &str, text: &str) -> Result<Link> {
    let text = text.trim();
    if text.starts_with('$') {
        return Err(Error::BadRequest(format!(
            "{place}: '{text}' refers to a part of a change set, but there is none"
        )));
    }
    let path = below_version(text).ok_or_else(|| wrong(place, text))?;
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let mut segments = ResourcePath::parse(path, &QueryOptions::default())?.segments;
    match (segments.pop(), segments.is_empty()) {
        (Some(segment), true) if segment.is_keyed() => {
            Ok(Link { set_name: segment.name, key: segment.key.unwrap_or_default() })
        }
        _ => Err(wrong(place, text)),
    }
}

fn below_version(text: &str) -> Option<&str> {
    const BASE: &str = "/api/data/v9.";
    match text.split_once(BASE) {
        Some((_, rest)) => rest.split_once('/').map(|(_, path)| path),
        None if text.contains("://") => None,
        None => Some(text.trim_start_matches('/')),
    }
}

fn wrong(place: &str, text: &str) -> Error {
    let shown: String = text.chars().take(80).collect();
    Error::BadRequest(format!(
        "{place}: '{shown}' is not the address of a row; write /accounts(6f9619ff-8b86-d011-b42d-00c04fc964ff)"
    ))
}
