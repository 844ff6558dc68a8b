//! What can go wrong with a request, each with its HTTP status and Dataverse's code.

use axum::http::StatusCode;

use crate::odata::SyntaxError;

/// Why a request is refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be understood.
    #[error("{0}")]
    Syntax(#[from] SyntaxError),
    /// A property that the table does not have.
    #[error("Could not find a property named '{name}' on type 'Microsoft.Dynamics.CRM.{table}'{hint}")]
    UnknownProperty {
        /// As it was written.
        name: String,
        /// Logical name of the table.
        table: String,
        /// `; did you mean 'x'?`, or "."
        hint: String,
    },
    /// A value that does not fit its column.
    #[error("{column}: {message}")]
    BadValue {
        /// The column.
        column: String,
        /// What is wrong and what would fit.
        message: String,
    },
    /// The body is no JSON or not of the shape this request needs.
    #[error("{0}")]
    BadBody(String),
    /// Anything else that the caller can put right.
    #[error("{0}")]
    BadRequest(String),
    /// No such set, property, function or action.
    #[error("Resource not found for the segment '{0}'.")]
    UnknownResource(String),
    /// No such row, or none the caller may see.
    #[error("{table} With Id = {key} Does Not Exist")]
    NotFound {
        /// Logical name of the table.
        table: String,
        /// The key asked for.
        key: String,
    },
    /// A link is to be taken away that is not there.
    #[error("{navigation}: {id} is not linked to this row, so there is nothing to unlink")]
    NotLinked {
        /// The navigation property.
        navigation: String,
        /// The row that was to be unlinked.
        id: uuid::Uuid,
    },
    /// The resource is there but cannot be used so.
    #[error("{method} is not possible on {resource}; allowed: {allowed}")]
    MethodNotAllowed {
        /// The method used.
        method: String,
        /// What it was used on.
        resource: &'static str,
        /// Methods that work, as the `Allow` header lists them.
        allowed: &'static str,
    },
    /// The address knows other methods, which the `Allow` header lists.
    #[error("{0} is not possible on this address; the Allow header says what is")]
    NoSuchMethod(String),
    /// `If-Match` or `If-None-Match` does not hold.
    #[error("{0}")]
    Precondition(String),
    /// The body is larger than this server takes.
    #[error("The body is larger than {limit} bytes; send less at a time.")]
    TooLarge {
        /// Bytes allowed.
        limit: usize,
    },
    /// The part of a file that is asked for is not in it.
    #[error("Range: the file has {size} bytes, and none of those that are asked for")]
    Range {
        /// Bytes of the file.
        size: u64,
    },
    /// One of many rows is refused, and all with it.
    #[error("Targets[{place}]: {}", source.sentence())]
    Target {
        /// Which one, from 0.
        place: usize,
        /// Why.
        source: Box<Error>,
    },
    /// A client asks what changed since a state of the declarations that is gone.
    #[error("Version stamp associated with the client has expired; ask once without ClientVersionStamp")]
    ExpiredStamp,
    /// `$metadata` could not be written.
    #[error("$metadata cannot be made: {0}")]
    Schema(#[from] std::io::Error),
    /// The domain says no.
    #[error("{0}")]
    Domain(#[from] crm::Error),
}

/// What most functions here return.
pub type Result<T> = std::result::Result<T, Error>;

/// Dataverse's codes for the cases that clients tell apart.
mod code {
    pub const NOT_FOUND: &str = "0x80040217";
    pub const PRIVILEGE: &str = "0x80040220";
    pub const USER_DISABLED: &str = "0x80040225";
    pub const DUPLICATE_KEY: &str = "0x80040237";
    pub const DUPLICATE_RECORD: &str = "0x80040333";
    pub const STALE_VERSION: &str = "0x80060882";
    pub const BAD_REQUEST: &str = "0x80060888";
    pub const UNKNOWN_RESOURCE: &str = "0x8006088a";
    pub const BAD_PAYLOAD: &str = "0x80048d19";
    pub const BAD_VALUE: &str = "0x80040203";
    pub const TOO_LONG: &str = "0x80044331";
    pub const REFUSED: &str = "0x80040265";
    pub const EXPIRED_STAMP: &str = "0x80044352";
    pub const TOO_MANY: &str = "0x80072322";
    pub const UNEXPECTED: &str = "0x80040216";
}

impl Error {
    /// HTTP status.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::UnknownResource(_) | Self::NotFound { .. } | Self::NotLinked { .. } => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed { .. } | Self::NoSuchMethod(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Precondition(_) => StatusCode::PRECONDITION_FAILED,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Range { .. } => StatusCode::RANGE_NOT_SATISFIABLE,
            Self::Domain(error) => domain_status(error),
            Self::Target { source, .. } => source.status(),
            Self::Schema(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Syntax(_)
            | Self::ExpiredStamp
            | Self::UnknownProperty { .. }
            | Self::BadValue { .. }
            | Self::BadBody(_)
            | Self::BadRequest(_) => StatusCode::BAD_REQUEST,
        }
    }

    /// Dataverse's error code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Syntax(_) | Self::UnknownProperty { .. } | Self::BadRequest(_) => code::BAD_REQUEST,
            Self::BadBody(_) => code::BAD_PAYLOAD,
            Self::BadValue { .. } => code::BAD_VALUE,
            Self::UnknownResource(_) => code::UNKNOWN_RESOURCE,
            Self::NotFound { .. } | Self::NotLinked { .. } => code::NOT_FOUND,
            Self::Precondition(_) => code::STALE_VERSION,
            Self::MethodNotAllowed { .. } | Self::NoSuchMethod(_) | Self::TooLarge { .. } | Self::Range { .. } => "",
            Self::Domain(error) => domain_code(error),
            Self::Target { source, .. } => source.code(),
            Self::Schema(_) => code::UNEXPECTED,
            Self::ExpiredStamp => code::EXPIRED_STAMP,
        }
    }

    /// The same, as said of one of many rows. What concerns them all is not said of one.
    #[must_use]
    pub fn of_target(self, place: usize) -> Self {
        if self.status().is_server_error() || self.status() == StatusCode::TOO_MANY_REQUESTS {
            return self;
        }
        Self::Target { place, source: Box::new(self) }
    }

    /// What the caller is told. Failures of the machine are logged, not told in detail.
    pub fn sentence(&self) -> String {
        match self {
            Self::Domain(crm::Error::NotFound { table, id }) => {
                Self::NotFound { table: table.clone(), key: id.to_string() }.to_string()
            }
            Self::Domain(crm::Error::Store(_)) if self.status() == StatusCode::INTERNAL_SERVER_ERROR => {
                "The server could not carry out the request; nothing was written. The administrator finds the reason in the log.".to_owned()
            }
            // In Dataverse's words, and then who it is.
            Self::Domain(crm::Error::Duplicates(found)) => format!(
                "A record was not created or updated because a duplicate of the current record already exists: {found}"
            ),
            other => other.to_string(),
        }
    }

    /// Seconds after which trying again makes sense.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Domain(crm::Error::TooManyAttempts { seconds } | crm::Error::TooManyRequests { seconds }) => {
                Some(*seconds)
            }
            // Nobody is to do it again without looking.
            Self::Domain(crm::Error::Uncertain(_)) => None,
            _ if self.status() == StatusCode::SERVICE_UNAVAILABLE => Some(2),
            _ => None,
        }
    }
}

fn domain_status(error: &crm::Error) -> StatusCode {
    match error {
        crm::Error::NotSignedIn => StatusCode::UNAUTHORIZED,
        crm::Error::Forbidden(_) | crm::Error::UserDisabled { .. } => StatusCode::FORBIDDEN,
        crm::Error::NotFound { .. } => StatusCode::NOT_FOUND,
        crm::Error::Changed { .. } | crm::Error::Exists { .. } | crm::Error::Duplicates(_) => {
            StatusCode::PRECONDITION_FAILED
        }
        crm::Error::TooManyAttempts { .. } | crm::Error::TooManyRequests { .. } => StatusCode::TOO_MANY_REQUESTS,
        crm::Error::Unavailable(_) | crm::Error::Uncertain(_) => StatusCode::SERVICE_UNAVAILABLE,
        crm::Error::Store(_) => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    }
}

fn domain_code(error: &crm::Error) -> &'static str {
    match error {
        crm::Error::NotSignedIn => "",
        crm::Error::Forbidden(_) => code::PRIVILEGE,
        crm::Error::UserDisabled { .. } => code::USER_DISABLED,
        crm::Error::NotFound { .. } => code::NOT_FOUND,
        crm::Error::Changed { .. } => code::STALE_VERSION,
        crm::Error::Exists { .. } => code::DUPLICATE_KEY,
        crm::Error::Duplicates(_) => code::DUPLICATE_RECORD,
        crm::Error::Invalid(fields) if fields.iter().any(|field| field.message.contains("characters fit")) => {
            code::TOO_LONG
        }
        crm::Error::Invalid(_) => code::BAD_VALUE,
        crm::Error::Refused(_) => code::REFUSED,
        crm::Error::TooManyAttempts { .. } => code::TOO_MANY,
        crm::Error::Store(_) | crm::Error::Unavailable(_) | crm::Error::Uncertain(_) | crm::Error::File(_) => {
            code::UNEXPECTED
        }
        _ => code::BAD_REQUEST,
    }
}
