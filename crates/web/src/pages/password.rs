//! Choosing a password by a one-time link.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use language::{Language, tr};
use maud::Render;

use super::sign_in::{is_visitors_form, remember_visitor, signed_in, visitor_token};
use crate::{
    address::Address,
    app::Site,
    components::{CenteredCard, Control, Field},
    failure::{Failure, sentence},
    posted::PostedByVisitor,
    respond::html,
    session::Browser,
};

/// The form.
pub(crate) async fn show(
    State(site): State<Site>,
    Address(secret): Address<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let (_, email) = site.app.identity().password_link_owner(&secret).await?;
    Ok(page(&headers, StatusCode::OK, &secret, &email, None))
}

/// Sets the password and signs in.
pub(crate) async fn create(
    State(site): State<Site>,
    Address(secret): Address<String>,
    posted: PostedByVisitor,
) -> Result<Response, Failure> {
    let (headers, typed) = (posted.headers, posted.typed);
    let identity = site.app.identity();
    let (_, email) = identity.password_link_owner(&secret).await?;
    let refuse =
        |message: &str| Ok(page(&headers, StatusCode::UNPROCESSABLE_ENTITY, &secret, &email, Some(sentence(message))));
    if !is_visitors_form(&headers, &typed) {
        return refuse(&tr!("this page was open for too long, or cookies are blocked; enter the password again"));
    }
    if typed.text("password") != typed.text("repeated") {
        return refuse(&tr!("the two passwords differ; enter the same one twice"));
    }
    let user = match identity.use_password_link(&secret, typed.text("password")).await {
        Ok(user) => user,
        Err(crm::Error::Refused(message)) => return refuse(&message),
        Err(error) => return Err(error.into()),
    };
    let browser = Browser::of(&headers);
    let entry = identity.open_by_link(user, &browser.device()).await?;
    Ok(signed_in(&browser, &entry, "/"))
}

fn page(headers: &HeaderMap, status: StatusCode, secret: &str, email: &str, error: Option<String>) -> Response {
    let token = visitor_token(headers);
    let field = |name: &str, label: &str| {
        Field::new(name, label, Control::Password { autocomplete: "new-password".to_owned() }).required()
    };
    let mut first = field("password", &tr!("New password"))
        .help(tr!("Several words that do not belong together are easy to keep in mind and hard to guess."));
    first.autofocus = true;
    let card = CenteredCard {
        title: tr!("Choose a password"),
        text: tr!("for {}", email),
        language: Language::current().tag().to_owned(),
        theme: Browser::of(headers).theme,
        action: format!("/password/{secret}"),
        csrf: token.clone(),
        error,
        hidden: vec![("username".to_owned(), email.to_owned())],
        fields: vec![first, field("repeated", &tr!("The same again"))],
        submit: tr!("Set password and sign in"),
        note: tr!("This link works once."),
    };
    let mut response = html(status, card.render());
    remember_visitor(&mut response, headers, &token);
    response
}
