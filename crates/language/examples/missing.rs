//! Prints the texts that have no German yet, as entries to be filled in:
//! `cargo run -p pipewright-language --example missing`.

#![allow(clippy::unwrap_used, reason = "what cannot be read is told by where it stops")]

#[path = "../tests/it/catalogue.rs"]
mod catalogue;
#[path = "../tests/it/sources.rs"]
mod sources;

fn main() {
    let known = catalogue::of("de");
    for text in sources::wanted().difference(&known.keys().cloned().collect()) {
        println!();
        if let Some(context) = &text.context {
            println!("msgctxt {}", quoted(context));
        }
        println!("msgid {}", quoted(&text.english));
        match &text.plural {
            Some(plural) => println!("msgid_plural {}\nmsgstr[0] \"\"\nmsgstr[1] \"\"", quoted(plural)),
            None => println!("msgstr \"\""),
        }
    }
}

/// As gettext writes a text: on one line.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
