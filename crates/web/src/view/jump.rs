//! The letters of a list that is sorted by text.

use crm::letters::Letters;
use language::tr;
use model::{Column, ColumnType, Model, Table};

use super::list::List;
use crate::{
    components::{Jump, JumpBar},
    session::Me,
};

/// Digits stand together, and so does what is neither letter nor digit.
const DIGITS: &str = "#";
const OTHERS: &str = "…";

/// The bar below a list whose first order is a text of its own; the letters it really has are asked for
/// afterwards.
pub(crate) fn bar(model: &Model, table: &Table, me: &Me, list: &List, path: &str) -> Option<JumpBar> {
    let column = column(model, table, me, list)?;
    let complete = list.href(&format!("{path}/letters"));
    Some(JumpBar { complete: Some(complete), ..made(column, list, path, None) })
}

/// The bar with these letters.
pub(crate) fn completed(
    model: &Model,
    table: &Table,
    me: &Me,
    list: &List,
    path: &str,
    letters: &Letters,
) -> Option<JumpBar> {
    Some(made(column(model, table, me, list)?, list, path, Some(letters)))
}

/// The text that a list is sorted by.
fn column<'m>(model: &'m Model, table: &Table, me: &Me, list: &List) -> Option<&'m Column> {
    let first = list.order(me, model, table).into_iter().next()?;
    let is_line = |column: &Column| matches!(column.value_type(), ColumnType::Text { .. } | ColumnType::AutoNumber(_));
    let own = Some(&first.column).filter(|path| path.is_own())?;
    model.table(&table.name)?.column(&own.column).filter(|column| is_line(column))
}

fn made(column: &Column, list: &List, path: &str, letters: Option<&Letters>) -> JumpBar {
    let start = list.beginning();
    let found = letters.map_or(&[][..], |letters| &letters.found);
    // What may be there: everything behind the last letter that was found, where not all were.
    let may_be = |letter: char| match letters {
        None => true,
        Some(letters) => {
            letters.found.contains(&letter) || (!letters.complete && found.last().is_none_or(|last| letter > *last))
        }
    };
    let to = |letter: char| List { letter: Some(letter), ..start.clone() }.href(path);
    let jump = |letter: char, (label, name): (String, String), there: bool| Jump {
        label,
        name,
        href: there.then(|| to(letter)),
        current: list.letter.is_some_and(|chosen| group(chosen) == group(letter)),
    };
    let others = found.iter().copied().find(|letter| group(*letter) == Group::Other);
    let digit = found.iter().copied().find(char::is_ascii_digit);
    let foreign = found.iter().copied().filter(|letter| group(*letter) == Group::Foreign(*letter));
    let mut jumps = Vec::new();
    jumps.extend(others.map(|letter| jump(letter, (OTHERS.to_owned(), tr!("Other signs")), true)));
    jumps.push(jump(digit.unwrap_or('0'), (DIGITS.to_owned(), tr!("Digits")), digit.is_some() || may_be('9')));
    jumps.extend(
        ('a'..='z').map(|letter| jump(letter, (letter.to_uppercase().to_string(), String::new()), may_be(letter))),
    );
    jumps.extend(foreign.map(|letter| jump(letter, (letter.to_uppercase().to_string(), String::new()), true)));
    JumpBar { column: column.label.clone(), jumps, complete: None, results: "grid-results".to_owned() }
}

/// Which button a letter stands under.
#[derive(PartialEq, Eq)]
enum Group {
    Digit,
    Latin(char),
    Foreign(char),
    Other,
}

fn group(letter: char) -> Group {
    match letter {
        '0'..='9' => Group::Digit,
        'a'..='z' | 'A'..='Z' => Group::Latin(letter.to_ascii_lowercase()),
        letter if letter.is_alphanumeric() => Group::Foreign(letter),
        _ => Group::Other,
    }
}
