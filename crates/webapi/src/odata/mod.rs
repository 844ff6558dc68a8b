//! The language of addresses: resource paths and query options as OData v4 and Dataverse write
//! them, read into trees of our own. Nothing here knows the model; names are just text.

mod apply;
mod ast;
mod expand;
mod expression;
mod lexer;
mod limits;
mod literal;
mod order;
mod print;
mod query_string;
mod resource;
mod split;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

pub use apply::{AggregateMethod, AggregateTerm, Apply};
pub use ast::{Argument, Comparison, Expression, Lambda, Operand, Quantifier, TextMatch};
pub use expand::ExpandItem;
pub use lexer::{parse_decimal, parse_moment};
pub use literal::Literal;
pub use order::OrderItem;
pub use query_string::{QueryOptions, encode};
pub use resource::{KeyPart, ResourcePath, Segment};

/// Text in an address that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{option}: {message}")]
pub struct SyntaxError {
    /// The query option or part of the address: `$filter`.
    pub option: String,
    /// What is wrong, where, and what would be right.
    pub message: String,
}

impl SyntaxError {
    /// An error in this option.
    pub fn new(option: impl Into<String>, message: impl Into<String>) -> Self {
        Self { option: option.into(), message: message.into() }
    }
}
