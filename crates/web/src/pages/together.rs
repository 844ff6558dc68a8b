//! A form that was saved over a record that others have saved since it was loaded.

use std::sync::Arc;

use axum::{http::StatusCode, response::Response};
use crm::{Row, reading::Names};
use model::Table;
use uuid::Uuid;

use super::record::{Shown, page, stored_parties, with_typed_names};
use crate::{
    app::Site,
    failure::Failure,
    posted::Typed,
    session::Me,
    view::{
        record,
        since::{Since, Together, together, who_and_when},
    },
};

/// Somebody saved the record after this form was loaded, and both put something into the same
/// columns. Both values are shown and what was typed stays: saving again keeps it, unless theirs is
/// chosen.
pub(super) async fn contested(
    site: &Site,
    me: &Me,
    table: &Arc<Table>,
    id: Uuid,
    (row, names): (Row, Names),
    (since, together): (&Since, Together),
) -> Result<Response, Failure> {
    let mut names = with_typed_names(site, me, table, names, &together.typed).await?;
    for (reference, name) in since.names().iter() {
        names.insert(reference.clone(), name.to_owned());
    }
    let (who, when) = since
        .last()
        .map_or_else(|| ("Somebody".to_owned(), String::new()), |entry| who_and_when(me, since.names(), entry));
    let also = match together.taken.as_slice() {
        [] => String::new(),
        taken => format!(" Taken over from them: {}.", taken.join(", ")),
    };
    let text = format!(
        "{who} saved this {} after you opened it ({when}). Nothing you typed is lost: where both of you changed a field, choose, then save again.{also}",
        table.label.to_lowercase()
    );
    let shown = Shown {
        row,
        names,
        parties: stored_parties(site, me, table, id).await?,
        typed: Some(together.typed),
        contested: together.contested,
        notice: Some(record::caution(text)),
        status: Some(StatusCode::CONFLICT),
        ..Shown::default()
    };
    page(site, me, table, Some(id), shown).await
}

/// What was typed over an older version of a row, put together with the row as it is now.
pub(super) async fn put_together(
    site: &Site,
    me: &Me,
    table: &Table,
    id: Uuid,
    (row, names): (&Row, &Names),
    (typed, version): (Typed, i64),
) -> Result<(Since, Together), Failure> {
    let since = Since::read(site, me, table, id, version).await?;
    let mut names = names.clone();
    for (reference, name) in since.names().iter() {
        names.insert(reference.clone(), name.to_owned());
    }
    let together = together((me, &site.app.model(), table), (row, &names), &since, typed, version);
    Ok((since, together))
}
