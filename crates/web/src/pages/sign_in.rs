//! Sign in and out.

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use maud::Render;
use uuid::Uuid;

use crate::{
    app::Site,
    components::Login,
    failure::{Failure, sentence},
    posted::{self, Posted, PostedByVisitor, Typed},
    respond::{go, html, set_cookie},
    session::{self, Browser, Me, cookie},
};

/// Name of the cookie that ties a form to the browser it was shown in, before there is a session.
const VISITOR: &str = "pipewright_visitor";
/// How long such a form is good, in seconds.
const VISIT_SECONDS: i64 = 24 * 3600;
/// How long a browser keeps a session's cookie, in seconds; the session itself may end earlier.
const SESSION_SECONDS: i64 = 30 * 24 * 3600;

/// The sign-in page.
pub(crate) async fn show(
    State(site): State<Site>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let next = safe_next(Typed::parse(&query.unwrap_or_default()).text("next"));
    if Me::of(&headers, &site).await.is_ok() {
        return Ok(go(&Browser::of(&headers), &next, None));
    }
    page(&site, &headers, StatusCode::OK, Login { next, ..Login::default() }).await
}

/// Signs in.
pub(crate) async fn create(State(site): State<Site>, posted: PostedByVisitor) -> Result<Response, Failure> {
    let (headers, typed) = (posted.headers, posted.typed);
    let browser = Browser::of(&headers);
    let (email, next) = (typed.text("email").to_owned(), safe_next(typed.text("next")));
    if !is_visitors_form(&headers, &typed) {
        let error = Some("This page was open for too long, or cookies are blocked. Please sign in again.".to_owned());
        return page(&site, &headers, StatusCode::FORBIDDEN, Login { email, next, error, ..Login::default() }).await;
    }
    match site.app.identity().sign_in(&email, typed.text("password"), &browser.agent).await {
        Ok(secret) => Ok(signed_in(&browser, &secret, &next)),
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
            let error = Some("The e-mail address or the password is wrong.".to_owned());
            page(&site, &headers, StatusCode::UNPROCESSABLE_ENTITY, Login { email, next, error, ..Login::default() })
                .await
        }
        Err(error) => Err(error.into()),
    }
}

/// Signs out.
pub(crate) async fn destroy(State(site): State<Site>, posted: Posted) -> Result<Response, Failure> {
    let me = posted.me;
    site.app.identity().sign_out(&me.caller, &me.secret).await?;
    let mut response = go(&me.browser, "/sign-in", None);
    set_cookie(&mut response, &me.browser.cookie(session::COOKIE, "", 0));
    Ok(response)
}

/// Opens the door: the session's cookie, and on to where one wanted to go.
pub(crate) fn signed_in(browser: &Browser, secret: &str, next: &str) -> Response {
    let mut response = go(browser, next, None);
    set_cookie(&mut response, &browser.cookie(session::COOKIE, secret, SESSION_SECONDS));
    response
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
    cookie(headers, VISITOR).is_some_and(|token| !token.is_empty() && posted::same(token, typed.text(posted::TOKEN)))
}

async fn page(site: &Site, headers: &HeaderMap, status: StatusCode, login: Login) -> Result<Response, Failure> {
    let token = visitor_token(headers);
    let organization = site.app.organization().await?;
    let login = Login {
        organisation: organization.name.clone(),
        language: "en".to_owned(),
        theme: Browser::of(headers).theme,
        action: "/sign-in".to_owned(),
        csrf: token.clone(),
        ..login
    };
    let mut response = html(status, login.render());
    remember_visitor(&mut response, headers, &token);
    Ok(response)
}

/// Where to go after signing in; never to another site.
fn safe_next(next: &str) -> String {
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
