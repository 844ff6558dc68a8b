//! What a person was told, as they read it.

use jiff::{SignedDuration, Timestamp};
use language::tr;
use model::{Filter, Model, Operator, Order, Reference};
use store::{Cursor, Query, Reader, Row};
use uuid::Uuid;

use super::{
    HIDDEN, Kind, Notifications, TABLE, Target,
    kind::{What, with_subject},
};
use crate::{
    Caller, Error, Origin, Result,
    reading::{Names, names},
    timeline::as_typed,
};

/// Unread ones counted; of more it is only said that there are more.
const COUNTED: u32 = 100;
/// Marked as read at a time.
const AT_ONCE: u32 = 1_000;
/// Longest piece of what somebody wrote that is shown, in characters.
const EXCERPT: usize = 180;
const KEY: &str = "appnotificationid";
const COLUMNS: [&str; 19] = [
    KEY,
    "title",
    "body",
    "icontype",
    "toasttype",
    "ttlinseconds",
    "data",
    "isread",
    "raisedon",
    "createdon",
    "reasoncode",
    "actorid",
    "objecttypecode",
    "objectid",
    "sourcetypecode",
    "sourceid",
    "changecount",
    "groupkey",
    "versionnumber",
];

/// One thing that a person was told.
#[derive(Debug, Clone)]
pub struct Notification {
    /// Its key.
    pub id: Uuid,
    /// What happened.
    pub title: String,
    /// Words that came with it, or the beginning of what was written.
    pub words: String,
    /// Why they were told; none where another program told them.
    pub kind: Option<Kind>,
    /// `icontype`.
    pub icon: i64,
    /// Who did it.
    pub by: Option<String>,
    /// Where it leads.
    pub target: Option<Target>,
    /// What the record is called.
    pub record: Option<String>,
    /// How many changes it tells of.
    pub count: i64,
    /// Whether they have seen it.
    pub is_read: bool,
    /// When it happened last.
    pub raised: Timestamp,
    /// Whether it shows for a moment at the edge of the page.
    pub appears: bool,
    /// Place in the feed of its last change.
    pub sequence: u64,
}

/// A page of what a person was told, the newest first.
#[derive(Debug, Clone, Default)]
pub struct Inbox {
    /// What they may still read of it.
    pub notifications: Vec<Notification>,
    /// Behind the last one, where there is more.
    pub next: Option<String>,
}

/// How much a person has not seen yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unread {
    /// So many.
    pub count: usize,
    /// And more.
    pub more: bool,
}

impl Notifications<'_> {
    /// How much the caller has not seen yet.
    pub async fn unread(&self, caller: &Caller) -> Result<Unread> {
        let caller = caller.clone();
        self.app
            .read(move |reader| {
                let query = mine(&caller).matching(Filter::eq("isread", false)).select(COLUMNS).take(COUNTED);
                let rows: Vec<Row> = reader.query(&newest_first(query))?.to_rows().collect();
                let more = rows.len() >= COUNTED as usize;
                let known = readable(reader, &caller, &rows, false)?;
                Ok(Unread { count: rows.iter().filter(|row| is_shown(row, &known, caller.zone().now)).count(), more })
            })
            .await
    }

    /// A page, from the newest on or behind a place.
    pub async fn page(&self, caller: &Caller, unread_only: bool, behind: Option<String>, size: u32) -> Result<Inbox> {
        let mut query = mine(caller).select(COLUMNS).take(size);
        if unread_only {
            query = query.matching(Filter::eq("isread", false));
        }
        query.page.cursor = behind.map(|token| Cursor { token, backwards: false });
        self.read(caller, newest_first(query)).await
    }

    /// What came after this place in the feed and was not seen yet, at most so many.
    pub async fn since(&self, caller: &Caller, sequence: u64, most: u32) -> Result<Inbox> {
        let place = i64::try_from(sequence).unwrap_or(i64::MAX);
        let fresh = Filter::eq("isread", false).and(Filter::compare("versionnumber", Operator::Gt, place));
        self.read(caller, newest_first(mine(caller).select(COLUMNS).matching(fresh).take(most))).await
    }

    /// One of them, which counts as seen from now on.
    ///
    /// # Errors
    /// [`Error::NotFound`] where it is not theirs, or they may not read any more what it tells of.
    pub async fn open(&self, caller: &Caller, id: Uuid) -> Result<Notification> {
        let found = self.one(caller, id).await?;
        if !found.is_read {
            self.mark(caller, vec![id], true).await?;
        }
        Ok(found)
    }

    /// One of them.
    ///
    /// # Errors
    /// As [`Notifications::open`].
    pub async fn one(&self, caller: &Caller, id: Uuid) -> Result<Notification> {
        let query = mine(caller).select(COLUMNS).matching(Filter::eq(KEY, id)).take(1);
        let found = self.read(caller, query).await?.notifications.pop();
        found.ok_or_else(|| Error::NotFound { table: TABLE.to_owned(), id })
    }

    /// Marks one as seen, or not.
    ///
    /// # Errors
    /// [`Error::NotFound`] where it is not theirs.
    pub async fn mark_one(&self, caller: &Caller, id: Uuid, is_read: bool) -> Result<()> {
        let query = mine(caller).select([KEY]).matching(Filter::eq(KEY, id)).take(1);
        if self.app.query(caller, query).await?.rows.is_empty() {
            return Err(Error::NotFound { table: TABLE.to_owned(), id });
        }
        self.mark(caller, vec![id], is_read).await
    }

    /// Marks all as seen; how many were not.
    pub async fn mark_all_read(&self, caller: &Caller) -> Result<usize> {
        self.mark_matching(caller, Filter::everything()).await
    }

    /// The caller has seen the record, and with it what they were told of it.
    pub async fn seen(&self, caller: &Caller, record: &Reference) -> Result<usize> {
        let of = Filter::eq("objecttypecode", record.table.as_str()).and(Filter::eq("objectid", record.id));
        self.mark_matching(caller, of).await
    }

    async fn mark_matching(&self, caller: &Caller, filter: Filter) -> Result<usize> {
        let query = mine(caller).select([KEY]).matching(Filter::eq("isread", false)).matching(filter).take(AT_ONCE);
        let rows = self.app.query(caller, query).await?;
        let ids: Vec<Uuid> = rows.rows.iter().filter_map(|row| row.first()?.as_id()).collect();
        let count = ids.len();
        if count > 0 {
            self.mark(caller, ids, true).await?;
        }
        Ok(count)
    }

    async fn mark(&self, caller: &Caller, ids: Vec<Uuid>, is_read: bool) -> Result<()> {
        // What somebody puts back among the unread is not new: it does not appear at the edge of the page again.
        let marks = Row::new().with("isread", is_read);
        let marks = if is_read { marks } else { marks.with("toasttype", HIDDEN) };
        self.app
            .work(caller, Origin::Page, move |work| {
                ids.into_iter().try_for_each(|id| work.update(TABLE, id, marks.clone(), None).map(drop))
            })
            .await
    }

    async fn read(&self, caller: &Caller, query: Query) -> Result<Inbox> {
        let caller = caller.clone();
        self.app
            .read(move |reader| {
                let found = reader.query(&query)?;
                let rows: Vec<Row> = found.to_rows().collect();
                let known = readable(reader, &caller, &rows, true)?;
                let now = caller.zone().now;
                let shown = rows.iter().filter(|row| is_shown(row, &known, now));
                let notifications = shown.filter_map(|row| notification(reader, row, &known)).collect();
                Ok(Inbox { notifications, next: found.next.map(|next| next.token) })
            })
            .await
    }
}

/// Those of the caller: an administrator sees everybody's rows elsewhere, and theirs here.
fn mine(caller: &Caller) -> Query {
    let own = Filter::eq("ownerid", Reference::new("systemuser", caller.user));
    Query::of(TABLE, caller.scope().clone(), caller.zone()).matching(own)
}

fn newest_first(query: Query) -> Query {
    query.order_by(Order::descending("raisedon"))
}

/// Names of what rows tell of, as far as the caller may read it; of who did it and what was written, too.
fn readable(reader: &mut Reader<'_>, caller: &Caller, rows: &[Row], with_words: bool) -> Result<Names> {
    let mut references: Vec<Reference> = rows.iter().filter_map(record).collect();
    if with_words {
        references.extend(rows.iter().filter_map(|row| row.value("actorid").as_reference().cloned()));
        references.extend(rows.iter().filter_map(source));
    }
    references.sort_unstable();
    references.dedup();
    references.retain(|reference| reader.model().table(&reference.table).is_some());
    names(reader, caller, &references)
}

fn record(row: &Row) -> Option<Reference> {
    Some(Reference::new(row.text("objecttypecode"), row.value("objectid").as_id()?))
}

fn source(row: &Row) -> Option<Reference> {
    Some(Reference::new(row.text("sourcetypecode"), row.value("sourceid").as_id()?))
}

/// Not of a record that is gone or hidden by now.
fn is_shown(row: &Row, known: &Names, now: Timestamp) -> bool {
    record(row).is_none_or(|record| known.get(&record).is_some()) && !has_expired(row, now)
}

/// Whether it was to be told for a while only, and that is over.
pub(super) fn has_expired(row: &Row, now: Timestamp) -> bool {
    let seconds = row.value("ttlinseconds").as_whole().filter(|seconds| *seconds > 0);
    let created = row.value("createdon").as_date_time();
    seconds
        .zip(created)
        .is_some_and(|(seconds, created)| now.duration_since(created) > SignedDuration::from_secs(seconds))
}

fn notification(reader: &Reader<'_>, row: &Row, known: &Names) -> Option<Notification> {
    let written = source(row).and_then(|source| known.get(&source).map(|words| as_typed(reader.model(), words)));
    let words = written.unwrap_or_else(|| row.text("body").to_owned());
    Some(Notification {
        id: row.value(KEY).as_id()?,
        title: title(reader.model(), row, known),
        words: excerpt(&words),
        kind: row.value("reasoncode").as_whole().and_then(Kind::of),
        icon: row.value("icontype").as_whole().unwrap_or_default(),
        by: row.value("actorid").as_reference().and_then(|by| known.get(by)).map(str::to_owned),
        target: Target::of(reader.model(), row),
        record: record(row).and_then(|record| known.get(&record).map(str::to_owned)),
        count: row.value("changecount").as_whole().unwrap_or(1),
        is_read: row.value("isread").as_boolean() == Some(true),
        raised: row.value("raisedon").as_date_time().or_else(|| row.value("createdon").as_date_time())?,
        sequence: row.value("versionnumber").as_whole().and_then(|place| u64::try_from(place).ok()).unwrap_or_default(),
        appears: row.value("toasttype").as_whole() != Some(i64::from(HIDDEN)),
    })
}

/// What another program told stands there whole; a sentence of the teller gets who did it, as they are
/// called now and as far as the reader may know.
fn title(model: &Model, row: &Row, known: &Names) -> String {
    if row.text("groupkey").is_empty() {
        return row.text("title").to_owned();
    }
    let who = match row.value("actorid").as_reference() {
        Some(by) => known.get(by).map_or_else(|| tr!("Somebody"), str::to_owned),
        None => "Pipewright".to_owned(),
    };
    let sentence = row.text("title");
    let source = model.table(row.text("sourcetypecode")).map(AsRef::as_ref);
    let told = model.table(row.text("objecttypecode")).and_then(|table| {
        let records = row.value("changecount").as_whole().and_then(|count| usize::try_from(count).ok())?;
        Some(What::of_sentence(sentence, table, source)?.told(&who, table, records))
    });
    told.unwrap_or_else(|| with_subject(&who, sentence))
}

/// The beginning of a text, on one line.
fn excerpt(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(EXCERPT) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}
