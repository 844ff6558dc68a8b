//! One condition of a list: in its address, in words, and as the editor offers it.

use crm::reading::Names;
use model::{
    Column, ColumnType, Condition as ModelCondition, Filter, Model, Operands, Operator, Path, Reference, Table, Value,
};
use rust_decimal::Decimal;

use super::{
    cells::Cells,
    fields,
    input::Notation,
    list::List,
    operators::{label, operators},
};
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

    fn chip(&self, cells: &Cells<'_>, table: &Table, remove: String, edit: String) -> FilterChip {
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
        let offered = path.is_own() && operators(column).contains(&self.operator);
        FilterChip { column: column.label.clone(), condition, remove, edit: offered.then_some(edit) }
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
    let edit = |position: usize| {
        let mut parameters = start.parameters();
        parameters.push(("edit", position.to_string()));
        super::list::address(&format!("{path}/filter"), &parameters)
    };
    list.filters
        .iter()
        .enumerate()
        .map(|(position, condition)| condition.chip(&cells, table, without(position), edit(position)))
        .collect()
}

/// The editor of a filter, with what was chosen so far: of a new one, or of the one at the position
/// `edit`.
pub(crate) fn editor(
    me: &Me,
    model: &Model,
    names: &Names,
    table: &Table,
    list: &List,
    chosen: &Typed,
) -> FilterEditor {
    let position = chosen.get("edit").and_then(|position| position.parse::<usize>().ok());
    let edited = position.and_then(|position| list.filters.get(position));
    let columns: Vec<&Column> = filterable(me, table);
    let wanted = chosen.get("filter_column").or(edited.map(|edited| edited.column.as_str())).unwrap_or_default();
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
    let same_column = edited.filter(|edited| edited.column == column.name);
    let operator = operator_named(chosen.text("filter_operator"))
        .or(same_column.map(|edited| edited.operator))
        .filter(|operator| offered.contains(operator))
        .unwrap_or(offered[0]);
    let values = shown_values(me, column, operator, chosen, same_column);
    let mut hidden = list.beginning().parameters();
    hidden.extend(position.map(|position| ("edit", position.to_string())));
    hidden.push(("filter_was", column.name.clone()));
    FilterEditor {
        refresh: format!("/{}/filter", table.set_name),
        action: list.path(table),
        hidden: hidden.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        columns: columns.iter().map(|c| (c.name.clone(), c.label.clone(), c.name == column.name)).collect(),
        operators: offered
            .iter()
            .map(|offer| (operator_name(*offer), label(*offer, column).replace('X', "…"), *offer == operator))
            .collect(),
        values: value_fields(me, model, names, table, column, operator, &values),
        submit: if position.is_some() { "Change filter" } else { "Apply filter" }.to_owned(),
    }
}

/// The values that the editor begins with: those typed for the same column, else those of the
/// filter that is changed, as the person writes them.
fn shown_values(
    me: &Me,
    column: &Column,
    operator: Operator,
    chosen: &Typed,
    edited: Option<&Condition>,
) -> Vec<String> {
    if chosen.text("filter_was") == column.name {
        let second = chosen.get("filter_value_2").map(str::to_owned);
        return chosen.all("filter_value").map(str::to_owned).chain(second).collect();
    }
    let (plain, own) = (Notation::plain(me.caller.time_zone.clone()), Notation::of(me));
    let one = |text: &String| match read(column, operator, text, &plain) {
        Ok(value) => match operator.operands() {
            Operands::One | Operands::Two => own.write(me, column, &value, None),
            _ => plain.write_plain(&value),
        },
        Err(_) => text.clone(),
    };
    edited.map(|edited| edited.values.iter().map(one).collect()).unwrap_or_default()
}

fn value_fields(
    me: &Me,
    model: &Model,
    names: &Names,
    table: &Table,
    column: &Column,
    operator: Operator,
    values: &[String],
) -> Vec<Field> {
    let value = |position: usize| values.get(position).cloned().unwrap_or_default();
    let typed = |name: &str, label: &str, shown: String| {
        let control = fields::control(me, model, names, table, column, shown);
        Field::new(name, label, control)
    };
    let fields = match operator.operands() {
        Operands::None => Vec::new(),
        Operands::Text => {
            let control = Control::Text { value: value(0), max_length: Some(200), autocomplete: None };
            vec![Field::new("filter_value", "Text", control)]
        }
        Operands::Day => vec![Field::new("filter_value", "Day", Control::Date { value: value(0) })],
        Operands::Number => {
            let unit = label(operator, column).split("X ").nth(1).unwrap_or("Number").to_owned();
            vec![Field::new("filter_value", capital(&unit), Control::Whole { value: value(0) })]
        }
        Operands::Two => vec![typed("filter_value", "From", value(0)), typed("filter_value_2", "To", value(1))],
        Operands::Many => {
            let mut options = fields::options(table, column, None);
            for option in &mut options {
                option.chosen = values.contains(&option.value);
            }
            vec![Field::new("filter_value", "Values", Control::MultiChoice { options })]
        }
        Operands::One => match column.value_type() {
            ColumnType::Boolean { yes, no } => {
                let wanted = if value(0) == "false" { "false" } else { "true" };
                let options = [("true", yes), ("false", no)].map(|(value, label)| ChoiceOption {
                    value: value.to_owned(),
                    label: label.clone(),
                    chosen: value == wanted,
                });
                vec![Field::new("filter_value", "Value", Control::Choice { options: options.to_vec() })]
            }
            _ => vec![typed("filter_value", "Value", value(0))],
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
fn filterable<'t>(me: &Me, table: &'t Table) -> Vec<&'t Column> {
    let may_be = |column: &&Column| column.is_stored() && !operators(column).is_empty() && me.caller.may_read(column);
    let mut columns: Vec<&Column> = table.columns.values().filter(may_be).collect();
    columns.sort_by_key(|column| column.label.to_lowercase());
    columns
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
