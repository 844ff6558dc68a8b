//! One condition of a list: in its address, in words, and as the editor offers it.

use crm::reading::Names;
use model::{
    Column, ColumnType, Condition as ModelCondition, Filter, Model, Operands, Operator, Path, Reference, Table, Value,
};
use rust_decimal::Decimal;

use super::{cells::Cells, fields, input::Notation, list::List};
use crate::{
    components::{Control, Field, FilterChip, FilterEditor, fields::ChoiceOption},
    posted::Typed,
    session::Me,
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

    /// From the editor's form, whose values are typed as the person writes them.
    pub fn typed(me: &Me, model: &Model, table: &Table, form: &Typed) -> Result<Self, String> {
        let (column, operator) = (form.text("filter_column"), form.text("filter_operator"));
        let path: Path = column.parse()?;
        let (_, definition) = model.resolve(&table.name, &path).map_err(|error| error.message)?;
        let operator = operator_named(operator).ok_or_else(|| "choose a condition".to_owned())?;
        let notation = Notation::of(me);
        let plain = Notation::plain(me.caller.time_zone.clone());
        let one = |name: &str| -> Result<String, String> {
            let value = read(definition, operator, form.text(name), &notation)?;
            if value.is_null() {
                Err(format!("{}: enter a value to compare with", definition.label))
            } else {
                Ok(plain.write_plain(&value))
            }
        };
        let values = match operator.operands() {
            Operands::None => Vec::new(),
            Operands::Two => vec![one("filter_value")?, one("filter_value_2")?],
            Operands::Many => {
                let values: Vec<String> = form.all("filter_value").map(str::to_owned).collect();
                if values.is_empty() {
                    return Err(format!("{}: choose at least one value", definition.label));
                }
                values
            }
            _ => vec![one("filter_value")?],
        };
        Ok(Self { column: column.to_owned(), operator, values })
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

    fn chip(&self, cells: &Cells<'_>, table: &Table, remove: String) -> FilterChip {
        let Ok(path) = self.column.parse::<Path>() else {
            return FilterChip { column: self.column.clone(), remove, ..FilterChip::default() };
        };
        let Ok((owner, column)) = cells.model.resolve(&table.name, &path) else {
            return FilterChip { column: self.column.clone(), remove, ..FilterChip::default() };
        };
        let values = self.read_values(cells.me, column).unwrap_or_default();
        let words: Vec<String> = values
            .iter()
            .map(|value| match (self.operator.operands(), value) {
                (Operands::Number, Value::Whole(number)) => number.to_string(),
                (Operands::Day, Value::Date(day)) => cells.me.style.date(*day),
                (Operands::Text, Value::Text(text)) => format!("“{text}”"),
                _ => cells.text(owner, column, value, None),
            })
            .collect();
        let phrase = label(self.operator, column);
        let condition = match self.operator.operands() {
            Operands::None => phrase.to_owned(),
            Operands::Number => phrase.replace('X', words.first().map_or("0", String::as_str)),
            Operands::Two => format!("{phrase} {}", words.join(" and ")),
            _ => format!("{phrase} {}", words.join(", ")),
        };
        FilterChip { column: column.label.clone(), condition, remove, edit: None }
    }
}

/// The chips of the filters that are on.
pub(crate) fn chips(me: &Me, model: &Model, names: &Names, table: &Table, list: &List, path: &str) -> Vec<FilterChip> {
    let cells = Cells { me, model, names };
    let start = list.beginning();
    let without = |position: usize| {
        let mut rest = start.clone();
        rest.filters.remove(position);
        rest.href(path)
    };
    list.filters
        .iter()
        .enumerate()
        .map(|(position, condition)| condition.chip(&cells, table, without(position)))
        .collect()
}

/// The editor that adds a filter, with what was chosen so far.
pub(crate) fn editor(me: &Me, model: &Model, table: &Table, list: &List, chosen: &Typed) -> FilterEditor {
    let columns: Vec<&Column> = filterable(table);
    let wanted = chosen.text("filter_column");
    let in_view = list
        .view(table)
        .and_then(|view| view.columns.iter().find(|column| column.column.is_own()).map(|c| c.column.column.clone()));
    let column = columns
        .iter()
        .find(|column| column.name == wanted)
        .or_else(|| columns.iter().find(|column| Some(&column.name) == in_view.as_ref()))
        .or_else(|| columns.first())
        .copied();
    let Some(column) = column else { return FilterEditor::default() };
    let offered = operators(column);
    let operator = operator_named(chosen.text("filter_operator"))
        .filter(|operator| offered.contains(operator))
        .unwrap_or(offered[0]);
    let path = format!("/{}", table.set_name);
    let parameters = list.beginning().parameters();
    FilterEditor {
        refresh: format!("{path}/filter"),
        action: path,
        hidden: parameters.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        columns: columns.iter().map(|c| (c.name.clone(), c.label.clone(), c.name == column.name)).collect(),
        operators: offered
            .iter()
            .map(|offer| (operator_name(*offer), label(*offer, column).replace('X', "…"), *offer == operator))
            .collect(),
        values: value_fields(me, model, table, column, operator),
    }
}

fn value_fields(me: &Me, model: &Model, table: &Table, column: &Column, operator: Operator) -> Vec<Field> {
    let text = |name: &str, label: &str| {
        Field::new(name, label, Control::Text { value: String::new(), max_length: Some(200), autocomplete: None })
    };
    let typed = |name: &str, label: &str| {
        let control = fields::empty_control(me, model, table, column);
        Field::new(name, label, control)
    };
    let fields = match operator.operands() {
        Operands::None => Vec::new(),
        Operands::Text => vec![text("filter_value", "Text")],
        Operands::Day => vec![Field::new("filter_value", "Day", Control::Date { value: String::new() })],
        Operands::Number => {
            let unit = label(operator, column).split("X ").nth(1).unwrap_or("Number").to_owned();
            vec![Field::new("filter_value", capital(&unit), Control::Whole { value: String::new() })]
        }
        Operands::Two => vec![typed("filter_value", "From"), typed("filter_value_2", "To")],
        Operands::Many => {
            let options = fields::options(table, column, None);
            vec![Field::new("filter_value", "Values", Control::MultiChoice { options })]
        }
        Operands::One => match column.value_type() {
            ColumnType::Boolean { yes, no } => {
                let options = [("true", yes), ("false", no)].map(|(value, label)| ChoiceOption {
                    value: value.to_owned(),
                    label: label.clone(),
                    chosen: value == "true",
                });
                vec![Field::new("filter_value", "Value", Control::Choice { options: options.to_vec() })]
            }
            _ => vec![typed("filter_value", "Value")],
        },
    };
    fields
        .into_iter()
        .map(|field| Field {
            scope: "filter".to_owned(),
            requirement: crate::components::Requirement::Required,
            ..field
        })
        .collect()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// Columns a list can be filtered by, by label.
fn filterable(table: &Table) -> Vec<&Column> {
    let mut columns: Vec<&Column> =
        table.columns.values().filter(|column| column.is_stored() && !operators(column).is_empty()).collect();
    columns.sort_by_key(|column| column.label.to_lowercase());
    columns
}

/// Conditions that suit a column, the likeliest first.
fn operators(column: &Column) -> Vec<Operator> {
    use Operator as O;
    let tail = [O::NotNull, O::Null];
    let head: &[Operator] = match column.value_type() {
        ColumnType::Text { .. } | ColumnType::Memo { .. } | ColumnType::RichText { .. } | ColumnType::AutoNumber(_) => {
            &[O::Contains, O::NotContains, O::BeginsWith, O::EndsWith, O::Eq, O::Ne]
        }
        ColumnType::Whole { .. } | ColumnType::Decimal { .. } | ColumnType::Money { .. } => {
            &[O::Ge, O::Le, O::Gt, O::Lt, O::Between, O::Eq, O::Ne]
        }
        ColumnType::Boolean { .. } => &[O::Eq],
        ColumnType::Choice { .. } | ColumnType::State | ColumnType::Status => &[O::In, O::NotIn],
        ColumnType::MultiChoice { .. } => &[O::ContainValues, O::NotContainValues],
        ColumnType::Date | ColumnType::DateTime => &[
            O::On,
            O::OnOrAfter,
            O::OnOrBefore,
            O::Today,
            O::Yesterday,
            O::Tomorrow,
            O::ThisWeek,
            O::LastWeek,
            O::NextWeek,
            O::ThisMonth,
            O::LastMonth,
            O::NextMonth,
            O::ThisFiscalPeriod,
            O::LastFiscalPeriod,
            O::NextFiscalPeriod,
            O::ThisYear,
            O::LastYear,
            O::ThisFiscalYear,
            O::LastXDays,
            O::NextXDays,
            O::LastXMonths,
            O::NextXMonths,
            O::OlderThanXDays,
            O::OlderThanXMonths,
        ],
        ColumnType::Lookup { targets } if targets.iter().any(|target| target == "systemuser") => {
            &[O::EqUserid, O::NeUserid, O::EqUseroruserteams, O::Eq, O::Ne]
        }
        ColumnType::Lookup { .. } => &[O::Eq, O::Ne],
        _ => return Vec::new(),
    };
    head.iter().copied().chain(tail).collect()
}

/// The condition in words; X stands for a number.
fn label(operator: Operator, column: &Column) -> &'static str {
    use Operator as O;
    match operator {
        O::Eq | O::In => "is",
        O::Ne | O::NotIn => "is not",
        O::Gt => "is more than",
        O::Ge => "is at least",
        O::Lt => "is less than",
        O::Le => "is at most",
        O::Between => "is between",
        O::Contains => "contains",
        O::NotContains => "does not contain",
        O::BeginsWith => "begins with",
        O::EndsWith => "ends with",
        O::Null => "is empty",
        O::NotNull => "is filled",
        O::ContainValues => "has any of",
        O::NotContainValues => "has none of",
        O::On => "is on",
        O::OnOrAfter => "is on or after",
        O::OnOrBefore => "is on or before",
        O::Today => "is today",
        O::Yesterday => "is yesterday",
        O::Tomorrow => "is tomorrow",
        O::ThisWeek => "is this week",
        O::LastWeek => "is last week",
        O::NextWeek => "is next week",
        O::ThisMonth => "is this month",
        O::LastMonth => "is last month",
        O::NextMonth => "is next month",
        O::ThisYear => "is this year",
        O::LastYear => "is last year",
        O::NextYear => "is next year",
        O::LastSevenDays => "is in the last 7 days",
        O::NextSevenDays => "is in the next 7 days",
        O::ThisFiscalPeriod => "is this quarter",
        O::LastFiscalPeriod => "is last quarter",
        O::NextFiscalPeriod => "is next quarter",
        O::ThisFiscalYear => "is this fiscal year",
        O::LastFiscalYear => "is last fiscal year",
        O::NextFiscalYear => "is next fiscal year",
        O::LastXDays => "is in the last X days",
        O::NextXDays => "is in the next X days",
        O::LastXMonths => "is in the last X months",
        O::NextXMonths => "is in the next X months",
        O::OlderThanXDays => "is older than X days",
        O::OlderThanXMonths => "is older than X months",
        O::EqUserid if column.name == "ownerid" => "is me",
        O::EqUserid => "is myself",
        O::NeUserid => "is not me",
        O::EqUserteams => "is one of my teams",
        O::EqUseroruserteams => "is me or one of my teams",
        O::EqBusinessid => "is my business unit",
        _ => "fits",
    }
}

/// The value an operator compares with.
fn read(column: &Column, operator: Operator, text: &str, notation: &Notation) -> Result<Value, String> {
    let named = |message: String| format!("{}: {message}", column.label);
    match operator.operands() {
        Operands::Text => Ok(if text.trim().is_empty() { Value::Null } else { Value::Text(text.trim().to_owned()) }),
        Operands::Day | Operands::Number if text.is_empty() => Ok(Value::Null),
        Operands::Day => super::input::day(text).map(Value::Date).map_err(named),
        Operands::Number => {
            let number = notation.number(text).map_err(named)?;
            let whole =
                i64::try_from(number.trunc().mantissa()).ok().filter(|whole| *whole > 0 && number.fract().is_zero());
            let whole = whole.filter(|_| number <= Decimal::from(100_000));
            whole.map(Value::Whole).ok_or_else(|| format!("{}: enter a whole number from 1 to 100,000", column.label))
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

fn operator_named(name: &str) -> Option<Operator> {
    serde_json::from_value(serde_json::Value::from(name)).ok()
}

fn operator_name(operator: Operator) -> String {
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
