//! A generated sales organisation of any size: Brennmoor Automation, an invented maker of robot
//! cells, conveyors and the software around them, with its people, customers, leads, deals and
//! everything said and done over the last twelve months.
//!
//! The same [`Plan`] always makes the same organisation. Nothing is kept while it is made: every
//! lead, customer and deal follows from the seed and its number alone. [`load`] writes it through
//! the domain's write path, with the clock of then, so that every rule holds for it.

mod calendar;
mod company;
mod customer;
mod deal;
mod dice;
mod lead;
mod load;
mod matter;
mod note;
mod share;
mod sizes;
mod staff;
mod story;
mod text;
mod touch;
mod words;
mod world;

use jiff::civil::Date;

pub use load::{Report, load};
pub use sizes::Sizes;
pub use staff::{DOMAIN, ORGANIZATION};

/// Which organisation shall be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// How many leads; everything else follows, see [`Sizes`].
    pub leads: u32,
    /// Another seed, other people and companies.
    pub seed: u64,
    /// History ends with the day before (in UTC); what is still to do is due around this day.
    pub today: Date,
}
