//! A column of stages and results: what its words mean.

use indexmap::IndexMap;
use model::Table;
use tabular::{ColumnProfile, Kind};

use super::Inspected;
use crate::import::{
    matching::normalised,
    plan::{Outcome, OutcomePlan},
};

/// Words for the results and stages of a deal.
const DEAL_WORDS: &[(&str, &[&str])] = &[
    ("won in close", &["won", "closed won", "win", "success", "successful", "gewonnen"]),
    ("lost in develop", &["lost", "closed lost", "loss", "failed", "verloren"]),
    ("open in qualify", &["prospecting", "prospect", "qualify", "qualification", "qualifying", "new", "lead", "open"]),
    (
        "open in develop",
        &[
            "engaging",
            "engaged",
            "develop",
            "developing",
            "discovery",
            "needs analysis",
            "contacted",
            "demo",
            "meeting",
        ],
    ),
    ("open in propose", &["propose", "proposal", "proposing", "quote", "quoted", "offer", "proposal/price quote"]),
    ("open in close", &["negotiation", "negotiating", "negotiation/review", "close", "closing", "contract", "commit"]),
];

/// Words for the results of a lead.
const LEAD_WORDS: &[(&str, &[&str])] = &[
    ("open", &["new", "open", "contacted", "working", "nurturing"]),
    ("qualified", &["qualified"]),
    ("disqualified", &["disqualified", "lost", "dead", "junk", "unqualified", "not interested", "closed"]),
];

/// Headers that may hold the words.
const HEADERS: &[&str] = &["stage", "status", "outcome", "result", "state", "phase"];

/// The outcome that the columns of the file tell, where they do.
pub(super) fn find(table: &Table, file: &Inspected) -> Option<OutcomePlan> {
    let words = match table.name.as_str() {
        "opportunity" => DEAL_WORDS,
        "lead" => LEAD_WORDS,
        _ => return None,
    };
    let (column, words) = file.columns().iter().find_map(|column| Some((column, meanings(column, words)?)))?;
    let closed_on = file
        .columns()
        .iter()
        .find(|column| is_date(column) && says(column, &["close", "closed", "closing", "end", "won"]));
    let amount = file
        .columns()
        .iter()
        .find(|column| is_amount(column) && says(column, &["value", "amount", "revenue", "price", "total"]));
    let deal = table.name == "opportunity";
    Some(OutcomePlan {
        source: column.header.clone(),
        closed_on: closed_on.filter(|_| deal).map(|column| column.header.clone()),
        amount: amount.filter(|_| deal).map(|column| column.header.clone()),
        dates: closed_on.filter(|_| deal).and_then(ColumnProfile::date_order),
        numbers: amount.filter(|_| deal).and_then(|column| column.number_style),
        words,
    })
}

/// What the words of a column mean; none where it does not look like stages. Words that are not
/// known are left for a person to give a meaning: rows with them do not come in.
fn meanings(column: &ColumnProfile, known: &[(&str, &[&str])]) -> Option<IndexMap<String, Outcome>> {
    if !matches!(column.kind, Kind::Text)
        || !column.distinct_complete
        || column.distinct.len() > 20
        || !says(column, HEADERS)
    {
        return None;
    }
    let mut words = IndexMap::new();
    for value in &column.distinct {
        let wanted = normalised(&value.value);
        let meaning = known.iter().find(|(_, words)| words.iter().any(|word| normalised(word) == wanted));
        if let Some((meaning, _)) = meaning {
            words.insert(value.value.clone(), meaning.parse().ok()?);
        }
    }
    let enough = words.len() * 3 >= column.distinct.len() * 2;
    (enough && !words.is_empty()).then_some(words)
}

fn says(column: &ColumnProfile, words: &[&str]) -> bool {
    let header = column.header.to_lowercase();
    header.split(|sign: char| !sign.is_alphanumeric()).any(|part| words.contains(&part))
}

fn is_date(column: &ColumnProfile) -> bool {
    matches!(column.kind, Kind::Date { .. } | Kind::DateTime { .. })
}

fn is_amount(column: &ColumnProfile) -> bool {
    matches!(column.kind, Kind::Whole | Kind::Decimal | Kind::Money { .. })
}
