//! How a program signs in, for administrators: its id, its secrets, and the user it works as.

use axum::{extract::State, response::Response};
use crm::{
    access,
    identity::{ClientSecret, MOST_SECRET_DAYS, MOST_SECRETS, Program},
};
use language::{text, tr};
use maud::{Markup, Render, html};
use uuid::Uuid;

use crate::{
    address::Address,
    app::Site,
    components::{Control, Dialog, Field, PageLayout, PlainTable, TableColumn},
    failure::{Failure, sentence},
    flash::Flash,
    posted::Posted,
    respond::set_header,
    session::Me,
    view::sign_in::{moment, post},
};

/// For how many days a secret is made unless somebody says otherwise.
const DAYS: u32 = 180;

/// The page.
pub(crate) async fn show(State(site): State<Site>, me: Me, Address(id): Address<Uuid>) -> Result<Response, Failure> {
    page(&site, &me, id, None).await
}

/// Makes a secret, which is shown this once.
pub(crate) async fn create_secret(
    State(site): State<Site>,
    Address(id): Address<Uuid>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    if let Some(first) = prove_first(&me, id) {
        return Ok(first);
    }
    let Ok(days) = typed.text("days").trim().parse::<u32>() else {
        return Ok(me.go(&address(id), Some(Flash::failed(tr!("Say for how many days the secret is good.")))));
    };
    match site.app.identity().create_client_secret(&me.caller, id, days).await {
        Ok(secret) => page(&site, &me, id, Some(&secret)).await,
        Err(error) => told(&me, id, Err(error), ""),
    }
}

/// Removes a secret.
pub(crate) async fn remove_secret(
    State(site): State<Site>,
    Address((id, key)): Address<(Uuid, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let me = posted.me;
    let removed = site.app.identity().remove_client_secret(&me.caller, id, key).await.map(drop);
    told(&me, id, removed, &tr!("Secret removed."))
}

/// Makes the user the program works as.
pub(crate) async fn make_user(
    State(site): State<Site>,
    Address(id): Address<Uuid>,
    posted: Posted,
) -> Result<Response, Failure> {
    let me = posted.me;
    if let Some(first) = prove_first(&me, id) {
        return Ok(first);
    }
    match site.app.identity().make_application_user(&me.caller, id, None, Vec::new()).await {
        Ok(user) => {
            let flash =
                Flash::done(tr!("User made. Give it security roles under “Access”: without any it sees nothing."));
            Ok(me.go(&format!("/systemusers/{user}"), Some(flash)))
        }
        Err(error) => told(&me, id, Err(error), ""),
    }
}

fn address(id: Uuid) -> String {
    format!("/programs/{id}/sign-in")
}

/// Where the administrator proves that it is still them, where that was long ago.
fn prove_first(me: &Me, id: Uuid) -> Option<Response> {
    let next = percent_encoding::utf8_percent_encode(&address(id), percent_encoding::NON_ALPHANUMERIC).to_string();
    (!me.session.is_fresh()).then(|| me.go(&format!("/sign-in/confirmation?next={next}"), None))
}

/// What came of it, on the page.
fn told(me: &Me, id: Uuid, result: crm::Result<()>, done: &str) -> Result<Response, Failure> {
    match result {
        Ok(()) => Ok(me.go(&address(id), Some(Flash::done(done)))),
        Err(error @ (crm::Error::Refused(_) | crm::Error::Exists { .. })) => {
            Ok(me.go(&address(id), Some(Flash::failed(sentence(&error.to_string())))))
        }
        Err(error) => Err(error.into()),
    }
}

async fn page(site: &Site, me: &Me, id: Uuid, secret: Option<&str>) -> Result<Response, Failure> {
    access::require_administrator(&me.caller, text!("see how programs sign in"))?;
    let identity = site.app.identity();
    let program = identity.program(id).await?;
    let secrets = identity.client_secrets(&me.caller, id).await?;
    let user = identity.application_user(program.client_id).await?;
    let content = html! {
        div.page-plain {
            header {
                h1 { (tr!("Sign-in of {}", program.name)) }
                p { a href=(format!("/programs/{id}")) { (tr!("To the program")) } }
            }
            section.page-card {
                h2 { (tr!("What the program is told")) }
                p { (tr!("Application id (client_id):")) " " code { (program.client_id) } }
                p { (tr!("This server describes itself at:")) " " code { (me.browser.origin) "/.well-known/oauth-authorization-server" } }
            }
            (secrets_card(me, &program, &secrets))
            @if !program.public { (user_card(&program, user)) }
        }
        @if let Some(secret) = secret { (secret_dialog(secret)) }
    };
    let mut response = me.page(&site.model(), &tr!("Sign-in"), PageLayout::Scrolling, "programs", content);
    if secret.is_some() {
        set_header(&mut response, "cache-control", "no-store");
    }
    Ok(response)
}

fn secrets_card(me: &Me, program: &Program, secrets: &[ClientSecret]) -> Markup {
    let days = Control::Decimal { value: DAYS.to_string(), precision: 0, unit: Some(tr!("days")) };
    let make = html! {
        form method="post" action=(format!("/programs/{}/secrets", program.id)) {
            input type="hidden" name="csrf" value=(me.csrf);
            div.form-grid.columns-2 {
                (Field::new("days", tr!("Good for"), days).help(tr!("At most {} days.", MOST_SECRET_DAYS)).required())
            }
            div.page-commands { button.btn type="submit" { (tr!("Make secret")) } }
        }
    };
    html! {
        section.form-section {
            h2 { (tr!("Secrets")) }
            @if program.public {
                p { (tr!("The program runs on people's devices, where nothing stays secret: it proves itself by PKCE alone.")) }
            } @else {
                p { (tr!("The program proves who it is by a secret. Two may be valid at a time: make the second, give it to the program, then remove the first.")) }
                @if !secrets.is_empty() { (secrets_table(me, program, secrets)) }
                @if secrets.len() < MOST_SECRETS { (make) }
            }
        }
    }
}

fn secrets_table(me: &Me, program: &Program, secrets: &[ClientSecret]) -> Markup {
    let row = |secret: &ClientSecret| {
        let question = tr!("Remove this secret? A program that still uses it gets no more tokens.");
        vec![
            html! { code { (secret.begins) "…" } },
            html! { (moment(&me.style, secret.created)) },
            html! { (moment(&me.style, secret.expires)) },
            post(&tr!("Remove"), format!("/programs/{}/secrets/{}/removal", program.id, secret.key), Some(&question)),
        ]
    };
    let column = |label: String| TableColumn { label, number: false };
    PlainTable {
        caption: tr!("Secrets"),
        columns: vec![column(tr!("Begins with")), column(tr!("Made")), column(tr!("Ends")), column(tr!("Command"))],
        rows: secrets.iter().map(row).collect(),
    }
    .render()
}

fn user_card(program: &Program, user: Option<Uuid>) -> Markup {
    html! {
        section.page-card {
            h2 { (tr!("The user it works as")) }
            @if let Some(user) = user {
                p { (tr!("By its secret alone the program works as this user, with the security roles given there.")) }
                p { a href=(format!("/systemusers/{user}")) { (tr!("To the user")) } }
            } @else {
                p { (tr!("A program that works by itself needs a user of its own, with security roles. It cannot sign in on pages.")) }
                div.page-commands { (post(&tr!("Make the user"), format!("/programs/{}/user", program.id), None)) }
            }
        }
    }
}

fn secret_dialog(secret: &str) -> Dialog {
    Dialog {
        id: "secret".to_owned(),
        title: tr!("The new secret"),
        icon: "key".to_owned(),
        text: tr!("Copy it now; it cannot be shown again."),
        body: html! { p { code { (secret) } } },
        ..Dialog::default()
    }
}
