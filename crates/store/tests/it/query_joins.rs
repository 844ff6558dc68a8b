//! Explicit joins: conditions, orders and groups that speak of them, and questions for a partner.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use crate::gadgets::*;
use crate::world::*;
use jiff::civil::Date;
use model::{Filter, Order, Value};
use proptest::test_runner::TestRunner;
use store::{Aggregate, AggregateFunction, DatePart, Grouping, Join, JoinKind, Query, Row};
use uuid::Uuid;

fn children(alias: &str, kind: JoinKind) -> Join {
    Join {
        alias: alias.to_owned(),
        table: GADGET.to_owned(),
        column: "parentid".to_owned(),
        parent: None,
        parent_column: KEY.to_owned(),
        kind,
        filter: Filter::everything(),
    }
}

/// Each row with its children.
fn families(rows: &[(Uuid, Row)]) -> BTreeMap<Uuid, Vec<&(Uuid, Row)>> {
    let mut families: BTreeMap<Uuid, Vec<&(Uuid, Row)>> = rows.iter().map(|(id, _)| (*id, Vec::new())).collect();
    for child in rows {
        if let Some(parent) = child.1.value("parentid").as_id() {
            families.entry(parent).or_default().push(child);
        }
    }
    families
}

fn is((_, row): &(Uuid, Row), color: i64) -> bool {
    row.value("color").as_whole() == Some(color)
}

fn count() -> Aggregate {
    Aggregate { function: AggregateFunction::Count, path: None, alias: "n".to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_orders_and_groups_speak_of_joined_rows() {
    let stores = stores().await;
    let rows = many(&mut TestRunner::default(), 80);
    stores.fill(&rows).await;
    let families = families(&rows);
    let expected: BTreeSet<(Uuid, Uuid)> = families
        .iter()
        .flat_map(|(id, children)| children.iter().map(move |child| (*id, *child)))
        .filter(|(_, child)| is(child, 1))
        .map(|(id, child)| (id, child.0))
        .collect();
    let mut by_color: BTreeMap<Option<i64>, i64> = BTreeMap::new();
    for child in families.values().flatten() {
        *by_color.entry(child.1.value("color").as_whole()).or_default() += 1;
    }
    let by_color: Vec<Vec<Value>> = by_color.into_iter().map(|(color, n)| vec![color.into(), n.into()]).collect();
    for store in stores.both() {
        let mut query = gadgets();
        query.joins.push(children("c", JoinKind::Inner));
        query = query
            .select([Join::path("c", KEY), Join::path("c", "amount")])
            .matching(Filter::eq(Join::path("c", "color"), 1))
            .order_by(Order::descending(Join::path("c", "amount")));
        let found = rows_of(store, query.clone()).await.unwrap();
        let pairs = found.rows.iter().map(|row| (row[0].as_id().unwrap(), row[1].as_id().unwrap())).collect();
        assert_eq!(expected, pairs);
        let amounts: Vec<Option<i64>> = found.rows.iter().map(|row| row[2].as_whole()).collect();
        assert!(amounts.is_sorted_by(|a, b| a >= b), "{amounts:?}");
        // Page by page the same.
        let (mut paged, mut page) = (Vec::new(), query.take(7));
        loop {
            let found = rows_of(store, page.clone()).await.unwrap();
            paged.extend(found.rows);
            let Some(next) = found.next else { break };
            page.page.cursor = Some(next);
        }
        assert_eq!(paged, found.rows);

        let mut groups = gadgets();
        groups.joins.push(children("c", JoinKind::Inner));
        groups.group_by = vec![Grouping { path: Join::path("c", "color"), part: None, alias: "color".to_owned() }];
        groups.aggregates = vec![count()];
        assert_eq!(rows_of(store, groups).await.unwrap().rows, by_color);
    }
}

/// What is asked of the children of a row.
type Judge<'a> = dyn Fn(&[&(Uuid, Row)]) -> bool + 'a;

#[tokio::test(flavor = "multi_thread")]
async fn a_row_is_found_once_by_whether_it_has_partners() {
    let stores = stores().await;
    let rows = many(&mut TestRunner::default(), 80);
    stores.fill(&rows).await;
    let families = families(&rows);
    let with = |test: &Judge<'_>| -> BTreeSet<Uuid> {
        families.iter().filter(|(_, children)| test(children)).map(|(id, _)| *id).collect()
    };
    for store in stores.both() {
        let asked = async |joins: Vec<Join>, filter: Filter| -> BTreeSet<Uuid> {
            let mut query = gadgets().matching(filter);
            query.joins = joins;
            query.page.count = true;
            let found = rows_of(store, query).await.unwrap();
            assert_eq!(found.total, Some(found.rows.len() as u64));
            found.rows.iter().map(|row| row[0].as_id().unwrap()).collect()
        };
        let mut red = children("red", JoinKind::Any);
        red.filter = Filter::eq("color", 1);
        let has = red.has_partner();
        let found = asked(vec![red.clone()], has.clone()).await;
        assert_eq!(found, with(&|children| children.iter().any(|child| is(child, 1))));
        assert!(!found.is_empty() && found.len() < rows.len());
        let found = asked(vec![red.clone()], Filter::Not(Box::new(has.clone()))).await;
        assert_eq!(found, with(&|children| !children.iter().any(|child| is(child, 1))));
        // A partner that has a partner, joined inside of the question.
        let mut grandchild = children("grandchild", JoinKind::Inner);
        grandchild.parent = Some("red".to_owned());
        let found = asked(vec![red.clone(), grandchild], has.clone()).await;
        let has_children = |child: &(Uuid, Row)| !families[&child.0].is_empty();
        assert_eq!(found, with(&|children| children.iter().any(|child| is(child, 1) && has_children(child))));
        // A question in the filter of a join.
        let mut outer = children("c", JoinKind::Inner);
        let mut inner = children("inner", JoinKind::Any);
        inner.parent = Some("c".to_owned());
        outer.filter = inner.has_partner();
        let mut query = gadgets();
        query.joins = vec![outer, inner];
        let found = rows_of(store, query).await.unwrap().rows.len();
        assert_eq!(found, families.values().flatten().filter(|child| has_children(child)).count());
        // Names that nothing bears are refused.
        let query = gadgets().matching(Filter::eq(Join::path("nobody", "color"), 1));
        assert!(rows_of(store, query).await.unwrap_err().to_string().contains("'nobody'"));
    }
}

/// Weeks from Sunday to Saturday, the first with January 1st in it.
fn week(day: Date) -> i64 {
    let new_year = day.first_of_year().weekday().to_sunday_zero_offset();
    (i64::from(day.day_of_year()) - 1 + i64::from(new_year)) / 7 + 1
}

type NumberOfDay = fn(Date) -> i64;

#[tokio::test(flavor = "multi_thread")]
async fn parts_of_dates_are_numbers_whatever_the_year() {
    let stores = stores().await;
    let rows = many(&mut TestRunner::default(), 120);
    stores.fill(&rows).await;
    let parts: [(DatePart, NumberOfDay); 4] = [
        (DatePart::DayOfMonth, |day| day.day().into()),
        (DatePart::WeekOfYear, week),
        (DatePart::MonthOfYear, |day| day.month().into()),
        (DatePart::QuarterOfYear, |day| i64::from(day.month() - 1) / 3 + 1),
    ];
    for (part, number) in parts {
        for column in ["due", "seen"] {
            let day_of = |row: &Row| match row.value(column) {
                Value::Date(day) => Some(*day),
                Value::DateTime(moment) => Some(moment.to_zoned_datetime(berlin().time_zone).date()),
                _ => None,
            };
            let mut expected: BTreeMap<Option<i64>, i64> = BTreeMap::new();
            for (_, row) in &rows {
                *expected.entry(day_of(row).map(number)).or_default() += 1;
            }
            let expected: Vec<Vec<Value>> = expected.into_iter().map(|(part, n)| vec![part.into(), n.into()]).collect();
            for store in stores.both() {
                let mut query = Query::of(GADGET, Arc::default(), berlin().into()).take(5000);
                query.group_by = vec![Grouping { path: column.into(), part: Some(part), alias: "part".to_owned() }];
                query.aggregates = vec![count()];
                assert_eq!(rows_of(store, query).await.unwrap().rows, expected, "{part:?} of {column}");
            }
        }
    }
}
