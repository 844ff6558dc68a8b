//! `RetrieveTotalRecordCount`: how many rows tables hold.

use std::sync::Arc;

use axum::{http::StatusCode, response::Response};
use indexmap::IndexSet;

use super::{Bound, Call, Complex, Kind, Operation, Parameter, Property, Returns, Type};
use crate::{
    domain,
    error::{Error, Result},
    handlers::object,
    translate::known_table,
    wire::Json,
};

/// Most tables of a request.
const MOST: usize = 50;

static COUNTS: Complex = Complex {
    name: "EntityRecordCountCollection",
    open: false,
    properties: &[
        Property::new("Count", Type::Int32),
        Property::new("IsReadOnly", Type::Boolean),
        Property::new("Keys", Type::Collection(&Type::Text)),
        Property::new("Values", Type::Collection(&Type::Int64)),
    ],
};

/// What can be asked here.
pub static OPERATIONS: &[Operation] = &[Operation {
    name: "RetrieveTotalRecordCount",
    kind: Kind::Function,
    bound: Bound::Nothing,
    parameters: &[Parameter::required(
        "EntityNames",
        Type::Collection(&Type::Text),
        "logical names of tables: (EntityNames=@p1)?@p1=['account','contact']",
    )],
    returns: Returns::Response(&[Property::new("EntityRecordCountCollection", Type::Complex(&COUNTS))]),
    handler: |call| Box::pin(counts(call)),
}];

/// The rows of tables that the caller may see, all on one snapshot.
async fn counts(call: &Call<'_>) -> Result<Response> {
    let request = call.request;
    let asked: Vec<String> = call.parameters.required("EntityNames")?;
    // The answer is a dictionary: a name that is repeated stands in it once, and is counted once.
    let names: IndexSet<String> = asked.into_iter().collect();
    if names.len() > MOST {
        return Err(Error::BadRequest(format!("EntityNames: at most {MOST} tables a request")));
    }
    let tables = names.iter().map(|name| known_table(&request.model, name)).collect::<Result<Vec<_>>>()?;
    let counted = domain::totals(&request.app, &request.caller, &tables).await?;
    let number = |number: u64| Json::Whole(i64::try_from(number).unwrap_or(i64::MAX));
    let collection: Vec<(Arc<str>, Json)> = vec![
        ("Count".into(), number(names.len() as u64)),
        ("IsReadOnly".into(), Json::Boolean(false)),
        ("Keys".into(), Json::List(names.iter().map(|name| name.as_str().into()).collect())),
        ("Values".into(), Json::List(counted.into_iter().map(number).collect())),
    ];
    let members = vec![("EntityRecordCountCollection".into(), Json::Object(collection))];
    Ok(object(StatusCode::OK, call.context(), members))
}
