//! People and companies without a picture: their initials on a steady colour.

use maud::{Markup, html};

use super::badge::Tone;

/// The initials of a name on the colour that this name always gets; screen readers skip it.
pub fn avatar(name: &str) -> Markup {
    html! {
        span class={ "avatar " (Tone::of_text(name).class()) } aria-hidden="true" { (initials(name)) }
    }
}

/// First letters of the first and the last word.
fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|letter| letter.is_alphanumeric()));
    let first = words.next();
    let last = words.next_back();
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}
