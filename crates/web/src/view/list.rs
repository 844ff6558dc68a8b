//! What a list shows, as its address says it: view, order, filters, page.

use crm::views::Definition;
use model::{Filter, Model, Order, Path, Step, Table, View};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::{board::Layout, filters::Condition};
use crate::{posted::Typed, session::Me};

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

/// What a list shows.
#[derive(Debug, Clone, Default)]
pub(crate) struct List {
    /// Short name of the view; the default one where empty.
    pub view: String,
    /// Column sorted by in place of the view's order.
    pub sort: Option<(String, bool)>,
    /// What every row must hold somewhere.
    pub q: String,
    /// Further conditions.
    pub filters: Vec<Condition>,
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
    /// The personal view shown, where it is one.
    pub own: Option<Box<Own>>,
    /// The address says all of a personal view's conditions itself.
    pub changed: bool,
    /// It says something else than the personal view does.
    pub differs: bool,
}

/// A personal view: its filter is shown as conditions that can be changed one by one.
#[derive(Debug, Clone)]
pub(crate) struct Own {
    view: View,
    /// The part of its filter that no condition can show.
    rest: Filter,
}

impl List {
    /// Reads an address.
    pub fn of(asked: &Typed) -> Self {
        let filled = |name: &str| asked.get(name).filter(|value| !value.is_empty()).map(str::to_owned);
        Self {
            view: asked.text("view").to_owned(),
            sort: filled("sort").map(|column| (column, asked.get("desc") == Some("1"))),
            q: asked.text("q").trim().to_owned(),
            filters: asked.all("f").filter_map(Condition::parse).collect(),
            cursor: filled("cursor"),
            backwards: asked.get("back") == Some("1"),
            before: asked.text("at").parse().unwrap_or_default(),
            letter: letter(asked.text("letter")),
            board: Layout::of(asked),
            own: None,
            changed: asked.get("as") == Some("1"),
            differs: false,
        }
    }

    /// Looks the view up among the table's and the caller's own. False where there is none of
    /// this name: the list is then shown by the default one.
    pub fn find_view(&mut self, me: &Me, table: &Table, personal: &[View]) -> bool {
        if self.view.is_empty() || table.views.iter().any(|view| view.name == self.view) {
            return true;
        }
        let Some(view) = personal.iter().find(|view| view.name == self.view) else {
            self.view.clear();
            return false;
        };
        let parts = match &view.filter {
            Filter::All(parts) => parts.clone(),
            single => vec![single.clone()],
        };
        let (mut conditions, mut words, mut rest) = (Vec::new(), String::new(), Filter::everything());
        for part in parts {
            match (&part, Condition::of_filter(me, &part)) {
                (_, Some(condition)) => conditions.push(condition),
                (Filter::Search(text), None) if words.is_empty() => words.clone_from(text),
                _ => rest = rest.and(part),
            }
        }
        self.differs = self.changed && (self.filters != conditions || self.q != words || self.sort.is_some());
        if !self.changed {
            // Filters in the address come on top of the view's own.
            self.differs = self.is_narrowed();
            self.filters.splice(0..0, conditions);
            if self.q.is_empty() {
                self.q = words;
            }
            self.changed = true;
        }
        self.own = Some(Box::new(Own { view: view.clone(), rest }));
        true
    }

    /// What is shown, as a personal view keeps it.
    pub fn definition(&self, me: &Me, model: &Model, table: &Table) -> Result<Definition, String> {
        let view = self.view(table);
        let order = match &self.sort {
            Some((column, descending)) => vec![Order { column: column.parse()?, descending: *descending }],
            None => view.map(|view| view.order.clone()).unwrap_or_default(),
        };
        let columns = view.map(|view| view.columns.clone()).unwrap_or_default();
        Ok(Definition { columns, filter: self.filter(me, model, table)?, order })
    }

    /// True where the address shows something else than the view by itself.
    pub fn is_narrowed(&self) -> bool {
        self.sort.is_some() || !self.q.is_empty() || !self.filters.is_empty()
    }

    /// The view shown.
    pub fn view<'t>(&'t self, table: &'t Table) -> Option<&'t View> {
        if let Some(own) = &self.own {
            return Some(&own.view);
        }
        table.views.iter().find(|view| view.name == self.view).or_else(|| table.default_view())
    }

    /// The same list from its beginning.
    pub fn beginning(&self) -> Self {
        Self { cursor: None, backwards: false, before: 0, letter: None, ..self.clone() }
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
        if let Some((column, descending)) = &self.sort {
            parameters.push(("sort", column.clone()));
            if *descending {
                parameters.push(("desc", "1".to_owned()));
            }
        }
        if !self.q.is_empty() {
            parameters.push(("q", self.q.clone()));
        }
        parameters.extend(self.filters.iter().map(|filter| ("f", filter.to_text())));
        parameters.extend(self.board.iter().flat_map(Layout::parameters));
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
        let view = match &self.own {
            Some(own) => own.rest.clone(),
            None => self.view(table).map(|view| view.filter.clone()).unwrap_or_default(),
        };
        Ok(view.and(self.narrowing(me, model, table)?))
    }

    /// What narrows the view: filters and quick filter.
    pub fn narrowing(&self, me: &Me, model: &Model, table: &Table) -> Result<Filter, String> {
        let mut filter = Filter::everything();
        for condition in &self.filters {
            filter = filter.and(condition.filter(me, model, table)?);
        }
        if !self.q.is_empty() {
            filter = filter.and(text_filter(table, &self.q));
        }
        Ok(filter)
    }

    /// In which order. What was searched for comes as it was entered, the newest first, unless
    /// another order is chosen: the index has its hits in that order, however many there are.
    pub fn order(&self, me: &Me, model: &Model, table: &Table) -> Vec<Order> {
        if let Some((column, descending)) = &self.sort
            && let Ok(path) = column.parse::<Path>()
            && model.resolve(&table.name, &path).is_ok_and(|(_, column)| column.is_stored())
        {
            return vec![Order { column: by_name(model, table, path), descending: *descending }];
        }
        if is_searched(table, &self.q) {
            return Vec::new();
        }
        let order = self.view(table).map(|view| view.order.clone()).unwrap_or_default();
        let order = me.caller.readable_order(model, &table.name, order);
        if self.own.is_none() {
            return order;
        }
        let shown = |order: Order| Order { column: by_name(model, table, order.column), ..order };
        order.into_iter().map(shown).collect()
    }

    /// The column that rows are sorted by, as a heading names it, and whether the largest is first.
    pub fn sorted_by(&self, me: &Me, model: &Model, table: &Table, heading: &Path) -> Option<bool> {
        let first = self.order(me, model, table).into_iter().next()?;
        let is_it = first.column == *heading || first.column == by_name(model, table, heading.clone());
        is_it.then_some(first.descending)
    }
}

/// A letter, digit or sign that texts can begin with.
fn letter(text: &str) -> Option<char> {
    let mut letters = text.chars();
    letters.next().filter(|letter| !letter.is_control() && letters.next().is_none())
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
