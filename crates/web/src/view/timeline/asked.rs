//! What of a timeline is asked for, in addresses and in what the browser keeps.

use crm::timeline::{Asked, Span, State};

use crate::posted::Typed;

/// Longest text that is searched for.
const LONGEST: usize = 200;

/// Reads what is asked for. What the address does not say of the two switches, `kept` says.
pub(crate) fn asked(typed: &Typed, kept: &str) -> Asked {
    let before = Typed::parse(kept);
    let is_on = |name: &str| typed.get(name).or_else(|| before.get(name)) != Some("0");
    Asked {
        kinds: typed.all("kind").map(str::to_owned).collect(),
        states: typed.all("state").filter_map(state).collect(),
        people: typed.all("person").filter_map(|id| id.parse().ok()).collect(),
        span: span(typed.text("date")),
        text: typed.text("q").trim().chars().take(LONGEST).collect(),
        events: is_on("events"),
        related: is_on("related"),
    }
}

/// What the browser keeps of it for the next timeline: the two switches.
pub(crate) fn kept(asked: &Asked) -> String {
    format!("events={}&related={}", u8::from(asked.events), u8::from(asked.related))
}

/// As a query string, with more behind it.
pub(crate) fn query_string(asked: &Asked, more: &[(&str, String)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for kind in &asked.kinds {
        query.append_pair("kind", kind);
    }
    for state in &asked.states {
        query.append_pair("state", state_name(*state));
    }
    for person in &asked.people {
        query.append_pair("person", &person.to_string());
    }
    if let Some(span) = asked.span {
        query.append_pair("date", span_name(span));
    }
    if !asked.text.is_empty() {
        query.append_pair("q", &asked.text);
    }
    query.append_pair("events", if asked.events { "1" } else { "0" });
    query.append_pair("related", if asked.related { "1" } else { "0" });
    for (name, value) in more {
        query.append_pair(name, value);
    }
    query.finish()
}

pub(super) const fn state_name(state: State) -> &'static str {
    match state {
        State::Overdue => "overdue",
        State::Open => "open",
        State::Completed => "completed",
        State::Canceled => "canceled",
    }
}

fn state(name: &str) -> Option<State> {
    State::ALL.into_iter().find(|state| state_name(*state) == name)
}

pub(super) const fn span_name(span: Span) -> &'static str {
    match span {
        Span::LastDay => "last-day",
        Span::LastWeek => "last-week",
        Span::LastMonth => "last-month",
        Span::NextDay => "next-day",
        Span::NextWeek => "next-week",
        Span::NextMonth => "next-month",
    }
}

fn span(name: &str) -> Option<Span> {
    Span::ALL.into_iter().find(|span| span_name(*span) == name)
}

#[cfg(test)]
mod tests {
    use super::{asked, query_string};
    use crate::posted::Typed;

    #[test]
    fn what_is_asked_comes_back_from_its_address() {
        let address = "kind=phonecall&kind=post&state=overdue&date=last-week&q=crane+%26+hook&events=0&related=1";
        let first = asked(&Typed::parse(address), "");
        assert!(first.kinds.contains("post") && !first.events && first.related && first.text == "crane & hook");
        assert_eq!(asked(&Typed::parse(&query_string(&first, &[])), "events=1&related=0"), first);
    }

    #[test]
    fn the_switches_stay_as_they_were_left() {
        let later = asked(&Typed::parse("q=x"), "events=0&related=1");
        assert!(!later.events && later.related);
        assert!(asked(&Typed::parse(""), "").events, "everything is shown at first");
    }
}
