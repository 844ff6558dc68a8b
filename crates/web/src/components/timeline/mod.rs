//! What happened around a record and what is to be done, newest first, with the ways to add to it.

mod composer;
mod entry;
mod filter;
mod list;

pub use composer::{Composer, Dialling, Number};
pub use entry::{EntryAct, EntryAction, TimelineEntry, TimelineReply, TimelineText};
pub use filter::{FilterChoice, FilterGroup, TimelineFilter};
pub use list::{TimelineDay, TimelineList, TimelineToDo};

use language::tr;
use maud::{Markup, Render, html};

use super::icon::icon;

/// Element ids that the parts of a timeline know each other by.
pub(crate) const LIST: &str = "timeline-list";
pub(crate) const COMPOSER: &str = "timeline-composer";
pub(crate) const FILTER: &str = "timeline-filter";

/// Something that can be added to a timeline.
#[derive(Debug, Clone, Default)]
pub struct Compose {
    /// The word, such as `Phone Call`.
    pub label: String,
    /// Icon before it.
    pub icon: String,
    /// Address of its [`Composer`].
    pub href: String,
}

/// A record's timeline.
#[derive(Debug, Clone, Default)]
pub struct Timeline {
    /// What can be added.
    pub compose: Vec<Compose>,
    /// What is to be seen of it.
    pub filter: TimelineFilter,
    /// What stands on it.
    pub list: TimelineList,
    /// Address that is told when somebody looks at it.
    pub visit: Option<String>,
    /// Whose timeline it is, as `TABLE:ID`, so that what others add appears while it is open.
    pub record: String,
}

impl Render for Timeline {
    fn render(&self) -> Markup {
        html! {
            section.timeline id="timeline" aria-labelledby="timeline-heading" data-live-about=(self.record) {
                header.timeline-head {
                    h2 id="timeline-heading" tabindex="-1" { (tr!("Timeline")) }
                    @if !self.compose.is_empty() {
                        div.timeline-compose role="group" aria-label=(tr!("Add to the timeline")) {
                            @for one in &self.compose {
                                button.btn type="button" hx-get=(one.href) hx-target={ "#" (COMPOSER) } hx-swap="innerHTML"
                                    data-compose { (icon(&one.icon)) span { (one.label) } }
                            }
                        }
                    }
                }
                div id=(COMPOSER) {}
                (self.filter)
                (self.list)
                @if let Some(visit) = &self.visit {
                    div hx-post=(visit) hx-trigger="load delay:2s" hx-swap="none" {}
                }
            }
        }
    }
}
