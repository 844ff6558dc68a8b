//! One table: its columns, what it is related to, what can be done with it, and requests to begin with.

use axum::{
    extract::{RawQuery, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use crm::access::Privilege;
use language::tr;
use maud::{Markup, html};
use model::Table;
use uuid::Uuid;

use super::ADDRESS;
use crate::{
    address::Address,
    app::Site,
    components::PageLayout,
    failure::Failure,
    posted::Typed,
    session::Me,
    view::developer::{Trial, columns, examples, may_read, operations, relationships, trial_form},
};

/// Characters of a body that an address carries into the form.
const LONGEST_BODY: usize = 4_000;

/// The page of a table.
pub(crate) async fn show(
    State(site): State<Site>,
    me: Me,
    Address(name): Address<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let model = site.model();
    let table = model.table(&name).filter(|table| may_read(&me, &model, table)).cloned().ok_or(Failure::NoPage)?;
    let document = described(&site, &me, &format!("?tables={name}")).await?;
    let document = serde_json::from_slice(&document).unwrap_or_default();
    let some = some_row(&site, &me, &table).await?;
    let asked = Typed::parse(&query.unwrap_or_default());
    let chosen = if asked.has("address") {
        let body: String = asked.text("body").chars().take(LONGEST_BODY).collect();
        Trial::of(asked.text("method"), asked.text("address"), &body)
    } else {
        Trial::of("GET", &format!("/api/data/v9.2/{}?$top=5", table.set_name), "")
    };
    let may = |privilege| me.caller.may_anywhere(&model, &table, privilege);
    let rights = (may(Privilege::Create), may(Privilege::Write));
    let content = html! {
        div.page-plain.developer {
            (head(&table))
            (card("columns", &tr!("Columns"), &columns(&me, &model, &table)))
            (card("relationships", &tr!("Relationships"), &relationships(&me, &model, &table)))
            (card("operations", &tr!("What can be done"), &operations(&document, &table)))
            (card("examples", &tr!("Examples"), &examples(&me, &table, some, rights)))
            (trial_form(&me, &chosen, None))
        }
    };
    Ok(me.page(&model, &table.plural_label, PageLayout::Scrolling, "developer", content))
}

/// The description of all tables, for whoever wants to keep it.
pub(crate) async fn openapi(State(site): State<Site>, me: Me) -> Result<Response, Failure> {
    let document = described(&site, &me, "").await?;
    Ok((
        StatusCode::OK,
        [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "private, no-cache")],
        document,
    )
        .into_response())
}

async fn described(site: &Site, me: &Me, query: &str) -> Result<Vec<u8>, Failure> {
    let request = super::request::asking(me, "GET", &format!("/api/data/v9.2/openapi.json{query}"), &[], String::new());
    let (status, _, body) = super::request::answered(site, me, request.map_err(Failure::Bad)?).await?;
    if status == StatusCode::TOO_MANY_REQUESTS {
        return Err(crm::Error::TooManyRequests { seconds: 1 }.into());
    }
    Ok(body)
}

/// A row that the caller sees, so that examples are about something.
async fn some_row(site: &Site, me: &Me, table: &Table) -> Result<Option<Uuid>, Failure> {
    let query = site.app.new_query(&me.caller, &table.name).select([table.primary_key.as_str()]).take(1);
    let rows = site.app.query(&me.caller, query).await?;
    Ok(rows.rows.first().and_then(|row| row.first()).and_then(model::Value::as_id))
}

fn head(table: &Table) -> Markup {
    let parts = [
        ("columns", tr!("Columns")),
        ("relationships", tr!("Relationships")),
        ("operations", tr!("What can be done")),
        ("examples", tr!("Examples")),
        ("try", tr!("Try a request")),
    ];
    html! {
        header {
            h1 { (table.plural_label) }
            p { code { (table.name) } " · " code { (table.set_name) } }
            p { a href=(ADDRESS) { (tr!("All tables")) } }
            @if !table.description.is_empty() { p { (table.description) } }
        }
        nav.developer-parts aria-label=(tr!("On this page")) {
            @for (id, label) in &parts { a.btn href={ "#" (id) } { (label) } }
        }
    }
}

fn card(id: &str, title: &str, content: &Markup) -> Markup {
    html! { section.page-card id=(id) { h2 { (title) } (content) } }
}
