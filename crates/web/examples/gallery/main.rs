//! Shows every component with believable data, to look at while designing:
//! `cargo run -p pipewright-web --example gallery`, then <http://127.0.0.1:4180>.

// An example of everything names everything.
#![allow(clippy::wildcard_imports, missing_docs)]

mod leads;
mod opportunity;
mod small;

use axum::Router;
use axum::extract::{Query, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use maud::{Markup, Render};
use pipewright_web::assets;
use pipewright_web::components::*;
use serde::Deserialize;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let pages = Router::new()
        .route("/", get(|headers: HeaderMap| async move { leads::page(theme(&headers)) }))
        .route("/leads/empty", get(|headers: HeaderMap| async move { leads::empty_page(theme(&headers)) }))
        .route("/leads/filter", get(|| async { leads::filter_editor() }))
        .route("/leads/disqualify", get(|| async { small::disqualify() }))
        .route(
            "/opportunity",
            get(|headers: HeaderMap| async move { opportunity::page(theme(&headers), false) }).post(
                |headers: HeaderMap| async move {
                    (StatusCode::UNPROCESSABLE_ENTITY, opportunity::page(theme(&headers), true))
                },
            ),
        )
        .route("/opportunity/errors", get(|headers: HeaderMap| async move { opportunity::page(theme(&headers), true) }))
        .route("/opportunity/closed", get(|headers: HeaderMap| async move { opportunity::closed(theme(&headers)) }))
        .route("/opportunity/competitors", get(|| async { opportunity::competitors() }))
        .route("/quick-create", get(|| async { small::quick_create() }))
        .route("/import", get(|headers: HeaderMap| async move { small::import(theme(&headers)) }))
        .route("/history", get(|headers: HeaderMap| async move { small::history(theme(&headers)) }))
        .route("/login", get(|headers: HeaderMap| async move { small::login(theme(&headers)) }))
        .route("/error", get(|headers: HeaderMap| async move { small::missing(theme(&headers)) }))
        .route("/search", get(|| async { small::suggestions() }))
        .route("/lookup/{table}/{column}", get(lookup))
        .route("/undo", post(|| async { "undone" }))
        .merge(assets::routes())
        .layer(from_fn(strict_policy));

    let listener = tokio::net::TcpListener::bind("127.0.0.1:4180").await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, pages).await
}

/// The policy that the product sends; the gallery proves that the pages live with it.
async fn strict_policy(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let policy = "default-src 'self'; style-src 'self'; script-src 'self'; img-src 'self' data: blob:";
    response.headers_mut().insert("content-security-policy", HeaderValue::from_static(policy));
    response
}

#[derive(Deserialize)]
struct LookupQuery {
    q: String,
}

async fn lookup(Query(query): Query<LookupQuery>) -> impl IntoResponse {
    let wanted = query.q.to_lowercase();
    let matches: Vec<_> = leads::COMPANIES
        .iter()
        .filter(|company| company.to_lowercase().contains(&wanted))
        .take(6)
        .enumerate()
        .map(|(id, company)| serde_json::json!({ "id": format!("{id:032x}"), "table": "account", "label": company, "secondary": "Hamburg" }))
        .chain(leads::PEOPLE.iter().filter(|person| person.to_lowercase().contains(&wanted)).take(4).enumerate().map(
            |(id, person)| serde_json::json!({ "id": format!("{:032x}", id + 100), "table": "contact", "label": person, "secondary": "Head of purchasing" }),
        ))
        .collect();
    axum::Json(matches)
}

fn theme(headers: &HeaderMap) -> Theme {
    let cookies = headers.get("cookie").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let value = cookies.split("; ").find_map(|cookie| cookie.strip_prefix("theme=")).unwrap_or_default();
    Theme::from_cookie(value)
}

/// A page in the frame, at the place in the navigation of this address.
fn framed(title: &str, theme: Theme, layout: PageLayout, here: &str, toasts: Vec<Toast>, content: Markup) -> Markup {
    let mut shell = shell(theme, here);
    shell.toasts = toasts;
    Page { title: title.to_owned(), shell, layout, content }.render()
}

fn shell(theme: Theme, here: &str) -> Shell {
    let group = |label: &str, items: &[(&str, &str, &str)]| NavGroup {
        label: label.to_owned(),
        items: items
            .iter()
            .map(|(label, href, icon)| NavItem {
                label: (*label).to_owned(),
                href: (*href).to_owned(),
                icon: (*icon).to_owned(),
                current: *href == here,
                key: None,
            })
            .collect(),
    };
    Shell {
        organisation: "Nordlicht Robotics GmbH".to_owned(),
        language: "en".to_owned(),
        locale: "en-GB".to_owned(),
        theme,
        navigation: vec![
            group("Sales", &[("Leads", "/", "target"), ("Opportunities", "/opportunity", "cash")]),
            group("Customers", &[("Accounts", "/leads/empty", "building"), ("Contacts", "/contacts", "address-book")]),
            group(
                "Activities",
                &[
                    ("Tasks", "/tasks", "checkbox"),
                    ("Phone calls", "/calls", "phone"),
                    ("E-mails", "/emails", "mail"),
                    ("Appointments", "/appointments", "calendar-event"),
                ],
            ),
            group(
                "Catalogue",
                &[
                    ("Products", "/products", "package"),
                    ("Price lists", "/pricelevels", "receipt"),
                    ("Competitors", "/competitors", "swords"),
                ],
            ),
            group("Data", &[("Import", "/import", "file-import"), ("Settings", "/history", "settings")]),
        ],
        search: "/search".to_owned(),
        search_value: String::new(),
        quick_create: ["Lead", "Opportunity", "Account", "Contact", "Task"]
            .iter()
            .zip(["target", "cash", "building", "address-book", "checkbox"])
            .map(|(label, icon)| Command::new(*label, icon, Action::Dialog("/quick-create".to_owned())))
            .collect(),
        user: UserMenu {
            id: "mara".to_owned(),
            name: "Mara Lindqvist".to_owned(),
            email: "mara@nordlicht.example".to_owned(),
            commands: vec![Command::new("Personal settings", "settings", Action::Link("/history".to_owned()))],
            sign_out: "/sign-out".to_owned(),
        },
        csrf: "gallery".to_owned(),
        toasts: Vec::new(),
        ..Shell::default()
    }
}
