//! Taking an act back.

use axum::{extract::State, response::Response};
use crm::Origin;
use language::tr;
use uuid::Uuid;

use crate::{
    address::Address,
    app::Site,
    failure::{Failure, sentence},
    flash::Flash,
    posted::Posted,
    session::Me,
    view::tables,
};

/// Undoes everything the act wrote, and returns to the page one was on, where it still is.
pub(crate) async fn create(
    State(site): State<Site>,
    Address(act): Address<Uuid>,
    posted: Posted,
) -> Result<Response, Failure> {
    let me = posted.me;
    let flash = match site.app.undo(&me.caller, Origin::Page, act).await {
        Ok(rows) => Flash::done(tr!(
            "Undone. One record is as it was before." | "Undone. {n} records are as they were before." % rows
        )),
        Err(crm::Error::Refused(message)) => Flash::failed(sentence(&message)),
        Err(error) => return Err(error.into()),
    };
    let back = still_there(&site, &me).await;
    Ok(me.go(&back, Some(flash)))
}

/// The page one was on; its list where the record is gone now.
async fn still_there(site: &Site, me: &Me) -> String {
    let page = me.browser.page.clone().unwrap_or_else(|| "/".to_owned());
    let path = page.split(['?', '#']).next().unwrap_or_default();
    let mut parts = path.trim_start_matches('/').splitn(3, '/');
    let (Some(set_name), Some(id)) = (parts.next(), parts.next().and_then(|id| id.parse::<Uuid>().ok())) else {
        return page;
    };
    let Ok(table) = tables::named(&site.model(), &me.caller, set_name) else { return page };
    match site.app.get(&me.caller, &table.name, id, Some(Vec::new())).await {
        Ok(_) => page,
        Err(_) => format!("/{set_name}"),
    }
}
