//! Access teams: they only get shares. Those of single records are made by templates and looked
//! after by whoever may share the record.

use std::sync::Arc;

use language::tr;
use model::{Filter, Privilege, Reference, Table, Value};
use store::{Query, Row, Scope};
use uuid::Uuid;

use super::{
    is_shareable, mask_of,
    principal::ACCESS_TEAM,
    privileges_of,
    sharing::{SHAREABLE, share_columns, shared_in},
};
use crate::words::within;
use crate::{App, Caller, Error, Result, TeamTemplate, reading::Names, records::Work};

const MEMBERSHIP: &str = "teammembership_association";

/// The access team of a record by one template.
#[derive(Debug, Clone)]
pub struct RecordTeam {
    /// The template.
    pub template: TeamTemplate,
    /// The team; none before the first member was added.
    pub team: Option<Uuid>,
    /// The users in it.
    pub members: Vec<Reference>,
}

impl Work<'_, '_> {
    /// Adds a user to the access team of a record, which is made with the first one; returns the
    /// team (Dataverse: `AddUserToRecordTeam`).
    ///
    /// # Errors
    /// [`Error::Forbidden`] where the caller may not share the record or not do themselves what
    /// members may; [`Error::Refused`] where the template is for another table or the user's roles
    /// do not let them see records of this one.
    pub fn add_to_record_team(&mut self, record: &Reference, template: Uuid, user: Uuid) -> Result<Uuid> {
        let template = self.template_for(record, template)?;
        self.add_member(record, &template, user)
    }

    /// As [`Work::add_to_record_team`], by a template that may have been made in this act.
    pub(crate) fn add_member(&mut self, record: &Reference, template: &TeamTemplate, user: Uuid) -> Result<Uuid> {
        let user = Reference::new("systemuser", user);
        let table = self.table(&record.table)?;
        if !self.principal(&user)?.sees_own(self, &table) {
            let name = self.name_of(&user)?;
            return Err(Error::refused(tr!(
                "{} has no security role by which to see {}; give them such a role first",
                name,
                within(&table.plural_label)
            )));
        }
        let team = match self.record_team(record, template)? {
            Some(team) => team,
            None => self.make_record_team(record, template)?,
        };
        let reference = Reference::new("team", team);
        // The share is made anew where somebody ended it.
        self.share_also(record, &reference, &template.privileges)?;
        self.as_consequence(|work| work.associate(MEMBERSHIP, &reference, &user))?;
        Ok(team)
    }

    /// Takes a user out of the access team of a record; returns the team, none where there was none
    /// (Dataverse: `RemoveUserFromRecordTeam`).
    ///
    /// # Errors
    /// As [`Work::add_to_record_team`].
    pub fn remove_from_record_team(&mut self, record: &Reference, template: Uuid, user: Uuid) -> Result<Option<Uuid>> {
        let template = self.template_for(record, template)?;
        let table = self.table(&record.table)?;
        let row = self.load(&record.table, record.id)?;
        self.authorise(Privilege::Share, &table, &row)?;
        let Some(team) = self.record_team(record, &template)? else { return Ok(None) };
        let (team_reference, user) = (Reference::new("team", team), Reference::new("systemuser", user));
        self.as_consequence(|work| work.dissociate(MEMBERSHIP, &team_reference, &user))?;
        Ok(Some(team))
    }

    /// Takes a user out of every access team that a template gave the record: what a rule of the domain
    /// had put them in for has ended.
    pub(crate) fn remove_from_record_teams(&mut self, record: &Reference, user: &Reference) -> Result<()> {
        let of_record = Filter::eq("regardingobjectid", record.clone()).and(Filter::eq("systemmanaged", true));
        self.as_consequence(|work| {
            let teams = work.find("team", of_record, &["teamid"])?;
            for team in teams.iter().filter_map(|row| row.value("teamid").as_id()) {
                work.dissociate(MEMBERSHIP, &Reference::new("team", team), user)?;
            }
            Ok(())
        })
    }

    fn template_for(&mut self, record: &Reference, template: Uuid) -> Result<TeamTemplate> {
        let organization = self.organization();
        let known = organization.team_templates.iter().find(|known| known.id == template);
        let found = known.ok_or_else(|| Error::NotFound { table: "teamtemplate".to_owned(), id: template })?;
        if found.table == record.table {
            return Ok(found.clone());
        }
        Err(Error::refused(tr!(
            "the template “{}” is for records of {}, not of {}",
            found.name,
            found.table,
            record.table
        )))
    }

    fn record_team(&mut self, record: &Reference, template: &TeamTemplate) -> Result<Option<Uuid>> {
        let of_record = Filter::eq("regardingobjectid", record.clone()).and(Filter::eq("teamtemplateid", template.id));
        let found = self.find("team", of_record, &["teamid"])?;
        Ok(found.first().and_then(|row| row.value("teamid").as_id()))
    }

    /// The team stands in the record's business unit; its name only has to be its own.
    fn make_record_team(&mut self, record: &Reference, template: &TeamTemplate) -> Result<Uuid> {
        let row = self.load(&record.table, record.id)?;
        let unit = row.value("owningbusinessunit").as_id().unwrap_or(self.organization().root_business_unit);
        let team = Row::new()
            .with("name", format!("{}+{}", record.id, template.id))
            .with("teamtype", ACCESS_TEAM)
            .with("systemmanaged", true)
            .with("businessunitid", Reference::new("businessunit", unit))
            .with("regardingobjectid", record.clone())
            .with("teamtemplateid", Reference::new("teamtemplate", template.id));
        let table = self.table("team")?;
        let made = self.as_consequence(|work| work.create_trusted(&table, None, team))?;
        Ok(made.value("teamid").as_id().unwrap_or_default())
    }
}

impl App {
    /// The access teams that a record has or may have, one a template of its table; the caller must
    /// be able to see the record.
    pub async fn record_teams(&self, caller: &Caller, record: &Reference) -> Result<(Vec<RecordTeam>, Names)> {
        let templates: Vec<TeamTemplate> = caller.organization().team_templates(&record.table).cloned().collect();
        if templates.is_empty() {
            return Ok((Vec::new(), Names::default()));
        }
        self.get(caller, &record.table, record.id, Some(Vec::new())).await?;
        let of_record = Query::of("team", Scope::default().into(), caller.zone())
            .select(["teamid", "teamtemplateid"])
            .matching(Filter::eq("regardingobjectid", record.clone()))
            .take(5000);
        let teams: Vec<(Uuid, Uuid)> = self
            .query(caller, of_record)
            .await?
            .to_rows()
            .filter_map(|row| Some((row.value("teamid").as_id()?, row.value("teamtemplateid").as_id()?)))
            .collect();
        let members = Query::of("teammembership", Scope::default().into(), caller.zone())
            .select(["teamid", "systemuserid"])
            .matching(Filter::is_in("teamid", teams.iter().map(|(team, _)| *team)))
            .take(5000);
        let (members, names) = self.query_with_names(caller, members).await?;
        let members: Vec<Row> = members.to_rows().collect();
        let of_template = |template: TeamTemplate| {
            let team = teams.iter().find(|(_, by)| *by == template.id).map(|(team, _)| *team);
            let of_team = members.iter().filter(|row| team.is_some() && row.value("teamid").as_id() == team);
            let mut members: Vec<Reference> =
                of_team.filter_map(|row| row.value("systemuserid").as_reference().cloned()).collect();
            members.sort_by_key(|member| names.get(member).unwrap_or_default().to_lowercase());
            RecordTeam { template, team, members }
        };
        Ok((templates.into_iter().map(of_template).collect(), names))
    }
}

/// What a team is stays: one that owns rows or holds roles cannot become one that must not.
pub(crate) fn before_team_update(old: &Row, changes: &Row) -> Result<()> {
    let kind = |row: &Row| row.value("teamtype").as_whole();
    if changes.contains("teamtype") && kind(changes) != kind(old) {
        return Err(Error::refused(tr!("the type of a team stays; make another team of the type you need")));
    }
    Ok(())
}

/// Access teams hold no roles.
pub(crate) fn before_team_role(work: &mut Work<'_, '_>, row: &Row) -> Result<()> {
    let Some(team) = row.value("teamid").as_id() else { return Ok(()) };
    let team = work.load("team", team)?;
    if team.value("teamtype").as_whole() == Some(ACCESS_TEAM) {
        return Err(Error::refused(tr!(
            "“{}” is an access team, which holds no security roles; give roles to its members or to an owner team",
            team.text("name")
        )));
    }
    Ok(())
}

/// A template names its table by name or number, and what members may do by privilege or by mask;
/// each gives the other.
pub(crate) fn before_template(work: &mut Work<'_, '_>, old: Option<&Row>, row: &mut Row) -> Result<()> {
    let table = named_table(work, old, row)?;
    if let (Some(old), Some(table)) = (old, &table) {
        refuse_other_table(work, old, table)?;
    }
    if let Some(table) = table {
        row.set("entityname", table.name.as_str());
        row.set("objecttypecode", table.object_type_code);
    }
    let mask = row.value("defaultaccessrightsmask").as_whole();
    let privileges = match (mask, old) {
        (Some(mask), _) => privileges_of(mask),
        (None, None) => shared_in(row),
        (None, Some(_)) if !share_columns().any(|column| row.contains(column)) => return Ok(()),
        (None, Some(old)) => {
            let mut whole = old.clone();
            whole.merge(row);
            shared_in(&whole)
        }
    };
    if privileges.contains(&Privilege::Create) {
        return Err(Error::refused(tr!(
            "whether somebody may add records is said by their roles; a template cannot give that"
        )));
    }
    if !privileges.contains(&Privilege::Read) {
        return Err(Error::refused(tr!(
            "members of an access team see the record at least; let the template give Read"
        )));
    }
    row.set("defaultaccessrightsmask", mask_of(&privileges));
    for (column, privilege) in share_columns().zip(SHAREABLE) {
        row.set(column, privileges.contains(&privilege));
    }
    Ok(())
}

/// The table a new or changed template is for; none where a change does not speak of it.
fn named_table(work: &Work<'_, '_>, old: Option<&Row>, row: &Row) -> Result<Option<Arc<Table>>> {
    let model = work.model();
    let known = |table: &&Arc<Table>| is_shareable(model, table);
    let named = match (row.value("entityname"), row.value("objecttypecode")) {
        (Value::Text(name), _) if !name.is_empty() => model.table(name.trim()).filter(known),
        (_, code) if !code.is_null() => {
            model.tables.values().find(|table| Some(i64::from(table.object_type_code)) == code.as_whole()).filter(known)
        }
        _ if old.is_some() && !row.contains("entityname") => return Ok(None),
        _ => None,
    };
    if let Some(table) = named {
        return Ok(Some(Arc::clone(table)));
    }
    let example = tr!("give the logical name of a table whose records have owners, such as opportunity");
    let column = work.table("teamtemplate")?.column("entityname").cloned();
    Err(column.map_or_else(|| Error::refused(&example), |column| Error::field(&column, &example)))
}

fn refuse_other_table(work: &mut Work<'_, '_>, old: &Row, table: &Table) -> Result<()> {
    if old.text("entityname") == table.name {
        return Ok(());
    }
    let id = old.value("teamtemplateid").as_id().unwrap_or_default();
    let made = work.find("team", Filter::eq("teamtemplateid", id), &["teamid"])?;
    if made.is_empty() {
        return Ok(());
    }
    Err(Error::refused(tr!(
        "teams were made by this template, so its table stays; make another template for the other table"
    )))
}
