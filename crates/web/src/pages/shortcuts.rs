//! The sheet of keyboard shortcuts.

use std::borrow::Cow;

use axum::{extract::State, response::Response};
use language::{spoken, text, tr};
use maud::{Markup, html};

use crate::{
    app::Site,
    components::{Dialog, DialogSize},
    respond::fragment,
    session::Me,
    view::navigation,
};

/// Keys with what they do; several keys are pressed one after the other.
type Keys = (&'static [&'static str], &'static str);

const EVERYWHERE: &[Keys] = &[
    (&[text!("Ctrl K")], text!("Search, or jump to a page, view or command")),
    (&["/"], text!("Filter the list, elsewhere search")),
    (&["n"], text!("New: of the table one is at, elsewhere choose")),
    (&["b"], text!("Open the bell")),
    (&["p"], text!("Pin or unpin the record, view or board")),
    (&["?"], text!("This sheet")),
    (&[text!("Esc")], text!("Close what is open")),
];
const LISTS: &[Keys] = &[
    (&["j"], text!("Next row")),
    (&["k"], text!("Row before")),
    (&[text!("Enter")], text!("Open the row")),
    (&["← → ↑ ↓"], text!("From cell to cell")),
    (&[text!("Home, End")], text!("To the first or last cell of the row")),
    (&["F2"], text!("Change the value; Enter does, too, where it stands on one")),
    (&[text!("Tab")], text!("While changing: save, and on to the next value")),
    (&["."], text!("What can be done with the row")),
    (&["x"], text!("Select the row")),
    (&[text!("Shift ← →")], text!("On the head of a column: narrower or wider")),
    (&[text!("Esc")], text!("Clear the selection")),
];
const BOARDS: &[Keys] = &[
    (&["← → ↑ ↓"], text!("From card to card")),
    (&[text!("Space")], text!("Pick the card up; arrows choose a lane, Space puts it down")),
    (&["m"], text!("List the lanes to move the card to")),
    (&[text!("Esc")], text!("Leave the card where it was")),
];
const RECORDS: &[Keys] = &[
    (&["e"], text!("Edit: go to the first field")),
    (&[text!("Ctrl S")], text!("Save")),
    (&["u"], text!("Back to the list, as it was left")),
    (&["← →"], text!("On the process flow: from stage to stage")),
];

/// The sheet.
pub(crate) async fn show(State(site): State<Site>, me: Me) -> Response {
    let places = navigation::places(&me, &site.model(), "");
    let places: Vec<(String, String)> = places
        .into_iter()
        .flat_map(|group| group.items)
        .filter_map(|place| Some((place.key?.to_string(), place.label)))
        .collect();
    let off = me.caller.arrangement().without_shortcuts;
    fragment(Dialog {
        id: "shortcuts".to_owned(),
        title: tr!("Keyboard shortcuts"),
        icon: "keyboard".to_owned(),
        size: DialogSize::Large,
        body: html! {
            @if off { p { strong { (tr!("Single keys are off for you.")) } " " (tr!("Ctrl K, Ctrl S, Enter and Esc work all the same.")) } }
            div.shortcut-groups {
                (group(&tr!("Everywhere"), EVERYWHERE))
                section {
                    h3 { (tr!("Go to")) }
                    dl { @for (key, label) in &places { (entry(&["g".into(), key.into()], label)) } }
                }
                (group(&tr!("In a list"), LISTS))
                (group(&tr!("On a board"), BOARDS))
                (group(&tr!("On a record"), RECORDS))
            }
            p.shortcut-foot { (tr!("Shortcuts keep quiet while you type.")) " " a href="/settings/profile#keyboard" { @if off { (tr!("Turn single keys on")) } @else { (tr!("Turn single keys off")) } } }
        },
        ..Dialog::default()
    })
}

fn group(label: &str, keys: &'static [Keys]) -> Markup {
    html! { section { h3 { (label) } dl { @for (keys, what) in keys { (entry(&keys.iter().map(|key| spoken(key)).collect::<Vec<_>>(), &spoken(what))) } } } }
}

fn entry(keys: &[Cow<'_, str>], what: &str) -> Markup {
    html! {
        div {
            dt { @for (position, key) in keys.iter().enumerate() { @if position > 0 { span { " " (tr!("then")) " " } } kbd { (key) } } }
            dd { (what) }
        }
    }
}
