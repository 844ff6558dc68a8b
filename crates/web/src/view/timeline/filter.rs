//! What a timeline can be narrowed to, with counts.

use crm::timeline::{Asked, Counts, EVENT, NOTE, POST, Span, State};

use super::{
    View,
    asked::{span_name, state_name},
};
use crate::components::timeline::{FilterChoice, FilterGroup};

/// People offered; those who have most.
const PEOPLE: usize = 12;

/// The groups of the filter.
pub(crate) fn groups(view: &View<'_>, counts: &Counts) -> Vec<FilterGroup> {
    vec![kinds(view, counts), states(view.asked, counts), spans(view.asked), people(view, counts)]
}

fn kinds(view: &View<'_>, counts: &Counts) -> FilterGroup {
    let label = |kind: &str| match kind {
        NOTE => "Notes".to_owned(),
        POST => "Posts".to_owned(),
        _ => view.model.table(kind).map_or_else(|| kind.to_owned(), |table| table.plural_label.clone()),
    };
    let mut choices: Vec<FilterChoice> = counts
        .kinds
        .iter()
        .map(|(kind, count)| FilterChoice {
            value: kind.clone(),
            label: label(kind),
            count: Some(count.to_string()),
            chosen: view.asked.kinds.contains(kind),
        })
        .collect();
    choices.sort_by(|one, other| one.label.cmp(&other.label));
    choices.push(FilterChoice {
        value: EVENT.to_owned(),
        label: "System events".to_owned(),
        count: None,
        chosen: view.asked.kinds.contains(EVENT),
    });
    FilterGroup { name: "kind".to_owned(), label: "Kind".to_owned(), choices, single: false }
}

fn states(asked: &Asked, counts: &Counts) -> FilterGroup {
    let label = |state| match state {
        State::Overdue => "Overdue",
        State::Open => "Open",
        State::Completed => "Completed",
        State::Canceled => "Canceled",
    };
    let choices = State::ALL.into_iter().map(|state| FilterChoice {
        value: state_name(state).to_owned(),
        label: label(state).to_owned(),
        count: Some(counts.states.get(&state).copied().unwrap_or_default().to_string()),
        chosen: asked.states.contains(&state),
    });
    FilterGroup { name: "state".to_owned(), label: "State".to_owned(), choices: choices.collect(), single: false }
}

fn spans(asked: &Asked) -> FilterGroup {
    let label = |span| match span {
        Span::LastDay => "Last 24 hours",
        Span::LastWeek => "Last 7 days",
        Span::LastMonth => "Last 30 days",
        Span::NextDay => "Due in 24 hours",
        Span::NextWeek => "Due in 7 days",
        Span::NextMonth => "Due in 30 days",
    };
    let any = FilterChoice { label: "Any time".to_owned(), chosen: asked.span.is_none(), ..FilterChoice::default() };
    let choices = Span::ALL.into_iter().map(|span| FilterChoice {
        value: span_name(span).to_owned(),
        label: label(span).to_owned(),
        count: None,
        chosen: asked.span == Some(span),
    });
    let choices = std::iter::once(any).chain(choices).collect();
    FilterGroup { name: "date".to_owned(), label: "Date".to_owned(), choices, single: true }
}

fn people(view: &View<'_>, counts: &Counts) -> FilterGroup {
    let is_me = |id| id == view.me.caller.user;
    let choices =
        counts.people.iter().enumerate().filter(|(place, (person, _))| {
            *place < PEOPLE || is_me(person.id) || view.asked.people.contains(&person.id)
        });
    let choices = choices.map(|(_, (person, count))| {
        let name = counts.names.get(person).unwrap_or("Somebody");
        FilterChoice {
            value: person.id.to_string(),
            label: if is_me(person.id) { format!("{name} (you)") } else { name.to_owned() },
            count: Some(count.to_string()),
            chosen: view.asked.people.contains(&person.id),
        }
    });
    FilterGroup { name: "person".to_owned(), label: "Person".to_owned(), choices: choices.collect(), single: false }
}
