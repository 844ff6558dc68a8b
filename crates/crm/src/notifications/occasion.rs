//! What in the change feed concerns somebody.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use model::{Filter, Model, Ownership, Reference, Table, TableKind, Value};
use store::{FeedEntry, FeedHeading, FeedOperation, Query, Reader, Row};
use uuid::Uuid;

use super::{Kind, TABLE, kind::What};
use crate::{
    Caller, Origin, Result,
    access::SHARES,
    follows,
    timeline::{ACTIVITY, NOTE, POST, Part, parts},
};

const REPLY: &str = "postcomment";
/// Tables whose owners are not told: rows of these are made along with something else, or are
/// arrangements.
const UNTOLD: [&str; 9] = [
    TABLE,
    NOTE,
    follows::FOLLOWS,
    "userquery",
    "importjob",
    "importmap",
    "connection",
    "opportunityclose",
    "asyncoperation",
];
/// `statecode` of an activity that is done.
const DONE: i64 = 1;

/// Whom something concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum To {
    Person(Uuid),
    /// Whoever follows the record.
    Followers,
}

/// Something that concerns somebody.
#[derive(Debug, Clone)]
pub(super) struct Occasion {
    pub to: To,
    pub kind: Kind,
    pub what: What,
    /// Who did it.
    pub by: Uuid,
    pub act: Uuid,
    pub at: Timestamp,
    /// The record.
    pub about: Reference,
    /// The post, note or activity.
    pub source: Option<Reference>,
    /// The change: of several reasons to tell somebody of the same, the first counts.
    pub sequence: u64,
}

/// Whether a change can concern anybody at all, as far as its heading says.
pub(super) fn may_concern(model: &Model, heading: &FeedHeading) -> bool {
    let written = matches!(heading.operation, FeedOperation::Create | FeedOperation::Update);
    written && is_looked_at(model, &heading.table)
}

fn is_looked_at(model: &Model, table: &str) -> bool {
    let of_kind = |table: &std::sync::Arc<Table>| {
        matches!(table.kind, TableKind::Activity | TableKind::Standard) && table.ownership == Ownership::User
    };
    matches!(table, POST | REPLY | NOTE | SHARES) || !UNTOLD.contains(&table) && model.table(table).is_some_and(of_kind)
}

/// What of these changes concerns whom.
pub(super) fn occasions(reader: &mut Reader<'_>, engine: &Caller, entries: &[FeedEntry]) -> Result<Vec<Occasion>> {
    let model = reader.model().clone();
    let told: Vec<&FeedEntry> = entries
        .iter()
        .filter(|entry| matches!(entry.operation, FeedOperation::Create | FeedOperation::Update))
        .filter(|entry| entry.actor.origin != Origin::Demo.name() && is_looked_at(&model, &entry.table))
        .collect();
    let beside = Beside::read(reader, engine, &model, &told)?;
    let mut found = Vec::new();
    for entry in told {
        let Some(table) = model.table(&entry.table) else { continue };
        match entry.table.as_str() {
            POST | REPLY => found.extend(beside.words(&model, entry)),
            NOTE => found.extend(noted(entry)),
            SHARES => found.extend(beside.shared(entry)),
            _ => {
                found.extend(assigned(entry));
                if table.kind == TableKind::Activity {
                    found.extend(beside.activity(table, entry));
                } else {
                    found.extend(progress(&model, table, entry));
                }
            }
        }
    }
    Ok(found)
}

/// Rows that tell what the changes alone do not.
#[derive(Default)]
struct Beside {
    posts: HashMap<Uuid, Row>,
    replies: HashMap<Uuid, Row>,
    shares: HashMap<Uuid, Row>,
    activities: HashMap<Uuid, Row>,
}

impl Beside {
    fn read(reader: &mut Reader<'_>, engine: &Caller, model: &Model, entries: &[&FeedEntry]) -> Result<Self> {
        let of = |table: &str| entries.iter().filter(|entry| entry.table == table).map(|entry| entry.id).collect();
        let replies = rows(reader, engine, REPLY, of(REPLY), &["postid", "text"])?;
        let mut posts: Vec<Uuid> = of(POST);
        posts.extend(replies.values().filter_map(|reply| reply.value("postid").as_id()));
        let is_activity =
            |entry: &&&FeedEntry| model.table(&entry.table).is_some_and(|of| of.kind == TableKind::Activity);
        let activities = entries.iter().filter(is_activity).map(|entry| entry.id).collect();
        Ok(Self {
            posts: rows(reader, engine, POST, posts, &["text", "regardingobjectid", "createdby"])?,
            shares: rows(
                reader,
                engine,
                SHARES,
                of(SHARES),
                &["objectid", "principalid", "accessrightsmask", "canread"],
            )?,
            activities: rows(reader, engine, ACTIVITY, activities, &["regardingobjectid"])?,
            replies,
        })
    }

    /// A post or a reply: whom it names, whom it answers, who follows the record.
    fn words(&self, model: &Model, entry: &FeedEntry) -> Vec<Occasion> {
        let is_reply = entry.table == REPLY;
        let Some(row) = (if is_reply { &self.replies } else { &self.posts }).get(&entry.id) else { return Vec::new() };
        let post = if is_reply { row.value("postid").as_id() } else { Some(entry.id) };
        let Some(post) = post.and_then(|post| self.posts.get(&post)) else { return Vec::new() };
        let Some(about) = post.value("regardingobjectid").as_reference() else { return Vec::new() };
        let is_new = entry.operation == FeedOperation::Create;
        // Of a text that was changed, only what it names in addition.
        let (before, after) = match change(entry, "text").map(texts) {
            Some(texts) => texts,
            // Changes of the text that are not kept in the history tell only what it is now.
            None if is_new => ("", row.text("text")),
            None => return Vec::new(),
        };
        let known = people(model, before);
        let mut found: Vec<Occasion> = people(model, after)
            .into_iter()
            .filter(|person| !known.contains(person))
            .map(|person| occasion(entry, To::Person(person), Kind::Mention, What::Mentioned, about))
            .collect();
        if is_new && is_reply {
            let author = post.value("createdby").as_id();
            found.extend(author.map(|author| occasion(entry, To::Person(author), Kind::Reply, What::Replied, about)));
        }
        if is_new {
            let what = if is_reply { What::Answered } else { What::Posted };
            found.push(occasion(entry, To::Followers, Kind::Activity, what, about));
        }
        found.into_iter().map(|occasion| occasion.from(entry)).collect()
    }

    /// What somebody shared with a person, in the record itself.
    fn shared(&self, entry: &FeedEntry) -> Option<Occasion> {
        let row = self.shares.get(&entry.id)?;
        let gives = |value: &Value| value.as_boolean() == Some(true);
        let is_given = change(entry, "canread").is_some_and(|(before, after)| !gives(before) && gives(after));
        let is_direct = row.value("accessrightsmask").as_whole().is_some_and(|mask| mask > 0);
        let person = row.value("principalid").as_reference().filter(|principal| principal.table == "systemuser")?;
        let about = row.value("objectid").as_reference()?;
        (is_given && is_direct).then(|| occasion(entry, To::Person(person.id), Kind::Share, What::Shared, about))
    }

    /// An activity was planned or completed on a record.
    fn activity(&self, table: &Table, entry: &FeedEntry) -> Option<Occasion> {
        let about = self.activities.get(&entry.id)?.value("regardingobjectid").as_reference()?;
        let state = change(entry, "statecode").and_then(|(_, after)| after.as_whole());
        // One that is over when it is entered was not planned.
        let what = match entry.operation {
            _ if state == Some(DONE) => What::Completed(table.label.clone()),
            FeedOperation::Create => What::Planned(table.label.clone()),
            _ => return None,
        };
        Some(occasion(entry, To::Followers, Kind::Activity, what, about).from(entry))
    }
}

impl Occasion {
    /// The change is that of the words or the activity itself.
    fn from(self, entry: &FeedEntry) -> Self {
        Self { source: Some(Reference::new(entry.table.as_str(), entry.id)), ..self }
    }
}

fn occasion(entry: &FeedEntry, to: To, kind: Kind, what: What, about: &Reference) -> Occasion {
    Occasion {
        to,
        kind,
        what,
        by: entry.actor.user,
        act: entry.actor.act,
        at: entry.at,
        about: about.clone(),
        source: None,
        sequence: entry.position.sequence,
    }
}

/// The record has an owner, other than before.
fn assigned(entry: &FeedEntry) -> Option<Occasion> {
    let (_, owner) = change(entry, "ownerid")?;
    let owner = owner.as_reference().filter(|owner| owner.table == "systemuser")?;
    let record = Reference::new(entry.table.as_str(), entry.id);
    Some(occasion(entry, To::Person(owner.id), Kind::Assignment, What::Assigned, &record))
}

/// The record entered a stage, or another state.
fn progress(model: &Model, table: &Table, entry: &FeedEntry) -> Option<Occasion> {
    if entry.operation != FeedOperation::Update {
        return None;
    }
    let changed = |column: &str| change(entry, column).filter(|(before, after)| before != after);
    let state = changed("statecode").and_then(|(_, after)| {
        let state = table.state(i32::try_from(after.as_whole()?).ok()?)?;
        Some(What::Became(state.label.clone()))
    });
    let stage = || {
        let (_, stage) = changed("stageid")?;
        let id = stage.as_id().or_else(|| stage.as_text()?.parse().ok())?;
        let mut stages = model.processes.iter().flat_map(|process| &process.stages);
        stages.find(|stage| stage.id == id).map(|stage| What::Entered(stage.label.clone()))
    };
    let what = state.or_else(stage)?;
    let record = Reference::new(entry.table.as_str(), entry.id);
    Some(occasion(entry, To::Followers, Kind::Progress, what, &record))
}

fn noted(entry: &FeedEntry) -> Option<Occasion> {
    let (_, about) = change(entry, "objectid").filter(|_| entry.operation == FeedOperation::Create)?;
    Some(occasion(entry, To::Followers, Kind::Activity, What::Noted, about.as_reference()?).from(entry))
}

fn change<'e>(entry: &'e FeedEntry, column: &str) -> Option<(&'e Value, &'e Value)> {
    entry.changes.iter().find(|(name, ..)| name == column).map(|(_, before, after)| (before, after))
}

fn texts<'e>((before, after): (&'e Value, &'e Value)) -> (&'e str, &'e str) {
    (before.as_text().unwrap_or_default(), after.as_text().unwrap_or_default())
}

/// The people a text names.
fn people(model: &Model, text: &str) -> HashSet<Uuid> {
    let named = |part| match part {
        Part::Mention(mention) if mention.of.table == "systemuser" => Some(mention.of.id),
        _ => None,
    };
    parts(model, text).into_iter().filter_map(named).collect()
}

/// These rows as the engine sees them; those that are gone by now are left out.
fn rows(
    reader: &mut Reader<'_>,
    engine: &Caller,
    table: &str,
    ids: Vec<Uuid>,
    columns: &[&str],
) -> Result<HashMap<Uuid, Row>> {
    let Some(known) = reader.model().table(table).cloned().filter(|_| !ids.is_empty()) else {
        return Ok(HashMap::new());
    };
    let count = u32::try_from(ids.len()).unwrap_or(u32::MAX);
    let key = known.primary_key.as_str();
    let query = Query::of(table, engine.scope().clone(), engine.zone())
        .select(columns.iter().copied().chain([key]))
        .matching(Filter::is_in(key, ids))
        .take(count);
    let found = reader.query(&query)?;
    Ok(found.to_rows().filter_map(|row| Some((row.value(key).as_id()?, row))).collect())
}
