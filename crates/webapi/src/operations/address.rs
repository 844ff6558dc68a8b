//! `FormatAddress`: the parts of an address as one text.

use axum::{http::StatusCode, response::Response};

use super::{Bound, Call, Kind, Operation, Parameter, Property, Returns, Type};
use crate::{error::Result, handlers::object, wire::Json};

const PART: &str = "a text";
/// Where the postal code stands behind the town and the state, in one line with them.
const BEHIND: [&str; 4] = ["US", "CA", "AU", "IN"];
/// Where it stands in a line of its own.
const APART: [&str; 2] = ["GB", "IE"];

/// What can be asked here.
pub static OPERATIONS: &[Operation] = &[Operation {
    name: "FormatAddress",
    kind: Kind::Function,
    bound: Bound::Nothing,
    parameters: &[
        Parameter::required("Line1", Type::Text, PART),
        Parameter::required("City", Type::Text, PART),
        Parameter::required("StateOrProvince", Type::Text, PART),
        Parameter::required("PostalCode", Type::Text, PART),
        Parameter::required("Country", Type::Text, PART),
    ],
    returns: Returns::Response(&[Property::new("Address", Type::Text)]),
    handler: |call| Box::pin(async { format_address(call) }),
}];

/// As addresses are written where the caller lives.
fn format_address(call: &Call<'_>) -> Result<Response> {
    let part = |name: &str| call.parameters.required::<String>(name);
    let (street, city, state) = (part("Line1")?, part("City")?, part("StateOrProvince")?);
    let (code, country) = (part("PostalCode")?, part("Country")?);
    let region = call.request.caller.locale.rsplit('-').next().unwrap_or_default().to_owned();
    let lines = if BEHIND.contains(&region.as_str()) {
        let behind = joined(" ", &[&state, &code]);
        vec![street, joined(", ", &[&city, &behind]), country]
    } else if APART.contains(&region.as_str()) {
        vec![street, city, state, code, country]
    } else {
        vec![street, joined(" ", &[&code, &city]), state, country]
    };
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let address = joined("\r\n", &lines);
    Ok(object(StatusCode::OK, call.context(), vec![("Address".into(), Json::Text(address))]))
}

/// The parts that hold something.
fn joined(between: &str, parts: &[&str]) -> String {
    let filled: Vec<&str> = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect();
    filled.join(between)
}
