//! The conversation with the provider.

use std::{
    pin::Pin,
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use language::tr;
use openidconnect::{
    AdditionalClaims, AsyncHttpClient, AuthenticationFlow, AuthorizationCode, ClaimsVerificationError, Client,
    ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    HttpRequest, HttpResponse, IdTokenClaims, IdTokenFields, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, Scope, StandardErrorResponse, StandardTokenResponse, TokenResponse,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreIdTokenVerifier, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreResponseType,
        CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
    },
};
use serde::{Deserialize, Serialize};

use super::{SingleSignOn, SingleSignOnConfiguration, person::Person};
use crate::{
    Error, Origin, Result,
    identity::{Device, Entry, Identity, Proof, code::CHALLENGE, fingerprint},
};

/// How long somebody may take at the provider, in minutes.
const MINUTES: i64 = 15;
/// How long what the provider says of itself is taken as known.
const KNOWN_FOR: Duration = Duration::from_secs(300);

/// Claims beyond those every provider knows.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct OtherClaims {
    #[serde(flatten)]
    pub(super) claims: serde_json::Map<String, serde_json::Value>,
}

impl AdditionalClaims for OtherClaims {}

pub(super) type Claims = IdTokenClaims<OtherClaims, CoreGenderClaim>;
type Tokens = StandardTokenResponse<
    IdTokenFields<
        OtherClaims,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;
type Party = Client<
    OtherClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What the provider has said of itself, and when.
pub(super) type Known = (Instant, CoreProviderMetadata);

/// Where a browser is sent.
#[derive(Debug, Clone)]
pub struct Outward {
    /// The provider's page.
    pub address: String,
}

/// What is kept while somebody is at the provider.
#[derive(Serialize, Deserialize)]
struct Begun {
    nonce: String,
    verifier: String,
    binding: String,
    redirect: String,
    next: String,
}

impl Identity<'_> {
    /// Begins to sign in by the provider: where to send the browser. `binding` ties the answer to
    /// the browser (a secret of its own), `redirect` is the address the provider answers to.
    pub async fn begin_single_sign_on(&self, binding: &str, redirect: &str, next: &str) -> Result<Outward> {
        let sign_on = self.single_sign_on()?;
        let party = sign_on.party(redirect, false).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let mut request = party
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .set_pkce_challenge(challenge);
        for scope in &sign_on.configuration.scopes {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        let (address, state, nonce) = request.url();
        let begun = Begun {
            nonce: nonce.secret().clone(),
            verifier: verifier.secret().clone(),
            binding: fingerprint(binding),
            redirect: redirect.to_owned(),
            next: next.to_owned(),
        };
        let data = serde_json::to_value(begun).map_err(|error| Error::refused(error.to_string()))?;
        let (engine, key) = (self.app.engine().await?, key(state.secret()));
        self.app
            .work(&engine, Origin::Engine, move |work| {
                let expires = Some(work.now() + SignedDuration::from_mins(MINUTES));
                Ok(work.writer().put_secret(&store::Secret {
                    kind: CHALLENGE.into(),
                    key,
                    owner: None,
                    expires,
                    data,
                })?)
            })
            .await?;
        Ok(Outward { address: address.to_string() })
    }

    /// Finishes it with what the provider sent back. Returns the session and where the person
    /// wanted to go.
    pub async fn finish_single_sign_on(
        &self,
        binding: &str,
        device: &Device,
        state: &str,
        code: &str,
    ) -> Result<(Entry, String)> {
        let sign_on = self.single_sign_on()?;
        let begun = self.take_begun_single_sign_on(state, binding).await?;
        let claims = sign_on.claims(&begun, code).await?;
        let person = Person::of(&sign_on.configuration, &claims)?;
        let proof = if sign_on.configuration.vouches(&claims) { Proof::ProviderWithFactor } else { Proof::Provider };
        let user = self.person_of_provider(&sign_on.configuration, person).await?;
        Ok((self.open_session(user, device, &[proof]).await?, begun.next))
    }

    /// Forgets what was begun, where the provider says that it did not work out.
    pub async fn give_up_single_sign_on(&self, binding: &str, state: &str) -> Result<()> {
        self.take_begun_single_sign_on(state, binding).await.map(drop)
    }

    fn single_sign_on(&self) -> Result<SingleSignOn> {
        let settings = self.app.sign_in_settings();
        settings.single_sign_on.clone().ok_or_else(|| Error::refused(tr!("no single sign-on is configured")))
    }

    /// What was begun in this browser under this state, which is then used up.
    async fn take_begun_single_sign_on(&self, state: &str, binding: &str) -> Result<Begun> {
        let gone = || Error::refused(tr!("this sign-in was not begun in this browser, or took too long; begin again"));
        let (engine, key, binding) = (self.app.engine().await?, key(state), fingerprint(binding));
        let begun: Begun = self
            .app
            .work(&engine, Origin::Engine, move |work| {
                let found =
                    work.writer().secret(CHALLENGE, &key)?.filter(|begun| begun.expires > Some(Timestamp::now()));
                let begun = found.ok_or_else(gone)?;
                if !work.writer().delete_secret(CHALLENGE, &key)? {
                    return Err(gone());
                }
                serde_json::from_value(begun.data).map_err(|_| gone())
            })
            .await?;
        if begun.binding == binding { Ok(begun) } else { Err(gone()) }
    }
}

impl SingleSignOn {
    /// Changes the code for an identity token and checks it: signature, issuer, audience, time and
    /// nonce.
    async fn claims(&self, begun: &Begun, code: &str) -> Result<Claims> {
        let party = self.party(&begun.redirect, false).await?;
        let request = party.exchange_code(AuthorizationCode::new(code.to_owned())).map_err(|error| unusable(&error))?;
        let tokens = request
            .set_pkce_verifier(PkceCodeVerifier::new(begun.verifier.clone()))
            .request_async(&Carrier(self.client.clone()))
            .await
            .map_err(|error| refused(&error))?;
        let token = tokens.id_token().ok_or_else(without_token)?;
        let nonce = Nonce::new(begun.nonce.clone());
        match token.claims(&verifier(&party), &nonce) {
            // It has changed its keys since we last asked.
            Err(ClaimsVerificationError::SignatureVerification(_)) => {
                let party = self.party(&begun.redirect, true).await?;
                token.claims(&verifier(&party), &nonce).cloned().map_err(|error| refused(&error))
            }
            claims => claims.cloned().map_err(|error| refused(&error)),
        }
    }

    async fn party(&self, redirect: &str, anew: bool) -> Result<Party> {
        let metadata = self.metadata(anew).await?;
        let secret = self.configuration.client_secret.as_ref().map(|secret| ClientSecret::new(secret.0.clone()));
        let redirect = RedirectUrl::new(redirect.to_owned()).map_err(|error| unusable(&error))?;
        let id = ClientId::new(self.configuration.client_id.clone());
        Ok(Party::from_provider_metadata(metadata, id, secret).set_redirect_uri(redirect))
    }

    async fn metadata(&self, anew: bool) -> Result<CoreProviderMetadata> {
        let mut known = self.known.lock().await;
        if let Some((at, metadata)) = known.as_ref()
            && !anew
            && at.elapsed() < KNOWN_FOR
        {
            return Ok(metadata.clone());
        }
        let issuer = IssuerUrl::new(self.configuration.issuer.clone()).map_err(|error| unusable(&error))?;
        let metadata = CoreProviderMetadata::discover_async(issuer, &Carrier(self.client.clone()))
            .await
            .map_err(|error| unusable(&error))?;
        *known = Some((Instant::now(), metadata.clone()));
        Ok(metadata)
    }
}

/// Carries the requests of the flow, by the client that keeps inside the policy.
struct Carrier(outgoing::Client);

impl<'c> AsyncHttpClient<'c> for Carrier {
    type Error = outgoing::Error;
    type Future = Pin<Box<dyn Future<Output = std::result::Result<HttpResponse, outgoing::Error>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.0.send(request))
    }
}

impl SingleSignOnConfiguration {
    /// True where the provider says that a second factor was proved there.
    fn vouches(&self, claims: &Claims) -> bool {
        let methods = claims.auth_method_refs().into_iter().flatten().map(|method| method.as_str().to_owned());
        let class = claims.auth_context_ref().map(|class| class.as_str().to_owned());
        methods.chain(class).any(|value| self.second_factor.contains(&value))
    }
}

/// Only signatures that the provider alone can make: none by a shared secret, and never none at all.
fn verifier(party: &Party) -> CoreIdTokenVerifier<'_> {
    party.id_token_verifier().set_allowed_algs([
        CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
        CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
        CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
        CoreJwsSigningAlgorithm::RsaSsaPssSha256,
        CoreJwsSigningAlgorithm::RsaSsaPssSha384,
        CoreJwsSigningAlgorithm::RsaSsaPssSha512,
        CoreJwsSigningAlgorithm::EcdsaP256Sha256,
        CoreJwsSigningAlgorithm::EcdsaP384Sha384,
        CoreJwsSigningAlgorithm::EdDsa,
    ])
}

fn key(state: &str) -> String {
    format!("provider {}", fingerprint(state))
}

/// The whole chain of reasons, which the outermost error alone does not tell.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}

fn unusable(error: &dyn std::error::Error) -> Error {
    tracing::error!(target: "security", error = chain(error), "single sign-on does not work");
    Error::refused(tr!(
        "the identity provider cannot be used now; sign in another way, or tell an administrator, who finds the reason in the log"
    ))
}

fn without_token() -> Error {
    tracing::warn!(target: "security", "the identity provider sent no identity token");
    Error::refused(tr!("the identity provider sent no identity token"))
}

fn refused(error: &dyn std::error::Error) -> Error {
    tracing::warn!(target: "security", error = chain(error), "the identity provider's token was refused");
    Error::refused(tr!("the identity provider's answer could not be verified; sign in again"))
}
