//! A list and the view it begins with: which one that is, and whether the address says something else.

use crm::views::PersonalView;
use model::{Filter, Table, View};

use super::{filters::Part, list::List};
use crate::session::Me;

/// A view whose conditions stand among the filters of a list, where they can be changed one by one.
#[derive(Debug, Clone)]
pub(crate) struct Stated {
    pub view: View,
    /// The part of its filter that no list can show.
    pub rest: Filter,
    /// What it groups rows by.
    pub group: Option<String>,
    pub whose: Whose,
}

/// Whose a view is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// The person's own.
    Mine,
    /// Shared with them.
    Shared,
    /// The organisation's.
    Everybody,
}

impl List {
    /// Looks the view up among the table's and the personal ones. False where there is none of this
    /// name: the list is then shown by the default one.
    pub fn find_view(&mut self, me: &Me, table: &Table, personal: &[PersonalView]) -> bool {
        if let Some(found) = personal.iter().find(|known| known.view.name == self.view) {
            let whose = if found.mine { Whose::Mine } else { Whose::Shared };
            self.state(me, &found.view, found.group.clone(), whose);
            return true;
        }
        let known = self.view.is_empty() || table.views.iter().any(|view| view.name == self.view);
        if !known {
            self.view.clear();
        }
        if self.changed {
            self.state_view(me, table);
        } else {
            let (arranged, narrowed) = (self.is_arranged(table), self.is_narrowed());
            self.differs = arranged || narrowed;
        }
        known
    }

    /// Puts the conditions of the organisation's view among the filters.
    pub fn state_view(&mut self, me: &Me, table: &Table) {
        if self.stated.is_none()
            && let Some(view) = self.view(table).cloned()
        {
            self.state(me, &view, None, Whose::Everybody);
        }
    }

    fn state(&mut self, me: &Me, view: &View, group: Option<String>, whose: Whose) {
        let (parts, words, rest) = taken_apart(me, &view.filter);
        self.stated = Some(Box::new(Stated { view: view.clone(), rest, group, whose }));
        if self.changed {
            self.differs = self.filters != parts || self.q != words;
        } else {
            // Filters in the address come on top of the view's own.
            self.differs = self.is_narrowed();
            self.filters.splice(0..0, parts);
            if self.q.is_empty() {
                self.q = words;
            }
            self.changed = true;
        }
        self.differs |= self.arranges(view);
    }

    /// True where columns, order or groups are other than the view's.
    fn is_arranged(&self, table: &Table) -> bool {
        self.view(table).is_some_and(|view| self.arranges(view))
    }

    fn arranges(&self, view: &View) -> bool {
        let of_view = self.stated.as_ref().and_then(|stated| stated.group.as_deref());
        let groups = self.group.as_deref().is_some_and(|group| group != of_view.unwrap_or_default());
        groups
            || (!self.sort.is_empty() && self.sort != view.order)
            || (!self.columns.is_empty() && self.columns != view.columns)
    }

    /// Whose the view shown is.
    pub fn whose(&self) -> Whose {
        self.stated.as_ref().map_or(Whose::Everybody, |stated| stated.whose)
    }

    /// Whether the view has conditions that cannot be shown and changed.
    pub fn has_rest(&self) -> bool {
        self.stated.as_ref().is_some_and(|stated| !stated.rest.is_everything())
    }
}

/// A view's filter as parts of a list's, words searched for, and what is neither.
fn taken_apart(me: &Me, filter: &Filter) -> (Vec<Part>, String, Filter) {
    let parts = match filter {
        Filter::All(parts) => parts.clone(),
        single => vec![single.clone()],
    };
    let (mut shown, mut words, mut rest) = (Vec::new(), String::new(), Filter::everything());
    for part in parts {
        match (&part, Part::of_filter(me, &part)) {
            (_, Some(one)) => shown.push(one),
            (Filter::Search(text), None) if words.is_empty() => words.clone_from(text),
            _ => rest = rest.and(part),
        }
    }
    (shown, words, rest)
}
