//! By what a row is found again when the file comes once more.

use language::{tr, translated};
use model::ColumnKind;
use tabular::{ColumnProfile, Kind};

use super::Draft;
use crate::import::{
    matching::{label, logical_name},
    plan::{ColumnPlan, Duplicates, NewColumn, Target, ValueTarget},
};
use crate::words::within;

/// Ends of headers that name a row's number elsewhere.
const KEY_ENDS: &[&str] = &["id", "number", "no", "key", "code", "guid", "uuid", "nr"];

impl Draft<'_> {
    /// The primary key, as our own export writes it, or else the number another system gives.
    pub(super) fn choose_key(&mut self) {
        let name = self.table.primary_key.as_str();
        let own = |column: &ColumnProfile| {
            matches!(column.kind, Kind::Uuid) && column.header.trim().eq_ignore_ascii_case(name)
        };
        if self.file.columns().iter().any(own) {
            self.plan.key = vec![self.table.primary_key.clone()];
            self.plan.duplicates = Duplicates::Update;
        }
    }

    /// True for a file that an export of ours wrote, perhaps edited since.
    pub(super) fn is_own_export(&self) -> bool {
        self.plan.key == [self.table.primary_key.clone()]
    }

    /// A row of another organisation's export has another key here, but no two rows may agree in
    /// one of the table's alternate keys.
    pub(super) fn further_keys(&mut self) {
        if self.is_own_export() {
            let filled = self.table.keys.iter().filter(|key| key.columns.iter().all(|name| self.plan.fills(name)));
            self.plan.or_key = filled.map(|key| key.columns.clone()).collect();
        }
    }

    /// The plan of the key column: the primary key itself, or a column made for the number.
    pub(super) fn as_chosen_key(&mut self, position: usize, profile: &ColumnProfile) -> Option<ColumnPlan> {
        let header = profile.header.as_str();
        if self.is_own_export() {
            let own = header.trim().eq_ignore_ascii_case(&self.table.primary_key)
                && self.claim(&self.table.primary_key.clone());
            return own
                .then(|| ColumnPlan::new(header, Target::Column(ValueTarget::of(self.table.primary_key.as_str()))));
        }
        if !self.plan.key.is_empty() || !self.names_rows_elsewhere(position, profile) {
            return None;
        }
        let known = super::words::column(self.table, header, false)
            .filter(|column| column.is_text())
            .map(|column| column.name.clone());
        let name = known.clone().unwrap_or_else(|| logical_name(&self.ground.options.prefix, header));
        let exists = known.is_some() || self.table.column(&name).is_some();
        if !exists && !self.ground.options.create_missing {
            self.note(tr!("'{header}' tells the rows apart, but no column of {} keeps it: bringing the file in again would make the rows again; allow the import to make columns",
                within(&self.table.label), header));
            return None;
        }
        self.claim(&name);
        self.plan.key = vec![name.clone()];
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

    /// Where no number tells rows apart: an alternate key of the table, the e-mail address, or the
    /// name, where no two rows of the file have the same.
    pub(super) fn natural_key(&mut self) {
        if !self.plan.key.is_empty() {
            return;
        }
        let declared = self.table.keys.iter().map(|key| key.columns.iter().map(String::as_str).collect::<Vec<_>>());
        let usual: &[&[&str]] = match self.table.name.as_str() {
            "systemuser" => &[&["internalemailaddress"], &["firstname", "lastname"]],
            "contact" | "lead" => &[&["emailaddress1"]],
            "account" => &[&["accountnumber"], &["name"]],
            _ => &[&["name"]],
        };
        let table = self.table;
        let candidates = declared.chain(usual.iter().map(|key| key.to_vec()));
        let Some(key) = candidates.into_iter().find(|key| self.tells_apart(key)) else { return };
        let labels: Vec<_> =
            key.iter().filter_map(|name| table.column(name)).map(|column| translated(&column.label)).collect();
        let without = key
            .iter()
            .filter_map(|name| self.source_of(name))
            .map(|place| self.file.profile.rows - self.file.columns()[place].filled)
            .max()
            .unwrap_or_default();
        if without > 0 {
            let by = labels.join(&tr!(" and "));
            self.note(tr!("{without} rows have no {by}: they are new each time the file comes in", without, by));
        }
        self.plan.key = key.iter().map(|name| (*name).to_owned()).collect();
    }

    /// True where the file fills these columns and no two of its rows have the same in all of
    /// them; an e-mail address may be missing.
    fn tells_apart(&self, key: &[&str]) -> bool {
        let composed = |name: &str| self.plan.compose.contains_key(name);
        if key.len() == 1 && composed(key[0]) {
            return key[0] == "internalemailaddress";
        }
        !key.is_empty()
            && key.iter().all(|name| {
                let optional = *name == "emailaddress1";
                self.source_of(name)
                    .is_some_and(|place| self.file.is_key(place) || optional && self.file.differs(place))
            })
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
