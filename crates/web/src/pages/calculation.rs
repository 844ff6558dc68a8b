//! What calculated fields of a form hold while one types.

use axum::{extract::State, response::Response};
use maud::html;
use uuid::Uuid;

use crate::{
    address::Address,
    app::Site,
    failure::Failure,
    posted::Posted,
    respond::fragment,
    view::{
        fields::{self, Fields},
        record::{form_columns, main_form},
        tables,
    },
};

/// The calculated fields of the record's form, made of what was typed. What cannot be read yet, such
/// as half a number, counts as it is stored.
pub(crate) async fn show(
    State(site): State<Site>,
    Address((set_name, id)): Address<(String, Uuid)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let model = site.model();
    let table = tables::named(&model, &me.caller, &set_name)?;
    let (row, names) = site.app.get_with_names(&me.caller, &table.name, id).await?;
    let form = main_form(&table);
    let typed = fields::read(&me, &table, form_columns(&form), Some(&row), &typed).values;
    let calculated = site.app.calculated(&me.caller, &table, &row, &typed);
    let mut shown = row;
    shown.merge(&typed);
    shown.merge(&calculated);
    let fields = Fields {
        me: &me,
        model: &model,
        table: &table,
        names: &names,
        row: &shown,
        typed: None,
        new: false,
        closed: false,
        scope: "field",
        errors: &[],
        parties: None,
    };
    let wanted = form_columns(&form).filter(|name| calculated.contains(name));
    Ok(fragment(html! { @for field in wanted.filter_map(|name| fields.field(name)) { (field) } }))
}
