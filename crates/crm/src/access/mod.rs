//! Who may see and do what. The only place where rules of access are made: [`scope`] for
//! everything read, [`check`] for everything written.

use std::sync::Arc;

use model::{Filter, Model, Reference, Table, TableKind};
use store::{Query, Reader, Row, Scope};
use uuid::Uuid;

use crate::{Caller, Error, Result};

/// Name of the role that may do everything.
pub const ADMINISTRATOR: &str = "System Administrator";

/// What somebody wants to do with a row (the privileges of Dataverse).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the privileges' own")]
pub enum Privilege {
    Create,
    Read,
    Write,
    Delete,
}

/// Tables of people and settings that only an administrator changes.
const ADMINISTERED: &[&str] = &[
    "systemuser",
    "businessunit",
    "team",
    "teammembership",
    "role",
    "systemuserroles",
    "teamroles",
    "organization",
    "transactioncurrency",
    "transactioncurrencyrate",
    "duplicaterule",
    "duplicaterulecondition",
    "connectionrole",
];

/// Columns a person may change on their own `systemuser` row.
const OWN_SETTINGS: &[&str] = &["timezone", "locale", "mobilephone", "title", "firstname", "lastname"];

/// What `caller` may see, for each table: today everybody who may sign in sees all business
/// rows, and personal views only by their owner.
pub fn scope(caller: &Caller, model: &Model) -> Scope {
    let mut scope = Scope::default();
    if !caller.administrator && model.table("userquery").is_some() {
        let own = Filter::eq("ownerid", Reference::new("systemuser", caller.user));
        scope.rules.insert("userquery".to_owned(), own);
    }
    scope
}

/// Refuses what `caller` may not do with `row` of `table`. For an update, `changes` are the
/// columns to be written.
pub fn check(caller: &Caller, privilege: Privilege, table: &Table, row: &Row, changes: Option<&Row>) -> Result<()> {
    if caller.administrator || privilege == Privilege::Read {
        return Ok(());
    }
    if table.kind == TableKind::Pointer {
        return Err(Error::Forbidden(format!("{} are written through the activities themselves", table.plural_label)));
    }
    if !ADMINISTERED.contains(&table.name.as_str()) || is_own_setting(caller, privilege, table, row, changes) {
        return Ok(());
    }
    Err(Error::Forbidden(format!(
        "only an administrator may {} {}; ask one to do it or to give you the role {ADMINISTRATOR}",
        verb(privilege),
        table.plural_label.to_lowercase(),
    )))
}

/// Refuses everybody but administrators.
pub fn require_administrator(caller: &Caller, what: &str) -> Result<()> {
    if caller.administrator {
        return Ok(());
    }
    Err(Error::Forbidden(format!("only an administrator may {what}")))
}

fn is_own_setting(caller: &Caller, privilege: Privilege, table: &Table, row: &Row, changes: Option<&Row>) -> bool {
    privilege == Privilege::Write
        && table.name == "systemuser"
        && row.value(&table.primary_key).as_id() == Some(caller.user)
        && changes.is_some_and(|changes| changes.iter().all(|(column, _)| OWN_SETTINGS.contains(&column)))
}

const fn verb(privilege: Privilege) -> &'static str {
    match privilege {
        Privilege::Create => "add",
        Privilege::Read => "see",
        Privilege::Write => "change",
        Privilege::Delete => "delete",
    }
}

/// Teams and roles of a person.
pub(crate) struct Membership {
    pub teams: Vec<Uuid>,
    pub roles: Vec<String>,
}

/// Reads the teams of `user` and the names of all roles held directly or through them.
pub(crate) fn membership(reader: &mut Reader<'_>, engine: &Caller, user: Uuid) -> Result<Membership> {
    let teams = links(reader, engine, "teammembership", ("systemuserid", user), "teamid")?;
    let mut roles = links(reader, engine, "systemuserroles", ("systemuserid", user), "roleid")?;
    for team in &teams {
        roles.extend(links(reader, engine, "teamroles", ("teamid", *team), "roleid")?);
    }
    let references: Vec<Reference> = roles.into_iter().map(|role| Reference::new("role", role)).collect();
    let roles = reader.names(&references)?.into_values().collect();
    Ok(Membership { teams, roles })
}

fn links(reader: &mut Reader<'_>, engine: &Caller, table: &str, from: (&str, Uuid), to: &str) -> Result<Vec<Uuid>> {
    let mut query = Query::of(table, Arc::clone(engine.scope()), engine.zone())
        .select([to])
        .matching(Filter::eq(from.0, from.1))
        .take(5000);
    query.page.count = false;
    Ok(reader.query(&query)?.rows.iter().filter_map(|row| row.first().and_then(model::Value::as_id)).collect())
}
