//! What a record's page says of duplicates: before it is saved, and when it is shown.

use axum::{http::StatusCode, response::Response};
use crm::{Row, duplicates::Found, reading::Names};
use language::tr;
use maud::Render;
use model::{Model, Table};
use uuid::Uuid;

use crate::{
    app::Site,
    components::Banner,
    failure::Failure,
    posted::Typed,
    respond::{html, set_header},
    session::Me,
    view::{duplicates, record, tables},
};

/// Whether the person has seen what seems to be the same.
pub(crate) fn has_looked(typed: &Typed) -> bool {
    typed.get(duplicates::SEEN) == Some(duplicates::YES)
}

/// Asks above the page, which stays as it is with everything typed.
pub(crate) fn ask(me: &Me, model: &Model, found: &Found, form: &str) -> Response {
    let mut response = html(StatusCode::UNPROCESSABLE_ENTITY, duplicates::dialog(me, model, found, form).render());
    let places =
        [("hx-retarget", "#dialogs"), ("hx-reswap", "innerHTML"), ("hx-reselect", "dialog"), ("hx-push-url", "false")];
    for (name, value) in places {
        set_header(&mut response, name, value);
    }
    response
}

/// What is to be said of duplicates: that the record was merged, that others may be the same, or
/// how far a rule is being published.
pub(crate) async fn about(
    site: &Site,
    me: &Me,
    table: &Table,
    id: Uuid,
    (row, names): (&Row, &Names),
) -> Result<Option<Banner>, Failure> {
    if let Some(master) = row.value("masterid").as_reference().filter(|_| record::is_merged(row)) {
        let act = site.app.merge_to_undo(&me.caller, &table.name, id).await?;
        let other = tr!("another record");
        let name = names.get(master).unwrap_or(&other);
        return Ok(Some(record::merged_notice(table, master.id, name, act)));
    }
    if table.name == "duplicaterule" && row.value("statuscode").as_whole() == Some(1) {
        let text = match site.app.duplicates().progress().await? {
            Some((done, all)) => {
                tr!("Being published: {} of {} records are prepared. Reload to see how far it is.", done, all)
            }
            None => tr!("Being published. Reload to see how far it is."),
        };
        return Ok(Some(Banner { icon: "copy".to_owned(), text, ..Banner::default() }));
    }
    if record::is_closed(table, row) {
        return Ok(None);
    }
    let matches = site.app.duplicates().of(&me.caller, &table.name, id).await?;
    Ok(duplicates::banner(&tables::row_href(table, id), &matches))
}
