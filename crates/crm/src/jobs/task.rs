//! What a job is to do. It is kept beside the job's row and not in it: whoever sees the row sees neither the
//! rows that are meant nor values that they are compared with.

use language::tr;
use serde::{Deserialize, Serialize};
use store::{Row, Secret};
use uuid::Uuid;

use super::RowsOf;
use crate::{Error, Result, access::Standing, records::Work};

/// Kind of secret that a task is kept as; its key is the job's.
const KIND: &str = "job";
/// Longest task, in bytes.
const LONGEST: usize = 1_000_000;

/// What is to be done, and in whose name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Task {
    pub by: Standing,
    pub queries: Vec<RowsOf>,
}

impl Task {
    /// As it is kept for this job.
    pub fn kept(&self, job: Uuid) -> Result<Secret> {
        let data = serde_json::to_value(self).map_err(|error| Error::File(error.to_string()))?;
        if data.to_string().len() > LONGEST {
            return Err(Error::refused(tr!("the queries are too long to be kept; name fewer rows in one job")));
        }
        Ok(Secret { kind: KIND.into(), key: job.to_string(), owner: None, expires: None, data })
    }

    /// The task of this job.
    pub fn of(work: &mut Work<'_, '_>, job: Uuid) -> Result<Self> {
        let kept = work.writer().secret(KIND, &job.to_string())?.map(|kept| kept.data).unwrap_or_default();
        serde_json::from_value(kept)
            .map_err(|error| Error::refused(tr!("what the job is to do cannot be read: {}", error)))
    }

    /// Forgets it once the job is over or gone.
    pub fn forget(work: &mut Work<'_, '_>, job: Uuid) -> Result<()> {
        work.writer().delete_secret(KIND, &job.to_string())?;
        Ok(())
    }
}

/// How far a job is: in which query, and behind which place in its rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Place {
    pub query: usize,
    pub behind: Option<String>,
}

impl Place {
    /// Of a job's row; one that has none is at its beginning.
    pub fn of(job: &Row) -> Self {
        let read = |text: &str| {
            let (query, behind) = text.split_once(' ').unwrap_or((text, ""));
            Some(Self { query: query.parse().ok()?, behind: Some(behind.to_owned()).filter(|text| !text.is_empty()) })
        };
        read(job.text("place")).unwrap_or_default()
    }

    /// As the row keeps it.
    pub fn written(&self) -> String {
        self.behind.as_ref().map_or_else(|| self.query.to_string(), |behind| format!("{} {behind}", self.query))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_written() {
        let there = |text: &str| Place::of(&Row::new().with("place", text));
        for place in
            [Place::default(), Place { query: 3, behind: None }, Place { query: 1, behind: Some("eyJv".to_owned()) }]
        {
            assert_eq!(there(&place.written()), place);
        }
        assert_eq!(there(""), Place::default());
    }
}
