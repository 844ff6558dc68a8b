//! Following a record: the button that says whether one does, and changes it.

use language::tr;
use maud::{Markup, html};

use super::icon::icon;

/// Whether the reader follows the record that is shown.
#[derive(Debug, Clone, Default)]
pub struct FollowToggle {
    /// Where it posts to.
    pub action: String,
    /// Whether they follow it now.
    pub following: bool,
}

impl FollowToggle {
    /// The button.
    pub fn markup(&self, csrf: &str) -> Markup {
        let (label, title, symbol) = if self.following {
            (tr!("Following"), tr!("Following; choose to be told of changes no longer"), "eye-check")
        } else {
            (tr!("Follow"), tr!("Follow this record to be told what others change"), "eye")
        };
        html! {
            form.record-follow method="post" action=(self.action) hx-post=(self.action) hx-target="this" hx-swap="outerHTML" {
                input type="hidden" name="csrf" value=(csrf);
                input type="hidden" name="keep" value=(!self.following);
                button.btn id="follow-record" type="submit" .is-following[self.following] aria-label=(title) title=(title) {
                    (icon(symbol)) span { (label) }
                }
            }
        }
    }
}
