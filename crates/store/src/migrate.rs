//! Bringing a database to the schema its model wants.
//!
//! [`diff`] compares the schema as it was created with the wanted one and yields [`Step`]s;
//! [`steps`] runs them. All of it happens in one transaction on both engines. Nothing is ever
//! dropped that holds what somebody entered: columns and tables that a model no longer has are
//! kept aside.

mod diff;
pub(crate) mod meta;
pub(crate) mod publication;
pub(crate) mod purge;
mod steps;
mod targets;

use std::fmt;

use model::{Model, Overlay};
use steps::Step;

pub(crate) use self::meta::{Found, count_publication, current, find, model_version, newer_model};
use crate::{
    Actor, StoreError,
    engine::Connection,
    schema::{self, PhysicalSchema},
    store::Current,
};

/// What would be changed in a database.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MigrationPlan {
    /// In order, a sentence each; empty where the database fits.
    pub steps: Vec<String>,
}

impl MigrationPlan {
    pub(crate) fn of_new_database() -> Self {
        Self { steps: vec!["create the database with all tables".to_owned()] }
    }

    fn of(is_older: bool, steps: &[Step]) -> Self {
        let format = is_older.then(|| "bring the store's own tables to this release".to_owned());
        Self { steps: format.into_iter().chain(steps.iter().map(ToString::to_string)).collect() }
    }

    /// True where nothing has to be changed.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}

impl fmt::Display for MigrationPlan {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return out.write_str("nothing has to be changed");
        }
        out.write_str(&self.steps.join("\n"))
    }
}

/// What bringing the database to the model would change.
pub(crate) fn plan(connection: &mut dyn Connection) -> Result<MigrationPlan, StoreError> {
    match meta::find(connection)? {
        Found::Nothing => Ok(MigrationPlan::of_new_database()),
        Found::Pipewright => {
            let current = meta::current(connection)?;
            let steps = pending(connection, &current.model)?;
            Ok(MigrationPlan::of(is_older(connection)?, &steps))
        }
    }
}

/// The model in force, where the database needs no change for it.
pub(crate) fn fitting(connection: &mut dyn Connection) -> Result<Option<Current>, StoreError> {
    if meta::find(connection)? == Found::Nothing {
        return Ok(None);
    }
    let current = meta::current(connection)?;
    let fits = !is_older(connection)? && pending(connection, &current.model)?.is_empty();
    Ok(fits.then_some(current))
}

/// True where the store's own tables are those of an earlier release.
fn is_older(connection: &mut dyn Connection) -> Result<bool, StoreError> {
    Ok(meta::format(connection)? < schema::FORMAT)
}

/// Opens the database inside a transaction: creates what is missing, refuses what cannot be
/// used, and returns the model in force.
pub(crate) fn open(connection: &mut dyn Connection, migrate: bool) -> Result<Current, StoreError> {
    if meta::find(connection)? == Found::Nothing {
        if !migrate {
            return Err(StoreError::Migration("the database is empty and was not to be changed".to_owned()));
        }
        meta::create_system_tables(connection)?;
    }
    let current = meta::current(connection)?;
    let steps = pending(connection, &current.model)?;
    let is_older = is_older(connection)?;
    let plan = MigrationPlan::of(is_older, &steps);
    if !plan.is_empty() && !migrate {
        return Err(StoreError::Migration(format!(
            "the database has to be changed before this release can use it:\n{plan}"
        )));
    }
    if is_older {
        meta::upgrade_system_tables(connection)?;
    }
    apply(connection, &current.model, &steps)?;
    Ok(current)
}

/// Publishes an overlay inside a transaction: checks it, changes the tables, stores it, and records
/// who did.
pub(crate) fn publish(
    connection: &mut dyn Connection,
    over: Option<&Overlay>,
    overlay: Overlay,
    actor: &Actor,
) -> Result<Current, StoreError> {
    let version = meta::model_version(connection)?;
    let present = meta::overlay(connection)?;
    if over.is_some_and(|over| present != *over) {
        return Err(StoreError::ModelChanged);
    }
    let current = Current::build(overlay, version + 1)?;
    let before = Current::build(present, version)?.model;
    targets::refuse_lost(connection, &before, &current.model)?;
    let steps = pending(connection, &current.model)?;
    apply(connection, &current.model, &steps)?;
    meta::set_overlay(connection, &current.overlay, version + 1)?;
    publication::record(connection, actor, version + 1, before.changes_to(&current.model))?;
    Ok(current)
}

/// Creates all tables of this model in an empty database, to be filled from another one.
pub(crate) fn create(connection: &mut dyn Connection, current: &Current) -> Result<(), StoreError> {
    meta::create_system_tables(connection)?;
    let steps = pending(connection, &current.model)?;
    apply(connection, &current.model, &steps)?;
    meta::set_overlay(connection, &current.overlay, current.model.version)
}

fn pending(connection: &mut dyn Connection, model: &Model) -> Result<Vec<Step>, StoreError> {
    let present = meta::schema(connection)?;
    let wanted = schema::wanted(model, connection.dialect());
    diff::diff(&present, &wanted, model)
}

fn apply(connection: &mut dyn Connection, model: &Model, steps: &[Step]) -> Result<(), StoreError> {
    connection.settle()?;
    let present = meta::schema(connection)?;
    let wanted = schema::wanted(model, connection.dialect());
    for step in steps {
        tracing::info!(%step, "changing the database");
        step.run(connection, model, &wanted)?;
    }
    // What leaves the model needs no step, but is kept from now on.
    let merged = diff::merged(&present, &wanted);
    if merged == present { Ok(()) } else { meta::set_schema(connection, &merged) }
}

/// The schema as it is, what this model does not have marked as kept.
fn with_kept(connection: &mut dyn Connection, model: &Model) -> Result<PhysicalSchema, StoreError> {
    let present = meta::schema(connection)?;
    Ok(diff::merged(&present, &schema::wanted(model, connection.dialect())))
}
