//! What the server tells browsers with every answer, and how often programs may ask.

use crate::world;

use std::io::{Read, Write};

use crate::world::{Engine, Server, World};

/// Asks with these further headers; the whole answer as it came.
fn raw(server: &Server, path: &str, headers: &str) -> String {
    let mut stream = server.connect();
    let host = server.line.trim().rsplit("//").next().unwrap().to_owned();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn every_answer_is_guarded() {
    let world = World::set_up_on(Engine::Sqlite);
    let server = world.serve();
    for path in ["/sign-in", "/leads", "/no/such/page/at/all", "/assets/none.js", "/api/data/v9.2/WhoAmI"] {
        let answer = raw(&server, path, "");
        for header in [
            "x-content-type-options: nosniff",
            "frame-ancestors 'none'",
            "x-frame-options: DENY",
            "referrer-policy: same-origin",
            "cross-origin-opener-policy: same-origin",
            "cross-origin-resource-policy: same-origin",
            "permissions-policy: camera=(self)",
        ] {
            assert!(answer.contains(header), "{path} lacks {header}: {answer}");
        }
        assert!(!answer.contains("unsafe-inline") && !answer.contains("unsafe-eval"), "{path}");
        assert!(!answer.contains("strict-transport-security"), "{path} came unencrypted");
    }
    let page = raw(&server, "/sign-in", "X-Forwarded-Proto: https\r\n");
    assert!(page.contains("strict-transport-security: max-age=31536000; includeSubDomains"), "{page}");
    assert!(page.contains("set-cookie: __Host-pipewright_visitor="), "{page}");
    assert!(
        page.contains("script-src 'self'; style-src 'self'") && page.contains("object-src 'none'; base-uri 'none'")
    );
    assert!(!page.contains("<style") && !page.contains(" style=") && !page.contains("<script>"), "nothing inline");
    let data = raw(&server, "/api/data/v9.2/WhoAmI", "");
    assert!(data.contains("content-security-policy: default-src 'none'") && data.contains("cache-control: no-store"));
}

#[test]
fn a_program_that_asks_too_often_is_told_when_to_go_on() {
    let world = World::set_up_on(Engine::Sqlite);
    world.file("pipewright.toml", "api_requests = 10\n");
    let token = world.token();
    let server = world.serve();
    let authorization = format!("Authorization: Bearer {token}\r\n");
    for _ in 0..10 {
        assert!(raw(&server, "/api/data/v9.2/WhoAmI", &authorization).starts_with("HTTP/1.1 200"));
    }
    let answer = raw(&server, "/api/data/v9.2/WhoAmI", &authorization);
    assert!(answer.starts_with("HTTP/1.1 429") && answer.contains("retry-after: "), "{answer}");
}

#[test]
fn tokens_are_listed_and_revoked_and_people_shut_out_from_the_command_line() {
    let world = World::set_up_on(Engine::Sqlite);
    let token = world.token();
    let listed = world.tells(&["token", "list", "--user", world::ADMIN, "--json"]);
    let key = listed[0]["key"].as_str().unwrap().to_owned();
    assert!(!listed.to_string().contains(&token));
    let server = world.serve();
    assert_eq!(server.get("/api/data/v9.2/WhoAmI", Some(&token)).status, 200);
    world.does(&["token", "revoke", "--user", world::ADMIN, &key]);
    assert_eq!(server.get("/api/data/v9.2/WhoAmI", Some(&token)).status, 401);
    world.refuses(1, &["token", "revoke", "--user", world::ADMIN, &key]);
    let link = world.does(&["user", "reset", "--user", world::ADMIN]);
    assert!(link.contains("/password/"), "{link}");
    assert!(world.does(&["user", "sign-out", "--user", world::ADMIN]).contains("signed out everywhere"));
    let complaint = world.refuses(1, &["token", "create", "--user", world::ADMIN, "--days", "366"]);
    assert!(complaint.contains("1 to 365 days"), "{complaint}");
}
