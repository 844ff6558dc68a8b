//! What a query means over the model: columns, joins, filter, order or groups.

use std::collections::HashSet;

use crm::{Aggregate, Grouping, Join, Output, Query, Ranking};
use model::{Column, ColumnType, Filter, Model, Order, Table};

use super::{
    ast::{self, Attribute, Entity, Fetch},
    groups, limits,
    links::{Links, Place},
    ranking, wrong,
};
use crate::{error::Result, translate::wire_name};

/// What a query means.
#[derive(Debug, Default)]
pub struct Plan<'m> {
    pub(super) columns: Vec<Output>,
    pub(super) joins: Vec<Join>,
    pub(super) filter: Filter,
    pub(super) order: Vec<Order>,
    pub(super) rankings: Vec<Ranking>,
    pub(super) group_by: Vec<Grouping>,
    pub(super) aggregates: Vec<Aggregate>,
    distinct: bool,
    /// What the answer shows, in this order.
    pub shown: Vec<Shown<'m>>,
    /// Where the row's version stands.
    pub version: Option<usize>,
}

/// A value that the answer shows.
#[derive(Debug)]
pub struct Shown<'m> {
    /// Its name.
    pub name: String,
    /// The table whose column it is.
    pub table: &'m Table,
    /// The column whose type it has; none for counts.
    pub column: Option<&'m Column>,
    /// Where it stands in the result.
    pub position: usize,
    /// Where its currency stands.
    pub currency: Option<usize>,
    /// It is a number of its own; where it is the first day of a year, that year's.
    pub is_number: bool,
}

impl Plan<'_> {
    /// The query of this plan, for rows that also satisfy `query`'s own filter.
    pub fn query(&self, mut query: Query) -> Query {
        query.columns.clone_from(&self.columns);
        query.joins.clone_from(&self.joins);
        query.order.clone_from(&self.order);
        query.rankings.clone_from(&self.rankings);
        query.group_by.clone_from(&self.group_by);
        query.aggregates.clone_from(&self.aggregates);
        query.distinct = self.distinct;
        query.matching(self.filter.clone())
    }

    /// The whole of the query as a condition on its table's rows; none where it takes joins.
    pub fn condition(&self) -> Option<&Filter> {
        self.joins.is_empty().then_some(&self.filter)
    }

    /// Refuses to show more values than an answer can hold.
    ///
    /// # Errors
    /// Where so many rows of these columns would be more.
    pub fn fits(&self, rows: u32) -> Result<()> {
        let columns = self.shown.len().max(1) as u64;
        if columns * u64::from(rows) <= limits::VALUES {
            return Ok(());
        }
        Err(wrong(format!(
            "{columns} columns of {rows} rows are too much for one answer; name the columns that you need, or ask for pages of at most {} rows (count)",
            limits::VALUES / columns
        )))
    }

    /// True where groups are shown instead of rows.
    pub fn is_grouped(&self) -> bool {
        !self.group_by.is_empty() || !self.aggregates.is_empty()
    }
}

/// What `fetch` means for rows of `table`.
pub fn plan<'m>(model: &'m Model, table: &'m Table, fetch: &Fetch) -> Result<Plan<'m>> {
    if fetch.entity.name != table.name {
        return Err(wrong(format!(
            "the entity '{}' is not that of the address, which is '{}' ({})",
            fetch.entity.name, table.name, table.set_name
        )));
    }
    let mut links = Links::new(model, table);
    let filter = links.follow(&fetch.entity)?;
    let mut plan = Plan { filter, distinct: fetch.distinct && !fetch.aggregate, ..Plan::default() };
    if fetch.aggregate {
        groups::put(&mut plan, &links, fetch)?;
        groups::put_order(&mut plan, &links, fetch)?;
    } else {
        plan.put_rows(&links, fetch)?;
        plan.put_order(&links, fetch)?;
    }
    ranking::refuse_too_many(&plan.rankings)?;
    plan.joins = links.joins;
    plan.check_names()?;
    Ok(plan)
}

impl<'m> Plan<'m> {
    /// Names tell values apart, and there are no more of them than make sense: every one is a copy in
    /// every row.
    fn check_names(&self) -> Result<()> {
        let mut names = HashSet::with_capacity(self.shown.len());
        if let Some(twice) = self.shown.iter().find(|shown| !names.insert(shown.name.as_str())) {
            return Err(wrong(format!("two columns bear the name '{}'; give one another alias", twice.name)));
        }
        if self.is_grouped() {
            if self.shown.len() > limits::GROUPED {
                return Err(wrong(format!("more than {} attributes of groups; leave some out", limits::GROUPED)));
            }
            return Ok(());
        }
        let mut times = vec![0_usize; self.columns.len()];
        for shown in &self.shown {
            times[shown.position] += 1;
            if times[shown.position] > limits::NAMES {
                return Err(wrong(format!(
                    "the column shown as '{}' is shown more than {} times; once is enough",
                    shown.name,
                    limits::NAMES
                )));
            }
        }
        Ok(())
    }

    fn put_rows(&mut self, links: &Links<'m, '_>, fetch: &Fetch) -> Result<()> {
        let root = &links.root;
        let all = fetch.entity.all || fetch.entity.attributes.is_empty();
        self.put_columns(&fetch.entity, all, root, wire_name)?;
        if !self.distinct {
            let key = &root.table.primary_key;
            if !self.shown.iter().any(|shown| shown.name == *key) {
                let column = root.column(key)?;
                self.show(key.clone(), root, column);
            }
            if root.table.columns.contains_key("versionnumber") {
                self.version = Some(self.fetch(root, "versionnumber"));
            }
        }
        for linked in &links.linked {
            let name = |column: &Column| format!("{}.{}", linked.name, column.name);
            self.put_columns(&linked.link.entity, linked.link.entity.all, &linked.place, name)?;
        }
        Ok(())
    }

    fn put_columns(
        &mut self,
        entity: &Entity,
        all: bool,
        place: &Place<'m>,
        name: impl Fn(&Column) -> String,
    ) -> Result<()> {
        let from = self.shown.len();
        for Attribute { name: asked, alias, .. } in &entity.attributes {
            let column = place.column(asked)?;
            if is_file(column) {
                return Err(wrong(format!("'{asked}' holds files; read it from the row itself")));
            }
            let name = alias.clone().unwrap_or_else(|| name(column));
            let known = alias.is_none() && self.shown.iter().any(|shown| shown.name == name);
            if !known {
                self.show(name, place, column);
            }
        }
        if all {
            for column in place.table.columns.values().filter(|column| column.is_stored() && !is_file(column)) {
                let name = name(column);
                if !self.shown.iter().any(|shown| shown.name == name) {
                    self.show(name, place, column);
                }
            }
        }
        self.put_currency(from, place);
        Ok(())
    }

    /// Money is read with the currency of its row. Among rows without repetitions that would tell
    /// rows apart that look alike.
    fn put_currency(&mut self, from: usize, place: &Place<'m>) {
        const CURRENCY: &str = "transactioncurrencyid";
        let has_money = self.shown[from..].iter().any(|shown| shown.column.is_some_and(Column::is_money));
        if self.distinct || !has_money || !place.table.columns.contains_key(CURRENCY) {
            return;
        }
        let position = self.fetch(place, CURRENCY);
        for shown in &mut self.shown[from..] {
            shown.currency = Some(position);
        }
    }

    fn show(&mut self, name: String, place: &Place<'m>, column: &'m Column) {
        let position = self.fetch(place, &column.name);
        self.shown.push(Shown {
            name,
            table: place.table,
            column: Some(column),
            position,
            currency: None,
            is_number: false,
        });
    }

    fn fetch(&mut self, place: &Place<'m>, column: &str) -> usize {
        let path = place.path(column);
        let known = self.columns.iter().position(|output| output.path == path);
        known.unwrap_or_else(|| {
            // A name of our own; the client's are given when the answer is written.
            let alias = Some(format!("c{}", self.columns.len()));
            self.columns.push(Output { path, alias, join: None });
            self.columns.len() - 1
        })
    }

    /// The query's order: that of its table, then that of its links, as they stand.
    fn put_order(&mut self, links: &Links<'m, '_>, fetch: &Fetch) -> Result<()> {
        let own = std::iter::once((&fetch.entity, &links.root));
        let theirs = links.linked.iter().map(|linked| (&linked.link.entity, &linked.place));
        for (entity, place) in own.chain(theirs) {
            for order in &entity.orders {
                let place = match &order.entity {
                    None => place.clone(),
                    Some(name) => links.named(name)?,
                };
                let column = ordered(entity, order, &place)?;
                // Rows without repetitions are sorted by what they show.
                let by_name =
                    (!fetch.raw_order && !fetch.distinct).then(|| links.name_behind(&place, column)).flatten();
                let path = by_name.unwrap_or_else(|| place.path(&column.name));
                if !fetch.raw_order {
                    self.rankings.extend(ranking::by_label(place.table, column, path.clone()));
                }
                self.order.push(Order { column: path, descending: order.descending });
            }
        }
        Ok(())
    }
}

/// The column that rows are sorted by.
fn ordered<'m>(entity: &Entity, order: &ast::Order, place: &Place<'m>) -> Result<&'m Column> {
    let column = match (&order.attribute, &order.alias) {
        (Some(name), _) => place.column(name)?,
        (None, Some(alias)) => {
            let by_alias = |attribute: &&Attribute| attribute.alias.as_ref() == Some(alias);
            let attribute = entity.attributes.iter().find(by_alias);
            let attribute = attribute.ok_or_else(|| wrong(format!("no attribute has the alias '{alias}'")))?;
            place.column(&attribute.name)?
        }
        (None, None) => return Err(wrong("<order> needs the attribute 'attribute' or 'alias'")),
    };
    if is_file(column) {
        return Err(wrong(format!("'{}' holds files, which have no order", column.name)));
    }
    Ok(column)
}

fn is_file(column: &Column) -> bool {
    matches!(column.kind, ColumnType::File { .. } | ColumnType::Image { .. })
}
