//! What the Web API promises, on the wire.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(clippy::format_push_string, reason = "speed is no matter here")]

mod access;
mod batch;
mod column_security;
mod customization;
mod duplicates;
mod fetch;
mod files;
mod functions;
mod honesty;
mod jobs;
mod lambdas;
mod metadata;
mod metadata_refusals;
mod metadata_writes;
mod multiple;
mod on_behalf;
mod openapi;
mod own;
mod preconditions;
mod process_flows;
mod programs;
mod programs_let_in;
mod queries;
mod records;
mod refusals;
mod sales_actions;
mod same_rows;
mod schema;
mod search;
mod sent_back;
mod tracking;
mod views;
mod wire_shapes;
mod world;
