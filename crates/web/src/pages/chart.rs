//! The chart beside a list: asked for once the page stands, and again where rows change.

use axum::response::Response;
use maud::Render;
use model::{Model, Table};

use super::listed::Listed;
use crate::{
    app::Site,
    components::ChartBars,
    failure::{Failure, sentence},
    respond::fragment,
    session::Me,
    view::{chart::Plot, list::List},
};

/// The bars.
pub(crate) async fn show(Listed { site, me, model, table, list, .. }: Listed) -> Result<Response, Failure> {
    let list = list.beginning();
    let bars = match bars(&site, &me, &model, &table, &list).await {
        Err(refusal) => ChartBars::said(reason(refusal)?),
        Ok(bars) => bars,
    };
    Ok(fragment(bars.render()))
}

async fn bars(site: &Site, me: &Me, model: &Model, table: &Table, list: &List) -> Result<ChartBars, Failure> {
    let chart = list.charted().ok_or(Failure::NoPage)?;
    let plot = Plot::new(me, model, table, list, chart).map_err(Failure::Bad)?;
    let filter = list.filter(me, model, table).map_err(Failure::Bad)?;
    let asked = plot.ask(site.app.new_summing_up(&me.caller, &table.name), filter);
    let (found, names) = site.app.query_with_names(&me.caller, asked).await?;
    Ok(plot.bars(&found, &names))
}

/// What is refused is told in the pane; anything else is a failure.
fn reason(failure: Failure) -> Result<String, Failure> {
    match failure {
        Failure::Bad(reason)
        | Failure::Domain(crm::Error::Forbidden(reason) | crm::Error::BadQuery(reason) | crm::Error::Refused(reason)) => {
            Ok(sentence(&reason))
        }
        given_up @ Failure::Domain(crm::Error::TookTooLong) => Ok(given_up.text()),
        other => Err(other),
    }
}
