//! The Dataverse-compatible OData Web API: addresses and JSON in, the domain asked, JSON out.
//!
//! [`odata`] reads addresses, [`fetch`] queries in FetchXML, [`translate`] gives their names meaning over the model, [`wire`]
//! turns rows into JSON and bodies into rows, [`handlers`] answer requests by asking `crm`.
//! Nothing here decides who may see or change what.

mod domain;
mod error;
mod fetch;
mod handlers;
mod metadata;
mod odata;
mod own;
mod translate;
mod wire;

pub use error::Error;
pub use handlers::router;
