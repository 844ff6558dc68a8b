//! Writing the organisation through the domain's write path.

mod foundation;
mod telling;

use std::{sync::Arc, time::Instant};

use crm::{App, Error, Origin, Result};
use jiff::Timestamp;
use model::{Filter, Operator, Reference};
use serde::Serialize;
use tokio::sync::mpsc;

use crate::{
    Plan, Sizes, calendar,
    story::{Stories, Story},
    world::World,
};
use telling::Ground;

/// Rows written in one transaction, about.
const BATCH: usize = 5000;
/// Batches made ahead of the writing.
const AHEAD: usize = 3;

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// People of the organisation.
    pub users: u64,
    /// Accounts.
    pub accounts: u64,
    /// Contacts.
    pub contacts: u64,
    /// Leads in all.
    pub leads: u64,
    /// Leads that were qualified.
    pub qualified: u64,
    /// Leads that were disqualified.
    pub disqualified: u64,
    /// Opportunities in all.
    pub opportunities: u64,
    /// Opportunities won.
    pub won: u64,
    /// Opportunities lost.
    pub lost: u64,
    /// Product lines of opportunities.
    pub lines: u64,
    /// Calls, e-mails, tasks and appointments.
    pub activities: u64,
    /// Notes and posts.
    pub notes: u64,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
}

/// Generates the organisation and writes it into a database that was set up. `progress` is told
/// from time to time how many of how many leads are written.
///
/// # Errors
/// Refused where the database is not set up, or holds a generated organisation already.
pub async fn load(app: &App, plan: &Plan, mut progress: impl FnMut(u64, u64)) -> Result<Report> {
    let begun = Instant::now();
    if !app.identity().is_set_up().await? {
        return Err(Error::refused("the database is not set up; set it up before a demonstration is loaded"));
    }
    let world = Arc::new(World::new(*plan));
    refuse_second(app, &world).await?;
    let ground = Arc::new(foundation::lay(app, &world).await?);
    // Currencies and people are new: what follows must know them.
    let engine = app.engine().await?;
    let mut report = Report { users: world.staff.all().count() as u64, ..Report::default() };
    let mut batches = batches(*plan);
    while let Some(batch) = batches.recv().await {
        let (world, ground) = (Arc::clone(&world), Arc::clone(&ground));
        let told = app.work(&engine, Origin::Demo, move |work| tell(work, &world, &ground, batch)).await?;
        report.add(&told);
        progress(report.leads, u64::from(plan.leads));
    }
    report.milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(report)
}

fn tell(work: &mut crm::Work<'_, '_>, world: &World, ground: &Ground, batch: Vec<Story>) -> Result<Report> {
    let mut teller = telling::Teller::new(work, world, ground);
    batch.into_iter().try_for_each(|story| teller.tell(story))?;
    Ok(teller.report)
}

/// Makes the next batches while one is written.
fn batches(plan: Plan) -> mpsc::Receiver<Vec<Story>> {
    let (sender, receiver) = mpsc::channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        let mut stories = Stories::of(plan).peekable();
        while stories.peek().is_some() {
            let mut rows = 0;
            let mut batch = Vec::new();
            while rows < BATCH
                && let Some(story) = stories.next()
            {
                rows += story.rows();
                batch.push(story);
            }
            if sender.blocking_send(batch).is_err() {
                return; // nobody listens any more: the writing has failed
            }
        }
    });
    receiver
}

/// Two generated organisations in one database would share names and addresses.
async fn refuse_second(app: &App, world: &World) -> Result<()> {
    let engine = app.engine().await?;
    let here = Filter::compare("internalemailaddress", Operator::EndsWith, format!("@{}", crate::DOMAIN));
    let filter = here.and(Filter::eq("title", world.staff.director.title));
    let query = app.new_query(&engine, "systemuser").select(["systemuserid"]).matching(filter).take(1);
    if app.query(&engine, query).await?.rows.is_empty() {
        return Ok(());
    }
    Err(Error::refused("this database holds a generated organisation already; load another one into an empty database"))
}

/// A row's creation on a day of the past.
fn opening(world: &World) -> Timestamp {
    world.calendar.end() - calendar::hours(24 * 365)
}

fn reference(table: &str, id: uuid::Uuid) -> Reference {
    Reference::new(table, id)
}

impl Report {
    fn add(&mut self, other: &Self) {
        self.accounts += other.accounts;
        self.contacts += other.contacts;
        self.leads += other.leads;
        self.qualified += other.qualified;
        self.disqualified += other.disqualified;
        self.opportunities += other.opportunities;
        self.won += other.won;
        self.lost += other.lost;
        self.lines += other.lines;
        self.activities += other.activities;
        self.notes += other.notes;
    }

    /// What a plan of this size makes, to compare with.
    pub fn is_complete_for(&self, sizes: &Sizes) -> bool {
        self.leads == sizes.leads
            && self.accounts == sizes.accounts
            && self.contacts == sizes.contacts
            && self.opportunities == sizes.opportunities
            && self.activities == sizes.activities
            && self.qualified == sizes.qualified
            && self.disqualified == sizes.disqualified
    }
}
