//! Lanes and their totals.

use crm::boards::{Board, Cards, Lane, Total, Totals};
use rust_decimal::Decimal;

use super::Scene;
use crate::{
    components::{BoardLane, LaneTotal, Tone, board::Fold},
    view::cells::tone_named,
};

impl Scene<'_> {
    /// The lanes with their first cards.
    pub fn lanes(&self, cards: &Cards, totals: Option<&Totals>, owner: Option<&model::Reference>) -> Vec<BoardLane> {
        let lane = |(position, lane): (usize, &Lane)| {
            let cards_here = self.page(cards, position);
            let next = cards.pages.get(position).and_then(|page| page.next.as_ref());
            let mut further: Vec<(&'static str, String)> =
                next.map(|next| ("cursor", next.token.clone())).into_iter().collect();
            further.extend(owner.map(|owner| ("owner", format!("{}:{}", owner.table, owner.id))));
            BoardLane {
                left_out: self.is_without(lane) || owner.is_none() && lane.only_filled && cards_here.is_empty(),
                cards: cards_here,
                more: next.map(|_| self.at(&format!("lanes/{}", lane.key), &further)),
                ..self.head(lane, totals.and_then(|totals| totals.lanes.get(position)))
            }
        };
        self.board.lanes.iter().enumerate().map(lane).collect()
    }

    /// All lanes without cards.
    pub fn heads(&self, totals: Option<&Totals>) -> Vec<BoardLane> {
        let head = |(position, lane)| self.head(lane, totals.and_then(|totals| totals.lanes.get(position)));
        self.board.lanes.iter().enumerate().map(head).collect()
    }

    fn head(&self, lane: &Lane, total: Option<&Total>) -> BoardLane {
        let closed = lane.state(self.table, &self.board.axis).and_then(|state| self.table.state(state));
        BoardLane {
            key: lane.key.clone(),
            label: lane.label.clone(),
            tone: lane.color.as_deref().map(tone_of),
            total: total.map(|total| self.total(total, closed.is_some_and(|state| state.closed))),
            accepts: self.can_move() && lane.holds != crm::boards::Holds::NoStage,
            opens: self.opens(lane),
            folded: self.folded.contains(&folded_name(&self.board, lane)),
            fold: Some(Fold {
                action: format!("{}/lanes/{}/fold", self.list.path(self.table), lane.key),
                by: self.board.axis.key(),
                csrf: self.me.csrf.clone(),
            }),
            left_out: self.is_without(lane),
            ..BoardLane::default()
        }
    }

    fn is_without(&self, lane: &Lane) -> bool {
        self.without.contains(&lane.key)
    }

    /// Totals in words. What is closed has no chance to be weighted by.
    pub fn total(&self, total: &Total, closed: bool) -> LaneTotal {
        let amount = |amount: Decimal, money: bool| {
            let round = amount.round();
            if money { self.me.style.whole_money(round, &self.me.caller) } else { self.me.style.number(round, 0) }
        };
        let sum = self.sum.as_ref();
        LaneTotal {
            count: self.me.style.number(Decimal::from(total.count), 0),
            sum: sum.map(|sum| amount(total.sum, sum.money)),
            weighted: sum.filter(|sum| sum.is_weighted() && !closed).map(|sum| amount(total.weighted, sum.money)),
        }
    }

    /// The dialog that closing asks with, where a lane alone does not say enough.
    fn opens(&self, lane: &Lane) -> Option<String> {
        let state = self.table.state(lane.state(self.table, &self.board.axis)?).filter(|state| state.closed)?;
        let reason = match &lane.holds {
            crm::boards::Holds::Value(status) if self.board.axis.column() == "statuscode" => Some(status),
            _ => None,
        };
        match (self.table.name.as_str(), i64::from(state.value)) {
            ("opportunity", crm::opportunities::WON) => Some("/opportunities/{id}/closure?outcome=won".to_owned()),
            ("opportunity", crm::opportunities::LOST) => {
                let reason = reason.map(|reason| format!("&opportunitystatuscode={reason}")).unwrap_or_default();
                Some(format!("/opportunities/{{id}}/closure?outcome=lost{reason}"))
            }
            ("lead", crm::leads::QUALIFIED) => Some("/leads/{id}/qualification".to_owned()),
            ("lead", crm::leads::DISQUALIFIED) => Some("/leads/{id}/disqualification".to_owned()),
            _ => None,
        }
    }
}

/// How a folded lane is kept.
pub(crate) fn folded_name(board: &Board, lane: &Lane) -> String {
    format!("{}/{}", board.axis.key(), lane.key)
}

fn tone_of(color: &str) -> Tone {
    if color.starts_with('#') { Tone::nearest(color) } else { tone_named(color) }
}
