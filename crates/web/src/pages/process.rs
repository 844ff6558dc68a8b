//! A record's flow as a whole: switching, abandoning, reactivating it.

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use crm::{
    Origin,
    process::{Choice, Move},
};
use language::tr;
use maud::Render;
use model::Reference;
use uuid::Uuid;

use crate::{
    address::Address,
    app::Site,
    components::{Control, Dialog, DialogSize, Field, fields::ChoiceOption},
    failure::{Failure, sentence},
    flash::Flash,
    posted::{Posted, Typed},
    respond::{fragment, html},
    session::Me,
    view::{record::errors_of, tables},
};

const FIELD: &str = "process";

/// The dialog that switches to another flow.
pub(crate) async fn show(
    State(site): State<Site>,
    me: Me,
    Address((set_name, id)): Address<(String, Uuid)>,
) -> Result<Response, Failure> {
    let table = tables::named(&site.model(), &me.caller, &set_name)?;
    let choices = site.app.processes().choices(&me.caller, Reference::new(table.name.as_str(), id)).await?;
    Ok(fragment(dialog(&me, &tables::row_href(&table, id), &choices, None)))
}

/// Switches, abandons or reactivates.
pub(crate) async fn create(
    State(site): State<Site>,
    Address((set_name, id)): Address<(String, Uuid)>,
    RawQuery(query): RawQuery,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let table = tables::named(&site.model(), &me.caller, &set_name)?;
    let record = Reference::new(table.name.as_str(), id);
    let href = tables::row_href(&table, id);
    let (step, words) = match Typed::parse(&query.unwrap_or_default()).text("move") {
        "abandon" => (Move::Abandon, tr!("Flow abandoned.")),
        "reactivate" => (Move::Reactivate, tr!("Flow active again.")),
        _ => return switch(&site, &me, record, &href, typed.text(FIELD)).await,
    };
    let flash = match site.app.processes().carry_out(&me.caller, Origin::Page, record, step).await {
        Ok(act) => Flash::done(words).undo(act),
        Err(error) => Flash::failed(Failure::from(error).text()),
    };
    Ok(me.go(&href, Some(flash)))
}

async fn switch(site: &Site, me: &Me, record: Reference, href: &str, chosen: &str) -> Result<Response, Failure> {
    let processes = site.app.processes();
    let choices = processes.choices(&me.caller, record.clone()).await?;
    let error = match choices.iter().find(|choice| choice.id.to_string() == chosen) {
        None => tr!("choose a flow"),
        Some(choice) => match processes.carry_out(&me.caller, Origin::Page, record, Move::Switch(choice.id)).await {
            Ok(act) => {
                let flash = Flash::done(tr!("Switched to {}.", choice.label)).undo(act);
                return Ok(me.go(href, Some(flash)));
            }
            Err(error) => {
                let errors = errors_of(&error).ok_or(error)?;
                errors.into_iter().map(|(_, message)| message).collect::<Vec<_>>().join("; ")
            }
        },
    };
    let dialog = dialog(me, href, &choices, Some(error));
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, dialog.render()))
}

fn dialog(me: &Me, href: &str, choices: &[Choice], error: Option<String>) -> Dialog {
    let option = |choice: &Choice| ChoiceOption {
        value: choice.id.to_string(),
        label: choice.label.clone(),
        chosen: choices.len() == 1,
    };
    let field =
        Field::new(FIELD, tr!("Flow"), Control::Choice { options: choices.iter().map(option).collect() }).required();
    let text = if choices.is_empty() {
        tr!("There is no other flow for this record that your roles let you use.")
    } else {
        tr!("The present flow waits where it is; you can switch back to it at any time.")
    };
    Dialog {
        id: FIELD.to_owned(),
        title: tr!("Switch flow"),
        icon: "switch-horizontal".to_owned(),
        size: DialogSize::Small,
        action: (!choices.is_empty()).then(|| format!("{href}/process")),
        csrf: me.csrf.clone(),
        text,
        fields: if choices.is_empty() {
            Vec::new()
        } else {
            vec![Field { error: error.map(|message| sentence(&message)), ..field.full() }]
        },
        submit: tr!("Switch"),
        ..Dialog::default()
    }
}
