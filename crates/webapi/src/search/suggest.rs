//! What somebody who is still typing may mean: rows (`suggest`), or the rest of the word (`autocomplete`).

use std::collections::HashMap;

use crm::highlight::{highlighted, search_words};
use serde_json::{Map, Value, json};

use super::{
    MARKS,
    find::{Hit, words_of},
    tell::attributes,
};

/// Rows of which words are taken to complete one.
pub(super) const LOOKED_AT: usize = 50;

/// A row that is suggested: the text in which the words stand, and the row.
pub(super) fn suggestion(hit: &Hit<'_>, words: &str) -> (String, Map<String, Value>) {
    let name = hit.row.text(&hit.table.primary_name);
    let text = highlighted(name, &search_words(words), MARKS)
        .or_else(|| hit.highlights(words).into_iter().next().map(|(_, text)| text))
        .unwrap_or_else(|| name.to_owned());
    let mut document = Map::new();
    document.insert("@search.objectid".to_owned(), json!(id(hit)));
    document.insert("@search.entityname".to_owned(), json!(hit.table.name));
    document.insert("@search.objecttypecode".to_owned(), json!(hit.table.object_type_code));
    document.extend(attributes(hit));
    (text, document)
}

/// The row's key.
pub(super) fn id(hit: &Hit<'_>) -> String {
    hit.row.value(&hit.table.primary_key).as_id().unwrap_or_default().to_string()
}

/// The words with the last one completed: to the word by which most of the rows are found; the words as
/// they are where no row is.
pub(super) fn completed(hits: &[Hit<'_>], words: &str) -> String {
    let typed = search_words(words);
    let Some(last) = typed.last() else { return words.to_owned() };
    let mut counts: HashMap<String, usize> = HashMap::new();
    for hit in hits {
        let searched = hit.table.columns.values().filter(|column| column.searchable);
        let mut own: Vec<String> = searched.flat_map(|column| search_words(&words_of(&hit.row, column))).collect();
        own.sort_unstable();
        own.dedup();
        for word in own.into_iter().filter(|word| word.starts_with(last.as_str())) {
            *counts.entry(word).or_default() += 1;
        }
    }
    // Of several that are as frequent the first by the alphabet, so that the answer stays the same.
    let best = counts.into_iter().min_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    let Some((word, _)) = best else { return words.to_owned() };
    let (open, close) = MARKS;
    let before = typed[..typed.len() - 1].iter().map(|word| format!("{word} ")).collect::<String>();
    format!("{before}{open}{word}{close}")
}
