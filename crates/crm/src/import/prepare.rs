//! A row of the file to values, as far as that is possible without looking into the database.

use jiff::civil::Date;
use language::{tr, translated};
use model::Reference;
use rust_decimal::Decimal;
use store::Row;
use tabular::{RawRow, RowError};

use super::{
    cells,
    compile::{Action, Compiled, Lookup},
    matching::{folded, split_name},
    plan::{Outcome, Unresolved},
    scan,
};
use crate::keyed_name;

/// A row of the file, understood.
#[derive(Debug, Clone, Default)]
pub(super) struct Prepared {
    /// Its number in the file.
    pub number: u64,
    /// Its cells as they stand there.
    pub cells: Vec<String>,
    /// Columns with their values.
    pub values: Row,
    /// Names to be looked up: which lookup, and the name.
    pub names: Vec<(usize, String)>,
    /// Rows that are named with their keys: the name, which need not be theirs by now.
    pub keyed: Vec<(Reference, String)>,
    /// Who takes part: which lookup, and the names.
    pub parties: Vec<(usize, Vec<String>)>,
    /// Files that go into columns: the column, and where the file lies.
    pub files: Vec<(String, String)>,
    /// How it ended.
    pub ended: Option<Ended>,
    /// The stage a new row stands in.
    pub stage: Option<String>,
    /// What a person should know.
    pub remarks: Vec<String>,
    /// Why it cannot come in.
    pub problem: Option<String>,
    /// Why the file cannot be read beyond this row.
    pub unreadable: Option<String>,
}

/// How a deal or lead ended.
#[derive(Debug, Clone)]
pub(super) struct Ended {
    pub outcome: Outcome,
    pub closed_on: Option<Date>,
    pub amount: Option<Decimal>,
}

impl Prepared {
    /// Understands a row.
    pub fn of(file: &Compiled, row: Result<RawRow, RowError>) -> Self {
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                let unreadable = matches!(error.problem, tabular::RowProblem::Unreadable(_));
                return Self {
                    unreadable: unreadable.then(|| scan::problem(&error.problem)),
                    number: error.number,
                    cells: vec![error.raw.clone()],
                    problem: Some(scan::problem(&error.problem)),
                    ..Self::default()
                };
            }
        };
        let mut prepared =
            Self { number: row.number, cells: row.cells, values: file.constants.clone(), ..Self::default() };
        if let Some(first) = row.surplus.first() {
            prepared.problem = Some(tr!(
                "the row has {} more cells than there are columns, beginning with '{}'; put cells that hold the delimiter in quotation marks",
                row.surplus.len(),
                cells::short(first)
            ));
            prepared.cells.extend(row.surplus);
            return prepared;
        }
        if let Err(problem) = prepared.understand(file) {
            prepared.problem = Some(problem);
        }
        prepared
    }

    fn understand(&mut self, file: &Compiled) -> Result<(), String> {
        let mut problems = Vec::new();
        let raw = std::mem::take(&mut self.cells);
        for (position, action) in &file.actions {
            let text = file.cell(&raw, *position);
            if text.is_empty() {
                continue;
            }
            if let Err(message) = self.take(file, action, text) {
                problems.push(format!("{}: {message}", file.headers[*position]));
            }
        }
        for (column, template) in &file.compose {
            if self.values.has(&column.name) {
                continue;
            }
            let text = template.fill(|header| file.position(header).map_or("", |position| file.cell(&raw, position)));
            if !text.is_empty() {
                match file.table.check(&column.name, &model::Value::from(shortened(column, text))) {
                    Ok(value) => self.values.set(column.name.as_str(), value),
                    Err(error) => problems.push(format!("{}: {}", translated(&column.label), error.message)),
                }
            }
        }
        if let Err(message) = self.end(file, &raw) {
            problems.push(message);
        }
        self.cells = raw;
        if problems.is_empty() { Ok(()) } else { Err(problems.join("; ")) }
    }

    fn take(&mut self, file: &Compiled, action: &Action, text: &str) -> Result<(), String> {
        match action {
            Action::Value(column, labels, reading) => {
                match cells::read(&file.table, column, labels, reading, &file.zone, text) {
                    Ok(understood) => {
                        self.values.set(column.name.as_str(), understood.value);
                        self.remarks.extend(understood.remark);
                    }
                    Err(message) if reading.unresolved == Unresolved::Empty => {
                        self.remarks.push(tr!("{}: {message}; left empty", translated(&column.label), message));
                    }
                    Err(message) => return Err(message),
                }
            }
            Action::PersonName { first, last } => {
                let (first_names, last_name) = split_name(text);
                for (column, name) in [(first, first_names), (last, Some(last_name))] {
                    let value = file.table.check(&column.name, &name.into()).map_err(|error| error.message)?;
                    self.values.set(column.name.as_str(), value);
                }
            }
            Action::Parties(place) => {
                let names = text.split(';').map(str::trim).filter(|name| !name.is_empty());
                self.parties.push((*place, names.map(str::to_owned).collect()));
            }
            Action::File(column) => self.files.push((column.name.clone(), text.to_owned())),
            Action::Stage => self.stage = Some(text.to_owned()),
            Action::Lookup(place) => self.name(file, *place, text),
        }
        Ok(())
    }

    /// Notes the row that a cell names: by its key, where one stands there.
    fn name(&mut self, file: &Compiled, place: usize, text: &str) {
        let Lookup { target, .. } = &file.lookups[place];
        let replaced = target.values.iter().find(|(word, _)| folded(word) == folded(text));
        let text = replaced.map_or(text, |(_, meaning)| meaning.as_str());
        let keyed = keyed_name::read(text, &target.tables).filter(|_| file.line != Some(place));
        let Some((name, reference)) = keyed else {
            self.names.push((place, text.to_owned()));
            return;
        };
        self.values.set(target.to.as_str(), reference.clone());
        if !name.is_empty() {
            self.keyed.push((reference, name.to_owned()));
        }
    }

    fn end(&mut self, file: &Compiled, raw: &[String]) -> Result<(), String> {
        let Some(plan) = &file.outcome else { return Ok(()) };
        let word = file.cell(raw, plan.word);
        let outcome = if word.is_empty() {
            Outcome::Open { stage: None }
        } else {
            let known = plan.words.iter().find(|(known, _)| *known == folded(word));
            known.map(|(_, outcome)| outcome.clone()).ok_or_else(|| {
                tr!(
                    "{}: '{}' has no meaning in the mapping; add it to the words of the outcome",
                    plan.source,
                    cells::short(word)
                )
            })?
        };
        let text =
            |position: Option<usize>| position.map(|position| file.cell(raw, position)).filter(|text| !text.is_empty());
        let told = |position: Option<usize>, message: String| {
            format!("{}: {message}", position.map_or("", |position| file.headers[position].as_str()))
        };
        let closed_on = text(plan.closed_on)
            .map(|text| cells::date(text, plan.dates))
            .transpose()
            .map_err(|m| told(plan.closed_on, m))?;
        let amount = text(plan.amount)
            .map(|text| cells::decimal(text, plan.numbers))
            .transpose()
            .map_err(|m| told(plan.amount, m))?;
        if let Outcome::Open { .. } = outcome {
            // On an open deal these are what is expected.
            for (column, value) in [
                ("estimatedclosedate", closed_on.map(model::Value::from)),
                ("estimatedvalue", amount.map(model::Value::from)),
            ] {
                if let Some(value) = value
                    && file.table.column(column).is_some()
                    && !self.values.has(column)
                {
                    self.values.set(column, value);
                }
            }
        }
        self.ended = Some(Ended { outcome, closed_on, amount });
        Ok(())
    }
}

/// Text that is put together is cut to what the column holds.
fn shortened(column: &model::Column, text: String) -> String {
    match column.value_type() {
        model::ColumnType::Text { length, .. } | model::ColumnType::Memo { length } => {
            let most = *length as usize;
            if text.chars().count() <= most { text } else { text.chars().take(most).collect() }
        }
        _ => text,
    }
}
