//! A meeting as iCalendar (RFC 5545), for the calendar of whoever takes part.

use std::fmt::Write as _;

use jiff::{Timestamp, tz::TimeZone};
use model::Reference;
use store::Row;
use uuid::Uuid;

use super::parties::{Party, StoredParty};
use crate::{App, Caller, Result};

/// Longest line, in bytes, without its end.
const LINE: usize = 75;
/// `statecode` of a meeting that does not take place.
const CANCELED: i64 = 2;
/// Participation of whoever must come, may come, and invites.
const REQUIRED: i64 = 5;
const OPTIONAL: i64 = 6;
const ORGANIZER: i64 = 7;

impl App {
    /// An appointment as a file that calendars take.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] where it is absent or hidden from the caller.
    pub async fn calendar_file(&self, caller: &Caller, appointment: Uuid) -> Result<String> {
        let row = self.get(caller, "appointment", appointment, None).await?;
        let parties = self.parties(caller, "appointment", vec![appointment]).await?;
        let addresses = self.addresses(caller, &parties).await?;
        Ok(calendar(appointment, &row, &parties, &addresses, &caller.time_zone))
    }

    /// The e-mail addresses of those who take part, as far as the caller may see them.
    async fn addresses(&self, caller: &Caller, parties: &[StoredParty]) -> Result<Vec<(Reference, String)>> {
        let mut addresses = Vec::new();
        for (table, column) in [
            ("systemuser", "internalemailaddress"),
            ("contact", "emailaddress1"),
            ("lead", "emailaddress1"),
            ("account", "emailaddress1"),
        ] {
            let of_table = |party: &StoredParty| match &party.party {
                Party::Record(reference) if reference.table == table => Some(reference.id),
                _ => None,
            };
            let ids: Vec<Uuid> = parties.iter().filter_map(of_table).collect();
            if ids.is_empty() {
                continue;
            }
            let key = self.table(table)?.primary_key.clone();
            let query = self
                .new_query(caller, table)
                .select([key.as_str(), column])
                .matching(model::Filter::is_in(key.as_str(), ids))
                .take(1000);
            for row in self.query(caller, query).await?.to_rows() {
                if let Some(id) = row.value(&key).as_id() {
                    addresses.push((Reference::new(table, id), row.text(column).to_owned()));
                }
            }
        }
        addresses.retain(|(_, address)| !address.is_empty());
        Ok(addresses)
    }
}

fn calendar(
    id: Uuid,
    row: &Row,
    parties: &[StoredParty],
    addresses: &[(Reference, String)],
    zone: &TimeZone,
) -> String {
    let mut lines = vec![
        "BEGIN:VCALENDAR".to_owned(),
        "VERSION:2.0".to_owned(),
        "PRODID:-//Pipewright//CRM//EN".to_owned(),
        "METHOD:PUBLISH".to_owned(),
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{id}@pipewright"),
    ];
    let moment = |name: &str| row.value(name).as_date_time();
    let stamp = moment("modifiedon").unwrap_or_else(Timestamp::now);
    lines.push(format!("DTSTAMP:{}", utc(stamp)));
    let whole_days = row.value("isalldayevent").as_boolean() == Some(true);
    if let (Some(start), Some(end)) = (moment("scheduledstart"), moment("scheduledend")) {
        lines.extend(times(start, end, whole_days.then_some(zone)));
    }
    lines.push(format!("SUMMARY:{}", escaped(row.text("subject"))));
    for (name, column) in [("LOCATION", "location"), ("DESCRIPTION", "description")] {
        if row.has(column) {
            lines.push(format!("{name}:{}", escaped(row.text(column))));
        }
    }
    lines.extend(parties.iter().filter_map(|party| attendee(party, addresses)));
    let canceled = row.value("statecode").as_whole() == Some(CANCELED);
    lines.push(format!("STATUS:{}", if canceled { "CANCELLED" } else { "CONFIRMED" }));
    lines.extend(["END:VEVENT".to_owned(), "END:VCALENDAR".to_owned()]);
    lines.iter().fold(String::new(), |mut file, line| {
        fold(&mut file, line);
        file
    })
}

/// When it takes place; of whole days in this time zone, the day behind the last one is named.
fn times(start: Timestamp, end: Timestamp, whole_days: Option<&TimeZone>) -> [String; 2] {
    let Some(zone) = whole_days else {
        return [format!("DTSTART:{}", utc(start)), format!("DTEND:{}", utc(end))];
    };
    let day = |moment: Timestamp| moment.to_zoned_datetime(zone.clone()).date();
    let last = day(end).max(day(start));
    let behind = last.tomorrow().unwrap_or(last);
    [
        format!("DTSTART;VALUE=DATE:{}", day(start).strftime("%Y%m%d")),
        format!("DTEND;VALUE=DATE:{}", behind.strftime("%Y%m%d")),
    ]
}

fn utc(moment: Timestamp) -> String {
    moment.strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// Only who has an address can stand in a calendar.
fn attendee(party: &StoredParty, addresses: &[(Reference, String)]) -> Option<String> {
    let address = match &party.party {
        Party::Address(address) => address,
        Party::Record(reference) => addresses.iter().find(|(of, _)| of == reference).map(|(_, address)| address)?,
    };
    // Neither may break out of its line.
    let name = party.name.replace(['"', '\r', '\n'], " ");
    let address = address.replace(['\r', '\n'], "");
    let name = format!("CN=\"{name}\"");
    match party.participation {
        ORGANIZER => Some(format!("ORGANIZER;{name}:mailto:{address}")),
        REQUIRED => Some(format!("ATTENDEE;ROLE=REQ-PARTICIPANT;{name}:mailto:{address}")),
        OPTIONAL => Some(format!("ATTENDEE;ROLE=OPT-PARTICIPANT;{name}:mailto:{address}")),
        _ => None,
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace(';', "\\;")
        .replace(',', "\\,")
        .replace("\r\n", "\n")
        .replace(['\n', '\r'], "\\n")
}

/// Writes a line in pieces that are no longer than allowed; each further one begins with a space.
fn fold(file: &mut String, line: &str) {
    let mut length = 0;
    for sign in line.chars() {
        if length + sign.len_utf8() > LINE {
            file.push_str("\r\n ");
            length = 1;
        }
        let _ = write!(file, "{sign}");
        length += sign.len_utf8();
    }
    file.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meeting() -> Row {
        Row::new()
            .with("subject", "Visit; hall 3, with tour")
            .with("description", "Bring:\nhelmets")
            .with("scheduledstart", "2026-03-02T09:00:00Z".parse::<Timestamp>().unwrap_or_default())
            .with("scheduledend", "2026-03-02T10:30:00Z".parse::<Timestamp>().unwrap_or_default())
    }

    #[test]
    fn a_meeting_keeps_its_time_and_what_stands_in_it() {
        let file = calendar(Uuid::nil(), &meeting(), &[], &[], &TimeZone::UTC);
        assert!(file.contains("DTSTART:20260302T090000Z\r\nDTEND:20260302T103000Z\r\n"), "{file}");
        assert!(file.contains("SUMMARY:Visit\\; hall 3\\, with tour\r\n"), "{file}");
        assert!(file.contains("DESCRIPTION:Bring:\\nhelmets\r\n"), "{file}");
    }

    #[test]
    fn whole_days_end_with_the_day_behind_them() {
        let file = calendar(Uuid::nil(), &meeting().with("isalldayevent", true), &[], &[], &TimeZone::UTC);
        assert!(file.contains("DTSTART;VALUE=DATE:20260302\r\nDTEND;VALUE=DATE:20260303\r\n"), "{file}");
    }

    #[test]
    fn long_lines_are_folded_between_characters() {
        let row = meeting().with("subject", "ä".repeat(100));
        let file = calendar(Uuid::nil(), &row, &[], &[], &TimeZone::UTC);
        assert!(file.split("\r\n").all(|line| line.len() <= LINE), "{file}");
        assert!(file.replace("\r\n ", "").contains(&"ä".repeat(100)));
    }

    #[test]
    fn a_name_does_not_break_out_of_its_line() {
        let party = StoredParty {
            activity: Uuid::nil(),
            participation: REQUIRED,
            party: Party::Address("a@b.example".to_owned()),
            name: "Eve\"\r\nATTENDEE:mailto:x".to_owned(),
        };
        let file = calendar(Uuid::nil(), &meeting(), &[party], &[], &TimeZone::UTC);
        assert!(!file.contains("\r\nATTENDEE:mailto"), "{file}");
    }
}
