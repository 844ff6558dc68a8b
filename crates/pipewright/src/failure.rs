//! Why a command ended without success, and with which exit code.

/// A failed command.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The command was used wrongly or named something that is not there (exit code 2, as for
    /// wrong flags).
    #[error("{0}")]
    Usage(String),
    /// The domain refused it (exit code 1).
    #[error("{0}")]
    Refused(String),
    /// A check found something wrong, or an import could not bring in every row (exit code 3).
    #[error("{0}")]
    Findings(String),
    /// Database, network or file system failed (exit code 4).
    #[error("{0}")]
    Environment(String),
}

impl Failure {
    /// The process's exit code.
    pub const fn code(&self) -> u8 {
        match self {
            Self::Refused(_) => 1,
            Self::Usage(_) => 2,
            Self::Findings(_) => 3,
            Self::Environment(_) => 4,
        }
    }
}

impl From<crm::Error> for Failure {
    fn from(error: crm::Error) -> Self {
        match error {
            crm::Error::Unknown(_) => Self::Usage(error.to_string()),
            crm::Error::Store(error) => error.into(),
            crm::Error::File(_) | crm::Error::Unavailable(_) | crm::Error::Uncertain(_) => {
                Self::Environment(error.to_string())
            }
            other => Self::Refused(other.to_string()),
        }
    }
}

impl From<store::StoreError> for Failure {
    fn from(error: store::StoreError) -> Self {
        match error {
            store::StoreError::BadUrl(message) => Self::Usage(message),
            store::StoreError::Unavailable(_)
            | store::StoreError::Uncertain(_)
            | store::StoreError::Database(_)
            | store::StoreError::Internal(_)
            | store::StoreError::File(_) => Self::Environment(error.to_string()),
            other => Self::Refused(other.to_string()),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Environment(error.to_string())
    }
}
