//! What the database says about itself: `pw_meta`.

use model::Overlay;

use crate::{
    StoreError,
    engine::{Connection, Dialect, SqlValue},
    feed::reseal,
    schema::{self, FORMAT, PhysicalSchema},
    store::Current,
};

/// Number of the shipped app's tables; raise it with a change of `base/` that an older release
/// could not work with.
const SHIPPED_MODEL: u32 = 1;

/// What a database holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// No tables at all.
    Nothing,
    /// A database of ours that this release can use.
    Pipewright,
}

/// Looks what is there; refuses databases of others and of newer releases.
pub(crate) fn find(connection: &mut dyn Connection) -> Result<Found, StoreError> {
    let sql = match connection.dialect() {
        Dialect::Sqlite => {
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
        }
        Dialect::Postgres => "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()",
    };
    let tables: Vec<String> = connection
        .query(sql, &[])?
        .into_iter()
        .filter_map(|row| row.first().and_then(SqlValue::as_text).map(str::to_owned))
        .collect();
    if tables.is_empty() {
        return Ok(Found::Nothing);
    }
    if !tables.iter().any(|table| table == "pw_meta")
        || get(connection, "application")?.as_deref() != Some("pipewright")
    {
        return Err(StoreError::ForeignDatabase(format!(
            "this database holds tables of something else ({}); give Pipewright a database of its own",
            tables.first().map_or("", String::as_str)
        )));
    }
    refuse_newer(connection, "format", FORMAT)?;
    refuse_newer(connection, "shipped_model", SHIPPED_MODEL)?;
    Ok(Found::Pipewright)
}

fn refuse_newer(connection: &mut dyn Connection, key: &str, known: u32) -> Result<(), StoreError> {
    let found: u32 = number(connection, key)?;
    if found > known { Err(StoreError::NewerDatabase { found, known }) } else { Ok(()) }
}

/// Creates the store's own tables in an empty database.
pub(crate) fn create_system_tables(connection: &mut dyn Connection) -> Result<(), StoreError> {
    connection.batch(&schema::system_tables(connection.dialect()))?;
    set(connection, "application", "pipewright")?;
    set(connection, "format", &FORMAT.to_string())?;
    set(connection, "shipped_model", &SHIPPED_MODEL.to_string())?;
    set_schema(connection, &PhysicalSchema::default())?;
    set_overlay(connection, &Overlay::default(), 0)
}

/// The format of the store's own tables in this database.
pub(super) fn format(connection: &mut dyn Connection) -> Result<u32, StoreError> {
    number(connection, "format")
}

/// Brings the store's own tables to the format of this release.
pub(super) fn upgrade_system_tables(connection: &mut dyn Connection) -> Result<(), StoreError> {
    let found = format(connection)?;
    for next in found + 1..=FORMAT {
        tracing::info!(format = next, "changing the store's own tables");
        connection.batch(&schema::upgrade(next, connection.dialect()))?;
        if next == 3 {
            reseal::with_digests(connection)?;
        }
        set(connection, "format", &next.to_string())?;
    }
    Ok(())
}

/// Counts a publication that changes no table.
pub(crate) fn count_publication(connection: &mut dyn Connection) -> Result<(), StoreError> {
    let version = model_version(connection)?;
    set(connection, "model_version", &(version + 1).to_string())
}

/// The model in force, from the stored overlay.
pub(crate) fn current(connection: &mut dyn Connection) -> Result<Current, StoreError> {
    let version = model_version(connection)?;
    Current::build(overlay(connection)?, version)
}

/// The customisations in force.
pub(super) fn overlay(connection: &mut dyn Connection) -> Result<Overlay, StoreError> {
    let text = get(connection, "overlay")?.unwrap_or_else(|| "{}".to_owned());
    serde_json::from_str(&text)
        .map_err(|error| StoreError::Database(format!("the stored customisations cannot be read: {error}")))
}

/// The model another process has published, where it is not the known one.
pub(crate) fn newer_model(connection: &mut dyn Connection, known: &Current) -> Result<Option<Current>, StoreError> {
    // While the database is being opened there is nothing to compare with yet.
    if known.model.tables.is_empty() {
        return Ok(None);
    }
    let version = model_version(connection)?;
    if version == known.model.version {
        return Ok(None);
    }
    let overlay = overlay(connection)?;
    // Something else was published than customisations.
    if overlay == *known.overlay {
        return Ok(Some(known.as_version(version)));
    }
    Current::build(overlay, version).map(Some)
}

/// Counts publications.
pub(crate) fn model_version(connection: &mut dyn Connection) -> Result<u64, StoreError> {
    number(connection, "model_version")
}

/// Stores the overlay as version `version`.
pub(super) fn set_overlay(connection: &mut dyn Connection, overlay: &Overlay, version: u64) -> Result<(), StoreError> {
    let text = serde_json::to_string(overlay)
        .map_err(|error| StoreError::Internal(format!("the customisations cannot be written: {error}")))?;
    set(connection, "overlay", &text)?;
    set(connection, "model_version", &version.to_string())
}

/// The schema as it was created.
pub(super) fn schema(connection: &mut dyn Connection) -> Result<PhysicalSchema, StoreError> {
    let text = get(connection, "schema")?.unwrap_or_else(|| r#"{"tables":{}}"#.to_owned());
    serde_json::from_str(&text)
        .map_err(|error| StoreError::Database(format!("the stored description of the tables cannot be read: {error}")))
}

/// Remembers the schema as it is now.
pub(super) fn set_schema(connection: &mut dyn Connection, schema: &PhysicalSchema) -> Result<(), StoreError> {
    let text = serde_json::to_string(schema)
        .map_err(|error| StoreError::Internal(format!("the description of the tables cannot be written: {error}")))?;
    set(connection, "schema", &text)
}

fn number<N: std::str::FromStr + Default>(connection: &mut dyn Connection, key: &str) -> Result<N, StoreError> {
    match get(connection, key)? {
        None => Ok(N::default()),
        Some(text) => {
            text.parse().map_err(|_| StoreError::Database(format!("pw_meta.{key} is '{text}', which is no number")))
        }
    }
}

pub(crate) fn get(connection: &mut dyn Connection, key: &str) -> Result<Option<String>, StoreError> {
    let sql = connection.dialect().numbered("SELECT value FROM pw_meta WHERE key = ?1");
    let rows = connection.query(&sql, &[key.into()])?;
    Ok(rows.first().and_then(|row| row.first()).and_then(SqlValue::as_text).map(str::to_owned))
}

pub(crate) fn set(connection: &mut dyn Connection, key: &str, value: &str) -> Result<(), StoreError> {
    let sql = connection.dialect().numbered(
        "INSERT INTO pw_meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    );
    connection.execute(&sql, &[key.into(), value.into()]).map(drop)
}
