//! What an address names, read from its path.

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
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
