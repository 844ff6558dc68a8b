//! The heads of a list's columns, and the dialog in which they are chosen.

use language::tr;
use model::{Column, ColumnType, Model, Order, Path, Table, ViewColumn};

use super::{
    filters::offered::{self, Place},
    grid::Sheet,
    groups,
    list::{List, MOST_COLUMNS, MOST_SORTS, WIDTHS},
};
use crate::{
    components::{ChooserColumn, ChooserSort, ColumnChooser, GridColumn, Sort, SortState},
    posted::Typed,
    session::Me,
};

/// The heads of the columns, with what a click on them does.
pub(crate) fn headings(me: &Me, model: &Model, table: &Table, list: &List, sheet: &Sheet<'_>) -> Vec<GridColumn> {
    let (path, start) = (list.path(table), list.beginning());
    let by = |order: Vec<Order>| List { sort: order, ..start.clone() }.href(&path);
    let sort = |column: &str| {
        let heading: Path = column.parse().ok()?;
        let (_, known) = model.resolve(&table.name, &heading).ok()?;
        if !me.caller.may_read(known) {
            return None;
        }
        let now = list.sorted_by(me, model, table, &heading);
        let descending = now.is_some_and(|(_, descending)| !descending);
        let key = Order { column: heading.clone(), descending };
        Some(Sort {
            href: by(vec![key.clone()]),
            also: by(with(list.sort_in_force(table), key)),
            state: match now {
                None => SortState::None,
                Some((_, true)) => SortState::Descending,
                Some((_, false)) => SortState::Ascending,
            },
            place: now.map(|(place, _)| place + 1).filter(|_| list.order(me, model, table).len() > 1),
        })
    };
    let widths = list.shown(table);
    let width = |key: &str| widths.iter().find(|shown| shown.column.to_string() == key)?.width;
    let columns = sheet.columns(sort).into_iter();
    columns.map(|column| GridColumn { width: width(&column.key), ..column }).collect()
}

/// An order with one more key, which takes the place of one on the same column.
fn with(mut order: Vec<Order>, key: Order) -> Vec<Order> {
    match order.iter_mut().find(|known| known.column == key.column) {
        Some(known) => *known = key,
        None => order.push(key),
    }
    order.truncate(MOST_SORTS);
    order
}

impl List {
    /// The order as it is stated: by the address, or by the view.
    pub fn sort_in_force(&self, table: &Table) -> Vec<Order> {
        if !self.sort.is_empty() {
            return self.sort.clone();
        }
        self.view(table).map(|view| view.order.clone()).unwrap_or_default()
    }
}

/// What is chosen in the dialog.
pub(crate) struct Chosen {
    columns: Vec<ViewColumn>,
    sort: Vec<Order>,
    group: String,
    /// Where further columns are chosen from.
    from: String,
    /// What gets the focus.
    focus: String,
}

impl Chosen {
    /// What the list shows.
    pub fn of_list(list: &List, table: &Table) -> Self {
        let mut columns = list.shown(table);
        if !list.has_widths() {
            // What the organisation's view would like is not in force.
            for shown in &mut columns {
                shown.width = None;
            }
        }
        Self {
            columns,
            sort: list.sort_in_force(table),
            group: list.grouped_by().unwrap_or_default().to_owned(),
            from: String::new(),
            focus: String::new(),
        }
    }

    /// What the dialog's form holds.
    pub fn of_form(form: &Typed) -> Result<Self, String> {
        let columns = form.all("column").take(MOST_COLUMNS + 1).map(|text| {
            let column: Path = text.parse()?;
            Ok(ViewColumn { width: width(form.text(&format!("width.{text}")), &column)?, column })
        });
        let sort = form
            .all("sort_key")
            .take(MOST_SORTS + 1)
            .map(|text| Ok(Order { column: text.parse()?, descending: form.text(&format!("order.{text}")) == "desc" }));
        Ok(Self {
            columns: columns.collect::<Result<_, String>>()?,
            sort: sort.collect::<Result<_, String>>()?,
            group: form.text("rows_by").to_owned(),
            from: String::new(),
            focus: String::new(),
        })
    }

    /// Does what a button or a choice of the dialog asks for.
    pub fn change(&mut self, form: &Typed) -> Result<(), String> {
        let add = form.text("add");
        if offered::is_place(add) {
            (self.from, self.focus) = (add.to_owned(), "add".to_owned());
        } else if !add.is_empty() {
            self.add(add)?;
        }
        let by = form.text("add_sort");
        if !by.is_empty() {
            let key = Order { column: by.parse()?, descending: false };
            if self.sort.len() >= MOST_SORTS {
                return Err(tr!("rows are sorted by at most {} columns; take one away first", MOST_SORTS));
            }
            self.sort = with(std::mem::take(&mut self.sort), key);
            self.focus = format!("order.{by}");
        }
        let Some((what, at)) = form.text("do").split_once(':') else { return Ok(()) };
        let column = |known: &ViewColumn| known.column.to_string() == at;
        let key = |known: &Order| known.column.to_string() == at;
        match what {
            "up" => shift(&mut self.columns, column, -1),
            "down" => shift(&mut self.columns, column, 1),
            "remove" => self.columns.retain(|known| !column(known)),
            "sooner" => shift(&mut self.sort, key, -1),
            "later" => shift(&mut self.sort, key, 1),
            "unsort" => self.sort.retain(|known| !key(known)),
            _ => {}
        }
        self.focus = match what {
            "remove" => "add".to_owned(),
            "unsort" => "add_sort".to_owned(),
            _ => form.text("do").to_owned(),
        };
        Ok(())
    }

    fn add(&mut self, column: &str) -> Result<(), String> {
        if self.columns.len() >= MOST_COLUMNS {
            return Err(tr!("a list shows at most {} columns; take one away first", MOST_COLUMNS));
        }
        let column: Path = column.parse()?;
        self.from = column.to_string();
        if !self.columns.iter().any(|known| known.column == column) {
            self.columns.push(ViewColumn { column, width: None });
        }
        "add".clone_into(&mut self.focus);
        Ok(())
    }

    /// The list arranged so.
    pub fn arrange(self, me: &Me, model: &Model, table: &Table, list: &List) -> Result<List, String> {
        let known = |path: &Path| -> Result<(), String> {
            let (_, column) = model.resolve(&table.name, path).map_err(|error| error.message)?;
            if offered::can_show(column) && me.caller.may_read(column) {
                return Ok(());
            }
            Err(tr!("{} cannot be shown in a list", column.label))
        };
        self.columns.iter().map(|shown| &shown.column).try_for_each(known)?;
        self.sort.iter().map(|key| &key.column).try_for_each(known)?;
        if self.columns.is_empty() {
            return Err(tr!("choose at least one column"));
        }
        let view = list.view(table);
        let widths = self.columns.iter().any(|shown| shown.width.is_some());
        let same = |shown: &ViewColumn, of_view: &ViewColumn| {
            shown.column == of_view.column && (shown.width == of_view.width || (!widths && !list.has_widths()))
        };
        let of_view = |columns: &[ViewColumn]| {
            view.is_some_and(|view| {
                view.columns.len() == columns.len() && columns.iter().zip(&view.columns).all(|(a, b)| same(a, b))
            })
        };
        let same_order = view.is_some_and(|view| view.order == self.sort);
        Ok(List {
            // What is as the view has it need not be said.
            columns: if of_view(&self.columns) { Vec::new() } else { self.columns },
            sort: if same_order { Vec::new() } else { self.sort },
            group: Some(self.group).filter(|group| !group.is_empty() || list.grouped_by().is_some()),
            ..list.beginning()
        })
    }

    /// The dialog's content.
    pub fn chooser(&self, me: &Me, model: &Model, table: &Table) -> ColumnChooser {
        let label = |path: &Path| {
            let resolved = model.resolve(&table.name, path).ok();
            resolved.map_or_else(|| path.to_string(), |(_, column)| offered::label_of(model, table, path, column))
        };
        let place = Place::of(model, table, &self.from).or_else(|| Place::of(model, table, ""));
        let add = place.map(|place| {
            let shows = |column: &Column| {
                let path = place.path(&column.name);
                offered::can_show(column) && !self.columns.iter().any(|known| known.column == path)
            };
            place.options(me, model, "", shows)
        });
        let sortable = |path: &Path| {
            model
                .resolve(&table.name, path)
                .is_ok_and(|(_, column)| offered::can_sort(column) && me.caller.may_read(column))
                && !self.sort.iter().any(|key| key.column == *path)
        };
        // What is shown can be sorted by, and every column of the row itself.
        let own =
            offered::columns(me, table, offered::can_sort).into_iter().map(|column| Path::column(column.name.as_str()));
        let mut keys: Vec<Path> = Vec::new();
        for path in self.columns.iter().map(|shown| shown.column.clone()).chain(own) {
            if sortable(&path) && !keys.contains(&path) {
                keys.push(path);
            }
        }
        ColumnChooser {
            edit: format!("/{}/columns/edit", table.set_name),
            columns: self
                .columns
                .iter()
                .map(|shown| ChooserColumn {
                    key: shown.column.to_string(),
                    label: label(&shown.column),
                    width: shown.width,
                })
                .collect(),
            widths: (*WIDTHS.start(), *WIDTHS.end()),
            add: add.unwrap_or_default(),
            sort: self
                .sort
                .iter()
                .map(|key| ChooserSort {
                    key: key.column.to_string(),
                    label: label(&key.column),
                    words: order_words(model, table, &key.column),
                    descending: key.descending,
                })
                .collect(),
            add_sort: if self.sort.len() < MOST_SORTS {
                keys.iter().map(|path| (path.to_string(), label(path))).collect()
            } else {
                Vec::new()
            },
            groups: groups::choices(me, table, &self.group),
            focus: self.focus.clone(),
        }
    }
}

/// What is said of a column that rows are sorted by, from its smallest value and from its largest.
fn order_words(model: &Model, table: &Table, path: &Path) -> (String, String) {
    match model.resolve(&table.name, path).map(|(_, column)| column.value_type()) {
        Ok(ColumnType::Date | ColumnType::DateTime) => (tr!("Oldest first"), tr!("Newest first")),
        Ok(ColumnType::Text { .. } | ColumnType::Lookup { .. }) => (tr!("A to Z"), tr!("Z to A")),
        _ => (tr!("Smallest first"), tr!("Largest first")),
    }
}

/// The width that was typed for a column; none where it is left to the values.
fn width(text: &str, column: &Path) -> Result<Option<u16>, String> {
    let (least, most) = (*WIDTHS.start(), *WIDTHS.end());
    match text.trim() {
        "" => Ok(None),
        text => match text.parse::<u16>() {
            Ok(width) if WIDTHS.contains(&width) => Ok(Some(width)),
            _ => Err(tr!("the width of {} is a whole number from {} to {}", column, least, most)),
        },
    }
}

/// Moves one thing of a list by a place, as far as there is one.
fn shift<T>(list: &mut [T], is_it: impl Fn(&T) -> bool, by: isize) {
    let Some(at) = list.iter().position(is_it) else { return };
    if let Some(to) = at.checked_add_signed(by).filter(|to| *to < list.len()) {
        list.swap(at, to);
    }
}
