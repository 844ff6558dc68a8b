//! The organisation's database with all faces in front.

use axum::Router;
use crm::{App, Caller, identity::SetUp};
use model::{Reference, Value};
use testkit::{Postgres, Scratch, TestDatabase};
use uuid::Uuid;

/// An organisation with its administrator.
pub struct World {
    pub app: App,
    pub admin: Caller,
    pub faces: Router,
    _scratch: Scratch,
    _database: Option<TestDatabase>,
}

impl World {
    /// A world of its own on one engine.
    pub async fn new(postgres: bool) -> Self {
        let scratch = Scratch::new().unwrap();
        let database = postgres.then(|| Postgres::shared().unwrap().database().unwrap());
        let url = match &database {
            Some(database) => database.url().parse().unwrap(),
            None => store::DatabaseUrl::Sqlite(scratch.file("pipewright.db")),
        };
        let app = App::open(&url).await.unwrap();
        let set_up =
            SetUp { organization: "Contoso".into(), admin_email: "ada@contoso.example".into(), ..SetUp::default() };
        let admin = app.identity().set_up(set_up).await.unwrap();
        let admin = app.caller(admin).await.unwrap();
        let faces = web::router(app.clone()).merge(webapi::router(app.clone(), None));
        Self { app, admin, faces, _scratch: scratch, _database: database }
    }
}

/// A lookup value.
pub fn to(table: &str, id: Uuid) -> Value {
    Reference::new(table, id).into()
}
