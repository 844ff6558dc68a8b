//! `LocalTimeFromUtcTime`, `UtcTimeFromLocalTime` and `GetAllTimeZonesWithDisplayName`: time zones by the
//! numbers that Dataverse gives them. The numbers are those of Windows' zones; what the zone's clock shows
//! is taken from the IANA zone that stands for it (Unicode CLDR, `windowsZones`).

use std::sync::Arc;

use axum::{http::StatusCode, response::Response};
use jiff::{Timestamp, civil, tz::TimeZone};

use super::{Bound, Call, Kind, Operation, Parameter, Property, Returns, Type};
use crate::{
    error::{Error, Result},
    handlers::object,
    wire::Json,
};

/// Number, name in Windows, zone of IANA.
const ZONES: [(i64, &str, &str); 60] = [
    (2, "Hawaiian Standard Time", "Pacific/Honolulu"),
    (3, "Alaskan Standard Time", "America/Anchorage"),
    (4, "Pacific Standard Time", "America/Los_Angeles"),
    (10, "Mountain Standard Time", "America/Denver"),
    (15, "US Mountain Standard Time", "America/Phoenix"),
    (20, "Central Standard Time", "America/Chicago"),
    (25, "Canada Central Standard Time", "America/Regina"),
    (33, "Central America Standard Time", "America/Guatemala"),
    (35, "Eastern Standard Time", "America/New_York"),
    (40, "US Eastern Standard Time", "America/Indiana/Indianapolis"),
    (45, "SA Pacific Standard Time", "America/Bogota"),
    (50, "Atlantic Standard Time", "America/Halifax"),
    (55, "SA Western Standard Time", "America/La_Paz"),
    (56, "Pacific SA Standard Time", "America/Santiago"),
    (60, "Newfoundland Standard Time", "America/St_Johns"),
    (65, "E. South America Standard Time", "America/Sao_Paulo"),
    (70, "SA Eastern Standard Time", "America/Cayenne"),
    (73, "Greenland Standard Time", "America/Nuuk"),
    (80, "Azores Standard Time", "Atlantic/Azores"),
    (83, "Cape Verde Standard Time", "Atlantic/Cape_Verde"),
    (85, "GMT Standard Time", "Europe/London"),
    (90, "Greenwich Standard Time", "Atlantic/Reykjavik"),
    (92, "UTC", "UTC"),
    (95, "Central Europe Standard Time", "Europe/Budapest"),
    (100, "Central European Standard Time", "Europe/Warsaw"),
    (105, "Romance Standard Time", "Europe/Paris"),
    (110, "W. Europe Standard Time", "Europe/Berlin"),
    (113, "W. Central Africa Standard Time", "Africa/Lagos"),
    (120, "Egypt Standard Time", "Africa/Cairo"),
    (125, "FLE Standard Time", "Europe/Kyiv"),
    (130, "GTB Standard Time", "Europe/Bucharest"),
    (135, "Israel Standard Time", "Asia/Jerusalem"),
    (140, "South Africa Standard Time", "Africa/Johannesburg"),
    (145, "Russian Standard Time", "Europe/Moscow"),
    (150, "Arab Standard Time", "Asia/Riyadh"),
    (155, "E. Africa Standard Time", "Africa/Nairobi"),
    (158, "Arabic Standard Time", "Asia/Baghdad"),
    (160, "Iran Standard Time", "Asia/Tehran"),
    (165, "Arabian Standard Time", "Asia/Dubai"),
    (170, "Caucasus Standard Time", "Asia/Yerevan"),
    (175, "Afghanistan Standard Time", "Asia/Kabul"),
    (180, "Ekaterinburg Standard Time", "Asia/Yekaterinburg"),
    (185, "West Asia Standard Time", "Asia/Tashkent"),
    (190, "India Standard Time", "Asia/Kolkata"),
    (193, "Nepal Standard Time", "Asia/Kathmandu"),
    (200, "Sri Lanka Standard Time", "Asia/Colombo"),
    (203, "Myanmar Standard Time", "Asia/Yangon"),
    (205, "SE Asia Standard Time", "Asia/Bangkok"),
    (210, "China Standard Time", "Asia/Shanghai"),
    (215, "Singapore Standard Time", "Asia/Singapore"),
    (220, "Taipei Standard Time", "Asia/Taipei"),
    (225, "W. Australia Standard Time", "Australia/Perth"),
    (230, "Korea Standard Time", "Asia/Seoul"),
    (235, "Tokyo Standard Time", "Asia/Tokyo"),
    (245, "AUS Central Standard Time", "Australia/Darwin"),
    (250, "Cen. Australia Standard Time", "Australia/Adelaide"),
    (255, "AUS Eastern Standard Time", "Australia/Sydney"),
    (260, "E. Australia Standard Time", "Australia/Brisbane"),
    (265, "Tasmania Standard Time", "Australia/Hobart"),
    (290, "New Zealand Standard Time", "Pacific/Auckland"),
];

const CODE: Parameter =
    Parameter::required("TimeZoneCode", Type::Int32, "a number that GetAllTimeZonesWithDisplayName names, such as 110");

/// What can be asked here.
pub static OPERATIONS: &[Operation] = &[
    Operation {
        name: "LocalTimeFromUtcTime",
        kind: Kind::Function,
        bound: Bound::Nothing,
        parameters: &[CODE, Parameter::required("UtcTime", Type::DateTime, "a moment: 2027-03-01T08:30:00Z")],
        returns: Returns::Response(&[Property::new("LocalTime", Type::DateTime)]),
        handler: |call| Box::pin(async { local(call) }),
    },
    Operation {
        name: "UtcTimeFromLocalTime",
        kind: Kind::Function,
        bound: Bound::Nothing,
        parameters: &[
            CODE,
            Parameter::required("LocalTime", Type::DateTime, "what the clock shows: 2027-03-01T09:30:00Z"),
        ],
        returns: Returns::Response(&[Property::new("UtcTime", Type::DateTime)]),
        handler: |call| Box::pin(async { utc(call) }),
    },
    Operation {
        name: "GetAllTimeZonesWithDisplayName",
        kind: Kind::Function,
        bound: Bound::Nothing,
        parameters: &[Parameter::required("LocaleId", Type::Int32, "1033, the language of the names")],
        returns: Returns::Written,
        handler: |call| Box::pin(async { all(call) }),
    },
];

fn local(call: &Call<'_>) -> Result<Response> {
    let zone = zone(call)?;
    let moment: String = call.parameters.required("UtcTime")?;
    let moment: Timestamp = moment.parse().map_err(|_| call.parameters.wrong("UtcTime"))?;
    Ok(told(call, "LocalTime", moment.to_zoned_datetime(zone).datetime()))
}

fn utc(call: &Call<'_>) -> Result<Response> {
    let zone = zone(call)?;
    let wrong = || call.parameters.wrong("LocalTime");
    let shown: String = call.parameters.required("LocalTime")?;
    // It is written as a moment, but says only what the clock shows: no zone beside the one that is named.
    let shown = shown.strip_suffix('Z').unwrap_or(&shown);
    if shown.split_once('T').is_some_and(|(_, time)| time.contains(['+', '-', '[', 'Z'])) {
        return Err(wrong());
    }
    let shown: civil::DateTime = shown.parse().map_err(|_| wrong())?;
    let moment = shown.to_zoned_datetime(zone).map_err(|_| wrong())?;
    Ok(told(call, "UtcTime", moment.with_time_zone(TimeZone::UTC).datetime()))
}

fn told(call: &Call<'_>, name: &'static str, shown: civil::DateTime) -> Response {
    let text = shown.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    object(StatusCode::OK, call.context(), vec![(name.into(), Json::Text(text))])
}

fn zone(call: &Call<'_>) -> Result<TimeZone> {
    let code: i64 = call.parameters.required("TimeZoneCode")?;
    let unknown = || {
        Error::BadRequest(format!(
            "TimeZoneCode: {code} is not known; GetAllTimeZonesWithDisplayName(LocaleId=1033) lists those that are"
        ))
    };
    let (.., iana) = ZONES.iter().find(|(known, ..)| *known == code).ok_or_else(unknown)?;
    TimeZone::get(iana).map_err(|_| unknown())
}

fn all(call: &Call<'_>) -> Result<Response> {
    if call.parameters.required::<i64>("LocaleId")? != 1033 {
        return Err(call.parameters.wrong("LocaleId"));
    }
    let zones = ZONES.iter().map(|(code, windows, iana)| {
        let shown: Vec<(Arc<str>, Json)> = vec![
            ("@odata.type".into(), "#Microsoft.Dynamics.CRM.timezonedefinition".into()),
            ("timezonecode".into(), Json::Whole(*code)),
            ("standardname".into(), (*windows).into()),
            ("userinterfacename".into(), Json::Text(format!("{windows} ({iana})"))),
        ];
        Json::Object(shown)
    });
    let context = format!("{}$metadata#Collection(mscrm.crmbaseentity)", call.request.root);
    Ok(object(StatusCode::OK, context, vec![("value".into(), Json::List(zones.collect()))]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_zone_is_known_and_has_a_number_of_its_own() {
        for (code, windows, iana) in ZONES {
            assert!(TimeZone::get(iana).is_ok(), "{iana}");
            assert_eq!(ZONES.iter().filter(|(other, ..)| *other == code).count(), 1, "{windows}");
        }
    }
}
