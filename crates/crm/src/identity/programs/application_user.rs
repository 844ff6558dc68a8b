//! The user that a program works as when it works by itself.

use language::{text, tr};
use model::{Filter, Reference};
use store::Row;
use uuid::Uuid;

use super::Identity;
use crate::{Caller, Error, NewRecord, Origin, Result, access, identity::roles, records::Work};

impl Identity<'_> {
    /// Makes the user that a program works as, in a business unit (that of the caller where none is
    /// named), with these roles by their names.
    ///
    /// # Errors
    /// Refused for programs that keep no secret, and where there is such a user already.
    pub async fn make_application_user(
        &self,
        caller: &Caller,
        program: Uuid,
        unit: Option<Uuid>,
        role_names: Vec<String>,
    ) -> Result<Uuid> {
        access::require_administrator(caller, text!("make users for programs"))?;
        let program = self.program(program).await?;
        if program.public {
            return Err(Error::refused(tr!(
                "a program on people's devices works for people only; it needs no application user"
            )));
        }
        let unit = unit.unwrap_or(caller.business_unit);
        self.app
            .work(caller, Origin::Page, move |work| {
                let row = Row::new()
                    .with("lastname", program.name.as_str())
                    .with("applicationid", program.client_id)
                    .with("businessunitid", Reference::new("businessunit", unit));
                let user = work.create_all(NewRecord::of("systemuser", row))?;
                for name in &role_names {
                    let role = roles::role_named(work, name)?;
                    roles::give_role(work, user, role)?;
                }
                Ok(user)
            })
            .await
    }

    /// The enabled user that stands for the program which names itself so.
    pub async fn application_user(&self, client_id: Uuid) -> Result<Option<Uuid>> {
        let engine = self.app.engine().await?;
        let query = self
            .app
            .new_query(&engine, "systemuser")
            .select(["systemuserid"])
            .matching(Filter::eq("applicationid", client_id).and(Filter::eq("isdisabled", false)))
            .take(1);
        let found = self.app.query(&engine, query).await?;
        Ok(found.rows.first().and_then(|row| row.first()).and_then(model::Value::as_id))
    }
}

/// A user who stands for a program must stand for one that is registered; named by it where they have
/// no name. Only an administrator says so: the program works with all that this user may do.
pub(crate) fn before_user(work: &mut Work<'_, '_>, old: Option<&Row>, row: &mut Row) -> Result<()> {
    let before = old.and_then(|old| old.value("applicationid").as_id());
    if row.contains("applicationid") && row.value("applicationid").as_id() != before {
        access::require_administrator(work.caller(), text!("say which program a user stands for"))?;
    }
    let Some(application) = row.value("applicationid").as_id() else { return Ok(()) };
    let found =
        work.as_consequence(|work| work.find(super::TABLE, Filter::eq("applicationid", application), &["name"]))?;
    let Some(program) = found.first() else {
        return Err(Error::refused(tr!(
            "no program with the application id {application} is registered; register it under Programs first",
            application
        )));
    };
    if old.is_none() && row.text("lastname").is_empty() && row.text("firstname").is_empty() {
        row.set("lastname", program.text("name"));
    }
    Ok(())
}
