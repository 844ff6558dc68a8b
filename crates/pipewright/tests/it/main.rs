//! What the program promises: its commands, its server, and what it survives.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod access;
mod backup_under_load;
mod command_line;
mod configuration;
mod copies;
mod crash;
mod crash_of_commands;
mod customizing;
mod faults_of_postgresql;
mod faults_of_the_machine;
mod guarding;
mod live_connections;
mod load;
mod logging;
mod moving_data;
mod privacy;
mod releases;
mod serving;
mod set_up;
mod two_servers;
mod values;
mod world;
