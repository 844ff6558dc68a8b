//! Sharing single rows: `GrantAccess`, `ModifyAccess`, `RevokeAccess`.

use std::collections::BTreeSet;

use axum::{http::StatusCode, response::Response};
use crm::{Origin, access::Privilege};
use model::Reference;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{action::Parameters, request::Request, response::empty};
use crate::{
    error::{Error, Result},
    wire::members,
};

/// Dataverse's names of what can be shared.
const RIGHTS: [(&str, Privilege); 8] = [
    ("ReadAccess", Privilege::Read),
    ("WriteAccess", Privilege::Write),
    ("AppendAccess", Privilege::Append),
    ("AppendToAccess", Privilege::AppendTo),
    ("CreateAccess", Privilege::Create),
    ("DeleteAccess", Privilege::Delete),
    ("ShareAccess", Privilege::Share),
    ("AssignAccess", Privilege::Assign),
];

/// Also allows this; what was shared before stays.
pub async fn grant(request: &Request) -> Result<Response> {
    let Wanted { target, principal, rights } = wanted(request, "GrantAccess")?;
    let act = move |work: &mut crm::Work<'_, '_>| work.share_also(&target, &principal, &rights);
    request.app.work(&request.caller, Origin::WebApi, act).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// Allows this and, by sharing, nothing else.
pub async fn modify(request: &Request) -> Result<Response> {
    let Wanted { target, principal, rights } = wanted(request, "ModifyAccess")?;
    let act = move |work: &mut crm::Work<'_, '_>| work.share(&target, &principal, &rights);
    request.app.work(&request.caller, Origin::WebApi, act).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// Ends a share.
pub async fn revoke(request: &Request) -> Result<Response> {
    let parameters = Parameters::read(request, "RevokeAccess", &["Target", "Revokee"])?;
    let target = given(request, "Target", parameters.raw("Target"))?;
    let revokee = given(request, "Revokee", parameters.raw("Revokee"))?;
    let act = move |work: &mut crm::Work<'_, '_>| work.share(&target, &revokee, &BTreeSet::new());
    request.app.work(&request.caller, Origin::WebApi, act).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// What is to be shared with whom for what.
struct Wanted {
    target: Reference,
    principal: Reference,
    rights: BTreeSet<Privilege>,
}

fn wanted(request: &Request, action: &'static str) -> Result<Wanted> {
    let parameters = Parameters::read(request, action, &["Target", "PrincipalAccess"])?;
    let target = given(request, "Target", parameters.raw("Target"))?;
    let form = "{\"Principal\": {\"@odata.type\": \"Microsoft.Dynamics.CRM.systemuser\", \"systemuserid\": \"…\"}, \
                \"AccessMask\": \"ReadAccess, WriteAccess\"}";
    let raw: Box<RawValue> = parameters.required("PrincipalAccess", form)?;
    let object = members("PrincipalAccess", raw.get())?;
    let principal = given(request, "Principal", object.get("Principal").map(|raw| raw.get()))?;
    let mask: String = object
        .get("AccessMask")
        .and_then(|raw| serde_json::from_str(raw.get()).ok())
        .ok_or_else(|| Error::BadBody(format!("'PrincipalAccess' must be {form}")))?;
    let mut rights = BTreeSet::new();
    for name in mask.split(',').map(str::trim).filter(|name| !name.is_empty() && *name != "None") {
        let (_, privilege) = RIGHTS.iter().find(|(known, _)| *known == name).ok_or_else(|| {
            let known: Vec<&str> = RIGHTS.iter().map(|(known, _)| *known).collect();
            Error::BadBody(format!("'AccessMask': '{name}' is no access right; there are {}", known.join(", ")))
        })?;
        rights.insert(*privilege);
    }
    Ok(Wanted { target, principal, rights })
}

/// A row given as an object with its type and primary key.
fn given(request: &Request, name: &str, raw: Option<&str>) -> Result<Reference> {
    let wrong = || {
        Error::BadBody(format!(
            "'{name}' must be a row: {{\"@odata.type\": \"Microsoft.Dynamics.CRM.lead\", \"leadid\": \"…\"}}"
        ))
    };
    let object = members(name, raw.ok_or_else(wrong)?)?;
    let text = |key: &str| object.get(key).and_then(|raw| serde_json::from_str::<String>(raw.get()).ok());
    let kind = text("@odata.type").ok_or_else(wrong)?;
    let kind = kind.trim_start_matches('#').trim_start_matches("Microsoft.Dynamics.CRM.");
    let table = request.model.table(kind).ok_or_else(wrong)?;
    let id = text(&table.primary_key).and_then(|id| Uuid::try_parse(&id).ok()).ok_or_else(wrong)?;
    Ok(Reference::new(table.name.as_str(), id))
}
