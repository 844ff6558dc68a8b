//! Personal settings: time zone, locale, password, sessions, tokens.

use axum::{extract::State, http::StatusCode, response::Response};
use crm::{Origin, Row, locality};
use maud::{Markup, Render, html};

use crate::{
    address::Address,
    app::Site,
    components::{
        Action, Command, Control, Dialog, Field, Page, PageLayout, PlainTable, TableColumn, fields::ChoiceOption,
    },
    failure::{Failure, sentence},
    flash::Flash,
    posted::Posted,
    respond::html,
    session::Me,
};

const ADDRESS: &str = "/settings/profile";
/// Longest life of a token, in days.
const LONGEST: u32 = 3650;

/// The page.
pub(crate) async fn show(State(site): State<Site>, me: Me) -> Result<Response, Failure> {
    page(&site, &me, StatusCode::OK, None, None).await
}

/// Saves time zone and locale.
pub(crate) async fn save(State(site): State<Site>, posted: Posted) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let (zone, locale) = (typed.text("timezone").trim(), typed.text("locale").trim());
    let wrong =
        [("timezone", zone, locality::time_zone(zone).err()), ("locale", locale, locality::locale(locale).err())]
            .into_iter()
            .find_map(|(column, value, wrong)| Some((column, wrong.filter(|_| !value.is_empty())?)));
    if let Some((column, message)) = wrong {
        return page(&site, &me, StatusCode::UNPROCESSABLE_ENTITY, Some((column, sentence(&message))), None).await;
    }
    let changes = Row::new()
        .with("timezone", Some(zone.to_owned()).filter(|text| !text.is_empty()))
        .with("locale", Some(locale.to_owned()).filter(|text| !text.is_empty()));
    match site.app.update(&me.caller, Origin::Page, "systemuser", me.caller.user, changes, None).await {
        Ok(_) => Ok(me.go(ADDRESS, Some(Flash::done("Settings saved.")))),
        Err(error) => Ok(me.go(ADDRESS, Some(Flash::failed(Failure::from(error).text())))),
    }
}

/// Changes the password, which ends all sessions; this one begins anew.
pub(crate) async fn change_password(State(site): State<Site>, posted: Posted) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    if typed.text("password") != typed.text("repeated") {
        return Ok(me.go(ADDRESS, Some(Flash::failed("The two new passwords differ; enter the same one twice."))));
    }
    match site.app.identity().change_password(&me.caller, typed.text("old"), typed.text("password")).await {
        Ok(()) => {
            let secret = site.app.identity().open_session(me.caller.user, &me.browser.agent).await?;
            let mut response =
                me.go(ADDRESS, Some(Flash::done("Password changed. You are signed out everywhere else.")));
            crate::respond::set_cookie(
                &mut response,
                &me.browser.cookie(crate::session::COOKIE, &secret, 30 * 24 * 3600),
            );
            Ok(response)
        }
        Err(crm::Error::Refused(message)) => Ok(me.go(ADDRESS, Some(Flash::failed(sentence(&message))))),
        Err(error) => Err(error.into()),
    }
}

/// Signs out elsewhere.
pub(crate) async fn end_session(
    State(site): State<Site>,
    Address(key): Address<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let me = posted.me;
    site.app.identity().end_session(&me.caller, key).await?;
    Ok(me.go(ADDRESS, Some(Flash::done("Session ended."))))
}

/// Makes an API token, which is shown this once.
pub(crate) async fn create_token(State(site): State<Site>, posted: Posted) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let name = typed.text("name").trim();
    let days: Option<u32> = typed.text("days").trim().parse().ok().filter(|days| (1..=LONGEST).contains(days));
    let Some(days) = days.filter(|_| !name.is_empty()) else {
        return Ok(me.go(ADDRESS, Some(Flash::failed("Say what the token is for, and for how many days (1 to 3650)."))));
    };
    let token = site.app.identity().create_token(&me.caller, me.caller.user, name, days).await?;
    page(&site, &me, StatusCode::OK, None, Some(token)).await
}

/// Revokes a token.
pub(crate) async fn revoke_token(
    State(site): State<Site>,
    Address(key): Address<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let me = posted.me;
    site.app.identity().revoke_token(&me.caller, key).await?;
    Ok(me.go(ADDRESS, Some(Flash::done("Token revoked."))))
}

async fn page(
    site: &Site,
    me: &Me,
    status: StatusCode,
    wrong: Option<(&str, String)>,
    token: Option<String>,
) -> Result<Response, Failure> {
    let user = site.app.get(&me.caller, "systemuser", me.caller.user, None).await?;
    let sessions = site.app.identity().sessions(&me.caller).await?;
    let tokens = site.app.identity().tokens(&me.caller).await?;
    let moment =
        |iso: &str| iso.parse::<jiff::Timestamp>().map_or_else(|_| iso.to_owned(), |moment| me.style.date_time(moment));
    let end = |moment: Option<jiff::Timestamp>| moment.map(|moment| me.style.date_time(moment)).unwrap_or_default();
    let text = |name: &str, label: &str, value: &str, help: &str| {
        let field = Field::new(
            name,
            label,
            Control::Text { value: value.to_owned(), max_length: Some(100), autocomplete: None },
        )
        .help(help);
        let error = wrong.as_ref().filter(|(column, _)| *column == name).map(|(_, message)| message.clone());
        Field { error, ..field }
    };
    let choice = |name: &str, label: &str, options: Vec<ChoiceOption>, help: &str| {
        let field = Field::new(name, label, Control::Choice { options }).help(help);
        let error = wrong.as_ref().filter(|(column, _)| *column == name).map(|(_, message)| message.clone());
        Field { error, searchable: true, ..field }
    };
    let secret = |name: &str, label: &str, kind: &str| {
        Field::new(name, label, Control::Password { autocomplete: kind.to_owned() }).required()
    };
    let zone = me.caller.time_zone.iana_name().unwrap_or("UTC");
    let content = html! {
        div.page-plain {
            header { h1 { "Personal settings" } p { (me.caller.name) " · " (me.caller.email) } }
            (card(me, "Time zone and language", ADDRESS, "Save", &[
                choice("timezone", "Time zone", zones(user.text("timezone"), zone), "In which moments are shown and typed."),
                choice("locale", "Language and region", languages(user.text("locale"), &me.caller.locale), "How numbers and dates are written."),
            ]))
            (card(me, "Password", "/settings/password", "Change password", &[
                secret("old", "Present password", "current-password"),
                secret("password", "New password", "new-password").help("At least 10 characters. You will be signed out everywhere else."),
                secret("repeated", "The new one again", "new-password"),
            ]))
            section.page-card {
                h2 { "Where you are signed in" }
                (PlainTable {
                    caption: "Sessions".to_owned(),
                    columns: columns(&["Browser", "Since", "Ends", "Command"]),
                    rows: sessions.iter().map(|session| vec![
                        html! { (browser_name(&session.agent)) },
                        html! { (moment(&session.began)) },
                        html! { (end(session.expires)) },
                        post("Sign out", format!("/settings/sessions/{}/end", session.key)),
                    ]).collect(),
                })
            }
            section.form-section {
                h2 { "API tokens" }
                p { "A program that works in your name signs in with a token. It is shown once, when it is made." }
                @if !tokens.is_empty() {
                    (PlainTable {
                        caption: "API tokens".to_owned(),
                        columns: columns(&["For", "Made", "Ends", "Command"]),
                        rows: tokens.iter().map(|token| vec![
                            html! { (token.name) },
                            html! { (moment(&token.created)) },
                            html! { (end(token.expires)) },
                            post("Revoke", format!("/settings/tokens/{}/end", token.key)),
                        ]).collect(),
                    })
                }
                form method="post" action="/settings/tokens" {
                    input type="hidden" name="csrf" value=(me.csrf);
                    div.form-grid.columns-2 {
                        (text("name", "What it is for", "", "Such as “reporting”.").required())
                        (Field::new("days", "Good for", Control::Decimal { value: "365".to_owned(), precision: 0, unit: Some("days".to_owned()) }).required())
                    }
                    div.page-commands { button.btn type="submit" { "Make token" } }
                }
            }
        }
        @if let Some(token) = token { (shown_once(&token)) }
    };
    let page = Page {
        title: "Personal settings".to_owned(),
        shell: me.shell(&site.app.model(), "settings"),
        layout: PageLayout::Scrolling,
        content,
    };
    if status == StatusCode::OK {
        return Ok(me.page(&site.app.model(), &page.title, page.layout, "settings", page.content));
    }
    Ok(html(status, page.render()))
}

/// The time zones to choose from; `now` is what the browser says.
fn zones(chosen: &str, now: &str) -> Vec<ChoiceOption> {
    let zones = locality::time_zones().into_iter().map(|zone| (zone.clone(), zone.replace('_', " ")));
    or_as_the_browser_says(zones, chosen, now)
}

/// The languages to choose from; `now` is what the browser says.
fn languages(chosen: &str, now: &str) -> Vec<ChoiceOption> {
    let languages = locality::languages().into_iter();
    let languages =
        languages.map(|language| (language.tag.to_owned(), format!("{} · {}", language.label, language.tag)));
    or_as_the_browser_says(languages, chosen, now)
}

fn or_as_the_browser_says(
    options: impl Iterator<Item = (String, String)>,
    chosen: &str,
    now: &str,
) -> Vec<ChoiceOption> {
    let browser = (String::new(), format!("As the browser says ({now} now)"));
    let option = |(value, label): (String, String)| ChoiceOption { chosen: value == chosen, value, label };
    let mut options: Vec<ChoiceOption> = [browser].into_iter().chain(options).map(option).collect();
    if !options.iter().any(|option| option.chosen) {
        // One that is not among those offered, but valid.
        options.push(ChoiceOption { value: chosen.to_owned(), label: chosen.to_owned(), chosen: true });
    }
    options
}

/// The new token, above the page.
fn shown_once(token: &str) -> Dialog {
    Dialog {
        id: "token".to_owned(),
        title: "Your new token".to_owned(),
        icon: "license".to_owned(),
        text: "Copy it now; it cannot be shown again.".to_owned(),
        body: html! { p { code { (token) } } },
        ..Dialog::default()
    }
}

fn card(me: &Me, title: &str, action: &str, submit: &str, fields: &[Field]) -> Markup {
    html! {
        section.form-section {
            h2 { (title) }
            form method="post" action=(action) {
                input type="hidden" name="csrf" value=(me.csrf);
                div.form-grid.columns-2 { @for field in fields { (field) } }
                div.page-commands { button.btn.btn-primary type="submit" { (submit) } }
            }
        }
    }
}

fn columns(labels: &[&str]) -> Vec<TableColumn> {
    labels.iter().map(|label| TableColumn { label: (*label).to_owned(), number: false }).collect()
}

fn post(label: &str, href: String) -> Markup {
    Command::new(label, "", Action::Post { href, confirm: None }).render()
}

/// The browser's name out of what it says about itself.
fn browser_name(agent: &str) -> String {
    let known =
        ["Edg", "OPR", "Firefox", "Chrome", "Safari"].into_iter().find(|name| agent.contains(&format!("{name}/")));
    let name = match known {
        Some("Edg") => "Edge",
        Some("OPR") => "Opera",
        Some(name) => name,
        None => return agent.chars().take(40).collect(),
    };
    let system =
        ["Windows", "Android", "iPhone", "iPad", "Mac OS", "Linux"].into_iter().find(|system| agent.contains(system));
    system.map_or_else(|| name.to_owned(), |system| format!("{name} on {system}"))
}
