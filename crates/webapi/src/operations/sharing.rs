//! Sharing single rows: `GrantAccess`, `ModifyAccess`, `RevokeAccess`,
//! `RetrieveSharedPrincipalsAndAccess`, `RetrievePrincipalAccess`; access teams:
//! `AddUserToRecordTeam`, `RemoveUserFromRecordTeam`.

use std::collections::BTreeSet;

use axum::{http::StatusCode, response::Response};
use crm::{Origin, Work, access::Privilege};
use model::Reference;
use uuid::Uuid;

use super::{
    Bound, Call, Complex, Enumeration, Kind, Operation, Parameter, Property, Returns, Type, parameters::row_in,
};
use crate::{
    error::{Error, Result},
    handlers::{empty, object},
    translate::known_table,
    wire::Json,
};

/// Dataverse's names of what can be shared, with their numbers.
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

static ACCESS_RIGHTS: Enumeration = Enumeration {
    name: "AccessRights",
    flags: true,
    members: &[
        ("None", 0),
        ("ReadAccess", 1),
        ("WriteAccess", 2),
        ("AppendAccess", 4),
        ("AppendToAccess", 16),
        ("CreateAccess", 32),
        ("DeleteAccess", 65_536),
        ("ShareAccess", 262_144),
        ("AssignAccess", 524_288),
    ],
};

static PRINCIPAL_ACCESS: Complex = Complex {
    name: "PrincipalAccess",
    open: false,
    properties: &[
        Property::new("AccessMask", Type::Enumeration(&ACCESS_RIGHTS)),
        Property::new("Principal", Type::Principal),
    ],
};

const ROW: &str = "a row: {\"@odata.type\": \"Microsoft.Dynamics.CRM.lead\", \"leadid\": \"…\"}";
const ROW_IN_ADDRESS: &str = "the address of a row: (Target=@t)?@t={'@odata.id':'accounts(id)'}";
const ACCESS: &str = "{\"Principal\": {\"@odata.type\": \"Microsoft.Dynamics.CRM.systemuser\", \"systemuserid\": \"…\"}, \
                      \"AccessMask\": \"ReadAccess, WriteAccess\"}";
const SHARE: &[Parameter] = &[
    Parameter::required("Target", Type::AnyRow, ROW),
    Parameter::required("PrincipalAccess", Type::Complex(&PRINCIPAL_ACCESS), ACCESS),
];
const RECORD_TEAM: &[Parameter] = &[
    Parameter::required("Record", Type::AnyRow, ROW),
    Parameter::required(
        "TeamTemplate",
        Type::Row("teamtemplate"),
        "a row: {\"@odata.type\": \"Microsoft.Dynamics.CRM.teamtemplate\", \"teamtemplateid\": \"…\"}",
    ),
];
const IN_TEAM: Returns = Returns::Response(&[Property::new("AccessTeamId", Type::Guid)]);

/// What can be done here.
pub static OPERATIONS: &[Operation] = &[
    Operation {
        name: "GrantAccess",
        kind: Kind::Action,
        bound: Bound::Nothing,
        parameters: SHARE,
        returns: Returns::Nothing,
        handler: |call| Box::pin(grant(call)),
    },
    Operation {
        name: "ModifyAccess",
        kind: Kind::Action,
        bound: Bound::Nothing,
        parameters: SHARE,
        returns: Returns::Nothing,
        handler: |call| Box::pin(modify(call)),
    },
    Operation {
        name: "RevokeAccess",
        kind: Kind::Action,
        bound: Bound::Nothing,
        parameters: &[
            Parameter::required("Target", Type::AnyRow, ROW),
            Parameter::required("Revokee", Type::Principal, ROW),
        ],
        returns: Returns::Nothing,
        handler: |call| Box::pin(revoke(call)),
    },
    Operation {
        name: "RetrieveSharedPrincipalsAndAccess",
        kind: Kind::Function,
        bound: Bound::Nothing,
        parameters: &[Parameter::required("Target", Type::AnyRow, ROW_IN_ADDRESS)],
        returns: Returns::Response(&[Property::new(
            "PrincipalAccesses",
            Type::Collection(&Type::Complex(&PRINCIPAL_ACCESS)),
        )]),
        handler: |call| Box::pin(shared_principals(call)),
    },
    Operation {
        name: "RetrievePrincipalAccess",
        kind: Kind::Function,
        bound: Bound::Row(&["systemuser", "team"]),
        parameters: &[Parameter::required("Target", Type::AnyRow, ROW_IN_ADDRESS)],
        returns: Returns::Response(&[Property::new("AccessRights", Type::Enumeration(&ACCESS_RIGHTS))]),
        handler: |call| Box::pin(principal_access(call)),
    },
    Operation {
        name: "AddUserToRecordTeam",
        kind: Kind::Action,
        bound: Bound::Row(&["systemuser"]),
        parameters: RECORD_TEAM,
        returns: IN_TEAM,
        handler: |call| Box::pin(add_to_record_team(call)),
    },
    Operation {
        name: "RemoveUserFromRecordTeam",
        kind: Kind::Action,
        bound: Bound::Row(&["systemuser"]),
        parameters: RECORD_TEAM,
        returns: IN_TEAM,
        handler: |call| Box::pin(remove_from_record_team(call)),
    },
];

/// Also allows this; what was shared before stays.
async fn grant(call: &Call<'_>) -> Result<Response> {
    let Wanted { target, principal, rights } = wanted(call).await?;
    carry_out(call, move |work| work.share_also(&target, &principal, &rights)).await
}

/// Allows this and, by sharing, nothing else.
async fn modify(call: &Call<'_>) -> Result<Response> {
    let Wanted { target, principal, rights } = wanted(call).await?;
    carry_out(call, move |work| work.share(&target, &principal, &rights)).await
}

/// Ends a share.
async fn revoke(call: &Call<'_>) -> Result<Response> {
    let target = call.parameters.row(call.request, "Target").await?;
    let revokee = call.parameters.row(call.request, "Revokee").await?;
    carry_out(call, move |work| work.share(&target, &revokee, &BTreeSet::new())).await
}

async fn carry_out(
    call: &Call<'_>,
    act: impl FnOnce(&mut Work<'_, '_>) -> crm::Result<()> + Send + 'static,
) -> Result<Response> {
    call.request.app.work(&call.request.caller, Origin::WebApi, act).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// `RetrieveSharedPrincipalsAndAccess(Target=@t)?@t={'@odata.id':'accounts(id)'}`: with whom a row
/// is shared, and for what.
async fn shared_principals(call: &Call<'_>) -> Result<Response> {
    let request = call.request;
    let target = call.parameters.row(request, "Target").await?;
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
    Ok(object(StatusCode::OK, call.context(), vec![("PrincipalAccesses".into(), Json::List(accesses))]))
}

/// `systemusers(id)/Microsoft.Dynamics.CRM.RetrievePrincipalAccess(Target=@t)`, of a team alike:
/// what they may do with a row, for whatever reason.
async fn principal_access(call: &Call<'_>) -> Result<Response> {
    let request = call.request;
    let principal = call.row().await?;
    let target = call.parameters.row(request, "Target").await?;
    let rights = request.app.rights_of(&request.caller, &principal, &target).await?;
    let members = vec![("AccessRights".into(), Json::Text(rights_named(&rights)))];
    Ok(object(StatusCode::OK, call.context(), members))
}

/// `systemusers(id)/Microsoft.Dynamics.CRM.AddUserToRecordTeam`: `Record` and `TeamTemplate`.
async fn add_to_record_team(call: &Call<'_>) -> Result<Response> {
    let (record, template, user) = record_team(call).await?;
    let act = move |work: &mut Work<'_, '_>| work.add_to_record_team(&record, template, user);
    let team = call.request.app.work(&call.request.caller, Origin::WebApi, act).await?;
    Ok(answer_with_team(call, team))
}

/// `systemusers(id)/Microsoft.Dynamics.CRM.RemoveUserFromRecordTeam`: `Record` and `TeamTemplate`.
async fn remove_from_record_team(call: &Call<'_>) -> Result<Response> {
    let (record, template, user) = record_team(call).await?;
    let act = move |work: &mut Work<'_, '_>| work.remove_from_record_team(&record, template, user);
    let team = call.request.app.work(&call.request.caller, Origin::WebApi, act).await?;
    Ok(answer_with_team(call, team.unwrap_or_default()))
}

async fn record_team(call: &Call<'_>) -> Result<(Reference, Uuid, Uuid)> {
    let record = call.parameters.row(call.request, "Record").await?;
    let template = call.parameters.row(call.request, "TeamTemplate").await?;
    Ok((record, template.id, call.row().await?.id))
}

fn answer_with_team(call: &Call<'_>, team: Uuid) -> Response {
    object(StatusCode::OK, call.context(), vec![("AccessTeamId".into(), Json::Text(team.to_string()))])
}

/// Access rights as Dataverse writes several of them in one text.
fn rights_named(rights: &BTreeSet<Privilege>) -> String {
    let named: Vec<&str> =
        RIGHTS.iter().filter(|(_, privilege)| rights.contains(privilege)).map(|(name, _)| *name).collect();
    if named.is_empty() { "None".to_owned() } else { named.join(", ") }
}

/// What is to be shared with whom for what.
struct Wanted {
    target: Reference,
    principal: Reference,
    rights: BTreeSet<Privilege>,
}

async fn wanted(call: &Call<'_>) -> Result<Wanted> {
    let wrong = || call.parameters.wrong("PrincipalAccess");
    let target = call.parameters.row(call.request, "Target").await?;
    let object = call.parameters.object("PrincipalAccess")?;
    let principal = object.get("Principal").ok_or_else(wrong)?;
    let principal =
        row_in(call.request, "Principal", principal.get()).await.map_err(|error| error.unwrap_or_else(wrong))?;
    let mask = object.get("AccessMask").and_then(|raw| serde_json::from_str::<String>(raw.get()).ok());
    let mut rights = BTreeSet::new();
    for name in mask.ok_or_else(wrong)?.split(',').map(str::trim).filter(|name| !name.is_empty() && *name != "None") {
        let (_, privilege) = RIGHTS.iter().find(|(known, _)| *known == name).ok_or_else(|| {
            let known: Vec<&str> = RIGHTS.iter().map(|(known, _)| *known).collect();
            Error::BadBody(format!("'AccessMask': '{name}' is no access right; there are {}", known.join(", ")))
        })?;
        rights.insert(*privilege);
    }
    Ok(Wanted { target, principal, rights })
}
