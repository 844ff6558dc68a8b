//! What people arrange for themselves: the page they begin with, shortcuts, what they keep at
//! hand. It follows them from device to device. Settings stand in columns of their own `systemuser`
//! row, which is read with every request anyway; others may read them there, so pins do not.

mod boards;
mod pins;

use language::{Language, tr};
use model::{Model, Table, Value};
use store::Row;

pub use boards::KeptBoard;
pub use pins::{MOST_PINS, Pin, Pinned};

use crate::{Error, FieldError, Result, notifications::Kind};

/// What a person has arranged.
#[derive(Debug, Clone, Default)]
pub struct Arrangement {
    /// Set name of the table whose list the person begins with; their day where there is none.
    pub start_page: Option<String>,
    /// Single keys are no commands for this person.
    pub without_shortcuts: bool,
    /// Numbers of the kinds of notifications that the person does not want.
    muted: Vec<i32>,
    /// What pages are written in, where the person said so.
    language: Option<Language>,
    /// Forms save nothing by themselves for this person, whatever the organisation says.
    pub without_autosave: bool,
}

impl Arrangement {
    /// As the person's row says.
    pub(crate) fn of(user: &Row) -> Self {
        Self {
            start_page: Some(user.text("homepage").to_owned()).filter(|page| !page.is_empty()),
            without_shortcuts: user.value("keyboardshortcuts").as_boolean() == Some(false),
            muted: match user.value("mutednotifications") {
                Value::Choices(kinds) => kinds.clone(),
                _ => Vec::new(),
            },
            language: user
                .value("uilanguageid")
                .as_whole()
                .and_then(|number| Language::of_number(i32::try_from(number).ok()?)),
            without_autosave: user.value("isautosaveenabled").as_boolean() == Some(false),
        }
    }

    /// What pages are written in for somebody with this locale.
    pub(crate) fn language(&self, locale: &str) -> Language {
        self.language.unwrap_or_else(|| Language::of_locale(locale))
    }

    /// Whether the person does not want to be told of this kind of thing.
    pub fn is_muted(&self, kind: Kind) -> bool {
        self.muted.iter().any(|muted| i64::from(*muted) == kind.number())
    }
}

/// Refuses a start page that is none.
pub(crate) fn before_write(model: &Model, table: &Table, row: &Row) -> Result<()> {
    let page = row.text("homepage");
    if page.is_empty() || model.table_by_set(page).is_some() {
        return Ok(());
    }
    let Some(column) = table.column("homepage") else { return Ok(()) };
    let message = tr!("'{page}' is no list; write the set name of a table, such as leads or opportunities", page);
    Err(Error::Invalid(vec![FieldError::of(column, message)]))
}
