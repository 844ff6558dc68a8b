//! A grid in groups, the totals below its columns, and rows that come in as one goes on reading.

use language::tr;
use maud::{Markup, html};

use super::grid::{AFTER_DRAWING, Grid, MORE};
use super::icon::icon;

/// The head of a group of rows.
#[derive(Debug, Clone, Default)]
pub struct GroupHead {
    /// Unique among the groups.
    pub id: String,
    /// What its rows have in common.
    pub label: String,
    /// How many there are.
    pub count: String,
    /// Totals, a cell a column; none where no column has any.
    pub totals: Vec<Option<String>>,
    /// Address of the rows.
    pub rows: String,
}

impl Grid {
    /// The groups of the rows, in place of the rows.
    pub fn grouped(&self, heads: &[GroupHead], note: Option<&str>) -> Markup {
        html! {
            div.grid-scroll id="grid-groups" tabindex="0" role="region" aria-label=(tr!("{} in groups", self.title)) {
                @if let Some(note) = note { p.grid-note { (note) } }
                table.record-grid.is-grouped .is-selectable[self.is_selectable()] .is-fixed[self.fixed] width=[self.width()] {
                    (self.head_row())
                    @for head in heads { tbody data-group { (self.group_head(head)) } }
                    (self.totals_foot())
                }
            }
        }
    }

    fn group_head(&self, head: &GroupHead) -> Markup {
        let none: Vec<Option<String>> = vec![None; self.columns.len()];
        let totals = if head.totals.is_empty() { &none } else { &head.totals };
        let name = html! {
            button type="button" aria-expanded="false" data-group-toggle hx-get=(head.rows) hx-trigger="click once"
                hx-target="closest tbody" hx-swap="beforeend" {
                (icon("chevron-right"))
                span { (head.label) }
                span.group-count { (head.count) span.visually-hidden { " " (tr!("rows")) } }
            }
        };
        html! { tr.group-head id={ "group-" (head.id) } { (self.spread(&name, totals, &tr!("Group"))) } }
    }

    /// Rows of a group by themselves, and the way to those after them.
    pub fn rows_of_group(&self, more: Option<&str>) -> Markup {
        html! {
            @for row in &self.rows { (self.row(row, self.is_selectable())) }
            @if let Some(more) = more { (self.more_row(more, None)) }
        }
    }

    /// The row of totals, filled or to be.
    pub fn totals_row(&self, cells: Option<&[Option<String>]>) -> Markup {
        let waiting: Vec<Option<String>> = vec![None; self.columns.len()];
        let ask = self.totals.as_deref().filter(|_| cells.is_none());
        html! {
            tr.grid-totals hx-get=[ask] hx-trigger=[ask.map(|_| AFTER_DRAWING)] hx-swap=[ask.map(|_| "outerHTML")] {
                (self.spread(&html! { (tr!("Total")) }, cells.unwrap_or(&waiting), &tr!("Total")))
            }
        }
    }

    /// In place of the totals, why there are none.
    pub fn totals_given_up(&self, reason: &str) -> Markup {
        let none: Vec<Option<String>> = vec![None; self.columns.len()];
        html! { tr.grid-totals { (self.spread(&html! { (reason) }, &none, &tr!("Total"))) } }
    }

    pub(super) fn totals_foot(&self) -> Markup {
        html! { @if self.totals.is_some() { tfoot { (self.totals_row(None)) } } }
    }

    /// A name over the columns before the first total, then a cell a column.
    fn spread(&self, name: &Markup, cells: &[Option<String>], kind: &str) -> Markup {
        let before = cells.iter().position(Option::is_some).unwrap_or(self.columns.len()).max(1);
        let span = before + usize::from(self.is_selectable());
        html! {
            th.grid-spread scope="row" colspan=(span) { (name) }
            @for (cell, column) in cells.iter().zip(&self.columns).skip(before) {
                td .is-number[column.number] .is-empty[cell.is_none()] data-label={ (kind) ": " (column.label) } {
                    @if let Some(text) = cell { (text) }
                }
            }
            @if self.acts.is_some() { td.grid-actions {} }
        }
    }

    /// Further rows of the list, the way to those after them, and what the foot says by then.
    pub fn further(&self, from: &str) -> Markup {
        let first = from.parse::<u64>().unwrap_or(1);
        html! {
            @for row in &self.rows { (self.row(row, self.is_selectable())) }
            @if let Some(next) = &self.paging.next { (self.more_row(next, Some(first))) }
            template { span id="grid-range" hx-swap-oob="true" { (first) "–" (self.paging.last) } }
            template { (self.next_page(true)) }
        }
    }

    /// A row that is followed as soon as it comes into sight; `from` is the first row on the page, where
    /// the foot counts along.
    pub(super) fn more_row(&self, href: &str, from: Option<u64>) -> Markup {
        let span = self.columns.len() + usize::from(self.is_selectable()) + usize::from(self.acts.is_some());
        let vals = from.map(|from| format!("{{\"from\":\"{from}\"}}"));
        html! {
            tr.grid-more id=[from.map(|_| MORE)] {
                td colspan=(span) {
                    a href=(href) hx-get=(href) hx-vals=[vals] hx-trigger="intersect once, click" hx-target="closest tr"
                        hx-swap="outerHTML" { (tr!("Show more")) }
                }
            }
        }
    }
}
