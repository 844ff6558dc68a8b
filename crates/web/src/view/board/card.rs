//! Rows as cards.

use crm::{access::Setting, boards::Cards};
use jiff::{SignedDuration, Timestamp};
use language::tr;
use model::{Column, ColumnType, Path, Table};
use uuid::Uuid;

use super::Scene;
use crate::{
    components::{BoardCard, CardAge, CardField, GridRow, Tone},
    session::Me,
    view::{commands, fields, process::duration, tables},
};

impl Scene<'_> {
    /// The cards of a page.
    pub fn page(&self, cards: &Cards, page: usize) -> Vec<BoardCard> {
        let Some(rows) = cards.pages.get(page) else { return Vec::new() };
        let sheet = self.sheet();
        let fields: Vec<(Path, Option<&Column>)> = self.fields().into_iter().map(|path| self.own(path)).collect();
        let labels: Vec<String> = sheet.columns(|_| None).into_iter().skip(1).map(|column| column.label).collect();
        let may_change = tables::is_writable(self.table) && self.may_write();
        let card = |row: GridRow| {
            let id: Uuid = row.id.parse().unwrap_or_default();
            let mut cells = row.cells.into_iter();
            let (title, href) = match cells.next() {
                Some(crate::components::Cell::Link { text, href }) => (text, href),
                _ => (row.label.clone(), tables::row_href(self.table, id)),
            };
            let shown = cells.zip(&fields).zip(&labels).map(|((cell, (path, own)), label)| CardField {
                column: path.to_string(),
                label: label.clone(),
                cell,
                changes: may_change && !row.muted && own.is_some_and(|column| editable(self.me, self.table, column)),
            });
            BoardCard {
                id: row.id.clone(),
                title,
                href,
                fields: shown.collect(),
                age: cards.since.get(&id).filter(|_| !row.muted).map(|since| self.age(*since)),
                muted: row.muted,
                move_to: self.can_move().then(|| self.at("moves/new", &[("id", row.id.clone())])),
                editing: None,
            }
        };
        sheet.rows(self.me, rows, &cards.names, &[]).into_iter().map(card).collect()
    }

    fn own(&self, path: Path) -> (Path, Option<&Column>) {
        let column = self.table.column(&path.column).filter(|_| path.is_own());
        (path, column)
    }

    fn may_write(&self) -> bool {
        self.me.caller.may_anywhere(self.model, self.table, crm::access::Privilege::Write)
    }

    /// Whether cards can go from lane to lane at all.
    pub fn can_move(&self) -> bool {
        let settable = |column: &Column| {
            let by_rule = matches!(column.kind, ColumnType::State | ColumnType::Status);
            by_rule || editable(self.me, self.table, column)
        };
        let axis = &self.board.axis;
        let open = axis.is_stages() || self.table.column(axis.column()).is_some_and(settable);
        tables::is_writable(self.table) && open && self.may_write()
    }

    /// Whether an owner's cards can go to another owner.
    pub fn can_assign(&self) -> bool {
        let assign = crm::access::Privilege::Assign;
        commands::is_assignable(self.table) && self.me.caller.may_anywhere(self.model, self.table, assign)
    }

    fn age(&self, since: Timestamp) -> CardAge {
        let spent = Timestamp::now().duration_since(since).max(SignedDuration::ZERO);
        let (text, limit) = (duration(spent), self.layout().ages_after());
        let days = spent.as_hours() / 24;
        let (tone, title) = match () {
            () if limit == 0 || days < limit => (Tone::Grey, tr!("In this stage for {}", text)),
            () if days < limit * 2 => (Tone::Yellow, tr!("In this stage for {}, longer than it should be", text)),
            () => (Tone::Red, tr!("In this stage for {}, far longer than it should be", text)),
        };
        CardAge { text, tone, title }
    }
}

/// True where a value can be changed on a card.
pub(crate) fn editable(me: &Me, table: &Table, column: &Column) -> bool {
    let fits = !matches!(
        column.kind,
        ColumnType::State | ColumnType::Status | ColumnType::File { .. } | ColumnType::Image { .. }
    );
    fits && fields::is_editable(column)
        && column.name != "ownerid"
        && me.caller.may_read(column)
        && me.caller.may_set(Setting::Update, table, column)
}
