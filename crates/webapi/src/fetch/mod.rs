//! FetchXML, Dataverse's query language in XML: read into a tree of our own ([`read`]), given
//! meaning over the model ([`plan`]).

mod ast;
mod condition;
mod cookie;
mod groups;
mod limits;
mod links;
mod plan;
mod read;
mod xml;

pub use ast::Fetch;
pub use cookie::{PagingCookie, read_cookie, write_cookie};
pub use plan::{Plan, Shown, plan};
pub use read::read;

use crate::error::Error;

/// A refusal of a query that says what is wrong with it.
fn wrong(message: impl std::fmt::Display) -> Error {
    Error::BadRequest(format!("fetchXml: {message}"))
}
