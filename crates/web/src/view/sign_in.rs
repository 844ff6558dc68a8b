//! How somebody signs in, as tables: for themselves and for administrators.

use crm::{
    format::Style,
    identity::{LetIn, PasskeyInfo, Proof, Session, TokenInfo},
};
use jiff::Timestamp;
use language::tr;
use maud::{Markup, Render, html};
use uuid::Uuid;

use crate::components::{Action, Badge, Command, PlainTable, TableColumn, Tone};

/// Where somebody is signed in; `this` is the session of the page itself, and `end` the address
/// that ends one.
pub(crate) fn sessions(style: &Style, sessions: &[Session], this: &str, end: impl Fn(&str) -> String) -> Markup {
    let row = |session: &Session| {
        let own = session.key == this;
        vec![
            html! { (device(&session.agent)) @if own { " " (badge(&tr!("this one"))) } },
            html! { (or_unknown(&session.address)) },
            html! { (proofs(&session.proofs)) },
            html! { (moment(style, session.seen)) },
            html! { (moment(style, session.began)) },
            html! { (moment(style, session.expires)) },
            if own {
                html! {}
            } else {
                post(&tr!("Sign out"), end(&session.key), None)
            },
        ]
    };
    PlainTable {
        caption: tr!("Sessions"),
        columns: columns([
            tr!("Device"),
            tr!("Address"),
            tr!("Signed in by"),
            tr!("Last seen"),
            tr!("Since"),
            tr!("Ends"),
            tr!("Command"),
        ]),
        rows: sessions.iter().map(row).collect(),
    }
    .render()
}

/// Tokens of programs that work in somebody's name.
pub(crate) fn tokens(style: &Style, tokens: &[TokenInfo], end: impl Fn(&str) -> String) -> Markup {
    let row = |token: &TokenInfo| {
        vec![
            html! { (token.name) },
            html! { (moment(style, token.created)) },
            html! { (moment(style, token.expires)) },
            post(&tr!("Revoke"), end(&token.key), Some(&tr!("Revoke this token? Programs that use it stop working."))),
        ]
    };
    PlainTable {
        caption: tr!("API tokens"),
        columns: columns([tr!("For"), tr!("Made"), tr!("Ends"), tr!("Command")]),
        rows: tokens.iter().map(row).collect(),
    }
    .render()
}

/// Programs that somebody let in.
pub(crate) fn programs(style: &Style, programs: &[LetIn], end: impl Fn(Uuid) -> String) -> Markup {
    let row = |program: &LetIn| {
        let question =
            tr!("Remove {}? It can no longer work in this person's name, unless it is let in again.", program.name);
        vec![
            html! { (program.name) },
            html! { @if program.reading { (tr!("only read")) } @else { (tr!("read and change")) } },
            html! { (moment(style, Some(program.since))) },
            html! { (moment(style, program.until)) },
            post(&tr!("Remove"), end(program.program), Some(&question)),
        ]
    };
    PlainTable {
        caption: tr!("Programs"),
        columns: columns([
            tr!("Program"),
            tr!("What it may do"),
            tr!("when" => "Let in"),
            tr!("Asks again"),
            tr!("Command"),
        ]),
        rows: programs.iter().map(row).collect(),
    }
    .render()
}

/// Passkeys; `commands` are what can be done with one.
pub(crate) fn passkeys(style: &Style, passkeys: &[PasskeyInfo], commands: impl Fn(&PasskeyInfo) -> Markup) -> Markup {
    let row = |passkey: &PasskeyInfo| {
        vec![
            html! { (passkey.name) @if passkey.synced { " " (badge(&tr!("synced"))) } },
            html! { (passkey.host) },
            html! { (moment(style, passkey.made)) },
            html! { (moment(style, passkey.used)) },
            commands(passkey),
        ]
    };
    PlainTable {
        caption: tr!("Passkeys"),
        columns: columns([tr!("Name"), tr!("For"), tr!("when" => "Set up"), tr!("Last used"), tr!("Command")]),
        rows: passkeys.iter().map(row).collect(),
    }
    .render()
}

/// A moment, or a dash.
pub(crate) fn moment(style: &Style, moment: Option<Timestamp>) -> String {
    moment.map_or_else(|| "—".to_owned(), |moment| style.date_time(moment))
}

/// A small button that posts.
pub(crate) fn post(label: &str, href: String, confirm: Option<&str>) -> Markup {
    Command::new(label, "", Action::Post { href, confirm: confirm.map(str::to_owned) }).render()
}

/// A QR code as a drawing of its dark squares.
pub(crate) fn qr_code(picture: &[Vec<bool>]) -> Markup {
    use std::fmt::Write;
    /// Empty modules around the code, as its standard asks for.
    const QUIET: usize = 4;
    let size = picture.len() + 2 * QUIET;
    let mut path = String::new();
    for (y, row) in picture.iter().enumerate() {
        for (x, _) in row.iter().enumerate().filter(|(_, dark)| **dark) {
            let _ = write!(path, "M{} {}h1v1h-1z", x + QUIET, y + QUIET);
        }
    }
    html! {
        svg.qr-code viewBox={ "0 0 " (size) " " (size) } role="img" aria-label=(tr!("QR code for an authenticator app")) shape-rendering="crispEdges" {
            path fill="#000" d=(path) {}
        }
    }
}

/// Recovery codes, shown this once.
pub(crate) fn recovery_codes(codes: &[String]) -> Markup {
    html! {
        ul.recovery-codes aria-label=(tr!("Recovery codes")) { @for code in codes { li { code { (code) } } } }
    }
}

fn badge(text: &str) -> Markup {
    Badge::new(text, Tone::Blue).render()
}

fn or_unknown(address: &str) -> String {
    if address.is_empty() { tr!("unknown") } else { address.to_owned() }
}

fn proofs(proofs: &[Proof]) -> String {
    let word = |proof: &Proof| match proof {
        Proof::Password => tr!("password"),
        Proof::Link => tr!("one-time link"),
        Proof::Code => tr!("code"),
        Proof::Recovery => tr!("recovery code"),
        Proof::Passkey => tr!("passkey"),
        Proof::Provider | Proof::ProviderWithFactor => tr!("single sign-on"),
    };
    proofs.iter().map(word).collect::<Vec<_>>().join(", ")
}

fn columns<const COUNT: usize>(labels: [String; COUNT]) -> Vec<TableColumn> {
    labels.into_iter().map(|label| TableColumn { label, number: false }).collect()
}

/// The browser's name out of what it says about itself.
fn device(agent: &str) -> String {
    let known =
        ["Edg", "OPR", "Firefox", "Chrome", "Safari"].into_iter().find(|name| agent.contains(&format!("{name}/")));
    let name = match known {
        Some("Edg") => "Edge",
        Some("OPR") => "Opera",
        Some(name) => name,
        None if agent.is_empty() => return tr!("unknown"),
        None => return agent.chars().take(40).collect(),
    };
    let system =
        ["Windows", "Android", "iPhone", "iPad", "Mac OS", "Linux"].into_iter().find(|system| agent.contains(system));
    system.map_or_else(|| name.to_owned(), |system| tr!("{} on {}", name, system))
}
