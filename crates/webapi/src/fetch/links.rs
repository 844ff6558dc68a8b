//! Link-entities. Where one leads from a lookup to the row it points at, it is a path, which costs
//! least; where it only asks whether there are rows, a condition; anything else is a join.

use crm::{Join, JoinKind};
use model::{Column, ColumnType, Filter, Model, Operator, Path, Related, Step, Table};

use super::{
    ast::{self, Group, Link, LinkKind, Part},
    condition, wrong,
};
use crate::{
    error::Result,
    translate::{known_table, unknown},
};

/// Where columns are looked for: the query's table, or one that a link leads to.
#[derive(Debug, Clone)]
pub(super) struct Place<'m> {
    pub table: &'m Table,
    /// The way there.
    steps: Vec<Step>,
    /// The join it stands for.
    join: Option<String>,
}

impl<'m> Place<'m> {
    fn root(table: &'m Table) -> Self {
        Self { table, steps: Vec::new(), join: None }
    }

    /// The way to a column of it.
    pub fn path(&self, column: &str) -> Path {
        Path { steps: self.steps.clone(), column: column.to_owned() }
    }

    /// A stored column of it.
    pub fn column(&self, name: &str) -> Result<&'m Column> {
        column(self.table, name)
    }
}

fn column<'m>(table: &'m Table, name: &str) -> Result<&'m Column> {
    table.column(name).filter(|column| column.is_stored()).ok_or_else(|| unknown(table, name))
}

/// Where a filter stands.
#[derive(Clone, Copy)]
struct At {
    /// It is that of the query's table, which alone may speak of links.
    outermost: bool,
    /// It is judged on rows of its place itself, not on those the place is reached from.
    framed: bool,
}

/// A link whose columns can be shown.
pub(super) struct Linked<'m, 'f> {
    pub link: &'f Link,
    /// What its columns' names begin with.
    pub name: String,
    pub place: Place<'m>,
}

/// The links of a query.
pub(super) struct Links<'m, 'f> {
    model: &'m Model,
    pub root: Place<'m>,
    pub joins: Vec<Join>,
    pub linked: Vec<Linked<'m, 'f>>,
    unnamed: usize,
    /// Inside of a question for rows, whose links nobody else can speak of.
    asking: bool,
}

impl<'m, 'f> Links<'m, 'f> {
    pub fn new(model: &'m Model, table: &'m Table) -> Self {
        let root = Place::root(table);
        Self { model, root, joins: Vec::new(), linked: Vec::new(), unnamed: 0, asking: false }
    }

    /// Follows the links of the query's table and returns its whole filter.
    pub fn follow(&mut self, entity: &'f ast::Entity) -> Result<Filter> {
        let root = self.root.clone();
        let mut conditions = Vec::new();
        for link in &entity.links {
            conditions.extend(self.walk(link, &root, true)?);
        }
        for group in &entity.filters {
            conditions.push(self.group(group, &root, At { outermost: true, framed: true })?);
        }
        Ok(all(conditions))
    }

    /// The place that goes by this name.
    pub fn named(&self, name: &str) -> Result<Place<'m>> {
        let mut found = self.linked.iter().filter(|linked| linked.name == name);
        let mut by_table =
            self.linked.iter().filter(|linked| linked.link.alias.is_none() && linked.place.table.name == name);
        match (found.next(), by_table.next(), by_table.next()) {
            (Some(linked), ..) | (None, Some(linked), None) => Ok(linked.place.clone()),
            _ => Err(wrong(format!("no link-entity has the alias '{name}'"))),
        }
    }

    /// The name of the row that a lookup points at, where that can be of one table only.
    pub fn name_behind(&self, place: &Place<'m>, column: &Column) -> Option<Path> {
        let ColumnType::Lookup { targets } = &column.kind else { return None };
        let [target] = targets.as_slice() else { return None };
        let table = self.model.table(target)?;
        let name = table.column(&table.primary_name).filter(|name| name.is_stored())?;
        let mut steps = place.steps.clone();
        steps.push(Step { lookup: column.name.clone(), target: None });
        Some(Path { steps, column: name.name.clone() })
    }

    /// Follows a link that stands beside filters; what the whole row must satisfy for it. `framed` where
    /// these conditions are judged on rows of `parent` itself.
    fn walk(&mut self, link: &'f Link, parent: &Place<'m>, framed: bool) -> Result<Vec<Filter>> {
        if link.kind == LinkKind::Exists {
            return Ok(vec![self.partner(link, parent, framed)?]);
        }
        let table = known_table(self.model, &link.entity.name)?;
        if self.is_way(link, parent.table) {
            let target = column(parent.table, &link.to)?.is_polymorphic().then(|| table.name.clone());
            let mut steps = parent.steps.clone();
            steps.push(Step { lookup: link.to.clone(), target });
            let place = Place { table, steps, join: None };
            self.register(link, &place)?;
            let mut conditions = Vec::new();
            if link.kind == LinkKind::Inner {
                conditions.push(Filter::unary(place.path(&table.primary_key), Operator::NotNull));
            }
            for group in &link.entity.filters {
                conditions.push(self.group(group, &place, At { outermost: false, framed: false })?);
            }
            for inner in &link.entity.links {
                conditions.extend(self.walk(inner, &place, false)?);
            }
            return Ok(conditions);
        }
        let kind = if link.kind == LinkKind::Outer { JoinKind::Outer } else { JoinKind::Inner };
        let (place, number) = self.join(link, parent, table, kind)?;
        self.register(link, &place)?;
        self.joins[number].filter = self.groups(&link.entity.filters, &place, true)?;
        let mut conditions = Vec::new();
        for inner in &link.entity.links {
            conditions.extend(self.walk(inner, &place, false)?);
        }
        Ok(conditions)
    }

    fn register(&mut self, link: &'f Link, place: &Place<'m>) -> Result<()> {
        if self.asking {
            return bring_nothing(link);
        }
        let name = link.alias.clone().unwrap_or_else(|| {
            self.unnamed += 1;
            format!("{}{}", place.table.name, self.unnamed)
        });
        if self.linked.iter().any(|other| other.name == name) {
            return Err(wrong(format!("two link-entities bear the alias '{name}'")));
        }
        self.linked.push(Linked { link, name, place: place.clone() });
        Ok(())
    }

    /// Joins a table in, without its filter; where it stands, and the number of the join.
    fn join(
        &mut self,
        link: &Link,
        parent: &Place<'m>,
        table: &'m Table,
        kind: JoinKind,
    ) -> Result<(Place<'m>, usize)> {
        column(table, &link.from)?;
        column(parent.table, &link.to)?;
        let number = self.joins.len();
        let alias = format!("j{number}");
        self.joins.push(Join {
            alias: alias.clone(),
            table: table.name.clone(),
            column: link.from.clone(),
            parent: parent.join.clone(),
            parent_column: link.to.clone(),
            kind,
            filter: Filter::everything(),
        });
        let steps = Join::path(&alias, "").steps;
        Ok((Place { table, steps, join: Some(alias) }, number))
    }

    /// True where a link and all in it lead from lookups to the rows they point at, and say nothing
    /// that concerns rows without them.
    fn is_way(&self, link: &Link, parent: &Table) -> bool {
        let Some(table) = self.model.table(&link.entity.name) else { return false };
        let leads_there = link.from == table.primary_key && points_at(parent, &link.to, table);
        let plain = match link.kind {
            LinkKind::Inner => !link.entity.filters.iter().any(asks),
            LinkKind::Outer => link.entity.filters.is_empty(),
            _ => return false,
        };
        leads_there && plain && link.entity.links.iter().all(|inner| self.is_way(inner, table))
    }

    /// The condition that a link asks for.
    fn partner(&mut self, link: &'f Link, parent: &Place<'m>, framed: bool) -> Result<Filter> {
        bring_nothing(link)?;
        let table = known_table(self.model, &link.entity.name)?;
        column(table, &link.from)?;
        column(parent.table, &link.to)?;
        let (there, any) = if is_self(link, parent.table) {
            (self.groups(&link.entity.filters, parent, framed)?, Filter::everything())
        } else if framed && self.is_related(link, parent.table) {
            let place = Place::root(table);
            let related = |filter: Filter| {
                Filter::Related(Related {
                    table: table.name.clone(),
                    through: link.from.clone(),
                    filter: Box::new(filter),
                    at: None,
                })
            };
            (related(self.groups(&link.entity.filters, &place, true)?), related(Filter::everything()))
        } else {
            let (place, number) = self.join(link, parent, table, JoinKind::Any)?;
            let outside = std::mem::replace(&mut self.asking, true);
            let mut conditions = Vec::new();
            for inner in &link.entity.links {
                conditions.extend(self.walk(inner, &place, false)?);
            }
            conditions.push(self.groups(&link.entity.filters, &place, true)?);
            self.asking = outside;
            self.joins[number].filter = all(conditions);
            let any = if link.kind == LinkKind::All {
                let (_, bare) = self.join(link, parent, table, JoinKind::Any)?;
                self.joins[bare].has_partner()
            } else {
                Filter::everything()
            };
            (self.joins[number].has_partner(), any)
        };
        Ok(match link.kind {
            LinkKind::NotAny => Filter::Not(Box::new(there)),
            LinkKind::All => any.and(Filter::Not(Box::new(there))),
            _ => there,
        })
    }

    /// True where a link asks for rows whose lookup points at the row itself, and so do those inside.
    fn is_related(&self, link: &Link, parent: &Table) -> bool {
        let Some(table) = self.model.table(&link.entity.name) else { return false };
        let inside = |group: &Group| self.all_related(group, table);
        link.to == parent.primary_key
            && points_at(table, &link.from, parent)
            && link.entity.links.is_empty()
            && link.entity.filters.iter().all(inside)
    }

    fn all_related(&self, group: &Group, table: &Table) -> bool {
        group.parts.iter().all(|part| match part {
            Part::Condition(_) => true,
            Part::Group(group) => self.all_related(group, table),
            Part::Link(link) if is_self(link, table) => {
                link.entity.filters.iter().all(|group| self.all_related(group, table))
            }
            Part::Link(link) => self.is_related(link, table),
        })
    }

    fn groups(&mut self, groups: &'f [Group], place: &Place<'m>, framed: bool) -> Result<Filter> {
        let at = At { outermost: false, framed };
        Ok(all(groups.iter().map(|group| self.group(group, place, at)).collect::<Result<_>>()?))
    }

    /// What a filter means.
    fn group(&mut self, group: &'f Group, place: &Place<'m>, at: At) -> Result<Filter> {
        let mut parts = Vec::with_capacity(group.parts.len());
        for part in &group.parts {
            let filter = match part {
                Part::Group(inner) => self.group(inner, place, at)?,
                Part::Condition(condition) => self.condition(condition, place, at.outermost)?,
                Part::Link(link) => self.partner(link, place, at.framed)?,
            };
            // A filter without conditions says nothing.
            if !filter.is_everything() {
                parts.push(filter);
            }
        }
        Ok(match (parts.len(), group.any) {
            (0, _) => Filter::everything(),
            (1, _) => parts.swap_remove(0),
            (_, true) => Filter::Any(parts),
            (_, false) => Filter::All(parts),
        })
    }

    fn condition(&self, asked: &ast::Condition, place: &Place<'m>, outermost: bool) -> Result<Filter> {
        let place = match asked.entity.as_deref().filter(|name| !name.is_empty()) {
            None => place.clone(),
            Some(name) if outermost => self.named(name)?,
            Some(_) => {
                return Err(wrong("entityname is possible in the filter of the entity itself only"));
            }
        };
        let column = place.column(&asked.attribute)?;
        let other = match &asked.other {
            None => None,
            Some(name) => Some(match name.split_once('.') {
                None => place.path(&place.column(name)?.name),
                Some((alias, name)) if outermost => {
                    let there = self.named(alias)?;
                    there.path(&there.column(name)?.name)
                }
                Some(_) => return Err(wrong("valueof can name a link-entity in the filter of the entity itself only")),
            }),
        };
        condition::translate(asked, place.path(&column.name), column, other)
    }
}

/// Every one holds.
pub(super) fn all(mut conditions: Vec<Filter>) -> Filter {
    conditions.retain(|condition| !condition.is_everything());
    if conditions.len() == 1 { conditions.swap_remove(0) } else { Filter::All(conditions) }
}

fn points_at(table: &Table, lookup: &str, target: &Table) -> bool {
    table.column(lookup).is_some_and(|column| {
        column.is_stored() && matches!(&column.kind, ColumnType::Lookup { targets } if targets.contains(&target.name))
    })
}

/// A link from the row to itself asks about the row: "not any" of it is how a filter is turned round.
fn is_self(link: &Link, table: &Table) -> bool {
    link.entity.name == table.name
        && link.from == table.primary_key
        && link.to == table.primary_key
        && link.entity.links.is_empty()
}

fn asks(group: &Group) -> bool {
    group.parts.iter().any(|part| match part {
        Part::Condition(_) => false,
        Part::Group(inner) => asks(inner),
        Part::Link(_) => true,
    })
}

fn bring_nothing(link: &Link) -> Result<()> {
    let entity = &link.entity;
    if entity.attributes.is_empty() && !entity.all && entity.orders.is_empty() {
        return Ok(());
    }
    Err(wrong(format!(
        "the link-entity of {} only asks whether there are rows; it can bring no columns and no order",
        entity.name
    )))
}
