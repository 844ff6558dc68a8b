//! Dates and times as people write them.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use serde::{Deserialize, Serialize};

/// In which order day, month and year stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// `31.12.2016`
    DayFirst,
    /// `12/31/2016`
    MonthFirst,
    /// `2016-12-31`
    YearFirst,
    /// Nothing in the column decides. Only dates that can be read in one way are read.
    Ambiguous,
}

/// The date in a cell. Dates with the year first or the month as a word (English, German,
/// French, Spanish) are read in any order; a time is accepted only when it is midnight.
/// Two-digit years are 1969 to 2068.
pub fn date(text: &str, order: DateOrder) -> Option<Date> {
    let written = Written::read(text)?;
    (written.time == Time::midnight()).then(|| written.parts.resolve(order)).flatten()
}

/// The date and time in a cell as it stands there; a date alone is its midnight. A zone is
/// accepted and left out, see [`date_time_with_offset`].
pub fn date_time(text: &str, order: DateOrder) -> Option<DateTime> {
    date_time_with_offset(text, order).map(|(at, _)| at)
}

/// The date and time in a cell, and its distance from UTC when it is written there
/// (`Z`, `UTC`, `GMT`, `+02:00`).
pub fn date_time_with_offset(text: &str, order: DateOrder) -> Option<(DateTime, Option<Offset>)> {
    let written = Written::read(text)?;
    Some((written.parts.resolve(order)?.to_datetime(written.time), written.offset))
}

/// What a single date says about the order of its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DateShape {
    /// The only order it can be read in, when there is only one.
    pub(crate) decides: Option<DateOrder>,
    /// It reads differently by order, such as `3/4/2017`.
    pub(crate) ambiguous: bool,
    /// It has a time other than midnight.
    pub(crate) timed: bool,
}

pub(crate) fn date_shape(text: &str) -> Option<DateShape> {
    let written = Written::read(text)?;
    let timed = written.time != Time::midnight();
    let (decides, ambiguous) = written.parts.order()?;
    Some(DateShape { decides, ambiguous, timed })
}

#[derive(Debug, Clone, Copy)]
struct Written {
    parts: Parts,
    time: Time,
    offset: Option<Offset>,
}

impl Written {
    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() < 6 || text.len() > 60 || !text.bytes().any(|b| b.is_ascii_digit()) {
            return None;
        }
        // Most cells are no dates; these are told from their first sign or their lack of any other.
        let all_digits = text.bytes().all(|b| b.is_ascii_digit());
        if !text.starts_with(char::is_alphanumeric) || (all_digits && text.len() != 8) {
            return None;
        }
        let Some(colon) = text.find(':') else {
            return Some(Self { parts: Parts::read(text)?, time: Time::midnight(), offset: None });
        };
        let before = &text[..colon];
        let day_end = before.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let day = before[..day_end].trim_end();
        let day = day.strip_suffix(['T', ',']).unwrap_or(day).trim_end();
        let (time, offset) = clock(&text[day_end..])?;
        Some(Self { parts: Parts::read(day)?, time, offset })
    }
}

/// The three numbers of a date before an order is applied to them.
#[derive(Debug, Clone, Copy)]
enum Parts {
    /// Year first or month as a word: there is only one reading.
    Certain(Date),
    /// `a/b/year` with a four-digit year.
    YearLast(i8, i8, i16),
    /// Three numbers of two digits.
    Short(i8, i8, i8),
}

impl Parts {
    fn read(text: &str) -> Option<Self> {
        let mut numbers: Vec<(i16, usize)> = Vec::with_capacity(3);
        let mut separators = Vec::with_capacity(4);
        let mut month = None;
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let same = |c: char| {
                if first.is_ascii_digit() { c.is_ascii_digit() } else { first.is_alphabetic() && c.is_alphabetic() }
            };
            let end = rest.find(|c| !same(c)).unwrap_or(rest.len()).max(first.len_utf8());
            let (token, after) = rest.split_at(end);
            if first.is_ascii_digit() {
                if token.len() == 8 && text.len() == 8 {
                    return compact(token);
                }
                numbers.push((token.parse().ok()?, token.len()));
            } else if first.is_alphabetic() {
                let word = token.to_lowercase();
                if let Some(found) = month_named(&word) {
                    month = Some(found);
                } else if !is_filler(&word) {
                    return None;
                }
            } else if matches!(first, ' ' | '.' | ',' | '/' | '-' | 'º' | '\u{a0}') {
                separators.push(first);
            } else {
                return None;
            }
            rest = after;
        }
        match (month, numbers.as_slice()) {
            (Some(month), &[(year, 4), (day, 1 | 2)] | &[(day, 1 | 2), (year, 4)]) => certain(year, month, day),
            (Some(month), &[(day, 1 | 2), (year, 2)]) => certain(century(year), month, day),
            (None, &[a, b, c]) if alike(&separators) => Self::numeric(a, b, c),
            _ => None,
        }
    }

    fn numeric(a: (i16, usize), b: (i16, usize), c: (i16, usize)) -> Option<Self> {
        match (a, b, c) {
            ((year, 4), (month, 1 | 2), (day, 1 | 2)) => certain(year, month as i8, day),
            ((a, 1 | 2), (b, 1 | 2), (year, 4)) => Some(Self::YearLast(a as i8, b as i8, year)),
            ((a, 1 | 2), (b, 1 | 2), (c, 2)) => Some(Self::Short(a as i8, b as i8, c as i8)),
            _ => None,
        }
    }

    fn resolve(self, order: DateOrder) -> Option<Date> {
        match self {
            Self::Certain(date) => Some(date),
            Self::YearLast(a, b, year) => match order {
                DateOrder::DayFirst => Date::new(year, b, a).ok(),
                DateOrder::MonthFirst => Date::new(year, a, b).ok(),
                DateOrder::YearFirst | DateOrder::Ambiguous => {
                    only_one(Date::new(year, b, a).ok(), Date::new(year, a, b).ok())
                }
            },
            Self::Short(a, b, c) => match order {
                DateOrder::DayFirst => Date::new(century(c.into()), b, a).ok(),
                DateOrder::MonthFirst => Date::new(century(c.into()), a, b).ok(),
                DateOrder::YearFirst => Date::new(century(a.into()), b, c).ok(),
                DateOrder::Ambiguous => {
                    let (order, _) = self.order()?;
                    self.resolve(order?)
                }
            },
        }
    }

    /// The order that this date decides, and whether it can be read in two ways. `None` when it
    /// is no date in any order.
    fn order(self) -> Option<(Option<DateOrder>, bool)> {
        let reads = |order| self.resolve(order).is_some();
        match self {
            Self::Certain(_) => Some((None, false)),
            Self::YearLast(a, b, _) => match (reads(DateOrder::DayFirst), reads(DateOrder::MonthFirst)) {
                (true, true) => Some((None, a != b)),
                (true, false) => Some((Some(DateOrder::DayFirst), false)),
                (false, true) => Some((Some(DateOrder::MonthFirst), false)),
                (false, false) => None,
            },
            // 16-10-25 may be 2016: a small last number could be a day, so only a number that
            // cannot be a day speaks for the year first.
            Self::Short(a, _, _) => match (reads(DateOrder::DayFirst), reads(DateOrder::MonthFirst)) {
                (true, true) => Some((None, true)),
                (true, false) => Some((Some(DateOrder::DayFirst), false)),
                (false, true) => Some((Some(DateOrder::MonthFirst), false)),
                (false, false) if a > 31 || a == 0 => {
                    reads(DateOrder::YearFirst).then_some((Some(DateOrder::YearFirst), false))
                }
                (false, false) => None,
            },
        }
    }
}

fn certain(year: i16, month: i8, day: i16) -> Option<Parts> {
    Date::new(year, month, i8::try_from(day).ok()?).ok().map(Parts::Certain)
}

/// `20161231`, within two centuries of today so that an ordinary number is not taken for a date.
fn compact(digits: &str) -> Option<Parts> {
    let year: i16 = digits[..4].parse().ok()?;
    let (month, day) = (digits[4..6].parse().ok()?, digits[6..].parse().ok()?);
    (1900..=2100).contains(&year).then(|| certain(year, month, day)).flatten()
}

fn only_one(a: Option<Date>, b: Option<Date>) -> Option<Date> {
    match (a, b) {
        (Some(a), Some(b)) => (a == b).then_some(a),
        (one, other) => one.or(other),
    }
}

/// Numeric dates use one separator throughout; `1. 3. 2017` counts as points.
fn alike(separators: &[char]) -> bool {
    let marks: Vec<char> = separators.iter().copied().filter(|c| *c != ' ').collect();
    match marks.as_slice() {
        [] => separators.len() == 2,
        ['.', '.', '.'] => true,
        [a, b] => a == b && matches!(a, '.' | '/' | '-'),
        _ => false,
    }
}

fn century(year: i16) -> i16 {
    if year >= 69 { 1900 + year } else { 2000 + year }
}

/// A time of day with optional seconds, fraction, AM/PM and zone.
fn clock(text: &str) -> Option<(Time, Option<Offset>)> {
    let digits_end =
        text.find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.' || c == ',')).unwrap_or(text.len());
    let (digits, rest) = text.split_at(digits_end);
    let mut fields = digits.splitn(3, ':');
    let mut hour: i8 = fields.next()?.parse().ok()?;
    let minute: i8 = fields.next()?.parse().ok()?;
    let (second, fraction) = match fields.next() {
        None => (0, 0),
        Some(text) => match text.split_once(['.', ',']) {
            None => (text.parse().ok()?, 0),
            Some((second, fraction)) => (second.parse().ok()?, nanoseconds(fraction)?),
        },
    };
    let mut rest = rest.trim().to_ascii_uppercase().replace("A.M.", "AM").replace("P.M.", "PM");
    if let Some(after) = rest.strip_prefix("AM") {
        hour = if hour == 12 { 0 } else { hour };
        rest = after.trim().to_owned();
    } else if let Some(after) = rest.strip_prefix("PM") {
        hour = if hour < 12 { hour + 12 } else { hour };
        rest = after.trim().to_owned();
    }
    let offset = if rest.is_empty() { None } else { Some(zone(&rest)?) };
    Some((Time::new(hour, minute, second, fraction).ok()?, offset))
}

fn nanoseconds(fraction: &str) -> Option<i32> {
    let known = fraction.get(..fraction.len().min(9))?;
    format!("{known:0<9}").parse().ok()
}

/// The distance from UTC that is written behind a time.
fn zone(text: &str) -> Option<Offset> {
    if matches!(text, "Z" | "UTC" | "GMT") {
        return Some(Offset::UTC);
    }
    let (sign, digits) = match text.strip_prefix('+') {
        Some(digits) => (1, digits),
        None => (-1, text.strip_prefix('-')?),
    };
    let digits = digits.replace(':', "");
    let (hours, minutes) = match digits.len() {
        1 | 2 => (digits.as_str(), "0"),
        4 => digits.split_at_checked(2)?,
        _ => return None,
    };
    let seconds = hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60;
    Offset::from_seconds(sign * seconds).ok()
}

/// Months in English, German, French and Spanish, long and short, in lower case.
fn month_named(word: &str) -> Option<i8> {
    Some(match word {
        "january" | "jan" | "januar" | "jänner" | "janvier" | "janv" | "enero" | "ene" => 1,
        "february" | "feb" | "februar" | "feber" | "février" | "fevrier" | "févr" | "fév" | "fevr" | "febrero" => 2,
        "march" | "mar" | "märz" | "maerz" | "mär" | "mrz" | "mars" | "marzo" => 3,
        "april" | "apr" | "avril" | "avr" | "abril" | "abr" => 4,
        "may" | "mai" | "mayo" => 5,
        "june" | "jun" | "juni" | "juin" | "junio" => 6,
        "july" | "jul" | "juli" | "juillet" | "juil" | "julio" => 7,
        "august" | "aug" | "août" | "aout" | "agosto" | "ago" => 8,
        "september" | "sep" | "sept" | "septembre" | "septiembre" | "setiembre" => 9,
        "october" | "oct" | "oktober" | "okt" | "octobre" | "octubre" => 10,
        "november" | "nov" | "novembre" | "noviembre" => 11,
        "december" | "dec" | "dezember" | "dez" | "décembre" | "decembre" | "déc" | "diciembre" | "dic" => 12,
        _ => return None,
    })
}

/// Words that may stand in a date without saying anything new: weekdays, ordinals, "of".
fn is_filler(word: &str) -> bool {
    matches!(
        word,
        "st" | "nd"
            | "rd"
            | "th"
            | "er"
            | "de"
            | "del"
            | "of"
            | "the"
            | "le"
            | "den"
            | "monday"
            | "tuesday"
            | "wednesday"
            | "thursday"
            | "friday"
            | "saturday"
            | "sunday"
            | "mon"
            | "tue"
            | "tues"
            | "wed"
            | "thu"
            | "thur"
            | "thurs"
            | "fri"
            | "sat"
            | "sun"
            | "montag"
            | "dienstag"
            | "mittwoch"
            | "donnerstag"
            | "freitag"
            | "samstag"
            | "sonnabend"
            | "sonntag"
            | "mo"
            | "di"
            | "mi"
            | "do"
            | "fr"
            | "sa"
            | "so"
            | "lundi"
            | "mardi"
            | "mercredi"
            | "jeudi"
            | "vendredi"
            | "samedi"
            | "dimanche"
            | "lun"
            | "mer"
            | "jeu"
            | "ven"
            | "sam"
            | "dim"
            | "lunes"
            | "martes"
            | "miércoles"
            | "miercoles"
            | "jueves"
            | "viernes"
            | "sábado"
            | "sabado"
            | "domingo"
            | "mié"
            | "jue"
            | "vie"
            | "sáb"
            | "dom"
    )
}
