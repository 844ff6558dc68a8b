//! The query's explicit joins: tables joined in, and tables that are only asked for a partner.

use std::{collections::HashMap, sync::Arc};

use model::{Column, Condition, Operator, Path, Table, TableKind};
use sea_query::{Expr, ExprTrait, JoinType, Query as Sql, SelectStatement};

use super::{
    literal::{Family, family},
    source::{Compiler, Frame, column_of, named, stored_column},
};
use crate::{Join, JoinKind, Query, StoreError, dialect::type_column};

/// A table and its name in the statement.
type Place<'a> = (&'a Arc<Table>, String);

/// A column with its table and that one's name in the statement.
type Side<'s> = (&'s Column, (&'s Arc<Table>, &'s str));

/// The joins of a query.
#[derive(Default)]
pub(crate) struct Joins<'a> {
    asked: &'a [Join],
    /// Where the query's own table stands.
    root: Option<Place<'a>>,
    /// Where those joined in so far stand, by alias.
    tables: HashMap<&'a str, Place<'a>>,
}

impl<'a> Joins<'a> {
    /// Where the table of this join stands; nothing where it is not in the statement.
    pub fn placed(&self, alias: &str) -> Option<Place<'a>> {
        self.tables.get(alias).cloned()
    }

    /// As [`Self::placed`], which must be so.
    pub fn named(&self, alias: &str) -> Result<Place<'a>, StoreError> {
        self.placed(alias)
            .ok_or_else(|| StoreError::BadQuery(format!("the query joins no table under the name '{alias}'")))
    }

    fn parent_of(&self, join: &Join) -> Result<Place<'a>, StoreError> {
        match (&join.parent, &self.root) {
            (Some(alias), _) => self.named(alias),
            (None, Some(root)) => Ok(root.clone()),
            (None, None) => Err(StoreError::BadQuery(format!("the join '{}' hangs on nothing", join.alias))),
        }
    }

    fn find(&self, alias: &str) -> Option<&'a Join> {
        self.asked.iter().find(|join| join.alias == alias)
    }

    /// The join without rows here that this one belongs to, if any.
    fn asked_within(&self, join: &'a Join) -> Option<&'a Join> {
        let mut at = join;
        // Parents stand first, so no way is longer than the list.
        for _ in 0..self.asked.len() {
            at = self.find(at.parent.as_deref()?)?;
            if at.kind == JoinKind::Any {
                return Some(at);
            }
        }
        None
    }
}

impl<'a> Compiler<'a> {
    /// Writes the query's explicit joins.
    pub fn put_joins(
        &mut self,
        frame: &Frame<'a>,
        query: &'a Query,
        select: &mut SelectStatement,
    ) -> Result<(), StoreError> {
        let root = Some((frame.table, frame.alias.clone()));
        self.joins = Joins { asked: &query.joins, root, tables: HashMap::new() };
        for (position, join) in query.joins.iter().enumerate() {
            if query.joins[..position].iter().any(|other| other.alias == join.alias) {
                return Err(StoreError::BadQuery(format!("two joins bear the name '{}'", join.alias)));
            }
        }
        self.put_joins_of(None, select)
    }

    /// Writes the joins that belong to the statement itself, or to the one that asks for a partner.
    fn put_joins_of(&mut self, asking: Option<&str>, select: &mut SelectStatement) -> Result<(), StoreError> {
        for join in self.joins.asked {
            let within = self.joins.asked_within(join).map(|outer| outer.alias.as_str());
            let kind = match join.kind {
                JoinKind::Inner => JoinType::InnerJoin,
                JoinKind::Outer => JoinType::LeftJoin,
                JoinKind::Any => continue,
            };
            if within == asking {
                let (table, alias) = (self.table(&join.table)?, self.alias());
                let on = self.joined_on(join, (table, &alias))?;
                // Its filter may ask for partners of its own rows.
                self.joins.tables.insert(&join.alias, (table, alias.clone()));
                let on = self.and_its_filter(join, (table, &alias), on)?;
                select.join_as(kind, named(&table.name), named(&alias), on);
            }
        }
        Ok(())
    }

    /// The join whose partner a condition asks for.
    pub fn partner_asked_for(&self, condition: &Condition) -> Option<&'a Join> {
        let (alias, _) = Join::split(&condition.column).filter(|_| condition.operator == Operator::NotNull)?;
        // Where it stands in the statement (inside of itself), it is a column like others.
        self.joins.find(alias).filter(|join| join.kind == JoinKind::Any && self.joins.placed(alias).is_none())
    }

    /// True where the join has a partner.
    pub fn partner(&mut self, join: &'a Join) -> Result<Expr, StoreError> {
        let (table, alias) = (self.table(&join.table)?, self.alias());
        let on = self.joined_on(join, (table, &alias))?;
        let mut select = Sql::select();
        select.expr(Expr::cust("1")).from_as(named(&table.name), named(&alias));
        let outside = self.joins.tables.clone();
        self.joins.tables.insert(&join.alias, (table, alias.clone()));
        self.put_joins_of(Some(&join.alias), &mut select)?;
        let on = self.and_its_filter(join, (table, &alias), on)?;
        self.joins.tables = outside;
        select.and_where(on);
        Ok(Expr::exists(select))
    }

    /// That a row of the joined table, which stands there under this alias, is a partner and may be
    /// seen; its filter not yet.
    fn joined_on(&mut self, join: &Join, joined: (&'a Arc<Table>, &str)) -> Result<Expr, StoreError> {
        let (parent_table, parent_alias) = self.joins.parent_of(join)?;
        let parent = (parent_table, parent_alias.as_str());
        let left = stored_column(joined.0, &join.column)?;
        let right = stored_column(parent.0, &join.parent_column)?;
        let alike = match (family(left), family(right)) {
            (Family::Number(a), Family::Number(b)) => a == b,
            (a, b) => a == b,
        };
        if !alike {
            return Err(StoreError::BadQuery(format!(
                "{}.{} and {}.{} are of different types and cannot be joined",
                joined.0.name, join.column, parent.0.name, join.parent_column
            )));
        }
        let mut on = self.side(joined, &join.column)?.eq(self.side(parent, &join.parent_column)?);
        if let Some(same_table) = self.same_table((left, joined), (right, parent)) {
            on = on.and(same_table);
        }
        if let Some(rule) = self.rule(joined.0, joined.1)? {
            on = on.and(rule);
        }
        Ok(on)
    }

    /// That two columns which may hold keys of several tables hold one of the same.
    fn same_table(&self, left: Side<'_>, right: Side<'_>) -> Option<Expr> {
        let kind = |(column, (_, alias)): Side<'_>| column_of(alias, &type_column(&column.name));
        match (left.0.is_polymorphic(), right.0.is_polymorphic()) {
            (false, false) => None,
            (true, true) => Some(kind(left).eq(kind(right))),
            (true, false) => self.only_table(right).map(|table| kind(left).eq(table)),
            (false, true) => self.only_table(left).map(|table| kind(right).eq(table)),
        }
    }

    /// The table whose keys a column holds; none where they may be those of several. The twin of an
    /// activity has the key of the activity, whichever its kind.
    fn only_table<'s>(&self, (column, (table, _)): Side<'s>) -> Option<&'s str> {
        let name = match column.targets() {
            [target] => target,
            _ if column.name == table.primary_key => &table.name,
            _ => return None,
        };
        let is_twin = self.model.table(name).is_some_and(|table| table.kind == TableKind::Pointer);
        (!is_twin).then_some(name.as_str())
    }

    fn side(&mut self, (table, alias): (&'a Arc<Table>, &str), column: &str) -> Result<Expr, StoreError> {
        let mut frame = Frame::in_on_clause(table, alias, true);
        let resolved = self.resolve(&mut frame, &Path::column(column))?;
        Ok(self.comparable(&resolved))
    }

    fn and_its_filter(
        &mut self,
        join: &Join,
        (table, alias): (&'a Arc<Table>, &str),
        on: Expr,
    ) -> Result<Expr, StoreError> {
        if join.filter.is_everything() {
            return Ok(on);
        }
        let mut frame = Frame::in_on_clause(table, alias, true);
        Ok(on.and(self.condition(&mut frame, &join.filter)?))
    }
}
