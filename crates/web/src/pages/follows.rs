//! Following records.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use crm::{Cursor, Origin};
use language::tr;
use maud::{Markup, Render, html};
use model::Reference;
use uuid::Uuid;

use crate::{
    address::Address,
    app::Site,
    components::{EmptyState, PageLayout, PlainTable, TableColumn},
    failure::{Failure, sentence},
    flash::Flash,
    posted::{Posted, Typed},
    respond::fragment,
    session::Me,
    view::{cells::Cells, follows, tables},
};

/// Follows the record, or lets it go where `keep` is false. A script gets the button anew; a plain
/// form leads back to the page.
pub(crate) async fn create(
    State(site): State<Site>,
    Address((set_name, id)): Address<(String, Uuid)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let table = tables::named(&site.model(), &me.caller, &set_name)?;
    let record = Reference::new(table.name.as_str(), id);
    let keep = typed.text("keep") == "true";
    let done = if keep {
        site.app.follow(&me.caller, Origin::Page, record).await
    } else {
        site.app.unfollow(&me.caller, Origin::Page, record).await
    };
    let back = me.browser.page.clone().unwrap_or_else(|| tables::row_href(&table, id));
    match done {
        Ok(_) if me.browser.htmx => Ok(fragment(follows::toggle(&table, id, keep).markup(&me.csrf))),
        Ok(_) if keep => Ok(me.go(&back, Some(Flash::done(tr!("You follow this record now."))))),
        Ok(_) => Ok(me.go(&back, Some(Flash::done(tr!("You do not follow it any more."))))),
        Err(crm::Error::Refused(reason)) => Ok(me.go(&back, Some(Flash::failed(sentence(&reason))))),
        Err(error) => Err(error.into()),
    }
}

/// What the person follows, the latest first.
pub(crate) async fn list(State(site): State<Site>, me: Me, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let asked = Typed::parse(&query.unwrap_or_default());
    let behind = asked.get("behind").map(|token| Cursor { token: token.to_owned(), backwards: false });
    let (rows, names) = site.app.followed(&me.caller, behind).await?;
    let model = site.model();
    let cells = Cells { me: &me, model: &model, names: &names };
    let shown: Vec<Vec<Markup>> = rows.to_rows().filter_map(|row| follows::list_row(&cells, &me.csrf, &row)).collect();
    let older = rows.next.as_ref().map(|next| format!("{}?behind={}", follows::ADDRESS, next.token));
    let content = html! {
        div.page-plain {
            header {
                h1 { (tr!("What you follow")) }
                p { (tr!("What others change in these records stands in “My day”. Nobody else sees this list.")) }
            }
            section.page-card {
                @if shown.is_empty() {
                    (EmptyState {
                        icon: "eye".to_owned(),
                        title: tr!("You follow nothing yet"),
                        text: tr!("Choose Follow on the page of a lead, a deal or a customer to be told what others change there."),
                        ..EmptyState::default()
                    })
                } @else {
                    (PlainTable {
                        caption: tr!("What you follow"),
                        columns: [tr!("Record"), tr!("Kind"), tr!("Since"), tr!("Command")]
                            .map(|label| TableColumn { label, number: false })
                            .into(),
                        rows: shown,
                    })
                }
                @if let Some(older) = older { a.btn href=(older) { (tr!("Older")) } }
            }
        }
    };
    Ok(me.page(&model, &tr!("What you follow"), PageLayout::Scrolling, "follows", content.render()))
}
