//! Views of one's own: a list as it is shown, kept under a name.

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use crm::Origin;
use language::{Language, tr};
use maud::Render;
use model::{Table, View};
use uuid::Uuid;

use super::list::with_view;
use crate::{
    address::Address,
    app::Site,
    components::{Control, Dialog, Field},
    failure::{Failure, sentence},
    flash::Flash,
    posted::{Posted, Typed},
    respond::{fragment, html},
    session::Me,
    view::{list::List, tables},
};

/// Longest name of a view, in characters.
const LONGEST: u32 = 200;

/// Asks how the list as it is shown shall be called.
pub(crate) async fn new(
    State(site): State<Site>,
    me: Me,
    Address(set_name): Address<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let table = tables::named(&site.model(), &me.caller, &set_name)?;
    let list = with_view(&site, &me, &table, &Typed::parse(&query.unwrap_or_default())).await?;
    Ok(fragment(new_dialog(&me, &table, &list, "", None)))
}

fn new_dialog(me: &Me, table: &Table, list: &List, name: &str, error: Option<String>) -> Dialog {
    let hidden = list.beginning().parameters().into_iter().map(|(name, value)| (name.to_owned(), value));
    Dialog {
        title: tr!("Save as my view"),
        icon: "bookmark-plus".to_owned(),
        action: Some(format!("/{}/views", table.set_name)),
        hidden: hidden.collect(),
        text: tr!("The filters, columns, order and groups shown now. Only you see this view, until you share it."),
        ..naming(me, name, error)
    }
}

/// Keeps the list as it is shown.
pub(crate) async fn create(
    State(site): State<Site>,
    Address(set_name): Address<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let model = site.model();
    let table = tables::named(&model, &me.caller, &set_name)?;
    let list = with_view(&site, &me, &table, &typed).await?;
    let name = match name(&typed) {
        Ok(name) => name,
        Err(message) => {
            let dialog = new_dialog(&me, &table, &list, typed.text("name"), Some(message));
            return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, dialog.render()));
        }
    };
    let definition = list.definition(&me, &model, &table).map_err(Failure::Bad)?;
    let id = site.app.keep_personal_view(&me.caller, Origin::Page, &table.name, &name, &definition).await?;
    let kept = List { view: id.to_string(), ..list.by_itself() };
    let flash = Flash::done(tr!("“{}” is one of your views now.", name));
    Ok(me.go(&kept.href(&list.path(&table)), Some(flash)))
}

/// Keeps what was changed in a view.
pub(crate) async fn save(
    State(site): State<Site>,
    Address((set_name, id)): Address<(String, Uuid)>,
    RawQuery(query): RawQuery,
    posted: Posted,
) -> Result<Response, Failure> {
    let me = posted.me;
    let model = site.model();
    let table = tables::named(&model, &me.caller, &set_name)?;
    let list = with_view(&site, &me, &table, &Typed::parse(&query.unwrap_or_default())).await?;
    let definition = list.definition(&me, &model, &table).map_err(Failure::Bad)?;
    site.app.change_personal_view(&me.caller, Origin::Page, id, None, Some(&definition)).await?;
    let kept = List { view: id.to_string(), ..list.by_itself() };
    Ok(me.go(&kept.href(&list.path(&table)), Some(Flash::done(tr!("View saved.")))))
}

/// Asks for another name.
pub(crate) async fn ask_name(
    State(site): State<Site>,
    me: Me,
    Address((set_name, id)): Address<(String, Uuid)>,
) -> Result<Response, Failure> {
    let table = tables::named(&site.model(), &me.caller, &set_name)?;
    let view = own(&site, &me, &table, id).await?;
    Ok(fragment(name_dialog(&me, &table, id, &view.label, None)))
}

fn name_dialog(me: &Me, table: &Table, id: Uuid, name: &str, error: Option<String>) -> Dialog {
    Dialog {
        title: tr!("Rename view"),
        icon: "pencil".to_owned(),
        action: Some(format!("/{}/views/{id}/name", table.set_name)),
        ..naming(me, name, error)
    }
}

/// Gives a view another name.
pub(crate) async fn rename(
    State(site): State<Site>,
    Address((set_name, id)): Address<(String, Uuid)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let table = tables::named(&site.model(), &me.caller, &set_name)?;
    match name(&typed) {
        Ok(name) => {
            site.app.change_personal_view(&me.caller, Origin::Page, id, Some(&name), None).await?;
            Ok(me.go(&href(&table, id), Some(Flash::done(tr!("The view is called “{}” now.", name)))))
        }
        Err(message) => {
            let dialog = name_dialog(&me, &table, id, typed.text("name"), Some(message));
            Ok(html(StatusCode::UNPROCESSABLE_ENTITY, dialog.render()))
        }
    }
}

/// Asks before a view goes.
pub(crate) async fn ask_deletion(
    State(site): State<Site>,
    me: Me,
    Address((set_name, id)): Address<(String, Uuid)>,
) -> Result<Response, Failure> {
    let table = tables::named(&site.model(), &me.caller, &set_name)?;
    let view = own(&site, &me, &table, id).await?;
    Ok(fragment(Dialog {
        id: "view".to_owned(),
        title: tr!("Delete view “{}”?", view.label),
        icon: "trash".to_owned(),
        action: Some(format!("/{}/views/{id}/deletion", table.set_name)),
        csrf: me.csrf.clone(),
        text: tr!(
            "The {} in it stay. You can undo this right afterwards.",
            Language::within_sentence(&table.plural_label)
        ),
        submit: tr!("Delete"),
        danger: true,
        ..Dialog::default()
    }))
}

/// Deletes a view.
pub(crate) async fn delete(
    State(site): State<Site>,
    Address((set_name, id)): Address<(String, Uuid)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let me = posted.me;
    let table = tables::named(&site.model(), &me.caller, &set_name)?;
    let act = site.app.delete_personal_view(&me.caller, Origin::Page, id).await?;
    Ok(me.go(&format!("/{}", table.set_name), Some(Flash::done(tr!("View deleted.")).undo(act))))
}

/// Shows a view first from now on.
pub(crate) async fn make_default(
    State(site): State<Site>,
    Address(set_name): Address<String>,
    RawQuery(query): RawQuery,
    posted: Posted,
) -> Result<Response, Failure> {
    let me = posted.me;
    let table = tables::named(&site.model(), &me.caller, &set_name)?;
    let list = with_view(&site, &me, &table, &Typed::parse(&query.unwrap_or_default())).await?;
    let named = Some(list.view.as_str()).filter(|view| !view.is_empty());
    site.app.choose_default_view(&me.caller, Origin::Page, &table.name, named).await?;
    let label = list.view(&table).map_or(table.plural_label.as_str(), |view| view.label.as_str());
    let text =
        tr!("“{}” is what you see first of {} from now on.", label, Language::within_sentence(&table.plural_label));
    Ok(me.go(&list.by_itself().href(&format!("/{}", table.set_name)), Some(Flash::done(text))))
}

/// One of the person's own views of a table.
pub(super) async fn own(site: &Site, me: &Me, table: &Table, id: Uuid) -> Result<View, Failure> {
    let views = site.app.personal_views(&me.caller, &table.name).await?;
    let own = views.into_iter().find(|known| known.mine && known.view.id == id);
    own.map(|known| known.view).ok_or(Failure::NoPage)
}

fn naming(me: &Me, name: &str, error: Option<String>) -> Dialog {
    let control = Control::Text { value: name.to_owned(), max_length: Some(LONGEST), autocomplete: None };
    let field = Field::new("name", tr!("Name"), control).required();
    Dialog {
        id: "view".to_owned(),
        csrf: me.csrf.clone(),
        fields: vec![Field { autofocus: true, error: error.map(|message| sentence(&message)), ..field }],
        submit: tr!("Save"),
        ..Dialog::default()
    }
}

fn name(typed: &Typed) -> Result<String, String> {
    let name = typed.text("name").trim();
    match name.chars().count() {
        0 => Err(tr!("give the view a name")),
        count if count > LONGEST as usize => Err(tr!("is {} characters long; {} are allowed", count, LONGEST)),
        _ => Ok(name.to_owned()),
    }
}

fn href(table: &Table, id: Uuid) -> String {
    List { view: id.to_string(), ..List::default() }.href(&format!("/{}", table.set_name))
}
