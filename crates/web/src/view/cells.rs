//! Values as cells: what is read in grids, headers and tables.

pub(crate) use crm::highlight::plain_text;
use crm::{format, reading::Names};
use jiff::Timestamp;
use language::tr;
use model::{Column, ColumnType, Model, Reference, Table, TextFormat, Value};
use uuid::Uuid;

use super::tables;
use crate::{
    components::{Badge, Cell, MASK, Moment, Tone},
    session::Me,
};

/// What turning values into cells needs beside them.
pub(crate) struct Cells<'a> {
    pub me: &'a Me,
    pub model: &'a Model,
    pub names: &'a Names,
}

impl Cells<'_> {
    /// A value of a column. `currency` is the row's, for money.
    pub fn cell(&self, table: &Table, column: &Column, value: &Value, currency: Option<Uuid>) -> Cell {
        let text = || self.text(table, column, value, currency);
        match (column.value_type(), value) {
            (_, Value::Null) if !self.me.caller.may_read(column) => Cell::Secured,
            (_, Value::Null) => Cell::Empty,
            (ColumnType::Lookup { .. }, Value::Reference(reference)) => self.lookup(reference),
            (ColumnType::Choice { .. } | ColumnType::State | ColumnType::Status, Value::Whole(number)) => {
                Cell::Badge(Badge::new(text(), tone(table, column, *number)))
            }
            (ColumnType::MultiChoice { .. }, Value::Choices(numbers)) => {
                let badge = |number: &i32| {
                    let label = column
                        .options()
                        .iter()
                        .find(|option| option.value == *number)
                        .map_or_else(|| number.to_string(), |o| o.label.clone());
                    Badge::new(label, tone(table, column, i64::from(*number)))
                };
                Cell::Badges(numbers.iter().map(badge).collect())
            }
            (ColumnType::Money { .. }, _) => Cell::Money(text()),
            (ColumnType::Whole { .. } | ColumnType::Decimal { .. }, _) => Cell::Number(text()),
            (_, Value::Date(day)) => Cell::Moment(Moment::new(day.to_string(), text())),
            (_, Value::DateTime(moment)) => Cell::Moment(Moment::new(moment.to_string(), text())),
            (_, Value::Boolean(yes)) => Cell::Boolean { value: *yes, label: text() },
            (ColumnType::Text { format: TextFormat::Email, .. }, Value::Text(text)) => Cell::Email(text.clone()),
            (ColumnType::Text { format: TextFormat::Phone, .. }, Value::Text(text)) => Cell::Phone(text.clone()),
            (ColumnType::Text { format: TextFormat::Url, .. }, Value::Text(text)) => Cell::Url(text.clone()),
            (ColumnType::Text { format: TextFormat::Table, .. }, Value::Text(name)) => {
                Cell::Text(self.model.table(name).map_or_else(|| name.clone(), |table| table.label.clone()))
            }
            (ColumnType::RichText { .. }, Value::Text(html)) => Cell::Text(plain_text(html)),
            (ColumnType::File { .. } | ColumnType::Image { .. }, _) => Cell::Text(tr!("file")),
            _ => Cell::Text(text()),
        }
    }

    /// A value as text.
    pub fn text(&self, table: &Table, column: &Column, value: &Value, currency: Option<Uuid>) -> String {
        if value.is_null() && !self.me.caller.may_read(column) {
            return MASK.to_owned();
        }
        format::value(&self.me.caller, &self.me.style, table, column, value, currency, self.names)
    }

    /// Another record.
    fn lookup(&self, reference: &Reference) -> Cell {
        let name = self.names.get(reference).map_or_else(|| tr!("(no name)"), str::to_owned);
        let href = tables::reference_href(self.model, &self.me.caller, reference);
        if reference.table == "systemuser" {
            return Cell::Person { name, href };
        }
        Cell::Lookup { text: name, href, icon: tables::icon_of(self.model, &reference.table) }
    }

    /// A moment of the feed or a timeline.
    pub fn moment(&self, moment: Timestamp) -> Moment {
        Moment::new(moment.to_string(), self.me.style.date_time(moment))
    }

    /// The name of a person.
    pub fn person(&self, user: Uuid) -> String {
        if user.is_nil() {
            return "Pipewright".to_owned();
        }
        self.names.get(&Reference::new("systemuser", user)).map_or_else(|| tr!("Somebody"), str::to_owned)
    }
}

/// The colour of a choice, state or status.
pub(crate) fn tone(table: &Table, column: &Column, number: i64) -> Tone {
    match format::color(table, column, number) {
        Some(colour) if colour.starts_with('#') => Tone::nearest(colour),
        Some(name) => tone_named(name),
        // A state has no colour of its own: that of the status reason it begins with.
        None if matches!(column.kind, ColumnType::State) => i32::try_from(number)
            .ok()
            .and_then(|number| table.state(number))
            .and_then(|state| state.statuses.iter().find(|status| status.value == state.default_status))
            .and_then(|status| status.color.as_deref())
            .map_or(Tone::Grey, tone_named),
        None => Tone::Grey,
    }
}

/// The colour names that declarations use (Tabler's among them).
pub(crate) fn tone_named(name: &str) -> Tone {
    match name {
        "blue" | "indigo" | "primary" => Tone::Blue,
        "azure" | "cyan" => Tone::Cyan,
        "green" | "lime" | "success" => Tone::Green,
        "teal" => Tone::Teal,
        "yellow" => Tone::Yellow,
        "orange" | "warning" => Tone::Orange,
        "red" | "danger" => Tone::Red,
        "pink" => Tone::Pink,
        "purple" => Tone::Purple,
        _ => Tone::Grey,
    }
}

/// Plain text as formatted text that shows the same.
pub(crate) fn formatted_text(plain: &str) -> String {
    plain.replace("\r\n", "\n").replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\n', "<br>")
}

#[cfg(test)]
mod tests {
    use super::{formatted_text, plain_text};

    #[test]
    fn what_is_typed_plainly_is_shown_as_typed() {
        for typed in ["5 < 6 & <b>more</b>", "one\ntwo\n\nthree", "&amp; stays"] {
            assert_eq!(plain_text(&formatted_text(typed)), typed);
        }
    }

    #[test]
    fn formatting_goes_and_words_stay() {
        assert_eq!(
            plain_text("<p>Budget <b>confirmed</b></p><p>5 < 6 &amp; more</p>"),
            "Budget confirmed\n5 < 6 & more"
        );
        assert_eq!(plain_text("no markup"), "no markup");
        assert_eq!(plain_text("a <b and <i"), "a <b and <i");
    }
}
