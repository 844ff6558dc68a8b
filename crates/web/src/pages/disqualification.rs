//! Disqualifying leads with a reason, and bringing them back.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use crm::{
    Origin, Row,
    leads::{DISQUALIFIED, DISQUALIFIED_DEFAULT, OPEN},
};
use language::{Language, tr};
use model::Table;
use uuid::Uuid;

use super::{
    bulk::{self, Chosen},
    record::labelled,
};
use crate::{
    address::Address,
    app::Site,
    components::{Answer, Dialog, fields::ChoiceOption},
    failure::{Failure, sentence},
    flash::Flash,
    posted::{Posted, Typed},
    respond::fragment,
    session::Me,
    view::{fields, tables},
};

/// The dialog for one lead.
pub(crate) async fn ask_one(State(site): State<Site>, me: Me, Address(id): Address<Uuid>) -> Result<Response, Failure> {
    let table = labelled(&site, "lead")?;
    let lead = site.app.get(&me.caller, "lead", id, None).await?;
    let title = tr!("Disqualify {}", lead.text("fullname"));
    Ok(fragment(dialog(&me, &table, title, format!("/leads/{id}/disqualification"), Vec::new())))
}

/// The dialog for several.
pub(crate) async fn ask(State(site): State<Site>, me: Me, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let table = labelled(&site, "lead")?;
    let chosen = Chosen::of(&Typed::parse(&query.unwrap_or_default()))?;
    let title = tr!("Disqualify {}", chosen.words(&me, &table));
    Ok(fragment(dialog(&me, &table, title, "/leads/disqualifications".to_owned(), chosen.hidden())))
}

fn dialog(me: &Me, table: &Table, title: String, action: String, hidden: Vec<(String, String)>) -> Dialog {
    let reasons =
        table.column("statuscode").map(|column| fields::options(table, column, Some(DISQUALIFIED))).unwrap_or_default();
    let answer =
        |reason: ChoiceOption| Answer { name: "statuscode".to_owned(), value: reason.value, label: reason.label };
    Dialog {
        id: "disqualification".to_owned(),
        title,
        icon: "ban".to_owned(),
        action: Some(action),
        csrf: me.csrf.clone(),
        hidden,
        text: tr!("Choose why. It stays in the system and can be reactivated at any time."),
        answers: reasons.into_iter().map(answer).collect(),
        ..Dialog::default()
    }
}

/// Disqualifies one lead.
pub(crate) async fn create_one(
    State(site): State<Site>,
    Address(id): Address<Uuid>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let href = tables::href_of(&site.model(), "lead", id);
    let done = site.app.leads().disqualify(&me.caller, Origin::Page, vec![id], reason(&typed)).await;
    told(&me, &href, done, &tr!("Lead disqualified."))
}

/// Disqualifies several, each in its own part.
pub(crate) async fn create(State(site): State<Site>, posted: Posted) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let table = labelled(&site, "lead")?;
    let state = Row::new().with("statecode", DISQUALIFIED).with("statuscode", reason(&typed));
    set_states(&site, &me, &table, &Chosen::of(&typed)?, state, &tr!("disqualified")).await
}

/// Says what opening a closed lead leaves as it is.
pub(crate) async fn ask_to_reactivate_one(
    State(site): State<Site>,
    me: Me,
    Address(id): Address<Uuid>,
) -> Result<Response, Failure> {
    let (lead, names) = site.app.get_with_names(&me.caller, "lead", id).await?;
    let made = ["qualifyingopportunityid", "parentaccountid", "parentcontactid"].iter().filter_map(|column| {
        let reference = lead.value(column).as_reference()?;
        let table = Language::within_sentence(&site.model().table(&reference.table)?.label);
        let name = names.get(reference)?;
        Some(format!("{table} {}", tr!("“{}”", name)))
    });
    let made: Vec<String> = made.collect();
    let text = if made.is_empty() {
        tr!("The lead opens again and can be changed. What its qualification made stay as they are.")
    } else {
        let made = made.join(&tr!("between what stays" => ", the "));
        tr!("The lead opens again and can be changed. The {} stay as they are.", made)
    };
    let undo = site.app.leads().qualification_to_undo(&me.caller, id).await?;
    let instead = undo.map(|_| tr!("To take them back as well, choose Undo qualification instead."));
    Ok(fragment(Dialog {
        text: std::iter::once(text).chain(instead).collect::<Vec<_>>().join(" "),
        ..reactivation(
            &me,
            tr!("Reactivate {}?", lead.text("fullname")),
            format!("/leads/{id}/reactivation"),
            Vec::new(),
        )
    }))
}

/// Says what opening several closed leads leaves as it is.
pub(crate) async fn ask_to_reactivate(
    State(site): State<Site>,
    me: Me,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let table = labelled(&site, "lead")?;
    let chosen = Chosen::of(&Typed::parse(&query.unwrap_or_default()))?;
    let title = tr!("Reactivate {}?", chosen.words(&me, &table));
    Ok(fragment(reactivation(&me, title, "/leads/reactivations".to_owned(), chosen.hidden())))
}

fn reactivation(me: &Me, title: String, action: String, hidden: Vec<(String, String)>) -> Dialog {
    Dialog {
        id: "reactivation".to_owned(),
        title,
        icon: "arrow-back-up".to_owned(),
        action: Some(action),
        csrf: me.csrf.clone(),
        hidden,
        text: tr!(
            "They open again and can be changed. Accounts, contacts and opportunities that a qualification made stay as they are."
        ),
        submit: tr!("Reactivate"),
        ..Dialog::default()
    }
}

/// Opens one lead again.
pub(crate) async fn reactivate_one(
    State(site): State<Site>,
    Address(id): Address<Uuid>,
    posted: Posted,
) -> Result<Response, Failure> {
    let me = posted.me;
    let href = tables::href_of(&site.model(), "lead", id);
    let done = site.app.leads().reactivate(&me.caller, Origin::Page, vec![id]).await;
    told(&me, &href, done, &tr!("Lead reactivated."))
}

/// Opens several again, each in its own part.
pub(crate) async fn reactivate(State(site): State<Site>, posted: Posted) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let table = labelled(&site, "lead")?;
    let state = Row::new().with("statecode", OPEN);
    set_states(&site, &me, &table, &Chosen::of(&typed)?, state, &tr!("reactivated")).await
}

/// One act for all of them, so that one undo takes all of it back.
async fn set_states(
    site: &Site,
    me: &Me,
    table: &Table,
    chosen: &Chosen,
    state: Row,
    verb: &str,
) -> Result<Response, Failure> {
    let to = state.value("statecode").as_whole();
    bulk::run(site, me, table, chosen, verb, move |work, table, id| {
        let lead = work.load(table, id)?;
        if lead.value("statecode").as_whole() == to {
            let text = if to == Some(OPEN) { tr!("it is open already") } else { tr!("it is disqualified already") };
            return Err(crm::Error::refused(text));
        }
        work.update(table, id, state.clone(), None).map(|_| ())
    })
    .await
}

fn reason(typed: &Typed) -> i64 {
    typed.text("statuscode").parse().unwrap_or(DISQUALIFIED_DEFAULT)
}

fn told(me: &Me, href: &str, done: crm::Result<Uuid>, words: &str) -> Result<Response, Failure> {
    let href = me.list_or(href);
    match done {
        Ok(act) => Ok(me.go(&href, Some(Flash::done(words).undo(act)))),
        Err(crm::Error::Refused(message)) => Ok(me.go(&href, Some(Flash::failed(sentence(&message))))),
        Err(error) => Err(error.into()),
    }
}
