//! Webhooks: addresses that are told of changes.
//!
//! An administrator subscribes an address to a table by a row of `webhook`. One [`Recorder`] follows the
//! change feed with a durable place, reads what changed with the rights of whoever made the webhook, and
//! writes a row of `webhookdelivery` for each change in the transaction that moves its place on. So each
//! change is taken down once, whatever stops in between, and no write waits for it. The [`sender`] sends
//! what waits: for each webhook in order, one at a time, signed as the Standard Webhooks specification
//! says, again and again with growing pauses. A delivery is claimed before it is sent, so that of several
//! processes one sends it; what a process had in hand when it ended is sent again. That is at least once,
//! and receivers tell by `webhook-id`.

mod address;
mod again;
mod claim;
mod filter;
mod keeper;
mod outcome;
mod payload;
mod recorder;
mod rules;
mod secret;
mod sender;
mod subscription;
mod tidy;

use crate::App;

pub use keeper::keep_delivering;
pub use recorder::{Recorded, Recorder};
pub(crate) use rules::{after_delete, before_delivery, before_write, forget};
pub(crate) use secret::{KIND as SECRET, purpose};
pub use sender::Sender;

/// The table of subscriptions.
pub const TABLE: &str = "webhook";
/// The table of what is told.
pub const DELIVERIES: &str = "webhookdelivery";
/// Most webhooks of an organisation: each is asked for every change of its table.
const MOST: usize = 100;

/// `statecode` of a webhook that is sent to.
const ON: i32 = 0;
/// `statecode` of one that is not.
const OFF: i32 = 1;
/// `statuscode` of one that was turned off by itself.
const STOPPED: i32 = 3;

/// `outcomecode` of a delivery that is to be sent.
const WAITING: i32 = 1;
/// `outcomecode` of one that was taken.
const DELIVERED: i32 = 2;
/// `outcomecode` of one that was given up.
const FAILED: i32 = 3;

/// What is done with webhooks beyond what every table has.
pub struct Webhooks<'a> {
    app: &'a App,
}

impl App {
    /// What is done with webhooks beyond what every table has.
    pub const fn webhooks(&self) -> Webhooks<'_> {
        Webhooks { app: self }
    }
}
