//! Columns of many rows set or cleared at once.

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use crm::{Row, access::Privilege, reading::Names};
use language::tr;
use maud::Render;
use model::{Model, Table, Value};

use super::{Chosen, run};
use crate::{
    address::Address,
    app::Site,
    failure::Failure,
    pages::record::with_typed_names,
    posted::{Posted, Typed},
    respond::{fragment, html},
    session::Me,
    view::{
        bulk_edit::{ADD, BulkEdit, CLEAR, COLUMN, editable, is_clearable},
        fields, tables,
    },
};

/// The dialog, which begins without a column.
pub(crate) async fn ask(
    State(site): State<Site>,
    me: Me,
    Address(set_name): Address<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let (model, table) = opened(&site, &me, &set_name)?;
    let chosen = Chosen::of(&Typed::parse(&query.unwrap_or_default()))?;
    let edit = BulkEdit {
        me: &me,
        model: &model,
        table: &table,
        names: &Names::default(),
        typed: &Typed::default(),
        columns: &[],
        errors: &[],
    };
    Ok(fragment(edit.dialog(&chosen.words(&me, &table), chosen.hidden())))
}

/// One more column of the dialog.
pub(crate) async fn column(
    State(site): State<Site>,
    me: Me,
    Address(set_name): Address<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let (model, table) = opened(&site, &me, &set_name)?;
    let asked = Typed::parse(&query.unwrap_or_default());
    let columns = columns(&me, &table, asked.all(ADD))?;
    let edit = BulkEdit {
        me: &me,
        model: &model,
        table: &table,
        names: &Names::default(),
        typed: &Typed::default(),
        columns: &columns,
        errors: &[],
    };
    Ok(fragment(edit.fields()))
}

/// Sets or clears the chosen columns of all rows.
pub(crate) async fn create(
    State(site): State<Site>,
    Address(set_name): Address<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let (model, table) = opened(&site, &me, &set_name)?;
    let chosen = Chosen::of(&typed)?;
    let columns = columns(&me, &table, typed.all(COLUMN))?;
    let (values, errors) = read(&me, &table, &columns, &typed);
    if !errors.is_empty() {
        let names = with_typed_names(&site, &me, &table, Names::default(), &typed).await?;
        let (columns, errors) = (&columns[..], &errors[..]);
        let edit = BulkEdit { me: &me, model: &model, table: &table, names: &names, typed: &typed, columns, errors };
        return Ok(html(
            StatusCode::UNPROCESSABLE_ENTITY,
            edit.dialog(&chosen.words(&me, &table), chosen.hidden()).render(),
        ));
    }
    run(&site, &me, &table, &chosen, &tr!("changed"), move |work, table, id| {
        work.update(table, id, values.clone(), None).map(drop)
    })
    .await
}

fn opened(site: &Site, me: &Me, set_name: &str) -> Result<(std::sync::Arc<Model>, std::sync::Arc<Table>), Failure> {
    let model = site.model();
    let table = tables::named(&model, &me.caller, set_name)?;
    let open = tables::is_writable(&table) && me.caller.may_anywhere(&model, &table, Privilege::Write);
    if open { Ok((model, table)) } else { Err(crm::access::refusal(&me.caller, Privilege::Write, &table).into()) }
}

/// The columns that were chosen, each once.
fn columns<'n>(me: &Me, table: &Table, names: impl Iterator<Item = &'n str>) -> Result<Vec<String>, Failure> {
    let mut columns: Vec<String> = Vec::new();
    for name in names {
        if !table.column(name).is_some_and(|column| editable(me, table, column)) {
            return Err(Failure::Bad(tr!("“{}” is not a column that can be changed here", name)));
        }
        if !columns.iter().any(|known| known == name) {
            columns.push(name.to_owned());
        }
    }
    Ok(columns)
}

/// The values to set, and what is wrong with what was typed, by column.
fn read(me: &Me, table: &Table, columns: &[String], typed: &Typed) -> (Row, Vec<(String, String)>) {
    if columns.is_empty() {
        return (Row::new(), vec![(ADD.to_owned(), tr!("choose at least one column to change"))]);
    }
    let is_cleared =
        |name: &String| typed.all(CLEAR).any(|cleared| cleared == name) && table.column(name).is_some_and(is_clearable);
    let (cleared, set): (Vec<&String>, Vec<&String>) = columns.iter().partition(|name| is_cleared(name));
    let reading = fields::read(me, table, set.iter().map(|name| name.as_str()), None, typed);
    let (mut values, mut errors) = (reading.values, reading.errors);
    for name in set {
        if !values.contains(name) && !errors.iter().any(|(wrong, _)| wrong == name) {
            errors.push((name.clone(), tr!("give a value, or choose to clear it")));
        }
    }
    for name in cleared {
        values.set(name.as_str(), Value::Null);
    }
    (values, errors)
}
