//! A filter as a list has it: conditions, groups of them, and what is asked of related rows.

use crm::reading::Names;
use language::tr;
use model::{Filter, Model, Reference, Related as ModelRelated, Table};
use serde_json::Value as Json;

use super::{condition::Condition, offered};
use crate::{session::Me, view::cells::Cells};

/// Deepest nesting of groups.
pub(crate) const DEEPEST: usize = 6;
/// The same as written: a group may stand in another one only to say that one thing is enough.
const DEEPEST_WRITTEN: usize = 2 * DEEPEST + 2;
/// Most conditions and groups of a list.
pub(crate) const MOST: usize = 100;

/// One thing that rows must satisfy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// A column compared.
    Condition(Condition),
    /// Several things, all or any of them.
    Group(Group),
    /// What rows that point here must satisfy.
    Related(Related),
}

/// Several things.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Group {
    /// One of them is enough.
    pub any: bool,
    pub parts: Vec<Part>,
}

/// Rows of another table that point here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Related {
    /// There must be none of them.
    pub none: bool,
    /// The other table.
    pub table: String,
    /// Its lookup that points here.
    pub through: String,
    /// What they must satisfy.
    pub group: Group,
}

impl Part {
    /// Reads it from an address: a condition as it is, anything else as a list in JSON that begins
    /// with what it is: `["any","rating:eq:1",…]`, `["has","task","regardingobjectid",…]`.
    pub fn parse(text: &str) -> Option<Self> {
        if !text.starts_with('[') {
            return Condition::parse(text).map(Self::Condition);
        }
        let mut left = MOST;
        of_json(&serde_json::from_str(text).ok()?, 1, &mut left)
    }

    /// As an address holds it.
    pub fn to_text(&self) -> String {
        match self {
            Self::Condition(condition) => condition.to_text(),
            _ => self.to_json().to_string(),
        }
    }

    fn to_json(&self) -> Json {
        let list = |head: Vec<&str>, parts: &[Self]| {
            Json::Array(head.into_iter().map(Json::from).chain(parts.iter().map(Self::to_json)).collect())
        };
        match self {
            Self::Condition(condition) => condition.to_text().into(),
            Self::Group(group) => list(vec![group.word()], &group.parts),
            Self::Related(related) => {
                let head = vec![related.word(), related.table.as_str(), related.through.as_str()];
                // What is asked of the rows stands inside as a group where one thing is enough.
                match &related.group {
                    Group { any: true, .. } => list(head, &[Self::Group(related.group.clone())]),
                    group => list(head, &group.parts),
                }
            }
        }
    }

    /// The part that a filter is, where a list can show it.
    pub fn of_filter(me: &Me, filter: &Filter) -> Option<Self> {
        let all = |parts: &[Filter]| parts.iter().map(|part| Self::of_filter(me, part)).collect::<Option<Vec<_>>>();
        match filter {
            Filter::Condition(_) => Condition::of_filter(me, filter).map(Self::Condition),
            Filter::All(parts) | Filter::Any(parts) if parts.is_empty() => None,
            Filter::All(parts) => Some(Self::Group(Group { any: false, parts: all(parts)? })),
            Filter::Any(parts) => Some(Self::Group(Group { any: true, parts: all(parts)? })),
            Filter::Related(related) => Related::of_filter(me, related, false).map(Self::Related),
            Filter::Not(inner) => match inner.as_ref() {
                Filter::Related(related) => Related::of_filter(me, related, true).map(Self::Related),
                _ => None,
            },
            Filter::Search(_) => None,
        }
    }

    /// As a filter of the model.
    pub fn filter(&self, me: &Me, model: &Model, table: &Table) -> Result<Filter, String> {
        match self {
            Self::Condition(condition) => condition.filter(me, model, table),
            Self::Group(group) => group.filter(me, model, table),
            Self::Related(related) => related.filter(me, model, table),
        }
    }

    /// The rows that its values point at, whose names are shown.
    pub fn references(&self) -> Vec<Reference> {
        match self {
            Self::Condition(condition) => condition.references().collect(),
            Self::Group(group) => references(&group.parts),
            Self::Related(related) => references(&related.group.parts),
        }
    }

    /// What it is about and what it asks, in words.
    pub fn words(&self, cells: &Cells<'_>, table: &Table) -> (String, String) {
        match self {
            Self::Condition(condition) => condition.words(cells, table),
            Self::Group(group) => {
                let head = if group.any { tr!("Any of") } else { tr!("All of") };
                (head, group.sentence(cells, table))
            }
            Self::Related(related) => related.words(cells, table),
        }
    }
}

/// The rows that the values of a filter point at.
pub(crate) fn references(parts: &[Part]) -> Vec<Reference> {
    parts.iter().flat_map(Part::references).collect()
}

impl Group {
    fn word(&self) -> &'static str {
        if self.any { "any" } else { "all" }
    }

    fn filter(&self, me: &Me, model: &Model, table: &Table) -> Result<Filter, String> {
        let parts = self.parts.iter().map(|part| part.filter(me, model, table)).collect::<Result<Vec<_>, _>>()?;
        Ok(if self.any && !parts.is_empty() { Filter::Any(parts) } else { Filter::All(parts) })
    }

    fn sentence(&self, cells: &Cells<'_>, table: &Table) -> String {
        let one = |part: &Part| match (part, part.words(cells, table)) {
            (Part::Group(group), _) => format!("({})", group.sentence(cells, table)),
            (_, (about, asks)) => format!("{about} {asks}"),
        };
        let parts: Vec<String> = self.parts.iter().map(one).collect();
        let between = if self.any { tr!("between conditions" => " or ") } else { tr!("between conditions" => " and ") };
        parts.join(&between)
    }
}

impl Related {
    fn word(&self) -> &'static str {
        if self.none { "none" } else { "has" }
    }

    fn of_filter(me: &Me, related: &ModelRelated, none: bool) -> Option<Self> {
        let group = match related.filter.as_ref() {
            everything if everything.is_everything() => Group::default(),
            filter => match Part::of_filter(me, filter)? {
                Part::Group(group) => group,
                part => Group { any: false, parts: vec![part] },
            },
        };
        Some(Self { none, table: related.table.clone(), through: related.through.clone(), group })
    }

    fn filter(&self, me: &Me, model: &Model, table: &Table) -> Result<Filter, String> {
        let other = offered::related_table(model, table, &self.table, &self.through)?;
        let filter = Box::new(self.group.filter(me, model, other)?);
        let related = Filter::Related(ModelRelated {
            table: self.table.clone(),
            through: self.through.clone(),
            filter,
            at: None,
        });
        Ok(if self.none { Filter::Not(Box::new(related)) } else { related })
    }

    fn words(&self, cells: &Cells<'_>, table: &Table) -> (String, String) {
        let head = if self.none { tr!("Has no") } else { tr!("Has") };
        let Ok(other) = offered::related_table(cells.model, table, &self.table, &self.through) else {
            return (head, self.table.clone());
        };
        let asks = self.group.sentence(cells, other);
        let rows = offered::relation_label(table, other, &self.through);
        (head, if asks.is_empty() { rows } else { tr!("{} where {}", rows, asks) })
    }
}

/// Every group but that of a list counts as one level; an empty one says nothing and is none.
fn of_json(json: &Json, depth: usize, left: &mut usize) -> Option<Part> {
    *left = left.checked_sub(1)?;
    let list = match json {
        Json::String(text) => return Condition::parse(text).map(Part::Condition),
        Json::Array(list) if depth <= DEEPEST_WRITTEN => list,
        _ => return None,
    };
    let (kind, rest) = list.split_first()?;
    let mut parts =
        |rest: &[Json]| -> Option<Vec<Part>> { rest.iter().map(|part| of_json(part, depth + 1, left)).collect() };
    match kind.as_str()? {
        kind @ ("all" | "any") if !rest.is_empty() => {
            Some(Part::Group(Group { any: kind == "any", parts: parts(rest)? }))
        }
        kind @ ("has" | "none") => {
            let [table, through, rest @ ..] = rest else { return None };
            let group = match <[Part; 1]>::try_from(parts(rest)?) {
                Ok([Part::Group(group)]) if group.any => group,
                Ok([part]) => Group { any: false, parts: vec![part] },
                Err(parts) => Group { any: false, parts },
            };
            let (table, through) = (table.as_str()?.to_owned(), through.as_str()?.to_owned());
            Some(Part::Related(Related { none: kind == "none", table, through, group }))
        }
        _ => None,
    }
}

/// The names that the words of a filter need.
pub(crate) async fn names(site: &crate::app::Site, me: &Me, parts: &[Part]) -> crm::Result<Names> {
    let pointed = references(parts);
    if pointed.is_empty() { Ok(Names::default()) } else { site.app.names(&me.caller, pointed).await }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_survives_the_way_through_an_address() {
        let one = |text: &str| Part::parse(text).unwrap();
        let nested = Part::Group(Group { any: true, parts: vec![one("name:eq:a|b"), one("createdon:today")] });
        let related = |any: bool, parts: Vec<Part>| {
            let (table, through) = ("task".to_owned(), "regardingobjectid".to_owned());
            Part::Related(Related { none: any, table, through, group: Group { any, parts } })
        };
        for part in [
            nested.clone(),
            related(false, vec![]),
            related(false, vec![one("subject:contains:\"[x]")]),
            related(true, vec![nested.clone(), one("name:null")]),
            related(false, vec![one("name:null"), nested]),
        ] {
            assert_eq!(Part::parse(&part.to_text()), Some(part));
        }
    }

    #[test]
    fn what_is_no_filter_is_not_taken_for_one() {
        let deep = format!("{}\"name:null\"{}", "[\"all\",".repeat(40), "]".repeat(40));
        let long = format!("[\"all\"{}]", ",\"name:null\"".repeat(200));
        for text in ["", "[", "[]", "[\"any\"]", "[\"all\",7]", "[\"has\",\"task\"]", "name", "name:what", &deep, &long]
        {
            assert_eq!(Part::parse(text), None, "{text}");
        }
    }
}
