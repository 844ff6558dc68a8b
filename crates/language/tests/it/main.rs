//! What catalogues must have.

mod catalogue;
mod sources;
mod texts;
