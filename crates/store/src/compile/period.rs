//! Dates cut to periods in the caller's time zone.

use model::{Operator, Value};
use sea_query::{Expr, ExprTrait, Func};

use super::{
    compare::{bad, value},
    literal::{Family, family},
    source::{Compiler, Resolved},
};
use crate::{
    DatePart, StoreError,
    engine::{Dialect, SqlValue},
};

/// The first day of the period, ISO text on SQLite and a date on PostgreSQL; for parts that are
/// numbers, a whole number.
pub(super) fn period(compiler: &Compiler<'_>, left: &Resolved<'_>, part: DatePart) -> Result<Expr, StoreError> {
    let kind = family(left.column);
    if !matches!(kind, Family::Date | Family::DateTime) {
        return Err(StoreError::BadQuery(format!(
            "{}.{} is not a date; group by it without a part of a date",
            left.table.name, left.column.name
        )));
    }
    let zone = zone_name(compiler)?;
    let zone_setting = compiler.zone;
    Ok(match compiler.dialect {
        Dialect::Sqlite => {
            let found = Expr::from(Func::cust("pw_period").args([
                left.value.clone(),
                Expr::val(sqlite_part(part)),
                Expr::val(zone),
                Expr::val(i64::from(zone_setting.week_starts.to_monday_one_offset())),
                Expr::val(i64::from(zone_setting.fiscal_start_month)),
            ]));
            if part.is_number() { found.cast_as("INTEGER") } else { found }
        }
        Dialect::Postgres => {
            let local = match kind {
                Family::Date => left.value.clone().cast_as("timestamp"),
                _ => Func::cust("timezone").args([Expr::val(zone).cast_as("text"), left.value.clone()]).into(),
            };
            if part.is_number() { numbered(compiler, &local, part) } else { first_day(compiler, local, part) }
        }
    })
}

/// Fiscal quarter 1 to 4 of any year.
pub(super) fn in_fiscal_period(
    compiler: &Compiler<'_>,
    left: &Resolved<'_>,
    values: &[Value],
) -> Result<Expr, StoreError> {
    let number = match values {
        [Value::Whole(number @ 1..=4)] => Some(*number),
        [Value::Text(text)] => text.trim().parse().ok().filter(|number| (1..=4).contains(number)),
        _ => None,
    };
    let Some(number) = number else {
        return Err(bad(left, Operator::InFiscalPeriod, "takes the number of a quarter, 1 to 4"));
    };
    let month = (i64::from(compiler.zone.fiscal_start_month) - 1 + (number - 1) * 3).rem_euclid(12) + 1;
    let first = period(compiler, left, DatePart::FiscalPeriod)?;
    let month_of = match compiler.dialect {
        Dialect::Sqlite => Func::cust("substr").args([first, Expr::val(6_i64), Expr::val(2_i64)]).into(),
        Dialect::Postgres => Expr::from(Func::cust("to_char").args([first, Expr::cust("'MM'")])),
    };
    Ok(month_of.eq(value(SqlValue::Text(format!("{month:02}")))))
}

fn sqlite_part(part: DatePart) -> &'static str {
    match part {
        DatePart::Day => "day",
        DatePart::Week => "week",
        DatePart::Month => "month",
        DatePart::Quarter => "quarter",
        DatePart::Year => "year",
        DatePart::FiscalPeriod => "fiscal_period",
        DatePart::FiscalYear => "fiscal_year",
        DatePart::DayOfMonth => "day_of_month",
        DatePart::WeekOfYear => "week_of_year",
        DatePart::MonthOfYear => "month_of_year",
        DatePart::QuarterOfYear => "quarter_of_year",
    }
}

fn first_day(compiler: &Compiler<'_>, local: Expr, part: DatePart) -> Expr {
    truncated(compiler, local, part).cast_as("date")
}

/// The number of a part on PostgreSQL.
fn numbered(compiler: &Compiler<'_>, local: &Expr, part: DatePart) -> Expr {
    let field = match part {
        DatePart::WeekOfYear => {
            let week = |of: Expr| first_day(compiler, of, DatePart::Week);
            let new_year = truncated(compiler, local.clone(), DatePart::Year);
            // Two dates differ by whole days.
            return week(local.clone()).sub(week(new_year)).div(7).add(1).cast_as("bigint");
        }
        DatePart::MonthOfYear => "'month'",
        DatePart::QuarterOfYear => "'quarter'",
        _ => "'day'",
    };
    Expr::from(Func::cust("date_part").args([Expr::cust(field), local.clone()])).cast_as("bigint")
}

/// `date_trunc`, shifted for weeks that do not begin on Monday and for fiscal years.
fn truncated(compiler: &Compiler<'_>, local: Expr, part: DatePart) -> Expr {
    let (unit, shift) = match part {
        DatePart::Day | DatePart::DayOfMonth => ("'day'", None),
        DatePart::Week | DatePart::WeekOfYear => {
            let days = compiler.zone.week_starts.to_monday_zero_offset();
            ("'week'", (days > 0).then(|| format!("interval '{days} days'")))
        }
        DatePart::Month | DatePart::MonthOfYear => ("'month'", None),
        DatePart::Quarter | DatePart::QuarterOfYear => ("'quarter'", None),
        DatePart::Year => ("'year'", None),
        DatePart::FiscalPeriod | DatePart::FiscalYear => {
            let months = compiler.zone.fiscal_start_month - 1;
            let unit = if part == DatePart::FiscalYear { "'year'" } else { "'quarter'" };
            (unit, (months > 0).then(|| format!("interval '{months} months'")))
        }
    };
    let cut = |moment: Expr| Expr::from(Func::cust("date_trunc").args([Expr::cust(unit), moment]));
    match shift {
        None => cut(local),
        // Numbers of our own, no input.
        Some(shift) => cut(local.sub(Expr::cust(shift.clone()))).add(Expr::cust(shift)),
    }
}

/// A name of the caller's zone that both engines know.
fn zone_name(compiler: &Compiler<'_>) -> Result<String, StoreError> {
    let zone = &compiler.zone.time_zone;
    if let Some(name) = zone.iana_name() {
        return Ok(name.to_owned());
    }
    // Neither named nor fixed (a rule read from a file) is as good as an odd offset.
    let offset = zone.to_fixed_offset().map_or(1, jiff::tz::Offset::seconds);
    if offset % 3600 != 0 {
        return Err(StoreError::BadQuery(
            "grouping by parts of a date needs a named time zone such as Europe/Berlin".to_owned(),
        ));
    }
    // The signs of these names are the other way round: Etc/GMT-2 is two hours ahead.
    Ok(match offset / 3600 {
        0 => "UTC".to_owned(),
        hours => format!("Etc/GMT{:+}", -hours),
    })
}
