//! Keeping a record or a view at hand.

use axum::{extract::State, response::Response};
use crm::{Origin, workspace::Pin};
use maud::html;

use crate::{
    app::Site,
    components::{PinToggle, frame::pinned_places},
    failure::{Failure, sentence},
    flash::Flash,
    posted::Posted,
    respond::fragment,
    session::Me,
    view::pins,
};

/// Pins `item`, or unpins it where `keep` is false. A script gets the button and the side bar's
/// list anew; a plain form leads back to the page.
pub(crate) async fn create(State(site): State<Site>, posted: Posted) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let pin: Pin = typed.text("item").parse()?;
    let keep = typed.text("keep") == "true";
    let done = if keep {
        site.app.pin(&me.caller, Origin::Page, pin.clone()).await
    } else {
        site.app.unpin(&me.caller, Origin::Page, pin.clone()).await
    };
    let back = me.browser.page.clone().unwrap_or_else(|| "/".to_owned());
    match done {
        Ok(()) if me.browser.htmx => {
            let what = if typed.text("what") == "view" { "view" } else { "record" };
            answer(&site, &me, &PinToggle { value: pin.to_string(), what: what.to_owned(), pinned: keep }).await
        }
        Ok(()) => Ok(me.go(&back, None)),
        Err(crm::Error::Refused(reason)) => Ok(me.go(&back, Some(Flash::failed(sentence(&reason))))),
        Err(error) => Err(error.into()),
    }
}

async fn answer(site: &Site, me: &Me, toggle: &PinToggle) -> Result<Response, Failure> {
    let pinned = site.app.pinned(&me.caller).await?;
    let me = Me { at: me.browser.page.clone().unwrap_or_default(), ..me.clone() };
    let places = pins::places(&me, &site.model(), &pinned);
    Ok(fragment(html! { (toggle.markup(&me.csrf)) (pinned_places(&places, true)) }))
}
