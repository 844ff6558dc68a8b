//! How a board is laid out: what its lanes stand for, what is summed, what cards show.

use language::tr;
use maud::{Markup, Render, html};

use crate::components::icon::icon;

/// What can be chosen: value, label, whether it is chosen.
pub type Choices = Vec<(String, String, bool)>;

/// The form above the lanes.
#[derive(Debug, Clone, Default)]
pub struct BoardLayout {
    /// Address of the board.
    pub action: String,
    /// Id of the element that shows the answer.
    pub results: String,
    /// View and filters, which stay.
    pub hidden: Vec<(String, String)>,
    /// What lanes can stand for.
    pub by: Choices,
    /// What can be summed.
    pub sums: Choices,
    /// After how many days in a stage a card ages; empty where cards have no stage.
    pub days: Choices,
    /// Whether lanes are shown for each owner; `None` where rows have none.
    pub by_owner: Option<bool>,
    /// What cards can show.
    pub fields: Choices,
}

impl Render for BoardLayout {
    fn render(&self) -> Markup {
        html! {
            form.board-layout id="board-layout" method="get" action=(self.action) hx-get=(self.action) hx-trigger="submit, change from:#board-by"
                hx-target={ "#" (self.results) } hx-select={ "#" (self.results) } hx-swap="outerHTML" hx-push-url="true" {
                @for (name, value) in &self.hidden { input type="hidden" name=(name) value=(value); }
                (select("by", &tr!("Lanes"), &self.by))
                div.dropdown {
                    button.btn.btn-sm type="button" data-bs-toggle="dropdown" data-bs-auto-close="outside" aria-expanded="false" {
                        (icon("adjustments-horizontal")) span { (tr!("Layout")) }
                    }
                    div.dropdown-menu.dropdown-menu-end.board-popover {
                        @if self.sums.len() > 1 { (select("sum", &tr!("Sum"), &self.sums)) }
                        @if !self.days.is_empty() { (select("days", &tr!("A card ages after"), &self.days)) }
                        @if let Some(by_owner) = self.by_owner {
                            label.form-check {
                                input.form-check-input type="checkbox" name="rows" value="ownerid" checked[by_owner];
                                span.form-check-label { (tr!("A row for each owner")) }
                            }
                        }
                        fieldset {
                            legend { (tr!("Fields on cards")) }
                            div.board-choices {
                                @for (value, label, chosen) in &self.fields {
                                    label.form-check {
                                        input.form-check-input type="checkbox" name="field" value=(value) checked[*chosen];
                                        span.form-check-label { (label) }
                                    }
                                }
                            }
                        }
                        button.btn.btn-primary type="submit" { (tr!("Apply")) }
                    }
                }
                noscript { button.btn.btn-sm type="submit" { (tr!("Apply")) } }
            }
        }
    }
}

fn select(name: &str, label: &str, choices: &Choices) -> Markup {
    html! {
        div.board-choice {
            label for={ "board-" (name) } { (label) }
            select.form-select.form-select-sm id={ "board-" (name) } name=(name) {
                @for (value, text, chosen) in choices { option value=(value) selected[*chosen] { (text) } }
            }
        }
    }
}
