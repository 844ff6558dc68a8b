//! What can be done with rows of a table: one place for lists and record pages. What the person's
//! roles refuse is not offered; the domain decides all the same.

use crm::access::{self, Privilege};
use language::{Language, tr};
use model::{Model, Ownership, State, Table, TableKind};
use uuid::Uuid;

use super::{record::Record, tables::is_writable};
use crate::{
    components::{Action, Command, CommandBar},
    session::Me,
};

/// Tables whose state changes by verbs of their own.
const OWN_VERBS: &[&str] = &["lead", "opportunity", "opportunityclose"];

/// Tables whose rows no form makes: by closing a deal, which asks for what it needs, and by declaring a role.
const NOT_BY_FORM: &[&str] = &["opportunityclose", "role"];

/// What brings rows into a state.
pub(crate) struct StateVerb {
    /// On its button: `Turn off`.
    pub command: String,
    /// What was done: `turned off`.
    pub past: String,
    pub icon: &'static str,
    /// Value of the state.
    pub to: i32,
}

/// Commands about selected rows of a list; `export` leads to them as a file.
pub(crate) fn bulk(me: &Me, model: &Model, table: &Table, export: Vec<(String, String)>) -> CommandBar {
    let may = |privilege| me.caller.may_anywhere(model, table, privilege);
    let dialog = |label: &str, icon: &str, what: &str| {
        Command::new(label, icon, Action::Dialog(format!("/{}/{what}", table.set_name)))
    };
    let post = |label: &str, icon: &str, href: String| Command::new(label, icon, Action::Post { href, confirm: None });
    let files = export.into_iter().map(|(label, href)| post(&label, "download", href));
    if !is_writable(table) {
        return CommandBar { commands: files.collect(), more: Vec::new() };
    }
    let mut commands = Vec::new();
    if may(Privilege::Write) {
        commands.push(dialog(&tr!("Edit"), "pencil", "edits"));
        if table.name == "lead" {
            commands.push(dialog(&tr!("Qualify"), "circle-check", "qualifications"));
            commands.push(dialog(&tr!("Disqualify"), "ban", "disqualifications"));
        }
    }
    if is_assignable(table) && may(Privilege::Assign) {
        commands.push(dialog(&tr!("Assign"), "user-share", "assignments"));
    }
    let mut more = Vec::new();
    if may(Privilege::Share) && access::is_shareable(model, table) {
        more.push(dialog(&tr!("Share"), "share", "shares"));
    }
    if may(Privilege::Write) {
        if crm::merge::is_mergeable(table) {
            more.push(dialog(&tr!("Merge"), "copy", "merges").of_selected(2));
        }
        match table.name.as_str() {
            "lead" => more.push(dialog(&tr!("Reactivate"), "arrow-back-up", "reactivations")),
            "opportunity" => more.push(post(&tr!("Reopen"), "arrow-back-up", "/opportunities/reopenings".to_owned())),
            _ => {}
        }
        let states = state_verbs(table)
            .map(|verb| post(&verb.command, verb.icon, format!("/{}/states?to={}", table.set_name, verb.to)));
        more.extend(states);
    }
    more.extend(files);
    if may(Privilege::Delete) {
        commands.push(dialog(&tr!("Delete"), "trash", "deletions").danger());
    }
    CommandBar { commands, more }
}

/// True where rows can be given to somebody else.
pub(crate) fn is_assignable(table: &Table) -> bool {
    is_writable(table) && table.ownership == Ownership::User && table.column("ownerid").is_some()
}

/// Commands about a list.
pub(crate) fn list(
    me: &Me,
    model: &Model,
    table: &Table,
    export: &[(String, String)],
    views: Vec<Command>,
) -> CommandBar {
    let mut commands: Vec<Command> = import(me, model, table, &tr!("Import")).into_iter().collect();
    commands.extend(new(me, model, table).map(Command::primary));
    let mut more: Vec<Command> =
        export.iter().map(|(label, href)| Command::new(label, "download", Action::Link(href.clone()))).collect();
    more.extend(views);
    if crm::merge::is_mergeable(table) {
        let href = format!("/{}/duplicates", table.set_name);
        more.push(Command::new(tr!("Possible duplicates"), "copy", Action::Link(href)));
    }
    more.push(Command::new(tr!("Reload"), "refresh", Action::Reload));
    CommandBar { commands, more }
}

/// True where the person may add rows of the table on pages.
pub(crate) fn may_create(me: &Me, model: &Model, table: &Table) -> bool {
    is_writable(table)
        && !NOT_BY_FORM.contains(&table.name.as_str())
        && me.caller.may_anywhere(model, table, Privilege::Create)
}

/// The way to a new row: the short form where there is one.
pub(crate) fn new(me: &Me, model: &Model, table: &Table) -> Option<Command> {
    let label = tr!("New {}", Language::within_sentence(&table.label));
    let link = Action::Link(format!("/{}/new", table.set_name));
    may_create(me, model, table).then(|| Command::new(label, "plus", link))
}

/// The way to an import of rows of the table.
pub(crate) fn import(me: &Me, model: &Model, table: &Table, label: &str) -> Option<Command> {
    let link = Action::Link(format!("/import?table={}", table.name));
    let may = table.importable && may_create(me, model, table) && may_import(me, model);
    may.then(|| Command::new(label, "file-import", link))
}

/// True where the person may import at all.
pub(crate) fn may_import(me: &Me, model: &Model) -> bool {
    model.table("importjob").is_some_and(|jobs| me.caller.may_anywhere(model, jobs, Privilege::Create))
}

/// Commands about one row.
pub(crate) fn record(record: &Record<'_>, id: Uuid, editable: bool) -> CommandBar {
    let Record { table, row, model, rights, .. } = record;
    let may = |privilege| rights.contains(&privilege);
    let may_write = may(Privilege::Write);
    let at = |what: &str| format!("/{}/{id}/{what}", table.set_name);
    let post = |label: &str, icon: &str, href: String| Command::new(label, icon, Action::Post { href, confirm: None });
    let open = row.value("statecode").as_whole() == Some(0);
    let mut commands = Vec::new();
    match (table.name.as_str(), open) {
        _ if !may_write => {}
        ("lead", true) => {
            commands.push(Command::new(tr!("Qualify"), "circle-check", Action::Dialog(at("qualification"))).stays());
            commands.push(Command::new(tr!("Disqualify"), "ban", Action::Dialog(at("disqualification"))));
        }
        ("lead", false) => {
            if let Some(act) = record.qualification {
                let undo = post(&tr!("Undo qualification"), "arrow-back-up", format!("/acts/{act}/undo"));
                commands.push(
                    undo.confirm(tr!("Undo the qualification? What it made is deleted, and the lead is open again."))
                        .stays(),
                );
            }
            let qualified = row.value("statecode").as_whole() == Some(crm::leads::QUALIFIED);
            let reactivate = if qualified {
                Command::new(tr!("Reactivate"), "arrow-back-up", Action::Dialog(at("reactivation")))
            } else {
                post(&tr!("Reactivate"), "arrow-back-up", at("reactivation"))
            };
            commands.push(reactivate.stays());
        }
        ("opportunity", true) => {
            commands
                .push(Command::new(tr!("Close as won"), "trophy", Action::Dialog(at("closure?outcome=won"))).stays());
            commands.push(
                Command::new(tr!("Close as lost"), "circle-x", Action::Dialog(at("closure?outcome=lost"))).stays(),
            );
        }
        ("opportunity", false) => commands.push(post(&tr!("Reopen"), "arrow-back-up", at("reopening")).stays()),
        (crm::webhooks::TABLE, is_on) => commands.extend(of_webhook(is_on, at)),
        (crm::webhooks::DELIVERIES, _) => commands.push(post(&tr!("Send again"), "refresh", at("sending")).stays()),
        _ => {}
    }
    let state = row.value("statecode").as_whole();
    let mut more = Vec::new();
    if is_writable(table) && may_write {
        for verb in state_verbs(table).filter(|verb| state.is_some() && Some(i64::from(verb.to)) != state) {
            more.push(post(&verb.command, verb.icon, format!("/{}/states?to={}&id={id}", table.set_name, verb.to)));
        }
        if table.kind == TableKind::Activity && !more.is_empty() {
            commands.extend(more.drain(..1).map(Command::stays));
        }
    }
    if may(Privilege::Share) && access::is_shareable(model, table) {
        commands.push(Command::new(tr!("Share"), "share", Action::Link(at("shares"))));
        if record.me.caller.organization().team_templates(&table.name).next().is_some() {
            more.insert(0, Command::new(tr!("Access team"), "users", Action::Link(at("shares#access-teams"))));
        }
    }
    if editable {
        let save = Action::Submit { form: "record-form".to_owned(), value: None };
        commands.push(Command::new(tr!("Save"), "device-floppy", save).primary().shortcut("Control+S"));
    }
    if is_assignable(table) && record.is_open() && may(Privilege::Assign) {
        more.insert(0, Command::new(tr!("Assign"), "user-share", Action::Dialog(at("assignment"))));
    }
    if matches!(table.name.as_str(), "systemuser" | "program") {
        more.push(Command::new(tr!("Sign-in"), "shield-lock", Action::Link(at("sign-in"))));
    }
    if crm::merge::is_mergeable(table) && editable {
        more.push(Command::new(tr!("Possible duplicates"), "copy", Action::Link(at("duplicates"))));
    }
    more.push(Command::new(tr!("History"), "history", Action::Link(at("history"))));
    more.push(Command::new(tr!("Print"), "printer", Action::Print { timeline: false }));
    if record.timeline.is_some() {
        more.push(Command::new(tr!("Print with timeline"), "printer", Action::Print { timeline: true }));
    }
    if is_writable(table) && may(Privilege::Delete) {
        more.push(Command::new(tr!("Delete"), "trash", Action::Dialog(at("deletion"))).danger());
    }
    CommandBar { commands, more }
}

/// What is done with a webhook beside changing it.
fn of_webhook(is_on: bool, at: impl Fn(&str) -> String) -> Vec<Command> {
    let post =
        |label: String, icon: &str, href: String| Command::new(label, icon, Action::Post { href, confirm: None });
    let question =
        tr!("Make a new secret? The receiver needs it within a day: so long the former one counts beside it.");
    let mut commands = vec![post(tr!("New secret"), "key", at("secret")).confirm(question)];
    if is_on {
        commands.insert(0, post(tr!("Send a test"), "activity", at("test")).stays());
    }
    commands
}

/// What changes the state of rows of this table directly.
fn state_verbs(table: &Table) -> impl Iterator<Item = StateVerb> {
    let own = OWN_VERBS.contains(&table.name.as_str()) || table.kind == TableKind::Pointer;
    table.states.iter().filter(move |_| !own).map(|state| StateVerb::of(table, state))
}

impl StateVerb {
    /// What brings rows of this table into a state.
    pub fn of(table: &Table, state: &State) -> Self {
        let (command, past, icon) = match (table.kind, state.value) {
            (TableKind::Activity, 0) => (tr!("Reopen"), tr!("reopened"), "arrow-back-up"),
            (TableKind::Activity, 1) => (tr!("Mark complete"), tr!("marked complete"), "check"),
            (TableKind::Activity, 2) => (tr!("Cancel"), tr!("canceled"), "ban"),
            (_, 0) if table.name == "duplicaterule" => (tr!("Unpublish"), tr!("unpublished"), "archive"),
            (_, 1) if table.name == "duplicaterule" => (tr!("Publish"), tr!("published"), "check"),
            (_, 0) if table.name == "retentionrule" => (tr!("Turn off"), tr!("turned off"), "archive"),
            (_, 1) if table.name == "retentionrule" => (tr!("Turn on"), tr!("turned on"), "check"),
            (_, 0) if table.name == crm::webhooks::TABLE => (tr!("Turn on"), tr!("turned on"), "check"),
            (_, 1) if table.name == crm::webhooks::TABLE => (tr!("Turn off"), tr!("turned off"), "archive"),
            (_, 0) => (tr!("Activate"), tr!("activated"), "check"),
            (_, 1) if table.states.len() == 2 => (tr!("Deactivate"), tr!("deactivated"), "archive"),
            (_, to) => {
                let (command, past) = (tr!("Set to {}", state.label), tr!("set to {}", state.label));
                return Self { command, past, icon: "switch-horizontal", to };
            }
        };
        Self { command, past, icon, to: state.value }
    }
}
