//! What a client asks first: who it is, and what it talks to.

use axum::{http::StatusCode, response::Response};

use super::{Bound, Call, Kind, Operation, Property, Returns, Type};
use crate::{handlers::object, wire::Json};

/// What can be asked here.
pub static OPERATIONS: &[Operation] = &[
    Operation {
        name: "WhoAmI",
        kind: Kind::Function,
        bound: Bound::Nothing,
        parameters: &[],
        returns: Returns::Response(&[
            Property::new("BusinessUnitId", Type::Guid),
            Property::new("UserId", Type::Guid),
            Property::new("OrganizationId", Type::Guid),
        ]),
        handler: |call| Box::pin(async { Ok(who_am_i(call)) }),
    },
    Operation {
        name: "RetrieveVersion",
        kind: Kind::Function,
        bound: Bound::Nothing,
        parameters: &[],
        returns: Returns::Response(&[Property::new("Version", Type::Text)]),
        handler: |call| Box::pin(async { Ok(version(call)) }),
    },
    Operation {
        name: "RetrieveAvailableLanguages",
        kind: Kind::Function,
        bound: Bound::Nothing,
        parameters: &[],
        returns: Returns::Response(&[Property::new("LocaleIds", Type::Collection(&Type::Int32))]),
        handler: |call| Box::pin(async { Ok(languages(call)) }),
    },
];

/// The caller's user, business unit and organisation.
fn who_am_i(call: &Call<'_>) -> Response {
    let caller = &call.request.caller;
    let id = |id: uuid::Uuid| Json::Text(id.to_string());
    let members = vec![
        ("BusinessUnitId".into(), id(caller.business_unit)),
        ("UserId".into(), id(caller.user)),
        ("OrganizationId".into(), id(caller.organization().id)),
    ];
    object(StatusCode::OK, call.context(), members)
}

/// The version of the interface that is spoken here.
pub const VERSION: &str = "9.2.0.0";

/// Of the version clients decide what they may ask.
fn version(call: &Call<'_>) -> Response {
    object(StatusCode::OK, call.context(), vec![("Version".into(), VERSION.into())])
}

/// The languages that labels are told in.
fn languages(call: &Call<'_>) -> Response {
    let known = language::Language::OFFERED.map(|language| Json::Whole(language.number().into())).into();
    object(StatusCode::OK, call.context(), vec![("LocaleIds".into(), Json::List(known))])
}
