//! The same thing done to many rows: which, how it is carried out, and the page that tells of it.

mod chosen;
pub(crate) mod edit;
pub(crate) mod merge;
pub(crate) mod qualify;
pub(crate) mod reopen;
pub(crate) mod share;
mod task;

use std::sync::Arc;

use axum::response::Response;
use crm::{Origin, Work};
use model::Table;
use uuid::Uuid;

use crate::{
    app::Site,
    failure::Failure,
    flash::Flash,
    session::Me,
    tasks::Task,
    view::{
        bulk::{REASONS, Report},
        day,
    },
};

pub(crate) use chosen::{Chosen, selection};
pub(crate) use task::{cancel, progress, show};

/// With more rows than this it is carried out while a page tells how far it is.
const AT_ONCE: usize = 200;

/// Does `one` to every chosen row in one act, each in its own part, and goes back to where one was;
/// where it takes long, to a page that tells how far it is.
pub(crate) async fn run(
    site: &Site,
    me: &Me,
    table: &Table,
    chosen: &Chosen,
    verb: &str,
    one: impl Fn(&mut Work<'_, '_>, &str, Uuid) -> crm::Result<()> + Send + Sync + 'static,
) -> Result<Response, Failure> {
    let rows = match chosen.rows(site, me, table).await {
        Ok(rows) => rows,
        Err(Failure::Domain(error @ crm::Error::Refused(_))) => {
            return Ok(me.go(&back(me, table), Some(Flash::failed(Failure::from(error).text()))));
        }
        Err(error) => return Err(error),
    };
    let count = rows.len();
    let task = Arc::new(Task::new(me.caller.user, &table.name, verb, back(me, table)));
    let control = task.control.clone();
    let (app, caller, name) = (site.app.clone(), me.caller.clone(), table.name.clone());
    let act = async move { app.for_each(&caller, Origin::Page, (&name, rows), &control, one).await };
    if count <= AT_ONCE {
        let report = Report::of(site, me, table, act.await?).await?;
        let page = (report.refused.len() > REASONS).then(|| {
            task.end(report.clone());
            format!("/bulk/{}", site.tasks.add(Arc::clone(&task)))
        });
        return Ok(me.go(&task.back, Some(report.flash(table, verb, page))));
    }
    if site.tasks.is_busy(me.caller.user) {
        let text = "Something you began is still under way for other rows. Wait until it is done.";
        return Ok(me.go(&task.back, Some(Flash::failed(text))));
    }
    let id = site.tasks.add(Arc::clone(&task));
    let (site, me_then, table) = (site.clone(), me.clone(), table.clone());
    tokio::spawn(async move {
        let report = match act.await {
            Ok(done) => Report::of(&site, &me_then, &table, done).await,
            Err(error) => Err(error.into()),
        };
        task.end(report.unwrap_or_else(|failure| Report {
            left: count,
            broken: Some(failure.text()),
            ..Report::default()
        }));
    });
    Ok(me.go(&format!("/bulk/{id}"), None))
}

/// The list, the record or the day that the command was on.
pub(crate) fn back(me: &Me, table: &Table) -> String {
    let list = format!("/{}", table.set_name);
    me.browser.page.clone().filter(|page| page.starts_with(&list) || page == day::ADDRESS).unwrap_or(list)
}
