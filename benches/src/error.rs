//! Why nothing could be measured.

/// What a function of this crate returns.
pub(crate) type Result<T> = std::result::Result<T, BenchError>;

/// Why nothing could be measured.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    /// The product refused or failed.
    #[error(transparent)]
    Product(#[from] crm::Error),
    /// The database cannot be opened.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// A raw statement failed.
    #[error("a raw statement failed: {0}")]
    Raw(#[from] rusqlite::Error),
    /// Files, processes, threads.
    #[error("{0}")]
    Environment(#[from] std::io::Error),
    /// Something else, in a sentence.
    #[error("{0}")]
    Other(String),
}

impl BenchError {
    pub(crate) fn other(message: impl Into<String>) -> Self {
        Self::Other(message.into())
    }
}

impl From<serde_json::Error> for BenchError {
    fn from(error: serde_json::Error) -> Self {
        Self::Other(format!("JSON: {error}"))
    }
}

impl From<tokio::task::JoinError> for BenchError {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::Other(format!("a client failed: {error}"))
    }
}
