//! What all stories share: the people, the calendar and the exact numbers.

use std::ops::Range;

use jiff::Timestamp;
use model::Reference;
use uuid::Uuid;

use crate::{
    Plan, Sizes,
    calendar::{Calendar, MOVING_IN},
    company::Company,
    dice::{Dice, id},
    share::{Fates, Shares, evenly, fewer_lately},
    staff::{Colleague, Staff},
};

/// The organisation before anything is told about it.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub plan: Plan,
    pub sizes: Sizes,
    pub calendar: Calendar,
    pub staff: Staff,
    /// Leads that are qualified (0) and disqualified (1).
    pub fates: Fates<2>,
    /// Qualified leads that make account and contact (0) or only a contact (1).
    pub records: Fates<2>,
    contacts: Shares,
    lead_touches: Shares,
    deal_touches: Shares,
}

impl World {
    pub fn new(plan: Plan) -> Self {
        let sizes = Sizes::of(plan.leads);
        let seed = plan.seed;
        let shares = |what, total, slots, evenness| Shares { seed, what, total, slots, evenness };
        let only_contacts = sizes.contacts_from_leads - sizes.accounts_from_leads;
        Self {
            calendar: Calendar::up_to(plan.today),
            staff: Staff::hire(seed, &sizes),
            fates: Fates {
                seed,
                what: "fate of a lead",
                slots: sizes.leads,
                totals: [sizes.qualified, sizes.disqualified],
                before: fewer_lately,
            },
            records: Fates {
                seed,
                what: "records of a lead",
                slots: sizes.qualified,
                totals: [sizes.accounts_from_leads, only_contacts],
                before: evenly,
            },
            contacts: shares("contacts", sizes.direct_contacts(), sizes.direct_accounts(), 0.7),
            lead_touches: shares("lead touches", sizes.activities_of_leads, sizes.leads, 0.3),
            deal_touches: shares(
                "deal touches",
                sizes.activities - sizes.activities_of_leads,
                sizes.opportunities,
                0.4,
            ),
            plan,
            sizes,
        }
    }

    pub fn dice(&self, what: &str, index: u64) -> Dice {
        Dice::new(self.plan.seed, what, index)
    }

    /// The key of row number `index` of a table.
    pub fn id(&self, table: &str, index: u64) -> Uuid {
        id(self.plan.seed, table, index)
    }

    pub fn seller(&self, position: usize) -> &Colleague {
        &self.staff.sellers[position]
    }

    /// A seller as owner of a row.
    pub fn owner(&self, position: usize) -> Reference {
        Reference::new("systemuser", self.seller(position).id)
    }

    pub fn company(&self, number: u64) -> Company {
        Company::new(&self.plan, &self.staff, number)
    }

    /// When customer number so and so was entered: half of them when the organisation moved in,
    /// the others over the months.
    pub fn customer_day(&self, number: u64) -> i64 {
        let all = self.sizes.direct_accounts();
        let moved_in = (all / 2).max(1);
        if number < moved_in {
            return number as i64 * MOVING_IN / moved_in as i64;
        }
        self.calendar.day_of_share((number - moved_in) as f64 / (all - moved_in) as f64)
    }

    /// One of the customers known on this day; those known for long have more business.
    pub fn known_customer(&self, day: i64, dice: &mut Dice) -> u64 {
        let (mut low, mut high) = (1, self.sizes.direct_accounts());
        while low < high {
            let middle = u64::midpoint(low, high);
            if self.customer_day(middle) < day { low = middle + 1 } else { high = middle }
        }
        dice.below(low).min(dice.below(low))
    }

    /// The key of a customer's account.
    pub fn account(&self, customer: u64) -> Uuid {
        self.id("account", customer)
    }

    /// The contacts of a customer: numbers for their keys.
    pub fn contacts_of(&self, customer: u64) -> Range<u64> {
        self.contacts.of(customer)
    }

    /// The key of one of a customer's contacts, with its number within the company.
    pub fn some_contact(&self, customer: u64, dice: &mut Dice) -> (Uuid, u64) {
        let all = self.contacts_of(customer);
        let chosen = dice.below(all.end - all.start);
        (self.id("contact", all.start + chosen), chosen)
    }

    pub fn lead_touches(&self, lead: u64) -> Range<u64> {
        self.lead_touches.of(lead)
    }

    pub fn deal_touches(&self, deal: u64) -> Range<u64> {
        let all = self.deal_touches.of(deal);
        self.sizes.activities_of_leads + all.start..self.sizes.activities_of_leads + all.end
    }

    /// A working moment of a company's seller some days after `from`.
    pub fn later(&self, seller: usize, from: Timestamp, days: f64, dice: &mut Dice) -> Timestamp {
        self.calendar.later(from, days, self.seller(seller).region().hour, dice)
    }
}
