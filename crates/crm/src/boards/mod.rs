//! Boards: the rows of a table as cards in lanes, by the stage of their flow or by a choice.
//!
//! A board is another face of a list. Which rows it has is said by the list's filter; a [`Board`]
//! adds the lanes, each a filter more, the totals of each lane and what it means to move a card
//! from one lane to another.

mod age;
mod axis;
mod cards;
mod lane;
mod moves;
mod totals;

use std::sync::Arc;

use model::{Model, Table};

use crate::{App, Caller};

pub use axis::Axis;
pub use cards::Cards;
pub use lane::{Holds, Lane};
pub use totals::{OwnerTotals, Sum, Total, Totals};

/// What can be done with boards.
pub struct Boards<'a> {
    app: &'a App,
}

impl App {
    /// What can be done with boards.
    pub const fn boards(&self) -> Boards<'_> {
        Boards { app: self }
    }
}

/// A table in lanes.
#[derive(Debug, Clone)]
pub struct Board {
    /// Whose rows the cards are.
    pub table: Arc<Table>,
    /// What the lanes stand for.
    pub axis: Axis,
    /// The lanes, in order.
    pub lanes: Vec<Lane>,
}

impl Board {
    /// The board that an address names, or the one people expect first; none for a table without
    /// anything to make lanes of.
    pub fn named(model: &Model, caller: &Caller, table: &Arc<Table>, key: &str) -> Option<Self> {
        let axes = Axis::all(model, caller, table);
        let axis = axes.iter().find(|axis| axis.key() == key).or_else(|| Axis::first(&axes, table))?.clone();
        let lanes = lane::lanes(model, table, &axis);
        Some(Self { table: Arc::clone(table), axis, lanes })
    }

    /// The lane of this key.
    pub fn lane(&self, key: &str) -> Option<&Lane> {
        self.lanes.iter().find(|lane| lane.key == key)
    }
}
