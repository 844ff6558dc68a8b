//! Who takes part in an activity. A list of parties (`from`, `to`, `requiredattendees` …) is no
//! column of the activity's row; its members are rows of `activityparty`.

use language::tr;
use model::{Column, ColumnType, Filter, Order, Reference, Table, TableKind, Value};
use store::{Query, Row};
use uuid::Uuid;

use crate::words::within;
use crate::{
    App, Caller, Error, Result,
    access::Privilege,
    records::{Work, fill},
};

/// Most parties of one list.
const MOST: usize = 500;

/// Columns that hold a party's e-mail address, the first that is filled counts.
const ADDRESSES: &[&str] = &["emailaddress1", "internalemailaddress", "emailaddress2", "emailaddress3"];

/// Somebody who takes part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Party {
    /// A person or company that is known.
    Record(Reference),
    /// An e-mail address that belongs to nobody we know; only e-mails have such parties.
    Address(String),
}

/// The parties of one list of an activity, by the list's column.
pub type PartyList = (String, Vec<Party>);

/// A party as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredParty {
    /// The activity's key.
    pub activity: Uuid,
    /// The list it stands in: the participation of the list's column.
    pub participation: i64,
    /// Who.
    pub party: Party,
    /// The name at the time it was written, or the address.
    pub name: String,
}

impl App {
    /// The parties of activities of one table, in their order.
    pub async fn parties(&self, caller: &Caller, table: &str, activities: Vec<Uuid>) -> Result<Vec<StoredParty>> {
        if activities.is_empty() {
            return Ok(Vec::new());
        }
        let of = activities.into_iter().map(|id| Reference::new(table, id));
        let mut query = self
            .new_query(caller, "activityparty")
            .select(["activityid", "participationtypemask", "partyid", "partyname", "addressused"])
            .matching(Filter::is_in("activityid", of))
            .order_by(Order::ascending("sequencenumber"))
            .order_by(Order::ascending("activitypartyid"))
            .take(5000);
        let mut parties = Vec::new();
        loop {
            let rows = self.query(caller, query.clone()).await?;
            parties.extend(rows.to_rows().filter_map(|row| stored(&row)));
            match rows.next {
                Some(next) => query.page.cursor = Some(next),
                None => return Ok(parties),
            }
        }
    }
}

fn stored(row: &Row) -> Option<StoredParty> {
    let party = match row.value("partyid").as_reference() {
        Some(reference) => Party::Record(reference.clone()),
        None => {
            Party::Address([row.text("addressused"), row.text("partyname")].iter().find(|t| !t.is_empty())?.to_string())
        }
    };
    let name = match &party {
        Party::Address(address) => address.clone(),
        Party::Record(_) => row.text("partyname").to_owned(),
    };
    Some(StoredParty {
        activity: row.value("activityid").as_id()?,
        participation: row.value("participationtypemask").as_whole()?,
        party,
        name,
    })
}

impl Work<'_, '_> {
    /// Makes these the parties of the activity's lists; lists that are not named stay as they are.
    ///
    /// # Errors
    /// [`Error::Invalid`] at the list's column where a party cannot stand in it.
    pub fn set_parties(&mut self, activity: &Reference, lists: Vec<PartyList>) -> Result<()> {
        let table = self.table(&activity.table)?;
        if lists.is_empty() {
            return Ok(());
        }
        if table.kind != TableKind::Activity {
            return Err(Error::Unknown(tr!("{} have no parties", within(&table.plural_label))));
        }
        let row = self.load(&table.name, activity.id)?;
        fill::refuse_closed(&table, &row, &Row::new())?;
        self.authorise(Privilege::Write, &table, &row)?;
        let mut changed = false;
        for (name, parties) in lists {
            let (column, participation) = list_of(&table, &name)?;
            changed |= self.set_list(&table, activity, column, participation, parties)?;
        }
        // Whoever edits the activity meanwhile is told, as for any other of its columns.
        if changed { self.touch(&table, &row) } else { Ok(()) }
    }

    /// The same for an activity that an import brings in, which may be closed already.
    pub(crate) fn bring_in_parties(&mut self, activity: &Reference, lists: Vec<PartyList>) -> Result<()> {
        let table = self.table(&activity.table)?;
        for (name, parties) in lists {
            let (column, participation) = list_of(&table, &name)?;
            self.set_list(&table, activity, column, participation, parties)?;
        }
        Ok(())
    }

    /// The parties in one list of an activity, in their order.
    pub(crate) fn parties_of(&mut self, activity: &Reference, list: &str) -> Result<Vec<Party>> {
        let table = self.table(&activity.table)?;
        let (_, participation) = list_of(&table, list)?;
        Ok(self.present(activity, participation)?.into_iter().map(|(_, party)| party).collect())
    }

    /// Whether anybody came, went or stands elsewhere now.
    fn set_list(
        &mut self,
        table: &Table,
        activity: &Reference,
        column: &Column,
        participation: i64,
        wanted: Vec<Party>,
    ) -> Result<bool> {
        if wanted.len() > MOST {
            return Err(Error::field(column, tr!("has more than {MOST} parties", MOST)));
        }
        let mut wanted: Vec<Party> = wanted.into_iter().fold(Vec::new(), |mut unique, party| {
            if !unique.contains(&party) {
                unique.push(party);
            }
            unique
        });
        for party in &wanted {
            require_fitting(table, column, party)?;
        }
        let present = self.present(activity, participation)?;
        if present.iter().map(|(_, party)| party).eq(&wanted) {
            return Ok(false);
        }
        for (key, party) in &present {
            if !wanted.contains(party) {
                self.delete("activityparty", *key, None)?;
            }
        }
        for (place, party) in wanted.drain(..).enumerate() {
            let place = i64::try_from(place).unwrap_or_default();
            match present.iter().find(|(_, known)| *known == party) {
                Some((key, _)) => {
                    self.update("activityparty", *key, Row::new().with("sequencenumber", place), None)?;
                }
                None => self.add(activity, column, participation, place, party)?,
            }
        }
        Ok(true)
    }

    fn present(&mut self, activity: &Reference, participation: i64) -> Result<Vec<(Uuid, Party)>> {
        let query = Query::of("activityparty", self.caller().scope().clone(), self.caller().zone())
            .select(["activitypartyid", "activityid", "participationtypemask", "partyid", "partyname", "addressused"])
            .matching(
                Filter::eq("activityid", activity.clone()).and(Filter::eq("participationtypemask", participation)),
            )
            .order_by(Order::ascending("sequencenumber"))
            .order_by(Order::ascending("activitypartyid"))
            .take(5000);
        let rows = self.query(&query)?;
        Ok(rows.iter().filter_map(|row| Some((row.value("activitypartyid").as_id()?, stored(row)?.party))).collect())
    }

    fn add(
        &mut self,
        activity: &Reference,
        column: &Column,
        participation: i64,
        place: i64,
        party: Party,
    ) -> Result<()> {
        let mut row = Row::new()
            .with("activityid", activity.clone())
            .with("participationtypemask", participation)
            .with("sequencenumber", place);
        match party {
            Party::Record(reference) => {
                let address = self.address_of(column, &reference)?;
                row.set("addressused", address);
                row.set("partyid", reference);
            }
            Party::Address(address) => {
                row.set("addressused", address.as_str());
                row.set("partyname", address);
            }
        }
        let parties = self.table("activityparty")?;
        // Who may write the activity may write its parties.
        self.as_consequence(|work| work.create_trusted(&parties, None, row).map(drop))
    }

    /// The party's e-mail address; also makes sure that the caller may see the party.
    fn address_of(&mut self, column: &Column, party: &Reference) -> Result<Value> {
        let table = self.table(&party.table)?;
        let columns: Vec<&str> = ADDRESSES.iter().copied().filter(|name| table.column(name).is_some()).collect();
        let found = self.find(&table.name, Filter::eq(table.primary_key.as_str(), party.id), &columns)?;
        let Some(row) = found.first() else {
            return Err(Error::field(column, tr!("there is no {} with id {}", party.table, party.id)));
        };
        let address = columns.iter().map(|name| row.text(name)).find(|address| !address.is_empty());
        Ok(address.map_or(Value::Null, Value::from))
    }
}

/// The list's column and its participation.
fn list_of<'t>(table: &'t Table, name: &str) -> Result<(&'t Column, i64)> {
    match table.column(name).map(|column| (column, &column.kind)) {
        Some((column, ColumnType::PartyList { participation, .. })) => Ok((column, i64::from(*participation))),
        _ => Err(Error::Unknown(tr!("{} has no list of parties '{name}'", table.name, name))),
    }
}

fn require_fitting(table: &Table, column: &Column, party: &Party) -> Result<()> {
    match party {
        Party::Record(reference) if column.targets().contains(&reference.table) => Ok(()),
        Party::Record(reference) => {
            let message = tr!("choose one of {}, not {}", model::either(column.targets()), reference.table);
            Err(Error::field(column, message))
        }
        Party::Address(address) if table.name != "email" => {
            let message =
                tr!("choose “{address}” from the list; only e-mails go to addresses of nobody known", address);
            Err(Error::field(column, message))
        }
        Party::Address(address) if model::is_email(address) => Ok(()),
        Party::Address(address) => {
            let message = tr!("“{address}” is not an e-mail address; write it like name@example.com", address);
            Err(Error::field(column, message))
        }
    }
}
