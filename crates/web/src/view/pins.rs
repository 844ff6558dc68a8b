//! What is kept at hand, as the frame shows it.

use crm::workspace::{Pin, Pinned};
use model::{Model, Reference, TableKind};
use uuid::Uuid;

use super::{list::List, tables};
use crate::{
    components::{NavItem, PinToggle},
    posted::Typed,
    session::Me,
};

/// The places of pins in the side bar; those of tables that the person does not meet are left out.
pub(crate) fn places(me: &Me, model: &Model, pinned: &[Pinned]) -> Vec<NavItem> {
    let here = me.at.split('?').next().unwrap_or_default();
    let place = |pinned: &Pinned| {
        let table = model.table(pinned.pin.table()).filter(|table| tables::is_open_to(&me.caller, table))?;
        let (href, icon) = match &pinned.pin {
            Pin::Record(reference) => (tables::row_href(table, reference.id), table.icon.clone()),
            Pin::Board { view, .. } => {
                let list = List { view: view.clone(), ..List::default() };
                (list.href(&format!("/{}/board", table.set_name)), "layout-kanban".to_owned())
            }
            Pin::View { view, .. } => {
                let list = List { view: view.clone(), ..List::default() };
                (list.href(&format!("/{}", table.set_name)), "layout-list".to_owned())
            }
        };
        Some(NavItem { current: href == here || href == me.at, href, icon, label: pinned.label.clone(), key: None })
    };
    pinned.iter().filter_map(place).collect()
}

/// Pins what the page at the caller's address shows: a record, or the view of a list.
pub(crate) fn toggle(me: &Me, model: &Model) -> Option<PinToggle> {
    let (pin, what) = shown(me, model)?;
    let pinned = me.pinned.iter().any(|kept| kept.pin == pin);
    Some(PinToggle { value: pin.to_string(), what: what.to_owned(), pinned })
}

fn shown(me: &Me, model: &Model) -> Option<(Pin, &'static str)> {
    let (path, query) = me.at.split_once('?').unwrap_or((&me.at, ""));
    let mut parts = path.trim_start_matches('/').split('/');
    let table = model.table_by_set(parts.next()?).filter(|table| tables::is_open_to(&me.caller, table))?;
    match (parts.next(), parts.next()) {
        (part @ (None | Some("board")), None) => {
            let asked = Typed::parse(query);
            let wanted = asked.text("view");
            let known = table.views.iter().find(|view| view.name == wanted);
            let own = || wanted.parse::<Uuid>().ok().map(|id| id.to_string());
            let view = known.map(|view| view.name.clone()).or_else(own);
            let view = view.or_else(|| table.default_view().map(|view| view.name.clone()))?;
            let table = table.name.clone();
            Some(match part {
                None => (Pin::View { table, view }, "view"),
                Some(_) => (Pin::Board { table, view }, "board"),
            })
        }
        // The twin of an activity is shown as the activity itself.
        (Some(id), None) if table.kind != TableKind::Pointer => {
            let id = id.parse::<Uuid>().ok()?;
            Some((Pin::Record(Reference::new(table.name.as_str(), id)), "record"))
        }
        _ => None,
    }
}
