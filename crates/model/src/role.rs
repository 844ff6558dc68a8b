//! Security roles: what a person may do with the rows of each table, and how far that reaches.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// What somebody wants to do with a row: the eight privileges of Dataverse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Privilege {
    /// Make a row.
    Create,
    /// See a row.
    Read,
    /// Change a row.
    Write,
    /// Delete a row.
    Delete,
    /// Let the row point at another one.
    Append,
    /// Let another row point at this one.
    AppendTo,
    /// Give a row to another owner.
    Assign,
    /// Share a row with somebody.
    Share,
}

impl Privilege {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 8] =
        [Self::Create, Self::Read, Self::Write, Self::Delete, Self::Append, Self::AppendTo, Self::Assign, Self::Share];
}

/// How far a privilege reaches. A farther one holds everything a nearer one does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Depth {
    /// Nowhere.
    #[default]
    None,
    /// Rows the person or one of their teams owns, and rows shared with them (Dataverse: Basic).
    User,
    /// All rows of the person's business unit (Local).
    BusinessUnit,
    /// Also those of the business units below it (Deep).
    ChildBusinessUnits,
    /// All rows (Global).
    Organization,
}

/// The depths of all privileges on one table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "PrivilegesSource", into = "PrivilegesSource")]
pub struct Privileges {
    depths: [Depth; 8],
}

impl Privileges {
    /// Every privilege as far as `depth`.
    pub const fn all(depth: Depth) -> Self {
        Self { depths: [depth; 8] }
    }

    /// How far a privilege reaches.
    pub const fn depth(&self, privilege: Privilege) -> Depth {
        self.depths[privilege as usize]
    }

    /// The same with another depth of one privilege.
    #[must_use]
    pub const fn with(mut self, privilege: Privilege, depth: Depth) -> Self {
        self.depths[privilege as usize] = depth;
        self
    }
}

/// As it is written: `{ all = "user", read = "organization" }`; what is not named has the depth
/// of `all`, or none.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PrivilegesSource {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    all: Option<Depth>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    create: Option<Depth>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    read: Option<Depth>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    write: Option<Depth>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    delete: Option<Depth>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    append: Option<Depth>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    append_to: Option<Depth>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    assign: Option<Depth>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    share: Option<Depth>,
}

impl PrivilegesSource {
    const fn given(&self, privilege: Privilege) -> Option<Depth> {
        match privilege {
            Privilege::Create => self.create,
            Privilege::Read => self.read,
            Privilege::Write => self.write,
            Privilege::Delete => self.delete,
            Privilege::Append => self.append,
            Privilege::AppendTo => self.append_to,
            Privilege::Assign => self.assign,
            Privilege::Share => self.share,
        }
    }

    const fn set(&mut self, privilege: Privilege, depth: Depth) {
        let place = match privilege {
            Privilege::Create => &mut self.create,
            Privilege::Read => &mut self.read,
            Privilege::Write => &mut self.write,
            Privilege::Delete => &mut self.delete,
            Privilege::Append => &mut self.append,
            Privilege::AppendTo => &mut self.append_to,
            Privilege::Assign => &mut self.assign,
            Privilege::Share => &mut self.share,
        };
        *place = Some(depth);
    }
}

impl From<PrivilegesSource> for Privileges {
    fn from(source: PrivilegesSource) -> Self {
        let mut privileges = Self::all(source.all.unwrap_or_default());
        for privilege in Privilege::ALL {
            if let Some(depth) = source.given(privilege) {
                privileges = privileges.with(privilege, depth);
            }
        }
        privileges
    }
}

impl From<Privileges> for PrivilegesSource {
    /// The depth most privileges have is said once.
    fn from(privileges: Privileges) -> Self {
        let depths = Privilege::ALL.map(|privilege| privileges.depth(privilege));
        let count = |depth: &Depth| depths.iter().filter(|other| *other == depth).count();
        let most = depths.iter().copied().max_by_key(count).unwrap_or_default();
        let mut source = Self { all: Some(most), ..Self::default() };
        for privilege in Privilege::ALL {
            if privileges.depth(privilege) != most {
                source.set(privilege, privileges.depth(privilege));
            }
        }
        source
    }
}

/// A security role. What several roles allow adds up; nothing is ever denied by one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// What people read, and the name of its row in the table `role`.
    pub label: String,
    /// Whom it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Everything may be done with every row of every table, and with the model.
    #[serde(default, skip_serializing_if = "crate::source::is_no")]
    pub everything: bool,
    /// The model may be changed: tables, columns, views, forms, processes, roles.
    #[serde(default, skip_serializing_if = "crate::source::is_no")]
    pub customizes: bool,
    /// Requests may be made in the name of somebody else, as far as both may do what is asked
    /// (Dataverse: `prvActOnBehalfOfAnotherUser`).
    #[serde(default, skip_serializing_if = "crate::source::is_no")]
    pub acts_for_others: bool,
    /// An organisation's own tables that are not named under `tables`, so that a new table can be
    /// used at once.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub own_tables: Privileges,
    /// Tables by logical name; all kinds of activities are named as one, `activitypointer`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub tables: IndexMap<String, Privileges>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_nothing(privileges: &Privileges) -> bool {
    *privileges == Privileges::default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn privileges_are_read_and_written_by_their_commonest_depth() {
        let read: Privileges = toml::from_str("all = \"user\"\nread = \"organization\"\ndelete = \"none\"").unwrap();
        assert_eq!(read.depth(Privilege::Read), Depth::Organization);
        assert_eq!(read.depth(Privilege::Delete), Depth::None);
        assert_eq!(read.depth(Privilege::Share), Depth::User);
        let written = toml::to_string(&read).unwrap();
        assert_eq!(written, "all = \"user\"\nread = \"organization\"\ndelete = \"none\"\n");
    }

    #[test]
    fn what_is_not_named_is_not_allowed() {
        let read: Privileges = toml::from_str("read = \"business_unit\"").unwrap();
        assert_eq!(read, Privileges::default().with(Privilege::Read, Depth::BusinessUnit));
        assert!(toml::from_str::<Privileges>("look = \"user\"").is_err());
    }
}
