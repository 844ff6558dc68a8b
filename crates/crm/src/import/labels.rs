//! The labels by which cells name what a column may hold.

use language::in_every_language;
use model::{Column, ColumnType, Table};

use super::matching::{folded, normalised};

/// The number of a yes; a no has 0.
pub(super) const YES: i32 = 1;

/// What a column may hold, by its labels in every language that pages are written in; made once for a
/// column, since cells are many. Empty where a column holds no choice.
#[derive(Debug, Clone, Default)]
pub(super) struct Labels(Vec<Label>);

/// One thing that a cell may name.
#[derive(Debug, Clone)]
pub(super) struct Label {
    pub number: i32,
    /// Its label as the model has it.
    pub english: String,
    /// How it is written in every language, English first.
    folded: Vec<String>,
    normalised: Vec<String>,
}

impl Label {
    fn of(number: i32, english: &str) -> Self {
        let labels = in_every_language(english);
        Self {
            number,
            english: english.to_owned(),
            folded: labels.iter().map(|label| folded(label)).collect(),
            normalised: labels.iter().map(|label| normalised(label)).collect(),
        }
    }
}

impl Labels {
    /// Those of a column of the table.
    pub fn of(table: &Table, column: &Column) -> Self {
        let states = table.states.iter();
        Self(match column.value_type() {
            ColumnType::State => states.map(|state| Label::of(state.value, &state.label)).collect(),
            ColumnType::Status => {
                states.flat_map(|state| &state.statuses).map(|status| Label::of(status.value, &status.label)).collect()
            }
            ColumnType::Boolean { yes, no } => vec![Label::of(YES, yes), Label::of(0, no)],
            ColumnType::Choice { options } | ColumnType::MultiChoice { options } => {
                options.iter().map(|option| Label::of(option.value, &option.label)).collect()
            }
            _ => Vec::new(),
        })
    }

    /// The one that `text` names: in English, else in another language.
    pub fn named(&self, text: &str) -> Option<&Label> {
        let text = folded(text);
        let english = self.0.iter().find(|label| label.folded.first() == Some(&text));
        english.or_else(|| self.0.iter().find(|label| label.folded.contains(&text)))
    }

    /// The only one that `text` names but for spaces and punctuation.
    pub fn nearly_named(&self, text: &str) -> Option<&Label> {
        let text = normalised(text);
        let mut close = self.0.iter().filter(|label| label.normalised.contains(&text));
        close.next().filter(|_| close.next().is_none())
    }

    /// The label as the model has it of what `word` names; the word itself where it names nothing.
    pub fn in_english<'t>(&'t self, word: &'t str) -> &'t str {
        self.named(word).map_or(word, |label| label.english.as_str())
    }
}
