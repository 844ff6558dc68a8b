//! Single rows: what is written comes back, and what must not be written is refused.

use std::sync::Arc;

use crate::gadgets::rows_of;
use crate::world::*;
use model::{Filter, Order, Value};
use rust_decimal::Decimal;
use store::{Query, Row, StoreError};
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn a_row_comes_back_as_it_was_written() {
    on_every_store(async |store| {
        let parent = insert(&store, "account", account("Müller & Söhne")).await;
        let row = lead("Robotics line")
            .with("firstname", "Ada")
            .with("lastname", "Lovelace")
            .with("budgetamount", "1234.5".parse::<Decimal>().unwrap())
            .with("donotphone", true)
            .with("leadsourcecode", 2)
            .with("parentaccountid", reference("account", id_of(&parent, "accountid")))
            .with("customerid", reference("account", id_of(&parent, "accountid")));
        let written = insert(&store, "lead", row).await;
        assert_eq!(written.text("fullname"), "Ada Lovelace");
        let read = get(&store, "lead", id_of(&written, "leadid")).await.unwrap();
        assert_eq!(read, written);
        assert_eq!(read.value("budgetamount"), &Value::Decimal("1234.5".parse().unwrap()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_by_key_finds_the_row_with_what_was_asked_for_and_nothing_of_another() {
    on_every_store(async |store| {
        let party = id_of(&insert(&store, "account", account("Müller & Söhne")).await, "accountid");
        let row = lead("Robotics line").with("donotphone", true).with("customerid", reference("account", party));
        let written = insert(&store, "lead", row).await;
        insert(&store, "lead", lead("Another")).await;
        let id = id_of(&written, "leadid");
        let by_key = |id: Uuid| Query::of("lead", Arc::default(), Arc::new(zone())).matching(Filter::eq("leadid", id));
        let names = ["customerid", "subject", "createdon", "donotphone", "budgetamount", "versionnumber", "leadid"];

        let mut asked = by_key(id).select(names);
        asked.columns[1].alias = Some("about".to_owned());
        let found = rows_of(&store, asked.clone()).await.unwrap();
        assert_eq!(
            &*found.columns,
            ["customerid", "about", "createdon", "donotphone", "budgetamount", "versionnumber", "leadid"]
        );
        assert_eq!(found.rows, [names.map(|name| written.value(name).clone())]);
        assert!(found.next.is_none() && found.previous.is_none());
        asked.page.count = true;
        assert_eq!(rows_of(&store, asked).await.unwrap().total, Some(1));
        let nobody = rows_of(&store, by_key(Uuid::from_u128(7)).select(["subject"])).await.unwrap();
        assert!(nobody.rows.is_empty());
        for wrong in [by_key(id).select(["topic"]), by_key(id).select(["subject"]).order_by(Order::ascending("topic"))]
        {
            assert!(matches!(rows_of(&store, wrong).await, Err(StoreError::BadQuery(_))));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_gives_the_row_a_new_version_and_no_change_keeps_it() {
    on_every_store(async |store| {
        let first = insert(&store, "lead", lead("One")).await;
        let id = id_of(&first, "leadid");
        let second = update(&store, "lead", id, Row::new().with("subject", "Two")).await.unwrap();
        assert!(version(&second) > version(&first));
        let later = jiff::Timestamp::now();
        let third =
            update(&store, "lead", id, Row::new().with("subject", "Two").with("modifiedon", later)).await.unwrap();
        assert_eq!(version(&third), version(&second));
        let history = store.read(move |reader| reader.feed_of("lead", id, 10)).await.unwrap();
        assert_eq!(history.len(), 2);
        assert_eq!(history[0].changes, [("subject".to_owned(), Value::from("One"), Value::from("Two"))]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn writing_over_somebody_elses_change_is_a_conflict() {
    on_every_store(async |store| {
        let old = insert(&store, "lead", lead("One")).await;
        let id = id_of(&old, "leadid");
        let new = update(&store, "lead", id, Row::new().with("subject", "Two")).await.unwrap();
        let late = store
            .write(move |writer| writer.update(&somebody(), "lead", &old, Row::new().with("subject", "Three")))
            .await;
        match late {
            Err(StoreError::VersionConflict { current, .. }) => assert_eq!(current, version(&new)),
            other => panic!("{other:?}"),
        }
        assert_eq!(get(&store, "lead", id).await.unwrap().text("subject"), "Two");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_row_is_gone_and_its_values_are_in_the_feed() {
    on_every_store(async |store| {
        let row = insert(&store, "lead", lead("Short-lived")).await;
        let id = id_of(&row, "leadid");
        store.write(move |writer| writer.delete(&somebody(), "lead", &row)).await.unwrap();
        assert_eq!(get(&store, "lead", id).await, None);
        let last = store.read(move |reader| reader.feed_of("lead", id, 1)).await.unwrap().remove(0);
        assert!(last.changes.contains(&("subject".to_owned(), Value::from("Short-lived"), Value::Null)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lookup_must_point_at_a_row_that_exists() {
    on_every_store(async |store| {
        let nowhere = Uuid::now_v7();
        let row = lead("Lost").with("parentaccountid", reference("account", nowhere));
        match try_insert(&store, "lead", row).await {
            Err(StoreError::DanglingReference { column, id, .. }) => {
                assert_eq!((column.as_str(), id), ("parentaccountid", nowhere));
            }
            other => panic!("{other:?}"),
        }
        let wrong = lead("Lost").with("parentaccountid", reference("contact", nowhere));
        assert!(matches!(try_insert(&store, "lead", wrong).await, Err(StoreError::BadValue { .. })));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_found_for_rows_of_several_tables() {
    on_every_store(async |store| {
        let account = insert(&store, "account", account("Contoso")).await;
        let lead = insert(&store, "lead", lead("Topic").with("lastname", "Hopper")).await;
        let wanted = [
            reference("account", id_of(&account, "accountid")),
            reference("lead", id_of(&lead, "leadid")),
            reference("account", Uuid::now_v7()),
            reference("account", id_of(&account, "accountid")),
        ];
        let asked = wanted.clone();
        let names = store.read(move |reader| reader.names(&asked)).await.unwrap();
        assert_eq!(names.len(), 2);
        assert_eq!((names[&wanted[0]].as_str(), names[&wanted[1]].as_str()), ("Contoso", "Hopper"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_files_and_secrets_are_kept() {
    on_every_store(async |store| {
        let file = Uuid::now_v7();
        let owner = Uuid::now_v7();
        let secret = store::Secret {
            kind: "token".to_owned(),
            key: "abc".to_owned(),
            owner: Some(owner),
            expires: Some("2027-01-01T00:00:00Z".parse().unwrap()),
            data: serde_json::json!({ "hash": "x" }),
        };
        let kept = secret.clone();
        store
            .write(move |writer| {
                writer.set_setting("currency", &serde_json::json!("EUR"))?;
                writer.put_file(file, &[7; 16])?;
                writer.put_secret(&kept)
            })
            .await
            .unwrap();
        store
            .read(move |reader| {
                assert_eq!(reader.setting("currency")?, Some(serde_json::json!("EUR")));
                assert_eq!(reader.setting("other")?, None);
                assert_eq!(reader.file(file)?, Some(vec![7; 16]));
                assert_eq!(reader.secret("token", "abc")?, Some(secret.clone()));
                assert_eq!(reader.secrets_of("token", owner)?, [secret]);
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
    })
    .await;
}
