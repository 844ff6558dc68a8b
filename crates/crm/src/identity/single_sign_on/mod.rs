//! Single sign-on by OpenID Connect: the authorization code flow with PKCE.
//!
//! [`provider`] speaks with the identity provider and checks what it says, [`person`] makes a
//! person of it: finds, links or creates them, and gives them the roles, teams and business unit
//! that their groups stand for.

mod person;
mod provider;

use std::sync::Arc;

use serde::Deserialize;

use provider::Known;
pub use provider::Outward;

/// How people sign in by an identity provider.
#[derive(Debug, Clone)]
pub struct SingleSignOn {
    /// What is configured.
    pub configuration: SingleSignOnConfiguration,
    /// Reaches the provider.
    pub client: outgoing::Client,
    /// What the provider has said of itself.
    known: Arc<tokio::sync::Mutex<Option<Known>>>,
}

/// What is configured about the identity provider.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SingleSignOnConfiguration {
    /// What people call it; stands on the button.
    pub name: String,
    /// Its address, to which `/.well-known/openid-configuration` is added.
    pub issuer: String,
    /// By which it knows Pipewright.
    pub client_id: String,
    /// The secret beside it; none for a public client.
    #[serde(skip)]
    pub client_secret: Option<Secret>,
    /// File with the secret.
    #[serde(default)]
    pub client_secret_file: Option<std::path::PathBuf>,
    /// What is asked for beside `openid`.
    #[serde(default = "scopes")]
    pub scopes: Vec<String>,
    /// Claim with the groups of the person.
    #[serde(default = "groups_claim")]
    pub groups_claim: String,
    /// Whether a person is created at the first sign-in, when nobody has their address.
    #[serde(default)]
    pub create_people: bool,
    /// Whether somebody with the same address, which the provider has verified, is them.
    #[serde(default = "yes")]
    pub link_by_email: bool,
    /// Takes addresses as verified of which the provider does not say so. Only for providers in
    /// which nobody can choose their own.
    #[serde(default)]
    pub trust_email: bool,
    /// Values of `amr` or `acr` that stand for a second factor at the provider.
    #[serde(default)]
    pub second_factor: Vec<String>,
    /// Whether people may still sign in by a password.
    #[serde(default = "yes")]
    pub passwords: bool,
    /// What groups stand for. Where any are given, somebody in none of them is not let in.
    #[serde(default)]
    pub group: Vec<GroupMapping>,
}

/// What membership in a group of the provider's gives.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupMapping {
    /// The group, as the claim names it.
    pub name: String,
    /// Security roles by name.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Teams by name.
    #[serde(default)]
    pub teams: Vec<String>,
    /// Business unit by name.
    #[serde(default)]
    pub business_unit: Option<String>,
}

/// A text that is never printed.
#[derive(Clone)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Secret(…)")
    }
}

impl SingleSignOn {
    /// Sign-in by this provider, reached by this client.
    pub fn new(configuration: SingleSignOnConfiguration, client: outgoing::Client) -> Self {
        Self { configuration, client, known: Arc::default() }
    }
}

fn scopes() -> Vec<String> {
    vec!["email".to_owned(), "profile".to_owned()]
}

fn groups_claim() -> String {
    "groups".to_owned()
}

const fn yes() -> bool {
    true
}
