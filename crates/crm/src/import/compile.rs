//! A plan checked against the model and the file, ready to be carried out row by row.

use std::{collections::HashSet, path::PathBuf, sync::Arc};

use indexmap::IndexMap;
use jiff::tz::TimeZone;
use language::{tr, translated};
use model::{Column, Model, Table};
use store::Row;

use super::{
    InputFile,
    beside::Beside,
    cells,
    finder::Finder,
    labels::Labels,
    matching::{folded, labelled},
    plan::{ColumnPlan, Duplicates, FilePlan, LookupTarget, Outcome, Reading, Target, Template, Unresolved},
};
use crate::{Error, Result, process, words::within};

/// The column that tells why a row did not come in; never read.
pub const ERROR_COLUMN: &str = "Import error";

/// The column by which an export tells the stage; the system writes it, an import places new rows
/// by it.
pub(super) const STAGE: &str = "stepname";

/// True for a table whose rows an import brings in.
pub(super) fn may_fill_table(table: &Table) -> bool {
    table.importable || process::is_path(table)
}

/// True for a column of the table that an import fills.
pub(crate) fn may_fill(table: &Table, column: &Column) -> bool {
    !column.is_computed() && (column.importable && !column.read_only || is_history(table, &column.name))
}

/// True for a column that only a command of the domain writes, and that a new row brings along
/// where the command was carried out elsewhere.
pub(super) fn is_history(table: &Table, column: &str) -> bool {
    table.name == "lead" && column == "qualifyingopportunityid" || process::tells_path(table, column)
}

/// One file, ready to be brought in.
pub(super) struct Compiled {
    pub name: String,
    pub path: PathBuf,
    pub beside: Beside,
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
    /// By which rows are found that are there already, tried in this order.
    pub keys: Vec<Vec<String>>,
    /// By the duplicate rules, where no key finds any.
    pub by_rules: bool,
    pub duplicates: Duplicates,
    /// Lookups whose cells hold identifiers, perhaps beside a name, with what is done where the row is
    /// not there.
    pub references: Vec<(Arc<Column>, Unresolved)>,
    /// Tables that this file or a later one of the import fills: a row that is named may come.
    pub coming: HashSet<String>,
    pub zone: TimeZone,
    pub notes: Vec<String>,
}

/// What is done with a cell.
pub(super) enum Action {
    Value(Arc<Column>, Labels, Reading),
    PersonName {
        first: Arc<Column>,
        last: Arc<Column>,
    },
    /// By its place among the lookups.
    Lookup(usize),
    /// Who takes part in an activity: names with semicolons between them.
    Parties(usize),
    /// The cell says where the file lies that goes into the column.
    File(Arc<Column>),
    /// The stage of its flow that a new row stands in.
    Stage,
}

/// A lookup with the places where its names are.
pub(super) struct Lookup {
    pub source: String,
    pub target: LookupTarget,
    /// Looked into one after the other; within one, names of all tables are compared together.
    pub steps: Vec<Vec<Place>>,
}

/// Where names of one table are.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub table: String,
    pub names: usize,
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
    /// Tables that are filled from here on.
    pub coming: HashSet<String>,
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
            Error::Unknown(tr!(
                "{}: there is no table '{}'; name one by its logical name, such as lead",
                plan.name,
                plan.table
            ))
        })?;
        if !may_fill_table(&table) {
            return Err(not_importable(&plan.name, &table));
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
            references: Vec::new(),
            line: None,
        };
        let actions = compiler.actions();
        let constants = compiler.constants();
        let compose = compiler.compose();
        let outcome = compiler.outcome();
        compiler.check_key();
        let (problems, lookups, references, line) =
            (compiler.problems, compiler.lookups, compiler.references, compiler.line);
        if !problems.is_empty() {
            return Err(Error::refused(tr!("the mapping does not fit: {}", problems.join("; "))));
        }
        let mut notes = plan.notes.clone();
        notes.extend(unmapped(plan, &headers));
        let mut read = plan.read.clone();
        read.strip_guard = true;
        Ok(Self {
            name: plan.name.clone(),
            path: file.path.clone(),
            beside: Beside::of(file)?,
            read,
            headers,
            actions,
            lookups,
            line,
            constants,
            compose,
            outcome,
            empty: plan.empty.iter().map(|word| folded(word)).collect(),
            keys: plan.keys().cloned().collect(),
            by_rules: plan.by_rules,
            references,
            coming: ground.coming.clone(),
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

    /// True where files come with the rows.
    pub fn brings_files(&self) -> bool {
        self.actions.iter().any(|(_, action)| matches!(action, Action::File(_)))
    }

    /// True where a person's full name stands in one cell of this file.
    pub fn has_full_names(&self) -> bool {
        self.actions.iter().any(|(_, action)| matches!(action, Action::PersonName { .. }))
    }

    /// A cell with words that mean empty taken as empty.
    pub fn cell<'c>(&self, cells: &'c [String], position: usize) -> &'c str {
        let text = cells.get(position).map(|cell| cell.trim()).unwrap_or_default();
        if !self.empty.is_empty() && self.empty.contains(&folded(text)) { "" } else { text }
    }
}

/// True for a column that holds a file or a picture.
pub(super) fn is_file(column: &Column) -> bool {
    matches!(column.kind, model::ColumnType::File { .. } | model::ColumnType::Image { .. })
}

/// Why a table is not filled by an import, and what to do instead.
pub(super) fn not_importable(file: &str, table: &Table) -> Error {
    let instead = match table.name.as_str() {
        "activitypointer" => {
            tr!(
                "; each kind of activity has its own columns: export and import tasks, e-mails, phone calls and appointments each for themselves"
            )
        }
        "opportunityclose" => tr!("; a closing is made when its opportunity comes in as won or lost"),
        _ => String::new(),
    };
    Error::refused(tr!(
        "{file}: {} are not filled by an import{instead}",
        translated(&table.plural_label),
        file,
        instead
    ))
}

/// Columns that go nowhere are told, those with the same reason in one line.
fn unmapped(plan: &FilePlan, headers: &[String]) -> Vec<String> {
    let mut left_out: IndexMap<String, Vec<&str>> = IndexMap::new();
    for header in headers {
        let reason = match plan.column(header).map(|column| &column.target) {
            Some(Target::Ignore(reason)) => reason.clone(),
            None if header != ERROR_COLUMN && !is_used(plan, header) => {
                tr!("the mapping does not mention it")
            }
            _ => continue,
        };
        left_out.entry(reason).or_default().push(header);
    }
    let line = |(reason, headers): (String, Vec<&str>)| match headers.as_slice() {
        [only] => tr!("column '{only}' was left out: {reason}", only, reason),
        several => tr!("{} columns were left out: {reason} ({})", several.len(), several.join(", "), reason),
    };
    left_out.into_iter().map(line).collect()
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
    references: Vec<(Arc<Column>, Unresolved)>,
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
            self.problem(tr!("the file has no column '{header}'; it has {known}", header, known));
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
            Target::Column(target) if target.to == STAGE && self.table.column(STAGE).is_some() => Action::Stage,
            Target::Column(target) | Target::NewColumn(target, _) => {
                let column = self.writable(&plan.source, &target.to)?;
                if is_file(&column) {
                    return Some((position, Action::File(column)));
                }
                if !column.targets().is_empty() {
                    self.references.push((column.clone(), target.reading.unresolved));
                }
                let labels = Labels::of(self.table, &column);
                Action::Value(column, labels, target.reading.clone())
            }
            Target::PersonName(name) => Action::PersonName {
                first: self.writable(&plan.source, &name.first)?,
                last: self.writable(&plan.source, &name.last)?,
            },
            Target::Lookup(target) => {
                let column = self.writable(&plan.source, &target.to)?;
                if let Some(other) = target.tables.iter().find(|table| !column.targets().contains(table)) {
                    let targets = column.targets().join(&tr!(" or "));
                    self.problem(tr!(
                        "{} ('{}') points at {targets}, not at {other}",
                        translated(&column.label),
                        target.to,
                        targets,
                        other
                    ));
                    return None;
                }
                let place = self.lookup(&plan.source, target)?;
                if matches!(column.kind, model::ColumnType::PartyList { .. }) {
                    Action::Parties(place)
                } else {
                    self.references.push((column, target.unresolved));
                    Action::Lookup(place)
                }
            }
            Target::ProductLine(target) => {
                if self.table.name != "opportunity" {
                    self.problem(tr!("only opportunities have product lines"));
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
            self.problem(tr!("column '{source}' goes to '{name}', which {table} does not have", source, name, table));
            return None;
        };
        let is_key = name == self.table.primary_key;
        if !is_key && !is_history(self.table, name) && (column.read_only || column.is_computed() || !column.importable)
        {
            self.problem(tr!(
                "column '{source}' goes to {} ('{name}'), which the system sets itself",
                translated(&column.label),
                source,
                name
            ));
            return None;
        }
        if !self.filled.insert(name.to_owned()) {
            self.problem(tr!("two parts of the mapping fill {} ('{name}')", translated(&column.label), name));
            return None;
        }
        Some(Arc::new(column.clone()))
    }

    fn lookup(&mut self, source: &str, target: &LookupTarget) -> Option<usize> {
        let mut steps: Vec<Vec<Place>> = Vec::new();
        for name in &target.tables {
            let Some(table) = self.ground.model.table(name) else {
                self.problem(tr!("column '{source}' looks for rows of '{name}', which is no table", source, name));
                return None;
            };
            let mut by: Vec<&str> =
                target.by.iter().map(String::as_str).filter(|column| table.column(column).is_some()).collect();
            if by.is_empty() {
                by.push(&table.primary_name);
            }
            for (step, column) in by.into_iter().enumerate() {
                steps.resize_with(steps.len().max(step + 1), Vec::new);
                steps[step].push(Place { table: name.clone(), names: self.finder.place(name, column) });
            }
        }
        if let Some(unknown) = target.by.iter().find(|column| {
            !target
                .tables
                .iter()
                .any(|name| self.ground.model.table(name).is_some_and(|table| table.column(column).is_some()))
        }) {
            self.problem(tr!(
                "column '{source}' looks in '{unknown}', which {} does not have",
                target.tables_in_words(),
                source,
                unknown
            ));
            return None;
        }
        self.lookups.push(Lookup { source: source.to_owned(), target: target.clone(), steps });
        Some(self.lookups.len() - 1)
    }

    fn constants(&mut self) -> Row {
        let plan = self.plan;
        let mut row = Row::new();
        for (name, text) in &plan.constants {
            let Some(column) = self.writable("constants", name) else { continue };
            let labels = Labels::of(self.table, &column);
            match cells::read(self.table, &column, &labels, &Reading::default(), &self.ground.zone, text) {
                Ok(understood) => row.set(name.as_str(), understood.value),
                Err(message) => self.problem(tr!("constant {name}: {message}", name, message)),
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
                    self.problem(tr!(
                        "{} ('{name}') is put together from cells, but only text can be",
                        translated(&column.label),
                        name
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
            self.problem(tr!("only leads and opportunities have an outcome"));
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
            Outcome::Disqualified { reason } | Outcome::Qualified { reason } => (reason.as_ref(), None, is_lead),
        };
        if !fits {
            self.problem(tr!(
                "'{word}' means {meaning}, which a {} cannot be",
                within(&self.table.label),
                word,
                meaning
            ));
        }
        if let Some(reason) = reason
            && status_of(self.table, meaning, reason).is_none()
        {
            self.problem(tr!(
                "'{word}' means {meaning}, but there is no status reason '{reason}' for it",
                word,
                meaning,
                reason
            ));
        }
        if let Some(stage) = stage
            && crate::process::stage_named(self.ground.model, &self.table.name, stage).is_none()
        {
            self.problem(tr!(
                "'{word}' means {meaning}, but the flow of {} has no stage '{stage}'",
                translated(&self.table.plural_label),
                word,
                meaning,
                stage
            ));
        }
    }

    fn check_key(&mut self) {
        let plan = self.plan;
        for name in plan.keys().flatten() {
            if self.table.column(name).is_none() {
                self.problem(tr!("the key names '{name}', which {} does not have", self.table.name, name));
            } else if !self.filled.contains(name) {
                self.problem(tr!("the key names '{name}', but no part of the mapping fills it", name));
            }
        }
    }
}

/// The number of a status reason by its label, within the state that the outcome leads to.
pub(super) fn status_of(table: &Table, outcome: &Outcome, label: &str) -> Option<i64> {
    let state = match outcome {
        Outcome::Open { .. } => 0,
        Outcome::Won { .. } | Outcome::Qualified { .. } => 1,
        Outcome::Lost { .. } | Outcome::Disqualified { .. } => 2,
    };
    let statuses = &table.state(state)?.statuses;
    labelled(statuses.iter(), |status| &status.label, |known| folded(known) == folded(label))
        .map(|status| i64::from(status.value))
}

impl Compiled {
    /// True for columns that only new rows get: constants, and composed ones no cell fills.
    pub fn is_for_new_rows_only(&self, name: &str) -> bool {
        let fills = |action: &Action| match action {
            Action::Value(column, ..) | Action::File(column) => column.name == name,
            Action::PersonName { first, last } => first.name == name || last.name == name,
            Action::Lookup(place) | Action::Parties(place) => self.lookups[*place].target.to == name,
            Action::Stage => false,
        };
        let composed = self.constants.contains(name) || self.compose.iter().any(|(column, _)| column.name == name);
        composed && !self.actions.iter().any(|(_, action)| fills(action))
    }
}
