//! Requests to other servers.
//!
//! An address that somebody types, or that another server names, must not let this server reach
//! what only it can reach: the machine itself, its network, the metadata service of a cloud.
//! [`Client`] looks a name up, refuses every address that is not public unless [`Policy`] allows
//! it, and connects to the very address it has looked at, so that a name which points elsewhere a
//! moment later gains nothing. It follows no redirects, and gives up on slow and on large answers.

mod address;
mod client;

pub use address::{Network, Policy};
pub use client::{Client, Error};
