//! For what reasons somebody is told.

use model::Table;

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

fn with_article(label: &str) -> String {
    let label = label.to_lowercase();
    let article = if label.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {label}")
}
