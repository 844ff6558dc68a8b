//! How much a query may ask for, as Dataverse limits it where it does.

/// Most options, together, of choices that rows are sorted by.
pub const RANKED: usize = 1_000;
/// Most bytes of a query.
pub const SIZE: usize = 128 * 1024;
/// Deepest nesting of elements.
pub const DEPTH: usize = 40;
/// Most elements.
pub const ELEMENTS: usize = 5_000;
/// Most link-entities.
pub const LINKS: usize = 15;
/// Most conditions.
pub const CONDITIONS: usize = 500;
/// Most rows of a page, and what `top` may ask for.
pub const PAGE: u32 = 5_000;
/// Most names under which a column is shown.
pub const NAMES: usize = 5;
/// Most values of a query for groups: what is grouped by and what is combined.
pub const GROUPED: usize = 100;
/// Most values that an answer shows: columns times rows.
pub const VALUES: u64 = 2_000_000;
/// Longest alias.
pub const ALIAS: usize = 100;
