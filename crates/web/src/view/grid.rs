//! A table's rows through a view: what is asked of the domain and how the answer is shown.

use crm::{
    Output, Query, Rows, activities::parties::StoredParty, export::has_files, reading::Names, views::PersonalView,
};
use language::{Language, tr};
use model::{Column, ColumnType, Filter, Model, Operator, Path, Table, TableKind, Value};
use uuid::Uuid;

use super::{
    board,
    cells::Cells,
    chart, columns, commands, filters, groups, jump,
    list::{List, PAGE},
    parties::{self, Parties},
    switcher, tables, totals,
};
use crate::{
    components::{
        Action, Cell, Command, EmptyState, Grid, GridActs, GridColumn, GridLive, GridRow, Paging, QuickFilter, Sort,
    },
    session::Me,
};

/// A column shown.
struct Shown<'m> {
    path: Path,
    table: &'m Table,
    column: &'m Column,
    /// Where the currency of its amounts stands.
    currency: Option<Path>,
}

/// What rows of a table are shown with: columns of a view or of a subgrid.
pub(crate) struct Sheet<'m> {
    model: &'m Model,
    table: &'m Table,
    shown: Vec<Shown<'m>>,
}

impl<'m> Sheet<'m> {
    /// These columns of a table; what the model does not have is left out.
    pub fn new(model: &'m Model, table: &'m Table, columns: impl IntoIterator<Item = Path>) -> Self {
        let shown = columns.into_iter().filter_map(|path| {
            let own_list = |column: &Column| path.is_own() && parties::is_list(column);
            let (owner, column) =
                model.resolve(&table.name, &path).ok().filter(|(_, column)| column.is_stored() || own_list(column))?;
            let currency = (column.is_money() && owner.column("transactioncurrencyid").is_some())
                .then(|| Path { steps: path.steps.clone(), column: "transactioncurrencyid".to_owned() });
            Some(Shown { path, table: owner, column, currency })
        });
        Self { model, table, shown: shown.collect() }
    }

    /// The columns of a list.
    pub fn of_list(model: &'m Model, table: &'m Table, list: &List) -> Self {
        let sheet = Self::new(model, table, list.shown(table).into_iter().map(|shown| shown.column));
        if sheet.shown.is_empty() {
            // None of the columns is there any more.
            return Self::new(model, table, [Path::column(table.primary_name.as_str())]);
        }
        sheet
    }

    /// What is shown: the path of each column, the table it leads to, and the column.
    pub fn shown(&self) -> impl Iterator<Item = (&Path, &'m Table, &'m Column)> {
        self.shown.iter().map(|shown| (&shown.path, shown.table, shown.column))
    }

    /// Asks for what is shown, and what says how it is shown.
    pub fn select(&self, query: Query) -> Query {
        let mut query = query;
        let mut paths =
            vec![Path::column(self.table.primary_key.as_str()), Path::column(self.table.primary_name.as_str())];
        paths.extend(
            ["statecode", "activitytypecode"]
                .iter()
                .filter(|name| self.table.column(name).is_some())
                .map(|name| Path::column(*name)),
        );
        paths.extend(self.shown.iter().flat_map(|shown| shown.currency.iter().cloned().chain([shown.path.clone()])));
        for path in paths {
            let output = Output { path, alias: None, join: None };
            if self.model.resolve(&self.table.name, &output.path).is_ok_and(|(_, column)| column.is_stored())
                && !query.columns.contains(&output)
            {
                query.columns.push(output);
            }
        }
        query
    }

    /// Headings; `sort` says where a click leads.
    pub fn columns(&self, sort: impl Fn(&str) -> Option<Sort>) -> Vec<GridColumn> {
        let heading = |shown: &Shown<'_>| GridColumn {
            key: shown.path.to_string(),
            label: filters::offered::label_of(self.model, self.table, &shown.path, shown.column),
            number: matches!(
                shown.column.value_type(),
                ColumnType::Money { .. } | ColumnType::Whole { .. } | ColumnType::Decimal { .. }
            ),
            sort: sort(&shown.path.to_string()).filter(|_| shown.column.is_stored()),
            edit: None,
            width: None,
        };
        self.shown.iter().map(heading).collect()
    }

    /// Of each column its name, where the person may change its values in place.
    pub fn changeable(&self, me: &Me) -> impl Iterator<Item = Option<String>> {
        let may_write = tables::is_writable(self.table)
            && me.caller.may_anywhere(self.model, self.table, crm::access::Privilege::Write);
        self.shown.iter().map(move |shown| {
            let open = may_write && shown.path.is_own() && board::editable(me, self.table, shown.column);
            open.then(|| shown.column.name.clone())
        })
    }

    /// The rows; `parties` are those of rows whose columns list them.
    pub fn rows(&self, me: &Me, rows: &Rows, names: &Names, parties: &[StoredParty]) -> Vec<GridRow> {
        let cells = Cells { me, model: self.model, names };
        let at = |path: &Path| rows.position(&path.to_string());
        let key = rows.position(&self.table.primary_key);
        let name = rows.position(&self.table.primary_name);
        let (state, kind) = (rows.position("statecode"), rows.position("activitytypecode"));
        let places: Vec<(Option<usize>, Option<usize>)> =
            self.shown.iter().map(|shown| (at(&shown.path), shown.currency.as_ref().and_then(at))).collect();
        rows.rows
            .iter()
            .map(|values| {
                let value = |place: Option<usize>| place.and_then(|place| values.get(place)).unwrap_or(&Value::Null);
                let id = value(key).as_id().unwrap_or_default();
                let label = value(name).as_text().unwrap_or_default().to_owned();
                let href = self.href(id, value(kind));
                let cells = self.shown.iter().zip(&places).enumerate().map(|(position, (shown, (place, currency)))| {
                    if parties::is_list(shown.column) {
                        let own = parties.iter().filter(|party| party.activity == id).cloned().collect();
                        return Parties::stored(self.table, own).cell(me, self.model, names, shown.column);
                    }
                    let (value, currency) = (value(*place), value(*currency).as_id());
                    if position == 0 {
                        let text = cells.text(shown.table, shown.column, value, currency);
                        let text = if text.trim().is_empty() { tr!("(no name)") } else { text };
                        return Cell::Link { text, href: href.clone() };
                    }
                    cells.cell(shown.table, shown.column, value, currency)
                });
                GridRow { id: id.to_string(), label, cells: cells.collect(), muted: self.is_closed(value(state)) }
            })
            .collect()
    }

    /// A row of `activitypointer` is shown as the activity it stands for.
    fn href(&self, id: Uuid, kind: &Value) -> String {
        match kind.as_text().filter(|_| self.table.kind == TableKind::Pointer) {
            Some(kind) => tables::href_of(self.model, kind, id),
            None => tables::row_href(self.table, id),
        }
    }

    fn is_closed(&self, state: &Value) -> bool {
        let number = state.as_whole().and_then(|state| i32::try_from(state).ok());
        number
            .and_then(|number| self.table.state(number))
            .is_some_and(|state| state.closed || (state.value == 1 && self.table.states.len() == 2))
    }
}

/// What a page of a list is made of.
pub(crate) struct Page<'a> {
    pub rows: &'a Rows,
    pub names: &'a Names,
    /// Who takes part in the rows' activities.
    pub parties: &'a [StoredParty],
}

/// The query for a page of a list.
pub(crate) fn query(me: &Me, model: &Model, table: &Table, list: &List, base: Query) -> Result<Query, String> {
    let sheet = Sheet::of_list(model, table, list);
    let mut query = sheet.select(base).matching(list.filter(me, model, table)?).take(PAGE);
    query.order = list.order(me, model, table);
    query.page.cursor = list.cursor.clone().map(|token| crm::Cursor { token, backwards: list.backwards });
    Ok(query)
}

/// A page of a list.
pub(crate) fn grid(
    me: &Me,
    model: &Model,
    table: &Table,
    list: &List,
    personal: &[PersonalView],
    page: &Page<'_>,
) -> Grid {
    let Page { rows, names, parties } = *page;
    // The list may be shown as a board; what is done with its rows is done at the table's own place.
    let (path, place) = (list.path(table), format!("/{}", table.set_name));
    let view = list.view(table);
    let sheet = Sheet::of_list(model, table, list);
    let start = list.beginning();
    let grouped = groups::Grouped::of(me, model, table, list).filter(|_| list.board.is_none());
    Grid {
        id: "grid".to_owned(),
        title: table.plural_label.clone(),
        icon: table.icon.clone(),
        views: switcher::views(table, personal, list),
        changed: list.differs,
        commands: commands::list(me, model, table, &exports(table, &start, &place), switcher::commands(&start, &place)),
        bulk: commands::bulk(me, model, table, exports(table, &start, &format!("{place}/exports"))),
        quick_filter: Some(quick_filter(table, &start, &path)),
        chips: filters::chips(me, model, names, table, list, &path),
        add_filter: Some(start.href(&format!("{path}/filter"))),
        filters: Some(start.href(&format!("{place}/filters"))),
        arrange: list.board.is_none().then(|| start.href(&format!("{place}/columns"))),
        clear_filters: (!list.filters.is_empty()).then(|| List { q: start.q.clone(), ..cleared(&start) }.href(&path)),
        keep: switcher::keep(&start, &place, &path),
        columns: changeable(&sheet, me, columns::headings(me, model, table, list, &sheet)),
        fixed: list.has_widths(),
        rows: sheet.rows(me, rows, names, parties),
        paging: match &grouped {
            Some(grouped) => Paging { text: tr!("Grouped by {}", grouped.column.label), ..Paging::default() },
            None => paging(list, rows, &path),
        },
        totals: totals::of(me, table, &sheet).is_some().then(|| start.href(&format!("{place}/totals"))),
        chart: chart::pane(me, table, list),
        groups: grouped.map(|_| start.href(&format!("{place}/groups"))),
        live: Some(GridLive {
            table: table.name.clone(),
            rows: list.href(&format!("{path}/rows")),
            beginning: start.href(&path),
        }),
        jumps: jump::bar(model, table, me, list, &path),
        acts: Some(GridActs {
            list: super::list::query_of(&start),
            more: rows.next.is_some() || rows.previous.is_some(),
            place,
        }),
        empty: if list.is_narrowed() || list.unread.is_some() {
            nothing_found(table, &start, &path)
        } else {
            nothing_yet(me, model, table, view)
        },
    }
}

/// The columns of a list, those marked whose values are changed in their cells.
fn changeable(sheet: &Sheet<'_>, me: &Me, columns: Vec<GridColumn>) -> Vec<GridColumn> {
    columns.into_iter().zip(sheet.changeable(me)).map(|(column, edit)| GridColumn { edit, ..column }).collect()
}

/// The list without any filter.
fn cleared(start: &List) -> List {
    List { q: String::new(), filters: Vec::new(), unread: None, ..start.clone() }
}

/// The whole list as files.
fn exports(table: &Table, start: &List, path: &str) -> Vec<(String, String)> {
    let href = |format: &str| {
        let mut parameters = start.parameters();
        parameters.push(("format", format.to_owned()));
        super::list::address(path, &parameters)
    };
    let mut exports = vec![(tr!("Export to Excel"), href("xlsx")), (tr!("Export to CSV"), href("csv"))];
    if has_files(table) {
        exports.push((tr!("Export with files (ZIP)"), href("zip")));
    }
    exports
}

fn quick_filter(table: &Table, start: &List, path: &str) -> QuickFilter {
    let kept = List { q: String::new(), ..start.clone() }.parameters();
    QuickFilter {
        action: path.to_owned(),
        value: start.q.clone(),
        placeholder: if table.searchable {
            tr!("Filter {}", Language::within_sentence(&table.plural_label))
        } else {
            tr!("Filter by name")
        },
        hidden: kept.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
    }
}

fn paging(list: &List, rows: &Rows, path: &str) -> Paging {
    let count = rows.rows.len() as u64;
    let page = |cursor: &crm::Cursor, backwards: bool, before: u64| {
        List { cursor: Some(cursor.token.clone()), backwards, before, ..list.clone() }.href(path)
    };
    let before = if list.cursor.is_some() { list.before } else { 0 };
    let last = before + count;
    let ends = rows.next.is_none();
    let text = match (count, list.cursor.is_some(), ends) {
        (0, _, _) => tr!("No rows"),
        // How many rows stand before a letter is not counted.
        (count, _, _) if list.letter.is_some() => tr!("1 row" | "{n} rows" % count),
        (count, false, true) => tr!("1 row" | "{n} rows" % count),
        (_, _, true) => tr!("{}–{} of {}", before + 1, last, last),
        _ => format!("{}–{last}", before + 1),
    };
    Paging {
        text,
        count: (!ends).then(|| list.beginning().href(&format!("{path}/count"))),
        previous: rows.previous.as_ref().map(|cursor| {
            let before = before.saturating_sub(u64::from(PAGE));
            if before == 0 && list.letter.is_none() { list.beginning().href(path) } else { page(cursor, true, before) }
        }),
        next: rows.next.as_ref().map(|cursor| page(cursor, false, last)),
        first: before + 1,
        last,
    }
}

fn nothing_found(table: &Table, start: &List, path: &str) -> EmptyState {
    let without = cleared(start).href(path);
    EmptyState {
        icon: "search".to_owned(),
        title: tr!("No {} fit", Language::within_sentence(&table.plural_label)),
        text: tr!("Nothing matches the filters. Try fewer letters, or take a filter away."),
        commands: vec![Command::new(tr!("Clear all filters"), "x", Action::Link(without))],
    }
}

/// True where a filter asks for what is the reader's own.
fn is_about_me(filter: &Filter) -> bool {
    match filter {
        Filter::All(parts) | Filter::Any(parts) => parts.iter().any(is_about_me),
        Filter::Condition(condition) => {
            matches!(condition.operator, Operator::EqUserid | Operator::EqUserteams | Operator::EqUseroruserteams)
        }
        Filter::Not(_) | Filter::Related(_) | Filter::Search(_) => false,
    }
}

fn nothing_yet(me: &Me, model: &Model, table: &Table, view: Option<&model::View>) -> EmptyState {
    let mut commands: Vec<Command> = commands::new(me, model, table).map(Command::primary).into_iter().collect();
    commands.extend(commands::import(me, model, table, &tr!("Import a spreadsheet")));
    let mine = view.is_some_and(|view| is_about_me(&view.filter));
    let all = table.views.iter().find(|view| view.filter.is_everything());
    if let Some(all) = all.filter(|all| view.is_some_and(|view| view.name != all.name)) {
        let href = List { view: all.name.clone(), ..List::default() }.href(&format!("/{}", table.set_name));
        commands.push(Command::new(tr!("Show {}", all.label), "list", Action::Link(href)));
    }
    let shown = view.map_or(table.plural_label.as_str(), |view| view.label.as_str());
    EmptyState {
        icon: table.icon.clone(),
        title: tr!("Nothing in “{}”", shown),
        text: match all.filter(|_| mine) {
            Some(all) => tr!(
                "No {} of your own fit here. Those of everybody are in “{}”.",
                Language::within_sentence(&table.plural_label),
                all.label
            ),
            None => table.description.clone(),
        },
        commands,
    }
}
