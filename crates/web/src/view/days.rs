//! Days of the reader's calendar, in words.

use jiff::{Timestamp, civil::Date};

use crate::session::Me;

/// The day of a moment where the reader is.
pub(crate) fn day_of(me: &Me, moment: Timestamp) -> Date {
    moment.to_zoned_datetime(me.caller.time_zone.clone()).date()
}

/// `Today`, `Yesterday`, or the weekday and the date.
pub(crate) fn in_words(me: &Me, day: Date) -> String {
    let away = (day_of(me, me.caller.zone().now) - day).get_days();
    match away {
        0 => "Today".to_owned(),
        1 => "Yesterday".to_owned(),
        -1 => "Tomorrow".to_owned(),
        _ => format!("{}, {}", day.strftime("%A"), me.style.date(day)),
    }
}
