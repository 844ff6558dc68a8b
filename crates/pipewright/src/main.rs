//! Command line and wiring of Pipewright; no logic lives here.

#[macro_use]
mod output;

mod arguments;
mod commands;
mod configuration;
mod failure;
mod forwarded;
mod headers;
mod server;

use std::{io::IsTerminal, process::ExitCode};

use clap::Parser;

use arguments::{Arguments, Command, LogFormat};
use configuration::Configuration;
use failure::Failure;

/// Rows are many small pieces of memory; the system's allocator is slower at them, and gives less
/// of it back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("pipewright: {failure}");
            ExitCode::from(failure.code())
        }
    }
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    let configuration = Configuration::load(&arguments.global)?;
    start_logging(matches!(arguments.command, Command::Serve { .. }), configuration.log_format);
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Environment(format!("the runtime cannot start: {error}")))?
        .block_on(commands::run(arguments.command, configuration))
}

/// Logs go to standard error, so that standard output stays for results. `PIPEWRIGHT_LOG`
/// chooses what is logged, as in `info,store=debug`. A server tells who signs in and what was
/// refused to whom, too.
fn start_logging(serves: bool, format: LogFormat) {
    let usual = if serves { "warn,security=info" } else { "warn" };
    let filter = tracing_subscriber::EnvFilter::try_from_env("PIPEWRIGHT_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(usual));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        LogFormat::Text => log.with_ansi(std::io::stderr().is_terminal()).init(),
        LogFormat::Json => log.json().flatten_event(true).with_span_list(false).init(),
    }
}
