//! How many of everything there are for so many leads.

use serde::Serialize;

/// How much an organisation of a given number of leads holds; exact, but for rounding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Sizes {
    /// Leads; a quarter of them qualified, a fifth disqualified.
    pub leads: u64,
    /// Qualified leads; each made an opportunity.
    pub qualified: u64,
    /// Disqualified leads.
    pub disqualified: u64,
    /// Accounts: a fifth of the leads.
    pub accounts: u64,
    /// Accounts that qualifying made.
    pub accounts_from_leads: u64,
    /// Contacts: as many as leads.
    pub contacts: u64,
    /// Contacts that qualifying made.
    pub contacts_from_leads: u64,
    /// Opportunities: half as many as leads.
    pub opportunities: u64,
    /// Calls, e-mails, tasks and appointments, without the closings: three times the leads.
    pub activities: u64,
    /// Activities of leads (they follow to the opportunity).
    pub activities_of_leads: u64,
    /// People who sell.
    pub sellers: u64,
    /// People who lead them.
    pub managers: u64,
}

impl Sizes {
    /// For this many leads.
    pub fn of(leads: u32) -> Self {
        let leads = u64::from(leads);
        let qualified = leads / 4;
        let accounts_from_leads = qualified * 3 / 10;
        let contacts_from_leads = qualified * 7 / 10;
        let accounts = (leads / 5).max(accounts_from_leads + 1);
        let sellers = (leads / 250).max(8);
        Self {
            leads,
            qualified,
            disqualified: leads / 5,
            accounts,
            accounts_from_leads,
            contacts: leads.max(contacts_from_leads + accounts - accounts_from_leads),
            contacts_from_leads,
            opportunities: leads / 2,
            activities: leads * 3,
            activities_of_leads: leads * 7 / 5,
            sellers,
            managers: (sellers / 8).max(3),
        }
    }

    /// Accounts that were there without a lead.
    pub(crate) const fn direct_accounts(&self) -> u64 {
        self.accounts - self.accounts_from_leads
    }

    /// Contacts that were there without a lead.
    pub(crate) const fn direct_contacts(&self) -> u64 {
        self.contacts - self.contacts_from_leads
    }

    /// Opportunities with known customers.
    pub(crate) const fn direct_opportunities(&self) -> u64 {
        self.opportunities - self.qualified
    }
}
