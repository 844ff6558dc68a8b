//! Publishing a draft: what it does to the records under way is shown before it happens.

use axum::{extract::State, response::Response};
use crm::{
    Origin,
    process::{
        Transfer, TransferOutcome, Waiting,
        design::{Publication, Published},
    },
};
use language::{spoken, text, tr};
use maud::{Markup, html};
use uuid::Uuid;

use super::{again, dialog, for_state, seen};
use crate::{
    address::Address,
    app::Site,
    components::{Dialog, DialogSize, PlainTable, TableColumn},
    failure::{Failure, sentence},
    flash::Flash,
    posted::{Posted, Typed},
    respond::fragment,
    session::Me,
    view::designer::href,
};

/// What is said where another state would be published than the one that was looked at.
const CHANGED: &str = text!("the draft was changed since; look at it again");

/// Shows what publishing would do.
pub(crate) async fn ask(State(site): State<Site>, me: Me, Address(flow): Address<String>) -> Result<Response, Failure> {
    let preview = site.app.designer().preview(&me.caller, &flow).await?;
    Ok(fragment(shown(&me, &preview)))
}

fn shown(me: &Me, preview: &Publication) -> Dialog {
    let design = &preview.design;
    let action = format!("{}/publication", href(&design.process.name));
    let label = &design.process.label;
    if !design.problems.is_empty() {
        let body = html! { ul { @for problem in &design.problems { li { (sentence(&problem.to_string())) } } } };
        return Dialog {
            action: None,
            text: tr!("Something in the draft would not work. Mend it first:"),
            body,
            ..dialog(me, tr!("Publish “{}”", label), "upload", action)
        };
    }
    let moves_only = design.draft.is_none();
    let text = match (moves_only, preview.waiting.is_empty()) {
        (true, true) => tr!("Every running record is led by the version in force."),
        (true, false) => {
            tr!("Running records that earlier versions lead can go on in version {}.", preview.version)
        }
        (false, true) => tr!("It will be version {}. No running record is concerned.", preview.version),
        (false, false) => tr!(
            "It will be version {}. New records get it at once; those under way stay on their version unless you move them.",
            preview.version
        ),
    };
    let seen = design.revision();
    let nothing = moves_only && preview.waiting.is_empty();
    let title = if moves_only { tr!("Move records of “{}”", label) } else { tr!("Publish “{}”", label) };
    let dialog = Dialog {
        text,
        body: if preview.waiting.is_empty() {
            html! {}
        } else {
            mapping(me, preview)
        },
        submit: if moves_only { tr!("Move") } else { tr!("Publish") },
        size: DialogSize::Large,
        action: (!nothing).then_some(action.clone()),
        ..dialog(me, title, if moves_only { "arrows-exchange" } else { "upload" }, action)
    };
    for_state(dialog, seen)
}

fn mapping(me: &Me, preview: &Publication) -> Markup {
    let moves_only = preview.design.draft.is_none();
    let row = |(number, waiting): (usize, &Waiting)| {
        let from = match waiting.version {
            Some(version) => tr!("{} (version {version})", waiting.label, version),
            None => tr!("{} (not moved yet)", waiting.label),
        };
        vec![
            html! { b { (from) } },
            html! { (me.style.number(waiting.count.into(), 0)) },
            html! {
                input type="hidden" name={ "from_" (number) } value=(key(waiting));
                select.form-select name={ "to_" (number) } aria-label=(tr!("Where records of {} go", from)) {
                    option value="" selected[!moves_only || waiting.proposed.is_none()] { (tr!("Stay on their version")) }
                    @for (id, label) in &waiting.targets {
                        option value=(id) selected[moves_only && waiting.proposed == Some(*id)] {
                            (label) @if waiting.proposed == Some(*id) { " " (tr!("(proposed)")) }
                        }
                    }
                }
            },
        ]
    };
    let table = PlainTable {
        caption: tr!("Running records"),
        columns: [(tr!("They stand in"), false), (tr!("Records"), true), (tr!("They go to"), false)]
            .map(|(label, number)| TableColumn { label, number })
            .into(),
        rows: preview.waiting.iter().enumerate().map(row).collect(),
    };
    html! {
        (table)
        p.page-note {
            (tr!("Records stay on their table. Required steps are not asked when records are moved this way, but on their next move. The move can be undone as a whole; up to 2,000 records are moved at a time."))
        }
    }
}

fn key(waiting: &Waiting) -> String {
    format!("{}:{}", waiting.version.map_or_else(|| "none".to_owned(), |version| version.to_string()), waiting.stage)
}

/// What was chosen for each stage; those that stay are left out.
fn transfers(typed: &Typed) -> Result<Vec<Transfer>, Failure> {
    let unknown = || Failure::Bad(tr!("the choice of a stage cannot be read; open the dialog again"));
    let mut transfers = Vec::new();
    for number in 0.. {
        let Some(from) = typed.get(&format!("from_{number}")) else { break };
        let to = typed.text(&format!("to_{number}"));
        if to.is_empty() {
            continue;
        }
        let (version, stage) = from.split_once(':').ok_or_else(unknown)?;
        let version = match version {
            "none" => None,
            version => Some(version.parse().map_err(|_| unknown())?),
        };
        let id = |text: &str| text.parse::<Uuid>().map_err(|_| unknown());
        transfers.push(Transfer { version, from: id(stage)?, to: id(to)? });
    }
    Ok(transfers)
}

/// Publishes the draft, or moves records where there is none.
pub(crate) async fn create(
    State(site): State<Site>,
    Address(flow): Address<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let transfers = transfers(&typed)?;
    let seen = seen(&typed)?;
    let preview = site.app.designer().preview(&me.caller, &flow).await?;
    if preview.design.revision() != seen {
        return Ok(again(shown(&me, &preview), &[(String::new(), spoken(CHANGED).into_owned())]));
    }
    let done = if preview.design.draft.is_some() {
        site.app.designer().publish(&me.caller, Origin::Page, &flow, Some(seen), &transfers).await
    } else if transfers.is_empty() {
        let chosen = (String::new(), tr!("choose a stage that records go to"));
        return Ok(again(shown(&me, &preview), &[chosen]));
    } else {
        let outcome = site.app.processes().transfer(&me.caller, Origin::Page, &flow, &transfers).await;
        outcome.map(|outcome| Published { version: preview.version, transfer: Some(outcome), draft_stays: false })
    };
    match done {
        Ok(published) => Ok(me.go(&href(&flow), Some(told(&me, &preview, &published)))),
        Err(error @ (crm::Error::Refused(_) | crm::Error::Model(_))) => {
            Ok(again(shown(&me, &preview), &[(String::new(), error.to_string())]))
        }
        Err(crm::Error::Changed { .. }) => {
            let preview = site.app.designer().preview(&me.caller, &flow).await?;
            Ok(again(shown(&me, &preview), &[(String::new(), spoken(CHANGED).into_owned())]))
        }
        Err(error) => Err(error.into()),
    }
}

fn told(me: &Me, preview: &Publication, published: &Published) -> Flash {
    let mut words = Vec::new();
    if preview.design.draft.is_some() {
        words.push(tr!("Version {} is in force.", published.version));
    }
    if published.draft_stays {
        words.push(tr!("The draft was changed meanwhile and stays: what was changed is not in force."));
    }
    let Some(outcome) = &published.transfer else { return Flash::done(words.join(" ")) };
    words.extend(moved(me, outcome));
    let words = words.join(" ");
    let flash = if outcome.broken.is_some() { Flash::failed(words) } else { Flash::done(words) };
    if outcome.moved > 0 { flash.undo(outcome.act) } else { flash }
}

/// What became of the records.
fn moved(me: &Me, outcome: &TransferOutcome) -> Vec<String> {
    let count = me.style.number(outcome.moved.into(), 0);
    let mut words = vec![tr!("{count} record moved." | "{count} records moved." % outcome.moved, count = count)];
    if outcome.more {
        words.push(tr!("There are more: move them, too."));
    }
    words.extend(outcome.reasons.first().map(|reason| tr!("Some could not be moved: {}.", reason)));
    let broken = outcome.broken.as_ref();
    words.extend(broken.map(|reason| tr!("It broke off: {}. Those not reached stay where they are.", reason)));
    words
}
