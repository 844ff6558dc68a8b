//! What the statements cost: the plans SQLite makes for the queries that are asked all day.

#![cfg(test)]
#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::{collections::BTreeSet, sync::Arc};

use model::{Filter, Model, Operator, Order, SecuredColumn, Value};

use super::{groups, list};
use crate::{
    Aggregate, AggregateFunction, Cursor, Grouping, Query, Ranking, Scope, StoreError,
    compile::nobody,
    engine::{Dialect, sqlite::functions},
    schema,
};

fn database(model: &Model) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open_in_memory().unwrap();
    functions::register(&connection).unwrap();
    for (name, table) in schema::wanted(model, Dialect::Sqlite).tables {
        connection.execute_batch(&table.create(&name, Dialect::Sqlite)).unwrap();
        for statement in table.indexes.values().chain(&table.derived) {
            connection.execute_batch(statement).unwrap();
        }
    }
    connection
}

fn plan(connection: &rusqlite::Connection, sql: &str) -> String {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let count = statement.parameter_count();
    let rows = statement
        .query_map(rusqlite::params_from_iter(vec![rusqlite::types::Null; count]), |row| row.get::<_, String>(3))
        .unwrap();
    rows.map(Result::unwrap).collect::<Vec<_>>().join("\n")
}

fn query(table: &str) -> Query {
    Query::of(table, Arc::new(Scope::default()), Arc::new(nobody()))
}

fn view(model: &Model, table: &str, name: &str) -> Query {
    let view = model.table(table).unwrap().views.iter().find(|view| view.name == name).unwrap();
    let mut query = query(table).select(view.columns.iter().map(|column| column.column.clone()));
    query.filter = view.filter.clone();
    query.order.clone_from(&view.order);
    query
}

#[test]
fn a_page_of_my_open_leads_is_read_in_order_from_an_index() {
    let model = Model::base();
    let connection = database(&model);
    for name in ["my_open", "open"] {
        for sql in list::statements(Dialect::Sqlite, &model, &view(&model, "lead", name)).unwrap() {
            let plan = plan(&connection, &sql);
            assert!(plan.starts_with("SEARCH t1 USING INDEX lead_"), "{sql}\n{plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{sql}\n{plan}");
        }
    }
}

#[test]
fn the_next_page_goes_on_in_the_index() {
    let model = Model::base();
    let connection = database(&model);
    let mut query = view(&model, "lead", "my_open");
    let place = vec![model::Value::DateTime(jiff::Timestamp::UNIX_EPOCH), model::Value::Id(uuid::Uuid::nil())];
    query.page.cursor = Some(list::cursor_at(Dialect::Sqlite, &model, &query, place, false).unwrap());
    let segments = list::statements(Dialect::Sqlite, &model, &query).unwrap();
    assert_eq!(segments.len(), 1);
    let plan = plan(&connection, &segments[0]);
    assert!(plan.contains("ownerid=? AND statecode=? AND (createdon,leadid)<(?,?)"), "{plan}");
    assert!(!plan.contains("TEMP B-TREE"), "{plan}");
}

#[test]
fn a_nullable_key_is_two_walks_of_the_index_not_one_scan() {
    let model = Model::base();
    let connection = database(&model);
    let mut query = query("account").select(["name"]).order_by(Order::descending("openrevenue"));
    query.filter = Filter::eq("statecode", 0);
    let place = vec![model::Value::Decimal(5.into()), model::Value::Id(uuid::Uuid::nil())];
    query.page.cursor = Some(list::cursor_at(Dialect::Sqlite, &model, &query, place, false).unwrap());
    let segments = list::statements(Dialect::Sqlite, &model, &query).unwrap();
    assert_eq!(segments.len(), 3);
    for sql in segments {
        let plan = plan(&connection, &sql);
        assert!(plan.starts_with("SEARCH t1 USING INDEX account_"), "{sql}\n{plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{sql}\n{plan}");
    }
}

#[test]
fn states_in_the_order_of_their_labels_are_read_from_the_index_one_after_the_other() {
    let model = Model::base();
    let connection = database(&model);
    let mut query = query("lead").select(["subject"]).order_by(Order::ascending("statecode"));
    query = query.order_by(Order::descending("createdon"));
    query.rankings = vec![Ranking { column: "statecode".into(), places: vec![vec![2], vec![0], vec![1]] }];
    let statements = |query: &Query| list::statements(Dialect::Sqlite, &model, query).unwrap();
    let check = |statements: &[String]| {
        for sql in statements {
            let plan = plan(&connection, sql);
            assert!(plan.contains("USING INDEX lead_"), "{sql}\n{plan}");
            assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE FOR ORDER BY"), "{sql}\n{plan}");
        }
    };
    let all = statements(&query);
    // One for rows without a state, for each state, and for numbers that are none.
    assert_eq!(all.len(), 5);
    check(&all[..4]);
    let place = vec![Value::Whole(1), Value::DateTime(jiff::Timestamp::UNIX_EPOCH), Value::Id(uuid::Uuid::nil())];
    query.page.cursor = Some(list::cursor_at(Dialect::Sqlite, &model, &query, place, false).unwrap());
    let rest = statements(&query);
    check(&rest[..rest.len() - 1]);
    // Where no index has the values together they are sorted, as they would be by number.
    query.page.cursor = None;
    query.order[0].column = "leadqualitycode".into();
    query.rankings[0].column = "leadqualitycode".into();
    assert_eq!(statements(&query).len(), 1);
}

#[test]
fn a_name_is_found_by_its_beginning_in_an_index() {
    let model = Model::base();
    let connection = database(&model);
    let query = query("account")
        .select(["name"])
        .matching(Filter::compare("name", Operator::BeginsWith, "rob"))
        .order_by(Order::ascending("name"));
    let sql = &list::statements(Dialect::Sqlite, &model, &query).unwrap()[0];
    let plan = plan(&connection, sql);
    assert!(plan.contains("(name>? AND name<?)") && !plan.contains("TEMP B-TREE"), "{plan}");
}

#[test]
fn a_board_is_answered_from_its_summary_whatever_the_rule_of_access() {
    let model = Model::base();
    let mut query = query("opportunity");
    query.group_by = vec![Grouping { path: "stageid".into(), part: None, alias: "stage".to_owned() }];
    query.aggregates = vec![Aggregate {
        function: AggregateFunction::Sum,
        path: Some("estimatedvalue_base".into()),
        alias: "sum".to_owned(),
    }];
    query.filter = Filter::eq("statecode", 0);
    let rule = Filter::Any(vec![
        Filter::unary("ownerid", Operator::EqUseroruserteams),
        Filter::unary("owningbusinessunit", Operator::EqBusinessid),
    ]);
    query.scope = Arc::new(Scope { rules: [("opportunity".to_owned(), rule)].into(), ..Scope::default() });
    for dialect in [Dialect::Sqlite, Dialect::Postgres] {
        let sql = groups::statement(dialect, &model, &query).unwrap();
        assert!(
            sql.contains("FROM \"pw_summary_opportunity_pipeline\"") && sql.contains("\"owningbusinessunit\" ="),
            "{sql}"
        );
    }
    // A rule that looks elsewhere is asked of the rows.
    let rule = Filter::eq(model::Path::through("parentaccountid", "name"), "x");
    query.scope = Arc::new(Scope { rules: [("opportunity".to_owned(), rule)].into(), ..Scope::default() });
    let sql = groups::statement(Dialect::Sqlite, &model, &query).unwrap();
    assert!(sql.contains("FROM \"opportunity\""), "{sql}");
}

#[test]
fn own_and_shared_rows_are_found_without_looking_at_everybodys() {
    let model = Model::base();
    let connection = database(&model);
    let mut query = view(&model, "lead", "open");
    let principals = [uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2)];
    let shared = model::Related {
        table: "principalobjectaccess".to_owned(),
        through: "objectid".to_owned(),
        filter: Box::new(Filter::is_in("principalid", principals).and(Filter::eq("canread", true))),
        at: None,
    };
    let rule = Filter::Any(vec![Filter::is_in("ownerid", principals), Filter::Related(shared)]);
    query.scope = Arc::new(Scope { rules: [("lead".to_owned(), rule)].into(), ..Scope::default() });
    let statements = list::statements(Dialect::Sqlite, &model, &query).unwrap();
    let plan = plan(&connection, &statements[0]);
    assert_eq!(plan.matches("(ownerid=? AND statecode=?)").count(), 2, "{}\n{plan}", statements[0]);
    // What is shared is found from the shares.
    assert!(!plan.contains("SCAN t") && !plan.contains("(statecode=?)"), "{}\n{plan}", statements[0]);
    assert_eq!(plan.matches("(leadid=?)").count(), 1, "{}\n{plan}", statements[0]);
}

#[test]
fn the_first_of_several_stages_are_found_without_looking_at_all_of_them() {
    let model = Model::base();
    let connection = database(&model);
    let stages = [uuid::Uuid::from_u128(1), uuid::Uuid::from_u128(2)];
    let mut query = query("opportunity")
        .select(["name"])
        .matching(Filter::eq("statecode", 0).and(Filter::is_in("stageid", stages)))
        .order_by(Order::ascending("estimatedclosedate"));
    let plan_of = |query: &Query| {
        let statements = list::statements(Dialect::Sqlite, &model, query).unwrap();
        (plan(&connection, &statements[0]), statements[0].clone())
    };
    let (plan, sql) = plan_of(&query);
    assert_eq!(plan.matches("(statecode=? AND stageid=?)").count(), 2, "{sql}\n{plan}");
    // A business unit's rule is asked of each of the rows on the way.
    let rule = Filter::unary("owningbusinessunit", Operator::EqBusinessid);
    query.scope = Arc::new(Scope { rules: [("opportunity".to_owned(), rule)].into(), ..Scope::default() });
    let (plan, sql) = plan_of(&query);
    assert_eq!(plan.matches("(statecode=? AND stageid=?)").count(), 2, "{sql}\n{plan}");
    assert_eq!(sql.matches("owningbusinessunit").count(), 2, "{sql}");
    // In another order no index has them.
    query.order = vec![Order::ascending("name")];
    assert!(!plan_of(&query).1.contains("UNION"));
}

#[test]
fn values_that_are_the_same_are_asked_for_once_and_hidden_ones_not_at_all() {
    let mut model = Model::base();
    let board = |values: Vec<Value>| {
        let several = Filter::is_in("stageid", values);
        query("opportunity")
            .select(["name"])
            .matching(Filter::eq("statecode", 0).and(several))
            .order_by(Order::ascending("estimatedclosedate"))
    };
    let stage = uuid::Uuid::from_u128(1);
    let same = vec![Value::Id(stage), Value::Text(stage.to_string()), Value::Null];
    assert!(!list::statements(Dialect::Sqlite, &model, &board(same)).unwrap()[0].contains("UNION"));

    let secured = SecuredColumn { table: "opportunity".to_owned(), column: "stageid".to_owned() };
    let table = Arc::make_mut(model.tables.get_mut("opportunity").unwrap());
    table.columns.get_mut("stageid").unwrap().guards = vec![secured];
    let mut query = board(vec![Value::Id(stage), Value::Id(uuid::Uuid::from_u128(2))]);
    assert!(list::statements(Dialect::Sqlite, &model, &query).is_ok());
    query.scope = Arc::new(Scope { readable: Some(BTreeSet::new()), ..Scope::default() });
    let refused = list::statements(Dialect::Sqlite, &model, &query);
    assert!(matches!(refused, Err(StoreError::SecuredColumn { .. })), "{refused:?}");
}

#[test]
fn a_sellers_day_is_found_through_their_own_rows() {
    let model = Model::base();
    let connection = database(&model);
    let principals = [nobody().user, uuid::Uuid::from_u128(2)];
    let blocks = [
        ("activitypointer", "my_due"),
        ("activitypointer", "my_meetings"),
        ("lead", "my_new"),
        ("lead", "my_changed_by_others"),
        ("opportunity", "my_closing_soon"),
        ("opportunity", "my_without_next_step"),
        ("opportunity", "my_changed_by_others"),
    ];
    for (table, name) in blocks {
        let shared = model::Related {
            table: "principalobjectaccess".to_owned(),
            through: "objectid".to_owned(),
            filter: Box::new(Filter::is_in("principalid", principals).and(Filter::eq("canread", true))),
            at: None,
        };
        let rule = Filter::Any(vec![Filter::is_in("ownerid", principals), Filter::Related(shared)]);
        let mut query = view(&model, table, name);
        query.scope = Arc::new(Scope { rules: [(table.to_owned(), rule)].into(), ..Scope::default() });
        for sql in list::statements(Dialect::Sqlite, &model, &query).unwrap() {
            let plan = plan(&connection, &sql);
            assert!(plan.contains("(ownerid=? AND statecode=?"), "{sql}\n{plan}");
            assert!(!plan.contains("principalobjectaccess"), "one owner is asked for: {plan}");
        }
    }
}

#[test]
fn totals_do_not_grow_with_the_number_of_sellers() {
    let model = Model::base();
    let connection = database(&model);
    let mut query = query("opportunity");
    query.group_by = vec![Grouping { path: "stepname".into(), part: None, alias: "stage".to_owned() }];
    query.aggregates = vec![Aggregate { function: AggregateFunction::Count, path: None, alias: "deals".to_owned() }];
    query.filter = Filter::eq("statecode", 0);
    let everybody = groups::statement(Dialect::Sqlite, &model, &query).unwrap();
    assert!(everybody.contains("FROM \"pw_summary_opportunity_totals\""), "{everybody}");
    query.filter = query.filter.and(Filter::unary("ownerid", Operator::EqUserid));
    let own = groups::statement(Dialect::Sqlite, &model, &query).unwrap();
    let plan = plan(&connection, &own);
    assert!(plan.contains("USING INDEX pw_summary_opportunity") && plan.contains("(ownerid=?)"), "{own}\n{plan}");
}

#[test]
fn no_text_of_the_query_stands_in_the_statement() {
    let model = Model::base();
    let hostile = "x'); DROP TABLE lead; --";
    let mut query = query("lead").select(["subject"]).matching(Filter::Any(vec![
        Filter::eq("subject", hostile),
        Filter::compare("subject", Operator::Like, hostile),
        Filter::is_in("subject", [hostile, "y"]),
        Filter::Search(hostile.to_owned()),
    ]));
    query.columns[0].alias = Some(hostile.to_owned());
    for dialect in [Dialect::Sqlite, Dialect::Postgres] {
        for sql in list::statements(dialect, &model, &query).unwrap() {
            assert!(!sql.contains("DROP"), "{sql}");
        }
    }
    query.page.cursor = Some(Cursor { token: hostile.to_owned(), backwards: true });
    assert!(list::statements(Dialect::Sqlite, &model, &query).is_err());
}
