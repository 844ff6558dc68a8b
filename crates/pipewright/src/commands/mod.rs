//! The commands, one file each.

mod check;
mod copies;
mod customize;
mod demo;
mod export;
mod import;
mod init;
mod privacy;
mod program;
mod purge;
mod serve;
mod token;

pub use init::link as password_link;
use store::DatabaseUrl;

use crate::{arguments::Command, configuration::Configuration, failure::Failure};

/// Carries out one command.
pub async fn run(command: Command, configuration: Configuration) -> Result<(), Failure> {
    if let Command::Restore { file, json } = &command {
        return copies::restore(&configuration, file, *json).await;
    }
    refuse_absent_file(&command, &configuration.database)?;
    let sign_in = configuration.sign_in()?;
    let app = crm::App::open_with(&configuration.database, configuration.store_options()).await?;
    app.configure_sign_in(sign_in);
    let result = match command {
        Command::Serve { demo } => return serve::run(app, &configuration, demo).await,
        Command::Init(init) => init::run(&app, &configuration, init).await,
        Command::Token(command) => token::run(&app, command).await,
        Command::Program(command) => program::run(&app, command).await,
        Command::User(command) => init::user(&app, &configuration, command).await,
        Command::Reseal => init::reseal(&app).await,
        Command::Demo { leads, seed, json } => demo::run(&app, leads, seed, json).await,
        Command::Import(arguments) => import::run(&app, arguments).await,
        Command::Export(arguments) => export::run(&app, arguments).await,
        Command::Backup { file, json } => copies::backup(&app, &file, json).await,
        Command::Check { json } => check::run(&app, json).await,
        Command::Customize(command) => customize::run(&app, command).await,
        Command::Privacy(command) => privacy::run(&app, command).await,
        Command::Restore { .. } => Ok(()),
    };
    app.close().await;
    result
}

/// Opening creates a database file where there is none. Only commands that fill it want that; to
/// the others a mistyped path must not look like an empty, sound database.
fn refuse_absent_file(command: &Command, database: &DatabaseUrl) -> Result<(), Failure> {
    let fills = matches!(command, Command::Init(_) | Command::Demo { .. } | Command::Serve { demo: true });
    match database {
        DatabaseUrl::Sqlite(path) if !fills && !path.exists() => Err(Failure::Refused(format!(
            "there is no database at {}; correct the path, or run `pipewright init --admin-email YOU@COMPANY` first",
            path.display()
        ))),
        _ => Ok(()),
    }
}

/// Prints a result for scripts.
fn print_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Failure::Environment(error.to_string()))?;
    println!("{text}");
    Ok(())
}
