//! Records and views that a person keeps at hand.

use std::{collections::HashMap, fmt, str::FromStr};

use language::{tr, translated};
use model::{Model, Reference};
use store::{Reader, Secret};
use uuid::Uuid;

use crate::{App, Caller, Error, Origin, Result, reading::Names};

/// Most pins of one person: more are a list, and lists are what views are for.
pub const MOST_PINS: usize = 30;
/// Kind of secret a person's pins are kept as, by the person's key: everybody may read whose
/// `systemuser` row this is, and nobody else what they keep at hand.
const KIND: &str = "pins";
/// The table of people's own views.
const OWN_VIEWS: &str = "userquery";

/// Something kept at hand. Its text is `lead:ID` for a record, `lead/my_open` for a view and
/// `lead/board/my_open` for a board.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Pin {
    /// A record.
    Record(Reference),
    /// The board of a table through a view.
    Board {
        /// The table.
        table: String,
        /// Short name of the view; the identifier of one's own.
        view: String,
    },
    /// The list of a table through a view.
    View {
        /// The table.
        table: String,
        /// Short name of the view; the identifier of one's own.
        view: String,
    },
}

/// A pin with what it is called now.
#[derive(Debug, Clone)]
pub struct Pinned {
    /// What is kept at hand.
    pub pin: Pin,
    /// Its name.
    pub label: String,
}

impl Pin {
    /// Logical name of the table it is about.
    pub fn table(&self) -> &str {
        match self {
            Self::Record(reference) => &reference.table,
            Self::View { table, .. } | Self::Board { table, .. } => table,
        }
    }

    /// The row whose name it bears; a view of the organisation is named in the model.
    fn named_by(&self, model: &Model) -> Option<Reference> {
        match self {
            Self::Record(reference) => Some(reference.clone()),
            Self::View { table, view } | Self::Board { table, view } => {
                let shipped = model.table(table)?.views.iter().any(|known| known.name == *view);
                if shipped { None } else { Some(Reference::new(OWN_VIEWS, view.parse::<Uuid>().ok()?)) }
            }
        }
    }

    fn label(&self, model: &Model, names: &Names) -> Option<String> {
        let name = match (self, self.named_by(model)) {
            (_, Some(reference)) => names.get(&reference)?.to_owned(),
            (Self::View { table, view } | Self::Board { table, view }, None) => {
                translated(&model.table(table)?.views.iter().find(|known| known.name == *view)?.label).into_owned()
            }
            (Self::Record(_), None) => return None,
        };
        let nameless = name.trim().is_empty();
        if matches!(self, Self::Board { .. }) {
            return Some(tr!("{name} (board)", name));
        }
        if nameless {
            let table = model.table(self.table())?;
            return Some(tr!("{} without a name", translated(&table.label)));
        }
        Some(name)
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record(reference) => write!(out, "{}:{}", reference.table, reference.id),
            Self::View { table, view } => write!(out, "{table}/{view}"),
            Self::Board { table, view } => write!(out, "{table}/board/{view}"),
        }
    }
}

impl FromStr for Pin {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let is_name = |name: &str| {
            !name.is_empty()
                && name.len() <= 128
                && name.bytes().all(|sign| sign.is_ascii_alphanumeric() || matches!(sign, b'_' | b'-'))
        };
        if let Some((table, id)) = text.split_once(':').filter(|(table, _)| is_name(table))
            && let Ok(id) = id.parse()
        {
            return Ok(Self::Record(Reference::new(table, id)));
        }
        if let Some((table, view)) = text.split_once("/board/").filter(|(table, view)| is_name(table) && is_name(view))
        {
            return Ok(Self::Board { table: table.to_owned(), view: view.to_owned() });
        }
        match text.split_once('/') {
            Some((table, view)) if is_name(table) && is_name(view) => {
                Ok(Self::View { table: table.to_owned(), view: view.to_owned() })
            }
            _ => Err(Error::refused(tr!("only records, views and boards can be pinned"))),
        }
    }
}

/// What a person keeps at hand; pins that cannot be read are left out.
fn read(reader: &mut Reader<'_>, user: Uuid) -> Result<Vec<Pin>> {
    let kept = reader.secret(KIND, &user.to_string())?;
    let lines: Vec<String> = kept.and_then(|kept| serde_json::from_value(kept.data).ok()).unwrap_or_default();
    Ok(lines.iter().filter_map(|line| line.parse().ok()).take(MOST_PINS).collect())
}

fn secret(user: Uuid, pins: &[Pin]) -> Secret {
    let lines: Vec<String> = pins.iter().map(Pin::to_string).collect();
    Secret { kind: KIND.to_owned(), key: user.to_string(), owner: Some(user), expires: None, data: lines.into() }
}

impl App {
    /// What the caller keeps at hand, named as it is now. What is gone, or hidden from the caller by
    /// now, is left out.
    pub async fn pinned(&self, caller: &Caller) -> Result<Vec<Pinned>> {
        let user = caller.user;
        let pins = self.read(move |reader| read(reader, user)).await?;
        self.named_pins(caller, pins).await
    }

    /// Keeps something at hand that the caller can see; what is pinned already stays where it is.
    ///
    /// # Errors
    /// [`Error::Refused`] for what is not there or hidden, and where there are [`MOST_PINS`] already.
    pub async fn pin(&self, caller: &Caller, origin: Origin, pin: Pin) -> Result<()> {
        if self.named_pins(caller, vec![pin.clone()]).await?.is_empty() {
            return Err(Error::refused(tr!("what you want to pin is not here, or hidden from you")));
        }
        self.change_pins(caller, origin, move |pins| {
            if pins.contains(&pin) {
                return Ok(());
            }
            if pins.len() >= MOST_PINS {
                return Err(Error::refused(tr!(
                    "{MOST_PINS} things are pinned already; unpin one of them first",
                    MOST_PINS
                )));
            }
            pins.push(pin);
            Ok(())
        })
        .await
    }

    /// Keeps something no longer at hand.
    pub async fn unpin(&self, caller: &Caller, origin: Origin, pin: Pin) -> Result<()> {
        self.change_pins(caller, origin, move |pins| {
            pins.retain(|kept| *kept != pin);
            Ok(())
        })
        .await
    }

    /// Changes the list as it is in the database now, so that two devices do not undo each other.
    async fn change_pins(
        &self,
        caller: &Caller,
        origin: Origin,
        change: impl FnOnce(&mut Vec<Pin>) -> Result<()> + Send + 'static,
    ) -> Result<()> {
        let user = caller.user;
        self.work(caller, origin, move |work| {
            // Locks the person, so that two changes come one after the other.
            work.load("systemuser", user)?;
            let mut pins = read(work.writer(), user)?;
            change(&mut pins)?;
            Ok(work.writer().put_secret(&secret(user, &pins))?)
        })
        .await
    }

    async fn named_pins(&self, caller: &Caller, pins: Vec<Pin>) -> Result<Vec<Pinned>> {
        let model = self.model();
        let references: Vec<Reference> = pins.iter().filter_map(|pin| pin.named_by(&model)).collect();
        let names = if references.is_empty() { Names(HashMap::new()) } else { self.names(caller, references).await? };
        Ok(pins.into_iter().filter_map(|pin| Some(Pinned { label: pin.label(&model, &names)?, pin })).collect())
    }
}
