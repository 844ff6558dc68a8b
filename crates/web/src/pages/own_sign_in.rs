//! "Your sign-in": password, second factors, sessions and tokens of the person themselves.

use axum::{extract::State, response::Response};
use crm::identity::{PasskeyInfo, SecondFactor};
use language::tr;
use maud::{Markup, html};
use uuid::Uuid;

use crate::{
    address::Address,
    app::Site,
    components::{Action, Command, Control, Dialog, Field, PageLayout},
    failure::{Failure, sentence},
    flash::Flash,
    posted::Posted,
    respond::set_header,
    session::Me,
    view::sign_in::{passkeys, post, programs, recovery_codes, sessions, tokens},
};

const ADDRESS: &str = "/settings/sign-in";
const PROVE: &str = "/sign-in/confirmation?next=%2Fsettings%2Fsign-in";

/// The page.
pub(crate) async fn show(State(site): State<Site>, me: Me) -> Result<Response, Failure> {
    page(&site, &me, None).await
}

/// Changes the password, which ends all other sessions.
pub(crate) async fn change_password(State(site): State<Site>, posted: Posted) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    if typed.text("password") != typed.text("repeated") {
        return Ok(me.go(ADDRESS, Some(Flash::failed(tr!("The two new passwords differ; enter the same one twice.")))));
    }
    let (old, new, this) = (typed.text("old"), typed.text("password"), Some(me.session.key.clone()));
    let changed = site.app.identity().change_password(&me.caller, old, new, this, &me.browser.device()).await;
    told(&me, changed, &tr!("Password changed. You are signed out everywhere else."))
}

/// Signs out elsewhere.
pub(crate) async fn end_session(
    State(site): State<Site>,
    Address(key): Address<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let me = posted.me;
    site.app.identity().end_session(&me.caller, me.caller.user, key).await?;
    Ok(me.go(ADDRESS, Some(Flash::done(tr!("Session ended.")))))
}

/// Signs out everywhere else.
pub(crate) async fn end_other_sessions(State(site): State<Site>, posted: Posted) -> Result<Response, Failure> {
    let me = posted.me;
    site.app.identity().end_sessions(&me.caller, me.caller.user, Some(me.session.key.clone())).await?;
    Ok(me.go(ADDRESS, Some(Flash::done(tr!("You are signed out everywhere else.")))))
}

/// Makes an API token, which is shown this once.
pub(crate) async fn create_token(State(site): State<Site>, posted: Posted) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    if !me.session.is_fresh() {
        return Ok(me.go(PROVE, None));
    }
    let name = typed.text("name").trim();
    let Some(days) = typed.text("days").trim().parse::<u32>().ok().filter(|_| !name.is_empty()) else {
        return Ok(me.go(ADDRESS, Some(Flash::failed(tr!("Say what the token is for, and for how many days.")))));
    };
    match site.app.identity().create_token(&me.caller, me.caller.user, name, days).await {
        Ok(token) => page(&site, &me, Some(token_dialog(&token))).await,
        Err(error) => told(&me, Err(error), ""),
    }
}

/// Revokes a token.
pub(crate) async fn revoke_token(
    State(site): State<Site>,
    Address(key): Address<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let me = posted.me;
    site.app.identity().revoke_token(&me.caller, me.caller.user, key).await?;
    Ok(me.go(ADDRESS, Some(Flash::done(tr!("Token revoked.")))))
}

/// Shuts a program out that was let in.
pub(crate) async fn shut_out(
    State(site): State<Site>,
    Address(program): Address<Uuid>,
    posted: Posted,
) -> Result<Response, Failure> {
    let me = posted.me;
    site.app.identity().shut_out(&me.caller, me.caller.user, program).await?;
    Ok(me.go(ADDRESS, Some(Flash::done(tr!("Program removed. What it had got to work in your name no longer works.")))))
}

/// Takes the authenticator app away.
pub(crate) async fn remove_code(State(site): State<Site>, posted: Posted) -> Result<Response, Failure> {
    let me = posted.me;
    if !me.session.is_fresh() {
        return Ok(me.go(PROVE, None));
    }
    told(&me, site.app.identity().remove_code(&me.session).await, &tr!("Authenticator app removed."))
}

/// New recovery codes, shown this once.
pub(crate) async fn renew_recovery_codes(State(site): State<Site>, posted: Posted) -> Result<Response, Failure> {
    let me = posted.me;
    if !me.session.is_fresh() {
        return Ok(me.go(PROVE, None));
    }
    match site.app.identity().renew_recovery_codes(&me.session).await {
        Ok(codes) => page(&site, &me, Some(recovery_dialog(&codes))).await,
        Err(error) => told(&me, Err(error), ""),
    }
}

/// Gives a passkey another name.
pub(crate) async fn rename_passkey(
    State(site): State<Site>,
    Address(key): Address<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    told(&me, site.app.identity().rename_passkey(&me.session, &key, typed.text("name")).await, &tr!("Passkey renamed."))
}

/// Removes a passkey.
pub(crate) async fn remove_passkey(
    State(site): State<Site>,
    Address(key): Address<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let me = posted.me;
    if !me.session.is_fresh() {
        return Ok(me.go(PROVE, None));
    }
    told(&me, site.app.identity().remove_passkey(&me.session, &key).await, &tr!("Passkey removed."))
}

/// What came of it, on the page.
fn told(me: &Me, result: crm::Result<()>, done: &str) -> Result<Response, Failure> {
    match result {
        Ok(()) => Ok(me.go(ADDRESS, Some(Flash::done(done)))),
        Err(error @ (crm::Error::Refused(_) | crm::Error::TooManyAttempts { .. })) => {
            Ok(me.go(ADDRESS, Some(Flash::failed(sentence(&error.to_string())))))
        }
        Err(error) => Err(error.into()),
    }
}

async fn page(site: &Site, me: &Me, shown_once: Option<Dialog>) -> Result<Response, Failure> {
    let (identity, user) = (site.app.identity(), me.caller.user);
    let policy = me.caller.sign_in_policy();
    let (app, left) = identity.codes(&me.caller, user).await?;
    let has_password = identity.has_password(user).await?;
    let own_passkeys = identity.passkeys(&me.caller, user).await?;
    let own_sessions = identity.sessions(&me.caller, user).await?;
    let own_tokens = identity.tokens(&me.caller, user).await?;
    let let_in = identity.programs_let_in(&me.caller, user).await?;
    let demanded = match policy.second_factor {
        SecondFactor::NotRequired => {
            tr!("A second proof beside the password. Once it is set up, it is asked for at each sign-in.")
        }
        SecondFactor::Any => tr!("Your security role demands a second proof beside the password."),
        SecondFactor::Passkey => tr!("Your security role demands a passkey."),
    };
    let content = html! {
        div.page-plain {
            header { h1 { (tr!("Your sign-in")) } p { (me.caller.name) " · " (me.caller.email) } }
            @if has_password { (password_card(me, policy.password_length)) }
            section.page-card {
                h2 { (tr!("Second factor")) }
                p { (demanded) }
                @if app {
                    p { (tr!("An authenticator app is set up.")) " " }
                    div.page-commands { (post(&tr!("Remove authenticator app"), "/settings/code/removal".to_owned(), Some(&tr!("Remove the authenticator app? Its codes no longer work.")))) }
                }
                @if !own_passkeys.is_empty() { (passkeys(&me.style, &own_passkeys, |passkey| passkey_commands(me, passkey))) }
                @if app || !own_passkeys.is_empty() {
                    p { (tr!("One recovery code is left." | "{n} recovery codes are left." % left)) }
                    div.page-commands { (post(&tr!("Make new recovery codes"), "/settings/recovery-codes".to_owned(), Some(&tr!("Make new recovery codes? Those you have no longer work.")))) }
                }
                div.page-commands {
                    (Command::new(if app { tr!("Add a passkey") } else { tr!("Set up a second factor") }, "fingerprint", Action::Link("/sign-in/set-up?next=%2Fsettings%2Fsign-in".to_owned())))
                }
            }
            section.page-card {
                h2 { (tr!("Where you are signed in")) }
                (sessions(&me.style, &own_sessions, &me.session.key, |key| format!("/settings/sessions/{key}/end")))
                @if own_sessions.len() > 1 {
                    div.page-commands { (post(&tr!("Sign out everywhere else"), "/settings/sessions/end".to_owned(), None)) }
                }
            }
            section.page-card {
                h2 { (tr!("Programs you let in")) }
                @if let_in.is_empty() { p { (tr!("None. A program that wants to work in your name asks you first.")) } }
                @else { (programs(&me.style, &let_in, |id| format!("/settings/programs/{id}/removal"))) }
            }
            (token_card(me, policy.tokens, policy.token_days, &tokens(&me.style, &own_tokens, |key| format!("/settings/tokens/{key}/end")), own_tokens.is_empty()))
        }
        @if let Some(dialog) = &shown_once { (dialog) }
    };
    let mut response = me.page(&site.model(), &tr!("Your sign-in"), PageLayout::Scrolling, "settings", content);
    if shown_once.is_some() {
        set_header(&mut response, "cache-control", "no-store");
    }
    Ok(response)
}

fn password_card(me: &Me, shortest: usize) -> Markup {
    let secret = |name: &str, label: &str, kind: &str| {
        Field::new(name, label, Control::Password { autocomplete: kind.to_owned() }).required()
    };
    html! {
        section.form-section {
            h2 { (tr!("Password")) }
            form method="post" action="/settings/password" {
                input type="hidden" name="csrf" value=(me.csrf);
                div.form-grid.columns-2 {
                    (secret("old", &tr!("Present password"), "current-password"))
                    (secret("password", &tr!("New password"), "new-password").help(tr!("At least {} characters; several words are easy to keep in mind. You will be signed out everywhere else.", shortest)))
                    (secret("repeated", &tr!("The new one again"), "new-password"))
                }
                div.page-commands { button.btn.btn-primary type="submit" { (tr!("Change password")) } }
            }
        }
    }
}

fn passkey_commands(me: &Me, passkey: &PasskeyInfo) -> Markup {
    html! {
        form.inline-form method="post" action={ "/settings/passkeys/" (passkey.key) "/name" } {
            input type="hidden" name="csrf" value=(me.csrf);
            input.form-control type="text" name="name" value=(passkey.name) maxlength="100" aria-label={ (tr!("New name of {}", passkey.name)) };
            button.btn type="submit" { (tr!("Rename")) }
        }
        (post(&tr!("Remove"), format!("/settings/passkeys/{}/removal", passkey.key), Some(&tr!("Remove this passkey? It can no longer sign you in."))))
    }
}

fn token_card(me: &Me, allowed: bool, longest: u32, list: &Markup, none: bool) -> Markup {
    let name = Control::Text { value: String::new(), max_length: Some(100), autocomplete: None };
    let days = Control::Decimal { value: longest.min(90).to_string(), precision: 0, unit: Some(tr!("days")) };
    html! {
        section.form-section {
            h2 { (tr!("API tokens")) }
            p { (tr!("A program that works in your name signs in with a token. It is shown once, when it is made.")) }
            p { a href="/developer" { (tr!("What programs can do")) } }
            @if !none { (list) }
            @if allowed {
                form method="post" action="/settings/tokens" {
                    input type="hidden" name="csrf" value=(me.csrf);
                    div.form-grid.columns-2 {
                        (Field::new("name", tr!("What it is for"), name).help(tr!("Such as “reporting”.")).required())
                        (Field::new("days", tr!("Good for"), days).help(tr!("At most {} days.", longest)).required())
                    }
                    div.page-commands { button.btn type="submit" { (tr!("Make token")) } }
                }
            } @else { p { (tr!("Your security roles do not allow tokens.")) } }
        }
    }
}

fn token_dialog(token: &str) -> Dialog {
    Dialog {
        id: "token".to_owned(),
        title: tr!("Your new token"),
        icon: "license".to_owned(),
        text: tr!("Copy it now; it cannot be shown again."),
        body: html! { p { code { (token) } } },
        ..Dialog::default()
    }
}

fn recovery_dialog(codes: &[String]) -> Dialog {
    Dialog {
        id: "recovery".to_owned(),
        title: tr!("Your new recovery codes"),
        icon: "key".to_owned(),
        text: tr!("Each signs you in once when you do not have your device. They cannot be shown again."),
        body: recovery_codes(codes),
        ..Dialog::default()
    }
}
