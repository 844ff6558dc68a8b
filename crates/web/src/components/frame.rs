//! Parts of the frame: the palette's field, what can be created, what is pinned.

use language::tr;
use maud::{Markup, html};

use super::icon::icon;
use super::page::{NavItem, Shell};

/// Element id of the pinned places in the side bar.
const PINNED: &str = "pinned";

/// How much room a row takes; read from the cookie `density`, as it belongs to a screen, not to a
/// person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Density {
    /// With room around every line.
    #[default]
    Comfortable,
    /// More lines on the screen, where there is a mouse to hit them.
    Compact,
}

impl Density {
    /// The density that a `density` cookie names; anything unknown is [`Density::Comfortable`].
    pub fn from_cookie(value: &str) -> Self {
        if value == "compact" { Self::Compact } else { Self::Comfortable }
    }

    /// As the cookie names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Comfortable => "comfortable",
            Self::Compact => "compact",
        }
    }

    pub(super) fn attribute(self) -> Option<&'static str> {
        (self == Self::Compact).then_some(self.name())
    }
}

/// Keeps the open record or view at hand, or no longer.
#[derive(Debug, Clone, Default)]
pub struct PinToggle {
    /// What is pinned, as the form sends it.
    pub value: String,
    /// What it is, such as `record` or `view`.
    pub what: String,
    /// Whether it is pinned now.
    pub pinned: bool,
}

impl PinToggle {
    /// The button.
    pub fn markup(&self, csrf: &str) -> Markup {
        let label = match (self.what.as_str(), self.pinned) {
            ("view", false) => tr!("Pin this view"),
            ("view", true) => tr!("Unpin this view"),
            ("board", false) => tr!("Pin this board"),
            ("board", true) => tr!("Unpin this board"),
            (_, false) => tr!("Pin this record"),
            (_, true) => tr!("Unpin this record"),
        };
        html! {
            form.top-pin method="post" action="/pins" hx-post="/pins" hx-target="this" hx-swap="outerHTML" {
                input type="hidden" name="csrf" value=(csrf);
                input type="hidden" name="item" value=(self.value);
                input type="hidden" name="what" value=(self.what);
                input type="hidden" name="keep" value=(!self.pinned);
                button.btn-icon type="submit" data-pin .is-pinned[self.pinned] aria-label=(label) title=(label) {
                    (icon(if self.pinned { "pinned" } else { "pin" }))
                }
            }
        }
    }
}

/// What is pinned, as it stands in the side bar; `oob` where it replaces what stands there.
pub fn pinned_places(places: &[NavItem], oob: bool) -> Markup {
    html! {
        div id=(PINNED) hx-swap-oob=[oob.then_some("true")] {
            @if !places.is_empty() {
                div.sidebar-heading id="nav-pinned" { (tr!("Pinned")) }
                ul aria-labelledby="nav-pinned" {
                    @for place in places { li { (place.markup()) } }
                }
            }
        }
    }
}

impl NavItem {
    pub(super) fn markup(&self) -> Markup {
        html! {
            a href=(self.href) .is-current[self.current] aria-current=[self.current.then_some("page")]
                data-go=[self.key.map(String::from)] {
                (icon(&self.icon)) span { (self.label) }
            }
        }
    }
}

impl Shell {
    /// The field of the palette. Without scripts it is a search form; with them what it finds
    /// opens beneath it while one types.
    pub(super) fn palette(&self) -> Markup {
        html! {
            form.top-search role="search" aria-label=(tr!("search" => "Everything")) method="get" action=(self.search) data-palette {
                (icon("search"))
                input.form-control type="search" name="q" value=(self.search_value) placeholder=(tr!("Search or jump to")) aria-label=(tr!("Search everything, or type a command"))
                    role="combobox" aria-expanded="false" aria-controls="palette" aria-autocomplete="list" aria-haspopup="listbox"
                    aria-keyshortcuts="Control+K Meta+K" autocomplete="off" autocapitalize="off" spellcheck="false"
                    hx-get="/palette" hx-trigger="input changed delay:120ms, palette" hx-target="#palette" hx-swap="innerHTML" hx-sync="this:replace" hx-push-url="false";
                kbd aria-hidden="true" { (tr!("Ctrl K")) }
                button.btn-icon.top-search-close type="button" data-palette-close aria-label=(tr!("Close search")) tabindex="-1" hidden { (icon("x")) }
                div.suggestions hidden data-palette-panel {
                    div id="palette" role="listbox" aria-label=(tr!("What was found")) {}
                    p.palette-help aria-hidden="true" { kbd { "↑" } kbd { "↓" } " " (tr!("choose")) " " kbd { (tr!("Enter")) } " " (tr!("verb" => "open")) " " kbd { ">" } " " (tr!("commands only")) }
                }
                div.visually-hidden role="status" data-palette-status {}
            }
        }
    }

    /// What can be created from everywhere.
    pub(super) fn create_menu(&self) -> Markup {
        html! {
            @if !self.quick_create.is_empty() {
                div.dropdown data-create-menu {
                    button.btn.top-create type="button" data-bs-toggle="dropdown" aria-expanded="false" title=(tr!("New (N)")) { (icon("plus")) span { (tr!("New")) } }
                    div.dropdown-menu.dropdown-menu-end { @for command in &self.quick_create { (command.menu_item()) } }
                }
            }
        }
    }
}
