//! What a webhook may be, and who may say so.

use language::{text, tr};
use model::{Column, Filter, Model, Reference, Table};
use store::Row;
use uuid::Uuid;

use super::{DELIVERIES, MOST, ON, TABLE, address, filter, secret, subscription};
use crate::{Error, FieldError, Result, access, records::Work};

/// Before a webhook is made or changed: only administrators do, and everything it names is there. What
/// is written in several ways is kept in one.
///
/// # Errors
/// [`Error::Forbidden`] for others, [`Error::Invalid`] with all that is wrong.
pub(crate) fn before_write(work: &mut Work<'_, '_>, table: &Table, old: Option<&Row>, changes: &mut Row) -> Result<()> {
    access::require_administrator(work.caller(), text!("subscribe addresses to changes"))?;
    let mut row = old.cloned().unwrap_or_default();
    row.merge(changes);
    let own = own_view(work, &row)?;
    let mut check = Check { table, changes, errors: Vec::new() };
    check.all(work.model(), &row, own.as_ref());
    let Check { errors, .. } = check;
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    if old.is_none() && count(work)? >= MOST {
        return Err(Error::refused(tr!("there are {count} webhooks already, and more are not served", count = MOST)));
    }
    let is_on = |row: &Row| row.value("statecode").as_whole() == Some(i64::from(ON));
    if is_on(&row) && !old.is_some_and(is_on) {
        let end = work.writer().feed_end()?;
        changes.set("startposition", end.to_string());
    }
    // Somebody looked at it: what went wrong before says nothing any more.
    changes.set("failurecount", 0);
    changes.set("retryat", model::Value::Null);
    changes.set("lasterror", model::Value::Null);
    Ok(())
}

/// The view of people's own that the row names, as far as the caller may use it.
fn own_view(work: &mut Work<'_, '_>, row: &Row) -> Result<Option<Row>> {
    let Some(view) = row.value("userqueryid").as_reference().map(|view| view.id) else { return Ok(None) };
    Ok(work.find("userquery", Filter::eq("userqueryid", view), &filter::OWN_VIEW)?.pop())
}

fn count(work: &mut Work<'_, '_>) -> Result<usize> {
    Ok(work.find(TABLE, Filter::everything(), &["webhookid"])?.len())
}

/// Looks at everything, so that all mistakes are told at once.
struct Check<'c> {
    table: &'c Table,
    changes: &'c mut Row,
    errors: Vec<FieldError>,
}

impl Check<'_> {
    fn all(&mut self, model: &Model, row: &Row, own: Option<&Row>) {
        if let Err(message) = address::checked(row.text("url")) {
            self.wrong("url", message);
        }
        if !["oncreate", "onupdate", "ondelete"].iter().any(|column| row.value(column).as_boolean() == Some(true)) {
            self.wrong("oncreate", tr!("choose at least one of created, changed and deleted"));
        }
        match subscription::table(model, row.text("targetentityname").trim()) {
            Ok(told) => self.rows(&told, row, own),
            Err(message) => self.wrong("targetentityname", message),
        }
    }

    fn rows(&mut self, told: &Table, row: &Row, own: Option<&Row>) {
        self.keep(row, "targetentityname", told.name.clone());
        match subscription::columns(told, row.text("columnnames")) {
            Ok(names) => self.keep(row, "columnnames", names.unwrap_or_default().join(",")),
            Err(message) => self.wrong("columnnames", message),
        }
        if !row.text("viewname").trim().is_empty() {
            match filter::shipped(told, row.text("viewname")) {
                Ok(view) => self.keep(row, "viewname", view.name.clone()),
                Err(message) => self.wrong("viewname", message),
            }
        }
        if row.has("userqueryid") {
            let usable = own.ok_or_else(|| tr!("this view is not there; choose one of your own"));
            if let Err(message) = usable.and_then(|own| filter::own(told, own)) {
                self.wrong("userqueryid", message);
            }
        }
    }

    /// The one way of writing it.
    fn keep(&mut self, row: &Row, column: &str, value: String) {
        if row.text(column) != value {
            self.changes.set(column, value);
        }
    }

    fn wrong(&mut self, column: &str, message: String) {
        let column: Option<&Column> = self.table.column(column);
        self.errors.extend(column.map(|column| FieldError::of(column, message)));
    }
}

/// A delivery is written by what happens, never from outside.
///
/// # Errors
/// [`Error::Refused`] where somebody else makes one.
pub(crate) fn before_delivery(row: &Row) -> Result<()> {
    // The column is read-only: nobody outside can have filled it.
    if row.has("position") {
        return Ok(());
    }
    Err(Error::refused(tr!(
        "deliveries are written by Pipewright when something changes; send a test from the webhook, or send a delivery again"
    )))
}

/// A webhook's secret goes with it.
pub(crate) fn after_delete(work: &mut Work<'_, '_>, row: &Row) -> Result<()> {
    if let Some(id) = row.value("webhookid").as_id() {
        work.writer().delete_secret(secret::KIND, &id.to_string())?;
    }
    Ok(())
}

/// Takes away what was told of a record whose values are erased; which deliveries that were. What
/// receivers keep is theirs to erase.
pub(crate) fn forget(work: &mut Work<'_, '_>, record: &Reference) -> Result<Vec<Reference>> {
    let table = work.table(DELIVERIES)?;
    let mut gone = Vec::new();
    loop {
        let told = work.find(DELIVERIES, Filter::eq("objectid", record.id), &["webhookdeliveryid"])?;
        let ids: Vec<Uuid> = told.iter().filter_map(|row| row.value("webhookdeliveryid").as_id()).collect();
        if ids.is_empty() {
            return Ok(gone);
        }
        for id in ids {
            let row = work.load(DELIVERIES, id)?;
            work.write_deletion(&table, &row)?;
            gone.push(Reference::new(DELIVERIES, id));
        }
    }
}
