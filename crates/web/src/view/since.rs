//! What others made of a record since somebody opened it, column by column.

use crm::{FeedEntry, Row, reading::Names};
use model::{Column, ColumnType, Model, Table, Value};
use uuid::Uuid;

use super::{cells::Cells, input::Notation, record};
use crate::{app::Site, failure::Failure, posted::Typed, session::Me};

/// Changes of a record that are looked through; who is further behind sees the present values.
const LOOKED_THROUGH: u32 = 200;

/// The changes of a record since a version of it.
pub(crate) struct Since {
    /// Newest first.
    entries: Vec<FeedEntry>,
    names: Names,
}

/// What somebody did to one column.
pub(crate) struct ColumnChange<'a> {
    /// The newest entry that changed it.
    pub entry: &'a FeedEntry,
    /// What it held before the oldest one.
    pub base: &'a Value,
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
        entries.retain(|entry| entry.table == table.name && is_behind(entry, version));
        Ok(Self { entries, names })
    }

    /// The last change.
    pub fn last(&self) -> Option<&FeedEntry> {
        self.entries.first()
    }

    /// The names of what the changes speak of.
    pub const fn names(&self) -> &Names {
        &self.names
    }

    /// What was done to a column behind a place in the feed, if anything.
    pub fn column(&self, column: &str, place: i64) -> Option<ColumnChange<'_>> {
        let changes =
            |entry: &'_ FeedEntry| entry.changes.iter().any(|(name, before, after)| name == column && before != after);
        let mut done = self.entries.iter().filter(|entry| is_behind(entry, place) && changes(entry));
        let newest = done.next()?;
        let oldest = done.next_back().unwrap_or(newest);
        let (_, base, _) = oldest.changes.iter().find(|(name, ..)| name == column)?;
        Some(ColumnChange { entry: newest, base })
    }
}

fn is_behind(entry: &FeedEntry, place: i64) -> bool {
    i64::try_from(entry.position.sequence).is_ok_and(|at| at > place)
}

/// Who did something, as the reader knows them, and when.
pub(crate) fn who_and_when(me: &Me, names: &Names, entry: &FeedEntry) -> (String, String) {
    let who = names.get(&model::Reference::new("systemuser", entry.actor.user));
    let who = match who {
        _ if entry.actor.user == me.caller.user => "You, elsewhere,",
        Some(name) => name,
        None => "Somebody",
    };
    let day = |moment: jiff::Timestamp| moment.to_zoned_datetime(me.caller.time_zone.clone()).date();
    let now = me.caller.zone().now;
    let when = if day(now) == day(entry.at) { me.style.time(entry.at) } else { me.style.date_time(entry.at) };
    (who.to_owned(), when)
}

/// `Anna Weber changed this to “X”, 12:03`.
pub(crate) fn sentence(
    me: &Me,
    model: &Model,
    table: &Table,
    column: &Column,
    row: &Row,
    names: &Names,
    entry: &FeedEntry,
) -> String {
    let (who, when) = who_and_when(me, names, entry);
    format!("{who} changed this to {}, {when}", shown(me, model, table, column, row, names))
}

/// A value between quotes, as it stands in a sentence.
pub(crate) fn shown(me: &Me, model: &Model, table: &Table, column: &Column, row: &Row, names: &Names) -> String {
    let currency = row.value("transactioncurrencyid").as_id();
    let text = Cells { me, model, names }.text(table, column, row.value(&column.name), currency);
    if text.is_empty() { "nothing".to_owned() } else { format!("“{text}”") }
}

/// Puts what was typed over `version` of a row together with the row as it is now. What only others
/// changed is taken over, what only the person changed stays, and where both did, what was typed
/// stays and is named. `seen_COLUMN` in the form says up to where in the feed the person had seen
/// what others did to that column, and decided; `take` names columns that are to be as others left them.
pub(crate) fn together(
    (me, model, table): (&Me, &Model, &Table),
    (row, names): (&Row, &Names),
    since: &Since,
    mut typed: Typed,
    version: i64,
) -> Together {
    let notation = Notation::of(me);
    let currency = row.value("transactioncurrencyid").as_id();
    let (mut contested, mut taken) = (Vec::new(), Vec::new());
    for name in record::form_columns(&record::main_form(table)) {
        let Some(column) = table.column(name).filter(|_| typed.has(name)) else { continue };
        let seen = typed.get(&format!("seen_{name}")).and_then(|place| place.parse().ok()).unwrap_or(version);
        let Some(change) = since.column(name, seen.max(version)) else { continue };
        let now = notation.write(me, column, row.value(name), currency);
        let base = notation.write(me, column, change.base, currency);
        let mine = typed_text(column, &typed);
        let same = |other: &str| mine.trim() == other.trim() || (mine == "false" && other.is_empty());
        if same(&now) {
            continue;
        }
        if same(&base) || typed.all("take").any(|taken| taken == name) {
            put(column, &mut typed, &now);
            taken.push(column.label.clone());
            continue;
        }
        contested.push((name.to_owned(), sentence(me, model, table, column, row, names, change.entry)));
    }
    Together { typed, contested, taken }
}

/// Puts what is stored in place of what was typed, in the columns where the person chose so.
pub(crate) fn take_chosen(me: &Me, table: &Table, row: &Row, typed: &mut Typed) {
    let notation = Notation::of(me);
    let currency = row.value("transactioncurrencyid").as_id();
    let chosen: Vec<String> = typed.all("take").map(str::to_owned).collect();
    for column in chosen.iter().filter_map(|name| table.column(name)) {
        put(column, typed, &notation.write(me, column, row.value(&column.name), currency));
    }
}

/// What a field holds, as [`Notation::write`] would write it.
fn typed_text(column: &Column, typed: &Typed) -> String {
    match column.value_type() {
        ColumnType::MultiChoice { .. } => typed.all(&column.name).collect::<Vec<_>>().join(","),
        _ => typed.text(&column.name).replace("\r\n", "\n"),
    }
}

fn put(column: &Column, typed: &mut Typed, text: &str) {
    match column.value_type() {
        ColumnType::MultiChoice { .. } => typed.set_all(&column.name, text.split(',')),
        _ => typed.set(&column.name, text),
    }
}
