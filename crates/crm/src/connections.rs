//! People around a record: stakeholders on the customer's side, and the sales team. Each is a row of
//! `connection` that leads from the record to them and says what part they play. Who is in the sales
//! team may see and change the record, by its access team; that ends with their last active connection,
//! whatever ended it.

use std::collections::BTreeSet;

use language::tr;
use model::{Filter, Order, People, Reference, Value};
use store::{Cursor, Row, Rows};
use uuid::Uuid;

use crate::{App, Caller, Error, NewRecord, Result, TeamTemplate, access::Privilege, reading::Names, records::Work};

/// `category` of the roles of a connection that stakeholders play.
pub const STAKEHOLDER: i64 = 1000;
/// `category` of the roles that colleagues play.
pub const SALES_TEAM: i64 = 1001;

const CONNECTION: &str = "connection";
/// The record, and who stands around it.
const RECORD: &str = "record1id";
const WHO: &str = "record2id";
const ROLE: &str = "record2roleid";
/// People of a record that are read in one go.
const SHOWN: u32 = 100;
/// Roles that are offered.
const MOST_ROLES: u32 = 200;
/// Name of the template by which the sales team gets access, where nobody has made one.
const TEMPLATE: &str = "Sales team";
/// What somebody in the sales team may do with the record.
const MAY: [Privilege; 4] = [Privilege::Read, Privilege::Write, Privilege::Append, Privilege::AppendTo];

/// Tables whose rows stand on a side.
pub const fn tables(side: People) -> &'static [&'static str] {
    match side {
        People::Stakeholders => &["contact", "account"],
        People::SalesTeam => &["systemuser"],
    }
}

const fn category(side: People) -> i64 {
    match side {
        People::Stakeholders => STAKEHOLDER,
        People::SalesTeam => SALES_TEAM,
    }
}

/// Whether somebody stands on a side. Whoever is no colleague is of the customer's.
fn is_on(side: People, who: &Reference) -> bool {
    let is_colleague = matches!(who.table.as_str(), "systemuser" | "team");
    is_colleague == (side == People::SalesTeam)
}

impl Work<'_, '_> {
    /// Puts somebody around a record; a colleague may see and change it from then on. Returns the
    /// connection.
    ///
    /// # Errors
    /// [`Error::Refused`] for who is there already, or cannot be on this side; [`Error::Forbidden`]
    /// where the caller may not link to the record, or for the sales team not share it.
    pub fn add_person(
        &mut self,
        side: People,
        record: &Reference,
        who: &Reference,
        role: Option<Uuid>,
    ) -> Result<Uuid> {
        if !tables(side).contains(&who.table.as_str()) {
            return Err(Error::refused(tr!("choose one of {}", model::either(tables(side)))));
        }
        self.load(&record.table, record.id)?;
        if !self.connections(record, who)?.is_empty() {
            // Without a name: nobody has asked yet whether the caller may see who it is.
            return Err(Error::refused(tr!("whom you chose is in this list already; change the role there")));
        }
        let row = Row::new()
            .with(RECORD, record.clone())
            .with(WHO, who.clone())
            .with(ROLE, role.map(|role| Reference::new("connectionrole", role)));
        let made = self.create_all(NewRecord::of(CONNECTION, row))?;
        if side == People::SalesTeam {
            let template = self.sales_team_template(&record.table)?;
            self.add_member(record, &template, who.id)?;
        }
        Ok(made)
    }

    /// Says what part somebody plays; none for no part in particular.
    pub fn give_part(&mut self, connection: Uuid, role: Option<Uuid>) -> Result<()> {
        let role = role.map_or(Value::Null, |role| Reference::new("connectionrole", role).into());
        self.update(CONNECTION, connection, Row::new().with(ROLE, role), None).map(drop)
    }

    /// Takes somebody from around a record; a colleague loses what the sales team gave them, unless
    /// another connection keeps them in it. Returns who it was.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the connection does not lead from the record.
    pub fn remove_person(&mut self, record: &Reference, connection: Uuid) -> Result<Reference> {
        let row = self.load(CONNECTION, connection)?;
        let missing = || Error::NotFound { table: CONNECTION.to_owned(), id: connection };
        if row.value(RECORD).as_reference() != Some(record) {
            return Err(missing());
        }
        let who = row.value(WHO).as_reference().cloned().ok_or_else(missing)?;
        self.delete(CONNECTION, connection, None)?;
        Ok(who)
    }

    fn connections(&mut self, record: &Reference, who: &Reference) -> Result<Vec<Row>> {
        let both = Filter::eq(RECORD, record.clone()).and(Filter::eq(WHO, who.clone()));
        self.find(CONNECTION, both.and(Filter::eq("statecode", 0)), &["connectionid"])
    }

    /// The template the sales team gets its access by: one of this name, else the first of the table.
    fn known_template(&self, table: &str) -> Option<TeamTemplate> {
        let organization = self.organization();
        let mut templates = organization.team_templates(table);
        let named = organization.team_templates(table).find(|template| template.name.starts_with(TEMPLATE));
        named.or_else(|| templates.next()).cloned()
    }

    /// As [`Work::known_template`]; where there is none, it is made, for an administrator to change.
    fn sales_team_template(&mut self, table: &str) -> Result<TeamTemplate> {
        if let Some(known) = self.known_template(table) {
            return Ok(known);
        }
        let plural = self.table(table)?.plural_label.to_lowercase();
        let privileges: BTreeSet<Privilege> = MAY.into();
        let name = format!("{TEMPLATE} of {plural}");
        let row = Row::new()
            .with("teamtemplatename", name.as_str())
            .with("entityname", table)
            .with("defaultaccessrightsmask", crate::access::mask_of(&privileges));
        let id = self.as_consequence(|work| work.create_all(NewRecord::of("teamtemplate", row)))?;
        Ok(TeamTemplate { id, name, table: table.to_owned(), privileges })
    }
}

/// A colleague's connection ended: it was deactivated or leads elsewhere now.
pub(crate) fn after_update(work: &mut Work<'_, '_>, old: &Row, new: &Row) -> Result<()> {
    if place_in_team(old) == place_in_team(new) { Ok(()) } else { after_delete(work, old) }
}

/// Ends what the sales team gave a colleague, unless another active connection keeps them in it.
pub(crate) fn after_delete(work: &mut Work<'_, '_>, row: &Row) -> Result<()> {
    let Some((record, who)) = place_in_team(row) else { return Ok(()) };
    // Another connection counts, whoever may see it.
    work.as_consequence(|work| {
        if !work.connections(&record, &who)?.is_empty() {
            return Ok(());
        }
        // Of every team: the template they were added by may not be the one that counts today.
        work.remove_from_record_teams(&record, &who)
    })
}

/// The record that a connection puts a colleague in the sales team of, and the colleague; none where it
/// is inactive or about somebody else.
fn place_in_team(row: &Row) -> Option<(Reference, Reference)> {
    let who = row.value(WHO).as_reference().filter(|who| who.table == "systemuser")?;
    let is_active = row.value("statecode").as_whole() == Some(0);
    row.value(RECORD).as_reference().filter(|_| is_active).map(|record| (record.clone(), who.clone()))
}

impl App {
    /// The people on one side of a record, those added first at the top, with their names.
    pub async fn people_around(
        &self,
        caller: &Caller,
        side: People,
        record: &Reference,
        behind: Option<Cursor>,
    ) -> Result<(Vec<Row>, Option<Cursor>, Names)> {
        self.get(caller, &record.table, record.id, Some(Vec::new())).await?;
        let mut query = self
            .new_query(caller, CONNECTION)
            .select(["connectionid", WHO, ROLE, "description", "ownerid", "owningbusinessunit"])
            .matching(Filter::eq(RECORD, record.clone()).and(Filter::eq("statecode", 0)))
            .order_by(Order::ascending("createdon"))
            .take(SHOWN);
        query.page.cursor = behind;
        let (rows, names) = self.query_with_names(caller, query).await?;
        let on_side = |row: &Row| row.value(WHO).as_reference().is_some_and(|who| is_on(side, who));
        Ok((rows.to_rows().filter(on_side).collect(), rows.next, names))
    }

    /// The parts that are offered for one side: those of its category, or all where it has none.
    pub async fn parts_of(&self, caller: &Caller, side: People) -> Result<Vec<(Uuid, String)>> {
        let ask = |filter: Filter| {
            self.new_query(caller, "connectionrole")
                .select(["connectionroleid", "name"])
                .matching(filter.and(Filter::eq("statecode", 0)))
                .order_by(Order::ascending("name"))
                .take(MOST_ROLES)
        };
        let wanted = ask(Filter::eq("category", category(side)));
        let found = self.queries(caller, vec![wanted, ask(Filter::everything())]).await?;
        let part = |row: Row| Some((row.value("connectionroleid").as_id()?, row.text("name").to_owned()));
        let fitting = found.into_iter().find(|rows: &Rows| !rows.rows.is_empty());
        Ok(fitting.map(|rows| rows.to_rows().filter_map(part).collect()).unwrap_or_default())
    }
}
