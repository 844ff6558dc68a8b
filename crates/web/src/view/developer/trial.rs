//! The form in which a request is tried.

use language::tr;
use maud::{Markup, html};
use model::Table;

use crate::{
    components::{Control, Field, fields::ChoiceOption},
    session::Me,
};

/// What can be tried.
pub(crate) const METHODS: [&str; 5] = ["GET", "POST", "PATCH", "PUT", "DELETE"];

/// A request as it stands in the form.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trial {
    pub method: String,
    pub address: String,
    /// One a line.
    pub headers: String,
    pub body: String,
}

impl Trial {
    /// A request without headers.
    pub fn of(method: &str, address: &str, body: &str) -> Self {
        Self { method: method.to_owned(), address: address.to_owned(), headers: String::new(), body: body.to_owned() }
    }
}

/// The page of a table with a request in its form.
pub(crate) fn trial_href(table: &Table, method: &str, address: &str, body: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("method", method).append_pair("address", address);
    if !body.is_empty() {
        query.append_pair("body", body);
    }
    format!("/developer/{}?{}#try", table.name, query.finish())
}

/// The form, and below it what came of it.
pub(crate) fn trial_form(me: &Me, trial: &Trial, told: Option<Markup>) -> Markup {
    let option = |method: &str| ChoiceOption {
        value: method.to_owned(),
        label: method.to_owned(),
        chosen: method == trial.method,
    };
    let method = Control::Choice { options: METHODS.map(option).into() };
    let address = Control::Text { value: trial.address.clone(), max_length: Some(8_000), autocomplete: None };
    let memo = |value: &str, rows| Control::Memo { value: value.to_owned(), max_length: None, rows };
    html! {
        section.page-card id="try" {
            h2 { (tr!("Try a request")) }
            p { (tr!("It is sent in your name, with your rights, and what it changes stands in the history. What only reads is sent at once; what may change something is asked about first.")) }
            form.trial #trial-form method="post" action="/developer/requests" hx-post="/developer/requests" hx-target="#answer" hx-swap="innerHTML" hx-disabled-elt="find button" {
                input type="hidden" name="csrf" value=(me.csrf);
                div.form-grid.columns-2 {
                    (Field::new("method", tr!("Method"), method).required())
                    (Field::new("address", tr!("Request address"), address).required().full())
                    (Field::new("headers", tr!("Headers"), memo(&trial.headers, 2)).help(tr!("One a line, such as Prefer: return=representation.")))
                    (Field::new("body", tr!("Body"), memo(&trial.body, 6)))
                }
                div.page-commands { button.btn.btn-primary type="submit" { (tr!("Send request")) } }
            }
            div #answer aria-live="polite" { @if let Some(told) = told { (told) } }
        }
    }
}
