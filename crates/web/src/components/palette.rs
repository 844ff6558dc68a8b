//! What the command palette offers: records, views, pages and commands, in groups. It is the
//! listbox of the search field in the top bar, walked through by arrow keys while the focus stays
//! in the field.

use language::tr;
use maud::{Markup, Render, html};

use super::icon::icon;

/// What choosing something does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaletteAction {
    /// Go to a page.
    Go(String),
    /// Open a dialog that the server renders at this address.
    Dialog(String),
    /// Show pages light, dark or as the device says.
    Theme(&'static str),
    /// Submit the form of the page that posts to this address, such as the one that signs out.
    Submit(String),
}

/// Something to choose.
#[derive(Debug, Clone)]
pub struct PaletteItem {
    /// Icon before it.
    pub icon: String,
    /// Its name.
    pub label: String,
    /// What tells it apart, such as the company or the table.
    pub secondary: String,
    /// Keys that do the same, such as `G L`.
    pub keys: String,
    /// What choosing it does.
    pub action: PaletteAction,
}

impl PaletteItem {
    /// An item without anything beside its name.
    pub fn new(label: impl Into<String>, icon: &str, action: PaletteAction) -> Self {
        Self { icon: icon.to_owned(), label: label.into(), secondary: String::new(), keys: String::new(), action }
    }

    /// The same with what tells it apart.
    #[must_use]
    pub fn about(mut self, secondary: impl Into<String>) -> Self {
        self.secondary = secondary.into();
        self
    }

    /// The same with the keys that do it.
    #[must_use]
    pub fn keys(mut self, keys: impl Into<String>) -> Self {
        self.keys = keys.into();
        self
    }

    fn markup(&self, id: &str) -> Markup {
        let face = html! {
            (icon(&self.icon))
            span.suggestion-label { (self.label) }
            span.suggestion-secondary { (self.secondary) }
            @if !self.keys.is_empty() { kbd { (self.keys) } }
        };
        let (dialog, theme, form) = match &self.action {
            PaletteAction::Go(href) => {
                return html! { a.suggestion role="option" aria-selected="false" id=(id) tabindex="-1" href=(href) { (face) } };
            }
            PaletteAction::Dialog(href) => (Some(href.as_str()), None, None),
            PaletteAction::Theme(theme) => (None, Some(*theme), None),
            PaletteAction::Submit(action) => (None, None, Some(action.as_str())),
        };
        html! {
            div.suggestion role="option" aria-selected="false" id=(id)
                data-opens=[dialog] data-theme-name=[theme] data-submits=[form] { (face) }
        }
    }
}

/// Things of one kind.
#[derive(Debug, Clone, Default)]
pub struct PaletteGroup {
    /// Their heading.
    pub label: String,
    /// The things, best first.
    pub items: Vec<PaletteItem>,
}

/// All that is offered for what was typed.
#[derive(Debug, Clone, Default)]
pub struct Palette {
    /// What was typed; scripts act on an answer only while it is still what stands in the field.
    pub query: String,
    /// Group by group; empty ones are left out.
    pub groups: Vec<PaletteGroup>,
    /// Address of the page with all matches.
    pub all: Option<String>,
}

impl Render for Palette {
    fn render(&self) -> Markup {
        let groups = self.groups.iter().filter(|group| !group.items.is_empty());
        html! {
            div.palette-answer role="presentation" data-answers=(self.query) {
                @for (number, group) in groups.enumerate() {
                    @let heading = format!("palette-{number}");
                    div role="group" aria-labelledby=(heading) {
                        div.suggestion-group role="presentation" id=(heading) { (group.label) }
                        @for (position, item) in group.items.iter().enumerate() { (item.markup(&format!("{heading}-{position}"))) }
                    }
                }
                @if let Some(all) = &self.all {
                    a.suggestion.suggestion-all role="option" aria-selected="false" id="palette-all" tabindex="-1" href=(all) {
                        (icon("search")) span { (tr!("All records with “{}”", self.query)) }
                    }
                }
            }
        }
    }
}
