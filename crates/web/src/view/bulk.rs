//! The same thing done to many rows, with a report of what was done, what not and why.

use axum::response::Response;
use crm::{Origin, Work};
use model::{Reference, Table};
use uuid::Uuid;

use super::day;
use crate::{app::Site, failure::Failure, flash::Flash, session::Me};

/// Most reasons told; further ones are counted.
const REASONS: usize = 3;

/// What became of many rows.
pub(crate) struct Done {
    pub succeeded: usize,
    /// Those that were left as they are, each with its name and the reason.
    pub refused: Vec<String>,
    /// By which it is undone.
    pub act: Option<Uuid>,
}

impl Done {
    /// From each row's result.
    pub async fn of(
        site: &Site,
        me: &Me,
        table: &Table,
        results: Vec<(Uuid, crm::Result<()>)>,
        act: Uuid,
    ) -> Result<Self, Failure> {
        let count = results.len();
        let refused: Vec<(Uuid, crm::Error)> =
            results.into_iter().filter_map(|(id, result)| Some((id, result.err()?))).collect();
        let reference = |id: Uuid| Reference::new(table.name.as_str(), id);
        let names = site.app.names(&me.caller, refused.iter().map(|(id, _)| reference(*id)).collect()).await?;
        let succeeded = count - refused.len();
        let why = |(id, error): (Uuid, crm::Error)| {
            reason(names.get(&reference(id)).filter(|name| !name.is_empty()), &Failure::from(error).text())
        };
        let refused = refused.into_iter().map(why).collect();
        Ok(Self { succeeded, refused, act: (succeeded > 0).then_some(act) })
    }
}

/// Why a row was left as it is, with its name.
fn reason(name: Option<&str>, why: &str) -> String {
    match name {
        Some(name) if !why.contains(name) => format!("“{name}”: {why}"),
        _ => why.to_owned(),
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
            let mut results = Vec::with_capacity(ids.len());
            for id in ids {
                let result = work.attempt(|work| one(work, &name, id))?;
                if let Err(crm::Error::Store(error)) = result {
                    return Err(crm::Error::Store(error));
                }
                results.push((id, result));
            }
            Ok((work.act(), results))
        })
        .await?;
    Done::of(site, me, table, results, act).await
}

/// Back to where one was, with what was done told there.
pub(crate) fn report(me: &Me, table: &Table, done: &Done, verb: &str) -> Response {
    me.go(&back(me, table), Some(told(table, done, verb)))
}

/// The list, the record or the day that the command was on.
pub(crate) fn back(me: &Me, table: &Table) -> String {
    let list = format!("/{}", table.set_name);
    me.browser.page.clone().filter(|page| page.starts_with(&list) || page == day::ADDRESS).unwrap_or(list)
}

/// What was done, what not and why.
pub(crate) fn told(table: &Table, done: &Done, verb: &str) -> Flash {
    let mut reasons = done.refused.clone();
    reasons.sort();
    reasons.dedup();
    let further = reasons.len().saturating_sub(REASONS);
    let why = reasons.iter().take(REASONS).map(|reason| crate::failure::sentence(reason)).collect::<Vec<_>>().join(" ");
    let further = if further > 0 { format!(" And {further} more.") } else { String::new() };
    let undo = |flash: Flash| done.act.map_or(flash.clone(), |act| flash.undo(act));
    match (done.succeeded, done.refused.len()) {
        (0, 0) => Flash::failed("Select at least one row first."),
        (1, 0) => undo(Flash::done(format!("{} {verb}.", table.label))),
        (succeeded, 0) => undo(Flash::done(format!("{} {verb}.", capital(&counted(table, succeeded))))),
        (0, refused) => Flash::failed(format!("{} not {verb}. {why}{further}", capital(&counted(table, refused)))),
        (succeeded, refused) => undo(Flash::failed(format!(
            "{} {verb}, {refused} not. {why}{further}",
            capital(&counted(table, succeeded))
        ))),
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
