//! An activity on a timeline.

use crm::{Row, access::Privilege};
use jiff::Timestamp;
use language::tr;
use model::{Reference, Table};

use super::{
    View,
    entry::{Block, Shown},
};
use crate::{
    components::{
        Badge, Moment, Tone,
        timeline::{EntryAct, EntryAction, TimelineEntry, TimelineText},
    },
    view::{
        cells::{plain_text, tone},
        tables,
    },
};

/// `statecode` of what is still to be done: open, and scheduled.
const TO_DO: [i64; 2] = [0, 3];
/// `prioritycode` of what is urgent.
const HIGH: i64 = 2;

pub(super) fn entry(shown: &Shown<'_>, row: &Row) -> TimelineEntry {
    let kind = shown.view.model.table(row.text("activitytypecode"));
    let id = row.value("activityid").as_id().unwrap_or_default();
    let is_open = row.value("statecode").as_whole().is_some_and(|state| TO_DO.contains(&state));
    let label = kind.map_or_else(|| tr!("Activity"), |kind| kind.label.clone());
    let subject = row.text("subject");
    let words = plain_text(row.text("description"));
    let mut entry = TimelineEntry {
        icon: kind.map_or_else(|| "activity".to_owned(), |kind| kind.icon.clone()),
        tone: kind_tone(row.text("activitytypecode")),
        kind: label.clone(),
        title: if subject.is_empty() { label } else { subject.to_owned() },
        href: kind.map(|kind| tables::row_href(kind, id)),
        who: shown.person(row.value("ownerid")),
        facts: facts(shown, row),
        badge: kind.and_then(|kind| badge(shown, kind, row)),
        text: if words.is_empty() { TimelineText::None } else { TimelineText::Plain(words) },
        planned: is_open,
        ..TimelineEntry::default()
    };
    if is_open {
        entry.when = due(shown, row);
    }
    if let Some(kind) = kind {
        add_actions(shown, kind, &Reference::new(kind.name.as_str(), id), is_open, &mut entry);
    }
    entry
}

fn add_actions(shown: &Shown<'_>, kind: &Table, of: &Reference, is_open: bool, entry: &mut TimelineEntry) {
    let state = |to: i32| shown.item_href(of, &format!("/state?to={to}"));
    let post = |label: String, icon: &str, href: String| EntryAction::new(label, icon, EntryAct::Post(href));
    // Closings of deals are made and taken back with the deal.
    let own = kind.name != "opportunityclose" && shown.may_write(kind);
    if own && is_open {
        entry.first = Some(post(tr!("Mark complete"), "check", state(1)));
        entry.actions.push(shown.edit(of));
        if shown.may(kind, Privilege::Assign) {
            let href = shown.item_href(of, "/assignment");
            entry.actions.push(EntryAction::new(tr!("Assign"), "user-share", EntryAct::Dialog(href)));
        }
        entry.actions.push(post(tr!("activity" => "Cancel"), "ban", state(2)));
    } else if own {
        entry.actions.push(post(tr!("Reopen"), "arrow-back-up", state(0)));
    }
    entry.actions.push(EntryAction::new(
        tr!("verb" => "Open"),
        "external-link",
        EntryAct::Link(tables::row_href(kind, of.id)),
    ));
    if kind.name == "appointment" {
        let href = shown.item_href(of, "/calendar.ics");
        entry.actions.push(EntryAction::new(tr!("Calendar file"), "calendar", EntryAct::Link(href)));
    }
    if own && shown.may(kind, Privilege::Delete) {
        let href = shown.item_href(of, "/deletion");
        entry.actions.push(EntryAction::new(tr!("Delete"), "trash", EntryAct::Destroy(href)));
    }
}

/// What else there is to say of it.
fn facts(shown: &Shown<'_>, row: &Row) -> Vec<String> {
    let mut facts = Vec::new();
    let kind = shown.view.model.table(row.text("activitytypecode"));
    let cells = shown.cells();
    let mut tell = |name: &str| {
        let column = kind.and_then(|kind| kind.column(name)).filter(|_| row.has(name));
        let text = column.zip(kind).map(|(column, kind)| cells.text(kind, column, row.value(name), None));
        facts.extend(text.filter(|text| !text.is_empty()));
    };
    match row.text("activitytypecode") {
        "phonecall" => ["directioncode", "outcomecode", "phonenumber"].into_iter().for_each(&mut tell),
        "appointment" => tell("location"),
        _ => {}
    }
    if let Some(minutes) = row.value("actualdurationminutes").as_whole().filter(|minutes| *minutes > 0) {
        facts.push(tr!("{} min", minutes));
    }
    if row.value("prioritycode").as_whole() == Some(HIGH) {
        facts.push(tr!("High priority"));
    }
    facts
}

/// When it is due, or takes place.
fn due(shown: &Shown<'_>, row: &Row) -> Moment {
    let (start, end) = (row.value("scheduledstart").as_date_time(), row.value("scheduledend").as_date_time());
    let style = &shown.view.me.style;
    let Some(end) = end else { return Moment { text: tr!("No date"), ..Moment::default() } };
    let meeting = start.filter(|start| row.text("activitytypecode") == "appointment" && *start < end);
    let text = match meeting {
        Some(start) => format!("{}, {} – {}", day(shown, start), style.time(start), style.time(end)),
        None => tr!("Due {}, {}", day(shown, end), style.time(end)),
    };
    Moment { iso: end.to_string(), text, title: Some(style.date_time(end)) }
}

/// The day in words where it is near.
fn day(shown: &Shown<'_>, moment: Timestamp) -> String {
    let me = shown.view.me;
    let date = |moment: Timestamp| moment.to_zoned_datetime(me.caller.time_zone.clone()).date();
    let day = date(moment);
    match (day - date(me.caller.zone().now)).get_days() {
        0 => tr!("today"),
        1 => tr!("tomorrow"),
        -1 => tr!("yesterday"),
        _ => me.style.date(day),
    }
}

fn badge(shown: &Shown<'_>, kind: &Table, row: &Row) -> Option<Badge> {
    let state = row.value("statecode").as_whole()?;
    let due = row.value("scheduledend").as_date_time();
    let View { me, .. } = shown.view;
    if TO_DO.contains(&state) {
        let late = due.is_some_and(|due| due < me.caller.zone().now);
        let draft = kind.name == "email";
        return match (late, draft) {
            (true, _) => Some(Badge::new(tr!("Overdue"), Tone::Red)),
            (_, true) => Some(Badge::new(tr!("Draft"), Tone::Grey)),
            _ if shown.block == Block::ToDo => None,
            _ => Some(Badge::new(tr!("Planned"), Tone::Blue)),
        };
    }
    let column = kind.column("statecode")?;
    let label = kind.state(i32::try_from(state).ok()?)?.label.clone();
    Some(Badge::new(label, tone(kind, column, state)))
}

fn kind_tone(kind: &str) -> Tone {
    match kind {
        "phonecall" => Tone::Teal,
        "email" => Tone::Blue,
        "appointment" => Tone::Purple,
        "task" => Tone::Orange,
        "opportunityclose" => Tone::Green,
        _ => Tone::Grey,
    }
}
