//! A seller who sees only their own records and their team's, among everybody's.

use crm::{App, Caller, NewRecord, Origin, Row, access::Privilege};
use model::{Depth, Filter, Privileges, Reference, Role};
use uuid::Uuid;

use crate::{BenchError, Result};

/// Logical name of the role.
const ROLE: &str = "new_own_records";
/// What people read.
const LABEL: &str = "Own records";
/// Leads given to the team.
const TEAM_LEADS: usize = 300;

/// Restricts `seller`, whose team gets some leads of `colleague`; once for all in a database.
pub(crate) async fn restricted(
    app: &App,
    administrator: &Caller,
    seller: &Caller,
    colleague: &Caller,
) -> Result<Caller> {
    if app.model().roles.contains_key(ROLE) {
        return Ok(app.caller(seller.user).await?);
    }
    let mut overlay = (*app.customization().overlay()).clone();
    let own = Privileges::all(Depth::User).with(Privilege::AppendTo, Depth::Organization);
    let tables = ["lead", "opportunity", "account", "contact", "activitypointer", "annotation"];
    let role = Role {
        label: LABEL.to_owned(),
        description: "Sees and changes their own records and their teams'.".to_owned(),
        everything: false,
        customizes: false,
        acts_for_others: false,
        own_tables: own,
        tables: tables.into_iter().map(|table| (table.to_owned(), own)).collect(),
    };
    overlay.roles.insert(ROLE.to_owned(), role);
    app.customization().publish(administrator, Origin::CommandLine, overlay).await?;
    let (user, unit, colleague) = (seller.user, seller.business_unit, colleague.user);
    app.work(administrator, Origin::CommandLine, move |work| {
        let roles = work.find("role", Filter::everything(), &["roleid", "name"])?;
        let person = Reference::new("systemuser", user);
        let team = Row::new().with("name", LABEL).with("businessunitid", Reference::new("businessunit", unit));
        let team = Reference::new("team", work.create_all(NewRecord::of("team", team))?);
        for role in &roles {
            let held = Reference::new("role", role.value("roleid").as_id().unwrap_or_default());
            if role.text("name") == LABEL {
                work.associate("systemuserroles_association", &person, &held)?;
                // A team owns only what its role lets it see.
                work.associate("teamroles_association", &team, &held)?;
            } else {
                work.dissociate("systemuserroles_association", &person, &held)?;
            }
        }
        work.associate("teammembership_association", &team, &person)?;
        let theirs = Filter::eq("ownerid", colleague).and(Filter::eq("statecode", 0));
        for lead in work.find("lead", theirs, &["leadid"])?.iter().take(TEAM_LEADS) {
            let id: Uuid = lead.value("leadid").as_id().unwrap_or_default();
            work.update("lead", id, Row::new().with("ownerid", team.clone()), None)?;
        }
        Ok(())
    })
    .await?;
    let caller = app.caller(seller.user).await?;
    if caller.administrator {
        return Err(BenchError::other("the seller to be restricted is an administrator"));
    }
    Ok(caller)
}
