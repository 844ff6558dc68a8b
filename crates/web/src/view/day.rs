//! The blocks of "My day". Each is a view of the shipped app, so that an organisation changes what
//! it means as it changes any view, and the list behind a block shows exactly what the block does.

use crm::{Query, Row, Rows, access::Privilege, reading::Names};
use jiff::{Timestamp, ToSpan, civil};
use language::{Language, spoken, text, tr};
use model::{Model, Path, Reference, Table, TableKind, Value, View};

use super::{cells::Cells, commands, list::List, tables};
use crate::{
    components::{Action, Cell, Command, DayBlock, DayRow, Moment},
    session::Me,
};

/// Address of the page.
pub(crate) const ADDRESS: &str = "/home";
/// Rows of a block.
pub(crate) const SHOWN: u32 = 6;
/// `statecode` of a completed activity.
const COMPLETED: i32 = 1;

/// What a block shows.
pub(crate) struct Block {
    id: &'static str,
    title: &'static str,
    icon: &'static str,
    /// Tables with the view of each; rows of several are one list, the latest first.
    sources: &'static [(&'static str, &'static str)],
    /// Columns that tell a row apart.
    secondary: &'static [&'static str],
    /// Columns that matter about it.
    facts: &'static [&'static str],
    /// The column that says until when; what has gone by is marked.
    due: Option<&'static str>,
    /// The time of day matters, not the day alone.
    times: bool,
    /// Activities can be completed here.
    completes: bool,
    empty: &'static str,
    /// Tables of which a row can be added where the block is empty.
    adds: &'static [&'static str],
}

/// The blocks, in the order of their urgency.
pub(crate) const BLOCKS: &[Block] = &[
    Block {
        id: "due",
        title: text!("Due and overdue"),
        icon: "checkbox",
        sources: &[("activitypointer", "my_due")],
        secondary: &["regardingobjectid"],
        facts: &["scheduledend"],
        due: Some("scheduledend"),
        times: true,
        completes: true,
        empty: text!(
            "Nothing is due. Tasks, calls and e-mails stand here from the day they are due until you complete them."
        ),
        adds: &["task", "phonecall"],
    },
    Block {
        id: "meetings",
        title: text!("Meetings of the next 7 days"),
        icon: "calendar-event",
        sources: &[("activitypointer", "my_meetings")],
        secondary: &["regardingobjectid"],
        facts: &["scheduledstart"],
        due: None,
        times: true,
        completes: false,
        empty: text!("No meetings ahead. Appointments that you own stand here until they have ended."),
        adds: &["appointment"],
    },
    Block {
        id: "leads",
        title: text!("New leads"),
        icon: "target",
        sources: &[("lead", "my_new")],
        secondary: &["companyname", "subject"],
        facts: &["createdon"],
        due: None,
        times: false,
        completes: false,
        empty: text!(
            "No new leads. Those you capture, import or are given stand here until their status says that you have contacted them."
        ),
        adds: &["lead"],
    },
    Block {
        id: "closing",
        title: text!("Deals closing soon"),
        icon: "trophy",
        sources: &[("opportunity", "my_closing_soon")],
        secondary: &["customerid"],
        facts: &["estimatedvalue", "estimatedclosedate"],
        due: Some("estimatedclosedate"),
        times: false,
        completes: false,
        empty: text!(
            "No deal is to be closed within two weeks. Each stands here as its estimated close date comes near, and when it has gone by."
        ),
        adds: &[],
    },
    Block {
        id: "steps",
        title: text!("Deals without a next step"),
        icon: "flag",
        sources: &[("opportunity", "my_without_next_step")],
        secondary: &["customerid"],
        facts: &["estimatedvalue", "estimatedclosedate"],
        due: None,
        times: false,
        completes: false,
        empty: text!(
            "Every deal of yours has a next step. One about which no call, meeting, e-mail or task is planned stands here."
        ),
        adds: &[],
    },
    Block {
        id: "changes",
        title: text!("Changed by others"),
        icon: "history",
        sources: &[("opportunity", "my_changed_by_others"), ("lead", "my_changed_by_others")],
        secondary: &["modifiedby"],
        facts: &["modifiedon"],
        due: None,
        times: false,
        completes: false,
        empty: text!("Nobody else has changed your open leads and deals within the last seven days."),
        adds: &[],
    },
];

/// A source of a block that this person can read.
pub(crate) struct Source<'m> {
    block: &'static Block,
    table: &'m Table,
    view: &'m View,
}

/// The sources of all blocks. Where a role reads no rows of a table, its blocks are not there.
pub(crate) fn sources<'m>(me: &Me, model: &'m Model) -> Vec<Source<'m>> {
    let of = |block: &'static Block| {
        block.sources.iter().filter_map(move |(table, view)| {
            let table: &Table = model.table(table)?;
            let view = table.views.iter().find(|known| known.name == *view)?;
            Some(Source { block, table, view })
        })
    };
    let may_read = |source: &Source<'_>| me.caller.may_anywhere(model, source.table, Privilege::Read);
    BLOCKS.iter().flat_map(of).filter(may_read).collect()
}

impl Source<'_> {
    /// Logical name of its table.
    pub fn table(&self) -> &str {
        &self.table.name
    }

    /// Asks for its first rows.
    pub fn query(&self, me: &Me, model: &Model, base: Query) -> Query {
        let always = [
            self.table.primary_key.as_str(),
            self.table.primary_name.as_str(),
            "activitytypecode",
            "transactioncurrencyid",
            "modifiedon",
        ];
        let wanted = always.iter().chain(self.block.secondary).chain(self.block.facts);
        let mut columns: Vec<&str> = Vec::new();
        for name in wanted {
            if self.table.column(name).is_some_and(model::Column::is_stored) && !columns.contains(name) {
                columns.push(name);
            }
        }
        let mut query =
            base.select(columns.into_iter().map(Path::column)).matching(self.view.filter.clone()).take(SHOWN);
        query.order = me.caller.readable_order(model, &self.table.name, self.view.order.clone());
        query
    }

    fn href(&self) -> String {
        List { view: self.view.name.clone(), ..List::default() }.href(&format!("/{}", self.table.set_name))
    }
}

/// What the rows point at, whose names are shown.
pub(crate) fn references(found: &[Rows]) -> Vec<Reference> {
    found.iter().flat_map(|rows| &rows.rows).flatten().filter_map(|value| value.as_reference().cloned()).collect()
}

/// The blocks with what was found for each source.
pub(crate) fn blocks(me: &Me, model: &Model, names: &Names, sources: &[Source<'_>], found: &[Rows]) -> Vec<DayBlock> {
    let cells = Cells { me, model, names };
    let one = |block: &'static Block| {
        let own: Vec<(&Source<'_>, &Rows)> =
            sources.iter().zip(found).filter(|(source, _)| source.block.id == block.id).collect();
        (!own.is_empty()).then(|| filled(&cells, block, &own))
    };
    BLOCKS.iter().filter_map(one).collect()
}

fn filled(cells: &Cells<'_>, block: &'static Block, own: &[(&Source<'_>, &Rows)]) -> DayBlock {
    let mut rows: Vec<(&Source<'_>, Row)> =
        own.iter().flat_map(|(source, rows)| rows.to_rows().map(move |row| (*source, row))).collect();
    if own.len() > 1 {
        rows.sort_by_key(|(_, row)| std::cmp::Reverse(row.value("modifiedon").as_date_time()));
        rows.truncate(SHOWN as usize);
    }
    let single = own.len() == 1;
    let all = own.iter().map(|(source, _)| {
        let label = if single { tr!("All") } else { source.table.plural_label.clone() };
        (label, source.href())
    });
    DayBlock {
        id: block.id.to_owned(),
        title: spoken(block.title).into_owned(),
        icon: block.icon.to_owned(),
        all: all.collect(),
        rows: rows.iter().filter_map(|(source, row)| day_row(cells, source, row)).collect(),
        empty: spoken(block.empty).into_owned(),
        commands: additions(cells, block),
    }
}

fn additions(cells: &Cells<'_>, block: &Block) -> Vec<Command> {
    let tables = block.adds.iter().filter_map(|name| cells.model.table(name));
    let tables = tables.filter(|table| commands::may_create(cells.me, cells.model, table));
    tables
        .map(|table| {
            let dialog = Action::Dialog(format!("/{}/quick-create", table.set_name));
            Command::new(tr!("New {}", Language::within_sentence(&table.label)), "plus", dialog)
        })
        .collect()
}

fn day_row(cells: &Cells<'_>, source: &Source<'_>, row: &Row) -> Option<DayRow> {
    let Source { block, table, .. } = source;
    let id = row.value(&table.primary_key).as_id()?;
    // A row of `activitypointer` is shown as the activity it stands for.
    let kind: &Table =
        if table.kind == TableKind::Pointer { cells.model.table(row.text("activitytypecode"))? } else { table };
    let name = row.text(&table.primary_name).trim();
    let secondary = block.secondary.iter().filter_map(|name| {
        let text = cells.text(table, table.column(name)?, row.value(name), None);
        (!text.trim().is_empty()).then_some(text)
    });
    let currency = row.value("transactioncurrencyid").as_id();
    let facts = block.facts.iter().filter_map(|name| {
        let (column, value) = (table.column(name)?, row.value(name));
        Some(when(cells, block, name, value).unwrap_or_else(|| cells.cell(table, column, value, currency)))
    });
    let completes = block.completes
        && kind.state(COMPLETED).is_some_and(|state| state.closed)
        && cells.me.caller.may_anywhere(cells.model, kind, Privilege::Write);
    Some(DayRow {
        icon: kind.icon.clone(),
        label: if name.is_empty() { tr!("{} without a name", kind.label) } else { name.to_owned() },
        href: tables::row_href(kind, id),
        secondary: secondary.collect::<Vec<_>>().join(" · "),
        facts: facts.collect(),
        complete: completes.then(|| format!("/{}/states?to={COMPLETED}&id={id}", kind.set_name)),
    })
}

/// A moment or day in words near to it; the exact value stands behind them.
fn when(cells: &Cells<'_>, block: &Block, column: &str, value: &Value) -> Option<Cell> {
    let (me, now) = (cells.me, Timestamp::now());
    let local = |moment: Timestamp| moment.to_zoned_datetime(me.caller.time_zone.clone()).date();
    let today = local(now);
    let words = |day: civil::Date| named_day(today, day).unwrap_or_else(|| me.style.date(day));
    let (moment, gone) = match value {
        Value::DateTime(moment) => {
            let day = words(local(*moment));
            let text = if block.times { format!("{day} {}", me.style.time(*moment)) } else { day };
            let title = Some(me.style.date_time(*moment));
            (Moment { iso: moment.to_string(), text, title }, *moment < now)
        }
        Value::Date(day) => {
            let title = Some(me.style.date(*day));
            (Moment { iso: day.to_string(), text: words(*day), title }, *day < today)
        }
        _ => return None,
    };
    let late = gone && block.due == Some(column);
    Some(if late { Cell::Overdue(moment) } else { Cell::Moment(moment) })
}

/// A moment in words near to it: the time of today, else the day.
pub(crate) fn near(me: &Me, moment: Timestamp) -> Moment {
    let local = |moment: Timestamp| moment.to_zoned_datetime(me.caller.time_zone.clone()).date();
    let (today, day) = (local(Timestamp::now()), local(moment));
    let text =
        if today == day { me.style.time(moment) } else { named_day(today, day).unwrap_or_else(|| me.style.date(day)) };
    Moment { iso: moment.to_string(), text, title: Some(me.style.date_time(moment)) }
}

fn named_day(today: civil::Date, day: civil::Date) -> Option<String> {
    let near = |days: i64| today.checked_add(days.days()).ok();
    [(0, tr!("Today")), (1, tr!("Tomorrow")), (-1, tr!("Yesterday"))]
        .into_iter()
        .find_map(|(days, name)| (near(days) == Some(day)).then_some(name))
}
