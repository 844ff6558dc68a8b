//! What the sales app promises, tried through its public face on both engines.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod access;
mod account_tree;
mod arrangement;
mod boards;
mod bulk;
mod column_security;
mod customizing;
mod duplicates;
mod export;
mod files_beside;
mod flow_design;
mod flow_versions;
mod follows;
mod german;
mod guards;
mod history;
mod identity;
mod import;
mod known_people;
mod leads;
mod merge;
mod namesakes;
mod normalised;
mod notifications;
mod opportunities;
mod paths;
mod people;
mod privacy;
mod process_gates;
mod processes;
mod records;
mod round_trip;
mod second_factors;
mod single_sign_on;
mod timeline;
mod values;
mod views;
mod webhooks;
mod workspace;
mod world;
