//! What an attempt came to, and what follows from it.

use std::time::Duration;

use http::{HeaderMap, Response, header};
use jiff::{SignedDuration, Timestamp, fmt::rfc2822};
use model::Value;
use store::Row;
use uuid::Uuid;

use super::{DELIVERED, DELIVERIES, FAILED, TABLE, claim::Claimed, recorder::stop};
use crate::{App, Origin, Result, records::Work};

/// The pause after the first failure; each further one doubles it.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(5);
/// The longest pause that is taken unasked.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(1);
/// The longest one that a receiver may ask for.
const LONGEST_ASKED: SignedDuration = SignedDuration::from_hours(24);
/// Attempts after which a delivery is given up.
const ATTEMPTS: i64 = 12;
/// Failures in a row after which a webhook is stopped: a week, an hour after each other.
const PATIENCE: i64 = 168;
/// Characters kept of an answer and of an error.
const KEPT: usize = 500;

/// What an attempt came to.
pub(super) struct Outcome {
    took: Duration,
    status: Option<u16>,
    /// How the answer begins.
    answer: Option<String>,
    /// Why it failed; none where it was taken.
    error: Option<String>,
    /// When the receiver wants to be asked again.
    asked: Option<SignedDuration>,
}

impl Outcome {
    /// An answer: what it means is said by its status.
    pub fn of_answer(answer: &Response<Vec<u8>>, took: Duration, now: Timestamp) -> Self {
        let status = answer.status();
        let error = match status.canonical_reason() {
            _ if status.is_success() => None,
            Some(reason) => Some(format!("the receiver answered {} {reason}", status.as_u16())),
            None => Some(format!("the receiver answered {}", status.as_u16())),
        };
        let asked = error.as_ref().and_then(|_| asked(answer.headers(), now));
        let words = beginning(&String::from_utf8_lossy(answer.body()));
        Self { took, status: Some(status.as_u16()), answer: Some(words), error, asked }
    }

    /// No answer.
    pub fn of_failure(error: &dyn std::error::Error, took: Duration) -> Self {
        Self { took, status: None, answer: None, error: Some(beginning(&error.to_string())), asked: None }
    }

    /// True where the receiver took it.
    pub const fn is_taken(&self) -> bool {
        self.error.is_none()
    }

    /// The receiver is gone for good, and says so.
    fn is_gone(&self) -> bool {
        self.status == Some(410)
    }
}

/// `Retry-After`, in seconds or as a moment.
fn asked(headers: &HeaderMap, now: Timestamp) -> Option<SignedDuration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    let asked = match text.parse::<u32>() {
        Ok(seconds) => SignedDuration::from_secs(seconds.into()),
        Err(_) => rfc2822::parse(text).ok()?.timestamp().duration_since(now),
    };
    Some(asked.clamp(SignedDuration::ZERO, LONGEST_ASKED))
}

/// The first words, without what no page should be told to show.
fn beginning(text: &str) -> String {
    let plain = |letter: &char| !letter.is_control() || letter.is_whitespace();
    text.chars().filter(plain).take(KEPT).collect()
}

/// How long nothing is sent after so many failures in a row.
fn pause(failures: i64) -> SignedDuration {
    let doublings = u32::try_from(failures - 1).unwrap_or_default().min(16);
    FIRST_PAUSE.checked_mul(1 << doublings).map_or(LONGEST_PAUSE, |pause| pause.min(LONGEST_PAUSE))
}

/// Notes what a delivery in hand came to. Where it was taken out of that hand, because that took too long
/// or somebody sent it anew, nothing is noted.
pub(super) async fn note(app: &App, claimed: &Claimed, outcome: Outcome) -> Result<()> {
    let (webhook, delivery, attempt) = (claimed.webhook, claimed.delivery, claimed.attempt);
    let engine = app.engine().await?;
    app.work(&engine, Origin::Engine, move |work| {
        let table = work.table(DELIVERIES)?;
        let Some(row) = work.writer().lock(DELIVERIES, delivery)? else { return Ok(()) };
        if row.value("attemptcount").as_whole() != Some(attempt) {
            return Ok(());
        }
        let is_given_up = outcome.is_gone() || attempt >= ATTEMPTS;
        let mut changes = Row::new()
            .with("duration", i64::try_from(outcome.took.as_millis()).unwrap_or(i64::MAX).min(1_000_000))
            .with("responsecode", outcome.status.map_or(Value::Null, |status| i64::from(status).into()))
            .with("response", outcome.answer.clone().map_or(Value::Null, Value::Text))
            .with("errortext", outcome.error.clone().map_or(Value::Null, Value::Text))
            .with("nextattempton", Value::Null);
        match (outcome.is_taken(), is_given_up) {
            (true, _) => changes.set("outcomecode", DELIVERED),
            (false, true) => changes.set("outcomecode", FAILED),
            (false, false) => {}
        }
        work.write_row(&table, &row, changes)?;
        note_on_webhook(work, webhook, &outcome)
    })
    .await
}

fn note_on_webhook(work: &mut Work<'_, '_>, webhook: Uuid, outcome: &Outcome) -> Result<()> {
    let table = work.table(TABLE)?;
    let Some(row) = work.writer().lock(TABLE, webhook)? else { return Ok(()) };
    let failures = row.value("failurecount").as_whole().unwrap_or_default();
    let Some(error) = &outcome.error else {
        if failures > 0 || row.has("lasterror") {
            let well = Row::new().with("failurecount", 0).with("retryat", Value::Null).with("lasterror", Value::Null);
            work.write_row(&table, &row, well)?;
        }
        return Ok(());
    };
    let failures = failures + 1;
    let retry = work.now() + outcome.asked.unwrap_or_default().max(pause(failures));
    let ill = Row::new().with("failurecount", failures).with("retryat", retry).with("lasterror", error.as_str());
    work.write_row(&table, &row, ill)?;
    if outcome.is_gone() {
        stop(work, webhook, "the receiver answered 410 Gone: it wants to be told no more")?;
    } else if failures >= PATIENCE {
        stop(work, webhook, &format!("nothing was delivered for a week; {error}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_an_hour() {
        let seconds = [1, 2, 3, 10, 11, 168].map(|failures| pause(failures).as_secs());
        assert_eq!(seconds, [5, 10, 20, 2560, 3600, 3600]);
    }

    #[test]
    fn a_receiver_may_ask_for_a_pause_of_up_to_a_day() {
        let now: Timestamp = "2026-11-30T12:00:00Z".parse().unwrap();
        let wanted = |text: &str| {
            let headers = HeaderMap::from_iter([(header::RETRY_AFTER, text.parse().unwrap())]);
            asked(&headers, now).map(|pause| pause.as_secs())
        };
        assert_eq!(wanted("120"), Some(120));
        assert_eq!(wanted("999999"), Some(86_400));
        assert_eq!(wanted("Mon, 30 Nov 2026 12:01:30 GMT"), Some(90));
        assert_eq!(wanted("Mon, 30 Nov 2026 11:00:00 GMT"), Some(0));
        assert_eq!(wanted("soon"), None);
    }
}
