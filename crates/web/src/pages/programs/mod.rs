//! Programs that sign in by OAuth 2.0: the page on which people let one in, and what administrators
//! look after.

pub(crate) mod consent;
pub(crate) mod sign_in;
