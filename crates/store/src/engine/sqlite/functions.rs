//! What SQLite lacks: Unicode-aware comparison, calendar periods in a time zone, exact means.
//!
//! | in SQL | meaning |
//! | --- | --- |
//! | `COLLATE PW_NOCASE` | text in lower case, compared by code point |
//! | `pw_lower(text)` | lower case of all scripts |
//! | `pw_period(value, part, zone, week_starts, fiscal_month)` | first day (ISO text) of the period in which a moment (milliseconds) or day (ISO text) lies; `part` is `day`, `week`, `month`, `quarter`, `year`, `fiscal_period` or `fiscal_year`, or for a number instead `day_of_month`, `week_of_year`, `month_of_year` or `quarter_of_year`, `zone` an IANA name, `week_starts` 1 (Monday) to 7, `fiscal_month` 1 to 12 |
//! | `pw_average(value, places)` | mean of scaled whole numbers as decimal text, rounded half up to ten places |

use std::cmp::Ordering;

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Weekday},
    tz::TimeZone,
};
use rusqlite::{
    Connection, Error, Result,
    functions::{Aggregate, Context, FunctionFlags},
    types::ValueRef,
};
use rust_decimal::{Decimal, RoundingStrategy};

use crate::dialect::lower;

/// Registers all of them on a connection.
pub(crate) fn register(connection: &Connection) -> Result<()> {
    let pure = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_collation("PW_NOCASE", compare)?;
    connection.create_scalar_function("pw_lower", 1, pure, |context| {
        Ok(match context.get_raw(0) {
            ValueRef::Text(text) => Some(lower(&String::from_utf8_lossy(text))),
            _ => None,
        })
    })?;
    connection.create_scalar_function("pw_period", 5, pure, period_of_arguments)?;
    connection.create_aggregate_function("pw_average", 2, pure, Average)
}

/// Compares the lower-case forms by code point, as `lower(…) COLLATE "C"` does on PostgreSQL.
pub(crate) fn compare(left: &str, right: &str) -> Ordering {
    // Nearly all text is ASCII, and bytes are faster than characters.
    if left.is_ascii() && right.is_ascii() {
        let lower = u8::to_ascii_lowercase;
        return left.as_bytes().iter().map(lower).cmp(right.as_bytes().iter().map(lower));
    }
    let lower = char::to_lowercase;
    left.chars().flat_map(lower).cmp(right.chars().flat_map(lower))
}

fn period_of_arguments(context: &mut Context<'_>) -> Result<Option<String>> {
    let zone: String = context.get(2)?;
    let day = match context.get_raw(0) {
        ValueRef::Null => return Ok(None),
        ValueRef::Integer(millis) => {
            let moment = Timestamp::from_millisecond(millis).map_err(wrong)?;
            moment.to_zoned_datetime(zone_named(&zone)?).date()
        }
        ValueRef::Text(text) => std::str::from_utf8(text).map_err(wrong)?.parse::<Date>().map_err(wrong)?,
        _ => return Err(wrong("pw_period takes milliseconds or an ISO date")),
    };
    let part: String = context.get(1)?;
    let week_starts: i64 = context.get(3)?;
    let fiscal_month: i64 = context.get(4)?;
    let (week_starts, fiscal_month) = (week_starts as i8, fiscal_month as i8);
    let number = match part.as_str() {
        "day_of_month" => i32::from(day.day()),
        "week_of_year" => week_of_year(day, week_starts)?,
        "month_of_year" => i32::from(day.month()),
        "quarter_of_year" => i32::from(day.month() - 1) / 3 + 1,
        _ => return Ok(Some(first_day(day, &part, week_starts, fiscal_month)?.to_string())),
    };
    Ok(Some(number.to_string()))
}

/// Weeks since the one that January 1st lies in, that one being the first.
fn week_of_year(day: Date, week_starts: i8) -> Result<i32> {
    let week = |day: Date| first_day(day, "week", week_starts, 1);
    let since = week(day)?.since(week(day.first_of_year())?).map_err(wrong)?;
    Ok(since.get_days() / 7 + 1)
}

fn zone_named(name: &str) -> Result<TimeZone> {
    if name == "UTC" { Ok(TimeZone::UTC) } else { TimeZone::get(name).map_err(wrong) }
}

fn first_day(day: Date, part: &str, week_starts: i8, fiscal_month: i8) -> Result<Date> {
    Ok(match part {
        "day" => day,
        "week" => {
            let first = Weekday::from_monday_one_offset(week_starts).map_err(wrong)?;
            let behind = i32::from(day.weekday().to_monday_zero_offset() - first.to_monday_zero_offset()).rem_euclid(7);
            day.checked_sub(behind.days()).map_err(wrong)?
        }
        "month" => day.first_of_month(),
        "quarter" => months_before(day, i32::from(day.month() - 1) % 3)?,
        "year" => day.first_of_year(),
        "fiscal_period" => months_before(day, i32::from(day.month() - fiscal_month).rem_euclid(12) % 3)?,
        "fiscal_year" => months_before(day, i32::from(day.month() - fiscal_month).rem_euclid(12))?,
        other => return Err(wrong(format!("pw_period knows no part '{other}'"))),
    })
}

fn months_before(day: Date, months: i32) -> Result<Date> {
    day.first_of_month().checked_sub(months.months()).map_err(wrong)
}

fn wrong(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::UserFunctionError(error.into())
}

/// The mean of scaled whole numbers.
struct Average;

/// Sum, count and places so far.
#[derive(Default)]
struct Running {
    sum: i128,
    count: i64,
    places: u32,
}

impl Aggregate<Running, Option<String>> for Average {
    fn init(&self, _: &mut Context<'_>) -> Result<Running> {
        Ok(Running::default())
    }

    fn step(&self, context: &mut Context<'_>, running: &mut Running) -> Result<()> {
        if let ValueRef::Integer(number) = context.get_raw(0) {
            running.sum += i128::from(number);
            running.count += 1;
            running.places = context.get(1)?;
        }
        Ok(())
    }

    fn finalize(&self, _: &mut Context<'_>, running: Option<Running>) -> Result<Option<String>> {
        let Some(running) = running.filter(|running| running.count > 0) else { return Ok(None) };
        let sum = Decimal::try_from_i128_with_scale(running.sum, running.places).map_err(wrong)?;
        let mean = sum / Decimal::from(running.count);
        Ok(Some(mean.round_dp_with_strategy(10, RoundingStrategy::MidpointAwayFromZero).normalize().to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        register(&connection).unwrap();
        connection
    }

    fn text(sql: &str) -> String {
        database().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_moment_belongs_to_the_day_of_the_readers_zone() {
        // 2026-03-01 00:30 in Berlin is still February in UTC.
        assert_eq!(text("SELECT pw_period(1772321400000, 'month', 'Europe/Berlin', 1, 1)"), "2026-03-01");
        assert_eq!(text("SELECT pw_period(1772321400000, 'month', 'UTC', 1, 1)"), "2026-02-01");
    }

    #[test]
    fn weeks_and_fiscal_years_begin_where_the_organisation_says() {
        assert_eq!(text("SELECT pw_period('2026-11-24', 'week', 'UTC', 7, 1)"), "2026-11-22");
        assert_eq!(text("SELECT pw_period('2026-11-24', 'week', 'UTC', 1, 1)"), "2026-11-23");
        assert_eq!(text("SELECT pw_period('2026-02-24', 'fiscal_year', 'UTC', 1, 4)"), "2025-04-01");
        assert_eq!(text("SELECT pw_period('2026-02-24', 'fiscal_period', 'UTC', 1, 4)"), "2026-01-01");
        assert_eq!(text("SELECT pw_period('2026-02-24', 'quarter', 'UTC', 1, 4)"), "2026-01-01");
    }

    #[test]
    fn a_mean_is_exact_to_ten_places() {
        assert_eq!(text("WITH t(value) AS (VALUES (100), (50)) SELECT pw_average(value, 2) FROM t"), "0.75");
        assert_eq!(
            text("WITH t(value) AS (VALUES (100), (100), (0)) SELECT pw_average(value, 2) FROM t"),
            "0.6666666667"
        );
    }

    #[test]
    fn umlauts_compare_without_regard_to_case() {
        assert_eq!(text("SELECT CASE WHEN 'ÄRGER' = 'ärger' COLLATE PW_NOCASE THEN 'same' END"), "same");
        assert_eq!(compare("Zebra", "apfel"), Ordering::Greater);
        assert_eq!(compare(&"A".repeat(70), &"a".repeat(70)), Ordering::Equal);
    }
}
