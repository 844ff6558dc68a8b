//! An organisation with a Web API in front, on SQLite and on PostgreSQL.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode},
};
use crm::{App, identity::SetUp};
use serde_json::{Value, json};
use testkit::{OnEachEngine, Place};
use tower::ServiceExt;

pub const BASE: &str = "/api/data/v9.2/";

/// An organisation with an administrator who talks to it by the Web API.
pub struct World {
    pub app: App,
    pub token: String,
    router: Router,
    _place: Place,
    _origin: Arc<Beginning>,
}

/// What each world begins with, on SQLite and on PostgreSQL.
static BEGINNINGS: OnEachEngine<Beginning> = OnEachEngine::new();

struct Beginning {
    place: Place,
    token: String,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

/// Runs a test in a world on each engine.
pub async fn in_every_world(test: impl AsyncFn(World)) {
    BEGINNINGS.run(Beginning::new, async |postgres| test(World::new(postgres).await).await).await;
}

impl Beginning {
    async fn new(postgres: bool) -> Self {
        let place = Place::empty(postgres).unwrap();
        let app = App::open(&place.address().parse().unwrap()).await.unwrap();
        let set_up =
            SetUp { organization: "Contoso".into(), admin_email: "ada@contoso.example".into(), ..SetUp::default() };
        let admin = app.identity().set_up(set_up).await.unwrap();
        let admin = app.caller(admin).await.unwrap();
        let token = app.identity().create_token(&admin, admin.user, "tests", 1).await.unwrap();
        app.close().await;
        Self { place, token }
    }
}

impl World {
    pub async fn new(postgres: bool) -> Self {
        let origin = BEGINNINGS.get(postgres, Beginning::new).await;
        let place = origin.place.copy().unwrap();
        let app = App::open(&place.address().parse().unwrap()).await.unwrap();
        let router = pipewright_webapi::router(app.clone(), None);
        Self { app, token: origin.token.clone(), router, _place: place, _origin: origin }
    }

    /// Sends a request with the token; `path` stands below the version.
    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Answer {
        let token = format!("Bearer {}", self.token);
        let mut all = vec![("authorization", token.as_str())];
        all.extend_from_slice(headers);
        let body = body.map(ToString::to_string).unwrap_or_default();
        self.raw(method, &format!("{BASE}{path}"), &all, body).await
    }

    /// Sends exactly this.
    pub async fn raw(&self, method: &str, path: &str, headers: &[(&str, &str)], body: String) -> Answer {
        let mut request = Request::builder().method(method).uri(path.replace(' ', "%20")).header("host", "crm.example");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, body: String::from_utf8(body.to_vec()).unwrap() }
    }

    pub async fn get(&self, path: &str) -> Value {
        self.get_with(path, &[]).await
    }

    pub async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Value {
        let answer = self.send("GET", path, headers, None).await;
        assert_eq!(answer.status, 200, "GET {path}: {}", answer.body);
        answer.json()
    }

    /// Creates a row and returns its id.
    pub async fn create(&self, set: &str, body: Value) -> String {
        let answer = self.send("POST", set, &[], Some(&body)).await;
        assert_eq!(answer.status, 204, "POST {set} {body}: {}", answer.body);
        answer.id()
    }

    pub async fn patch(&self, path: &str, headers: &[(&str, &str)], body: Value) -> Answer {
        self.send("PATCH", path, headers, Some(&body)).await
    }

    /// The message of a refusal with this status.
    pub async fn refused(&self, method: &str, path: &str, body: Option<Value>, status: u16) -> String {
        let answer = self.send(method, path, &[], body.as_ref()).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
        answer.message()
    }

    /// An account with an open deal.
    pub async fn deal(&self, name: &str, value: f64) -> String {
        let account = self.create("accounts", json!({"name": format!("{name} Inc")})).await;
        let deal = json!({"name": name, "estimatedvalue": value, "customerid_account@odata.bind": format!("/accounts({account})")});
        self.create("opportunities", deal).await
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// The id that `OData-EntityId` ends in.
    pub fn id(&self) -> String {
        let url = self.header("odata-entityid");
        url[url.rfind('(').expect("an address with a key") + 1..url.len() - 1].to_owned()
    }

    pub fn message(&self) -> String {
        let json = self.json();
        assert!(json["error"]["code"].is_string(), "{json}");
        json["error"]["message"].as_str().expect("a message").to_owned()
    }
}

/// The values of one column of an answer's rows.
pub fn column<'a>(answer: &'a Value, name: &str) -> Vec<&'a Value> {
    answer["value"].as_array().expect("rows").iter().map(|row| &row[name]).collect()
}
