//! Text put together from several cells: `{product} - {account}`.

use std::{fmt, str::FromStr};

use language::tr;
use serde::{Deserialize, Serialize};

/// Text with cells in it. `{header}` stands for the cell as it is, `{header:address}` for a form
/// that may stand before the @ of an e-mail address (`anna.snelling`). Where a cell is empty the
/// text that leads to it goes, too: `{product} - {account}` without account is the product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Cell { header: String, address: bool },
}

impl Template {
    /// The headers of the cells in it.
    pub fn headers(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Cell { header, .. } => Some(header.as_str()),
            Part::Text(_) => None,
        })
    }

    /// The text for one row; empty where none of its cells is filled.
    pub fn fill<'c>(&self, cell: impl Fn(&str) -> &'c str) -> String {
        let (prefix, parts) = match self.parts.split_first() {
            Some((Part::Text(prefix), parts)) => (prefix.as_str(), parts),
            _ => ("", self.parts.as_slice()),
        };
        let (mut body, mut pending) = (String::new(), "");
        for part in parts {
            match part {
                Part::Text(literal) => pending = literal,
                Part::Cell { header, address } => {
                    let value = cell(header).trim();
                    let leading = std::mem::take(&mut pending);
                    if value.is_empty() {
                        continue;
                    }
                    if !body.is_empty() {
                        body.push_str(leading);
                    }
                    body.push_str(&if *address { as_address(value) } else { value.to_owned() });
                }
            }
        }
        if body.is_empty() && self.headers().next().is_some() {
            return String::new();
        }
        format!("{prefix}{body}{pending}")
    }
}

/// `Mei-Mei Johns` becomes `mei-mei.johns`.
pub(in crate::import) fn as_address(text: &str) -> String {
    let mut address = String::new();
    for sign in text.trim().chars().flat_map(char::to_lowercase) {
        match sign {
            'a'..='z' | '0'..='9' | '-' | '_' => address.push(sign),
            'ä' => address.push_str("ae"),
            'ö' => address.push_str("oe"),
            'ü' => address.push_str("ue"),
            'ß' => address.push_str("ss"),
            'à' | 'á' | 'â' | 'ã' | 'å' => address.push('a'),
            'è' | 'é' | 'ê' | 'ë' => address.push('e'),
            'ì' | 'í' | 'î' | 'ï' => address.push('i'),
            'ò' | 'ó' | 'ô' | 'õ' | 'ø' => address.push('o'),
            'ù' | 'ú' | 'û' => address.push('u'),
            'ç' => address.push('c'),
            'ñ' => address.push('n'),
            ' ' | '.' if !address.is_empty() && !address.ends_with('.') => address.push('.'),
            _ => {}
        }
    }
    address.trim_end_matches('.').to_owned()
}

impl FromStr for Template {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (inside, behind) = after
                .split_once('}')
                .ok_or_else(|| tr!("{} lacks a closing brace; write {}", format!("{text:?}"), "{header}"))?;
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            let (header, address) = match inside.strip_suffix(":address") {
                Some(header) => (header, true),
                None => (inside, false),
            };
            parts.push(Part::Cell { header: header.trim().to_owned(), address });
            rest = behind;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self { parts })
    }
}

impl fmt::Display for Template {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            match part {
                Part::Text(text) => out.write_str(text)?,
                Part::Cell { header, address } => {
                    write!(out, "{{{header}{}}}", if *address { ":address" } else { "" })?;
                }
            }
        }
        Ok(())
    }
}

impl TryFrom<String> for Template {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Template> for String {
    fn from(template: Template) -> Self {
        template.to_string()
    }
}
