//! Many rows shared with one user or team.

use std::collections::BTreeSet;

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use crm::access::{self, Privilege, SHAREABLE};
use language::tr;
use maud::Render;
use model::{Model, Reference, Table};

use super::{Chosen, run};
use crate::{
    address::Address,
    app::Site,
    components::{Control, Dialog, DialogSize, Field, FieldError, LookupValue, fields::ChoiceOption},
    failure::{Failure, sentence},
    posted::{Posted, Typed},
    respond::{fragment, html},
    session::Me,
    view::{
        bulk::capital,
        fields, input,
        sharing::{WHAT, WHOM, key},
        tables,
    },
};

/// Element id of the dialog, and prefix of those within.
const ID: &str = "shares";

/// The dialog.
pub(crate) async fn ask(
    State(site): State<Site>,
    me: Me,
    Address(set_name): Address<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let (model, table) = shareable(&site, &me, &set_name)?;
    let chosen = Chosen::of(&Typed::parse(&query.unwrap_or_default()))?;
    let typed = Typed::parse("privileges=read");
    Ok(fragment(dialog(&me, &model, &table, &chosen, &typed, None, &[])?))
}

/// Shares them: besides what was shared already.
pub(crate) async fn create(
    State(site): State<Site>,
    Address(set_name): Address<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let (model, table) = shareable(&site, &me, &set_name)?;
    let chosen = Chosen::of(&typed)?;
    let what: BTreeSet<Privilege> =
        SHAREABLE.into_iter().filter(|privilege| typed.all(WHAT).any(|typed| typed == key(*privilege))).collect();
    let targets = model.table("principalobjectaccess").and_then(|shares| shares.column(WHOM)).ok_or(Failure::NoPage)?;
    let whom = match typed.text(WHOM) {
        "" => Err(tr!("choose the user or team to share them with")),
        text => input::reference(text, targets.targets()),
    };
    let name = match &whom {
        Ok(whom) => site.app.names(&me.caller, vec![whom.clone()]).await?.get(whom).map(str::to_owned),
        Err(_) => None,
    };
    let mut errors: Vec<(&str, String)> = Vec::new();
    errors.extend(whom.as_ref().err().map(|why| (WHOM, why.clone())));
    errors.extend(what.is_empty().then(|| (WHAT, tr!("choose at least one"))));
    match whom {
        Ok(whom) if errors.is_empty() => {
            let verb = tr!("shared with {}", name.unwrap_or_else(|| tr!("them")));
            run(&site, &me, &table, &chosen, &verb, move |work, table, id| {
                work.share_also(&Reference::new(table, id), &whom, &what)
            })
            .await
        }
        whom => {
            let value = whom.ok().map(|whom| LookupValue {
                label: name.unwrap_or_else(|| tr!("(no name)")),
                href: None,
                id: whom.id.to_string(),
                table: whom.table,
            });
            let dialog = dialog(&me, &model, &table, &chosen, &typed, value, &errors)?;
            Ok(html(StatusCode::UNPROCESSABLE_ENTITY, dialog.render()))
        }
    }
}

fn shareable(site: &Site, me: &Me, set_name: &str) -> Result<(std::sync::Arc<Model>, std::sync::Arc<Table>), Failure> {
    let model = site.model();
    let table = tables::named(&model, &me.caller, set_name)?;
    if access::is_shareable(&model, &table) { Ok((model, table)) } else { Err(Failure::NoPage) }
}

fn dialog(
    me: &Me,
    model: &Model,
    table: &Table,
    chosen: &Chosen,
    typed: &Typed,
    value: Option<LookupValue>,
    errors: &[(&str, String)],
) -> Result<Dialog, Failure> {
    let shares = model.table("principalobjectaccess").ok_or(Failure::NoPage)?;
    let column = shares.column(WHOM).ok_or(Failure::NoPage)?;
    let mut lookup = fields::lookup(me, model, shares, column);
    (lookup.value, lookup.create) = (value, Vec::new());
    let option = |privilege: Privilege| ChoiceOption {
        value: key(privilege).to_owned(),
        label: access::label(privilege),
        chosen: typed.all(WHAT).any(|typed| typed == key(privilege)),
    };
    let may = |privilege: &Privilege| me.caller.may_anywhere(model, table, *privilege);
    let options = SHAREABLE.into_iter().filter(may).map(option).collect();
    let error = |name: &str| errors.iter().find(|(wrong, _)| *wrong == name).map(|(_, why)| sentence(why));
    let mut whom = Field::new(WHOM, tr!("User or team"), Control::Lookup(lookup)).required();
    (whom.error, whom.autofocus) = (error(WHOM), true);
    let mut what = Field::new(WHAT, tr!("They may"), Control::MultiChoice { options }).required();
    what.error = error(WHAT);
    let told = errors.iter().map(|(name, why)| FieldError {
        field: Some(format!("{ID}-{name}")),
        label: if *name == WHOM { tr!("User or team") } else { tr!("They may") },
        message: why.clone(),
    });
    Ok(Dialog {
        id: ID.to_owned(),
        title: capital(&tr!("Share {}", chosen.words(me, table))),
        icon: "share".to_owned(),
        size: DialogSize::Medium,
        action: Some(format!("/{}/shares", table.set_name)),
        csrf: me.csrf.clone(),
        hidden: chosen.hidden(),
        errors: told.collect(),
        text: tr!("Besides what is shared with them already."),
        fields: vec![whom, what],
        submit: tr!("Share"),
        ..Dialog::default()
    })
}
