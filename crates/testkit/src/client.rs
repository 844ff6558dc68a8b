//! Single statements to a test server, blocking.

use std::error::Error as _;
use std::thread;
use std::time::Duration;

use tokio_postgres::{Config, NoTls, SimpleQueryMessage};

use crate::{Error, Result};

/// Longest wait for one statement, connecting included.
const LIMIT: Duration = Duration::from_secs(60);

/// Runs one statement over its own connection; returns the first column of the rows.
pub(crate) fn run(server: &Config, statement: &str) -> Result<Vec<String>> {
    // A thread of its own, because the caller may be inside an asynchronous runtime, where
    // starting a second one is forbidden.
    thread::scope(|scope| {
        scope.spawn(|| run_here(server, statement)).join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn run_here(server: &Config, statement: &str) -> Result<Vec<String>> {
    let failed = |reason: String| Error::Statement { statement: statement.to_owned(), reason };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| failed(error.to_string()))?;
    runtime.block_on(async {
        tokio::time::timeout(LIMIT, exchange(server, statement))
            .await
            .map_err(|_| failed(format!("no answer within {} seconds", LIMIT.as_secs())))?
            .map_err(|error| failed(reason_of(&error)))
    })
}

async fn exchange(server: &Config, statement: &str) -> std::result::Result<Vec<String>, tokio_postgres::Error> {
    let (client, connection) = server.connect(NoTls).await?;
    let connection = tokio::spawn(connection);
    let messages = client.simple_query(statement).await?;
    drop(client);
    // Waited for, so that the session has said goodbye before the caller goes on.
    let _ = connection.await;
    Ok(messages.iter().filter_map(first_column).collect())
}

fn first_column(message: &SimpleQueryMessage) -> Option<String> {
    match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    }
}

/// The library's own message is only "db error"; the reason stands in its source.
fn reason_of(error: &tokio_postgres::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
