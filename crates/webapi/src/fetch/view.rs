//! Views as queries: their columns, filter and order in the words of FetchXML.

use model::{Column, ColumnType, Filter, Model, Operator, Path, Table, Value, View};

use super::{
    ast::{Attribute, Condition, Entity, Fetch, Group, Link, LinkKind, Order, Part, Role},
    condition::{operator_name, quoted},
    limits,
    write::escaped,
    wrong,
};
use crate::{
    error::Result,
    translate::{known_table, unknown},
};

/// The query of a view.
///
/// # Errors
/// Where the view says what FetchXML has no words for: a search for words, or conditions on rows
/// that related rows point at.
pub fn of_view(model: &Model, table: &Table, view: &View) -> Result<Fetch> {
    let entity = Entity { name: table.name.clone(), ..Entity::default() };
    let mut writer = Writer { model, table, entity, links: 0 };
    for column in view.columns.iter().filter(|column| is_told(table, &column.column)) {
        writer.show(&column.column)?;
    }
    let mut raw_order = false;
    for order in &view.order {
        // A view sorts by what is stored.
        raw_order |= model.resolve(&table.name, &order.column).is_ok_and(|(_, column)| {
            let kind = column.value_type();
            matches!(
                kind,
                ColumnType::Choice { .. } | ColumnType::State | ColumnType::Status | ColumnType::Lookup { .. }
            )
        });
        let entity = writer.way(&order.column)?;
        let attribute = Some(order.column.column.clone());
        writer.entity.orders.push(Order { entity, attribute, alias: None, descending: order.descending });
    }
    if !view.filter.is_everything() {
        let group = match writer.part(&view.filter, table, true)? {
            Part::Group(group) => group,
            other => Group { any: false, parts: vec![other] },
        };
        writer.entity.filters.push(group);
    }
    Ok(Fetch { entity: writer.entity, raw_order, ..Fetch::default() })
}

/// How a view's columns stand side by side, as Dataverse writes it.
pub fn layout(table: &Table, view: &View) -> String {
    let mut out = format!(
        "<grid name=\"resultset\" object=\"{}\" jump=\"{}\" select=\"1\" icon=\"1\" preview=\"1\"><row name=\"result\" id=\"{}\">",
        table.object_type_code, table.primary_name, table.primary_key
    );
    for column in view.columns.iter().filter(|column| is_told(table, &column.column)) {
        let name = match alias(&column.column) {
            None => column.column.column.clone(),
            Some(alias) => format!("{alias}.{}", column.column.column),
        };
        let width = column.width.unwrap_or(150).to_string();
        out.extend(["<cell name=\"", &escaped(&name), "\" width=\"", &width, "\" />"]);
    }
    out.push_str("</row></grid>");
    out
}

/// Lists of parties (`to` of an e-mail) are rows of their own, and no columns of a query.
fn is_told(table: &Table, path: &Path) -> bool {
    !path.is_own() || table.column(&path.column).is_none_or(Column::is_stored)
}

/// The name of the link-entity that a path ends in.
fn alias(path: &Path) -> Option<String> {
    let names = path.steps.iter().map(|step| match &step.target {
        None => step.lookup.clone(),
        Some(target) => format!("{}_{target}", step.lookup),
    });
    let names: Vec<String> = names.collect();
    (!names.is_empty()).then(|| names.join("_"))
}

struct Writer<'m> {
    model: &'m Model,
    table: &'m Table,
    entity: Entity,
    links: usize,
}

impl Writer<'_> {
    fn show(&mut self, path: &Path) -> Result<()> {
        self.way(path)?;
        let attribute = Attribute { name: path.column.clone(), alias: None, role: Role::Shown };
        let mut entity = &mut self.entity;
        for depth in 1..=path.steps.len() {
            let name = alias(&Path { steps: path.steps[..depth].to_vec(), column: String::new() });
            let place = entity.links.iter().position(|link| link.alias == name);
            let Some(place) = place else { return Err(wrong(format!("'{path}' leads nowhere"))) };
            entity = &mut entity.links[place].entity;
        }
        if !entity.attributes.contains(&attribute) {
            entity.attributes.push(attribute);
        }
        Ok(())
    }

    /// Makes the link-entities that a path leads through; the name of the last one.
    fn way(&mut self, path: &Path) -> Result<Option<String>> {
        let (mut table, mut entity) = (self.table, &mut self.entity);
        for (depth, step) in path.steps.iter().enumerate() {
            let next = path.steps.get(depth + 1).map_or(path.column.as_str(), |step| step.lookup.as_str());
            let target = step.target.as_deref();
            let there = target_of(self.model, table, &step.lookup, target, next)?;
            let name = alias(&Path { steps: path.steps[..=depth].to_vec(), column: String::new() });
            let known = entity.links.iter().position(|link| link.alias == name);
            let place = if let Some(place) = known {
                place
            } else {
                self.links += 1;
                if self.links > limits::LINKS {
                    return Err(wrong(format!("the view leads through more than {} lookups", limits::LINKS)));
                }
                let to = step.lookup.clone();
                entity.links.push(link(there, &there.primary_key, to, name, LinkKind::Outer, Vec::new()));
                entity.links.len() - 1
            };
            entity = &mut entity.links[place].entity;
            table = there;
        }
        Ok(alias(path))
    }

    /// A filter over `table`; `outermost` where it is judged on rows of the view itself.
    fn part(&mut self, filter: &Filter, table: &Table, outermost: bool) -> Result<Part> {
        let group = |any: bool, parts: Vec<Part>| Part::Group(Group { any, parts });
        Ok(match filter {
            Filter::All(parts) => group(false, self.parts(parts, table, outermost)?),
            // Nothing holds: no row is without its key.
            Filter::Any(parts) if parts.is_empty() => Part::Condition(Condition {
                attribute: table.primary_key.clone(),
                operator: operator_name(Operator::Null),
                ..Condition::default()
            }),
            Filter::Any(parts) => group(true, self.parts(parts, table, outermost)?),
            Filter::Not(inner) => match &**inner {
                Filter::Related(related) => self.related(related, table, LinkKind::NotAny)?,
                other => {
                    let inside = vec![in_group(self.part(other, table, false)?)];
                    let key = &table.primary_key;
                    Part::Link(Box::new(link(table, key, key.clone(), None, LinkKind::NotAny, inside)))
                }
            },
            Filter::Related(related) => self.related(related, table, LinkKind::Any)?,
            Filter::Search(_) => return Err(wrong("the view searches for words, which FetchXML cannot say")),
            Filter::Condition(condition) => self.condition(condition, table, outermost)?,
        })
    }

    fn parts(&mut self, filters: &[Filter], table: &Table, outermost: bool) -> Result<Vec<Part>> {
        filters.iter().map(|filter| self.part(filter, table, outermost)).collect()
    }

    fn related(&mut self, related: &model::Related, table: &Table, kind: LinkKind) -> Result<Part> {
        let other = known_table(self.model, &related.table)?;
        let inside = match &*related.filter {
            filter if filter.is_everything() => Vec::new(),
            filter => vec![in_group(self.part(filter, other, false)?)],
        };
        Ok(Part::Link(Box::new(link(other, &related.through, table.primary_key.clone(), None, kind, inside))))
    }

    fn condition(&mut self, condition: &model::Condition, table: &Table, outermost: bool) -> Result<Part> {
        let paths = std::iter::once(&condition.column).chain(&condition.other);
        if !outermost && paths.into_iter().any(|path| !path.is_own()) {
            return Err(wrong(format!(
                "the view compares '{}' of a related row, which FetchXML cannot say",
                condition.column
            )));
        }
        let entity = self.way(&condition.column)?;
        let other = match &condition.other {
            None => None,
            Some(path) => Some(match self.way(path)? {
                None => path.column.clone(),
                Some(alias) => format!("{alias}.{}", path.column),
            }),
        };
        let column = if condition.column.is_own() { table.column(&condition.column.column) } else { None };
        let (operator, values) = spelt(condition, column)?;
        Ok(Part::Condition(Condition { entity, attribute: condition.column.column.clone(), operator, values, other }))
    }
}

fn in_group(part: Part) -> Group {
    match part {
        Part::Group(group) => group,
        other => Group { any: false, parts: vec![other] },
    }
}

fn link(table: &Table, from: &str, to: String, alias: Option<String>, kind: LinkKind, filters: Vec<Group>) -> Link {
    let entity = Entity { name: table.name.clone(), filters, ..Entity::default() };
    Link { entity, from: from.to_owned(), to, alias, kind }
}

/// The table that a lookup leads to.
fn target_of<'m>(model: &'m Model, table: &Table, lookup: &str, target: Option<&str>, next: &str) -> Result<&'m Table> {
    let column = table.column(lookup).ok_or_else(|| unknown(table, lookup))?;
    if let Some(target) = target {
        return known_table(model, target);
    }
    match column.targets() {
        [only] => known_table(model, only),
        several => several
            .iter()
            .filter_map(|name| model.table(name))
            .find(|table| table.column(next).is_some())
            .map(std::convert::AsRef::as_ref)
            .ok_or_else(|| unknown(table, lookup)),
    }
}

/// The operator and the values as FetchXML writes them.
fn spelt(condition: &model::Condition, column: Option<&Column>) -> Result<(String, Vec<String>)> {
    let values = condition.values.iter().map(|value| text(value, column)).collect::<Result<Vec<_>>>()?;
    let pattern = |before: &str, behind: &str| {
        let text = values.first().map(String::as_str).unwrap_or_default();
        vec![format!("{before}{}{behind}", quoted(text))]
    };
    let name = operator_name;
    Ok(match condition.operator {
        Operator::Contains => (name(Operator::Like), pattern("%", "%")),
        Operator::NotContains => (name(Operator::NotLike), pattern("%", "%")),
        // Brackets are plain letters in the patterns of the house.
        operator @ (Operator::Like | Operator::NotLike) => {
            (name(operator), values.iter().map(|text| text.replace('[', "[[]")).collect())
        }
        Operator::ContainValues | Operator::NotContainValues => {
            let single = values.iter().flat_map(|text| text.split(',')).map(str::to_owned);
            (name(condition.operator), single.collect())
        }
        operator => (name(operator), values),
    })
}

fn text(value: &Value, column: Option<&Column>) -> Result<String> {
    let is_two_options = column.is_some_and(|column| matches!(column.value_type(), ColumnType::Boolean { .. }));
    Ok(match value {
        Value::Null => return Err(wrong("the view compares with nothing, which FetchXML cannot say")),
        Value::Boolean(yes) if is_two_options => if *yes { "1" } else { "0" }.to_owned(),
        Value::Boolean(yes) => yes.to_string(),
        Value::Whole(number) => number.to_string(),
        Value::Decimal(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::Id(id) => id.to_string(),
        Value::Reference(reference) => reference.id.to_string(),
        Value::Date(day) => day.to_string(),
        Value::DateTime(moment) => moment.to_string(),
        Value::Choices(numbers) => numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
    })
}
