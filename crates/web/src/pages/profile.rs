//! Personal settings: time zone and locale.

use axum::{extract::State, http::StatusCode, response::Response};
use crm::{Origin, Row, locality};
use maud::{Markup, Render, html};

use crate::{
    app::Site,
    components::{Action, Command, Control, Field, Page, PageLayout, fields::ChoiceOption},
    failure::{Failure, sentence},
    flash::Flash,
    posted::Posted,
    respond::html,
    session::Me,
};

const ADDRESS: &str = "/settings/profile";

/// The page.
pub(crate) async fn show(State(site): State<Site>, me: Me) -> Result<Response, Failure> {
    page(&site, &me, StatusCode::OK, None).await
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
        return page(&site, &me, StatusCode::UNPROCESSABLE_ENTITY, Some((column, sentence(&message)))).await;
    }
    let changes = Row::new()
        .with("timezone", Some(zone.to_owned()).filter(|text| !text.is_empty()))
        .with("locale", Some(locale.to_owned()).filter(|text| !text.is_empty()));
    match site.app.update(&me.caller, Origin::Page, "systemuser", me.caller.user, changes, None).await {
        Ok(_) => Ok(me.go(ADDRESS, Some(Flash::done("Settings saved.")))),
        Err(error) => Ok(me.go(ADDRESS, Some(Flash::failed(Failure::from(error).text())))),
    }
}

async fn page(site: &Site, me: &Me, status: StatusCode, wrong: Option<(&str, String)>) -> Result<Response, Failure> {
    let user = site.app.get(&me.caller, "systemuser", me.caller.user, None).await?;
    let choice = |name: &str, label: &str, options: Vec<ChoiceOption>, help: &str| {
        let field = Field::new(name, label, Control::Choice { options }).help(help);
        let error = wrong.as_ref().filter(|(column, _)| *column == name).map(|(_, message)| message.clone());
        Field { error, searchable: true, ..field }
    };
    let zone = me.caller.time_zone.iana_name().unwrap_or("UTC");
    let content = html! {
        div.page-plain {
            header { h1 { "Personal settings" } p { (me.caller.name) " · " (me.caller.email) } }
            (card(me, "Time zone and language", ADDRESS, "Save", &[
                choice("timezone", "Time zone", zones(user.text("timezone"), zone), "In which moments are shown and typed."),
                choice("locale", "Language and region", languages(user.text("locale"), &me.caller.locale), "How numbers and dates are written."),
            ]))
            section.page-card {
                h2 { "Your sign-in" }
                p { "Password, second factor, passkeys, where you are signed in, and tokens of programs that work in your name." }
                div.page-commands { (Command::new("Your sign-in", "shield-lock", Action::Link("/settings/sign-in".to_owned()))) }
            }
        }
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
