//! How a word in a cell becomes the state of a row, carried out by the domain.

use std::{fmt, str::FromStr};

use indexmap::IndexMap;
use language::tr;
use serde::{Deserialize, Serialize};
use tabular::{DateOrder, NumberStyle};

/// Which cells tell how a deal or lead ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutcomePlan {
    /// The column with the word.
    pub source: String,
    /// The column with the closing day. On an open deal it is the expected one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_on: Option<String>,
    /// The column with the amount: actual revenue of a closed deal, expected revenue of an open
    /// one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<String>,
    /// Order of day, month and year in the closing day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dates: Option<DateOrder>,
    /// How the amount is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numbers: Option<NumberStyle>,
    /// What each word means: `Won = "won"`, `Engaging = "open in develop"`,
    /// `Cancelled = "lost as Canceled"`. A row without a word is open.
    pub words: IndexMap<String, Outcome>,
}

/// How a row ended, or that it has not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Outcome {
    /// It goes on, in this stage of its flow (the first where none is named).
    Open {
        /// Logical name of the stage.
        stage: Option<String>,
    },
    /// A won deal.
    Won {
        /// Label of the status reason; the usual one where none is named.
        reason: Option<String>,
        /// The stage it was won in.
        stage: Option<String>,
    },
    /// A lost deal.
    Lost {
        /// Label of the status reason.
        reason: Option<String>,
        /// The stage it was lost in.
        stage: Option<String>,
    },
    /// A disqualified lead.
    Disqualified {
        /// Label of the status reason.
        reason: Option<String>,
    },
    /// A lead that was qualified in another system; nothing is made from it here.
    Qualified {
        /// Label of the status reason.
        reason: Option<String>,
    },
}

impl FromStr for Outcome {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (rest, reason) = match text.split_once(" as ") {
            Some((rest, reason)) => (rest, Some(reason.trim().to_owned())),
            None => (text, None),
        };
        let (word, stage) = match rest.split_once(" in ") {
            Some((word, stage)) => (word, Some(stage.trim().to_owned())),
            None => (rest, None),
        };
        match word.trim().to_lowercase().as_str() {
            "open" if reason.is_none() => Ok(Self::Open { stage }),
            "won" => Ok(Self::Won { reason, stage }),
            "lost" => Ok(Self::Lost { reason, stage }),
            "disqualified" if stage.is_none() => Ok(Self::Disqualified { reason }),
            "qualified" if stage.is_none() => Ok(Self::Qualified { reason }),
            _ => Err(tr!(
                "{} is no outcome; write \"open\", \"open in STAGE\", \"won\", \"won in STAGE\", \"lost\", \"lost as REASON\", \"qualified\" or \"disqualified as REASON\"",
                format!("{text:?}")
            )),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, stage, reason) = match self {
            Self::Open { stage } => ("open", stage, &None),
            Self::Won { reason, stage } => ("won", stage, reason),
            Self::Lost { reason, stage } => ("lost", stage, reason),
            Self::Disqualified { reason } => ("disqualified", &None, reason),
            Self::Qualified { reason } => ("qualified", &None, reason),
        };
        out.write_str(word)?;
        if let Some(stage) = stage {
            write!(out, " in {stage}")?;
        }
        if let Some(reason) = reason {
            write!(out, " as {reason}")?;
        }
        Ok(())
    }
}

impl TryFrom<String> for Outcome {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Outcome> for String {
    fn from(outcome: Outcome) -> Self {
        outcome.to_string()
    }
}
