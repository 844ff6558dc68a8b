//! The names of the cases and what we aim at.

use crate::report::{Case, Figure};

pub(crate) const READ: &str = "read by id";
pub(crate) const LIST: &str = "list of 50, filtered and sorted, with names";
pub(crate) const OWN: &str = "list of 50, own and team's only; raw: administrator";
pub(crate) const DEEP: &str = "list of 50, page 41, by key";
pub(crate) const SEARCH: &str = "search by first and last name";
pub(crate) const SEARCH_WORD: &str = "search by last name";
pub(crate) const STAGES_ALL: &str = "sum by stage, all open deals";
pub(crate) const STAGES_OWN: &str = "sum by stage, one seller's deals";
pub(crate) const PAGE: &str = "list page of 50 as HTML";
pub(crate) const HOME: &str = "my day as HTML";
pub(crate) const FORM: &str = "form of a lead with its timeline as HTML";
pub(crate) const DEAL: &str = "form of a deal with its timeline as HTML";
pub(crate) const BOARD: &str = "board of open deals by stage as HTML";
pub(crate) const PALETTE: &str = "search while typing as HTML";
/// What HTTP alone costs here, client included: no read by id can be quicker.
pub(crate) const READY: &str = "read by id from the Web API, answered by rote";
pub(crate) const API_READ: &str = "read by id from the Web API";
pub(crate) const API: &str = "list of 50 from the Web API";
pub(crate) const API_CREATE: &str = "leads created from the Web API, 1,000 a request";
pub(crate) const CREATE: &str = "create a lead, durably";
pub(crate) const CREATE_WHOLE: &str = "the same; raw: with history, words and keys";
pub(crate) const UPDATE: &str = "update a lead, durably";
pub(crate) const UPDATE_WHOLE: &str = "the same; raw: with history and words";
pub(crate) const STAGE: &str = "move a deal one stage, durably";
pub(crate) const QUALIFY: &str = "qualify a lead, durably";

pub(crate) const MEMORY: &str = "resident memory after mixed work, MB";
pub(crate) const PEAK: &str = "resident memory at its peak, MB";
pub(crate) const LISTENING: &str = "500 open pages that wait for news, MB together";
pub(crate) const HEARD: &str = "50 changes until all 500 have heard of one, ms";
pub(crate) const START: &str = "start until ready, ms";
pub(crate) const IMPORT: &str = "import, rows a second";

/// Writes a second with 16 clients.
const WRITES: f64 = 5000.0;
/// Requests a second to the Web API with 16 clients, and rows that they create.
const API_READS: f64 = 15_000.0;
const API_LISTS: f64 = 4000.0;
const API_CREATES: f64 = 10_000.0;
/// Times the raw statement's cost for a list.
const LIST_RATIO: f64 = 3.0;
/// Times an administrator's cost for the list of somebody whose rights must be looked at.
const OWN_RATIO: f64 = 1.5;
/// Microseconds for the sum by stage.
const STAGES: f64 = 2000.0;
/// Microseconds for a page, at the median with one client, and for all but a hundredth with 16.
const PAGE_TIME: f64 = 10_000.0;
const PAGE_AT_WORST: f64 = 40_000.0;
/// Megabytes.
const RESIDENT: f64 = 150.0;
/// Megabytes for 500 connections, and milliseconds.
const WAITING: f64 = 50.0;
const HEARING: f64 = 1000.0;
/// Milliseconds.
const STARTED: f64 = 1000.0;
/// "About the same" at ten times the data.
const GROWTH: f64 = 1.5;

/// An aim, in words, and whether it is met.
pub(crate) type Verdict = (String, bool);

/// What is aimed at for a case.
pub(crate) fn of_case(case: &Case) -> Option<Verdict> {
    match case.name.as_str() {
        CREATE | UPDATE => Some((format!("≥ {WRITES:.0}/s"), case.ours.per_second >= WRITES)),
        API_READ => Some((format!("≥ {API_READS:.0}/s"), case.ours.per_second >= API_READS)),
        API => Some((format!("≥ {API_LISTS:.0}/s"), case.ours.per_second >= API_LISTS)),
        API_CREATE => Some((format!("≥ {API_CREATES:.0}/s"), case.ours.per_second >= API_CREATES)),
        LIST => case.ratio_alone().map(|ratio| (format!("≤ {LIST_RATIO} × raw"), ratio <= LIST_RATIO)),
        OWN => case.ratio_alone().map(|ratio| (format!("≤ {OWN_RATIO} × admin"), ratio <= OWN_RATIO)),
        PAGE | HOME | FORM | DEAL | BOARD | STAGE => {
            let aim = format!("< {:.0} ms, p99 of 16 < {:.0} ms", PAGE_TIME / 1000.0, PAGE_AT_WORST / 1000.0);
            Some((aim, case.ours.alone.p50 < PAGE_TIME && case.ours.together.p99 < PAGE_AT_WORST))
        }
        // Reads as much as somebody types; not among the pages that are asked for by 16 at once.
        PALETTE => Some((format!("< {:.0} ms", PAGE_TIME / 1000.0), case.ours.alone.p50 < PAGE_TIME)),
        STAGES_ALL | STAGES_OWN => Some((format!("< {:.0} ms", STAGES / 1000.0), case.ours.alone.p50 < STAGES)),
        _ => None,
    }
}

/// What is aimed at for a single figure.
pub(crate) fn of_figure(figure: &Figure) -> Option<Verdict> {
    match figure.name.as_str() {
        MEMORY => Some((format!("< {RESIDENT} MB"), figure.value < RESIDENT)),
        LISTENING => Some((format!("< {WAITING} MB"), figure.value < WAITING)),
        HEARD => Some((format!("< {HEARING} ms"), figure.value < HEARING)),
        START => Some((format!("< {STARTED} ms"), figure.value < STARTED)),
        _ => None,
    }
}

/// What is aimed at when the data is ten times as large: by how much the time has grown.
pub(crate) fn of_growth(growth: f64) -> Verdict {
    (format!("≤ {GROWTH} ×"), growth <= GROWTH)
}
