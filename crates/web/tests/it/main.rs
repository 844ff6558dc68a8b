//! What the pages promise, asked for as a browser asks.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod access;
mod assets;
mod autosave;
mod boards;
mod charts;
mod column_security;
mod components;
mod developer;
mod duplicates;
mod follows;
mod form_lists;
mod frame;
mod imports;
mod languages;
mod lists;
mod live;
mod notifications;
mod own_tables;
mod privacy;
mod process_designer;
mod process_flows;
mod programs;
mod records;
mod rows;
mod sharing;
mod signing_in;
mod timeline;
mod views;
mod workspace;
mod world;
