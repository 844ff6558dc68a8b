//! From where somebody signs in.

use std::net::IpAddr;

/// Longest description of a browser that is kept, in characters.
const LONGEST: usize = 200;

/// The browser or program somebody signs in with.
#[derive(Debug, Clone, Default)]
pub struct Device {
    /// What it calls itself.
    pub agent: String,
    /// The address it asks from, where it is known.
    pub address: Option<IpAddr>,
}

impl Device {
    /// A device that calls itself so.
    pub fn named(agent: &str) -> Self {
        Self { agent: agent.to_owned(), address: None }
    }

    /// As it is kept with a session.
    pub(super) fn short_agent(&self) -> String {
        self.agent.chars().take(LONGEST).collect()
    }

    /// The address as text; "" where it is not known.
    pub(super) fn address_text(&self) -> String {
        self.address.map(|address| address.to_string()).unwrap_or_default()
    }
}
