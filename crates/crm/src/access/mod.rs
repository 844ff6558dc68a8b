//! Who may see and do what. The only place where rules of access are made: [`scope`] for
//! everything read, and `Work::authorise` for everything written.
//!
//! A person's roles, held directly or through teams, add up to an [`Access`]: for each table and
//! privilege how far it reaches. Rows that belong to others (a deal's product lines, the stages
//! it went through) are seen and changed with the row they hang on. The rules are those of
//! Dataverse's security model.

mod authorise;
mod columns;
mod governed;
mod membership;
mod reach;
mod scope;
mod sharing;

pub use columns::Setting;
pub use model::Privilege;

pub(crate) use columns::{ColumnRights, before_permission};
pub(crate) use governed::{Governed, governed};
pub(crate) use membership::membership;
pub(crate) use reach::{Access, Holding};
pub(crate) use scope::{may_be_shared, scope};
pub use sharing::{SHAREABLE, Share};

use crate::{Caller, Error, Result};

/// Name of the role that may do everything.
pub const ADMINISTRATOR: &str = "System Administrator";

/// The table of what was shared with whom.
pub(crate) const SHARES: &str = "principalobjectaccess";

/// Refuses everybody but administrators.
pub fn require_administrator(caller: &Caller, what: &str) -> Result<()> {
    if caller.administrator {
        return Ok(());
    }
    Err(Error::Forbidden(format!("only an administrator may {what}")))
}

/// Refuses people whose roles do not let them change the model.
pub fn require_customizer(caller: &Caller, what: &str) -> Result<()> {
    if caller.customizes() {
        return Ok(());
    }
    Err(Error::Forbidden(format!("only an administrator or a customizer may {what}")))
}

/// The verb by which people name a privilege.
const fn verb(privilege: Privilege) -> &'static str {
    match privilege {
        Privilege::Create => "add",
        Privilege::Read => "see",
        Privilege::Write => "change",
        Privilege::Delete => "delete",
        Privilege::Append => "link",
        Privilege::AppendTo => "link something to",
        Privilege::Assign => "assign",
        Privilege::Share => "share",
    }
}
