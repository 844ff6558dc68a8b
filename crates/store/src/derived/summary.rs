//! Summaries: grouped totals, kept by adding what a write changes.

use model::{Column, Filter, Model, Summary, Table, Value};
use rust_decimal::Decimal;
use sea_query::{Expr, ExprTrait, Query as Sql};
use uuid::Uuid;

use super::objects::{COUNT_COLUMN, GROUP_COLUMN, columns, filled_column, sum_column, summary_table};
use crate::{
    Row, StoreError,
    compile::{Family, collated, column_of, family, matches, named, nobody, own_condition},
    dialect::{decode, encode, physical_columns, width},
    engine::{self, Connection, Dialect, SqlValue, quoted},
    rows::TablePlan,
};

/// One group of a summary with what is added to it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Share {
    /// Identifies the group.
    pub group: Uuid,
    /// Physical values of the grouped columns.
    pub keys: Vec<SqlValue>,
    pub count: i64,
    /// Sum and number of filled values, for each summed column.
    pub sums: Vec<(Decimal, i64)>,
}

/// Adds a write to all summaries of the table.
pub(super) fn after_write(
    connection: &mut dyn Connection,
    plan: &TablePlan,
    old: Option<&Row>,
    new: Option<&Row>,
) -> Result<(), StoreError> {
    let table = &plan.table;
    for (summary, statements) in table.summaries.iter().zip(&plan.derived.summaries) {
        if let (Some(old), Some(new)) = (old, new)
            && statements.columns.iter().all(|column| old.value(column) == new.value(column))
        {
            continue;
        }
        let dialect = connection.dialect();
        let mut shares = Vec::new();
        if let Some(old) = old {
            shares.extend(share(dialect, table, summary, old)?.map(Share::negated));
        }
        if let Some(new) = new {
            shares.extend(share(dialect, table, summary, new)?);
        }
        for share in Share::summed(shares) {
            match connection.put_off() {
                Some(later) => later.add_share(statements, share),
                None => statements.add(connection, &share)?,
            }
        }
    }
    Ok(())
}

/// Makes the summaries of a table anew.
pub(super) fn rebuild(connection: &mut dyn Connection, model: &Model, table: &Table) -> Result<(), StoreError> {
    // What still waits is in the rows already.
    connection.settle()?;
    for summary in &table.summaries {
        connection.execute(&format!("DELETE FROM {}", quoted(&summary_table(table, summary))), &[])?;
        let statements = SummaryPlan::new(connection.dialect(), table, summary);
        for share in computed(connection, model, table, summary)? {
            statements.add(connection, &share)?;
        }
    }
    Ok(())
}

impl Share {
    /// Shares of one group added up, without those that change nothing, in the order in which
    /// every transaction locks groups.
    pub(crate) fn summed(mut shares: Vec<Self>) -> Vec<Self> {
        shares.sort_by_key(|share| share.group);
        let mut summed: Vec<Self> = Vec::new();
        for share in shares {
            match summed.last_mut().filter(|last| last.group == share.group) {
                Some(last) => last.merge(&share),
                None => summed.push(share),
            }
        }
        summed.retain(|share| !share.is_nothing());
        summed
    }

    fn negated(mut self) -> Self {
        self.count = -self.count;
        for (sum, filled) in &mut self.sums {
            *sum = -*sum;
            *filled = -*filled;
        }
        self
    }

    fn is_nothing(&self) -> bool {
        self.count == 0 && self.sums.iter().all(|(sum, filled)| sum.is_zero() && *filled == 0)
    }

    fn merge(&mut self, other: &Self) {
        self.count += other.count;
        for (mine, theirs) in self.sums.iter_mut().zip(&other.sums) {
            mine.0 += theirs.0;
            mine.1 += theirs.1;
        }
    }
}

/// What one row adds; none where it is not counted in.
fn share(dialect: Dialect, table: &Table, summary: &Summary, row: &Row) -> Result<Option<Share>, StoreError> {
    if !matches(table, &summary.filter, row, &nobody())? {
        return Ok(None);
    }
    let mut keys = Vec::new();
    for column in columns(table, &summary.group_by) {
        keys.extend(encode(dialect, column, row.value(&column.name))?);
    }
    let sums = columns(table, &summary.sums)
        .map(|column| row.value(&column.name).as_decimal().map_or((Decimal::ZERO, 0), |number| (number, 1)))
        .collect();
    Ok(Some(Share { group: group_of(&keys), keys, count: 1, sums }))
}

/// The identifier of a group: the same for the same values, nulls included.
fn group_of(keys: &[SqlValue]) -> Uuid {
    use std::fmt::Write as _;
    let mut text = String::new();
    for key in keys {
        // Writing to a text cannot fail.
        let _ = match key {
            SqlValue::Null => write!(text, "n;"),
            SqlValue::Bool(yes) => write!(text, "i{};", i64::from(*yes)),
            SqlValue::Int(number) => write!(text, "i{number};"),
            SqlValue::Real(number) => write!(text, "r{number};"),
            SqlValue::Text(value) => write!(text, "t{}:{value};", value.len()),
            SqlValue::Bytes(bytes) => write!(text, "b{bytes:02x?};"),
            SqlValue::Uuid(id) => write!(text, "u{id};"),
            SqlValue::Decimal(number) => write!(text, "d{};", number.normalize()),
            SqlValue::Date(day) => write!(text, "t10:{day};"),
            SqlValue::Timestamp(moment) => write!(text, "i{};", moment.as_millisecond()),
        };
    }
    Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes())
}

/// Whether a row counts differently in a summary when this column of it changes.
pub(super) fn depends_on(summary: &Summary, column: &str) -> bool {
    let named = |names: &[String]| names.iter().any(|name| name == column);
    named(&summary.group_by) || named(&summary.sums) || mentions(&summary.filter, column)
}

/// Whether the filter may depend on a column of this name.
pub(super) fn mentions(filter: &Filter, column: &str) -> bool {
    match filter {
        Filter::All(parts) | Filter::Any(parts) => parts.iter().any(|part| mentions(part, column)),
        Filter::Not(inner) => mentions(inner, column),
        Filter::Related(_) | Filter::Search(_) => true,
        Filter::Condition(condition) => {
            condition.column.column == column || condition.other.as_ref().is_some_and(|other| other.column == column)
        }
    }
}

/// What keeps one summary current.
pub(crate) struct SummaryPlan {
    /// The columns it depends on.
    columns: Vec<String>,
    /// The summed ones.
    summed: Vec<Column>,
    /// Adds a share to its group.
    add: String,
    /// Removes a group that has become empty: kept, there would soon be more of them than of
    /// others.
    remove_emptied: String,
}

impl SummaryPlan {
    pub(super) fn new(dialect: Dialect, table: &Table, summary: &Summary) -> Self {
        let name = quoted(&summary_table(table, summary));
        let group = quoted(GROUP_COLUMN);
        let mut names = vec![group.clone()];
        for column in columns(table, &summary.group_by) {
            names.extend(physical_columns(dialect, column).iter().map(|physical| quoted(&physical.name)));
        }
        let kept = names.len();
        names.push(quoted(COUNT_COLUMN));
        for column in columns(table, &summary.sums) {
            names.extend([quoted(&sum_column(&column.name)), quoted(&filled_column(&column.name))]);
        }
        let parameters: Vec<String> = (1..=names.len()).map(|position| dialect.parameter(position)).collect();
        let additions: Vec<String> =
            names[kept..].iter().map(|column| format!("{column} = {name}.{column} + excluded.{column}")).collect();
        let mut add = format!(
            "INSERT INTO {name} ({}) VALUES ({}) ON CONFLICT ({group}) DO UPDATE SET {}",
            names.join(", "),
            parameters.join(", "),
            additions.join(", ")
        );
        if dialect == Dialect::Sqlite {
            add.push_str(&whole_totals(&names[kept..]));
        }
        let remove = format!("DELETE FROM {name} WHERE {group} = ?1 AND {COUNT_COLUMN} = 0");
        let columns = table.columns.values().map(|column| &column.name).filter(|name| depends_on(summary, name));
        let summed = self::columns(table, &summary.sums).cloned().collect();
        Self {
            columns: columns.cloned().collect(),
            summed,
            add,
            remove_emptied: dialect.numbered(&remove).into_owned(),
        }
    }

    pub(crate) fn add(&self, connection: &mut dyn Connection, share: &Share) -> Result<(), StoreError> {
        let dialect = connection.dialect();
        let mut values = vec![SqlValue::Uuid(share.group)];
        values.extend(share.keys.iter().cloned());
        values.push(share.count.into());
        for (column, (sum, filled)) in self.summed.iter().zip(&share.sums) {
            let added = encode(dialect, column, &Value::Decimal(*sum)).map_err(|_| StoreError::TotalTooLarge)?;
            values.extend(added);
            values.push((*filled).into());
        }
        let is_inexact = |row: &Vec<SqlValue>| matches!(row.as_slice(), [SqlValue::Int(0)]);
        if connection.query(&self.add, &values)?.iter().any(is_inexact) {
            return Err(StoreError::TotalTooLarge);
        }
        if share.count < 0 {
            connection.execute(&self.remove_emptied, &[share.group.into()])?;
        }
        Ok(())
    }
}

/// Tells whether all totals are whole numbers still: SQLite goes on with a fraction, which is not exact, where
/// one becomes larger than its integers.
fn whole_totals(totals: &[String]) -> String {
    let each: Vec<String> = totals.iter().map(|total| format!("typeof({total}) = 'integer'")).collect();
    format!(" RETURNING {}", each.join(" AND "))
}

/// The groups as the rows of the table make them.
pub(super) fn computed(
    connection: &mut dyn Connection,
    model: &Model,
    table: &Table,
    summary: &Summary,
) -> Result<Vec<Share>, StoreError> {
    let dialect = connection.dialect();
    let alias = "counted";
    let mut select = Sql::select();
    select.from_as(named(&table.name), named(alias));
    let mut position = 0;
    for column in columns(table, &summary.group_by) {
        for physical in physical_columns(dialect, column) {
            let value = column_of(alias, &physical.name);
            // Spellings are different groups here; a query folds them.
            let exact = if family(column) == Family::Text && dialect == Dialect::Sqlite {
                collated(value, "BINARY")
            } else {
                value
            };
            position += 1;
            select.expr(exact).add_group_by([Expr::cust(position.to_string())]);
        }
    }
    select.expr(Expr::cust("COUNT(*)"));
    for column in columns(table, &summary.sums) {
        let value = column_of(alias, &column.name);
        select.expr(value.clone().sum()).expr(value.count());
    }
    if !summary.filter.is_everything() {
        select.and_where(own_condition(model, dialect, table, alias, &summary.filter)?);
    }
    let rows = engine::run(connection, &select)?;
    let width: usize = columns(table, &summary.group_by).map(width).sum();
    let mut shares = Vec::with_capacity(rows.len());
    for row in rows {
        let mut keys = row;
        let rest = keys.split_off(width.min(keys.len()));
        let mut rest = rest.into_iter();
        let count = rest.next().and_then(|count| count.as_int()).unwrap_or_default();
        if count == 0 {
            // Without groups, one row comes back over an empty table.
            continue;
        }
        let mut sums = Vec::new();
        for column in columns(table, &summary.sums) {
            sums.push(sum_and_filled(column, rest.next(), rest.next())?);
        }
        let keys = as_written(dialect, table, summary, keys)?;
        shares.push(Share { group: group_of(&keys), keys, count, sums });
    }
    shares.sort_by_key(|share| share.group);
    Ok(shares)
}

/// The groups as the summary holds them, without emptied ones.
pub(super) fn kept(
    connection: &mut dyn Connection,
    table: &Table,
    summary: &Summary,
) -> Result<Vec<Share>, StoreError> {
    let dialect = connection.dialect();
    let mut names = Vec::new();
    for column in columns(table, &summary.group_by) {
        names.extend(physical_columns(dialect, column).iter().map(|physical| quoted(&physical.name)));
    }
    let width = names.len();
    names.push(quoted(COUNT_COLUMN));
    for column in columns(table, &summary.sums) {
        names.extend([quoted(&sum_column(&column.name)), quoted(&filled_column(&column.name))]);
    }
    let sql = format!("SELECT {} FROM {}", names.join(", "), quoted(&summary_table(table, summary)));
    let mut shares = Vec::new();
    for mut keys in connection.query(&sql, &[])? {
        let mut rest = keys.split_off(width).into_iter();
        let count = rest.next().and_then(|count| count.as_int()).unwrap_or_default();
        let mut sums = Vec::new();
        for column in columns(table, &summary.sums) {
            sums.push(sum_and_filled(column, rest.next(), rest.next())?);
        }
        let keys = as_written(dialect, table, summary, keys)?;
        let share = Share { group: group_of(&keys), keys, count, sums };
        if !share.is_nothing() {
            shares.push(share);
        }
    }
    shares.sort_by_key(|share| share.group);
    Ok(shares)
}

/// Values read from the database in the form in which a write binds them.
fn as_written(
    dialect: Dialect,
    table: &Table,
    summary: &Summary,
    keys: Vec<SqlValue>,
) -> Result<Vec<SqlValue>, StoreError> {
    let mut keys = keys.into_iter();
    let mut written = Vec::new();
    for column in columns(table, &summary.group_by) {
        let stored = keys.next().unwrap_or(SqlValue::Null);
        let target = if width(column) == 2 { keys.next() } else { None };
        written.extend(encode(dialect, column, &decode(column, stored, target)?)?);
    }
    Ok(written)
}

fn sum_and_filled(
    column: &Column,
    sum: Option<SqlValue>,
    filled: Option<SqlValue>,
) -> Result<(Decimal, i64), StoreError> {
    let sum = decode(column, sum.unwrap_or(SqlValue::Null), None)?.as_decimal().unwrap_or_default();
    Ok((sum, filled.and_then(|filled| filled.as_int()).unwrap_or_default()))
}
