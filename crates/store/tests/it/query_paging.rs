//! Pages by key: walking through them sees every row once, in the order asked for.

use std::{cmp::Ordering, sync::Arc};

use crate::gadgets::*;
use crate::world::*;
use model::{Filter, Order, Value};
use proptest::{prelude::*, test_runner::TestRunner};
use store::{Cursor, Join, JoinKind, Output, Query, Ranking, Row, Scope, Store, StoreError};
use uuid::Uuid;

/// Nulls lowest, text without regard to case.
fn compared(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Less,
        (_, Value::Null) => Ordering::Greater,
        (Value::Text(a), Value::Text(b)) => a.to_lowercase().cmp(&b.to_lowercase()),
        (Value::Boolean(a), Value::Boolean(b)) => a.cmp(b),
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (Value::DateTime(a), Value::DateTime(b)) => a.cmp(b),
        (Value::Choices(a), Value::Choices(b)) => text_of(a).cmp(&text_of(b)),
        _ => match (a.as_decimal(), b.as_decimal()) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => a.as_id().cmp(&b.as_id()),
        },
    }
}

fn text_of(choices: &[i32]) -> String {
    format!(",{},", choices.iter().map(i32::to_string).collect::<Vec<_>>().join(","))
}

/// Places as a ranking gives them: nulls before all, what it does not know after all.
fn place_in(ranking: &Ranking, value: &Value) -> Value {
    let Some(number) = value.as_whole() else { return Value::Null };
    let place = ranking.places.iter().position(|numbers| numbers.contains(&number));
    Value::Whole(place.unwrap_or(ranking.places.len()) as i64)
}

fn sorted(rows: &[(Uuid, Row)], order: &[Order], rankings: &[Ranking]) -> Vec<Uuid> {
    let mut rows = rows.to_vec();
    let tie = order.last().is_some_and(|key| key.descending);
    rows.sort_by(|(a, left), (b, right)| {
        for key in order {
            let name = key.column.column.as_str();
            let (x, y) = if name == KEY {
                (Value::Id(*a), Value::Id(*b))
            } else {
                (left.value(name).clone(), right.value(name).clone())
            };
            let (x, y) = match rankings.iter().find(|ranking| ranking.column == key.column) {
                None => (x, y),
                Some(ranking) => (place_in(ranking, &x), place_in(ranking, &y)),
            };
            let found = compared(&x, &y);
            let found = if key.descending { found.reverse() } else { found };
            if found.is_ne() {
                return found;
            }
        }
        if tie { b.cmp(a) } else { a.cmp(b) }
    });
    rows.into_iter().map(|(id, _)| id).collect()
}

/// Goes through all pages and back again.
async fn walk(store: &Store, query: &Query, size: u32) -> (Vec<Uuid>, Vec<Uuid>) {
    let mut forth = Vec::new();
    let mut cursor = None;
    let mut last_page = None;
    loop {
        let mut page = query.clone().take(size);
        page.page.cursor = cursor.take();
        let rows = rows_of(store, page).await.unwrap();
        forth.extend(rows.rows.iter().map(|row| row[0].as_id().unwrap()));
        cursor.clone_from(&rows.next);
        last_page = if rows.rows.is_empty() { last_page } else { Some(rows) };
        if cursor.is_none() {
            break;
        }
    }
    let mut back: Vec<Uuid> = Vec::new();
    if let Some(last) = last_page {
        back = last.rows.iter().map(|row| row[0].as_id().unwrap()).collect();
        let mut cursor = last.previous;
        while let Some(place) = cursor {
            let mut page = query.clone().take(size);
            page.page.cursor = Some(place);
            let rows = rows_of(store, page).await.unwrap();
            let mut before: Vec<Uuid> = rows.rows.iter().map(|row| row[0].as_id().unwrap()).collect();
            before.extend(back);
            back = before;
            cursor = rows.previous;
        }
    }
    (forth, back)
}

/// Orders of the colours: all, some, several in one place.
const RANKINGS: [&[&[i64]]; 4] = [&[&[3], &[2], &[1]], &[&[2], &[1, 3]], &[&[2]], &[]];

fn ranking(places: &[&[i64]]) -> Ranking {
    Ranking { column: "color".into(), places: places.iter().map(|numbers| numbers.to_vec()).collect() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_marker_of_another_ranking_is_refused_and_only_choices_are_ranked() {
    let stores = stores().await;
    let mut runner = TestRunner::default();
    stores.fill(&many(&mut runner, 20)).await;
    for store in stores.both() {
        let mut query = gadgets().order_by(Order::ascending("color")).take(3);
        query.rankings = vec![ranking(RANKINGS[0])];
        let next = rows_of(store, query.clone()).await.unwrap().next;
        assert!(next.is_some());
        query.page.cursor = next;
        assert_eq!(rows_of(store, query.clone()).await.unwrap().rows.len(), 3);
        query.rankings = vec![ranking(RANKINGS[1])];
        let error = rows_of(store, query).await.unwrap_err().to_string();
        assert!(error.contains("another list or order"), "{error}");
        let mut query = gadgets().order_by(Order::ascending("amount"));
        query.rankings = vec![Ranking { column: "amount".into(), ..ranking(RANKINGS[0]) }];
        let error = rows_of(store, query).await.unwrap_err().to_string();
        assert!(error.contains("'amount' is no choice"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn walking_through_the_pages_in_any_order_sees_every_row_once() {
    let stores = stores().await;
    let mut runner = TestRunner::default();
    let rows = many(&mut runner, 90);
    stores.fill(&rows).await;
    let columns = ["name", "note", "amount", "ratio", "price", "flag", "color", "tags", "due", "seen", "parentid", KEY];
    let orders = prop::collection::vec((prop::sample::select(columns.to_vec()), any::<bool>()), 0..4);
    let rankings = prop::collection::vec(prop::sample::select(RANKINGS.to_vec()), 0..2);
    for _ in 0..60 {
        let rankings: Vec<Ranking> = sample(&mut runner, &rankings).into_iter().map(ranking).collect();
        let mut order: Vec<Order> = Vec::new();
        for (column, descending) in sample(&mut runner, &orders) {
            if !order.iter().any(|key| key.column == column.into()) {
                order.push(Order { column: column.into(), descending });
            }
        }
        if let [ranking, ..] = &rankings[..]
            && order.iter().all(|key| key.column != ranking.column)
        {
            order.insert(order.len() / 2, Order::descending("color"));
        }
        let expected = sorted(&rows, &order, &rankings);
        let size = sample(&mut runner, &(1_u32..40));
        for store in stores.both() {
            let mut query = gadgets();
            query.order.clone_from(&order);
            query.rankings.clone_from(&rankings);
            assert_eq!(ids(store, query.clone()).await, expected, "{order:?} {rankings:?}");
            let (forth, back) = walk(store, &query, size).await;
            assert_eq!(forth, expected, "forward by {size}: {order:?} {rankings:?}");
            assert_eq!(back, expected, "backward by {size}: {order:?} {rankings:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_searched_for_comes_as_it_was_entered_the_newest_first() {
    let stores = stores().await;
    let row = |number: usize| {
        let name = if number.is_multiple_of(3) { format!("Valve {number}") } else { format!("Pump {number}") };
        // Identifiers that say nothing about the order of arrival.
        (
            Uuid::from_u128(((number * 7919) % 1000) as u128),
            stamped().with("name", name).with("flag", number.is_multiple_of(2)),
        )
    };
    let rows: Vec<_> = (0..60).map(row).collect();
    stores.fill(&rows).await;
    let expected = |wanted: fn(usize) -> bool| -> Vec<Uuid> {
        (0..60).rev().filter(|number| wanted(*number)).map(|number| rows[number].0).collect()
    };
    for store in stores.both() {
        let search = || gadgets().matching(Filter::Search("pum".to_owned()));
        let pumps = expected(|number| !number.is_multiple_of(3));
        assert_eq!(ids(store, search()).await, pumps);
        assert_eq!(walk(store, &search(), 7).await, (pumps.clone(), pumps));

        let narrowed = search().matching(Filter::eq("flag", true));
        let flagged = expected(|number| !number.is_multiple_of(3) && number.is_multiple_of(2));
        assert_eq!(walk(store, &narrowed, 4).await, (flagged.clone(), flagged.clone()));

        let mut restricted = search();
        let rules = [(GADGET.to_owned(), Filter::eq("flag", true))].into();
        restricted.scope = Arc::new(Scope { rules, ..Scope::default() });
        assert_eq!(walk(store, &restricted, 4).await, (flagged.clone(), flagged));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_sort_by_columns_of_related_rows_too() {
    let stores = stores().await;
    let mut runner = TestRunner::default();
    let rows = many(&mut runner, 60);
    stores.fill(&rows).await;
    let order = vec![Order::descending(model::Path::through("parentid", "name")), Order::ascending("seen")];
    let mut answers = Vec::new();
    for store in stores.both() {
        let mut query = gadgets();
        query.order.clone_from(&order);
        let all = ids(store, query.clone()).await;
        assert_eq!(all.len(), rows.len());
        let (forth, back) = walk(store, &query, 7).await;
        assert_eq!((&forth, &back), (&all, &all));
        answers.push(all);
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_joined_table_multiplies_rows_and_pages_still_see_each_once() {
    let stores = stores().await;
    let mut runner = TestRunner::default();
    let rows = many(&mut runner, 50);
    stores.fill(&rows).await;
    let mut answers = Vec::new();
    for store in stores.both() {
        for kind in [JoinKind::Inner, JoinKind::Outer] {
            let mut query = gadgets();
            query.joins.push(Join {
                alias: "child".to_owned(),
                table: GADGET.to_owned(),
                column: "parentid".to_owned(),
                parent: None,
                parent_column: KEY.to_owned(),
                kind,
                filter: model::Filter::unary("name", model::Operator::NotNull),
            });
            query.columns.push(Output {
                path: KEY.into(),
                alias: Some("childid".to_owned()),
                join: Some("child".to_owned()),
            });
            query.order = vec![Order::descending("color")];
            let pairs = async |query: Query| -> Vec<(Value, Value)> {
                rows_of(store, query)
                    .await
                    .unwrap()
                    .rows
                    .into_iter()
                    .map(|row| (row[0].clone(), row[1].clone()))
                    .collect()
            };
            let all = pairs(query.clone()).await;
            let (forth, back) = walk(store, &query, 6).await;
            let firsts: Vec<Uuid> = all.iter().map(|(id, _)| id.as_id().unwrap()).collect();
            assert_eq!((&forth, &back), (&firsts, &firsts));
            query.page.count = true;
            assert_eq!(rows_of(store, query).await.unwrap().total, Some(all.len() as u64));
            answers.push(all);
        }
    }
    assert_eq!((&answers[0], &answers[1]), (&answers[2], &answers[3]));
    assert!(answers[1].len() > rows.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_without_repetitions_page_as_well() {
    let stores = stores().await;
    let mut runner = TestRunner::default();
    stores.fill(&many(&mut runner, 120)).await;
    let mut answers = Vec::new();
    for store in stores.both() {
        let mut query = Query::of(GADGET, Arc::default(), berlin().into()).select(["color", "name"]).take(5000);
        query.distinct = true;
        query.order = vec![Order::descending("name")];
        query.page.count = true;
        let all = rows_of(store, query.clone()).await.unwrap();
        assert_eq!(all.total, Some(all.rows.len() as u64));
        let mut found = Vec::new();
        let mut cursor = None;
        loop {
            let mut page = query.clone().take(9);
            page.page.cursor = cursor;
            let rows = rows_of(store, page).await.unwrap();
            found.extend(rows.rows);
            cursor = rows.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(found, all.rows);
        query.order = vec![Order::ascending("color")];
        query.rankings = vec![ranking(RANKINGS[1])];
        let ranked = rows_of(store, query.clone()).await.unwrap();
        assert_eq!((ranked.total, ranked.rows.len()), (all.total, all.rows.len()));
        assert!(ranked.rows.is_sorted_by_key(|row| place_in(&query.rankings[0], &row[0]).as_whole()), "{ranked:?}");
        answers.push(all.rows);
        query.order = vec![Order::ascending("seen")];
        let error = rows_of(store, query).await.unwrap_err().to_string();
        assert!(error.contains("'seen'"), "{error}");
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marker_of_another_order_is_refused_with_the_way_out() {
    let stores = stores().await;
    let mut runner = TestRunner::default();
    stores.fill(&many(&mut runner, 10)).await;
    for store in stores.both() {
        let by_name = gadgets().order_by(Order::ascending("name")).take(3);
        let next = rows_of(store, by_name.clone()).await.unwrap().next.unwrap();
        let mut by_color = gadgets().order_by(Order::ascending("color")).take(3);
        by_color.page.cursor = Some(next.clone());
        let mut forged = Vec::new();
        for token in ["", "x", "e30", &next.token[1..], &format!("{}A", next.token)] {
            let mut query = by_name.clone();
            query.page.cursor = Some(Cursor { token: token.to_owned(), backwards: false });
            forged.push(query);
        }
        forged.push(by_color);
        for query in forged {
            match rows_of(store, query).await {
                Err(StoreError::BadQuery(message)) => assert!(message.contains("first page"), "{message}"),
                other => panic!("{other:?}"),
            }
        }
        let mut counted = by_name;
        counted.page.count = true;
        assert_eq!(rows_of(store, counted.clone()).await.unwrap().total, Some(10));
        counted.page.size = 0;
        let none = rows_of(store, counted).await.unwrap();
        assert_eq!((none.rows.len(), none.total, none.next), (0, Some(10), None));
    }
}
