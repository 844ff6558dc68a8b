//! Pages for people who are not signed in yet: a card in the middle.

use maud::{Markup, Render, html};

use super::badge::Tone;
use super::banner::Banner;
use super::fields::{Control, Field};
use super::page::{Theme, document, layers};
use crate::assets::asset;

/// A form in the middle of an otherwise empty page: sign in, choose a password.
#[derive(Debug, Clone, Default)]
pub struct CenteredCard {
    /// Title of the window and heading of the card.
    pub title: String,
    /// A sentence under the heading.
    pub text: String,
    /// Language of the page, such as `en`.
    pub language: String,
    /// Light or dark.
    pub theme: Theme,
    /// Where it posts to.
    pub action: String,
    /// The token against forged requests.
    pub csrf: String,
    /// What was wrong with what was sent.
    pub error: Option<String>,
    /// Further values to send.
    pub hidden: Vec<(String, String)>,
    /// The fields.
    pub fields: Vec<Field>,
    /// Word on the button.
    pub submit: String,
    /// Small print under the card.
    pub note: String,
}

impl Render for CenteredCard {
    fn render(&self) -> Markup {
        let card = html! {
            main.centered id="main" {
                div.centered-brand { img src=(asset("icon.svg")) alt="" width="40" height="40"; span { "Pipewright" } }
                form.centered-card method="post" action=(self.action) {
                    input type="hidden" name="csrf" value=(self.csrf);
                    @for (name, value) in &self.hidden { input type="hidden" name=(name) value=(value); }
                    h1 { (self.title) }
                    @if !self.text.is_empty() { p { (self.text) } }
                    @if let Some(error) = &self.error {
                        div role="alert" { (Banner { tone: Tone::Red, icon: "alert-circle".to_owned(), text: error.clone(), commands: Vec::new() }) }
                    }
                    @for field in &self.fields { (field) }
                    button.btn.btn-primary type="submit" { (self.submit) }
                }
                @if !self.note.is_empty() { p.centered-note { (self.note) } }
            }
            (layers(&[]))
        };
        document(&self.title, &self.language, "", self.theme, Some(&self.csrf), card)
    }
}

/// The sign-in page.
#[derive(Debug, Clone, Default)]
pub struct Login {
    /// Name of the organisation.
    pub organisation: String,
    /// Language of the page, such as `en`.
    pub language: String,
    /// Light or dark.
    pub theme: Theme,
    /// Where it posts to: `email`, `password`, `next`.
    pub action: String,
    /// The token against forged requests.
    pub csrf: String,
    /// The address typed before.
    pub email: String,
    /// Where to go afterwards, sent as `next`.
    pub next: String,
    /// Why it did not work.
    pub error: Option<String>,
}

impl Render for Login {
    fn render(&self) -> Markup {
        let mut email = Field::new(
            "email",
            "E-mail",
            Control::Text { value: self.email.clone(), max_length: None, autocomplete: Some("username".to_owned()) },
        );
        let mut password =
            Field::new("password", "Password", Control::Password { autocomplete: "current-password".to_owned() });
        if self.email.is_empty() {
            email.autofocus = true;
        } else {
            password.autofocus = true;
        }
        CenteredCard {
            title: "Sign in".to_owned(),
            text: format!("to {}", self.organisation),
            language: self.language.clone(),
            theme: self.theme,
            action: self.action.clone(),
            csrf: self.csrf.clone(),
            error: self.error.clone(),
            hidden: vec![("next".to_owned(), self.next.clone())],
            fields: vec![email, password],
            submit: "Sign in".to_owned(),
            note: "Forgotten your password? An administrator can send you a new one-time link.".to_owned(),
        }
        .render()
    }
}
