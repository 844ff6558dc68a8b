//! Signing in: passwords, sessions, tokens.

use crate::world::{crm, in_every_world};
use crm::{
    Error, Origin, Row,
    identity::{BreachedPasswords, Device, SignInSettings, Stage},
};

#[tokio::test(flavor = "multi_thread")]
async fn the_right_password_opens_a_session_and_a_wrong_one_does_not() {
    in_every_world(async |world| {
        let identity = world.app.identity();
        let secret = identity
            .sign_in("ADA@contoso.example", "correct horse battery", &Device::named("test"))
            .await
            .unwrap()
            .secret;
        assert_eq!(identity.by_session(&secret).await.unwrap().caller.user, world.admin.user);
        for (email, password) in [("ada@contoso.example", "wrong"), ("nobody@contoso.example", "correct horse battery")]
        {
            let error = identity.sign_in(email, password, &Device::named("test")).await.unwrap_err();
            assert_eq!(error.to_string(), "the e-mail address or the password is wrong", "and does not tell which");
        }
        let caller = identity.by_session(&secret).await.unwrap().caller;
        identity.sign_out(&caller, &secret).await.unwrap();
        assert!(matches!(identity.by_session(&secret).await.unwrap_err(), Error::NotSignedIn));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_makes_one_wait() {
    in_every_world(async |world| {
        for _ in 0..6 {
            let _ = world.app.identity().sign_in("ada@contoso.example", "guess", &Device::named("test")).await;
        }
        let error = world
            .app
            .identity()
            .sign_in("ada@contoso.example", "correct horse battery", &Device::named("test"))
            .await
            .unwrap_err();
        assert!(matches!(error, Error::TooManyAttempts { .. }), "{error}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_one_time_link_sets_a_password_once() {
    in_every_world(async |world| {
        let identity = world.app.identity();
        let link = identity.password_link(&world.admin, world.seller.user).await.unwrap();
        assert!(identity.use_password_link(&link, "short").await.is_err());
        identity.use_password_link(&link, "a long enough one").await.unwrap();
        assert!(identity.use_password_link(&link, "another long one").await.is_err());
        identity.sign_in("sam@contoso.example", "a long enough one", &Device::named("test")).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_person_is_out_at_once() {
    in_every_world(async |world| {
        let identity = world.app.identity();
        let token = identity.create_token(&world.admin, world.seller.user, "script", 30).await.unwrap();
        assert_eq!(identity.by_token(&token).await.unwrap().user, world.seller.user);
        let disabled = Row::new().with("isdisabled", true);
        world.app.update(&world.admin, Origin::Page, "systemuser", world.seller.user, disabled, None).await.unwrap();
        assert!(matches!(identity.by_token(&token).await.unwrap_err(), Error::NotSignedIn));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_administrators_manage_people_but_everybody_their_own_settings() {
    in_every_world(async |world| {
        let promote = Row::new().with("internalemailaddress", "boss@contoso.example");
        let error = world.update("systemuser", world.admin.user, promote).await.unwrap_err();
        assert!(matches!(error, Error::Forbidden(_)), "{error}");
        world.update("systemuser", world.seller.user, Row::new().with("timezone", "Europe/Berlin")).await.unwrap();
        assert!(world.app.identity().create_token(&world.seller, world.admin.user, "x", 1).await.is_err());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_listed_and_ended_by_their_owner_and_by_an_administrator_only() {
    in_every_world(async |world| {
        let identity = world.app.identity();
        let device = Device { agent: "Firefox/130.0 (Linux)".into(), address: Some([203, 0, 113, 9].into()) };
        let open = async |device: &Device| {
            identity.sign_in("ada@contoso.example", "correct horse battery", device).await.unwrap().secret
        };
        let (here, there) = (open(&Device::named("test")).await, open(&device).await);
        let me = identity.by_session(&here).await.unwrap();
        let listed = identity.sessions(&me.caller, me.caller.user).await.unwrap();
        assert_eq!(listed.len(), 2);
        let other = listed.iter().find(|session| session.key != me.key).unwrap();
        assert_eq!((other.address.as_str(), other.agent.as_str()), ("203.0.113.9", "Firefox/130.0 (Linux)"));
        assert!(other.seen.is_some() && other.began.is_some());
        let refused = identity.end_session(&world.seller, me.caller.user, other.key.clone()).await;
        assert!(matches!(refused.unwrap_err(), Error::Forbidden(_)));
        assert!(identity.sessions(&world.seller, me.caller.user).await.is_err());
        identity.end_session(&me.caller, me.caller.user, other.key.clone()).await.unwrap();
        assert!(matches!(identity.by_session(&there).await.unwrap_err(), Error::NotSignedIn));
        let link = identity.password_link(&world.admin, world.seller.user).await.unwrap();
        identity.use_password_link(&link, "a long enough one").await.unwrap();
        let sellers = identity.open_by_link(world.seller.user, &device).await.unwrap();
        identity.end_sessions(&world.admin, world.seller.user, None).await.unwrap();
        assert!(identity.by_session(&sellers.secret).await.is_err());
        assert!(identity.by_session(&here).await.is_ok(), "the administrator's own goes on");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wait_after_guessing_outlives_a_restart_and_concerns_only_where_it_came_from() {
    in_every_world(async |world| {
        let from = |last: u8| Device { agent: "guesser".into(), address: Some([198, 51, 100, last].into()) };
        for _ in 0..6 {
            let _ = world.app.identity().sign_in("ada@contoso.example", "guess", &from(1)).await;
        }
        let restarted = crm::App::over(world.app.store().clone());
        let again = restarted.identity().sign_in("ada@contoso.example", "correct horse battery", &from(1)).await;
        assert!(matches!(again.unwrap_err(), Error::TooManyAttempts { .. }));
        restarted.identity().sign_in("ada@contoso.example", "correct horse battery", &from(2)).await.unwrap();
        // One address with many accounts.
        let mut waits = 0;
        for account in 0..40 {
            let guess =
                restarted.identity().sign_in(&format!("nobody{account}@contoso.example"), "guess", &from(3)).await;
            waits += usize::from(matches!(guess.unwrap_err(), Error::TooManyAttempts { .. }));
        }
        assert!(waits >= 8, "{waits}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn common_passwords_and_those_of_ones_own_name_are_refused() {
    in_every_world(async |world| {
        let identity = world.app.identity();
        for easy in ["password1234", "contoso2026", "sam@contoso.example", "qwertyuiop"] {
            let error = identity.set_password(&world.admin, world.seller.user, easy).await.unwrap_err();
            assert!(error.to_string().contains("first that are guessed"), "{easy}: {error}");
        }
        identity.set_password(&world.admin, world.seller.user, "slow purple ladder").await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_role_demands_holds_at_sign_in_and_for_tokens() {
    in_every_world(async |world| {
        let identity = world.app.identity();
        let token = identity.create_token(&world.admin, world.seller.user, "script", 300).await.unwrap();
        identity.set_password(&world.admin, world.seller.user, "slow purple ladder").await.unwrap();
        let demand = async |changes: Row| world.change_role("Salesperson", changes).await;
        demand(Row::new().with("apitokendays", 30_i64).with("passwordlength", 20_i64)).await;
        let error = identity.create_token(&world.seller, world.seller.user, "long", 31).await.unwrap_err();
        assert_eq!(error.to_string(), "a token may live for 1 to 30 days");
        let error = identity.set_password(&world.admin, world.seller.user, "slow purple ladder").await.unwrap_err();
        assert_eq!(error.to_string(), "a password has at least 20 characters");
        assert!(identity.by_token(&token).await.is_ok(), "younger than thirty days");
        demand(Row::new().with("apitokens", false)).await;
        assert!(identity.create_token(&world.seller, world.seller.user, "none", 1).await.is_err());
        assert!(matches!(identity.by_token(&token).await.unwrap_err(), Error::NotSignedIn), "also those there are");
        demand(Row::new().with("secondfactor", 1_i64)).await;
        let entry =
            identity.sign_in("sam@contoso.example", "slow purple ladder", &Device::named("test")).await.unwrap();
        assert_eq!(entry.stage, Stage::SetUp, "led to set one up first");
        let session = identity.by_session(&entry.secret).await.unwrap();
        assert_eq!(session.stage, Stage::SetUp);
        let listed = identity.sessions(&world.admin, world.seller.user).await.unwrap();
        assert_eq!(listed, [], "a half open session is none yet");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_session_ends() {
    in_every_world(async |world| {
        let identity = world.app.identity();
        let entry =
            identity.sign_in("ada@contoso.example", "correct horse battery", &Device::named("t")).await.unwrap();
        assert!(identity.by_session(&entry.secret).await.is_ok());
        world.age_secrets("session", jiff::SignedDuration::from_mins(6)).await;
        assert!(identity.by_session(&entry.secret).await.is_ok(), "three days are allowed by default");
        world.age_secrets("session", jiff::SignedDuration::from_mins(6)).await;
        let short = Row::new().with("sessionidleminutes", 5_i64);
        world.change_organization(short).await;
        assert!(matches!(identity.by_session(&entry.secret).await.unwrap_err(), Error::NotSignedIn));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_known_from_a_breach_cannot_be_set_by_any_way() {
    in_every_world(async |world| {
        let identity = world.app.identity();
        // "another long one", between two others.
        let list = tempfile::NamedTempFile::new().unwrap();
        let lines = [
            "000000005AD76BD555C1D6D771DE417A4B87E4B4:10",
            "7A4457CCFED3BDCC30B988A11D4AD58011C557EE:3",
            "FFFFFFFEE791CBAC0F6305CAF0CEE06BBE131160:2",
        ];
        std::fs::write(list.path(), lines.join("\r\n")).unwrap();
        let breached_passwords = Some(BreachedPasswords::open(list.path()).unwrap());
        let vault = world.app.sign_in_settings().vault.clone();
        world.app.configure_sign_in(SignInSettings { vault, breached_passwords, ..SignInSettings::default() });

        let (user, known) = (world.seller.user, "another long one");
        let refused = |outcome: crm::Result<()>| {
            let error = outcome.unwrap_err().to_string();
            assert!(error.contains("known from a breach"), "{error}");
        };
        refused(identity.set_password(&world.admin, user, known).await);
        let link = identity.password_link(&world.admin, user).await.unwrap();
        refused(identity.use_password_link(&link, known).await.map(drop));
        identity.use_password_link(&link, "a long enough one").await.unwrap();
        let device = Device::named("test");
        refused(identity.change_password(&world.seller, "a long enough one", known, None, &device).await);
        identity.change_password(&world.seller, "a long enough one", "one more long one", None, &device).await.unwrap();
    })
    .await;
}
