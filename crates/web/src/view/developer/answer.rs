//! What came of a request that was tried.

use std::time::Duration;

use axum::http::{HeaderMap, StatusCode, header};
use language::tr;
use maud::{Markup, Render, html};

use super::{pretty::pretty, trial::Trial};
use crate::{
    components::{PlainTable, TableColumn},
    session::Me,
};

/// Characters of a body that are shown.
const SHOWN: usize = 200_000;

/// An answer of the Web API.
pub(crate) struct Answered {
    pub method: String,
    pub address: String,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    pub took: Duration,
}

/// The answer as it is read.
pub(crate) fn answer(answered: &Answered) -> Markup {
    let kind = answered.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    html! {
        h3 { (tr!("Answer")) }
        p { code { (answered.method) " " (answered.address) } }
        p.trial-status {
            strong { (answered.status.as_str()) " " (answered.status.canonical_reason().unwrap_or_default()) }
            " · " (tr!("{} ms", answered.took.as_millis().max(1)))
            " · " (tr!("One byte" | "{n} bytes" % answered.body.len()))
        }
        details { summary { (tr!("Headers of the answer")) } (headers(&answered.headers)) }
        (body(kind, &answered.body))
    }
}

fn headers(headers: &HeaderMap) -> Markup {
    let column = |label: String| TableColumn { label, number: false };
    let row = |(name, value): (&header::HeaderName, &header::HeaderValue)| {
        vec![html! { code { (name) } }, html! { code { (String::from_utf8_lossy(value.as_bytes())) } }]
    };
    PlainTable {
        caption: tr!("Headers of the answer"),
        columns: vec![column(tr!("Name")), column(tr!("Value"))],
        rows: headers.iter().map(row).collect(),
    }
    .render()
}

fn body(kind: &str, bytes: &[u8]) -> Markup {
    if bytes.is_empty() {
        return html! { p { (tr!("The answer has no body.")) } };
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return html! { p { (tr!("The body is no text: {}.", kind)) } };
    };
    let text = if kind.starts_with("application/json") { pretty(text) } else { text.to_owned() };
    let cut = text.char_indices().nth(SHOWN).map(|(at, _)| at);
    html! {
        pre.code tabindex="0" role="region" aria-label=(tr!("Body of the answer")) { code { (text[..cut.unwrap_or(text.len())]) } }
        @if cut.is_some() { p { (tr!("Only the beginning is shown; ask for fewer rows or columns.")) } }
    }
}

/// The question before something may be changed.
pub(crate) fn confirmation(me: &Me, trial: &Trial, address: &str) -> Markup {
    let kept =
        [("method", &trial.method), ("address", &trial.address), ("headers", &trial.headers), ("body", &trial.body)];
    html! {
        form.trial-question method="post" action="/developer/requests" hx-post="/developer/requests" hx-target="#answer" hx-swap="innerHTML" hx-disabled-elt="find button" {
            input type="hidden" name="csrf" value=(me.csrf);
            input type="hidden" name="confirmed" value="yes";
            @for (name, value) in kept { textarea hidden name=(name) { "\n" (value) } }
            h3 { (tr!("Send this request?")) }
            p { code { (trial.method) " " (address) } }
            p { (tr!("It may change or delete records, as it would from a program.")) }
            div.page-commands { button.btn.btn-primary type="submit" { (tr!("Yes, send it")) } }
        }
    }
}
