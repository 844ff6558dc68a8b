//! A plan checked against the model and the file, ready to be carried out row by row.

use std::{collections::HashSet, path::PathBuf, sync::Arc};

use jiff::tz::TimeZone;
use model::{Column, Model, Table};
use store::Row;

use super::{
    InputFile, cells,
    finder::Finder,
    matching::folded,
    plan::{ColumnPlan, Duplicates, FilePlan, LookupTarget, Outcome, Reading, Target, Template},
};
use crate::{Error, Result};

/// The column that tells why a row did not come in; never read.
pub const ERROR_COLUMN: &str = "Import error";

/// One file, ready to be brought in.
pub(super) struct Compiled {
    pub name: String,
    pub path: PathBuf,
    pub read: tabular::Options,
    pub table: Arc<Table>,
    pub headers: Vec<String>,
    pub actions: Vec<(usize, Action)>,
    pub lookups: Vec<Lookup>,
    /// Which of the lookups is the product of a product line.
    pub line: Option<usize>,
    pub constants: Row,
    pub compose: Vec<(Arc<Column>, Template)>,
    pub outcome: Option<CompiledOutcome>,
    pub empty: HashSet<String>,
    pub key: Vec<String>,
    pub duplicates: Duplicates,
    pub zone: TimeZone,
    pub notes: Vec<String>,
}

/// What is done with a cell.
pub(super) enum Action {
    Value(Arc<Column>, Reading),
    PersonName {
        first: Arc<Column>,
        last: Arc<Column>,
    },
    /// By its place among the lookups.
    Lookup(usize),
}

/// A lookup with the places where its names are.
pub(super) struct Lookup {
    pub source: String,
    pub target: LookupTarget,
    pub places: Vec<usize>,
    /// It points at rows of the table that is being filled, so rows may come later in the file.
    pub own_table: bool,
}

/// Which cells tell how a row ended.
pub(super) struct CompiledOutcome {
    pub word: usize,
    pub source: String,
    pub closed_on: Option<usize>,
    pub amount: Option<usize>,
    pub dates: Option<tabular::DateOrder>,
    pub numbers: tabular::NumberStyle,
    pub words: Vec<(String, Outcome)>,
}

/// What every file of an import has in common.
pub(super) struct Ground<'m> {
    pub model: &'m Model,
    pub zone: TimeZone,
}

impl Compiled {
    /// Checks `plan` for `file` with these headers; all mistakes are told together.
    pub fn new(
        ground: &Ground<'_>,
        finder: &mut Finder,
        file: &InputFile,
        headers: Vec<String>,
        plan: &FilePlan,
    ) -> Result<Self> {
        let table = ground.model.table(&plan.table).cloned().ok_or_else(|| {
            Error::Unknown(format!(
                "{}: there is no table '{}'; name one by its logical name, such as lead",
                plan.name, plan.table
            ))
        })?;
        if !table.importable {
            return Err(Error::refused(format!("{}: {} are not filled by an import", plan.name, table.plural_label)));
        }
        let mut compiler = Compiler {
            ground,
            finder,
            table: &table,
            headers: &headers,
            plan,
            problems: Vec::new(),
            filled: HashSet::new(),
            lookups: Vec::new(),
            line: None,
        };
        let actions = compiler.actions();
        let constants = compiler.constants();
        let compose = compiler.compose();
        let outcome = compiler.outcome();
        compiler.check_key();
        let (problems, lookups, line) = (compiler.problems, compiler.lookups, compiler.line);
        if !problems.is_empty() {
            return Err(Error::refused(format!("the mapping does not fit: {}", problems.join("; "))));
        }
        let mut notes = plan.notes.clone();
        notes.extend(unmapped(plan, &headers));
        let mut read = plan.read.clone();
        read.strip_guard = true;
        Ok(Self {
            name: plan.name.clone(),
            path: file.path.clone(),
            read,
            headers,
            actions,
            lookups,
            line,
            constants,
            compose,
            outcome,
            empty: plan.empty.iter().map(|word| folded(word)).collect(),
            key: plan.key.clone(),
            duplicates: plan.duplicates,
            zone: ground.zone.clone(),
            notes,
            table,
        })
    }

    /// The place of a header.
    pub fn position(&self, header: &str) -> Option<usize> {
        self.headers.iter().position(|known| known == header)
    }

    /// A cell with words that mean empty taken as empty.
    pub fn cell<'c>(&self, cells: &'c [String], position: usize) -> &'c str {
        let text = cells.get(position).map(|cell| cell.trim()).unwrap_or_default();
        if !self.empty.is_empty() && self.empty.contains(&folded(text)) { "" } else { text }
    }
}

/// Columns that go nowhere are told, each with its reason.
fn unmapped(plan: &FilePlan, headers: &[String]) -> Vec<String> {
    let mut notes = Vec::new();
    for header in headers {
        match plan.column(header).map(|column| &column.target) {
            Some(Target::Ignore(reason)) => notes.push(format!("column '{header}' was left out: {reason}")),
            None if header != ERROR_COLUMN && !is_used(plan, header) => {
                notes.push(format!("column '{header}' was left out: the mapping does not mention it"));
            }
            _ => {}
        }
    }
    notes
}

fn is_used(plan: &FilePlan, header: &str) -> bool {
    plan.compose.values().any(|template| template.headers().any(|used| used == header))
        || plan.outcome.as_ref().is_some_and(|outcome| {
            outcome.source == header
                || outcome.closed_on.as_deref() == Some(header)
                || outcome.amount.as_deref() == Some(header)
        })
}

struct Compiler<'a> {
    ground: &'a Ground<'a>,
    finder: &'a mut Finder,
    table: &'a Table,
    headers: &'a [String],
    plan: &'a FilePlan,
    problems: Vec<String>,
    filled: HashSet<String>,
    lookups: Vec<Lookup>,
    line: Option<usize>,
}

impl Compiler<'_> {
    fn problem(&mut self, message: impl std::fmt::Display) {
        self.problems.push(format!("{}: {message}", self.plan.name));
    }

    fn position(&mut self, header: &str) -> Option<usize> {
        let found = self.headers.iter().position(|known| known == header);
        if found.is_none() {
            let known = self.headers.join(", ");
            self.problem(format!("the file has no column '{header}'; it has {known}"));
        }
        found
    }

    fn actions(&mut self) -> Vec<(usize, Action)> {
        let plan = self.plan;
        plan.columns.iter().filter_map(|column| self.action(column)).collect()
    }

    fn action(&mut self, plan: &ColumnPlan) -> Option<(usize, Action)> {
        if matches!(plan.target, Target::Ignore(_)) {
            return None;
        }
        let position = self.position(&plan.source)?;
        let action = match &plan.target {
            Target::Column(target) | Target::NewColumn(target, _) => {
                Action::Value(self.writable(&plan.source, &target.to)?, target.reading.clone())
            }
            Target::PersonName(name) => Action::PersonName {
                first: self.writable(&plan.source, &name.first)?,
                last: self.writable(&plan.source, &name.last)?,
            },
            Target::Lookup(target) => {
                let column = self.writable(&plan.source, &target.to)?;
                if !column.targets().contains(&target.table) {
                    let targets = column.targets().join(" or ");
                    self.problem(format!(
                        "{} ('{}') points at {targets}, not at {}",
                        column.label, target.to, target.table
                    ));
                    return None;
                }
                Action::Lookup(self.lookup(&plan.source, target)?)
            }
            Target::ProductLine(target) => {
                if self.table.name != "opportunity" {
                    self.problem("only opportunities have product lines");
                    return None;
                }
                let place = self.lookup(&plan.source, target)?;
                self.line = Some(place);
                Action::Lookup(place)
            }
            Target::Part | Target::Ignore(_) => return None,
        };
        Some((position, action))
    }

    /// The column of the table, where an import may fill it and no other part does.
    fn writable(&mut self, source: &str, name: &str) -> Option<Arc<Column>> {
        let Some(column) = self.table.column(name) else {
            let table = &self.table.name;
            self.problem(format!("column '{source}' goes to '{name}', which {table} does not have"));
            return None;
        };
        let is_key = name == self.table.primary_key;
        if !is_key && (column.read_only || column.is_computed() || !column.importable) {
            self.problem(format!(
                "column '{source}' goes to {} ('{name}'), which the system sets itself",
                column.label
            ));
            return None;
        }
        if !self.filled.insert(name.to_owned()) {
            self.problem(format!("two parts of the mapping fill {} ('{name}')", column.label));
            return None;
        }
        Some(Arc::new(column.clone()))
    }

    fn lookup(&mut self, source: &str, target: &LookupTarget) -> Option<usize> {
        let Some(table) = self.ground.model.table(&target.table) else {
            self.problem(format!("column '{source}' looks for rows of '{}', which is no table", target.table));
            return None;
        };
        let by = if target.by.is_empty() { vec![table.primary_name.clone()] } else { target.by.clone() };
        let mut places = Vec::new();
        for column in by {
            if table.column(&column).is_none() {
                self.problem(format!("column '{source}' looks in '{column}', which {} does not have", table.name));
                return None;
            }
            places.push(self.finder.place(&table.name, &column));
        }
        let own_table = table.name == self.table.name;
        self.lookups.push(Lookup { source: source.to_owned(), target: target.clone(), places, own_table });
        Some(self.lookups.len() - 1)
    }

    fn constants(&mut self) -> Row {
        let plan = self.plan;
        let mut row = Row::new();
        for (name, text) in &plan.constants {
            let Some(column) = self.writable("constants", name) else { continue };
            match cells::read(self.table, &column, &Reading::default(), &self.ground.zone, text) {
                Ok(understood) => row.set(name.as_str(), understood.value),
                Err(message) => self.problem(format!("constant {name}: {message}")),
            }
        }
        row
    }

    fn compose(&mut self) -> Vec<(Arc<Column>, Template)> {
        let plan = self.plan;
        let mut parts = Vec::new();
        for (name, template) in &plan.compose {
            for header in template.headers() {
                self.position(header);
            }
            // A composed column stands in where another part leaves it empty.
            self.filled.remove(name);
            if let Some(column) = self.writable("compose", name) {
                if !column.is_text() {
                    self.problem(format!(
                        "{} ('{name}') is put together from cells, but only text can be",
                        column.label
                    ));
                }
                parts.push((column, template.clone()));
            }
        }
        parts
    }

    fn outcome(&mut self) -> Option<CompiledOutcome> {
        let outcome = self.plan.outcome.as_ref()?;
        if !matches!(self.table.name.as_str(), "opportunity" | "lead") {
            self.problem("only leads and opportunities have an outcome");
            return None;
        }
        for (word, meaning) in &outcome.words {
            self.check_meaning(word, meaning);
        }
        Some(CompiledOutcome {
            word: self.position(&outcome.source)?,
            source: outcome.source.clone(),
            closed_on: outcome.closed_on.as_ref().and_then(|header| self.position(header)),
            amount: outcome.amount.as_ref().and_then(|header| self.position(header)),
            dates: outcome.dates,
            numbers: outcome.numbers.unwrap_or_default(),
            words: outcome.words.iter().map(|(word, meaning)| (folded(word), meaning.clone())).collect(),
        })
    }

    fn check_meaning(&mut self, word: &str, meaning: &Outcome) {
        let is_lead = self.table.name == "lead";
        let (reason, stage, fits) = match meaning {
            Outcome::Open { stage } => (None, stage.as_ref(), true),
            Outcome::Won { reason, stage } | Outcome::Lost { reason, stage } => {
                (reason.as_ref(), stage.as_ref(), !is_lead)
            }
            Outcome::Disqualified { reason } => (reason.as_ref(), None, is_lead),
        };
        if !fits {
            self.problem(format!("'{word}' means {meaning}, which a {} cannot be", self.table.label.to_lowercase()));
        }
        if let Some(reason) = reason
            && status_of(self.table, meaning, reason).is_none()
        {
            self.problem(format!("'{word}' means {meaning}, but there is no status reason '{reason}' for it"));
        }
        if let Some(stage) = stage
            && crate::process::stage_named(self.ground.model, &self.table.name, stage).is_none()
        {
            self.problem(format!(
                "'{word}' means {meaning}, but the flow of {} has no stage '{stage}'",
                self.table.plural_label
            ));
        }
    }

    fn check_key(&mut self) {
        let plan = self.plan;
        for name in &plan.key {
            if self.table.column(name).is_none() {
                self.problem(format!("the key names '{name}', which {} does not have", self.table.name));
            } else if !self.filled.contains(name) {
                self.problem(format!("the key names '{name}', but no part of the mapping fills it"));
            }
        }
    }
}

/// The number of a status reason by its label, within the state that the outcome leads to.
pub(super) fn status_of(table: &Table, outcome: &Outcome, label: &str) -> Option<i64> {
    let state = match outcome {
        Outcome::Open { .. } => 0,
        Outcome::Won { .. } => 1,
        Outcome::Lost { .. } | Outcome::Disqualified { .. } => 2,
    };
    let statuses = &table.state(state)?.statuses;
    statuses.iter().find(|status| folded(&status.label) == folded(label)).map(|status| i64::from(status.value))
}

impl Compiled {
    /// True for columns that only new rows get: constants, and composed ones no cell fills.
    pub fn is_for_new_rows_only(&self, name: &str) -> bool {
        let fills = |action: &Action| match action {
            Action::Value(column, _) => column.name == name,
            Action::PersonName { first, last } => first.name == name || last.name == name,
            Action::Lookup(place) => self.lookups[*place].target.to == name,
        };
        let composed = self.constants.contains(name) || self.compose.iter().any(|(column, _)| column.name == name);
        composed && !self.actions.iter().any(|(_, action)| fills(action))
    }
}
