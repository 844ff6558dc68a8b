//! The page around the lanes: what can be chosen about them.

use crm::boards::{Axis, Totals};
use language::{Language, tr};
use model::{Column, ColumnType};

use super::Scene;
use crate::{
    components::{Action, Board, BoardLane, BoardLayout, BoardRow, Command, Grid},
    view::{list::List, order::by_label, process},
};

/// Days after which a card may be said to age.
const DAYS: &[i64] = &[3, 7, 14, 30, 60, 90];

impl Scene<'_> {
    /// The board with these lanes, framed as its list is.
    pub fn component(&self, frame: Grid, lanes: Vec<BoardLane>, rows: Vec<BoardRow>, totals: Option<&Totals>) -> Board {
        let mut frame = Grid { id: "board".to_owned(), bulk: crate::components::CommandBar::default(), ..frame };
        let empty = frame.empty.clone();
        let as_list = List { board: None, ..self.list.beginning() };
        let href = as_list.href(&format!("/{}", self.table.set_name));
        frame.commands.commands.insert(0, Command::new(tr!("List"), "layout-list", Action::Link(href)));
        Board {
            frame,
            layout: self.choices(),
            lanes,
            rows,
            more_rows: None,
            moves: self.can_move().then(|| format!("/{}/board/moves", self.table.set_name)),
            changed: self.at("cards", &[]),
            empty: totals.filter(|totals| totals.is_nothing()).map(|_| empty),
            totals: totals.is_none().then(|| self.at("totals", &[])),
            note: totals.and_then(|totals| self.note(totals)),
            refused: None,
        }
    }

    /// What is in no lane.
    pub fn note(&self, totals: &Totals) -> Option<String> {
        let Axis::Flow(flow) = &self.board.axis else { return None };
        let one = Language::within_sentence(&self.table.label);
        match totals.elsewhere {
            0 => None,
            1 => Some(tr!("One {} of this view does not follow “{}” and is not shown.", one, flow.label)),
            count => Some(tr!(
                "{} {} of this view do not follow “{}” and are not shown.",
                self.me.style.number(count.into(), 0),
                Language::within_sentence(&self.table.plural_label),
                flow.label
            )),
        }
    }

    fn choices(&self) -> BoardLayout {
        let layout = self.layout();
        let of_list = List { board: None, ..self.list.beginning() };
        let by = Axis::all(self.model, &self.me.caller, self.table);
        let sums = self.sums.iter().map(|sum| {
            (sum.column.clone(), sum.label.clone(), self.sum.as_ref().is_some_and(|chosen| chosen.column == sum.column))
        });
        let never = (String::new(), tr!("Nothing"), self.sum.is_none());
        let chosen: Vec<String> = self.fields().iter().map(ToString::to_string).collect();
        BoardLayout {
            action: self.list.path(self.table),
            results: "board-results".to_owned(),
            hidden: of_list.parameters().into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            by: by.iter().map(|axis| (axis.key(), axis.label(), *axis == self.board.axis)).collect(),
            sums: std::iter::once(never).chain(sums).collect(),
            days: if self.board.axis.is_stages() { days(layout.ages_after()) } else { Vec::new() },
            by_owner: self.table.column("ownerid").map(|_| layout.by_owner),
            fields: self.fields_to_choose(&chosen),
        }
    }

    /// The columns of the view first, then all others.
    fn fields_to_choose(&self, chosen: &[String]) -> Vec<(String, String, bool)> {
        let shows = |column: &&Column| {
            self.me.caller.may_read(column)
                && column.name != self.table.primary_name
                && column.is_stored()
                && !matches!(column.kind, ColumnType::Id | ColumnType::File { .. } | ColumnType::Image { .. })
        };
        let view = self.list.view(self.table).map(|view| view.columns.as_slice()).unwrap_or_default();
        let related = view.iter().filter(|shown| !shown.column.is_own()).filter_map(|shown| {
            let (_, column) = self.model.resolve(&self.table.name, &shown.column).ok()?;
            self.me.caller.may_read(column).then(|| (shown.column.to_string(), column.label.clone()))
        });
        let mut own: Vec<&Column> = self.table.columns.values().filter(shows).collect();
        own.sort_by_key(|column| by_label(&column.label));
        let own = own.into_iter().map(|column| (column.name.clone(), column.label.clone()));
        let mut fields: Vec<(String, String, bool)> = related
            .chain(own)
            .map(|(name, label)| {
                let is_chosen = chosen.contains(&name);
                (name, label, is_chosen)
            })
            .collect();
        // Those shown stand first, in their order, which the form gives back.
        let place = |name: &String| chosen.iter().position(|known| known == name).unwrap_or(chosen.len());
        fields.sort_by_key(|(name, _, _)| place(name));
        fields
    }
}

fn days(chosen: i64) -> Vec<(String, String, bool)> {
    let label = |days: i64| match days {
        0 => tr!("Never"),
        days => process::duration(jiff::SignedDuration::from_hours(days * 24)),
    };
    let offered = DAYS.iter().copied().chain((chosen > 0 && !DAYS.contains(&chosen)).then_some(chosen)).chain([0]);
    offered.map(|days| (days.to_string(), label(days), days == chosen)).collect()
}
