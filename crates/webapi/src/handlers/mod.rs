//! Requests: which resource is meant, and what is done with it.

mod aggregate;
mod batch;
mod collection;
mod expansion;
mod fetch;
mod file;
mod key;
mod navigation;
mod on_behalf;
mod paging;
mod property;
mod record;
mod reference;
mod request;
mod response;
mod service;
mod tracking;
mod views;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request as HttpRequest, State},
    http::{HeaderValue, StatusCode, header},
    middleware::{Next, from_fn, from_fn_with_state},
    response::Response,
    routing::any,
};
use crm::App;
use model::Table;

use crate::{
    csdl,
    error::{Error, Result},
    metadata,
    odata::Segment,
    openapi,
    operations::{self, NAMESPACE, Target},
    wire::Preferences,
};
pub(crate) use collection::list as list_rows;
pub(crate) use key::{is_primary as is_primary_key, resolve as resolve_key, resolve_links, values as key_values};
pub use on_behalf::Door;
pub(crate) use on_behalf::authenticate;
pub(crate) use record::insist;
pub(crate) use request::{Request, origin};
pub(crate) use response::{applied, at, empty, object, openapi as openapi_document, text, xml};

/// What the handlers need to know.
#[derive(Clone)]
struct Server {
    app: App,
    /// `https://crm.example.com`, where the `Host` header does not tell.
    public_url: Option<String>,
    /// `$metadata` as it was last made.
    schema: Arc<csdl::Cache>,
}

/// The Web API below `/api/data/v9.0/`, `v9.1/` and `v9.2/`, and our own below `/api/`. Links in answers bear the host the
/// client asked, or `public_url` (`https://crm.example.com`) where one is given.
pub fn router(app: App, public_url: Option<String>) -> Router {
    let server = Server { app: app.clone(), public_url: public_url.clone(), schema: Arc::default() };
    Router::new()
        .route("/api/data/{version}", any(answer))
        .route("/api/data/{version}/", any(answer))
        .route("/api/data/{version}/{*path}", any(answer))
        .with_state(server.clone())
        .merge(crate::own::router(app.clone(), public_url.clone()))
        .route("/api/{*path}", any(nothing))
        .layer(from_fn(explain))
        .layer(from_fn_with_state(server, challenge))
        .merge(crate::oauth::router(app, public_url))
}

/// Tells whoever is not signed in where programs get tokens.
async fn challenge(State(server): State<Server>, request: HttpRequest, next: Next) -> Response {
    let origin = origin(server.public_url.as_deref(), request.headers(), request.uri());
    let mut response = next.run(request).await;
    if response.status() == StatusCode::UNAUTHORIZED {
        let told = format!(
            "Bearer realm=\"Pipewright\", error=\"invalid_token\", authorization_uri=\"{origin}{}\", resource_id=\"{origin}/\"",
            crate::oauth::AUTHORIZE
        );
        if let Ok(told) = HeaderValue::from_str(&told) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, told);
        }
    }
    response
}

/// A method that an address does not have is told in JSON, too, where the router has found that out.
async fn explain(request: HttpRequest, next: Next) -> Response {
    let method = request.method().to_string();
    let response = next.run(request).await;
    if response.status() != StatusCode::METHOD_NOT_ALLOWED || response.headers().contains_key(header::CONTENT_TYPE) {
        return response;
    }
    response::finish(Err(Error::NoSuchMethod(method)))
}

/// Programs read JSON, also where there is nothing.
async fn nothing(request: HttpRequest) -> Response {
    response::finish(Err(Error::UnknownResource(request.uri().path().to_owned())))
}

async fn answer(State(server): State<Server>, request: HttpRequest) -> Response {
    let prefer = Preferences::read(request.headers());
    let result = match Request::read(server, request).await {
        Ok(request) if request.path.segments.first().is_some_and(|first| first.name == "$batch") => {
            // On the heap, as what it awaits is: a request and one within it are much for a thread's stack.
            Box::pin(batch::serve(&request)).await
        }
        Ok(request) => dispatch(&request).await,
        Err(error) => Err(error),
    };
    response::finish_for(result, &prefer.annotations)
}

/// Find the resource that the path names.
async fn dispatch(request: &Request) -> Result<Response> {
    if let [first, rest @ ..] = request.path.segments.as_slice()
        && let Some(answer) = metadata::serve(request, first, rest).await
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
        [only] if only.name == "$metadata" => csdl::serve(request),
        [only] if only.name == openapi::NAME => openapi::serve(request),
        [only] => one_segment(request, only).await,
        [set, rest @ ..] => below_set(request, set, rest).await,
    }
}

async fn one_segment(request: &Request, segment: &Segment) -> Result<Response> {
    let Some(table) = request.model.table_by_set(&segment.name) else {
        return operations::serve(request, Target::Nothing, segment).await;
    };
    match &segment.key {
        None => collection::serve(request, table).await,
        Some(_) => record::serve(request, table, segment).await,
    }
}

async fn below_set(request: &Request, set: &Segment, rest: &[Segment]) -> Result<Response> {
    let table = request.model.table_by_set(&set.name).ok_or_else(|| Error::UnknownResource(set.name.clone()))?;
    if set.key.is_none() {
        return match rest {
            [Segment { name, key: None }] if name == "$count" => collection::count(request, table).await,
            [only] if only.name.starts_with(NAMESPACE) => operations::serve(request, Target::Set(table), only).await,
            [next, ..] => Err(Error::UnknownResource(next.name.clone())),
            [] => collection::serve(request, table).await,
        };
    }
    below_record(request, table, set, rest).await
}

async fn below_record(request: &Request, table: &Table, row: &Segment, rest: &[Segment]) -> Result<Response> {
    let Some((first, behind)) = rest.split_first() else { return record::serve(request, table, row).await };
    if first.name.starts_with(NAMESPACE) {
        return match behind {
            [] => operations::serve(request, Target::Row(table, row), first).await,
            [next, ..] => Err(Error::UnknownResource(next.name.clone())),
        };
    }
    if property::named(table, &first.name).is_some() {
        return property::serve(request, table, row, first, behind).await;
    }
    navigation::serve(request, table, row, first, behind).await
}

impl axum::response::IntoResponse for Error {
    fn into_response(self) -> Response {
        response::finish(Err(self))
    }
}
