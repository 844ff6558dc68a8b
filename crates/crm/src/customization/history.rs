//! Who published customisations, when, by what way, and what that changed.

use jiff::Timestamp;
use language::text;
use model::Reference;
use serde::Serialize;
use store::Publication;
use uuid::Uuid;

use super::Customization;
use crate::{Caller, Result, access, reading, way_of};

/// Publications of a page where nobody says how many.
pub const USUAL: u32 = 50;
/// Most publications of a page.
pub const MOST: u32 = 200;

/// One publication, with the people it names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Published {
    /// Version of the model it put in force; rises with each publication, not always by one.
    pub version: u64,
    /// When.
    pub at: Timestamp,
    /// By whom, or in whose name; nil for the engine itself, which the command line acts as.
    pub user: Uuid,
    /// Their name, where the caller may see it.
    pub user_name: Option<String>,
    /// Who acted in the name of `user`, where somebody did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acting_user: Option<Uuid>,
    /// Their name, where the caller may see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acting_user_name: Option<String>,
    /// By what way: `page`, `webapi`, `import`, `command`.
    pub origin: String,
    /// What became different, an English sentence each; empty where the model stayed the same.
    pub changes: Vec<String>,
}

/// A page of publications.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct History {
    /// The newest first.
    pub value: Vec<Published>,
    /// There are earlier ones, before this version; none where these are all.
    pub before: Option<u64>,
}

impl Customization<'_> {
    /// Who published customisations, the newest first: `count` publications, at most [`MOST`], where a version
    /// is given those before it.
    pub async fn history(&self, caller: &Caller, before: Option<u64>, count: u32) -> Result<History> {
        access::require_customizer(caller, text!("see the customisations"))?;
        let (caller, count) = (caller.clone(), count.clamp(1, MOST));
        self.app
            .read(move |reader| {
                // One more shows that there are more.
                let mut found = reader.publications(before, count + 1)?;
                let more = found.len() > count as usize;
                found.truncate(count as usize);
                let people: Vec<Reference> = found.iter().flat_map(people).collect();
                let names = reading::names(reader, &caller, &people)?;
                let name = |id: Uuid| names.get(&Reference::new("systemuser", id)).map(str::to_owned);
                let before = found.last().filter(|_| more).map(|last| last.version);
                Ok(History { value: found.into_iter().map(|publication| told(publication, name)).collect(), before })
            })
            .await
    }
}

fn people(publication: &Publication) -> Vec<Reference> {
    let acting = way_of(&publication.origin).1;
    acting.into_iter().chain([publication.user]).map(|id| Reference::new("systemuser", id)).collect()
}

fn told(publication: Publication, name: impl Fn(Uuid) -> Option<String>) -> Published {
    let Publication { version, at, user, origin, changes } = publication;
    let (way, acting) = way_of(&origin);
    Published {
        version,
        at,
        user,
        user_name: name(user),
        acting_user: acting,
        acting_user_name: acting.and_then(name),
        origin: way.to_owned(),
        changes,
    }
}
