//! Who changed what on a record, from which value to which.

use language::tr;
use maud::{Markup, Render, html};

use super::avatar::avatar;
use super::command::Command;
use super::icon::icon;
use super::moment::Moment;

/// One column's change.
#[derive(Debug, Clone, Default)]
pub struct ColumnChange {
    /// The column's label.
    pub column: String,
    /// Value before; empty for nothing.
    pub from: String,
    /// Value after; empty for nothing.
    pub to: String,
    /// Both compared by words, where they are long.
    pub words: Option<Words>,
    /// Gives this column its value before, where that is something else by now.
    pub put_back: Option<Command>,
}

/// Two texts in pieces; those in which they differ are marked.
#[derive(Debug, Clone, Default)]
pub struct Words {
    /// The text before.
    pub before: Vec<(String, bool)>,
    /// The text after.
    pub after: Vec<(String, bool)>,
}

/// One write to a record.
#[derive(Debug, Clone, Default)]
pub struct HistoryEntry {
    /// Who.
    pub who: String,
    /// When.
    pub when: Moment,
    /// What, such as `updated this record` or `closed it as won`.
    pub what: String,
    /// Column by column.
    pub changes: Vec<ColumnChange>,
    /// Whether the record was made, so that there is nothing before.
    pub created: bool,
    /// Takes this change back, where it can be.
    pub put_back: Option<Command>,
}

/// All writes to a record, newest first.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// The writes.
    pub entries: Vec<HistoryEntry>,
    /// Address of the page with older ones.
    pub older: Option<String>,
}

impl Render for History {
    fn render(&self) -> Markup {
        html! {
            ol.history {
                @for entry in &self.entries {
                    li {
                        (avatar(&entry.who))
                        div {
                            p.history-head { strong { (entry.who) } " " (entry.what) " " (entry.when) }
                            @if let Some(put_back) = &entry.put_back { div.history-command { (put_back) } }
                            @if !entry.changes.is_empty() {
                                dl {
                                    @for change in &entry.changes {
                                        div {
                                            dt { (change.column) }
                                            dd {
                                                @match &change.words {
                                                    Some(words) => (words),
                                                    None => {
                                                        @if !entry.created { (side(&change.from, "history-from")) (icon("arrow-right")) span.visually-hidden { " " (tr!("from one value to another" => "to")) " " } }
                                                        (side(&change.to, "history-to"))
                                                    }
                                                }
                                                @if let Some(put_back) = &change.put_back { (put_back.quiet(&tr!("Put back {}", change.column))) }
                                            }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
            @if let Some(older) = &self.older { a.btn href=(older) { (tr!("Older changes")) } }
        }
    }
}

impl Render for Words {
    fn render(&self) -> Markup {
        html! {
            div.history-compared {
                div { span.history-side { (tr!("Before")) } p { @for (text, changed) in &self.before { @if *changed { del { (text) } } @else { (text) } } } }
                div { span.history-side { (tr!("After")) } p { @for (text, changed) in &self.after { @if *changed { ins { (text) } } @else { (text) } } } }
            }
        }
    }
}

fn side(value: &str, class: &str) -> Markup {
    html! { span class=(class) { @if value.is_empty() { em { (tr!("empty")) } } @else { (value) } } }
}
