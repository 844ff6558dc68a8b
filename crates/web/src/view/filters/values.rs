//! Fields for the values that a condition compares with.

use crm::reading::Names;
use language::tr;
use model::{Column, ColumnType, Model, Operands, Operator, Table};

use crate::{
    components::{Control, Field, Requirement, fields::ChoiceOption},
    session::Me,
    view::{fields, operators::unit},
};

/// What the fields are made with.
pub(super) struct ValueFields<'a> {
    pub me: &'a Me,
    pub model: &'a Model,
    pub names: &'a Names,
    /// What stands in them, as the person writes it.
    pub texts: &'a [String],
}

impl ValueFields<'_> {
    /// The fields for a column of `table`, sent as `name`; a second value as `name_2`.
    pub fn of(&self, name: &str, table: &Table, column: &Column, operator: Operator) -> Vec<Field> {
        let second = format!("{name}_2");
        let value = |position: usize| self.texts.get(position).cloned().unwrap_or_default();
        let typed = |name: &str, label: &str, shown: String| {
            let control = fields::control(self.me, self.model, self.names, table, column, shown);
            Field::new(name, label, control)
        };
        let fields = match operator.operands() {
            Operands::None => Vec::new(),
            Operands::Text => {
                let control = Control::Text { value: value(0), max_length: Some(200), autocomplete: None };
                vec![Field::new(name, tr!("Text"), control)]
            }
            Operands::Day => vec![Field::new(name, tr!("Day"), Control::Date { value: value(0) })],
            Operands::Number => vec![Field::new(name, unit(operator), Control::Whole { value: value(0) })],
            Operands::Two => vec![typed(name, &tr!("From"), value(0)), typed(&second, &tr!("To"), value(1))],
            Operands::Many => {
                let mut options = fields::options(table, column, None);
                for option in &mut options {
                    option.chosen = self.texts.contains(&option.value);
                }
                vec![Field::new(name, tr!("Values"), Control::MultiChoice { options })]
            }
            Operands::One => match column.value_type() {
                ColumnType::Boolean { yes, no } => {
                    let wanted = if value(0) == "false" { "false" } else { "true" };
                    let options = [("true", yes), ("false", no)].map(|(value, label)| ChoiceOption {
                        value: value.to_owned(),
                        label: label.clone(),
                        chosen: value == wanted,
                    });
                    vec![Field::new(name, tr!("Value"), Control::Choice { options: options.to_vec() })]
                }
                _ => vec![typed(name, &tr!("Value"), value(0))],
            },
        };
        fields
            .into_iter()
            .map(|field| Field { scope: "filter".to_owned(), requirement: Requirement::Required, ..field })
            .collect()
    }
}
