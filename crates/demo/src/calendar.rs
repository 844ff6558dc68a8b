//! The twelve months of history and the rhythm of work in them.

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, Weekday},
    tz::TimeZone,
};

use crate::dice::Dice;

/// Days of history.
const DAYS: i64 = 365;
/// Days at the beginning in which the customers of the old system are brought in.
pub(crate) const MOVING_IN: i64 = 2;

/// Twelve months up to the reference day, which itself is still to come.
#[derive(Debug, Clone)]
pub(crate) struct Calendar {
    /// Midnight UTC before the first day.
    start: Timestamp,
    /// Midnight UTC before the reference day.
    end: Timestamp,
    /// Share of all business that happened up to the end of each day.
    cumulative: Vec<f64>,
}

impl Calendar {
    pub fn up_to(today: Date) -> Self {
        let end = midnight(today);
        let start = end - hours(24 * DAYS);
        let mut sum = 0.0;
        let cumulative = (0..DAYS)
            .map(|day| {
                if day > MOVING_IN {
                    sum += liveliness(date(start + hours(24 * day))) * (1.0 + 0.35 * day as f64 / DAYS as f64);
                }
                sum
            })
            .collect();
        Self { start, end, cumulative }
    }

    /// The end of history.
    pub fn end(&self) -> Timestamp {
        self.end
    }

    /// The day (0 the first) on which the given share of all business had happened.
    pub fn day_of_share(&self, share: f64) -> i64 {
        let wanted = share * self.cumulative.last().copied().unwrap_or_default();
        self.cumulative.partition_point(|sum| *sum <= wanted).min(DAYS as usize - 1) as i64
    }

    /// The day of a moment.
    pub fn day_of(&self, moment: Timestamp) -> i64 {
        moment.duration_since(self.start).as_hours().div_euclid(24)
    }

    /// A moment in the working hours of a day; `hour` is when they begin, in UTC.
    pub fn on_day(&self, day: i64, hour: i64, dice: &mut Dice) -> Timestamp {
        // The sum of two makes the middle of the day the busiest.
        let minutes = dice.between(0, 270) + dice.between(0, 270);
        let seconds = dice.between(0, 59);
        self.start + hours(24 * day + hour) + SignedDuration::from_secs(minutes * 60 + seconds)
    }

    /// Midnight of a working day so many days from the reference day; what would fall on a
    /// weekend moves away from the reference day.
    pub fn around_end(&self, day: i64) -> Timestamp {
        let midnight = self.end + hours(24 * day);
        let further = match (date(midnight).weekday(), day < 0) {
            (Weekday::Saturday, true) => -1,
            (Weekday::Sunday, true) => -2,
            (Weekday::Saturday, false) => 2,
            (Weekday::Sunday, false) => 1,
            _ => 0,
        };
        midnight + hours(24 * further)
    }

    /// A working moment some days after `from`, in history and not before `from`.
    pub fn later(&self, from: Timestamp, days: f64, hour: i64, dice: &mut Dice) -> Timestamp {
        let day = self.day_of(from) + days.round() as i64;
        let back = match date(self.start + hours(24 * day)).weekday() {
            Weekday::Saturday => 1,
            Weekday::Sunday => 2,
            _ => 0,
        };
        let moment = self.on_day(day - back, hour, dice);
        self.clamp(moment, from, dice)
    }

    /// `moment`, unless it lies before `from` or after history: then some moment between these.
    pub fn clamp(&self, moment: Timestamp, from: Timestamp, dice: &mut Dice) -> Timestamp {
        if moment > from && moment < self.end {
            return moment;
        }
        let left = self.end.duration_since(from).as_secs().max(2);
        let most = if moment <= from { left.min(6 * 3600) } else { left };
        from + SignedDuration::from_secs(dice.between(1, most - 1))
    }
}

/// The day of a moment, in UTC.
pub(crate) fn date(moment: Timestamp) -> Date {
    moment.to_zoned_datetime(TimeZone::UTC).date()
}

/// Whole hours.
pub(crate) fn hours(count: i64) -> SignedDuration {
    SignedDuration::from_hours(count)
}

/// Days between two moments, with their fraction.
pub(crate) fn days_between(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64() / 86_400.0
}

fn midnight(day: Date) -> Timestamp {
    day.to_zoned_datetime(TimeZone::UTC).expect("every day has a midnight in UTC").timestamp()
}

/// How much business there is on a day: less in summer and at the turn of the year, little at
/// weekends.
fn liveliness(day: Date) -> f64 {
    const MONTHS: [f64; 12] = [0.9, 1.0, 1.12, 1.05, 1.0, 1.05, 0.85, 0.65, 1.1, 1.15, 1.1, 0.7];
    let weekday = match day.weekday() {
        Weekday::Saturday => 0.07,
        Weekday::Sunday => 0.05,
        Weekday::Friday => 0.8,
        _ => 1.0,
    };
    weekday * MONTHS[usize::from(day.month().unsigned_abs()) - 1]
}
