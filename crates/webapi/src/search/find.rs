//! The rows that hold what is searched for: one query a table, all on one snapshot.

use std::{borrow::Cow, cmp::Ordering};

use crm::{
    App, Caller, Page, Query, Row, Rows,
    highlight::{highlighted, plain_text, search_words},
};
use model::{Column, ColumnType, Filter, Model, Table};

use super::{
    MARKS,
    ask::{Asked, Entity},
    order::{self, Key},
};
use crate::{
    error::Result,
    odata::{QueryOptions, encode},
    translate::{SelectPlan, known_table, plan_select, translate_filter},
};

/// A row found, with how well it fits.
pub(super) struct Hit<'m> {
    pub table: &'m Table,
    pub columns: Vec<&'m Column>,
    pub row: Row,
    pub score: u8,
    keys: Vec<model::Value>,
}

impl Hit<'_> {
    /// The texts of the row with the words marked in which they stand, by column.
    pub fn highlights(&self, words: &str) -> Vec<(String, String)> {
        let words = search_words(words);
        let searched = self.table.columns.values().filter(|column| column.searchable);
        let marked = searched.filter_map(|column| {
            let text = highlighted(&words_of(&self.row, column), &words, MARKS)?;
            Some((column.name.clone(), text))
        });
        marked.collect()
    }
}

/// The text of a column as people read it: of formatted text the words.
pub(super) fn words_of<'r>(row: &'r Row, column: &Column) -> Cow<'r, str> {
    let text = row.text(&column.name);
    match column.value_type() {
        ColumnType::RichText { .. } => Cow::Owned(plain_text(text)),
        _ => Cow::Borrowed(text),
    }
}

/// The rows and how many there are of them, where that is asked.
pub(super) struct Found<'m> {
    pub hits: Vec<Hit<'m>>,
    pub total: Option<u64>,
}

/// The `top` rows that fit best behind the first `skip`; with an order the first by that.
pub(super) async fn find<'m>(
    app: &App,
    caller: &Caller,
    model: &'m Model,
    asked: &Asked,
    (skip, top): (usize, usize),
) -> Result<Found<'m>> {
    let count = asked.count.unwrap_or_default();
    let mut plans = Vec::new();
    let mut queries = Vec::new();
    for entity in asked.entities(model)? {
        let (plan, keys, query) = look_into(app, caller, model, asked, &entity)?;
        let page = Page { size: u32::try_from(skip + top).unwrap_or(1).max(1), count, ..query.page };
        queries.push(Query { page, ..query });
        plans.push((plan, keys));
    }
    let orders: Vec<Key> = plans.first().map(|(_, keys)| keys.clone()).unwrap_or_default();
    let found = app.queries(caller, queries).await?;
    let mut hits: Vec<Hit<'m>> = plans
        .into_iter()
        .zip(&found)
        .flat_map(|((plan, keys), rows)| hits(&plan, &keys, rows, asked.words()))
        .collect();
    let by_score = asked.order()?.0;
    hits.sort_by(|one, other| {
        let fits = if by_score { other.score.cmp(&one.score) } else { Ordering::Equal };
        fits.then_with(|| order::compare(&orders, &one.keys, &other.keys))
    });
    let total = count.then(|| found.iter().filter_map(|rows| rows.total).sum());
    Ok(Found { hits: hits.into_iter().skip(skip).take(top).collect(), total })
}

fn look_into<'m>(
    app: &App,
    caller: &Caller,
    model: &'m Model,
    asked: &Asked,
    entity: &Entity,
) -> Result<(SelectPlan<'m>, Vec<Key>, Query)> {
    let table = known_table(model, &entity.name)?;
    let named = [table.primary_name.clone()];
    let plan = plan_select(table, Some(entity.select_columns.as_deref().unwrap_or(&named)))?;
    let keys = order::keys(table, &asked.order()?.1)?;
    let shown = plan.columns.iter().map(|column| column.name.as_str());
    let searched = table.columns.values().filter(|column| column.searchable && column.is_stored());
    let also = searched.map(|column| column.name.as_str()).chain(keys.iter().map(|key| key.column.as_str()));
    let mut names: Vec<&str> = vec![table.primary_key.as_str(), table.primary_name.as_str()];
    for name in shown.chain(also) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let mut query =
        app.new_summing_up(caller, &table.name).select(names).matching(Filter::Search(asked.words().to_owned()));
    for filter in [asked.filter(), entity.filter.as_deref()].into_iter().flatten() {
        let options = QueryOptions::parse(&format!("$filter={}", encode(filter)))?;
        if let Some(expression) = options.filter()? {
            query = query.matching(translate_filter(model, table, &expression)?);
        }
    }
    for key in &keys {
        query = query.order_by(key.order());
    }
    Ok((plan, keys, query))
}

fn hits<'m>(plan: &SelectPlan<'m>, keys: &[Key], rows: &Rows, words: &str) -> Vec<Hit<'m>> {
    rows.to_rows()
        .map(|row| Hit {
            table: plan.table,
            columns: plan.columns.clone(),
            score: score(row.text(&plan.table.primary_name), words),
            keys: keys.iter().map(|key| row.value(&key.column).clone()).collect(),
            row,
        })
        .collect()
}

/// 3 for a name that is what was searched for, 2 where it begins so, 1 where the words are elsewhere.
fn score(name: &str, words: &str) -> u8 {
    let (name, words) = (name.to_lowercase(), words.to_lowercase());
    match name.strip_prefix(&words) {
        Some("") => 3,
        Some(_) => 2,
        None => 1,
    }
}
