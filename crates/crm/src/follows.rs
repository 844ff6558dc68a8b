//! Following: somebody wants to be told what others do to a record. A row of `postfollow` is one
//! person following one record; it is theirs, whoever may see or change the record.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use language::{tr, translated};
use model::{Filter, Model, Order, Privilege, Reference, Table};
use store::{Cursor, Query, Reader, Row, Rows, Scope};
use uuid::Uuid;

use crate::{App, Caller, Error, Origin, Result, access, reading::Names, records::Work};

/// Name of the table.
pub const FOLLOWS: &str = "postfollow";
/// Name of the table of people.
const PERSON: &str = "systemuser";
/// The lookup at the record that is followed.
const RECORD: &str = "regardingobjectid";
/// Most records that one person follows, as in Dataverse: more are a list, and lists are what views
/// are for.
pub const MOST: u32 = 1_000;
/// Records on a page of what somebody follows.
const SHOWN: u32 = 50;
/// How long a change counts as recent.
const RECENT: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A change of a record that somebody follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The record.
    pub record: Reference,
    /// What it is called now.
    pub name: String,
    /// When it was changed last.
    pub at: Timestamp,
    /// By whom.
    pub by: Option<Reference>,
}

/// Whether rows of a table can be followed.
pub fn can_be_followed(model: &Model, table: &Table) -> bool {
    let record = model.table(FOLLOWS).and_then(|follows| follows.column(RECORD));
    record.is_some_and(|column| column.targets().contains(&table.name))
}

fn by(user: Uuid) -> Filter {
    Filter::eq("ownerid", Reference::new(PERSON, user))
}

fn of(record: &Reference) -> Filter {
    Filter::eq(RECORD, record.clone())
}

impl Work<'_, '_> {
    /// Has the caller follow a record that they can see; false where they do already.
    ///
    /// # Errors
    /// [`Error::Refused`] for what cannot be followed, and where [`MOST`] records are followed already;
    /// [`Error::Forbidden`] where the caller's roles let them follow nothing.
    pub fn follow(&mut self, record: &Reference) -> Result<bool> {
        let (table, user) = (self.table(&record.table)?, self.caller().user);
        if !can_be_followed(self.model(), &table) {
            return Err(Error::refused(tr!("{} cannot be followed", translated(&table.plural_label))));
        }
        self.load(&record.table, record.id)?;
        let follows = self.table(FOLLOWS)?;
        if !self.caller().may_anywhere(self.model(), &follows, Privilege::Create) {
            return Err(access::refusal(self.caller(), Privilege::Create, &follows));
        }
        // Locks the person, so that two clicks come one after the other.
        self.load(PERSON, user)?;
        let row = Row::new().with(RECORD, record.clone()).with("ownerid", Reference::new(PERSON, user));
        // Seeing a record is enough to follow it: that adds nothing to it.
        self.as_consequence(|work| {
            if !work.find(FOLLOWS, by(user).and(of(record)), &[RECORD])?.is_empty() {
                return Ok(false);
            }
            work.create(FOLLOWS, None, row).map(|_| true)
        })
    }

    /// Has the caller follow a record no longer; false where they do not. What they may not see any
    /// more they can still let go.
    pub fn unfollow(&mut self, record: &Reference) -> Result<bool> {
        let own = by(self.caller().user).and(of(record));
        self.as_consequence(|work| work.delete_follows(own))
    }

    /// Nobody follows a record that an undo takes away.
    pub(crate) fn forget_followers(&mut self, record: &Reference) -> Result<()> {
        let table = self.table(&record.table)?;
        if !can_be_followed(self.model(), &table) {
            return Ok(());
        }
        let of_record = of(record);
        self.as_consequence(|work| work.delete_follows(of_record)).map(drop)
    }

    fn delete_follows(&mut self, which: Filter) -> Result<bool> {
        let rows = self.find(FOLLOWS, which, &["postfollowid"])?;
        for id in rows.iter().filter_map(|row| row.value("postfollowid").as_id()) {
            self.delete(FOLLOWS, id, None)?;
        }
        Ok(!rows.is_empty())
    }
}

/// Somebody follows by themselves: nobody makes others follow, and a team follows nothing.
pub(crate) fn before_write(work: &Work<'_, '_>, row: &Row) -> Result<()> {
    let is_own = |owner: &Reference| owner.table == PERSON && owner.id == work.caller().user;
    match row.get("ownerid").map(model::Value::as_reference) {
        Some(Some(owner)) if is_own(owner) => Ok(()),
        None => Ok(()),
        Some(_) => {
            Err(Error::refused(tr!("people follow records by themselves; leave the owner empty to follow it yourself")))
        }
    }
}

/// As [`before_write`]; nobody follows more than [`MOST`] records.
pub(crate) fn before_create(work: &mut Work<'_, '_>, row: &Row) -> Result<()> {
    before_write(work, row)?;
    let user = work.caller().user;
    let mut count = Query::of(FOLLOWS, Scope::default().into(), work.caller().zone())
        .select(["postfollowid"])
        .matching(by(user))
        .take(1);
    count.page.count = true;
    work.as_consequence(|work| {
        // Locks the person: of two who follow the last record at once, one comes second.
        work.writer().lock(PERSON, user)?;
        let found = work.writer().query(&count)?;
        if found.total.unwrap_or_default() < u64::from(MOST) {
            return Ok(());
        }
        Err(Error::refused(tr!("you follow {MOST} records already; unfollow one of them first", MOST)))
    })
}

/// Who follows these records, as pairs of record and person. That somebody followed a record does not
/// say that they may still see it: whoever tells them of it asks that first.
pub(crate) fn followers(
    reader: &mut Reader<'_>,
    asking: &Caller,
    records: &[Reference],
) -> Result<Vec<(Reference, Uuid)>> {
    if records.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = Query::of(FOLLOWS, Scope::default().into(), asking.zone())
        .select([RECORD, "ownerid"])
        .matching(Filter::is_in(RECORD, records.iter().cloned()))
        .take(5_000);
    let mut found = Vec::new();
    loop {
        let rows = reader.query(&query)?;
        found.extend(rows.to_rows().filter_map(|row| {
            let record = row.value(RECORD).as_reference()?.clone();
            Some((record, row.value("ownerid").as_id()?))
        }));
        match rows.next {
            Some(next) => query.page.cursor = Some(next),
            None => return Ok(found),
        }
    }
}

impl App {
    /// Has the caller follow a record; false where they do already. See [`Work::follow`].
    pub async fn follow(&self, caller: &Caller, origin: Origin, record: Reference) -> Result<bool> {
        self.work(caller, origin, move |work| work.follow(&record)).await
    }

    /// Has the caller follow a record no longer; false where they do not.
    pub async fn unfollow(&self, caller: &Caller, origin: Origin, record: Reference) -> Result<bool> {
        self.work(caller, origin, move |work| work.unfollow(&record)).await
    }

    /// Whether the caller follows a record.
    pub async fn is_following(&self, caller: &Caller, record: &Reference) -> Result<bool> {
        let mine = by(caller.user).and(of(record));
        let query = Query::of(FOLLOWS, Scope::default().into(), caller.zone()).select(["postfollowid"]).matching(mine);
        self.read(move |reader| Ok(!reader.query(&query.take(1))?.rows.is_empty())).await
    }

    /// Who follows these records, as pairs of record and person, for whoever tells them what happened.
    /// That somebody followed a record does not say that they may still see it.
    pub async fn followers(&self, asking: &Caller, records: Vec<Reference>) -> Result<Vec<(Reference, Uuid)>> {
        let asking = asking.clone();
        self.read(move |reader| followers(reader, &asking, &records)).await
    }

    /// A page of what the caller follows, the latest first, with the names of what they may still see.
    pub async fn followed(&self, caller: &Caller, behind: Option<Cursor>) -> Result<(Rows, Names)> {
        let mut query = self
            .new_query(caller, FOLLOWS)
            .select(["postfollowid", RECORD, "createdon"])
            .matching(by(caller.user))
            .order_by(Order::descending("createdon"))
            .take(SHOWN);
        query.page.cursor = behind;
        self.query_with_names(caller, query).await
    }

    /// What others changed lately of what the caller follows and may see, the latest first.
    pub async fn followed_changes(&self, caller: &Caller, most: u32) -> Result<Vec<Changed>> {
        let caller = caller.clone();
        self.read(move |reader| changes(reader, &caller, most)).await
    }
}

/// By the records followed, whose number is bounded, not by all that changed lately, of which an
/// import alone may make thousands.
fn changes(reader: &mut Reader<'_>, caller: &Caller, most: u32) -> Result<Vec<Changed>> {
    let mut by_table: BTreeMap<String, Vec<Uuid>> = BTreeMap::new();
    for record in followed_by(reader, caller)? {
        by_table.entry(record.table).or_default().push(record.id);
    }
    let mut found = Vec::new();
    for (name, ids) in by_table {
        let Some(table) = reader.model().table(&name).cloned() else { continue };
        let lately = Filter::compare("modifiedon", model::Operator::Ge, caller.zone().now - RECENT)
            .and(Filter::compare("modifiedby", model::Operator::Ne, Reference::new(PERSON, caller.user)));
        let query = Query::of(&name, caller.scope().clone(), caller.zone())
            .select([table.primary_key.as_str(), table.primary_name.as_str(), "modifiedon", "modifiedby"])
            .matching(Filter::is_in(table.primary_key.as_str(), ids).and(lately))
            .order_by(Order::descending("modifiedon"))
            .take(most);
        found.extend(reader.query(&query)?.to_rows().filter_map(|row| changed(&table, &row)));
    }
    found.sort_by_key(|change| std::cmp::Reverse(change.at));
    found.truncate(most as usize);
    Ok(found)
}

fn followed_by(reader: &mut Reader<'_>, caller: &Caller) -> Result<Vec<Reference>> {
    let query = Query::of(FOLLOWS, Scope::default().into(), caller.zone())
        .select([RECORD])
        .matching(by(caller.user))
        .take(MOST);
    Ok(reader.query(&query)?.to_rows().filter_map(|row| row.value(RECORD).as_reference().cloned()).collect())
}

fn changed(table: &Table, row: &Row) -> Option<Changed> {
    Some(Changed {
        record: Reference::new(table.name.as_str(), row.value(&table.primary_key).as_id()?),
        name: row.text(&table.primary_name).to_owned(),
        at: row.value("modifiedon").as_date_time()?,
        by: row.value("modifiedby").as_reference().cloned(),
    })
}
