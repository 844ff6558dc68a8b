//! Dataverse search: rows of several tables that hold words. What is asked stands in [`ask`], rows are found in
//! [`find`], and told in the shapes of version 2.0 and 1.0 in [`tell`].

mod ask;
mod find;
mod order;
mod suggest;
mod tell;

pub use ask::Asked;
pub use tell::{Kind, Version, answer};

/// What stands around a word that was found.
const MARKS: (&str, &str) = ("{crmhit}", "{/crmhit}");
