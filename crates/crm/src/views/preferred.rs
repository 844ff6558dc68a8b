//! The view that somebody wants to see first, table by table. Like pins it is nobody else's business,
//! and so no column of a row that others read.

use std::collections::BTreeMap;

use language::tr;
use store::{Reader, Secret};
use uuid::Uuid;

use crate::{App, Caller, Error, Origin, Result};

/// Kind of secret that the choices are kept as, by the person's key.
const KIND: &str = "default_views";
/// Longest name of a view that is kept.
const LONGEST: usize = 128;

/// Short names of views, the identifiers of personal ones, by table.
type Choices = BTreeMap<String, String>;

impl App {
    /// Short name of the view of a table that the caller sees first, where they chose one; of a
    /// personal view its identifier. It may be gone by now.
    pub async fn default_view(&self, caller: &Caller, table: &str) -> Result<Option<String>> {
        let (user, table) = (caller.user, table.to_owned());
        self.read(move |reader| Ok(read(reader, user)?.remove(&table))).await
    }

    /// Shows the caller this view of a table first from now on; the organisation's where none is named.
    ///
    /// # Errors
    /// [`Error::Refused`] for a view that is not there, or not the caller's to use.
    pub async fn choose_default_view(
        &self,
        caller: &Caller,
        origin: Origin,
        table: &str,
        view: Option<&str>,
    ) -> Result<()> {
        if let Some(view) = view {
            self.require_view(caller, table, view).await?;
        }
        let (user, table, view) = (caller.user, table.to_owned(), view.map(str::to_owned));
        self.work(caller, origin, move |work| {
            // Locks the person, so that two changes come one after the other.
            work.load("systemuser", user)?;
            let mut choices = read(work.writer(), user)?;
            match view {
                Some(view) => choices.insert(table, view),
                None => choices.remove(&table),
            };
            let data = serde_json::to_value(&choices).map_err(|error| Error::refused(error.to_string()))?;
            let secret =
                Secret { kind: KIND.to_owned(), key: user.to_string(), owner: Some(user), expires: None, data };
            Ok(work.writer().put_secret(&secret)?)
        })
        .await
    }

    async fn require_view(&self, caller: &Caller, table: &str, view: &str) -> Result<()> {
        let declared = self.table(table)?.views.iter().any(|known| known.name == view);
        let usable = declared
            || (view.len() <= LONGEST
                && self.personal_views(caller, table).await?.iter().any(|known| known.view.name == view));
        if usable { Ok(()) } else { Err(Error::refused(tr!("this view is not here, or not yours to use"))) }
    }
}

/// What somebody chose; nothing where it cannot be read.
fn read(reader: &mut Reader<'_>, user: Uuid) -> Result<Choices> {
    let kept = reader.secret(KIND, &user.to_string())?;
    Ok(kept.and_then(|kept| serde_json::from_value(kept.data).ok()).unwrap_or_default())
}
