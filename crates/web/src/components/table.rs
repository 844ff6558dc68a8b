//! A small table of anything, where a grid would be too much.

use maud::{Markup, Render, html};

/// A column of a plain table.
#[derive(Debug, Clone, Default)]
pub struct TableColumn {
    /// Its heading.
    pub label: String,
    /// Whether it holds numbers, set to the right.
    pub number: bool,
}

/// A small table of ready-made cells.
#[derive(Debug, Clone, Default)]
pub struct PlainTable {
    /// What the table is of; read out, not shown.
    pub caption: String,
    /// The columns.
    pub columns: Vec<TableColumn>,
    /// The rows, each with a cell a column.
    pub rows: Vec<Vec<Markup>>,
}

impl Render for PlainTable {
    fn render(&self) -> Markup {
        html! {
            div.plain-table tabindex="0" role="region" aria-label=(self.caption) {
                table {
                    caption.visually-hidden { (self.caption) }
                    thead { tr { @for column in &self.columns { th scope="col" .is-number[column.number] { (column.label) } } } }
                    tbody {
                        @for row in &self.rows {
                            tr {
                                @for (cell, column) in row.iter().zip(&self.columns) {
                                    td .is-number[column.number] data-label=(column.label) { (cell) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
