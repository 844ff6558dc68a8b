//! What is told of something that was done to many rows: what was done, what not and why.

use crm::{bulk, format::Style};
use language::{Language, tr};
use model::{Reference, Table};
use uuid::Uuid;

use crate::{
    app::Site,
    failure::{Failure, sentence},
    flash::Flash,
    session::Me,
};

/// Most reasons told in a message; a page tells the others.
pub(crate) const REASONS: usize = 3;
/// Most reasons kept; of the others only how many they are.
pub(crate) const KEPT: usize = 500;

/// What became of many rows, in words.
#[derive(Debug, Clone, Default)]
pub(crate) struct Report {
    pub succeeded: usize,
    /// How many were left as they are.
    pub refused: usize,
    /// Why, of the first of them.
    pub reasons: Vec<Refused>,
    /// Rows that were not reached.
    pub left: usize,
    /// Why it broke off.
    pub broken: Option<String>,
    /// By which it is undone.
    pub act: Option<Uuid>,
}

/// A row that was left as it is.
#[derive(Debug, Clone)]
pub(crate) struct Refused {
    pub row: Uuid,
    pub name: String,
    pub why: String,
}

impl Report {
    /// What the domain says, with the names of the rows.
    pub async fn of(site: &Site, me: &Me, table: &Table, done: bulk::Done) -> Result<Self, Failure> {
        let reference = |row: Uuid| Reference::new(table.name.as_str(), row);
        let shown = done.refused.iter().take(KEPT).map(|(row, _)| reference(*row)).collect();
        let names = site.app.names(&me.caller, shown).await?;
        let refused = done.refused.len();
        let reasons = done.refused.into_iter().take(KEPT).map(|(row, error)| Refused {
            row,
            name: names.get(&reference(row)).unwrap_or_default().to_owned(),
            why: sentence(&Failure::from(error).text()),
        });
        let reasons = reasons.collect();
        let broken = done.broken.map(|error| Failure::from(error).text());
        Ok(Self { succeeded: done.succeeded, refused, reasons, left: done.left, broken, act: done.act })
    }

    /// The message. `page` tells all of it.
    pub fn flash(&self, style: &Style, table: &Table, verb: &str, page: Option<String>) -> Flash {
        let counted = |count: usize| capital(&counted(style, table, count));
        let mut reasons: Vec<String> = self.reasons.iter().map(Refused::sentence).collect();
        reasons.sort();
        reasons.dedup();
        let further = reasons.len().saturating_sub(REASONS);
        let why = reasons.iter().take(REASONS).map(String::as_str).collect::<Vec<_>>().join(" ");
        let further = if further > 0 { format!(" {}", tr!("And {} more.", further)) } else { String::new() };
        let flash = match (self.succeeded, self.refused) {
            (succeeded, _) if self.broken.is_some() => {
                let (done, left) = (counted(succeeded), number(style, self.left));
                let broken = self.broken.as_deref().unwrap_or_default();
                Flash::failed(tr!(
                    "{done} {verb}, {left} not reached: it broke off. {broken}",
                    done = done,
                    verb = verb,
                    left = left,
                    broken = broken
                ))
            }
            (0, 0) => Flash::failed(tr!("Select at least one row first.")),
            (1, 0) => Flash::done(format!("{} {verb}.", table.label)),
            (succeeded, 0) => Flash::done(format!("{} {verb}.", counted(succeeded))),
            (0, refused) => Flash::failed(format!("{} {why}{further}", tr!("{} not {}.", counted(refused), verb))),
            (succeeded, refused) => {
                let (done, not) = (counted(succeeded), number(style, refused));
                Flash::failed(format!("{} {why}{further}", tr!("{} {}, {} not.", done, verb, not)))
            }
        };
        let flash = match page {
            Some(page) => flash.link(page, tr!("All reasons")),
            None => flash,
        };
        match self.act {
            Some(act) => flash.undo(act),
            None => flash,
        }
    }
}

impl Refused {
    /// Why, with its name.
    fn sentence(&self) -> String {
        if self.name.is_empty() || self.why.contains(&self.name) {
            return self.why.clone();
        }
        tr!("“{}”: {}", self.name, self.why)
    }
}

/// `1 lead`, `3 leads`, `1,200 leads`.
pub(crate) fn counted(style: &Style, table: &Table, count: usize) -> String {
    let word = if count == 1 { &table.label } else { &table.plural_label };
    format!("{} {}", number(style, count), Language::within_sentence(word))
}

/// A count as the reader writes numbers.
pub(crate) fn number(style: &Style, count: usize) -> String {
    style.number(count.into(), 0)
}

/// With a capital letter.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}
