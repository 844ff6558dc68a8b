//! Filters as SQL conditions.

use std::sync::Arc;

use model::{Condition, Filter, Operator, Related, Table, TableKind};
use sea_query::{Expr, ExprTrait, Func, Query as Sql};

use super::{
    compare::{Compared, compare, positive},
    source::{Compiler, Frame, column_of, named, stored_column},
    terms::match_terms,
};
use crate::{
    StoreError,
    dialect::{type_column, words},
    engine::Dialect,
};

/// Most conditions in one query: SQLite refuses deeper expressions, and nobody reads them.
const MOST_CONDITIONS: u32 = 500;

impl<'a> Compiler<'a> {
    /// The filter as a condition on the frame's table.
    pub fn condition(&mut self, frame: &mut Frame<'a>, filter: &Filter) -> Result<Expr, StoreError> {
        self.conditions += 1;
        if self.conditions > MOST_CONDITIONS {
            return Err(StoreError::BadQuery(format!(
                "the query has more than {MOST_CONDITIONS} conditions; compare with a list of values ('in') instead"
            )));
        }
        match filter {
            Filter::All(parts) => {
                let parts = self.conditions(frame, parts)?;
                Ok(parts.into_iter().reduce(ExprTrait::and).unwrap_or_else(|| Expr::cust("TRUE")))
            }
            Filter::Any(parts) => {
                let parts = self.conditions(frame, parts)?;
                Ok(parts.into_iter().reduce(ExprTrait::or).unwrap_or_else(|| Expr::cust("FALSE")))
            }
            Filter::Not(inner) => Ok(not(self.condition(frame, inner)?)),
            Filter::Related(related) => self.related(frame, related),
            Filter::Search(text) => self.search(frame, text),
            Filter::Condition(condition) => self.comparison(frame, condition),
        }
    }

    fn conditions(&mut self, frame: &mut Frame<'a>, parts: &[Filter]) -> Result<Vec<Expr>, StoreError> {
        parts.iter().map(|part| self.condition(frame, part)).collect()
    }

    fn comparison(&mut self, frame: &mut Frame<'a>, condition: &Condition) -> Result<Expr, StoreError> {
        if let Some(asked) = self.partner_asked_for(condition) {
            return self.partner(asked);
        }
        let left = self.resolve(frame, &condition.column)?;
        let (operator, negated) = positive(condition.operator);
        // No subquery or function needed, and the form an index serves.
        if condition.operator == Operator::NotNull {
            return Ok(left.value.is_not_null());
        }
        let found = if let Some(other) = &condition.other {
            let right = self.resolve(frame, other)?;
            Compared::columns(self, &left, operator, &right)?
        } else {
            compare(self, &left, operator, &condition.values)?
        };
        Ok(if negated { not(found) } else { found })
    }

    fn related(&mut self, frame: &mut Frame<'a>, related: &Related) -> Result<Expr, StoreError> {
        let table: &'a Arc<Table> = self.table(&related.table)?;
        let lookup = stored_column(table, &related.through)?;
        let (pointed, key) = self.pointed_at(frame, related)?;
        // What points at an activity points at its twin, which has the same key.
        let is_twin = pointed.kind == TableKind::Pointer;
        let is_activity = |name: &String| self.model.table(name).is_some_and(|table| table.kind == TableKind::Activity);
        let points_here =
            lookup.targets().contains(&pointed.name) || (is_twin && lookup.targets().iter().any(is_activity));
        if !points_here {
            return Err(StoreError::BadQuery(format!(
                "{}.{} does not point at {}",
                table.name, related.through, pointed.name
            )));
        }
        let mut inner = self.frame(table, frame.scoped);
        let condition = self.condition(&mut inner, &related.filter)?;
        let mut select = Sql::select();
        inner.put_into(&mut select, None);
        select.expr(Expr::cust("1"));
        select.and_where(column_of(&inner.alias, &related.through).eq(key));
        if lookup.is_polymorphic() && !is_twin {
            select.and_where(column_of(&inner.alias, &type_column(&related.through)).eq(pointed.name.as_str()));
        }
        if frame.scoped
            && let Some(rule) = self.rule(table, &inner.alias)?
        {
            select.and_where(rule);
        }
        select.and_where(condition);
        Ok(Expr::exists(select))
    }

    /// The table of the row that related rows point at, and its key.
    fn pointed_at(&mut self, frame: &mut Frame<'a>, related: &Related) -> Result<(&'a Arc<Table>, Expr), StoreError> {
        let Some(path) = &related.at else {
            return Ok((frame.table, column_of(&frame.alias, &frame.table.primary_key)));
        };
        let found = self.resolve(frame, path)?;
        if found.column.name != found.table.primary_key {
            return Err(StoreError::BadQuery(format!("{path} is not the primary key of {}", found.table.name)));
        }
        Ok((found.table, found.value))
    }

    /// Every word must begin a word of the row. A text without words finds every row, as an
    /// empty search box does.
    fn search(&mut self, frame: &Frame<'a>, text: &str) -> Result<Expr, StoreError> {
        if !frame.table.columns.values().any(|column| column.searchable) {
            return Err(StoreError::BadQuery(format!("table '{}' has no searchable columns", frame.table.name)));
        }
        let words = words(text);
        if words.is_empty() {
            return Ok(Expr::cust("TRUE"));
        }
        let index = crate::derived::search_table(frame.table);
        let mut select = Sql::select();
        let place = column_of(&frame.alias, "seq");
        Ok(match self.dialect {
            Dialect::Sqlite => {
                select.column(named("rowid")).from(named(&index)).and_where(
                    Expr::col(named(&index))
                        .binary(sea_query::BinOper::Custom("MATCH"), match_terms(frame.table, &words)),
                );
                place.in_subquery(select)
            }
            Dialect::Postgres => {
                let terms: Vec<String> = words.iter().map(|word| format!("'{word}':*")).collect();
                let wanted = Expr::val(terms.join(" & ")).cast_as("text").cast_as("tsquery");
                select
                    .column(named("seq"))
                    .from(named(&index))
                    .and_where(Expr::col(named("words")).binary(sea_query::BinOper::Custom("@@"), wanted));
                // As an array, which is made once and first. PostgreSQL cannot tell how many rows have the
                // words, and would rather go through all rows in the order asked for to look at each.
                let hits = Func::cust("ARRAY").arg(Expr::from(select));
                place.eq(Func::cust("ANY").arg(hits))
            }
        })
    }
}

/// True where the condition does not hold, also where it is unknown.
pub(super) fn not(condition: Expr) -> Expr {
    // A keyword, because PostgreSQL takes no brackets around it.
    condition.is_not(Expr::custom_keyword(named("TRUE")))
}
