//! The few things this API asks of the domain, in one place.

use crm::{App, Caller, NewRecord, Origin, Query, Result, Row, Rows};
use model::{Filter, Table};
use uuid::Uuid;

/// The person a bearer token belongs to.
pub async fn authenticate(app: &App, token: &str) -> Result<Caller> {
    app.identity().by_token(token).await
}

/// Rows of a query.
pub async fn query(app: &App, caller: &Caller, query: Query) -> Result<Rows> {
    app.query(caller, query).await
}

/// Create a row and all that hangs on it in one transaction.
pub async fn create(app: &App, caller: &Caller, record: NewRecord) -> Result<Uuid> {
    app.work(caller, Origin::WebApi, move |work| work.create_all(record)).await
}

/// Change a row; with `if_versions` only where it still has one of these versions.
pub async fn update(app: &App, caller: &Caller, table: &str, id: Uuid, changes: Row, if_versions: Option<Vec<i64>>) -> Result<Row> {
    let table = table.to_owned();
    app.work(caller, Origin::WebApi, move |work| {
        let expected = expected(work, &table, id, if_versions)?;
        work.update(&table, id, changes, expected)
    })
    .await
}

/// Delete a row; with `if_versions` only where it still has one of these versions.
pub async fn delete(app: &App, caller: &Caller, table: &str, id: Uuid, if_versions: Option<Vec<i64>>) -> Result<()> {
    let table = table.to_owned();
    app.work(caller, Origin::WebApi, move |work| {
        let expected = expected(work, &table, id, if_versions)?;
        work.delete(&table, id, expected)
    })
    .await
}

/// The version to insist on: of several that would do, the one the row has.
fn expected(work: &mut crm::Work<'_, '_>, table: &str, id: Uuid, versions: Option<Vec<i64>>) -> Result<Option<i64>> {
    match versions.as_deref() {
        None => Ok(None),
        Some([only]) => Ok(Some(*only)),
        Some(several) => {
            let now = work.load(table, id)?.value("versionnumber").as_whole();
            Ok(now.filter(|now| several.contains(now)).or(Some(-1)))
        }
    }
}

/// The primary keys of the rows that satisfy `filter`, two at most: enough to see whether a key
/// names exactly one.
pub async fn keys(app: &App, caller: &Caller, table: &Table, filter: Filter) -> Result<Vec<Uuid>> {
    let query = app.new_query(caller, &table.name).select([table.primary_key.as_str()]).matching(filter).take(2);
    let rows = app.query(caller, query).await?;
    Ok(rows.rows.iter().filter_map(|row| row.first()).filter_map(model::Value::as_id).collect())
}
