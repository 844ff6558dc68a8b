//! What cuts a person's rights down for one request: the program that asks in their name, and
//! whoever acts on their behalf. What is left is what both may do.

use std::sync::Arc;

use model::{Depth, Model, Privilege, Role};

use super::{ADMINISTRATOR, ColumnRights, reach::privileges};
use crate::identity::Holder;

/// Something that rights do not go beyond. Where there are several, the lowest counts.
#[derive(Debug, Clone)]
pub(crate) enum Ceiling {
    /// Nothing is changed.
    Reading,
    /// What these roles allow together: a privilege reaches as far as the farthest of them.
    Roles(Vec<Arc<Role>>),
    /// The secured columns that whoever acts on somebody's behalf may see and set.
    Columns(ColumnRights),
}

/// Of one model, so that the same role is the same object.
impl PartialEq for Ceiling {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Reading, Self::Reading) => true,
            (Self::Roles(one), Self::Roles(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(one, other)| Arc::ptr_eq(one, other))
            }
            (Self::Columns(one), Self::Columns(other)) => one == other,
            _ => false,
        }
    }
}

impl Eq for Ceiling {}

impl Ceiling {
    /// How far a privilege may reach at most; `table` is the name under which roles speak of it.
    pub fn depth(&self, model: &Model, table: &str, privilege: Privilege) -> Depth {
        match self {
            Self::Reading if privilege == Privilege::Read => Depth::Organization,
            Self::Reading => Depth::None,
            Self::Roles(roles) => {
                let depths = roles.iter().map(|role| privileges(role, model, table).depth(privilege));
                depths.max().unwrap_or_default()
            }
            Self::Columns(_) => Depth::Organization,
        }
    }

    /// Whether an administrator below it is still one.
    pub fn leaves_everything(&self) -> bool {
        matches!(self, Self::Roles(roles) if roles.iter().any(|role| role.label == ADMINISTRATOR))
    }

    /// Whether the model may be changed below it.
    pub fn leaves_customizing(&self) -> bool {
        match self {
            Self::Reading => false,
            Self::Roles(roles) => roles.iter().any(|role| role.customizes || role.everything),
            Self::Columns(_) => true,
        }
    }

    /// Whether somebody below it may act for others.
    pub fn leaves_acting_for_others(&self) -> bool {
        match self {
            Self::Reading | Self::Columns(_) => true,
            Self::Roles(roles) => roles.iter().any(|role| role.acts_for_others || role.everything),
        }
    }
}

/// What holds for one request beside the person it is made for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Within {
    /// The program that asks, a row of `program`.
    pub program: Option<uuid::Uuid>,
    /// The program and by what it was let in, for what goes on after the request.
    pub holder: Option<Holder>,
    /// Whoever acts on the person's behalf, a `systemuser`.
    pub acting: Option<uuid::Uuid>,
    pub ceilings: Vec<Ceiling>,
}

impl Within {
    /// Whether nothing may be changed.
    pub fn is_reading(&self) -> bool {
        self.ceilings.iter().any(|ceiling| matches!(ceiling, Ceiling::Reading))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(label: &str) -> Arc<Role> {
        Arc::clone(Model::shipped().unwrap().roles.values().find(|role| role.label == label).unwrap())
    }

    #[test]
    fn a_program_that_only_reads_leaves_an_administrator_nothing_else() {
        let model = Model::shipped().unwrap();
        assert_eq!(Ceiling::Reading.depth(&model, "lead", Privilege::Read), Depth::Organization);
        for privilege in Privilege::ALL.into_iter().filter(|privilege| *privilege != Privilege::Read) {
            assert_eq!(Ceiling::Reading.depth(&model, "lead", privilege), Depth::None);
        }
        assert!(!Ceiling::Reading.leaves_everything() && !Ceiling::Reading.leaves_customizing());
    }

    #[test]
    fn several_roles_reach_as_far_as_the_farthest_and_no_role_nowhere() {
        let model = Model::shipped().unwrap();
        let ceiling = Ceiling::Roles(vec![role("Sales Team Member"), role("Salesperson")]);
        assert_eq!(ceiling.depth(&model, "account", Privilege::Read), Depth::Organization);
        assert!(ceiling.depth(&model, "lead", Privilege::Write) >= Depth::User);
        assert!(!ceiling.leaves_everything() && !ceiling.leaves_acting_for_others());
        assert_eq!(Ceiling::Roles(Vec::new()).depth(&model, "lead", Privilege::Read), Depth::None);
        assert!(Ceiling::Roles(vec![role("Delegate")]).leaves_acting_for_others());
        assert!(Ceiling::Roles(vec![role(ADMINISTRATOR)]).leaves_everything());
    }
}
