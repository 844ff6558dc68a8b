//! What declarations mean, and which are refused.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod base;
mod declarations;
mod fixture;
mod flow_versions;
mod flows;
mod formulas;
mod overlays;
mod parts;
mod secured;
mod values;
