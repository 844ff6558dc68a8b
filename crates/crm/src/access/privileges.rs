//! How far each privilege of a user reaches, as their roles give it.

use std::sync::Arc;

use model::{Depth, Privilege, Reference, Role};
use uuid::Uuid;

use super::{Governed, governed, membership, reach::privileges};
use crate::{App, Caller, Result, reading};

/// A privilege that somebody has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldPrivilege {
    /// The name under which roles speak of the table: `activitypointer` for all activities.
    pub table: String,
    /// What may be done.
    pub privilege: Privilege,
    /// How far it reaches, by the farthest of the roles.
    pub depth: Depth,
    /// The business unit it reaches from.
    pub unit: Uuid,
}

/// What somebody's roles give them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HeldPrivileges {
    /// By table.
    pub on_tables: Vec<HeldPrivilege>,
    /// The business unit of a role by which they may act for others; none where none lets them.
    pub acts_for_others: Option<Uuid>,
}

impl App {
    /// The privileges of a user, directly and through teams, by table; none of one who is disabled.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] where the caller may not see the user.
    pub async fn privileges_of(&self, caller: &Caller, user: Uuid) -> Result<HeldPrivileges> {
        let (caller, of) = (caller.clone(), Reference::new("systemuser", user));
        self.read_in_organization(move |reader, organization| {
            let row = reading::get(reader, &caller, &of.table, of.id, None)?;
            if row.value("isdisabled").as_boolean() == Some(true) {
                return Ok(HeldPrivileges::default());
            }
            let unit = row.value("businessunitid").as_id().unwrap_or(organization.root_business_unit);
            let engine = Caller::engine(Arc::clone(organization));
            let held = membership(reader, &engine, of.id, unit)?;
            let model = Arc::clone(reader.model());
            let mut names: Vec<String> =
                model.tables.values().filter_map(|table| name_of(governed(&model, table))).collect();
            names.sort_unstable();
            names.dedup();
            let mut found = Vec::new();
            for table in names {
                for privilege in Privilege::ALL {
                    let given = held
                        .holdings
                        .iter()
                        .map(|holding| (privileges(&holding.role, &model, &table).depth(privilege), holding.unit));
                    let Some((depth, unit)) = given.max_by_key(|(depth, _)| *depth) else { continue };
                    if depth != Depth::None {
                        found.push(HeldPrivilege { table: table.clone(), privilege, depth, unit });
                    }
                }
            }
            let lets = |role: &Role| role.acts_for_others || role.everything;
            let acts_for_others = held.holdings.iter().find(|holding| lets(&holding.role)).map(|holding| holding.unit);
            Ok(HeldPrivileges { on_tables: found, acts_for_others })
        })
        .await
    }
}

fn name_of(governed: Governed) -> Option<String> {
    match governed {
        Governed::ByOwner(name) | Governed::Whole(name) | Governed::Settings(name) => Some(name),
        Governed::Following(_) | Governed::Pair(_) | Governed::Twin => None,
    }
}
