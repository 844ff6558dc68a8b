//! What administrators do with webhooks and their deliveries beside changing them.

use axum::{extract::State, response::Response};
use crm::{
    Origin,
    webhooks::{DELIVERIES, TABLE},
};
use language::tr;
use maud::{Render, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use uuid::Uuid;

use crate::{
    address::Address,
    app::Site,
    components::{Action, Command, PageLayout},
    failure::{Failure, sentence},
    flash::Flash,
    posted::Posted,
    respond::set_header,
    session::Me,
    view::tables::href_of,
};

/// Sends a test.
pub(crate) async fn test(
    State(site): State<Site>,
    Address(webhook): Address<Uuid>,
    posted: Posted,
) -> Result<Response, Failure> {
    let sent = site.app.webhooks().send_test(&posted.me.caller, Origin::Page, webhook).await;
    let done = tr!("The test is on its way; look below for what becomes of it.");
    told(&posted.me, &href_of(&site.model(), TABLE, webhook), sent.map(drop), done)
}

/// Sends a delivery again.
pub(crate) async fn send_again(
    State(site): State<Site>,
    Address(delivery): Address<Uuid>,
    posted: Posted,
) -> Result<Response, Failure> {
    let sent = site.app.webhooks().send_again(&posted.me.caller, Origin::Page, delivery).await;
    told(&posted.me, &href_of(&site.model(), DELIVERIES, delivery), sent, tr!("It is being sent again."))
}

fn told(me: &Me, href: &str, outcome: crm::Result<()>, done: String) -> Result<Response, Failure> {
    match outcome {
        Ok(()) => Ok(me.go(href, Some(Flash::done(done)))),
        Err(crm::Error::Refused(message)) => Ok(me.go(href, Some(Flash::failed(sentence(&message))))),
        Err(error) => Err(error.into()),
    }
}

/// Makes a new secret, shown this once to somebody who has proved of late who they are.
pub(crate) async fn renew_secret(
    State(site): State<Site>,
    Address(webhook): Address<Uuid>,
    posted: Posted,
) -> Result<Response, Failure> {
    let (me, model) = (posted.me, site.model());
    let href = href_of(&model, TABLE, webhook);
    if !me.session.is_fresh() {
        let next = utf8_percent_encode(&href, NON_ALPHANUMERIC);
        return Ok(me.go(&format!("/sign-in/confirmation?next={next}"), None));
    }
    let secret = match site.app.webhooks().renew_secret(&me.caller, Origin::Page, webhook).await {
        Ok(secret) => secret,
        Err(crm::Error::Refused(message)) => return Ok(me.go(&href, Some(Flash::failed(sentence(&message))))),
        Err(error) => return Err(error.into()),
    };
    let row = site.app.get(&me.caller, TABLE, webhook, None).await?;
    let title = tr!("Secret of {}", row.text("name"));
    let content = html! {
        div.page-plain {
            header { h1 { (title) } }
            section.page-card {
                p { (tr!("Give it to the receiver now; it cannot be shown again. The former one counts for one more day.")) }
                p { code.text-break { (secret) } }
                div.page-commands { (Command::new(tr!("Back to the webhook"), "", Action::Link(href)).render()) }
            }
        }
    };
    let mut response = me.page(&model, &title, PageLayout::Scrolling, "webhooks", content);
    set_header(&mut response, "cache-control", "no-store");
    Ok(response)
}
