//! The same thing done to many rows, with a report of what was done, what not and why.

use axum::response::Response;
use crm::{Origin, Work};
use model::Table;
use uuid::Uuid;

use crate::{app::Site, failure::Failure, flash::Flash, session::Me};

/// Most reasons told; further ones are counted.
const REASONS: usize = 3;

/// What became of many rows.
pub(crate) struct Done {
    pub succeeded: usize,
    /// Reasons of those that were left as they are.
    pub refused: Vec<String>,
    /// By which it is undone.
    pub act: Option<Uuid>,
}

impl Done {
    /// Adds one more row's result; failures of the system end the whole.
    pub fn count(&mut self, result: crm::Result<()>) -> Result<(), Failure> {
        match result {
            Ok(()) => self.succeeded += 1,
            Err(error @ (crm::Error::Store(_) | crm::Error::NotSignedIn)) => return Err(error.into()),
            Err(error) => self.refused.push(error.to_string()),
        }
        Ok(())
    }
}

/// Does `one` to every row in one act, each in its own part.
pub(crate) async fn each(
    site: &Site,
    me: &Me,
    table: &Table,
    ids: Vec<Uuid>,
    one: impl Fn(&mut Work<'_, '_>, &str, Uuid) -> crm::Result<()> + Send + 'static,
) -> Result<Done, Failure> {
    let name = table.name.clone();
    let (act, results) = site
        .app
        .work(&me.caller, Origin::Page, move |work| {
            let results =
                ids.into_iter().map(|id| work.attempt(|work| one(work, &name, id))).collect::<crm::Result<Vec<_>>>()?;
            Ok((work.act(), results))
        })
        .await?;
    let refused: Vec<String> =
        results.iter().filter_map(|result| result.as_ref().err().map(ToString::to_string)).collect();
    let succeeded = results.len() - refused.len();
    Ok(Done { succeeded, refused, act: (succeeded > 0).then_some(act) })
}

/// Back to where one was, with what was done told there.
pub(crate) fn report(me: &Me, table: &Table, done: &Done, verb: &str) -> Response {
    me.go(&back(me, table), Some(told(table, done, verb)))
}

/// The list or the record that the command was on.
pub(crate) fn back(me: &Me, table: &Table) -> String {
    let list = format!("/{}", table.set_name);
    me.browser.page.clone().filter(|page| page.starts_with(&list)).unwrap_or(list)
}

/// What was done, what not and why.
pub(crate) fn told(table: &Table, done: &Done, verb: &str) -> Flash {
    let mut reasons = done.refused.clone();
    reasons.sort();
    reasons.dedup();
    let further = reasons.len().saturating_sub(REASONS);
    let why = reasons.iter().take(REASONS).map(|reason| crate::failure::sentence(reason)).collect::<Vec<_>>().join(" ");
    let further = if further > 0 { format!(" And {further} further reasons.") } else { String::new() };
    match (done.succeeded, done.refused.len()) {
        (0, 0) => Flash::failed("Select at least one row first."),
        (succeeded, 0) => {
            let flash = Flash::done(format!("{} {verb}.", capital(&counted(table, succeeded))));
            done.act.map_or(flash.clone(), |act| flash.undo(act))
        }
        (0, refused) => Flash::failed(format!("{} not {verb}. {why}{further}", capital(&counted(table, refused)))),
        (succeeded, refused) => {
            let flash =
                Flash::failed(format!("{} {verb}, {refused} not. {why}{further}", capital(&counted(table, succeeded))));
            done.act.map_or(flash.clone(), |act| flash.undo(act))
        }
    }
}

/// `1 lead`, `3 leads`.
pub(crate) fn counted(table: &Table, count: usize) -> String {
    let word = if count == 1 { &table.label } else { &table.plural_label };
    format!("{count} {}", word.to_lowercase())
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}
