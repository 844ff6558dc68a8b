//! What a person was told, as it is shown.

use crm::notifications::{Inbox, Kind, Notification, Target, Unread};
use jiff::civil::Date;
use language::tr;
use model::Model;

use super::{days, tables};
use crate::{
    components::{
        Moment, Toast,
        notifications::{BellCount, NotificationDay, NotificationItem, NotificationList},
    },
    pages::notifications::ADDRESS,
    session::Me,
};

/// `icontype` of what went wrong or is to be careful about.
const FAILURE: i64 = 100_000_002;
const WARNING: i64 = 100_000_003;
const SUCCESS: i64 = 100_000_001;

pub(crate) const fn count(unread: Unread) -> BellCount {
    BellCount { count: unread.count, more: unread.more }
}

/// By days; `after` is the day of the last one shown already.
pub(crate) fn list(me: &Me, inbox: &Inbox, path: &str, unread_only: bool, after: Option<Date>) -> NotificationList {
    let mut by_day: Vec<(Date, NotificationDay)> = Vec::new();
    for notification in &inbox.notifications {
        let day = days::day_of(me, notification.raised);
        if by_day.last().is_none_or(|(last, _)| *last != day) {
            let label = if after == Some(day) { String::new() } else { days::in_words(me, day) };
            by_day.push((day, NotificationDay { label, items: Vec::new() }));
        }
        if let Some((_, of_day)) = by_day.last_mut() {
            of_day.items.push(item(me, notification));
        }
    }
    let last = by_day.last().map(|(day, _)| *day).or(after);
    let older = inbox.next.as_ref().map(|place| {
        let mut parameters = vec![("behind", place.clone())];
        parameters.extend(unread_only.then(|| ("unread", "1".to_owned())));
        parameters.extend(last.map(|day| ("day", day.to_string())));
        super::list::address(path, &parameters)
    });
    NotificationList {
        days: by_day.into_iter().map(|(_, day)| day).collect(),
        older,
        csrf: me.csrf.clone(),
        on_page: path == ADDRESS,
    }
}

/// One line.
pub(crate) fn item(me: &Me, notification: &Notification) -> NotificationItem {
    NotificationItem {
        id: notification.id.to_string(),
        title: notification.title.clone(),
        record: notification.record.clone().filter(|name| !name.is_empty()),
        words: notification.words.clone(),
        by: notification.by.clone(),
        icon: icon_of(notification).to_owned(),
        others: if told_by_number(notification) { 0 } else { (notification.count - 1).max(0) },
        is_unread: !notification.is_read,
        when: Moment {
            title: Some(me.style.date_time(notification.raised)),
            ..Moment::new(notification.raised.to_string(), me.style.time(notification.raised))
        },
        leads: notification.target.is_some(),
    }
}

/// Whether the sentence itself says how many records it is about.
fn told_by_number(notification: &Notification) -> bool {
    let is_of_act = matches!(notification.kind, Some(Kind::Assignment | Kind::Share));
    is_of_act || matches!(notification.target, Some(Target::List(_)))
}

const fn icon_of(notification: &Notification) -> &'static str {
    match (notification.kind, notification.icon) {
        (Some(Kind::Mention | Kind::Reply), _) => "message",
        (Some(Kind::Assignment), _) => "user-share",
        (Some(Kind::Share), _) => "share",
        (Some(Kind::Progress | Kind::Activity), _) => "eye",
        (None, FAILURE) => "alert-circle",
        (None, WARNING) => "alert-triangle",
        (None, SUCCESS) => "check",
        (None, _) => "bell",
    }
}

/// Where it leads, as far as the person meets that on pages.
pub(crate) fn href(me: &Me, model: &Model, target: &Target) -> Option<String> {
    match target {
        Target::Record(record) => tables::reference_href(model, &me.caller, record),
        Target::List(table) => {
            let table = model.table(table).filter(|table| tables::is_open_to(&me.caller, table))?;
            Some(format!("/{}", table.set_name))
        }
        Target::Page(page) => Some(page.clone()),
    }
}

/// What flies in at the edge of the page; several at once are one message.
pub(crate) fn toast(inbox: &Inbox) -> Option<Toast> {
    let fresh: Vec<&Notification> = inbox.notifications.iter().filter(|one| one.appears).collect();
    let (text, link) = match fresh.as_slice() {
        [] => return None,
        [one] => {
            let record = one.record.as_deref().filter(|name| !name.is_empty());
            let about = record.map(|name| format!(": {name}")).unwrap_or_default();
            let link = one.target.as_ref().map(|_| (format!("/notifications/{}", one.id), tr!("verb" => "Open")));
            (format!("{}{about}", one.title), link)
        }
        several => {
            let text = if inbox.next.is_some() {
                tr!("You have several new notifications.")
            } else {
                tr!("You have one new notification." | "You have {n} new notifications." % several.len())
            };
            (text, Some(("/notifications".to_owned(), tr!("Show"))))
        }
    };
    Some(Toast { text, link, ..Toast::default() })
}
