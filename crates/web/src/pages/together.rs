//! A form that was saved over a record that others have saved since it was loaded.

use std::sync::Arc;

use axum::{http::StatusCode, response::Response};
use crm::{Row, reading::Names};
use language::{Language, tr};
use model::Table;
use uuid::Uuid;

use super::record::{Shown, page, with_typed_names};
use crate::{
    app::Site,
    components::{Field, fields::Theirs},
    failure::Failure,
    posted::Typed,
    session::Me,
    view::{
        parties::Parties,
        record,
        since::{Present, Since, Together},
    },
};

/// Somebody saved the record after this form was loaded, and both put something into the same
/// columns. Both values are shown and what was typed stays: saving again keeps it, unless theirs is
/// chosen.
pub(super) async fn contested(
    site: &Site,
    me: &Me,
    table: &Arc<Table>,
    id: Uuid,
    (row, names, parties): (Row, Names, Parties),
    (since, together): (&Since, Together),
) -> Result<Response, Failure> {
    let mut names = with_typed_names(site, me, table, names, &together.typed).await?;
    for (reference, name) in since.names().iter() {
        names.insert(reference.clone(), name.to_owned());
    }
    let (who, when) = since.last(me);
    let also = match together.taken.as_slice() {
        [] => String::new(),
        taken => format!(" {}", tr!("Taken over from them: {}.", taken.join(", "))),
    };
    let told = tr!(
        "{who} saved this {} after you opened it ({when}). Nothing you typed is lost: where both of you changed a field, choose, then save again.",
        Language::within_sentence(&table.label),
        who,
        when
    );
    let text = format!("{told}{also}");
    let shown = Shown {
        row,
        names,
        parties,
        typed: Some(together.typed),
        contested: together.contested,
        notice: Some(record::caution(text)),
        status: Some(StatusCode::CONFLICT),
        ..Shown::default()
    };
    page(site, me, table, Some(id), shown).await
}

/// What was typed into `columns` over an older version of a row, put together with the row as it is now.
pub(super) async fn put_together(
    site: &Site,
    me: &Me,
    (table, id): (&Table, Uuid),
    columns: &[String],
    (row, names, parties): (&Row, &Names, &Parties),
    (typed, version): (Typed, i64),
) -> Result<(Since, Together), Failure> {
    let since = Since::read(site, me, table, id, version).await?;
    let mut names = names.clone();
    for (reference, name) in since.names().iter() {
        names.insert(reference.clone(), name.to_owned());
    }
    let model = site.model();
    let present = Present { me, model: &model, table, row, names: &names, parties };
    let together = present.together(columns, &since, typed, version);
    Ok((since, together))
}

/// What became of what was typed into a form within a page.
#[derive(Default)]
pub(super) struct Met {
    /// Columns in which both put something, each with what others did.
    pub contested: Vec<(String, String)>,
    /// Labels of the columns that only others changed.
    pub taken: Vec<String>,
    /// What the form says where there is something to choose.
    pub errors: Vec<(String, String)>,
}

/// What is said beside the fields of a form that is shown again, by column.
#[derive(Clone, Copy, Default)]
pub(super) struct Said<'a> {
    /// What is wrong.
    pub errors: &'a [(String, String)],
    /// What others did where something else is typed.
    pub contested: &'a [(String, String)],
}

/// Puts what was typed into `columns` together with the row as it is now, where the `version` that was
/// sent with it is an older one; what is typed then counts as of now.
pub(super) async fn meet(
    site: &Site,
    me: &Me,
    of: (&Table, Uuid),
    columns: &[String],
    now: (&Row, &Names, &Parties),
    typed: &mut Typed,
) -> Result<Met, Failure> {
    let Some(loaded) = version(typed) else { return Ok(Met::default()) };
    let stored = now.0.value("versionnumber").as_whole().unwrap_or(loaded);
    if stored == loaded {
        let model = site.model();
        Present { me, model: &model, table: of.0, row: now.0, names: now.1, parties: now.2 }.take_chosen(typed);
        return Ok(Met::default());
    }
    let (since, together) = put_together(site, me, of, columns, now, (std::mem::take(typed), loaded)).await?;
    *typed = together.typed;
    typed.set("version", &stored.to_string());
    let is_settled = together.contested.is_empty();
    let errors = if is_settled { Vec::new() } else { vec![(String::new(), told(me, &since))] };
    Ok(Met { contested: together.contested, taken: together.taken, errors })
}

/// What a form says where somebody saved between its being read and its being written.
pub(super) fn at_once() -> (String, String) {
    (String::new(), tr!("Somebody saved this at the same moment; look at it, then save again."))
}

/// The version of the row that a form was made of.
pub(super) fn version(typed: &Typed) -> Option<i64> {
    typed.get("version").and_then(|version| version.parse().ok())
}

/// Shows beside fields what others made of them.
pub(super) fn mark<'f>(fields: impl IntoIterator<Item = &'f mut Field>, contested: &[(String, String)]) {
    for field in fields {
        let text = contested.iter().find(|(name, _)| *name == field.name).map(|(_, text)| text.clone());
        field.theirs = text.map(|text| Theirs { text });
    }
}

fn told(me: &Me, since: &Since) -> String {
    let (who, when) = since.last(me);
    tr!(
        "{who} saved this after you opened it ({when}). Nothing you typed is lost: where both of you changed a field, choose, then save again.",
        who,
        when
    )
}
