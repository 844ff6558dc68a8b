//! What others made of a record since somebody opened it, column by column.

use crm::{FeedEntry, Row, reading::Names};
use language::tr;
use model::{Column, ColumnType, Model, Table, Value};
use uuid::Uuid;

use super::{
    cells::Cells,
    input::Notation,
    parties::{self, Parties},
};
use crate::{app::Site, failure::Failure, posted::Typed, session::Me};

/// Changes of a record that are looked through; what was done to a column before is unknown.
const LOOKED_THROUGH: u32 = 200;

/// The changes of a record since a version of it.
pub(crate) struct Since {
    /// Newest first.
    entries: Vec<FeedEntry>,
    names: Names,
    /// Where the entries begin, if there are older ones that were not read.
    begins: Option<i64>,
}

/// What somebody did to one column, or may have done.
pub(crate) struct ColumnChange<'a> {
    /// The newest entry that changed it, or else the newest of all.
    pub entry: Option<&'a FeedEntry>,
    /// Whether that entry is known to have changed it.
    certain: bool,
    /// What it held before the oldest one, where the feed tells.
    base: Option<&'a Value>,
}

/// A row as it is stored at this moment.
pub(crate) struct Present<'a> {
    pub me: &'a Me,
    pub model: &'a Model,
    pub table: &'a Table,
    pub row: &'a Row,
    pub names: &'a Names,
    pub parties: &'a Parties,
}

/// What was typed, put together with what others have saved meanwhile.
pub(crate) struct Together {
    /// What to save, or to show again.
    pub typed: Typed,
    /// Columns in which both put something, each with what others did.
    pub contested: Vec<(String, String)>,
    /// Labels of the columns that only others changed.
    pub taken: Vec<String>,
}

impl Since {
    /// Reads what was done to a row behind `version`.
    pub async fn read(site: &Site, me: &Me, table: &Table, id: Uuid, version: i64) -> Result<Self, Failure> {
        let (mut entries, names) = site.app.history(&me.caller, &table.name, id, LOOKED_THROUGH).await?;
        let is_cut = entries.len() >= LOOKED_THROUGH as usize;
        let begins = entries.last().filter(|_| is_cut).map(place_of);
        entries.retain(|entry| entry.table == table.name && is_behind(entry, version));
        Ok(Self { entries, names, begins })
    }

    /// The names of what the changes speak of.
    pub const fn names(&self) -> &Names {
        &self.names
    }

    /// Who saved last, as the reader knows them, and when.
    pub fn last(&self, me: &Me) -> (String, String) {
        self.told(me, self.entries.first())
    }

    /// Who did something, and when.
    pub fn told(&self, me: &Me, entry: Option<&FeedEntry>) -> (String, String) {
        entry.map_or_else(|| (tr!("Somebody"), String::new()), |entry| who_and_when(me, &self.names, entry))
    }

    /// What was done to a column behind a place in the feed, if anything. Of a list of parties the
    /// feed of the row tells nothing, nor does it tell of what is older than was read: there any
    /// change of the row may be one of the column.
    pub fn column(&self, column: &Column, place: i64) -> Option<ColumnChange<'_>> {
        let mut done = self.entries.iter().filter(|entry| is_behind(entry, place) && touches(entry, column));
        let newest = done.next();
        let oldest = done.next_back().or(newest);
        let last = self.entries.first().filter(|entry| is_behind(entry, place));
        let is_whole = self.begins.is_none_or(|begins| begins <= place);
        if (!is_whole && !column.read_only) || (last.is_some() && parties::is_list(column)) {
            return Some(ColumnChange { entry: newest.or(last), certain: newest.is_some(), base: None });
        }
        Some(ColumnChange { entry: Some(newest?), certain: true, base: oldest.and_then(|entry| before(entry, column)) })
    }
}

/// Whether an entry changed a column, or hides whether it did. Of what is not audited, both values are empty.
fn touches(entry: &FeedEntry, column: &Column) -> bool {
    let is_told =
        |(name, before, after): &(String, Value, Value)| *name == column.name && (before != after || !column.read_only);
    (entry.erased && !column.read_only) || entry.changes.iter().any(is_told)
}

/// What a column held before an entry, where it tells.
fn before<'e>(entry: &'e FeedEntry, column: &Column) -> Option<&'e Value> {
    let (_, before, after) = entry.changes.iter().find(|(name, ..)| *name == column.name)?;
    (before != after).then_some(before)
}

fn place_of(entry: &FeedEntry) -> i64 {
    i64::try_from(entry.position.sequence).unwrap_or(i64::MAX)
}

fn is_behind(entry: &FeedEntry, place: i64) -> bool {
    place_of(entry) > place
}

/// Who did something, as the reader knows them, and when.
fn who_and_when(me: &Me, names: &Names, entry: &FeedEntry) -> (String, String) {
    let who = names.get(&model::Reference::new("systemuser", entry.actor.user));
    let who = match who {
        _ if entry.actor.user == me.caller.user => tr!("You, elsewhere,"),
        Some(name) => name.to_owned(),
        None => tr!("Somebody"),
    };
    let day = |moment: jiff::Timestamp| moment.to_zoned_datetime(me.caller.time_zone.clone()).date();
    let now = me.caller.zone().now;
    let when = if day(now) == day(entry.at) { me.style.time(entry.at) } else { me.style.date_time(entry.at) };
    (who, when)
}

impl Present<'_> {
    /// `Anna Weber changed this to “X”, 12:03`; where it is only known that they saved, that.
    pub fn sentence(&self, since: &Since, column: &Column, change: &ColumnChange<'_>) -> String {
        let (who, when) = since.told(self.me, change.entry);
        let when = if when.is_empty() { when } else { format!(", {when}") };
        let shown = self.shown(column);
        if change.certain {
            tr!("{who} changed this to {shown}{when}", who, shown, when)
        } else {
            tr!("{shown} is stored now; {who} saved last{when}", shown, who, when)
        }
    }

    /// A value between quotes, as it stands in a sentence.
    pub fn shown(&self, column: &Column) -> String {
        let Self { me, model, table, row, names, parties } = *self;
        let text = if parties::is_list(column) {
            let values = parties.values(me, model, names, column, None);
            values.into_iter().map(|value| value.label).collect::<Vec<_>>().join(", ")
        } else {
            Cells { me, model, names }.text(table, column, row.value(&column.name), self.currency())
        };
        if text.is_empty() { tr!("no value" => "nothing") } else { tr!("“{}”", text) }
    }

    /// What is stored, as a field would send it; a list of parties one a line.
    fn written(&self, column: &Column) -> String {
        if parties::is_list(column) {
            return self.parties.written(column).join("\n");
        }
        self.as_written(column, self.row.value(&column.name))
    }

    fn as_written(&self, column: &Column, value: &Value) -> String {
        Notation::of(self.me).write(self.me, column, value, self.currency())
    }

    fn currency(&self) -> Option<Uuid> {
        self.row.value("transactioncurrencyid").as_id()
    }

    /// Puts what was typed into `columns` over `version` of the row together with the row as it is
    /// now. What only others changed is taken over, what only the person changed stays, and where both
    /// did, or nobody can tell, what was typed stays and is named. `seen_COLUMN` in the form says up to
    /// where in the feed the person had seen what others did to that column, and decided; `take` names
    /// columns that are to be as others left them.
    pub fn together(&self, columns: &[String], since: &Since, mut typed: Typed, version: i64) -> Together {
        let (mut contested, mut taken) = (Vec::new(), Vec::new());
        for name in columns {
            let Some(column) = self.table.column(name).filter(|_| typed.has(name)) else { continue };
            let seen = typed.get(&seen_field(name)).and_then(|place| place.parse().ok()).unwrap_or(version);
            let Some(change) = since.column(column, seen.max(version)) else { continue };
            let now = self.written(column);
            let mine = typed_text(column, &typed);
            let same = |other: &str| mine.trim() == other.trim() || (mine == "false" && other.is_empty());
            if same(&now) {
                continue;
            }
            let is_untouched = change.base.is_some_and(|base| same(&self.as_written(column, base)));
            if is_untouched || typed.all("take").any(|taken| taken == name) {
                put(column, &mut typed, &now);
                taken.push(column.label.clone());
                continue;
            }
            contested.push((name.clone(), self.sentence(since, column, &change)));
        }
        Together { typed, contested, taken }
    }

    /// Puts what is stored in place of what was typed, in the columns where the person chose so.
    pub fn take_chosen(&self, typed: &mut Typed) {
        let chosen: Vec<String> = typed.all("take").map(str::to_owned).collect();
        for column in chosen.iter().filter_map(|name| self.table.column(name)) {
            put(column, typed, &self.written(column));
        }
    }
}

/// The field that says up to where in the feed changes of a column were seen.
pub(crate) fn seen_field(column: &str) -> String {
    format!("seen_{column}")
}

/// What a field holds, as [`Present::written`] would write it.
fn typed_text(column: &Column, typed: &Typed) -> String {
    match column.value_type() {
        _ if parties::is_list(column) => typed.all(&column.name).collect::<Vec<_>>().join("\n"),
        ColumnType::MultiChoice { .. } => typed.all(&column.name).collect::<Vec<_>>().join(","),
        _ => typed.text(&column.name).replace("\r\n", "\n"),
    }
}

fn put(column: &Column, typed: &mut Typed, text: &str) {
    match column.value_type() {
        _ if parties::is_list(column) => typed.set_all(&column.name, text.split('\n')),
        ColumnType::MultiChoice { .. } => typed.set_all(&column.name, text.split(',')),
        _ => typed.set(&column.name, text),
    }
}
