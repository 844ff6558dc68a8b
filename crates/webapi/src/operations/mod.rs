//! What the Web API does beside reading and writing rows: its actions and functions, in one table. From
//! the table a request finds its handler, parameters are read and checked, and `$metadata` tells of them.

mod about;
mod address;
mod arguments;
mod bulk_delete;
mod counting;
mod duplicates;
mod history;
mod initialize;
mod multiple;
mod organization;
mod paging;
mod parameters;
mod sales;
mod search;
mod shape;
mod sharing;
mod time_zones;

use std::{future::Future, pin::Pin};

use axum::{http::Method, response::Response};
use model::{Reference, Table};

use crate::{
    error::{Error, Result},
    handlers::{Request, insist, resolve_key},
    metadata,
    odata::Segment,
    wire::Expectation,
};
pub use parameters::Parameters;
pub use shape::{Complex, Enumeration, Parameter, Property, Returns, Type};

/// What stands before the name of an operation that is bound to a row or a set.
pub const NAMESPACE: &str = "Microsoft.Dynamics.CRM.";

/// All of them.
pub fn all() -> impl Iterator<Item = &'static Operation> {
    let all = [
        about::OPERATIONS,
        organization::OPERATIONS,
        history::OPERATIONS,
        time_zones::OPERATIONS,
        address::OPERATIONS,
        counting::OPERATIONS,
        initialize::OPERATIONS,
        sales::OPERATIONS,
        multiple::OPERATIONS,
        bulk_delete::OPERATIONS,
        duplicates::OPERATIONS,
        sharing::OPERATIONS,
        search::OPERATIONS,
        metadata::OPERATIONS,
        metadata::WRITES,
    ];
    all.into_iter().flatten()
}

/// An action or a function.
pub struct Operation {
    /// Its name, without the namespace.
    pub name: &'static str,
    /// Whether it changes something.
    pub kind: Kind,
    /// What it is called on.
    pub bound: Bound,
    /// What it takes beside that.
    pub parameters: &'static [Parameter],
    /// What it answers with.
    pub returns: Returns,
    /// Carries it out.
    pub handler: Handler,
}

/// Whether an operation changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It may; called by POST, its parameters in the body.
    Action,
    /// It only answers; called by GET, its parameters in the address.
    Function,
}

/// What an operation is called on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// Nothing: `WhoAmI()`.
    Nothing,
    /// The set of any table: `leads/Microsoft.Dynamics.CRM.CreateMultiple`.
    Set,
    /// A row of one of these tables, by logical name.
    Row(&'static [&'static str]),
}

/// What an operation is called on in a request.
#[derive(Clone, Copy)]
pub enum Target<'r> {
    /// Nothing.
    Nothing,
    /// The set of this table.
    Set(&'r Table),
    /// The row of this table that the segment names.
    Row(&'r Table, &'r Segment),
}

/// The future of a handler.
pub type Answer<'c> = Pin<Box<dyn Future<Output = Result<Response>> + Send + 'c>>;

/// Carries out an operation.
pub type Handler = for<'c> fn(&'c Call<'c>) -> Answer<'c>;

/// An operation as it is called.
pub struct Call<'r> {
    /// The request.
    pub request: &'r Request,
    /// What is called.
    pub operation: &'static Operation,
    /// On what.
    pub target: Target<'r>,
    /// With what.
    pub parameters: Parameters,
}

impl Call<'_> {
    /// The row it is called on; whether it is there, is left to who reads it.
    pub async fn row(&self) -> Result<Reference> {
        let Target::Row(table, segment) = self.target else {
            return Err(Error::UnknownResource(self.operation.name.to_owned()));
        };
        Ok(Reference::new(table.name.as_str(), resolve_key(self.request, table, segment).await?))
    }

    /// The table of the set or row it is called on.
    pub fn table(&self) -> Result<&Table> {
        match self.target {
            Target::Set(table) | Target::Row(table, _) => Ok(table),
            Target::Nothing => Err(Error::UnknownResource(self.operation.name.to_owned())),
        }
    }

    /// The context of an answer that is of the operation's own type.
    pub fn context(&self) -> String {
        format!("{}$metadata#{NAMESPACE}{}Response", self.request.root, self.operation.name)
    }
}

/// Carries out the operation of this name.
pub async fn serve(request: &Request, target: Target<'_>, segment: &Segment) -> Result<Response> {
    let name = match target {
        Target::Nothing => segment.name.as_str(),
        Target::Set(_) | Target::Row(..) => segment.name.strip_prefix(NAMESPACE).unwrap_or_default(),
    };
    let operation = find(name, target).ok_or_else(|| Error::UnknownResource(segment.name.clone()))?;
    match (operation.kind, &request.method) {
        (Kind::Action, &Method::POST) | (Kind::Function, &Method::GET) => {}
        (Kind::Action, _) => return Err(request.not_allowed("an action", "POST")),
        (Kind::Function, _) => return Err(request.not_allowed("a function", "GET")),
    }
    if !matches!(operation.returns, Returns::Rows) {
        request.options.allow(&[])?;
    }
    let parameters = Parameters::read(request, operation, segment)?;
    if let (Kind::Action, Target::Row(table, row), Some(_)) =
        (operation.kind, target, Expectation::if_match(&request.headers))
    {
        insist(request, table, resolve_key(request, table, row).await?).await?;
    }
    let call = Call { request, operation, target, parameters };
    (operation.handler)(&call).await
}

fn find(name: &str, target: Target<'_>) -> Option<&'static Operation> {
    all().find(|operation| operation.name == name && operation.bound.fits(target))
}

impl Bound {
    fn fits(self, target: Target<'_>) -> bool {
        match (self, target) {
            (Self::Nothing, Target::Nothing) | (Self::Set, Target::Set(_)) => true,
            (Self::Row(tables), Target::Row(table, _)) => tables.contains(&table.name.as_str()),
            _ => false,
        }
    }
}
