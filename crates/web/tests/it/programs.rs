//! The page on which people let programs in, and what is looked after about them.

use crate::world::{Browser, World, in_every_world};
use axum::http::StatusCode;
use crm::{
    NewRecord, Origin, Row,
    identity::{ClientCredentials, Device, Presented},
};
use uuid::Uuid;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const REDIRECT: &str = "https://desk.example/done";

/// A program on people's devices: its row and its client id.
async fn program(world: &World) -> (Uuid, Uuid) {
    let row = Row::new()
        .with("name", "Desk & <Co>")
        .with("description", "Shows your leads beside your mail.")
        .with("ispublic", true)
        .with("redirecturis", REDIRECT);
    let id = world.app.create(&world.admin, Origin::Page, NewRecord::of("program", row)).await.unwrap();
    (id, world.app.identity().program(id).await.unwrap().client_id)
}

fn address(client: Uuid, rest: &str) -> String {
    format!(
        "/oauth2/authorize?client_id={client}&redirect_uri=https%3A%2F%2Fdesk.example%2Fdone&response_type=code&code_challenge={CHALLENGE}&code_challenge_method=S256&state=abc&{rest}"
    )
}

/// Sends the form of the page with this answer.
async fn answer(browser: &mut Browser, client: Uuid, said: &str) -> String {
    let client = client.to_string();
    let form = [
        ("client_id", client.as_str()),
        ("redirect_uri", REDIRECT),
        ("response_type", "code"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("state", "abc"),
        ("scope", "crm.read offline_access"),
        ("answer", said),
    ];
    let sent = browser.post("/oauth2/authorize", &form).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    sent.leads_to().to_owned()
}

/// As if the seller had last proved who they are an hour ago.
async fn proved_long_ago(world: &World) {
    let seller = world.seller.user;
    let then = (jiff::Timestamp::now() - jiff::SignedDuration::from_hours(1)).to_string();
    let back = move |writer: &mut store::Writer<'_>| -> crm::Result<()> {
        for session in writer.secrets_of("session", seller)? {
            let mut data = session.data.clone();
            data["proved"] = then.as_str().into();
            writer.replace_secret(&session, session.expires, &data)?;
        }
        Ok(())
    };
    world.app.store().write(back).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_lets_a_program_in_and_shuts_it_out_again() {
    in_every_world(async |world| {
        let (_, client) = program(&world).await;
        let asked = address(client, "scope=crm.read+offline_access");
        let to_sign_in = world.stranger().get(&asked).await;
        assert!(
            to_sign_in.leads_to().starts_with("/sign-in?next=%2Foauth2%2Fauthorize%3Fclient%5Fid"),
            "{}",
            to_sign_in.leads_to()
        );

        let mut browser = world.browser().await;
        let page = browser.get(&asked).await;
        for told in [
            "Let Desk &amp; &lt;Co&gt; in?",
            "Shows your leads",
            "change nothing",
            "while you are not there",
            "https://desk.example",
            "sam@contoso.example",
        ] {
            assert!(page.has(told), "{told}: {}", page.text);
        }
        let policy = page.header("content-security-policy").to_owned();
        assert!(
            policy.contains("form-action 'self' https://desk.example;") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
        assert_eq!(page.header("cache-control"), "no-store");

        let refused = answer(&mut browser, client, "no").await;
        assert!(
            refused.starts_with("https://desk.example/done?error=access_denied") && refused.contains("state=abc"),
            "{refused}"
        );
        let forged = browser.post_with_token("/oauth2/authorize", &[("answer", "yes")], "another").await;
        assert_eq!(forged.status, StatusCode::FORBIDDEN);

        // Whoever finds the browser open lets nothing in: the person proves that it is still them.
        browser.get(&asked).await;
        proved_long_ago(&world).await;
        for sent in [browser.get(&asked).await.leads_to().to_owned(), answer(&mut browser, client, "yes").await] {
            let back = "/sign-in/confirmation?next=%2Foauth2%2Fauthorize%3Fclient_id%3D";
            assert!(sent.starts_with(back) && sent.contains("state%3Dabc"), "{sent}");
        }
        let sent = browser.get(&asked).await.leads_to().to_owned();
        assert!(browser.get(&sent).await.has("Is it still you?"));
        let next = form_urlencoded::parse(sent.split_once('?').unwrap().1.as_bytes()).next().unwrap().1.into_owned();
        let proof = [("next", next.as_str()), ("password", crate::world::PASSWORD)];
        let back = browser.post("/sign-in/confirmation", &proof).await.leads_to().to_owned();
        assert!(browser.get(&back).await.has("Let Desk &amp;"), "{back}");
        let address = answer(&mut browser, client, "yes").await;
        let code = address.split(['=', '&']).nth(1).unwrap().to_owned();
        assert!(address.contains("&state=abc&iss=http%3A%2F%2F"), "{address}");
        let desk = ClientCredentials { id: client.to_string(), secret: None };
        let presented = Presented::Code { code, redirect: REDIRECT.into(), verifier: VERIFIER.into() };
        let issued = world.app.identity().issue(&desk, presented, &Device::default()).await.unwrap();
        let caller = world.app.identity().by_token(&issued.access_token).await.unwrap();
        assert_eq!(caller.user, world.seller.user);
        let lead = NewRecord::of("lead", Row::new().with("lastname", "Berg"));
        assert!(world.app.create(&caller, Origin::WebApi, lead).await.is_err(), "it was let in to read");

        let settings = browser.get("/settings/sign-in").await;
        assert!(
            settings.has("Programs you let in") && settings.has("Desk &amp; &lt;Co&gt;") && settings.has("only read")
        );
        let removal = settings.after("data-post=\"/settings/programs/");
        let removed = browser.post(&format!("/settings/programs/{removal}"), &[]).await;
        assert_eq!(removed.leads_to(), "/settings/sign-in");
        assert!(world.app.identity().by_token(&issued.access_token).await.is_err());
        assert!(browser.get("/settings/sign-in").await.has("asks you first"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_sent_to_an_address_that_is_not_registered() {
    let world = World::new(false).await;
    let (_, client) = program(&world).await;
    let mut browser = world.browser().await;
    for (wrong, told) in [
        (address(Uuid::new_v4(), ""), "is not registered"),
        (address(client, "").replace("desk.example", "evil.example"), "compare the redirect addresses"),
    ] {
        let page = browser.get(&wrong).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(page.has(told) && page.leads_to().is_empty(), "{}", page.text);
    }
    // Everything else the program is told itself.
    for (wrong, error) in [
        (address(client, "").replace("response_type=code", "response_type=token"), "unsupported_response_type"),
        (address(client, "").replace("S256", "plain"), "invalid_request"),
        (address(client, "scope=openid"), "invalid_scope"),
        (address(client, "state=again"), "invalid_request"),
    ] {
        let sent = browser.get(&wrong).await;
        assert!(sent.leads_to().starts_with(&format!("{REDIRECT}?error={error}")), "{wrong}: {}", sent.leads_to());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_makes_secrets_and_the_user_a_program_works_as() {
    in_every_world(async |world| {
        let row = NewRecord::of("program", Row::new().with("name", "Nightly sync"));
        let id = world.app.create(&world.admin, Origin::Page, row).await.unwrap();
        let at = |rest: &str| format!("/programs/{id}/{rest}");
        assert_eq!(world.browser().await.get(&at("sign-in")).await.status, StatusCode::FORBIDDEN);

        let mut admin = world.stranger();
        admin.sign_in("ada@contoso.example").await;
        assert!(admin.get("/programs").await.has("Nightly sync"));
        assert!(admin.get(&format!("/programs/{id}")).await.has("/sign-in"));
        assert!(admin.get(&at("sign-in")).await.has("client_id"));
        let made = admin.post(&at("secrets"), &[("days", "30")]).await;
        let secret =
            made.text.split("<code>").find(|part| part.starts_with("pwc_") && !part.contains('…')).expect("the secret");
        let secret = secret.split('<').next().unwrap().to_owned();
        assert!(!admin.get(&at("sign-in")).await.has(&secret), "shown once");
        let user = admin.post(&at("user"), &[]).await.leads_to().to_owned();
        assert!(admin.get(&user).await.has("Nightly sync"));

        let client = world.app.identity().program(id).await.unwrap().client_id;
        let sync = ClientCredentials { id: client.to_string(), secret: Some(secret) };
        let itself = Presented::Itself { scope: String::new() };
        let issued = world.app.identity().issue(&sync, itself.clone(), &Device::default()).await.unwrap();
        assert!(world.app.identity().by_token(&issued.access_token).await.is_ok());
        let page = admin.get(&at("sign-in")).await;
        let removal = page.after(&format!("data-post=\"/programs/{id}/secrets/"));
        admin.post(&at(&format!("secrets/{removal}")), &[]).await;
        assert!(world.app.identity().issue(&sync, itself, &Device::default()).await.is_err());
    })
    .await;
}
