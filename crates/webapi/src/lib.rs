//! The Dataverse-compatible OData Web API: addresses and JSON in, the domain asked, JSON out.
//!
//! [`odata`] reads addresses, [`fetch`] queries in FetchXML, [`translate`] gives their names meaning
//! over the model, [`wire`] turns rows into JSON and bodies into rows, [`handlers`] answer requests by
//! asking `crm`, [`operations`] is what can be done beside reading and writing rows, [`search`] finds words in
//! several tables, [`metadata`] and [`csdl`] tell of all of it.
//! Nothing here decides who may see or change what.

mod csdl;
mod domain;
mod error;
mod fetch;
mod handlers;
mod metadata;
mod oauth;
mod odata;
mod openapi;
mod operations;
mod own;
mod search;
mod translate;
mod wire;

pub use error::Error;
pub use handlers::{Door, router};
