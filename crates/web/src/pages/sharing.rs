//! With whom a record is shared, and its access teams. Everything is plain forms and links, so
//! that it works without a script, too.

use std::{collections::BTreeSet, sync::Arc};

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use crm::{
    Origin, Row, Work,
    access::{self, Privilege, SHAREABLE},
};
use language::tr;
use maud::Render;
use model::{Column, Model, Reference, Table};
use uuid::Uuid;

use super::lookup::{find, fitting};
use crate::{
    address::Address,
    app::Site,
    components::{LookupValue, Page, PageLayout},
    failure::{Failure, sentence},
    flash::Flash,
    posted::{Posted, Typed},
    respond::html,
    session::Me,
    view::{
        input,
        order::by_label,
        sharing::{MEMBER, Sharing, Shown, WHAT, WHOM, key},
        tables,
    },
};

/// Users, and teams, to choose from where no script finds more.
const OFFERED: u32 = 50;

/// A record that the person may share.
struct Place {
    model: Arc<Model>,
    table: Arc<Table>,
    id: Uuid,
    row: Row,
    rights: BTreeSet<Privilege>,
}

impl Place {
    async fn of(site: &Site, me: &Me, set_name: &str, id: Uuid) -> Result<Self, Failure> {
        let model = site.model();
        let table = tables::named(&model, &me.caller, set_name)?;
        if !access::is_shareable(&model, &table) {
            return Err(Failure::NoPage);
        }
        let row = site.app.get(&me.caller, &table.name, id, None).await?;
        let rights = site.app.rights_on(&me.caller, &table, &row).await?;
        if !rights.contains(&Privilege::Share) {
            return Err(access::refusal(&me.caller, Privilege::Share, &table).into());
        }
        Ok(Self { model, table, id, row, rights })
    }

    fn record(&self) -> Reference {
        Reference::new(self.table.name.as_str(), self.id)
    }

    fn href(&self) -> String {
        tables::row_href(&self.table, self.id)
    }

    /// The column that says with whom a record is shared.
    fn whom(&self) -> Result<(&Table, &Column), Failure> {
        let shares = self.model.table("principalobjectaccess").ok_or(Failure::NoPage)?;
        Ok((shares, shares.column(WHOM).ok_or(Failure::NoPage)?))
    }
}

/// The page. `principalid` names whose share is to be changed, `find` what users and teams to
/// choose from are called.
pub(crate) async fn show(
    State(site): State<Site>,
    me: Me,
    Address((set_name, id)): Address<(String, Uuid)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let place = Place::of(&site, &me, &set_name, id).await?;
    let typed = Typed::parse(&query.unwrap_or_default());
    let changing = input::reference(typed.text(WHOM), place.whom()?.1.targets()).ok();
    page(&site, &me, &place, Shown { typed, changing, ..Shown::default() }).await
}

/// Shares the record, or changes for what it is shared.
pub(crate) async fn save(
    State(site): State<Site>,
    Address((set_name, id)): Address<(String, Uuid)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let place = Place::of(&site, &me, &set_name, id).await?;
    let whom = match typed.text(WHOM) {
        "" => Err(tr!("choose the user or team to share it with")),
        text => input::reference(text, place.whom()?.1.targets()),
    };
    let what: BTreeSet<Privilege> =
        SHAREABLE.into_iter().filter(|privilege| typed.all(WHAT).any(|typed| typed == key(*privilege))).collect();
    let mut errors = Vec::new();
    if what.is_empty() {
        errors.push((WHAT, tr!("Choose at least one; to take all of them away, stop sharing.")));
    }
    let changing = (typed.get("change") == Some("true")).then(|| whom.clone().ok()).flatten();
    match whom {
        Err(message) => errors.insert(0, (WHOM, sentence(&message))),
        Ok(whom) if errors.is_empty() => {
            let (record, principal) = (place.record(), whom.clone());
            let done = act(&site, &me, move |work| work.share(&record, &principal, &what)).await;
            match done {
                Ok(act) => {
                    let name = name_of(&site, &me, &whom).await?;
                    let text = tr!("Shared with {}.", name);
                    return Ok(me.go(&format!("{}/shares", place.href()), Some(Flash::done(text).undo(act))));
                }
                Err(error) => errors.push(("", refused(error)?)),
            }
        }
        Ok(_) => {}
    }
    page(&site, &me, &place, Shown { typed, changing, errors, ..Shown::default() }).await
}

/// Stops sharing the record with somebody.
pub(crate) async fn end(
    State(site): State<Site>,
    Address((set_name, id, kind, principal)): Address<(String, Uuid, String, Uuid)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let me = posted.me;
    let place = Place::of(&site, &me, &set_name, id).await?;
    let (record, whom) = (place.record(), Reference::new(kind, principal));
    let told = whom.clone();
    let done = act(&site, &me, move |work| work.share(&record, &whom, &BTreeSet::new())).await;
    let flash = match done {
        Ok(act) => {
            let name = name_of(&site, &me, &told).await?;
            Flash::done(tr!("No longer shared with {}.", name)).undo(act)
        }
        Err(error) => Flash::failed(refused(error)?),
    };
    Ok(me.go(&format!("{}/shares", place.href()), Some(flash)))
}

/// Adds somebody to an access team of the record.
pub(crate) async fn add_member(
    State(site): State<Site>,
    Address((set_name, id, template)): Address<(String, Uuid, Uuid)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let place = Place::of(&site, &me, &set_name, id).await?;
    let Ok(member) = input::reference(typed.text(MEMBER), &["systemuser".to_owned()]) else {
        let errors = vec![(MEMBER, tr!("Choose the user to add to the team."))];
        return page(&site, &me, &place, Shown { typed, template: Some(template), errors, ..Shown::default() }).await;
    };
    let record = place.record();
    let done = act(&site, &me, move |work| work.add_to_record_team(&record, template, member.id).map(drop)).await;
    let name = name_of(&site, &me, &member).await?;
    let flash = match done {
        Ok(act) => Flash::done(tr!("{} added to the access team.", name)).undo(act),
        Err(error) => Flash::failed(refused(error)?),
    };
    Ok(me.go(&format!("{}/shares#access-teams", place.href()), Some(flash)))
}

/// Takes somebody out of an access team of the record.
pub(crate) async fn remove_member(
    State(site): State<Site>,
    Address((set_name, id, template, user)): Address<(String, Uuid, Uuid, Uuid)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let me = posted.me;
    let place = Place::of(&site, &me, &set_name, id).await?;
    let record = place.record();
    let done = act(&site, &me, move |work| work.remove_from_record_team(&record, template, user).map(drop)).await;
    let name = name_of(&site, &me, &Reference::new("systemuser", user)).await?;
    let flash = match done {
        Ok(act) => Flash::done(tr!("{} removed from the access team.", name)).undo(act),
        Err(error) => Flash::failed(refused(error)?),
    };
    Ok(me.go(&format!("{}/shares#access-teams", place.href()), Some(flash)))
}

/// Does something in one act, by whose number it is undone.
async fn act(
    site: &Site,
    me: &Me,
    what: impl FnOnce(&mut Work<'_, '_>) -> crm::Result<()> + Send + 'static,
) -> crm::Result<Uuid> {
    let done = site.app.work(&me.caller, Origin::Page, move |work| {
        what(work)?;
        Ok(work.act())
    });
    done.await
}

/// What the person is told of a refusal; anything else is a failure of its own.
fn refused(error: crm::Error) -> Result<String, Failure> {
    match error {
        crm::Error::Refused(_) | crm::Error::Forbidden(_) | crm::Error::Invalid(_) => Ok(Failure::from(error).text()),
        other => Err(other.into()),
    }
}

async fn name_of(site: &Site, me: &Me, whom: &Reference) -> Result<String, Failure> {
    let names = site.app.names(&me.caller, vec![whom.clone()]).await?;
    Ok(names.get(whom).map_or_else(|| tr!("somebody"), str::to_owned))
}

async fn page(site: &Site, me: &Me, place: &Place, shown: Shown) -> Result<Response, Failure> {
    let record = place.record();
    let (shares, names) = site.app.shares(&me.caller, &record).await?;
    let (teams, members) = site.app.record_teams(&me.caller, &record).await?;
    let offered = offered(site, me, place, shown.typed.text("find")).await?;
    let sharing = Sharing {
        me,
        model: &place.model,
        table: &place.table,
        href: place.href(),
        name: place.row.text(&place.table.primary_name),
        rights: &place.rights,
        shares: &shares,
        names: &names,
        teams: &teams,
        members: &members,
        offered: &offered,
        shown: &shown,
    };
    let content = sharing.content().ok_or(Failure::NoPage)?;
    let title = tr!("Sharing of {}", sharing.name);
    if shown.errors.is_empty() {
        return Ok(me.page(&place.model, &title, PageLayout::Scrolling, &place.table.set_name, content));
    }
    let shell = me.shell(&place.model, &place.table.set_name);
    let page = Page { title, shell, layout: PageLayout::Scrolling, content };
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, page.render()))
}

/// Users and teams to choose from without a script.
async fn offered(site: &Site, me: &Me, place: &Place, words: &str) -> Result<Vec<LookupValue>, Failure> {
    let (_, column) = place.whom()?;
    let targets: Vec<&Arc<Table>> = column.targets().iter().filter_map(|name| place.model.table(name)).collect();
    let queries = targets
        .iter()
        .map(|target| {
            let query = site.app.new_query(&me.caller, &target.name).matching(fitting(column, target));
            find(query, target, words.trim(), OFFERED)
        })
        .collect();
    let found = site.app.queries(&me.caller, queries).await?;
    let mut offered: Vec<LookupValue> = Vec::new();
    for (target, rows) in targets.iter().zip(&found) {
        let value = |row: Row| {
            let id = row.value(&target.primary_key).as_id()?.to_string();
            let label = row.text(&target.primary_name).to_owned();
            Some(LookupValue { table: target.name.clone(), id, label, href: None })
        };
        offered.extend(rows.to_rows().filter_map(value));
    }
    offered.sort_by_key(|value| by_label(&value.label));
    Ok(offered)
}
