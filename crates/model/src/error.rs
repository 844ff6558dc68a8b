//! What can be wrong with declarations.

use std::fmt;

/// Everything that is wrong with a set of declarations, so that a person mends it in one go.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ModelError {
    /// At least one.
    pub problems: Vec<Problem>,
}

/// One mistake with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where: `lead/views.toml: view my_open: column 2`, or `lead.columns.new_score`.
    pub place: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl fmt::Display for ModelError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, problem) in self.problems.iter().enumerate() {
            if position > 0 {
                out.write_str("\n")?;
            }
            write!(out, "{problem}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.place, self.message)
    }
}

impl Problem {
    /// A mistake at a place.
    pub fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into() }
    }
}

impl From<Problem> for ModelError {
    fn from(problem: Problem) -> Self {
        Self { problems: vec![problem] }
    }
}
