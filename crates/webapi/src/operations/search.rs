//! `searchquery`, `searchsuggest` and `searchautocomplete`: Dataverse search as actions.

use axum::{http::StatusCode, response::Response};

use super::{Bound, Call, Kind, Operation, Parameter, Property, Returns, Type};
use crate::{
    error::{Error, Result},
    handlers::object,
    search::{self, Asked, Version, answer},
    wire::Json,
};

const ENTITIES: &str = "tables as JSON in a text: \"[{\\\"name\\\": \\\"account\\\"}]\"";
const RESPONSE: Returns = Returns::Response(&[Property::new("response", Type::Text)]);
const SEARCH: Parameter = Parameter::required("search", Type::Text, "words");
const FILTER: Parameter = Parameter::optional("filter", Type::Text, "a condition, as in $filter");
const FUZZY: Parameter = Parameter::optional("fuzzy", Type::Boolean, "false");
const OPTIONS: Parameter = Parameter::optional("options", Type::Text, "\"{\\\"searchmode\\\": \\\"all\\\"}\"");
const ORDER: Parameter = Parameter::optional("orderby", Type::Text, "\"[\\\"modifiedon desc\\\"]\"");
const TOP: Parameter = Parameter::optional("top", Type::Int32, "rows of the answer");
const LIST: Parameter = Parameter::optional("entities", Type::Text, ENTITIES);
const BAG: Parameter = Parameter::optional("propertybag", Type::Text, "nothing");

/// What can be asked here.
pub static OPERATIONS: &[Operation] = &[
    Operation {
        name: "searchquery",
        kind: Kind::Action,
        bound: Bound::Nothing,
        parameters: &[
            SEARCH,
            LIST,
            FILTER,
            ORDER,
            OPTIONS,
            TOP,
            BAG,
            Parameter::optional("count", Type::Boolean, "true or false"),
            Parameter::optional("skip", Type::Int32, "rows left out at the beginning"),
            Parameter::optional("facets", Type::Text, "nothing"),
        ],
        returns: RESPONSE,
        handler: |call| Box::pin(tell(call, search::Kind::Query)),
    },
    Operation {
        name: "searchsuggest",
        kind: Kind::Action,
        bound: Bound::Nothing,
        parameters: &[SEARCH, LIST, FILTER, FUZZY, OPTIONS, ORDER, TOP, BAG],
        returns: RESPONSE,
        handler: |call| Box::pin(tell(call, search::Kind::Suggest)),
    },
    Operation {
        name: "searchautocomplete",
        kind: Kind::Action,
        bound: Bound::Nothing,
        parameters: &[SEARCH, LIST, FILTER, FUZZY, BAG],
        returns: RESPONSE,
        handler: |call| Box::pin(tell(call, search::Kind::Autocomplete)),
    },
];

async fn tell(call: &Call<'_>, kind: search::Kind) -> Result<Response> {
    let request = call.request;
    let asked: Asked = serde_json::from_str(request.text()?.trim_start_matches('\u{feff}'))
        .map_err(|error| Error::BadBody(format!("{}: {error}", call.operation.name)))?;
    let told = answer(&request.app, &request.caller, &asked, kind, Version::Two).await?;
    Ok(object(StatusCode::OK, call.context(), vec![("response".into(), Json::Text(told.to_string()))]))
}
