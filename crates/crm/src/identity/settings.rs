//! What is configured about signing in rather than kept in the database.

use super::{BreachedPasswords, SingleSignOn, Vault};

/// How people sign in to this server.
#[derive(Debug, Clone, Default)]
pub struct SignInSettings {
    /// The key that secrets are sealed with.
    pub vault: Vault,
    /// The identity provider, where there is one.
    pub single_sign_on: Option<SingleSignOn>,
    /// Requests to the Web API that one person may make in five minutes; 0 for as many as they like.
    pub api_requests: u32,
    /// Passwords known from breaches, which nobody may set; none are known where there is no list.
    pub breached_passwords: Option<BreachedPasswords>,
    /// Reaches other servers, such as those that webhooks tell.
    pub outgoing: outgoing::Client,
}
