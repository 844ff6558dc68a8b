//! Rules of access: what may not be seen leaks nowhere.

use std::sync::Arc;

use crate::gadgets::rows_of;
use crate::world::*;
use model::{Filter, Operator, Order, Path, Related, Value};
use store::{Aggregate, AggregateFunction, Grouping, Join, JoinKind, Output, Query, Row, Scope, Store};
use uuid::Uuid;

/// Two accounts with a lead and a task each; only what is the caller's own may be seen.
struct Deals {
    mine: Uuid,
}

const MINE: u128 = 1;
const THEIRS: u128 = 9;

async fn deals(store: &Store) -> Deals {
    let mut ids = Vec::new();
    for owner in [MINE, THEIRS] {
        let owned = |row: Row| row.with("ownerid", reference("systemuser", Uuid::from_u128(owner)));
        let user = stamped().with("fullname", format!("User {owner}")).with("isdisabled", false);
        store
            .write(move |writer| writer.insert(&somebody(), "systemuser", Uuid::from_u128(owner), user))
            .await
            .unwrap();
        let company = insert(store, "account", owned(account(&format!("Company {owner}")))).await;
        let company = id_of(&company, "accountid");
        // Everybody's leads point at both companies.
        let row = owned(lead(&format!("Lead {owner}"))).with("parentaccountid", reference("account", company));
        insert(store, "lead", row).await;
        let deal = owned(stamped())
            .with("name", format!("Deal {owner}"))
            .with("statecode", 0)
            .with("statuscode", 1)
            .with("estimatedvalue", rust_decimal::Decimal::from(100 * owner as i64))
            .with("parentaccountid", reference("account", company));
        insert(store, "opportunity", deal).await;
        ids.push(company);
    }
    Deals { mine: ids[0] }
}

fn only(tables: &[&str]) -> Arc<Scope> {
    let rule = Filter::unary("ownerid", Operator::EqUserid);
    Arc::new(Scope {
        rules: tables.iter().map(|table| ((*table).to_owned(), rule.clone())).collect(),
        ..Scope::default()
    })
}

fn query(table: &str, scope: &Arc<Scope>) -> Query {
    Query::of(table, Arc::clone(scope), Arc::new(zone()))
}

async fn values(store: &Store, query: Query) -> Vec<Vec<Value>> {
    rows_of(store, query).await.unwrap().rows
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_related_row_reads_as_empty() {
    on_every_store(async |store| {
        deals(&store).await;
        let leads = query("lead", &only(&["account"]))
            .select([Path::column("subject"), Path::through("parentaccountid", "name")])
            .order_by(Order::ascending("subject"));
        assert_eq!(
            values(&store, leads).await,
            [[Value::from("Lead 1"), Value::from("Company 1")], [Value::from("Lead 9"), Value::Null],]
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_related_row_can_neither_be_filtered_nor_sorted_by() {
    on_every_store(async |store| {
        deals(&store).await;
        let scope = only(&["account"]);
        let leads = || query("lead", &scope).select(["subject"]);
        let by_name =
            leads().matching(Filter::compare(Path::through("parentaccountid", "name"), Operator::Contains, "9"));
        assert!(values(&store, by_name).await.is_empty());
        // Both sorted by the name alone, the hidden one as if it had none: lowest.
        let sorted = leads().order_by(Order::ascending(Path::through("parentaccountid", "name")));
        assert_eq!(values(&store, sorted).await, [[Value::from("Lead 9")], [Value::from("Lead 1")]]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hidden_rows_are_not_counted_grouped_joined_or_related() {
    on_every_store(async |store| {
        let deals = deals(&store).await;
        let scope = only(&["account", "lead", "opportunity"]);
        let mut counted = query("lead", &scope).select(["subject"]);
        counted.page.count = true;
        let rows = rows_of(&store, counted).await.unwrap();
        assert_eq!((rows.total, rows.rows.len()), (Some(1), 1));

        let mut summed = query("opportunity", &scope);
        let sum = Aggregate {
            function: AggregateFunction::Sum,
            path: Some("estimatedvalue".into()),
            alias: "sum".to_owned(),
        };
        summed.aggregates = vec![sum.clone()];
        assert_eq!(values(&store, summed.clone()).await, [[Value::Decimal(100.into())]]);
        summed.filter = Filter::unary("createdon", Operator::NotNull);
        assert_eq!(values(&store, summed).await, [[Value::Decimal(100.into())]]);

        let mut by_name = query("opportunity", &only(&["account"]));
        let path: Path = "parentaccountid.name".parse().unwrap();
        by_name.group_by = vec![Grouping { path, part: None, alias: "name".to_owned() }];
        by_name.aggregates = vec![sum];
        assert_eq!(
            values(&store, by_name).await,
            [[Value::Null, Value::Decimal(900.into())], [Value::from("Company 1"), Value::Decimal(100.into())],]
        );

        // Companies may be seen, leads may not.
        let leads_only = only(&["lead"]);
        let mut joined = query("account", &leads_only).select(["name"]).order_by(Order::ascending("name"));
        joined.joins.push(Join {
            alias: "l".to_owned(),
            table: "lead".to_owned(),
            column: "parentaccountid".to_owned(),
            parent: None,
            parent_column: "accountid".to_owned(),
            kind: JoinKind::Outer,
            filter: Filter::everything(),
        });
        joined.columns.push(Output { path: "subject".into(), alias: None, join: Some("l".to_owned()) });
        assert_eq!(
            values(&store, joined.clone()).await,
            [[Value::from("Company 1"), Value::from("Lead 1")], [Value::from("Company 9"), Value::Null],]
        );
        joined.joins[0].kind = JoinKind::Inner;
        assert_eq!(values(&store, joined).await.len(), 1);
        let related = Filter::Related(Related {
            table: "lead".to_owned(),
            through: "parentaccountid".to_owned(),
            filter: Box::new(Filter::everything()),
            at: None,
        });
        let with_lead = query("account", &leads_only).select(["accountid"]).matching(related);
        assert_eq!(values(&store, with_lead).await, [[Value::Id(deals.mine)]]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_may_look_through_lookups_at_rows_that_are_hidden_themselves() {
    on_every_store(async |store| {
        deals(&store).await;
        // A lead may be seen where its account is the caller's; accounts are hidden altogether.
        let rules = [
            ("account".to_owned(), Filter::Any(Vec::new())),
            ("lead".to_owned(), Filter::unary(Path::through("parentaccountid", "ownerid"), Operator::EqUserid)),
        ];
        let scope = Arc::new(Scope { rules: rules.into_iter().collect(), ..Scope::default() });
        let leads = query("lead", &scope).select([Path::column("subject"), Path::through("parentaccountid", "name")]);
        assert_eq!(values(&store, leads).await, [[Value::from("Lead 1"), Value::Null]]);
        assert!(values(&store, query("account", &scope).select(["name"])).await.is_empty());
        // The rule stands in the ON clause of a join, too.
        let mut tasks = query(
            "account",
            &Arc::new(Scope {
                rules: scope.rules.iter().skip(1).map(|(a, b)| (a.clone(), b.clone())).collect(),
                ..Scope::default()
            }),
        );
        tasks.joins.push(Join {
            alias: "l".to_owned(),
            table: "lead".to_owned(),
            column: "parentaccountid".to_owned(),
            parent: None,
            parent_column: "accountid".to_owned(),
            kind: JoinKind::Inner,
            filter: Filter::compare(Path::through("parentaccountid", "name"), Operator::BeginsWith, "comp"),
        });
        tasks.columns.push(Output { path: "subject".into(), alias: None, join: Some("l".to_owned()) });
        assert_eq!(values(&store, tasks).await, [[Value::from("Lead 1")]]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_related_to_a_row_that_lookups_lead_to_are_found_as_far_as_both_may_be_seen() {
    on_every_store(async |store| {
        deals(&store).await;
        let company_has_deal = |at: &str| {
            Filter::Related(Related {
                table: "opportunity".to_owned(),
                through: "parentaccountid".to_owned(),
                filter: Box::new(Filter::unary("estimatedvalue", Operator::NotNull)),
                at: Some(Path::through("parentaccountid", at)),
            })
        };
        let leads = |scope: &Arc<Scope>| {
            let leads = query("lead", scope).select(["subject"]).order_by(Order::ascending("subject"));
            leads.matching(company_has_deal("accountid"))
        };
        let (first, last) = (vec![Value::from("Lead 1")], vec![Value::from("Lead 9")]);
        assert_eq!(values(&store, leads(&only(&[]))).await, [first.clone(), last]);
        for hidden in ["account", "opportunity", "lead"] {
            assert_eq!(values(&store, leads(&only(&[hidden]))).await, std::slice::from_ref(&first), "{hidden}");
        }
        let no_key = query("lead", &only(&[])).select(["subject"]).matching(company_has_deal("name"));
        assert!(rows_of(&store, no_key).await.is_err());
    })
    .await;
}
