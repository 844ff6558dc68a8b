//! Qualify: a good lead becomes an opportunity, with its account and contact.

use language::{text, tr, translated};
use model::{Filter, Reference, Table, TableKind, Value};
use store::Row;
use uuid::Uuid;

use super::{Leads, OPEN, QUALIFIED, disqualify::require, duplicates};
use crate::{
    Caller, Error, Origin, Result, access::Setting, duplicates::Found, leads::duplicates::Match, process, records::Work,
};

/// What shall become of the lead's company.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum AccountChoice {
    /// A new account from the lead's columns.
    Create,
    /// This account.
    Use(Uuid),
    /// None.
    #[default]
    Skip,
}

/// What shall become of the lead's person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum ContactChoice {
    /// A new contact from the lead's columns.
    Create,
    /// This contact.
    Use(Uuid),
    /// None.
    #[default]
    Skip,
}

/// One opportunity to be created: columns typed by the seller, over those taken from the lead.
#[derive(Debug, Clone, Default)]
pub struct OpportunityDraft {
    /// Columns of `opportunity`.
    pub values: Row,
}

/// What the seller decided.
#[derive(Debug, Clone, Default)]
pub struct QualifyChoice {
    /// The company.
    pub account: AccountChoice,
    /// The person.
    pub contact: ContactChoice,
    /// Opportunities; the first is the primary one. May be empty.
    pub opportunities: Vec<OpportunityDraft>,
    /// The customer of the opportunities, where it is another one.
    pub customer: Option<Reference>,
    /// Their currency, where it is not the lead's.
    pub currency: Option<Uuid>,
    /// Status reason of the qualified lead; the state's default where none is given.
    pub status: Option<i64>,
    /// Refuse to create an account or contact that seems to exist (the duplicates were not yet
    /// seen by a person).
    pub refuse_duplicates: bool,
}

/// What qualifying would do; nothing is written.
#[derive(Debug, Clone, Default)]
pub struct Preview {
    /// Columns of the account that would be created; none without a company name.
    pub account: Option<Row>,
    /// Columns of the contact that would be created.
    pub contact: Option<Row>,
    /// Columns of the opportunity that would be created.
    pub opportunity: Row,
    /// The account the lead already points at.
    pub existing_account: Option<Reference>,
    /// The contact the lead already points at.
    pub existing_contact: Option<Reference>,
    /// Accounts that seem to be the lead's company.
    pub matching_accounts: Vec<Match>,
    /// Contacts that seem to be the lead's person.
    pub matching_contacts: Vec<Match>,
}

/// What qualifying did.
#[derive(Debug, Clone, Default)]
pub struct Qualification {
    /// The lead.
    pub lead: Uuid,
    /// The account, new or existing.
    pub account: Option<Uuid>,
    /// The contact, new or existing.
    pub contact: Option<Uuid>,
    /// The new opportunities, primary first.
    pub opportunities: Vec<Uuid>,
    /// Rows created: account, contact, opportunities.
    pub created: Vec<Reference>,
    /// The act, by which it can be undone.
    pub act: Uuid,
}

impl Leads<'_> {
    /// What qualifying would create and which existing records it might rather use.
    pub async fn preview(&self, caller: &Caller, lead: Uuid) -> Result<Preview> {
        let (caller, rules) = (caller.clone(), self.app.duplicate_rules().clone());
        self.app
            .read(move |reader| {
                let model = reader.model().clone();
                let row = crate::reading::get(reader, &caller, "lead", lead, None)?;
                let account = mapped(&model, &row, "account")?;
                Ok(Preview {
                    matching_accounts: duplicates::accounts(reader, &caller, &rules, &row)?,
                    matching_contacts: duplicates::contacts(reader, &caller, &rules, &row)?,
                    existing_account: row.value("parentaccountid").as_reference().cloned(),
                    existing_contact: row.value("parentcontactid").as_reference().cloned(),
                    account: account.has("name").then_some(account),
                    contact: Some(mapped(&model, &row, "contact")?),
                    opportunity: mapped(&model, &row, "opportunity")?,
                })
            })
            .await
    }

    /// Qualifies one lead as chosen, in one transaction.
    pub async fn qualify(
        &self,
        caller: &Caller,
        origin: Origin,
        lead: Uuid,
        choice: QualifyChoice,
    ) -> Result<Qualification> {
        self.app.work(caller, origin, move |work| qualify(work, lead, &choice)).await
    }

    /// Qualifies as the Web API's `QualifyLead` asks: yes or no for each kind of record.
    pub async fn qualify_plainly(
        &self,
        caller: &Caller,
        origin: Origin,
        lead: Uuid,
        wanted: (bool, bool, bool),
        adjust: impl FnOnce(&mut QualifyChoice) + Send + 'static,
    ) -> Result<Qualification> {
        self.app.work(caller, origin, move |work| plainly(work, lead, wanted, adjust)).await
    }
}

impl Work<'_, '_> {
    /// Qualifies a lead with what it holds: yes or no for an account, a contact and an opportunity.
    /// Account and contact that the lead already has are used.
    ///
    /// # Errors
    /// As [`qualify`].
    pub fn qualify_lead(&mut self, lead: Uuid, wanted: (bool, bool, bool)) -> Result<Qualification> {
        plainly(self, lead, wanted, |_| ())
    }
}

/// Qualifies with yes or no for each kind of record, but for what `adjust` says.
fn plainly(
    work: &mut Work<'_, '_>,
    lead: Uuid,
    (account, contact, opportunity): (bool, bool, bool),
    adjust: impl FnOnce(&mut QualifyChoice),
) -> Result<Qualification> {
    let mut choice = plain_choice(work, lead, account, contact, opportunity)?;
    adjust(&mut choice);
    qualify(work, lead, &choice)
}

/// Yes or no for each kind of record: an account or contact the lead already has is used.
fn plain_choice(
    work: &mut Work<'_, '_>,
    lead: Uuid,
    account: bool,
    contact: bool,
    opportunity: bool,
) -> Result<QualifyChoice> {
    let row = work.load("lead", lead)?;
    let account = match row.value("parentaccountid").as_id() {
        Some(existing) => AccountChoice::Use(existing),
        None if account => AccountChoice::Create,
        None => AccountChoice::Skip,
    };
    let contact = match row.value("parentcontactid").as_id() {
        Some(existing) => ContactChoice::Use(existing),
        None if contact => ContactChoice::Create,
        None => ContactChoice::Skip,
    };
    let opportunities = if opportunity { vec![OpportunityDraft::default()] } else { Vec::new() };
    Ok(QualifyChoice { account, contact, opportunities, ..QualifyChoice::default() })
}

/// Qualifies one lead inside an act; see [`Leads::qualify`].
pub fn qualify(work: &mut Work<'_, '_>, id: Uuid, choice: &QualifyChoice) -> Result<Qualification> {
    let lead = work.load("lead", id)?;
    require(&lead, OPEN, text!("be qualified again"))?;
    if !choice.opportunities.is_empty() {
        process::require_qualifiable(work, id)?;
    }
    if choice.refuse_duplicates {
        refuse_unseen_duplicates(work, &lead, choice)?;
    }
    let mut done = Qualification { lead: id, act: work.act(), ..Qualification::default() };
    done.account = account(work, &lead, choice, &mut done.created)?;
    done.contact = contact(work, &lead, choice, done.account, &mut done.created)?;
    for draft in &choice.opportunities {
        let opportunity = opportunity(work, &lead, choice, draft, &done)?;
        done.created.push(Reference::new("opportunity", opportunity));
        done.opportunities.push(opportunity);
    }
    if let Some(primary) = done.opportunities.first().copied() {
        carry_timeline(work, id, primary)?;
    }
    close_lead(work, &lead, choice, &done)?;
    process::lead_qualified(work, id, done.opportunities.first().copied())?;
    Ok(done)
}

fn account(
    work: &mut Work<'_, '_>,
    lead: &Row,
    choice: &QualifyChoice,
    created: &mut Vec<Reference>,
) -> Result<Option<Uuid>> {
    match choice.account {
        AccountChoice::Skip => Ok(None),
        AccountChoice::Use(id) => work.load("account", id).map(|_| Some(id)),
        AccountChoice::Create => {
            let values = from_lead(work, lead, "account")?;
            if !values.has("name") {
                let table = work.table("lead")?;
                let message = tr!("enter a company name on the lead, or choose an existing account or none");
                return Err(table
                    .column("companyname")
                    .map_or_else(|| Error::refused(&message), |c| Error::field(c, &message)));
            }
            let id = create(work, "account", values)?;
            created.push(Reference::new("account", id));
            Ok(Some(id))
        }
    }
}

fn contact(
    work: &mut Work<'_, '_>,
    lead: &Row,
    choice: &QualifyChoice,
    account: Option<Uuid>,
    created: &mut Vec<Reference>,
) -> Result<Option<Uuid>> {
    match choice.contact {
        ContactChoice::Skip => Ok(None),
        ContactChoice::Use(id) => work.load("contact", id).map(|_| Some(id)),
        ContactChoice::Create => {
            let mut values = from_lead(work, lead, "contact")?;
            if let Some(account) = account {
                values.set("parentcustomerid", Reference::new("account", account));
            }
            let id = create(work, "contact", values)?;
            created.push(Reference::new("contact", id));
            if let Some(account) = account.filter(|account| created.contains(&Reference::new("account", *account))) {
                let primary = Row::new().with("primarycontactid", Reference::new("contact", id));
                work.update("account", account, primary, None)?;
            }
            Ok(Some(id))
        }
    }
}

fn opportunity(
    work: &mut Work<'_, '_>,
    lead: &Row,
    choice: &QualifyChoice,
    draft: &OpportunityDraft,
    done: &Qualification,
) -> Result<Uuid> {
    let mut values = from_lead(work, lead, "opportunity")?;
    let account = done.account.map(|id| Reference::new("account", id));
    let contact = done.contact.map(|id| Reference::new("contact", id));
    values.set("parentaccountid", account.clone());
    values.set("parentcontactid", contact.clone());
    let customer = choice.customer.clone().or(account).or(contact);
    if customer.is_none() && !draft.values.has("customerid") {
        let table = work.table("opportunity")?;
        let message = tr!("an opportunity needs a customer: create or choose an account or a contact");
        return Err(table.column("customerid").map_or_else(|| Error::refused(&message), |c| Error::field(c, &message)));
    }
    values.set("customerid", customer);
    if let Some(currency) = choice.currency {
        values.set("transactioncurrencyid", Reference::new("transactioncurrency", currency));
    }
    let table = work.table("opportunity")?;
    work.authorise_columns(Setting::Create, &table, &draft.values)?;
    values.merge(&draft.values);
    create(work, "opportunity", values)
}

/// Notes and activities follow to the opportunity: open ones and closed ones.
fn carry_timeline(work: &mut Work<'_, '_>, lead: Uuid, opportunity: Uuid) -> Result<()> {
    let model = work.model().clone();
    let to = Reference::new("opportunity", opportunity);
    for relationship in model.pointing_at("lead") {
        let Some(table) = model.table(&relationship.referencing) else { continue };
        let follows = (table.kind == TableKind::Activity && relationship.column == "regardingobjectid")
            || (table.name == "annotation" && relationship.column == "objectid");
        if !follows
            || !table.column(&relationship.column).is_some_and(|c| c.targets().iter().any(|t| t == "opportunity"))
        {
            continue;
        }
        let key = table.primary_key.as_str();
        let here = Filter::eq(relationship.column.as_str(), Reference::new("lead", lead));
        // Also what colleagues did and wrote.
        work.as_consequence(|work| {
            for row in work.find(&table.name, here, &[key])? {
                let Some(id) = row.value(key).as_id() else { continue };
                let old = work.load(&table.name, id)?;
                work.update_loaded(table, &old, Row::new().with(relationship.column.as_str(), to.clone()))?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

fn close_lead(work: &mut Work<'_, '_>, lead: &Row, choice: &QualifyChoice, done: &Qualification) -> Result<()> {
    let table = work.table("lead")?;
    let state =
        table.state(QUALIFIED as i32).ok_or_else(|| Error::refused(tr!("the lead table has no state Qualified")))?;
    let status = choice.status.unwrap_or_else(|| i64::from(state.default_status));
    if !state.statuses.iter().any(|known| i64::from(known.value) == status) {
        let known: Vec<String> =
            state.statuses.iter().map(|s| format!("{} ({})", s.value, translated(&s.label))).collect();
        return Err(Error::refused(tr!(
            "{status} is not a status reason of a qualified lead; take one of {}",
            known.join(", "),
            status
        )));
    }
    let mut changes = Row::new().with("statecode", QUALIFIED).with("statuscode", status);
    if let Some(primary) = done.opportunities.first() {
        changes.set("qualifyingopportunityid", Reference::new("opportunity", *primary));
    }
    if let Some(account) = done.account {
        changes.set("parentaccountid", Reference::new("account", account));
    }
    if let Some(contact) = done.contact {
        changes.set("parentcontactid", Reference::new("contact", contact));
    }
    let fresh = work.load("lead", lead.value("leadid").as_id().unwrap_or_default())?;
    work.update_loaded(&table, &fresh, changes).map(|_| ())
}

fn refuse_unseen_duplicates(work: &mut Work<'_, '_>, lead: &Row, choice: &QualifyChoice) -> Result<()> {
    let caller = work.caller().clone();
    let rules = work.watch.cache().clone();
    let mut found = Found::default();
    if choice.account == AccountChoice::Create {
        found.matches.extend(duplicates::accounts(work.writer(), &caller, &rules, lead)?);
    }
    if choice.contact == ContactChoice::Create {
        found.matches.extend(duplicates::contacts(work.writer(), &caller, &rules, lead)?);
    }
    if found.is_empty() { Ok(()) } else { Err(Error::Duplicates(Box::new(found))) }
}

/// Columns taken over from the lead, with the link back to it and its owner.
fn from_lead(work: &mut Work<'_, '_>, lead: &Row, to: &str) -> Result<Row> {
    let mut values = mapped(work.model(), lead, to)?;
    values.set("originatingleadid", Reference::new("lead", lead.value("leadid").as_id().unwrap_or_default()));
    if lead.has("ownerid") {
        values.set("ownerid", lead.value("ownerid").clone());
    }
    Ok(values)
}

/// The values that the mapping of the model takes from `lead` to a row of `to`.
fn mapped(model: &model::Model, lead: &Row, to: &str) -> Result<Row> {
    let target: &Table = model.table(to).ok_or_else(|| Error::Unknown(tr!("there is no table '{name}'", name = to)))?;
    let mut row = Row::new();
    for pair in model.mapping("lead", to).map(|mapping| mapping.columns.as_slice()).unwrap_or_default() {
        let value = lead.value(&pair.from);
        if !value.is_null() && target.column(&pair.to).is_some() {
            row.set(pair.to.clone(), fitting(target, &pair.to, value));
        }
    }
    Ok(row)
}

/// A choice number that the target does not know is left out rather than refused.
fn fitting(target: &Table, column: &str, value: &Value) -> Value {
    target.check(column, value).unwrap_or_default()
}

fn create(work: &mut Work<'_, '_>, table: &str, values: Row) -> Result<Uuid> {
    let table = work.table(table)?;
    let row = work.create_trusted(&table, None, values)?;
    Ok(row.value(&table.primary_key).as_id().unwrap_or_default())
}
