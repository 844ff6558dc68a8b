//! Filters: both engines find the rows that a plain reading of the filter finds.

use std::sync::Arc;

use crate::gadgets::*;
use crate::world::*;
use model::{Condition, Filter, Operator, Reference, Value};
use proptest::{prelude::*, test_runner::TestRunner};
use uuid::Uuid;

fn values_for(column: &'static str) -> BoxedStrategy<Value> {
    match column {
        "name" | "note" => text().prop_map(Value::from).boxed(),
        "amount" => prop_oneof![(-6_i64..7).prop_map(Value::from), decimal(2).prop_map(Value::from)].boxed(),
        "ratio" | "price" => prop_oneof![
            decimal(3).prop_map(Value::from),
            decimal(6).prop_map(Value::from),
            Just(Value::Text("922337203685477999999".to_owned())),
        ]
        .boxed(),
        "flag" => any::<bool>().prop_map(Value::from).boxed(),
        "color" => (0_i64..5).prop_map(Value::Whole).boxed(),
        "tags" => prop::sample::subsequence(vec![1, 2, 11], 1..=3).prop_map(Value::Choices).boxed(),
        "due" => prop_oneof![date().prop_map(Value::from), moment().prop_map(Value::from)].boxed(),
        "seen" => prop_oneof![
            date().prop_map(Value::from),
            moment().prop_map(Value::from),
            date().prop_map(|day| Value::from(day.to_string())),
        ]
        .boxed(),
        _ => (0_usize..40).prop_map(|number| Value::Id(gadget_id(number))).boxed(),
    }
}

fn condition(column: &'static str, operator: Operator, values: BoxedStrategy<Vec<Value>>) -> BoxedStrategy<Filter> {
    values
        .prop_map(move |values| Filter::Condition(Condition { column: column.into(), operator, values, other: None }))
        .boxed()
}

/// Every operator that suits the column.
fn conditions(column: &'static str) -> BoxedStrategy<Filter> {
    use Operator::*;
    let value = values_for(column);
    let one = value.clone().prop_map(|value| vec![value]).boxed();
    let none = Just(Vec::new()).boxed();
    let two = prop::collection::vec(value.clone(), 2).boxed();
    let several = prop::collection::vec(prop_oneof![9 => value, 1 => Just(Value::Null)], 0..4).boxed();
    let number = (1_i64..6).prop_map(|number| vec![Value::Whole(number)]).boxed();
    let mut all = vec![
        condition(column, Null, none.clone()),
        condition(column, NotNull, none.clone()),
        condition(column, Eq, one.clone()),
        condition(column, Ne, one.clone()),
        condition(column, In, several.clone()),
        condition(column, NotIn, several),
    ];
    if !matches!(column, "tags" | "parentid" | "new_gadgetid") {
        all.extend([Gt, Ge, Lt, Le].map(|operator| condition(column, operator, one.clone())));
        all.extend([Between, NotBetween].map(|operator| condition(column, operator, two.clone())));
    }
    match column {
        "name" | "note" => all.extend(
            [Like, NotLike, BeginsWith, NotBeginWith, EndsWith, NotEndWith, Contains, NotContains]
                .map(|operator| condition(column, operator, one.clone())),
        ),
        "tags" => {
            all.extend([ContainValues, NotContainValues].map(|operator| condition(column, operator, one.clone())));
        }
        "due" | "seen" => {
            all.extend([On, NotOn, OnOrBefore, OnOrAfter].map(|operator| condition(column, operator, one.clone())));
            all.extend(
                [
                    Today,
                    Yesterday,
                    Tomorrow,
                    ThisWeek,
                    LastWeek,
                    NextWeek,
                    ThisMonth,
                    LastMonth,
                    NextMonth,
                    ThisYear,
                    LastYear,
                    NextYear,
                    LastSevenDays,
                    NextSevenDays,
                    ThisFiscalYear,
                    LastFiscalYear,
                    NextFiscalYear,
                    ThisFiscalPeriod,
                    LastFiscalPeriod,
                    NextFiscalPeriod,
                ]
                .map(|operator| condition(column, operator, none.clone())),
            );
            all.extend(
                [
                    LastXHours,
                    NextXHours,
                    LastXDays,
                    NextXDays,
                    LastXWeeks,
                    NextXWeeks,
                    LastXMonths,
                    NextXMonths,
                    LastXYears,
                    NextXYears,
                    OlderThanXMinutes,
                    OlderThanXHours,
                    OlderThanXDays,
                    OlderThanXWeeks,
                    OlderThanXMonths,
                    OlderThanXYears,
                    LastXFiscalYears,
                    NextXFiscalYears,
                    LastXFiscalPeriods,
                    NextXFiscalPeriods,
                ]
                .map(|operator| condition(column, operator, number.clone())),
            );
            all.push(condition(
                column,
                InFiscalYear,
                (2025_i64..2028).prop_map(|year| vec![Value::Whole(year)]).boxed(),
            ));
            all.push(condition(column, InFiscalPeriod, (1_i64..5).prop_map(|part| vec![Value::Whole(part)]).boxed()));
        }
        _ => {}
    }
    proptest::strategy::Union::new(all).boxed()
}

const COLUMNS: [&str; 11] =
    ["name", "note", "amount", "ratio", "price", "flag", "color", "tags", "due", "seen", "parentid"];

fn other_columns() -> BoxedStrategy<Filter> {
    use Operator::*;
    (
        prop::sample::select(vec![("name", "note"), ("amount", "ratio"), ("ratio", "price"), ("amount", "color")]),
        prop::sample::select(vec![Eq, Ne, Gt, Ge, Lt, Le]),
    )
        .prop_filter("a number and a choice are of different types", |(pair, _)| pair.1 != "color")
        .prop_map(|((left, right), operator)| {
            Filter::Condition(Condition {
                column: left.into(),
                operator,
                values: Vec::new(),
                other: Some(right.into()),
            })
        })
        .boxed()
}

fn filters() -> impl Strategy<Value = Filter> {
    let mut leaves: Vec<BoxedStrategy<Filter>> = COLUMNS.iter().map(|column| conditions(column)).collect();
    leaves.push(other_columns());
    proptest::strategy::Union::new(leaves).prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Filter::All),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Filter::Any),
            inner.prop_map(|filter| Filter::Not(Box::new(filter))),
        ]
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operator_finds_the_same_rows_on_both_engines_and_in_memory() {
    let stores = stores().await;
    let mut runner = TestRunner::default();
    let rows = many(&mut runner, 250);
    stores.fill(&rows).await;
    let model = stores.sqlite.model();
    let table = model.table(GADGET).unwrap();
    let mut cases: Vec<Filter> = Vec::new();
    for column in COLUMNS {
        let strategy = conditions(column);
        cases.extend((0..120).map(|_| sample(&mut runner, &strategy)));
    }
    cases.extend((0..300).map(|_| sample(&mut runner, &filters())));
    for filter in cases {
        let expected: Vec<Uuid> = rows
            .iter()
            .filter(|(_, row)| store::matches(table, &filter, row, &berlin()).unwrap())
            .map(|(id, _)| *id)
            .collect();
        for store in stores.both() {
            let mut found = ids(store, gadgets().matching(filter.clone())).await;
            found.sort();
            assert_eq!(found, expected, "{filter:?}");
        }
    }
}

async fn names_where(store: &store::Store, filter: Filter) -> Vec<String> {
    let query = store::Query::of("account", Arc::default(), berlin().into())
        .select(["name"])
        .matching(filter)
        .order_by(model::Order::ascending("name"))
        .take(500);
    rows_of(store, query).await.unwrap().rows.iter().map(|row| row[0].as_text().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn below_and_above_follow_the_hierarchy() {
    on_every_store(async |store| {
        let mut parent: Option<Uuid> = None;
        let mut all = Vec::new();
        for name in ["A", "AB", "ABC", "ABCD"] {
            let row = account(name).with("parentaccountid", parent.map(|id| reference("account", id)));
            let row = insert(&store, "account", row).await;
            parent = Some(id_of(&row, "accountid"));
            all.push(id_of(&row, "accountid"));
        }
        insert(&store, "account", account("Z")).await;
        let place = |operator, id: Uuid| Filter::compare("accountid", operator, id);
        assert_eq!(names_where(&store, place(Operator::Under, all[1])).await, ["ABC", "ABCD"]);
        assert_eq!(names_where(&store, place(Operator::EqOrUnder, all[1])).await, ["AB", "ABC", "ABCD"]);
        assert_eq!(names_where(&store, place(Operator::Above, all[2])).await, ["A", "AB"]);
        assert_eq!(names_where(&store, place(Operator::EqOrAbove, all[2])).await, ["A", "AB", "ABC"]);
        let by_parent = Filter::compare("parentaccountid", Operator::Under, all[1]);
        assert_eq!(names_where(&store, by_parent).await, ["ABC", "ABCD"]);
        // A circle ends.
        let circle = store::Row::new().with("parentaccountid", reference("account", all[3]));
        update(&store, "account", all[0], circle).await.unwrap();
        assert_eq!(names_where(&store, place(Operator::Under, all[1])).await, ["A", "ABC", "ABCD"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_polymorphic_lookup_is_found_by_reference_and_by_plain_identifier() {
    on_every_store(async |store| {
        let company = id_of(&insert(&store, "account", account("Company")).await, "accountid");
        let row = lead("One").with("customerid", reference("account", company));
        let one = id_of(&insert(&store, "lead", row).await, "leadid");
        insert(&store, "lead", lead("Two")).await;
        let leads = |filter: Filter| {
            store::Query::of("lead", Arc::default(), berlin().into()).select(["leadid"]).matching(filter)
        };
        assert_eq!(ids(&store, leads(Filter::eq("customerid", company))).await, [one]);
        assert_eq!(ids(&store, leads(Filter::eq("customerid", Reference::new("account", company)))).await, [one]);
        assert!(ids(&store, leads(Filter::eq("customerid", Reference::new("contact", company)))).await.is_empty());
        let path: model::Path = "customerid(account).name".parse().unwrap();
        assert_eq!(ids(&store, leads(Filter::eq(path, "company"))).await, [one]);
        let wrong = leads(Filter::eq("customerid", Reference::new("task", company)));
        let error = rows_of(&store, wrong).await.unwrap_err().to_string();
        assert!(error.contains("lead.customerid") && error.contains("account or contact"), "{error}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn related_rows_are_asked_for_and_asked_away() {
    on_every_store(async |store| {
        let busy = id_of(&insert(&store, "account", account("Busy")).await, "accountid");
        insert(&store, "account", account("Idle")).await;
        let task = stamped()
            .with("subject", "Call back")
            .with("statecode", 0)
            .with("statuscode", 2)
            .with("regardingobjectid", reference("account", busy));
        insert(&store, "task", task).await;
        let with_open_task = Filter::Related(model::Related {
            table: "task".to_owned(),
            through: "regardingobjectid".to_owned(),
            filter: Box::new(Filter::eq("statecode", 0)),
            at: None,
        });
        assert_eq!(names_where(&store, with_open_task.clone()).await, ["Busy"]);
        assert_eq!(names_where(&store, Filter::Not(Box::new(with_open_task))).await, ["Idle"]);
        // The shared columns of a task stand in activitypointer, too.
        let twin = Filter::Related(model::Related {
            table: "activitypointer".to_owned(),
            through: "regardingobjectid".to_owned(),
            filter: Box::new(Filter::eq("activitytypecode", "task")),
            at: None,
        });
        assert_eq!(names_where(&store, twin).await, ["Busy"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn search_finds_the_beginnings_of_words_whatever_their_case_and_accents() {
    on_every_store(async |store| {
        for name in ["Müller-Lüdenscheid GmbH", "Zoë & Söhne", "Robotics Line 42", "C++ Tools \"quoted\" OR NOT"] {
            insert(&store, "account", account(name)).await;
        }
        let search = |text: &str| Filter::Search(text.to_owned());
        assert_eq!(names_where(&store, search("mull LUD")).await, ["Müller-Lüdenscheid GmbH"]);
        assert_eq!(names_where(&store, search("zoe")).await, ["Zoë & Söhne"]);
        assert_eq!(names_where(&store, search("line robo 4")).await, ["Robotics Line 42"]);
        assert_eq!(names_where(&store, search("obotics")).await, [""; 0]);
        for hostile in ["\"", "OR", "NOT (", "a* OR b", "quoted\" OR \"zoe", "':* | x", "NEAR(", "-- ;"] {
            names_where(&store, search(hostile)).await;
        }
        assert_eq!(names_where(&store, search("quoted\" OR not")).await, ["C++ Tools \"quoted\" OR NOT"]);
        assert_eq!(names_where(&store, search("  ")).await.len(), 4);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_finds_all_words_that_begin_so_however_many_there_are() {
    on_every_store(async |store| {
        let letters = || 'a'..='z';
        let robots: Vec<String> =
            letters().flat_map(|one| ["m", "zz", "é"].map(|other| format!("Robo{one}{other} Works"))).collect();
        for name in &robots {
            insert(&store, "account", account(name)).await;
        }
        for name in ["Rob", "Robe Works", "Ros", "Röbo", "Robоt", "Zürich Works 2", "Roc"] {
            insert(&store, "account", account(name)).await;
        }
        let found = async |text: &str| {
            let mut names = names_where(&store, Filter::Search(text.to_owned())).await;
            names.sort();
            names
        };
        let all = found("robo").await;
        assert_eq!(all.len(), robots.len() + 1, "more words than are asked for one by one");
        assert!(all.contains(&"Röbo".to_owned()) && !all.contains(&"Robоt".to_owned()), "that o is another letter");
        assert_eq!(found("robo works").await.len(), robots.len());
        assert_eq!(found("robe").await, ["Robe Works"]);
        assert_eq!(found("rob").await.len(), robots.len() + 4);
        assert_eq!(found("robobz wor").await, ["Robobzz Works"]);
        assert_eq!(found("works zur").await, ["Zürich Works 2"]);
        assert_eq!(found("robobzzz").await, [""; 0]);
        assert_eq!(found("zzzzz works").await, [""; 0]);
        assert_eq!(found(&"works rob ".repeat(4_000)).await.len(), robots.len() + 1, "however many words are typed");
        assert_eq!(found(&format!("{} zzzzz", "works ".repeat(40))).await, [""; 0]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_looks_like_sql_is_data() {
    let hostile = "'; DROP TABLE account; -- \" ?1 $1 \\ %";
    on_every_store(async |store| {
        insert(&store, "account", account(hostile)).await;
        for operator in [Operator::Eq, Operator::Contains, Operator::BeginsWith, Operator::EndsWith, Operator::Like] {
            let found = names_where(&store, Filter::compare("name", operator, hostile)).await;
            assert_eq!(found, [hostile], "{operator:?}");
        }
        for name in ["name\"; DROP TABLE account; --", "seq", "name) --"] {
            let error = rows_of(
                &store,
                store::Query::of("account", Arc::default(), berlin().into()).matching(Filter::eq(name, 1)),
            )
            .await
            .unwrap_err();
            assert!(matches!(error, store::StoreError::BadQuery(_)), "{error}");
        }
        assert_eq!(names_where(&store, Filter::everything()).await.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_filter_says_which_column_and_what_would_be_right() {
    on_every_store(async |store| {
        for (filter, expected) in [
            (Filter::eq("createdon", "yesterday"), ["createdon", "2026-12-31T15:30:00Z"]),
            (Filter::eq("revenue", "much"), ["revenue", "a number"]),
            (Filter::eq("nosuch", 1), ["account", "no column 'nosuch'"]),
            (Filter::unary("name", Operator::ThisMonth), ["name", "dates only"]),
            (Filter::compare("createdon", Operator::LastXDays, -1), ["createdon", "above zero"]),
            (Filter::compare("createdon", Operator::LastXYears, 100_000), ["createdon", "beyond the calendar"]),
            (Filter::eq("accountid", "x"), ["accountid", "an identifier"]),
            (Filter::eq(model::Path::through("name", "x"), 1), ["name", "not a lookup"]),
        ] {
            let query = store::Query::of("account", Arc::default(), berlin().into()).matching(filter);
            let error = rows_of(&store, query).await.unwrap_err();
            assert!(matches!(error, store::StoreError::BadQuery(_)), "{error:?}");
            for part in expected {
                assert!(error.to_string().contains(part), "{error} lacks {part}");
            }
        }
    })
    .await;
}
