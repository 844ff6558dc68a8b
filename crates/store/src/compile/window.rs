//! Relative dates: what `this-fiscal-period` or `last-x-days` means to the caller now.

use jiff::{Span, Timestamp, ToSpan, civil::Date};
use model::Operator;

use crate::Zone;

/// One end of a window: the beginning of a day, or a moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Edge {
    Day(Date),
    Moment(Timestamp),
}

/// A stretch of time from an edge (included) to an edge (excluded); open where there is none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Window {
    pub from: Option<Edge>,
    pub to: Option<Edge>,
}

/// Periods further away than this are a mistake, and would leave the calendar.
const FURTHEST: i64 = 1_000_000;

impl Window {
    const fn days(from: Date, to: Date) -> Self {
        Self { from: Some(Edge::Day(from)), to: Some(Edge::Day(to)) }
    }

    /// As moments, for date-time columns.
    pub(crate) fn moments(self, zone: &Zone) -> Option<(Option<Timestamp>, Option<Timestamp>)> {
        let moment = |edge: Option<Edge>| match edge {
            None => Some(None),
            Some(Edge::Moment(moment)) => Some(Some(moment)),
            Some(Edge::Day(day)) => start_of_day(day, zone).map(Some),
        };
        Some((moment(self.from)?, moment(self.to)?))
    }

    /// As days, for date columns: a day counts where any of it lies in the window.
    pub(crate) fn dates(self, zone: &Zone) -> Option<(Option<Date>, Option<Date>)> {
        let day = |moment: Timestamp| moment.to_zoned_datetime(zone.time_zone.clone()).date();
        let from = self.from.map(|edge| match edge {
            Edge::Day(date) => date,
            Edge::Moment(moment) => day(moment),
        });
        let to = match self.to {
            None => None,
            Some(Edge::Day(date)) => Some(date),
            Some(Edge::Moment(moment)) => Some(day(moment).tomorrow().ok()?),
        };
        Some((from, to))
    }
}

/// The beginning of a day in the caller's zone.
pub(crate) fn start_of_day(day: Date, zone: &Zone) -> Option<Timestamp> {
    day.to_zoned_datetime(zone.time_zone.clone()).ok().map(|start| start.timestamp())
}

/// The caller's today.
pub(crate) fn today(zone: &Zone) -> Date {
    zone.now.to_zoned_datetime(zone.time_zone.clone()).date()
}

/// True for operators that take a number and mean a stretch of time.
pub(crate) fn takes_number(operator: Operator) -> bool {
    use Operator as Op;
    matches!(
        operator,
        Op::LastXHours
            | Op::NextXHours
            | Op::LastXDays
            | Op::NextXDays
            | Op::LastXWeeks
            | Op::NextXWeeks
            | Op::LastXMonths
            | Op::NextXMonths
            | Op::LastXYears
            | Op::NextXYears
            | Op::OlderThanXMinutes
            | Op::OlderThanXHours
            | Op::OlderThanXDays
            | Op::OlderThanXWeeks
            | Op::OlderThanXMonths
            | Op::OlderThanXYears
            | Op::LastXFiscalYears
            | Op::NextXFiscalYears
            | Op::LastXFiscalPeriods
            | Op::NextXFiscalPeriods
            | Op::InFiscalYear
    )
}

/// The window of `operator` with its number (1 where it takes none). `None` for operators that
/// are no window, and for numbers that leave the calendar.
pub(crate) fn window(operator: Operator, number: i64, zone: &Zone) -> Option<Window> {
    use Operator as Op;
    if !(0..=FURTHEST).contains(&number) {
        return None;
    }
    let today = today(zone);
    let now = Edge::Moment(zone.now);
    // "Up to now" includes this very moment.
    let until_now = Edge::Moment(zone.now.checked_add(1.milliseconds()).ok()?);
    let back = |span: Span| today.checked_sub(span).ok();
    let ahead = |span: Span| today.checked_add(span).ok();
    let last = |span: Span| Some(Window { from: Some(Edge::Day(back(span)?)), to: Some(until_now) });
    let next = |span: Span| Some(Window { from: Some(now), to: Some(Edge::Day(ahead(span)?.tomorrow().ok()?)) });
    let older = |span: Span| Some(Window { from: None, to: Some(Edge::Day(back(span)?)) });
    let moment_back = |span: Span| zone.now.checked_sub(span).ok().map(Edge::Moment);
    let week = |offset: i64| {
        let start = week_start(today, zone)?.checked_add((offset * 7).days()).ok()?;
        Some(Window::days(start, start.checked_add(7.days()).ok()?))
    };
    let month = |offset: i64| months(today.first_of_month(), offset, 1);
    let year = |offset: i64| months(today.first_of_year(), offset * 12, 12);
    let fiscal_year = |offset: i64, count: i64| months(fiscal_year_start(today, zone)?, offset * 12, count * 12);
    let fiscal_period = |offset: i64, count: i64| months(fiscal_period_start(today, zone)?, offset * 3, count * 3);
    match operator {
        Op::Today => Some(Window::days(today, today.tomorrow().ok()?)),
        Op::Yesterday => Some(Window::days(today.yesterday().ok()?, today)),
        Op::Tomorrow => Some(Window::days(today.tomorrow().ok()?, ahead(2.days())?)),
        Op::ThisWeek => week(0),
        Op::LastWeek => week(-1),
        Op::NextWeek => week(1),
        Op::ThisMonth => month(0),
        Op::LastMonth => month(-1),
        Op::NextMonth => month(1),
        Op::ThisYear => year(0),
        Op::LastYear => year(-1),
        Op::NextYear => year(1),
        Op::LastSevenDays => last(7.days()),
        Op::NextSevenDays => next(7.days()),
        Op::LastXHours => Some(Window { from: Some(moment_back(number.hours())?), to: Some(until_now) }),
        Op::NextXHours => {
            let end = zone.now.checked_add(number.hours()).ok()?;
            Some(Window { from: Some(now), to: Some(Edge::Moment(end)) })
        }
        Op::LastXDays => last(number.days()),
        Op::NextXDays => next(number.days()),
        Op::LastXWeeks => last(Span::new().try_weeks(number).ok()?),
        Op::NextXWeeks => next(Span::new().try_weeks(number).ok()?),
        Op::LastXMonths => last(Span::new().try_months(number).ok()?),
        Op::NextXMonths => next(Span::new().try_months(number).ok()?),
        Op::LastXYears => last(Span::new().try_years(number).ok()?),
        Op::NextXYears => next(Span::new().try_years(number).ok()?),
        Op::OlderThanXMinutes => Some(Window { from: None, to: Some(moment_back(number.minutes())?) }),
        Op::OlderThanXHours => Some(Window { from: None, to: Some(moment_back(number.hours())?) }),
        Op::OlderThanXDays => older(number.days()),
        Op::OlderThanXWeeks => older(Span::new().try_weeks(number).ok()?),
        Op::OlderThanXMonths => older(Span::new().try_months(number).ok()?),
        Op::OlderThanXYears => older(Span::new().try_years(number).ok()?),
        Op::ThisFiscalYear => fiscal_year(0, 1),
        Op::LastFiscalYear => fiscal_year(-1, 1),
        Op::NextFiscalYear => fiscal_year(1, 1),
        Op::LastXFiscalYears => fiscal_year(-number, number),
        Op::NextXFiscalYears => fiscal_year(1, number),
        Op::ThisFiscalPeriod => fiscal_period(0, 1),
        Op::LastFiscalPeriod => fiscal_period(-1, 1),
        Op::NextFiscalPeriod => fiscal_period(1, 1),
        Op::LastXFiscalPeriods => fiscal_period(-number, number),
        Op::NextXFiscalPeriods => fiscal_period(1, number),
        Op::InFiscalYear => {
            let start = Date::new(i16::try_from(number).ok()?, zone.fiscal_start_month, 1).ok()?;
            months(start, 0, 12)
        }
        _ => None,
    }
}

/// The window of a whole day, for `on`.
pub(crate) fn whole_day(day: Date) -> Option<Window> {
    Some(Window::days(day, day.tomorrow().ok()?))
}

/// The first day of the week `day` lies in.
pub(crate) fn week_start(day: Date, zone: &Zone) -> Option<Date> {
    let since = day.weekday().since(zone.week_starts);
    day.checked_sub(i64::from(since).days()).ok()
}

/// The first day of the fiscal year `day` lies in. A fiscal year bears the number of the
/// calendar year it begins in.
pub(crate) fn fiscal_year_start(day: Date, zone: &Zone) -> Option<Date> {
    let start = Date::new(day.year(), zone.fiscal_start_month, 1).ok()?;
    if start > day { start.checked_sub(1.year()).ok() } else { Some(start) }
}

/// The first day of the fiscal quarter `day` lies in.
pub(crate) fn fiscal_period_start(day: Date, zone: &Zone) -> Option<Date> {
    let year = fiscal_year_start(day, zone)?;
    let months = (i64::from(day.year()) - i64::from(year.year())) * 12 + i64::from(day.month() - year.month());
    year.checked_add((months / 3 * 3).months()).ok()
}

/// The fiscal quarter, 1 to 4, that `day` lies in.
pub(crate) fn fiscal_period_number(day: Date, zone: &Zone) -> i64 {
    i64::from((day.month() - zone.fiscal_start_month).rem_euclid(12)) / 3 + 1
}

/// From `offset` months after `start`, `count` months long.
fn months(start: Date, offset: i64, count: i64) -> Option<Window> {
    let from = start.checked_add(Span::new().try_months(offset).ok()?).ok()?;
    let to = from.checked_add(Span::new().try_months(count).ok()?).ok()?;
    Some(Window::days(from, to))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use jiff::{civil::date, tz::TimeZone};

    use super::*;

    fn zone() -> Zone {
        Zone {
            user: uuid::Uuid::nil(),
            teams: Vec::new(),
            business_unit: uuid::Uuid::nil(),
            now: "2026-02-14T23:30:00Z".parse().unwrap(),
            time_zone: TimeZone::get("Europe/Berlin").unwrap(),
            fiscal_start_month: 4,
            week_starts: jiff::civil::Weekday::Monday,
        }
    }

    #[test]
    fn today_is_the_callers_day() {
        let window = window(Operator::Today, 1, &zone()).unwrap();
        assert_eq!(window, Window::days(date(2026, 2, 15), date(2026, 2, 16)));
        let (from, _) = window.moments(&zone()).unwrap();
        assert_eq!(from.unwrap().to_string(), "2026-02-14T23:00:00Z");
    }

    #[test]
    fn the_week_begins_on_the_organisations_day() {
        let mut zone = zone();
        assert_eq!(window(Operator::ThisWeek, 1, &zone).unwrap(), Window::days(date(2026, 2, 9), date(2026, 2, 16)));
        zone.week_starts = jiff::civil::Weekday::Sunday;
        assert_eq!(window(Operator::LastWeek, 1, &zone).unwrap(), Window::days(date(2026, 2, 8), date(2026, 2, 15)));
    }

    #[test]
    fn fiscal_periods_follow_the_fiscal_year() {
        let zone = zone();
        assert_eq!(
            window(Operator::ThisFiscalYear, 1, &zone).unwrap(),
            Window::days(date(2025, 4, 1), date(2026, 4, 1))
        );
        assert_eq!(
            window(Operator::ThisFiscalPeriod, 1, &zone).unwrap(),
            Window::days(date(2026, 1, 1), date(2026, 4, 1))
        );
        assert_eq!(fiscal_period_number(date(2026, 2, 15), &zone), 4);
        assert_eq!(
            window(Operator::LastXFiscalPeriods, 2, &zone).unwrap(),
            Window::days(date(2025, 7, 1), date(2026, 1, 1))
        );
    }

    #[test]
    fn numbers_beyond_the_calendar_are_no_window() {
        assert_eq!(window(Operator::LastXYears, 900_000, &zone()), None);
        assert_eq!(window(Operator::LastXDays, i64::MAX, &zone()), None);
    }
}
