//! What SQLite's search index is asked for: rows with words that begin with those of a text.
//!
//! For `"rob"*` the index puts the rows of all words that begin so together before it gives the
//! first one, which costs the more the more rows there are. Asked for `"robert" OR "roberta"` it
//! gives them one by one, as they are read. So the words are found first: from each to the next one
//! is one step in the index, however many rows have it.

use model::Table;
use sea_query::Expr;

use crate::{derived::words_table, engine::quoted};

/// Beginnings up to this length are words of the index themselves.
const INDEXED: usize = 2;
/// Of more words their rows are put together all the same.
const MOST: usize = 64;

/// Words of a text that are looked up; of more the rows of the others are put together.
const LOOKED_UP: usize = 8;

/// Rows with words that begin with these, all of them, in SQLite's search language.
pub(super) fn match_terms(table: &Table, words: &[String]) -> Expr {
    let (first, others) = words.split_at(words.len().min(LOOKED_UP));
    let mut parts: Vec<Expr> = first.iter().map(|word| beginning_with(table, word)).collect();
    if !others.is_empty() {
        let others: Vec<String> = others.iter().map(|word| prefix(word)).collect();
        parts.push(Expr::val(others.join(" AND ")));
    }
    // Side by side, because each level of an expression takes of the stack.
    Expr::cust_with_exprs(vec!["?"; parts.len()].join(" || ' AND ' || "), parts)
}

/// Quoted, so that no word is taken for an operator.
fn prefix(word: &str) -> String {
    format!("\"{word}\"*")
}

fn beginning_with(table: &Table, word: &str) -> Expr {
    let prefix = prefix(word);
    if word.chars().count() <= INDEXED {
        return Expr::val(prefix);
    }
    let words = quoted(&words_table(table));
    // No letter or digit comes before the one that follows a word here, and none after the end.
    let next = format!("(SELECT term FROM {words} WHERE term >= found.term || char(1) LIMIT 1)");
    let sql = format!(
        "(WITH RECURSIVE found(term) AS (SELECT (SELECT term FROM {words} WHERE term >= ? LIMIT 1) \
         UNION ALL SELECT {next} FROM found WHERE found.term < ? LIMIT {limit}) \
         SELECT CASE WHEN count(*) BETWEEN 1 AND {MOST} THEN '(' || group_concat('\"' || term || '\"', ' OR ') || ')' \
         ELSE ? END FROM found WHERE term < ?)",
        limit = MOST + 2,
    );
    let end = format!("{word}\u{10FFFF}");
    Expr::cust_with_values(sql, [word.to_owned(), end.clone(), prefix, end])
}
