//! How a person has laid out the board of a table: what its lanes stand for, what cards show, which
//! lanes are folded. It is theirs, and nobody else's business.

use std::collections::{BTreeMap, BTreeSet};

use language::tr;
use serde::{Deserialize, Serialize};
use store::{Reader, Secret};
use uuid::Uuid;

use crate::{App, Caller, Error, Origin, Result};

/// Kind of secret it is kept as, by the person's key.
const KIND: &str = "boards";
/// Longest layout, in bytes: some parameters of an address.
const LONGEST: usize = 2_000;
/// Most lanes of one table that are folded.
const MOST_FOLDED: usize = 100;

/// The board of one table, as it was left.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptBoard {
    /// The parameters of its address that say how it is laid out; empty where nobody chose anything.
    #[serde(default)]
    pub layout: String,
    /// The lanes that are folded, each as `AXIS/LANE`.
    #[serde(default)]
    pub folded: BTreeSet<String>,
}

type Boards = BTreeMap<String, KeptBoard>;

impl App {
    /// The board of a table, as the caller left it.
    pub async fn kept_board(&self, caller: &Caller, table: &str) -> Result<KeptBoard> {
        let (user, table) = (caller.user, table.to_owned());
        let mut boards = self.read(move |reader| read(reader, user)).await?;
        Ok(boards.remove(&table).unwrap_or_default())
    }

    /// Keeps how the caller has laid out the board of a table.
    ///
    /// # Errors
    /// [`Error::Refused`] for a layout longer than any that can be chosen.
    pub async fn keep_board(&self, caller: &Caller, origin: Origin, table: &str, layout: String) -> Result<()> {
        if layout.len() > LONGEST {
            return Err(Error::refused(tr!("this layout is too long to be kept; choose fewer fields for the cards")));
        }
        self.change_board(caller, origin, table, move |board| board.layout = layout).await
    }

    /// Folds a lane of the board of a table, or unfolds it. The lane is named `AXIS/LANE`.
    pub async fn fold_lane(
        &self,
        caller: &Caller,
        origin: Origin,
        table: &str,
        lane: String,
        folded: bool,
    ) -> Result<()> {
        self.change_board(caller, origin, table, move |board| {
            if !folded {
                board.folded.remove(&lane);
            } else if board.folded.len() < MOST_FOLDED {
                board.folded.insert(lane);
            }
        })
        .await
    }

    async fn change_board(
        &self,
        caller: &Caller,
        origin: Origin,
        table: &str,
        change: impl FnOnce(&mut KeptBoard) + Send + 'static,
    ) -> Result<()> {
        let (user, table) = (caller.user, self.table(table)?.name.clone());
        self.work(caller, origin, move |work| {
            // Locks the person, so that two changes come one after the other.
            work.load("systemuser", user)?;
            let mut boards = read(work.writer(), user)?;
            let board = boards.entry(table).or_default();
            let before = board.clone();
            change(board);
            if *board == before {
                return Ok(());
            }
            boards.retain(|_, board| *board != KeptBoard::default());
            Ok(work.writer().put_secret(&secret(user, &boards))?)
        })
        .await
    }
}

fn read(reader: &mut Reader<'_>, user: Uuid) -> Result<Boards> {
    let kept = reader.secret(KIND, &user.to_string())?;
    Ok(kept.and_then(|kept| serde_json::from_value(kept.data).ok()).unwrap_or_default())
}

fn secret(user: Uuid, boards: &Boards) -> Secret {
    let data = serde_json::to_value(boards).unwrap_or_default();
    Secret { kind: KIND.to_owned(), key: user.to_string(), owner: Some(user), expires: None, data }
}
