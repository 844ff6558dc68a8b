//! How much an address may ask for: enough for every real client, too little to hurt.

/// Most bytes of a decoded query string.
pub const QUERY_STRING: usize = 256 * 1024;
/// Deepest nesting of brackets, `not` and lambdas in a filter.
pub const FILTER_DEPTH: usize = 50;
/// Most comparisons in one filter.
pub const FILTER_COMPARISONS: usize = 5_000;
/// Deepest nesting of `$expand`.
pub const EXPAND_DEPTH: usize = 6;
/// Most expansions in one request, nested ones counted.
pub const EXPAND_ITEMS: usize = 50;
/// Most names in a list (`$select`, `$orderby`, `groupby`).
pub const LIST_ITEMS: usize = 1_000;
