//! The views that a list can be shown through.

use language::tr;
use maud::{Markup, html};

use super::icon::icon;

/// Views beyond which a box to find one stands above them.
const MANY: usize = 8;

/// A view that the reader can switch to.
#[derive(Debug, Clone, Default)]
pub struct ViewChoice {
    /// Name of the view.
    pub label: String,
    /// The list through it.
    pub href: String,
    /// Heading it stands under, such as `My views`.
    pub group: String,
    /// Whether it is the one shown.
    pub current: bool,
}

/// The name of the view shown, which opens the others. `changed` marks that the list shows something
/// else than the view does.
pub(super) fn switcher(views: &[ViewChoice], glyph: &str, title: &str, name: &str, changed: bool) -> Markup {
    html! {
        h1.visually-hidden { (title) ": " (name) }
        div.dropdown.view-switcher {
            button type="button" data-bs-toggle="dropdown" aria-expanded="false" {
                (icon(glyph))
                span.visually-hidden { (tr!("View:")) " " }
                span.view-name { (name) }
                @if changed { span.view-changed title=(tr!("Changed, not saved")) aria-hidden="true" { "*" } span.visually-hidden { " (" (tr!("changed, not saved")) ")" } }
                (icon("chevron-down"))
            }
            div.dropdown-menu data-view-list {
                @if views.len() > MANY {
                    input.form-control type="search" data-view-search placeholder=(tr!("Find a view")) aria-label=(tr!("Find a view"))
                        autocomplete="off" spellcheck="false";
                }
                @for (index, view) in views.iter().enumerate() {
                    @if index == 0 || views[index - 1].group != view.group {
                        @if !view.group.is_empty() { div.dropdown-header { (view.group) } }
                    }
                    a.dropdown-item .active[view.current] href=(view.href) aria-current=[view.current.then_some("true")] {
                        span { (view.label) }
                        @if view.current { (icon("check")) }
                    }
                }
                p.view-none role="status" hidden { (tr!("No view is called that.")) }
            }
        }
    }
}
