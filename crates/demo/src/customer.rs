//! Customers the organisation knows: an account with its contacts.

use crm::Row;
use jiff::Timestamp;
use uuid::Uuid;

use crate::{matter::Matter, note::Note, words::words, world::World};

/// An account with its contacts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Customer {
    pub at: Timestamp,
    pub seller: usize,
    pub id: Uuid,
    /// Position of the region it belongs to.
    pub region: usize,
    pub currency: &'static str,
    pub row: Row,
    /// The first is the primary one.
    pub contacts: Vec<(Uuid, Row)>,
    pub note: Option<Note>,
}

impl Customer {
    pub fn new(world: &World, number: u64) -> Self {
        let company = world.company(number);
        let mut dice = world.dice("customer", number);
        let hour = words().regions[company.city.region].hour;
        let at = world.calendar.on_day(world.customer_day(number), hour, &mut dice);
        let owner = world.owner(company.seller);
        let contacts = world
            .contacts_of(number)
            .enumerate()
            .map(|(position, key)| {
                let person = company.person(&world.plan, position as u64);
                (world.id("contact", key), person.contact(&company, &owner).with("overriddencreatedon", at))
            })
            .collect();
        let note = dice.chance(0.15).then(|| {
            let matter = Matter::of(&company, &mut dice);
            let days = dice.within(1.0, 60.0);
            Note::new("customer notes", &matter, world.later(company.seller, at, days, &mut dice), &mut dice)
        });
        Self {
            at,
            seller: company.seller,
            id: world.account(number),
            region: company.city.region,
            currency: company.city.currency,
            row: company.account(&world.plan, &owner).with("overriddencreatedon", at),
            contacts,
            note,
        }
    }
}
