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
use crm::{Origin, Work, bulk::Done};
use language::{Carried, tr};
use model::Table;
use tokio::task::JoinHandle;
use tracing::Instrument as _;
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

/// What is under way.
type Act = JoinHandle<crm::Result<Done>>;

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
    let rows = match chosen.confirmed(site, me, table).await {
        Ok(rows) => rows,
        Err(Failure::Domain(error @ crm::Error::Refused(_))) => {
            return Ok(me.go(&back(me, table), Some(Flash::failed(Failure::from(error).text()))));
        }
        Err(error) => return Err(error),
    };
    let count = rows.len();
    let task = Arc::new(Task::new(me.caller.user, (&table.name, count), verb, back(me, table)));
    if count > AT_ONCE && site.tasks.is_busy(me.caller.user) {
        let text = tr!("Something you began is still under way for other rows. Wait until it is done.");
        return Ok(me.go(&task.back, Some(Flash::failed(text))));
    }
    let (app, user, name, control) = (site.app.clone(), me.caller.user, table.name.clone(), task.control.clone());
    let act = async move { app.for_each(user, Origin::Page, (&name, rows), &control, one).await };
    // It goes on where the browser goes away meanwhile: half of the rows done is what nobody asked for.
    let act = tokio::spawn(Carried::here().with(act).in_current_span());
    if count <= AT_ONCE {
        return at_once(site, me, table, &task, act).await;
    }
    let id = site.tasks.add(Arc::clone(&task));
    tokio::spawn(Carried::here().with(follow(site.clone(), me.clone(), table.clone(), task, count, act)));
    Ok(me.go(&format!("/bulk/{id}"), None))
}

/// Waits for it and tells it in a message; all of it on a page, where that does not hold it.
async fn at_once(site: &Site, me: &Me, table: &Table, task: &Arc<Task>, act: Act) -> Result<Response, Failure> {
    let report = Report::of(site, me, table, ended(act).await?).await?;
    let page = (report.refused > REASONS).then(|| {
        task.end(report.clone());
        format!("/bulk/{}", site.tasks.add(Arc::clone(task)))
    });
    Ok(me.go(&task.back, Some(report.flash(&me.style, table, &task.verb, page))))
}

/// Waits for it and tells it to the page of the task, of `count` rows.
async fn follow(site: Site, me: Me, table: Table, task: Arc<Task>, count: usize, act: Act) {
    let report = match ended(act).await {
        Ok(done) => Report::of(&site, &me, &table, done).await,
        Err(error) => Err(error.into()),
    };
    task.end(report.unwrap_or_else(|failure| Report {
        left: count,
        broken: Some(failure.text()),
        ..Report::default()
    }));
}

/// What became of it.
async fn ended(act: Act) -> crm::Result<Done> {
    act.await.unwrap_or_else(|error| {
        tracing::error!(%error, "something done to many rows broke off");
        let told = tr!("it broke off by a fault of the program; look at the rows before you do it again");
        Err(crm::Error::Uncertain(told))
    })
}

/// The list, the record or the day that the command was on.
pub(crate) fn back(me: &Me, table: &Table) -> String {
    let list = format!("/{}", table.set_name);
    me.browser.page.clone().filter(|page| page.starts_with(&list) || page == day::ADDRESS).unwrap_or(list)
}
