//! Where to go, as data: which tables stand in the navigation, under which heading.

use model::{Model, Table, TableKind};

use super::{commands, tables::is_open_to};
use crate::{
    components::{Action, Command, NavGroup, NavItem, Shell, UserMenu},
    session::Me,
};

/// Headings with the tables under them. Tables of an organisation's own follow under "More".
const GROUPS: &[(&str, &[&str])] = &[
    ("Sales", &["lead", "opportunity", "competitor"]),
    ("Customers", &["account", "contact"]),
    ("Activities", &["activitypointer", "task", "phonecall", "email", "appointment"]),
    ("Catalogue", &["product", "pricelevel", "territory"]),
];

/// Tables under "Administration".
const ADMINISTRATION: &[&str] = &[
    "systemuser",
    "team",
    "businessunit",
    "position",
    "role",
    "teamtemplate",
    "fieldsecurityprofile",
    "transactioncurrency",
    "transactioncurrencyrate",
    "connectionrole",
    "duplicaterule",
];

/// Tables offered under "New", wherever one is.
const QUICK_CREATE: &[&str] = &["lead", "opportunity", "account", "contact", "task", "phonecall", "appointment"];

/// The frame for this person at the address `here`.
pub(crate) fn shell(me: &Me, model: &Model, here: &str) -> Shell {
    Shell {
        organisation: me.caller.organization().name.clone(),
        language: "en".to_owned(),
        locale: me.caller.locale.clone(),
        theme: me.browser.theme,
        navigation: groups(me, model, here),
        search: "/search".to_owned(),
        search_value: String::new(),
        quick_create: quick_create(me, model),
        user: UserMenu {
            id: me.caller.user.to_string(),
            name: me.caller.name.clone(),
            email: me.caller.email.clone(),
            commands: vec![Command::new("Personal settings", "settings", Action::Link("/settings/profile".to_owned()))],
            sign_out: "/sign-out".to_owned(),
        },
        csrf: me.csrf.clone(),
        toasts: me.flash.iter().map(|flash| flash.toast(&me.csrf)).collect(),
    }
}

fn groups(me: &Me, model: &Model, here: &str) -> Vec<NavGroup> {
    let item = |table: &Table| NavItem {
        label: table.plural_label.clone(),
        href: format!("/{}", table.set_name),
        icon: table.icon.clone(),
        current: here == table.set_name,
    };
    let named = |names: &[&str]| -> Vec<NavItem> {
        names
            .iter()
            .filter_map(|name| model.table(name))
            .filter(|table| is_open_to(&me.caller, table))
            .map(|table| item(table))
            .collect()
    };
    let mut groups: Vec<NavGroup> =
        GROUPS.iter().map(|(label, names)| NavGroup { label: (*label).to_owned(), items: named(names) }).collect();
    if let Some(sales) = groups.first_mut().filter(|sales| !sales.items.is_empty()) {
        sales.items.push(NavItem {
            label: "Process flows".to_owned(),
            href: "/process-flows".to_owned(),
            icon: "stairs".to_owned(),
            current: here == "process-flows",
        });
    }
    let own = model
        .tables
        .values()
        .filter(|table| table.custom && matches!(table.kind, TableKind::Standard | TableKind::Activity));
    groups.push(NavGroup { label: "More".to_owned(), items: own.map(|table| item(table)).collect() });
    let privacy = NavItem {
        label: "Privacy".to_owned(),
        href: "/privacy".to_owned(),
        icon: "shield-lock".to_owned(),
        current: here == "privacy",
    };
    let administration = if me.caller.administrator { named(ADMINISTRATION) } else { Vec::new() };
    groups.push(NavGroup {
        label: "Administration".to_owned(),
        items: administration.into_iter().chain(me.caller.administrator.then_some(privacy)).collect(),
    });
    let import = NavItem {
        label: "Import".to_owned(),
        href: "/import".to_owned(),
        icon: "file-import".to_owned(),
        current: here == "import",
    };
    let deleted = NavItem {
        label: "Deleted records".to_owned(),
        href: "/deleted".to_owned(),
        icon: "trash".to_owned(),
        current: here == "deleted",
    };
    let before = groups.len() - 1;
    let items = [import].into_iter().filter(|_| commands::may_import(me, model)).chain([deleted]).collect();
    groups.insert(before, NavGroup { label: "Data".to_owned(), items });
    groups.retain(|group| !group.items.is_empty());
    groups
}

fn quick_create(me: &Me, model: &Model) -> Vec<Command> {
    let tables = QUICK_CREATE.iter().filter_map(|name| model.table(name));
    let tables = tables.filter(|table| commands::may_create(me, model, table));
    tables
        .map(|table| {
            Command::new(table.label.clone(), &table.icon, Action::Dialog(format!("/{}/quick-create", table.set_name)))
        })
        .collect()
}
