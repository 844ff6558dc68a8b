//! The timeline of a record: seen, searched, filtered, gone through.

pub(crate) mod calendar;
pub(crate) mod compose;
pub(crate) mod edit;
pub(crate) mod items;
pub(crate) mod posts;

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use crm::{
    Row,
    access::Privilege,
    timeline::{Asked, Due, Place},
};
use jiff::Timestamp;
use language::tr;
use maud::{Markup, Render, html};
use model::{Model, Reference, Table};
use uuid::Uuid;

use crate::{
    address::Address,
    app::Site,
    components::{Timeline, timeline::TimelineFilter},
    failure::Failure,
    flash::Flash,
    posted::{Posted, Typed},
    respond::{fragment, html as answer, set_cookie, set_header},
    session::Me,
    view::{
        tables,
        timeline::{View, asked, groups, kept},
    },
};

/// Name of the cookie that keeps what timelines show.
const COOKIE: &str = "timeline";
/// How long it is kept, in seconds.
const KEPT: i64 = 60 * 60 * 24 * 365;

/// A record whose timeline is meant, with what the person may do with it.
pub(crate) struct Opened {
    pub me: Me,
    pub model: Arc<Model>,
    pub table: Arc<Table>,
    pub id: Uuid,
    pub row: Row,
    pub asked: Asked,
    pub may_add: bool,
}

impl Opened {
    /// The record at an address, as the person may see it.
    pub async fn at(site: &Site, me: Me, set_name: &str, id: Uuid, typed: &Typed) -> Result<Self, Failure> {
        let model = site.model();
        let table = tables::named(&model, &me.caller, set_name)?;
        let row = site.app.get(&me.caller, &table.name, id, None).await?;
        let rights = site.app.rights_on(&me.caller, &table, &row).await?;
        let asked = asked(typed, &me.browser.timeline);
        Ok(Self { me, model, table, id, row, asked, may_add: rights.contains(&Privilege::AppendTo) })
    }

    pub fn view(&self) -> View<'_> {
        View {
            me: &self.me,
            model: &self.model,
            table: &self.table,
            id: self.id,
            asked: &self.asked,
            may_add: self.may_add,
        }
    }

    pub fn record(&self) -> Reference {
        Reference::new(self.table.name.as_str(), self.id)
    }
}

/// The timeline of a record's page.
pub(crate) async fn of_record(
    site: &Site,
    me: &Me,
    table: &Arc<Table>,
    id: Uuid,
    rights: &BTreeSet<Privilege>,
) -> Result<Timeline, Failure> {
    let asked = asked(&Typed::default(), &me.browser.timeline);
    let record = Reference::new(table.name.as_str(), id);
    let opening = site.app.timelines().open(&me.caller, record, asked.clone()).await?;
    let model = site.model();
    let may_add = rights.contains(&Privilege::AppendTo);
    Ok(View { me, model: &model, table, id, asked: &asked, may_add }.timeline(&opening))
}

/// What stands on it: from the beginning, or behind a place.
pub(crate) async fn show(
    State(site): State<Site>,
    me: Me,
    Address((set_name, id)): Address<(String, Uuid)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let typed = Typed::parse(&query.unwrap_or_default());
    let opened = Opened::at(&site, me, &set_name, id, &typed).await?;
    let (view, caller, timelines) = (opened.view(), &opened.me.caller, site.app.timelines());
    let asked = opened.asked.clone();
    let skip = typed.text("skip").parse().unwrap_or(0).min(1000);
    if typed.has("before") {
        let place = Place { moment: moment(typed.text("before"))?, skip };
        let page = timelines.behind(caller, opened.record(), asked, place).await?;
        return Ok(fragment(view.further(&page, typed.text("day").parse().ok()).further()));
    }
    if typed.has("due") {
        let due = Some(typed.text("due")).filter(|due| !due.is_empty()).map(moment).transpose()?;
        let to_do = timelines.further_to_do(caller, opened.record(), asked, Due { due, skip }).await?;
        return Ok(fragment(view.to_do(&to_do).further()));
    }
    let opening = timelines.open(caller, opened.record(), asked).await?;
    let mut response = fragment(view.list(&opening));
    let kept = kept(&opened.asked);
    if kept != opened.me.browser.timeline {
        set_cookie(&mut response, &opened.me.browser.cookie(COOKIE, &kept, KEPT));
    }
    Ok(response)
}

fn moment(text: &str) -> Result<Timestamp, Failure> {
    text.parse().map_err(|_| Failure::Bad(tr!("“{}” is not a moment", text)))
}

/// What it can be narrowed to, counted.
pub(crate) async fn filter(
    State(site): State<Site>,
    me: Me,
    Address((set_name, id)): Address<(String, Uuid)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let opened = Opened::at(&site, me, &set_name, id, &Typed::parse(&query.unwrap_or_default())).await?;
    let related = opened.asked.related;
    let counts = site.app.timelines().counts(&opened.me.caller, opened.record(), related).await?;
    Ok(fragment(TimelineFilter::groups(&groups(&opened.view(), &counts))))
}

/// Somebody looks at it.
pub(crate) async fn visit(
    State(site): State<Site>,
    Address((set_name, id)): Address<(String, Uuid)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let table = tables::named(&site.model(), &posted.me.caller, &set_name)?;
    let record = Reference::new(table.name.as_str(), id);
    site.app.timelines().visit(&posted.me.caller, record.clone()).await?;
    // What the bell tells of it is before their eyes.
    site.app.notifications().seen(&posted.me.caller, &record).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What was done: `content` goes where it was asked for, and a message appears.
fn told(me: &Me, content: &Markup, flash: &Flash) -> Response {
    answer(
        StatusCode::OK,
        html! {
            (content)
            div hx-swap-oob="beforeend:#toasts" { (flash.toast(&me.csrf)) }
        },
    )
}

/// What was done, after which the timeline is loaded again. `swap` says what becomes of the element
/// that asked.
fn changed(me: &Me, flash: &Flash, swap: &str) -> Response {
    let mut response = told(me, &html! {}, flash);
    set_header(&mut response, "hx-reswap", swap);
    set_header(&mut response, "hx-trigger", "timeline-changed, dialog-done");
    response
}

/// What could not be done, as a message; nothing on the page changes.
fn refused(me: &Me, error: crm::Error) -> Result<Response, Failure> {
    let words = match &error {
        crm::Error::Refused(message) | crm::Error::Forbidden(message) => crate::failure::sentence(message),
        crm::Error::Invalid(_) | crm::Error::NotFound { .. } => Failure::from(error).text(),
        _ => return Err(error.into()),
    };
    let mut response = told(me, &html! {}, &Flash::failed(words));
    set_header(&mut response, "hx-reswap", "none");
    Ok(response)
}

/// A form shown again with what is wrong with it.
fn again(form: &impl Render) -> Response {
    answer(StatusCode::UNPROCESSABLE_ENTITY, form.render())
}
