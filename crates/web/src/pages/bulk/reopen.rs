//! Closed opportunities opened again, many at once.

use axum::{extract::State, response::Response};
use crm::{Row, opportunities::OPEN};
use language::tr;

use super::{Chosen, run};
use crate::{app::Site, failure::Failure, posted::Posted};

/// Opens them; those that are open stay as they are.
pub(crate) async fn create(State(site): State<Site>, posted: Posted) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let model = site.model();
    let table = model.table("opportunity").ok_or(Failure::NoPage)?;
    run(&site, &me, table, &Chosen::of(&typed)?, &tr!("reopened"), |work, table, id| {
        if work.load(table, id)?.value("statecode").as_whole() == Some(OPEN) {
            return Err(crm::Error::refused(tr!("it is open already")));
        }
        work.update(table, id, Row::new().with("statecode", OPEN), None).map(drop)
    })
    .await
}
