//! What a person was told: beneath the bell and on a page of its own.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use crm::{Origin, Row, notifications::Kind};
use language::tr;
use maud::{Markup, Render, html};
use model::{Model, Value};
use uuid::Uuid;

use crate::{
    address::Address,
    app::Site,
    components::{
        EmptyState, PageLayout, icon,
        notifications::{Bell, BellPanel, PANEL},
    },
    failure::Failure,
    flash::Flash,
    posted::{Posted, Typed},
    respond::fragment,
    session::Me,
    view::notifications as view,
};

/// The page.
pub(crate) const ADDRESS: &str = "/notifications";
/// Lines that come at once beneath the bell, and on the page.
const IN_PANEL: u32 = 20;
const ON_PAGE: u32 = 50;
/// Told one by one at the edge of the page; more are told as several.
const APPEARING: u32 = 5;
/// The personal settings, where kinds are chosen.
const SETTINGS: &str = "/settings/profile";
const MUTED: &str = "mutednotifications";

/// All of them, by days; with `unread`, what was not seen yet.
pub(crate) async fn show(State(site): State<Site>, me: Me, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let asked = Typed::parse(&query.unwrap_or_default());
    let unread_only = asked.has("unread");
    let behind = asked.get("behind").map(str::to_owned);
    let inbox = site.app.notifications().page(&me.caller, unread_only, behind, ON_PAGE).await?;
    let list = view::list(&me, &inbox, ADDRESS, unread_only, asked.text("day").parse().ok());
    if me.browser.htmx && asked.has("behind") {
        return Ok(fragment(list));
    }
    let model = site.model();
    let content = html! {
        div.page-plain {
            header {
                h1 { (tr!("Notifications")) }
                p { (tr!("What others did that concerns you. Only you see this list; what was read goes after 30 days.")) }
            }
            section.page-card.notification-page {
                div.notification-bar {
                    nav aria-label=(tr!("Which notifications")) {
                        (tab(ADDRESS, &tr!("All"), !unread_only))
                        (tab("/notifications?unread=1", &tr!("Unread"), unread_only))
                    }
                    a.btn.btn-sm href={ (SETTINGS) "#notifications" } { (icon("settings")) span { (tr!("Choose what you are told")) } }
                    form method="post" action="/notifications/read" {
                        input type="hidden" name="csrf" value=(me.csrf);
                        button.btn.btn-sm type="submit" { (icon("checks")) span { (tr!("Mark all read")) } }
                    }
                }
                @if list.days.is_empty() { (nothing(unread_only)) }
                (list)
            }
        }
    };
    Ok(me.page(&model, &tr!("Notifications"), PageLayout::Scrolling, "notifications", content.render()))
}

fn tab(href: &str, label: &str, is_here: bool) -> Markup {
    html! { a.notification-tab href=(href) aria-current=[is_here.then_some("page")] { (label) } }
}

fn nothing(unread_only: bool) -> EmptyState {
    let (title, text) = if unread_only {
        (tr!("You have read everything"), tr!("What comes next stands here until you open it or mark it as read."))
    } else {
        (
            tr!("Nothing yet"),
            tr!(
                "You are told here when somebody mentions you with @, answers your post, gives or shares a record with you, or changes one you follow."
            ),
        )
    };
    EmptyState { icon: "bell".to_owned(), title, text, ..EmptyState::default() }
}

/// What opens beneath the bell.
pub(crate) async fn panel(State(site): State<Site>, me: Me, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let asked = Typed::parse(&query.unwrap_or_default());
    if let Some(behind) = asked.get("behind") {
        let inbox = site.app.notifications().page(&me.caller, false, Some(behind.to_owned()), IN_PANEL).await?;
        return Ok(fragment(view::list(&me, &inbox, "/notifications/panel", false, asked.text("day").parse().ok())));
    }
    Ok(fragment(panel_of(&site, &me).await?))
}

async fn panel_of(site: &Site, me: &Me) -> Result<Markup, Failure> {
    let inbox = site.app.notifications().page(&me.caller, false, None, IN_PANEL).await?;
    let count = view::count(site.app.notifications().unread(&me.caller).await?);
    let list = view::list(me, &inbox, "/notifications/panel", false, None);
    Ok(html! { (BellPanel { list, count }) (count.again()) })
}

/// What came since the page stands: the count, and with it what flies in, unless nobody looks.
pub(crate) async fn news(State(site): State<Site>, me: Me, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let asked = Typed::parse(&query.unwrap_or_default());
    let since = asked.text("since").parse().map_err(|_| Failure::Bad(tr!("“since” is not a place in the history")))?;
    let notifications = site.app.notifications();
    let count = view::count(notifications.unread(&me.caller).await?);
    let fresh = notifications.since(&me.caller, since, APPEARING).await?;
    let toast = if asked.has("quiet") { None } else { view::toast(&fresh) };
    // What was read here may be further than what the page is sure of: it is told once.
    let told = fresh.notifications.iter().map(|one| one.sequence).max().unwrap_or_default();
    let bell = Bell { count, since: me.since.sequence.max(since).max(told) };
    Ok(fragment(html! {
        (bell.news())
        (count.again())
        @if let Some(toast) = toast { div hx-swap-oob="beforeend:#toasts" { (toast) } }
    }))
}

/// Opens what one of them is about, which counts as seen then.
pub(crate) async fn open(State(site): State<Site>, me: Me, Address(id): Address<Uuid>) -> Result<Response, Failure> {
    let told = site.app.notifications().open(&me.caller, id).await?;
    let href = told.target.and_then(|target| view::href(&me, &site.model(), &target));
    Ok(me.go(href.as_deref().unwrap_or(ADDRESS), None))
}

/// Marks one as read, or as unread again.
pub(crate) async fn mark(
    State(site): State<Site>,
    Address(id): Address<Uuid>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let notifications = site.app.notifications();
    notifications.mark_one(&me.caller, id, typed.text("read") == "true").await?;
    if !me.browser.htmx {
        return Ok(me.go(me.browser.page.as_deref().unwrap_or(ADDRESS), None));
    }
    let now = notifications.one(&me.caller, id).await?;
    let count = view::count(notifications.unread(&me.caller).await?);
    Ok(fragment(html! { (view::item(&me, &now).markup(&me.csrf)) (count.again()) }))
}

/// Marks all as read.
pub(crate) async fn mark_all(State(site): State<Site>, posted: Posted) -> Result<Response, Failure> {
    let me = posted.me;
    let marked = site.app.notifications().mark_all_read(&me.caller).await?;
    if me.browser.target.as_deref() == Some(PANEL) {
        return Ok(fragment(panel_of(&site, &me).await?));
    }
    let words = match marked {
        0 => tr!("There was nothing unread."),
        many => tr!("One notification marked as read." | "{n} notifications marked as read." % many),
    };
    Ok(me.go(ADDRESS, Some(Flash::done(words))))
}

/// The card of the personal settings in which kinds are chosen.
pub(crate) fn choice(me: &Me, model: &Model) -> Markup {
    let options = model.table("systemuser").and_then(|table| table.column(MUTED)).map(model::Column::options);
    html! {
        section.form-section id="notifications" {
            h2 { (tr!("Notifications")) }
            form method="post" action="/settings/notifications" {
                input type="hidden" name="csrf" value=(me.csrf);
                fieldset.notification-kinds {
                    legend { (tr!("The bell tells me of")) }
                    @for option in options.unwrap_or_default() {
                        @let is_on = Kind::of(i64::from(option.value)).is_some_and(|kind| !me.caller.arrangement().is_muted(kind));
                        label.form-check {
                            input.form-check-input type="checkbox" name="kind" value=(option.value) checked[is_on];
                            span.form-check-label { (option.label) }
                        }
                    }
                }
                div.page-commands { button.btn.btn-primary type="submit" { (tr!("Save notifications")) } }
            }
        }
    }
}

/// Keeps of which kinds the person is told.
pub(crate) async fn choose(State(site): State<Site>, posted: Posted) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let wanted: Vec<i32> = typed.all("kind").filter_map(|kind| kind.parse().ok()).collect();
    let model = site.model();
    let column = model.table("systemuser").and_then(|table| table.column(MUTED)).ok_or(Failure::NoPage)?;
    let muted: Vec<i32> =
        column.options().iter().map(|option| option.value).filter(|kind| !wanted.contains(kind)).collect();
    let muted = if muted.is_empty() { Value::Null } else { Value::Choices(muted) };
    let changes = Row::new().with(MUTED, muted);
    site.app.update(&me.caller, Origin::Page, "systemuser", me.caller.user, changes, None).await?;
    Ok(me.go(SETTINGS, Some(Flash::done(tr!("Settings saved.")))))
}
