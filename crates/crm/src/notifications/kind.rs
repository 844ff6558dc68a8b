//! For what reasons somebody is told.

use language::{Language, tr, translated};
use model::Table;

use crate::words::within;

/// Why somebody is told of something. Its number stands in `reasoncode`, and in
/// `systemuser.mutednotifications` of whoever does not want to hear of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Somebody named them in a post or a reply.
    Mention = 1,
    /// Somebody answered their post.
    Reply = 2,
    /// Somebody made them the owner of a record.
    Assignment = 3,
    /// Somebody shared a record with them.
    Share = 4,
    /// A record they follow entered a stage, or was closed or reopened.
    Progress = 5,
    /// Somebody wrote or planned something on a record they follow.
    Activity = 6,
}

impl Kind {
    /// The kind with this number.
    pub fn of(number: i64) -> Option<Self> {
        let all = [Self::Mention, Self::Reply, Self::Assignment, Self::Share, Self::Progress, Self::Activity];
        all.into_iter().find(|kind| kind.number() == number)
    }

    /// As it is stored.
    pub const fn number(self) -> i64 {
        self as i64
    }

    /// `icontype`, by which programs that show notifications choose a picture.
    pub(super) const fn icon(self) -> i32 {
        match self {
            Self::Mention | Self::Reply => 100_000_004,
            _ => 100_000_000,
        }
    }
}

/// What happened, as far as it is said in the notification itself. Names of people and records and what
/// somebody wrote are not: they are read when it is shown, by whoever may still read them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    Mentioned,
    Replied,
    Assigned,
    Shared,
    /// The label of a stage.
    Entered(String),
    /// The label of a state.
    Became(String),
    Noted,
    Posted,
    Answered,
    /// The label of a kind of activity.
    Planned(String),
    /// The same.
    Completed(String),
    /// Many records in one act.
    ChangedMany,
}

impl What {
    /// The sentence without who did it, about so many records of which the first is of this table.
    pub fn sentence(&self, table: &Table, records: usize) -> String {
        let one = table.label.to_lowercase();
        let others = records.saturating_sub(1);
        let record = match others {
            0 => format!("this {one}"),
            1 => format!("this {one} and another record"),
            _ => format!("this {one} and {others} other records"),
        };
        match self {
            Self::Mentioned => "Mentioned you".to_owned(),
            Self::Replied => "Replied to your post".to_owned(),
            Self::Assigned if records > super::MANY => format!("Assigned you {records} records"),
            Self::Assigned => format!("Assigned you {record}"),
            Self::Shared if records > super::MANY => format!("Shared {records} records with you"),
            Self::Shared => format!("Shared {record} with you"),
            Self::Entered(stage) => format!("Moved this {one} to {stage}"),
            Self::Became(state) => format!("Set this {one} to {state}"),
            Self::Noted => "Added a note".to_owned(),
            Self::Posted => "Wrote a post".to_owned(),
            Self::Answered => "Replied to a post".to_owned(),
            Self::Planned(label) => format!("Added {}", with_article(label)),
            Self::Completed(label) => format!("Completed {}", with_article(label)),
            Self::ChangedMany => format!("Changed {records} records you follow"),
        }
    }
}

/// The whole sentence, as it is shown.
pub(super) fn with_subject(who: &str, sentence: &str) -> String {
    let mut rest = sentence.chars();
    let first = rest.next().map(|letter| letter.to_lowercase().to_string()).unwrap_or_default();
    format!("{who} {first}{}", rest.as_str())
}

impl What {
    /// What a kept sentence tells; `source` is the table of what was written or planned.
    pub fn of_sentence(sentence: &str, table: &Table, source: Option<&Table>) -> Option<Self> {
        let one = table.label.to_lowercase();
        let label = || source.map(|source| source.label.clone());
        let after = |beginning: &str| sentence.strip_prefix(beginning).map(str::to_owned);
        match sentence {
            "Mentioned you" => Some(Self::Mentioned),
            "Replied to your post" => Some(Self::Replied),
            "Added a note" => Some(Self::Noted),
            "Wrote a post" => Some(Self::Posted),
            "Replied to a post" => Some(Self::Answered),
            _ if sentence.starts_with("Assigned you ") => Some(Self::Assigned),
            _ if sentence.starts_with("Shared ") => Some(Self::Shared),
            _ if sentence.starts_with("Changed ") => Some(Self::ChangedMany),
            _ if sentence.starts_with("Added a") => label().map(Self::Planned),
            _ if sentence.starts_with("Completed a") => label().map(Self::Completed),
            _ => after(&format!("Moved this {one} to "))
                .map(Self::Entered)
                .or_else(|| after(&format!("Set this {one} to ")).map(Self::Became)),
        }
    }

    /// The same, said of who did it, in the language of whoever is told.
    pub fn told(&self, who: &str, table: &Table, records: usize) -> String {
        let one = within(&table.label);
        match self {
            Self::Mentioned => tr!("{who} mentioned you", who),
            Self::Replied => tr!("{who} replied to your post", who),
            Self::Assigned if records > super::MANY => tr!("{who} assigned you {records} records", who, records),
            Self::Assigned => match records.saturating_sub(1) {
                0 => tr!("{who} assigned you this {one}", who, one),
                others => tr!(
                    "{who} assigned you this {one} and another record"
                        | "{who} assigned you this {one} and {n} other records" % others,
                    who,
                    one
                ),
            },
            Self::Shared if records > super::MANY => tr!("{who} shared {records} records with you", who, records),
            Self::Shared => match records.saturating_sub(1) {
                0 => tr!("{who} shared this {one} with you", who, one),
                others => tr!(
                    "{who} shared this {one} and another record with you"
                        | "{who} shared this {one} and {n} other records with you" % others,
                    who,
                    one
                ),
            },
            Self::Entered(stage) => tr!("{who} moved this {one} to {stage}", who, one, stage = translated(stage)),
            Self::Became(state) => tr!("{who} set this {one} to {state}", who, one, state = translated(state)),
            Self::Noted => tr!("{who} added a note", who),
            Self::Posted => tr!("{who} wrote a post", who),
            Self::Answered => tr!("{who} replied to a post", who),
            Self::Planned(label) => tr!("{who} added {what}", who, what = with_article(&translated(label))),
            Self::Completed(label) => tr!("{who} completed {what}", who, what = with_article(&translated(label))),
            Self::ChangedMany => tr!("{who} changed {records} records you follow", who, records),
        }
    }
}

fn with_article(label: &str) -> String {
    if Language::current() == Language::German {
        return label.to_owned();
    }
    let label = label.to_lowercase();
    let article = if label.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {label}")
}
