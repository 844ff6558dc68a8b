//! What is done with single rows of a list: their menu, and values changed in their cells.

use language::tr;
use maud::{Markup, Render, html};

use super::{Field, icon::icon};

/// What a grid needs for what is done with single rows and with selections over several pages.
#[derive(Debug, Clone, Default)]
pub struct GridActs {
    /// Where the rows stand, such as `/leads`; a row's menu is found at `ID/commands` below it.
    pub place: String,
    /// What the list shows, as the query of its address from its beginning.
    pub list: String,
    /// Whether there are rows beyond this page.
    pub more: bool,
}

/// Element id of what is said about cells that can be changed.
const EDIT_HELP: &str = "grid-edit-help";

/// The cell with the button that opens a row's menu. What is in it is asked for when it opens, since
/// it depends on the row.
pub(super) fn row_menu(label: &str) -> Markup {
    html! {
        td.grid-actions {
            div.dropdown {
                button.row-menu type="button" data-bs-toggle="dropdown" data-bs-popper-config="{\"strategy\":\"fixed\"}"
                    data-row-menu aria-expanded="false" aria-label=(tr!("Actions for {}", label)) title=(tr!("Actions (.)")) { (icon("dots")) }
                div.dropdown-menu.dropdown-menu-end {}
            }
        }
    }
}

/// What a screen reader says on a cell that can be changed.
pub(super) fn edit_help() -> Markup {
    html! { span.visually-hidden id=(EDIT_HELP) { (tr!("Enter or F2 changes it")) } }
}

/// A value of a row open for a change in its cell.
#[derive(Debug, Clone)]
pub struct CellEdit {
    /// The field.
    pub field: Field,
    /// Where it posts to.
    pub action: String,
    /// The session's token against forged requests.
    pub csrf: String,
    /// What goes along with it: the column, the version of the row, the list it stands in.
    pub hidden: Vec<(String, String)>,
}

impl Render for CellEdit {
    fn render(&self) -> Markup {
        html! {
            form.cell-form data-cell-form method="post" action=(self.action) hx-post=(self.action) hx-target="this"
                hx-swap="outerHTML" novalidate {
                input type="hidden" name="csrf" value=(self.csrf);
                @for (name, value) in &self.hidden { input type="hidden" name=(name) value=(value); }
                (self.field)
                p.cell-keys { kbd { "Enter" } " " (tr!("saves")) ", " kbd { "Esc" } " " (tr!("leaves it")) }
            }
        }
    }
}
