//! `$filter` over a table of the model.

use model::{Column, ColumnType, Condition, Filter, Model, Operator, Path, Related, Step, Table, Value};

use super::{
    function, literal, merge,
    names::{self, Navigation, known_table, navigation, path_to, steps_to},
};
use crate::{
    error::{Error, Result},
    odata::{Comparison, Expression, Lambda, Literal, Operand, Quantifier, TextMatch},
};

/// The filter that `expression` means for rows of `table`.
pub fn translate_filter(model: &Model, table: &Table, expression: &Expression) -> Result<Filter> {
    Place { model, table, variable: None }.filter(expression)
}

/// The rows a condition speaks of.
#[derive(Clone, Copy)]
pub(super) struct Place<'m> {
    pub model: &'m Model,
    pub table: &'m Table,
    /// In a lambda the name its rows go by.
    variable: Option<&'m str>,
}

impl<'m> Place<'m> {
    fn filter(&self, expression: &Expression) -> Result<Filter> {
        match expression {
            Expression::And(parts) => Ok(merge::exclusions(self.filters(parts)?)),
            Expression::Or(parts) => Ok(merge::alternatives(self.filters(parts)?)),
            Expression::Not(inner) => Ok(Filter::Not(Box::new(self.filter(inner)?))),
            Expression::Compare { left, comparison, right } => self.comparison(left, *comparison, right),
            Expression::Match { how, column, text } => self.text_match(*how, column, text),
            Expression::In { column, values } => self.one_of(column, values),
            Expression::Function { name, arguments } => function::translate(self, name, arguments),
            Expression::Lambda(lambda) => self.lambda(lambda),
            Expression::Alone(operand) => self.alone(operand),
        }
    }

    fn filters(&self, parts: &[Expression]) -> Result<Vec<Filter>> {
        parts.iter().map(|part| self.filter(part)).collect()
    }

    /// The column that a path leads to from the rows spoken of.
    pub fn column(&self, segments: &[String]) -> Result<(Path, &'m Column)> {
        path_to(self.model, self.table, self.own(segments)?)
    }

    /// The path without the name of the lambda's row (or `$it`) in front.
    fn own<'s>(&self, segments: &'s [String]) -> Result<&'s [String]> {
        let first = segments.first().map(String::as_str).unwrap_or_default();
        match self.variable {
            Some(variable) if first == variable && segments.len() > 1 => Ok(&segments[1..]),
            Some(variable) => Err(Error::BadRequest(format!(
                "$filter: '{}' does not begin with '{variable}/'; inside any() and all() only the collection's own rows can be compared",
                segments.join("/")
            ))),
            None if first == "$it" && segments.len() > 1 => Ok(&segments[1..]),
            None => Ok(segments),
        }
    }

    fn comparison(&self, left: &Operand, comparison: Comparison, right: &Operand) -> Result<Filter> {
        match (left, right) {
            (Operand::Path(path), Operand::Literal(literal)) => self.with_constant(path, comparison, literal),
            (Operand::Literal(literal), Operand::Path(path)) => {
                self.with_constant(path, comparison.mirrored(), literal)
            }
            (Operand::Path(left), Operand::Path(right)) => self.with_column(left, comparison, right),
            (Operand::Literal(left), Operand::Literal(right)) => constants(left, comparison, right),
        }
    }

    fn with_constant(&self, path: &[String], comparison: Comparison, constant: &Literal) -> Result<Filter> {
        let (path, column) = self.column(path)?;
        let value = literal::as_value(column, constant)?;
        match (value, comparison) {
            (Value::Null, Comparison::Eq) => Ok(Filter::unary(path, Operator::Null)),
            (Value::Null, Comparison::Ne) => Ok(Filter::unary(path, Operator::NotNull)),
            (Value::Null, _) => Err(Error::BadRequest(format!(
                "$filter: '{}' can be compared with null by eq and ne only",
                column.name
            ))),
            // `ne` keeps rows that hold nothing, as in Dataverse; the store means the same.
            (value, comparison) => {
                Self::refuse_order(column, comparison)?;
                Ok(Filter::compare(path, operator(comparison), value))
            }
        }
    }

    /// Only what has an order can be greater or less.
    fn refuse_order(column: &Column, comparison: Comparison) -> Result<()> {
        let unordered = matches!(
            column.value_type(),
            ColumnType::Boolean { .. }
                | ColumnType::MultiChoice { .. }
                | ColumnType::File { .. }
                | ColumnType::Image { .. }
        );
        if unordered && !matches!(comparison, Comparison::Eq | Comparison::Ne) {
            return Err(Error::BadRequest(format!("$filter: '{}' can be compared by eq and ne only", column.name)));
        }
        Ok(())
    }

    fn with_column(&self, left: &[String], comparison: Comparison, right: &[String]) -> Result<Filter> {
        let (left, left_column) = self.column(left)?;
        let (right, right_column) = self.column(right)?;
        if kind_of(left_column) != kind_of(right_column) {
            return Err(Error::BadRequest(format!(
                "$filter: '{}' and '{}' hold different types of data and cannot be compared",
                left_column.name, right_column.name
            )));
        }
        Self::refuse_order(left_column, comparison)?;
        Ok(Filter::Condition(Condition {
            column: left,
            operator: operator(comparison),
            values: Vec::new(),
            other: Some(right),
        }))
    }

    fn text_match(&self, how: TextMatch, column: &Operand, text: &Operand) -> Result<Filter> {
        let (Operand::Path(path), Operand::Literal(Literal::Text(text))) = (column, text) else {
            return Err(Error::BadRequest(format!("$filter: write {}(column,'text')", how.name())));
        };
        let (path, column) = self.column(path)?;
        if !column.is_text() {
            return Err(Error::BadRequest(format!(
                "$filter: {} needs a text column; '{}' is none",
                how.name(),
                column.name
            )));
        }
        if text.is_empty() {
            // Every text contains nothing.
            return Ok(Filter::unary(path, Operator::NotNull));
        }
        let operator = match how {
            TextMatch::Contains => Operator::Contains,
            TextMatch::StartsWith => Operator::BeginsWith,
            TextMatch::EndsWith => Operator::EndsWith,
        };
        Ok(Filter::compare(path, operator, text.as_str()))
    }

    fn one_of(&self, column: &Operand, values: &[Operand]) -> Result<Filter> {
        let Operand::Path(path) = column else {
            return Err(Error::BadRequest("$filter: 'in' needs a column on its left: statuscode in (1,2)".to_owned()));
        };
        let (path, column) = self.column(path)?;
        let mut found = Vec::new();
        for value in values {
            let Operand::Literal(constant) = value else {
                return Err(Error::BadRequest("$filter: the list of 'in' can hold constants only".to_owned()));
            };
            found.push(literal::as_value(column, constant)?);
        }
        let with_null = found.iter().any(Value::is_null);
        found.retain(|value| !value.is_null());
        let listed = Filter::is_in(path.clone(), found);
        Ok(if with_null { Filter::Any(vec![listed, Filter::unary(path, Operator::Null)]) } else { listed })
    }

    fn alone(&self, operand: &Operand) -> Result<Filter> {
        match operand {
            Operand::Literal(Literal::Boolean(true)) => Ok(Filter::everything()),
            Operand::Literal(Literal::Boolean(false)) => Ok(Filter::Any(Vec::new())),
            Operand::Literal(other) => {
                Err(Error::BadRequest(format!("$filter: {} alone is no condition", other.kind())))
            }
            Operand::Path(path) => {
                let (path, column) = self.column(path)?;
                if !matches!(column.value_type(), ColumnType::Boolean { .. }) {
                    return Err(Error::BadRequest(format!(
                        "$filter: '{0}' alone is no condition; compare it: {0} eq {1}",
                        column.name,
                        literal::fitting(column)
                    )));
                }
                Ok(Filter::eq(path, true))
            }
        }
    }

    fn lambda(&self, lambda: &Lambda) -> Result<Filter> {
        let (last, before) = self
            .own(&lambda.path)?
            .split_last()
            .ok_or_else(|| Error::BadRequest("$filter: the collection's name is missing".to_owned()))?;
        let (steps, holder) = steps_to(self.model, self.table, before)?;
        let at = (!steps.is_empty()).then(|| Path { steps, column: holder.primary_key.clone() });
        match navigation(self.model, holder, last) {
            Some(Navigation::Collection { table, through }) => {
                let inner = self.inner(&table, lambda)?;
                Ok(quantified(lambda.quantifier, inner, |filter| {
                    let (table, through) = (table.clone(), through.clone());
                    Filter::Related(Related { table, through, filter: Box::new(filter), at: at.clone() })
                }))
            }
            Some(Navigation::Pairs { intersect, here, there, table }) => {
                let inner = behind(
                    &Step { lookup: there, target: None },
                    known_table(self.model, &table)?,
                    self.inner(&table, lambda)?,
                );
                Ok(quantified(lambda.quantifier, inner, |filter| {
                    let (table, through) = (intersect.clone(), here.clone());
                    Filter::Related(Related { table, through, filter: Box::new(filter), at: at.clone() })
                }))
            }
            Some(Navigation::Single { .. }) => Err(Error::BadRequest(format!(
                "$filter: '{last}' is one row, not a collection; write {last}/name eq 'x'"
            ))),
            None => Err(names::unknown(holder, last)),
        }
    }

    fn inner(&self, table: &str, lambda: &Lambda) -> Result<Filter> {
        let table = known_table(self.model, table)?;
        match &lambda.condition {
            None => Ok(Filter::everything()),
            Some((variable, condition)) => {
                Place { model: self.model, table, variable: Some(variable) }.filter(condition)
            }
        }
    }
}

/// `any` is one row that satisfies; `all` is no row that does not.
fn quantified(quantifier: Quantifier, inner: Filter, related: impl Fn(Filter) -> Filter) -> Filter {
    match quantifier {
        Quantifier::Any => related(inner),
        Quantifier::All => Filter::Not(Box::new(related(Filter::Not(Box::new(inner))))),
    }
}

/// The filter of rows of `table`, seen from one lookup further away.
fn behind(step: &Step, table: &Table, filter: Filter) -> Filter {
    let each = |parts: Vec<Filter>| parts.into_iter().map(|part| behind(step, table, part)).collect();
    match filter {
        Filter::All(parts) => Filter::All(each(parts)),
        Filter::Any(parts) => Filter::Any(each(parts)),
        Filter::Not(inner) => Filter::Not(Box::new(behind(step, table, *inner))),
        Filter::Condition(mut condition) => {
            condition.column.steps.insert(0, step.clone());
            if let Some(other) = &mut condition.other {
                other.steps.insert(0, step.clone());
            }
            Filter::Condition(condition)
        }
        Filter::Related(mut related) => {
            let at = related.at.get_or_insert_with(|| Path::column(table.primary_key.as_str()));
            at.steps.insert(0, step.clone());
            Filter::Related(related)
        }
        // No expression of `$filter` comes to it.
        Filter::Search(text) => Filter::Search(text),
    }
}

fn constants(left: &Literal, comparison: Comparison, right: &Literal) -> Result<Filter> {
    let holds = match comparison {
        Comparison::Eq => left == right,
        Comparison::Ne => left != right,
        _ => return Err(Error::BadRequest("$filter: a comparison needs a column on one side".to_owned())),
    };
    Ok(if holds { Filter::everything() } else { Filter::Any(Vec::new()) })
}

const fn operator(comparison: Comparison) -> Operator {
    match comparison {
        Comparison::Eq => Operator::Eq,
        Comparison::Ne => Operator::Ne,
        Comparison::Gt => Operator::Gt,
        Comparison::Ge => Operator::Ge,
        Comparison::Lt => Operator::Lt,
        Comparison::Le => Operator::Le,
    }
}

/// Columns of one kind can be compared with each other.
fn kind_of(column: &Column) -> &'static str {
    match column.value_type() {
        ColumnType::Id | ColumnType::Lookup { .. } | ColumnType::File { .. } | ColumnType::Image { .. } => "id",
        ColumnType::Whole { .. } | ColumnType::Choice { .. } | ColumnType::State | ColumnType::Status => "whole",
        ColumnType::Decimal { .. } | ColumnType::Money { .. } => "decimal",
        ColumnType::Boolean { .. } => "boolean",
        ColumnType::MultiChoice { .. } => "choices",
        ColumnType::Date => "date",
        ColumnType::DateTime => "date-time",
        _ => "text",
    }
}
