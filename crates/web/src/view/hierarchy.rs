//! The tree of accounts, as nested lists that open level by level.

use crm::{
    accounts::{Level, Node},
    reading::Names,
};
use language::tr;
use maud::{Markup, html};
use model::{Model, Table};
use uuid::Uuid;

use super::{cells::Cells, record, tables};
use crate::{components::icon, session::Me};

/// What is told of an account beside its name.
const FACTS: [&str; 4] = ["ownerid", "revenue", "opendeals", "openrevenue"];

/// A tree of accounts.
pub(crate) struct Tree<'a> {
    pub me: &'a Me,
    pub model: &'a Model,
    pub table: &'a Table,
    /// The account it is shown for.
    pub here: Uuid,
}

impl Tree<'_> {
    /// The way from the topmost account down to the one it is shown for, and its parts.
    pub fn markup(&self, above: &Level, below: &Level) -> Markup {
        let Some((first, rest)) = above.nodes.split_first() else { return html! {} };
        let alone = rest.is_empty() && below.nodes.is_empty();
        html! {
            ul.hierarchy { (self.way(first, rest, above, below)) }
            @if alone {
                p.loading { (tr!("It stands alone. Name it as the parent account of others, or give it a parent itself, and they stand here.")) }
            }
        }
    }

    fn way(&self, node: &Node, rest: &[Node], above: &Level, below: &Level) -> Markup {
        html! {
            li {
                (self.node(node, &above.names))
                @match rest.split_first() {
                    Some((next, rest)) => {
                        ul { (self.way(next, rest, above, below)) }
                        @if node.parts > 1 { (self.closed(node, &tr!("All parts of {}", node.row.text("name")))) }
                    }
                    None => {
                        @if !below.nodes.is_empty() { (self.parts(node.id(), below)) }
                    }
                }
            }
        }
    }

    /// Accounts of one level, and the way to more of them.
    pub fn parts(&self, parent: Uuid, level: &Level) -> Markup {
        html! {
            ul {
                @for node in &level.nodes {
                    li {
                        (self.node(node, &level.names))
                        // One that is its own part, by a circle of parents, is not opened again.
                        @if node.parts > 0 && node.id() != self.here && node.id() != parent { (self.closed(node, &tr!("Parts of {}", node.row.text("name")))) }
                    }
                }
                @if let Some(next) = &level.next {
                    @let href = format!("/accounts/{parent}/hierarchy/parts?here={}&behind={}", self.here, next.token);
                    li { button.btn.btn-sm type="button" hx-get=(href) hx-target="closest li" hx-swap="outerHTML" { (tr!("More")) } }
                }
            }
        }
    }

    /// The parts of an account, read once they are asked for.
    fn closed(&self, node: &Node, words: &str) -> Markup {
        let href = format!("/accounts/{}/hierarchy/parts?here={}", node.id(), self.here);
        html! {
            details.hierarchy-parts hx-get=(href) hx-trigger="toggle once" hx-target="find div" hx-swap="innerHTML" {
                summary aria-label={ (words) ", " (node.parts) } { (words) " (" (node.parts) ")" }
                div { p.loading { (tr!("Loading…")) } }
            }
        }
    }

    fn node(&self, node: &Node, names: &Names) -> Markup {
        let is_here = node.id() == self.here;
        let name = node.row.text("name");
        let name = if name.trim().is_empty() { tr!("Account without a name") } else { name.to_owned() };
        html! {
            div.hierarchy-node .is-here[is_here] {
                (icon(&self.table.icon))
                a href=(tables::row_href(self.table, node.id())) aria-current=[is_here.then_some("true")] { (name) }
                @if record::is_closed(self.table, &node.row) { span.hierarchy-fact { (tr!("Inactive")) } }
                @for (label, text) in self.facts(node, names) { span.hierarchy-fact { (label) ": " strong { (text) } } }
            }
        }
    }

    fn facts(&self, node: &Node, names: &Names) -> Vec<(String, String)> {
        let cells = Cells { me: self.me, model: self.model, names };
        let currency = node.row.value("transactioncurrencyid").as_id();
        let fact = |name: &str| {
            let column = self.table.column(name)?;
            let value = node.row.value(name);
            let text = cells.text(self.table, column, value, currency);
            (!value.is_null() && !text.is_empty()).then(|| (column.label.clone(), text))
        };
        FACTS.into_iter().filter_map(fact).collect()
    }
}
