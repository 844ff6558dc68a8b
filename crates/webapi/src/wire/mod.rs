//! What goes over the wire: rows as JSON, JSON bodies as columns, headers.

mod body;
mod etag;
mod formatted;
mod link;
mod prefer;
mod row;
mod scalar;

#[cfg(test)]
mod tests;

pub use crm::wire::{Json, to_json};

pub use body::{Draft, members, read_draft};
pub use etag::{EntityTag, Expectation};
pub use formatted::Formatter;
pub use link::{Link, parse_link};
pub use prefer::{ASSOCIATED_NAVIGATION, Annotations, FORMATTED_VALUE, LOOKUP_LOGICAL_NAME, PAGE, Preferences};
pub use row::{Known, RowShape, fetched_columns, navigations};
pub use scalar::{file_text, is_file};
