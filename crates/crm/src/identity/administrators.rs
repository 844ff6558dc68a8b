//! Somebody who may do everything is always left.

use std::sync::Arc;

use language::tr;
use model::{Filter, Path, Table, Value};
use store::{Query, Row, Scope};
use uuid::Uuid;

use crate::{Error, Result, access, records::Work};

/// Most rows read of one list.
const MOST: u32 = 5000;

/// Refuses a change after which no enabled person would be an administrator, by a role of their own or
/// by a team's. `old` is what the change took away; `new` what is there now.
///
/// # Errors
/// [`Error::Refused`] with what to do first.
pub(crate) fn keep_one(work: &mut Work<'_, '_>, table: &Table, old: &Row, new: Option<&Row>) -> Result<()> {
    let may_concern = match table.name.as_str() {
        "systemuser" => is_person(old) && !new.is_some_and(is_person),
        "systemuserroles" | "teamroles" | "teammembership" => true,
        _ => false,
    };
    if !may_concern {
        return Ok(());
    }
    let roles = ids(work, "role", Filter::eq("name", access::ADMINISTRATOR), "roleid")?;
    let given = old.value("roleid").as_id();
    if given.is_some_and(|role| !roles.contains(&role)) {
        return Ok(());
    }
    // Two who each take one of the last two away wait for each other here.
    if let Some(role) = roles.first() {
        work.writer().lock("role", *role)?;
    }
    if is_any_left(work, &roles)? {
        return Ok(());
    }
    Err(Error::refused(tr!(
        "nobody would be left who may do everything; give another person, who is enabled, the role {} first",
        access::ADMINISTRATOR
    )))
}

fn is_any_left(work: &mut Work<'_, '_>, roles: &[Uuid]) -> Result<bool> {
    let holding = Filter::is_in("roleid", roles.iter().copied());
    if are_people(work, "systemuserroles", holding.clone())? {
        return Ok(true);
    }
    let teams = ids(work, "teamroles", holding, "teamid")?;
    are_people(work, "teammembership", Filter::is_in("teamid", teams))
}

/// Whether any of these pairs is of a person who may sign in.
fn are_people(work: &mut Work<'_, '_>, pairs: &str, filter: Filter) -> Result<bool> {
    let columns = ["isdisabled", "applicationid"].map(|column| Path::through("systemuserid", column));
    let query = unrestricted(work, pairs, filter).select(columns);
    let found = work.writer().query(&query)?;
    Ok(found.rows.iter().any(|row| matches!(row.as_slice(), [disabled, program] if may_sign_in(disabled, program))))
}

fn ids(work: &mut Work<'_, '_>, table: &str, filter: Filter, column: &str) -> Result<Vec<Uuid>> {
    let query = unrestricted(work, table, filter).select([column]);
    let found = work.writer().query(&query)?;
    Ok(found.rows.iter().filter_map(|row| row.first().and_then(Value::as_id)).collect())
}

fn unrestricted(work: &Work<'_, '_>, table: &str, filter: Filter) -> Query {
    Query::of(table, Arc::new(Scope::default()), work.caller().zone()).matching(filter).take(MOST)
}

fn is_person(user: &Row) -> bool {
    may_sign_in(user.value("isdisabled"), user.value("applicationid"))
}

/// Programs have users, too, but nobody signs in as one.
fn may_sign_in(disabled: &Value, program: &Value) -> bool {
    disabled.as_boolean() != Some(true) && program.is_null()
}
