//! What the palette offers beside records: pages, views and commands, narrowed by what was typed.

use std::sync::Arc;

use crm::workspace::{Pin, Pinned};
use language::{Language, tr};
use model::{Model, Table, View};

use super::{list::List, navigation, tables};
use crate::{
    components::{Action, Command, NavItem, PaletteAction, PaletteGroup, PaletteItem},
    session::Me,
};

/// Views offered at once.
const VIEWS: usize = 6;
/// Pages and commands offered at once for what was typed.
const COMMANDS: usize = 6;

/// Words as they are compared: every one must begin a word of the label.
pub(crate) struct Words(Vec<String>);

impl Words {
    /// The words of a text.
    pub fn of(text: &str) -> Self {
        Self(text.split_whitespace().map(str::to_lowercase).collect())
    }

    /// Whether nothing was typed.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every word begins a word of the text.
    pub fn fit(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        let begins = |word: &String| {
            text.split(|sign: char| !sign.is_alphanumeric()).any(|part| part.starts_with(word.as_str()))
        };
        self.0.iter().all(begins)
    }
}

/// What fits of pages and commands; without words all of them.
pub(crate) fn commands(me: &Me, model: &Model, words: &Words) -> Vec<PaletteGroup> {
    if words.is_empty() {
        return vec![
            PaletteGroup { label: tr!("Create"), items: creations(me, model) },
            PaletteGroup { label: tr!("Go to"), items: places(me, model) },
            PaletteGroup { label: tr!("Commands"), items: general() },
        ];
    }
    let fitting = creations(me, model).into_iter().chain(places(me, model)).chain(general());
    let fitting = fitting.filter(|item| words.fit(&item.label) || words.fit(&item.secondary)).take(COMMANDS);
    vec![PaletteGroup { label: tr!("Pages and commands"), items: fitting.collect() }]
}

/// Views whose name fits: the caller's own first, then those of the tables that matter most.
pub(crate) fn views(me: &Me, model: &Model, own: &[(String, View)], words: &Words) -> PaletteGroup {
    let mut tables: Vec<&Arc<Table>> =
        model.tables.values().filter(|table| tables::is_open_to(&me.caller, table)).collect();
    tables.sort_by_key(|table| navigation::rank(table));
    let own = own.iter().filter_map(|(name, view)| Some((*tables.iter().find(|table| table.name == *name)?, view)));
    let shared = tables.iter().flat_map(|table| table.views.iter().map(move |view| (*table, view)));
    let fitting = own.chain(shared).filter(|(_, view)| words.fit(&view.label)).take(VIEWS);
    let items = fitting.map(|(table, view)| view_item(table, &view.name, &view.label));
    PaletteGroup { label: tr!("Views"), items: items.collect() }
}

/// What is kept at hand, as far as it fits.
pub(crate) fn pinned(me: &Me, model: &Model, pinned: &[Pinned], words: &Words) -> PaletteGroup {
    let fitting = pinned.iter().filter(|pinned| words.fit(&pinned.label));
    let items = fitting.filter_map(|pinned| {
        let table = model.table(pinned.pin.table()).filter(|table| tables::is_open_to(&me.caller, table))?;
        Some(match &pinned.pin {
            Pin::Record(reference) => record_item(table, reference.id, &pinned.label),
            Pin::View { view, .. } => view_item(table, view, &pinned.label),
            Pin::Board { view, .. } => board_item(table, view, &pinned.label),
        })
    });
    PaletteGroup { label: tr!("Pinned"), items: items.collect() }
}

/// A record by its name.
pub(crate) fn record_item(table: &Table, id: uuid::Uuid, label: &str) -> PaletteItem {
    let go = PaletteAction::Go(tables::row_href(table, id));
    PaletteItem::new(label, &table.icon, go).about(table.label.clone())
}

fn view_item(table: &Arc<Table>, view: &str, label: &str) -> PaletteItem {
    let href = List { view: view.to_owned(), ..List::default() }.href(&format!("/{}", table.set_name));
    PaletteItem::new(label, "layout-list", PaletteAction::Go(href)).about(table.plural_label.clone())
}

fn board_item(table: &Arc<Table>, view: &str, label: &str) -> PaletteItem {
    let href = List { view: view.to_owned(), ..List::default() }.href(&format!("/{}/board", table.set_name));
    PaletteItem::new(label, "layout-kanban", PaletteAction::Go(href)).about(table.plural_label.clone())
}

fn creations(me: &Me, model: &Model) -> Vec<PaletteItem> {
    let item = |command: Command| {
        let Action::Dialog(href) = command.action else { return None };
        let label = tr!("New {}", Language::within_sentence(&command.label));
        Some(PaletteItem::new(label, "plus", PaletteAction::Dialog(href)))
    };
    navigation::quick_create(me, model).into_iter().filter_map(item).collect()
}

fn places(me: &Me, model: &Model) -> Vec<PaletteItem> {
    let groups = navigation::places(me, model, "");
    let hinted = !me.caller.arrangement().without_shortcuts;
    let item = |group: &str, place: NavItem| {
        let keys = place.key.filter(|_| hinted).map(|key| format!("G {}", key.to_uppercase())).unwrap_or_default();
        PaletteItem::new(place.label, &place.icon, PaletteAction::Go(place.href)).about(group).keys(keys)
    };
    groups.into_iter().flat_map(|group| group.items.into_iter().map(move |place| item(&group.label, place))).collect()
}

/// What can be done wherever one is.
fn general() -> Vec<PaletteItem> {
    let go = |label: &str, icon: &str, href: &str| PaletteItem::new(label, icon, PaletteAction::Go(href.to_owned()));
    let theme = |label: &str, icon: &str, name| PaletteItem::new(label, icon, PaletteAction::Theme(name));
    vec![
        go(&tr!("What you follow"), "eye", "/follows"),
        go(&tr!("Personal settings"), "settings", "/settings/profile"),
        go(&tr!("Your sign-in"), "shield-lock", "/settings/sign-in"),
        go(&tr!("For developers"), "code", "/developer"),
        theme(&tr!("Dark theme"), "moon", "dark"),
        theme(&tr!("Light theme"), "sun", "light"),
        theme(&tr!("Theme as on this device"), "device-desktop", "auto"),
        PaletteItem::new(tr!("Keyboard shortcuts"), "keyboard", PaletteAction::Dialog("/shortcuts".to_owned()))
            .keys("?"),
        PaletteItem::new(tr!("Sign out"), "logout", PaletteAction::Submit("/sign-out".to_owned())),
    ]
}

#[cfg(test)]
mod tests {
    use super::Words;

    #[test]
    fn every_word_typed_begins_a_word_of_the_name() {
        assert!(Words::of("op clos").fit("My Opportunities Closing Soon"));
        assert!(Words::of("CLOSE").fit("Past their close date"));
        assert!(!Words::of("pportunit").fit("Opportunities"));
        assert!(!Words::of("new lead").fit("New opportunity"));
        assert!(Words::of("").fit("anything"));
    }
}
