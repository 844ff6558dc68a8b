//! Leads and what becomes of them.

use crm::Row;
use jiff::{Timestamp, civil::Date};
use uuid::Uuid;

use crate::{
    calendar::{date, days_between},
    company::{Company, Person},
    deal::{Beginning, Deal},
    dice::Dice,
    matter::Matter,
    note::Note,
    touch::{Talk, Touch},
    world::World,
};

/// A lead with its story.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Lead {
    pub at: Timestamp,
    pub seller: usize,
    pub id: Uuid,
    pub currency: &'static str,
    pub row: Row,
    pub touches: Vec<Touch>,
    pub note: Option<Note>,
    pub fate: Fate,
}

/// What became of a lead.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fate {
    Open,
    Disqualified {
        at: Timestamp,
        status: i64,
    },
    /// Qualified; account and contact are new where none is named.
    Qualified {
        at: Timestamp,
        account: Option<Uuid>,
        contact: Option<Uuid>,
        deal: Box<Deal>,
    },
}

/// Who the lead is.
struct Party {
    company: Company,
    person: Person,
    account: Option<Uuid>,
    contact: Option<Uuid>,
}

impl Lead {
    /// The day on which lead number so and so comes in; grows with the number.
    pub fn day(world: &World, number: u64) -> i64 {
        world.calendar.day_of_share((number as f64 + 0.5) / world.sizes.leads as f64)
    }

    pub fn new(world: &World, number: u64) -> Self {
        let mut dice = world.dice("lead", number);
        let day = Self::day(world, number);
        let fate = world.fates.of(number);
        let party = Party::find(world, number, day, fate, &mut dice);
        let company = &party.company;
        let seller = if party.account.is_some() {
            company.seller
        } else {
            world.staff.seller_in(company.city.region, &mut dice)
        };
        let hour = world.seller(seller).region().hour;
        let at = world.calendar.on_day(day, hour, &mut dice);
        let mut matter = Matter::of(company, &mut dice);
        matter.scene.contact = party.person.name();
        matter.scene.seller = world.seller(seller).name();
        let talk = Talk { world, matter: &matter, seller, email: &party.person.email, phone: &party.person.phone };
        let decided = decided_at(world, seller, at, fate.map(|(kind, _)| kind), &mut dice);
        let touches = talk.touches(
            world.lead_touches(number),
            at,
            decided.unwrap_or_else(|| world.calendar.end()),
            fate.is_none(),
        );
        let note = dice.chance(0.15).then(|| {
            let days = dice.within(0.0, 4.0);
            let when = world.later(seller, at, days, &mut dice);
            Note::new("lead notes", &matter, decided.map_or(when, |end| when.min(end)), &mut dice)
        });
        let mut row = columns(&party, &matter, at, !touches.is_empty(), &mut dice);
        row.set("ownerid", world.owner(seller));
        row.set("overriddencreatedon", at);
        let fate = match (fate, decided) {
            (Some((0, rank)), Some(at)) => {
                let beginning =
                    Beginning { number: rank, at, seller, from_lead: true, head_start: 0.0, customer: None };
                let deal = Deal::new(world, company, &party.person, &matter, beginning);
                Fate::Qualified { at, account: party.account, contact: party.contact, deal: Box::new(deal) }
            }
            (Some(_), Some(at)) => Fate::Disqualified { at, status: reason(&mut dice) },
            _ => Fate::Open,
        };
        Self { at, seller, id: world.id("lead", number), currency: company.city.currency, row, touches, note, fate }
    }
}

impl Party {
    /// Somebody at a known customer, or at a company nobody has heard of yet.
    fn find(world: &World, number: u64, day: i64, fate: Option<(usize, u64)>, dice: &mut Dice) -> Self {
        let (known, new_contact) = match fate {
            Some((0, rank)) => match world.records.of(rank) {
                Some((0, _)) => (false, true),
                Some(_) => (true, true),
                None => (true, false),
            },
            _ => (dice.chance(0.3), dice.chance(0.6)),
        };
        if !known {
            let company = world.company(world.sizes.direct_accounts() + number);
            return Self { person: company.person(&world.plan, 0), company, account: None, contact: None };
        }
        let customer = world.known_customer(day, dice);
        let company = world.company(customer);
        let (contact, position) = world.some_contact(customer, dice);
        // People beyond the known contacts of a company are new to us.
        let position = if new_contact { 500 + number % 500 } else { position };
        Self {
            person: company.person(&world.plan, position),
            company,
            account: Some(world.account(customer)),
            contact: (!new_contact).then_some(contact),
        }
    }
}

/// When the lead was qualified or disqualified; never where it is open.
fn decided_at(world: &World, seller: usize, at: Timestamp, fate: Option<usize>, dice: &mut Dice) -> Option<Timestamp> {
    let median = match fate? {
        0 => 11.0,
        _ => 20.0,
    };
    let left = days_between(at, world.calendar.end());
    let days = dice.log_normal(median, 0.7);
    let days = if days < left - 0.5 { days } else { left * dice.within(0.2, 0.9) };
    Some(world.later(seller, at, days, dice))
}

fn columns(party: &Party, matter: &Matter, at: Timestamp, contacted: bool, dice: &mut Dice) -> Row {
    let (company, person) = (&party.company, &party.person);
    let mut row = company.profile();
    row.merge(
        &Row::new()
            .with("subject", matter.title.as_str())
            .with("firstname", person.given)
            .with("lastname", person.family)
            .with("companyname", company.name.as_str())
            .with("jobtitle", person.title.name)
            .with("telephone1", person.phone.as_str())
            .with("leadsourcecode", source(dice))
            .with("leadqualitycode", *dice.pick(&[1, 2, 2, 2, 3, 3]))
            .with("statuscode", if contacted { 2 } else { 1 })
            .with("initialcommunication", i32::from(!contacted))
            .with("purchasetimeframe", dice.between(0, 4))
            .with("description", format!("{} {}", matter.say("source comment", dice), matter.say("situation", dice))),
    );
    if dice.chance(0.95) {
        row.set("emailaddress1", person.email.as_str());
    }
    if let Some(mobile) = &person.mobile {
        row.set("mobilephone", mobile.as_str());
    }
    if dice.chance(0.75) {
        row.set("estimatedamount", matter.amount);
        row.set("estimatedclosedate", close_date(at, dice));
    }
    if contacted && dice.chance(0.5) {
        row.set(
            "budgetamount",
            crate::matter::rounded(f64::try_from(matter.amount).unwrap_or_default() * dice.within(0.6, 1.2)),
        );
        row.set("budgetstatus", dice.between(0, 3));
        row.set("need", dice.between(0, 2));
        row.set("purchaseprocess", dice.between(0, 2));
        row.set("decisionmaker", dice.chance(0.6));
        row.set("confirminterest", dice.chance(0.7));
    }
    if let Some(account) = party.account.filter(|_| dice.chance(0.5)) {
        row.set("parentaccountid", model::Reference::new("account", account));
    }
    row
}

/// Lost, cannot contact, no longer interested, cancelled.
fn reason(dice: &mut Dice) -> i64 {
    dice.weighted(&[(4, 30.0), (5, 25.0), (6, 35.0), (7, 10.0)], |reason| reason.1).0
}

fn source(dice: &mut Dice) -> i32 {
    const SOURCES: &[(i32, f64)] =
        &[(1, 6.0), (2, 5.0), (3, 10.0), (4, 12.0), (5, 3.0), (6, 7.0), (7, 18.0), (8, 30.0), (9, 6.0), (10, 3.0)];
    dice.weighted(SOURCES, |source| source.1).0
}

fn close_date(at: Timestamp, dice: &mut Dice) -> Date {
    date(at + crate::calendar::hours(24 * dice.log_normal(95.0, 0.5).clamp(20.0, 400.0) as i64))
}
