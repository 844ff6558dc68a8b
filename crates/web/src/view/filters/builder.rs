//! The editor of a whole filter: conditions, groups of them, and what related rows must satisfy.

use crm::reading::Names;
use language::{Language, tr};
use model::{Column, Model, Path, Table};

use super::{
    Draft, MOST,
    condition::operator_name,
    draft::{Knot, Line, Node, Spot},
    offered::{self, Place},
    part::DEEPEST,
    values::ValueFields,
};
use crate::{
    components::{BuilderCondition, BuilderGroup, BuilderItem, BuilderRelated, FilterBuilder, OptionGroup},
    session::Me,
    view::operators::{label, operators},
};

/// The editor, showing a draft.
pub(crate) fn builder(me: &Me, model: &Model, names: &Names, table: &Table, draft: &Draft) -> FilterBuilder {
    let mut numbered = Numbered { me, model, names, next: 1 };
    let root = numbered.group(table, &draft.root, 0, None, 0);
    FilterBuilder {
        edit: format!("/{}/filters/edit", table.set_name),
        full: numbered.next > MOST,
        root: BuilderGroup { of: Language::within_sentence(&table.plural_label), ..root },
    }
}

/// Gives every node its number.
struct Numbered<'a> {
    me: &'a Me,
    model: &'a Model,
    names: &'a Names,
    next: usize,
}

impl Numbered<'_> {
    fn number(&mut self) -> usize {
        let number = self.next;
        self.next += 1;
        number
    }

    fn group(&mut self, table: &Table, knot: &Knot, id: usize, parent: Option<usize>, depth: usize) -> BuilderGroup {
        let other = knot.related.as_ref().and_then(|rows| {
            let other = offered::related_table(self.model, table, &rows.table, &rows.through).ok()?;
            let related = BuilderRelated {
                none: rows.none,
                table: rows.table.clone(),
                through: rows.through.clone(),
                label: offered::relation_label(table, other, &rows.through),
            };
            Some((related, other))
        });
        let (related, inside) = match other {
            Some((related, other)) => (Some(related), other),
            None => (None, table),
        };
        let items = knot
            .nodes
            .iter()
            .map(|node| {
                let number = self.number();
                match node {
                    Node::Line(line) => BuilderItem::Condition(self.condition(inside, line, number, id)),
                    Node::Knot(inner) => BuilderItem::Group(self.group(inside, inner, number, Some(id), depth + 1)),
                }
            })
            .collect();
        let nests = depth < DEEPEST;
        BuilderGroup {
            id,
            parent,
            of: Language::within_sentence(&inside.plural_label),
            any: knot.any,
            related,
            items,
            nests,
            relations: if nests { offered::relations(self.me, self.model, inside) } else { Vec::new() },
            focus_any: knot.focus == Some(Spot::Any),
            focus_none: knot.focus == Some(Spot::None),
            focus_add: knot.focus == Some(Spot::Add),
        }
    }

    fn condition(&self, table: &Table, line: &Line, id: usize, parent: usize) -> BuilderCondition {
        let place = Place::of(self.model, table, &line.column).or_else(|| Place::of(self.model, table, ""));
        let path = line.column.parse::<Path>().ok().filter(|_| !offered::is_place(&line.column));
        let column = path.and_then(|path| self.model.resolve(&table.name, &path).ok()).map(|(_, column)| column);
        let column = column.filter(|column| self.me.caller.may_read(column));
        let mut columns = place
            .as_ref()
            .map(|place| place.options(self.me, self.model, &line.column, offered::can_filter))
            .unwrap_or_default();
        if column.is_none() {
            let nothing = (line.column.clone(), tr!("Choose a column"), true);
            columns.insert(0, OptionGroup { label: String::new(), options: vec![nothing] });
        }
        let inside = place.as_ref().map_or(table, |place| place.table);
        let mut condition = BuilderCondition {
            id,
            parent,
            columns,
            was: line.column.clone(),
            error: line.error.clone(),
            focus_column: line.focus == Some(Spot::Column),
            ..BuilderCondition::default()
        };
        if let Some(column) = column {
            self.comparison(&mut condition, inside, column, line);
        }
        condition
    }

    fn comparison(&self, shown: &mut BuilderCondition, table: &Table, column: &Column, line: &Line) {
        let mut offered = operators(column);
        let same_column = line.was == line.column;
        let operator = line.operator.filter(|operator| same_column || offered.contains(operator));
        // A view may compare by what the editor does not offer; it stays as it is.
        offered.extend(operator.filter(|operator| !offered.contains(operator)));
        let Some(operator) = operator.or(offered.first().copied()) else { return };
        let texts = if same_column { line.texts.as_slice() } else { &[] };
        let name = format!("n{}-value", shown.id);
        let fields = ValueFields { me: self.me, model: self.model, names: self.names, texts };
        shown.values = fields.of(&name, table, column, operator);
        shown.focus_operator = line.focus == Some(Spot::Operator);
        shown.operators = offered
            .iter()
            .map(|offer| (operator_name(*offer), label(*offer, column).replace('X', "…"), *offer == operator))
            .collect();
    }
}
