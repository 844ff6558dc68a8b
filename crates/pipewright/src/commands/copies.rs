//! Backup and restore.

use std::path::Path;

use crm::App;
use store::{DatabaseUrl, Store, StoreError};

use crate::{configuration::Configuration, failure::Failure};

/// Writes a consistent copy of everything; never over another file.
pub async fn backup(app: &App, file: &Path, json: bool) -> Result<(), Failure> {
    if file.exists() {
        return Err(Failure::Refused(format!("{} exists already; choose another name for the backup", file.display())));
    }
    let report = app.store().backup(file).await?;
    if json {
        return super::print_json(&report);
    }
    println!("{} written: {report}", file.display());
    Ok(())
}

/// Brings a backup into an empty database.
pub async fn restore(configuration: &Configuration, file: &Path, json: bool) -> Result<(), Failure> {
    if !file.exists() {
        return Err(Failure::Usage(format!("there is no backup at {}", file.display())));
    }
    let report = Store::restore(&configuration.database, file).await.map_err(|error| match error {
        // A server holds the file.
        StoreError::Unavailable(reason) if matches!(configuration.database, DatabaseUrl::Sqlite(_)) => {
            Failure::Refused(reason)
        }
        other => other.into(),
    })?;
    if json {
        return super::print_json(&report);
    }
    println!("{} restored into {}: {report}", file.display(), configuration.database);
    Ok(())
}
