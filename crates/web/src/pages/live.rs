//! What changes under the eyes of whoever looks at a page, as server-sent events.

use std::convert::Infallible;

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, header},
    response::{
        IntoResponse, Response,
        sse::{Event, Sse},
    },
};
use crm::{
    FeedPosition,
    live::{Change, Listener, Live, News, Watches},
};
use model::{Model, Reference};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{app::Site, failure::Failure, posted::Typed, session::Me, view::tables};

/// By which a browser says up to where it was told.
const LAST_EVENT: &str = "last-event-id";

/// News of what is watched, from a place in the change feed on and without end:
/// `watch=TABLE` for all rows of a list, `rows=TABLE:ID,ID…` for rows shown, `about=TABLE:ID` for
/// the timeline of a record, `since=` for where to begin.
pub(crate) async fn show(
    State(site): State<Site>,
    me: Me,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let asked = Typed::parse(&query.unwrap_or_default());
    let watches = watches(&site.model(), &me, &asked)?;
    let since = since(&headers, &asked)?;
    let listener = Live::listen(&site.app, me.session.key.clone(), watches, since).await?;
    let stream = futures_util::stream::unfold(listener, |mut listener: Listener| async move {
        let news = listener.next().await?;
        Some((Ok::<_, Infallible>(event(&news)), listener))
    });
    let mut response = Sse::new(stream).into_response();
    // Not kept, and handed on at once by what stands between.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-transform"));
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

fn since(headers: &HeaderMap, asked: &Typed) -> Result<Option<FeedPosition>, Failure> {
    let last = headers.get(LAST_EVENT).and_then(|value| value.to_str().ok()).or_else(|| asked.get("since"));
    let parse = |text: &str| text.parse().map_err(|_| Failure::Bad("“since” is not a place in the history".to_owned()));
    last.filter(|text| !text.is_empty()).map(parse).transpose()
}

/// What is watched. A table that the person does not meet on pages has no news for them.
fn watches(model: &Model, me: &Me, asked: &Typed) -> Result<Watches, Failure> {
    let is_open = |name: &str| model.table(name).is_some_and(|table| tables::is_open_to(&me.caller, table));
    let mut watches = Watches::default();
    let mut fits = true;
    for table in asked.all("watch").filter(|table| is_open(table)) {
        fits &= watches.table(table);
    }
    for row in references(asked, "rows")?.into_iter().filter(|row| is_open(&row.table)) {
        fits &= watches.row(row);
    }
    for record in references(asked, "about")?.into_iter().filter(|record| is_open(&record.table)) {
        fits &= watches.about(record);
    }
    if fits { Ok(watches) } else { Err(Failure::Bad("this watches too much at once".to_owned())) }
}

/// `TABLE:ID,ID…`, several times.
fn references(asked: &Typed, name: &str) -> Result<Vec<Reference>, Failure> {
    let bad = |text: &str| Failure::Bad(format!("“{text}” names no rows; write TABLE:ID,ID"));
    let mut rows = Vec::new();
    for text in asked.all(name) {
        let (table, ids) = text.split_once(':').ok_or_else(|| bad(text))?;
        for id in ids.split(',') {
            let id: Uuid = id.parse().map_err(|_| bad(text))?;
            rows.push(Reference::new(table, id));
        }
    }
    Ok(rows)
}

fn event(news: &News) -> Event {
    let changes: Vec<Value> = news.changes.iter().map(told).collect();
    Event::default().id(news.position.to_string()).data(Value::from(changes).to_string())
}

fn told(change: &Change) -> Value {
    let name = |row: &Reference| format!("{}:{}", row.table, row.id);
    match change {
        Change::Row { row, created, by } => json!({ "row": name(row), "created": created, "by": by }),
        Change::Gone(row) => json!({ "gone": name(row) }),
        Change::Around { record, row, created, by } => {
            json!({ "about": name(record), "row": name(row), "created": created, "by": by })
        }
        Change::Many(table) => json!({ "many": table }),
        Change::Everything => json!({ "everything": true }),
    }
}
