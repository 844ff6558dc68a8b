//! Which rules a table has beyond its declaration. A new rule of a table is one line here and a
//! function in the module of its capability.

use language::tr;
use model::{Table, TableKind};
use store::Row;

use super::{Work, names};
use crate::{
    Error, Result, access, access::teams, activities, connections, duplicates::publish, follows, foundations, identity,
    jobs, leads, locality, notifications, opportunities, privacy, process, webhooks, workspace,
};

/// Before a new row is written; may change it.
pub(super) fn before_create(work: &mut Work<'_, '_>, table: &Table, row: &mut Row) -> Result<()> {
    if table.kind == TableKind::Activity {
        activities::before_create(work, table, row)?;
    }
    activities::content::check_pictures(work, table, row)?;
    names::take_over(work, &table.name, row)?;
    before_create_in(work, table, row)?;
    // Last: which flow leads the row is decided by what it holds.
    process::before_create(work, table, row);
    Ok(())
}

fn before_create_in(work: &mut Work<'_, '_>, table: &Table, row: &mut Row) -> Result<()> {
    match table.name.as_str() {
        "lead" => leads::before_create(row),
        "opportunity" => opportunities::before_create(row),
        "opportunityproduct" => opportunities::products::before_write(work, None, row),
        "opportunityclose" => opportunities::before_close_record(work, row),
        "annotation" => activities::notes::before_write(work, row),
        "program" => identity::programs::before_write(None, row),
        "systemuser" => {
            identity::programs::before_user(work, None, row)?;
            workspace::before_write(work.model(), table, row)?;
            locality::before_write(table, row)
        }
        "organization" => locality::before_write(table, row),
        "duplicaterule" => publish::before_rule(work, None, row),
        "duplicaterulecondition" => publish::before_condition(work, None, row),
        "retentionrule" => privacy::before_rule(work, None, row),
        webhooks::TABLE => webhooks::before_write(work, table, None, row),
        webhooks::DELIVERIES => webhooks::before_delivery(row),
        jobs::TABLE => jobs::before_create(row),
        notifications::TABLE => {
            notifications::before_create(work, row);
            Ok(())
        }
        "processdraft" => process::design::before_draft(row),
        "transactioncurrencyrate" | "transactioncurrency" => crate::money::before_rate(row),
        "teamroles" => teams::before_team_role(work, row),
        "role" => foundations::before_role(work),
        "businessunit" => {
            foundations::before_unit(work, row);
            Ok(())
        }
        "teamtemplate" => teams::before_template(work, None, row),
        "fieldpermission" => access::before_permission(work, None, row),
        "postfollow" => follows::before_create(work, row),
        _ => Ok(()),
    }
}

/// After a new row was written.
pub(super) fn after_create(work: &mut Work<'_, '_>, table: &Table, row: &Row) -> Result<()> {
    match table.name.as_str() {
        "opportunityproduct" => opportunities::products::after_write(work, row),
        "opportunityclose" => opportunities::after_close_record(work, row),
        "systemuser" => identity::after_user_create(work, row),
        _ => Ok(()),
    }
}

/// Before changes are written; may change them.
pub(super) fn before_update(work: &mut Work<'_, '_>, table: &Table, old: &Row, changes: &mut Row) -> Result<()> {
    if table.kind == TableKind::Activity {
        activities::before_update(work, table, old, changes)?;
    }
    activities::content::check_pictures(work, table, changes)?;
    names::take_over(work, &table.name, changes)?;
    match table.name.as_str() {
        "opportunity" => opportunities::before_update(work, old, changes),
        "opportunityproduct" => opportunities::products::before_write(work, Some(old), changes),
        "annotation" => activities::notes::before_write(work, changes),
        "post" | "postcomment" => work.require_own_words(&table.name, old, changes),
        "program" => identity::programs::before_write(Some(old), changes),
        "systemuser" => {
            identity::programs::before_user(work, Some(old), changes)?;
            workspace::before_write(work.model(), table, changes)?;
            locality::before_write(table, changes)
        }
        "organization" => locality::before_write(table, changes),
        "duplicaterule" => publish::before_rule(work, Some(old), changes),
        "duplicaterulecondition" => publish::before_condition(work, Some(old), changes),
        "retentionrule" => privacy::before_rule(work, Some(old), changes),
        webhooks::TABLE => webhooks::before_write(work, table, Some(old), changes),
        jobs::TABLE => jobs::before_update(work, old, changes),
        "processdraft" => process::design::before_draft(changes),
        "transactioncurrencyrate" | "transactioncurrency" => crate::money::before_rate(changes),
        "team" => teams::before_team_update(old, changes),
        "teamtemplate" => teams::before_template(work, Some(old), changes),
        "fieldpermission" => access::before_permission(work, Some(old), changes),
        "postfollow" => follows::before_write(work, changes),
        _ => Ok(()),
    }
}

/// After changes were written.
pub(super) fn after_update(work: &mut Work<'_, '_>, table: &Table, old: &Row, new: &Row) -> Result<()> {
    match table.name.as_str() {
        "opportunityproduct" => opportunities::products::after_write(work, new),
        "opportunity" => opportunities::after_update(work, old, new),
        "systemuser" => identity::after_user_update(work, old, new),
        "connection" => connections::after_update(work, old, new),
        _ => Ok(()),
    }
}

/// After a row was deleted.
pub(super) fn after_delete(work: &mut Work<'_, '_>, table: &Table, row: &Row) -> Result<()> {
    match table.name.as_str() {
        "opportunityproduct" => opportunities::products::after_write(work, row),
        "connection" => connections::after_delete(work, row),
        "program" => identity::programs::after_delete(work, row),
        webhooks::TABLE => webhooks::after_delete(work, row),
        jobs::TABLE => jobs::after_delete(work, row),
        "privacyrequest" => {
            Err(Error::refused(tr!("what was told and erased must stay provable; its report is not deleted")))
        }
        _ => Ok(()),
    }
}
