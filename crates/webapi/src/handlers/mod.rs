//! Requests: which resource is meant, and what is done with it.

mod action;
mod aggregate;
mod batch;
mod collection;
mod duplicates;
mod expansion;
mod fetch;
mod key;
mod multiple;
mod navigation;
mod paging;
mod property;
mod record;
mod reference;
mod request;
mod response;
mod service;
mod sharing;
mod views;

use axum::{
    Router,
    extract::{Request as HttpRequest, State},
    http::Method,
    response::Response,
    routing::any,
};
use crm::App;
use model::Table;

use crate::{
    error::{Error, Result},
    metadata,
    odata::Segment,
};
pub(crate) use request::{Request, authenticate};
pub(crate) use response::{object, text};

/// What stands before the name of an operation that is bound to a row or a set.
const NAMESPACE: &str = "Microsoft.Dynamics.CRM.";

/// What the handlers need to know.
#[derive(Clone)]
struct Server {
    app: App,
    /// `https://crm.example.com`, where the `Host` header does not tell.
    public_url: Option<String>,
}

/// The Web API below `/api/data/v9.0/`, `v9.1/` and `v9.2/`, and our own below `/api/`. Links in answers bear the host the
/// client asked, or `public_url` (`https://crm.example.com`) where one is given.
pub fn router(app: App, public_url: Option<String>) -> Router {
    Router::new()
        .route("/api/data/{version}", any(answer))
        .route("/api/data/{version}/", any(answer))
        .route("/api/data/{version}/{*path}", any(answer))
        .with_state(Server { app: app.clone(), public_url })
        .merge(crate::own::router(app))
        .route("/api/{*path}", any(nothing))
}

/// Programs read JSON, also where there is nothing.
async fn nothing(request: HttpRequest) -> Response {
    response::finish(Err(Error::UnknownResource(request.uri().path().to_owned())))
}

async fn answer(State(server): State<Server>, request: HttpRequest) -> Response {
    let result = match Request::read(server, request).await {
        Ok(request) if request.path.segments.first().is_some_and(|first| first.name == "$batch") => {
            // On the heap, as what it awaits is: a request and one within it are much for a thread's stack.
            Box::pin(batch::serve(&request)).await
        }
        Ok(request) => dispatch(&request).await,
        Err(error) => Err(error),
    };
    response::finish(result)
}

/// Find the resource that the path names.
async fn dispatch(request: &Request) -> Result<Response> {
    if let [first, rest @ ..] = request.path.segments.as_slice()
        && let Some(answer) = metadata::serve(request, first, rest)
    {
        return answer;
    }
    if let [first, rest @ ..] = request.path.segments.as_slice()
        && let Some(answer) = views::serve(request, first, rest)
    {
        return answer;
    }
    match request.path.segments.as_slice() {
        [] => service::document(request),
        [only] => one_segment(request, only).await,
        [set, rest @ ..] => below_set(request, set, rest).await,
    }
}

async fn one_segment(request: &Request, segment: &Segment) -> Result<Response> {
    let Some(table) = request.model.table_by_set(&segment.name) else {
        return unbound(request, segment).await;
    };
    match &segment.key {
        None => collection::serve(request, table).await,
        Some(_) => record::serve(request, table, segment).await,
    }
}

/// Functions and actions that belong to no row.
async fn unbound(request: &Request, segment: &Segment) -> Result<Response> {
    match (segment.name.as_str(), &request.method) {
        ("WhoAmI", &Method::GET) => Ok(service::who_am_i(request)),
        ("WinOpportunity", &Method::POST) => action::win(request).await,
        ("LoseOpportunity", &Method::POST) => action::lose(request).await,
        ("GrantAccess", &Method::POST) => sharing::grant(request).await,
        ("ModifyAccess", &Method::POST) => sharing::modify(request).await,
        ("RevokeAccess", &Method::POST) => sharing::revoke(request).await,
        ("RetrieveSharedPrincipalsAndAccess", &Method::GET) => sharing::shared_principals(request, segment).await,
        ("RetrieveDuplicates", &Method::GET) => duplicates::retrieve(request, segment).await,
        ("Merge", &Method::POST) => duplicates::merge(request).await,
        ("UnpublishDuplicateRule", &Method::POST) => duplicates::unpublish(request).await,
        ("WhoAmI" | "RetrieveDuplicates" | "RetrieveSharedPrincipalsAndAccess", _) => {
            Err(request.not_allowed("a function", "GET"))
        }
        (
            "WinOpportunity"
            | "LoseOpportunity"
            | "GrantAccess"
            | "ModifyAccess"
            | "RevokeAccess"
            | "Merge"
            | "UnpublishDuplicateRule",
            _,
        ) => Err(request.not_allowed("an action", "POST")),
        (name, _) => Err(Error::UnknownResource(name.to_owned())),
    }
}

async fn below_set(request: &Request, set: &Segment, rest: &[Segment]) -> Result<Response> {
    let table = request.model.table_by_set(&set.name).ok_or_else(|| Error::UnknownResource(set.name.clone()))?;
    if set.key.is_none() {
        return match rest {
            [Segment { name, key: None }] if name == "$count" => collection::count(request, table).await,
            [only] if only.name.starts_with(NAMESPACE) => {
                let answer = multiple::serve(request, table, &only.name[NAMESPACE.len()..]).await;
                answer.unwrap_or_else(|| Err(Error::UnknownResource(only.name.clone())))
            }
            [next, ..] => Err(Error::UnknownResource(next.name.clone())),
            [] => collection::serve(request, table).await,
        };
    }
    below_record(request, table, set, rest).await
}

async fn below_record(request: &Request, table: &Table, row: &Segment, rest: &[Segment]) -> Result<Response> {
    let Some((first, behind)) = rest.split_first() else { return record::serve(request, table, row).await };
    if let Some(operation) = first.name.strip_prefix(NAMESPACE) {
        return match (operation, table.name.as_str(), behind) {
            ("QualifyLead", "lead", []) if request.method == Method::POST => action::qualify(request, row).await,
            ("PublishDuplicateRule", "duplicaterule", []) if request.method == Method::POST => {
                duplicates::publish(request, row).await
            }
            ("RetrievePrincipalAccess", principal @ ("systemuser" | "team"), []) if request.method == Method::GET => {
                sharing::principal_access(request, principal, row, first).await
            }
            ("AddUserToRecordTeam", "systemuser", []) if request.method == Method::POST => {
                sharing::add_to_record_team(request, row).await
            }
            ("RemoveUserFromRecordTeam", "systemuser", []) if request.method == Method::POST => {
                sharing::remove_from_record_team(request, row).await
            }
            ("RetrievePrincipalAccess", "systemuser" | "team", []) => Err(request.not_allowed("a function", "GET")),
            ("QualifyLead", "lead", [])
            | ("PublishDuplicateRule", "duplicaterule", [])
            | ("AddUserToRecordTeam" | "RemoveUserFromRecordTeam", "systemuser", []) => {
                Err(request.not_allowed("an action", "POST"))
            }
            _ => Err(Error::UnknownResource(first.name.clone())),
        };
    }
    if table.column(&first.name).is_some_and(property::is_property) {
        return property::serve(request, table, row, first, behind).await;
    }
    navigation::serve(request, table, row, first, behind).await
}

impl axum::response::IntoResponse for Error {
    fn into_response(self) -> Response {
        response::finish(Err(self))
    }
}
