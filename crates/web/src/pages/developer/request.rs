//! A request that somebody tries on the page: sent through the Web API in their name. What reads is sent
//! at once, what writes is asked about first. The form carries the session's token, as every form does, so
//! that no other site can have it sent.

use std::time::Instant;

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    response::Response,
};
use language::tr;
use maud::Markup;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::ADDRESS;
use crate::{
    app::Site,
    components::{PageLayout, alert},
    failure::Failure,
    posted::{Posted, Typed},
    respond::html,
    session::Me,
    view::developer::{Answered, METHODS, Trial, answer, confirmation, trial_form},
};

/// Largest answer that is taken, in bytes: a page of five thousand rows and more.
const LARGEST: usize = 64 * 1024 * 1024;
/// Where requests may go: to rows, their declarations, and the search.
const OPEN: [&str; 2] = ["/api/data/", "/api/search/"];
/// Where an address begins that names no more than a resource: `leads?$top=5`.
const ROOT: &str = "/api/data/v9.2/";
/// Headers that say something of a request to the Web API; all others are the page's own business.
const HEADERS: [&str; 10] = [
    "accept",
    "content-type",
    "prefer",
    "if-match",
    "if-none-match",
    "mscrmcallerid",
    "callerobjectid",
    "mscrm.suppressduplicatedetection",
    "odata-version",
    "odata-maxversion",
];
/// Most headers of a request.
const MOST_HEADERS: usize = 20;
/// What an address does not hold as it is.
const ENCODED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}')
    .add(b'#')
    .add(b'[')
    .add(b']');

/// Sends it, or asks first.
pub(crate) async fn create(State(site): State<Site>, posted: Posted) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let trial = Trial {
        headers: typed.text("headers").to_owned(),
        ..Trial::of(typed.text("method"), typed.text("address"), typed.text("body"))
    };
    let request = read(&me, &typed).map_err(|told| (StatusCode::UNPROCESSABLE_ENTITY, alert(&told)));
    let request = match request {
        Ok(request) => request,
        Err((status, told)) => return Ok(shown(&site, &me, &trial, me.refused(status), told)),
    };
    if request.method() != Method::GET && typed.text("confirmed") != "yes" {
        let told = confirmation(&me, &trial, &request.uri().to_string());
        return Ok(shown(&site, &me, &trial, StatusCode::OK, told));
    }
    let (method, address) = (request.method().to_string(), request.uri().to_string());
    let begun = Instant::now();
    let (status, headers, body) = answered(&site, &me, request).await?;
    let told = answer(&Answered { method, address, status, headers, body, took: begun.elapsed() });
    Ok(shown(&site, &me, &trial, StatusCode::OK, told))
}

/// The answer of the Web API: status, headers and body.
pub(crate) async fn answered(
    site: &Site,
    me: &Me,
    request: Request,
) -> Result<(StatusCode, HeaderMap, Vec<u8>), Failure> {
    let web_api = site.web_api.as_ref().ok_or(Failure::NoPage)?;
    let (parts, body) = web_api(me.caller.clone(), request).await.into_parts();
    let body = to_bytes(body, LARGEST).await.map_err(|_| {
        Failure::Bad(tr!(
            "the answer is larger than {} MB, more than this page shows; ask for less",
            LARGEST / 1024 / 1024
        ))
    })?;
    Ok((parts.status, parts.headers, body.to_vec()))
}

/// Scripts get the part that stands below the form, everybody else the page with it.
fn shown(site: &Site, me: &Me, trial: &Trial, status: StatusCode, told: Markup) -> Response {
    if me.browser.htmx {
        return html(status, told);
    }
    let content = maud::html! {
        div.page-plain.developer {
            header { h1 { (tr!("For developers")) } p { a href=(ADDRESS) { (tr!("All tables")) } } }
            (trial_form(me, trial, Some(told)))
        }
    };
    let mut page = me.page(&site.model(), &tr!("Try a request"), PageLayout::Scrolling, "developer", content);
    *page.status_mut() = status;
    page
}

fn read(me: &Me, typed: &Typed) -> Result<Request, String> {
    let method = typed.text("method");
    if !METHODS.contains(&method) {
        return Err(tr!("Choose one of the methods {}.", METHODS.join(", ")));
    }
    let headers = headers(typed.text("headers"))?;
    let body = typed.text("body").replace("\r\n", "\n");
    if method == "GET" && !body.trim().is_empty() {
        return Err(tr!("A GET has no body; leave it empty or choose another method."));
    }
    asking(me, method, typed.text("address").trim(), &headers, body)
}

/// A request as the Web API takes it; links in its answer lead to the host that the page was asked at.
///
/// # Errors
/// A sentence for the person where the address is none of the Web API.
pub(crate) fn asking(
    me: &Me,
    method: &str,
    address: &str,
    headers: &[(HeaderName, HeaderValue)],
    body: String,
) -> Result<Request, String> {
    let path = address.strip_prefix(me.browser.origin.as_str()).unwrap_or(address);
    let path = if path.starts_with('/') { path.to_owned() } else { format!("{ROOT}{path}") };
    let uri: Option<Uri> = utf8_percent_encode(&path, ENCODED).to_string().parse().ok();
    let uri = uri.filter(|uri| OPEN.iter().any(|open| uri.path().starts_with(open)));
    let uri = uri.ok_or_else(|| tr!("Write an address below /api/data/v9.2/, such as leads?$top=5."))?;
    let (scheme, host) = me.browser.origin.split_once("://").unwrap_or(("http", "localhost"));
    let mut request =
        Request::builder().method(method).uri(uri).header(header::HOST, host).header("x-forwarded-proto", scheme);
    if !body.trim().is_empty() && !headers.iter().any(|(name, _)| name == header::CONTENT_TYPE) {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request.body(Body::from(body)).map_err(|_| tr!("Write an address below /api/data/v9.2/, such as leads?$top=5."))
}

/// Headers, one a line.
fn headers(text: &str) -> Result<Vec<(HeaderName, HeaderValue)>, String> {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if lines.len() > MOST_HEADERS {
        return Err(tr!("At most {} headers can be sent.", MOST_HEADERS));
    }
    lines.into_iter().map(one_header).collect()
}

fn one_header(line: &str) -> Result<(HeaderName, HeaderValue), String> {
    let unread = || tr!("“{}” is not a header; write one a line, such as Prefer: return=representation.", line);
    let (name, value) = line.split_once(':').ok_or_else(unread)?;
    let name: HeaderName = name.trim().parse().map_err(|_| unread())?;
    if !HEADERS.contains(&name.as_str()) {
        return Err(tr!("The header {} is not sent from here; there are {}.", name.as_str(), HEADERS.join(", ")));
    }
    Ok((name, value.trim().parse().map_err(|_| unread())?))
}
