//! Tables whose rows are kept in memory, and how all processes learn that they are to be read again.

use serde_json::json;
use store::{Reader, Writer};
use uuid::Uuid;

use crate::{Result, access};

/// Rows that an organisation's settings are made of.
const SETTINGS: Kept = Kept {
    version: "organization version",
    tables: &["organization", "transactioncurrency", "transactioncurrencyrate", "businessunit", "role", "teamtemplate"],
};
/// Rows that tell who somebody is and what they may do, beside the settings.
const PEOPLE: Kept = Kept {
    version: "people version",
    tables: &[
        "systemuser",
        "team",
        "teammembership",
        "systemuserroles",
        "teamroles",
        "position",
        "systemuserprofiles",
        "teamprofiles",
        "fieldpermission",
        access::SHARES,
    ],
};

struct Kept {
    /// The setting that another value is written to with every change.
    version: &'static str,
    tables: &'static [&'static str],
}

/// A version of such rows: another one after each change, whichever process made it. None where nothing
/// was ever changed.
pub(crate) type Version = Option<serde_json::Value>;

/// The present version of the organisation's settings.
pub(crate) fn version_of_settings(reader: &mut Reader<'_>) -> Result<Version> {
    Ok(reader.setting(SETTINGS.version)?)
}

/// The present version of who people are and what they may do. Roles and business units count with the
/// organisation's settings, and what roles allow with the model.
pub(crate) fn version_of_people(reader: &mut Reader<'_>) -> Result<Version> {
    Ok(reader.setting(PEOPLE.version)?)
}

/// What an act wrote of them.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Touched {
    settings: bool,
    people: bool,
}

impl Touched {
    /// A row of this table was written.
    pub fn note(&mut self, table: &str) {
        self.settings |= SETTINGS.tables.contains(&table);
        self.people |= PEOPLE.tables.contains(&table);
    }

    /// What a part of the act wrote.
    pub const fn add(&mut self, part: Self) {
        self.settings |= part.settings;
        self.people |= part.people;
    }

    /// Makes it known in the transaction of the act.
    pub fn announce(self, writer: &mut Writer<'_>) -> Result<()> {
        for (kept, touched) in [(SETTINGS, self.settings), (PEOPLE, self.people)] {
            if touched {
                writer.set_setting(kept.version, &json!(Uuid::now_v7()))?;
            }
        }
        Ok(())
    }
}
