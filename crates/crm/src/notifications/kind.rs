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

/// What happened, as far as it is said in the notification itself. Names of records and what people
/// wrote are not: they are read when it is shown, by whoever may still read them.
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
    /// The sentence, about so many records of which the first is of this table.
    pub fn sentence(&self, who: &str, table: &Table, records: usize) -> String {
        let one = table.label.to_lowercase();
        let others = records.saturating_sub(1);
        let record = match others {
            0 => format!("this {one}"),
            1 => format!("this {one} and another record"),
            _ => format!("this {one} and {others} other records"),
        };
        match self {
            Self::Mentioned => format!("{who} mentioned you"),
            Self::Replied => format!("{who} replied to your post"),
            Self::Assigned if records > super::MANY => format!("{who} assigned you {records} records"),
            Self::Assigned => format!("{who} assigned you {record}"),
            Self::Shared if records > super::MANY => format!("{who} shared {records} records with you"),
            Self::Shared => format!("{who} shared {record} with you"),
            Self::Entered(stage) => format!("{who} moved this {one} to {stage}"),
            Self::Became(state) => format!("{who} set this {one} to {state}"),
            Self::Noted => format!("{who} added a note"),
            Self::Posted => format!("{who} wrote a post"),
            Self::Answered => format!("{who} replied to a post"),
            Self::Planned(label) => format!("{who} added {}", with_article(label)),
            Self::Completed(label) => format!("{who} completed {}", with_article(label)),
            Self::ChangedMany => format!("{who} changed {records} records you follow"),
        }
    }
}

fn with_article(label: &str) -> String {
    let label = label.to_lowercase();
    let article = if label.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {label}")
}
