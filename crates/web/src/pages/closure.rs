//! Closing opportunities as won or lost, and reopening them.

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use crm::{
    Origin, Row,
    opportunities::{CloseRequest, LOST, WON},
    reading::Names,
};
use language::tr;
use maud::Render;
use model::{FormKind, Table};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::record::labelled;
use crate::{
    address::Address,
    app::Site,
    components::{Control, Dialog, DialogSize, Field},
    failure::{Failure, sentence},
    flash::Flash,
    posted::{Posted, Typed},
    respond::{fragment, html},
    session::Me,
    view::{
        fields::{self, Fields},
        input::{Notation, day},
        record::{error_list, errors_of, form_columns},
        tables,
    },
};

const ID: &str = "closure";

/// The dialog; `outcome` is `won` or `lost`.
pub(crate) async fn show(
    State(site): State<Site>,
    me: Me,
    Address(id): Address<Uuid>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let asked = Typed::parse(&query.unwrap_or_default());
    // The reason may have been chosen already, by the lane of a board.
    Ok(fragment(dialog(&site, &me, id, is_won(&asked)?, Some(&asked), &[]).await?))
}

/// Closes.
pub(crate) async fn create(
    State(site): State<Site>,
    Address(id): Address<Uuid>,
    RawQuery(query): RawQuery,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let won = is_won(&Typed::parse(&query.unwrap_or_default()))?;
    let errors = match request(&site, &me, id, &typed)? {
        Ok(request) => {
            let opportunities = site.app.opportunities();
            let closed = if won {
                opportunities.win(&me.caller, Origin::Page, request).await
            } else {
                opportunities.lose(&me.caller, Origin::Page, request).await
            };
            match closed {
                Ok(closing) => {
                    let act = act_of(&site, &me, closing).await?;
                    let words =
                        if won { tr!("Opportunity won. Congratulations!") } else { tr!("Opportunity closed as lost.") };
                    return Ok(me.go(
                        &me.list_or(&tables::href_of(&site.model(), "opportunity", id)),
                        Some(act.map_or(Flash::done(words.clone()), |act| Flash::done(words).undo(act))),
                    ));
                }
                Err(error) => errors_of(&error).ok_or(error)?,
            }
        }
        Err(errors) => errors,
    };
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, dialog(&site, &me, id, won, Some(&typed), &errors).await?.render()))
}

/// The act that wrote a closing, by which it is undone.
async fn act_of(site: &Site, me: &Me, closing: Uuid) -> Result<Option<Uuid>, Failure> {
    let (entries, _) = site.app.history(&me.caller, "opportunityclose", closing, 1).await?;
    Ok(entries.first().map(|entry| entry.actor.act))
}

/// Opens a closed opportunity again.
pub(crate) async fn reopen(
    State(site): State<Site>,
    Address(id): Address<Uuid>,
    posted: Posted,
) -> Result<Response, Failure> {
    let me = posted.me;
    let href = tables::href_of(&site.model(), "opportunity", id);
    let flash = match site.app.opportunities().reopen(&me.caller, Origin::Page, vec![id]).await {
        Ok(act) => Flash::done(tr!("Opportunity reopened.")).undo(act),
        Err(crm::Error::Refused(message)) => Flash::failed(sentence(&message)),
        Err(error) => return Err(error.into()),
    };
    Ok(me.go(&href, Some(flash)))
}

fn is_won(asked: &Typed) -> Result<bool, Failure> {
    match asked.text("outcome") {
        "won" => Ok(true),
        "lost" => Ok(false),
        other => Err(Failure::Bad(tr!("“{}” is not an outcome; it is won or lost", other))),
    }
}

/// What was typed, or what is wrong with it.
fn request(
    site: &Site,
    me: &Me,
    id: Uuid,
    typed: &Typed,
) -> Result<Result<CloseRequest, Vec<(String, String)>>, Failure> {
    let table = labelled(site, "opportunityclose")?;
    let own = ["opportunitystatuscode", "actualrevenue", "actualend"];
    let columns: Vec<String> = columns(&table).into_iter().filter(|name| !own.contains(&name.as_str())).collect();
    let reading = fields::read(me, &table, columns.iter().map(String::as_str), None, typed);
    let mut errors = reading.errors;
    let notation = Notation::of(me);
    let filled = |name: &str| Some(typed.text(name).trim().to_owned()).filter(|text| !text.is_empty());
    let actual_revenue: Option<Decimal> = filled("actualrevenue").and_then(|text| {
        notation.number(&text).map_err(|message| errors.push(("actualrevenue".to_owned(), message))).ok()
    });
    let actual_end = filled("actualend")
        .and_then(|text| day(&text).map_err(|message| errors.push(("actualend".to_owned(), message))).ok());
    let status = filled("opportunitystatuscode").and_then(|status| status.parse().ok());
    if status.is_none() {
        errors.push(("opportunitystatuscode".to_owned(), tr!("choose how it ended")));
    }
    let request = CloseRequest {
        opportunity: id,
        status,
        actual_revenue,
        actual_end,
        also: reading.values,
        ..CloseRequest::default()
    };
    Ok(if errors.is_empty() { Ok(request) } else { Err(errors) })
}

/// The columns of the form "close".
fn columns(table: &Table) -> Vec<String> {
    let form = table.forms.iter().find(|form| form.kind == FormKind::Dialog && form.name == "close");
    form.map(|form| form_columns(form).map(str::to_owned).collect()).unwrap_or_default()
}

async fn dialog(
    site: &Site,
    me: &Me,
    id: Uuid,
    won: bool,
    typed: Option<&Typed>,
    errors: &[(String, String)],
) -> Result<Dialog, Failure> {
    let model = site.model();
    let (table, opportunity) = (labelled(site, "opportunityclose")?, labelled(site, "opportunity")?);
    let deal = site.app.get(&me.caller, "opportunity", id, None).await?;
    let mut row = Row::new().with("transactioncurrencyid", deal.value("transactioncurrencyid").clone());
    if won {
        row.set("actualrevenue", deal.value("estimatedvalue").clone());
    }
    let names: Names = site.app.names(&me.caller, fields::references(&table, &row, typed)).await?;
    let fields = Fields {
        me,
        model: &model,
        table: &table,
        names: &names,
        row: &row,
        typed,
        new: true,
        closed: false,
        scope: ID,
        errors,
        parties: None,
    };
    let shown = |name: &str| -> Option<Field> {
        match name {
            // A lost deal brought nothing, and nobody else won a won one.
            "actualrevenue" if !won => None,
            "competitorid" if won => None,
            "opportunitystatuscode" => Some(reason(&opportunity, won, typed, errors)),
            "actualend" => Some(last_day(me, typed, errors)),
            _ => fields.field(name),
        }
    };
    let columns = columns(&table);
    let (title, icon) = if won { (tr!("Close as won"), "trophy") } else { (tr!("Close as lost"), "circle-x") };
    Ok(Dialog {
        id: ID.to_owned(),
        title: title.clone(),
        icon: icon.to_owned(),
        size: DialogSize::Medium,
        action: Some(format!("/opportunities/{id}/closure?outcome={}", if won { "won" } else { "lost" })),
        csrf: me.csrf.clone(),
        errors: error_list(&table, errors, ID, |column| columns.iter().any(|name| name == column)),
        text: tr!("“{}” becomes read-only; activities can still be added.", deal.text("name")),
        fields: columns.iter().filter_map(|name| shown(name)).collect(),
        submit: title,
        ..Dialog::default()
    })
}

/// The opportunity's status reasons of this outcome.
fn reason(opportunity: &Table, won: bool, typed: Option<&Typed>, errors: &[(String, String)]) -> Field {
    let state = if won { WON } else { LOST };
    let wanted = typed.and_then(|typed| typed.get("opportunitystatuscode")).map(str::to_owned);
    let mut options = opportunity
        .column("statuscode")
        .map(|column| fields::options(opportunity, column, Some(state)))
        .unwrap_or_default();
    // Where there is a choice, the seller makes it: a reason that nobody chose says nothing.
    let only = options.len() == 1;
    for option in &mut options {
        option.chosen = only || Some(&option.value) == wanted.as_ref();
    }
    let field = Field::new("opportunitystatuscode", tr!("Status reason"), Control::Choice { options }).required();
    Field { error: wrong(errors, "opportunitystatuscode"), ..field }
}

fn last_day(me: &Me, typed: Option<&Typed>, errors: &[(String, String)]) -> Field {
    let today = me.caller.zone().now.to_zoned_datetime(me.caller.time_zone.clone()).date().to_string();
    let value = typed.and_then(|typed| typed.get("actualend")).map_or(today, str::to_owned);
    Field { error: wrong(errors, "actualend"), ..Field::new("actualend", tr!("Close date"), Control::Date { value }) }
}

fn wrong(errors: &[(String, String)], name: &str) -> Option<String> {
    errors.iter().find(|(column, _)| column == name).map(|(_, message)| sentence(message))
}
