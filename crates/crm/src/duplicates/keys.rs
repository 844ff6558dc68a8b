//! The match keys of a row.

use model::Table;
use sha2::{Digest, Sha256};
use store::{MatchKey, Row};

use super::{
    criterion::{self, Compared, Criterion},
    rules::{Condition, Definition, Rule, Rules},
};

/// What the values of one row are compared by: column, criterion, and whether case matters.
pub(crate) type Forms<'d> = Vec<((&'d str, Criterion, bool), Compared)>;

impl Rules {
    /// The keys of a row by one definition; none where a value that counts is missing.
    pub fn keys(&self, definition: &Definition, row: &Row) -> Vec<MatchKey> {
        self.keys_beside(definition, row, &mut Forms::new())
    }

    /// As [`Rules::keys`]; `known` holds what the row was found to be compared by so far, since
    /// several definitions ask for the same.
    pub fn keys_beside<'d>(&self, definition: &'d Definition, row: &Row, known: &mut Forms<'d>) -> Vec<MatchKey> {
        let mut forms: Vec<String> = vec![String::new()];
        for (column, criterion, ignore_blank) in &definition.parts {
            let place = (column.as_str(), *criterion, definition.case_sensitive);
            let at = known.iter().position(|(known, _)| *known == place).unwrap_or_else(|| {
                let compared = self.compared(&definition.table, row, column, *criterion, definition.case_sensitive);
                known.push((place, compared));
                known.len() - 1
            });
            let blank = ["\u{0}".to_owned()];
            let under = match &known[at].1 {
                Compared::Blank if *ignore_blank => return Vec::new(),
                Compared::Blank => blank.as_slice(),
                Compared::Meaningless => return Vec::new(),
                // Where more is compared, the coarsest form is enough, and each key has its price: it lands in a
                // place of its own on the disk.
                Compared::Under(under) if definition.parts.len() > 1 => &under[under.len().saturating_sub(1)..],
                Compared::Under(under) => under.as_slice(),
            };
            forms =
                forms.iter().flat_map(|before| under.iter().map(move |form| format!("{before}\u{1f}{form}"))).collect();
        }
        let mut keys: Vec<MatchKey> =
            forms.iter().map(|form| MatchKey { definition: definition.number, hash: hash(form) }).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// Whether both rows agree in all the rule asks for.
    pub fn agree(&self, rule: &Rule, base: (&Table, &Row), matching: (&Table, &Row)) -> bool {
        rule.conditions.iter().all(|condition| self.agrees(rule, condition, base, matching))
    }

    fn agrees(&self, rule: &Rule, condition: &Condition, base: (&Table, &Row), matching: (&Table, &Row)) -> bool {
        let criterion = condition.criterion;
        let one = self.compared(base.0, base.1, &condition.base, criterion, rule.case_sensitive);
        let other = self.compared(matching.0, matching.1, &condition.matching, criterion, rule.case_sensitive);
        match (one, other) {
            (Compared::Blank, Compared::Blank) => !condition.ignore_blank,
            (Compared::Under(_), Compared::Under(_)) if criterion.is_tolerant() => {
                criterion.agrees(base.1.text(&condition.base), matching.1.text(&condition.matching))
            }
            (Compared::Under(one), Compared::Under(other)) => one == other,
            _ => false,
        }
    }

    fn compared(&self, table: &Table, row: &Row, name: &str, criterion: Criterion, case_sensitive: bool) -> Compared {
        let Some(column) = table.column(name) else { return Compared::Blank };
        let region = if criterion == Criterion::Phone {
            criterion::region(criterion::country_column(table), row, self.region.as_deref())
        } else {
            None
        };
        criterion.compared(column, row.value(name), case_sensitive, region)
    }
}

/// The same on every machine and in every release.
fn hash(text: &str) -> i64 {
    let digest = Sha256::digest(text.as_bytes());
    i64::from_be_bytes([digest[0], digest[1], digest[2], digest[3], digest[4], digest[5], digest[6], digest[7]])
}
