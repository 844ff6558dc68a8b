//! What the search box in the top bar offers while one types.

use language::tr;
use maud::{Markup, Render, html};

use super::icon::icon;

/// A record that matches.
#[derive(Debug, Clone, Default)]
pub struct Suggestion {
    /// Its name.
    pub label: String,
    /// What tells it apart, such as the company or the city.
    pub secondary: String,
    /// Its page.
    pub href: String,
}

/// The matches in one table.
#[derive(Debug, Clone, Default)]
pub struct SuggestionGroup {
    /// The table in the plural.
    pub label: String,
    /// Icon of the table.
    pub icon: String,
    /// The matches, best first.
    pub items: Vec<Suggestion>,
}

/// The matches in all tables.
#[derive(Debug, Clone, Default)]
pub struct Suggestions {
    /// Table by table.
    pub groups: Vec<SuggestionGroup>,
    /// Address of the page with all matches.
    pub all: Option<String>,
    /// What was searched for.
    pub query: String,
}

impl Render for Suggestions {
    fn render(&self) -> Markup {
        html! {
            @if self.groups.iter().all(|group| group.items.is_empty()) {
                p.suggestion-none { (tr!("Nothing found for “{}”. Try fewer letters, or part of an e-mail address or phone number.", self.query)) }
            }
            @for group in self.groups.iter().filter(|group| !group.items.is_empty()) {
                div.suggestion-group { (group.label) }
                @for item in &group.items {
                    a.suggestion href=(item.href) data-suggestion {
                        (icon(&group.icon))
                        span.suggestion-label { (item.label) }
                        span.suggestion-secondary { (item.secondary) }
                    }
                }
            }
            @if let Some(all) = &self.all { a.suggestion.suggestion-all href=(all) data-suggestion { (icon("search")) span { (tr!("All results")) } } }
        }
    }
}
