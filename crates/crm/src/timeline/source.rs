//! The tables a timeline is made of.

use model::Model;

/// Name of the twin of all activities, which stands for them.
pub const ACTIVITY: &str = "activitypointer";
/// Name of notes.
pub const NOTE: &str = "annotation";
/// Name of posts.
pub const POST: &str = "post";
/// What happened to the record itself, as a kind beside the tables' names.
pub const EVENT: &str = "history";

/// A table whose rows stand in timelines.
pub(super) struct Source {
    /// Its name.
    pub table: &'static str,
    /// The lookup at the record it is about.
    pub about: &'static str,
    /// The moment it is placed by.
    pub moment: &'static str,
    /// Whose it is.
    pub person: &'static str,
    /// What is searched.
    pub text: &'static [&'static str],
    /// What is read.
    pub columns: &'static [&'static str],
}

pub(super) const ACTIVITIES: Source = Source {
    table: ACTIVITY,
    about: "regardingobjectid",
    moment: "sortdate",
    person: "ownerid",
    text: &["subject", "description"],
    columns: &[
        "activityid",
        "activitytypecode",
        "subject",
        "description",
        "statecode",
        "statuscode",
        "prioritycode",
        "sortdate",
        "scheduledstart",
        "scheduledend",
        "actualdurationminutes",
        "createdon",
        "modifiedon",
        "modifiedby",
        "regardingobjectid",
        "ownerid",
    ],
};

pub(super) const NOTES: Source = Source {
    table: NOTE,
    about: "objectid",
    moment: "createdon",
    person: "createdby",
    text: &["subject", "notetext", "filename"],
    columns: &[
        "annotationid",
        "subject",
        "notetext",
        "filename",
        "mimetype",
        "filesize",
        "documentbody",
        "createdon",
        "modifiedon",
        "modifiedby",
        "createdby",
        "objectid",
    ],
};

pub(super) const POSTS: Source = Source {
    table: POST,
    about: "regardingobjectid",
    moment: "createdon",
    person: "createdby",
    text: &["text"],
    columns: &["postid", "text", "source", "createdon", "modifiedon", "modifiedby", "createdby", "regardingobjectid"],
};

pub(super) const ALL: [&Source; 3] = [&ACTIVITIES, &NOTES, &POSTS];

impl Source {
    /// True where rows of this source can be about rows of `table`.
    pub fn is_about(&self, model: &Model, table: &str) -> bool {
        let column = model.table(self.table).and_then(|source| source.column(self.about));
        column.is_some_and(|column| column.targets().iter().any(|target| target == table))
    }
}
