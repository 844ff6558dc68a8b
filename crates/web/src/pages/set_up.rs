//! Setting up a second factor: on one's own account, or led here because one's role demands it.

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use crm::identity::{CodeSetUp, Entry, SecondFactor, Stage};
use language::{Language, tr};
use maud::{Render, html};

use super::{
    entrance::sign_out,
    sign_in::{options, safe_next, signed_in},
};
use crate::{
    app::Site,
    components::{CenteredPage, Control, Field, PasskeyForm, alert},
    failure::{Failure, sentence},
    posted::{PostedByEntrant, Typed},
    respond::{go, html, set_cookie},
    session::{Browser, Entrant},
    view::sign_in::{qr_code, recovery_codes},
};

/// The page: an authenticator app and a passkey, whichever are allowed.
pub(crate) async fn show(
    State(site): State<Site>,
    entrant: Entrant,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let next = safe_next(Typed::parse(&query.unwrap_or_default()).text("next"));
    match entrant.session.stage {
        Stage::Confirm => return Err(Failure::HalfOpen(Stage::Confirm)),
        Stage::Full if !entrant.session.is_fresh() => return Ok(go(&entrant.browser, &prove_first(), None)),
        _ => {}
    }
    page(&site, &entrant, StatusCode::OK, &next, None).await
}

/// Finishes the authenticator app.
pub(crate) async fn create_code(State(site): State<Site>, posted: PostedByEntrant) -> Result<Response, Failure> {
    let PostedByEntrant { entrant, typed } = posted;
    let device = entrant.browser.device();
    let done = site.app.identity().finish_code(&entrant.session, &device, typed.text("code")).await;
    answer(&site, &entrant, &typed, done).await
}

/// The options of the browser's passkey ceremony.
pub(crate) async fn passkey_options(State(site): State<Site>, posted: PostedByEntrant) -> Result<Response, Failure> {
    let Entrant { session, browser } = posted.entrant;
    options(site.app.identity().begin_passkey(&session, &browser.origin).await)
}

/// Finishes the passkey.
pub(crate) async fn create_passkey(State(site): State<Site>, posted: PostedByEntrant) -> Result<Response, Failure> {
    let PostedByEntrant { entrant, typed } = posted;
    let Entrant { session, browser } = &entrant;
    let done = site
        .app
        .identity()
        .finish_passkey(session, &browser.device(), &browser.origin, typed.text("name"), typed.text("answer"))
        .await;
    answer(&site, &entrant, &typed, done).await
}

/// Where one proves oneself before one comes back here.
fn prove_first() -> String {
    "/sign-in/confirmation?next=%2Fsettings%2Fsign-in".to_owned()
}

async fn answer(
    site: &Site,
    entrant: &Entrant,
    typed: &Typed,
    done: crm::Result<(Entry, Vec<String>)>,
) -> Result<Response, Failure> {
    let next = safe_next(typed.text("next"));
    match done {
        Ok((entry, codes)) if codes.is_empty() => Ok(signed_in(&entrant.browser, &entry, &next)),
        Ok((entry, codes)) => Ok(recovery(&entrant.browser, &entry, &next, &codes)),
        Err(error @ (crm::Error::Refused(_) | crm::Error::TooManyAttempts { .. })) => {
            let message = Some(sentence(&error.to_string()));
            page(site, entrant, StatusCode::UNPROCESSABLE_ENTITY, &next, message).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn page(
    site: &Site,
    entrant: &Entrant,
    status: StatusCode,
    next: &str,
    error: Option<String>,
) -> Result<Response, Failure> {
    let Entrant { session, browser } = entrant;
    let demanded = session.caller.sign_in_policy().second_factor;
    let forced = session.stage == Stage::SetUp;
    let app = match demanded {
        SecondFactor::Passkey if forced => None,
        _ => Some(site.app.identity().begin_code(session).await?),
    };
    let hidden = vec![("next".to_owned(), next.to_owned())];
    let name = Control::Text { value: String::new(), max_length: Some(100), autocomplete: None };
    let passkey = PasskeyForm {
        creates: true,
        options: "/sign-in/set-up/passkey/options".to_owned(),
        action: "/sign-in/set-up/passkey".to_owned(),
        csrf: session.csrf.clone(),
        hidden: hidden.clone(),
        fields: vec![Field::new("name", tr!("Name"), name).help(tr!("Such as “Work laptop”, to tell it from others."))],
        submit: tr!("Set up a passkey"),
    };
    let cards = html! {
        section.centered-card {
            h1 { @if forced { (tr!("Protect your account first")) } @else { (tr!("Set up a second factor")) } }
            @if let Some(error) = &error { (alert(error)) }
            @if forced { p { (tr!("Your security role demands a second proof beside the password. It takes a minute.")) } }
            h2 { (tr!("Passkey")) }
            p { (tr!("Your device's fingerprint, face or PIN, or a security key. Nothing to type, and nothing that can be stolen by a false page.")) }
            (passkey)
        }
        @if let Some(app) = &app { (code_card(app, &session.csrf, next)) }
        @if forced { (sign_out(&session.csrf)) } @else { a.btn href=(next) { (tr!("Cancel")) } }
    };
    let page = CenteredPage {
        title: tr!("Set up a second factor"),
        language: Language::current().tag().to_owned(),
        theme: browser.theme,
        csrf: session.csrf.clone(),
        cards,
        note: String::new(),
    };
    Ok(html(status, page.render()))
}

fn code_card(app: &CodeSetUp, csrf: &str, next: &str) -> maud::Markup {
    let control =
        Control::Text { value: String::new(), max_length: Some(10), autocomplete: Some("one-time-code".to_owned()) };
    html! {
        form.centered-card method="post" action="/sign-in/set-up/code" {
            input type="hidden" name="csrf" value=(csrf);
            input type="hidden" name="next" value=(next);
            h2 { (tr!("Authenticator app")) }
            p { (tr!("Scan this with an authenticator app, then type the code that it shows.")) }
            (qr_code(&app.picture))
            p.code-secret { (tr!("Or type this secret into the app:")) " " code { (app.secret) } }
            (Field::new("code", tr!("Code"), control).required())
            button.btn.btn-primary type="submit" { (tr!("Check the code")) }
        }
    }
}

/// The recovery codes, with the new session's cookie.
fn recovery(browser: &Browser, entry: &Entry, next: &str, codes: &[String]) -> Response {
    let cards = html! {
        section.centered-card {
            h1 { (tr!("Keep these recovery codes")) }
            p { (tr!("Each of them signs you in once when you do not have your device. They are shown only now: print them, or keep them in a password manager.")) }
            (recovery_codes(codes))
            a.btn.btn-primary href=(next) { (tr!("I have kept them")) }
        }
    };
    let page = CenteredPage {
        title: tr!("Recovery codes"),
        language: Language::current().tag().to_owned(),
        theme: browser.theme,
        csrf: String::new(),
        cards,
        note: String::new(),
    };
    let mut response = html(StatusCode::OK, page.render());
    crate::respond::set_header(&mut response, "cache-control", "no-store");
    set_cookie(&mut response, &browser.session_cookie(entry));
    response
}
