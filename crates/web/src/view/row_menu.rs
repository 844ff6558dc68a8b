//! What is done with one row of a list, without opening it.

use crm::{access::Privilege, workspace::Pin};
use language::tr;
use maud::{Markup, html};
use model::{Reference, Table};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use uuid::Uuid;

use super::{commands, record::Record, tables};
use crate::components::{Action, Command, icon};

/// Table of phone calls.
const CALL: &str = "phonecall";

/// What the menu is made of beside the record.
pub(crate) struct RowMenu<'a> {
    pub record: Record<'a>,
    pub id: Uuid,
    /// What the list shows, as the query of its address.
    pub list: &'a str,
    /// Whether the list has columns that can be changed in a short dialog.
    pub edits: bool,
    /// Whether the row is kept at hand.
    pub pinned: bool,
}

impl RowMenu<'_> {
    /// The items of the menu.
    pub fn items(&self) -> Markup {
        let mut commands = commands::record(&self.record, self.id, false);
        let destroys = |command: &Command| command.style == crate::components::CommandStyle::Danger;
        let (last, more): (Vec<Command>, Vec<Command>) = commands.more.drain(..).partition(destroys);
        html! {
            (Command::new(tr!("verb" => "Open"), "arrow-right", Action::Link(self.at(""))).menu_item())
            @if self.edits && self.record.is_open() && self.may(Privilege::Write) {
                (Command::new(tr!("Edit"), "pencil", Action::Dialog(self.at(&format!("/edit?list={}", escaped(self.list))))).menu_item())
            }
            @for command in commands.commands.iter().chain(&more) { (command.menu_item()) }
            div.dropdown-divider {}
            @for command in self.activities() { (command.menu_item()) }
            (self.pin())
            @if !last.is_empty() { div.dropdown-divider {} }
            @for command in &last { (command.menu_item()) }
        }
    }

    fn table(&self) -> &Table {
        self.record.table
    }

    fn at(&self, what: &str) -> String {
        format!("{}{what}", tables::row_href(self.table(), self.id))
    }

    fn may(&self, privilege: Privilege) -> bool {
        self.record.rights.contains(&privilege)
    }

    /// What is planned or noted about the row: a call that took place where calls are logged, on its
    /// timeline, a task in the short form of its table.
    fn activities(&self) -> Vec<Command> {
        let Record { me, model, .. } = &self.record;
        let about = |name: &str, label: String, icon: &str| {
            let table = model.table(name).filter(|table| commands::may_create(me, model, table))?;
            let lookup = table.column("regardingobjectid")?;
            let regarding = format!("{}:{}", self.table().name, self.id);
            let href = format!("/{}/quick-create?stay=1&regardingobjectid={}", table.set_name, escaped(&regarding));
            let act = if name == CALL { Action::Link(self.at(&format!("#new-{CALL}"))) } else { Action::Dialog(href) };
            lookup.targets().contains(&self.table().name).then(|| Command::new(label, icon, act))
        };
        [(CALL, tr!("Log a call"), "phone"), ("task", tr!("New task"), "checkbox")]
            .into_iter()
            .filter_map(|(name, label, icon)| about(name, label, icon))
            .collect()
    }

    /// Keeps the row at hand, or no longer.
    fn pin(&self) -> Markup {
        let pin = Pin::Record(Reference::new(self.table().name.as_str(), self.id));
        let values =
            serde_json::json!({ "item": pin.to_string(), "keep": (!self.pinned).to_string(), "what": "record" });
        html! {
            button.dropdown-item type="button" hx-post="/pins" hx-vals=(values) hx-swap="none" {
                (icon(if self.pinned { "pinned-off" } else { "pin" }))
                span { @if self.pinned { (tr!("Unpin")) } @else { (tr!("Pin")) } }
            }
        }
    }
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
