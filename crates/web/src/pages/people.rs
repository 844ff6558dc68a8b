//! The people around a record: stakeholders and the sales team, with their parts.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use crm::{Cursor, Origin, Row, Work, access::Privilege, connections};
use language::tr;
use maud::{Render, html};
use model::{Filter, Model, People, Reference, Table};
use uuid::Uuid;

use crate::{
    address::Address,
    app::Site,
    components::{Action, Command, Dialog, DialogSize},
    failure::{Failure, sentence},
    flash::Flash,
    posted::{Posted, Typed},
    respond::{fragment, html, set_header},
    session::Me,
    view::{
        input,
        people::{self, Around, Side},
        record, tables,
    },
};

/// Says to the page that the lists have changed; they read themselves anew.
const CHANGED: &str = "related-changed";
/// How people are reached, the best first.
const REACH: [&str; 4] = ["jobtitle", "emailaddress1", "internalemailaddress", "telephone1"];

/// One list of people of one record.
struct Place {
    model: Arc<Model>,
    table: Arc<Table>,
    id: Uuid,
    side: Side,
    may_change: bool,
}

impl Place {
    async fn of(site: &Site, me: &Me, set_name: &str, id: Uuid, side: &str) -> Result<Self, Failure> {
        let side: Side = side.parse()?;
        let model = site.model();
        let table = tables::named(&model, &me.caller, set_name)?;
        let form = record::main_form(&table);
        let is_shown = form.tabs.iter().flat_map(|tab| &tab.sections).any(|section| section.people == Some(side.0));
        if !is_shown {
            return Err(Failure::NoPage);
        }
        let row = site.app.get(&me.caller, &table.name, id, None).await?;
        let rights = site.app.rights_on(&me.caller, &table, &row).await?;
        let needed = match side.0 {
            People::Stakeholders => Privilege::AppendTo,
            People::SalesTeam => Privilege::Share,
        };
        let connection = model.table("connection").ok_or(Failure::NoPage)?;
        let may_change = rights.contains(&needed) && me.caller.may_anywhere(&model, connection, Privilege::Create);
        Ok(Self { model, table, id, side, may_change })
    }

    fn record(&self) -> Reference {
        Reference::new(self.table.name.as_str(), self.id)
    }

    fn around<'a>(&'a self, me: &'a Me, parts: &'a [(Uuid, String)]) -> Around<'a> {
        let href = people::href(&self.table, self.id, self.side);
        Around { me, model: &self.model, side: self.side, href, parts, may_change: self.may_change }
    }
}

/// The list. `behind` says where it goes on.
pub(crate) async fn show(
    State(site): State<Site>,
    me: Me,
    Address((set_name, id, side)): Address<(String, Uuid, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let place = Place::of(&site, &me, &set_name, id, &side).await?;
    let asked = Typed::parse(&query.unwrap_or_default());
    let behind = asked.get("behind").map(|token| Cursor { token: token.to_owned(), backwards: false });
    let (rows, next, names) = site.app.people_around(&me.caller, place.side.0, &place.record(), behind).await?;
    let parts = site.app.parts_of(&me.caller, place.side.0).await?;
    let contacts = reach(&site, &me, &place, &rows).await?;
    let around = place.around(&me, &parts);
    let more = next.map(|next| format!("{}?behind={}", around.href, next.token));
    Ok(fragment(html! {
        @if rows.is_empty() && more.is_none() { p.loading { (place.side.empty()) } }
        @else { (around.table(&rows, &names, &contacts)) }
        @if let Some(more) = more { button.btn type="button" hx-get=(more) hx-target="closest div" hx-swap="innerHTML" { (tr!("Show more")) } }
        @if place.may_change {
            div.timeline-compose {
                (Command::new(place.side.add(), "user-plus", Action::Dialog(format!("{}/new", around.href))))
            }
        }
    }))
}

/// How the people are reached, a query a table.
async fn reach(site: &Site, me: &Me, place: &Place, rows: &[Row]) -> Result<Vec<(Reference, String)>, Failure> {
    let mut by_table: BTreeMap<&str, Vec<Uuid>> = BTreeMap::new();
    for who in rows.iter().filter_map(|row| row.value("record2id").as_reference()) {
        by_table.entry(&who.table).or_default().push(who.id);
    }
    let known: Vec<(Arc<Table>, Vec<Uuid>)> =
        by_table.into_iter().filter_map(|(name, ids)| Some((place.model.table(name)?.clone(), ids))).collect();
    let query = |(table, ids): &(Arc<Table>, Vec<Uuid>)| {
        let columns = REACH
            .into_iter()
            .filter(|name| table.column(name).is_some_and(|column| column.is_stored() && me.caller.may_read(column)));
        site.app
            .new_query(&me.caller, &table.name)
            .select([table.primary_key.as_str()])
            .select(columns)
            .matching(Filter::is_in(table.primary_key.as_str(), ids.iter().copied()))
            .take(500)
    };
    let found = site.app.queries(&me.caller, known.iter().map(query).collect()).await?;
    let told = |(table, row): (&Table, Row)| {
        let ways = REACH.into_iter().map(|name| row.text(name)).filter(|text| !text.is_empty());
        let text = ways.take(2).collect::<Vec<_>>().join(" · ");
        Some((Reference::new(table.name.as_str(), row.value(&table.primary_key).as_id()?), text))
    };
    Ok(known
        .iter()
        .zip(&found)
        .flat_map(|((table, _), rows)| rows.to_rows().map(move |row| (&**table, row)))
        .filter_map(told)
        .collect())
}

/// Asks who shall be added, and as what.
pub(crate) async fn ask(
    State(site): State<Site>,
    me: Me,
    Address((set_name, id, side)): Address<(String, Uuid, String)>,
) -> Result<Response, Failure> {
    let place = Place::of(&site, &me, &set_name, id, &side).await?;
    Ok(fragment(dialog(&site, &me, &place, None).await?))
}

async fn dialog(site: &Site, me: &Me, place: &Place, error: Option<&str>) -> Result<Dialog, Failure> {
    let parts = site.app.parts_of(&me.caller, place.side.0).await?;
    let around = place.around(me, &parts);
    Ok(Dialog {
        id: "people".to_owned(),
        title: place.side.add(),
        icon: "user-plus".to_owned(),
        size: DialogSize::Medium,
        fields: around.fields(error).ok_or(Failure::NoPage)?,
        action: Some(around.href),
        csrf: me.csrf.clone(),
        submit: tr!("Add"),
        ..Dialog::default()
    })
}

/// Adds somebody.
pub(crate) async fn add(
    State(site): State<Site>,
    Address((set_name, id, side)): Address<(String, Uuid, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let place = Place::of(&site, &me, &set_name, id, &side).await?;
    let wanted: Vec<String> = connections::tables(place.side.0).iter().map(|name| (*name).to_owned()).collect();
    let who = match typed.text("who") {
        "" => Err(tr!("choose one from the list")),
        text => input::reference(text, &wanted),
    };
    let who = match who {
        Ok(who) => who,
        Err(message) => return refused(&site, &me, &place, &message).await,
    };
    let (record, side, part, added) = (place.record(), place.side.0, part(&typed), who.clone());
    let done = act(&site, &me, move |work| work.add_person(side, &record, &added, part).map(drop)).await;
    match done {
        Ok(((), act)) => {
            let text = place.side.added(&name_of(&site, &me, &who).await?);
            Ok(changed(&me, &Flash::done(text).undo(act), true))
        }
        Err(crm::Error::Refused(message) | crm::Error::Forbidden(message)) => {
            refused(&site, &me, &place, &message).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn refused(site: &Site, me: &Me, place: &Place, message: &str) -> Result<Response, Failure> {
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, dialog(site, me, place, Some(message)).await?.render()))
}

/// Changes what part somebody plays.
pub(crate) async fn give_part(
    State(site): State<Site>,
    Address((set_name, id, side, connection)): Address<(String, Uuid, String, Uuid)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    Place::of(&site, &me, &set_name, id, &side).await?;
    let part = part(&typed);
    let done = act(&site, &me, move |work| work.give_part(connection, part)).await;
    let flash = match done {
        Ok(((), act)) => Flash::done(tr!("Part changed.")).undo(act),
        Err(error) => told(error)?,
    };
    Ok(changed(&me, &flash, false))
}

/// Takes somebody out.
pub(crate) async fn remove(
    State(site): State<Site>,
    Address((set_name, id, side, connection)): Address<(String, Uuid, String, Uuid)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let me = posted.me;
    let place = Place::of(&site, &me, &set_name, id, &side).await?;
    let record = place.record();
    let done = act(&site, &me, move |work| work.remove_person(&record, connection)).await;
    let flash = match done {
        Ok((who, act)) => {
            let name = name_of(&site, &me, &who).await?;
            Flash::done(place.side.removed(&name)).undo(act)
        }
        Err(error) => told(error)?,
    };
    Ok(changed(&me, &flash, false))
}

fn part(typed: &Typed) -> Option<Uuid> {
    typed.text("part").parse().ok()
}

/// Does something in one act, by whose number it is undone.
async fn act<T: Send + 'static>(
    site: &Site,
    me: &Me,
    what: impl FnOnce(&mut Work<'_, '_>) -> crm::Result<T> + Send + 'static,
) -> crm::Result<(T, Uuid)> {
    site.app.work(&me.caller, Origin::Page, move |work| Ok((what(work)?, work.act()))).await
}

/// What the person is told of a refusal; anything else is a failure of its own.
fn told(error: crm::Error) -> Result<Flash, Failure> {
    match error {
        crm::Error::Refused(message) | crm::Error::Forbidden(message) => Ok(Flash::failed(sentence(&message))),
        error => Err(error.into()),
    }
}

async fn name_of(site: &Site, me: &Me, who: &Reference) -> Result<String, Failure> {
    let names = site.app.names(&me.caller, vec![who.clone()]).await?;
    Ok(names.get(who).map_or_else(|| tr!("Somebody"), str::to_owned))
}

/// The lists read themselves anew, the message appears, everything typed on the page stays.
pub(super) fn changed(me: &Me, flash: &Flash, from_dialog: bool) -> Response {
    if !me.browser.htmx {
        let back = me.browser.page.clone().unwrap_or_else(|| "/".to_owned());
        return me.go(&back, Some(flash.clone()));
    }
    let toast = html! { div hx-swap-oob="beforeend:#toasts" { (flash.toast(&me.csrf)) } };
    let mut response = fragment(toast).into_response();
    let events = if from_dialog { format!("{CHANGED}, dialog-done") } else { CHANGED.to_owned() };
    set_header(&mut response, "hx-trigger", &events);
    set_header(&mut response, "hx-reswap", "none");
    response
}
