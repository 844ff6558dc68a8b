//! A value changed in its cell of a list, or several of a row in a short dialog.

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use language::tr;
use maud::{Markup, Render, html};
use model::{Filter, Model, Table};
use uuid::Uuid;

use super::{
    in_place::{Open, Outcome, Place},
    list::{parties_of, with_view},
};
use crate::{
    address::Address,
    app::Site,
    components::{CellEdit, Dialog, DialogSize},
    failure::Failure,
    posted::{Posted, Typed},
    respond::{fragment, html as answer, set_header},
    session::Me,
    view::{
        grid::{self, Sheet},
        list::List,
        record::error_list,
        tables,
    },
};

/// Element id of the dialog, and prefix of those within.
const DIALOG: &str = "row-edit";
/// What the list shows, as the query of its address.
const LIST: &str = "list";

/// The field of one `column`, to stand in its cell.
pub(crate) async fn show(
    State(site): State<Site>,
    me: Me,
    Address((set_name, id)): Address<(String, Uuid)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let model = site.model();
    let table = tables::named(&model, &me.caller, &set_name)?;
    let asked = Typed::parse(&query.unwrap_or_default());
    let column = asked.text("column").to_owned();
    let place = Place::new(&site, &me, &model, (&table, id), vec![column])?;
    let open = place.begin(&scope(id)).await?;
    Ok(fragment(form(&me, &table, id, open, asked.text(LIST))?))
}

/// Keeps it. The answer is the row as it is now, which the script puts in place cell by cell.
pub(crate) async fn save(
    State(site): State<Site>,
    Address((set_name, id)): Address<(String, Uuid)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, mut typed } = posted;
    let model = site.model();
    let table = tables::named(&model, &me.caller, &set_name)?;
    let place = Place::new(&site, &me, &model, (&table, id), vec![typed.text("column").to_owned()])?;
    let flash = match place.keep(&mut typed).await? {
        Outcome::Kept(flash) => flash,
        Outcome::Refused(why) => {
            let open = place.again(&scope(id), &typed, &why).await?;
            return Ok(answer(
                StatusCode::UNPROCESSABLE_ENTITY,
                form(&me, &table, id, open, typed.text(LIST))?.render(),
            ));
        }
    };
    if !me.browser.htmx {
        return Ok(me.go(&format!("/{}?{}", table.set_name, typed.text(LIST)), flash));
    }
    let list = with_view(&site, &me, &table, &Typed::parse(typed.text(LIST))).await?;
    let row = drawn(&site, &me, &model, &table, &list, id).await?;
    let mut response = fragment(html! {
        (row)
        @if let Some(flash) = &flash { div hx-swap-oob="beforeend:#toasts" { (flash.toast(&me.csrf)) } }
    });
    set_header(&mut response, "hx-reswap", "none");
    Ok(response)
}

/// Prefix of the ids of a cell's field.
fn scope(id: Uuid) -> String {
    format!("cell-{id}")
}

fn form(me: &Me, table: &Table, id: Uuid, open: Open, list: &str) -> Result<CellEdit, Failure> {
    let mut hidden = open.hidden;
    hidden.push((LIST.to_owned(), list.to_owned()));
    Ok(CellEdit {
        field: open.fields.into_iter().next().ok_or(Failure::NoPage)?,
        action: format!("{}/cell", tables::row_href(table, id)),
        csrf: me.csrf.clone(),
        hidden,
    })
}

/// The row as the list shows it now, whether the list would still find it or not.
async fn drawn(site: &Site, me: &Me, model: &Model, table: &Table, list: &List, id: Uuid) -> Result<Markup, Failure> {
    let sheet = Sheet::of_list(model, table, list);
    let query = sheet.select(site.app.new_query(&me.caller, &table.name));
    let query = query.matching(Filter::eq(table.primary_key.as_str(), id)).take(1);
    let (rows, names) = site.app.query_with_names(&me.caller, query).await?;
    let parties = parties_of(site, me, table, list, &rows).await?;
    let page = grid::Page { rows: &rows, names: &names, parties: &parties };
    Ok(grid::grid(me, model, table, list, &[], &page).fresh_rows(&[]))
}

/// The dialog with those columns of the list that can be changed, for where cells are not wide enough.
pub(crate) async fn ask(
    State(site): State<Site>,
    me: Me,
    Address((set_name, id)): Address<(String, Uuid)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let model = site.model();
    let table = tables::named(&model, &me.caller, &set_name)?;
    let asked = Typed::parse(&query.unwrap_or_default());
    let list = with_view(&site, &me, &table, &Typed::parse(asked.text(LIST))).await?;
    let columns = Sheet::of_list(&model, &table, &list).changeable(&me).flatten().collect();
    let open = Place::new(&site, &me, &model, (&table, id), columns)?.begin(DIALOG).await?;
    Ok(fragment(dialog(&me, &table, id, open, &[])))
}

/// Keeps what was typed in the dialog, and goes back to the list.
pub(crate) async fn save_all(
    State(site): State<Site>,
    Address((set_name, id)): Address<(String, Uuid)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, mut typed } = posted;
    let model = site.model();
    let table = tables::named(&model, &me.caller, &set_name)?;
    let columns = typed.all("column").map(str::to_owned).collect();
    let place = Place::new(&site, &me, &model, (&table, id), columns)?;
    match place.keep(&mut typed).await? {
        Outcome::Kept(flash) => Ok(me.go(&me.list_or(&tables::row_href(&table, id)), flash)),
        Outcome::Refused(why) => {
            let open = place.again(DIALOG, &typed, &why).await?;
            let dialog = dialog(&me, &table, id, open, why.errors());
            Ok(answer(StatusCode::UNPROCESSABLE_ENTITY, dialog.render()))
        }
    }
}

fn dialog(me: &Me, table: &Table, id: Uuid, open: Open, errors: &[(String, String)]) -> Dialog {
    let known = |name: &str| open.fields.iter().any(|field| field.name == name);
    Dialog {
        id: DIALOG.to_owned(),
        title: tr!("Edit “{}”", open.name),
        icon: "pencil".to_owned(),
        size: DialogSize::Medium,
        action: Some(format!("{}/edit", tables::row_href(table, id))),
        csrf: me.csrf.clone(),
        errors: error_list(table, errors, DIALOG, known),
        hidden: open.hidden,
        fields: open.fields,
        ..Dialog::default()
    }
}
