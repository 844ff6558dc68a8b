//! The command line.

use std::{path::PathBuf, time::Duration};

use clap::{Parser, ValueEnum};

/// Measures Pipewright on a generated organisation.
#[derive(Debug, Clone, Parser)]
#[command(name = "bench")]
pub(crate) struct Arguments {
    /// Leads of the organisation; everything else follows (half as many opportunities, as many
    /// contacts, a fifth as many accounts, three times as many activities).
    #[arg(long, default_value_t = 100_000)]
    pub leads: u32,
    /// Seed of the generated organisation.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Measure once more with ten times the data. It is loaded through the write path like the
    /// rest, which takes a while the first time.
    #[arg(long)]
    pub times_ten: bool,
    /// Measure on the kept organisation itself, not on a copy, and throw it away; for a disk too
    /// small for two of them.
    #[arg(long)]
    pub consume: bool,
    /// Where generated organisations are kept between runs.
    #[arg(long, default_value = "target/bench")]
    pub dir: PathBuf,
    /// Measure on this empty (or formerly filled) PostgreSQL database instead; nothing raw is run.
    #[arg(long)]
    pub postgres: Option<String>,
    /// Also write the figures here, as JSON.
    #[arg(long)]
    pub json: Option<PathBuf>,
    /// Seconds each measurement takes, once with one client and once with 16.
    #[arg(long, default_value_t = 2.0)]
    pub seconds: f64,
    /// Measure only cases whose name contains this text.
    #[arg(long, default_value = "")]
    pub only: String,
    /// What a child process of the benchmark does.
    #[arg(long, hide = true)]
    pub part: Option<Part>,
    /// The database a child process works on.
    #[arg(long, hide = true)]
    pub database: Option<String>,
}

/// What a child process does; the measuring process stays free of what it leaves in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Generates an organisation.
    Fill,
    /// Opens the database, runs one query and says so.
    Start,
    /// Works for a while and weighs itself.
    Memory,
    /// Serves pages that wait for news.
    Listening,
}

impl Arguments {
    /// How long one measurement takes.
    pub(crate) fn time(&self) -> Duration {
        Duration::from_secs_f64(self.seconds.clamp(0.05, 60.0))
    }

    /// Whether a case of this name is wanted.
    pub(crate) fn wants(&self, case: &str) -> bool {
        case.contains(&self.only)
    }
}
