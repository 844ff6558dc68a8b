//! What a list shows, as its address says it: view, columns, order, filters, groups, page.

use crm::views::Definition;
use language::tr;
use model::{Filter, Model, Order, Path, Step, Table, View, ViewColumn};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::{
    board::Layout,
    chart::Charted,
    filters::{self, Part},
    stated::{Stated, Whose},
};
use crate::{components::grid::USUAL_WIDTH, posted::Typed, session::Me};

/// Rows a page.
pub(crate) const PAGE: u32 = 50;

/// Signs that have a meaning in the query of an address.
const QUERY: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'&')
    .add(b'+')
    .add(b'%')
    .add(b'=')
    .add(b'\\')
    .add(b'|');

/// Columns shown at most.
pub(crate) const MOST_COLUMNS: usize = 40;
/// Columns sorted by at most.
pub(crate) const MOST_SORTS: usize = 4;
/// Narrowest and widest column, in CSS pixels.
pub(crate) const WIDTHS: std::ops::RangeInclusive<u16> = 60..=900;

/// What a list shows.
#[derive(Debug, Clone, Default)]
pub(crate) struct List {
    /// Short name of the view; the default one where empty.
    pub view: String,
    /// Columns sorted by in place of the view's order.
    pub sort: Vec<Order>,
    /// Columns shown in place of the view's.
    pub columns: Vec<ViewColumn>,
    /// What rows are grouped by in place of what the view says; "" for nothing.
    pub group: Option<String>,
    /// What every row must hold somewhere.
    pub q: String,
    /// Further conditions.
    pub filters: Vec<Part>,
    /// A filter of the address that is none.
    pub unread: Option<String>,
    /// Where the page begins or ends.
    pub cursor: Option<String>,
    /// The page before the cursor instead of the one behind it.
    pub backwards: bool,
    /// Rows before this page, as far as one can know by leafing.
    pub before: u64,
    /// The letter it was jumped to, where the page is one of those behind that.
    pub letter: Option<char>,
    /// How it is laid out, where it is shown as a board.
    pub board: Option<Layout>,
    /// What the chart beside it shows, and whether it is shown.
    pub chart: Option<Charted>,
    /// The view whose conditions stand among the filters, where they do.
    pub stated: Option<Box<Stated>>,
    /// The address says all of the view's conditions itself.
    pub changed: bool,
    /// It says something else than the view does.
    pub differs: bool,
}

impl List {
    /// Reads an address.
    pub fn of(asked: &Typed) -> Self {
        let filled = |name: &str| asked.get(name).filter(|value| !value.is_empty()).map(str::to_owned);
        let mut list = Self {
            view: asked.text("view").to_owned(),
            sort: sorts(asked),
            columns: asked.all("c").filter_map(column_of).take(MOST_COLUMNS).collect(),
            group: asked.get("group").map(str::to_owned),
            q: asked.text("q").trim().to_owned(),
            cursor: filled("cursor"),
            backwards: asked.get("back") == Some("1"),
            before: asked.text("at").parse().unwrap_or_default(),
            letter: letter(asked.text("letter")),
            board: Layout::of(asked),
            chart: Charted::of(asked),
            changed: asked.get("as") == Some("1"),
            ..Self::default()
        };
        for text in asked.all("f") {
            match Part::parse(text) {
                Some(part) if list.filters.len() < filters::MOST => list.filters.push(part),
                _ => list.unread = Some(text.chars().take(80).collect()),
            }
        }
        list
    }

    /// What is shown, as a personal view keeps it.
    pub fn definition(&self, me: &Me, model: &Model, table: &Table) -> Result<Definition, String> {
        let order = match self.sort.as_slice() {
            [] => self.view(table).map(|view| view.order.clone()).unwrap_or_default(),
            stated => stated.to_vec(),
        };
        let group = self.grouped_by().map(str::to_owned);
        let mut columns = self.shown(table);
        for column in &mut columns {
            column.width = self.has_widths().then_some(column.width.unwrap_or(USUAL_WIDTH));
        }
        Ok(Definition { columns, filter: self.filter(me, model, table)?, order, group })
    }

    /// The columns shown.
    pub fn shown(&self, table: &Table) -> Vec<ViewColumn> {
        if !self.columns.is_empty() {
            return self.columns.clone();
        }
        let of_view = self.view(table).map(|view| view.columns.clone()).filter(|columns| !columns.is_empty());
        of_view.unwrap_or_else(|| vec![ViewColumn { column: Path::column(table.primary_name.as_str()), width: None }])
    }

    /// True where the columns have the widths they are given, instead of what their values take. A
    /// personal view says the widths of all its columns, where it says any of its own.
    pub fn has_widths(&self) -> bool {
        let is_wide = |column: &ViewColumn| column.width.is_some();
        match &self.stated {
            _ if !self.columns.is_empty() => self.columns.iter().any(is_wide),
            Some(stated) if stated.whose != Whose::Everybody => stated.view.columns.iter().all(is_wide),
            _ => false,
        }
    }

    /// What rows are grouped by.
    pub fn grouped_by(&self) -> Option<&str> {
        let of_view = || self.stated.as_ref().and_then(|stated| stated.group.as_deref());
        self.group.as_deref().or_else(of_view).filter(|group| !group.is_empty())
    }

    /// What the chart beside the rows shows; none where there is no chart.
    pub fn charted(&self) -> Option<&Charted> {
        self.chart.as_ref().filter(|chart| !chart.hidden && self.board.is_none())
    }

    /// True where the address shows something else than the view by itself.
    pub fn is_narrowed(&self) -> bool {
        !self.q.is_empty() || !self.filters.is_empty()
    }

    /// The view shown.
    pub fn view<'t>(&'t self, table: &'t Table) -> Option<&'t View> {
        if let Some(stated) = &self.stated {
            return Some(&stated.view);
        }
        table.views.iter().find(|view| view.name == self.view).or_else(|| table.default_view())
    }

    /// The same list from its beginning.
    pub fn beginning(&self) -> Self {
        Self { cursor: None, backwards: false, before: 0, letter: None, ..self.clone() }
    }

    /// The view by itself, on the same face and with the same chart.
    pub fn by_itself(&self) -> Self {
        Self { view: self.view.clone(), board: self.board.clone(), chart: self.chart.clone(), ..Self::default() }
    }

    /// The parameters of its address, in order.
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        let mut parameters = Vec::new();
        if !self.view.is_empty() {
            parameters.push(("view", self.view.clone()));
        }
        if self.changed {
            parameters.push(("as", "1".to_owned()));
        }
        let sort = |order: &Order| format!("{}{}", if order.descending { "-" } else { "" }, order.column);
        parameters.extend(self.sort.iter().map(|order| ("sort", sort(order))));
        parameters.extend(self.columns.iter().map(|column| ("c", column_text(column))));
        parameters.extend(self.group.iter().map(|group| ("group", group.clone())));
        if !self.q.is_empty() {
            parameters.push(("q", self.q.clone()));
        }
        parameters.extend(self.filters.iter().map(|filter| ("f", filter.to_text())));
        parameters.extend(self.board.iter().flat_map(Layout::parameters));
        parameters.extend(self.chart.iter().flat_map(Charted::parameters));
        parameters.extend(self.letter.map(|letter| ("letter", letter.to_string())));
        if let Some(cursor) = &self.cursor {
            parameters.push(("cursor", cursor.clone()));
            if self.backwards {
                parameters.push(("back", "1".to_owned()));
            }
            if self.before > 0 {
                parameters.push(("at", self.before.to_string()));
            }
        }
        parameters
    }

    /// The path it is shown at: as a list, or as a board.
    pub fn path(&self, table: &Table) -> String {
        let face = if self.board.is_some() { "/board" } else { "" };
        format!("/{}{face}", table.set_name)
    }

    /// Its address under `path`.
    pub fn href(&self, path: &str) -> String {
        address(path, &self.parameters())
    }

    /// Which rows: the view's, narrowed by filters and quick filter.
    pub fn filter(&self, me: &Me, model: &Model, table: &Table) -> Result<Filter, String> {
        let view = match &self.stated {
            Some(stated) => stated.rest.clone(),
            None => self.view(table).map(|view| view.filter.clone()).unwrap_or_default(),
        };
        Ok(view.and(self.narrowing(me, model, table)?))
    }

    /// What narrows the view: filters and quick filter.
    pub fn narrowing(&self, me: &Me, model: &Model, table: &Table) -> Result<Filter, String> {
        if let Some(text) = &self.unread {
            return Err(tr!("“{}” is not a filter; clear all filters and set it again", text));
        }
        let mut filter = Filter::everything();
        for part in &self.filters {
            filter = filter.and(part.filter(me, model, table)?);
        }
        if !self.q.is_empty() {
            filter = filter.and(text_filter(table, &self.q));
        }
        Ok(filter)
    }

    /// In which order. What was searched for comes as it was entered, the newest first, unless
    /// another order is chosen: the index has its hits in that order, however many there are.
    pub fn order(&self, me: &Me, model: &Model, table: &Table) -> Vec<Order> {
        let by_name = |order: Order| Order { column: by_name(model, table, order.column), ..order };
        let stored =
            |order: &&Order| model.resolve(&table.name, &order.column).is_ok_and(|(_, column)| column.is_stored());
        let chosen: Vec<Order> = self.sort.iter().filter(stored).cloned().map(by_name).collect();
        if !chosen.is_empty() {
            return chosen;
        }
        if is_searched(table, &self.q) {
            return Vec::new();
        }
        let order = self.view(table).map(|view| view.order.clone()).unwrap_or_default();
        let order = me.caller.readable_order(model, &table.name, order);
        if self.stated.is_none() {
            return order;
        }
        order.into_iter().map(by_name).collect()
    }

    /// Which key of the order a heading names, counted from 0, and whether the largest is first.
    pub fn sorted_by(&self, me: &Me, model: &Model, table: &Table, heading: &Path) -> Option<(usize, bool)> {
        let named = by_name(model, table, heading.clone());
        let order = self.order(me, model, table);
        let place = order.iter().position(|key| key.column == *heading || key.column == named)?;
        Some((place, order[place].descending))
    }
}

/// A letter, digit or sign that texts can begin with.
fn letter(text: &str) -> Option<char> {
    let mut letters = text.chars();
    letters.next().filter(|letter| !letter.is_control() && letters.next().is_none())
}

/// `sort=column` for each, with a minus before it where the largest is first. Addresses of before say
/// `desc=1` beside the only one.
fn sorts(asked: &Typed) -> Vec<Order> {
    let one = |text: &str| {
        let (column, descending) = text.strip_prefix('-').map_or((text, false), |column| (column, true));
        Some(Order { column: column.parse().ok()?, descending })
    };
    let mut sorts: Vec<Order> = asked.all("sort").filter_map(one).take(MOST_SORTS).collect();
    if let [only] = sorts.as_mut_slice() {
        only.descending |= asked.get("desc") == Some("1");
    }
    sorts
}

/// A column as an address holds it: `column` or `column:width`.
fn column_of(text: &str) -> Option<ViewColumn> {
    let (column, width) = match text.rsplit_once(':') {
        Some((column, width)) => (column, Some(width.parse::<u16>().ok()?)),
        None => (text, None),
    };
    let width = width.map(|width| width.clamp(*WIDTHS.start(), *WIDTHS.end()));
    Some(ViewColumn { column: column.parse().ok()?, width })
}

fn column_text(column: &ViewColumn) -> String {
    column.width.map_or_else(|| column.column.to_string(), |width| format!("{}:{width}", column.column))
}

/// A lookup is sorted by the name of what it points at; of several targets by the first one's.
fn by_name(model: &Model, table: &Table, path: Path) -> Path {
    let target = model
        .resolve(&table.name, &path)
        .ok()
        .and_then(|(_, column)| column.targets().first().cloned().map(|target| (column.is_polymorphic(), target)));
    let Some((polymorphic, target)) = target else { return path };
    let Some(name) = model.table(&target).map(|target| target.primary_name.clone()) else { return path };
    let mut steps = path.steps;
    steps.push(Step { lookup: path.column, target: polymorphic.then_some(target) });
    Path { steps, column: name }
}

/// Rows that hold these words.
pub(crate) fn text_filter(table: &Table, words: &str) -> Filter {
    if is_searched(table, words) {
        return Filter::Search(words.to_owned());
    }
    Filter::compare(table.primary_name.as_str(), model::Operator::Contains, words)
}

/// Whether these words are looked up in the search index: words without a letter or digit find
/// nothing there.
pub(crate) fn is_searched(table: &Table, words: &str) -> bool {
    table.searchable && words.chars().any(char::is_alphanumeric)
}

/// What a list shows, as the query of its address.
pub(crate) fn query_of(list: &List) -> String {
    address("", &List { board: None, ..list.clone() }.parameters()).trim_start_matches('?').to_owned()
}

/// A path with parameters.
pub(crate) fn address(path: &str, parameters: &[(&str, String)]) -> String {
    let mut address = path.to_owned();
    for (position, (name, value)) in parameters.iter().enumerate() {
        address.push(if position == 0 { '?' } else { '&' });
        address.push_str(name);
        address.push('=');
        address.extend(utf8_percent_encode(value, QUERY));
    }
    address
}
