//! Which state of a flow somebody looked at. Steps and conditions are changed by their position, so that
//! a change is only made to the state that it was meant for.

use std::{fmt, str::FromStr};

use super::Design;

/// A state of a flow in the designer; every change makes another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revision {
    /// There is no draft; the version in force, `0` where nothing is.
    InForce(u32),
    /// The version number of the draft's row.
    Draft(i64),
}

impl Design {
    /// The state that this is.
    pub fn revision(&self) -> Revision {
        let in_force = self.in_force.as_ref().map_or(0, |process| process.version);
        self.draft.as_ref().map_or(Revision::InForce(in_force), |draft| Revision::Draft(draft.revision))
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InForce(version) => write!(out, "v{version}"),
            Self::Draft(number) => write!(out, "d{number}"),
        }
    }
}

/// A text that no revision is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this does not say which state of the flow it was")]
pub struct NoRevision;

impl FromStr for Revision {
    type Err = NoRevision;

    fn from_str(text: &str) -> Result<Self, NoRevision> {
        let version = text.strip_prefix('v').and_then(|version| version.parse().ok()).map(Self::InForce);
        let draft = || text.strip_prefix('d').and_then(|number| number.parse().ok()).map(Self::Draft);
        version.or_else(draft).ok_or(NoRevision)
    }
}
