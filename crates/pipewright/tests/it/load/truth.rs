//! What is in the database of the rows that bear a mark, and whether any of it is half a thing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use uuid::Uuid;

use crate::world::Client;

/// Everything with the mark.
pub struct Truth {
    pub leads: BTreeMap<Uuid, Lead>,
    pub deals: Vec<Deal>,
    pub tasks: BTreeSet<String>,
    pub lines: Vec<Line>,
    accounts: Vec<String>,
    contacts: Vec<String>,
    twins: Vec<String>,
    closes: Vec<String>,
    halves: Vec<String>,
}

pub struct Lead {
    pub number: u64,
    pub qualified: bool,
    name: String,
    deal: Option<Uuid>,
}

pub struct Deal {
    pub id: Uuid,
    pub lead: Option<Uuid>,
    pub won: bool,
    name: String,
    lines: f64,
}

pub struct Line {
    pub text: String,
    pub amount: f64,
    deal: Option<Uuid>,
}

impl Truth {
    /// Reads it through the Web API.
    pub fn of(client: &Client, mark: &str) -> Self {
        let list = |set: &str, columns: &str, name: &str| {
            client.list(&format!("{set}?$select={columns}&$filter=startswith({name},'{mark}')"))
        };
        let texts = |rows: Vec<Value>, column: &str| rows.iter().map(|row| text(row, column)).collect::<Vec<_>>();
        let mut halves = Vec::new();
        let leads =
            list("leads", "subject,description,jobtitle,lastname,statecode,_qualifyingopportunityid_value", "lastname");
        let leads = leads.iter().map(|row| (id(row, "leadid").unwrap(), Lead::of(row, &mut halves))).collect();
        let deals = list("opportunities", "name,_originatingleadid_value,statecode,totallineitemamount", "name");
        let lines =
            list("opportunityproducts", "productdescription,extendedamount,_opportunityid_value", "productdescription");
        Self {
            leads,
            deals: deals.iter().map(Deal::of).collect(),
            lines: lines.iter().map(Line::of).collect(),
            tasks: texts(list("tasks", "subject", "subject"), "subject").into_iter().collect(),
            accounts: texts(list("accounts", "name", "name"), "name"),
            contacts: texts(list("contacts", "lastname", "lastname"), "lastname"),
            twins: texts(list("activitypointers", "subject", "subject"), "subject"),
            closes: texts(list("opportunitycloses", "subject", "subject"), "subject"),
            halves,
        }
    }

    /// Acts of which a part is there and a part is not.
    pub fn halves(&self) -> Vec<String> {
        let mut halves = self.halves.clone();
        for (id, lead) in &self.leads {
            self.qualification(*id, lead, &mut halves);
        }
        for deal in &self.deals {
            if !deal.lead.is_some_and(|lead| self.leads.contains_key(&lead)) {
                halves.push(format!("{}: a deal without its lead", deal.name));
            }
            let close = format!("{} won", deal.name.rsplit_once(' ').map_or("", |(name, _)| name));
            let closes = self.closes.iter().filter(|subject| **subject == close).count();
            if closes != usize::from(deal.won) {
                halves.push(format!("{}: won is {}, with {closes} closings", deal.name, deal.won));
            }
            let sum: f64 = self.lines.iter().filter(|line| line.deal == Some(deal.id)).map(|line| line.amount).sum();
            if (sum - deal.lines).abs() > 0.001 {
                halves.push(format!("{}: its lines make {sum}, it says {}", deal.name, deal.lines));
            }
        }
        let activities: BTreeSet<&String> = self.tasks.iter().chain(&self.closes).collect();
        let twins: BTreeSet<&String> = self.twins.iter().collect();
        halves.extend(
            activities.symmetric_difference(&twins).map(|subject| format!("{subject}: an activity without its twin")),
        );
        if twins.len() != self.twins.len() {
            halves.push("an activity has two twins".to_owned());
        }
        halves
    }

    /// A qualified lead has its company, its person and its deal, once; an open one has none.
    fn qualification(&self, id: Uuid, lead: &Lead, halves: &mut Vec<String>) {
        let company = format!("{} Ltd", lead.name);
        let counts = [
            self.deals.iter().filter(|deal| deal.lead == Some(id)).count(),
            self.accounts.iter().filter(|name| **name == company).count(),
            self.contacts.iter().filter(|name| **name == lead.name).count(),
        ];
        if counts != [usize::from(lead.qualified); 3] {
            halves
                .push(format!("{}: qualified is {}, with {counts:?} deal, company, person", lead.name, lead.qualified));
        }
        if lead.deal != self.deals.iter().find(|deal| deal.lead == Some(id)).map(|deal| deal.id) {
            halves.push(format!("{}: the lead points at another deal than the one made from it", lead.name));
        }
    }
}

impl Lead {
    fn of(row: &Value, halves: &mut Vec<String>) -> Self {
        let name = text(row, "lastname");
        let subject = text(row, "subject");
        let in_subject = subject.rsplit_once(' ').map_or("", |(_, number)| number).to_owned();
        let numbers = [in_subject, text(row, "description"), text(row, "jobtitle")];
        if numbers.iter().any(|number| *number != numbers[0]) {
            halves.push(format!("{name}: one change wrote the same number into three columns, found {numbers:?}"));
        }
        Self {
            number: numbers[0].parse().unwrap_or_default(),
            qualified: row["statecode"] == 1,
            deal: id(row, "_qualifyingopportunityid_value"),
            name,
        }
    }
}

impl Deal {
    fn of(row: &Value) -> Self {
        Self {
            id: id(row, "opportunityid").unwrap(),
            lead: id(row, "_originatingleadid_value"),
            won: row["statecode"] == 1,
            name: text(row, "name"),
            lines: row["totallineitemamount"].as_f64().unwrap_or_default(),
        }
    }
}

impl Line {
    fn of(row: &Value) -> Self {
        Self {
            text: text(row, "productdescription"),
            amount: row["extendedamount"].as_f64().unwrap_or_default(),
            deal: id(row, "_opportunityid_value"),
        }
    }
}

fn text(row: &Value, column: &str) -> String {
    row[column].as_str().unwrap_or_default().to_owned()
}

fn id(row: &Value, column: &str) -> Option<Uuid> {
    row[column].as_str()?.parse().ok()
}
