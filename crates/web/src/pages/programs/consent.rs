//! A program asks to be let in (`/oauth2/authorize`): who it is, what it wants, and where one goes on.

use axum::{
    extract::{RawQuery, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use crm::identity::{Asking, Authorisation, Unanswerable};
use language::{Language, tr};
use maud::{Markup, Render, html};

use crate::{
    app::Site,
    components::{CenteredPage, alert},
    failure::{Failure, sentence},
    posted::{Posted, Typed},
    respond::{html, set_header},
    session::Me,
};

/// Where programs send people.
pub(crate) const ADDRESS: &str = "/oauth2/authorize";
/// What is read of a request; others are ignored, as the standard asks.
const PARAMETERS: [&str; 8] = [
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
];

/// Asks the person.
pub(crate) async fn show(State(site): State<Site>, me: Me, RawQuery(query): RawQuery) -> Response {
    let typed = Typed::parse(&query.unwrap_or_default());
    match site.app.identity().authorisation(asking(&typed), site.issuer(&me)).await {
        Ok(_) if !me.session.is_fresh() => prove_first(&me, &typed),
        Ok(authorisation) => ask(&me, &typed, &authorisation, StatusCode::OK, None),
        Err(unanswerable) => unanswered(unanswerable),
    }
}

/// What the person answered. What was asked stands in the form and is checked again.
pub(crate) async fn answer(State(site): State<Site>, posted: Posted) -> Response {
    let Posted { me, typed } = posted;
    let identity = site.app.identity();
    let authorisation = match identity.authorisation(asking(&typed), site.issuer(&me)).await {
        Ok(authorisation) => authorisation,
        Err(unanswerable) => return unanswered(unanswerable),
    };
    if typed.text("answer") != "yes" {
        return leave(&authorisation.refused());
    }
    if !me.session.is_fresh() {
        return prove_first(&me, &typed);
    }
    match identity.let_in(&me.caller, &authorisation).await {
        Ok(address) => leave(&address),
        Err(error @ crm::Error::Refused(_)) => {
            let message = Some(sentence(&error.to_string()));
            ask(&me, &typed, &authorisation, StatusCode::UNPROCESSABLE_ENTITY, message)
        }
        Err(error) => Failure::from(error).into_response(),
    }
}

/// Has the person prove that it is still them, and come back: whoever finds their browser open must not
/// let a program in that works on when it is closed.
fn prove_first(me: &Me, typed: &Typed) -> Response {
    let asked = PARAMETERS.into_iter().filter(|name| typed.has(name)).map(|name| (name, typed.text(name)));
    let asked = form_urlencoded::Serializer::new(String::new()).extend_pairs(asked).finish();
    let next =
        form_urlencoded::Serializer::new(String::new()).append_pair("next", &format!("{ADDRESS}?{asked}")).finish();
    me.go(&format!("/sign-in/confirmation?{next}"), None)
}

fn asking(typed: &Typed) -> Asking {
    let text = |name: &str| typed.text(name).to_owned();
    Asking {
        client_id: text("client_id"),
        redirect: text("redirect_uri"),
        response_type: text("response_type"),
        response_mode: text("response_mode"),
        scope: text("scope"),
        state: text("state"),
        challenge: text("code_challenge"),
        challenge_method: text("code_challenge_method"),
        repeated: PARAMETERS.into_iter().filter(|name| typed.all(name).nth(1).is_some()).map(str::to_owned).collect(),
    }
}

fn unanswered(unanswerable: Unanswerable) -> Response {
    match unanswerable {
        Unanswerable::Here(error) => Failure::from(error).into_response(),
        Unanswerable::There(address) => leave(&address),
    }
}

/// Sends the person on to the program. Where they come from, the page's address with what was asked,
/// is nobody's business there.
fn leave(address: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    set_header(&mut response, "location", address);
    set_header(&mut response, "referrer-policy", "no-referrer");
    set_header(&mut response, "cache-control", "no-store");
    response
}

fn ask(me: &Me, typed: &Typed, authorisation: &Authorisation, status: StatusCode, error: Option<String>) -> Response {
    let name = &authorisation.program.name;
    let page = CenteredPage {
        title: tr!("Let {} in?", name),
        language: Language::current().tag().to_owned(),
        theme: me.browser.theme,
        csrf: me.csrf.clone(),
        cards: html! {
            form.centered-card method="post" action=(ADDRESS) {
                input type="hidden" name="csrf" value=(me.csrf);
                @for name in PARAMETERS.into_iter().filter(|name| typed.has(name)) {
                    input type="hidden" name=(name) value=(typed.text(name));
                }
                h1 { (tr!("Let {} in?", name)) }
                @if let Some(error) = &error { (alert(error)) }
                @if !authorisation.program.description.is_empty() { p { (authorisation.program.description) } }
                (wanted(me, authorisation))
                button.btn.btn-primary type="submit" name="answer" value="yes" { (tr!("Let it in")) }
                button.btn type="submit" name="answer" value="no" { (tr!("Do not let it in")) }
            }
        },
        note: tr!("You can shut the program out again at any time, under “Your sign-in”."),
    };
    let mut response = html(status, page.render());
    set_header(&mut response, "cache-control", "no-store");
    if let Ok(policy) = HeaderValue::from_str(&policy(&authorisation.destination())) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// What the program asks for, in words.
fn wanted(me: &Me, authorisation: &Authorisation) -> Markup {
    let program = &authorisation.program;
    html! {
        p { (tr!("It wants to work in your name, {} ({}):", me.caller.name, me.caller.email)) }
        ul {
            @if authorisation.scope.reading {
                li { (tr!("see what you can see, and change nothing")) }
            } @else {
                li { (tr!("see what you can see, and change what you can change")) }
            }
            @if !program.roles.is_empty() {
                li { (tr!("no more than these security roles allow: {}", program.roles.join(", "))) }
            }
            @if authorisation.scope.offline { li { (tr!("also while you are not there")) } }
        }
        p { (tr!("You go on at {}.", authorisation.destination())) }
    }
}

/// As all pages are guarded; and the form may lead on to the program, which browsers hold to be a part
/// of sending it. Policies know no IPv6 addresses, so that `http://[::1]` is named by its scheme alone.
fn policy(leads_to: &str) -> String {
    let leads_to = leads_to.split_once("//[").map_or(leads_to, |(scheme, _)| scheme);
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self' {leads_to}; \
         frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::policy;

    #[test]
    fn the_form_may_lead_on_to_the_program_in_words_that_policies_know() {
        for (leads_to, allowed) in [
            ("https://desk.example", "form-action 'self' https://desk.example;"),
            ("http://[::1]:51004", "form-action 'self' http:;"),
            ("com.example.app:", "form-action 'self' com.example.app:;"),
        ] {
            assert!(policy(leads_to).contains(allowed), "{}", policy(leads_to));
        }
    }
}
