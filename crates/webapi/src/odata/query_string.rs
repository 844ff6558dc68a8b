//! The query string: decoding and its options by name.

use super::{
    Apply, ExpandItem, Expression, OrderItem, SyntaxError,
    apply::parse_apply,
    expand::parse_expand,
    expression::parse_filter,
    limits,
    order::{parse_order, parse_select},
};

/// The options of a query string, decoded but not yet understood.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct QueryOptions {
    options: Vec<(String, String)>,
}

/// Options this API understands; everything else with a `$` is refused by name.
const KNOWN: [&str; 9] =
    ["$select", "$filter", "$orderby", "$top", "$count", "$expand", "$apply", "$skiptoken", "$format"];

impl QueryOptions {
    /// Decode a query string: `%24filter=…&$top=5`, blanks as `+` or `%20`.
    pub fn parse(query: &str) -> Result<Self, SyntaxError> {
        if query.len() > limits::QUERY_STRING {
            return Err(SyntaxError::new("query string", format!("longer than {} bytes", limits::QUERY_STRING)));
        }
        let mut options: Vec<(String, String)> = Vec::new();
        for part in query.split('&').filter(|part| !part.is_empty() && *part != "?") {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let name = decode(name)?.trim().to_owned();
            if name.is_empty() {
                continue;
            }
            if options.iter().any(|(other, _)| *other == name) {
                return Err(SyntaxError::new(name, "given twice"));
            }
            let value = decode(value)?;
            options.push((name, value));
        }
        Ok(Self { options })
    }

    /// The value of an option, where it is given and not blank.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.options
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// True for an option that is written but has no value.
    pub fn is_blank(&self, name: &str) -> bool {
        self.options.iter().any(|(found, value)| found == name && value.trim().is_empty())
    }

    /// The value of a parameter alias, named without its `@`.
    pub fn alias(&self, name: &str) -> Option<&str> {
        self.options.iter().find(|(found, _)| found.strip_prefix('@') == Some(name)).map(|(_, value)| value.as_str())
    }

    /// Refuse options that this kind of request does not have, rather than answering something
    /// else than was asked.
    pub fn allow(&self, allowed: &[&str]) -> Result<(), SyntaxError> {
        for (name, _) in &self.options {
            let system =
                name.starts_with('$') || matches!(name.as_str(), "fetchXml" | "savedQuery" | "userQuery" | "sql");
            if !system || name == "$format" || allowed.contains(&name.as_str()) {
                continue;
            }
            let message = if KNOWN.contains(&name.as_str()) {
                "not possible on this request".to_owned()
            } else if let Some(known) = KNOWN.iter().find(|known| known.eq_ignore_ascii_case(name)) {
                format!("not known; write {known}")
            } else {
                format!("not supported; there are {}", allowed.join(", "))
            };
            return Err(SyntaxError::new(name, message));
        }
        Ok(())
    }

    /// `$filter`
    pub fn filter(&self) -> Result<Option<Expression>, SyntaxError> {
        self.get("$filter").map(|text| parse_filter("$filter", text, self)).transpose()
    }

    /// `$select`
    pub fn select(&self) -> Result<Option<Vec<String>>, SyntaxError> {
        self.get("$select").map(|text| parse_select("$select", text)).transpose()
    }

    /// `$orderby`
    pub fn order(&self) -> Result<Vec<OrderItem>, SyntaxError> {
        self.get("$orderby").map_or(Ok(Vec::new()), |text| parse_order("$orderby", text))
    }

    /// `$expand`
    pub fn expand(&self) -> Result<Vec<ExpandItem>, SyntaxError> {
        self.get("$expand").map_or(Ok(Vec::new()), |text| parse_expand(text, self))
    }

    /// `$apply`
    pub fn apply(&self) -> Result<Option<Apply>, SyntaxError> {
        self.get("$apply").map(|text| parse_apply(text, self)).transpose()
    }

    /// `$top`
    pub fn top(&self) -> Result<Option<u32>, SyntaxError> {
        self.get("$top").map(|text| parse_count("$top", text)).transpose()
    }

    /// `$count`
    pub fn count(&self) -> Result<bool, SyntaxError> {
        match self.get("$count") {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(SyntaxError::new("$count", format!("'{other}' must be true or false"))),
        }
    }

    /// The query string again, encoded, without these options.
    pub fn without(&self, names: &[&str]) -> String {
        let mut text = String::new();
        for (name, value) in self.options.iter().filter(|(name, _)| !names.contains(&name.as_str())) {
            if !text.is_empty() {
                text.push('&');
            }
            text.push_str(&encode(name));
            text.push('=');
            text.push_str(&encode(value));
        }
        text
    }
}

/// A number of rows.
pub fn parse_count(option: &str, text: &str) -> Result<u32, SyntaxError> {
    text.trim()
        .parse()
        .map_err(|_| SyntaxError::new(option, format!("'{}' must be a whole number from 0", text.trim())))
}

/// Encode one name or value so that it survives any client's handling of addresses.
pub fn encode(text: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const KEEP: &AsciiSet =
        &NON_ALPHANUMERIC.remove(b'$').remove(b'_').remove(b'-').remove(b'.').remove(b',').remove(b'@');
    utf8_percent_encode(text, KEEP).to_string()
}

fn decode(text: &str) -> Result<String, SyntaxError> {
    let blanks = text.replace('+', " ");
    percent_encoding::percent_decode_str(&blanks)
        .decode_utf8()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| SyntaxError::new("query string", "the percent-encoded text is not UTF-8"))
}
