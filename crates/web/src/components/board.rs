//! A board: rows as cards in lanes, moved from lane to lane.

mod card;
mod layout;

use language::tr;
use maud::{Markup, Render, html};

use super::badge::Tone;
use super::empty_state::EmptyState;
use super::grid::Grid;
use super::icon::icon;
use crate::assets::asset;

pub use card::{BoardCard, CardAge, CardEdit, CardField};
pub use layout::{BoardLayout, Choices};

/// What a lane has, over all its rows.
#[derive(Debug, Clone, Default)]
pub struct LaneTotal {
    /// How many, such as `1,204`.
    pub count: String,
    /// What they sum up to, formatted.
    pub sum: Option<String>,
    /// The same weighted by chance.
    pub weighted: Option<String>,
}

/// A lane of a board.
#[derive(Debug, Clone, Default)]
pub struct BoardLane {
    /// Unique on the board.
    pub key: String,
    /// Its name.
    pub label: String,
    /// Its colour, where its value has one.
    pub tone: Option<Tone>,
    /// Its totals; `None` while they are being added up.
    pub total: Option<LaneTotal>,
    /// The first cards.
    pub cards: Vec<BoardCard>,
    /// Address of the cards that follow.
    pub more: Option<String>,
    /// Left out: it has no cards, and nobody looks for it.
    pub left_out: bool,
    /// Whether cards can be moved into it.
    pub accepts: bool,
    /// Address of the dialog that a card moved here opens, with `{id}` for the card's record.
    pub opens: Option<String>,
    /// Its cards are put away.
    pub folded: bool,
    /// The way to put them away, and back.
    pub fold: Option<Fold>,
}

/// How a lane is folded and unfolded: a form post.
#[derive(Debug, Clone, Default)]
pub struct Fold {
    /// Where to post.
    pub action: String,
    /// What the lanes stand for.
    pub by: String,
    /// The session's token against forged requests.
    pub csrf: String,
}

/// The lanes of one owner.
#[derive(Debug, Clone, Default)]
pub struct BoardRow {
    /// Who, as a value that a move from another row carries: `systemuser:…`; `None` where cards stay with
    /// their owner.
    pub owner: Option<String>,
    /// Whose cards these are: `systemuser:…`.
    pub key: String,
    /// Their name.
    pub label: String,
    /// Their totals over all lanes.
    pub total: LaneTotal,
    /// Their lanes; empty where these are loaded when they come into sight.
    pub lanes: Vec<BoardLane>,
    /// Address of the lanes.
    pub source: String,
}

/// A list of records as a board.
#[derive(Debug, Clone, Default)]
pub struct Board {
    /// Views, filters and commands around it; its id is the board's.
    pub frame: Grid,
    /// How it is laid out, and what can be chosen instead.
    pub layout: BoardLayout,
    /// The lanes.
    pub lanes: Vec<BoardLane>,
    /// The lanes of each owner, where they are shown by owner: `lanes` then are the heads alone.
    pub rows: Vec<BoardRow>,
    /// Address of the owners that follow.
    pub more_rows: Option<String>,
    /// Where moves are posted to; `None` where nothing can be moved.
    pub moves: Option<String>,
    /// Address of cards that others have changed.
    pub changed: String,
    /// Shown beneath lanes that have no cards at all.
    pub empty: Option<EmptyState>,
    /// Address of the totals, where they are added up when the page stands.
    pub totals: Option<String>,
    /// What is not on the board and why.
    pub note: Option<String>,
    /// Why there is nothing to see, in place of the lanes.
    pub refused: Option<String>,
}

fn help() -> String {
    tr!("Arrow keys go from card to card. Space picks a card up; then the arrow keys choose a lane, \
         Space puts it down, Escape leaves it where it was. M lists the lanes to move it to.")
}

impl Board {
    /// What changes when the board is filtered or laid out differently: enough of an answer to a
    /// request whose `HX-Target` is `ID-results`.
    pub fn results(&self) -> Markup {
        html! {
            div.grid-results.board-results id=(self.frame.results_id()) {
                div.board-bar {
                    (self.frame.filters())
                    (self.layout)
                }
                @if let Some(note) = &self.note { p.board-note { (note) } }
                @if let Some(reason) = &self.refused { p.board-note role="alert" { (reason) } } @else { (self.body()) }
            }
        }
    }

    fn body(&self) -> Markup {
        let by_owner = !self.rows.is_empty();
        html! {
            @if let Some(totals) = &self.totals {
                div hidden data-board-totals hx-get=(totals) hx-trigger="load, totals-changed from:body" hx-swap="none" {}
            }
            div hidden data-board-changed=(self.changed) {}
            @if let Some(empty) = &self.empty { (empty) }
            div.board-scroll .is-by-owner[by_owner] data-board-scroll role="region"
                aria-label=(tr!("{} in lanes", self.frame.title)) tabindex="0" {
                div.board-lanes { @for lane in &self.lanes { (lane.markup(!by_owner)) } }
                @for row in &self.rows { (row) }
                @if let Some(more) = &self.more_rows { (more_rows(more)) }
            }
        }
    }
}

impl Render for Board {
    fn render(&self) -> Markup {
        html! {
            section.grid-page.board-page id=(self.frame.id) data-board data-script=(asset("board.js"))
                data-sortable=(asset("sortable.js")) data-moves=[self.moves.as_deref()]
                data-live-board=[self.frame.live.as_ref().map(|live| &live.table)] {
                (self.frame.head())
                p.visually-hidden id="board-help" { (help()) }
                p.visually-hidden id="board-news" role="status" aria-live="assertive" {}
                (self.results())
            }
        }
    }
}

impl BoardLane {
    /// The lane, with its cards or with its head alone.
    fn markup(&self, cards: bool) -> Markup {
        if self.left_out {
            // Its total has a place all the same, for when it is added up anew.
            return html! { div hidden { (self.total_markup(false)) } };
        }
        let tone = self.tone.map_or("tone-grey", Tone::class);
        let closing = if self.opens.is_some() { " is-closing" } else { "" };
        html! {
            section class={ "board-lane " (tone) (closing) @if self.folded { " is-folded" } }
                data-lane=(self.key) data-label=(self.label) data-accepts[self.accepts] data-opens=[self.opens.as_deref()]
                aria-labelledby={ "lane-" (self.key) } {
                header.board-lane-head {
                    h2 id={ "lane-" (self.key) } { (self.label) }
                    @if let Some(fold) = &self.fold { (fold.markup(&self.label, self.folded)) }
                    (self.total_markup(false))
                }
                @if cards { (self.list()) }
            }
        }
    }

    /// The lane below a head that several owners share.
    fn within(&self, owner: &str) -> Markup {
        if self.left_out {
            return html! {};
        }
        html! {
            section.board-lane.is-within .is-folded[self.folded] data-lane=(self.key) data-label=(self.label) data-accepts[self.accepts]
                data-opens=[self.opens.as_deref()] aria-label={ (owner) ": " (self.label) } {
                (self.list())
            }
        }
    }

    fn list(&self) -> Markup {
        html! {
            ul.board-cards data-cards {
                @for card in &self.cards { (card) }
                @if let Some(more) = &self.more { (more_cards(more)) }
            }
        }
    }

    /// The totals of its head; `again` where they take the place of those on the page.
    pub fn total_markup(&self, again: bool) -> Markup {
        html! {
            p.board-total id={ "lane-" (self.key) "-total" } hx-swap-oob=[again.then_some("true")] {
                @match &self.total {
                    Some(total) => (total),
                    None => span.board-count aria-label=(tr!("being counted")) role="img" { "…" },
                }
            }
        }
    }
}

impl Fold {
    fn markup(&self, lane: &str, folded: bool) -> Markup {
        html! {
            form.board-fold method="post" action=(self.action) hx-post=(self.action) hx-swap="none" {
                input type="hidden" name="csrf" value=(self.csrf);
                input type="hidden" name="by" value=(self.by);
                input type="hidden" name="folded" value=(!folded);
                button type="submit" data-fold aria-expanded=(!folded) title=(if folded { tr!("Unfold") } else { tr!("Fold") }) {
                    (icon("chevron-left")) span.visually-hidden { (tr!("Cards of {}", lane)) }
                }
            }
        }
    }
}

impl Render for LaneTotal {
    fn render(&self) -> Markup {
        html! {
            span.board-count { (self.count) span.visually-hidden { " " (tr!("cards")) } }
            @if let Some(sum) = &self.sum { span.board-sum title=(tr!("Sum of all rows of this lane")) { (sum) } }
            @if let Some(weighted) = &self.weighted {
                span.board-weighted title=(tr!("Sum weighted by probability")) { span.visually-hidden { (tr!("weighted")) " " } "≈ " (weighted) }
            }
        }
    }
}

impl Render for BoardRow {
    fn render(&self) -> Markup {
        html! {
            section.board-row data-board-row=(self.key) data-owner=[self.owner.as_deref()] aria-label=(self.label) {
                header.board-row-head { h3 { (self.label) } p.board-total { (self.total) } }
                @if self.lanes.is_empty() {
                    div.board-lanes.is-waiting {
                        (follow(&self.source, ".board-lanes", &tr!("Show the cards of {}", self.label)))
                    }
                } @else {
                    (row_lanes(&self.label, &self.lanes))
                }
            }
        }
    }
}

/// The lanes of one owner by themselves.
pub fn row_lanes(owner: &str, lanes: &[BoardLane]) -> Markup {
    html! { div.board-lanes { @for lane in lanes { (lane.within(owner)) } } }
}

/// Further owners by themselves, and the way to those after them.
pub fn rows(rows: &[BoardRow], more: Option<&str>) -> Markup {
    html! {
        @for row in rows { (row) }
        @if let Some(more) = more { (more_rows(more)) }
    }
}

/// Further cards by themselves, and the way to those after them.
pub fn cards(cards: &[BoardCard], more: Option<&str>) -> Markup {
    html! {
        @for card in cards { (card) }
        @if let Some(more) = more { (more_cards(more)) }
    }
}

fn more_cards(href: &str) -> Markup {
    html! { li.board-more { (follow(href, ".board-more", &tr!("Show more"))) } }
}

fn more_rows(href: &str) -> Markup {
    html! { div.board-more { (follow(href, ".board-more", &tr!("Show more owners"))) } }
}

/// A link that is followed as soon as it comes into sight, in place of what it stands in.
fn follow(href: &str, within: &str, words: &str) -> Markup {
    html! {
        a href=(href) hx-get=(href) hx-trigger="intersect once, click" hx-target={ "closest " (within) } hx-swap="outerHTML" { (words) }
    }
}
