//! Rows found by their words, those entered last first, straight from the search index.
//!
//! The index keeps its hits in the order in which rows were entered. Read in that order, a page
//! costs the same however many rows have the words; in any other order all of them must be
//! fetched and sorted first.

use model::Filter;
use sea_query::{BinOper, Expr, ExprTrait, JoinType, SelectStatement};

use super::{
    keyset::Key,
    source::{Frame, column_of, named},
    terms::match_terms,
};
use crate::{Query, derived::search_table, dialect::words, engine::Dialect, rows::VERSION};

/// The search index's name in the statement.
const INDEX: &str = "found";

/// What is searched for.
pub(super) struct Arrivals {
    words: Vec<String>,
    /// The query's filter without the search.
    rest: Filter,
}

impl Arrivals {
    /// A search in no order of its own; it is answered in the order of arrival.
    pub fn of(query: &Query) -> Option<Self> {
        if !query.order.is_empty() || !query.joins.is_empty() || query.distinct {
            return None;
        }
        let parts = match &query.filter {
            Filter::All(parts) => parts.as_slice(),
            single => std::slice::from_ref(single),
        };
        let position = parts.iter().position(|part| matches!(part, Filter::Search(_)))?;
        let Filter::Search(text) = &parts[position] else { return None };
        let words = words(text);
        let rest = parts.iter().enumerate().filter(|(other, _)| *other != position).map(|(_, part)| part.clone());
        (!words.is_empty()).then(|| Self { words, rest: Filter::All(rest.collect()) })
    }

    /// The filter that is still to be applied. PostgreSQL finds by the filter itself.
    pub fn rest<'q>(&'q self, dialect: Dialect, query: &'q Query) -> &'q Filter {
        match dialect {
            Dialect::Sqlite => &self.rest,
            Dialect::Postgres => &query.filter,
        }
    }

    /// Writes FROM: the index first, its hits' rows after it.
    pub fn put_root_into(&self, dialect: Dialect, frame: &Frame<'_>, select: &mut SelectStatement) {
        if dialect == Dialect::Postgres {
            frame.put_root_into(select, None);
            return;
        }
        let index = search_table(frame.table);
        let is_row = column_of(&frame.alias, "seq").eq(column_of(INDEX, "rowid"));
        let has_words =
            column_of(INDEX, &index).binary(BinOper::Custom("MATCH"), match_terms(frame.table, &self.words));
        select
            .from_as(named(&index), named(INDEX))
            // A cross join, because SQLite keeps to its order. The builder writes none of its conditions.
            .join_as(JoinType::CrossJoin, named(&frame.table.name), named(&frame.alias), Expr::cust("TRUE"))
            .and_where(is_row)
            .and_where(has_words);
    }

    /// The key of the order.
    pub fn key<'a>(dialect: Dialect, frame: &Frame<'a>) -> Option<Key<'a>> {
        let expression: Expr = match dialect {
            Dialect::Sqlite => column_of(INDEX, "rowid"),
            Dialect::Postgres => column_of(&frame.alias, "seq"),
        };
        Some(Key {
            expression,
            // Of the same type: a whole number that is always there.
            column: frame.table.column(VERSION)?,
            descending: true,
            never_null: true,
            name: "seq".to_owned(),
            is_target: false,
            ranked: None,
        })
    }
}
