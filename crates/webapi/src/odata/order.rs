//! `$orderby` and `$select`: lists of names.

use super::{SyntaxError, limits, split::split_outside};

/// One key of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderItem {
    /// `customerid_account/name`, its segments.
    pub path: Vec<String>,
    /// Largest first.
    pub descending: bool,
}

/// Read an order: `createdon desc,customerid_account/name`.
pub fn parse_order(option: &str, text: &str) -> Result<Vec<OrderItem>, SyntaxError> {
    list(option, text)?.into_iter().map(|item| order_item(option, item)).collect()
}

fn order_item(option: &str, text: &str) -> Result<OrderItem, SyntaxError> {
    let mut words = text.split_whitespace();
    let name = words.next().unwrap_or_default();
    let descending = match (words.next(), words.next()) {
        (None | Some("asc"), None) => false,
        (Some("desc"), None) => true,
        _ => {
            return Err(SyntaxError::new(
                option,
                format!("'{text}' is no order; write 'column', 'column asc' or 'column desc'"),
            ));
        }
    };
    Ok(OrderItem { path: parse_path(option, name)?, descending })
}

/// Read a list of column names.
pub fn parse_select(option: &str, text: &str) -> Result<Vec<String>, SyntaxError> {
    list(option, text)?
        .into_iter()
        .map(|name| if name == "*" { Ok(name.to_owned()) } else { parse_name(option, name) })
        .collect()
}

/// Read a path of names joined by `/`.
pub fn parse_path(option: &str, text: &str) -> Result<Vec<String>, SyntaxError> {
    text.split('/').map(|segment| parse_name(option, segment)).collect()
}

fn parse_name(option: &str, text: &str) -> Result<String, SyntaxError> {
    let text = text.trim();
    if text.is_empty() || !text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '$')) {
        return Err(SyntaxError::new(option, format!("'{text}' is no column name")));
    }
    Ok(text.to_owned())
}

fn list<'a>(option: &str, text: &'a str) -> Result<Vec<&'a str>, SyntaxError> {
    let items: Vec<&str> = split_outside(text, ',').into_iter().map(str::trim).collect();
    if items.len() > limits::LIST_ITEMS {
        return Err(SyntaxError::new(option, format!("more than {} names", limits::LIST_ITEMS)));
    }
    if items.iter().any(|item| item.is_empty()) {
        return Err(SyntaxError::new(option, "a name is missing; separate names by single commas"));
    }
    Ok(items)
}
