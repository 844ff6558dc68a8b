//! Many people who look at pages at once: what it costs, and that each of them is told.

use crate::world;

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use crate::world::{Engine, Server, World};
use crm::{
    App, NewRecord, Origin, Row,
    identity::{Device, Proof},
};
use model::Reference;

/// Connections open at once.
const CONNECTIONS: usize = 500;
/// Connections of one person: fewer than they may have.
const EACH: usize = 10;
/// What all of them may cost, in kilobytes.
const MOST: u64 = 50 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_live_pages_cost_less_than_fifty_megabytes_and_all_are_told() {
    let world = World::set_up_on(Engine::Sqlite);
    let server = world.serve();
    let app = App::open(&world.address.parse().unwrap()).await.unwrap();
    let sessions = sessions(&app, CONNECTIONS / EACH + 1).await;
    let connect = |position: usize| Listening::begin(&server, &sessions[position / EACH]);
    // What the first connections bring with them, such as the caches of the database, is not counted.
    let first: Vec<Listening> = (CONNECTIONS..CONNECTIONS + EACH).map(connect).collect();
    let before = resident(&server);
    let mut all: Vec<Listening> = (0..CONNECTIONS).map(connect).collect();
    let admin = app.caller(app.identity().find(world::ADMIN).await.unwrap()).await.unwrap();
    let lead = Row::new().with("subject", "Heard by all").with("lastname", "Berg");
    let lead = app.create(&admin, Origin::Page, NewRecord::of("lead", lead)).await.unwrap();
    for listening in &mut all {
        listening.hear(&format!("lead:{lead}"));
    }
    let after = resident(&server);
    eprintln!("{CONNECTIONS} live connections: {before} kB before, {after} kB after");
    assert!(after.saturating_sub(before) < MOST, "{before} kB before, {after} kB after");
    drop((first, all));
    app.close().await;
    assert_eq!(server.stop().code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_hears_of_what_another_process_writes() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let world = World::set_up_on(engine);
        let server = world.serve();
        let app = App::open(&world.address.parse().unwrap()).await.unwrap();
        let mut listening = Listening::begin(&server, &sessions(&app, 1).await[0]);
        let admin = app.caller(app.identity().find(world::ADMIN).await.unwrap()).await.unwrap();
        let lead = Row::new().with("subject", "Written elsewhere").with("lastname", "Berg");
        let lead = app.create(&admin, Origin::Page, NewRecord::of("lead", lead)).await.unwrap();
        listening.hear(&format!("lead:{lead}"));
        app.close().await;
        // Somebody who listens is not waited for.
        assert_eq!(server.stop().code, Some(0));
    }
}

/// Sessions of as many people, who may see all leads.
async fn sessions(app: &App, count: usize) -> Vec<String> {
    let admin = app.caller(app.identity().find(world::ADMIN).await.unwrap()).await.unwrap();
    let mut sessions = Vec::new();
    for number in 0..count {
        let person = Row::new()
            .with("firstname", "Sam")
            .with("lastname", format!("Seller {number}"))
            .with("internalemailaddress", format!("sam{number}@contoso.example"))
            .with("businessunitid", Reference::new("businessunit", admin.business_unit));
        let person = app.create(&admin, Origin::Page, NewRecord::of("systemuser", person)).await.unwrap();
        app.identity().give_role(&admin, person, "Salesperson").await.unwrap();
        let device = Device { agent: "test".to_owned(), address: None };
        sessions.push(app.identity().open_session(person, &device, &[Proof::Password]).await.unwrap().secret);
    }
    sessions
}

/// A browser that listens.
struct Listening {
    stream: TcpStream,
    heard: String,
}

impl Listening {
    /// Connects and waits for the first sign of life.
    fn begin(server: &Server, session: &str) -> Self {
        let mut stream = server.connect();
        let address = server.address();
        let cookie = format!("pipewright_session={session}");
        write!(
            stream,
            "GET /live?watch=lead HTTP/1.1\r\nHost: {address}\r\nAccept-Encoding: br, gzip\r\nCookie: {cookie}\r\n\r\n"
        )
        .unwrap();
        let mut listening = Self { stream, heard: String::new() };
        listening.hear("data: []");
        listening
    }

    /// Reads until this is said, uncompressed and unbuffered as it is.
    fn hear(&mut self, words: &str) {
        let mut piece = [0; 2048];
        while !self.heard.contains(words) {
            let length = self.stream.read(&mut piece).unwrap();
            assert!(length > 0, "the server ended it: {}", self.heard);
            self.heard.push_str(&String::from_utf8_lossy(&piece[..length]));
        }
    }
}

/// Memory of the server that is really taken, in kilobytes.
fn resident(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.number())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
