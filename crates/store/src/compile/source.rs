//! Which tables a statement reads: the root, and what paths through lookups lead to.

use std::sync::Arc;

use model::{Column, ColumnType, Model, Path, Step, Table};
use sea_query::{BinOper, CaseStatement, Expr, ExprTrait, Func, JoinType, Query as Sql, SelectStatement};

use super::{
    joins::Joins,
    literal::{Family, family},
};
use crate::{
    Join, Scope, StoreError, Zone,
    dialect::{TEXT_COLLATION, type_column},
    engine::{Dialect, quoted},
};

/// What is the same for all parts of one query.
pub(crate) struct Compiler<'a> {
    pub model: &'a Model,
    pub dialect: Dialect,
    pub zone: &'a Zone,
    pub scope: &'a Scope,
    aliases: u32,
    pub(super) conditions: u32,
    /// The query's joins and where they stand.
    pub(super) joins: Joins<'a>,
}

/// One SELECT and the tables it reads.
pub(crate) struct Frame<'a> {
    /// The table conditions speak of.
    pub table: &'a Arc<Table>,
    /// Its name in this statement.
    pub alias: String,
    /// Whether the rules of access are added to tables that paths lead to: not inside a rule.
    pub scoped: bool,
    /// Whether paths become joins of this statement, or subqueries (inside ON clauses).
    pub joining: bool,
    joins: Vec<Joined<'a>>,
}

struct Joined<'a> {
    parent: String,
    lookup: String,
    table: &'a Arc<Table>,
    alias: String,
    on: Expr,
}

/// A column found by a path.
#[derive(Clone)]
pub(crate) struct Resolved<'a> {
    /// The table it belongs to.
    pub table: &'a Arc<Table>,
    pub column: &'a Column,
    /// Its physical value.
    pub value: Expr,
    /// Of a polymorphic lookup, the table's name.
    pub target: Option<Expr>,
    /// The table's name in the statement; none where the value is a subquery, which carries no
    /// collation.
    alias: Option<String>,
}

impl<'a> Compiler<'a> {
    pub fn new(model: &'a Model, dialect: Dialect, scope: &'a Scope, zone: &'a Zone) -> Self {
        Self { model, dialect, zone, scope, aliases: 0, conditions: 0, joins: Joins::default() }
    }

    /// The table of this name.
    pub fn table(&self, name: &str) -> Result<&'a Arc<Table>, StoreError> {
        self.model.table(name).ok_or_else(|| StoreError::BadQuery(format!("there is no table '{name}'")))
    }

    /// A name for a table in a statement, unique in the query.
    pub fn alias(&mut self) -> String {
        self.aliases += 1;
        format!("t{}", self.aliases)
    }

    /// A statement over one table; paths become its joins.
    pub fn frame(&mut self, table: &'a Arc<Table>, scoped: bool) -> Frame<'a> {
        Frame { table, alias: self.alias(), scoped, joining: true, joins: Vec::new() }
    }

    /// The column a path leads to from the frame's own table.
    pub fn resolve(&mut self, frame: &mut Frame<'a>, path: &Path) -> Result<Resolved<'a>, StoreError> {
        let (table, alias) = (frame.table, frame.alias.clone());
        self.resolve_from(frame, table, alias, path)
    }

    /// The column a path leads to from a table that stands in the frame under `alias`.
    ///
    /// # Errors
    /// [`StoreError::SecuredColumn`] where its values may not be read: whatever is compared with
    /// them, or put in their order, would tell them.
    pub fn resolve_from(
        &mut self,
        frame: &mut Frame<'a>,
        table: &'a Arc<Table>,
        alias: String,
        path: &Path,
    ) -> Result<Resolved<'a>, StoreError> {
        let resolved = self.locate(frame, table, alias, path)?;
        if frame.scoped {
            self.refuse_hidden(resolved.table, resolved.column)?;
        }
        Ok(resolved)
    }

    /// As [`Self::resolve_from`], for what is only shown: a column that may not be read is null.
    pub fn resolve_shown(
        &mut self,
        frame: &mut Frame<'a>,
        table: &'a Arc<Table>,
        alias: String,
        path: &Path,
    ) -> Result<Resolved<'a>, StoreError> {
        let resolved = self.locate(frame, table, alias, path)?;
        let hidden = frame.scoped && !self.scope.shows(resolved.column);
        Ok(if hidden { resolved.concealed() } else { resolved })
    }

    /// Refuses to use a column whose values may not be read.
    pub fn refuse_hidden(&self, table: &Table, column: &Column) -> Result<(), StoreError> {
        if self.scope.shows(column) {
            return Ok(());
        }
        Err(StoreError::SecuredColumn {
            table: table.name.clone(),
            column: column.name.clone(),
            label: column.label.clone(),
        })
    }

    fn locate(
        &mut self,
        frame: &mut Frame<'a>,
        table: &'a Arc<Table>,
        alias: String,
        path: &Path,
    ) -> Result<Resolved<'a>, StoreError> {
        if let Some((join, rest)) = Join::split(path) {
            let (table, alias) = self.joins.named(join)?;
            return self.locate(frame, table, alias, &rest);
        }
        if !frame.joining && !path.is_own() {
            return self.subquery(frame.scoped, table, &alias, path);
        }
        let (mut table, mut alias) = (table, alias);
        for position in 0..path.steps.len() {
            let target = target_of(self.model, table, path, position)?;
            let step = &path.steps[position];
            alias = self.join(frame, table, &alias, step, target)?;
            table = target;
        }
        let column = stored_column(table, &path.column)?;
        Ok(Resolved {
            table,
            column,
            value: column_of(&alias, &column.name),
            target: column.is_polymorphic().then(|| column_of(&alias, &type_column(&column.name))),
            alias: Some(alias),
        })
    }

    fn join(
        &mut self,
        frame: &mut Frame<'a>,
        table: &'a Arc<Table>,
        parent: &str,
        step: &Step,
        target: &'a Arc<Table>,
    ) -> Result<String, StoreError> {
        let known = frame
            .joins
            .iter()
            .find(|join| join.parent == parent && join.lookup == step.lookup && join.table.name == target.name);
        if let Some(join) = known {
            return Ok(join.alias.clone());
        }
        let alias = self.alias();
        let mut on = points_at(table, parent, &step.lookup, target, &alias)?;
        if frame.scoped
            && let Some(rule) = self.rule(target, &alias)?
        {
            on = on.and(rule);
        }
        frame.joins.push(Joined {
            parent: parent.to_owned(),
            lookup: step.lookup.clone(),
            table: target,
            alias: alias.clone(),
            on,
        });
        Ok(alias)
    }

    /// The value at the end of a path as a subquery; null where the related row may not be seen.
    fn subquery(
        &mut self,
        scoped: bool,
        table: &'a Arc<Table>,
        alias: &str,
        path: &Path,
    ) -> Result<Resolved<'a>, StoreError> {
        let target = target_of(self.model, table, path, 0)?;
        let inner_path = Path { steps: path.steps[1..].to_vec(), column: path.column.clone() };
        let mut inner = self.frame(target, scoped);
        let resolved = self.resolve(&mut inner, &inner_path)?;
        let mut select = Sql::select();
        inner.put_into(&mut select, None);
        select.and_where(points_at(table, alias, &path.steps[0].lookup, target, &inner.alias)?);
        if scoped && let Some(rule) = self.rule(target, &inner.alias)? {
            select.and_where(rule);
        }
        let of = |expression: Expr| scalar(select.clone().expr(expression).take());
        Ok(Resolved { value: of(resolved.value), target: resolved.target.map(of), alias: None, ..resolved })
    }

    /// The rule of access of a table that stands in a statement under `alias`.
    pub fn rule(&mut self, table: &'a Arc<Table>, alias: &str) -> Result<Option<Expr>, StoreError> {
        let scope: &'a Scope = self.scope;
        if scope.hides(&table.name) {
            return Ok(Some(Expr::cust("FALSE")));
        }
        let mut rule = None;
        if let Some(filter) = scope.rules.get(&table.name).filter(|filter| !filter.is_everything()) {
            let mut frame = Frame::in_on_clause(table, alias, false);
            rule = Some(self.condition(&mut frame, filter)?);
        }
        for lookup in scope.follows.get(&table.name).into_iter().flatten() {
            let followed = self.followed(table, alias, lookup)?;
            rule = Some(match rule {
                None => followed,
                Some(rule) => rule.and(followed),
            });
        }
        Ok(rule)
    }

    /// True where the row that `alias.lookup` points at may be seen.
    fn followed(&mut self, table: &'a Arc<Table>, alias: &str, lookup: &str) -> Result<Expr, StoreError> {
        let column = stored_column(table, lookup)?;
        let mut seen: Option<Expr> = None;
        for target in column.targets() {
            let target = self.table(target)?;
            let inner = self.alias();
            let seen_here = match self.rule(target, &inner)? {
                None if column.is_polymorphic() => column_of(alias, &type_column(lookup)).eq(target.name.as_str()),
                None => column_of(alias, lookup).is_not_null(),
                Some(rule) => {
                    let mut select = Sql::select();
                    select
                        .expr(Expr::cust("1"))
                        .from_as(named(&target.name), named(&inner))
                        .and_where(points_at(table, alias, lookup, target, &inner)?)
                        .and_where(rule);
                    Expr::exists(select)
                }
            };
            seen = Some(match seen {
                None => seen_here,
                Some(seen) => seen.or(seen_here),
            });
        }
        Ok(seen.unwrap_or_else(|| Expr::cust("FALSE")))
    }

    /// The expression by which a column is compared, sorted and grouped.
    pub fn comparable(&self, resolved: &Resolved<'_>) -> Expr {
        let value = resolved.value.clone();
        match (family(resolved.column), self.dialect) {
            (Family::Text, Dialect::Postgres) => collated(Func::lower(value).into(), "\"C\""),
            (Family::Text, Dialect::Sqlite) if resolved.alias.is_none() => collated(value, TEXT_COLLATION),
            (Family::MultiChoice, Dialect::Postgres) => collated(value, "\"C\""),
            _ => value,
        }
    }
}

impl Compiler<'_> {
    /// A text compared letter by letter.
    pub fn exact_text(&self, resolved: &Resolved<'_>) -> Expr {
        let collation = match self.dialect {
            Dialect::Sqlite => "BINARY",
            Dialect::Postgres => "\"C\"",
        };
        collated(resolved.value.clone(), collation)
    }
}

impl Resolved<'_> {
    /// The same without its values: null, of the column's type.
    fn concealed(self) -> Self {
        let never = |value: Expr| Expr::Case(Box::new(CaseStatement::new().case(Expr::cust("FALSE"), value)));
        Self { value: never(self.value), target: self.target.map(never), alias: None, ..self }
    }

    /// The column as text of a statement, for what the builder cannot say.
    pub fn spelt(&self) -> Option<String> {
        self.alias.as_ref().map(|alias| format!("{}.{}", quoted(alias), quoted(&self.column.name)))
    }

    /// Another column of the same row; none where the value is a subquery.
    pub fn beside(&self, column: &str) -> Option<Expr> {
        self.alias.as_ref().map(|alias| column_of(alias, column))
    }
}

impl<'a> Frame<'a> {
    /// A frame for conditions that stand in an ON clause: paths become subqueries.
    pub fn in_on_clause(table: &'a Arc<Table>, alias: &str, scoped: bool) -> Self {
        Self { table, alias: alias.to_owned(), scoped, joining: false, joins: Vec::new() }
    }

    /// Writes FROM and the joins; the table of another name instead of the frame's own where
    /// `stand_in` says so.
    pub fn put_into(&self, select: &mut SelectStatement, stand_in: Option<&str>) {
        self.put_root_into(select, stand_in);
        self.put_joins_into(select);
    }

    /// Writes FROM only.
    pub fn put_root_into(&self, select: &mut SelectStatement, stand_in: Option<&str>) {
        select.from_as(named(stand_in.unwrap_or(&self.table.name)), named(&self.alias));
    }

    /// Writes the joins that paths need.
    pub fn put_joins_into(&self, select: &mut SelectStatement) {
        for join in &self.joins {
            select.join_as(JoinType::LeftJoin, named(&join.table.name), named(&join.alias), join.on.clone());
        }
    }
}

/// `alias.column`.
pub(crate) fn column_of(alias: &str, column: &str) -> Expr {
    Expr::col((named(alias), named(column)))
}

/// A name from the model as an identifier.
pub(crate) fn named(name: &str) -> sea_query::Alias {
    sea_query::Alias::new(name)
}

/// A subquery of one row and one column.
pub(crate) fn scalar(select: SelectStatement) -> Expr {
    Expr::SubQuery(None, Box::new(select.into()))
}

/// `expression COLLATE collation`; the collation is a name known in code.
pub(crate) fn collated(expression: Expr, collation: &'static str) -> Expr {
    // A keyword, because the builder would put anything else into brackets.
    expression.binary(BinOper::Custom("COLLATE"), Expr::custom_keyword(named(collation)))
}

/// The column of this name, which must have a physical column.
pub(crate) fn stored_column<'a>(table: &'a Table, name: &str) -> Result<&'a Column, StoreError> {
    let column = table
        .column(name)
        .ok_or_else(|| StoreError::BadQuery(format!("table '{}' has no column '{name}'", table.name)))?;
    if column.is_stored() {
        Ok(column)
    } else {
        Err(StoreError::BadQuery(format!(
            "column '{name}' of '{}' is a list of parties; ask for rows of activityparty instead",
            table.name
        )))
    }
}

/// `alias` (of `target`) is the row that `parent.lookup` points at.
fn points_at(table: &Table, parent: &str, lookup: &str, target: &Table, alias: &str) -> Result<Expr, StoreError> {
    let column = stored_column(table, lookup)?;
    let mut on = column_of(alias, &target.primary_key).eq(column_of(parent, lookup));
    if column.is_polymorphic() {
        on = on.and(column_of(parent, &type_column(lookup)).eq(target.name.as_str()));
    }
    Ok(on)
}

/// The table that a step of the path leads to.
fn target_of<'a>(model: &'a Model, table: &Table, path: &Path, position: usize) -> Result<&'a Arc<Table>, StoreError> {
    let step = &path.steps[position];
    let column = stored_column(table, &step.lookup)?;
    let ColumnType::Lookup { targets } = &column.kind else {
        return Err(StoreError::BadQuery(format!(
            "'{path}' follows {}.{}, which is not a lookup",
            table.name, step.lookup
        )));
    };
    let existing = |name: &String| model.table(name);
    if let Some(wanted) = &step.target {
        return targets.iter().find(|name| *name == wanted).and_then(existing).ok_or_else(|| {
            StoreError::BadQuery(format!(
                "'{path}': {} points at {}, not at {wanted}",
                step.lookup,
                targets.join(" or ")
            ))
        });
    }
    let next = path.steps.get(position + 1).map_or(path.column.as_str(), |step| step.lookup.as_str());
    let mut fitting =
        targets.iter().filter_map(existing).filter(|target| targets.len() == 1 || target.column(next).is_some());
    match (fitting.next(), fitting.next()) {
        (Some(target), None) => Ok(target),
        (None, _) => {
            Err(StoreError::BadQuery(format!("'{path}': none of {} has a column '{next}'", targets.join(", "))))
        }
        (Some(first), Some(_)) => Err(StoreError::BadQuery(format!(
            "'{path}' may lead to {}; write {}({}).{next}",
            targets.join(" or "),
            step.lookup,
            first.name
        ))),
    }
}
