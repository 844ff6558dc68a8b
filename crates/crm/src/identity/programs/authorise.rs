//! A program asks a person to be let in, and gets a code that it exchanges for tokens.

use jiff::SignedDuration;
use language::tr;
use serde::{Deserialize, Serialize};
use store::Secret;
use uuid::Uuid;

use super::{Identity, Program, RefusalCode, Scope, redirect, refusal::refuse};
use crate::{
    Caller, Error, Origin, Result,
    identity::{fingerprint, random_secret},
};

/// Kind of secret a code is kept as; its key is the fingerprint.
pub(in crate::identity) const KIND: &str = "authorization-code";
/// How long a code is good, in seconds.
const CODE_SECONDS: i64 = 60;
/// Length of an S256 challenge: 32 bytes as URL-safe text (RFC 7636, section 4.2).
const CHALLENGE: usize = 43;
/// Longest state that is sent back, in bytes.
const LONGEST_STATE: usize = 2000;

/// What a program sends along with the person.
#[derive(Debug, Clone, Default)]
pub struct Asking {
    /// `client_id`.
    pub client_id: String,
    /// `redirect_uri`.
    pub redirect: String,
    /// `response_type`.
    pub response_type: String,
    /// `response_mode`; "" for none.
    pub response_mode: String,
    /// `scope`.
    pub scope: String,
    /// `state`; "" for none.
    pub state: String,
    /// `code_challenge`.
    pub challenge: String,
    /// `code_challenge_method`.
    pub challenge_method: String,
    /// Parameters that were there more than once, which the standard forbids.
    pub repeated: Vec<String>,
}

/// A request that a person can answer.
#[derive(Debug, Clone)]
pub struct Authorisation {
    /// Who asks.
    pub program: Program,
    /// For what.
    pub scope: Scope,
    redirect: String,
    challenge: String,
    state: String,
    /// This server as programs know it (RFC 9207).
    issuer: String,
}

/// What is kept of a code.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct KeptCode {
    pub program: Uuid,
    pub redirect: String,
    pub challenge: String,
    pub reading: bool,
    pub offline: bool,
    /// What was granted by it, once it was used.
    #[serde(default)]
    pub grant: Option<String>,
}

/// Why a person cannot be asked.
#[derive(Debug)]
pub enum Unanswerable {
    /// The person is told; nobody knows where to send them.
    Here(Error),
    /// The program is told, by sending the person to this address.
    There(String),
}

impl Identity<'_> {
    /// What a program asks for; `issuer` is the address of this server.
    ///
    /// # Errors
    /// Told to the person where the program or its address is unknown: else anybody could send people
    /// anywhere in this server's name. Everything else is told to the program.
    pub async fn authorisation(
        &self,
        asking: Asking,
        issuer: &str,
    ) -> std::result::Result<Authorisation, Unanswerable> {
        let program = self.program_named(&asking.client_id).await.map_err(Unanswerable::Here)?;
        let Some(program) = program else {
            return Err(Unanswerable::Here(Error::refused(tr!(
                "the program that sent you here is not registered, or was disabled; ask an administrator"
            ))));
        };
        if !redirect::is_registered(&program.redirects, &asking.redirect) {
            return Err(Unanswerable::Here(Error::refused(tr!(
                "{} wants to send you to an address that is not registered; ask an administrator to compare the redirect addresses of the program",
                program.name
            ))));
        }
        match check(&asking) {
            Ok(scope) => {
                let scope = scope.within(program.only_reads);
                let Asking { redirect, challenge, state, .. } = asking;
                Ok(Authorisation { program, scope, redirect, challenge, state, issuer: issuer.to_owned() })
            }
            Err(Error::Program(refusal)) => {
                let told = [("error", refusal.code.name()), ("error_description", refusal.message.as_str())];
                Err(Unanswerable::There(answer(&asking.redirect, &told, &asking.state, issuer)))
            }
            Err(other) => Err(Unanswerable::Here(other)),
        }
    }

    /// Lets the program in, in the caller's name; the address to send the person to.
    ///
    /// # Errors
    /// Refused where the policy on the person lets no programs work in their name.
    pub async fn let_in(&self, caller: &Caller, authorisation: &Authorisation) -> Result<String> {
        if !caller.sign_in_policy().tokens {
            return Err(Error::refused(tr!(
                "your security roles do not let programs work in your name; ask an administrator"
            )));
        }
        let code = random_secret();
        let kept = KeptCode {
            program: authorisation.program.id,
            redirect: authorisation.redirect.clone(),
            challenge: authorisation.challenge.clone(),
            reading: authorisation.scope.reading,
            offline: authorisation.scope.offline,
            grant: None,
        };
        let key = fingerprint(&code);
        self.app
            .work(caller, Origin::Engine, move |work| {
                let user = work.caller().user;
                let expires = Some(work.now() + SignedDuration::from_secs(CODE_SECONDS));
                let data = serde_json::to_value(&kept).unwrap_or_default();
                tracing::info!(target: "security", %user, program = %kept.program, "let a program in");
                Ok(work.writer().put_secret(&Secret { kind: KIND.into(), key, owner: Some(user), expires, data })?)
            })
            .await?;
        Ok(authorisation.answer(&[("code", &code)]))
    }
}

impl Authorisation {
    /// The address that tells the program it was not let in.
    pub fn refused(&self) -> String {
        let told = "the person did not let the program in";
        self.answer(&[("error", RefusalCode::AccessDenied.name()), ("error_description", told)])
    }

    /// Where the person goes on: the origin, or the scheme of an app. For the person to read, and for the
    /// content security policy of the page, which must be allowed to lead there.
    pub fn destination(&self) -> String {
        redirect::origin(&self.redirect)
    }

    fn answer(&self, told: &[(&str, &str)]) -> String {
        answer(&self.redirect, told, &self.state, &self.issuer)
    }
}

/// The address that tells a program something, with the state by which it knows what it had asked.
fn answer(redirect: &str, told: &[(&str, &str)], state: &str, issuer: &str) -> String {
    let state = Some(("state", state)).filter(|_| !state.is_empty() && state.len() <= LONGEST_STATE);
    let all: Vec<(&str, &str)> = told.iter().copied().chain(state).chain([("iss", issuer)]).collect();
    redirect::with(redirect, &all)
}

/// What is asked for, where it is asked for as the standards say.
fn check(asking: &Asking) -> Result<Scope> {
    if let Some(name) = asking.repeated.first() {
        return Err(refuse(RefusalCode::InvalidRequest, format!("{name} is there more than once; send it once")));
    }
    if asking.response_type != "code" {
        return Err(refuse(RefusalCode::UnsupportedResponseType, "response_type must be 'code'"));
    }
    if !matches!(asking.response_mode.as_str(), "" | "query") {
        return Err(refuse(RefusalCode::InvalidRequest, "response_mode must be 'query', or left out"));
    }
    if asking.challenge.is_empty() || asking.challenge_method != "S256" {
        let message = "PKCE is required: send code_challenge, and code_challenge_method=S256";
        return Err(refuse(RefusalCode::InvalidRequest, message));
    }
    if asking.challenge.len() != CHALLENGE || !asking.challenge.bytes().all(is_url_safe) {
        let message = "code_challenge must be the SHA-256 of the verifier as 43 letters of URL-safe base64";
        return Err(refuse(RefusalCode::InvalidRequest, message));
    }
    if asking.state.len() > LONGEST_STATE {
        return Err(refuse(RefusalCode::InvalidRequest, format!("state is longer than {LONGEST_STATE} bytes")));
    }
    Scope::read(&asking.scope).map_err(Error::Program)
}

const fn is_url_safe(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound() -> Asking {
        Asking {
            response_type: "code".into(),
            challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".into(),
            challenge_method: "S256".into(),
            ..Asking::default()
        }
    }

    fn code(asking: &Asking) -> &'static str {
        match check(asking) {
            Err(Error::Program(refusal)) => refusal.code.name(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn only_codes_with_a_hashed_challenge_are_given() {
        assert!(check(&sound()).is_ok());
        assert_eq!(code(&Asking { response_type: "token".into(), ..sound() }), "unsupported_response_type");
        assert_eq!(code(&Asking { challenge_method: "plain".into(), ..sound() }), "invalid_request");
        assert_eq!(code(&Asking { challenge: String::new(), ..sound() }), "invalid_request");
        assert_eq!(code(&Asking { challenge: "short".into(), ..sound() }), "invalid_request");
        assert_eq!(code(&Asking { response_mode: "fragment".into(), ..sound() }), "invalid_request");
        assert_eq!(code(&Asking { repeated: vec!["state".into()], ..sound() }), "invalid_request");
        assert_eq!(code(&Asking { scope: "openid".into(), ..sound() }), "invalid_scope");
    }
}
