//! The benchmark behind `make bench`: what one request costs on a generated organisation, beside
//! the same statement run raw with `rusqlite` on the same file in the same run.
//!
//! Everything of ours goes through [`crm::App`], that is with access scope, names and rules. An
//! aim that is missed is marked and counted; only a failure to measure makes the exit code.

mod aims;
mod arguments;
mod children;
mod error;
mod importing;
mod listening;
mod measure;
mod organization;
mod raw;
mod reading;
mod report;
mod restricted;
mod run;
mod served;
mod subject;
mod tools;
mod whole;
mod writing;

use std::process::ExitCode;

use clap::Parser;

pub(crate) use arguments::{Arguments, Part};
pub(crate) use error::{BenchError, Result};

/// The product's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(BenchError::from)
        .and_then(|runtime| runtime.block_on(carry_out(&arguments)));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn carry_out(arguments: &Arguments) -> Result<()> {
    match arguments.part {
        None => run::everything(arguments).await,
        Some(Part::Fill) => organization::fill(arguments).await,
        Some(Part::Start) => children::open_and_say_so(arguments).await,
        Some(Part::Memory) => children::work_and_weigh(arguments).await,
        Some(Part::Listening) => listening::serve(arguments).await,
    }
}
