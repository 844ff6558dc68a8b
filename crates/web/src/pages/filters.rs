//! Putting the filter of a list together. Nothing is written: the list's address says it, and a view
//! keeps it.

use axum::{extract::State, http::StatusCode, response::Response};
use language::{Language, tr};
use maud::{Markup, Render, html};
use model::{Model, Reference, Table};

use super::{list::with_view, listed::Listed};
use crate::{
    address::Address,
    app::Site,
    components::{Dialog, DialogSize, FieldError},
    failure::Failure,
    posted::Posted,
    respond::{fragment, html as answer},
    session::Me,
    view::{
        cells::Cells,
        filters::{self, Draft, Part},
        list::{List, address},
        stated::Whose,
        tables,
    },
};

/// The dialog; with `open=1` the conditions of the organisation's view can be changed in it, too.
pub(crate) async fn show(Listed { site, me, model, table, asked, mut list }: Listed) -> Result<Response, Failure> {
    if asked.text("open") == "1" {
        list.state_view(&me, &table);
    }
    let draft = Draft::of(&me, &model, &table, &list.filters);
    Ok(fragment(dialog(&site, &me, &model, &table, &list, &draft, 0).await?))
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
    let mut draft = Draft::of_form(&typed).map_err(Failure::Bad)?;
    draft.change(&typed).map_err(Failure::Bad)?;
    let names = site.app.names(&me.caller, draft.references()).await?;
    Ok(fragment(filters::builder(&me, &model, &names, &table, &draft)))
}

/// Shows the list that fits the filter.
pub(crate) async fn apply(
    State(site): State<Site>,
    Address(set_name): Address<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let model = site.model();
    let table = tables::named(&model, &me.caller, &set_name)?;
    let list = with_view(&site, &me, &table, &typed).await?;
    let mut draft = Draft::of_form(&typed).map_err(Failure::Bad)?;
    match draft.parts(&me, &model, &table) {
        Ok(parts) => {
            let list = List { filters: parts, unread: None, ..list.beginning() };
            Ok(me.go(&list.href(&list.path(&table)), None))
        }
        Err(wrong) => {
            let dialog = dialog(&site, &me, &model, &table, &list, &draft, wrong).await?;
            Ok(answer(StatusCode::UNPROCESSABLE_ENTITY, dialog.render()))
        }
    }
}

async fn dialog(
    site: &Site,
    me: &Me,
    model: &Model,
    table: &Table,
    list: &List,
    draft: &Draft,
    wrong: usize,
) -> Result<Dialog, Failure> {
    let of_view = of_view(me, table, list);
    let pointed: Vec<Reference> = draft
        .references()
        .into_iter()
        .chain(of_view.iter().flat_map(|part| filters::references(std::slice::from_ref(part))))
        .collect();
    let names = site.app.names(&me.caller, pointed).await?;
    let cells = Cells { me, model, names: &names };
    let kept = List { filters: Vec::new(), unread: None, ..list.beginning() }.parameters();
    let errors = (wrong > 0).then(|| FieldError {
        field: None,
        label: String::new(),
        message: tr!("One condition is not complete." | "{n} conditions are not complete." % wrong),
    });
    Ok(Dialog {
        id: "filters".to_owned(),
        title: tr!("Filter {}", Language::within_sentence(&table.plural_label)),
        icon: "filter".to_owned(),
        size: DialogSize::Side,
        action: Some(format!("/{}/filters", table.set_name)),
        csrf: me.csrf.clone(),
        hidden: kept.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        errors: errors.into_iter().collect(),
        body: html! {
            (view_note(&cells, table, list, &of_view))
            (filters::builder(me, model, &names, table, draft))
        },
        submit: tr!("Apply"),
        ..Dialog::default()
    })
}

/// The conditions of the organisation's view that hold beside those of the dialog.
fn of_view(me: &Me, table: &Table, list: &List) -> Vec<Part> {
    let mut by_itself = list.by_itself();
    if list.stated.is_some() {
        return Vec::new();
    }
    by_itself.state_view(me, table);
    by_itself.filters
}

fn view_note(cells: &Cells<'_>, table: &Table, list: &List, of_view: &[Part]) -> Markup {
    let view = list.view(table).map(|view| view.label.as_str()).unwrap_or_default();
    let words = |part: &Part| {
        let (about, asks) = part.words(cells, table);
        format!("{about} {asks}")
    };
    let mut open = list.beginning().parameters();
    open.push(("open", "1".to_owned()));
    let open = address(&format!("/{}/filters", table.set_name), &open);
    html! {
        @if !of_view.is_empty() {
            div.builder-view {
                p { (tr!("“{}” shows only rows where", view)) " " b { (of_view.iter().map(words).collect::<Vec<_>>().join(&tr!("between conditions" => " and "))) } "." }
                button.btn.btn-sm type="button" hx-get=(open) hx-target="closest dialog" hx-swap="outerHTML" hx-disabled-elt="this" { (tr!("Change these, too")) }
            }
        }
        @if list.has_rest() {
            p.builder-view { (tr!("“{}” also has conditions that cannot be changed here; they stay.", view)) }
        }
        @if list.whose() == Whose::Everybody && list.stated.is_some() {
            p.builder-view { (tr!("What you change is for you. “{}” stays as it is; save yours as a view to keep it.", view)) }
        }
    }
}
