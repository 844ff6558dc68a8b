//! The second factor at sign-in, and the proof that it is still the same person before they change
//! how they sign in.

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use crm::identity::{Entry, Stage};
use language::{Language, tr};
use maud::{Markup, Render, html};

use super::sign_in::{options, safe_next, signed_in};
use crate::{
    app::Site,
    components::{CenteredCard, CenteredPage, Control, Field, PasskeyForm, alert},
    failure::{Failure, sentence},
    posted::{PostedByEntrant, Typed},
    respond::{go, html},
    session::Entrant,
};

const ADDRESS: &str = "/sign-in/confirmation";

/// The page.
pub(crate) async fn show(
    State(site): State<Site>,
    entrant: Entrant,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let next = safe_next(Typed::parse(&query.unwrap_or_default()).text("next"));
    if entrant.session.stage == Stage::SetUp || (entrant.session.stage == Stage::Full && entrant.session.is_fresh()) {
        return Ok(go(&entrant.browser, &next, None));
    }
    page(&site, &entrant, StatusCode::OK, &next, None).await
}

/// Proves by a code, or (where it is only asked again) by the password.
pub(crate) async fn create(State(site): State<Site>, posted: PostedByEntrant) -> Result<Response, Failure> {
    let PostedByEntrant { entrant, typed } = posted;
    let (identity, device) = (site.app.identity(), entrant.browser.device());
    let proved = if entrant.session.stage == Stage::Full && typed.has("password") {
        identity.prove_by_password(&entrant.session, &device, typed.text("password")).await
    } else {
        identity.prove_by_code(&entrant.session, &device, typed.text("code")).await
    };
    answer(&site, &entrant, &typed, proved).await
}

/// The options of the browser's passkey ceremony.
pub(crate) async fn passkey_options(State(site): State<Site>, posted: PostedByEntrant) -> Result<Response, Failure> {
    let Entrant { session, browser } = posted.entrant;
    options(site.app.identity().begin_passkey_proof(&session, &browser.origin).await)
}

/// Proves by a passkey.
pub(crate) async fn by_passkey(State(site): State<Site>, posted: PostedByEntrant) -> Result<Response, Failure> {
    let PostedByEntrant { entrant, typed } = posted;
    let Entrant { session, browser } = &entrant;
    let proved =
        site.app.identity().prove_by_passkey(session, &browser.device(), &browser.origin, typed.text("answer")).await;
    answer(&site, &entrant, &typed, proved).await
}

async fn answer(
    site: &Site,
    entrant: &Entrant,
    typed: &Typed,
    proved: crm::Result<Entry>,
) -> Result<Response, Failure> {
    let next = safe_next(typed.text("next"));
    match proved {
        Ok(entry) => Ok(signed_in(&entrant.browser, &entry, &next)),
        Err(crm::Error::Refused(message)) => {
            page(site, entrant, StatusCode::UNPROCESSABLE_ENTITY, &next, Some(sentence(&message))).await
        }
        Err(error @ crm::Error::TooManyAttempts { .. }) => {
            page(site, entrant, StatusCode::TOO_MANY_REQUESTS, &next, Some(sentence(&error.to_string()))).await
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
    let identity = site.app.identity();
    let (code, passkey) = identity.set_up_factors(session).await?;
    let again = session.stage == Stage::Full;
    let password = again && !code && identity.has_password(session.caller.user).await?;
    let hidden = vec![("next".to_owned(), next.to_owned())];
    let card = CenteredCard {
        title: if again { tr!("Is it still you?") } else { tr!("Second step") },
        text: match (code, password) {
            (true, _) => tr!("Type the code that your authenticator app shows, or one of your recovery codes."),
            (_, true) => tr!("Type your password once more before you change how you sign in."),
            _ => String::new(),
        },
        action: ADDRESS.to_owned(),
        csrf: session.csrf.clone(),
        error: error.clone(),
        hidden: hidden.clone(),
        fields: vec![if password { password_field() } else { code_field(passkey && !code) }],
        submit: tr!("Continue"),
        ..CenteredCard::default()
    };
    let passkey_form = PasskeyForm {
        options: "/sign-in/confirmation/passkey/options".to_owned(),
        action: "/sign-in/confirmation/passkey".to_owned(),
        csrf: session.csrf.clone(),
        hidden,
        submit: tr!("Use a passkey"),
        ..PasskeyForm::default()
    };
    let cards = html! {
        @if passkey && !code && !password {
            section.centered-card { h1 { (card.title) } @if let Some(error) = &error { (alert(error)) } p { (tr!("Confirm with one of your passkeys.")) } (passkey_form) }
            (CenteredCard { title: tr!("Lost your device?"), text: tr!("Type one of your recovery codes."), error: None, ..card.clone() }.card())
        } @else {
            (card.card())
            @if passkey { section.centered-card.is-quiet aria-label=(tr!("Another way")) { (passkey_form) } }
        }
        (sign_out(&session.csrf))
    };
    let page = CenteredPage {
        title: card.title.clone(),
        language: Language::current().tag().to_owned(),
        theme: browser.theme,
        csrf: session.csrf.clone(),
        cards,
        note: tr!("Neither device nor recovery code at hand? An administrator can reset your sign-in."),
    };
    Ok(html(status, page.render()))
}

fn password_field() -> Field {
    let control = Control::Password { autocomplete: "current-password".to_owned() };
    Field { autofocus: true, ..Field::new("password", tr!("Password"), control).required() }
}

fn code_field(recovery: bool) -> Field {
    let autocomplete = Some("one-time-code".to_owned()).filter(|_| !recovery);
    let control = Control::Text { value: String::new(), max_length: Some(40), autocomplete };
    let label = if recovery { tr!("Recovery code") } else { tr!("Code") };
    Field { autofocus: !recovery, ..Field::new("code", label, control).required() }
}

/// The way back for whoever is not meant.
pub(crate) fn sign_out(csrf: &str) -> Markup {
    html! {
        form method="post" action="/sign-out" {
            input type="hidden" name="csrf" value=(csrf);
            button.btn type="submit" { (tr!("Sign out")) }
        }
    }
}
