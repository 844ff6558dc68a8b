//! One card of a board.

use language::tr;
use maud::{Markup, Render, html};

use crate::components::{badge::Tone, cell::Cell, fields::Field, icon::icon};

/// How long a card has been where it is.
#[derive(Debug, Clone, Default)]
pub struct CardAge {
    /// Such as `12 days`.
    pub text: String,
    /// Grey while that is usual; yellow and red when it is long.
    pub tone: Tone,
    /// The whole sentence, such as `In this stage for 12 days, longer than usual`.
    pub title: String,
}

/// A value on a card.
#[derive(Debug, Clone, Default)]
pub struct CardField {
    /// Logical name of the column.
    pub column: String,
    /// Its label.
    pub label: String,
    /// The value.
    pub cell: Cell,
    /// Whether it can be changed in place.
    pub changes: bool,
}

/// A field open for a change on a card.
#[derive(Debug, Clone)]
pub struct CardEdit {
    /// Logical name of the column.
    pub column: String,
    /// The field.
    pub field: Field,
    /// Where it posts to.
    pub action: String,
    /// The card without it.
    pub cancel: String,
    /// The session's token against forged requests.
    pub csrf: String,
    /// What goes along with it: the column, and the version of the record that it was made of.
    pub hidden: Vec<(String, String)>,
}

/// A row as a card.
#[derive(Debug, Clone, Default)]
pub struct BoardCard {
    /// The record's id.
    pub id: String,
    /// Its name.
    pub title: String,
    /// Its page.
    pub href: String,
    /// Values shown.
    pub fields: Vec<CardField>,
    /// How long it has been in its stage.
    pub age: Option<CardAge>,
    /// Closed or inactive, and so shown quietly, with a lock.
    pub muted: bool,
    /// Where a lane to move it to is chosen; `None` where it stays.
    pub move_to: Option<String>,
    /// The field that is open.
    pub editing: Option<CardEdit>,
}

impl BoardCard {
    /// The card in place of the one on the page.
    pub fn again(&self) -> Markup {
        self.markup(true)
    }

    fn markup(&self, again: bool) -> Markup {
        html! {
            li.board-card .is-muted[self.muted] id={ "card-" (self.id) } data-card=(self.id) data-name=(self.title)
                data-fixed[self.move_to.is_none()] hx-swap-oob=[again.then_some("true")] {
                div.board-card-head {
                    a.board-card-title href=(self.href) data-card-link aria-describedby="board-help" draggable="false" { (self.title) }
                    @if self.muted { span.board-lock title=(tr!("Closed")) { (icon("lock")) span.visually-hidden { (tr!("Closed")) } } }
                    @if let Some(href) = &self.move_to {
                        a.board-move href=(href) data-card-move aria-label=(tr!("Move “{}”", self.title)) title=(tr!("Move to… (M)")) draggable="false" {
                            (icon("arrows-exchange"))
                        }
                    }
                }
                @if !self.fields.is_empty() {
                    dl.board-fields { @for field in &self.fields { (self.field(field)) } }
                }
                @if let Some(age) = &self.age {
                    p class={ "board-age pill " (age.tone.class()) } role="note" aria-label=(age.title) title=(age.title) {
                        (icon("clock")) (age.text)
                    }
                }
            }
        }
    }

    fn field(&self, field: &CardField) -> Markup {
        if let Some(edit) = self.editing.as_ref().filter(|edit| edit.column == field.column) {
            return edit.render();
        }
        html! {
            div {
                dt { (field.label) }
                dd {
                    @if field.changes {
                        button.board-value type="button" data-field=(field.column) title=(tr!("Change {}", field.label)) {
                            (unlinked(&field.cell))
                        }
                    } @else { (field.cell) }
                }
            }
        }
    }
}

impl Render for BoardCard {
    fn render(&self) -> Markup {
        self.markup(false)
    }
}

impl Render for CardEdit {
    fn render(&self) -> Markup {
        html! {
            div.board-edit {
                dt.visually-hidden { (self.field.label) }
                dd {
                    form method="post" action=(self.action) hx-post=(self.action) hx-target="closest [data-card]" hx-swap="outerHTML" novalidate {
                        input type="hidden" name="csrf" value=(self.csrf);
                        @for (name, value) in &self.hidden { input type="hidden" name=(name) value=(value); }
                        (self.field)
                        div.board-edit-commands {
                            button.btn.btn-sm.btn-primary type="submit" { (tr!("Save")) }
                            button.btn.btn-sm type="button" data-card-cancel hx-get=(self.cancel) hx-target="closest [data-card]" hx-swap="outerHTML" { (tr!("Cancel")) }
                        }
                    }
                }
            }
        }
    }
}

/// The value without a link of its own: it stands in a button.
fn unlinked(cell: &Cell) -> Cell {
    match cell {
        Cell::Lookup { text, icon, .. } => Cell::Lookup { text: text.clone(), href: None, icon: icon.clone() },
        Cell::Person { name, .. } => Cell::Person { name: name.clone(), href: None },
        Cell::Email(text) | Cell::Phone(text) | Cell::Url(text) => Cell::Text(text.clone()),
        other => other.clone(),
    }
}
