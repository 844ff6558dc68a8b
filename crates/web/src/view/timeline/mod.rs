//! Timelines as they are shown.

mod activity;
mod asked;
mod composing;
mod entry;
mod filter;

use crm::{
    reading::Names,
    timeline::{Due, Entry, Opening, Page, Place, ToDo},
};
use jiff::{Timestamp, civil::Date};
use language::tr;
use model::{Model, Table};
use uuid::Uuid;

pub(crate) use asked::{asked, kept, query_string};
pub(crate) use composing::{
    Composing, MENTIONS, can_compose, columns, formatted, html_of, kind_named, log_call, numbers,
};
pub(crate) use entry::{Block, Shown};
pub(crate) use filter::groups;

use super::{days, tables};
use crate::{
    components::{
        Timeline,
        timeline::{TimelineDay, TimelineEntry, TimelineFilter, TimelineList, TimelineToDo},
    },
    session::Me,
};

/// The timeline of one record.
pub(crate) struct View<'a> {
    pub me: &'a Me,
    pub model: &'a Model,
    pub table: &'a Table,
    pub id: Uuid,
    pub asked: &'a crm::timeline::Asked,
    /// Whether the reader may add to it.
    pub may_add: bool,
}

impl View<'_> {
    /// Its address, with what follows.
    pub fn href(&self, rest: &str) -> String {
        format!("{}/timeline{rest}", tables::row_href(self.table, self.id))
    }

    /// The whole of it.
    pub fn timeline(&self, opening: &Opening) -> Timeline {
        let mut switches = vec![("events".to_owned(), tr!("System events"), self.asked.events)];
        if opening.has_related {
            switches.push(("related".to_owned(), tr!("Related records"), self.asked.related));
        }
        Timeline {
            compose: if self.may_add { composing::compose(self) } else { Vec::new() },
            filter: TimelineFilter {
                list: self.href(""),
                source: self.href("/filter"),
                text: self.asked.text.clone(),
                switches,
            },
            list: self.list(opening),
            visit: Some(self.href("/visit")),
            record: format!("{}:{}", self.table.name, self.id),
        }
    }

    /// What stands on it.
    pub fn list(&self, opening: &Opening) -> TimelineList {
        let pinned: Vec<Uuid> =
            opening.pinned.entries.iter().filter_map(|entry| Some(entry.item.reference()?.id)).collect();
        let show = |names, block| Shown { view: self, names, block, visited: opening.visited, pinned: &pinned };
        let to_do = show(&opening.to_do.names, Block::ToDo);
        let top = show(&opening.pinned.names, Block::Pinned);
        let past = show(&opening.page.names, Block::Past);
        let cut = tr!("Only the related records that changed last are looked at: up to 200 of each kind.");
        TimelineList {
            href: self.href(""),
            pinned: opening.pinned.entries.iter().map(|entry| top.entry(entry)).collect(),
            to_do: self.to_do_of(&to_do, &opening.to_do),
            days: self.days(&past, &opening.page.entries, None),
            more: self.more(&opening.page),
            note: opening.related_cut.then_some(cut),
            narrowed: self.asked.narrows(),
        }
    }

    /// What is further back, behind entries whose last was of the day `after`.
    pub fn further(&self, page: &Page, after: Option<Date>) -> TimelineList {
        let past = self.plain(&page.names, Block::Past);
        let days = self.days(&past, &page.entries, after);
        TimelineList { days, more: self.more(page), ..TimelineList::default() }
    }

    /// What else is to be done.
    pub fn to_do(&self, to_do: &ToDo) -> TimelineToDo {
        self.to_do_of(&self.plain(&to_do.names, Block::ToDo), to_do)
    }

    /// One entry by itself.
    pub fn alone(&self, entry: &Entry, names: &Names, block: Block, is_pinned: bool) -> TimelineEntry {
        let pinned: Vec<Uuid> = entry.item.reference().filter(|_| is_pinned).map(|of| of.id).into_iter().collect();
        Shown { view: self, names, block, visited: None, pinned: &pinned }.entry(entry)
    }

    fn plain<'s>(&'s self, names: &'s Names, block: Block) -> Shown<'s> {
        Shown { view: self, names, block, visited: None, pinned: &[] }
    }

    fn to_do_of(&self, shown: &Shown<'_>, to_do: &ToDo) -> TimelineToDo {
        let more = to_do.next.map(|Due { due, skip }| {
            let due = due.map(|due| due.to_string()).unwrap_or_default();
            self.href(&format!("?{}", query_string(self.asked, &[("due", due), ("skip", skip.to_string())])))
        });
        TimelineToDo { entries: to_do.entries.iter().map(|entry| shown.entry(entry)).collect(), more }
    }

    fn more(&self, page: &Page) -> Option<String> {
        let Place { moment, skip } = page.next?;
        let day = self.day(moment).to_string();
        let place = [("before", moment.to_string()), ("skip", skip.to_string()), ("day", day)];
        Some(self.href(&format!("?{}", query_string(self.asked, &place))))
    }

    /// Entries by days of the reader's calendar.
    fn days(&self, shown: &Shown<'_>, entries: &[Entry], after: Option<Date>) -> Vec<TimelineDay> {
        let mut days: Vec<(Date, TimelineDay)> = Vec::new();
        for entry in entries {
            let day = self.day(entry.moment);
            if days.last().is_none_or(|(last, _)| *last != day) {
                let label = if after == Some(day) { String::new() } else { days::in_words(self.me, day) };
                days.push((day, TimelineDay { label, entries: Vec::new() }));
            }
            if let Some((_, of_day)) = days.last_mut() {
                of_day.entries.push(shown.entry(entry));
            }
        }
        days.into_iter().map(|(_, day)| day).collect()
    }

    fn day(&self, moment: Timestamp) -> Date {
        days::day_of(self.me, moment)
    }
}
