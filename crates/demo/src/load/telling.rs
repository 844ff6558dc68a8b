//! Writing one story after the other, each act with the clock and the author of then.

use std::collections::HashMap;

use crm::{
    Result, Row, Work,
    leads::{AccountChoice, ContactChoice, OpportunityDraft, QualifyChoice},
};
use jiff::Timestamp;
use model::Reference;
use uuid::Uuid;

use super::{Report, reference};
use crate::{
    customer::Customer,
    deal::{Deal, Ending},
    lead::{Fate, Lead},
    note::Note,
    story::Story,
    touch::Touch,
    world::World,
};

/// What the foundation left to build on.
pub(super) struct Ground {
    pub currencies: HashMap<&'static str, Uuid>,
    pub price_lists: HashMap<&'static str, PriceList>,
    /// Connection roles by name.
    pub roles: HashMap<String, Uuid>,
}

/// Prices in one currency.
pub(super) struct PriceList {
    pub id: Uuid,
}

/// Writes stories inside one act.
pub(super) struct Teller<'t, 'w, 's> {
    work: &'t mut Work<'w, 's>,
    world: &'t World,
    ground: &'t Ground,
    pub report: Report,
}

impl<'t, 'w, 's> Teller<'t, 'w, 's> {
    pub fn new(work: &'t mut Work<'w, 's>, world: &'t World, ground: &'t Ground) -> Self {
        Self { work, world, ground, report: Report::default() }
    }

    pub fn tell(&mut self, story: Story) -> Result<()> {
        match story {
            Story::Customer(customer) => self.customer(*customer),
            Story::Lead(lead) => self.lead(*lead),
            Story::Deal(deal) => {
                let (account, contact) = deal.customer.unwrap_or_default();
                let row = deal
                    .row
                    .clone()
                    .with("customerid", reference("account", account))
                    .with("parentcontactid", reference("contact", contact));
                let row = self.priced(row, &deal);
                self.at(deal.at, deal.seller)?;
                self.work.create("opportunity", Some(deal.id), row)?;
                self.deal(*deal, |story| story.id, Some(contact))
            }
        }
    }

    /// Sets the clock and the author.
    fn at(&mut self, moment: Timestamp, seller: usize) -> Result<()> {
        let seller = self.world.seller(seller);
        self.work.at(moment, seller.id, seller.unit)
    }

    fn currency(&self, code: &str) -> Option<Reference> {
        self.ground.currencies.get(code).map(|id| reference("transactioncurrency", *id))
    }

    fn customer(&mut self, customer: Customer) -> Result<()> {
        self.at(customer.at, customer.seller)?;
        let region = customer.region as u64;
        let row = customer
            .row
            .with("transactioncurrencyid", self.currency(customer.currency))
            .with("territoryid", reference("territory", self.world.id("territory", region)));
        self.work.create("account", Some(customer.id), row)?;
        self.report.accounts += 1;
        let account = reference("account", customer.id);
        for (id, row) in &customer.contacts {
            self.work.create("contact", Some(*id), row.clone().with("parentcustomerid", account.clone()))?;
            self.report.contacts += 1;
        }
        if let Some((primary, _)) = customer.contacts.first() {
            let primary = Row::new().with("primarycontactid", reference("contact", *primary));
            self.work.update("account", customer.id, primary, None)?;
        }
        customer.note.map_or(Ok(()), |note| self.note(&note, customer.seller, &account))
    }

    fn lead(&mut self, lead: Lead) -> Result<()> {
        self.at(lead.at, lead.seller)?;
        let row = lead.row.with("transactioncurrencyid", self.currency(lead.currency));
        self.work.create("lead", Some(lead.id), row)?;
        self.report.leads += 1;
        let this = reference("lead", lead.id);
        for touch in lead.touches {
            self.touch(touch, lead.seller, &this, &this)?;
        }
        if let Some(note) = &lead.note {
            self.note(note, lead.seller, &this)?;
        }
        match lead.fate {
            Fate::Open => Ok(()),
            Fate::Disqualified { at, status } => {
                self.at(at, lead.seller)?;
                let changes = Row::new().with("statecode", crm::leads::DISQUALIFIED).with("statuscode", status);
                self.work.update("lead", lead.id, changes, None)?;
                self.report.disqualified += 1;
                Ok(())
            }
            Fate::Qualified { at, account, contact, deal } => self.qualify(lead.id, at, account, contact, *deal),
        }
    }

    fn qualify(
        &mut self,
        lead: Uuid,
        at: Timestamp,
        account: Option<Uuid>,
        contact: Option<Uuid>,
        deal: Deal,
    ) -> Result<()> {
        self.at(at, deal.seller)?;
        let choice = QualifyChoice {
            account: account.map_or(AccountChoice::Create, AccountChoice::Use),
            contact: contact.map_or(ContactChoice::Create, ContactChoice::Use),
            opportunities: vec![OpportunityDraft { values: self.priced(deal.row.clone(), &deal) }],
            ..QualifyChoice::default()
        };
        let done = crm::leads::qualify(self.work, lead, &choice)?;
        self.report.qualified += 1;
        self.report.accounts += u64::from(account.is_none());
        self.report.contacts += u64::from(contact.is_none());
        let opportunity = done.opportunities.first().copied().unwrap_or_default();
        self.deal(deal, |_| opportunity, done.contact)
    }

    /// With its currency and, where it has product lines, its price list.
    fn priced(&self, mut row: Row, deal: &Deal) -> Row {
        row.set("transactioncurrencyid", self.currency(deal.currency));
        if let Some(list) = self.ground.price_lists.get(deal.currency).filter(|_| !deal.lines.is_empty()) {
            row.set("pricelevelid", reference("pricelevel", list.id));
        }
        row
    }

    /// What follows once the opportunity is there.
    fn deal(&mut self, deal: Deal, key: impl Fn(&Deal) -> Uuid, contact: Option<Uuid>) -> Result<()> {
        self.report.opportunities += 1;
        let this = reference("opportunity", key(&deal));
        self.lines(&deal, &this)?;
        self.stakeholders(&deal, &this)?;
        let customer = contact.map_or_else(|| this.clone(), |id| reference("contact", id));
        for touch in deal.touches {
            self.touch(touch, deal.seller, &this, &customer)?;
        }
        for note in &deal.notes {
            self.note(note, deal.seller, &this)?;
        }
        if let Some(post) = &deal.post {
            self.at(post.at, deal.seller)?;
            let row = Row::new()
                .with("text", post.text.as_str())
                .with("regardingobjectid", this.clone())
                .with("overriddencreatedon", post.at);
            self.work.create("post", None, row)?;
            self.report.notes += 1;
        }
        for moment in &deal.moves {
            self.at(*moment, deal.seller)?;
            crm::process::advance(self.work, &this)?;
        }
        if let Some(last) = deal.moves.last() {
            self.at(*last, deal.seller)?;
            self.work.update("opportunity", this.id, deal.standing, None)?;
        }
        deal.ending.map_or(Ok(()), |ending| self.close(&ending, deal.seller, &this))
    }

    fn lines(&mut self, deal: &Deal, opportunity: &Reference) -> Result<()> {
        for (number, (product, quantity)) in (1..).zip(&deal.lines) {
            let row = Row::new()
                .with("opportunityid", opportunity.clone())
                .with("productid", reference("product", self.world.id("product", *product as u64)))
                .with("quantity", *quantity)
                .with("lineitemnumber", number)
                .with("overriddencreatedon", deal.at);
            self.work.create("opportunityproduct", None, row)?;
            self.report.lines += 1;
        }
        Ok(())
    }

    fn stakeholders(&mut self, deal: &Deal, opportunity: &Reference) -> Result<()> {
        for (contact, role) in &deal.stakeholders {
            let row = Row::new()
                .with("record1id", opportunity.clone())
                .with("record2id", reference("contact", *contact))
                .with("record2roleid", self.ground.roles.get(*role).map(|id| reference("connectionrole", *id)))
                .with("ownerid", self.world.owner(deal.seller))
                .with("overriddencreatedon", deal.at);
            self.work.create("connection", None, row)?;
        }
        Ok(())
    }

    fn close(&mut self, ending: &Ending, seller: usize, opportunity: &Reference) -> Result<()> {
        self.at(ending.at, seller)?;
        let competitor =
            ending.competitor.map(|position| reference("competitor", self.world.id("competitor", position as u64)));
        let row = Row::new()
            .with("opportunityid", opportunity.clone())
            .with("opportunitystatuscode", ending.status)
            .with("actualrevenue", ending.revenue)
            .with("actualend", ending.at)
            .with("description", ending.reason)
            .with("competitorid", competitor)
            .with("ownerid", self.world.owner(seller))
            .with("overriddencreatedon", ending.at);
        self.work.create("opportunityclose", None, row)?;
        *(if ending.won { &mut self.report.won } else { &mut self.report.lost }) += 1;
        Ok(())
    }

    fn touch(&mut self, touch: Touch, seller: usize, regarding: &Reference, customer: &Reference) -> Result<()> {
        self.at(touch.at, seller)?;
        let row = touch.row.with("regardingobjectid", regarding.clone());
        self.work.create(touch.table, Some(touch.id), row)?;
        self.report.activities += 1;
        let seller = self.world.owner(seller);
        // Sender, recipient, required attendee, organiser.
        let parties = match (touch.table, touch.incoming) {
            ("task", _) => return Ok(()),
            ("appointment", _) => [(customer, 5), (&seller, 7)],
            (_, true) => [(customer, 1), (&seller, 2)],
            (_, false) => [(&seller, 1), (customer, 2)],
        };
        for (party, part) in parties {
            if party.table == "opportunity" {
                continue;
            }
            let row = Row::new()
                .with("activityid", reference(touch.table, touch.id))
                .with("partyid", party.clone())
                .with("participationtypemask", part);
            self.work.create("activityparty", None, row)?;
        }
        Ok(())
    }

    fn note(&mut self, note: &Note, seller: usize, on: &Reference) -> Result<()> {
        self.at(note.at, seller)?;
        let row = Row::new()
            .with("subject", note.title.as_str())
            .with("notetext", format!("<p>{}</p>", note.text))
            .with("objectid", on.clone())
            .with("ownerid", self.world.owner(seller))
            .with("overriddencreatedon", note.at);
        self.work.create("annotation", None, row)?;
        self.report.notes += 1;
        Ok(())
    }
}
