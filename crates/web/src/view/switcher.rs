//! The views that a list can be shown through, and what is done with them.

use crm::views::PersonalView;
use language::tr;
use model::{Table, View};

use super::{list::List, stated::Whose};
use crate::components::{Action, Command, ViewChoice};

/// The views of a table: one's own, those shared with one, those of everybody.
pub(crate) fn views(table: &Table, personal: &[PersonalView], list: &List) -> Vec<ViewChoice> {
    let current = list.view(table).map(|view| view.name.as_str());
    let choice = |view: &View, group: String| ViewChoice {
        label: view.label.clone(),
        href: List { view: view.name.clone(), ..list.by_itself() }.href(&list.path(table)),
        group,
        current: current == Some(view.name.as_str()),
    };
    let shared = if personal.is_empty() { String::new() } else { tr!("Views of everybody") };
    let group = |view: &PersonalView| if view.mine { tr!("My views") } else { tr!("Shared with me") };
    let made = personal.iter().map(|known| choice(&known.view, group(known)));
    made.chain(table.views.iter().map(|view| choice(view, shared.clone()))).collect()
}

/// What changes the view itself: a copy of one's own, another name, with whom it is shared, its end.
pub(crate) fn commands(start: &List, place: &str) -> Vec<Command> {
    let dialog = |label: &str, icon: &str, href: String| Command::new(label, icon, Action::Dialog(href));
    let mut commands = Vec::new();
    if !start.differs {
        // Where something was changed, this stands beside the filters.
        commands.push(dialog(&tr!("Save as my view"), "bookmark-plus", start.href(&format!("{place}/views/new"))));
    }
    let at = format!("{place}/views/{}", start.view);
    if start.whose() == Whose::Mine {
        commands.push(dialog(&tr!("Rename this view"), "pencil", format!("{at}/name")));
        commands.push(dialog(&tr!("Share this view"), "share", format!("{at}/shares")));
    }
    if !start.view.is_empty() {
        let href = super::list::address(&format!("{place}/views/default"), &[("view", start.view.clone())]);
        commands.push(Command::new(tr!("Show this view first"), "star", Action::Post { href, confirm: None }));
    }
    if start.whose() == Whose::Mine {
        commands.push(dialog(&tr!("Delete this view"), "trash", format!("{at}/deletion")).danger());
    }
    commands
}

/// Beside the filters: what keeps, or gives up, what was changed in a view.
pub(crate) fn keep(start: &List, place: &str, path: &str) -> Vec<Command> {
    if !start.differs {
        return Vec::new();
    }
    let mut commands = Vec::new();
    if start.whose() != Whose::Everybody {
        let href = start.href(&format!("{place}/views/{}", start.view));
        commands.push(Command::new(tr!("Save changes"), "device-floppy", Action::Post { href, confirm: None }));
    }
    let href = start.href(&format!("{place}/views/new"));
    commands.push(Command::new(tr!("Save as my view"), "bookmark-plus", Action::Dialog(href)));
    commands.push(Command::new(tr!("Reset"), "arrow-back-up", Action::Link(start.by_itself().href(path))));
    commands
}
