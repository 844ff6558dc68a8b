//! What happened around a record, newest first.

use maud::{Markup, Render, html};

use super::badge::{Badge, Tone};
use super::command::Command;
use super::empty_state::EmptyState;
use super::fields::StoredFile;
use super::icon::icon;
use super::moment::Moment;

/// One thing that happened or is planned.
#[derive(Debug, Clone, Default)]
pub struct TimelineEntry {
    /// Which note or activity, as `TABLE:ID`.
    pub id: String,
    /// Icon of its kind.
    pub icon: String,
    /// Colour of its kind.
    pub tone: Tone,
    /// What, such as the subject.
    pub title: String,
    /// Its page or dialog.
    pub href: Option<String>,
    /// Who did it.
    pub who: String,
    /// When.
    pub when: Moment,
    /// Whether it is open, overdue, done.
    pub badge: Option<Badge>,
    /// Its text, as typed.
    pub body: Option<String>,
    /// Its file.
    pub file: Option<StoredFile>,
    /// Whether it is still to be done; what has happened is drawn with a full mark.
    pub planned: bool,
}

/// Longest text that is shown whole, in characters and in lines.
const LONGEST: (usize, usize) = (420, 8);

/// What happened around a record.
#[derive(Debug, Clone, Default)]
pub struct Timeline {
    /// What can be added.
    pub compose: Vec<Command>,
    /// What happened, newest first.
    pub entries: Vec<TimelineEntry>,
    /// Address of the next entries (a fragment made by [`Timeline::more_entries`]).
    pub more: Option<String>,
    /// Whose timeline it is, as `TABLE:ID`, and the address of its newest entries, so that new ones
    /// appear while it is open.
    pub live: Option<(String, String)>,
}

impl Timeline {
    /// Further entries, to stand where the "Show more" button was.
    pub fn more_entries(&self) -> Markup {
        html! {
            @for entry in &self.entries { (item(entry)) }
            @if let Some(more) = &self.more {
                li.timeline-more {
                    button.btn.btn-sm type="button" hx-get=(more) hx-target="closest li" hx-swap="outerHTML" { "Show more" }
                }
            }
        }
    }
}

impl Render for Timeline {
    fn render(&self) -> Markup {
        html! {
            section.timeline aria-label="Timeline" data-live-about=[self.live.as_ref().map(|(record, _)| record)]
                data-live-entries=[self.live.as_ref().map(|(_, href)| href)] {
                header {
                    h2 { "Timeline" }
                    div.timeline-compose { @for command in &self.compose { (command) } }
                }
                @if self.entries.is_empty() {
                    (EmptyState {
                        icon: "timeline".to_owned(),
                        title: "Nothing yet".to_owned(),
                        text: "Notes, calls, e-mails, meetings and tasks about this record appear here.".to_owned(),
                        commands: Vec::new(),
                    })
                } @else {
                    ol { (self.more_entries()) }
                }
            }
        }
    }
}

/// A long text is cut, with a way to the rest.
fn text(body: &str) -> Markup {
    let long = body.chars().count() > LONGEST.0 || body.lines().count() > LONGEST.1;
    html! {
        p.timeline-body .is-clipped[long] { (body) }
        @if long { button.timeline-unclip type="button" data-unclip aria-expanded="false" { "Show more" } }
    }
}

fn item(entry: &TimelineEntry) -> Markup {
    html! {
        li data-entry=(entry.id) {
            span class={ "timeline-mark " (entry.tone.class()) } .is-planned[entry.planned] { (icon(&entry.icon)) }
            div.timeline-entry {
                div.timeline-title {
                    @match &entry.href {
                        Some(href) => a href=(href) { (entry.title) },
                        None => strong { (entry.title) },
                    }
                    @if let Some(badge) = &entry.badge { (badge) }
                }
                div.timeline-facts { span { (entry.who) } (entry.when) }
                @if let Some(body) = &entry.body { (text(body)) }
                @if let Some(file) = &entry.file {
                    a.timeline-file href=(file.href) download { (icon("paperclip")) span { (file.name) } span.file-size { (file.size) } }
                }
            }
        }
    }
}
