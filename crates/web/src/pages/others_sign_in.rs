//! How somebody else signs in, for administrators: where they are signed in, what they have set up,
//! and the ways to help them or to shut somebody out.

use axum::{extract::State, response::Response};
use crm::access;
use language::{text, tr};
use maud::{Markup, Render, html};
use uuid::Uuid;

use crate::{
    address::Address,
    app::Site,
    components::{Action, Command, Dialog, PageLayout},
    failure::Failure,
    flash::Flash,
    posted::Posted,
    respond::set_header,
    session::Me,
    view::sign_in::{passkeys, post, programs, sessions, tokens},
};

/// The page.
pub(crate) async fn show(State(site): State<Site>, me: Me, Address(user): Address<Uuid>) -> Result<Response, Failure> {
    page(&site, &me, user, None).await
}

/// Makes a one-time link, shown this once.
pub(crate) async fn make_link(
    State(site): State<Site>,
    Address(user): Address<Uuid>,
    posted: Posted,
) -> Result<Response, Failure> {
    let identity = site.app.identity();
    with_link(&site, &posted.me, user, identity.password_link(&posted.me.caller, user)).await
}

/// Takes away all that the person signs in with, and makes a one-time link.
pub(crate) async fn reset(
    State(site): State<Site>,
    Address(user): Address<Uuid>,
    posted: Posted,
) -> Result<Response, Failure> {
    let identity = site.app.identity();
    with_link(&site, &posted.me, user, identity.reset(&posted.me.caller, user)).await
}

/// The page with a link that is made only when somebody has proved anew who they are.
async fn with_link(
    site: &Site,
    me: &Me,
    user: Uuid,
    link: impl Future<Output = crm::Result<String>>,
) -> Result<Response, Failure> {
    if let Some(first) = prove_first(me, user) {
        return Ok(first);
    }
    let secret = link.await?;
    page(site, me, user, Some(&secret)).await
}

/// Signs the person out everywhere.
pub(crate) async fn end_sessions(
    State(site): State<Site>,
    Address(user): Address<Uuid>,
    posted: Posted,
) -> Result<Response, Failure> {
    let me = posted.me;
    site.app.identity().end_sessions(&me.caller, user, Some(me.session.key.clone())).await?;
    Ok(me.go(&address(user), Some(Flash::done(tr!("Signed out everywhere.")))))
}

/// Ends one session.
pub(crate) async fn end_session(
    State(site): State<Site>,
    Address((user, key)): Address<(Uuid, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let me = posted.me;
    site.app.identity().end_session(&me.caller, user, key).await?;
    Ok(me.go(&address(user), Some(Flash::done(tr!("Session ended.")))))
}

/// Revokes a token.
pub(crate) async fn revoke_token(
    State(site): State<Site>,
    Address((user, key)): Address<(Uuid, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let me = posted.me;
    site.app.identity().revoke_token(&me.caller, user, key).await?;
    Ok(me.go(&address(user), Some(Flash::done(tr!("Token revoked.")))))
}

/// Shuts a program out that the person let in.
pub(crate) async fn shut_out(
    State(site): State<Site>,
    Address((user, program)): Address<(Uuid, Uuid)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let me = posted.me;
    site.app.identity().shut_out(&me.caller, user, program).await?;
    Ok(me.go(&address(user), Some(Flash::done(tr!("Program removed.")))))
}

fn address(user: Uuid) -> String {
    format!("/systemusers/{user}/sign-in")
}

/// Where the administrator proves that it is still them, where that was long ago.
fn prove_first(me: &Me, user: Uuid) -> Option<Response> {
    let next = percent_encoding::utf8_percent_encode(&address(user), percent_encoding::NON_ALPHANUMERIC).to_string();
    (!me.session.is_fresh()).then(|| me.go(&format!("/sign-in/confirmation?next={next}"), None))
}

async fn page(site: &Site, me: &Me, user: Uuid, secret: Option<&str>) -> Result<Response, Failure> {
    access::require_administrator(&me.caller, text!("see how somebody else signs in"))?;
    let identity = site.app.identity();
    let person = site.app.get(&me.caller, "systemuser", user, None).await?;
    let (app, left) = identity.codes(&me.caller, user).await?;
    let has_password = identity.has_password(user).await?;
    let their_passkeys = identity.passkeys(&me.caller, user).await?;
    let their_sessions = identity.sessions(&me.caller, user).await?;
    let their_tokens = identity.tokens(&me.caller, user).await?;
    let let_in = identity.programs_let_in(&me.caller, user).await?;
    let at = |what: &str| format!("/systemusers/{user}/{what}");
    let content = html! {
        div.page-plain {
            header {
                h1 { (tr!("Sign-in of {}", person.text("fullname"))) }
                p { a href=(format!("/systemusers/{user}")) { (person.text("internalemailaddress")) } }
            }
            section.page-card {
                h2 { (tr!("What they sign in with")) }
                p {
                    @if has_password { (tr!("A password")) } @else { (tr!("No password")) }
                    ", " @if app { (tr!("an authenticator app")) } @else { (tr!("no authenticator app")) }
                    ", " (tr!("one passkey" | "{n} passkeys" % their_passkeys.len()))
                    ", " (tr!("one recovery code left." | "{n} recovery codes left." % left))
                }
                @if !their_passkeys.is_empty() { (passkeys(&me.style, &their_passkeys, |_| html! {})) }
                div.page-commands {
                    (post(&tr!("Make a one-time link"), at("sign-in/link"), Some(&tr!("Make a link by which this person sets a new password? It works once, for two days."))))
                    (danger(&tr!("Reset the sign-in"), at("sign-in/reset"), &tr!("Take away the password, second factors, sessions and tokens of this person? They begin anew by a one-time link.")))
                }
            }
            section.page-card {
                h2 { (tr!("Where they are signed in")) }
                @if their_sessions.is_empty() { p { (tr!("Nowhere.")) } } @else {
                    (sessions(&me.style, &their_sessions, &me.session.key, |key| at(&format!("sessions/{key}/end"))))
                    div.page-commands { (post(&tr!("Sign out everywhere"), at("sessions/end"), None)) }
                }
            }
            section.page-card {
                h2 { (tr!("Programs they let in")) }
                @if let_in.is_empty() { p { (tr!("None.")) } } @else { (programs(&me.style, &let_in, |id| at(&format!("programs/{id}/removal")))) }
            }
            section.page-card {
                h2 { (tr!("API tokens")) }
                @if their_tokens.is_empty() { p { (tr!("None.")) } } @else { (tokens(&me.style, &their_tokens, |key| at(&format!("tokens/{key}/end")))) }
            }
        }
        @if let Some(secret) = secret { (link_dialog(&format!("{}/password/{secret}", me.browser.origin))) }
    };
    let mut response = me.page(&site.model(), &tr!("Sign-in"), PageLayout::Scrolling, "systemusers", content);
    if secret.is_some() {
        set_header(&mut response, "cache-control", "no-store");
    }
    Ok(response)
}

fn danger(label: &str, href: String, question: &str) -> Markup {
    Command::new(label, "", Action::Post { href, confirm: Some(question.to_owned()) }).danger().render()
}

fn link_dialog(link: &str) -> Dialog {
    Dialog {
        id: "link".to_owned(),
        title: tr!("One-time link"),
        icon: "link".to_owned(),
        text: tr!("Hand it to the person by a safe way. It works once, for two days, and is not shown again."),
        body: html! { p { code { (link) } } },
        ..Dialog::default()
    }
}
