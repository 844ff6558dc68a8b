//! Programs that sign in by OAuth 2.0.

use crate::world::{Answer, BASE, World, in_every_world};
use crm::identity::SignInSettings;
use serde_json::{Value, json};

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// A registered program: its row and its client id.
pub async fn program(world: &World, values: Value) -> (String, String) {
    let id = world.create("programs", values).await;
    let row = world.get(&format!("programs({id})?$select=applicationid")).await;
    (id, row["applicationid"].as_str().unwrap().to_owned())
}

/// A program that works by itself, with these roles: its row, its client id and its secret.
async fn service(world: &World, values: Value, roles: &[&str]) -> (String, String, String) {
    let (id, client) = program(world, values).await;
    let admin = world.app.identity().by_token(&world.token).await.unwrap();
    let row = id.parse().unwrap();
    let roles = roles.iter().map(|role| (*role).to_owned()).collect();
    world.app.identity().make_application_user(&admin, row, None, roles).await.unwrap();
    let secret = world.app.identity().create_client_secret(&admin, row, 30).await.unwrap();
    (id, client, secret)
}

pub async fn post(world: &World, path: &str, headers: &[(&str, &str)], values: &[(&str, &str)]) -> Answer {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(values).finish();
    let headers: Vec<_> = std::iter::once(FORM).chain(headers.iter().copied()).collect();
    world.raw("POST", path, &headers, body).await
}

pub async fn token(world: &World, values: &[(&str, &str)]) -> Answer {
    post(world, "/oauth2/token", &[], values).await
}

/// The access token of a program that works by itself.
async fn signed_in(world: &World, client: &str, secret: &str, scope: &str) -> String {
    let values =
        [("grant_type", "client_credentials"), ("client_id", client), ("client_secret", secret), ("scope", scope)];
    let answer = token(world, &values).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

pub async fn ask(world: &World, token: &str, method: &str, path: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {token}");
    let body = if body.is_null() { String::new() } else { body.to_string() };
    world.raw(method, &format!("{BASE}{path}"), &[("authorization", &bearer)], body).await
}

pub fn error(answer: &Answer) -> String {
    answer.json()["error"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_works_by_itself_as_its_own_user_with_its_roles() {
    in_every_world(async |world| {
        let (id, client, secret) = service(&world, json!({"name": "Nightly sync"}), &["Salesperson"]).await;
        let access = signed_in(&world, &client, &secret, "https://crm.example/.default").await;
        let lead = json!({"subject": "Robots", "lastname": "Berg"});
        let made = ask(&world, &access, "POST", "leads", &lead).await;
        assert_eq!(made.status, 204, "{}", made.body);
        let row = world.get(&format!("leads({})?$expand=createdby($select=fullname,applicationid)", made.id())).await;
        assert_eq!(
            (&row["createdby"]["fullname"], &row["createdby"]["applicationid"]),
            (&json!("Nightly sync"), &json!(client))
        );
        let refused = ask(&world, &access, "PATCH", &format!("programs({id})"), &json!({"name": "Mine"})).await;
        assert_eq!(refused.status, 403, "the program is no administrator");

        // The same by the header, as most libraries send it.
        let basic = format!("Basic {}", base64(&format!("{client}:{secret}")));
        let answer =
            post(&world, "/oauth2/token", &[("authorization", &basic)], &[("grant_type", "client_credentials")]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert!(answer.json()["refresh_token"].is_null());

        // Its user signs in nowhere else, and ends with the program.
        let user = world.app.identity().application_user(client.parse().unwrap()).await.unwrap().unwrap();
        let engine = world.app.engine().await.unwrap();
        let personal = world.app.identity().create_token(&engine, user, "tests", 1).await.unwrap_err().to_string();
        assert!(personal.contains("stands for a program"), "a personal token knows no limits: {personal}");
        let session = world.app.identity().open_by_link(user, &crm::identity::Device::default()).await;
        assert!(session.unwrap_err().to_string().contains("stands for a program"));
        assert_eq!(world.patch(&format!("programs({id})"), &[], json!({"isdisabled": true})).await.status, 204);
        assert_eq!(ask(&world, &access, "GET", "WhoAmI", &Value::Null).await.status, 401);
        let answer =
            token(&world, &[("grant_type", "client_credentials"), ("client_id", &client), ("client_secret", &secret)])
                .await;
        assert_eq!((answer.status.as_u16(), error(&answer).as_str()), (401, "invalid_client"));
        let said = world.refused("PATCH", &format!("programs({id})"), Some(json!({"applicationid": id})), 400).await;
        assert!(said.contains("stays what it is"), "{said}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_administrator_says_which_program_a_user_stands_for() {
    in_every_world(async |world| {
        let admin = format!("Bearer {}", world.token);
        let headers = [("authorization", admin.as_str()), ("content-type", "application/json")];
        let staff = json!({"tables": {"systemuser": {"all": "organization"}}}).to_string();
        let made = world.raw("PATCH", "/api/customization/role/salesperson", &headers, staff).await;
        assert_eq!(made.status, 200, "{}", made.body);
        let (_, idle) = program(&world, json!({"name": "Idle"})).await;
        let (_, client, secret) = service(&world, json!({"name": "Staff"}), &["Salesperson"]).await;
        let access = signed_in(&world, &client, &secret, "").await;
        let units = world.get("businessunits?$select=businessunitid").await;
        let unit = format!("/businessunits({})", units["value"][0]["businessunitid"].as_str().unwrap());
        let id = world.create("systemusers", json!({"lastname": "Berg", "businessunitid@odata.bind": unit})).await;
        let person = format!("systemusers({id})");
        assert_eq!(ask(&world, &access, "PATCH", &person, &json!({"title": "Boss"})).await.status, 204);
        let stands = json!({"applicationid": idle});
        let refused = ask(&world, &access, "PATCH", &person, &stands).await;
        assert_eq!(refused.status, 403, "{}", refused.body);
        let whole = json!({"lastname": "Idle", "applicationid": idle, "businessunitid@odata.bind": unit});
        assert_eq!(ask(&world, &access, "POST", "systemusers", &whole).await.status, 403);

        // What the person got as one ends when they come to stand for a program.
        let engine = world.app.engine().await.unwrap();
        let personal = world.app.identity().create_token(&engine, id.parse().unwrap(), "tests", 1).await.unwrap();
        assert_eq!(ask(&world, &personal, "GET", "WhoAmI", &Value::Null).await.status, 200);
        assert_eq!(world.patch(&person, &[], stands).await.status, 204);
        assert_eq!(ask(&world, &personal, "GET", "WhoAmI", &Value::Null).await.status, 401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_does_no_more_than_it_is_limited_to_whoever_it_works_as() {
    in_every_world(async |world| {
        let lead = json!({"subject": "Robots", "lastname": "Berg"});
        let known = world.create("leads", lead.clone()).await;
        // Only reading, be it by registration or because no more was asked for.
        let reading = json!({"name": "Reports", "accesscode": 2});
        let (_, client, secret) = service(&world, reading, &["System Administrator"]).await;
        let (_, other, its_secret) = service(&world, json!({"name": "Careful"}), &["System Administrator"]).await;
        for access in
            [signed_in(&world, &client, &secret, "").await, signed_in(&world, &other, &its_secret, "crm.read").await]
        {
            assert_eq!(ask(&world, &access, "GET", &format!("leads({known})"), &Value::Null).await.status, 200);
            let user = ask(&world, &access, "GET", "WhoAmI", &Value::Null).await.json()["UserId"].as_str().unwrap().to_owned();
            for (method, path, body) in [
                ("POST", "leads".to_owned(), lead.clone()),
                ("PATCH", format!("leads({known})"), json!({"jobtitle": "CTO"})),
                ("DELETE", format!("leads({known})"), Value::Null),
                ("POST", format!("leads({known})/Microsoft.Dynamics.CRM.QualifyLead"), json!({"CreateAccount": true, "CreateContact": true, "CreateOpportunity": true, "Status": 3})),
                ("PATCH", format!("systemusers({user})"), json!({"title": "Boss"})),
            ] {
                let refused = ask(&world, &access, method, &path, &body).await;
                assert_eq!(refused.status, 403, "{method} {path}: {}", refused.body);
            }
            let bearer = format!("Bearer {access}");
            let model = world.raw("PUT", "/api/customization", &[("authorization", &bearer)], String::new()).await;
            assert_eq!(model.status, 403, "{}", model.body);
        }
        // Certain roles: an administrator's program that goes no farther than a helper.
        let (id, client, secret) = service(&world, json!({"name": "Helper"}), &["System Administrator"]).await;
        let roles = world.get("roles?$select=roleid&$filter=name eq 'Sales Team Member'").await;
        let role = json!({"@odata.id": format!("https://crm.example{BASE}roles({})", roles["value"][0]["roleid"].as_str().unwrap())});
        let tied = world.send("POST", &format!("programs({id})/programroles_association/$ref"), &[], Some(&role)).await;
        assert_eq!(tied.status, 204, "{}", tied.body);
        let limiting = format!("roles({})", roles["value"][0]["roleid"].as_str().unwrap());
        let said = world.refused("DELETE", &limiting, None, 400).await;
        assert!(said.contains("“Helper”"), "without the role the program had no limit: {said}");
        let access = signed_in(&world, &client, &secret, "crm").await;
        assert_eq!(ask(&world, &access, "GET", &format!("leads({known})"), &Value::Null).await.status, 200);
        assert_eq!(ask(&world, &access, "POST", "leads", &lead).await.status, 403);
        let user = ask(&world, &access, "GET", "WhoAmI", &Value::Null).await.json()["UserId"].clone();
        let own = format!("systemusers({})", user.as_str().unwrap());
        let refused = ask(&world, &access, "PATCH", &own, &json!({"title": "Boss"})).await;
        assert_eq!(refused.status, 403, "one's own settings are the person's: {}", refused.body);
        let contact = ask(&world, &access, "POST", "contacts", &json!({"lastname": "Berg"})).await;
        assert_eq!(contact.status, 204, "what both allow goes on: {}", contact.body);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_asks_wrongly_is_told_what_would_be_right() {
    in_every_world(async |world| {
        let (id, client, secret) = service(&world, json!({"name": "Sync"}), &[]).await;
        let grant = ("grant_type", "client_credentials");
        for (values, status, name) in [
            (vec![grant, ("client_id", client.as_str())], 401, "invalid_client"),
            (vec![grant, ("client_id", "nobody"), ("client_secret", &secret)], 401, "invalid_client"),
            (
                vec![grant, ("client_id", &client), ("client_secret", &secret), ("scope", "openid")],
                400,
                "invalid_scope",
            ),
            (
                vec![("grant_type", "password"), ("client_id", &client), ("client_secret", &secret)],
                400,
                "unsupported_grant_type",
            ),
            (vec![grant, grant], 400, "invalid_request"),
        ] {
            let answer = token(&world, &values).await;
            assert_eq!((answer.status.as_u16(), error(&answer).as_str()), (status, name), "{}", answer.body);
            assert!(!answer.json()["error_description"].as_str().unwrap().is_empty());
        }
        assert_eq!(world.raw("GET", "/oauth2/token", &[], String::new()).await.status, 405);
        // Two secrets at a time, and none that is wrong for ever.
        let admin = world.app.identity().by_token(&world.token).await.unwrap();
        let row = id.parse().unwrap();
        let second = world.app.identity().create_client_secret(&admin, row, 30).await.unwrap();
        for secret in [&secret, &second] {
            signed_in(&world, &client, secret, "").await;
        }
        assert!(world.app.identity().create_client_secret(&admin, row, 30).await.is_err());
        let waits = async || {
            for _ in 0..8 {
                let answer = token(&world, &[grant, ("client_id", &client), ("client_secret", "a guess")]).await;
                if answer.status == 429 {
                    return answer.header("retry-after").parse::<u64>().unwrap() > 0;
                }
            }
            false
        };
        assert!(waits().await, "guessing is slowed down");
        signed_in(&world, &client, &second, "").await; // and shuts nobody out
        for unsound in ["http://app.example/done", "javascript:alert(1)", "https://app.example/#x"] {
            let said =
                world.refused("POST", "programs", Some(json!({"name": "Bad", "redirecturis": unsound})), 400).await;
            assert!(said.contains("cannot be a redirect address"), "{said}");
        }
        let said =
            world.refused("PATCH", &format!("programs({id})"), Some(json!({"redirecturis": "ftp://x"})), 400).await;
        assert!(said.contains("ftp://x"), "{said}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_signed_in_learns_where_tokens_come_from() {
    let world = World::new(false).await;
    let refused = world.raw("GET", &format!("{BASE}leads"), &[], String::new()).await;
    let challenge = refused.header("www-authenticate");
    assert!(
        challenge.starts_with("Bearer ")
            && challenge.contains("authorization_uri=\"http://crm.example/oauth2/authorize\""),
        "{challenge}"
    );
    let metadata = world.raw("GET", "/.well-known/oauth-authorization-server", &[], String::new()).await.json();
    assert_eq!(metadata["issuer"], "http://crm.example");
    assert_eq!(metadata["token_endpoint"], "http://crm.example/oauth2/token");
    assert_eq!(metadata["code_challenge_methods_supported"], json!(["S256"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_part_of_a_batch_counts_as_a_request() {
    let world = World::new(false).await;
    world.app.configure_sign_in(SignInSettings { api_requests: 6, ..SignInSettings::default() });
    let part = "--b\r\nContent-Type: application/http\r\n\r\nGET /api/data/v9.2/WhoAmI HTTP/1.1\r\n\r\n\r\n";
    let body = format!("{}--b--\r\n", part.repeat(8));
    let bearer = format!("Bearer {}", world.token);
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "multipart/mixed; boundary=b"),
        ("prefer", "odata.continue-on-error"),
    ];
    let answer = world.raw("POST", &format!("{BASE}$batch"), &headers, body).await;
    assert_eq!(answer.body.matches("HTTP/1.1 200").count(), 5, "{}", answer.body);
    assert_eq!(answer.body.matches("HTTP/1.1 429").count(), 3);
    assert!(answer.body.to_lowercase().contains("retry-after: "), "{}", answer.body);
    let next = world.send("GET", "WhoAmI", &[], None).await;
    assert!(next.status == 429 && !next.header("retry-after").is_empty());
}

fn base64(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}
