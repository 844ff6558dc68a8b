//! Security roles: what the model declares has a row in the table `role`, by which people and
//! teams hold it.

use std::collections::BTreeSet;

use language::{text, tr};
use model::{Filter, Reference};
use store::Row;
use uuid::Uuid;

use super::Identity;
use crate::{App, Caller, Error, Origin, Result, access, records::Work};

impl Identity<'_> {
    /// Gives a person a role by its name; nothing happens where they have it.
    pub async fn give_role(&self, caller: &Caller, user: Uuid, role: &str) -> Result<()> {
        access::require_administrator(caller, text!("give roles to people"))?;
        let name = role.to_owned();
        self.app
            .work(caller, Origin::Page, move |work| {
                let role = role_named(work, &name)?;
                give_role(work, user, role)
            })
            .await
    }
}

/// Makes rows for the roles the model declares and that have none yet: after a release or a
/// customisation has added some.
pub(crate) async fn keep_roles(app: &App) -> Result<()> {
    let engine = app.engine().await?;
    if engine.organization().id.is_nil() {
        return Ok(());
    }
    let query = app.new_query(&engine, "role").select(["name"]).take(5000);
    let known: BTreeSet<String> =
        app.query(&engine, query).await?.to_rows().map(|row| row.text("name").to_owned()).collect();
    if app.model().roles.values().all(|role| known.contains(&role.label)) {
        return Ok(());
    }
    app.work(&engine, Origin::Engine, |work| add_roles(work, work.organization().root_business_unit)).await
}

/// Adds the rows that are missing, to the business unit at the top.
pub(super) fn add_roles(work: &mut Work<'_, '_>, unit: Uuid) -> Result<()> {
    let model = work.model().clone();
    let table = work.table("role")?;
    for role in model.roles.values() {
        let same = Filter::eq("name", role.label.as_str());
        if work.find("role", same, &["roleid"])?.is_empty() {
            let row = Row::new()
                .with("name", role.label.as_str())
                .with("description", role.description.as_str())
                .with("businessunitid", Reference::new("businessunit", unit));
            work.create_trusted(&table, None, row)?;
        }
    }
    Ok(())
}

/// The row of a role.
pub(crate) fn role_named(work: &mut Work<'_, '_>, name: &str) -> Result<Uuid> {
    let found = work.find("role", Filter::eq("name", name), &["roleid"])?;
    found.first().and_then(|row| row.value("roleid").as_id()).ok_or_else(|| {
        let known: Vec<String> = work.model().roles.values().map(|role| format!("'{}'", role.label)).collect();
        Error::Unknown(tr!("there is no security role '{name}'; take one of {}", known.join(", "), name))
    })
}

/// Gives a person a role, unless they have it.
pub(crate) fn give_role(work: &mut Work<'_, '_>, user: Uuid, role: Uuid) -> Result<()> {
    let (user, role) = (Reference::new("systemuser", user), Reference::new("role", role));
    work.associate("systemuserroles_association", &user, &role).map(drop)
}
