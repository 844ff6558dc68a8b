//! One value as it is shown in a grid, a header or a table.

use language::tr;
use maud::{Markup, Render, html};

use super::avatar::avatar;
use super::badge::Badge;
use super::icon::icon;
use super::moment::Moment;

/// What stands in place of a value that the reader may not see.
pub const MASK: &str = "********";
/// Why it does.
fn secured() -> String {
    tr!("Hidden: this column is secured, and none of your column security profiles lets you read it")
}

/// A value to read, of one of the kinds that look different.
#[derive(Debug, Clone, Default)]
pub enum Cell {
    /// Nothing there.
    #[default]
    Empty,
    /// A value that the reader may not see.
    Secured,
    /// Plain text.
    Text(String),
    /// The name of the row's own record, leading to it.
    Link {
        /// The name.
        text: String,
        /// The record's page.
        href: String,
    },
    /// Another record.
    Lookup {
        /// Its name.
        text: String,
        /// Its page; `None` where the reader may not open it.
        href: Option<String>,
        /// Icon of its table.
        icon: String,
    },
    /// A person, with their initials.
    Person {
        /// Their name.
        name: String,
        /// Their page.
        href: Option<String>,
    },
    /// Several records, such as the people on a call.
    Several(Vec<Cell>),
    /// A choice or a state.
    Badge(Badge),
    /// Several choices.
    Badges(Vec<Badge>),
    /// An amount with its currency, formatted.
    Money(String),
    /// A number, formatted.
    Number(String),
    /// A date or a point in time.
    Moment(Moment),
    /// A point in time or a date that has gone by and should not have.
    Overdue(Moment),
    /// Yes or no, with the word for it.
    Boolean {
        /// The value.
        value: bool,
        /// Its word.
        label: String,
    },
    /// An e-mail address.
    Email(String),
    /// A telephone number.
    Phone(String),
    /// A web address, as typed.
    Url(String),
}

impl Cell {
    /// Whether the value belongs at the right edge of its column.
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Money(_) | Self::Number(_))
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Badges(badges) => badges.is_empty(),
            Self::Several(cells) => cells.is_empty(),
            Self::Text(text)
            | Self::Money(text)
            | Self::Number(text)
            | Self::Email(text)
            | Self::Phone(text)
            | Self::Url(text) => text.is_empty(),
            _ => false,
        }
    }
}

impl Render for Cell {
    fn render(&self) -> Markup {
        if self.is_empty() {
            return html! { span.cell-empty aria-label=(tr!("empty")) role="img" { "–" } };
        }
        match self {
            Self::Empty => html! {},
            Self::Secured => html! {
                span.cell-secured title=(secured()) { span aria-hidden="true" { (MASK) } span.visually-hidden { (secured()) } }
            },
            Self::Text(text) | Self::Money(text) | Self::Number(text) => html! { (text) },
            Self::Link { text, href } => html! { a.cell-title href=(href) data-row-link { (text) } },
            Self::Lookup { text, href, icon: name } => linked(href.as_deref(), html! { (icon(name)) span { (text) } }),
            Self::Person { name, href } => linked(href.as_deref(), html! { (avatar(name)) span { (name) } }),
            Self::Several(cells) => html! { span.cell-several { @for cell in cells { (cell) } } },
            Self::Badge(badge) => badge.render(),
            Self::Badges(badges) => html! { span.pill-list { @for badge in badges { (badge) } } },
            Self::Moment(moment) => moment.render(),
            Self::Overdue(moment) => {
                html! { span.cell-overdue { (icon("alert-circle")) (moment) span.visually-hidden { " (" (tr!("overdue")) ")" } } }
            }
            Self::Boolean { value, label } => html! {
                span.cell-boolean .is-yes[*value] { (icon(if *value { "check" } else { "minus" })) span { (label) } }
            },
            Self::Email(address) => html! { a href={ "mailto:" (address) } { (address) } },
            Self::Phone(number) => html! { a.cell-phone href={ "tel:" (dialled(number)) } { (number) } },
            Self::Url(address) => html! {
                @if let Some(href) = web_address(address) {
                    a href=(href) rel="noopener noreferrer" target="_blank" { (address) }
                } @else {
                    (address)
                }
            },
        }
    }
}

fn linked(href: Option<&str>, face: Markup) -> Markup {
    html! {
        @match href {
            Some(href) => a.cell-lookup href=(href) { (face) },
            None => span.cell-lookup { (face) },
        }
    }
}

/// A telephone number without what people write between the digits.
fn dialled(number: &str) -> String {
    number.chars().filter(|sign| sign.is_ascii_digit() || matches!(sign, '+' | '*' | '#' | ',')).collect()
}

/// A web address that is safe to follow: `https` is supplied where no scheme was typed, and
/// schemes other than http and https (`javascript:` above all) are not links.
fn web_address(typed: &str) -> Option<String> {
    let typed = typed.trim();
    let lower = typed.to_ascii_lowercase();
    if lower.starts_with("http://") || lower.starts_with("https://") {
        return Some(typed.to_owned());
    }
    let host = typed.split(['/', '?', '#']).next().unwrap_or_default();
    let plausible = host.contains('.')
        && host.chars().all(|sign| sign.is_alphanumeric() || matches!(sign, '.' | '-' | ':'))
        && !host.split(':').next().unwrap_or_default().is_empty()
        && host.split_once(':').is_none_or(|(_, port)| port.chars().all(|sign| sign.is_ascii_digit()));
    plausible.then(|| format!("https://{typed}"))
}
