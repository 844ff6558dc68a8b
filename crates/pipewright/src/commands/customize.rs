//! An organisation's customisations as one file.

use std::path::Path;

use crm::{App, Origin};
use model::Overlay;

use crate::{arguments::Customize, failure::Failure};

/// Shows or changes the customisations.
pub async fn run(app: &App, command: Customize) -> Result<(), Failure> {
    match command {
        Customize::Export => {
            let text =
                app.customization().overlay().to_toml().map_err(|error| Failure::Environment(error.to_string()))?;
            print!("{text}");
            Ok(())
        }
        Customize::Import { file, dry_run } => import(app, &file, dry_run).await,
        Customize::AddColumn { table, column, kind, label, options, length } => {
            let engine = app.engine().await?;
            let new = crm::customization::NewColumn { table, name: column, kind, label, options, length };
            app.customization().add_column(&engine, Origin::CommandLine, new).await?;
            println!("published");
            Ok(())
        }
    }
}

async fn import(app: &App, file: &Path, dry_run: bool) -> Result<(), Failure> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Failure::Usage(format!("{} cannot be read: {error}", file.display())))?;
    let overlay =
        Overlay::from_toml(&text).map_err(|error| Failure::Refused(format!("{}: {error}", file.display())))?;
    let engine = app.engine().await?;
    if dry_run {
        app.customization().validate(&overlay)?;
        println!("the customisations are sound; nothing was changed");
    } else {
        app.customization().publish(&engine, Origin::CommandLine, overlay).await?;
        println!("published");
    }
    Ok(())
}
