//! What can go wrong in the domain, in words that a person can act on.

use language::{tr, translated};
use store::StoreError;
use uuid::Uuid;

/// An error of the domain.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody is signed in, or the session or token has ended.
    #[error("{}", tr!("sign in first; the session or token is missing, wrong or has ended"))]
    NotSignedIn,
    /// The caller may not do this.
    #[error("{0}")]
    Forbidden(String),
    /// Somebody is to act for a user who may not sign in any more.
    #[error("{}", tr!("the user {user} is disabled; enable the user first, or name another one", user))]
    UserDisabled {
        /// The `systemuser`.
        user: Uuid,
    },
    /// A program asked for a token in a way that OAuth 2.0 refuses.
    #[error("{}", .0)]
    Program(crate::identity::ProgramRefusal),
    /// No such row, or none the caller may see.
    #[error("{}", tr!("{table} with id {id} does not exist", table, id))]
    NotFound {
        /// Logical name of the table.
        table: String,
        /// The key asked for.
        id: Uuid,
    },
    /// The model has no such table, column, process …
    #[error("{0}")]
    Unknown(String),
    /// Some columns hold what they must not; all of them are listed.
    #[error("{}", join(.0))]
    Invalid(Vec<FieldError>),
    /// A rule of the business forbids it, for instance editing a qualified lead.
    #[error("{0}")]
    Refused(String),
    /// Somebody changed the row since it was loaded.
    #[error("{}", tr!("this {table} was changed by somebody else in the meantime; look at the new values and save again", table))]
    Changed {
        /// Logical name of the table.
        table: String,
        /// The row.
        id: Uuid,
    },
    /// A row with the same key exists.
    #[error("{}", tr!("another {table} with the same {columns} already exists", table, columns = columns.join(&tr!(" and "))))]
    Exists {
        /// Logical name of the table.
        table: String,
        /// The columns of the key.
        columns: Vec<String>,
    },
    /// Rows that seem to be the same are there, and nobody has looked at them yet.
    #[error("{0}")]
    Duplicates(Box<crate::duplicates::Found>),
    /// Too many wrong passwords; wait.
    #[error("{}", tr!("too many attempts; try again in {seconds} seconds", seconds))]
    TooManyAttempts {
        /// How long to wait.
        seconds: u64,
    },
    /// More requests in the last minutes than one person may make; wait.
    #[error("{}", tr!("too many requests; go on in {seconds} seconds, and spread the work or ask for more rows at a time", seconds))]
    TooManyRequests {
        /// How long to wait.
        seconds: u64,
    },
    /// The query speaks of something that is not there or cannot be compared.
    #[error("{0}")]
    BadQuery(String),
    /// What is counted or summed up takes longer than somebody waits for it.
    #[error("{}", tr!("these rows are too many for this to be ready in time; filter them further, or ask for something simpler"))]
    TookTooLong,
    /// A declaration is not sound.
    #[error("{0}")]
    Model(#[from] model::ModelError),
    /// The database cannot be reached for the moment; trying again may help.
    #[error("{}", tr!("the database is not available: {}", .0))]
    Unavailable(String),
    /// The database went away while it was saving; trying again blindly may do it twice.
    #[error("{0}")]
    Uncertain(String),
    /// The database or the disk failed; nothing was written.
    #[error("{0}")]
    Store(StoreError),
    /// A file could not be read.
    #[error("{0}")]
    File(String),
}

/// What is wrong with one column.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct FieldError {
    /// Logical name of the column.
    pub column: String,
    /// Its label.
    pub label: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl Error {
    /// One wrong column.
    pub fn field(column: &model::Column, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::of(column, message)])
    }

    /// A refusal with this sentence.
    pub fn refused(message: impl Into<String>) -> Self {
        Self::Refused(message.into())
    }
}

impl FieldError {
    /// What is wrong with `column`.
    pub fn of(column: &model::Column, message: impl Into<String>) -> Self {
        Self { column: column.name.clone(), label: translated(&column.label).into_owned(), message: message.into() }
    }
}

fn join(errors: &[FieldError]) -> String {
    let lines: Vec<String> =
        errors.iter().map(|error| format!("{} ({}): {}", error.label, error.column, error.message)).collect();
    lines.join("; ")
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound { table, id } => Self::NotFound { table, id },
            StoreError::VersionConflict { table, id, .. } => Self::Changed { table, id },
            StoreError::DuplicateKey { table, columns } => Self::Exists { table, columns },
            StoreError::BadQuery(message) => Self::BadQuery(message),
            StoreError::TookTooLong => Self::TookTooLong,
            StoreError::TotalTooLarge => Self::Refused(tr!(
                "together these amounts are too large: totals go up to {largest}; correct the amount, or ask for fewer rows",
                largest = "922,337,203,685,477"
            )),
            StoreError::SecuredColumn { table, column, label } => {
                // Who asked stands in the request around it.
                tracing::warn!(target: "security", action = "read a secured column", table, column, "access was refused");
                Self::Forbidden(tr!(
                    "{label} ({table}.{column}) is a secured column that you may not read, so nothing can be filtered, sorted, grouped or totalled by it; ask an administrator for a column security profile",
                    label = translated(&label),
                    table,
                    column
                ))
            }
            StoreError::BadValue { column, message } => {
                Self::Invalid(vec![FieldError { label: column.clone(), column, message }])
            }
            StoreError::DanglingReference { ref column, ref table, id } => Self::Invalid(vec![FieldError {
                label: column.clone(),
                column: column.clone(),
                message: tr!("there is no {table} with id {id}", table, id),
            }]),
            StoreError::Unavailable(reason) => Self::Unavailable(reason),
            StoreError::Uncertain(reason) => Self::Uncertain(tr!(
                "the database went away and it is not known whether this was saved: {reason}; look before you do it again",
                reason
            )),
            StoreError::Restricted { table, column, referencing, count } => Self::Refused(tr!(
                "{count} {referencing} still refer to this {table} through {column}; move or delete them first",
                count,
                referencing,
                table,
                column
            )),
            StoreError::ModelChanged => {
                Self::Refused(tr!("the customisations were changed by somebody else in the meantime; try again"))
            }
            // What only the rows can tell about a declaration, in a sentence that says what to do about them.
            StoreError::Migration(reason) => Self::Refused(reason),
            other => Self::Store(other),
        }
    }
}
