//! What a timeline can be narrowed to, with counts.

use crm::timeline::{Asked, Counts, EVENT, NOTE, POST, Span, State};
use language::tr;

use super::{
    View,
    asked::{span_name, state_name},
};
use crate::{
    components::timeline::{FilterChoice, FilterGroup},
    view::order::by_label,
};

/// People offered; those who have most.
const PEOPLE: usize = 12;

/// The groups of the filter.
pub(crate) fn groups(view: &View<'_>, counts: &Counts) -> Vec<FilterGroup> {
    vec![kinds(view, counts), states(view.asked, counts), spans(view.asked), people(view, counts)]
}

fn kinds(view: &View<'_>, counts: &Counts) -> FilterGroup {
    let label = |kind: &str| match kind {
        NOTE => tr!("Notes"),
        POST => tr!("Posts"),
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
    choices.sort_by_key(|choice| by_label(&choice.label));
    choices.push(FilterChoice {
        value: EVENT.to_owned(),
        label: tr!("System events"),
        count: None,
        chosen: view.asked.kinds.contains(EVENT),
    });
    FilterGroup { name: "kind".to_owned(), label: tr!("Kind"), choices, single: false }
}

fn states(asked: &Asked, counts: &Counts) -> FilterGroup {
    let label = |state| match state {
        State::Overdue => tr!("Overdue"),
        State::Open => tr!("Open"),
        State::Completed => tr!("Completed"),
        State::Canceled => tr!("Canceled"),
    };
    let choices = State::ALL.into_iter().map(|state| FilterChoice {
        value: state_name(state).to_owned(),
        label: label(state),
        count: Some(counts.states.get(&state).copied().unwrap_or_default().to_string()),
        chosen: asked.states.contains(&state),
    });
    FilterGroup { name: "state".to_owned(), label: tr!("State"), choices: choices.collect(), single: false }
}

fn spans(asked: &Asked) -> FilterGroup {
    let label = |span| match span {
        Span::LastDay => tr!("Last 24 hours"),
        Span::LastWeek => tr!("Last 7 days"),
        Span::LastMonth => tr!("Last 30 days"),
        Span::NextDay => tr!("Due in 24 hours"),
        Span::NextWeek => tr!("Due in 7 days"),
        Span::NextMonth => tr!("Due in 30 days"),
    };
    let any = FilterChoice { label: tr!("Any time"), chosen: asked.span.is_none(), ..FilterChoice::default() };
    let choices = Span::ALL.into_iter().map(|span| FilterChoice {
        value: span_name(span).to_owned(),
        label: label(span),
        count: None,
        chosen: asked.span == Some(span),
    });
    let choices = std::iter::once(any).chain(choices).collect();
    FilterGroup { name: "date".to_owned(), label: tr!("Date"), choices, single: true }
}

fn people(view: &View<'_>, counts: &Counts) -> FilterGroup {
    let is_me = |id| id == view.me.caller.user;
    let choices =
        counts.people.iter().enumerate().filter(|(place, (person, _))| {
            *place < PEOPLE || is_me(person.id) || view.asked.people.contains(&person.id)
        });
    let choices = choices.map(|(_, (person, count))| {
        let name = counts.names.get(person).map_or_else(|| tr!("Somebody"), str::to_owned);
        FilterChoice {
            value: person.id.to_string(),
            label: if is_me(person.id) { tr!("{} (you)", name) } else { name },
            count: Some(count.to_string()),
            chosen: view.asked.people.contains(&person.id),
        }
    });
    FilterGroup { name: "person".to_owned(), label: tr!("Person"), choices: choices.collect(), single: false }
}
