//! Which names do not tell what they mean: several rows have them, or none by now.

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
};

use model::{Filter, Table, Value};
use store::Query;
use uuid::Uuid;

use super::columns::Column;
use crate::{App, Caller, Result, activities::parties::Party, import::folded, reading::Names};

/// Names asked for in one go.
const NAMES: usize = 400;
/// Names remembered of one table; beyond that they are asked for anew.
const MOST_REMEMBERED: usize = 100_000;
/// Rows read in one go where all names are read.
const PAGE: u32 = 5_000;

/// How many rows of the tables pointed at have a name, as far as the caller sees them.
pub(super) struct Namesakes<'a> {
    app: &'a App,
    caller: &'a Caller,
    by_table: HashMap<String, Counts>,
}

/// What is known of the names of one table.
enum Counts {
    /// How many rows have each of the names asked for.
    Asked(HashMap<String, usize>),
    /// The sums of all names, sorted: without an index each question would read them all. Where two
    /// names have the same sum, a key stands beside a name that would not need it.
    All(Vec<u64>),
}

/// The rows that are named with their keys: by the place of the column and the row pointed at.
pub(super) type Keyed = HashSet<(usize, Uuid)>;

impl<'a> Namesakes<'a> {
    pub fn new(app: &'a App, caller: &'a Caller) -> Self {
        Self { app, caller, by_table: HashMap::new() }
    }

    /// The rows among those that one page points at whose names do not tell which they are.
    pub async fn of(&mut self, columns: &[Column], rows: &[Vec<Value>], names: &Names) -> Result<Keyed> {
        let mut pointed: Vec<(usize, Uuid, &str)> = Vec::new();
        let stored = columns.iter().enumerate().filter(|(_, column)| column.participation().is_none());
        for (position, (place, column)) in stored.enumerate() {
            if column.names_rows() {
                let references = rows.iter().filter_map(|row| row.get(position)?.as_reference());
                pointed.extend(references.filter_map(|it| Some((place, it.id, names.get(it)?))));
            }
        }
        self.among(columns, &pointed).await
    }

    /// The same among those who take part in the activities of one page.
    pub async fn of_parties(&mut self, columns: &[Column], parties: &super::Parties) -> Result<Keyed> {
        let mut pointed: Vec<(usize, Uuid, &str)> = Vec::new();
        for party in parties.values().flatten() {
            let Party::Record(reference) = &party.party else { continue };
            let of_list = |column: &Column| column.participation() == Some(party.participation);
            if let Some(place) = columns.iter().position(of_list) {
                pointed.push((place, reference.id, &party.name));
            }
        }
        self.among(columns, &pointed).await
    }

    async fn among(&mut self, columns: &[Column], pointed: &[(usize, Uuid, &str)]) -> Result<Keyed> {
        let mut wanted: HashMap<&str, HashSet<String>> = HashMap::new();
        for (place, _, name) in pointed {
            for table in columns[*place].declared.targets() {
                wanted.entry(table).or_default().insert(folded(name));
            }
        }
        for (table, names) in wanted {
            self.learn(table, names).await?;
        }
        let tells = |place: usize, name: &str| {
            let tables = columns[place].declared.targets().iter();
            tables.map(|table| self.by_table.get(table).map_or(0, |counts| counts.of(name))).sum::<usize>() == 1
        };
        let unclear = pointed.iter().filter(|(place, _, name)| !tells(*place, &folded(name)));
        Ok(unclear.map(|(place, id, _)| (*place, *id)).collect())
    }

    async fn learn(&mut self, table: &str, names: HashSet<String>) -> Result<()> {
        let declared = self.app.table(table)?;
        if !self.by_table.contains_key(table) {
            let counts = if is_found_by_name(&declared) {
                Counts::Asked(HashMap::new())
            } else {
                Counts::All(self.all(&declared).await?)
            };
            self.by_table.insert(table.to_owned(), counts);
        }
        let Some(Counts::Asked(known)) = self.by_table.get_mut(table) else { return Ok(()) };
        if known.len() > MOST_REMEMBERED {
            known.clear();
        }
        let new: Vec<String> = names.into_iter().filter(|name| !known.contains_key(name)).collect();
        for part in new.chunks(NAMES) {
            let filter = Filter::is_in(declared.primary_name.as_str(), part.iter().map(String::as_str));
            known.extend(part.iter().map(|name| (name.clone(), 0)));
            let query = names_of(self.app, self.caller, &declared).matching(filter);
            let count = |name: &str| *known.entry(folded(name)).or_default() += 1;
            each(self.app, self.caller, query, count).await?;
        }
        Ok(())
    }

    async fn all(&self, table: &Table) -> Result<Vec<u64>> {
        let mut sums = Vec::new();
        let query = names_of(self.app, self.caller, table);
        each(self.app, self.caller, query, |name| sums.push(sum(&folded(name)))).await?;
        sums.sort_unstable();
        Ok(sums)
    }
}

impl Counts {
    fn of(&self, name: &str) -> usize {
        match self {
            Self::Asked(known) => known.get(name).copied().unwrap_or_default(),
            Self::All(sums) => {
                let sum = sum(name);
                let from = sums.partition_point(|known| *known < sum);
                sums[from..].iter().take(2).filter(|known| **known == sum).count()
            }
        }
    }
}

fn is_found_by_name(table: &Table) -> bool {
    let is_text = table.column(&table.primary_name).is_some_and(model::Column::is_text);
    is_text && table.indexes.iter().any(|index| index.columns.first().is_some_and(|first| *first == table.primary_name))
}

fn names_of(app: &App, caller: &Caller, table: &Table) -> Query {
    app.new_query(caller, &table.name).select([table.primary_name.as_str()]).take(PAGE)
}

/// Calls `take` with the name of each row that the query finds.
async fn each(app: &App, caller: &Caller, mut query: Query, mut take: impl FnMut(&str)) -> Result<()> {
    loop {
        let rows = app.query(caller, query.clone()).await?;
        for value in rows.rows.iter().filter_map(|row| row.first()) {
            match value {
                Value::Text(name) => take(name),
                Value::Whole(number) => take(&number.to_string()),
                _ => {}
            }
        }
        match rows.next {
            Some(next) => query.page.cursor = Some(next),
            None => return Ok(()),
        }
    }
}

fn sum(name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    hasher.finish()
}
