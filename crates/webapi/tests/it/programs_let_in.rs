//! Programs that a person lets in by a code: what they get for it works for them alone, once, and ends with it.

use crate::{
    programs::{ask, error, post, program, token},
    world::{Answer, World, in_every_world},
};
use crm::{Caller, identity::Asking};
use serde_json::{Value, json};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const REDIRECT: &str = "http://127.0.0.1:51004/done";

/// A program on somebody's desk, which has no secret of its own, and who lets it in.
struct Desk<'w> {
    world: &'w World,
    admin: Caller,
    client: String,
}

/// What a program got for a code or a refresh token.
struct Tokens {
    access: String,
    refresh: String,
    scope: String,
}

impl<'w> Desk<'w> {
    async fn new(world: &'w World) -> Self {
        let admin = world.app.identity().by_token(&world.token).await.unwrap();
        let registered = json!({"name": "Desk", "ispublic": true, "redirecturis": "http://127.0.0.1/done"});
        let (_, client) = program(world, registered).await;
        Self { world, admin, client }
    }

    /// A code for this scope, as the person's browser carries it back.
    async fn code(&self, scope: &str) -> String {
        let asking = Asking {
            client_id: self.client.clone(),
            redirect: REDIRECT.into(),
            response_type: "code".into(),
            scope: scope.into(),
            state: "s 1".into(),
            challenge: CHALLENGE.into(),
            challenge_method: "S256".into(),
            ..Asking::default()
        };
        let identity = self.world.app.identity();
        let asked = identity.authorisation(asking, "http://crm.example").await.unwrap();
        let address = identity.let_in(&self.admin, &asked).await.unwrap();
        let begins = address.starts_with(&format!("{REDIRECT}?code="));
        assert!(begins && address.contains("&state=s+1&iss=http"), "{address}");
        address.split(['=', '&']).nth(1).unwrap().to_owned()
    }

    async fn present(&self, code: &str, redirect: &str, verifier: &str) -> Answer {
        let values = [
            ("grant_type", "authorization_code"),
            ("client_id", &self.client),
            ("code", code),
            ("redirect_uri", redirect),
            ("code_verifier", verifier),
        ];
        token(self.world, &values).await
    }

    /// The tokens for a code.
    async fn redeem(&self, code: &str) -> Tokens {
        Tokens::of(&self.present(code, REDIRECT, VERIFIER).await)
    }

    async fn renew(&self, refresh: &str, scope: &str) -> Answer {
        let values = [
            ("grant_type", "refresh_token"),
            ("client_id", &self.client),
            ("refresh_token", refresh),
            ("scope", scope),
        ];
        token(self.world, &values).await
    }

    async fn status(&self, access: &str) -> u16 {
        ask(self.world, access, "GET", "WhoAmI", &Value::Null).await.status.as_u16()
    }
}

impl Tokens {
    fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status, 200, "{}", answer.body);
        let got = answer.json();
        assert_eq!(got["expires_in"], 3600);
        let text = |name: &str| got[name].as_str().unwrap_or_default().to_owned();
        Self { access: text("access_token"), refresh: text("refresh_token"), scope: text("scope") }
    }
}

const ALL: &str = "crm offline_access";

#[tokio::test(flavor = "multi_thread")]
async fn a_program_works_in_the_name_of_whoever_lets_it_in() {
    in_every_world(async |world| {
        let desk = Desk::new(&world).await;
        let got = desk.redeem(&desk.code(ALL).await).await;
        assert_eq!(got.scope, ALL);
        let who = ask(&world, &got.access, "GET", "WhoAmI", &Value::Null).await.json();
        let user = desk.admin.user;
        assert_eq!(who["UserId"], user.to_string());
        assert_eq!(world.app.identity().tokens(&desk.admin, user).await.unwrap().len(), 1, "not a personal token");
        let renewed = Tokens::of(&desk.renew(&got.refresh, "").await);
        assert_eq!((desk.status(&renewed.access).await, renewed.scope.as_str()), (200, ALL));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_is_used_twice_ends_what_came_of_it() {
    in_every_world(async |world| {
        let desk = Desk::new(&world).await;
        let code = desk.code(ALL).await;
        let got = desk.redeem(&code).await;
        // It is kept beyond its minute, so that whoever presents it again is noticed.
        let user = desk.admin.user;
        let codes = world.app.store().write(move |writer| {
            let codes = writer.secrets_of("authorization-code", user)?;
            Ok::<_, crm::Error>(codes.iter().filter_map(|code| code.expires.map(jiff::Timestamp::as_second)).max())
        });
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        assert!(codes.await.unwrap().unwrap().unsigned_abs() > now + 3000);
        assert_eq!(desk.status(&got.access).await, 200);
        assert_eq!(error(&desk.present(&code, REDIRECT, VERIFIER).await), "invalid_grant");
        assert_eq!(desk.status(&got.access).await, 401);
        assert_eq!(error(&desk.renew(&got.refresh, "").await), "invalid_grant");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_that_is_used_twice_ends_all_that_was_granted() {
    in_every_world(async |world| {
        let desk = Desk::new(&world).await;
        let first = desk.redeem(&desk.code(ALL).await).await;
        let second = Tokens::of(&desk.renew(&first.refresh, "").await);
        assert_eq!(desk.status(&second.access).await, 200);
        for refresh in [&first.refresh, &second.refresh] {
            assert_eq!(error(&desk.renew(refresh, "").await), "invalid_grant");
        }
        for ended in [&first.access, &second.access] {
            assert_eq!(desk.status(ended).await, 401);
        }
        // Of two that present the same at once, one has stolen it: whatever comes of it, nothing is left.
        let got = desk.redeem(&desk.code(ALL).await).await;
        let (one, other) = tokio::join!(desk.renew(&got.refresh, ""), desk.renew(&got.refresh, ""));
        assert!([&one, &other].iter().any(|answer| error(answer) == "invalid_grant"), "{} {}", one.body, other.body);
        for won in [one, other].iter().filter(|answer| answer.status == 200) {
            assert_eq!(desk.status(&Tokens::of(won).access).await, 401);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_for_one_redirect_address_and_one_verifier() {
    in_every_world(async |world| {
        let desk = Desk::new(&world).await;
        let code = desk.code(ALL).await;
        for (redirect, verifier) in [
            ("http://127.0.0.1:1/done", VERIFIER),
            ("http://127.0.0.1:51004/done/", VERIFIER),
            ("https://attacker.example/done", VERIFIER),
            (REDIRECT, CHALLENGE),
        ] {
            let refused = desk.present(&code, redirect, verifier).await;
            assert_eq!((refused.status.as_u16(), error(&refused).as_str()), (400, "invalid_grant"), "{redirect}");
        }
        let other = program(&world, json!({"name": "Other", "ispublic": true, "redirecturis": REDIRECT})).await.1;
        let other = Desk { world: &world, admin: desk.admin.clone(), client: other };
        assert_eq!(error(&other.present(&code, REDIRECT, VERIFIER).await), "invalid_grant");
        // None of them has used it up.
        assert_eq!(desk.status(&desk.redeem(&code).await.access).await, 200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_gives_no_more_than_was_granted() {
    in_every_world(async |world| {
        let desk = Desk::new(&world).await;
        let got = desk.redeem(&desk.code("crm.read offline_access").await).await;
        let lead = json!({"subject": "s", "lastname": "l"});
        assert_eq!(ask(&world, &got.access, "POST", "leads", &lead).await.status, 403);
        for beyond in ["crm", ALL, "openid"] {
            let refused = desk.renew(&got.refresh, beyond).await;
            assert_eq!((refused.status.as_u16(), error(&refused).as_str()), (400, "invalid_scope"), "{beyond}");
        }
        let told = desk.renew(&got.refresh, "crm").await.json()["error_description"].clone();
        assert!(told.as_str().unwrap().contains("only crm.read offline_access was granted"), "{told}");
        let renewed = Tokens::of(&desk.renew(&got.refresh, "").await);
        assert_eq!(renewed.scope, "crm.read offline_access", "the refusals have not used it up");
        assert_eq!(ask(&world, &renewed.access, "POST", "leads", &lead).await.status, 403);
        // Less is given, and the whole again with the next one.
        let got = desk.redeem(&desk.code(ALL).await).await;
        let less = Tokens::of(&desk.renew(&got.refresh, "crm.read").await);
        assert_eq!(ask(&world, &less.access, "POST", "leads", &lead).await.status, 403);
        let whole = Tokens::of(&desk.renew(&less.refresh, "").await);
        assert_eq!(ask(&world, &whole.access, "POST", "leads", &lead).await.status, 204);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_program_gives_back_or_a_person_takes_back_works_no_more() {
    in_every_world(async |world| {
        let desk = Desk::new(&world).await;
        let got = desk.redeem(&desk.code(ALL).await).await;
        let values = [("client_id", desk.client.as_str()), ("token", got.refresh.as_str())];
        let revoked = post(&world, "/oauth2/revoke", &[], &values).await;
        assert_eq!(revoked.status, 200, "{}", revoked.body);
        assert_eq!(desk.status(&got.access).await, 401);

        let got = desk.redeem(&desk.code(ALL).await).await;
        let listed = world.app.identity().programs_let_in(&desk.admin, desk.admin.user).await.unwrap();
        assert_eq!((listed.len(), listed[0].name.as_str()), (1, "Desk"));
        let unredeemed = desk.code(ALL).await;
        // What it began goes on for as long as it is let in, and no longer.
        let queries = json!([{"EntityName": "account"}]);
        let begin = async || {
            let job = json!({"JobName": "x", "QuerySet": queries});
            let begun = ask(&world, &got.access, "POST", "BulkDelete", &job).await;
            begun.json()["JobId"].as_str().unwrap().to_owned()
        };
        let over = async |job: &str| {
            let runner = crate::jobs::carry_out_jobs(&world);
            let told = crate::jobs::over(&world, job).await;
            runner.abort();
            told
        };
        let told = over(&begin().await).await;
        assert_eq!(told["statuscode"], 30, "{told}");
        let orphan = begin().await;
        world.app.identity().shut_out(&desk.admin, desk.admin.user, listed[0].program).await.unwrap();
        let late = desk.present(&unredeemed, REDIRECT, VERIFIER).await;
        assert_eq!(error(&late), "invalid_grant", "no code outlives it");
        assert_eq!(desk.status(&got.access).await, 401);
        assert_eq!(error(&desk.renew(&got.refresh, "").await), "invalid_grant");
        let told = over(&orphan).await;
        assert_eq!(told["statuscode"], 31, "{told}");
        assert!(told["message"].as_str().unwrap().contains("not let in any more"), "{told}");
    })
    .await;
}
