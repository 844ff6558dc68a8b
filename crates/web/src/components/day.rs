//! The page a seller opens in the morning: blocks with a handful of rows, each with a way to the
//! list that shows all of them.

use language::tr;
use maud::{Markup, Render, html};

use super::cell::Cell;
use super::command::Command;
use super::icon::icon;

/// A row of a block.
#[derive(Debug, Clone, Default)]
pub struct DayRow {
    /// Icon of what it is.
    pub icon: String,
    /// Its name.
    pub label: String,
    /// Its page.
    pub href: String,
    /// What tells it apart, such as the customer.
    pub secondary: String,
    /// What matters about it here, such as when it is due.
    pub facts: Vec<Cell>,
    /// Address that marks it complete when posted to.
    pub complete: Option<String>,
}

/// Rows of one kind.
#[derive(Debug, Clone, Default)]
pub struct DayBlock {
    /// Unique on the page.
    pub id: String,
    /// Its heading.
    pub title: String,
    /// Icon beside it.
    pub icon: String,
    /// Words and addresses of the lists that show all rows.
    pub all: Vec<(String, String)>,
    /// The first rows.
    pub rows: Vec<DayRow>,
    /// What would be here and how it comes here; shown without rows.
    pub empty: String,
    /// The ways to get some.
    pub commands: Vec<Command>,
}

/// The page.
#[derive(Debug, Clone, Default)]
pub struct Day {
    /// A greeting with the day.
    pub greeting: String,
    /// Its blocks.
    pub blocks: Vec<DayBlock>,
    /// The session's token against forged requests.
    pub csrf: String,
}

impl Render for Day {
    fn render(&self) -> Markup {
        html! {
            div.day-page {
                header { h1 { (tr!("My day")) } p { (self.greeting) } }
                div.day-blocks { @for block in &self.blocks { (block.markup(&self.csrf)) } }
            }
        }
    }
}

impl DayBlock {
    fn markup(&self, csrf: &str) -> Markup {
        let heading = format!("day-{}", self.id);
        html! {
            section.day-block aria-labelledby=(heading) {
                header {
                    (icon(&self.icon))
                    h2 id=(heading) { (self.title) }
                    @if !self.rows.is_empty() {
                        @for (label, href) in &self.all {
                            a.day-all href=(href) aria-label={ (label) ": " (self.title) } { (label) }
                        }
                    }
                }
                @if self.rows.is_empty() {
                    div.day-empty {
                        p { (self.empty) }
                        @if !self.commands.is_empty() { div.day-commands { @for command in &self.commands { (command) } } }
                    }
                } @else {
                    ul { @for row in &self.rows { (row.markup(csrf)) } }
                }
            }
        }
    }
}

impl DayRow {
    fn markup(&self, csrf: &str) -> Markup {
        html! {
            li.day-row {
                @match &self.complete {
                    Some(action) => form method="post" action=(action) {
                        input type="hidden" name="csrf" value=(csrf);
                        button.day-complete type="submit" aria-label=(tr!("Mark “{}” complete", self.label)) title=(tr!("Mark complete")) { (icon("check")) }
                    },
                    None => span.day-icon { (icon(&self.icon)) },
                }
                div.day-what {
                    a href=(self.href) { (self.label) }
                    @if !self.secondary.is_empty() {
                        span.day-secondary { @if self.complete.is_some() { (icon(&self.icon)) } (self.secondary) }
                    }
                }
                div.day-facts { @for fact in self.facts.iter().filter(|fact| !fact.is_empty()) { span { (fact) } } }
            }
        }
    }
}
