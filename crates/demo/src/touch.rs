//! Calls, e-mails, tasks and appointments.

use crm::Row;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::{calendar::hours, dice::Dice, matter::Matter, staff::DOMAIN, words::words, world::World};

/// One activity. Its parties are the seller and the customer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Touch {
    pub table: &'static str,
    pub id: Uuid,
    /// When it was entered.
    pub at: Timestamp,
    /// Whether the customer began it.
    pub incoming: bool,
    pub row: Row,
}

/// Between whom and about what.
pub(crate) struct Talk<'a> {
    pub world: &'a World,
    pub matter: &'a Matter,
    pub seller: usize,
    pub email: &'a str,
    pub phone: &'a str,
}

impl Talk<'_> {
    /// Activities with these numbers, spread between two moments; where something is `open`,
    /// the last one may be still to do.
    pub fn touches(&self, numbers: std::ops::Range<u64>, from: Timestamp, to: Timestamp, open: bool) -> Vec<Touch> {
        let count = numbers.end - numbers.start;
        numbers
            .enumerate()
            .map(|(position, number)| {
                let mut dice = self.world.dice("touch", number);
                if open && position as u64 + 1 == count && dice.chance(0.45) {
                    return self.planned(number, from, &mut dice);
                }
                let span = to.duration_since(from).as_secs().max(1);
                let share = (position as f64 + dice.fraction()) / count as f64;
                let wanted = from + SignedDuration::from_secs((span as f64 * share) as i64);
                let at = self.world.later(self.seller, wanted, 0.0, &mut dice);
                let at = if at <= from || at >= to { wanted.max(from) } else { at };
                self.done(number, from, at, &mut dice)
            })
            .collect()
    }

    fn done(&self, number: u64, from: Timestamp, at: Timestamp, dice: &mut Dice) -> Touch {
        let table = kind(dice);
        let incoming = matches!(table, "email" | "phonecall") && dice.chance(0.3);
        let mut row = self.content(table, incoming, dice);
        let minutes = dice.between(1, 9) * if table == "appointment" { 15 } else { 3 };
        let began = at - SignedDuration::from_mins(minutes);
        row.set("actualend", at);
        match table {
            "phonecall" => {
                row.set("statuscode", if incoming { 4 } else { 2 });
                row.set("actualstart", began);
                row.set("actualdurationminutes", minutes);
                row.set("leftvoicemail", !incoming && dice.chance(0.12));
            }
            "email" => {
                row.set("statuscode", if incoming { 4 } else { 3 });
                row.set("senton", at);
            }
            "task" => {
                row.set("statuscode", if dice.chance(0.04) { 6 } else { 5 });
                row.set("percentcomplete", 100);
                row.set("scheduledend", at + hours(dice.between(-20, 30)));
                // It was written down some days before it was done.
                let entered = (at - hours(24 * dice.between(0, 5)) - hours(1)).max(from);
                return self.touch(table, number, entered, incoming, row);
            }
            _ => {
                row.set("statuscode", if dice.chance(0.06) { 4 } else { 3 });
                row.set("scheduledstart", quarter(began));
                row.set("scheduledend", quarter(began) + SignedDuration::from_mins(minutes));
                row.set("actualstart", began);
                row.set("actualdurationminutes", minutes);
                let entered = (at - hours(24 * dice.between(2, 12))).max(from);
                return self.touch(table, number, entered, incoming, row);
            }
        }
        self.touch(table, number, at, incoming, row)
    }

    /// Still to do: due some days before or after the reference day, most of them soon.
    fn planned(&self, number: u64, from: Timestamp, dice: &mut Dice) -> Touch {
        let table = *dice.pick(&["phonecall", "phonecall", "task", "task", "task", "appointment", "email"]);
        let mut row = self.content(table, false, dice);
        let day = if dice.chance(0.25) { dice.between(-4, -1) } else { dice.between(0, 6).min(dice.between(0, 14)) };
        let hour = self.world.seller(self.seller).region().hour;
        let due = quarter(self.world.calendar.around_end(day) + hours(hour + dice.between(0, 8)));
        match table {
            "appointment" => {
                row.set("scheduledstart", due.max(self.world.calendar.end() + hours(hour)));
                row.set("scheduledend", due.max(self.world.calendar.end() + hours(hour)) + hours(1));
                row.set("statuscode", 5);
            }
            "task" => {
                row.set("scheduledend", due);
                row.set("statuscode", *dice.pick(&[2, 2, 2, 3, 4]));
            }
            _ => {
                row.set("scheduledend", due);
                row.set("statuscode", 1);
            }
        }
        row.set("prioritycode", *dice.pick(&[1, 1, 1, 2, 0]));
        let entered = self.world.calendar.end() - hours(dice.between(6, 24 * 6));
        self.touch(table, number, entered.min(due - hours(1)).max(from), false, row)
    }

    fn touch(&self, table: &'static str, number: u64, at: Timestamp, incoming: bool, mut row: Row) -> Touch {
        row.set("ownerid", self.world.owner(self.seller));
        row.set("overriddencreatedon", at);
        Touch { table, id: self.world.id("activity", number), at, incoming, row }
    }

    fn content(&self, table: &str, incoming: bool, dice: &mut Dice) -> Row {
        let matter = self.matter;
        let (subject, text) = match table {
            "phonecall" => ("call subjects", "call notes"),
            "email" if incoming => ("email subjects", "email in"),
            "email" => ("email subjects", "email out"),
            "task" => ("task subjects", "task notes"),
            _ => ("appointment subjects", "appointment notes"),
        };
        let subject = cut(&matter.say(subject, dice), 200);
        let mut row = Row::new().with("subject", subject);
        if table != "task" || dice.chance(0.5) {
            row.set("description", matter.say(text, dice));
        }
        match table {
            "phonecall" => {
                row.set("directioncode", !incoming);
                row.set("phonenumber", self.phone);
            }
            "email" => {
                let seller = self.world.seller(self.seller).email.as_str();
                let (sender, recipient) = if incoming { (self.email, seller) } else { (seller, self.email) };
                row.set("directioncode", !incoming);
                row.set("sender", sender);
                row.set("torecipients", recipient);
                let text = row.text("description").replace("\n\n", "</p><p>").replace('\n', "<br>");
                row.set("description", format!("<p>{text}</p>"));
                row.set("messageid", format!("<{:016x}@{DOMAIN}>", dice.below(u64::MAX)));
            }
            "appointment" => row.set("location", words().sentence("places", dice)),
            _ => {}
        }
        row
    }
}

fn kind(dice: &mut Dice) -> &'static str {
    dice.weighted(&[("phonecall", 32.0), ("email", 36.0), ("task", 19.0), ("appointment", 13.0)], |kind| kind.1).0
}

/// Appointments begin at a quarter of an hour.
fn quarter(moment: Timestamp) -> Timestamp {
    let second = moment.as_second();
    Timestamp::from_second(second - second.rem_euclid(900)).unwrap_or(moment)
}

/// At most so many characters.
pub(crate) fn cut(text: &str, length: usize) -> String {
    text.chars().take(length).collect()
}
