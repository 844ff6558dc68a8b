//! One person: what they do, and what they remember of it.

use std::{
    io,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Tally, Truth};
use crate::world::{Client, Reply};

/// What one knows of something that was to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sure {
    /// Nobody asked for it, or it was refused.
    No,
    /// Asked for, not answered.
    Perhaps,
    /// Promised.
    Yes,
}

/// A lead as its seller remembers it.
#[derive(Debug)]
pub struct Lead {
    pub id: Uuid,
    /// What the topic begins with.
    pub name: String,
    pub created: Sure,
    /// The number the last acknowledged change wrote into several columns.
    pub acknowledged: u64,
    /// The last number sent.
    pub sent: u64,
    pub qualified: Sure,
    /// Known where the qualification was answered.
    pub deal: Option<Uuid>,
    pub won: Sure,
    pub deleted: Sure,
    /// Tasks of the lead by their subject.
    pub tasks: Vec<(String, Sure)>,
    /// Product lines of its deal by their description, with the amount.
    pub lines: Vec<(String, u64, Sure)>,
}

/// A person who writes.
pub struct Seller {
    mark: String,
    dice: StdRng,
    /// How many texts were made up; each is used once.
    texts: u32,
    pub leads: Vec<Lead>,
    pub tally: Tally,
}

impl Seller {
    pub fn new(mark: String, seed: u64) -> Self {
        Self { mark, dice: StdRng::seed_from_u64(seed), texts: 0, leads: Vec::new(), tally: Tally::default() }
    }

    /// Does one thing after the other until told to stop.
    pub fn work(&mut self, client: &Client, stubborn: bool, stop: &AtomicBool) {
        while !stop.load(Ordering::Relaxed) {
            let unanswered = self.tally.unanswered + self.tally.put_off;
            self.act(client);
            if self.tally.unanswered + self.tally.put_off > unanswered {
                if !stubborn {
                    return;
                }
                thread::sleep(Duration::from_millis(50));
            }
        }
    }

    fn act(&mut self, client: &Client) {
        // Whatever is in doubt is left alone: what it is now is not known.
        let settled: Vec<usize> = (0..self.leads.len()).filter(|place| self.leads[*place].is_settled()).collect();
        let chosen = settled.choose(&mut self.dice).copied();
        match (self.dice.random_range(0..10), chosen) {
            (0..3, _) | (_, None) => self.create(client),
            (3..5, Some(lead)) => self.change(client, lead),
            (5..7, Some(lead)) if self.leads[lead].qualified == Sure::No => self.qualify(client, lead),
            (5..7, Some(lead)) => self.win(client, lead),
            (7, Some(lead)) => self.add_line(client, lead),
            (8, Some(lead)) if self.leads[lead].may_go() && self.dice.random_bool(0.5) => self.delete(client, lead),
            (_, Some(lead)) => self.add_task(client, lead),
        }
    }

    fn create(&mut self, client: &Client) {
        let id = Uuid::now_v7();
        let number = self.number();
        let name = format!("{}{number}", self.mark);
        let body = json!({
            "leadid": id, "subject": format!("{name} 1"), "description": "1", "jobtitle": "1",
            "lastname": name, "companyname": format!("{name} Ltd"), "budgetamount": 100,
        });
        self.leads.push(Lead {
            id,
            name,
            created: Sure::Perhaps,
            acknowledged: 1,
            sent: 1,
            qualified: Sure::No,
            deal: None,
            won: Sure::No,
            deleted: Sure::No,
            tasks: Vec::new(),
            lines: Vec::new(),
        });
        let (answer, _) = self.send(client, "POST", "leads", &body);
        self.leads.last_mut().unwrap().created = answer;
    }

    fn change(&mut self, client: &Client, place: usize) {
        let lead = &mut self.leads[place];
        if lead.qualified != Sure::No {
            return;
        }
        let number = lead.sent + 1;
        lead.sent = number;
        let text = number.to_string();
        let body = json!({"subject": format!("{} {number}", lead.name), "description": text, "jobtitle": text});
        let path = format!("leads({})", lead.id);
        let (answer, _) = self.send(client, "PATCH", &path, &body);
        let lead = &mut self.leads[place];
        match answer {
            Sure::Yes => lead.acknowledged = number,
            Sure::No => lead.sent = lead.acknowledged,
            Sure::Perhaps => {}
        }
    }

    fn qualify(&mut self, client: &Client, place: usize) {
        let path = format!("leads({})/Microsoft.Dynamics.CRM.QualifyLead", self.leads[place].id);
        let body = json!({"CreateAccount": true, "CreateContact": true, "CreateOpportunity": true, "Status": 3});
        let (answer, reply) = self.send(client, "POST", &path, &body);
        let lead = &mut self.leads[place];
        lead.qualified = answer;
        // The promise is the status line; the rest of the answer may have been cut off.
        let created: Option<Value> = reply.and_then(|reply| serde_json::from_str(&reply.body).ok());
        lead.deal = created.and_then(|created| {
            let rows = created["value"].as_array()?;
            rows.iter().find_map(|row| row["opportunityid"].as_str()?.parse().ok())
        });
    }

    fn win(&mut self, client: &Client, place: usize) {
        let lead = &self.leads[place];
        let (Some(deal), Sure::No) = (lead.deal, lead.won) else { return };
        let body = json!({"Status": 3, "OpportunityClose": {
            "subject": format!("{} won", lead.name), "opportunityid@odata.bind": format!("/opportunities({deal})")}});
        let (answer, _) = self.send(client, "POST", "WinOpportunity", &body);
        self.leads[place].won = answer;
    }

    fn add_line(&mut self, client: &Client, place: usize) {
        let number = self.number();
        let lead = &self.leads[place];
        let (Some(deal), Sure::No) = (lead.deal, lead.won) else { return };
        let amount = self.dice.random_range(1..1000);
        let text = format!("{} line {number}", lead.name);
        let body = json!({"productdescription": text, "quantity": 1, "priceperunit": amount,
            "opportunityid@odata.bind": format!("/opportunities({deal})")});
        let (answer, _) = self.send(client, "POST", "opportunityproducts", &body);
        self.leads[place].lines.push((text, amount, answer));
    }

    fn add_task(&mut self, client: &Client, place: usize) {
        let number = self.number();
        let lead = &self.leads[place];
        let subject = format!("{} task {number}", lead.name);
        let body =
            json!({"subject": subject, "regardingobjectid_lead_task@odata.bind": format!("/leads({})", lead.id)});
        let (answer, _) = self.send(client, "POST", "tasks", &body);
        self.leads[place].tasks.push((subject, answer));
    }

    fn delete(&mut self, client: &Client, place: usize) {
        let path = format!("leads({})", self.leads[place].id);
        let (answer, _) = self.send(client, "DELETE", &path, &Value::Null);
        self.leads[place].deleted = answer;
    }

    fn number(&mut self) -> u32 {
        self.texts += 1;
        self.texts
    }

    fn send(&mut self, client: &Client, method: &str, path: &str, body: &Value) -> (Sure, Option<Reply>) {
        let reply = client.send(method, path, Some(body).filter(|body| !body.is_null()));
        let known = match &reply {
            Ok(reply) if reply.is_done() => Sure::Yes,
            // The server must know: this answer says that nothing was written …
            Ok(reply) if reply.status == 503 && !reply.body.contains("not known") => Sure::No,
            // … and this one that it may have been.
            Ok(reply) if reply.status == 503 => Sure::Perhaps,
            Ok(reply) => panic!("{method} {path} {body}: {reply:?}"),
            // It was not there at all.
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Sure::No,
            Err(_) => Sure::Perhaps,
        };
        match (&reply, known) {
            (_, Sure::Yes) => self.tally.acknowledged += 1,
            (Ok(_), Sure::No) => self.tally.put_off += 1,
            (_, Sure::Perhaps) | (Err(_), Sure::No) => self.tally.unanswered += 1,
        }
        (known, reply.ok())
    }

    /// Compares what was promised with what is there; afterwards nothing is in doubt.
    pub fn compare(&mut self, truth: &Truth) -> Vec<String> {
        let mut differences = Vec::new();
        for lead in &mut self.leads {
            lead.compare(truth, &mut differences);
        }
        self.leads.retain(|lead| lead.created == Sure::Yes);
        differences
    }
}

impl Lead {
    fn is_settled(&self) -> bool {
        self.created == Sure::Yes
            && self.deleted == Sure::No
            && self.acknowledged == self.sent
            && self.qualified != Sure::Perhaps
            && self.won != Sure::Perhaps
    }

    /// Only what nothing hangs on is deleted, so that the rest can be compared.
    fn may_go(&self) -> bool {
        self.qualified == Sure::No && self.tasks.is_empty()
    }

    fn compare(&mut self, truth: &Truth, differences: &mut Vec<String>) {
        let name = self.name.clone();
        let mut differ = |what: String| differences.push(format!("{name}: {what}"));
        let Some(found) = truth.leads.get(&self.id) else {
            if self.created == Sure::Yes && self.deleted == Sure::No {
                differ("the lead was acknowledged and is gone".to_owned());
            }
            self.deleted = settle(self.deleted, self.created == Sure::Yes);
            self.created = settle(self.created, false);
            return;
        };
        if self.created == Sure::No {
            differ("the lead was refused and is there".to_owned());
        }
        if self.deleted == Sure::Yes {
            differ("the lead was deleted and is there".to_owned());
        }
        (self.created, self.deleted) = (Sure::Yes, Sure::No);
        if !(self.acknowledged..=self.sent).contains(&found.number) {
            let Self { acknowledged, sent, .. } = self;
            differ(format!("{acknowledged} was acknowledged, {sent} was sent, {} is there", found.number));
        }
        (self.acknowledged, self.sent) = (found.number, found.number);

        let deals: Vec<_> = truth.deals.iter().filter(|deal| deal.lead == Some(self.id)).collect();
        self.qualified = agree(self.qualified, found.qualified, "qualified", &mut differ);
        let deal = deals.first();
        self.deal = deal.map(|deal| deal.id);
        self.won = agree(self.won, deal.is_some_and(|deal| deal.won), "won", &mut differ);
        for (subject, sure) in &mut self.tasks {
            *sure = agree(*sure, truth.tasks.contains(subject), subject, &mut differ);
        }
        self.tasks.retain(|(_, sure)| *sure == Sure::Yes);
        for (text, amount, sure) in &mut self.lines {
            let there =
                truth.lines.iter().any(|line| line.text == *text && (line.amount - *amount as f64).abs() < 0.001);
            *sure = agree(*sure, there, text, &mut differ);
        }
    }
}

/// What is known after looking.
fn settle(before: Sure, there: bool) -> Sure {
    match before {
        Sure::No => Sure::No,
        _ if there => Sure::Yes,
        _ => Sure::No,
    }
}

fn agree(promised: Sure, there: bool, what: &str, differ: &mut impl FnMut(String)) -> Sure {
    match (promised, there) {
        (Sure::Yes, false) => differ(format!("'{what}' was acknowledged and is not there")),
        (Sure::No, true) => differ(format!("'{what}' was refused or never asked for and is there")),
        _ => {}
    }
    if there { Sure::Yes } else { Sure::No }
}
