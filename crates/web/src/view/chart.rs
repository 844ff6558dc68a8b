//! A list as a chart beside its rows: what is charted, and how groups become bars.

use crm::{Query, Rows, reading::Names};
use language::{Language, tr};
use model::{Column, ColumnType, Filter, Model, Table, Value};
use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::{
    cells::Cells,
    filters::{MOST, Part},
    groups::{self, Grouped, MOST_GROUPS},
    list::List,
    totals::{self, Totals},
};
use crate::{
    components::{Action, ChartBar, ChartBars, ChartPane, Command, OptionGroup, chart::WHOLE},
    posted::Typed,
    session::Me,
};

/// Bars at most; smaller groups are told together.
const MOST_BARS: usize = 20;
/// In an address: before what was charted last, while the chart is put away.
const HIDDEN: char = '-';

/// What the chart beside a list shows, as the address says it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Charted {
    /// What has a bar each, as [`Grouped`] reads it.
    pub by: String,
    /// The column that is added up; rows are counted where empty.
    pub measure: String,
    /// It is put away, and comes back as it was.
    pub hidden: bool,
}

impl Charted {
    /// Reads an address; none where it speaks of no chart.
    pub fn of(asked: &Typed) -> Option<Self> {
        let text = asked.get("chart").filter(|text| !text.is_empty())?;
        let (by, hidden) = text.strip_prefix(HIDDEN).map_or((text, false), |by| (by, true));
        Some(Self { by: by.to_owned(), measure: asked.text("measure").to_owned(), hidden })
    }

    /// The parameters of its address.
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        let by = if self.hidden { format!("{HIDDEN}{}", self.by) } else { self.by.clone() };
        let mut parameters = vec![("chart", by)];
        if !self.measure.is_empty() {
            parameters.push(("measure", self.measure.clone()));
        }
        parameters
    }
}

/// What shows the chart, or puts it away. It comes back as it was; the first time by the status, or
/// by the first choice. None of a table that has neither.
pub(crate) fn switch(me: &Me, table: &Table, list: &List) -> Option<Command> {
    let start = list.beginning();
    let chart = match start.chart.clone() {
        Some(chart) => Charted { hidden: !chart.hidden, ..chart },
        None => Charted { by: usual(me, table)?, ..Charted::default() },
    };
    let shown = list.charted().is_some();
    let href = List { chart: Some(chart), ..start }.href(&list.path(table));
    Some(Command::new(tr!("Chart"), "chart-bar", Action::Link(href)).shown(shown))
}

fn usual(me: &Me, table: &Table) -> Option<String> {
    let offered = |column: &&Column| groups::can_group(column) && me.caller.may_read(column);
    let is_choice = |column: &&Column| matches!(column.value_type(), ColumnType::Choice { .. } | ColumnType::State);
    let status = table.column("statuscode").filter(offered);
    let first = || table.columns.values().filter(is_choice).find(offered);
    status.or_else(first).map(|column| column.name.clone())
}

/// The pane beside the rows; none where the list is not charted.
pub(crate) fn pane(me: &Me, table: &Table, list: &List) -> Option<ChartPane> {
    let chart = list.charted()?;
    let start = list.beginning();
    let kept = List { chart: None, ..start.clone() }.parameters();
    let away = List { chart: Some(Charted { hidden: true, ..chart.clone() }), ..start.clone() };
    Some(ChartPane {
        table: table.name.clone(),
        bars: start.href(&format!("/{}/chart", table.set_name)),
        action: list.path(table),
        hidden: kept.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        by: groups::keys(me, table, &chart.by),
        measures: measures(me, table, &chart.measure),
        close: away.href(&list.path(table)),
    })
}

fn measures(me: &Me, table: &Table, chosen: &str) -> Vec<OptionGroup> {
    let rows = (String::new(), tr!("Number of rows"), chosen.is_empty());
    let sum = |column: &Column| (column.name.clone(), tr!("Sum of {}", column.label), column.name == chosen);
    let sums = totals::summable(me, table).into_iter().map(sum);
    vec![OptionGroup { label: String::new(), options: std::iter::once(rows).chain(sums).collect() }]
}

/// A list that is charted.
pub(crate) struct Plot<'a> {
    me: &'a Me,
    model: &'a Model,
    table: &'a Table,
    list: &'a List,
    grouped: Grouped<'a>,
    /// What is added up; rows are counted where nothing is.
    sum: Option<Totals>,
}

/// One group, before it is a bar.
struct Group {
    place: (i64, Option<jiff::civil::Date>, String),
    value: Value,
    label: String,
    size: Decimal,
}

impl<'a> Plot<'a> {
    /// The list as a chart; the reason where it cannot be one.
    pub fn new(
        me: &'a Me,
        model: &'a Model,
        table: &'a Table,
        list: &'a List,
        chart: &Charted,
    ) -> Result<Self, String> {
        let grouped = Grouped::by(me, model, table, &chart.by).ok_or_else(|| {
            tr!("these rows cannot be charted by “{}”: there is no such column, or you may not read it", chart.by)
        })?;
        let measured = table.column(&chart.measure).and_then(|column| totals::sum(me, table, column));
        if measured.is_none() && !chart.measure.is_empty() {
            return Err(tr!(
                "“{}” cannot be added up: there is no such column, it is no number, or you may not read it",
                chart.measure
            ));
        }
        Ok(Self { me, model, table, list, grouped, sum: measured })
    }

    /// Asks for the groups, the largest first.
    pub fn ask(&self, base: Query, filter: Filter) -> Query {
        let mut query = self.grouped.ask(self.sum.as_ref(), base, filter);
        if let Some(sum) = &self.sum {
            query.order = sum.largest_first();
        }
        query
    }

    /// The groups as bars: the largest ones, in the order that their column has or by size, then how
    /// much the others are together.
    pub fn bars(&self, found: &Rows, names: &Names) -> ChartBars {
        let mut groups = self.groups(found, names);
        groups.sort_by_key(|group| std::cmp::Reverse(group.size));
        let others = groups.split_off(groups.len().min(MOST_BARS));
        let most = groups.first().map(|group| group.size).unwrap_or_default();
        if groups::is_ordered(self.grouped.column) {
            groups.sort_by(|one, other| one.place.cmp(&other.place));
        }
        let bars = groups.iter().map(|group| self.bar(group, most)).chain(self.others(&others)).collect();
        let note = (found.rows.len() >= MOST_GROUPS as usize)
            .then(|| tr!("Only the {} largest groups are counted. Filter the list to see others.", MOST_GROUPS));
        ChartBars { bars, note }
    }

    fn groups(&self, found: &Rows, names: &Names) -> Vec<Group> {
        let cells = Cells { me: self.me, model: self.model, names };
        let group = |row: &Vec<Value>| {
            let value = row.first().cloned().unwrap_or_default();
            let label = self.grouped.label(&cells, self.table, &value);
            let count = || row.get(1).and_then(Value::as_whole).unwrap_or_default().into();
            let size = self.sum.as_ref().map_or_else(count, |sum| sum.amount(&found.columns, row));
            Group { place: self.grouped.place(&value, &label), value, label, size }
        };
        found.rows.iter().map(group).collect()
    }

    fn bar(&self, group: &Group, most: Decimal) -> ChartBar {
        let number = self.number(group.size);
        ChartBar {
            name: self.name(&group.label, group.size, &number),
            label: group.label.clone(),
            number,
            length: Some(length(group.size, most)),
            href: self.narrowed(&group.value),
        }
    }

    /// Drawn without a bar, beside which those of single groups would shrink to nothing.
    fn others(&self, others: &[Group]) -> Option<ChartBar> {
        let label = tr!("1 other" | "{n} others" % others.len() as u64);
        let size: Decimal = others.iter().map(|group| group.size).sum();
        let number = self.number(size);
        let name = self.name(&label, size, &number);
        (!others.is_empty()).then_some(ChartBar { label, number, name, length: None, href: None })
    }

    fn number(&self, size: Decimal) -> String {
        self.sum.as_ref().map_or_else(|| self.me.style.number(size, 0), |sum| sum.words(self.me, size))
    }

    /// What is said in place of the bar.
    fn name(&self, label: &str, size: Decimal, number: &str) -> String {
        if self.sum.is_some() {
            return format!("{label}: {number}");
        }
        let rows = if size == Decimal::ONE { &self.table.label } else { &self.table.plural_label };
        format!("{label}: {number} {}", Language::within_sentence(rows))
    }

    /// The list with only the rows of a group, the chart beside it.
    fn narrowed(&self, value: &Value) -> Option<String> {
        let part = Part::of_filter(self.me, &self.grouped.filter(value))?;
        let mut list = self.list.beginning();
        list.filters.retain(|known| *known != part);
        list.filters.push(part);
        (list.filters.len() <= MOST).then(|| list.href(&list.path(self.table)))
    }
}

/// How long a bar is beside the longest one. What is little is still seen.
fn length(size: Decimal, most: Decimal) -> u16 {
    if size <= Decimal::ZERO {
        return 0;
    }
    let share =
        size.checked_div(most).and_then(|share| share.checked_mul(WHOLE.into())).and_then(|share| share.to_u16());
    share.unwrap_or(WHOLE).clamp(WHOLE / 200, WHOLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_group_is_large() {
        let of = |size: i64, most: i64| length(Decimal::from(size), Decimal::from(most));
        assert_eq!([of(10, 10), of(5, 10), of(0, 10), of(-5, 10), of(0, 0)], [WHOLE, WHOLE / 2, 0, 0, 0]);
        assert!(of(1, 1_000_000) > 0, "what is little is still seen");
    }

    #[test]
    fn a_chart_survives_the_way_through_an_address() {
        for (by, measure, hidden) in [("leadsourcecode", "", false), ("createdon:month", "revenue", true)] {
            let chart = Charted { by: by.to_owned(), measure: measure.to_owned(), hidden };
            let address = crate::view::list::address("", &chart.parameters());
            assert_eq!(Charted::of(&Typed::parse(&address[1..])), Some(chart));
        }
    }
}
