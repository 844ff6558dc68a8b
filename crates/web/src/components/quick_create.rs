//! Creating a record beside what is open.

use language::tr;
use maud::{Markup, Render, html};

use super::dialog::{Dialog, DialogSize};
use super::fields::Field;
use super::form::FieldError;

/// A short form for a new record, in a sheet at the right edge.
///
/// Opened from a lookup it carries the lookup's element id in `for_lookup`; the accepted post then
/// answers with `HX-Trigger: {"record-created": {"for": …, "table": …, "id": …, "label": …}}`, which
/// fills the lookup and closes the sheet.
#[derive(Debug, Clone)]
pub struct QuickCreate {
    /// Heading, such as `New lead`.
    pub title: String,
    /// Icon of the table.
    pub icon: String,
    /// Where it posts to.
    pub action: String,
    /// Where what was typed into a field is checked when the field is left.
    pub checks: Option<String>,
    /// The session's token against forged requests.
    pub csrf: String,
    /// Element id of the lookup that wants the record, sent back as `for`.
    pub for_lookup: Option<String>,
    /// Further values to send, such as the record it is about.
    pub hidden: Vec<(String, String)>,
    /// The fields.
    pub fields: Vec<Field>,
    /// What was wrong with what was sent.
    pub errors: Vec<FieldError>,
    /// Anything else, after the fields: records that seem to be the same.
    pub body: Markup,
}

impl Default for QuickCreate {
    fn default() -> Self {
        Self {
            title: String::new(),
            icon: String::new(),
            action: String::new(),
            checks: None,
            csrf: String::new(),
            for_lookup: None,
            hidden: Vec::new(),
            fields: Vec::new(),
            errors: Vec::new(),
            body: html! {},
        }
    }
}

impl QuickCreate {
    /// Prefix of the fields' element ids, for [`FieldError::field`].
    pub const SCOPE: &'static str = "quick-create";
}

impl Render for QuickCreate {
    fn render(&self) -> Markup {
        Dialog {
            id: Self::SCOPE.to_owned(),
            title: self.title.clone(),
            icon: self.icon.clone(),
            size: DialogSize::Side,
            action: Some(self.action.clone()),
            checks: self.checks.clone(),
            csrf: self.csrf.clone(),
            hidden: self
                .hidden
                .iter()
                .cloned()
                .chain(self.for_lookup.iter().map(|lookup| ("for".to_owned(), lookup.clone())))
                .collect(),
            errors: self.errors.clone(),
            fields: self.fields.clone(),
            body: self.body.clone(),
            submit: tr!("Save"),
            submit_more: self.for_lookup.is_none().then(|| tr!("Save and new")),
            ..Dialog::default()
        }
        .render()
    }
}
