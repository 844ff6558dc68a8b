//! What can go wrong in the store.

use uuid::Uuid;

/// An error of the store. Each variant is something a caller can act on.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No row with this key, or none that the caller may see.
    #[error("{table} with id {id} does not exist")]
    NotFound {
        /// Logical name.
        table: String,
        /// The key asked for.
        id: Uuid,
    },
    /// Somebody changed the row in between.
    #[error("{table} {id} was changed by somebody else in the meantime; load it again")]
    VersionConflict {
        /// Logical name.
        table: String,
        /// The row.
        id: Uuid,
        /// The version it has now.
        current: i64,
    },
    /// Somebody published other customisations in between.
    #[error("the customisations were changed by somebody else in the meantime; try again")]
    ModelChanged,
    /// A row with these key values exists.
    #[error("another {table} with the same {} already exists", columns.join(" and "))]
    DuplicateKey {
        /// Logical name.
        table: String,
        /// The columns of the key.
        columns: Vec<String>,
    },
    /// A row that others still need cannot go.
    #[error("{count} {referencing} still refer to this {table} through {column}; move or delete them first")]
    Restricted {
        /// The row's table.
        table: String,
        /// The table that points here.
        referencing: String,
        /// Its lookup.
        column: String,
        /// How many rows.
        count: u64,
    },
    /// A lookup points at a row that is not there.
    #[error("{column} points at {table} {id}, which does not exist")]
    DanglingReference {
        /// The lookup.
        column: String,
        /// Target table.
        table: String,
        /// Target row.
        id: Uuid,
    },
    /// The query speaks of something the model does not have, or compares what cannot be.
    #[error("{0}")]
    BadQuery(String),
    /// The query would tell the values of a secured column that the caller may not read.
    #[error(
        "{label} ({table}.{column}) is a secured column that you may not read, so nothing can be filtered, sorted, grouped or totalled by it; ask an administrator for a column security profile"
    )]
    SecuredColumn {
        /// Logical name of the table.
        table: String,
        /// Logical name of the column.
        column: String,
        /// What people call it.
        label: String,
    },
    /// The query took longer than its [`crate::Query::patience`].
    #[error("this takes too long; ask for fewer rows, or filter by a column with an index")]
    TookTooLong,
    /// Amounts come to more than what is kept or shown of a total.
    #[error("together these amounts are too large: totals go up to 922,337,203,685,477")]
    TotalTooLarge,
    /// A value does not fit its column.
    #[error("{column}: {message}")]
    BadValue {
        /// The column.
        column: String,
        /// What would fit.
        message: String,
    },
    /// The database was written by a newer release.
    #[error(
        "this database has format {found}, this release knows formats up to {known}; start a newer release of Pipewright"
    )]
    NewerDatabase {
        /// Format of the database.
        found: u32,
        /// Newest format known.
        known: u32,
    },
    /// The database belongs to something else.
    #[error("{0}")]
    ForeignDatabase(String),
    /// A migration cannot be carried out without losing data.
    #[error("{0}")]
    Migration(String),
    /// The database address cannot be understood.
    #[error("{0}")]
    BadUrl(String),
    /// The database cannot be reached or is shutting down; trying again later may help.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The database went away while it was to make a change durable, and did not come back in time
    /// to be asked: the change was carried out whole or not at all. Trying again blindly may do it
    /// twice.
    #[error("the database went away and it is not known whether this was saved: {0}; look before you do it again")]
    Uncertain(String),
    /// The database reported something else.
    #[error("the database reported: {0}")]
    Database(String),
    /// A customisation is not sound; every mistake with its place.
    #[error(transparent)]
    Model(#[from] model::ModelError),
    /// A mistake in Pipewright itself; the log says more.
    #[error("{0}")]
    Internal(String),
    /// A file could not be read or written.
    #[error("{0}")]
    File(#[from] std::io::Error),
}
