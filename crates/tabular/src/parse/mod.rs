//! Cells to values: numbers, dates and yes/no as people write them.

mod boolean;
mod date;
mod number;

pub use boolean::boolean;
pub use date::{DateOrder, date, date_time, date_time_with_offset};
pub use number::{NumberStyle, currency, decimal};

pub(crate) use boolean::{Answer, answer};
pub(crate) use date::date_shape;
pub(crate) use number::Amount;
