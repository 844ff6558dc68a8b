//! The menu of one row of a list.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use crm::workspace::Pin;
use model::{Reference, TableKind};
use uuid::Uuid;

use super::list::with_view;
use crate::{
    address::Address,
    app::Site,
    failure::Failure,
    posted::Typed,
    respond::fragment,
    session::Me,
    view::{grid::Sheet, record::Record, row_menu::RowMenu, tables},
};

/// The items that the row's state and the person's rights on it leave.
pub(crate) async fn show(
    State(site): State<Site>,
    me: Me,
    Address((set_name, id)): Address<(String, Uuid)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let model = site.model();
    let mut table = tables::named(&model, &me.caller, &set_name)?;
    let asked = Typed::parse(&query.unwrap_or_default());
    let query = asked.text("list");
    let list = with_view(&site, &me, &table, &Typed::parse(query)).await?;
    let edits = Sheet::of_list(&model, &table, &list).changeable(&me).flatten().next().is_some();
    if table.kind == TableKind::Pointer {
        // It stands for the activity itself.
        let kind = site.app.get(&me.caller, &table.name, id, Some(vec!["activitytypecode".to_owned()])).await?;
        table = model.table(kind.text("activitytypecode")).cloned().ok_or(Failure::NoPage)?;
    }
    let (row, names) = site.app.get_with_names(&me.caller, &table.name, id).await?;
    let rights = site.app.rights_on(&me.caller, &table, &row).await?;
    let qualified = table.name == "lead" && row.value("statecode").as_whole() == Some(crm::leads::QUALIFIED);
    let qualification = if qualified { site.app.leads().qualification_to_undo(&me.caller, id).await? } else { None };
    let kept = Pin::Record(Reference::new(table.name.as_str(), id));
    let pinned = site.app.pinned(&me.caller).await?.iter().any(|pinned| pinned.pin == kept);
    let record = Record {
        me: &me,
        model: &model,
        table: &table,
        names: &names,
        row: &row,
        id: Some(id),
        typed: None,
        errors: &[],
        journey: None,
        timeline: None,
        notice: None,
        rights: &rights,
        qualification,
        parties: None,
        saves_itself: false,
        following: None,
    };
    Ok(fragment(RowMenu { record, id, list: query, edits, pinned }.items()))
}
