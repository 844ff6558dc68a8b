//! What goes wrong, as a page, a dialog or a message: here and nowhere else.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, Uri},
    middleware::Next,
    response::{IntoResponse, Response},
};
use crm::identity::Stage;
use language::{in_english, tr};
use maud::Render;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use uuid::Uuid;

use crate::{
    address,
    app::Site,
    components::{Action, Command, Dialog, ErrorPage, Toast, Tone},
    respond::{html, set_header},
    session::{Browser, Me},
    view::record::without_label,
};

/// Why a request was not carried out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The domain says so.
    #[error(transparent)]
    Domain(#[from] crm::Error),
    /// The form does not carry this session's token, or comes from another site.
    #[error(
        "{}",
        tr!("this form is not from your present session; load the page again and repeat what you did")
    )]
    Forged,
    /// A second factor is to be proved or set up first.
    #[error("{}", tr!("prove or set up your second factor first"))]
    HalfOpen(Stage),
    /// No such address.
    #[error("{}", tr!("there is no page at this address"))]
    NoPage,
    /// A file is larger than a form may be.
    #[error(
        "{}",
        tr!("the file is larger than {} MB, more than a record holds; make it smaller, or keep it elsewhere and note where", crm::activities::LARGEST_FILE / 1024 / 1024)
    )]
    TooLarge,
    /// The request cannot be understood.
    #[error("{0}")]
    Bad(String),
}

impl IntoResponse for Failure {
    /// A mark that [`show`] turns into what the person sees.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

impl Failure {
    fn status(&self) -> StatusCode {
        match self {
            Self::Domain(error) => match error {
                crm::Error::NotSignedIn => StatusCode::UNAUTHORIZED,
                crm::Error::Forbidden(_) | crm::Error::UserDisabled { .. } => StatusCode::FORBIDDEN,
                crm::Error::NotFound { .. } | crm::Error::Unknown(_) => StatusCode::NOT_FOUND,
                crm::Error::Invalid(_)
                | crm::Error::Refused(_)
                | crm::Error::Program(_)
                | crm::Error::TookTooLong
                | crm::Error::File(_)
                | crm::Error::Model(_) => StatusCode::UNPROCESSABLE_ENTITY,
                crm::Error::Changed { .. } | crm::Error::Exists { .. } | crm::Error::Duplicates(_) => {
                    StatusCode::CONFLICT
                }
                crm::Error::TooManyAttempts { .. } | crm::Error::TooManyRequests { .. } => {
                    StatusCode::TOO_MANY_REQUESTS
                }
                crm::Error::BadQuery(_) => StatusCode::BAD_REQUEST,
                crm::Error::Unavailable(_) | crm::Error::Uncertain(_) => StatusCode::SERVICE_UNAVAILABLE,
                crm::Error::Store(_) => StatusCode::INTERNAL_SERVER_ERROR,
            },
            Self::Forged => StatusCode::FORBIDDEN,
            Self::HalfOpen(_) => StatusCode::UNAUTHORIZED,
            Self::NoPage => StatusCode::NOT_FOUND,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Bad(_) => StatusCode::BAD_REQUEST,
        }
    }

    /// What happened, in a few words.
    fn title(&self) -> String {
        if matches!(self, Self::Domain(crm::Error::Duplicates(_))) {
            return tr!("Duplicate records detected");
        }
        match self.status() {
            StatusCode::FORBIDDEN => tr!("You may not do this"),
            StatusCode::NOT_FOUND => tr!("This is not here"),
            StatusCode::CONFLICT => tr!("Somebody was faster"),
            StatusCode::PAYLOAD_TOO_LARGE => tr!("This file is too large"),
            StatusCode::UNPROCESSABLE_ENTITY => tr!("This could not be done"),
            StatusCode::BAD_REQUEST => tr!("This address cannot be understood"),
            StatusCode::SERVICE_UNAVAILABLE => tr!("The database cannot be reached"),
            StatusCode::TOO_MANY_REQUESTS => tr!("Please wait a moment"),
            _ => tr!("Something went wrong on our side"),
        }
    }

    /// Why, and what to do.
    pub fn text(&self) -> String {
        match self {
            Self::Domain(crm::Error::NotFound { .. }) => {
                tr!(
                    "This record may have been deleted, or you may not be allowed to see it. Ask its owner or an administrator."
                )
            }
            Self::Domain(crm::Error::Invalid(errors)) => {
                let one = |error: &crm::FieldError| {
                    format!("{}: {}", error.label, without_label(&error.label, &error.message))
                };
                errors.iter().map(one).collect::<Vec<_>>().join(". ")
            }
            Self::Domain(crm::Error::Store(_)) => {
                tr!("Nothing was changed. Try again; if it happens again, tell an administrator the reference below.")
            }
            other => sentence(&other.to_string()),
        }
    }
}

/// With a capital letter and a full stop.
pub(crate) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let mut sentence: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

/// Shows what a handler could not do.
pub(crate) async fn show(State(site): State<Site>, request: Request, next: Next) -> Response {
    let (headers, uri, method) = (request.headers().clone(), request.uri().clone(), request.method().clone());
    let mut response = next.run(request).await;
    let Some(failure) = response.extensions_mut().remove::<Arc<Failure>>() else { return response };
    let browser = Browser::of(&headers);
    match *failure {
        Failure::Domain(crm::Error::NotSignedIn) => return to_entrance("/sign-in", &browser, &uri, &method),
        Failure::HalfOpen(Stage::SetUp) => return to_entrance("/sign-in/set-up", &browser, &uri, &method),
        Failure::HalfOpen(_) => return to_entrance("/sign-in/confirmation", &browser, &uri, &method),
        Failure::Domain(crm::Error::NotFound { ref table, .. }) => {
            tracing::info!(target: "security", table, "asked for a record that is not there, or not for them");
        }
        _ => {}
    }
    let reference = failure.status().is_server_error().then(Uuid::now_v7);
    if let Some(reference) = reference {
        let error = in_english(|| failure.to_string());
        tracing::error!(%reference, path = %address::for_log(&uri), error, "a page failed");
    }
    if browser.htmx { part(&failure, &browser, reference) } else { page(&failure, &site, &headers, reference).await }
}

/// A page is come back to after signing in. What a script was about to send is still on the page,
/// so it is left there with a message.
fn to_entrance(entrance: &str, browser: &Browser, uri: &Uri, method: &Method) -> Response {
    let asked = uri.path_and_query().map_or("/", |path| path.as_str());
    let next = match (*method == Method::GET, browser.htmx) {
        (true, false) => asked,
        _ => browser.page.as_deref().unwrap_or("/"),
    };
    let address = format!("{entrance}?next={}", utf8_percent_encode(next, NON_ALPHANUMERIC));
    let mut response = match (browser.htmx, *method == Method::GET) {
        (true, true) => {
            let mut response = StatusCode::UNAUTHORIZED.into_response();
            set_header(&mut response, "hx-redirect", &address);
            return response;
        }
        (true, false) => return StatusCode::UNAUTHORIZED.into_response(),
        (false, _) => StatusCode::SEE_OTHER.into_response(),
    };
    set_header(&mut response, "location", &address);
    response
}

async fn page(failure: &Failure, site: &Site, headers: &HeaderMap, reference: Option<Uuid>) -> Response {
    let shell = Me::of(headers, site).await.ok().map(|me| me.shell(&site.model(), ""));
    let page = ErrorPage {
        status: failure.status().as_u16(),
        title: failure.title(),
        text: failure.text(),
        reference: reference.map(|reference| reference.to_string()),
        commands: vec![Command::new(tr!("Go to the start page"), "home", Action::Link("/".to_owned())).primary()],
        shell,
    };
    html(failure.status(), page.render())
}

/// A dialog where one was asked for, a message elsewhere; what is on the page stays.
fn part(failure: &Failure, browser: &Browser, reference: Option<Uuid>) -> Response {
    let text = match reference {
        Some(reference) => tr!("{} Reference {}", failure.text(), reference),
        None => failure.text(),
    };
    if browser.target.as_deref() == Some("dialogs") {
        let dialog = Dialog {
            id: "failure".to_owned(),
            title: failure.title(),
            icon: "alert-triangle".to_owned(),
            text,
            ..Dialog::default()
        };
        return html(StatusCode::UNPROCESSABLE_ENTITY, dialog.render());
    }
    let toast = Toast { tone: Tone::Red, text, link: None, undo: None };
    let mut response = html(StatusCode::UNPROCESSABLE_ENTITY, toast.render());
    for (name, value) in [
        ("hx-retarget", "#toasts"),
        ("hx-reswap", "beforeend"),
        ("hx-reselect", ".toast-message"),
        ("hx-push-url", "false"),
    ] {
        set_header(&mut response, name, value);
    }
    response
}
