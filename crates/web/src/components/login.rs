//! Pages for people who are not signed in yet: a card in the middle.

use language::tr;
use maud::{Markup, Render, html};

use super::badge::Tone;
use super::banner::Banner;
use super::fields::{Control, Field};
use super::icon::icon;
use super::page::{Reader, Theme, document, layers};
use crate::assets::asset;

/// Cards in the middle of an otherwise empty page, one below the other.
#[derive(Debug, Clone)]
pub struct CenteredPage {
    /// Title of the window.
    pub title: String,
    /// Language of the page, such as `en`.
    pub language: String,
    /// Light or dark.
    pub theme: Theme,
    /// The token against forged requests, for scripts.
    pub csrf: String,
    /// The cards, `.centered-card` each.
    pub cards: Markup,
    /// Small print under the cards.
    pub note: String,
}

impl Render for CenteredPage {
    fn render(&self) -> Markup {
        let body = html! {
            main.centered id="main" {
                div.centered-brand { img src=(asset("icon.svg")) alt="" width="40" height="40"; span { "Pipewright" } }
                (self.cards)
                @if !self.note.is_empty() { p.centered-note { (self.note) } }
            }
            (layers(&[]))
        };
        document(
            &self.title,
            &Reader { language: &self.language, theme: self.theme, ..Reader::default() },
            Some(&self.csrf),
            body,
        )
    }
}

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

impl CenteredCard {
    /// The card alone, for a [`CenteredPage`] that has others below it.
    pub fn card(&self) -> Markup {
        html! {
            form.centered-card method="post" action=(self.action) {
                input type="hidden" name="csrf" value=(self.csrf);
                @for (name, value) in &self.hidden { input type="hidden" name=(name) value=(value); }
                h1 { (self.title) }
                @if !self.text.is_empty() { p { (self.text) } }
                @if let Some(error) = &self.error { (alert(error)) }
                @for field in &self.fields { (field) }
                button.btn.btn-primary type="submit" { (self.submit) }
            }
        }
    }
}

/// What went wrong, read out at once.
pub fn alert(text: &str) -> Markup {
    html! {
        div role="alert" { (Banner { tone: Tone::Red, icon: "alert-circle".to_owned(), text: text.to_owned(), commands: Vec::new() }) }
    }
}

impl Render for CenteredCard {
    fn render(&self) -> Markup {
        CenteredPage {
            title: self.title.clone(),
            language: self.language.clone(),
            theme: self.theme,
            csrf: self.csrf.clone(),
            cards: self.card(),
            note: self.note.clone(),
        }
        .render()
    }
}

/// A form by which the browser asks the person for a passkey; the script sends what it answers.
#[derive(Debug, Clone, Default)]
pub struct PasskeyForm {
    /// Whether a passkey is set up, rather than used.
    pub creates: bool,
    /// Where the script asks for the options of the ceremony.
    pub options: String,
    /// Where the form posts the `answer` to.
    pub action: String,
    /// The token against forged requests.
    pub csrf: String,
    /// Further values to send.
    pub hidden: Vec<(String, String)>,
    /// Fields before the button, such as a name.
    pub fields: Vec<Field>,
    /// Word on the button.
    pub submit: String,
}

impl Render for PasskeyForm {
    fn render(&self) -> Markup {
        html! {
            form.passkey-form method="post" action=(self.action) data-passkey=(if self.creates { "create" } else { "get" }) data-options=(self.options) {
                input type="hidden" name="csrf" value=(self.csrf);
                input type="hidden" name="answer";
                @for (name, value) in &self.hidden { input type="hidden" name=(name) value=(value); }
                @for field in &self.fields { (field) }
                button.btn type="submit" { (icon("fingerprint")) span { (self.submit) } }
                p.passkey-error role="alert" hidden {}
            }
        }
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
    /// Whether people here sign in by a password.
    pub passwords: bool,
    /// Name and address of the provider people can sign in by.
    pub provider: Option<(String, String)>,
}

impl Render for Login {
    fn render(&self) -> Markup {
        let mut email = Field::new(
            "email",
            tr!("E-mail"),
            Control::Text { value: self.email.clone(), max_length: None, autocomplete: Some("username".to_owned()) },
        );
        let mut password =
            Field::new("password", tr!("Password"), Control::Password { autocomplete: "current-password".to_owned() });
        if self.email.is_empty() {
            email.autofocus = true;
        } else {
            password.autofocus = true;
        }
        let card = CenteredCard {
            title: tr!("Sign in"),
            text: tr!("to {}", self.organisation),
            action: self.action.clone(),
            csrf: self.csrf.clone(),
            error: self.error.clone(),
            hidden: vec![("next".to_owned(), self.next.clone())],
            fields: vec![email, password],
            submit: tr!("Sign in"),
            ..CenteredCard::default()
        };
        let passkey = PasskeyForm {
            options: "/sign-in/passkey/options".to_owned(),
            action: "/sign-in/passkey".to_owned(),
            csrf: self.csrf.clone(),
            hidden: vec![("next".to_owned(), self.next.clone())],
            submit: tr!("Sign in with a passkey"),
            ..PasskeyForm::default()
        };
        let cards = html! {
            @if self.passwords { (card.card()) }
            section.centered-card.is-quiet aria-label=(tr!("Other ways to sign in")) {
                @if !self.passwords {
                    h1 { (tr!("Sign in")) } p { (tr!("to {}", self.organisation)) }
                    @if let Some(error) = &self.error { (alert(error)) }
                }
                @if let Some((name, href)) = &self.provider {
                    a.btn href=(href) { (icon("shield-lock")) span { (tr!("Sign in with {}", name)) } }
                }
                (passkey)
            }
        };
        CenteredPage {
            title: tr!("Sign in"),
            language: self.language.clone(),
            theme: self.theme,
            csrf: self.csrf.clone(),
            cards,
            note: tr!("Forgotten your password, or lost your device? An administrator can send you a one-time link."),
        }
        .render()
    }
}
