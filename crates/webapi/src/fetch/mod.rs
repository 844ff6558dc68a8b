//! FetchXML, Dataverse's query language in XML: read into a tree of our own ([`read`]), given
//! meaning over the model ([`plan`]), made from a view and written again ([`of_view`], [`write`]).

mod ast;
mod condition;
mod cookie;
mod expression;
mod groups;
mod kept;
mod limits;
mod links;
mod plan;
mod ranking;
mod read;
mod view;
mod write;
mod xml;

#[cfg(test)]
mod properties;

pub use ast::Fetch;
pub use cookie::{PagingCookie, inner_cookie, read_cookie, write_cookie};
pub use expression::read_expression;
pub use kept::take_view;
pub use plan::{Plan, Shown, plan};
pub use read::read;
pub use view::{layout, of_view};
pub use write::write;

use crate::error::Error;

/// A refusal of a query that says what is wrong with it.
fn wrong(message: impl std::fmt::Display) -> Error {
    Error::BadRequest(format!("fetchXml: {message}"))
}
