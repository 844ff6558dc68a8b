//! Groups and totals: exact, the same on both engines, the same from kept totals as from the rows.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use crate::gadgets::*;
use crate::world::*;
use model::{Filter, Operator, Order, Value};
use proptest::test_runner::TestRunner;
use rust_decimal::Decimal;
use store::{Aggregate, AggregateFunction, DatePart, Grouping, Join, JoinKind, Query, Row, StoreError};
use uuid::Uuid;

fn group(column: &str) -> Grouping {
    Grouping { path: column.parse().unwrap(), part: None, alias: column.to_owned() }
}

fn by(column: &str, part: DatePart) -> Grouping {
    Grouping { part: Some(part), ..group(column) }
}

fn total(function: AggregateFunction, column: Option<&str>) -> Aggregate {
    let alias = format!("{function:?}_{}", column.unwrap_or("rows"));
    Aggregate { function, path: column.map(Into::into), alias }
}

fn totals(groups: Vec<Grouping>, aggregates: Vec<Aggregate>) -> Query {
    let mut query = gadgets();
    query.columns.clear();
    query.group_by = groups;
    query.aggregates = aggregates;
    query
}

async fn answer(store: &store::Store, query: Query) -> Vec<Vec<Value>> {
    rows_of(store, query).await.unwrap().rows
}

#[tokio::test(flavor = "multi_thread")]
async fn totals_equal_what_the_rows_add_up_to() {
    use AggregateFunction::*;
    let stores = stores().await;
    let mut runner = TestRunner::default();
    let rows = many(&mut runner, 200);
    stores.fill(&rows).await;
    let mut groups: BTreeMap<Option<i64>, Vec<&Row>> = BTreeMap::new();
    for (_, row) in &rows {
        groups.entry(row.value("color").as_whole()).or_default().push(row);
    }
    let expected: Vec<Vec<Value>> = groups
        .into_iter()
        .map(|(color, rows)| {
            let prices: Vec<Decimal> = rows.iter().filter_map(|row| row.value("price").as_decimal()).collect();
            let amounts: Vec<i64> = rows.iter().filter_map(|row| row.value("amount").as_whole()).collect();
            let mut different = amounts.clone();
            different.sort_unstable();
            different.dedup();
            let sum: Decimal = prices.iter().sum();
            let mean = (sum / Decimal::from(prices.len()))
                .round_dp_with_strategy(10, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
            vec![
                color.into(),
                Value::Whole(rows.len() as i64),
                Value::Whole(prices.len() as i64),
                Value::Whole(different.len() as i64),
                Value::Decimal(sum),
                Value::Decimal(mean),
                prices.iter().min().copied().into(),
                prices.iter().max().copied().into(),
                amounts.iter().sum::<i64>().into(),
                rows.iter().filter_map(|row| row.value("due").as_date()).min().into(),
                rows.iter().filter_map(|row| row.value("seen").as_date_time()).max().into(),
            ]
        })
        .collect();
    let query = totals(
        vec![group("color")],
        vec![
            total(Count, None),
            total(Count, Some("price")),
            total(CountDistinct, Some("amount")),
            total(Sum, Some("price")),
            total(Average, Some("price")),
            total(Min, Some("price")),
            total(Max, Some("price")),
            total(Sum, Some("amount")),
            total(Min, Some("due")),
            total(Max, Some("seen")),
        ],
    );
    for store in stores.both() {
        assert_eq!(answer(store, query.clone()).await, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_kinds_of_groups_and_orders_are_the_same_on_both_engines() {
    use AggregateFunction::*;
    let stores = stores().await;
    let mut runner = TestRunner::default();
    stores.fill(&many(&mut runner, 150)).await;
    let parts = [
        DatePart::Day,
        DatePart::Week,
        DatePart::Month,
        DatePart::Quarter,
        DatePart::Year,
        DatePart::FiscalPeriod,
        DatePart::FiscalYear,
    ];
    let mut groupings: Vec<Vec<Grouping>> = vec![
        vec![],
        vec![group("flag")],
        vec![group("parentid")],
        vec![group("price")],
        vec![group("tags")],
        vec![group("color"), group("flag")],
        vec![group("parentid.color")],
    ];
    groupings.extend(parts.map(|part| vec![by("seen", part)]));
    groupings.extend(parts.map(|part| vec![by("due", part), group("flag")]));
    let aggregates = vec![
        total(Count, None),
        total(Average, Some("ratio")),
        total(Max, Some("flag")),
        total(Min, Some("color")),
        total(CountDistinct, Some("name")),
        total(CountDistinct, Some("parentid")),
    ];
    for groups in groupings {
        for order in ["Count_rows", "Average_ratio", "Max_flag"] {
            let mut query = totals(groups.clone(), aggregates.clone());
            query.order.push(Order::descending(order));
            query.page.size = 12;
            query.page.count = true;
            let mut answers = Vec::new();
            for store in stores.both() {
                let rows = rows_of(store, query.clone()).await.unwrap();
                assert!(rows.total.unwrap() >= rows.rows.len() as u64);
                answers.push((rows.rows, rows.total));
            }
            assert_eq!(answers[0], answers[1], "{groups:?} by {order}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_callers_time_zone_decides_the_day() {
    let stores = stores().await;
    // In Berlin it is the first of October already.
    let row = stamped().with("seen", "2026-09-30T22:30:00Z".parse::<jiff::Timestamp>().unwrap());
    stores.fill(&[(gadget_id(1), row)]).await;
    for (part, expected) in [
        (DatePart::Day, "2026-10-01"),
        (DatePart::Week, "2026-09-27"),
        (DatePart::Month, "2026-10-01"),
        (DatePart::Quarter, "2026-10-01"),
        (DatePart::Year, "2026-01-01"),
        (DatePart::FiscalPeriod, "2026-10-01"),
        (DatePart::FiscalYear, "2026-04-01"),
    ] {
        for store in stores.both() {
            let rows = answer(store, totals(vec![by("seen", part)], vec![total(AggregateFunction::Count, None)])).await;
            assert_eq!(rows, [[Value::Date(expected.parse().unwrap()), Value::Whole(1)]], "{part:?}");
        }
    }
}

/// Random writes: inserts, changes and deletions.
async fn churn(stores: &Stores, runner: &mut TestRunner, rounds: usize) {
    let mut known: Vec<Uuid> = Vec::new();
    for number in 0..rounds {
        let row = sample(runner, &gadget(number.min(30)));
        let choice = sample(runner, &(0..10_u32));
        let at = sample(runner, &(0..known.len().max(1)));
        for store in stores.both() {
            let (row, known) = (row.clone(), known.clone());
            store
                .write(move |writer| {
                    let target = known.get(at).copied();
                    match (choice, target) {
                        (0..=4, _) | (_, None) => writer.insert(&somebody(), GADGET, gadget_id(number), row).map(drop),
                        (5..=7, Some(id)) => match writer.lock(GADGET, id)? {
                            Some(old) => writer.update(&somebody(), GADGET, &old, row).map(drop),
                            None => Ok(()),
                        },
                        (_, Some(id)) => match writer.lock(GADGET, id)? {
                            Some(old) => writer.delete(&somebody(), GADGET, &old),
                            None => Ok(()),
                        },
                    }
                })
                .await
                .or_else(|error| match error {
                    // Somebody's parent was deleted before.
                    StoreError::DanglingReference { .. } => Ok(()),
                    other => Err(other),
                })
                .unwrap();
        }
        if choice <= 4 || known.is_empty() {
            known.push(gadget_id(number));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn kept_totals_equal_the_rows_after_random_writes() {
    use AggregateFunction::*;
    let stores = stores().await;
    let mut runner = TestRunner::default();
    churn(&stores, &mut runner, 250).await;
    // No summary knows this column, so that the rows themselves are asked.
    let directly = Filter::unary("createdon", Operator::NotNull);
    let red = Filter::eq("color", 1);
    let cases = vec![
        (vec![group("color")], Filter::everything(), vec!["amount", "price"]),
        (vec![], Filter::everything(), vec!["amount", "price"]),
        (vec![group("name"), group("flag")], Filter::unary("due", Operator::ThisFiscalYear), vec!["price"]),
        (vec![group("partyid")], Filter::compare("name", Operator::Contains, "o"), vec!["amount"]),
        (vec![group("due")], Filter::Not(Box::new(Filter::eq("color", 2))), vec!["amount"]),
        (vec![group("flag")], red.clone(), vec!["ratio", "doubled"]),
        (vec![group("parentid")], red.and(Filter::eq("flag", true)), vec!["ratio"]),
    ];
    let mut answers = Vec::new();
    for (groups, filter, sums) in cases {
        let mut aggregates = vec![total(Count, None), total(Count, Some(KEY))];
        for sum in sums {
            aggregates.extend([total(Sum, Some(sum)), total(Average, Some(sum)), total(Count, Some(sum))]);
        }
        for store in stores.both() {
            let kept = totals(groups.clone(), aggregates.clone()).matching(filter.clone());
            let direct = kept.clone().matching(directly.clone());
            let answer_kept = answer(store, kept).await;
            assert_eq!(answer_kept, answer(store, direct).await, "{groups:?} where {filter:?}");
            answers.push(answer_kept);
        }
        let two = &answers[answers.len() - 2..];
        assert_eq!(two[0], two[1], "{groups:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rollups_calculated_columns_summaries_and_search_are_right_after_random_writes() {
    let stores = stores().await;
    let mut runner = TestRunner::default();
    churn(&stores, &mut runner, 250).await;
    for store in stores.both() {
        let report = store.check().await.unwrap();
        let wrong: Vec<&store::Finding> =
            report.findings.iter().filter(|finding| !finding.message.contains("does not exist")).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
    let outputs = ["children", "childprice", "firstdue", "doubled"];
    let query = || gadgets().select(outputs).order_by(Order::ascending(KEY));
    assert_eq!(answer(&stores.sqlite, query()).await, answer(&stores.postgres, query()).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_added_up_is_refused() {
    use AggregateFunction::*;
    on_every_store(async |store| {
        for (aggregate, part) in [
            (total(Sum, Some("name")), "account.name"),
            (total(Average, Some("statecode")), "statecode"),
            (total(Min, Some("ownerid")), "ownerid"),
        ] {
            let mut query = Query::of("account", Arc::default(), berlin().into());
            query.aggregates = vec![aggregate];
            let error = rows_of(&store, query).await.unwrap_err();
            assert!(matches!(error, StoreError::BadQuery(_)) && error.to_string().contains(part), "{error}");
        }
        let mut query = Query::of("account", Arc::default(), berlin().into());
        query.group_by = vec![group("statecode")];
        query.order = vec![Order::ascending("name")];
        let error = rows_of(&store, query).await.unwrap_err().to_string();
        assert!(error.contains("statecode") && error.contains("'name'"), "{error}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_longer_than_somebody_waits_for_is_given_up() {
    let stores = stores().await;
    stores.fill(&many(&mut TestRunner::default(), 300)).await;
    for store in stores.both() {
        // Every row with all that have the same flag, and each of those with all of them again.
        let mut all_with_all = totals(Vec::new(), vec![total(AggregateFunction::Count, None)]);
        for (alias, parent) in
            [("second", None), ("third", Some("second".to_owned())), ("fourth", Some("third".to_owned()))]
        {
            all_with_all.joins.push(Join {
                alias: alias.to_owned(),
                table: GADGET.to_owned(),
                column: "flag".to_owned(),
                parent,
                parent_column: "flag".to_owned(),
                kind: JoinKind::Inner,
                filter: Filter::everything(),
            });
        }
        all_with_all.patience = Some(Duration::from_millis(20));
        let begun = Instant::now();
        for _ in 0..20 {
            let found = rows_of(store, all_with_all.clone()).await;
            assert!(matches!(found, Err(StoreError::TookTooLong)), "{found:?}");
        }
        assert!(begun.elapsed() < Duration::from_secs(120), "{:?}", begun.elapsed());

        // Others are not concerned, whichever connection they come upon.
        let mut counted = totals(Vec::new(), vec![total(AggregateFunction::Count, None)]);
        for patience in [None, Some(Duration::from_secs(60))] {
            counted.patience = patience;
            for _ in 0..20 {
                assert_eq!(answer(store, counted.clone()).await, [[Value::from(300)]]);
            }
        }
    }
}
