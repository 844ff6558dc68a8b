//! What was just done, told on the next page: carried there in a short-lived cookie.

use language::tr;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::components::{Toast, ToastUndo, Tone};

/// Name of the cookie.
pub(crate) const COOKIE: &str = "flash";
/// Longest text, so that the cookie stays within what browsers keep.
const LONGEST: usize = 400;

/// A message for the next page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Flash {
    kind: Kind,
    text: String,
    link: Option<(String, String)>,
    undo: Option<Uuid>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum Kind {
    Done,
    Failed,
}

impl Flash {
    /// Something was done.
    pub fn done(text: impl Into<String>) -> Self {
        Self { kind: Kind::Done, text: text.into(), link: None, undo: None }
    }

    /// Something could not be done.
    pub fn failed(text: impl Into<String>) -> Self {
        Self { kind: Kind::Failed, text: text.into(), link: None, undo: None }
    }

    /// The same message with a place to look at: address and words.
    pub fn link(mut self, href: impl Into<String>, words: impl Into<String>) -> Self {
        self.link = Some((href.into(), words.into()));
        self
    }

    /// The same message with a way back.
    pub fn undo(mut self, act: Uuid) -> Self {
        self.undo = Some(act);
        self
    }

    /// As the value of a cookie.
    pub fn cookie(&self) -> String {
        let mut short = self.clone();
        if short.text.chars().count() > LONGEST {
            short.text = short.text.chars().take(LONGEST).chain(['…']).collect();
        }
        let json = serde_json::to_string(&short).unwrap_or_default();
        utf8_percent_encode(&json, NON_ALPHANUMERIC).to_string()
    }

    /// From the value of a cookie. It comes from the browser, so links must stay on this site.
    pub fn read(cookie: &str) -> Option<Self> {
        let json = percent_decode_str(cookie).decode_utf8().ok()?;
        let flash: Self = serde_json::from_str(&json).ok()?;
        let stays = |href: &str| href.starts_with('/') && !href.starts_with("//") && !href.contains('\\');
        flash.link.as_ref().is_none_or(|(href, _)| stays(href)).then_some(flash)
    }

    /// As a message on a page of this session.
    pub fn toast(&self, csrf: &str) -> Toast {
        Toast {
            tone: match self.kind {
                Kind::Done => Tone::Green,
                Kind::Failed => Tone::Red,
            },
            text: self.text.clone(),
            link: self.link.clone(),
            undo: self.undo.map(|act| ToastUndo {
                action: format!("/acts/{act}/undo"),
                csrf: csrf.to_owned(),
                label: tr!("Undo"),
            }),
        }
    }
}
