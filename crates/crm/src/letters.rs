//! Jumping in a list that is sorted by text: to where a letter begins, found by the index, however
//! far down that is.

use std::time::{Duration, Instant};

use language::tr;
use model::{Order, Path, Value};
use store::{Cursor, Output, Query};

use crate::{App, Caller, Error, Result};

/// Comes behind everything a text can go on with.
const BEHIND_ALL: char = char::MAX;
/// Most letters a list is looked through for.
const MOST: usize = 80;
/// Looking for letters ends here, so that a filter that few rows satisfy costs no more.
const AT_MOST: Duration = Duration::from_millis(25);

/// The letters that the texts of a list begin with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Letters {
    /// In the order of the list, in lower case.
    pub found: Vec<char>,
    /// Whether these are all; otherwise there may be others behind the last.
    pub complete: bool,
}

impl App {
    /// The place at which the texts begin that begin with a letter, in the query's order, whose first
    /// column is text; at the next one where there are none.
    pub async fn place_of_letter(&self, caller: &Caller, query: &Query, letter: char) -> Result<Cursor> {
        let mut query = query.clone();
        query.scope = caller.scope().clone();
        let first = query.order.first().ok_or_else(|| Error::BadQuery(tr!("the list has no order to jump in")))?;
        let place = if first.descending { behind(letter) } else { before(letter) };
        self.read(move |reader| Ok(reader.place_of(&query, place.into())?)).await
    }

    /// The letters that the query's rows begin with in the first column of its order: one look into
    /// the index a letter.
    pub async fn letters(&self, caller: &Caller, query: Query) -> Result<Letters> {
        let Some(order) = query.order.first() else { return Ok(Letters::default()) };
        let column: Path = order.column.clone();
        let mut query = Query {
            columns: vec![Output { path: column.clone(), alias: None, join: None }],
            order: vec![Order { column, descending: false }],
            ..query
        }
        .take(1);
        query.scope = caller.scope().clone();
        query.page.cursor = None;
        self.read(move |reader| {
            let (mut letters, begun) = (Letters::default(), Instant::now());
            let mut from = String::new();
            loop {
                query.page.cursor = Some(reader.place_of(&query, from.into())?);
                let rows = reader.query(&query)?;
                let Some(letter) = rows.rows.first().and_then(|row| letter_of(row.first()?)) else {
                    letters.complete = true;
                    return Ok(letters);
                };
                letters.found.push(letter);
                if letters.found.len() == MOST || begun.elapsed() > AT_MOST {
                    return Ok(letters);
                }
                from = behind(letter);
            }
        })
        .await
    }
}

/// What a text begins with, as texts are compared: in lower case.
fn letter_of(text: &Value) -> Option<char> {
    text.as_text()?.to_lowercase().chars().next()
}

/// Comes behind all texts that come before those which begin with this letter, and before those.
fn before(letter: char) -> String {
    let lower = lower(letter);
    match (0..u32::from(lower)).rev().find_map(char::from_u32) {
        Some(one_less) => format!("{one_less}{BEHIND_ALL}"),
        None => String::new(),
    }
}

/// Comes behind all texts that begin with this letter.
fn behind(letter: char) -> String {
    format!("{}{BEHIND_ALL}", lower(letter))
}

fn lower(letter: char) -> char {
    letter.to_lowercase().next().unwrap_or(letter)
}

#[cfg(test)]
mod tests {
    use super::{before, behind};

    #[test]
    fn texts_of_a_letter_stand_between_its_ends() {
        let texts = ["l", "lz", "m", "M".to_lowercase().as_str(), "max", "mz\u{ffff}", "n"].map(str::to_owned);
        let within: Vec<&String> = texts.iter().filter(|text| **text > before('M') && **text < behind('M')).collect();
        assert_eq!(within, ["m", "m", "max", "mz\u{ffff}"]);
    }
}
