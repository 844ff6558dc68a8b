//! Cards moved from lane to lane.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use crm::{Origin, Row, boards::Lane};
use language::tr;
use maud::{Markup, Render, html};
use model::{Reference, Table};
use uuid::Uuid;

use super::{card, one_card, opened, owner, scene};
use crate::{
    address::Address,
    app::Site,
    components::{Command, Dialog, DialogSize, PageLayout},
    failure::Failure,
    flash::Flash,
    posted::{Posted, Typed},
    respond::{fragment, html as answer, set_header},
    session::Me,
    view::{
        board::Scene,
        fields::{self, Fields},
        record::{error_list, errors_of},
    },
};

const ID: &str = "move";
/// Element that asks for a move made on the board itself.
const BOARD: &str = "board";
/// Names the columns that a dialog asked for.
const ASKED: &str = "asked";

/// Asks which lane a card shall go to: a page of its own, for whoever has no script.
pub(crate) async fn ask(
    State(site): State<Site>,
    me: Me,
    Address(set_name): Address<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let (model, table) = opened(&site, &me, &set_name)?;
    let query = query.unwrap_or_default();
    let scene = scene(&site, &me, &model, &table, &query).await?;
    let id = id(&Typed::parse(&query))?;
    let (card, _) = one_card(&site, &scene, id).await?;
    let content = choice(&scene, id, &card.title);
    if me.browser.htmx {
        return Ok(fragment(content));
    }
    Ok(me.page(&model, &tr!("Move “{}”", card.title), PageLayout::Scrolling, &table.set_name, content))
}

fn choice(scene: &Scene<'_>, id: Uuid, title: &str) -> Markup {
    html! {
        div.page-narrow {
            h1 { (tr!("Move “{}”", title)) }
            form.board-move-form method="post" action=(action(scene.table)) {
                input type="hidden" name="csrf" value=(scene.me.csrf);
                input type="hidden" name="id" value=(id);
                input type="hidden" name="board" value=(query_of(scene));
                @for lane in scene.heads(None).iter().filter(|lane| lane.accepts) {
                    button.btn type="submit" name="to" value=(lane.key) { (lane.label) }
                }
            }
            p { (Command::new(tr!("Back to the board"), "arrow-left", crate::components::Action::Link(scene.href()))) }
        }
    }
}

/// Moves a card.
pub(crate) async fn create(
    State(site): State<Site>,
    Address(set_name): Address<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let (model, table) = opened(&site, &me, &set_name)?;
    let page = me.browser.page.as_deref().and_then(|page| page.split_once('?')).map_or("", |(_, query)| query);
    let scene = scene(&site, &me, &model, &table, typed.get("board").unwrap_or(page)).await?;
    let (id, lane) = (id(&typed)?, scene.board.lane(typed.text("to")).ok_or(Failure::NoPage)?);
    let row = site.app.get(&me.caller, &table.name, id, None).await?;
    let asked: Vec<&str> = typed.all(ASKED).collect();
    let mut reading = fields::read(&me, &table, asked.iter().copied(), Some(&row), &typed);
    let owner = owner(&table, &typed)?.filter(|owner| row.value("ownerid").as_reference() != Some(owner));
    if let Some(owner) = &owner {
        reading.values.set("ownerid", owner.clone());
    }
    let errors = if reading.errors.is_empty() {
        match site.app.boards().move_card(&me.caller, Origin::Page, &scene.board, id, lane, reading.values).await {
            Ok(act) => {
                let words = words(&site, &me, &table, &row, lane, owner).await?;
                return moved(&site, &scene, id, &words, act).await;
            }
            // A rule is told as a message; what lacks is asked for.
            Err(error @ (crm::Error::Invalid(_) | crm::Error::Refused(_))) => refusal(&me, &scene, error, &asked)?,
            Err(error) => return Err(error.into()),
        }
    } else {
        Err(reading.errors)
    };
    match errors {
        Ok(response) => Ok(response),
        Err(errors) => {
            let dialog = dialog(&site, &scene, id, &row, lane, &typed, &errors).await?;
            let mut response = answer(StatusCode::UNPROCESSABLE_ENTITY, dialog.render());
            if me.browser.target.as_deref() == Some(BOARD) {
                set_header(&mut response, "hx-retarget", "#dialogs");
                set_header(&mut response, "hx-reswap", "innerHTML");
            }
            Ok(response)
        }
    }
}

/// What is wrong field by field, or else the answer that tells why the card stays where it is.
fn refusal(
    me: &Me,
    scene: &Scene<'_>,
    error: crm::Error,
    asked: &[&str],
) -> Result<Result<Response, Vec<(String, String)>>, Failure> {
    let errors = errors_of(&error).unwrap_or_default();
    if !me.browser.htmx {
        let text = Failure::from(error).text();
        return Ok(Ok(me.go(&scene.href(), Some(Flash::failed(text)))));
    }
    let names_fields = errors.iter().any(|(column, _)| scene.table.column(column).is_some());
    // In the dialog a refusal stands above the fields; what was typed stays.
    if names_fields || !asked.is_empty() { Ok(Err(errors)) } else { Err(error.into()) }
}

async fn moved(site: &Site, scene: &Scene<'_>, id: Uuid, words: &str, act: Uuid) -> Result<Response, Failure> {
    let flash = Flash::done(words).undo(act);
    if scene.me.browser.target.as_deref() != Some(BOARD) {
        return Ok(scene.me.go(&scene.href(), Some(flash)));
    }
    let (card, _) = one_card(site, scene, id).await?;
    card::answer(site, scene, card.again(), Some(flash)).await
}

async fn words(
    site: &Site,
    me: &Me,
    table: &Table,
    row: &Row,
    lane: &Lane,
    owner: Option<Reference>,
) -> Result<String, Failure> {
    let name = row.text(&table.primary_name);
    let Some(owner) = owner else { return Ok(tr!("“{}” moved to {}.", name, lane.label)) };
    let names = site.app.names(&me.caller, vec![owner.clone()]).await?;
    let owner = names.get(&owner).map_or_else(|| tr!("somebody else"), str::to_owned);
    Ok(tr!("“{}” moved to {} and assigned to {}.", name, lane.label, owner))
}

/// Asks for the fields that are wrong or lacking, and for nothing else.
async fn dialog(
    site: &Site,
    scene: &Scene<'_>,
    id: Uuid,
    row: &Row,
    lane: &Lane,
    typed: &Typed,
    errors: &[(String, String)],
) -> Result<Dialog, Failure> {
    let Scene { me, model, table, .. } = *scene;
    let mut columns: Vec<String> = typed.all(ASKED).map(str::to_owned).collect();
    for (column, _) in errors {
        if table.column(column).is_some() && !columns.contains(column) {
            columns.push(column.clone());
        }
    }
    let references = fields::references(table, row, Some(typed));
    let names = site.app.names(&me.caller, references).await?;
    // Only what a dialog asked for was typed.
    let typed_again = typed.has(ASKED).then_some(typed);
    let fields = Fields {
        me,
        model,
        table,
        names: &names,
        row,
        typed: typed_again,
        new: false,
        closed: false,
        scope: ID,
        errors,
        parties: None,
    };
    let mut hidden = vec![
        ("id".to_owned(), id.to_string()),
        ("to".to_owned(), lane.key.clone()),
        ("board".to_owned(), query_of(scene)),
        ("owner".to_owned(), typed.text("owner").to_owned()),
    ];
    hidden.extend(columns.iter().map(|column| (ASKED.to_owned(), column.clone())));
    Ok(Dialog {
        id: ID.to_owned(),
        title: tr!("Move to {}", lane.label),
        icon: "flag".to_owned(),
        size: DialogSize::Medium,
        action: Some(action(table)),
        csrf: me.csrf.clone(),
        hidden,
        errors: error_list(table, errors, ID, |column| columns.iter().any(|name| name == column)),
        text: tr!("“{}” lacks something before it can go there.", row.text(&table.primary_name)),
        fields: columns.iter().filter_map(|name| fields.field(name)).map(crate::components::Field::required).collect(),
        submit: tr!("Save and move"),
        ..Dialog::default()
    })
}

fn action(table: &Arc<Table>) -> String {
    format!("/{}/board/moves", table.set_name)
}

/// The query of the board's address.
fn query_of(scene: &Scene<'_>) -> String {
    scene.href().split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default()
}

fn id(asked: &Typed) -> Result<Uuid, Failure> {
    asked.text("id").parse().map_err(|_| Failure::Bad(tr!("say which record shall be moved")))
}
