//! The bell, and what it tells of.

use language::tr;
use maud::{Markup, Render, html};

use super::{Moment, avatar, icon};

/// Element ids by which the parts know each other.
const BELL: &str = "bell";
pub(crate) const PANEL: &str = "bell-panel";
const COUNT: &str = "bell-count";
const NEWS: &str = "bell-news";
/// The table whose news make the bell look again.
const TABLE: &str = "appnotification";

/// How much a person has not seen yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BellCount {
    /// So many.
    pub count: usize,
    /// And more.
    pub more: bool,
}

/// The bell in the top bar.
#[derive(Debug, Clone, Default)]
pub struct Bell {
    /// How much was not seen yet.
    pub count: BellCount,
    /// Place in the change feed up to where this is known.
    pub since: u64,
}

/// One thing that a person was told.
#[derive(Debug, Clone, Default)]
pub struct NotificationItem {
    /// Its key.
    pub id: String,
    /// What happened.
    pub title: String,
    /// The record's name.
    pub record: Option<String>,
    /// What was written.
    pub words: String,
    /// Who did it; the icon stands in their place where it was nobody.
    pub by: Option<String>,
    /// Icon of what happened.
    pub icon: String,
    /// How many changes it tells of beside the last one.
    pub others: i64,
    /// Whether it was not seen yet.
    pub is_unread: bool,
    /// When.
    pub when: Moment,
    /// Whether it leads somewhere.
    pub leads: bool,
}

/// What a person was told on one day.
#[derive(Debug, Clone, Default)]
pub struct NotificationDay {
    /// Which; empty where the list goes on within a day.
    pub label: String,
    /// The newest first.
    pub items: Vec<NotificationItem>,
}

/// What a person was told, by days.
#[derive(Debug, Clone, Default)]
pub struct NotificationList {
    /// The days, the latest first.
    pub days: Vec<NotificationDay>,
    /// Address of what came before.
    pub older: Option<String>,
    /// The session's token against forged requests.
    pub csrf: String,
    /// It stands on a page of its own, so that days come second among its headings.
    pub on_page: bool,
}

/// What opens beneath the bell.
#[derive(Debug, Clone, Default)]
pub struct BellPanel {
    /// The latest.
    pub list: NotificationList,
    /// How much was not seen yet.
    pub count: BellCount,
}

impl BellCount {
    /// On the bell; nothing where everything was seen.
    fn mark(self, again: bool) -> Markup {
        let text = if self.more || self.count > 99 { "99+".to_owned() } else { self.count.to_string() };
        html! {
            span id=(COUNT) hx-swap-oob=[again.then_some("true")] {
                @if self.count > 0 {
                    span.bell-count aria-hidden="true" { (text) }
                    span.visually-hidden { ", " (tr!("{} unread", text)) }
                }
            }
        }
    }

    /// In place of what stands on the bell.
    pub fn again(self) -> Markup {
        self.mark(true)
    }
}

impl Bell {
    /// Asks again when the person is told something, and brings what is new.
    pub fn news(&self) -> Markup {
        html! {
            div id=(NEWS) hidden data-live-refresh=(TABLE) hx-get={ "/notifications/news?since=" (self.since) }
                hx-trigger="live-changed" hx-swap="outerHTML" {}
        }
    }
}

impl Render for Bell {
    fn render(&self) -> Markup {
        html! {
            div.dropdown.top-bell data-bell {
                button.btn-icon type="button" id=(BELL) data-bs-toggle="dropdown" data-bs-auto-close="outside" aria-expanded="false"
                    aria-controls=(PANEL) title=(tr!("Notifications (B)")) hx-get="/notifications/panel" hx-trigger="show.bs.dropdown"
                    hx-target={ "#" (PANEL) } hx-swap="innerHTML" {
                    (icon("bell")) span.visually-hidden { (tr!("Notifications")) } (self.count.mark(false))
                }
                section.dropdown-menu.dropdown-menu-end.bell-panel id=(PANEL) aria-label=(tr!("Notifications")) {
                    p.bell-wait { (tr!("One moment…")) }
                }
                (self.news())
            }
        }
    }
}

impl NotificationItem {
    fn element_id(&self) -> String {
        format!("notification-{}", self.id)
    }

    /// The line.
    pub fn markup(&self, csrf: &str) -> Markup {
        let href = format!("/notifications/{}", self.id);
        let read = format!("{href}/read");
        let verb = if self.is_unread { tr!("Mark as read") } else { tr!("Mark as unread") };
        html! {
            li.notification .is-unread[self.is_unread] id=(self.element_id()) {
                @match &self.by {
                    Some(name) => (avatar(name)),
                    None => span.notification-icon { (icon(&self.icon)) },
                }
                div.notification-text {
                    @if self.is_unread { span.visually-hidden { (tr!("Unread:")) " " } }
                    @if self.leads { a.notification-title href=(href) { (self.title) } } @else { strong.notification-title { (self.title) } }
                    @if let Some(record) = &self.record { span.notification-record { (record) } }
                    @if !self.words.is_empty() { span.notification-words { (self.words) } }
                    span.notification-facts {
                        (self.when)
                        @match self.others {
                            0 => {}
                            others => span { (tr!("and one change before" | "and {n} changes before" % others)) },
                        }
                    }
                }
                form method="post" action=(read) hx-post=(read) hx-target={ "#" (self.element_id()) } hx-swap="outerHTML" {
                    input type="hidden" name="csrf" value=(csrf);
                    input type="hidden" name="read" value=(self.is_unread);
                    button.notification-dot type="submit" title=(verb) { span.visually-hidden { (verb) ": " (self.title) } }
                }
            }
        }
    }
}

impl Render for NotificationList {
    fn render(&self) -> Markup {
        html! {
            @for day in &self.days {
                @match (day.label.is_empty(), self.on_page) {
                    (true, _) => {}
                    (false, true) => h2.notification-day { (day.label) },
                    (false, false) => h3.notification-day { (day.label) },
                }
                ul.notifications { @for item in &day.items { (item.markup(&self.csrf)) } }
            }
            @if let Some(older) = &self.older {
                div.notification-older {
                    a href=(older) hx-get=(older) hx-trigger="intersect once, click" hx-target="closest .notification-older" hx-swap="outerHTML" { (tr!("Show older")) }
                }
            }
        }
    }
}

impl Render for BellPanel {
    fn render(&self) -> Markup {
        html! {
            header {
                h2 { (tr!("Notifications")) }
                @if self.count.count > 0 {
                    form method="post" action="/notifications/read" hx-post="/notifications/read" hx-target={ "#" (PANEL) } hx-swap="innerHTML" {
                        input type="hidden" name="csrf" value=(self.list.csrf);
                        button.btn.btn-sm type="submit" { (icon("checks")) span { (tr!("Mark all read")) } }
                    }
                }
                a.btn-icon href="/settings/profile#notifications" aria-label=(tr!("Choose what you are told")) title=(tr!("Choose what you are told")) { (icon("settings")) }
            }
            div.bell-list tabindex="0" role="region" aria-label=(tr!("What is new")) data-live-refresh=(TABLE)
                hx-get="/notifications/panel" hx-trigger="live-changed" hx-target={ "#" (PANEL) } hx-swap="innerHTML" {
                @if self.list.days.is_empty() {
                    p.bell-empty {
                        (icon("bell")) (tr!("Nothing yet. When somebody mentions you, gives you a record or changes one you follow, it stands here."))
                    }
                }
                (self.list)
            }
            footer { a href="/notifications" { (tr!("All notifications")) } }
        }
    }
}
