//! One condition of a list: in its address and in words.

use language::tr;
use model::{
    Column, ColumnType, Condition as ModelCondition, Filter, Model, Operands, Operator, Path, Reference, Table, Value,
};
use rust_decimal::Decimal;

use super::offered;
use crate::{
    posted::Typed,
    session::Me,
    view::{
        cells::Cells,
        input::{self, Notation},
        operators::{label, operators},
    },
};

/// A condition as an address holds it: `column:operator:value|value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Condition {
    pub column: String,
    pub operator: Operator,
    pub values: Vec<String>,
}

impl Condition {
    /// Reads it from an address; nothing where it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, ':');
        let column = parts.next().filter(|column| !column.is_empty())?.to_owned();
        let operator = operator_named(parts.next()?)?;
        let values = parts.next().map(split).unwrap_or_default();
        Some(Self { column, operator, values })
    }

    /// As an address holds it.
    pub fn to_text(&self) -> String {
        let mut text = format!("{}:{}", self.column, operator_name(self.operator));
        for (position, value) in self.values.iter().enumerate() {
            text.push(if position == 0 { ':' } else { '|' });
            text.push_str(&value.replace('\\', "\\\\").replace('|', "\\|"));
        }
        text
    }

    /// The condition that a filter is, where it is a single one that a list can show.
    pub fn of_filter(me: &Me, filter: &Filter) -> Option<Self> {
        let Filter::Condition(condition) = filter else { return None };
        if condition.other.is_some() {
            return None;
        }
        let plain = Notation::plain(me.caller.time_zone.clone());
        let values = condition.values.iter().map(|value| plain.write_plain(value)).collect();
        Some(Self { column: condition.column.to_string(), operator: condition.operator, values })
    }

    /// From the editor's form, whose values are typed as the person writes them.
    pub fn typed(me: &Me, model: &Model, table: &Table, form: &Typed) -> Result<Self, String> {
        let operator = operator_named(form.text("filter_operator")).ok_or_else(|| tr!("choose a condition"))?;
        let second = form.get("filter_value_2").map(str::to_owned);
        let values: Vec<String> = form.all("filter_value").map(str::to_owned).chain(second).collect();
        Self::of_typed(me, model, table, form.text("filter_column"), operator, &values)
    }

    /// From values that are typed as the person writes them.
    pub fn of_typed(
        me: &Me,
        model: &Model,
        table: &Table,
        column: &str,
        operator: Operator,
        typed: &[String],
    ) -> Result<Self, String> {
        let path: Path = column.parse()?;
        let (_, definition) = model.resolve(&table.name, &path).map_err(|error| error.message)?;
        let notation = Notation::of(me);
        let plain = Notation::plain(me.caller.time_zone.clone());
        let one = |position: usize| -> Result<String, String> {
            let text = typed.get(position).map(String::as_str).unwrap_or_default();
            let value = read(definition, operator, text, &notation)?;
            if value.is_null() {
                Err(tr!("{}: enter a value to compare with", definition.label))
            } else {
                Ok(plain.write_plain(&value))
            }
        };
        let values = match operator.operands() {
            Operands::None => Vec::new(),
            Operands::Two => vec![one(0)?, one(1)?],
            Operands::Many if typed.is_empty() => {
                return Err(tr!("{}: choose at least one value", definition.label));
            }
            Operands::Many => typed.to_vec(),
            _ => vec![one(0)?],
        };
        Ok(Self { column: column.to_owned(), operator, values })
    }

    /// Its values as the person writes them in fields.
    pub fn shown(&self, me: &Me, column: &Column) -> Vec<String> {
        let (plain, own) = (Notation::plain(me.caller.time_zone.clone()), Notation::of(me));
        let one = |text: &String| match read(column, self.operator, text, &plain) {
            Ok(value) => match self.operator.operands() {
                Operands::One | Operands::Two => own.write(me, column, &value, None),
                _ => plain.write_plain(&value),
            },
            Err(_) => text.clone(),
        };
        self.values.iter().map(one).collect()
    }

    /// Whether the editor offers this condition for its column.
    pub fn is_offered(&self, model: &Model, table: &Table) -> bool {
        let path = self.column.parse::<Path>().ok();
        let column = path.and_then(|path| model.resolve(&table.name, &path).ok());
        column.is_some_and(|(_, column)| operators(column).contains(&self.operator))
    }

    /// As a filter of the model.
    pub fn filter(&self, me: &Me, model: &Model, table: &Table) -> Result<Filter, String> {
        let path: Path = self.column.parse()?;
        let (_, column) = model.resolve(&table.name, &path).map_err(|error| error.message)?;
        let values = self.read_values(me, column)?;
        Ok(Filter::Condition(ModelCondition { column: path, operator: self.operator, values, other: None }))
    }

    fn read_values(&self, me: &Me, column: &Column) -> Result<Vec<Value>, String> {
        let plain = Notation::plain(me.caller.time_zone.clone());
        self.values.iter().map(|value| read(column, self.operator, value, &plain)).collect()
    }

    /// The rows that its values point at, whose names the chip shows.
    pub fn references(&self) -> impl Iterator<Item = Reference> {
        self.values.iter().filter_map(|value| {
            let (table, id) = value.split_once(':')?;
            Some(Reference::new(table, id.parse().ok()?))
        })
    }

    /// The column and what is asked of it, in words; the column's name alone where it is unknown.
    pub fn words(&self, cells: &Cells<'_>, table: &Table) -> (String, String) {
        let unknown = (self.column.clone(), String::new());
        let Ok(path) = self.column.parse::<Path>() else { return unknown };
        let Ok((owner, column)) = cells.model.resolve(&table.name, &path) else { return unknown };
        let values = self.read_values(cells.me, column).unwrap_or_default();
        let words: Vec<String> = values
            .iter()
            .map(|value| match (self.operator.operands(), value) {
                (Operands::Number, Value::Whole(number)) => number.to_string(),
                (Operands::Day, Value::Date(day)) => cells.me.style.date(*day),
                (Operands::Text, Value::Text(text)) => tr!("“{}”", text),
                _ => cells.text(owner, column, value, None),
            })
            .collect();
        let phrase = label(self.operator, column);
        let condition = match self.operator.operands() {
            Operands::None => phrase,
            Operands::Number => phrase.replace('X', words.first().map_or("0", String::as_str)),
            Operands::Two => format!("{phrase} {}", words.join(&tr!("between conditions" => " and "))),
            _ => format!("{phrase} {}", words.join(", ")),
        };
        (offered::label_of(cells.model, table, &path, column), condition)
    }
}

/// The value an operator compares with.
pub(super) fn read(column: &Column, operator: Operator, text: &str, notation: &Notation) -> Result<Value, String> {
    let named = |message: String| format!("{}: {message}", column.label);
    match operator.operands() {
        Operands::Text => Ok(if text.trim().is_empty() { Value::Null } else { Value::Text(text.trim().to_owned()) }),
        Operands::Day | Operands::Number if text.is_empty() => Ok(Value::Null),
        Operands::Day => input::day(text).map(Value::Date).map_err(named),
        Operands::Number => {
            let number = notation.number(text).map_err(named)?;
            let whole =
                i64::try_from(number.trunc().mantissa()).ok().filter(|whole| *whole > 0 && number.fract().is_zero());
            let whole = whole.filter(|_| number <= Decimal::from(100_000));
            whole.map(Value::Whole).ok_or_else(|| tr!("{}: enter a whole number from 1 to 100,000", column.label))
        }
        _ => {
            let value = notation.read(column, text).map_err(named)?;
            match value {
                // Whole numbers are typed as decimals and compared as what they are.
                Value::Decimal(number) if matches!(column.value_type(), ColumnType::Whole { .. }) => column
                    .check(&Value::Decimal(number))
                    .map_err(|error| format!("{}: {}", column.label, error.message)),
                Value::Choices(numbers) if numbers.len() == 1 => Ok(Value::Whole(numbers[0].into())),
                value => Ok(value),
            }
        }
    }
}

pub(super) fn operator_named(name: &str) -> Option<Operator> {
    serde_json::from_value(serde_json::Value::from(name)).ok()
}

pub(super) fn operator_name(operator: Operator) -> String {
    serde_json::to_value(operator).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

/// Splits at bars that are not escaped.
fn split(text: &str) -> Vec<String> {
    let mut values = vec![String::new()];
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        let last = values.len() - 1;
        match letter {
            '\\' => values[last].extend(letters.next()),
            '|' => values.push(String::new()),
            _ => values[last].push(letter),
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_survives_the_way_through_an_address() {
        for values in [vec![], vec!["a|b".to_owned(), "c\\d".to_owned()], vec!["account:1".to_owned()]] {
            let condition = Condition { column: "name".to_owned(), operator: Operator::In, values };
            assert_eq!(Condition::parse(&condition.to_text()), Some(condition));
        }
    }
}
