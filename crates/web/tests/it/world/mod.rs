//! A small organisation with its pages, asked as a browser asks.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, BodyDataStream, to_bytes},
    http::{Request, Response, StatusCode, header},
};
use crm::{App, Caller, NewRecord, Origin, Row, identity::SetUp};
use futures_util::StreamExt;
use model::{Overlay, Privileges, Reference, Role};
use testkit::{OnEachEngine, Place};
use tower::ServiceExt;
use uuid::Uuid;

pub const PASSWORD: &str = "correct horse battery";

/// An organisation with an administrator and a seller, both with the same password.
pub struct World {
    pub app: App,
    pub admin: Caller,
    pub seller: Caller,
    _place: Place,
    _origin: Arc<Beginning>,
}

/// What each world begins with, on SQLite and on PostgreSQL.
static BEGINNINGS: OnEachEngine<Beginning> = OnEachEngine::new();

struct Beginning {
    place: Place,
    admin: Uuid,
    seller: Uuid,
}

/// A browser: it keeps cookies and knows the token of the last page.
pub struct Browser {
    router: Router,
    cookies: Vec<(String, String)>,
    token: String,
}

/// An answer, read to its end.
pub struct Answer {
    pub status: StatusCode,
    pub text: String,
    headers: axum::http::HeaderMap,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Where it leads to, by redirect or for scripts.
    pub fn leads_to(&self) -> &str {
        let location = self.header("location");
        if location.is_empty() { self.header("hx-redirect") } else { location }
    }

    pub fn has(&self, text: &str) -> bool {
        self.text.contains(text)
    }

    /// The value of the attribute behind the first occurrence of `before`.
    pub fn after(&self, before: &str) -> String {
        let (_, rest) =
            self.text.split_once(before).unwrap_or_else(|| panic!("the page lacks {before}: {}", self.text));
        rest.split('"').next().unwrap_or_default().replace("&amp;", "&")
    }
}

/// A stream of news that is being read.
pub struct News {
    pub headers: axum::http::HeaderMap,
    pieces: BodyDataStream,
    rest: String,
}

impl News {
    /// The next event that tells of something: its place in the feed and what it says. Signs of life
    /// do not count: it must come within half a minute.
    pub async fn next(&mut self) -> Option<(String, serde_json::Value)> {
        tokio::time::timeout(Duration::from_secs(30), self.awaited()).await.expect("something is told")
    }

    async fn awaited(&mut self) -> Option<(String, serde_json::Value)> {
        loop {
            while let Some(end) = self.rest.find("\n\n") {
                let event: String = self.rest.drain(..end + 2).collect();
                let line =
                    |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().to_owned();
                let (place, data) = (line("id: "), line("data: "));
                if data != "[]" {
                    return Some((place, serde_json::from_str(&data).unwrap()));
                }
            }
            let piece = self.pieces.next().await?.unwrap();
            self.rest.push_str(std::str::from_utf8(&piece).unwrap());
        }
    }
}

/// Runs a test in a world on each engine.
pub async fn in_every_world(test: impl AsyncFn(World)) {
    BEGINNINGS.run(Beginning::new, async |postgres| test(World::new(postgres).await).await).await;
}

/// Somebody with one role, signed in.
pub async fn somebody(world: &World, tables: &[(&str, Privileges)]) -> (Uuid, Browser) {
    let role = Role {
        label: "Tried".to_owned(),
        description: String::new(),
        everything: false,
        customizes: false,
        acts_for_others: false,
        own_tables: Privileges::default(),
        tables: tables.iter().map(|(table, given)| ((*table).to_owned(), *given)).collect(),
    };
    let mut overlay = Overlay::default();
    overlay.roles.insert("new_tried".to_owned(), role);
    world.app.customization().publish(&world.admin, Origin::Page, overlay).await.unwrap();
    let row = Row::new()
        .with("firstname", "Tara")
        .with("lastname", "Tried")
        .with("internalemailaddress", "tara@contoso.example")
        .with("businessunitid", Reference::new("businessunit", world.admin.business_unit));
    let user = world.app.create(&world.admin, Origin::Page, NewRecord::of("systemuser", row)).await.unwrap();
    world.app.identity().give_role(&world.admin, user, "Tried").await.unwrap();
    world.app.identity().set_password(&world.admin, user, PASSWORD).await.unwrap();
    let mut browser = world.stranger();
    browser.sign_in("tara@contoso.example").await;
    (user, browser)
}

impl Beginning {
    async fn new(postgres: bool) -> Self {
        let place = Place::empty(postgres).unwrap();
        let app = App::open(&place.address().parse().unwrap()).await.unwrap();
        let set_up = SetUp {
            organization: "Contoso".into(),
            admin_email: "ada@contoso.example".into(),
            admin_password: Some(PASSWORD.into()),
            ..SetUp::default()
        };
        let admin = app.identity().set_up(set_up).await.unwrap();
        let admin = app.caller(admin).await.unwrap();
        let seller = Row::new()
            .with("firstname", "Sam")
            .with("lastname", "Seller")
            .with("internalemailaddress", "sam@contoso.example")
            .with("businessunitid", Reference::new("businessunit", admin.business_unit));
        let seller = app.create(&admin, Origin::Page, NewRecord::of("systemuser", seller)).await.unwrap();
        app.identity().give_role(&admin, seller, "Salesperson").await.unwrap();
        app.identity().set_password(&admin, seller, PASSWORD).await.unwrap();
        app.close().await;
        Self { place, admin: admin.user, seller }
    }
}

impl World {
    /// A world of its own on one engine.
    pub async fn new(postgres: bool) -> Self {
        let origin = BEGINNINGS.get(postgres, Beginning::new).await;
        let place = origin.place.copy().unwrap();
        let app = App::open(&place.address().parse().unwrap()).await.unwrap();
        let admin = app.caller(origin.admin).await.unwrap();
        let seller = app.caller(origin.seller).await.unwrap();
        Self { app, admin, seller, _place: place, _origin: origin }
    }

    /// A browser in which nobody is signed in.
    pub fn stranger(&self) -> Browser {
        let door = webapi::Door::of(self.app.clone(), None);
        let web_api: pipewright_web::WebApi = Arc::new(move |caller, request| {
            let door = door.clone();
            Box::pin(async move { door.answer(caller, request).await })
        });
        let router = pipewright_web::router_at(self.app.clone(), None, Some(web_api));
        Browser { router, cookies: Vec::new(), token: String::new() }
    }

    /// The seller's browser.
    pub async fn browser(&self) -> Browser {
        let mut browser = self.stranger();
        browser.sign_in("sam@contoso.example").await;
        browser
    }

    pub async fn create(&self, table: &str, row: Row) -> Uuid {
        // With what the seller may do by now.
        let seller = self.app.caller(self.seller.user).await.unwrap();
        self.app.create(&seller, Origin::Page, NewRecord::of(table, row)).await.unwrap()
    }

    pub async fn lead(&self, topic: &str, last_name: &str) -> Uuid {
        let row = Row::new()
            .with("subject", topic)
            .with("firstname", "Lena")
            .with("lastname", last_name)
            .with("companyname", "Fabrikam Ltd");
        self.create("lead", row).await
    }

    pub async fn get(&self, table: &str, id: Uuid) -> Row {
        self.app.get(&self.seller, table, id, None).await.unwrap()
    }
}

impl Browser {
    pub async fn sign_in(&mut self, email: &str) {
        self.get("/sign-in").await;
        let answer = self.post("/sign-in", &[("email", email), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        self.get("/leads").await;
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.ask(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// As a script of the page asks for a part of it.
    pub async fn get_part(&mut self, path: &str, target: &str) -> Answer {
        let request = Request::get(path).header("hx-request", "true").header("hx-target", target);
        self.ask(request.body(Body::empty()).unwrap()).await
    }

    /// The token of the last page.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Posts a form with the token of the last page.
    pub async fn post(&mut self, path: &str, values: &[(&str, &str)]) -> Answer {
        let token = self.token.clone();
        self.post_with_token(path, values, &token).await
    }

    pub async fn post_with_token(&mut self, path: &str, values: &[(&str, &str)], token: &str) -> Answer {
        let body =
            form_urlencoded::Serializer::new(String::new()).append_pair("csrf", token).extend_pairs(values).finish();
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::HOST, "crm.example");
        self.ask(request.body(Body::from(body)).unwrap()).await
    }

    pub async fn ask(&mut self, mut request: Request<Body>) -> Answer {
        let cookies = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        if !cookies.is_empty() {
            request.headers_mut().insert(header::COOKIE, cookies.parse().unwrap());
        }
        let response: Response<Body> = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            self.keep(cookie.to_str().unwrap());
        }
        let text = String::from_utf8_lossy(&to_bytes(body, usize::MAX).await.unwrap()).into_owned();
        if let Some(token) = text.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()) {
            token.clone_into(&mut self.token);
        }
        Answer { status: parts.status, text, headers: parts.headers }
    }

    /// Opens a stream of news, as a page does.
    pub async fn listen(&mut self, path: &str) -> News {
        let cookies = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let request = Request::get(path).header(header::COOKIE, cookies).body(Body::empty()).unwrap();
        let response: Response<Body> = self.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let (parts, body) = response.into_parts();
        News { headers: parts.headers, pieces: body.into_data_stream(), rest: String::new() }
    }

    fn keep(&mut self, cookie: &str) {
        let (pair, rest) = cookie.split_once(';').unwrap_or((cookie, ""));
        let (name, value) = pair.split_once('=').unwrap();
        self.cookies.retain(|(known, _)| known != name);
        if !rest.contains("Max-Age=0") {
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
    }
}
