//! Sign in and out.

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use crm::identity::{Entry, Stage};
use language::{Language, in_english, spoken, text, tr};
use maud::Render;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use uuid::Uuid;

use crate::{
    app::Site,
    components::Login,
    failure::{Failure, sentence},
    posted::{self, PostedByEntrant, PostedByVisitor, Typed},
    respond::{go, html, set_cookie, set_header},
    session::{self, Browser, Entrant, Me, cookie},
};

/// Name of the cookie that ties a form to the browser it was shown in, before there is a session.
const VISITOR: &str = "pipewright_visitor";
/// Where the identity provider answers to.
const ANSWER: &str = "/sign-in/provider/answer";
const TOO_OLD: &str = text!("This page was open for too long, or cookies are blocked. Please sign in again.");
/// In the address of the sign-in page where drafts were too much to be kept.
const LEFT_OUT: &str = "left-out";
const TOO_MUCH: &str = text!(
    "You are signed out. Not all of what you had typed and not saved could be kept; the newest of it waits for you."
);
/// How long such a form is good, in seconds.
const VISIT_SECONDS: i64 = 24 * 3600;

/// The sign-in page.
pub(crate) async fn show(
    State(site): State<Site>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let typed = Typed::parse(&query.unwrap_or_default());
    let next = safe_next(typed.text("next"));
    if Me::of(&headers, &site).await.is_ok() {
        return Ok(go(&Browser::of(&headers), &next, None));
    }
    let error = typed.has(LEFT_OUT).then(|| spoken(TOO_MUCH).into_owned());
    page(&site, &headers, StatusCode::OK, Login { next, error, ..Login::default() }).await
}

/// Signs in.
pub(crate) async fn create(State(site): State<Site>, posted: PostedByVisitor) -> Result<Response, Failure> {
    let (headers, typed) = (posted.headers, posted.typed);
    let browser = Browser::of(&headers);
    let (email, next) = (typed.text("email").to_owned(), safe_next(typed.text("next")));
    if !is_visitors_form(&headers, &typed) {
        let error = Some(spoken(TOO_OLD).into_owned());
        return page(&site, &headers, StatusCode::FORBIDDEN, Login { email, next, error, ..Login::default() }).await;
    }
    match site.app.identity().sign_in(&email, typed.text("password"), &browser.device()).await {
        Ok(entry) => Ok(signed_in(&browser, &entry, &next)),
        Err(error @ (crm::Error::Refused(_) | crm::Error::TooManyAttempts { .. })) => {
            let status = if matches!(error, crm::Error::Refused(_)) {
                StatusCode::UNPROCESSABLE_ENTITY
            } else {
                StatusCode::TOO_MANY_REQUESTS
            };
            let error = Some(sentence(&error.to_string()));
            page(&site, &headers, status, Login { email, next, error, ..Login::default() }).await
        }
        // A disabled person is told what a stranger is told.
        Err(crm::Error::NotSignedIn) => {
            let error = Some(tr!("The e-mail address or the password is wrong."));
            page(&site, &headers, StatusCode::UNPROCESSABLE_ENTITY, Login { email, next, error, ..Login::default() })
                .await
        }
        Err(error) => Err(error.into()),
    }
}

/// Signs out, also of a session that is only half open.
pub(crate) async fn destroy(State(site): State<Site>, posted: PostedByEntrant) -> Result<Response, Failure> {
    let Entrant { session, browser } = posted.entrant;
    let left_out = session.stage == Stage::Full && !is_all_kept(&site, &session.caller, &posted.typed).await;
    site.app.identity().end_session(&session.caller, session.caller.user, session.key.clone()).await?;
    let href = if left_out { format!("/sign-in?{LEFT_OUT}=true") } else { "/sign-in".to_owned() };
    let mut response = go(&browser, &href, None);
    set_cookie(&mut response, &browser.cookie(session::COOKIE, "", 0));
    // What was typed and not saved, and what the browser kept of pages, goes with the person.
    set_header(&mut response, "clear-site-data", "\"cache\", \"storage\"");
    Ok(response)
}

/// The browser forgets what was typed and not saved; it waits here for whoever typed it. False where
/// some of it does not.
async fn is_all_kept(site: &Site, caller: &crm::Caller, typed: &Typed) -> bool {
    let Some(drafts) = typed.get("unsaved") else { return true };
    let Ok(drafts) = serde_json::from_str(drafts) else { return false };
    match site.app.keep_unsaved(caller, drafts).await {
        Ok(left_out) => left_out == 0,
        Err(error) => {
            let error = in_english(|| error.to_string());
            tracing::warn!(error, "what was typed and not saved could not be kept");
            false
        }
    }
}

/// Sends the browser to the identity provider.
pub(crate) async fn to_provider(
    State(site): State<Site>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let (browser, token) = (Browser::of(&headers), visitor_token(&headers));
    let next = safe_next(Typed::parse(&query.unwrap_or_default()).text("next"));
    let redirect = format!("{}{ANSWER}", browser.origin);
    match site.app.identity().begin_single_sign_on(&token, &redirect, &next).await {
        Ok(outward) => {
            let mut response = go(&browser, &outward.address, None);
            remember_visitor(&mut response, &headers, &token);
            Ok(response)
        }
        Err(error) => refuse_provider(&site, &headers, error).await,
    }
}

/// What the identity provider sends the browser back with.
pub(crate) async fn from_provider(
    State(site): State<Site>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let (browser, typed) = (Browser::of(&headers), Typed::parse(&query.unwrap_or_default()));
    let (identity, binding) = (site.app.identity(), cookie(&headers, VISITOR).unwrap_or_default().to_owned());
    let (state, code) = (typed.text("state"), typed.text("code"));
    if typed.has("error") || code.is_empty() {
        let _ = identity.give_up_single_sign_on(&binding, state).await;
        let error =
            crm::Error::refused(tr!("the identity provider did not sign you in; try again, or sign in another way"));
        return refuse_provider(&site, &headers, error).await;
    }
    match identity.finish_single_sign_on(&binding, &browser.device(), state, code).await {
        Ok((entry, next)) => Ok(signed_in(&browser, &entry, &safe_next(&next))),
        Err(error) => refuse_provider(&site, &headers, error).await,
    }
}

async fn refuse_provider(site: &Site, headers: &HeaderMap, error: crm::Error) -> Result<Response, Failure> {
    let message = match error {
        crm::Error::Refused(message) => message,
        crm::Error::NotSignedIn => tr!("your account here is disabled; ask an administrator"),
        other => return Err(other.into()),
    };
    let login = Login { next: "/".to_owned(), error: Some(sentence(&message)), ..Login::default() };
    page(site, headers, StatusCode::UNPROCESSABLE_ENTITY, login).await
}

/// The options of the browser's passkey ceremony, as JSON for the script.
pub(crate) async fn passkey_options(State(site): State<Site>, posted: PostedByVisitor) -> Result<Response, Failure> {
    let browser = Browser::of(&posted.headers);
    if !is_visitors_form(&posted.headers, &posted.typed) {
        return Ok(json(StatusCode::FORBIDDEN, &serde_json::json!({ "error": spoken(TOO_OLD) })));
    }
    let begun = site.app.identity().begin_passkey_sign_in(&browser.origin, posted.typed.text(posted::TOKEN)).await;
    options(begun)
}

/// Signs in by a passkey.
pub(crate) async fn by_passkey(State(site): State<Site>, posted: PostedByVisitor) -> Result<Response, Failure> {
    let (headers, typed) = (posted.headers, posted.typed);
    let browser = Browser::of(&headers);
    let next = safe_next(typed.text("next"));
    let again = |status, error: String| {
        let login = Login { next: next.clone(), error: Some(sentence(&error)), ..Login::default() };
        page(&site, &headers, status, login)
    };
    if !is_visitors_form(&headers, &typed) {
        return again(StatusCode::FORBIDDEN, spoken(TOO_OLD).into_owned()).await;
    }
    let binding = typed.text(posted::TOKEN);
    let identity = site.app.identity();
    match identity.sign_in_by_passkey(&browser.device(), &browser.origin, binding, typed.text("answer")).await {
        Ok(entry) => Ok(signed_in(&browser, &entry, &next)),
        Err(crm::Error::Refused(message)) => again(StatusCode::UNPROCESSABLE_ENTITY, message).await,
        Err(error @ crm::Error::TooManyAttempts { .. }) => {
            again(StatusCode::TOO_MANY_REQUESTS, error.to_string()).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Opens the door as far as the session goes: its cookie, and on to where one wanted to go, or to
/// what is missing.
pub(crate) fn signed_in(browser: &Browser, entry: &Entry, next: &str) -> Response {
    let href = match entry.stage {
        Stage::Full => next.to_owned(),
        Stage::Confirm => onward("/sign-in/confirmation", next),
        Stage::SetUp => onward("/sign-in/set-up", next),
    };
    let mut response = go(browser, &href, None);
    set_cookie(&mut response, &browser.session_cookie(entry));
    response
}

fn onward(to: &str, next: &str) -> String {
    format!("{to}?next={}", utf8_percent_encode(next, NON_ALPHANUMERIC))
}

/// What a script asked for.
pub(crate) fn json(status: StatusCode, value: &serde_json::Value) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], axum::Json(value)).into_response()
}

/// The options of a ceremony, or why there are none.
pub(crate) fn options(begun: crm::Result<serde_json::Value>) -> Result<Response, Failure> {
    match begun {
        Ok(options) => Ok(json(StatusCode::OK, &options)),
        Err(crm::Error::Refused(message)) => {
            Ok(json(StatusCode::UNPROCESSABLE_ENTITY, &serde_json::json!({ "error": sentence(&message) })))
        }
        Err(error) => Err(error.into()),
    }
}

/// Gives a form for a visitor its token: the one this browser has, or a new one.
pub(crate) fn visitor_token(headers: &HeaderMap) -> String {
    cookie(headers, VISITOR)
        .filter(|token| token.len() >= 32)
        .map_or_else(|| format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()), str::to_owned)
}

/// Sets the cookie that a visitor's form is checked against.
pub(crate) fn remember_visitor(response: &mut Response, headers: &HeaderMap, token: &str) {
    set_cookie(response, &Browser::of(headers).cookie(VISITOR, token, VISIT_SECONDS));
}

/// True where a visitor's form was shown in this browser.
pub(crate) fn is_visitors_form(headers: &HeaderMap, typed: &Typed) -> bool {
    let genuine = cookie(headers, VISITOR)
        .is_some_and(|token| !token.is_empty() && posted::same(token, typed.text(posted::TOKEN)));
    if !genuine {
        tracing::warn!(target: "security", "a form that was not shown in this browser was refused");
    }
    genuine
}

async fn page(site: &Site, headers: &HeaderMap, status: StatusCode, login: Login) -> Result<Response, Failure> {
    let token = visitor_token(headers);
    let organization = site.app.organization().await?;
    let provider = site.app.sign_in_settings().single_sign_on.clone();
    let login = Login {
        organisation: organization.name.clone(),
        language: Language::current().tag().to_owned(),
        theme: Browser::of(headers).theme,
        action: "/sign-in".to_owned(),
        csrf: token.clone(),
        passwords: provider.as_ref().is_none_or(|provider| provider.configuration.passwords),
        provider: provider.map(|provider| (provider.configuration.name, onward("/sign-in/provider", &login.next))),
        ..login
    };
    let mut response = html(status, login.render());
    remember_visitor(&mut response, headers, &token);
    Ok(response)
}

/// Where to go after signing in; never to another site.
pub(crate) fn safe_next(next: &str) -> String {
    let inside = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n', '\t']);
    if inside && !next.starts_with("/sign-in") { next.to_owned() } else { "/".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::safe_next;

    #[test]
    fn after_signing_in_one_stays_on_this_site() {
        assert_eq!(safe_next("/leads?view=open"), "/leads?view=open");
        for elsewhere in
            ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "/sign-in?next=/", ""]
        {
            assert_eq!(safe_next(elsewhere), "/", "{elsewhere}");
        }
    }
}
