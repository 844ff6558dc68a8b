//! Whether a value fits its column, and what a literal means for it.
//!
//! [`Column::check`] is for writing: type and limits. [`Column::coerce`] is for comparing: type
//! only, and generous about how a literal is written.

mod check;
mod format;
mod literal;

pub(crate) use check::MONEY_PLACES;
pub use check::either;
pub use format::is_email;
