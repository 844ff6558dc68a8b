//! `$expand` with its nested options.

use super::{
    Expression, OrderItem, QueryOptions, SyntaxError,
    expression::parse_filter,
    limits,
    order::{parse_order, parse_select},
    query_string::parse_count,
    split::{name_and_brackets, split_outside},
};

/// One navigation property to be shown in full.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ExpandItem {
    /// The navigation property.
    pub navigation: String,
    /// Only links: `nav/$ref`.
    pub references_only: bool,
    /// Columns; all where nothing is said.
    pub select: Option<Vec<String>>,
    /// Which rows.
    pub filter: Option<Expression>,
    /// In which order.
    pub order: Vec<OrderItem>,
    /// At most so many for each row.
    pub top: Option<u32>,
    /// Expansions of the rows shown.
    pub expand: Vec<ExpandItem>,
}

/// Read `$expand`. Aliases in nested filters are looked up in `options`.
pub fn parse_expand(text: &str, options: &QueryOptions) -> Result<Vec<ExpandItem>, SyntaxError> {
    let mut seen = 0;
    expansions(text, options, 1, &mut seen)
}

fn expansions(
    text: &str,
    options: &QueryOptions,
    depth: usize,
    seen: &mut usize,
) -> Result<Vec<ExpandItem>, SyntaxError> {
    if depth > limits::EXPAND_DEPTH {
        return Err(error(format!("nested more than {} deep", limits::EXPAND_DEPTH)));
    }
    let mut items: Vec<ExpandItem> = Vec::new();
    for part in split_outside(text, ',') {
        *seen += 1;
        if *seen > limits::EXPAND_ITEMS {
            return Err(error(format!("more than {} expansions; ask in several requests", limits::EXPAND_ITEMS)));
        }
        let item = expansion(part.trim(), options, depth, seen)?;
        if items.iter().any(|other| other.navigation == item.navigation) {
            return Err(error(format!("'{}' is expanded twice", item.navigation)));
        }
        items.push(item);
    }
    Ok(items)
}

fn expansion(text: &str, options: &QueryOptions, depth: usize, seen: &mut usize) -> Result<ExpandItem, SyntaxError> {
    let (name, inner) =
        name_and_brackets(text).map_err(|()| error(format!("the brackets of '{text}' do not match")))?;
    let (navigation, references_only) = match name.strip_suffix("/$ref") {
        Some(navigation) => (navigation, true),
        None => (name, false),
    };
    if navigation.is_empty() || !navigation.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return Err(error(format!("'{name}' is no navigation property; write nav($select=a,b;$expand=…)")));
    }
    let mut item = ExpandItem { navigation: navigation.to_owned(), references_only, ..ExpandItem::default() };
    for option in inner.map(|inner| split_outside(inner, ';')).unwrap_or_default() {
        let option = option.trim();
        if option.is_empty() {
            continue;
        }
        let (name, value) = option.split_once('=').ok_or_else(|| error(format!("'{option}' lacks '='")))?;
        let place = format!("$expand={navigation}({})", name.trim());
        match name.trim().trim_start_matches('$') {
            "select" => item.select = Some(parse_select(&place, value)?),
            "filter" => item.filter = Some(parse_filter(&place, value, options)?),
            "orderby" => item.order = parse_order(&place, value)?,
            "top" => item.top = Some(parse_count(&place, value)?),
            "expand" => item.expand = expansions(value, options, depth + 1, seen)?,
            other => {
                return Err(error(format!(
                    "'{other}' is not possible inside {navigation}(…); there are $select, $filter, $orderby, $top and $expand"
                )));
            }
        }
    }
    Ok(item)
}

fn error(message: impl Into<String>) -> SyntaxError {
    SyntaxError::new("$expand", message)
}
