//! Notes and posts.

use jiff::Timestamp;

use crate::{dice::Dice, matter::Matter, touch::cut};

/// Something a seller wrote down.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Note {
    pub at: Timestamp,
    pub title: String,
    pub text: String,
}

impl Note {
    /// A note of this section; its title stands before the `|`.
    pub fn new(section: &str, matter: &Matter, at: Timestamp, dice: &mut Dice) -> Self {
        let said = matter.say(section, dice);
        let (title, text) = said.split_once(" | ").unwrap_or(("", &said));
        Self { at, title: cut(title, 500), text: text.to_owned() }
    }
}
