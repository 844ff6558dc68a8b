//! What a list shows, as its address says it: view, order, filters, page.

use model::{Filter, Model, Order, Path, Step, Table, View};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::filters::Condition;
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
        }
    }

    /// The view shown.
    pub fn view<'t>(&self, table: &'t Table) -> Option<&'t View> {
        table.views.iter().find(|view| view.name == self.view).or_else(|| table.default_view())
    }

    /// The same list from its beginning.
    pub fn beginning(&self) -> Self {
        Self { cursor: None, backwards: false, before: 0, ..self.clone() }
    }

    /// The parameters of its address, in order.
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        let mut parameters = Vec::new();
        if !self.view.is_empty() {
            parameters.push(("view", self.view.clone()));
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

    /// Its address under `path`.
    pub fn href(&self, path: &str) -> String {
        address(path, &self.parameters())
    }

    /// Which rows: the view's, narrowed by filters and quick filter.
    pub fn filter(&self, me: &Me, model: &Model, table: &Table) -> Result<Filter, String> {
        let view = self.view(table).map(|view| view.filter.clone()).unwrap_or_default();
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

    /// In which order.
    pub fn order(&self, model: &Model, table: &Table) -> Vec<Order> {
        if let Some((column, descending)) = &self.sort
            && let Ok(path) = column.parse::<Path>()
            && model.resolve(&table.name, &path).is_ok_and(|(_, column)| column.is_stored())
        {
            return vec![Order { column: by_name(model, table, path), descending: *descending }];
        }
        self.view(table).map(|view| view.order.clone()).unwrap_or_default()
    }
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
    // Words without a letter or digit find nothing by text search.
    if table.searchable && words.chars().any(char::is_alphanumeric) {
        return Filter::Search(words.to_owned());
    }
    Filter::compare(table.primary_name.as_str(), model::Operator::Contains, words)
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
