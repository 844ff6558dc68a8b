//! One column compared: every operator on every type of column.

use std::ops::RangeInclusive;

use jiff::{Timestamp, civil::Date};
use model::{Operator, Value};
use rust_decimal::Decimal;
use sea_query::{Expr, ExprTrait, Func, LikeExpr};

use super::{
    literal::{Family, family, literal},
    source::{Compiler, Resolved},
    window::{Window, takes_number, whole_day, window},
};
use crate::{
    StoreError,
    dialect::{encode, lower},
    engine::{Dialect, SqlValue},
};

/// Longest list that `in` takes; the engines limit the parameters of a statement.
const LONGEST_LIST: usize = 20_000;
/// Lists of such lengths are filled up to a power of two with their last value: few different lengths,
/// so that SQLite finds the statement among the prepared ones. Longer ones hardly come twice.
const PADDED: RangeInclusive<usize> = 5..=256;

/// What the comparisons of two columns need; a namespace.
pub(super) struct Compared;

/// The operator without its "not", and whether there was one. Rows where the column is empty
/// satisfy the negative operators, as in Dataverse.
pub(crate) fn positive(operator: Operator) -> (Operator, bool) {
    use Operator as Op;
    let positive = match operator {
        Op::Ne => Op::Eq,
        Op::NotLike => Op::Like,
        Op::NotBeginWith => Op::BeginsWith,
        Op::NotEndWith => Op::EndsWith,
        Op::NotContains => Op::Contains,
        Op::NotNull => Op::Null,
        Op::NotIn => Op::In,
        Op::NotBetween => Op::Between,
        Op::NotContainValues => Op::ContainValues,
        Op::NotOn => Op::On,
        Op::NeUserid => Op::EqUserid,
        Op::NeBusinessid => Op::EqBusinessid,
        other => return (other, false),
    };
    (positive, true)
}

/// A column with values, as a condition.
pub(super) fn compare<'a>(
    compiler: &mut Compiler<'a>,
    left: &Resolved<'a>,
    operator: Operator,
    values: &[Value],
) -> Result<Expr, StoreError> {
    use Operator as Op;
    match operator {
        Op::Null => Ok(left.value.clone().is_null()),
        Op::Eq => equal(compiler, left, &one(left, operator, values)?),
        Op::In => member(compiler, left, values),
        Op::Gt | Op::Ge | Op::Lt | Op::Le => ordered(compiler, left, operator, &one(left, operator, values)?),
        Op::Between => {
            let [low, high] = values else { return Err(bad(left, operator, "takes two values")) };
            Ok(ordered(compiler, left, Op::Ge, low)?.and(ordered(compiler, left, Op::Le, high)?))
        }
        Op::Like | Op::BeginsWith | Op::EndsWith | Op::Contains => text(compiler, left, operator, values),
        Op::ContainValues => contain_values(compiler, left, values),
        Op::EqUserid => keys(left, operator, [compiler.zone.user]),
        Op::EqUserteams => keys(left, operator, compiler.zone.teams.iter().copied()),
        Op::EqUseroruserteams => keys(left, operator, compiler.zone.teams.iter().copied().chain([compiler.zone.user])),
        Op::EqBusinessid => keys(left, operator, [compiler.zone.business_unit]),
        Op::Under | Op::EqOrUnder | Op::Above | Op::EqOrAbove => {
            super::hierarchy::compare(compiler, left, operator, &one(left, operator, values)?)
        }
        Op::InFiscalPeriod => super::period::in_fiscal_period(compiler, left, values),
        _ => {
            let found = window_of(compiler, left, operator, values)?;
            within(compiler, left, operator, found)
        }
    }
}

impl Compared {
    /// Two columns of the same row; where either is empty nothing holds.
    pub(super) fn columns(
        compiler: &Compiler<'_>,
        left: &Resolved<'_>,
        operator: Operator,
        right: &Resolved<'_>,
    ) -> Result<Expr, StoreError> {
        let (a, b) = (family(left.column), family(right.column));
        let alike = a == b || matches!((a, b), (Family::Number(_), Family::Number(_)));
        if !alike {
            return Err(bad(
                left,
                operator,
                &format!("cannot be compared with {}, which is of another type", right.column.name),
            ));
        }
        let (mut x, mut y) = (compiler.comparable(left), compiler.comparable(right));
        if let (Family::Number(m), Family::Number(n), Dialect::Sqlite) = (a, b, compiler.dialect) {
            // Brought to the same scale.
            let most = Ord::max(m, n);
            let up = |expression: Expr, places: u32| {
                if places == most { expression } else { expression.mul(10_i64.pow(most - places)) }
            };
            (x, y) = (up(x, m), up(y, n));
        }
        match operator {
            Operator::Eq => Ok(x.eq(y)),
            Operator::Gt => Ok(x.gt(y)),
            Operator::Ge => Ok(x.gte(y)),
            Operator::Lt => Ok(x.lt(y)),
            Operator::Le => Ok(x.lte(y)),
            _ => Err(bad(left, operator, "cannot be used between two columns; use eq, ne, gt, ge, lt or le")),
        }
    }
}

/// The stretch of time an operator with its values means.
pub(crate) fn window_of(
    compiler: &Compiler<'_>,
    left: &Resolved<'_>,
    operator: Operator,
    values: &[Value],
) -> Result<Window, StoreError> {
    window_for(left.table, left.column, operator, values, compiler.zone)
}

/// As [`window_of`], for a column without a statement.
pub(crate) fn window_for(
    table: &model::Table,
    column: &model::Column,
    operator: Operator,
    values: &[Value],
    zone: &crate::Zone,
) -> Result<Window, StoreError> {
    use Operator as Op;
    let wrong =
        |message: &str| StoreError::BadQuery(format!("{}.{}: {}: {message}", table.name, column.name, name(operator)));
    if !matches!(family(column), Family::Date | Family::DateTime) {
        return Err(wrong("works on dates only"));
    }
    let found = match operator {
        Op::On | Op::OnOrBefore | Op::OnOrAfter => {
            let [value] = values else { return Err(wrong("takes one date")) };
            let day = day_meant(table, column, value, zone)?;
            whole_day(day).map(|whole| match operator {
                Op::OnOrBefore => Window { from: None, ..whole },
                Op::OnOrAfter => Window { to: None, ..whole },
                _ => whole,
            })
        }
        _ if takes_number(operator) => {
            let number = match values {
                [Value::Whole(number)] => Some(*number),
                [Value::Text(text)] => text.trim().parse().ok(),
                _ => None,
            };
            let number =
                number.filter(|number| *number > 0).ok_or_else(|| wrong("takes one whole number above zero"))?;
            window(operator, number, zone)
        }
        _ => window(operator, 1, zone),
    };
    found.ok_or_else(|| wrong("reaches beyond the calendar"))
}

/// The day a value of `on` means, on date and date-time columns alike.
fn day_meant(
    table: &model::Table,
    column: &model::Column,
    value: &Value,
    zone: &crate::Zone,
) -> Result<Date, StoreError> {
    match value {
        Value::Date(day) => Ok(*day),
        other => match literal(table, column, other, zone)? {
            Value::Date(day) => Ok(day),
            Value::DateTime(moment) => Ok(moment.to_zoned_datetime(zone.time_zone.clone()).date()),
            _ => Err(StoreError::BadQuery(format!("{}.{}: give a date such as 2026-12-31", table.name, column.name))),
        },
    }
}

fn within(
    compiler: &Compiler<'_>,
    left: &Resolved<'_>,
    operator: Operator,
    window: Window,
) -> Result<Expr, StoreError> {
    let beyond = || bad(left, operator, "reaches beyond the calendar");
    let (from, to) = if family(left.column) == Family::Date {
        let (from, to) = window.dates(compiler.zone).ok_or_else(beyond)?;
        let bound = |day: Option<Date>| day.map(|day| value(SqlValue::Date(day)));
        (bound(from), bound(to))
    } else {
        let (from, to) = window.moments(compiler.zone).ok_or_else(beyond)?;
        let bound = |moment: Option<Timestamp>| moment.map(|moment| value(SqlValue::Timestamp(moment)));
        (bound(from), bound(to))
    };
    let from = from.map(|edge| left.value.clone().gte(edge));
    let to = to.map(|edge| left.value.clone().lt(edge));
    Ok(match (from, to) {
        (Some(from), Some(to)) => from.and(to),
        (Some(only), None) | (None, Some(only)) => only,
        (None, None) => left.value.clone().is_not_null(),
    })
}

/// A parameter.
pub(crate) fn value(value: SqlValue) -> Expr {
    Expr::val(sea_query::Value::from(value))
}

/// The name FetchXML has for an operator.
pub(crate) fn name(operator: Operator) -> String {
    serde_json::to_value(operator).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

/// A complaint about a column and an operator.
pub(super) fn bad(left: &Resolved<'_>, operator: Operator, message: &str) -> StoreError {
    StoreError::BadQuery(format!("{}.{}: {}: {message}", left.table.name, left.column.name, name(operator)))
}

fn one(left: &Resolved<'_>, operator: Operator, values: &[Value]) -> Result<Value, StoreError> {
    match values {
        [value] => Ok(value.clone()),
        _ => Err(bad(left, operator, "takes one value")),
    }
}

fn equal(compiler: &Compiler<'_>, left: &Resolved<'_>, with: &Value) -> Result<Expr, StoreError> {
    let with = literal(left.table, left.column, with, compiler.zone)?;
    if with.is_null() {
        return Ok(left.value.clone().is_null());
    }
    let column = compiler.comparable(left);
    Ok(match (family(left.column), &with) {
        (Family::Number(places), Value::Decimal(number)) => match Scaled::of(*number, places) {
            Scaled::Exact(number) => column.eq(number_value(compiler, number, places)),
            _ => Expr::cust("FALSE"),
        },
        (Family::Key, Value::Reference(reference)) => {
            let same = column.eq(value(SqlValue::Uuid(reference.id)));
            match &left.target {
                Some(target) => same.and(target.clone().eq(reference.table.as_str())),
                None => same,
            }
        }
        _ => of_few_values(compiler, left, column.eq(parameter(compiler, left, &with)?)),
    })
}

/// Tells SQLite that a comparison with one of few values keeps many rows: it takes the first column of
/// any index for about equally telling, and would otherwise go by a state and the time where it could
/// go by the owner.
fn of_few_values(compiler: &Compiler<'_>, left: &Resolved<'_>, same: Expr) -> Expr {
    let few = matches!(family(left.column), Family::Boolean | Family::Choice);
    if few && compiler.dialect == Dialect::Sqlite { Expr::cust_with_exprs("likelihood(?, 0.5)", [same]) } else { same }
}

fn member(compiler: &Compiler<'_>, left: &Resolved<'_>, values: &[Value]) -> Result<Expr, StoreError> {
    if values.len() > LONGEST_LIST {
        return Err(bad(left, Operator::In, &format!("takes at most {LONGEST_LIST} values")));
    }
    let mut simple = Vec::with_capacity(values.len());
    let mut others: Vec<Expr> = Vec::new();
    for with in values {
        let understood = literal(left.table, left.column, with, compiler.zone)?;
        match (family(left.column), &understood) {
            (_, Value::Null) => others.push(left.value.clone().is_null()),
            (Family::Number(places), Value::Decimal(number)) => {
                if let Scaled::Exact(number) = Scaled::of(*number, places) {
                    simple.push(number_value(compiler, number, places));
                }
            }
            (Family::Key, Value::Reference(_)) if left.target.is_some() => {
                others.push(equal(compiler, left, &understood)?);
            }
            _ => simple.push(parameter(compiler, left, &understood)?),
        }
    }
    let is_padded = compiler.dialect == Dialect::Sqlite && PADDED.contains(&simple.len());
    if let Some(last) = simple.last().filter(|_| is_padded).cloned() {
        simple.resize(simple.len().next_power_of_two(), last);
    }
    if !simple.is_empty() {
        others.push(compiler.comparable(left).is_in(simple));
    }
    Ok(others.into_iter().reduce(ExprTrait::or).unwrap_or_else(|| Expr::cust("FALSE")))
}

fn ordered(compiler: &Compiler<'_>, left: &Resolved<'_>, operator: Operator, with: &Value) -> Result<Expr, StoreError> {
    let kind = family(left.column);
    if matches!(kind, Family::MultiChoice | Family::Key) {
        return Err(bad(left, operator, "works on text, numbers, choices and dates only"));
    }
    let with = literal(left.table, left.column, with, compiler.zone)?;
    if with.is_null() {
        return Err(bad(left, operator, "needs a value to compare with"));
    }
    let column = compiler.comparable(left);
    if let (Family::Number(places), Value::Decimal(number)) = (kind, &with) {
        return Ok(ordered_number(compiler, left, column, operator, *number, places));
    }
    let with = parameter(compiler, left, &with)?;
    Ok(match operator {
        Operator::Gt => column.gt(with),
        Operator::Ge => column.gte(with),
        Operator::Lt => column.lt(with),
        _ => column.lte(with),
    })
}

/// A number finer than the column, or beyond what it can hold, lies between two stored numbers.
fn ordered_number(
    compiler: &Compiler<'_>,
    left: &Resolved<'_>,
    column: Expr,
    operator: Operator,
    number: Decimal,
    places: u32,
) -> Expr {
    let upward = matches!(operator, Operator::Gt | Operator::Ge);
    match Scaled::of(number, places) {
        Scaled::Exact(number) => {
            let number = number_value(compiler, number, places);
            match operator {
                Operator::Gt => column.gt(number),
                Operator::Ge => column.gte(number),
                Operator::Lt => column.lt(number),
                _ => column.lte(number),
            }
        }
        Scaled::Above(floor) => {
            let floor = number_value(compiler, floor, places);
            if upward { column.gt(floor) } else { column.lte(floor) }
        }
        Scaled::TooLarge if upward => Expr::cust("FALSE"),
        Scaled::TooSmall if !upward => Expr::cust("FALSE"),
        Scaled::TooLarge | Scaled::TooSmall => left.value.clone().is_not_null(),
    }
}

/// A number seen from a column with so many places.
pub(crate) enum Scaled {
    /// The column can hold it.
    Exact(Decimal),
    /// It lies just above this one, which the column can hold.
    Above(Decimal),
    TooLarge,
    TooSmall,
}

impl Scaled {
    pub(crate) fn of(number: Decimal, places: u32) -> Self {
        let floor = number.round_dp_with_strategy(places, rust_decimal::RoundingStrategy::ToNegativeInfinity);
        match crate::dialect::scaled(floor, places) {
            None if number.is_sign_negative() => Self::TooSmall,
            None => Self::TooLarge,
            Some(_) if floor == number => Self::Exact(floor),
            Some(_) => Self::Above(floor),
        }
    }
}

fn number_value(compiler: &Compiler<'_>, number: Decimal, places: u32) -> Expr {
    match (compiler.dialect, places) {
        (Dialect::Postgres, 1..) => value(SqlValue::Decimal(number)),
        _ => value(SqlValue::Int(crate::dialect::scaled(number, places).unwrap_or_default())),
    }
}

/// An understood value as a parameter that meets the comparable form of the column.
fn parameter(compiler: &Compiler<'_>, left: &Resolved<'_>, with: &Value) -> Result<Expr, StoreError> {
    if let (Value::Text(text), Dialect::Postgres) = (with, compiler.dialect) {
        return Ok(value(SqlValue::Text(lower(text))));
    }
    let encoded = encode(compiler.dialect, left.column, with)?;
    Ok(value(encoded.into_iter().next().unwrap_or(SqlValue::Null)))
}

fn text(
    compiler: &Compiler<'_>,
    left: &Resolved<'_>,
    operator: Operator,
    values: &[Value],
) -> Result<Expr, StoreError> {
    if family(left.column) != Family::Text {
        return Err(bad(left, operator, "works on text only"));
    }
    let with = literal(left.table, left.column, &one(left, operator, values)?, compiler.zone)?;
    let Value::Text(with) = with else { return Err(bad(left, operator, "needs a text to compare with")) };
    let with = lower(&with);
    if operator == Operator::BeginsWith {
        // A range, so that an index on the column serves it.
        let column = compiler.comparable(left);
        let end = format!("{with}\u{10ffff}");
        return Ok(column.clone().gte(with).and(column.lt(end)));
    }
    let pattern = match operator {
        Operator::Like => with.replace('\\', "\\\\"),
        Operator::EndsWith => format!("%{}", escaped(&with)),
        _ => format!("%{}%", escaped(&with)),
    };
    Ok(lowered(compiler, left).like(LikeExpr::new(pattern).escape('\\')))
}

/// The column's text in lower case, for LIKE.
fn lowered(compiler: &Compiler<'_>, left: &Resolved<'_>) -> Expr {
    match compiler.dialect {
        Dialect::Postgres => compiler.comparable(left),
        Dialect::Sqlite => Func::cust("pw_lower").arg(left.value.clone()).into(),
    }
}

/// A text whose wildcards are ordinary characters.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

fn contain_values(compiler: &Compiler<'_>, left: &Resolved<'_>, values: &[Value]) -> Result<Expr, StoreError> {
    if family(left.column) != Family::MultiChoice {
        return Err(bad(left, Operator::ContainValues, "works on multi-choice columns only"));
    }
    let mut wanted = Vec::new();
    for with in values {
        if let Value::Choices(numbers) = literal(left.table, left.column, with, compiler.zone)? {
            wanted.extend(numbers);
        }
    }
    if wanted.is_empty() {
        return Err(bad(left, Operator::ContainValues, "takes at least one value"));
    }
    let conditions = wanted.into_iter().map(|number| left.value.clone().like(format!("%,{number},%")));
    Ok(conditions.reduce(ExprTrait::or).unwrap_or_else(|| Expr::cust("FALSE")))
}

fn keys(
    left: &Resolved<'_>,
    operator: Operator,
    keys: impl IntoIterator<Item = uuid::Uuid>,
) -> Result<Expr, StoreError> {
    if family(left.column) != Family::Key {
        return Err(bad(left, operator, "works on lookups and primary keys only"));
    }
    let mut keys: Vec<Expr> = keys.into_iter().map(|key| value(SqlValue::Uuid(key))).collect();
    Ok(match keys.len() {
        0 => Expr::cust("FALSE"),
        1 => left.value.clone().eq(keys.remove(0)),
        _ => left.value.clone().is_in(keys),
    })
}
