//! The write path. Every change of a business row, from whatever side, is made by a [`Work`]:
//! authorise, default, validate, table rules, write (with derived data and feed), after-rules.

mod calculated;
mod cascade;
mod continued;
mod create;
mod delete;
mod deleted;
pub(crate) mod fill;
mod initialize;
mod input;
mod loops;
mod names;
mod pairs;
mod put_back;
mod rules;
mod touched;
mod undo;
mod update;
mod verbs;
mod write;

use std::{collections::HashMap, sync::Arc};

use jiff::{Timestamp, civil};
use language::tr;
use model::{Filter, Model, Reference, Table};
use store::{Actor, Query, Row, Scope, Writer};
use uuid::Uuid;

use crate::{Caller, Error, Organization, Origin, Result, access::Principal, duplicates::keep::Watch};

pub use create::NewRecord;
pub use deleted::Deletion;
pub(crate) use names::take_over as take_over_name;
pub use put_back::{Reversal, former};
pub(crate) use touched::{Touched, Version, version_of_people, version_of_settings};
pub(crate) use update::refuse_stale;

/// One act of one caller in one transaction: the only thing that writes business rows.
pub struct Work<'w, 's> {
    writer: &'w mut Writer<'s>,
    caller: Caller,
    actor: Actor,
    origin: Origin,
    model: Arc<Model>,
    now: Timestamp,
    touched: Touched,
    pub(crate) watch: Watch,
    /// Users and teams looked up in this act, with what they may do.
    pub(crate) principals: HashMap<Reference, Arc<Principal>>,
    /// Whether anything is shared at all, where that was asked.
    pub(crate) shares_exist: Option<bool>,
}

impl<'w, 's> Work<'w, 's> {
    pub(crate) fn new(writer: &'w mut Writer<'s>, caller: Caller, origin: Origin, watch: Watch) -> Self {
        let model = writer.model().clone();
        let actor = caller.actor(origin);
        Self {
            writer,
            caller,
            actor,
            origin,
            model,
            now: Timestamp::now(),
            touched: Touched::default(),
            watch,
            principals: HashMap::new(),
            shares_exist: None,
        }
    }

    /// In whose name.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// By what way.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// Identifier that ties together all changes of this act.
    pub fn act(&self) -> Uuid {
        self.actor.act
    }

    /// The author of the act, for what is written to the history beside rows.
    pub(crate) fn actor(&self) -> Actor {
        self.actor.clone()
    }

    /// Make this work a part of an earlier act: the batches of one import are one act.
    pub fn belongs_to(&mut self, act: Uuid) {
        self.actor.act = act;
    }

    /// From here on the act speaks for `user` of `business_unit` at a past moment: rows bear that
    /// author and time, amounts that day's exchange rate. For history only, that is when a
    /// demonstration or another system's records are brought in; what may be done is still
    /// decided by who really acts.
    ///
    /// # Errors
    /// Refused for every other origin.
    pub fn at(&mut self, moment: Timestamp, user: Uuid, business_unit: Uuid) -> Result<()> {
        if !matches!(self.origin, Origin::Demo | Origin::Import) || !self.caller.administrator {
            return Err(Error::refused(tr!("only an import or a demonstration writes history")));
        }
        self.now = moment;
        self.caller.user = user;
        self.caller.business_unit = business_unit;
        self.actor.user = user;
        self.actor.at = Some(moment);
        Ok(())
    }

    /// The moment of the act.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The day of the act in the caller's time zone.
    pub fn today(&self) -> civil::Date {
        self.now.to_zoned_datetime(self.caller.time_zone.clone()).date()
    }

    /// The organisation's settings.
    pub fn organization(&self) -> Arc<Organization> {
        self.caller.organization().clone()
    }

    /// The declarations in force.
    pub fn model(&self) -> &Arc<Model> {
        &self.model
    }

    /// The store's writer, for what is not a business row: settings, files, secrets.
    pub(crate) fn writer(&mut self) -> &mut Writer<'s> {
        self.writer
    }

    /// What this act wrote of what is kept in memory.
    pub(crate) const fn touched(&self) -> Touched {
        self.touched
    }

    /// The table of this logical name.
    pub fn table(&self, name: &str) -> Result<Arc<Table>> {
        self.model.table(name).cloned().ok_or_else(|| Error::Unknown(tr!("there is no table '{name}'", name)))
    }

    /// The whole row as the caller may see it, locked until the end of the act.
    ///
    /// # Errors
    /// [`Error::NotFound`] where it is absent or hidden from the caller.
    pub fn load(&mut self, table: &str, id: Uuid) -> Result<Row> {
        let not_found = || Error::NotFound { table: table.to_owned(), id };
        let row = self.writer.lock(table, id)?.ok_or_else(not_found)?;
        if self.caller.scope().restricts(table) {
            let caller = self.caller.clone();
            self.writer.get(table, id, Some(&[]), caller.scope(), &caller.zone())?.ok_or_else(not_found)?;
        }
        Ok(row)
    }

    /// Rows of `table` that satisfy `filter`, as the caller may see them: these columns, at most
    /// 5,000.
    pub fn find(&mut self, table: &str, filter: Filter, columns: &[&str]) -> Result<Vec<Row>> {
        self.table(table)?;
        let query = Query::of(table, self.caller.scope().clone(), self.caller.zone())
            .select(columns.iter().copied())
            .matching(filter)
            .take(5000);
        self.query(&query)
    }

    /// As [`Work::find`], with the values of secured columns, too: for rules of the domain that
    /// compute with them, which would come out wrong without.
    pub(crate) fn find_whole(&mut self, table: &str, filter: Filter, columns: &[&str]) -> Result<Vec<Row>> {
        if self.model.secured.is_empty() {
            return self.find(table, filter, columns);
        }
        let scope = Scope { readable: None, ..(**self.caller.scope()).clone() };
        let query = Query::of(table, Arc::new(scope), self.caller.zone())
            .select(columns.iter().copied())
            .matching(filter)
            .take(5000);
        self.query(&query)
    }

    /// Runs a query inside the act.
    pub fn query(&mut self, query: &Query) -> Result<Vec<Row>> {
        Ok(self.writer.query(query)?.to_rows().collect())
    }

    /// The primary name of a row, or its id where it has none.
    pub fn name_of(&mut self, reference: &Reference) -> Result<String> {
        let names = self.writer.names(std::slice::from_ref(reference))?;
        Ok(names.get(reference).cloned().unwrap_or_else(|| reference.id.to_string()))
    }

    /// Runs `part` so that its failure undoes only what it wrote; the act goes on.
    pub fn attempt<T>(&mut self, part: impl FnOnce(&mut Work<'_, 's>) -> Result<T>) -> Result<Result<T>> {
        let (caller, actor, origin, model, now) =
            (self.caller.clone(), self.actor.clone(), self.origin, self.model.clone(), self.now);
        let watch = self.watch.clone();
        // Users and teams are the same whether the part succeeds or not.
        let mut principals = std::mem::take(&mut self.principals);
        let shares_exist = self.shares_exist;
        let outcome = self.writer.savepoint(|writer| -> Result<(T, Touched, Watch, Option<bool>)> {
            let mut inner = Work {
                writer,
                caller,
                actor,
                origin,
                model,
                now,
                touched: Touched::default(),
                watch,
                principals: std::mem::take(&mut principals),
                shares_exist,
            };
            let result = part(&mut inner);
            principals = std::mem::take(&mut inner.principals);
            Ok((result?, inner.touched, inner.watch, inner.shares_exist))
        })?;
        self.principals = principals;
        match outcome {
            Ok((result, touched, watch, shares_exist)) => {
                self.touched.add(touched);
                self.watch = watch;
                self.shares_exist = shares_exist;
                Ok(Ok(result))
            }
            Err(error) => Ok(Err(error)),
        }
    }

    /// Runs what follows by a rule from an act that was authorised: rows are found and changed
    /// that the caller may not see or change directly. They still bear the caller's name.
    pub(crate) fn as_consequence<T>(&mut self, part: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let unrestricted = self.caller.clone().unrestricted();
        let caller = std::mem::replace(&mut self.caller, unrestricted);
        let result = part(self);
        self.caller = caller;
        result
    }

    pub(crate) fn has_changed_rules(&self) -> bool {
        self.watch.has_changed_rules()
    }
}
