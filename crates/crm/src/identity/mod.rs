//! People and how they sign in: passwords, one-time codes, passkeys, single sign-on; sessions,
//! personal tokens, what is demanded of whom, and first set-up.
//!
//! A sign-in ends in `session::open`, whatever it was proved by; there it is decided whether the
//! session opens the door wholly, or only once a second factor is proved or set up.

pub(crate) mod administrators;
mod breached;
mod code;
mod device;
mod factors;
mod guessable;
mod pace;
mod passkey;
mod password;
mod policy;
pub(crate) mod programs;
mod reseal;
pub(crate) mod roles;
mod session;
mod settings;
mod setup;
mod single_sign_on;
mod throttle;
mod token;
mod vault;

use model::Filter;
use store::{Query, Reader, Row};
use uuid::Uuid;

use crate::{App, Caller, Error, Origin, Result, records::Work};

/// The role of people who are given none when they are brought in.
const SELLER: &str = "Salesperson";

pub use breached::BreachedPasswords;
pub use code::CodeSetUp;
pub use device::Device;
pub(crate) use pace::Pace;
pub use passkey::PasskeyInfo;
pub(crate) use policy::Demands;
pub use policy::{SecondFactor, SignInPolicy};
pub use programs::{
    Asking, Authorisation, CHANGE, ClientCredentials, ClientSecret, Issued, LetIn, MOST_SECRET_DAYS, MOST_SECRETS,
    OFFLINE, Presented, Program, ProgramRefusal, READ, RefusalCode, Scope, Unanswerable,
};
pub use session::{Entry, Proof, Session, SignedIn, Stage};
pub use settings::SignInSettings;
pub use setup::SetUp;
pub use single_sign_on::{GroupMapping, Outward, Secret, SingleSignOn, SingleSignOnConfiguration};
pub use token::TokenInfo;
pub(crate) use token::{Holder, let_in};
pub use vault::Vault;

/// What can be done about people and their access.
pub struct Identity<'a> {
    pub(crate) app: &'a App,
}

impl App {
    /// What can be done about people and their access.
    pub const fn identity(&self) -> Identity<'_> {
        Identity { app: self }
    }
}

/// A disabled person is signed out everywhere at once, and so is one who becomes the user of a program.
pub(crate) fn after_user_update(work: &mut Work<'_, '_>, old: &Row, user: &Row) -> Result<()> {
    let stands_for_another = old.value("applicationid") != user.value("applicationid");
    if user.value("isdisabled").as_boolean() != Some(true) && !stands_for_another {
        return Ok(());
    }
    let id = user.value("systemuserid").as_id().unwrap_or_default();
    for kind in [session::KIND, token::KIND, programs::CODE, programs::GRANT, programs::REFRESH] {
        for secret in work.writer().secrets_of(kind, id)? {
            work.writer().delete_secret(kind, &secret.key)?;
        }
    }
    Ok(())
}

/// People who come in by an import are sellers, until an administrator gives them other roles;
/// without any they would see nothing.
pub(crate) fn after_user_create(work: &mut Work<'_, '_>, user: &Row) -> Result<()> {
    if work.origin() != Origin::Import {
        return Ok(());
    }
    let role = roles::role_named(work, SELLER)?;
    roles::give_role(work, user.value("systemuserid").as_id().unwrap_or_default(), role)
}

/// The id of the person with this e-mail address, in any case.
pub(crate) fn user_by_email(reader: &mut Reader<'_>, engine: &Caller, email: &str) -> Result<Option<Uuid>> {
    let query = Query::of("systemuser", engine.scope().clone(), engine.zone())
        .select(["systemuserid"])
        .matching(Filter::eq("internalemailaddress", email.trim()))
        .take(2);
    Ok(reader.query(&query)?.rows.first().and_then(|row| row.first()).and_then(model::Value::as_id))
}

impl Identity<'_> {
    /// The id of the person with this e-mail address.
    ///
    /// # Errors
    /// [`Error::Unknown`] where there is none.
    pub async fn find(&self, email: &str) -> Result<Uuid> {
        let engine = self.app.engine().await?;
        let address = email.to_owned();
        self.app
            .read(move |reader| user_by_email(reader, &engine, &address))
            .await?
            .ok_or_else(|| Error::Unknown(format!("there is no user with the e-mail address {email}")))
    }
}

/// The fingerprint under which a session, token or link is kept: whoever reads the database
/// cannot use it.
pub(crate) fn fingerprint(secret: &str) -> String {
    use sha2::{Digest, Sha256};
    use std::fmt::Write;
    Sha256::digest(secret.as_bytes()).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// 32 random bytes as URL-safe text.
pub(crate) fn random_secret() -> String {
    use base64::Engine;
    use rand::RngCore;
    let mut bytes = [0_u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}
