//! The chart beside a list: asked for once the page stands, and again where rows change.

use std::time::Duration;

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use language::tr;
use maud::Render;
use model::{Model, Table};

use super::list::with_view;
use crate::{
    address::Address,
    app::Site,
    components::ChartBars,
    failure::{Failure, sentence},
    posted::Typed,
    respond::fragment,
    session::Me,
    view::{chart::Plot, list::List, tables},
};

/// A chart that takes longer than this is given up: nobody looks at an empty pane for that long.
const PATIENCE: Duration = Duration::from_secs(15);

/// The bars.
pub(crate) async fn show(
    State(site): State<Site>,
    me: Me,
    Address(set_name): Address<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let model = site.model();
    let table = tables::named(&model, &me.caller, &set_name)?;
    let list = with_view(&site, &me, &table, &Typed::parse(&query.unwrap_or_default())).await?.beginning();
    let bars = tokio::time::timeout(PATIENCE, bars(&site, &me, &model, &table, &list)).await;
    let bars = match bars {
        Ok(Err(refusal)) => ChartBars::said(reason(refusal)?),
        Ok(Ok(bars)) => bars,
        Err(_) => ChartBars::said(tr!(
            "These rows are too many to be charted in time. Filter the list, or chart it by another column."
        )),
    };
    Ok(fragment(bars.render()))
}

async fn bars(site: &Site, me: &Me, model: &Model, table: &Table, list: &List) -> Result<ChartBars, Failure> {
    let chart = list.charted().ok_or(Failure::NoPage)?;
    let plot = Plot::new(me, model, table, list, chart).map_err(Failure::Bad)?;
    let filter = list.filter(me, model, table).map_err(Failure::Bad)?;
    let asked = plot.ask(site.app.new_query(&me.caller, &table.name), filter);
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
        other => Err(other),
    }
}
