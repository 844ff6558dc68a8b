//! `Microsoft.Dynamics.CRM.X(PropertyName='c',PropertyValue=…)`.

use model::{Column, Condition, Filter, Operator, Path, Value};

use super::{filter::Place, literal::as_value_from_text};
use crate::{
    error::{Error, Result},
    odata::{Argument, Literal},
};

/// What a function takes besides the column.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Nothing,
    /// A count: days, weeks.
    Number,
    /// A value of the column.
    Value,
    /// A day, whatever the column's type.
    Day,
    /// Two values of the column.
    Two,
    /// Values of the column, one or more.
    Many,
}

/// The condition that a function means.
pub(super) fn translate(place: &Place<'_>, name: &str, arguments: &[(String, Argument)]) -> Result<Filter> {
    let (operator, takes) = known(name).ok_or_else(|| {
        Error::BadRequest(format!(
            "$filter: the function 'Microsoft.Dynamics.CRM.{name}' is not known; there are In, Between, Today, LastXDays, EqualUserId …"
        ))
    })?;
    for (parameter, _) in arguments {
        if !matches!(
            parameter.as_str(),
            "PropertyName" | "PropertyValue" | "PropertyValues" | "PropertyValue1" | "PropertyValue2"
        ) {
            return Err(wrong(
                name,
                &format!("has no parameter '{parameter}'; there are PropertyName, PropertyValue, PropertyValues"),
            ));
        }
    }
    let (path, column) = property(place, name, arguments)?;
    let values = values(name, takes, column, arguments)?;
    Ok(condition(path, operator, values))
}

fn condition(path: Path, operator: Operator, values: Vec<Value>) -> Filter {
    Filter::Condition(Condition { column: path, operator, values, other: None })
}

fn property<'m>(place: &Place<'m>, name: &str, arguments: &[(String, Argument)]) -> Result<(Path, &'m Column)> {
    match argument(arguments, "PropertyName") {
        Some(Argument::One(Literal::Text(text))) => {
            let segments: Vec<String> = text.split('/').map(str::to_owned).collect();
            // Inside a lambda clients write the column with and without the row's name.
            place
                .column(&segments)
                .or_else(|error| super::names::path_to(place.model, place.table, &segments).map_err(|_| error))
        }
        _ => Err(wrong(name, "needs PropertyName='column'")),
    }
}

fn values(name: &str, takes: Takes, column: &Column, arguments: &[(String, Argument)]) -> Result<Vec<Value>> {
    let mut given: Vec<&Literal> = Vec::new();
    for (_, argument) in arguments.iter().filter(|(parameter, _)| parameter != "PropertyName") {
        match argument {
            Argument::One(literal) => given.push(literal),
            Argument::Many(literals) => given.extend(literals),
        }
    }
    let right = match takes {
        Takes::Nothing => given.is_empty(),
        Takes::Number | Takes::Value | Takes::Day => given.len() == 1,
        Takes::Two => given.len() == 2,
        Takes::Many => !given.is_empty(),
    };
    if !right {
        return Err(wrong(name, expected(takes)));
    }
    given.into_iter().map(|literal| value(name, takes, column, literal)).collect()
}

fn value(name: &str, takes: Takes, column: &Column, literal: &Literal) -> Result<Value> {
    match takes {
        Takes::Number => match literal {
            Literal::Whole(number) if *number > 0 => Some(*number),
            Literal::Text(text) => text.trim().parse().ok().filter(|number| *number > 0),
            _ => None,
        }
        .map(Value::Whole)
        .ok_or_else(|| wrong(name, "needs a whole number from 1: PropertyValue=7")),
        Takes::Day => match literal {
            Literal::Date(day) => Some(Value::Date(*day)),
            Literal::DateTime(moment) => Some(Value::Date(moment.to_zoned_datetime(jiff::tz::TimeZone::UTC).date())),
            Literal::Text(text) => text.trim().get(..10).and_then(|day| day.parse().ok()).map(Value::Date),
            _ => None,
        }
        .ok_or_else(|| wrong(name, "needs a date: PropertyValue='2027-02-28'")),
        _ => {
            let found = as_value_from_text(column, literal)?;
            if found.is_null() { Err(wrong(name, "cannot take null; use eq null or ne null")) } else { Ok(found) }
        }
    }
}

const fn expected(takes: Takes) -> &'static str {
    match takes {
        Takes::Nothing => "takes PropertyName only",
        Takes::Number => "needs PropertyValue with a number",
        Takes::Value | Takes::Day => "needs exactly one PropertyValue",
        Takes::Two => "needs two values: PropertyValues=['1','10']",
        Takes::Many => "needs PropertyValues=['1','2']",
    }
}

fn argument<'a>(arguments: &'a [(String, Argument)], name: &str) -> Option<&'a Argument> {
    arguments.iter().find(|(found, _)| found == name).map(|(_, argument)| argument)
}

fn wrong(name: &str, message: &str) -> Error {
    Error::BadRequest(format!("$filter: Microsoft.Dynamics.CRM.{name} {message}"))
}

fn known(name: &str) -> Option<(Operator, Takes)> {
    use Operator as O;
    use Takes::{Day, Many, Nothing, Number, Two, Value};
    Some(match name {
        "In" => (O::In, Many),
        "NotIn" => (O::NotIn, Many),
        "Between" => (O::Between, Two),
        "NotBetween" => (O::NotBetween, Two),
        "ContainValues" => (O::ContainValues, Many),
        "DoesNotContainValues" => (O::NotContainValues, Many),
        "EqualUserId" => (O::EqUserid, Nothing),
        "NotEqualUserId" => (O::NeUserid, Nothing),
        "EqualUserTeams" => (O::EqUserteams, Nothing),
        "EqualUserOrUserTeams" => (O::EqUseroruserteams, Nothing),
        "EqualBusinessId" => (O::EqBusinessid, Nothing),
        "NotEqualBusinessId" => (O::NeBusinessid, Nothing),
        "Under" => (O::Under, Value),
        "UnderOrEqual" => (O::EqOrUnder, Value),
        "Above" => (O::Above, Value),
        "AboveOrEqual" => (O::EqOrAbove, Value),
        "On" => (O::On, Day),
        "NotOn" => (O::NotOn, Day),
        "OnOrAfter" => (O::OnOrAfter, Day),
        "OnOrBefore" => (O::OnOrBefore, Day),
        "Today" => (O::Today, Nothing),
        "Yesterday" => (O::Yesterday, Nothing),
        "Tomorrow" => (O::Tomorrow, Nothing),
        "Last7Days" => (O::LastSevenDays, Nothing),
        "Next7Days" => (O::NextSevenDays, Nothing),
        "ThisWeek" => (O::ThisWeek, Nothing),
        "LastWeek" => (O::LastWeek, Nothing),
        "NextWeek" => (O::NextWeek, Nothing),
        "ThisMonth" => (O::ThisMonth, Nothing),
        "LastMonth" => (O::LastMonth, Nothing),
        "NextMonth" => (O::NextMonth, Nothing),
        "ThisYear" => (O::ThisYear, Nothing),
        "LastYear" => (O::LastYear, Nothing),
        "NextYear" => (O::NextYear, Nothing),
        "LastXHours" => (O::LastXHours, Number),
        "NextXHours" => (O::NextXHours, Number),
        "LastXDays" => (O::LastXDays, Number),
        "NextXDays" => (O::NextXDays, Number),
        "LastXWeeks" => (O::LastXWeeks, Number),
        "NextXWeeks" => (O::NextXWeeks, Number),
        "LastXMonths" => (O::LastXMonths, Number),
        "NextXMonths" => (O::NextXMonths, Number),
        "LastXYears" => (O::LastXYears, Number),
        "NextXYears" => (O::NextXYears, Number),
        "OlderThanXMinutes" => (O::OlderThanXMinutes, Number),
        "OlderThanXHours" => (O::OlderThanXHours, Number),
        "OlderThanXDays" => (O::OlderThanXDays, Number),
        "OlderThanXWeeks" => (O::OlderThanXWeeks, Number),
        "OlderThanXMonths" => (O::OlderThanXMonths, Number),
        "OlderThanXYears" => (O::OlderThanXYears, Number),
        "ThisFiscalYear" => (O::ThisFiscalYear, Nothing),
        "LastFiscalYear" => (O::LastFiscalYear, Nothing),
        "NextFiscalYear" => (O::NextFiscalYear, Nothing),
        "ThisFiscalPeriod" => (O::ThisFiscalPeriod, Nothing),
        "LastFiscalPeriod" => (O::LastFiscalPeriod, Nothing),
        "NextFiscalPeriod" => (O::NextFiscalPeriod, Nothing),
        "LastXFiscalYears" => (O::LastXFiscalYears, Number),
        "NextXFiscalYears" => (O::NextXFiscalYears, Number),
        "LastXFiscalPeriods" => (O::LastXFiscalPeriods, Number),
        "NextXFiscalPeriods" => (O::NextXFiscalPeriods, Number),
        "InFiscalYear" => (O::InFiscalYear, Number),
        "InFiscalPeriod" => (O::InFiscalPeriod, Number),
        _ => return None,
    })
}
