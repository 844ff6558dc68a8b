//! What stands on a timeline: to do, pinned, and the past by days.

use language::tr;
use maud::{Markup, Render, html};

use super::{FILTER, LIST, entry::TimelineEntry};
use crate::components::{EmptyState, icon};

/// The entries of one day.
#[derive(Debug, Clone, Default)]
pub struct TimelineDay {
    /// The day, such as `Yesterday`; empty where it goes on with that of the entries before.
    pub label: String,
    /// What happened, newest first.
    pub entries: Vec<TimelineEntry>,
}

/// What is still to be done.
#[derive(Debug, Clone, Default)]
pub struct TimelineToDo {
    /// What is overdue, then what comes next, then what has no date.
    pub entries: Vec<TimelineEntry>,
    /// Address of the next ones.
    pub more: Option<String>,
}

/// What stands on a timeline.
#[derive(Debug, Clone, Default)]
pub struct TimelineList {
    /// Where it is loaded again from.
    pub href: String,
    /// What stays at the top.
    pub pinned: Vec<TimelineEntry>,
    /// What is still to be done.
    pub to_do: TimelineToDo,
    /// What is past.
    pub days: Vec<TimelineDay>,
    /// Address of the next entries (a fragment made by [`TimelineList::further`]).
    pub more: Option<String>,
    /// What to know about what is shown, such as that related records were left out.
    pub note: Option<String>,
    /// Whether something was left out by what was chosen.
    pub narrowed: bool,
}

impl TimelineToDo {
    /// Further ones, to stand where the button was.
    pub fn further(&self) -> Markup {
        html! {
            @for entry in &self.entries { (entry) }
            @if let Some(more) = &self.more {
                li.timeline-more {
                    button.btn.btn-sm type="button" hx-get=(more) hx-target="closest li" hx-swap="outerHTML" { (tr!("Show more to do")) }
                }
            }
        }
    }
}

impl TimelineList {
    /// Further entries, to stand where the button was. They come by themselves when it is scrolled
    /// to; the button is for whoever uses the keyboard.
    pub fn further(&self) -> Markup {
        html! {
            @for day in &self.days {
                section.timeline-day {
                    @if !day.label.is_empty() { h3 { (day.label) } }
                    ol { @for entry in &day.entries { (entry) } }
                }
            }
            @if let Some(more) = &self.more {
                div.timeline-more hx-get=(more) hx-trigger="intersect once, click" hx-swap="outerHTML" {
                    button.btn.btn-sm type="button" { (tr!("Show older entries")) }
                }
            }
        }
    }

    fn is_empty(&self) -> bool {
        self.pinned.is_empty() && self.to_do.entries.is_empty() && self.days.is_empty()
    }

    fn nothing(&self) -> EmptyState {
        if self.narrowed {
            return EmptyState {
                icon: "filter".to_owned(),
                title: tr!("Nothing matches"),
                text: tr!("Choose less in the filter, or clear it, to see more of this timeline."),
                commands: Vec::new(),
            };
        }
        EmptyState {
            icon: "timeline".to_owned(),
            title: tr!("Nothing yet"),
            text: tr!("Notes, calls, e-mails, meetings and tasks about this record appear here."),
            commands: Vec::new(),
        }
    }
}

impl Render for TimelineList {
    fn render(&self) -> Markup {
        html! {
            div.timeline-list id=(LIST) hx-get=(self.href) hx-trigger="timeline-changed from:body, live-changed" hx-sync="this:replace" hx-disinherit="hx-sync" hx-include={ "#" (FILTER) }
                hx-swap="outerHTML" {
                @if let Some(note) = &self.note { p.timeline-note { (icon("info-circle")) span { (note) } } }
                @if self.is_empty() { (self.nothing()) }
                @if !self.pinned.is_empty() {
                    section.timeline-block {
                        h3 { (icon("pin")) (tr!("Pinned")) }
                        ol { @for entry in &self.pinned { (entry) } }
                    }
                }
                @if !self.to_do.entries.is_empty() {
                    section.timeline-block {
                        h3 { (icon("checklist")) (tr!("To do")) }
                        ol { (self.to_do.further()) }
                    }
                }
                (self.further())
            }
        }
    }
}
