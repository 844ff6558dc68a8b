//! Conditions as nested groups, and in words.

use crm::process::design::{Join, is_group, parts};
use language::tr;
use maud::{Markup, html};
use model::{Filter, Related};

use super::{BODY, SEEN, Scene, dialog_button, post_button};
use crate::{
    components::icon,
    view::{
        cells::Cells,
        filters::{Condition, Part},
        list::address,
    },
};

impl Scene<'_> {
    /// A condition that can be changed. `of` names it in addresses, `place` in what is wrong with it.
    pub(super) fn condition(&self, of: &str, table: &str, condition: Option<&Filter>, place: &str) -> Markup {
        html! {
            (self.mistakes(place))
            @match condition {
                Some(root) => (self.group(of, table, root, &[])),
                None => button.btn.btn-sm.designer-add id={ "add-condition-" (id_of(of, &[])) } type="button"
                    hx-get=(self.ask(of, &[], false)) hx-target="#dialogs" hx-swap="innerHTML" { (icon("plus")) span { (tr!("Add condition")) } },
            }
        }
    }

    /// The dialog that adds a condition to a group, or changes the one at this place.
    fn ask(&self, of: &str, at: &[usize], replace: bool) -> String {
        let mut parameters = vec![("of", of.to_owned()), ("at", way(at))];
        parameters.extend(replace.then(|| ("replace", "1".to_owned())));
        address(&format!("{}/condition", self.href()), &parameters)
    }

    fn group(&self, of: &str, table: &str, group: &Filter, at: &[usize]) -> Markup {
        let (join, members) = parts(group);
        let id = id_of(of, at);
        html! {
            div.designer-group role="group" aria-label=(if join == Join::All { tr!("All of these") } else { tr!("Any of these") }) {
                div.designer-group-head {
                    (self.joining(of, join, at, &id))
                    span.designer-tools {
                        (dialog_button(&format!("add-condition-{id}"), &self.ask(of, at, false), "plus", &tr!("Add a condition to this group")))
                        (self.part_button(&format!("add-group-{id}"), of, at, "group", "list-details", &tr!("Add a group inside this one")))
                        (self.part_button(&format!("remove-{id}"), of, at, "remove", "trash", &if at.is_empty() { tr!("Remove the whole condition") } else { tr!("Remove this group") }))
                    }
                }
                @if members.is_empty() { p.page-note { (tr!("Nothing in it yet.")) } }
                ul {
                    @for (position, member) in members.iter().enumerate() {
                        @let here = [at, &[position]].concat();
                        li { @if is_group(member) { (self.group(of, table, member, &here)) } @else { (self.single(of, table, member, &here)) } }
                    }
                }
            }
        }
    }

    fn joining(&self, of: &str, join: Join, at: &[usize], id: &str) -> Markup {
        let href = format!("{}/condition/part", self.href());
        html! {
            form.designer-joining method="post" action=(href) hx-post=(href) hx-trigger="change" hx-target={ "#" (BODY) } hx-swap="outerHTML" {
                input type="hidden" name="csrf" value=(self.me.csrf);
                input type="hidden" name=(SEEN) value=(self.design.revision());
                input type="hidden" name="of" value=(of);
                input type="hidden" name="at" value=(way(at));
                input type="hidden" name="do" value="join";
                select.form-select.form-select-sm id={ "join-" (id) } name="join" aria-label=(tr!("How the conditions are joined")) {
                    option value="all" selected[join == Join::All] { (tr!("All of these (AND)")) }
                    option value="any" selected[join == Join::Any] { (tr!("Any of these (OR)")) }
                }
                noscript { button.btn.btn-sm type="submit" { (tr!("Set")) } }
            }
        }
    }

    fn single(&self, of: &str, table: &str, filter: &Filter, at: &[usize]) -> Markup {
        let id = id_of(of, at);
        let editable = Condition::of_filter(self.me, filter).is_some();
        html! {
            div.designer-single {
                span { (words(self, table, filter)) }
                span.designer-tools {
                    @if editable { (dialog_button(&format!("edit-{id}"), &self.ask(of, at, true), "edit", &tr!("Change this condition"))) }
                    (self.part_button(&format!("remove-{id}"), of, at, "remove", "x", &tr!("Remove this condition")))
                }
            }
        }
    }

    fn part_button(&self, id: &str, of: &str, at: &[usize], act: &str, symbol: &str, label: &str) -> Markup {
        let href = format!("{}/condition/part", self.href());
        post_button(self, id, &href, &[("of", of), ("at", &way(at)), ("do", act)], symbol, label)
    }
}

/// The way to a part, as forms send it.
fn way(at: &[usize]) -> String {
    at.iter().map(usize::to_string).collect::<Vec<_>>().join(".")
}

fn id_of(of: &str, at: &[usize]) -> String {
    format!("{}{}", of.replace(':', "-"), at.iter().map(|position| format!("-{position}")).collect::<String>())
}

/// A condition in words: those of lists, where a list can say it.
pub(crate) fn words(scene: &Scene<'_>, table: &str, filter: &Filter) -> String {
    as_lists_say(scene, table, filter).unwrap_or_else(|| own_words(scene, table, filter))
}

fn as_lists_say(scene: &Scene<'_>, table: &str, filter: &Filter) -> Option<String> {
    let cells = Cells { me: scene.me, model: scene.model, names: scene.names };
    let (part, table) = Part::of_filter(scene.me, filter).zip(scene.model.table(table))?;
    let (about, asks) = part.words(&cells, table);
    Some(if matches!(part, Part::Group(_)) { asks } else { format!("{about} {asks}") })
}

/// What lists have no words for: negations, columns compared with each other, groups with nothing in
/// them, and whatever has one of these inside.
fn own_words(scene: &Scene<'_>, table: &str, filter: &Filter) -> String {
    let joined = |parts: &[Filter], join: fn(&str, &str) -> String| {
        if parts.is_empty() {
            return "…".to_owned();
        }
        let one = |part: &Filter| {
            let told = words(scene, table, part);
            if is_group(part) { format!("({told})") } else { told }
        };
        parts.iter().map(one).reduce(|said, next| join(&said, &next)).unwrap_or_default()
    };
    match filter {
        Filter::All(parts) => joined(parts, |said, next| tr!("{} and {}", said, next)),
        Filter::Any(parts) => joined(parts, |said, next| tr!("{} or {}", said, next)),
        Filter::Not(inner) => tr!("not ({})", words(scene, table, inner)),
        Filter::Related(related) => {
            let some = Related { filter: Box::new(Filter::All(Vec::new())), ..related.clone() };
            let has = as_lists_say(scene, table, &Filter::Related(some)).unwrap_or_else(|| related.table.clone());
            tr!("{} where {}", has, words(scene, &related.table, &related.filter))
        }
        Filter::Search(text) => tr!("contains “{}”", text),
        Filter::Condition(condition) => tr!("{} compared with another column", condition.column),
    }
}
