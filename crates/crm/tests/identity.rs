//! Signing in: passwords, sessions, tokens.

mod world;

use crm::{Error, Origin, Row};
use world::{crm, in_every_world};

#[tokio::test(flavor = "multi_thread")]
async fn the_right_password_opens_a_session_and_a_wrong_one_does_not() {
    in_every_world(async |world| {
        let identity = world.app.identity();
        let secret = identity.sign_in("ADA@contoso.example", "correct horse battery", "test").await.unwrap();
        assert_eq!(identity.by_session(&secret).await.unwrap().caller.user, world.admin.user);
        for (email, password) in [("ada@contoso.example", "wrong"), ("nobody@contoso.example", "correct horse battery")]
        {
            let error = identity.sign_in(email, password, "test").await.unwrap_err();
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
            let _ = world.app.identity().sign_in("ada@contoso.example", "guess", "test").await;
        }
        let error =
            world.app.identity().sign_in("ada@contoso.example", "correct horse battery", "test").await.unwrap_err();
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
        identity.sign_in("sam@contoso.example", "a long enough one", "test").await.unwrap();
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
