//! What somebody else made of a field while it was being edited.

use language::tr;
use maud::{Markup, html};

/// A value that somebody else saved while another one stands typed in the field.
#[derive(Debug, Clone, Default)]
pub struct Theirs {
    /// What they did: `Anna Weber changed this to “X”, 12:03`.
    pub text: String,
}

impl Theirs {
    /// Id of the text beside the control with this id.
    pub fn id(control: &str) -> String {
        format!("{control}-theirs")
    }

    /// The text, and the choice which of both is kept: what was typed, unless theirs is chosen.
    pub fn markup(&self, control: &str, name: &str, form: Option<&str>) -> Markup {
        html! {
            div.field-theirs data-theirs=(name) {
                p id=(Self::id(control)) { (self.text) }
                label {
                    input.form-check-input type="checkbox" name="take" value=(name) form=[form];
                    span { (tr!("Take theirs when saving")) }
                }
            }
        }
    }
}
