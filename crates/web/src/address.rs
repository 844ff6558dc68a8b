//! What an address names, read from its path.

use std::borrow::Cow;

use axum::{
    extract::{FromRequestParts, Path},
    http::{Uri, request::Parts},
};
use serde::de::DeserializeOwned;

use crate::failure::Failure;

/// The parts of an address. Where one is not what it should be (`/leads/not-a-number`), there is no
/// page at the address, and the person is told so.
pub(crate) struct Address<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Address<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let Path(named) = Path::<T>::from_request_parts(parts, state).await.map_err(|_| Failure::NoPage)?;
        Ok(Self(named))
    }
}

/// The path of an address as it may stand in a log: without the secret of a one-time link, and
/// without values by which the Web API finds a row (`contacts(emailaddress1='…')`).
pub fn for_log(address: &Uri) -> Cow<'_, str> {
    let path = address.path();
    if path.starts_with("/password/") {
        return "/password/…".into();
    }
    match ["'", "%27"].into_iter().filter_map(|quote| path.find(quote)).min() {
        Some(value) => format!("{}…", &path[..value]).into(),
        None => path.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logged_path_holds_no_secret_and_nothing_of_a_record() {
        for (address, logged) in [
            ("/leads/01a2?name=Ada", "/leads/01a2"),
            ("/password/s3cret", "/password/…"),
            (
                "/api/data/v9.2/contacts(emailaddress1='ada@contoso.example')/fullname",
                "/api/data/v9.2/contacts(emailaddress1=…",
            ),
            ("/api/data/v9.2/contacts(emailaddress1=%27ada%27)", "/api/data/v9.2/contacts(emailaddress1=…"),
        ] {
            assert_eq!(for_log(&Uri::from_static(address)), logged);
        }
    }
}
