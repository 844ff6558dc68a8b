//! What is to be seen of a timeline.

use language::tr;
use maud::{Markup, Render, html};

use super::{FILTER, LIST};
use crate::components::icon;

/// A value to choose, with how many entries have it.
#[derive(Debug, Clone, Default)]
pub struct FilterChoice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// How many entries have it, where that is known.
    pub count: Option<String>,
    /// Whether it is chosen.
    pub chosen: bool,
}

/// Values of which several, or one, are chosen.
#[derive(Debug, Clone, Default)]
pub struct FilterGroup {
    /// Name the values are sent under.
    pub name: String,
    /// Heading.
    pub label: String,
    /// The values.
    pub choices: Vec<FilterChoice>,
    /// Whether only one is chosen; then the first says "any".
    pub single: bool,
}

/// Search and filters of a timeline. The groups are loaded when they are opened: they count.
#[derive(Debug, Clone, Default)]
pub struct TimelineFilter {
    /// Address of the list.
    pub list: String,
    /// Address of the groups (a fragment made by [`TimelineFilter::groups`]).
    pub source: String,
    /// What was searched for.
    pub text: String,
    /// Two-way switches: name, words, whether on.
    pub switches: Vec<(String, String, bool)>,
}

impl TimelineFilter {
    /// The groups, to stand in the opened filter.
    pub fn groups(groups: &[FilterGroup]) -> Markup {
        html! { @for group in groups.iter().filter(|group| !group.choices.is_empty()) { (group) } }
    }
}

impl Render for FilterGroup {
    fn render(&self) -> Markup {
        let kind = if self.single { "radio" } else { "checkbox" };
        html! {
            fieldset.timeline-group {
                legend { (self.label) }
                @for choice in &self.choices {
                    label.timeline-choice {
                        input.form-check-input type=(kind) name=(self.name) value=(choice.value) checked[choice.chosen];
                        span { (choice.label) }
                        @if let Some(count) = &choice.count { span.timeline-count { (count) } }
                    }
                }
            }
        }
    }
}

impl Render for TimelineFilter {
    fn render(&self) -> Markup {
        html! {
            form.timeline-filter id=(FILTER) role="search" aria-label=(tr!("Timeline")) hx-get=(self.list) hx-target={ "#" (LIST) }
                hx-swap="outerHTML" hx-sync={ "#" (LIST) ":replace" } hx-disinherit="hx-sync"
                hx-trigger="submit, change, input changed delay:250ms from:#timeline-text, timeline-cleared" {
                div.timeline-search {
                    (icon("search"))
                    input.form-control type="search" id="timeline-text" name="q" value=(self.text) placeholder=(tr!("Search this timeline"))
                        aria-label=(tr!("Search this timeline")) autocomplete="off" spellcheck="false";
                }
                @for (name, words, on) in &self.switches {
                    label.timeline-switch {
                        input type="hidden" name=(name) value="0";
                        input.form-check-input type="checkbox" name=(name) value="1" checked[*on];
                        span { (words) }
                    }
                }
                button.timeline-small.timeline-whole type="button" data-unclip-all aria-pressed="false" title=(tr!("Show long texts whole")) { (tr!("Whole texts")) }
                details.timeline-more-filters {
                    summary { (icon("filter")) span { (tr!("Filter")) } span.timeline-chosen data-chosen hidden {} }
                    div.timeline-groups hx-get=(self.source) hx-trigger="toggle from:closest details"
                        hx-include={ "#" (FILTER) } hx-target="find .timeline-choices" hx-swap="innerHTML" {
                        div.timeline-choices { p.loading { (tr!("Counting…")) } }
                        button.btn.btn-sm type="button" data-clear-filter { (icon("x")) span { (tr!("Clear filter")) } }
                    }
                }
            }
        }
    }
}
