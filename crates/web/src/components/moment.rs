//! A date or a point in time as words with its exact value behind them.

use maud::{Markup, Render, html};

/// A date or a time: the exact value for machines, and the words for the reader's locale and zone.
#[derive(Debug, Clone, Default)]
pub struct Moment {
    /// ISO 8601, such as `2025-11-24` or `2025-11-24T09:30:00Z`.
    pub iso: String,
    /// As the reader writes it, such as `24 Nov 2025 10:30` or `2 hours ago`.
    pub text: String,
    /// The full value, shown when pointed at; where `text` is short or relative.
    pub title: Option<String>,
}

impl Moment {
    /// A moment of an exact value and its words.
    pub fn new(iso: impl Into<String>, text: impl Into<String>) -> Self {
        Self { iso: iso.into(), text: text.into(), title: None }
    }
}

impl Render for Moment {
    fn render(&self) -> Markup {
        html! { time datetime=(self.iso) title=[self.title.as_deref()] { (self.text) } }
    }
}
