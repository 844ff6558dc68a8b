//! Who may see and do what. The only place where rules of access are made: [`scope`] for
//! everything read, and `Work::authorise` for everything written.
//!
//! A person's roles, held directly or through teams, add up to an [`Access`]: for each table and
//! privilege how far it reaches. Rows that belong to others (a deal's product lines, the stages
//! it went through) are seen and changed with the row they hang on. The rules are those of
//! Dataverse's security model.

mod authorise;
mod ceiling;
mod columns;
mod gone;
mod governed;
mod history;
mod inherited;
mod mask;
mod membership;
mod on_behalf;
mod people;
mod principal;
mod privileges;
mod reach;
mod refused;
mod rights;
mod scope;
mod sharing;
mod standing;
pub(crate) mod teams;

pub use columns::Setting;
pub use model::Privilege;

pub use authorise::refusal;
pub(crate) use ceiling::{Ceiling, Within};
pub(crate) use columns::{ColumnRights, before_permission};
pub(crate) use gone::may_know;
pub(crate) use governed::{Governed, governed, refuse_parts_left};
pub use history::ShareChange;
pub(crate) use history::history_of_shares;
pub use mask::{mask_of, privileges_of};
pub(crate) use membership::membership;
pub use on_behalf::OnBehalfOf;
pub(crate) use people::{People, Person};
pub use principal::ACCESS_TEAM;
pub(crate) use principal::Principal;
pub use privileges::{HeldPrivilege, HeldPrivileges};
pub(crate) use reach::{Access, Holding};
pub(crate) use refused::refused;
pub use scope::is_shareable;
pub(crate) use scope::scope;
pub use sharing::{SHAREABLE, Share};
pub(crate) use sharing::{both_shares, shared_in};
pub(crate) use standing::Standing;
pub use teams::RecordTeam;

use language::{spoken, text, tr};

use crate::{Caller, Result};

/// Name of the role that may do everything.
pub const ADMINISTRATOR: &str = "System Administrator";

/// The table of what was shared with whom.
pub(crate) const SHARES: &str = "principalobjectaccess";

/// Refuses everybody but administrators.
pub fn require_administrator(caller: &Caller, what: &'static str) -> Result<()> {
    if caller.administrator {
        return Ok(());
    }
    Err(refused(caller, what, None, tr!("only an administrator may {what}", what = spoken(what))))
}

/// Refuses people whose roles do not let them change the model.
pub fn require_customizer(caller: &Caller, what: &'static str) -> Result<()> {
    if caller.customizes() {
        return Ok(());
    }
    Err(refused(caller, what, None, tr!("only an administrator or a customizer may {what}", what = spoken(what))))
}

/// What a privilege is called on pages.
pub fn label(privilege: Privilege) -> String {
    match privilege {
        Privilege::Create => tr!("Create"),
        Privilege::Read => tr!("Read"),
        Privilege::Write => tr!("Write"),
        Privilege::Delete => tr!("Delete"),
        Privilege::Append => tr!("Append"),
        Privilege::AppendTo => tr!("Append to"),
        Privilege::Assign => tr!("Assign"),
        Privilege::Share => tr!("Share"),
    }
}

/// The verb by which people name a privilege.
const fn verb(privilege: Privilege) -> &'static str {
    match privilege {
        Privilege::Create => text!("add"),
        Privilege::Read => text!("see"),
        Privilege::Write => text!("change"),
        Privilege::Delete => text!("delete"),
        Privilege::Append => text!("link"),
        Privilege::AppendTo => text!("link something to"),
        Privilege::Assign => text!("assign"),
        Privilege::Share => text!("share"),
    }
}
