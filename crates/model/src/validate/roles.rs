//! Security roles.

use super::Validation;
use crate::{Depth, Ownership, Privilege, Privileges, Role, Table, TableKind};

impl Validation<'_> {
    pub(super) fn roles(&mut self) {
        let roles = &self.model.roles;
        self.unique("_roles", "the label", roles.values().map(|role| role.label.as_str()));
        for (name, role) in roles {
            self.role(&format!("role {name}"), role);
        }
    }

    fn role(&mut self, place: &str, role: &Role) {
        if role.label.trim().is_empty() {
            self.problem(place, "a role needs a label");
        }
        for (table, privileges) in &role.tables {
            let place = format!("{place}: {table}");
            match self.model.table(table) {
                None => self.problem(place, "there is no table of this name"),
                Some(table) => self.privileges(&place, table, *privileges),
            }
        }
    }

    fn privileges(&mut self, place: &str, table: &Table, privileges: Privileges) {
        let follows = match table.kind {
            TableKind::Activity => Some("all kinds of activities are named as one, activitypointer"),
            TableKind::Intersect => Some("who may link rows is said by append and append_to of the two tables"),
            TableKind::Process => Some("who may change the row may lead it through its process"),
            _ if table.ownership == Ownership::Parent => Some("its rows follow the row they hang on"),
            _ => None,
        };
        if let Some(reason) = follows {
            self.problem(place, format!("this table takes no privileges: {reason}"));
            return;
        }
        let owned = table.ownership == Ownership::User;
        let depths = Privilege::ALL.map(|privilege| privileges.depth(privilege));
        if !owned && depths.iter().any(|depth| !matches!(depth, Depth::None | Depth::Organization)) {
            self.problem(
                place,
                "its rows have no owner, so that a privilege is given for the organization or for none",
            );
        }
    }
}
