//! One thing that happened or is to be done.

use language::tr;
use maud::{Markup, PreEscaped, Render, html};

use crate::components::{Badge, Moment, Tone, fields::StoredFile, icon};

/// Longest text that is shown whole, in characters and in lines.
const LONGEST: (usize, usize) = (420, 8);

/// Words of an entry.
#[derive(Debug, Clone, Default)]
pub enum TimelineText {
    /// None.
    #[default]
    None,
    /// As typed.
    Plain(String),
    /// With its formatting, which must be clean, and the same as words only, by which its length is
    /// measured.
    Formatted {
        /// The words with their formatting.
        html: Markup,
        /// The words alone.
        words: String,
    },
}

/// Something to do with an entry.
#[derive(Debug, Clone)]
pub struct EntryAction {
    /// The verb.
    pub label: String,
    /// Icon before it.
    pub icon: String,
    /// What happens.
    pub act: EntryAct,
}

/// What happens when an action is chosen.
#[derive(Debug, Clone)]
pub enum EntryAct {
    /// Posts to an address.
    Post(String),
    /// Opens a dialog.
    Dialog(String),
    /// Puts a form in the entry's place.
    Form(String),
    /// Puts a form under the entry.
    Below(String),
    /// Goes to a page.
    Link(String),
    /// Posts to an address what destroys something.
    Destroy(String),
}

/// An answer to a post.
#[derive(Debug, Clone, Default)]
pub struct TimelineReply {
    /// Who wrote it.
    pub who: String,
    /// When.
    pub when: Moment,
    /// Its text.
    pub text: TimelineText,
    /// Address that deletes it, where the reader may.
    pub deletion: Option<String>,
}

/// One thing that happened or is planned.
#[derive(Debug, Clone, Default)]
pub struct TimelineEntry {
    /// Element id.
    pub id: String,
    /// Which note, post or activity it is, as `TABLE:ID`; empty for what the history tells.
    pub row: String,
    /// Icon of its kind.
    pub icon: String,
    /// Colour of its kind.
    pub tone: Tone,
    /// What kind of thing it is, such as `Phone Call`; read to whoever does not see the icon.
    pub kind: String,
    /// What, such as the subject.
    pub title: String,
    /// Its page.
    pub href: Option<String>,
    /// Who did it.
    pub who: String,
    /// When.
    pub when: Moment,
    /// What else is to be said in a few words: a number, a place.
    pub facts: Vec<String>,
    /// The other record it is about: name, page, icon.
    pub about: Option<(String, Option<String>, String)>,
    /// Whether it is open, overdue, done.
    pub badge: Option<Badge>,
    /// Whether it is new since the reader was here before.
    pub is_new: bool,
    /// Its text.
    pub text: TimelineText,
    /// A picture to show of it: address and words for it.
    pub picture: Option<(String, String)>,
    /// Its file.
    pub file: Option<StoredFile>,
    /// Whether it is still to be done; what has happened is drawn with a full mark.
    pub planned: bool,
    /// What most people want to do with it.
    pub first: Option<EntryAction>,
    /// What else can be done with it.
    pub actions: Vec<EntryAction>,
    /// Answers, the oldest first.
    pub replies: Vec<TimelineReply>,
}

impl EntryAction {
    /// An action with its word and icon.
    pub fn new(label: impl Into<String>, icon: &str, act: EntryAct) -> Self {
        Self { label: label.into(), icon: icon.to_owned(), act }
    }

    /// The action as a button or link; `of` tells whoever hears it what it is about, where that is
    /// not clear from where it stands.
    fn element(&self, class: &str, of: Option<&str>) -> Markup {
        let face = html! {
            (icon(&self.icon)) span { (self.label) @if let Some(of) = of { span.visually-hidden { ": " (of) } } }
        };
        match &self.act {
            EntryAct::Post(href) => {
                html! { button type="button" class=(class) hx-post=(href) hx-swap="none" hx-disabled-elt="this" { (face) } }
            }
            EntryAct::Destroy(href) => {
                html! { button type="button" class={ (class) " text-danger" } hx-post=(href) hx-swap="none" hx-disabled-elt="this" { (face) } }
            }
            EntryAct::Dialog(href) => html! {
                button type="button" class=(class) hx-get=(href) hx-target="#dialogs" hx-swap="innerHTML" aria-haspopup="dialog" { (face) }
            },
            EntryAct::Form(href) => html! {
                button type="button" class=(class) hx-get=(href) hx-target="closest .timeline-entry" hx-swap="innerHTML" { (face) }
            },
            EntryAct::Below(href) => html! {
                button type="button" class=(class) hx-get=(href) hx-target="next .timeline-below" hx-swap="innerHTML" data-compose { (face) }
            },
            EntryAct::Link(href) => html! { a class=(class) href=(href) { (face) } },
        }
    }
}

impl TimelineText {
    fn is_long(words: &str) -> bool {
        words.chars().count() > LONGEST.0 || words.lines().count() > LONGEST.1
    }
}

impl Render for TimelineText {
    /// A long text is cut, with a way to the rest.
    fn render(&self) -> Markup {
        let (body, long) = match self {
            Self::None => return html! {},
            Self::Plain(words) => {
                (html! { p.timeline-body .is-clipped[Self::is_long(words)] { (words) } }, Self::is_long(words))
            }
            Self::Formatted { html: PreEscaped(formatted), words } => {
                let long = Self::is_long(words);
                (html! { div.timeline-body.is-formatted .is-clipped[long] { (PreEscaped(formatted)) } }, long)
            }
        };
        html! {
            (body)
            @if long { button.timeline-unclip type="button" data-unclip aria-expanded="false" { (tr!("Show more")) } }
        }
    }
}

impl TimelineEntry {
    fn menu(&self) -> Markup {
        html! {
            @if !self.actions.is_empty() {
                div.dropdown.timeline-menu {
                    button.btn-icon type="button" data-bs-toggle="dropdown" aria-expanded="false" id={ (self.id) "-menu" }
                        aria-label=(tr!("More for {}", self.title)) title=(tr!("More")) { (icon("dots")) }
                    div.dropdown-menu.dropdown-menu-end { @for action in &self.actions { (action.element("dropdown-item", None)) } }
                }
            }
        }
    }

    fn facts(&self) -> Markup {
        html! {
            div.timeline-facts {
                @if !self.who.is_empty() { span { (self.who) } }
                (self.when)
                @for fact in &self.facts { span.timeline-fact { (fact) } }
                @if let Some((name, href, glyph)) = &self.about {
                    span.timeline-about {
                        (icon(glyph))
                        @match href { Some(href) => a href=(href) { (name) }, None => (name) }
                    }
                }
            }
        }
    }
}

impl Render for TimelineReply {
    fn render(&self) -> Markup {
        html! {
            li.timeline-reply {
                div.timeline-facts {
                    span { (self.who) } (self.when)
                    @if let Some(href) = &self.deletion {
                        button.timeline-small type="button" hx-post=(href) hx-swap="none" { (tr!("Delete")) }
                    }
                }
                (self.text)
            }
        }
    }
}

impl Render for TimelineEntry {
    fn render(&self) -> Markup {
        html! {
            li.timeline-item id=(self.id) data-entry=(self.row) {
                span class={ "timeline-mark " (self.tone.class()) @if self.planned { " is-planned" } } { (icon(&self.icon)) }
                div.timeline-entry {
                    div.timeline-title {
                        span.timeline-name {
                            @if !self.kind.is_empty() { span.visually-hidden { (self.kind) ": " } }
                            @match &self.href {
                                Some(href) => a href=(href) { (self.title) },
                                None => strong { (self.title) },
                            }
                        }
                        @if self.is_new { span.timeline-new { (tr!("New")) } }
                        @if let Some(badge) = &self.badge { (badge) }
                        (self.menu())
                    }
                    (self.facts())
                    (self.text)
                    @if let Some((href, words)) = &self.picture {
                        a.timeline-picture href=(href) target="_blank" rel="noopener" { img src=(href) alt=(words) loading="lazy"; }
                    }
                    @if let Some(file) = &self.file {
                        a.timeline-file href=(file.href) download { (icon("paperclip")) span { (file.name) } span.file-size { (file.size) } }
                    }
                    @if !self.replies.is_empty() { ol.timeline-replies aria-label=(tr!("Replies")) { @for reply in &self.replies { (reply) } } }
                    @if let Some(first) = &self.first { (first.element("btn btn-sm timeline-first", Some(&self.title))) }
                    @if matches!(self.first.as_ref().map(|first| &first.act), Some(EntryAct::Below(_))) { div.timeline-below {} }
                }
            }
        }
    }
}
