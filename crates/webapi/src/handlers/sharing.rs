//! Sharing single rows: `GrantAccess`, `ModifyAccess`, `RevokeAccess`,
//! `RetrieveSharedPrincipalsAndAccess`, `RetrievePrincipalAccess`; access teams:
//! `AddUserToRecordTeam`, `RemoveUserFromRecordTeam`.

use std::collections::BTreeSet;

use axum::{http::StatusCode, response::Response};
use crm::{Origin, access::Privilege};
use model::Reference;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{
    action::Parameters,
    key,
    request::Request,
    response::{empty, object},
};
use crate::{
    error::{Error, Result},
    odata::{Literal, Segment},
    translate::known_table,
    wire::{Json, members, parse_link},
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

/// `RetrieveSharedPrincipalsAndAccess(Target=@t)?@t={'@odata.id':'accounts(id)'}`: with whom a row
/// is shared, and for what.
pub async fn shared_principals(request: &Request, function: &Segment) -> Result<Response> {
    let target = target_of(request, "RetrieveSharedPrincipalsAndAccess", function).await?;
    let (shares, _) = request.app.shares(&request.caller, &target).await?;
    let accesses = shares
        .iter()
        .map(|share| {
            let table = known_table(&request.model, &share.principal.table)?;
            let id = || Json::Text(share.principal.id.to_string());
            let principal = Json::Object(vec![
                ("@odata.type".into(), Json::Text(format!("#Microsoft.Dynamics.CRM.{}", table.name))),
                ("ownerid".into(), id()),
                (table.primary_key.as_str().into(), id()),
            ]);
            let mask = Json::Text(rights_named(&share.privileges));
            Ok(Json::Object(vec![("AccessMask".into(), mask), ("Principal".into(), principal)]))
        })
        .collect::<Result<Vec<_>>>()?;
    let members = vec![("PrincipalAccesses".into(), Json::List(accesses))];
    Ok(object(StatusCode::OK, response_context(request, "RetrieveSharedPrincipalsAndAccess"), members))
}

/// `systemusers(id)/Microsoft.Dynamics.CRM.RetrievePrincipalAccess(Target=@t)`, of a team alike:
/// what they may do with a row, for whatever reason.
pub async fn principal_access(request: &Request, table: &str, row: &Segment, function: &Segment) -> Result<Response> {
    let principal = Reference::new(table, key::resolve(request, known_table(&request.model, table)?, row).await?);
    let target = target_of(request, "RetrievePrincipalAccess", function).await?;
    let rights = request.app.rights_of(&request.caller, &principal, &target).await?;
    let members = vec![("AccessRights".into(), Json::Text(rights_named(&rights)))];
    Ok(object(StatusCode::OK, response_context(request, "RetrievePrincipalAccess"), members))
}

/// `systemusers(id)/Microsoft.Dynamics.CRM.AddUserToRecordTeam`: `Record` and `TeamTemplate`.
pub async fn add_to_record_team(request: &Request, user: &Segment) -> Result<Response> {
    let (record, template, user) = record_team(request, "AddUserToRecordTeam", user).await?;
    let act = move |work: &mut crm::Work<'_, '_>| work.add_to_record_team(&record, template, user);
    let team = request.app.work(&request.caller, Origin::WebApi, act).await?;
    Ok(answer_with_team(request, "AddUserToRecordTeam", team))
}

/// `systemusers(id)/Microsoft.Dynamics.CRM.RemoveUserFromRecordTeam`: `Record` and `TeamTemplate`.
pub async fn remove_from_record_team(request: &Request, user: &Segment) -> Result<Response> {
    let (record, template, user) = record_team(request, "RemoveUserFromRecordTeam", user).await?;
    let act = move |work: &mut crm::Work<'_, '_>| work.remove_from_record_team(&record, template, user);
    let team = request.app.work(&request.caller, Origin::WebApi, act).await?;
    Ok(answer_with_team(request, "RemoveUserFromRecordTeam", team.unwrap_or_default()))
}

async fn record_team(request: &Request, action: &'static str, user: &Segment) -> Result<(Reference, Uuid, Uuid)> {
    let parameters = Parameters::read(request, action, &["Record", "TeamTemplate"])?;
    let record = given(request, "Record", parameters.raw("Record"))?;
    let template = given(request, "TeamTemplate", parameters.raw("TeamTemplate"))?;
    let user = key::resolve(request, known_table(&request.model, "systemuser")?, user).await?;
    Ok((record, template.id, user))
}

fn answer_with_team(request: &Request, action: &str, team: Uuid) -> Response {
    let members = vec![("AccessTeamId".into(), Json::Text(team.to_string()))];
    object(StatusCode::OK, response_context(request, action), members)
}

fn response_context(request: &Request, operation: &str) -> String {
    format!("{}$metadata#Microsoft.Dynamics.CRM.{operation}Response", request.root)
}

/// Access rights as Dataverse writes several of them in one text.
fn rights_named(rights: &BTreeSet<Privilege>) -> String {
    let named: Vec<&str> =
        RIGHTS.iter().filter(|(_, privilege)| rights.contains(privilege)).map(|(name, _)| *name).collect();
    if named.is_empty() { "None".to_owned() } else { named.join(", ") }
}

/// The row that a function's parameter `Target` names: by its address, or by type and key.
async fn target_of(request: &Request, function: &str, segment: &Segment) -> Result<Reference> {
    let parts = segment.key.as_deref().unwrap_or_default();
    let text = parts.iter().find(|part| part.name.as_deref() == Some("Target")).and_then(|part| match &part.value {
        Literal::Text(text) => Some(text.replace('\'', "\"")),
        _ => None,
    });
    let text = text.ok_or_else(|| {
        Error::BadRequest(format!(
            "{function}: the parameter 'Target' is missing; write (Target=@t)?@t={{'@odata.id':'accounts(id)'}}"
        ))
    })?;
    let object = members("Target", &text)?;
    let Some(address) = object.get("@odata.id").and_then(|raw| serde_json::from_str::<String>(raw.get()).ok()) else {
        return given(request, "Target", Some(&text));
    };
    let link = parse_link("Target", &address)?;
    let table = request
        .model
        .table_by_set(&link.set_name)
        .ok_or_else(|| Error::BadRequest(format!("Target: there is no entity set '{}'", link.set_name)))?;
    let row = Segment { name: link.set_name, key: Some(link.key) };
    Ok(Reference::new(table.name.as_str(), key::resolve(request, table, &row).await?))
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
