//! Days of the reader's calendar, in words.

use jiff::{
    Timestamp,
    civil::{Date, Weekday},
};
use language::tr;

use crate::session::Me;

/// The day of a moment where the reader is.
pub(crate) fn day_of(me: &Me, moment: Timestamp) -> Date {
    moment.to_zoned_datetime(me.caller.time_zone.clone()).date()
}

/// `Today`, `Yesterday`, or the weekday and the date.
pub(crate) fn in_words(me: &Me, day: Date) -> String {
    let away = (day_of(me, me.caller.zone().now) - day).get_days();
    match away {
        0 => tr!("Today"),
        1 => tr!("Yesterday"),
        -1 => tr!("Tomorrow"),
        _ => format!("{}, {}", weekday(day), me.style.date(day)),
    }
}

/// The day of the week.
pub(crate) fn weekday(day: Date) -> String {
    match day.weekday() {
        Weekday::Monday => tr!("Monday"),
        Weekday::Tuesday => tr!("Tuesday"),
        Weekday::Wednesday => tr!("Wednesday"),
        Weekday::Thursday => tr!("Thursday"),
        Weekday::Friday => tr!("Friday"),
        Weekday::Saturday => tr!("Saturday"),
        Weekday::Sunday => tr!("Sunday"),
    }
}
