//! When somebody may change how they sign in, and what must be left.

use language::{text, tr};
use uuid::Uuid;

use super::{Identity, Proof, SecondFactor, SignedIn, Stage, code, passkey, programs, session, token};
use crate::{Caller, Error, Origin, Result, access, records::Work};

/// Refuses where a second factor must be proved first, or the last proof was long ago: whoever
/// finds an unlocked screen must not make the account theirs.
pub(super) fn require_open(session: &SignedIn) -> Result<()> {
    match session.stage {
        Stage::SetUp => Ok(()),
        Stage::Full => require_fresh(session),
        Stage::Confirm => Err(Error::NotSignedIn),
    }
}

pub(super) fn require_fresh(session: &SignedIn) -> Result<()> {
    match session.stage {
        Stage::Full if session.is_fresh() => Ok(()),
        Stage::Full => Err(Error::refused(tr!("some time has passed; prove again that it is you"))),
        Stage::SetUp | Stage::Confirm => Err(Error::NotSignedIn),
    }
}

/// Refuses to take away the last second factor where one is demanded; without any, recovery codes
/// are worth nothing and go, too.
pub(super) fn require_enough(work: &mut Work<'_, '_>, user: Uuid) -> Result<()> {
    let demanded = work.caller().sign_in_policy().second_factor;
    let left = session::SetUpFactors::of(work, user)?;
    let enough = match demanded {
        SecondFactor::NotRequired => true,
        SecondFactor::Any => left.code || left.passkey,
        SecondFactor::Passkey => left.passkey,
    };
    if !enough {
        return Err(Error::refused(tr!("your security role demands a second factor; set up another one first")));
    }
    if !left.code && !left.passkey {
        work.writer().delete_secret(code::RECOVERY, &user.to_string())?;
    }
    Ok(())
}

impl Identity<'_> {
    /// Whether this session can prove itself by an authenticator app, and by a passkey.
    pub async fn set_up_factors(&self, session: &SignedIn) -> Result<(bool, bool)> {
        let user = session.caller.user;
        let set_up =
            self.app.work(&session.caller, Origin::Page, move |work| session::SetUpFactors::of(work, user)).await?;
        // Where a passkey is demanded and there is one, a code that was proved does not help.
        let only_passkey = session.caller.sign_in_policy().second_factor == SecondFactor::Passkey
            && set_up.passkey
            && session.proofs.contains(&Proof::Code);
        Ok((set_up.code && !only_passkey, set_up.passkey))
    }

    /// Takes away everything a person signs in with (codes, passkeys, recovery codes, sessions,
    /// tokens), and makes a one-time link by which they begin anew. For whoever lost a device, or
    /// whose account somebody else got hold of.
    pub async fn reset(&self, caller: &Caller, user: Uuid) -> Result<String> {
        access::require_administrator(caller, text!("reset somebody's sign-in"))?;
        self.app
            .work(caller, Origin::Engine, move |work| {
                let programs = [programs::CODE, programs::GRANT, programs::REFRESH];
                let own =
                    [code::KIND, code::RECOVERY, passkey::KIND, session::KIND, token::KIND, super::password::KIND];
                for kind in own.into_iter().chain(programs) {
                    for secret in work.writer().secrets_of(kind, user)? {
                        work.writer().delete_secret(kind, &secret.key)?;
                    }
                }
                tracing::warn!(target: "security", user = %user, by = %work.caller().user, "the sign-in was reset");
                Ok(())
            })
            .await?;
        self.password_link(caller, user).await
    }

    /// Forgets what has expired: sessions, tokens, links, things begun and counts of attempts.
    pub async fn forget_expired(&self) -> Result<u64> {
        let engine = self.app.engine().await?;
        self.app
            .work(&engine, Origin::Engine, |work| {
                let now = work.now();
                Ok(work.writer().delete_expired_secrets(now)?)
            })
            .await
    }
}
