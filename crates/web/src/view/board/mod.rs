//! A list as a board: what is asked of the domain and how the answer is shown.

mod card;
mod choices;
mod lanes;
mod layout;

use std::{collections::BTreeSet, sync::Arc};

use crm::{
    Query,
    boards::{Axis, Board, Lane, Sum},
};
use language::tr;
use model::{Filter, Model, Path, Table};
use uuid::Uuid;

use super::{grid::Sheet, list::List};
use crate::{
    components::{Action, Command},
    session::Me,
};

pub(crate) use card::editable;
pub(crate) use lanes::folded_name;
pub(crate) use layout::{LAYOUT_FORM, Layout};

/// Cards of a lane that come at once.
pub(crate) const LANE_PAGE: u32 = 8;
/// Cards of a lane of one of several owners.
const ROW_PAGE: u32 = 8;
/// Owners that come at once.
pub(crate) const OWNERS: usize = 12;
/// Fields on a card, where nobody chose them.
const USUAL_FIELDS: usize = 4;
/// Most fields on a card.
const MOST_FIELDS: usize = 12;

/// A board as it is shown to somebody.
pub(crate) struct Scene<'a> {
    pub me: &'a Me,
    pub model: &'a Model,
    pub table: &'a Arc<Table>,
    /// View, filters and layout.
    pub list: List,
    pub board: Board,
    pub sums: Vec<Sum>,
    pub sum: Option<Sum>,
    /// Keys of lanes that are left out in the rows of owners: nobody has cards there.
    pub without: Vec<String>,
    /// Lanes that the person has folded.
    pub folded: BTreeSet<String>,
}

impl<'a> Scene<'a> {
    /// The list as a board; none of a table without anything to make lanes of.
    pub fn new(me: &'a Me, model: &'a Model, table: &'a Arc<Table>, mut list: List) -> Option<Self> {
        let mut layout = list.board.take().unwrap_or_default();
        let board = Board::named(model, &me.caller, table, &layout.by)?;
        layout.by = board.axis.key();
        let sums = Sum::all(&me.caller, table);
        let sum = match &layout.sum {
            None => Sum::first(&sums, table),
            Some(column) => sums.iter().find(|sum| sum.column == *column),
        };
        let sum = sum.cloned();
        layout.by_owner &= table.column("ownerid").is_some();
        list.board = Some(layout);
        Some(Self { me, model, table, list, board, sums, sum, without: Vec::new(), folded: BTreeSet::new() })
    }

    pub fn layout(&self) -> &Layout {
        static USUAL: std::sync::LazyLock<Layout> = std::sync::LazyLock::new(Layout::default);
        self.list.board.as_ref().unwrap_or(&USUAL)
    }

    /// The address of the board.
    pub fn href(&self) -> String {
        self.list.beginning().href(&self.list.path(self.table))
    }

    /// An address under that of the board, which says the same about rows and layout.
    pub fn at(&self, place: &str, further: &[(&'static str, String)]) -> String {
        let mut parameters = self.list.beginning().parameters();
        parameters.extend(self.without.iter().map(|lane| ("without", lane.clone())));
        parameters.extend_from_slice(further);
        super::list::address(&format!("{}/{place}", self.list.path(self.table)), &parameters)
    }

    /// Which rows the board has, over all lanes.
    pub fn filter(&self) -> Result<Filter, String> {
        self.list.filter(self.me, self.model, self.table)
    }

    /// What cards show, the name first.
    fn sheet(&self) -> Sheet<'a> {
        let name = Path::column(self.table.primary_name.as_str());
        Sheet::new(self.model, self.table, std::iter::once(name).chain(self.fields()))
    }

    /// The fields on cards: those chosen, or the first of the view's columns that the lane does not
    /// tell already.
    fn fields(&self) -> Vec<Path> {
        let layout = self.layout();
        let readable = |path: &Path| {
            self.model.resolve(&self.table.name, path).is_ok_and(|(_, column)| self.me.caller.may_read(column))
        };
        if !layout.fields.is_empty() {
            let chosen = layout.fields.iter().filter_map(|name| name.parse::<Path>().ok());
            return chosen.filter(readable).take(MOST_FIELDS).collect();
        }
        let told = |path: &Path| {
            let of_stage =
                self.board.axis.is_stages() && ["stepname", "salesstage", "statecode"].contains(&path.column.as_str());
            let of_owner = layout.by_owner && path.column == "ownerid";
            path.is_own()
                && (path.column == self.table.primary_name
                    || path.column == self.board.axis.column()
                    || of_stage
                    || of_owner)
        };
        let columns = self.list.view(self.table).map(|view| view.columns.as_slice()).unwrap_or_default();
        let paths = columns.iter().map(|shown| shown.column.clone());
        paths.filter(|path| !told(path) && readable(path)).take(USUAL_FIELDS).collect()
    }

    /// Asks for rows as cards.
    pub fn cards(&self, base: Query) -> Query {
        let mut query = self.sheet().select(base);
        for name in [self.board.axis.column(), "stageid", "statecode", "createdon", "ownerid"] {
            let output = crm::Output { path: Path::column(name), alias: None, join: None };
            if self.table.column(name).is_some() && !query.columns.contains(&output) {
                query.columns.push(output);
            }
        }
        query
    }

    /// Asks for a page of a lane; of one owner's, where it is given.
    pub fn lane_query(&self, lane: &Lane, owner: Option<&model::Reference>, base: Query) -> Result<Query, String> {
        let mut query = self.cards(base).matching(self.filter()?).matching(lane.filter(&self.board));
        if let Some(owner) = owner {
            query = query.matching(Filter::eq("ownerid", owner.clone()));
        }
        query.page.size = if owner.is_some() { ROW_PAGE } else { LANE_PAGE };
        query.order = self.list.order(self.me, self.model, self.table);
        query.page.cursor = self.list.cursor.clone().map(|token| crm::Cursor { token, backwards: false });
        Ok(query)
    }

    /// Asks for those of these rows that the board has, as cards.
    pub fn cards_among(&self, ids: &[Uuid], base: Query) -> Result<Query, String> {
        let these = Filter::is_in(self.table.primary_key.as_str(), ids.iter().copied());
        let count = u32::try_from(ids.len()).unwrap_or(u32::MAX).max(1);
        Ok(self.cards(base).matching(self.filter()?).matching(these).take(count))
    }

    /// Asks for one row as a card, whether or not the view would show it.
    pub fn card_query(&self, id: Uuid, base: Query) -> Query {
        self.cards(base).matching(Filter::eq(self.table.primary_key.as_str(), id)).take(1)
    }
}

/// From a list to the same list as a board, where the table has anything to make lanes of.
pub(crate) fn switch(me: &Me, model: &Model, table: &Table, list: &List) -> Option<Command> {
    if Axis::all(model, &me.caller, table).is_empty() {
        return None;
    }
    let list = List { sort: Vec::new(), board: None, chart: None, ..list.beginning() };
    let href = list.href(&format!("/{}/board", table.set_name));
    Some(Command::new(tr!("Board"), "layout-kanban", Action::Link(href)))
}
