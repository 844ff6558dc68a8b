//! Where to go, as data: which tables stand in the navigation, under which heading.

use language::{Language, spoken, text, tr};
use model::{Model, Table, TableKind};

use super::{commands, follows, notifications, pins, tables::is_open_to};
use crate::{
    components::{Action, Bell, Command, NavGroup, NavItem, Shell, UserMenu},
    session::Me,
};

/// Letters that lead to a place after `g`.
const KEYS: &[(&str, char)] = &[
    ("lead", 'l'),
    ("opportunity", 'o'),
    ("account", 'a'),
    ("contact", 'c'),
    ("activitypointer", 't'),
    ("task", 'k'),
    ("appointment", 'm'),
    ("product", 'p'),
];

/// Headings with the tables under them. Tables of an organisation's own follow under "More".
const GROUPS: &[(&str, &[&str])] = &[
    (text!("Sales"), &["lead", "opportunity", "competitor"]),
    (text!("Customers"), &["account", "contact"]),
    (text!("Activities"), &["activitypointer", "task", "phonecall", "email", "appointment"]),
    (text!("Catalogue"), &["product", "pricelevel", "territory"]),
];

/// Tables under "Administration".
const ADMINISTRATION: &[&str] = &[
    "systemuser",
    "team",
    "businessunit",
    "position",
    "role",
    "program",
    "teamtemplate",
    "fieldsecurityprofile",
    "transactioncurrency",
    "transactioncurrencyrate",
    "connectionrole",
    "duplicaterule",
    "webhook",
];

/// Tables offered under "New", wherever one is.
const QUICK_CREATE: &[&str] = &["lead", "opportunity", "account", "contact", "task", "phonecall", "appointment"];

/// The frame for this person at the address `here`.
pub(crate) fn shell(me: &Me, model: &Model, here: &str) -> Shell {
    Shell {
        organisation: me.caller.organization().name.clone(),
        language: Language::current().tag().to_owned(),
        locale: me.caller.locale.clone(),
        theme: me.browser.theme,
        density: me.browser.density,
        without_shortcuts: me.caller.arrangement().without_shortcuts,
        navigation: places(me, model, here),
        pinned: pins::places(me, model, &me.pinned),
        pin: pins::toggle(me, model),
        search: "/search".to_owned(),
        search_value: String::new(),
        quick_create: quick_create(me, model),
        user: UserMenu {
            id: me.caller.user.to_string(),
            name: me.caller.name.clone(),
            email: me.caller.email.clone(),
            commands: vec![
                Command::new(tr!("Notifications"), "bell", Action::Link("/notifications".to_owned())),
                Command::new(tr!("What you follow"), "eye", Action::Link(follows::ADDRESS.to_owned())),
                Command::new(tr!("Personal settings"), "settings", Action::Link("/settings/profile".to_owned())),
                Command::new(tr!("For developers"), "code", Action::Link("/developer".to_owned())),
            ],
            sign_out: "/sign-out".to_owned(),
        },
        csrf: me.csrf.clone(),
        bell: me.unread.map(|unread| Bell { count: notifications::count(unread), since: me.since.sequence }),
        toasts: me.flash.iter().map(|flash| flash.toast(&me.csrf)).collect(),
        live: me.since.to_string(),
    }
}

/// The places of the side bar, by heading; the first one is Home.
pub(crate) fn places(me: &Me, model: &Model, here: &str) -> Vec<NavGroup> {
    let item = |table: &Table| NavItem {
        label: table.plural_label.clone(),
        href: format!("/{}", table.set_name),
        icon: table.icon.clone(),
        current: here == table.set_name,
        key: KEYS.iter().find(|(name, _)| *name == table.name).map(|(_, key)| *key),
    };
    let named = |names: &[&str]| -> Vec<NavItem> {
        names
            .iter()
            .filter_map(|name| model.table(name))
            .filter(|table| is_open_to(&me.caller, table))
            .map(|table| item(table))
            .collect()
    };
    let home = NavItem {
        label: tr!("Home"),
        href: "/home".to_owned(),
        icon: "home".to_owned(),
        current: here == "home",
        key: Some('h'),
    };
    let mut groups = vec![NavGroup { label: String::new(), items: vec![home] }];
    groups.extend(
        GROUPS.iter().map(|(label, names)| NavGroup { label: spoken(label).into_owned(), items: named(names) }),
    );
    if let Some(sales) = groups.get_mut(1).filter(|sales| !sales.items.is_empty()) {
        sales.items.push(NavItem {
            label: tr!("Process flows"),
            href: "/process-flows".to_owned(),
            icon: "stairs".to_owned(),
            current: here == "process-flows",
            key: None,
        });
    }
    let own = model
        .tables
        .values()
        .filter(|table| table.custom && matches!(table.kind, TableKind::Standard | TableKind::Activity));
    groups.push(NavGroup { label: tr!("navigation" => "More"), items: own.map(|table| item(table)).collect() });
    let privacy = NavItem {
        label: tr!("Privacy"),
        href: "/privacy".to_owned(),
        icon: "shield-lock".to_owned(),
        current: here == "privacy",
        key: None,
    };
    let designer = NavItem {
        label: tr!("Flow designer"),
        href: "/process-designer".to_owned(),
        icon: "sitemap".to_owned(),
        current: here == "process-designer",
        key: None,
    };
    let administration = if me.caller.administrator { named(ADMINISTRATION) } else { Vec::new() };
    groups.push(NavGroup {
        label: tr!("Administration"),
        items: administration
            .into_iter()
            .chain(me.caller.administrator.then_some(privacy))
            .chain(me.caller.customizes().then_some(designer))
            .collect(),
    });
    let import = NavItem {
        label: tr!("Import"),
        href: "/import".to_owned(),
        icon: "file-import".to_owned(),
        current: here == "import",
        key: None,
    };
    let deleted = NavItem {
        label: tr!("Deleted records"),
        href: "/deleted".to_owned(),
        icon: "trash".to_owned(),
        current: here == "deleted",
        key: None,
    };
    let before = groups.len() - 1;
    let items = [import].into_iter().filter(|_| commands::may_import(me, model)).chain([deleted]).collect();
    groups.insert(before, NavGroup { label: tr!("Data"), items });
    groups.retain(|group| !group.items.is_empty());
    groups
}

/// Where a table stands in the side bar; what stands there first matters most. Others follow.
pub(crate) fn rank(table: &Table) -> usize {
    let mut names = GROUPS.iter().flat_map(|(_, names)| names.iter()).chain(ADMINISTRATION);
    names.position(|name| *name == table.name).unwrap_or(usize::MAX)
}

/// What can be created from everywhere.
pub(crate) fn quick_create(me: &Me, model: &Model) -> Vec<Command> {
    let tables = QUICK_CREATE.iter().filter_map(|name| model.table(name));
    let tables = tables.filter(|table| commands::may_create(me, model, table));
    tables
        .map(|table| {
            Command::new(table.label.clone(), &table.icon, Action::Dialog(format!("/{}/quick-create", table.set_name)))
        })
        .collect()
}
