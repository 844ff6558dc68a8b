//! What the log tells whoever watches over a server: who was refused what, and no secret.

use crate::world;

use std::io::{Read, Write};

use crate::world::{ADMIN, Client, Engine, PASSWORD, Server, World, set_up_on_each_engine};
use serde_json::{Value, json};

const ABSENT: &str = "leads(00000000-0000-7000-8000-000000000001)";

/// A server with these arguments, and what it has logged by its end.
fn logged(world: &World, arguments: &[&str], meanwhile: impl FnOnce(&Server)) -> String {
    let arguments = [&["serve", "--listen", "127.0.0.1:0"], arguments].concat();
    let server = Server::start(world.command(&arguments), world.path("server.log"));
    meanwhile(&server);
    assert_eq!(server.stop().code, Some(0));
    world.read("server.log")
}

/// The events of a log that is written for programs.
fn events(log: &str) -> Vec<Value> {
    log.lines().map(world::json).collect()
}

/// Posts a form as a browser would that comes from `origin`.
fn post(server: &Server, path: &str, origin: &str, form: &str) -> String {
    let mut stream = server.connect();
    let (address, length) = (server.address(), form.len());
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nOrigin: {origin}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{form}"
    )
    .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn refused_access_is_logged_with_who_wanted_what_where_and_nothing_of_the_record() {
    set_up_on_each_engine(|world| {
        let mut sam = String::new();
        let log = logged(&world, &["--log-format", "json"], |server| {
            let ada = Client::new(server.address(), world.token());
            let unit = ada.get("businessunits?$select=businessunitid")["value"][0]["businessunitid"].clone();
            let body = json!({
                "firstname": "Sam", "lastname": "Seller", "internalemailaddress": "sam@contoso.example",
                "businessunitid@odata.bind": format!("/businessunits({})", unit.as_str().unwrap()),
            });
            sam = ada.send("POST", "systemusers", Some(&body)).unwrap().key();
            let token = world.does(&["token", "create", "--user", "sam@contoso.example"]);
            let seller = Client::new(server.address(), token.trim_end());
            let body = json!({ "name": "Top secret unit" });
            assert_eq!(seller.send("POST", "businessunits", Some(&body)).unwrap().status, 403);
            assert_eq!(seller.send("GET", ABSENT, None).unwrap().status, 404);
            let stranger = Client::new(server.address(), "an-invented-token");
            assert_eq!(stranger.send("GET", "leads", None).unwrap().status, 401);
        });
        assert!(!log.contains("Top secret unit") && !log.contains("an-invented-token"), "{log}");
        let events = events(&log);
        let told = |message: &str| {
            let found = events.iter().find(|event| event["message"] == message);
            found.unwrap_or_else(|| panic!("nothing says that {message}: {log}"))
        };
        let refused = told("access was refused");
        assert_eq!((&refused["level"], &refused["target"]), (&json!("WARN"), &json!("security")));
        assert_eq!((&refused["user"], &refused["action"]), (&json!(sam), &json!("add")));
        assert_eq!(refused["table"], "businessunit");
        assert!(refused["timestamp"].as_str().unwrap().ends_with('Z'));
        let request = &refused["span"];
        assert_eq!((&request["method"], &request["path"]), (&json!("POST"), &json!("/api/data/v9.2/businessunits")));
        assert_eq!((&request["user"], &request["address"]), (&json!(sam), &json!("127.0.0.1")));

        let absent = told("asked for a record that is not there, or not for them");
        assert_eq!((&absent["span"]["user"], &absent["table"]), (&json!(sam), &json!("lead")));
        assert_eq!(told("an API token was refused")["span"]["path"], "/api/data/v9.2/leads");
    });
}

#[test]
fn forged_requests_and_refused_sign_ins_are_logged_without_what_was_typed() {
    let world = World::set_up_on(Engine::Sqlite);
    let link = world.does(&["user", "password-link", "--user", ADMIN]);
    let secret = link.trim_end().rsplit('/').next().unwrap().to_owned();
    let log = logged(&world, &["--log-format", "json"], |server| {
        let typed = format!("email=eve%40evil.example&password={}", PASSWORD.replace(' ', "+"));
        assert!(post(server, "/sign-in", "https://evil.example", &typed).starts_with("HTTP/1.1 403"));
        let here = format!("http://{}", server.address());
        assert!(post(server, "/sign-in", &here, &typed).starts_with("HTTP/1.1 403"));
        post(server, &format!("/password/{secret}"), "https://evil.example", &typed);
    });
    for secret in [PASSWORD, "eve@evil.example", "eve%40", &secret] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
    let events = events(&log);
    let foreign = &events[0];
    assert_eq!(foreign["message"], "a request from another site was refused");
    assert!(foreign["origin"].as_str().unwrap().contains("https://evil.example"), "{foreign}");
    assert_eq!(events[1]["message"], "a form that was not shown in this browser was refused");
    assert_eq!(events[1]["span"]["path"], "/sign-in");
    assert_eq!(events[2]["span"]["path"], "/password/…");
}

#[test]
fn the_log_is_text_unless_json_is_asked_for_by_flag_environment_or_file() {
    let world = World::set_up_on(Engine::Sqlite);
    let forge = |server: &Server| drop(post(server, "/sign-in", "https://evil.example", ""));
    let is_json = |log: &str| {
        assert!(log.contains("a request from another site was refused"), "{log}");
        log.lines().all(|line| serde_json::from_str::<Value>(line).is_ok_and(|line| line.is_object()))
    };
    let text = logged(&world, &[], forge);
    assert!(!is_json(&text) && text.contains("WARN request{method=POST path=\"/sign-in\""), "{text}");
    assert!(is_json(&logged(&world, &["--log-format", "json"], forge)));
    world.file("pipewright.toml", "log_format = \"json\"\n");
    assert!(is_json(&logged(&world, &[], forge)));
    assert!(!is_json(&logged(&world, &["--log-format", "text"], forge)));
    world.file("pipewright.toml", "log_format = \"xml\"\n");
    assert!(world.refuses(2, &["check"]).contains("log_format"));
}
