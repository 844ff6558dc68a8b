//! What of a timeline somebody wants to see.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use model::{Filter, Operator, Reference};
use uuid::Uuid;

use super::source::{ACTIVITY, EVENT, Source};

/// `statecode` of activities that are still to be done: open, and scheduled.
pub(super) const TO_DO: [i64; 2] = [0, 3];

/// The column whose text is kept as formatted text writes it: `5 &lt; 6`.
const FORMATTED: &str = "notetext";

/// What of a timeline somebody wants to see. Nothing chosen means everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Only these kinds: names of tables (`phonecall`, `annotation`, `post`), or [`EVENT`].
    pub kinds: BTreeSet<String>,
    /// Only activities in these states.
    pub states: BTreeSet<State>,
    /// Only what is these people's.
    pub people: BTreeSet<Uuid>,
    /// Only what happened, or is due, in this time.
    pub span: Option<Span>,
    /// Only what has this text in it.
    pub text: String,
    /// Whether what happened to the record itself stands there, too.
    pub events: bool,
    /// Whether what is about related records stands there, too.
    pub related: bool,
}

/// Where an activity stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// To be done, and the time for it has passed.
    Overdue,
    /// To be done.
    Open,
    /// Done.
    Completed,
    /// Given up.
    Canceled,
}

/// A stretch of time up to now or from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Span {
    LastDay,
    LastWeek,
    LastMonth,
    NextDay,
    NextWeek,
    NextMonth,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Overdue, Self::Open, Self::Completed, Self::Canceled];

    /// `statecode` of what is closed this way.
    pub(super) const fn closed(self) -> Option<i64> {
        match self {
            Self::Overdue | Self::Open => None,
            Self::Completed => Some(1),
            Self::Canceled => Some(2),
        }
    }
}

impl Span {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::LastDay, Self::LastWeek, Self::LastMonth, Self::NextDay, Self::NextWeek, Self::NextMonth];

    /// Its first and last moment.
    pub fn ends(self, now: Timestamp) -> (Timestamp, Timestamp) {
        let days = match self {
            Self::LastDay | Self::NextDay => 1,
            Self::LastWeek | Self::NextWeek => 7,
            Self::LastMonth | Self::NextMonth => 30,
        };
        let length = SignedDuration::from_hours(24 * days);
        match self {
            Self::LastDay | Self::LastWeek | Self::LastMonth => (now - length, now),
            Self::NextDay | Self::NextWeek | Self::NextMonth => (now, now + length),
        }
    }
}

impl Asked {
    /// True where something is left out by what was chosen; the two switches leave nothing out.
    pub fn narrows(&self) -> bool {
        *self != Self { events: self.events, related: self.related, ..Self::default() }
    }

    /// True where closed activities, notes, posts and events are wanted at all.
    pub(super) fn wants_past(&self) -> bool {
        self.states.is_empty() || self.states.iter().any(|state| state.closed().is_some())
    }

    /// True where activities that are still to be done are wanted at all.
    pub(super) fn wants_to_do(&self) -> bool {
        self.states.is_empty() || self.states.iter().any(|state| state.closed().is_none())
    }

    /// True where what happened to the record itself is wanted.
    pub(super) fn wants_events(&self) -> bool {
        let chosen = self.kinds.is_empty() || self.kinds.contains(EVENT);
        self.events && chosen && self.states.is_empty() && self.text.trim().is_empty()
    }

    /// True where rows of the source are wanted.
    pub(super) fn wants(&self, source: &Source) -> bool {
        if source.table == ACTIVITY {
            return self.kinds.is_empty() || self.activity_kinds().next().is_some();
        }
        self.states.is_empty() && (self.kinds.is_empty() || self.kinds.contains(source.table))
    }

    fn activity_kinds(&self) -> impl Iterator<Item = &str> {
        let others = [super::NOTE, super::POST, EVENT];
        self.kinds.iter().map(String::as_str).filter(move |kind| !others.contains(kind))
    }

    /// The chosen rows of a source about these records, but for time and state.
    pub(super) fn filter(&self, source: &Source, about: &[Reference]) -> Filter {
        let mut filter = Filter::is_in(source.about, about.iter().cloned());
        if source.table == ACTIVITY && !self.kinds.is_empty() {
            filter = filter.and(Filter::is_in("activitytypecode", self.activity_kinds()));
        }
        if !self.people.is_empty() {
            let people = self.people.iter().map(|person| Reference::new("systemuser", *person));
            filter = filter.and(Filter::is_in(source.person, people));
        }
        let text = self.text.trim();
        if !text.is_empty() {
            let formatted = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let holds = |column: &&str| {
                let text = if *column == FORMATTED { formatted.as_str() } else { text };
                Filter::compare(*column, Operator::Contains, text)
            };
            filter = filter.and(Filter::Any(source.text.iter().map(holds).collect()));
        }
        filter
    }

    /// Those of the source that are past: closed activities, and everything else.
    pub(super) fn past(&self, source: &Source, about: &[Reference], now: Timestamp) -> Filter {
        let mut filter = self.filter(source, about);
        if source.table == ACTIVITY {
            let chosen: Vec<i64> = self.states.iter().filter_map(|state| state.closed()).collect();
            let states = if chosen.is_empty() {
                Filter::Not(Box::new(Filter::is_in("statecode", TO_DO)))
            } else {
                Filter::is_in("statecode", chosen)
            };
            filter = filter.and(states);
        }
        filter.and(self.within(source.moment, now))
    }

    /// Activities that are still to be done.
    pub(super) fn to_do(&self, source: &Source, about: &[Reference], now: Timestamp) -> Filter {
        let mut filter = self.filter(source, about).and(Filter::is_in("statecode", TO_DO));
        if self.states.contains(&State::Overdue) && !self.states.contains(&State::Open) {
            filter = filter.and(Filter::compare("scheduledend", Operator::Lt, now));
        }
        filter.and(self.within("scheduledend", now))
    }

    fn within(&self, moment: &str, now: Timestamp) -> Filter {
        let Some((first, last)) = self.span.map(|span| span.ends(now)) else { return Filter::everything() };
        let after = Filter::compare(moment, Operator::Ge, first);
        after.and(Filter::compare(moment, Operator::Le, last))
    }
}
