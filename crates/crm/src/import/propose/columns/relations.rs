//! Columns that name rows of other tables, told by the values of the other files or the header.

use std::collections::HashSet;

use indexmap::IndexMap;
use language::tr;
use model::{Column, ColumnType, Ownership};
use tabular::{ColumnProfile, Kind};

use super::{Draft, words};
use crate::import::plan::{ColumnPlan, LookupTarget, Target, Unresolved};

impl Draft<'_> {
    /// Most of the values stand in the key column of another file, or of this one.
    pub(super) fn as_relation(&mut self, position: usize, profile: &ColumnProfile) -> Option<ColumnPlan> {
        if !matches!(profile.kind, Kind::Text | Kind::Email) {
            return None;
        }
        let values = self.file.values[position].as_ref()?;
        let other = (0..self.ground.files.len()).filter(|place| *place != self.place).find_map(|place| {
            let table = self.ground.tables[place].as_deref()?;
            let file = &self.ground.files[place];
            let key = name_column(file)?;
            let same_thing = table == self.table.name && self.file.is_key(position);
            (!same_thing && stand_in(values, file.values[key].as_ref()?)).then_some((place, table, key))
        });
        if let Some((place, table, key)) = other {
            return self.related(profile, place, table, key);
        }
        self.as_own_relation(position, profile)
    }

    fn related(&mut self, profile: &ColumnProfile, place: usize, table: &str, key: usize) -> Option<ColumnPlan> {
        let file = &self.ground.files[place];
        let by_email = matches!(file.columns()[key].kind, Kind::Email);
        let mut target = self.lookup_to(&[table.to_owned()], by_email)?;
        let found = tr!("its values stand in '{}' of {}", file.columns()[key].header, file.name);
        if table == "product" && self.table.name == "opportunity" {
            "productid".clone_into(&mut target.to);
            return Some(
                ColumnPlan::new(profile.header.as_str(), Target::ProductLine(target))
                    .noting(tr!("{found}; each deal gets a product line", found)),
            );
        }
        target.to = self.lookup_column(profile, table)?;
        self.claim(&target.to.clone());
        Some(ColumnPlan::new(profile.header.as_str(), Target::Lookup(target)).noting(found))
    }

    /// A row of this very file is named: a parent.
    fn as_own_relation(&mut self, position: usize, profile: &ColumnProfile) -> Option<ColumnPlan> {
        let key = name_column(self.file).filter(|key| *key != position)?;
        let values = self.file.values[position].as_ref()?;
        if self.file.is_key(position) || !stand_in(values, self.file.values[key].as_ref()?) {
            return None;
        }
        let table = self.table.name.clone();
        let mut target = self.lookup_to(std::slice::from_ref(&table), false)?;
        target.to = self.lookup_column(profile, &table)?;
        target.unresolved = Unresolved::Empty;
        self.claim(&target.to.clone());
        let found = tr!(
            "its values stand in '{}' of this file; rows that come later are linked in a second pass",
            self.file.columns()[key].header
        );
        Some(ColumnPlan::new(profile.header.as_str(), Target::Lookup(target)).noting(found))
    }

    /// The header says which lookup is meant, though no file holds the rows.
    pub(super) fn as_named_lookup(
        &mut self,
        profile: &ColumnProfile,
        column: &Column,
        targets: &[String],
    ) -> Option<ColumnPlan> {
        let table = targets.first()?.as_str();
        let raw = matches!(profile.kind, Kind::Uuid)
            || profile.distinct.first().is_some_and(|value| is_reference(&value.value, targets));
        self.claim(&column.name);
        if raw {
            let mut target = crate::import::plan::ValueTarget::of(column.name.as_str());
            if self.is_own_export() {
                // The row is there already: an identifier that leads nowhere leaves it as it is.
                target.reading.unresolved = Unresolved::Empty;
            }
            return Some(ColumnPlan::new(profile.header.as_str(), Target::Column(target)));
        }
        let by_email = matches!(profile.kind, Kind::Email);
        let mut target = self.lookup_to(targets, by_email)?;
        column.name.clone_into(&mut target.to);
        let about_people = self.table.name == "systemuser";
        target.create_missing =
            self.ground.options.create_missing && table != "systemuser" || about_people && table != "territory";
        if table == "systemuser" && about_people {
            if let Ok(template) = format!("{{name:address}}@{}", self.domain()).parse() {
                target.with = IndexMap::from([("internalemailaddress".to_owned(), template)]);
            }
            target.same = vec!["businessunitid".to_owned()];
        }
        if self.is_own_export() {
            // The row is there already: a name that leads nowhere leaves its lookup as it is.
            target.unresolved = Unresolved::Empty;
        }
        let note = if target.create_missing {
            tr!("rows of {table} that are not there are made, each is told", table)
        } else {
            tr!("rows of {} are found by name", targets.join(&tr!(" or ")))
        };
        Some(ColumnPlan::new(profile.header.as_str(), Target::Lookup(target)).noting(note))
    }

    /// The people who take part in an activity, by name or address, with semicolons between them.
    pub(super) fn as_parties(
        &mut self,
        profile: &ColumnProfile,
        column: &Column,
        targets: &[String],
    ) -> Option<ColumnPlan> {
        let by_email = matches!(profile.kind, Kind::Email);
        let mut target = self.lookup_to(targets, by_email)?;
        column.name.clone_into(&mut target.to);
        self.claim(&column.name);
        let note =
            tr!("each name stands for a row of {}; a semicolon stands between names", targets.join(&tr!(" or ")));
        Some(ColumnPlan::new(profile.header.as_str(), Target::Lookup(target)).noting(note))
    }

    fn lookup_to(&self, tables: &[String], by_email: bool) -> Option<LookupTarget> {
        let declared: Vec<_> = tables.iter().filter_map(|name| self.ground.model.table(name)).collect();
        let emails = ["internalemailaddress", "emailaddress1"];
        let has = |name: &&str| declared.iter().any(|table| table.column(name).is_some());
        let mut by: Vec<String> = if by_email {
            emails.iter().filter(|name| has(name)).map(|name| (*name).to_owned()).collect()
        } else {
            Vec::new()
        };
        if let ([only], true) = (declared.as_slice(), by.is_empty()) {
            by.push(only.primary_name.clone());
        }
        let tables: Vec<String> = declared.iter().map(|table| table.name.clone()).collect();
        (!tables.is_empty()).then(|| LookupTarget { tables, by, ..LookupTarget::default() })
    }

    /// The lookup of this table that points at `table`: the one the header means, the usual one,
    /// or the first.
    fn lookup_column(&self, profile: &ColumnProfile, table: &str) -> Option<String> {
        let points = |column: &&Column| {
            matches!(&column.kind, ColumnType::Lookup { targets } if targets.iter().any(|target| target == table))
                && column.importable
                && !column.read_only
                && self.is_free(&column.name)
        };
        let said = words::column(self.table, &profile.header, false).filter(points);
        let usual: &[&str] = match table {
            "systemuser" if self.table.ownership == Ownership::User => &["ownerid"],
            "account" => &["customerid", "parentcustomerid", "parentaccountid"],
            "contact" => &["parentcontactid", "primarycontactid", "customerid"],
            _ => &[],
        };
        let usual = || usual.iter().filter_map(|name| self.table.column(name)).find(points);
        let first = || self.table.columns.values().find(points);
        said.or_else(usual).or_else(first).map(|column| column.name.clone())
    }
}

/// The column of a file that names its rows: the first text that is different in every row.
fn name_column(file: &super::Inspected) -> Option<usize> {
    (0..file.columns().len())
        .find(|place| file.is_key(*place) && matches!(file.columns()[*place].kind, Kind::Text | Kind::Email))
}

/// At least four of five values are among the others.
fn stand_in(values: &HashSet<String>, others: &HashSet<String>) -> bool {
    let found = values.iter().filter(|value| others.contains(*value)).count();
    !values.is_empty() && found * 5 >= values.len() * 4
}

/// `account:018f…`, as a raw export writes lookups with several targets.
fn is_reference(text: &str, targets: &[String]) -> bool {
    text.split_once(':').is_some_and(|(table, id)| {
        targets.iter().any(|target| target == table) && uuid::Uuid::parse_str(id.trim()).is_ok()
    })
}
