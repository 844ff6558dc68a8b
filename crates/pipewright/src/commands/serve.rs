//! Start the server.

use crm::App;

use crate::{commands::demo, configuration::Configuration, failure::Failure, server};

/// Sets up and fills an empty database where asked to, then serves until told to stop.
pub async fn run(app: App, configuration: &Configuration, with_demo: bool) -> Result<(), Failure> {
    let mut newcomer = None;
    if with_demo && !app.identity().is_set_up().await? {
        let made = demo::load(&app, 400, 1, false).await?;
        // Standard output begins with the one line by which scripts know that the server is ready.
        eprintln!("{}", demo::summary(&made));
        newcomer = Some(app.identity().find(demo::ADMINISTRATOR).await?);
    }
    if !app.identity().is_set_up().await? {
        return Err(Failure::Refused(
            "this database is not set up; run `pipewright init --admin-email YOU@COMPANY` first, or `pipewright serve --demo`".to_owned(),
        ));
    }
    // Imports of processes that ended without a word, on this machine or another.
    tokio::spawn(crm::import::keep_watch(app.clone()));
    tokio::spawn(app.store().keep_sealed());
    tokio::spawn(crm::privacy::keep_rules(app.clone()));
    tokio::spawn(crm::notifications::keep_telling(app.clone()));
    tokio::spawn(crm::webhooks::keep_delivering(app.clone()));
    tokio::spawn(crm::jobs::keep_running(app.clone(), crm::import::SILENCE));
    server::serve(app, configuration, newcomer).await
}
