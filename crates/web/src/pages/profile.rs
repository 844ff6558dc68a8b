//! Personal settings: how pages look on this device, where one begins, shortcuts, whether forms save
//! by themselves, time zone and locale.

use axum::{extract::State, http::StatusCode, response::Response};
use crm::{Origin, Row, locality};
use jiff::Timestamp;
use language::{Language, speak, tr};
use maud::{Markup, Render, html};
use model::Model;
use rust_decimal::Decimal;

use crate::{
    app::Site,
    components::{Action, Command, Control, Density, Field, Page, PageLayout, Theme, fields::ChoiceOption},
    failure::{Failure, sentence},
    flash::Flash,
    posted::Posted,
    respond::{html, set_cookie},
    session::Me,
    view::{navigation, tables},
};

const ADDRESS: &str = "/settings/profile";

/// The page.
pub(crate) async fn show(State(site): State<Site>, me: Me) -> Result<Response, Failure> {
    page(&site, &me, StatusCode::OK, None).await
}

/// Saves how pages look on this device: in cookies, so that the next page arrives that way, and a
/// phone may be dark while the desk is light.
pub(crate) async fn save_display(posted: Posted) -> Response {
    let Posted { me, typed } = posted;
    let theme = Theme::from_cookie(typed.text("theme"));
    let density = Density::from_cookie(typed.text("density"));
    let mut response = me.go(ADDRESS, Some(Flash::done(tr!("Settings saved."))));
    set_cookie(&mut response, &me.browser.look_cookie("theme", theme.name()));
    set_cookie(&mut response, &me.browser.look_cookie("density", density.name()));
    response
}

/// Saves what follows the person from device to device.
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
    let start = typed.text("homepage").trim();
    if !start.is_empty() && tables::named(&site.model(), &me.caller, start).is_err() {
        let message = tr!("There is no list “{}”. Choose one of those offered.", start);
        return page(&site, &me, StatusCode::UNPROCESSABLE_ENTITY, Some(("homepage", message))).await;
    }
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let mut changes =
        Row::new().with("timezone", text(zone)).with("locale", text(locale)).with("homepage", text(start));
    if let Some(language) = typed.get("uilanguageid") {
        changes.set("uilanguageid", language.parse::<i64>().ok());
    }
    if let Some(shortcuts) = typed.get("keyboardshortcuts") {
        changes.set("keyboardshortcuts", shortcuts == "true");
    }
    if let Some(autosave) = typed.get("isautosaveenabled") {
        changes.set("isautosaveenabled", autosave == "true");
    }
    match site.app.update(&me.caller, Origin::Page, "systemuser", me.caller.user, changes, None).await {
        Ok(_) => {
            speak(site.app.caller(me.caller.user).await?.as_browser_says("", &me.caller.locale).language());
            Ok(me.go(ADDRESS, Some(Flash::done(tr!("Settings saved.")))))
        }
        Err(error) => Ok(me.go(ADDRESS, Some(Flash::failed(Failure::from(error).text())))),
    }
}

async fn page(site: &Site, me: &Me, status: StatusCode, wrong: Option<(&str, String)>) -> Result<Response, Failure> {
    let user = site.app.get(&me.caller, "systemuser", me.caller.user, None).await?;
    let plain = |name: &str, label: &str, options: Vec<ChoiceOption>, help: &str| {
        let field = Field::new(name, label, Control::Choice { options }).help(help);
        let error = wrong.as_ref().filter(|(column, _)| *column == name).map(|(_, message)| message.clone());
        Field { error, ..field }
    };
    let choice = |name: &str, label: &str, options: Vec<ChoiceOption>, help: &str| Field {
        searchable: true,
        ..plain(name, label, options, help)
    };
    let zone = me.caller.time_zone.iana_name().unwrap_or("UTC");
    let model = site.model();
    let shortcuts = Field::new(
        "keyboardshortcuts",
        tr!("Keyboard shortcuts"),
        Control::Boolean {
            value: !me.caller.arrangement().without_shortcuts,
            yes: tr!("On"),
            no: tr!("Off"),
        },
    )
    .help(tr!("Single keys as commands, such as j, n or g l; press ? for all of them. Turn them off if you speak to your computer, or if they get in your way."));
    let content = html! {
        div.page-plain {
            header { h1 { (tr!("Personal settings")) } p { (me.caller.name) " · " (me.caller.email) } }
            div id="keyboard" { (card(me, &tr!("Yourself"), ADDRESS, &tr!("Save"), &[
                plain("homepage", &tr!("Start page"), start_pages(me, &model), &tr!("What opens when you sign in.")),
                shortcuts,
                autosave(me),
                choice("timezone", &tr!("Time zone"), zones(user.text("timezone"), zone), &tr!("In which moments are shown and typed.")),
                plain("uilanguageid", &tr!("Language"), page_languages(&user), &tr!("What these pages are written in.")),
                choice("locale", &tr!("Region"), languages(user.text("locale"), &me.caller.locale), &tr!("How numbers and dates are written: {}.", sample(me))),
            ])) }
            (card(me, &tr!("This device"), "/settings/display", &tr!("Save for this device"), &[
                plain("theme", &tr!("Theme"), themes(me.browser.theme), &tr!("Whether pages are light or dark here.")),
                plain("density", &tr!("Density"), densities(me.browser.density), &tr!("Compact shows more rows at once on wide screens.")),
            ]))
            (super::notifications::choice(me, &model))
            section.page-card {
                h2 { (tr!("Your sign-in")) }
                p { (tr!("Password, second factor, passkeys, where you are signed in, and tokens of programs that work in your name.")) }
                div.page-commands { (Command::new(tr!("Your sign-in"), "shield-lock", Action::Link("/settings/sign-in".to_owned()))) }
            }
        }
    };
    let page = Page {
        title: tr!("Personal settings"),
        shell: me.shell(&model, "settings"),
        layout: PageLayout::Scrolling,
        content,
    };
    if status == StatusCode::OK {
        return Ok(me.page(&model, &page.title, page.layout, "settings", page.content));
    }
    Ok(html(status, page.render()))
}

/// Whether forms save by themselves what this person types.
fn autosave(me: &Me) -> Field {
    let control = Control::Boolean { value: !me.caller.arrangement().without_autosave, yes: tr!("On"), no: tr!("Off") };
    let help = if me.caller.organization().saves_forms {
        tr!("What you type into the form of a record is saved half a minute later and when you leave. You can undo it.")
    } else {
        tr!("Your organisation has turned this off for everybody.")
    };
    Field::new("isautosaveenabled", tr!("Save forms by themselves"), control).help(help)
}

fn themes(now: Theme) -> Vec<ChoiceOption> {
    let offered = [(Theme::Auto, tr!("As on this device")), (Theme::Light, tr!("Light")), (Theme::Dark, tr!("Dark"))];
    offered.into_iter().map(|(theme, label)| option(theme.name(), &label, theme == now)).collect()
}

fn densities(now: Density) -> Vec<ChoiceOption> {
    let offered = [(Density::Comfortable, tr!("Comfortable")), (Density::Compact, tr!("Compact"))];
    offered.into_iter().map(|(density, label)| option(density.name(), &label, density == now)).collect()
}

/// "My day", and the lists in the order of the side bar.
fn start_pages(me: &Me, model: &Model) -> Vec<ChoiceOption> {
    let chosen = me.caller.arrangement().start_page.clone().unwrap_or_default();
    let lists = navigation::places(me, model, "").into_iter().flat_map(|group| group.items).filter_map(|place| {
        let set_name = place.href.trim_start_matches('/').to_owned();
        model.table_by_set(&set_name).map(|_| option(&set_name, &place.label, set_name == chosen))
    });
    std::iter::once(option("", &tr!("My day"), chosen.is_empty())).chain(lists).collect()
}

fn option(value: &str, label: &str, chosen: bool) -> ChoiceOption {
    ChoiceOption { value: value.to_owned(), label: label.to_owned(), chosen }
}

/// A number and a moment as the person reads them now.
fn sample(me: &Me) -> String {
    format!("{}, {}", me.style.number(Decimal::new(123_456_789, 2), 2), me.style.date_time(Timestamp::now()))
}

/// The time zones to choose from; `now` is what the browser says.
fn zones(chosen: &str, now: &str) -> Vec<ChoiceOption> {
    let zones = locality::time_zones().into_iter().map(|zone| (zone.clone(), zone.replace('_', " ")));
    or_as_the_browser_says(zones, chosen, now)
}

/// The languages that pages are written in, by their own names.
fn page_languages(user: &Row) -> Vec<ChoiceOption> {
    let chosen = user.value("uilanguageid").as_whole();
    let offered = Language::OFFERED.into_iter().map(|language| {
        let number = language.number();
        option(&number.to_string(), language.own_name(), chosen == Some(number.into()))
    });
    std::iter::once(option("", &tr!("As the region says"), chosen.is_none())).chain(offered).collect()
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
    let browser = (String::new(), tr!("As the browser says ({} now)", now));
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
