//! The sheet of keyboard shortcuts.

use axum::{extract::State, response::Response};
use maud::{Markup, html};

use crate::{
    app::Site,
    components::{Dialog, DialogSize},
    respond::fragment,
    session::Me,
    view::navigation,
};

/// Keys with what they do; several keys are pressed one after the other.
type Keys<'a> = (&'a [&'a str], &'a str);

const EVERYWHERE: &[Keys<'_>] = &[
    (&["Ctrl K"], "Search, or jump to a page, view or command"),
    (&["/"], "Filter the list, elsewhere search"),
    (&["n"], "New: of the table one is at, elsewhere choose"),
    (&["b"], "Open the bell"),
    (&["p"], "Pin or unpin the record, view or board"),
    (&["?"], "This sheet"),
    (&["Esc"], "Close what is open"),
];
const LISTS: &[Keys<'_>] = &[
    (&["j"], "Next row"),
    (&["k"], "Row before"),
    (&["Enter"], "Open the row"),
    (&["← → ↑ ↓"], "From cell to cell"),
    (&["F2"], "Change the value; Enter does, too, where it stands on one"),
    (&["Tab"], "While changing: save, and on to the next value"),
    (&["."], "What can be done with the row"),
    (&["x"], "Select the row"),
    (&["Esc"], "Clear the selection"),
];
const BOARDS: &[Keys<'_>] = &[
    (&["← → ↑ ↓"], "From card to card"),
    (&["Space"], "Pick the card up; arrows choose a lane, Space puts it down"),
    (&["m"], "List the lanes to move the card to"),
    (&["Esc"], "Leave the card where it was"),
];
const RECORDS: &[Keys<'_>] = &[
    (&["e"], "Edit: go to the first field"),
    (&["Ctrl S"], "Save"),
    (&["u"], "Back to the list, as it was left"),
    (&["← →"], "On the process flow: from stage to stage"),
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
        title: "Keyboard shortcuts".to_owned(),
        icon: "keyboard".to_owned(),
        size: DialogSize::Large,
        body: html! {
            @if off { p { strong { "Single keys are off for you. " } "Ctrl K, Ctrl S, Enter and Esc work all the same." } }
            div.shortcut-groups {
                (group("Everywhere", EVERYWHERE))
                section {
                    h3 { "Go to" }
                    dl { @for (key, label) in &places { (entry(&["g", key], label)) } }
                }
                (group("In a list", LISTS))
                (group("On a board", BOARDS))
                (group("On a record", RECORDS))
            }
            p.shortcut-foot { "Shortcuts keep quiet while you type. " a href="/settings/profile#keyboard" { @if off { "Turn single keys on" } @else { "Turn single keys off" } } }
        },
        ..Dialog::default()
    })
}

fn group(label: &str, keys: &[Keys<'_>]) -> Markup {
    html! { section { h3 { (label) } dl { @for (keys, what) in keys { (entry(keys, what)) } } } }
}

fn entry(keys: &[&str], what: &str) -> Markup {
    html! {
        div {
            dt { @for (position, key) in keys.iter().enumerate() { @if position > 0 { span { " then " } } kbd { (key) } } }
            dd { (what) }
        }
    }
}
