//! Opportunities: how they begin, move through the stages and end.

use crm::Row;
use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::{
    calendar::{date, days_between, hours},
    company::{Company, Person},
    dice::Dice,
    matter::{Matter, price, rounded},
    note::Note,
    touch::{Talk, Touch},
    words::words,
    world::World,
};

/// An opportunity with its story.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Deal {
    pub at: Timestamp,
    pub seller: usize,
    /// Its key, unless qualifying a lead makes it.
    pub id: Uuid,
    pub currency: &'static str,
    /// Columns at the beginning.
    pub row: Row,
    /// Account and contact it is with, unless qualifying a lead tells.
    pub customer: Option<(Uuid, Uuid)>,
    /// Product (its position in the list) and quantity.
    pub lines: Vec<(usize, i64)>,
    pub touches: Vec<Touch>,
    pub notes: Vec<Note>,
    pub post: Option<Note>,
    /// Contacts with the name of their role.
    pub stakeholders: Vec<(Uuid, &'static str)>,
    /// When it moved on to the next stage.
    pub moves: Vec<Timestamp>,
    /// Columns as they stand after the last move; without a move they stand so at the beginning.
    pub standing: Row,
    pub ending: Option<Ending>,
}

/// How an opportunity ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ending {
    pub at: Timestamp,
    pub won: bool,
    /// Status reason.
    pub status: i64,
    pub revenue: Decimal,
    pub reason: &'static str,
    /// Position of who won instead.
    pub competitor: Option<usize>,
}

/// Where an opportunity comes from.
pub(crate) struct Beginning {
    pub number: u64,
    pub at: Timestamp,
    pub seller: usize,
    pub from_lead: bool,
    /// Share of its way it had behind it when it was entered.
    pub head_start: f64,
    /// Number of the known customer, account and contact.
    pub customer: Option<(u64, Uuid, Uuid)>,
}

/// Of a deal's whole time, when it leaves Qualify, Develop and Propose.
const MILESTONES: [f64; 3] = [0.15, 0.45, 0.75];

/// Share of the opportunities that were there when the organisation moved in.
const MOVED_IN: u64 = 8;

impl Deal {
    /// The day on which opportunity number so and so with a known customer begins; grows with
    /// the number.
    pub fn day(world: &World, number: u64) -> i64 {
        let all = world.sizes.direct_opportunities();
        let moved_in = all / MOVED_IN;
        let share = if number < moved_in {
            number as f64 / moved_in as f64 * 0.012
        } else {
            0.012 + 0.988 * (number - moved_in) as f64 / (all - moved_in) as f64
        };
        world.calendar.day_of_share(share)
    }

    /// Opportunity number so and so with a known customer.
    pub fn direct(world: &World, number: u64) -> Self {
        let mut dice = world.dice("direct deal", number);
        let day = Self::day(world, number);
        let customer = world.known_customer(day, &mut dice);
        let company = world.company(customer);
        let (contact, position) = world.some_contact(customer, &mut dice);
        let person = company.person(&world.plan, position);
        let at = world.calendar.on_day(day, world.seller(company.seller).region().hour, &mut dice);
        let mut matter = Matter::of(&company, &mut dice);
        matter.scene.contact = person.name();
        matter.scene.seller = world.seller(company.seller).name();
        let moved_in = number < world.sizes.direct_opportunities() / MOVED_IN;
        let beginning = Beginning {
            number: world.sizes.qualified + number,
            at,
            seller: company.seller,
            from_lead: false,
            head_start: if moved_in { dice.within(0.0, 0.9) } else { 0.0 },
            customer: Some((customer, world.account(customer), contact)),
        };
        Self::new(world, &company, &person, &matter, beginning)
    }

    pub fn new(world: &World, company: &Company, person: &Person, matter: &Matter, beginning: Beginning) -> Self {
        let mut dice = world.dice("deal", beginning.number);
        let Beginning { at, seller, .. } = beginning;
        let course = Course::run(world, matter, &beginning, &mut dice);
        let until = course.ended.map_or_else(|| world.calendar.end(), |(end, _)| end);
        let talk = Talk { world, matter, seller, email: &person.email, phone: &person.phone };
        let lines = if dice.chance(0.35) { lines(matter, company.city.currency, &mut dice) } else { Vec::new() };
        let worth = if lines.is_empty() { matter.amount } else { total(&lines, company.city.currency) };
        let mut row = columns(matter, &course, worth, &mut dice);
        row.set("isrevenuesystemcalculated", !lines.is_empty());
        row.set("ownerid", world.owner(seller));
        if !beginning.from_lead {
            row.set("overriddencreatedon", at);
        }
        let standing = standing(&course, &mut dice);
        if course.moves.is_empty() {
            row.merge(&standing);
        }
        let between = |dice: &mut Dice| {
            let days = days_between(at, until) * dice.fraction();
            world.later(seller, at, days, dice).min(until).max(at)
        };
        let notes = (0..*dice.pick(&[0, 0, 0, 1, 1, 2]))
            .map(|_| Note::new("deal notes", matter, between(&mut dice), &mut dice))
            .collect();
        let post = dice.chance(0.1).then(|| Note::new("posts", matter, between(&mut dice), &mut dice));
        Self {
            at,
            seller,
            id: world.id("opportunity", beginning.number),
            currency: company.city.currency,
            touches: talk.touches(world.deal_touches(beginning.number), at, until, course.ended.is_none()),
            stakeholders: beginning
                .customer
                .map(|customer| stakeholders(world, customer, &mut dice))
                .unwrap_or_default(),
            customer: beginning.customer.map(|(_, account, contact)| (account, contact)),
            standing,
            ending: course.ended.map(|(end, won)| Ending::new(end, won, worth, &mut dice)),
            moves: course.moves,
            row,
            lines,
            notes,
            post,
        }
    }
}

/// The way of an opportunity through the stages.
struct Course {
    moves: Vec<Timestamp>,
    /// Stage it stands or ended in: 0 Qualify to 3 Close.
    stage: usize,
    expected: Date,
    ended: Option<(Timestamp, bool)>,
}

impl Course {
    fn run(world: &World, matter: &Matter, beginning: &Beginning, dice: &mut Dice) -> Self {
        let Beginning { at, seller, .. } = *beginning;
        let amount = f64::try_from(matter.amount).unwrap_or(100_000.0);
        let whole = dice.log_normal(72.0, 0.5).clamp(9.0, 320.0) * (amount / 100_000.0).powf(0.2);
        let days = (whole * (1.0 - beginning.head_start)).max(2.0);
        let elapsed = days_between(at, world.calendar.end());
        let over = elapsed - days;
        // Some deals drag on beyond the day their seller expected.
        let stalled = (0.0..75.0).contains(&over) && dice.chance(0.16);
        let ended = (over > 0.3 && !stalled).then(|| {
            let end = world.later(seller, at, days, dice);
            (quarter_end(world, seller, end, dice), dice.chance(0.44 * world.seller(seller).talent.powf(0.7)))
        });
        let gone = beginning.head_start + (1.0 - beginning.head_start) * (elapsed / days).min(1.0);
        let last = match ended {
            Some((_, true)) => 3,
            Some((_, false)) => *dice.pick(&[0, 1, 1, 2, 2, 3]),
            None => MILESTONES.iter().filter(|milestone| gone > **milestone).count(),
        };
        let first = usize::from(beginning.from_lead);
        let stage = last.max(first);
        let until = ended.map_or_else(|| world.calendar.end(), |(end, _)| end);
        let mut before = at;
        let moves = (first..stage)
            .map(|step| {
                let share = ((MILESTONES[step] - beginning.head_start) / (1.0 - beginning.head_start)).max(0.01);
                let share = if stage < 3 && ended.is_some() {
                    share.min(0.9 * (step + 1) as f64 / (stage + 1) as f64)
                } else {
                    share
                };
                let moment = world.later(seller, at, days * share * dice.within(0.9, 1.1), dice);
                let latest = until - hours(1);
                before = moment.max(before + hours(1)).min(latest.max(before));
                before
            })
            .collect();
        let hope = if ended.is_some() { dice.within(0.85, 1.1) } else { dice.within(0.9, 1.05) };
        Self { moves, stage, expected: date(at + hours((24.0 * (days * hope).max(3.0)) as i64)), ended }
    }
}

impl Ending {
    fn new(at: Timestamp, won: bool, worth: Decimal, dice: &mut Dice) -> Self {
        let (status, section, competitor) = if won {
            (3, "won reasons", None)
        } else if dice.chance(0.6) {
            let rivals: Vec<usize> = (0..words().competitors.len()).collect();
            let winner = *dice.weighted(&rivals, |rival| words().competitors[*rival].weight);
            (5, "lost reasons", Some(winner))
        } else {
            (4, "canceled reasons", None)
        };
        let paid = f64::try_from(worth).unwrap_or_default() * dice.within(0.86, 1.02);
        let revenue = if won { Decimal::from((paid / 10.0).round() as i64 * 10) } else { Decimal::ZERO };
        Self { at, won, status, revenue, reason: words().sentence(section, dice), competitor }
    }
}

/// A quarter of the decisions falls in the last days of a quarter, where that is near.
fn quarter_end(world: &World, seller: usize, end: Timestamp, dice: &mut Dice) -> Timestamp {
    let day = date(end);
    let last_month = (day.month() - 1) / 3 * 3 + 3;
    let close = Date::new(day.year(), last_month, 28).unwrap_or(day);
    let away = close.since(day).map_or(0, |span| span.get_days());
    let shifted = end + hours(24 * i64::from(away.max(0)));
    if dice.chance(0.3) && (1..=25).contains(&away) && shifted < world.calendar.end() {
        return world.later(seller, shifted, 0.0, dice).max(end);
    }
    end
}

fn columns(matter: &Matter, course: &Course, worth: Decimal, dice: &mut Dice) -> Row {
    let mut row = Row::new()
        .with("name", matter.title.as_str())
        .with("estimatedvalue", worth)
        .with("estimatedclosedate", course.expected)
        .with("closeprobability", *dice.pick(&[10, 10, 20, 20, 30]))
        .with("opportunityratingcode", *dice.pick(&[1, 2, 2, 2, 3]))
        .with("purchasetimeframe", dice.between(0, 3))
        .with("timeline", dice.between(0, 3))
        .with("currentsituation", matter.say("situation", dice))
        .with("customerneed", matter.say("need", dice));
    if dice.chance(0.7) {
        row.set("customerpainpoints", matter.say("pain", dice));
    }
    if dice.chance(0.5) {
        row.set("budgetamount", rounded(f64::try_from(worth).unwrap_or_default() * dice.within(0.7, 1.15)));
        row.set("budgetstatus", dice.between(0, 3));
    }
    row
}

/// What the seller knows and expects in the stage that was reached.
fn standing(course: &Course, dice: &mut Dice) -> Row {
    let (probability, category) = match course.stage {
        0 => (dice.between(1, 3) * 10, 100_000_001),
        1 => (dice.between(3, 5) * 10, 100_000_001),
        2 => (dice.between(5, 7) * 10, 100_000_002),
        _ => (dice.between(7, 9) * 10, 100_000_003),
    };
    let category = if dice.chance(0.04) { 100_000_004 } else { category };
    let mut row = Row::new().with("closeprobability", probability).with("msdyn_forecastcategory", category);
    for (stage, steps) in [
        (1, ["identifycustomercontacts", "identifycompetitors"]),
        (2, ["developproposal", "completeinternalreview"]),
        (3, ["completefinalproposal", "presentfinalproposal"]),
    ] {
        for step in steps {
            let likely = if course.stage > stage { 0.95 } else { 0.45 };
            if course.stage >= stage && dice.chance(likely) {
                row.set(step, true);
            }
        }
    }
    if course.ended.is_none() && dice.chance(0.06) {
        row.set("statuscode", 2); // on hold
    }
    row
}

/// Products that make up about the worth of the project.
fn lines(matter: &Matter, currency: &str, dice: &mut Dice) -> Vec<(usize, i64)> {
    let mut left = f64::try_from(matter.amount).unwrap_or_default();
    matter
        .topic
        .products
        .iter()
        .enumerate()
        .map(|(position, product)| {
            let each = f64::try_from(price(&words().products[*product], currency)).unwrap_or(1000.0);
            let share = if position == 0 { 0.8 } else { dice.within(0.3, 0.8) };
            let most = if position == 0 { 12 } else { 25 };
            let quantity = ((left * share / each).round() as i64).clamp(1, most);
            left = (left - quantity as f64 * each).max(0.0);
            (*product, quantity)
        })
        .collect()
}

fn total(lines: &[(usize, i64)], currency: &str) -> Decimal {
    lines
        .iter()
        .map(|(product, quantity)| price(&words().products[*product], currency) * Decimal::from(*quantity))
        .sum()
}

fn stakeholders(
    world: &World,
    (customer, _, contact): (u64, Uuid, Uuid),
    dice: &mut Dice,
) -> Vec<(Uuid, &'static str)> {
    const ROLES: [&str; 6] =
        ["Stakeholder", "Decision Maker", "Technical Buyer", "Economic Buyer", "Influencer", "Champion"];
    let mut people = vec![(contact, *dice.pick(&ROLES))];
    let (other, _) = world.some_contact(customer, dice);
    if other != contact {
        people.push((other, *dice.pick(&ROLES)));
    }
    if dice.chance(0.25) { people } else { Vec::new() }
}
