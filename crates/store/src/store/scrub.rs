//! What deleted and changed rows leave behind where nobody reads it any more: words in an index,
//! bytes in a file and its log.

use std::sync::Arc;

use super::{
    Writer,
    job::{Shared, Write},
};
use crate::{
    StoreError, derived,
    engine::{Mode, sqlite::SqliteConnection},
};

/// Takes it away.
pub(super) async fn scrub(shared: &Arc<Shared>, tables: Vec<String>) -> Result<(), StoreError> {
    Write::run(shared, Mode::Write, move |writer: &mut Writer<'_>| {
        writer.settle_match_keys()?;
        let model = Arc::clone(writer.model());
        let mut known = tables.iter().filter_map(|name| model.table(name));
        known.try_for_each(|table| derived::forget_deleted(writer.connection(), table))
    })
    .await?;
    let Some(path) = shared.path.clone() else { return shared.engine.vacuum().await };
    tokio::task::spawn_blocking(move || SqliteConnection::open_checkpointer(&path)?.rewrite())
        .await
        .map_err(|error| StoreError::Internal(error.to_string()))?
}
