//! One-time codes and recovery codes, on both engines, and where their secrets must not be.

use crate::world::{World, crm, in_every_world};
use crm::{
    App, Error, Row,
    identity::{Device, Entry, SignInSettings, SignedIn, Stage, Vault},
};
use hmac_codes::code_at;

const PASSWORD: &str = "correct horse battery";

/// What an authenticator app does.
mod hmac_codes {
    /// The code of the step that is `later` steps from now.
    pub fn code_at(secret: &str, later: i64) -> String {
        let step = (jiff::Timestamp::now().as_second() / 30 + later).to_be_bytes();
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &decoded(secret));
        let digest = ring::hmac::sign(&key, &step);
        let offset = usize::from(digest.as_ref()[19] & 15);
        let number = u32::from_be_bytes(digest.as_ref()[offset..offset + 4].try_into().unwrap()) & 0x7fff_ffff;
        format!("{:06}", number % 1_000_000)
    }

    fn decoded(base32: &str) -> Vec<u8> {
        let bits: String = base32
            .chars()
            .filter(|letter| !letter.is_whitespace())
            .map(|letter| format!("{:05b}", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(letter).unwrap()))
            .collect();
        bits.as_bytes()
            .chunks_exact(8)
            .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap())
            .collect()
    }
}

async fn sign_in(app: &App) -> Entry {
    app.identity().sign_in("ada@contoso.example", PASSWORD, &Device::named("test")).await.unwrap()
}

async fn session(app: &App, entry: &Entry) -> SignedIn {
    app.identity().by_session(&entry.secret).await.unwrap()
}

/// The administrator sets up an app; its secret and the recovery codes.
async fn set_up(world: &World) -> (String, Vec<String>) {
    let identity = world.app.identity();
    let session = session(&world.app, &sign_in(&world.app).await).await;
    let app = identity.begin_code(&session).await.unwrap();
    assert!(
        app.address.starts_with("otpauth://totp/Pipewright%20Contoso:ada%40contoso%2Eexample?secret="),
        "{}",
        app.address
    );
    let wrong = identity.finish_code(&session, &Device::named("test"), "000000").await;
    assert!(wrong.is_err() || code_at(&app.secret, 0) == "000000");
    let (entry, recovery) =
        identity.finish_code(&session, &Device::named("test"), &code_at(&app.secret, -1)).await.unwrap();
    assert_eq!((entry.stage, recovery.len()), (Stage::Full, 10));
    assert!(matches!(identity.by_session(&session.key).await.unwrap_err(), Error::NotSignedIn));
    (app.secret, recovery)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_asked_for_and_works_once_also_of_two_who_use_it_at_the_same_moment() {
    in_every_world(async |world| {
        let (secret, _) = set_up(&world).await;
        let identity = world.app.identity();
        let (one, two) = (sign_in(&world.app).await, sign_in(&world.app).await);
        assert_eq!((one.stage, two.stage), (Stage::Confirm, Stage::Confirm));
        let (one, two) = (session(&world.app, &one).await, session(&world.app, &two).await);
        assert!(identity.begin_code(&one).await.is_err(), "nothing is set up before the factor is proved");
        let (code, device) = (code_at(&secret, 0), Device::named("test"));
        let (first, second) =
            tokio::join!(identity.prove_by_code(&one, &device, &code), identity.prove_by_code(&two, &device, &code));
        assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
        let entry = first.or(second).unwrap();
        assert_eq!(entry.stage, Stage::Full);
        let closed = if identity.by_session(&entry.secret).await.unwrap().key == one.key { &two } else { &one };
        let again = identity.prove_by_code(closed, &device, &code).await;
        assert!(again.is_err(), "not a third time");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_codes_makes_one_wait() {
    in_every_world(async |world| {
        set_up(&world).await;
        let session = session(&world.app, &sign_in(&world.app).await).await;
        let mut waited = false;
        for guess in 0..8 {
            let error =
                world.app.identity().prove_by_code(&session, &Device::named("test"), &format!("00000{guess}")).await;
            waited |= matches!(error, Err(Error::TooManyAttempts { .. }));
        }
        assert!(waited);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_one_time_link_does_not_skip_the_second_factor_and_a_reset_begins_anew() {
    in_every_world(async |world| {
        let (_, recovery) = set_up(&world).await;
        let identity = world.app.identity();
        let device = Device::named("test");
        let link = identity.password_link(&world.admin, world.admin.user).await.unwrap();
        identity.use_password_link(&link, "slow purple ladder").await.unwrap();
        let entry = identity.open_by_link(world.admin.user, &device).await.unwrap();
        assert_eq!(entry.stage, Stage::Confirm);
        let half = session(&world.app, &entry).await;
        let entry = identity.prove_by_code(&half, &device, &recovery[0]).await.unwrap();
        assert_eq!(entry.stage, Stage::Full);
        assert_eq!(identity.codes(&world.admin, world.admin.user).await.unwrap(), (true, 9));
        assert!(identity.reset(&world.seller, world.admin.user).await.is_err(), "only administrators reset");
        let link = identity.reset(&world.admin, world.admin.user).await.unwrap();
        assert!(identity.by_session(&entry.secret).await.is_err());
        identity.use_password_link(&link, "another slow ladder").await.unwrap();
        assert_eq!(identity.open_by_link(world.admin.user, &device).await.unwrap().stage, Stage::Full);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_a_backup_an_export_the_feed_or_the_database_in_the_clear() {
    in_every_world(async |world| {
        let (secret, recovery) = set_up(&world).await;
        let identity = world.app.identity();
        let token = identity.create_token(&world.admin, world.admin.user, "planted", 30).await.unwrap();
        let link = identity.password_link(&world.admin, world.seller.user).await.unwrap();
        let cookie = sign_in(&world.app).await.secret;
        world.update("systemuser", world.seller.user, Row::new().with("timezone", "Europe/Berlin")).await.unwrap();
        let plain = secret.replace(' ', "");
        let mut planted = vec![PASSWORD.to_owned(), plain, secret, token, link, cookie];
        planted.extend(recovery.iter().map(|code| code.replace('-', "")).chain(recovery.clone()));

        let backup = world.file("backup.db");
        world.app.store().backup(&backup).await.unwrap();
        let mut kept = vec![std::fs::read(&backup).unwrap()];
        for table in ["systemuser", "role", "organization"] {
            let request = crm::export::ExportRequest { table: table.into(), raw: true, ..Default::default() };
            kept.push(world.exported(&world.admin, request).await);
        }
        let mut feed = Vec::new();
        // It tells of changes when all transactions of the server that are older have ended.
        for _ in 0..600 {
            let read = |reader: &mut store::Reader<'_>| reader.feed_after(crm::FeedPosition::default(), 5000);
            feed = world.app.store().read(read).await.unwrap();
            if feed.len() > 5 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        assert!(feed.len() > 5, "the feed was read");
        kept.push(format!("{feed:?}").into_bytes());
        for file in ["crm.db", "crm.db-wal"] {
            kept.extend(std::fs::read(world.file(file)));
        }
        for (place, bytes) in kept.iter().enumerate() {
            for (which, planted) in planted.iter().enumerate() {
                assert!(!contains(bytes, planted.as_bytes()), "planted secret {which} is in place {place}");
            }
        }
        assert!(contains(&kept[0], b"ada@contoso.example"), "the backup was searched as it is written");
    })
    .await;
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_is_exchanged_without_anybody_setting_up_their_app_again() {
    in_every_world(async |world| {
        let identity = world.app.identity();
        let (old, new) =
            ("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", "TmV3IGtleSwgbmV3IGtleSwgbmV3IGtleSwgbmV3IGs=");
        let configure = |keys: &str| {
            let vault = Vault::of_key(keys).unwrap();
            world.app.configure_sign_in(SignInSettings { vault, ..SignInSettings::default() });
        };
        configure(old);
        let (secret, _) = set_up(&world).await;
        let prove = async |later| {
            let session = session(&world.app, &sign_in(&world.app).await).await;
            identity.prove_by_code(&session, &Device::named("test"), &code_at(&secret, later)).await.map(drop)
        };
        configure(new);
        let refused = identity.reseal().await.unwrap_err().to_string();
        assert!(refused.contains("another secret key"), "{refused}");

        configure(&format!("{new}\n{old}\n"));
        assert_eq!(identity.reseal().await.unwrap(), 1);
        configure(old);
        assert!(prove(1).await.is_err(), "the old key opens nothing any more");
        configure(new);
        prove(1).await.unwrap();
    })
    .await;
}
