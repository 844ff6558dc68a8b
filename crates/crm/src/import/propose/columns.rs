//! What becomes of the columns of one file.

mod fit;
mod keys;
mod relations;

use std::collections::HashSet;

use language::{tr, translated};
use model::{Column, ColumnType, Table};
use tabular::{ColumnProfile, DateOrder, Kind};

use super::{
    Ground, Inspected, countries, outcome,
    words::{self, EMPTY},
};
use crate::export::archive::FOLDER;
use crate::import::{
    compile::{ERROR_COLUMN, STAGE, is_file},
    matching::{folded, is_label, label, logical_name, normalised},
    plan::{ColumnPlan, FilePlan, PersonName, Reading, Target, Unresolved, ValueTarget},
};
use crate::words::within;

/// The plan of one file at work.
pub(super) struct Draft<'a> {
    pub ground: &'a Ground<'a>,
    pub file: &'a Inspected,
    pub place: usize,
    pub table: &'a Table,
    pub plan: FilePlan,
    filled: HashSet<String>,
}

/// Proposes what becomes of the file at `place`.
pub(super) fn plan(ground: &Ground<'_>, place: usize, table: &Table) -> FilePlan {
    let file = &ground.files[place];
    let plan = FilePlan::new(file.name.as_str(), table.name.as_str());
    let mut draft = Draft { ground, file, place, table, plan, filled: HashSet::new() };
    draft.choose_key();
    if !draft.is_own_export() {
        draft.note_empty_words();
        draft.plan.outcome = outcome::find(table, file);
    }
    for (position, column) in file.columns().iter().enumerate() {
        let planned = draft.column(position, column);
        draft.plan.columns.push(planned);
    }
    if draft.is_own_export() {
        draft.further_keys();
    } else {
        draft.name_rows();
        draft.natural_key();
    }
    draft.note_outcome();
    draft.note_reading();
    draft.plan
}

impl Draft<'_> {
    fn note(&mut self, text: impl Into<String>) {
        self.plan.notes.push(text.into());
    }

    fn note_empty_words(&mut self) {
        let mut found: Vec<(String, u64)> = Vec::new();
        for value in self.file.columns().iter().flat_map(|column| &column.distinct) {
            if !EMPTY.contains(&folded(&value.value).as_str()) {
                continue;
            }
            match found.iter_mut().find(|(word, _)| folded(word) == folded(&value.value)) {
                Some((_, count)) => *count += value.count,
                None => found.push((value.value.clone(), value.count)),
            }
        }
        for (word, count) in found {
            self.note(tr!("'{word}' is taken as an empty cell ({count} cells)", word, count));
            self.plan.empty.push(word);
        }
    }

    fn column(&mut self, position: usize, column: &ColumnProfile) -> ColumnPlan {
        let header = column.header.as_str();
        if header == ERROR_COLUMN {
            return ignored(header, tr!("it tells why an earlier import left the row out"));
        }
        if column.filled == 0 {
            return ignored(header, tr!("it is empty in every row"));
        }
        if self.is_part_of_outcome(header) {
            return ColumnPlan::new(header, Target::Part);
        }
        if let Some(planned) = self.as_chosen_key(position, column) {
            return planned;
        }
        if self.is_own_export() {
            return self.as_exported(column);
        }
        if let Some(planned) = self.as_relation(position, column) {
            return planned;
        }
        if let Some(planned) = self.as_person(column) {
            return planned;
        }
        if let Some(planned) = self.as_known_column(column) {
            return planned;
        }
        if let Some(planned) = self.as_location(column) {
            return planned;
        }
        if let Some(reason) = words::not_writable(self.table, header) {
            return ignored(header, reason);
        }
        self.as_new_column(column)
    }

    /// A column that our own export wrote, which needs no guess, or one that was added since.
    fn as_exported(&mut self, column: &ColumnProfile) -> ColumnPlan {
        let header = column.header.as_str();
        if let Some(planned) = self.as_known_column(column) {
            return planned;
        }
        if words::is_stage(self.table, header) && self.claim(STAGE) {
            return ColumnPlan::new(header, Target::Column(ValueTarget::of(STAGE)))
                .noting(tr!("new rows begin in this stage"));
        }
        if let Some(planned) = self.as_person(column) {
            return planned;
        }
        match words::not_writable(self.table, header) {
            Some(reason) => ignored(header, reason),
            None => self.as_new_column(column),
        }
    }

    fn is_part_of_outcome(&self, header: &str) -> bool {
        self.plan.outcome.as_ref().is_some_and(|outcome| {
            outcome.source == header
                || outcome.closed_on.as_deref() == Some(header)
                || outcome.amount.as_deref() == Some(header)
        })
    }

    /// Marks a column of the table as filled; false where another cell fills it already.
    fn claim(&mut self, name: &str) -> bool {
        self.filled.insert(name.to_owned())
    }

    fn is_free(&self, name: &str) -> bool {
        !self.filled.contains(name)
    }

    fn as_person(&mut self, column: &ColumnProfile) -> Option<ColumnPlan> {
        let has_parts = self.table.column("firstname").is_some() && self.table.column("lastname").is_some();
        let fits =
            has_parts && words::is_person(&column.header) && self.is_free("firstname") && self.is_free("lastname");
        if !fits || !matches!(column.kind, Kind::Text) || self.has_name_parts() {
            return None;
        }
        self.claim("firstname");
        self.claim("lastname");
        let name = PersonName { first: "firstname".to_owned(), last: "lastname".to_owned() };
        Some(
            ColumnPlan::new(column.header.as_str(), Target::PersonName(name))
                .noting(tr!("the last word is the last name")),
        )
    }

    /// Do first and last name stand in columns of their own? Then nobody needs to guess where a
    /// full name beside them is to be cut.
    fn has_name_parts(&self) -> bool {
        self.file.columns().iter().any(|column| {
            words::column(self.table, &column.header, self.is_own_export())
                .is_some_and(|known| matches!(known.name.as_str(), "firstname" | "lastname"))
        })
    }

    fn as_known_column(&mut self, profile: &ColumnProfile) -> Option<ColumnPlan> {
        let column = words::column(self.table, &profile.header, self.is_own_export())
            .filter(|column| self.is_free(&column.name))?
            .clone();
        if let ColumnType::Lookup { targets } = &column.kind {
            return self.as_named_lookup(profile, &column, targets);
        }
        if let ColumnType::PartyList { targets, .. } = &column.kind {
            return self.as_parties(profile, &column, targets);
        }
        if is_file(&column) {
            return self.as_file(profile, &column);
        }
        let (reading, note) = self.reading(profile, &column)?;
        self.claim(&column.name);
        let target = Target::Column(ValueTarget { to: column.name.clone(), reading });
        let mut planned = ColumnPlan::new(profile.header.as_str(), target);
        planned.note = note;
        Some(planned)
    }

    /// Cells of an export say where the files lie that come with it.
    fn as_file(&mut self, profile: &ColumnProfile, column: &Column) -> Option<ColumnPlan> {
        let is_place = |value: &str| value.starts_with(FOLDER) && value[FOLDER.len()..].starts_with('/');
        if !profile.distinct.iter().all(|value| is_place(&value.value)) {
            return None;
        }
        self.claim(&column.name);
        let target = Target::Column(ValueTarget::of(column.name.as_str()));
        Some(ColumnPlan::new(profile.header.as_str(), target).noting(tr!("each cell says where its file lies")))
    }

    /// How cells are read into a known column; none where they do not fit it.
    fn reading(&self, profile: &ColumnProfile, column: &Column) -> Option<(Reading, Option<String>)> {
        let mut reading = usual_reading(profile);
        if !fit::fits(profile, column) {
            return None;
        }
        if !matches!(column.kind, ColumnType::Choice { .. }) {
            let is_money = column.is_money();
            let currency = self
                .ground
                .organization
                .base_currency()
                .map_or_else(|| tr!("the base currency"), |currency| currency.code.clone());
            let note = is_money.then(|| {
                tr!("amounts are taken as they are, in {currency}; the file does not say whether they are thousands or millions", currency)
            });
            return Some((reading, note));
        }
        let known = |value: &str| {
            let means = |option: &model::Choice| {
                is_label(&option.label, |label| normalised(label) == normalised(value))
                    || option.value.to_string() == value
            };
            column.options().iter().any(means)
        };
        let words: Vec<&str> = profile
            .distinct
            .iter()
            .map(|value| value.value.as_str())
            .filter(|value| !self.plan.empty.iter().any(|word| folded(word) == folded(value)))
            .collect();
        let missing: Vec<&str> = words.iter().copied().filter(|value| !known(value)).collect();
        if missing.is_empty() && profile.distinct_complete {
            return Some((reading, None));
        }
        let mostly_known = missing.len() * 2 <= words.len();
        if !mostly_known && !words::OPEN_LISTS.contains(&column.name.as_str()) {
            return None;
        }
        let listed = missing.iter().take(12).copied().collect::<Vec<_>>().join(", ");
        let more = if missing.len() > 12 { ", …" } else { "" };
        let note = if self.ground.options.create_missing {
            reading.create_options = true;
            tr!(
                "{} words are no options of {} yet and are added as they stand: {listed}{more}",
                missing.len(),
                translated(&column.label),
                listed,
                more
            )
        } else {
            reading.unresolved = Unresolved::Empty;
            tr!(
                "{} words are no options of {}: {listed}{more}; without leave to add options these cells are left empty and reported",
                missing.len(),
                translated(&column.label),
                listed,
                more
            )
        };
        Some((reading, Some(note)))
    }

    /// A place: a country where the values are countries, else a city.
    fn as_location(&mut self, profile: &ColumnProfile) -> Option<ColumnPlan> {
        let header = profile.header.to_lowercase();
        let says_place = header.contains("location") || header.contains("country") || header.contains("based in");
        if !says_place || !matches!(profile.kind, Kind::Text) {
            return None;
        }
        let are_countries = countries::are_countries(profile.distinct.iter().map(|value| value.value.as_str()));
        let name = if are_countries { "address1_country" } else { "address1_city" };
        let column = self.table.column(name).filter(|_| self.is_free(name))?;
        let (reading, _) = self.reading(profile, column)?;
        self.claim(name);
        let target = Target::Column(ValueTarget { to: name.to_owned(), reading });
        Some(ColumnPlan::new(profile.header.as_str(), target).noting(if are_countries {
            tr!("its values are countries")
        } else {
            tr!("its values are no countries, so they are taken as cities")
        }))
    }

    fn as_new_column(&mut self, profile: &ColumnProfile) -> ColumnPlan {
        let header = profile.header.as_str();
        let table_label = within(&self.table.label);
        if !self.ground.options.create_missing {
            return ignored(
                header,
                tr!("no column of {table_label} fits it; allow the import to make columns to keep it", table_label),
            );
        }
        let name = self.free_name(header);
        self.claim(&name);
        let existing = self.table.column(&name);
        let reading = usual_reading(profile);
        if let Some(existing) = existing {
            let mut reading = reading;
            reading.create_options = matches!(existing.kind, ColumnType::Choice { .. });
            return ColumnPlan::new(header, Target::Column(ValueTarget { to: name, reading }));
        }
        let new = fit::declare(profile, &label(header));
        let mut reading = reading;
        reading.create_options = new.kind == model::ColumnKind::Choice;
        ColumnPlan::new(header, Target::NewColumn(ValueTarget { to: name, reading }, new))
    }

    /// A logical name that no other column of this file takes.
    fn free_name(&self, header: &str) -> String {
        let name = logical_name(&self.ground.options.prefix, header);
        let mut free = name.clone();
        let mut number = 2;
        while !self.is_free(&free) {
            free = format!("{name}{number}");
            number += 1;
        }
        free
    }

    /// Rows that the file gives no name are named from their other cells.
    fn name_rows(&mut self) {
        match self.table.name.as_str() {
            "opportunity" if self.is_free("name") => self.compose_from("name", &self.deal_parts(), " - "),
            "lead" => {
                self.name_leads();
                self.note_converted();
            }
            "systemuser" if self.is_free("internalemailaddress") => self.compose_address(),
            _ => {}
        }
    }

    fn deal_parts(&self) -> Vec<String> {
        let named = |wanted: fn(&Target) -> bool| {
            self.plan.columns.iter().filter(move |column| wanted(&column.target)).map(|column| column.source.clone())
        };
        let product = named(|target| matches!(target, Target::ProductLine(_)));
        let customer = named(|target| matches!(target, Target::Lookup(lookup) if lookup.to == "customerid"));
        product.chain(customer).collect()
    }

    fn compose_from(&mut self, to: &str, headers: &[String], between: &str) {
        let headers: Vec<String> =
            if headers.is_empty() { self.identifying_header().into_iter().collect() } else { headers.to_vec() };
        let text = headers.iter().map(|header| format!("{{{header}}}")).collect::<Vec<_>>().join(between);
        let Ok(template) = text.parse() else { return };
        if headers.is_empty() {
            return;
        }
        let label = translated(self.table.column(to).map_or(to, |column| column.label.as_str())).into_owned();
        self.note(tr!("the file has no column for {label}; it is put together as {text}", label, text));
        self.plan.compose.insert(to.to_owned(), template);
    }

    fn name_leads(&mut self) {
        let Some(header) = self.identifying_header() else { return };
        for name in ["subject", "lastname"] {
            if !self.is_free(name) {
                continue;
            }
            let text = format!("Lead {{{header}}}");
            if let Ok(template) = text.parse() {
                let label =
                    translated(self.table.column(name).map_or(name, |column| column.label.as_str())).into_owned();
                self.note(tr!("the file has no column for {label}; it is put together as {text}", label, text));
                self.plan.compose.insert(name.to_owned(), template);
            }
        }
    }

    /// A lead that was converted elsewhere is not qualified here by a guess.
    fn note_converted(&mut self) {
        let converted =
            self.file.columns().iter().find(|column| {
                ["converted", "qualified", "isconverted"].contains(&normalised(&column.header).as_str())
            });
        if let Some(column) = converted {
            let note = tr!(
                "'{}' is kept as it is; the leads stay open, since the file does not say what they became",
                column.header
            );
            self.note(note);
        }
    }

    /// A column whose values tell rows apart and that people can read: a number rather than an
    /// identifier of 36 signs.
    fn identifying_header(&self) -> Option<String> {
        let keys = || (0..self.file.columns().len()).filter(|place| self.file.is_key(*place));
        let readable = keys().find(|place| !matches!(self.file.columns()[*place].kind, Kind::Uuid));
        readable.or_else(|| keys().next()).map(|place| self.file.columns()[place].header.clone())
    }

    fn compose_address(&mut self) {
        let person = self
            .plan
            .columns
            .iter()
            .find(|column| matches!(column.target, Target::PersonName(_)))
            .map(|column| column.source.clone());
        let Some(header) = person else { return };
        let text = format!("{{{header}:address}}@{}", self.domain());
        if let Ok(template) = text.parse() {
            self.note(tr!(
                "the file has no e-mail addresses, which users sign in with; they are made up as {text}",
                text
            ));
            self.note(tr!(
                "users can own rows, but have no password: nobody can sign in as one before a password link was made"
            ));
            self.plan.compose.insert("internalemailaddress".to_owned(), template);
        }
    }

    /// A domain that no one can own, for addresses that are made up.
    pub(super) fn domain(&self) -> String {
        let slug: String = self
            .ground
            .organization
            .name
            .to_lowercase()
            .chars()
            .map(|sign| if sign.is_ascii_alphanumeric() { sign } else { '-' })
            .collect();
        let slug = slug.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
        format!("{}.example", if slug.is_empty() { "imported" } else { slug.as_str() })
    }

    fn note_outcome(&mut self) {
        let Some(outcome) = &self.plan.outcome else { return };
        let known: Vec<String> = outcome.words.iter().map(|(word, meaning)| format!("{word} = {meaning}")).collect();
        let column = self.file.place_of(&outcome.source).map(|place| &self.file.columns()[place]);
        let unknown: Vec<String> = column
            .into_iter()
            .flat_map(|column| &column.distinct)
            .filter(|value| !outcome.words.contains_key(&value.value))
            .map(|value| tr!("{value} (one row)" | "{value} ({n} rows)" % value.count, value = value.value))
            .collect();
        let source = outcome.source.clone();
        self.note(tr!("'{source}' tells how the rows stand: {}", known.join(", "), source));
        if !unknown.is_empty() {
            self.note(tr!(
                "'{source}' has words without a meaning yet, whose rows do not come in: {}",
                unknown.join(", "),
                source
            ));
        }
        let has_line = self.plan.columns.iter().any(|column| matches!(column.target, Target::ProductLine(_)));
        if has_line && self.is_free("isrevenuesystemcalculated") && self.is_free("estimatedvalue") {
            self.plan.constants.insert("isrevenuesystemcalculated".to_owned(), "true".to_owned());
            self.note(tr!("expected revenue is calculated from the product line: the agreed amount of a won deal, else the product's list price"));
        }
    }

    /// How dates were understood, and how many rows leave a lookup empty.
    fn note_reading(&mut self) {
        let mut notes = Vec::new();
        if let (Some(encoding), Some(evidence)) = (&self.file.detected.encoding, &self.file.detected.encoding_evidence)
        {
            notes.push(tr!("the text is read as {encoding}, which was guessed: line {} reads '{}'; where that is wrong, save the file as UTF-8 or say read.encoding in the mapping",
                evidence.line, evidence.value, encoding));
        }
        for column in self.file.columns() {
            match (column.date_order(), &column.evidence) {
                (Some(DateOrder::Ambiguous), _) => notes.push(tr!("'{}': its dates can be read day first or month first; those that can are refused until the mapping says dates = \"day_first\" or \"month_first\"",
                    column.header)),
                (Some(order @ (DateOrder::DayFirst | DateOrder::MonthFirst)), Some(evidence)) => {
                    let (header, value, row) = (&column.header, &evidence.value, evidence.row);
                    notes.push(if order == DateOrder::DayFirst {
                        tr!("'{header}': dates are read day first, because of {value} in row {row}", header, value, row)
                    } else {
                        tr!("'{header}': dates are read month first, because of {value} in row {row}", header, value, row)
                    });
                }
                _ => {}
            }
        }
        for column in &self.plan.columns {
            let Some(place) = self.file.place_of(&column.source) else { continue };
            let empty = self.file.profile.rows - self.file.columns()[place].filled;
            let leaves_empty = matches!(column.target, Target::Lookup(_)) || column.to() == Some("overriddencreatedon");
            if leaves_empty && empty > 0 {
                let what =
                    column.to().and_then(|name| self.table.column(name)).map_or("", |column| column.label.as_str());
                let what = translated(what);
                notes.push(tr!(
                    "'{}' is empty in {empty} rows; their {what} is not set by the file",
                    column.source,
                    empty,
                    what
                ));
            }
        }
        if self.file.unreadable > 0 {
            notes.push(tr!("{} rows cannot be read; they go to the failed rows", self.file.unreadable));
        }
        self.plan.notes.extend(notes);
    }
}

/// As the profile found the column to be written.
fn usual_reading(profile: &ColumnProfile) -> Reading {
    Reading { dates: profile.date_order(), numbers: profile.number_style, ..Reading::default() }
}

fn ignored(header: &str, reason: impl Into<String>) -> ColumnPlan {
    ColumnPlan::new(header, Target::Ignore(reason.into()))
}
