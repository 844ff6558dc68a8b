//! In whose name a request is made: whose token it carries, or somebody whom that person or program
//! acts for (`MSCRMCallerID`, `CallerObjectId`). A request that comes from within, through a [`Door`],
//! carries no token: who makes it is known.

use axum::{
    Router,
    extract::Request,
    http::{HeaderMap, header},
    response::Response,
};
use crm::{App, Caller, access::OnBehalfOf};
use tower::ServiceExt as _;
use uuid::Uuid;

use crate::{
    domain,
    error::{Error, Result},
};

const CALLER_ID: &str = "mscrmcallerid";
const OBJECT_ID: &str = "callerobjectid";

tokio::task_local! {
    /// Who makes the request that this task answers, where that is known without a token. Nothing that
    /// comes over the network can set it.
    static KNOWN: Caller;
}

/// The Web API for the rest of the program: requests are answered as those of clients are, with the same
/// limits, rules of access and refusals, in the name of a caller who is known already.
///
/// Whoever opens it to people answers for it that a request is really theirs: it asks for no token, so
/// what would stop a forged request must stand before it.
#[derive(Clone)]
pub struct Door(Router);

impl Door {
    /// The door of an application that people reach at `public_url`, as in [`crate::router`].
    pub fn of(app: App, public_url: Option<String>) -> Self {
        Self(super::router(app, public_url))
    }

    /// Answers a request in the name of `caller`. A token in its headers means nothing.
    pub async fn answer(&self, caller: Caller, request: Request) -> Response {
        match KNOWN.scope(caller, self.0.clone().oneshot(request)).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

/// The person in whose name the request is made.
pub async fn authenticate(app: &App, headers: &HeaderMap) -> Result<Caller> {
    let caller = match KNOWN.try_with(Caller::clone) {
        Ok(caller) => {
            app.admit_request(caller.user)?;
            caller
        }
        Err(_) => by_token(app, headers).await?,
    };
    match named(headers)? {
        Some(whom) => Ok(app.acting_for(&caller, whom).await?),
        None => Ok(caller),
    }
}

async fn by_token(app: &App, headers: &HeaderMap) -> Result<Caller> {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or(crm::Error::NotSignedIn)?;
    let caller = domain::authenticate(app, token).await.inspect_err(|error| {
        if matches!(error, crm::Error::NotSignedIn) {
            tracing::warn!(target: "security", "an API token was refused");
        }
    })?;
    // What is logged from here on bears who it is.
    tracing::Span::current().record("user", tracing::field::display(caller.user));
    Ok(caller)
}

/// Refuses a part of a batch that names somebody else than the batch.
pub fn refuse_another(headers: &HeaderMap, caller: &Caller) -> Result<()> {
    match named(headers)? {
        None => Ok(()),
        Some(OnBehalfOf::User(user)) if user == caller.user => Ok(()),
        Some(_) => Err(Error::BadRequest(format!(
            "{CALLER_ID} and {OBJECT_ID} hold for a whole batch; send them with the batch, not with a part of it"
        ))),
    }
}

/// Whom the headers name.
fn named(headers: &HeaderMap) -> Result<Option<OnBehalfOf>> {
    match (id(headers, CALLER_ID)?, id(headers, OBJECT_ID)?) {
        (Some(_), Some(_)) => {
            Err(Error::BadRequest(format!("send {CALLER_ID} or {OBJECT_ID}, not both: each names a user")))
        }
        (Some(user), None) => Ok(Some(OnBehalfOf::User(user))),
        (None, Some(id)) => Ok(Some(OnBehalfOf::Directory(id))),
        (None, None) => Ok(None),
    }
}

fn id(headers: &HeaderMap, name: &str) -> Result<Option<Uuid>> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    if headers.get_all(name).iter().count() > 1 {
        return Err(Error::BadRequest(format!("{name} is there more than once; name one user")));
    }
    let id = value.to_str().ok().and_then(|text| Uuid::try_parse(text.trim()).ok());
    id.map(Some).ok_or_else(|| Error::BadRequest(format!("{name} must be the identifier of a user, a GUID")))
}
