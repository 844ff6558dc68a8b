//! What is shown instead of a page that cannot be.

use language::{Language, tr};
use maud::{Markup, Render, html};

use super::command::Command;
use super::icon::icon;
use super::page::{Page, PageLayout, Reader, Shell, document, layers};

/// Why a page cannot be shown and how to go on.
#[derive(Debug, Clone, Default)]
pub struct ErrorPage {
    /// The HTTP status.
    pub status: u16,
    /// What happened, in a few words.
    pub title: String,
    /// Why, and what to do.
    pub text: String,
    /// Reference to quote to an administrator, for faults of ours.
    pub reference: Option<String>,
    /// Ways on.
    pub commands: Vec<Command>,
    /// The frame, when somebody is signed in.
    pub shell: Option<Shell>,
}

impl Render for ErrorPage {
    fn render(&self) -> Markup {
        let glyph = match self.status {
            401 | 403 => "lock",
            404 | 410 => "search",
            _ => "alert-triangle",
        };
        let content = html! {
            div.error-page {
                div.empty-state-icon { (icon(glyph)) }
                p.error-status { (tr!("Error {}", self.status)) }
                h1 { (self.title) }
                p { (self.text) }
                @if let Some(reference) = &self.reference { p.error-reference { (tr!("Reference")) " " code { (reference) } } }
                div.empty-state-commands { @for command in &self.commands { (command) } }
            }
        };
        if let Some(shell) = &self.shell {
            return Page { title: self.title.clone(), shell: shell.clone(), layout: PageLayout::Scrolling, content }
                .render();
        }
        let reader = Reader { language: Language::current().tag(), ..Reader::default() };
        document(&self.title, &reader, None, html! { main id="main" { (content) } (layers(&[])) })
    }
}
