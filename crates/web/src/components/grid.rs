//! The list of a table's rows through a view: sort, filter, select, act, page.

use language::tr;
use maud::{Markup, Render, html};

use super::cell::Cell;
use super::chart::ChartPane;
use super::command::{Command, CommandBar};
use super::empty_state::EmptyState;
use super::filter::{FilterChip, QuickFilter};
use super::icon::icon;
use super::jump_bar::JumpBar;
use super::row_acts::{GridActs, edit_help, row_menu};
use super::view_switcher::{ViewChoice, switcher};
use crate::assets::asset;

/// When a part of a list asks for what takes longer to find: once the rows are on the screen, for
/// sending a request before that keeps the browser from drawing them.
pub(super) const AFTER_DRAWING: &str = "load delay:20ms";

/// Width of a column that is given none, beside others that are.
pub(crate) const USUAL_WIDTH: u16 = 160;
/// Width of the column of boxes, and of that of menus.
const SELECT_WIDTH: u16 = 48;

/// Id of the row that brings further ones.
pub(crate) const MORE: &str = "grid-more";

/// Which way a column is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortState {
    /// Not by this column.
    #[default]
    None,
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// How a column can be sorted.
#[derive(Debug, Clone, Default)]
pub struct Sort {
    /// The list sorted by this column, or the other way round if it is already.
    pub href: String,
    /// The list sorted by this column after those it is sorted by already.
    pub also: String,
    /// How it is sorted now.
    pub state: SortState,
    /// Which of several keys it is, counted from 1.
    pub place: Option<usize>,
}

/// A column of a grid.
#[derive(Debug, Clone, Default)]
pub struct GridColumn {
    /// Its path, by which its width is remembered.
    pub key: String,
    /// Its heading.
    pub label: String,
    /// Whether it holds numbers or money, set to the right.
    pub number: bool,
    /// Whether and how it sorts; `None` where it cannot.
    pub sort: Option<Sort>,
    /// Logical name of the column, where its values can be changed in place.
    pub edit: Option<String>,
    /// Its width in pixels, where it is given.
    pub width: Option<u16>,
}

/// A row of a grid. The first cell should be a [`Cell::Link`] to the record; a click anywhere on
/// the row follows it.
#[derive(Debug, Clone, Default)]
pub struct GridRow {
    /// The record's id, sent when the row is selected.
    pub id: String,
    /// The record's name, for the selection box.
    pub label: String,
    /// A cell a column.
    pub cells: Vec<Cell>,
    /// Whether the record is closed or inactive, and so shown quietly.
    pub muted: bool,
}

/// The foot of a grid: how many there are, and the pages around this one.
#[derive(Debug, Clone, Default)]
pub struct Paging {
    /// Words such as `1–50 of 9,240` or `50 rows, more follow`.
    pub text: String,
    /// Address of the fragment that says of how many, for lists too long to count at once.
    pub count: Option<String>,
    /// Address of the page before.
    pub previous: Option<String>,
    /// Address of the page after.
    pub next: Option<String>,
    /// Number of the first row shown.
    pub first: u64,
    /// Number of the last row shown.
    pub last: u64,
}

/// A list of records through a view.
#[derive(Debug, Clone, Default)]
pub struct Grid {
    /// Unique on the page, such as `leads`.
    pub id: String,
    /// What the rows are, such as `Leads`.
    pub title: String,
    /// Icon of the table.
    pub icon: String,
    /// Views to choose from; the current one's name is the heading.
    pub views: Vec<ViewChoice>,
    /// Whether the list shows something else than the view does.
    pub changed: bool,
    /// Commands about the list.
    pub commands: CommandBar,
    /// Commands about the selected rows; none makes the rows unselectable.
    pub bulk: CommandBar,
    /// The box that narrows the list.
    pub quick_filter: Option<QuickFilter>,
    /// The filters that are on.
    pub chips: Vec<FilterChip>,
    /// Address of the [`super::FilterEditor`] fragment that adds a filter.
    pub add_filter: Option<String>,
    /// Address of the dialog with all filters.
    pub filters: Option<String>,
    /// Address of the dialog with columns, order and groups.
    pub arrange: Option<String>,
    /// Address of the list without any filter, when some are on.
    pub clear_filters: Option<String>,
    /// What keeps the list as it is shown, as a view of one's own.
    pub keep: Vec<Command>,
    /// The columns.
    pub columns: Vec<GridColumn>,
    /// Whether columns have the widths they are given, instead of what their values take.
    pub fixed: bool,
    /// The rows of this page.
    pub rows: Vec<GridRow>,
    /// The pages around this one.
    pub paging: Paging,
    /// Address of the row of totals, where columns have any.
    pub totals: Option<String>,
    /// The chart beside the rows.
    pub chart: Option<ChartPane>,
    /// Address of the groups, where rows stand in groups.
    pub groups: Option<String>,
    /// What is said when there are no rows.
    pub empty: EmptyState,
    /// How rows are kept as they are; none where they do not change by themselves.
    pub live: Option<GridLive>,
    /// Where the letters begin that a list sorted by text has.
    pub jumps: Option<JumpBar>,
    /// What is done with single rows and with selections over several pages; none where nothing is.
    pub acts: Option<GridActs>,
}

/// How the rows of a grid are kept as they are while it is open.
#[derive(Debug, Clone, Default)]
pub struct GridLive {
    /// Logical name of the table.
    pub table: String,
    /// Address of the fragment made by [`Grid::fresh_rows`].
    pub rows: String,
    /// Address of the list from its beginning.
    pub beginning: String,
}

impl Grid {
    pub(super) fn results_id(&self) -> String {
        format!("{}-results", self.id)
    }

    fn view_name(&self) -> &str {
        self.views.iter().find(|view| view.current).map_or(&self.title, |view| &view.label)
    }

    /// What changes when the list is filtered, sorted or paged: enough of an answer to a request
    /// whose `HX-Target` is `ID-results`.
    pub fn results(&self) -> Markup {
        html! {
            div.grid-results id=(self.results_id()) data-rows=[self.acts.as_ref().map(|acts| &acts.place)]
                data-list=[self.acts.as_ref().map(|acts| &acts.list)]
                data-more-rows[self.acts.as_ref().is_some_and(|acts| acts.more)] data-live-list=[self.live.as_ref().map(|live| &live.table)]
                data-live-rows=[self.live.as_ref().map(|live| &live.rows)]
                data-live-beginning=[self.live.as_ref().map(|live| &live.beginning)] {
                @if self.add_filter.is_some() || !self.chips.is_empty() { (self.filters()) }
                @match &self.chart {
                    Some(chart) => div.grid-beside { (chart.markup(&self.id)) (self.body()) },
                    None => (self.body()),
                }
                @if let Some(jumps) = &self.jumps { (jumps) }
                (self.foot())
            }
        }
    }

    /// The rows, the groups they stand in, or that there are none.
    fn body(&self) -> Markup {
        html! {
            @if self.rows.is_empty() {
                (self.empty)
            } @else if let Some(groups) = &self.groups {
                div.grid-scroll.is-waiting hx-get=(groups) hx-trigger="load" hx-swap="outerHTML" { p.grid-note { (tr!("Grouping …")) } }
            } @else {
                (self.table())
            }
        }
    }

    /// Only the rows, as they are now, and the ids of others that would stand on this page, too.
    pub fn fresh_rows(&self, others: &[String]) -> Markup {
        let selectable = self.is_selectable();
        html! {
            table {
                tbody data-others=(others.join(" ")) { @for row in &self.rows { (self.row(row, selectable)) } }
            }
        }
    }

    pub(super) fn head(&self) -> Markup {
        html! {
            header.grid-head {
                div.grid-heading {
                    @if self.views.is_empty() {
                        h1 { (self.title) }
                    } @else {
                        (switcher(&self.views, &self.icon, &self.title, self.view_name(), self.changed))
                    }
                }
                @if let Some(filter) = &self.quick_filter { (filter.markup(&self.results_id())) }
                (self.commands)
            }
        }
    }

    pub(super) fn filters(&self) -> Markup {
        html! {
            div.filter-bar {
                @for chip in &self.chips { (chip) }
                @if let Some(editor) = &self.add_filter {
                    div.dropdown {
                        button.btn.btn-sm.btn-ghost type="button" data-bs-toggle="dropdown" data-bs-auto-close="outside"
                            aria-expanded="false" hx-get=(editor) hx-trigger="click once"
                            hx-target={ "#" (self.id) "-filter-editor" } hx-swap="innerHTML" {
                            (icon("plus")) span { (tr!("Add filter")) }
                        }
                        div.dropdown-menu.filter-popover id={ (self.id) "-filter-editor" } {}
                    }
                }
                @if let Some(filters) = &self.filters { (tool(filters, "filter", &tr!("All filters"))) }
                @if let Some(arrange) = &self.arrange { (tool(arrange, "columns-3", &tr!("Columns"))) }
                @if let Some(clear) = &self.clear_filters { a.filter-clear href=(clear) { (tr!("Clear all")) } }
                @if !self.keep.is_empty() { div.filter-keep { @for command in &self.keep { (command) } } }
            }
        }
    }

    fn edits(&self) -> bool {
        self.columns.iter().any(|column| column.edit.is_some())
    }

    pub(super) fn is_selectable(&self) -> bool {
        !self.bulk.commands.is_empty() || !self.bulk.more.is_empty()
    }

    fn table(&self) -> Markup {
        let selectable = self.is_selectable();
        html! {
            div.grid-scroll tabindex="0" role="region" aria-label={ (self.title) ": " (self.view_name()) } {
                table.record-grid .is-selectable[selectable] .is-fixed[self.fixed] width=[self.width()] {
                    (self.head_row())
                    tbody {
                        @for row in &self.rows { (self.row(row, selectable)) }
                        @if let Some(next) = &self.paging.next { (self.more_row(next, Some(self.paging.first))) }
                    }
                    (self.totals_foot())
                }
            }
        }
    }

    pub(super) fn head_row(&self) -> Markup {
        html! {
            colgroup {
                @if self.is_selectable() { col width=[self.fixed.then_some(SELECT_WIDTH)]; }
                @for column in &self.columns { col width=[self.fixed.then(|| column.width.unwrap_or(USUAL_WIDTH))]; }
                @if self.acts.is_some() { col width=[self.fixed.then_some(SELECT_WIDTH)]; }
            }
            thead {
                tr {
                    @if self.is_selectable() {
                        th.grid-select scope="col" {
                            input.form-check-input type="checkbox" data-select-all aria-label=(tr!("Select all rows"));
                        }
                    }
                    @for column in &self.columns { (heading(column, &self.results_id())) }
                    @if self.acts.is_some() { th.grid-actions scope="col" { span.visually-hidden { (tr!("Actions")) } } }
                }
            }
        }
    }

    /// How wide the table is, where its columns have widths.
    pub(super) fn width(&self) -> Option<u32> {
        let columns = self.columns.iter().map(|column| u32::from(column.width.unwrap_or(USUAL_WIDTH)));
        let beside = u32::from(self.is_selectable()) + u32::from(self.acts.is_some());
        self.fixed.then(|| beside * u32::from(SELECT_WIDTH) + columns.sum::<u32>())
    }

    pub(super) fn row(&self, row: &GridRow, selectable: bool) -> Markup {
        html! {
            tr data-row data-id=(row.id) .is-muted[row.muted] {
                @if selectable {
                    td.grid-select {
                        input.form-check-input type="checkbox" name="id" value=(row.id) data-select-row
                            aria-label=(tr!("Select {}", row.label));
                    }
                }
                @for (cell, column) in row.cells.iter().zip(&self.columns) {
                    td .is-number[column.number] .is-empty[cell.is_empty()] data-label=(column.label)
                        data-edit=[column.edit.as_ref().filter(|_| !row.muted)] { (cell) }
                }
                @if self.acts.is_some() { (row_menu(&row.label)) }
            }
        }
    }

    fn foot(&self) -> Markup {
        html! {
            footer.grid-foot {
                span aria-live="polite" {
                    span id="grid-range" { (self.paging.text) }
                    @if let Some(count) = &self.paging.count {
                        span hx-get=(count) hx-trigger=(AFTER_DRAWING) hx-swap="outerHTML" {}
                    }
                }
                @if self.paging.previous.is_some() || self.paging.next.is_some() {
                    nav.grid-pages aria-label=(tr!("Pages of {}", self.title)) {
                        (self.page(self.paging.previous.as_deref(), &tr!("Previous page"), "chevron-left", "prev"))
                        (self.next_page(false))
                    }
                }
            }
        }
    }

    /// The way to the next page; `again` where it takes the place of the one on the page.
    pub(super) fn next_page(&self, again: bool) -> Markup {
        html! {
            span.grid-next id="grid-next" hx-swap-oob=[again.then_some("true")] {
                (self.page(self.paging.next.as_deref(), &tr!("Next page"), "chevron-right", "next"))
            }
        }
    }

    fn page(&self, href: Option<&str>, label: &str, glyph: &str, relation: &str) -> Markup {
        let target = format!("#{}", self.results_id());
        html! {
            @match href {
                Some(href) => a.btn.btn-icon.btn-sm href=(href) rel=(relation) aria-label=(label) title=(label)
                    hx-get=(href) hx-target=(target) hx-select=(target) hx-swap="outerHTML show:window:top" hx-push-url="true" {
                    (icon(glyph))
                },
                None => span.btn.btn-icon.btn-sm.disabled aria-hidden="true" { (icon(glyph)) },
            }
        }
    }

    fn bulk_bar(&self) -> Markup {
        html! {
            div.bulk-bar data-bulk-bar role="toolbar" aria-label=(tr!("Selected rows")) hidden {
                span.bulk-count data-bulk-count aria-live="polite" {}
                @if self.acts.is_some() { button.btn.btn-sm type="button" data-select-view hidden { (tr!("Select the whole list")) } }
                @for command in &self.bulk.commands { (command) }
                @if !self.bulk.more.is_empty() {
                    div.dropup {
                        button.btn.btn-icon type="button" data-bs-toggle="dropdown" aria-expanded="false"
                            aria-label=(tr!("More commands for the selection")) title=(tr!("More commands")) { (icon("dots")) }
                        div.dropdown-menu.dropdown-menu-end { @for command in &self.bulk.more { (command.menu_item()) } }
                    }
                }
                button.btn.btn-icon type="button" data-select-none aria-label=(tr!("Clear selection")) title=(tr!("Clear selection (Esc)")) { (icon("x")) }
            }
        }
    }
}

impl Render for Grid {
    fn render(&self) -> Markup {
        html! {
            section.grid-page id=(self.id) data-grid data-edit-script=[self.edits().then(|| asset("inline.js"))] {
                (self.head())
                (self.results())
                @if self.edits() { (edit_help()) }
                @if self.is_selectable() { (self.bulk_bar()) }
            }
        }
    }
}

/// A small button that opens a dialog.
fn tool(href: &str, glyph: &str, label: &str) -> Markup {
    html! {
        button.btn.btn-sm.btn-ghost type="button" aria-haspopup="dialog" hx-get=(href) hx-target="#dialogs" hx-swap="innerHTML" {
            (icon(glyph)) span { (label) }
        }
    }
}

fn heading(column: &GridColumn, results: &str) -> Markup {
    let order = column.sort.as_ref().map(|sort| match sort.state {
        SortState::None => "none",
        SortState::Ascending => "ascending",
        SortState::Descending => "descending",
    });
    html! {
        th scope="col" .is-number[column.number] aria-sort=[order] data-column=(column.key) {
            @match &column.sort {
                Some(sort) => a href=(sort.href) hx-get=(sort.href) hx-target={ "#" (results) } hx-select={ "#" (results) }
                    hx-swap="outerHTML" hx-push-url="true" data-also=(sort.also) {
                    span { (column.label) }
                    @if let Some(place) = sort.place { span.sort-place { span.visually-hidden { (tr!("sorted by, number")) " " } (place) } }
                    @match sort.state {
                        SortState::Ascending => (icon("arrow-up")),
                        SortState::Descending => (icon("arrow-down")),
                        SortState::None => (icon("selector")),
                    }
                },
                None => span { (column.label) },
            }
            span.column-edge data-column-edge aria-hidden="true" {}
        }
    }
}
