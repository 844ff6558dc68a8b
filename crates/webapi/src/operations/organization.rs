//! `RetrieveCurrentOrganization` and `RetrieveUserPrivileges`: where a client is, and what somebody may do
//! there.

use axum::{http::StatusCode, response::Response};
use crm::access::Privilege;
use model::{Depth, Model};
use uuid::Uuid;

use super::{Bound, Call, Complex, Enumeration, Kind, Operation, Parameter, Property, Returns, Type, about::VERSION};
use crate::{error::Result, handlers::object, wire::Json};

static ACCESS: Enumeration = Enumeration {
    name: "EndpointAccessType",
    flags: false,
    members: &[("Default", 0), ("Internet", 1), ("Intranet", 2)],
};

static ENDPOINTS: Complex = Complex {
    name: "EndpointCollection",
    open: false,
    properties: &[
        Property::new("Count", Type::Int32),
        Property::new("IsReadOnly", Type::Boolean),
        Property::new("Keys", Type::Collection(&Type::Text)),
        Property::new("Values", Type::Collection(&Type::Text)),
    ],
};

static DETAIL: Complex = Complex {
    name: "OrganizationDetail",
    open: true,
    properties: &[
        Property::new("OrganizationId", Type::Guid),
        Property::new("FriendlyName", Type::Text),
        Property::new("OrganizationVersion", Type::Text),
        Property::new("UniqueName", Type::Text),
        Property::new("State", Type::Text),
        Property::new("Endpoints", Type::Complex(&ENDPOINTS)),
    ],
};

static ROLE_PRIVILEGE: Complex = Complex {
    name: "RolePrivilege",
    open: false,
    properties: &[
        Property::new("Depth", Type::Enumeration(&DEPTHS)),
        Property::new("PrivilegeId", Type::Guid),
        Property::new("BusinessUnitId", Type::Guid),
        Property::new("PrivilegeName", Type::Text),
    ],
};

static DEPTHS: Enumeration = Enumeration {
    name: "PrivilegeDepth",
    flags: false,
    members: &[("Basic", 0), ("Local", 1), ("Deep", 2), ("Global", 3)],
};

/// What can be asked here.
pub static OPERATIONS: &[Operation] = &[
    Operation {
        name: "RetrieveCurrentOrganization",
        kind: Kind::Function,
        bound: Bound::Nothing,
        parameters: &[Parameter::optional(
            "AccessType",
            Type::Enumeration(&ACCESS),
            "Microsoft.Dynamics.CRM.EndpointAccessType'Default', or Internet, Intranet",
        )],
        returns: Returns::Response(&[Property::new("Detail", Type::Complex(&DETAIL))]),
        handler: |call| Box::pin(async { organization(call) }),
    },
    Operation {
        name: "RetrieveUserPrivileges",
        kind: Kind::Function,
        bound: Bound::Row(&["systemuser"]),
        parameters: &[],
        returns: Returns::Response(&[Property::new(
            "RolePrivileges",
            Type::Collection(&Type::Complex(&ROLE_PRIVILEGE)),
        )]),
        handler: |call| Box::pin(privileges(call)),
    },
];

/// The organisation that the caller is in, and where it is reached.
fn organization(call: &Call<'_>) -> Result<Response> {
    let request = call.request;
    // There is one way to reach it, whatever the network.
    if let Some(kind) = call.parameters.get::<String>("AccessType")?
        && !ACCESS.members.iter().any(|(name, _)| *name == kind)
    {
        return Err(call.parameters.wrong("AccessType"));
    }
    let organization = request.caller.organization();
    let text = |text: &str| Json::Text(text.to_owned());
    let (front, _) = request.root.split_once("api/data/").unwrap_or((&request.root, ""));
    let endpoints = Json::Object(vec![
        ("Count".into(), Json::Whole(2)),
        ("IsReadOnly".into(), Json::Boolean(false)),
        ("Keys".into(), Json::List(vec!["WebApplication".into(), "OrganizationDataService".into()])),
        ("Values".into(), Json::List(vec![text(front), text(&request.root)])),
    ]);
    let detail = Json::Object(vec![
        ("OrganizationId".into(), Json::Text(organization.id.to_string())),
        ("FriendlyName".into(), text(&organization.name)),
        ("OrganizationVersion".into(), VERSION.into()),
        ("UniqueName".into(), Json::Text(format!("org{}", organization.id.simple()))),
        ("State".into(), "Enabled".into()),
        ("Endpoints".into(), endpoints),
    ]);
    Ok(object(StatusCode::OK, call.context(), vec![("Detail".into(), detail)]))
}

/// `systemusers(id)/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()`: what the roles of a user give.
async fn privileges(call: &Call<'_>) -> Result<Response> {
    let request = call.request;
    let user = call.row().await?;
    let held = request.app.privileges_of(&request.caller, user.id).await?;
    let mut shown: Vec<Json> = held
        .on_tables
        .iter()
        .map(|held| {
            let name = format!("prv{}{}", verb(held.privilege), named(&request.model, &held.table));
            role_privilege(name, held.depth, held.unit)
        })
        .collect();
    if let Some(unit) = held.acts_for_others {
        shown.push(role_privilege("prvActOnBehalfOfAnotherUser".to_owned(), Depth::Organization, unit));
    }
    let members = vec![("RolePrivileges".into(), Json::List(shown))];
    Ok(object(StatusCode::OK, call.context(), members))
}

fn role_privilege(name: String, reach: Depth, unit: Uuid) -> Json {
    Json::Object(vec![
        ("Depth".into(), depth(reach).into()),
        ("PrivilegeId".into(), Json::Text(privilege_id(&name).to_string())),
        ("BusinessUnitId".into(), Json::Text(unit.to_string())),
        ("PrivilegeName".into(), Json::Text(name)),
    ])
}

/// What the privileges of Dataverse call a table: mostly as it is called itself.
fn named<'m>(model: &'m Model, table: &'m str) -> &'m str {
    match table {
        "activitypointer" => "Activity",
        "annotation" => "Note",
        "systemuser" => "User",
        other => model.table(other).map_or(other, |table| table.schema_name.as_str()),
    }
}

/// The same for the same name, everywhere and always.
fn privilege_id(name: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("pipewright:privilege:{name}").as_bytes())
}

const fn verb(privilege: Privilege) -> &'static str {
    match privilege {
        Privilege::Create => "Create",
        Privilege::Read => "Read",
        Privilege::Write => "Write",
        Privilege::Delete => "Delete",
        Privilege::Append => "Append",
        Privilege::AppendTo => "AppendTo",
        Privilege::Assign => "Assign",
        Privilege::Share => "Share",
    }
}

const fn depth(depth: Depth) -> &'static str {
    match depth {
        Depth::None | Depth::User => "Basic",
        Depth::BusinessUnit => "Local",
        Depth::ChildBusinessUnits => "Deep",
        Depth::Organization => "Global",
    }
}
