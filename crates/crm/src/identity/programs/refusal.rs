//! Why a program gets no token, in the words of RFC 6749.

use std::fmt;

/// A refusal that the program is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramRefusal {
    /// Which of the standard's errors it is.
    pub code: RefusalCode,
    /// What is wrong and what would be right, for whoever wrote the program.
    pub message: String,
}

/// An error of RFC 6749, section 5.2, or 4.1.2.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalCode {
    /// Something is missing, there twice or malformed.
    InvalidRequest,
    /// The program is unknown, or did not prove who it is.
    InvalidClient,
    /// The code or refresh token is wrong, used, too old, or another program's.
    InvalidGrant,
    /// The program may not ask in this way.
    UnauthorizedClient,
    /// Nothing of this kind is offered.
    UnsupportedGrantType,
    /// Nothing but codes is offered.
    UnsupportedResponseType,
    /// More is asked for than there is, or than was granted.
    InvalidScope,
    /// Somebody said no.
    AccessDenied,
}

impl RefusalCode {
    /// As it stands in the answer.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::AccessDenied => "access_denied",
        }
    }
}

impl fmt::Display for ProgramRefusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

/// The refusal as an error of the domain.
pub(super) fn refuse(code: RefusalCode, message: impl Into<String>) -> crate::Error {
    crate::Error::Program(ProgramRefusal { code, message: message.into() })
}
