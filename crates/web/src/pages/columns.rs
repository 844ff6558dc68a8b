//! Choosing the columns of a list, its order and its groups. Nothing is written: the list's address
//! says it, and a view keeps it.

use axum::{extract::State, http::StatusCode, response::Response};
use language::tr;
use maud::Render;
use model::{Model, Table};

use super::{list::with_view, listed::Listed};
use crate::{
    address::Address,
    app::Site,
    components::{Dialog, DialogSize, FieldError},
    failure::{Failure, sentence},
    posted::Posted,
    respond::{fragment, html},
    session::Me,
    view::{columns::Chosen, list::List, tables},
};

/// The dialog.
pub(crate) async fn show(Listed { me, model, table, list, .. }: Listed) -> Result<Response, Failure> {
    let chosen = Chosen::of_list(&list, &table);
    Ok(fragment(dialog(&me, &model, &table, &list, &chosen, None)))
}

/// The dialog's content after something in it was changed.
pub(crate) async fn edit(
    State(site): State<Site>,
    Address(set_name): Address<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let model = site.model();
    let table = tables::named(&model, &me.caller, &set_name)?;
    let mut chosen = Chosen::of_form(&typed).map_err(Failure::Bad)?;
    chosen.change(&typed).map_err(Failure::Bad)?;
    Ok(fragment(chosen.chooser(&me, &model, &table)))
}

/// Shows the list as it was arranged.
pub(crate) async fn apply(
    State(site): State<Site>,
    Address(set_name): Address<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let model = site.model();
    let table = tables::named(&model, &me.caller, &set_name)?;
    let list = with_view(&site, &me, &table, &typed).await?;
    let arranged = Chosen::of_form(&typed).and_then(|chosen| chosen.arrange(&me, &model, &table, &list));
    match arranged {
        Ok(list) => Ok(me.go(&list.href(&list.path(&table)), None)),
        Err(message) => {
            let chosen = Chosen::of_form(&typed).unwrap_or_else(|_| Chosen::of_list(&list, &table));
            let dialog = dialog(&me, &model, &table, &list, &chosen, Some(message));
            Ok(html(StatusCode::UNPROCESSABLE_ENTITY, dialog.render()))
        }
    }
}

fn dialog(me: &Me, model: &Model, table: &Table, list: &List, chosen: &Chosen, error: Option<String>) -> Dialog {
    let hidden = list.beginning().parameters().into_iter().map(|(name, value)| (name.to_owned(), value));
    Dialog {
        id: "columns".to_owned(),
        title: tr!("Columns, order and groups"),
        icon: "columns-3".to_owned(),
        size: DialogSize::Side,
        action: Some(format!("/{}/columns", table.set_name)),
        csrf: me.csrf.clone(),
        hidden: hidden.collect(),
        errors: error
            .into_iter()
            .map(|message| FieldError { field: None, label: String::new(), message: sentence(&message) })
            .collect(),
        body: chosen.chooser(me, model, table).render(),
        submit: tr!("Apply"),
        ..Dialog::default()
    }
}
