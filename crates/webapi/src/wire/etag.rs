//! Versions of rows in headers.

use axum::http::{HeaderMap, header};

/// The version of a row as `ETag`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntityTag(pub i64);

impl std::fmt::Display for EntityTag {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "W/\"{}\"", self.0)
    }
}

/// What `If-Match` or `If-None-Match` demands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expectation {
    /// `*`: the row exists.
    Exists,
    /// One of these versions. A tag that this server never gave out matches nothing and stands
    /// as −1.
    Versions(Vec<i64>),
}

impl Expectation {
    /// The demand of `If-Match`.
    pub fn if_match(headers: &HeaderMap) -> Option<Self> {
        Self::read(headers, &header::IF_MATCH)
    }

    /// The demand of `If-None-Match`.
    pub fn if_none_match(headers: &HeaderMap) -> Option<Self> {
        Self::read(headers, &header::IF_NONE_MATCH)
    }

    fn read(headers: &HeaderMap, name: &header::HeaderName) -> Option<Self> {
        let text = headers.get(name)?.to_str().ok()?.trim();
        match text {
            // Microsoft's own samples send the word `null` to every server.
            "" | "null" => None,
            "*" => Some(Self::Exists),
            tags => Some(Self::Versions(tags.split(',').map(version).collect())),
        }
    }
}

fn version(tag: &str) -> i64 {
    let tag = tag.trim();
    let bare = tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"');
    bare.parse().unwrap_or(-1)
}
