//! What an identity provider could answer wrongly. The right answers come from a real provider, in
//! the browser's tests; this one is made to lie.

use std::sync::{Arc, Mutex};

use crate::world::{World, crm};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use crm::identity::{Device, SignInSettings, SingleSignOn, SingleSignOnConfiguration};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const REDIRECT: &str = "http://crm.example/sign-in/provider/answer";

/// A provider that answers with whatever claims it is told.
struct Liar {
    issuer: String,
    claims: Arc<Mutex<Value>>,
    /// Signs with another key than the one it publishes.
    forges: Arc<Mutex<bool>>,
}

impl Liar {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let liar = Self { issuer: issuer.clone(), claims: Arc::default(), forges: Arc::default() };
        let (claims, forges, [own, other]) = (liar.claims.clone(), liar.forges.clone(), [key(), key()]);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut asked = vec![0; 8192];
                let length = stream.read(&mut asked).await.unwrap();
                let asked = String::from_utf8_lossy(&asked[..length]).into_owned();
                let signer = if *forges.lock().unwrap() { &other } else { &own };
                let answer = match asked.split(' ').nth(1).unwrap_or_default() {
                    "/.well-known/openid-configuration" => metadata(&issuer),
                    "/keys" => keys(&own),
                    _ => {
                        json!({ "access_token": "x", "token_type": "Bearer", "id_token": signed(signer, &claims.lock().unwrap()) })
                    }
                };
                let answer = answer.to_string();
                let head = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
                    answer.len()
                );
                let _ = stream.write_all(format!("{head}{answer}").as_bytes()).await;
            }
        });
        liar
    }

    /// Claims that are right, with these changes; null takes one away.
    fn says(&self, nonce: &str, changes: Value) {
        let now = jiff::Timestamp::now().as_second();
        let mut claims = json!({
            "iss": self.issuer, "sub": "1", "aud": "pipewright", "iat": now, "exp": now + 60, "nonce": nonce,
            "email": "ada@contoso.example", "email_verified": true, "groups": ["sales"],
        });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        *self.claims.lock().unwrap() = claims;
    }
}

fn key() -> EcdsaKeyPair {
    let random = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).unwrap()
}

fn keys(key: &EcdsaKeyPair) -> Value {
    let point = &key.public_key().as_ref()[1..];
    let part = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    json!({ "keys": [{ "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "x": part(&point[..32]), "y": part(&point[32..]) }] })
}

fn metadata(issuer: &str) -> Value {
    json!({
        "issuer": issuer, "authorization_endpoint": format!("{issuer}/authorize"), "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"), "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
    })
}

fn signed(key: &EcdsaKeyPair, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", part(&json!({ "alg": "ES256" })), part(claims));
    let signature = key.sign(&SystemRandom::new(), text.as_bytes()).unwrap();
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

async fn world() -> (World, Liar) {
    let (world, liar) = (World::new(false).await, Liar::start().await);
    let configuration: SingleSignOnConfiguration = serde_json::from_value(json!({
        "name": "Liar", "issuer": liar.issuer, "client_id": "pipewright",
        "group": [{ "name": "sales", "roles": ["Salesperson"] }],
    }))
    .unwrap();
    let client = outgoing::Client::new(outgoing::Policy { allowed: vec!["127.0.0.1".parse().unwrap()] });
    let settings =
        SignInSettings { single_sign_on: Some(SingleSignOn::new(configuration, client)), ..SignInSettings::default() };
    world.app.configure_sign_in(settings);
    (world, liar)
}

/// Signs in with claims that are right but for these changes; what comes of it.
async fn comes_of(world: &World, liar: &Liar, changes: Value) -> crm::Result<uuid::Uuid> {
    let identity = world.app.identity();
    let begun = identity.begin_single_sign_on("browser", REDIRECT, "/leads").await?;
    let parameter = |name: &str| {
        let (_, rest) = begun.address.split_once(&format!("{name}=")).unwrap();
        rest.split('&').next().unwrap().to_owned()
    };
    assert_eq!(parameter("code_challenge_method"), "S256");
    liar.says(&parameter("nonce"), changes);
    let (entry, next) =
        identity.finish_single_sign_on("browser", &Device::named("test"), &parameter("state"), "code").await?;
    assert_eq!(next, "/leads");
    Ok(identity.by_session(&entry.secret).await?.caller.user)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_right_answer_signs_in() {
    let (world, liar) = world().await;
    assert_eq!(comes_of(&world, &liar, json!({})).await.unwrap(), world.admin.user);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_answer_signs_nobody_in() {
    let (world, liar) = world().await;
    let past = jiff::Timestamp::now().as_second() - 7200;
    for (what, changes) in [
        ("nonce of another sign-in", json!({ "nonce": "another" })),
        ("no nonce", json!({ "nonce": null })),
        ("expired", json!({ "exp": past })),
        ("another audience", json!({ "aud": "somebody else" })),
        ("another issuer", json!({ "iss": "https://evil.example" })),
    ] {
        let error = comes_of(&world, &liar, changes).await.unwrap_err().to_string();
        assert!(error.contains("could not be verified"), "{what}: {error}");
    }
    *liar.forges.lock().unwrap() = true;
    let error = comes_of(&world, &liar, json!({})).await.unwrap_err().to_string();
    assert!(error.contains("could not be verified"), "signed by somebody else: {error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unverified_address_and_a_missing_group_are_told() {
    let (world, liar) = world().await;
    for unverified in [json!({ "email_verified": false }), json!({ "email_verified": null })] {
        let error = comes_of(&world, &liar, unverified).await.unwrap_err().to_string();
        assert!(error.contains("does not vouch for your e-mail address"), "{error}");
    }
    for groups in [json!({ "groups": ["kitchen"] }), json!({ "groups": [] }), json!({ "groups": null })] {
        let error = comes_of(&world, &liar, groups).await.unwrap_err().to_string();
        assert!(error.contains("none of the groups"), "{error}");
    }
    let error =
        comes_of(&world, &liar, json!({ "sub": "2", "email": "new@contoso.example" })).await.unwrap_err().to_string();
    assert!(
        error.contains("nobody here has your e-mail address"),
        "people are created only where that is allowed: {error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_taken_once_and_in_the_browser_that_asked() {
    let (world, liar) = world().await;
    let identity = world.app.identity();
    let begun = identity.begin_single_sign_on("browser", REDIRECT, "/").await.unwrap();
    let parameter =
        |name: &str| begun.address.split_once(&format!("{name}=")).unwrap().1.split('&').next().unwrap().to_owned();
    liar.says(&parameter("nonce"), json!({}));
    let device = Device::named("test");
    let state = parameter("state");
    assert!(identity.finish_single_sign_on("another browser", &device, &state, "code").await.is_err());
    assert!(
        identity.finish_single_sign_on("browser", &device, &state, "code").await.is_err(),
        "used up by the attempt"
    );
}
