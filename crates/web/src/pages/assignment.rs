//! Giving records to another person or team.

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use crm::Row;
use language::tr;
use maud::Render;
use model::{Reference, Table};
use uuid::Uuid;

use super::bulk::{self, Chosen};
use crate::{
    address::Address,
    app::Site,
    components::{Control, Dialog, DialogSize, Field},
    failure::Failure,
    posted::{Posted, Typed},
    respond::{fragment, html},
    session::Me,
    view::{bulk::capital, commands, fields, input, tables},
};

/// Element id of the dialog, and prefix of those within.
const ID: &str = "assignment";

/// The dialog for one record.
pub(crate) async fn ask_one(
    State(site): State<Site>,
    me: Me,
    Address((set_name, id)): Address<(String, Uuid)>,
) -> Result<Response, Failure> {
    let table = assignable(&site, &me, &set_name)?;
    Ok(fragment(one(&site, &me, &table, id, None).await?))
}

async fn one(site: &Site, me: &Me, table: &Table, id: Uuid, error: Option<String>) -> Result<Dialog, Failure> {
    let row = site.app.get(&me.caller, &table.name, id, None).await?;
    let title = tr!("Assign “{}”", row.text(&table.primary_name));
    let action = format!("{}/assignment", tables::row_href(table, id));
    Ok(dialog(site, me, table, title, action, Vec::new(), error))
}

/// The dialog for several.
pub(crate) async fn ask(
    State(site): State<Site>,
    me: Me,
    Address(set_name): Address<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let table = assignable(&site, &me, &set_name)?;
    let chosen = Chosen::of(&Typed::parse(&query.unwrap_or_default()))?;
    Ok(fragment(many(&site, &me, &table, &chosen, None)))
}

fn many(site: &Site, me: &Me, table: &Table, chosen: &Chosen, error: Option<String>) -> Dialog {
    let title = capital(&tr!("Assign {}", chosen.words(me, table)));
    dialog(site, me, table, title, format!("/{}/assignments", table.set_name), chosen.hidden(), error)
}

/// Gives one record away.
pub(crate) async fn create_one(
    State(site): State<Site>,
    Address((set_name, id)): Address<(String, Uuid)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let table = assignable(&site, &me, &set_name)?;
    match owner(&table, &typed) {
        Ok(owner) => assign(&site, &me, &table, &Chosen::Rows(vec![id]), owner).await,
        Err(message) => {
            let dialog = one(&site, &me, &table, id, Some(message)).await?;
            Ok(html(StatusCode::UNPROCESSABLE_ENTITY, dialog.render()))
        }
    }
}

/// Gives several away, each in its own part.
pub(crate) async fn create(
    State(site): State<Site>,
    Address(set_name): Address<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let table = assignable(&site, &me, &set_name)?;
    let chosen = Chosen::of(&typed)?;
    match owner(&table, &typed) {
        Ok(owner) => assign(&site, &me, &table, &chosen, owner).await,
        Err(message) => {
            Ok(html(StatusCode::UNPROCESSABLE_ENTITY, many(&site, &me, &table, &chosen, Some(message)).render()))
        }
    }
}

fn assignable(site: &Site, me: &Me, set_name: &str) -> Result<std::sync::Arc<Table>, Failure> {
    let table = tables::named(&site.model(), &me.caller, set_name)?;
    if commands::is_assignable(&table) { Ok(table) } else { Err(Failure::NoPage) }
}

/// Who was chosen.
pub(super) fn owner(table: &Table, typed: &Typed) -> Result<Reference, String> {
    let targets = table.column("ownerid").map(|column| column.targets().to_vec()).unwrap_or_default();
    let text = typed.text("ownerid");
    if text.is_empty() {
        return Err(tr!("choose the user or team that shall own it"));
    }
    input::reference(text, &targets)
}

async fn assign(site: &Site, me: &Me, table: &Table, chosen: &Chosen, owner: Reference) -> Result<Response, Failure> {
    let names = site.app.names(&me.caller, vec![owner.clone()]).await?;
    let verb = tr!("assigned to {}", names.get(&owner).unwrap_or(&tr!("the new owner")));
    bulk::run(site, me, table, chosen, &verb, move |work, table, id| {
        work.update(table, id, Row::new().with("ownerid", owner.clone()), None).map(|_| ())
    })
    .await
}

/// The dialog that asks for the new owner and posts to `action`.
pub(super) fn dialog(
    site: &Site,
    me: &Me,
    table: &Table,
    title: String,
    action: String,
    hidden: Vec<(String, String)>,
    error: Option<String>,
) -> Dialog {
    let model = site.model();
    let fields = table.column("ownerid").map(|column| {
        let control = Control::Lookup(fields::lookup(me, &model, table, column));
        let field = Field::new("ownerid", tr!("Assign to"), control).required().help(tr!("A user or a team."));
        Field { autofocus: true, error: error.map(|message| crate::failure::sentence(&message)), ..field }
    });
    Dialog {
        id: ID.to_owned(),
        title,
        icon: "user-share".to_owned(),
        size: DialogSize::Medium,
        action: Some(action),
        csrf: me.csrf.clone(),
        hidden,
        fields: fields.into_iter().collect(),
        submit: tr!("Assign"),
        ..Dialog::default()
    }
}
