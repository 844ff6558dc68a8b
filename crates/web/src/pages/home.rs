//! Home: "My day", and where a person begins.

use axum::{
    extract::State,
    response::{Redirect, Response},
};
use crm::Rows;
use jiff::Timestamp;
use language::tr;
use maud::Render;
use model::Model;

use crate::{
    app::Site,
    components::{Day, PageLayout},
    failure::Failure,
    session::Me,
    view::{
        day::{self, Source},
        days, follows, tables,
    },
};

/// The page that the person has chosen to begin with.
pub(crate) async fn start(State(site): State<Site>, me: Me) -> Redirect {
    let model = site.model();
    let chosen = me.caller.arrangement().start_page.as_deref();
    // A table may have gone, or be closed to the person by now.
    let chosen = chosen.and_then(|set_name| tables::named(&model, &me.caller, set_name).ok());
    Redirect::to(&chosen.map_or_else(|| day::ADDRESS.to_owned(), |table| format!("/{}", table.set_name)))
}

/// "My day".
pub(crate) async fn show(State(site): State<Site>, me: Me) -> Result<Response, Failure> {
    let model = site.model();
    let (sources, found) = read(&site, &me, &model).await?;
    let followed = site.app.followed_changes(&me.caller, day::SHOWN).await?;
    let mentioned = day::references(&found).into_iter().chain(follows::references(&followed)).collect();
    let names = site.app.names(&me.caller, mentioned).await?;
    let mut blocks = day::blocks(&me, &model, &names, &sources, &found);
    blocks.push(follows::block(&me, &model, &names, &followed));
    let page = Day { greeting: greeting(&me), blocks, csrf: me.csrf.clone() };
    Ok(me.page(&model, &tr!("My day"), PageLayout::Scrolling, "home", page.render()))
}

/// All blocks on one snapshot. Where a secured column makes one of them impossible for this person,
/// that one is left out.
async fn read<'m>(site: &Site, me: &Me, model: &'m Model) -> Result<(Vec<Source<'m>>, Vec<Rows>), Failure> {
    let sources = day::sources(me, model);
    let query = |source: &Source<'_>| source.query(me, model, site.app.new_query(&me.caller, source.table()));
    match site.app.queries(&me.caller, sources.iter().map(query).collect()).await {
        Ok(found) => Ok((sources, found)),
        Err(crm::Error::Forbidden(_)) => {
            let (mut readable, mut found) = (Vec::new(), Vec::new());
            for source in sources {
                match site.app.query(&me.caller, query(&source)).await {
                    Ok(rows) => {
                        readable.push(source);
                        found.push(rows);
                    }
                    Err(crm::Error::Forbidden(_)) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            Ok((readable, found))
        }
        Err(error) => Err(error.into()),
    }
}

fn greeting(me: &Me) -> String {
    let now = Timestamp::now().to_zoned_datetime(me.caller.time_zone.clone());
    let (name, weekday, date) = (&me.caller.name, days::weekday(now.date()), me.style.date(now.date()));
    match now.hour() {
        0..12 => tr!("Good morning, {}. {}, {}", name, weekday, date),
        12..18 => tr!("Good afternoon, {}. {}, {}", name, weekday, date),
        _ => tr!("Good evening, {}. {}, {}", name, weekday, date),
    }
}
