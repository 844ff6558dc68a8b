//! A filter while it is being put together: conditions may still lack something.

use language::tr;
use model::{Model, Operator, Path, Reference, Table};

use super::{Condition, Group, MOST, Part, Related, condition::operator_named, offered, part::DEEPEST};
use crate::{failure::sentence, posted::Typed, session::Me};

/// What gets the focus when the editor is shown anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spot {
    Column,
    Operator,
    Any,
    None,
    Add,
}

/// The filter.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub root: Knot,
}

/// A group of conditions, of the row itself or of rows that point at it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Knot {
    pub any: bool,
    /// Of these rows, where it asks for related ones.
    pub related: Option<Rows>,
    pub nodes: Vec<Node>,
    pub focus: Option<Spot>,
}

/// Rows that point here.
#[derive(Debug, Clone)]
pub(crate) struct Rows {
    pub none: bool,
    pub table: String,
    pub through: String,
}

/// One thing in a group.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    Line(Line),
    Knot(Knot),
}

/// A condition.
#[derive(Debug, Clone, Default)]
pub(crate) struct Line {
    /// The path of a column, or of the place where one is chosen; empty where nothing is.
    pub column: String,
    pub operator: Option<Operator>,
    /// Values as the person writes them.
    pub texts: Vec<String>,
    /// The column that the values were written for.
    pub was: String,
    pub error: Option<String>,
    pub focus: Option<Spot>,
}

impl Draft {
    /// The filter of a list; of one without any, a condition to begin with.
    pub fn of(me: &Me, model: &Model, table: &Table, parts: &[Part]) -> Self {
        let mut root = match parts {
            [Part::Group(group)] => knot(me, model, table, group),
            parts => knot(me, model, table, &Group { any: false, parts: parts.to_vec() }),
        };
        if root.nodes.is_empty() {
            root.nodes.push(Node::Line(Line::default()));
        }
        Self { root }
    }

    /// What the editor's form holds.
    pub fn of_form(form: &Typed) -> Result<Self, String> {
        let mut ids: Vec<&str> = form.all("node").collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.len() > MOST {
            return Err(tr!("a filter has at most {} conditions and groups; take some away", MOST));
        }
        // In the order in which they stand.
        let mut ids: Vec<&str> = form.all("node").filter(|id| *id != "0").collect();
        ids.truncate(MOST);
        Ok(Self { root: knot_of_form(form, &ids, "0", 0)? })
    }

    /// Does what a button or a choice of the editor asks for.
    pub fn change(&mut self, form: &Typed) -> Result<(), String> {
        for (place, wanted) in form.all("relate").filter_map(|wanted| wanted.split_once('=')) {
            let (table, through) =
                wanted.split_once(':').ok_or_else(|| tr!("choose the related rows from the list"))?;
            let rows = Rows { none: false, table: table.to_owned(), through: through.to_owned() };
            let knot = Knot { related: Some(rows), focus: Some(Spot::None), ..Knot::default() };
            self.add(place, Node::Knot(knot))?;
        }
        let Some((what, place)) = form.text("do").split_once(':') else { return Ok(()) };
        match what {
            "add" => self.add(place, Node::Line(Line { focus: Some(Spot::Column), ..Line::default() })),
            "group" => {
                let first = Line { focus: Some(Spot::Column), ..Line::default() };
                // Opposite to the group around it: the same again would say nothing new.
                let any = !self.find(place)?.any;
                self.add(place, Node::Knot(Knot { any, nodes: vec![Node::Line(first)], ..Knot::default() }))
            }
            "remove" => self.remove(place),
            "column" => {
                self.focus(place, |line| if offered::is_place(&line.column) { Spot::Column } else { Spot::Operator })
            }
            "operator" => self.focus(place, |_| Spot::Operator),
            "any" => {
                self.find(place)?.focus = Some(Spot::Any);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The rows that its values point at, whose names are shown.
    pub fn references(&self) -> Vec<Reference> {
        let mut found = Vec::new();
        references(&self.root, &mut found);
        found
    }

    fn add(&mut self, place: &str, node: Node) -> Result<(), String> {
        let count = count(&self.root);
        if count >= MOST {
            return Err(tr!("a filter has at most {} conditions and groups; take some away", MOST));
        }
        self.find(place)?.nodes.push(node);
        Ok(())
    }

    fn remove(&mut self, place: &str) -> Result<(), String> {
        let at = number(place)?;
        let mut next = 1;
        remove(&mut self.root, at, &mut next);
        Ok(())
    }

    fn focus(&mut self, place: &str, spot: impl FnOnce(&Line) -> Spot) -> Result<(), String> {
        let at = number(place)?;
        let mut next = 1;
        if let Some(Node::Line(line)) = node(&mut self.root, at, &mut next) {
            line.focus = Some(spot(line));
        }
        Ok(())
    }

    fn find(&mut self, place: &str) -> Result<&mut Knot, String> {
        let at = number(place)?;
        if at == 0 {
            return Ok(&mut self.root);
        }
        let mut next = 1;
        match node(&mut self.root, at, &mut next) {
            Some(Node::Knot(knot)) => Ok(knot),
            _ => Err(tr!("this group is not here any more; open the filter anew")),
        }
    }

    /// The filter it makes; where a condition lacks something, what that is stands at it, and how many
    /// do so is told.
    pub fn parts(&mut self, me: &Me, model: &Model, table: &Table) -> Result<Vec<Part>, usize> {
        let mut wrong = 0;
        let any = self.root.any;
        let parts = parts(me, model, table, &mut self.root, &mut wrong);
        if wrong > 0 {
            return Err(wrong);
        }
        let whole = any && parts.len() > 1;
        Ok(if whole { vec![Part::Group(Group { any, parts })] } else { parts })
    }
}

fn knot(me: &Me, model: &Model, table: &Table, group: &Group) -> Knot {
    let node = |part: &Part| match part {
        Part::Condition(condition) => Node::Line(line(me, model, table, condition)),
        Part::Group(group) => Node::Knot(knot(me, model, table, group)),
        Part::Related(related) => {
            let Related { none, table: name, through, group } = related;
            let rows = Rows { none: *none, table: name.clone(), through: through.clone() };
            let inner = offered::related_table(model, table, name, through)
                .map_or_else(|_| Knot::default(), |other| knot(me, model, other, group));
            Node::Knot(Knot { related: Some(rows), ..inner })
        }
    };
    Knot { any: group.any, nodes: group.parts.iter().map(node).collect(), ..Knot::default() }
}

fn line(me: &Me, model: &Model, table: &Table, condition: &Condition) -> Line {
    let path = condition.column.parse::<Path>().ok();
    let column = path.and_then(|path| model.resolve(&table.name, &path).ok().map(|(_, column)| column));
    Line {
        column: condition.column.clone(),
        operator: Some(condition.operator),
        texts: column.map_or_else(|| condition.values.clone(), |column| condition.shown(me, column)),
        was: condition.column.clone(),
        ..Line::default()
    }
}

fn knot_of_form(form: &Typed, ids: &[&str], id: &str, depth: usize) -> Result<Knot, String> {
    if depth > DEEPEST {
        return Err(tr!("groups can stand in each other {} deep, not deeper", DEEPEST));
    }
    let text = |id: &str, what: &str| form.text(&format!("n{id}-{what}")).to_owned();
    let mut nodes = Vec::new();
    let mut seen = Vec::new();
    for child in ids.iter().copied().filter(|child| text(child, "in") == id) {
        if seen.contains(&child) {
            continue;
        }
        seen.push(child);
        nodes.push(if text(child, "kind") == "condition" {
            Node::Line(line_of_form(form, child))
        } else {
            Node::Knot(knot_of_form(form, ids, child, depth + 1)?)
        });
    }
    let related = (text(id, "kind") == "related").then(|| Rows {
        none: text(id, "none") == "none",
        table: text(id, "table"),
        through: text(id, "through"),
    });
    Ok(Knot { any: text(id, "any") == "any", related, nodes, focus: None })
}

fn line_of_form(form: &Typed, id: &str) -> Line {
    let name = |what: &str| format!("n{id}-{what}");
    let (first, second) = (name("value"), name("value_2"));
    let texts = if form.has(&second) {
        vec![form.text(&first).to_owned(), form.text(&second).to_owned()]
    } else {
        form.all(&first).map(str::to_owned).collect()
    };
    Line {
        column: form.text(&name("column")).to_owned(),
        operator: operator_named(form.text(&name("operator"))),
        texts,
        was: form.text(&name("was")).to_owned(),
        ..Line::default()
    }
}

fn parts(me: &Me, model: &Model, table: &Table, knot: &mut Knot, wrong: &mut usize) -> Vec<Part> {
    let mut made = Vec::new();
    for node in &mut knot.nodes {
        match node {
            Node::Line(line) => match condition(me, model, table, line) {
                Ok(condition) => made.push(Part::Condition(condition)),
                Err(message) => {
                    line.error = Some(sentence(&message));
                    *wrong += 1;
                }
            },
            Node::Knot(inner) => match inner.related.clone() {
                None => {
                    let any = inner.any;
                    let parts = parts(me, model, table, inner, wrong);
                    // An empty group asks for nothing.
                    if !parts.is_empty() {
                        made.push(Part::Group(Group { any, parts }));
                    }
                }
                Some(Rows { none, table: name, through }) => {
                    match offered::related_table(model, table, &name, &through) {
                        Ok(other) => {
                            let any = inner.any;
                            let group = Group { any, parts: parts(me, model, other, inner, wrong) };
                            made.push(Part::Related(Related { none, table: name, through, group }));
                        }
                        Err(_) => *wrong += 1,
                    }
                }
            },
        }
    }
    made
}

fn condition(me: &Me, model: &Model, table: &Table, line: &Line) -> Result<Condition, String> {
    if line.column.is_empty() || offered::is_place(&line.column) {
        return Err(tr!("choose a column"));
    }
    let operator = line.operator.ok_or_else(|| tr!("choose a condition"))?;
    let condition = Condition::of_typed(me, model, table, &line.column, operator, &line.texts)?;
    // Whatever is typed must also be read back from the address.
    condition.filter(me, model, table)?;
    Ok(condition)
}

fn number(place: &str) -> Result<usize, String> {
    place.parse().map_err(|_| tr!("“{}” is no part of this filter", place))
}

fn references(knot: &Knot, found: &mut Vec<Reference>) {
    for node in &knot.nodes {
        match node {
            Node::Line(line) => found.extend(line.texts.iter().filter_map(|text| {
                let (table, id) = text.split_once(':')?;
                Some(Reference::new(table, id.parse().ok()?))
            })),
            Node::Knot(inner) => references(inner, found),
        }
    }
}

fn count(knot: &Knot) -> usize {
    knot.nodes
        .iter()
        .map(|node| match node {
            Node::Line(_) => 1,
            Node::Knot(inner) => 1 + count(inner),
        })
        .sum()
}

/// The node with this number, counted in the order in which they stand.
fn node<'k>(knot: &'k mut Knot, at: usize, next: &mut usize) -> Option<&'k mut Node> {
    for one in &mut knot.nodes {
        let here = *next;
        *next += 1;
        if here == at {
            return Some(one);
        }
        if let Node::Knot(inner) = one
            && let Some(found) = node(inner, at, next)
        {
            return Some(found);
        }
    }
    None
}

fn remove(knot: &mut Knot, at: usize, next: &mut usize) -> bool {
    let mut found = None;
    for (position, one) in knot.nodes.iter_mut().enumerate() {
        let here = *next;
        *next += 1;
        if here == at {
            found = Some(position);
            break;
        }
        if let Node::Knot(inner) = one
            && remove(inner, at, next)
        {
            return true;
        }
    }
    let Some(position) = found else { return false };
    knot.nodes.remove(position);
    knot.focus = Some(Spot::Add);
    true
}
