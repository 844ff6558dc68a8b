//! By what a row is found again when the file comes once more.

use model::ColumnKind;
use tabular::{ColumnProfile, Kind};

use super::Draft;
use crate::import::{
    matching::{label, logical_name, normalised},
    plan::{ColumnPlan, Duplicates, NewColumn, Target, ValueTarget},
};

/// Ends of headers that name a row's number elsewhere.
const KEY_ENDS: &[&str] = &["id", "number", "no", "key", "code", "guid", "uuid", "nr"];

impl Draft<'_> {
    /// The primary key, as our own export writes it, or else the number another system gives.
    pub(super) fn choose_key(&mut self) {
        let names = [normalised(&self.table.primary_key), normalised(&format!("{} id", self.table.label))];
        let own = self
            .file
            .columns()
            .iter()
            .find(|column| matches!(column.kind, Kind::Uuid) && normalised(&column.header) == names[0]);
        if own.is_some() {
            self.plan.key = vec![self.table.primary_key.clone()];
            self.plan.duplicates = Duplicates::Update;
            self.note("rows are found by their own key, as an export writes it, and are changed where they are there");
        }
    }

    /// The plan of the key column: the primary key itself, or a column made for the number.
    pub(super) fn as_chosen_key(&mut self, position: usize, profile: &ColumnProfile) -> Option<ColumnPlan> {
        let header = profile.header.as_str();
        let is_own = self.plan.key == [self.table.primary_key.clone()];
        if is_own {
            let own = normalised(header) == normalised(&self.table.primary_key)
                && self.claim(&self.table.primary_key.clone());
            return own
                .then(|| ColumnPlan::new(header, Target::Column(ValueTarget::of(self.table.primary_key.as_str()))));
        }
        if !self.plan.key.is_empty() || !self.names_rows_elsewhere(position, profile) {
            return None;
        }
        let known = super::words::column(self.table, header)
            .filter(|column| column.is_text())
            .map(|column| column.name.clone());
        let name = known.clone().unwrap_or_else(|| logical_name(&self.ground.options.prefix, header));
        let exists = known.is_some() || self.table.column(&name).is_some();
        if !exists && !self.ground.options.create_missing {
            self.note(format!(
                "'{header}' tells the rows apart, but no column of {} keeps it: bringing the file in again would make the rows again; allow the import to make columns",
                self.table.label.to_lowercase()
            ));
            return None;
        }
        self.claim(&name);
        self.plan.key = vec![name.clone()];
        self.note(format!("rows are found again by '{header}'; those that are there stay as they are"));
        let target = ValueTarget::of(name.as_str());
        if exists {
            return Some(ColumnPlan::new(header, Target::Column(target)));
        }
        let new = NewColumn {
            label: label(header),
            kind: ColumnKind::Text,
            length: Some(100),
            precision: None,
            unique: true,
        };
        Some(ColumnPlan::new(header, Target::NewColumn(target, new)))
    }

    fn names_rows_elsewhere(&self, position: usize, profile: &ColumnProfile) -> bool {
        let header = profile.header.to_lowercase();
        let last = header
            .split(|sign: char| !sign.is_alphanumeric())
            .rfind(|part| !part.is_empty())
            .unwrap_or_default()
            .to_owned();
        let ends = KEY_ENDS.contains(&last.as_str()) || header.ends_with("id") && header.len() > 2;
        ends && self.file.is_key(position) && profile.max_length <= 100
    }

    /// Where nothing else tells rows apart: the name, where no two rows have the same.
    pub(super) fn natural_key(&mut self) {
        if !self.plan.key.is_empty() {
            return;
        }
        let candidates: &[&str] = match self.table.name.as_str() {
            "systemuser" if !self.is_free("internalemailaddress") => &["internalemailaddress"],
            "systemuser" => &["firstname", "lastname"],
            "contact" | "lead" => &["emailaddress1"],
            "product" => &["productnumber", "name"],
            _ => &["name"],
        };
        let candidates: Vec<Vec<&str>> = match self.table.name.as_str() {
            "systemuser" => vec![candidates.to_vec()],
            _ => candidates.iter().map(|name| vec![*name]).collect(),
        };
        for key in candidates {
            let places: Vec<Option<usize>> = key.iter().map(|name| self.source_of(name)).collect();
            if places.iter().all(|place| place.is_some_and(|place| self.file.is_key(place))) {
                let labels: Vec<&str> =
                    key.iter().filter_map(|name| self.table.column(name)).map(|column| column.label.as_str()).collect();
                let note =
                    format!("rows are found again by {}; those that are there stay as they are", labels.join(" and "));
                self.plan.key = key.iter().map(|name| (*name).to_owned()).collect();
                self.note(note);
                return;
            }
        }
    }

    /// The column of the file that fills this column of the table.
    fn source_of(&self, name: &str) -> Option<usize> {
        let column = self.plan.columns.iter().find(|column| match &column.target {
            Target::PersonName(person) => person.first == name || person.last == name,
            _ => column.to() == Some(name),
        })?;
        self.file.place_of(&column.source)
    }
}
