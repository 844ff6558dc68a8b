//! PostgreSQL's errors in the store's words.

use tokio_postgres::{Error, error::SqlState};

use super::handshake;
use crate::StoreError;

/// What the server or the connection to it reported, as something a caller can act on.
pub(super) fn translate(error: Error) -> StoreError {
    let Some(report) = error.as_db_error() else {
        if let Some(sentence) = handshake::explain(&error) {
            return StoreError::Unavailable(sentence);
        }
        return if error.is_closed() || is_connection(&error) {
            StoreError::Unavailable(format!("the connection to PostgreSQL failed: {}", with_cause(&error)))
        } else {
            StoreError::Database(with_cause(&error))
        };
    };
    let code = report.code();
    if *code == SqlState::UNIQUE_VIOLATION {
        // The name of the index; the caller knows which columns it stands for.
        return StoreError::DuplicateKey {
            table: report.table().unwrap_or_default().to_owned(),
            columns: report.constraint().map(str::to_owned).into_iter().collect(),
        };
    }
    let message = match report.detail() {
        None => report.message().to_owned(),
        Some(detail) => format!("{} ({detail})", report.message()),
    };
    if is_passing(code) { StoreError::Unavailable(message) } else { StoreError::Database(message) }
}

/// True where trying again later may help: conflicts between transactions, a server that is
/// stopping, starting, full or out of connections.
fn is_passing(code: &SqlState) -> bool {
    const PASSING: [&str; 4] = ["08", "40", "53", "57"];
    PASSING.iter().any(|class| code.code().starts_with(class))
        || *code == SqlState::LOCK_NOT_AVAILABLE
        || *code == SqlState::READ_ONLY_SQL_TRANSACTION
}

fn is_connection(error: &Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(one) = cause {
        if one.is::<std::io::Error>() {
            return true;
        }
        cause = one.source();
    }
    false
}

fn with_cause(error: &Error) -> String {
    use std::error::Error as _;
    match error.source() {
        None => error.to_string(),
        Some(cause) => format!("{error}: {cause}"),
    }
}
