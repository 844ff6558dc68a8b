//! Customisations: tables change online and nothing is lost.

use std::time::Duration;

use crate::world::*;
use model::Value;
use store::{Actor, Row, StoreError};

const SCORE: &str = r#"
[table.lead.columns.new_score]
label = "Score"
type = "whole"
min = 0
max = 100
default = 5
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_published_column_is_there_with_its_default_and_the_rows_are_kept() {
    on_every_place(async |place| {
        let store = place.open().await;
        let before = insert(&store, "lead", lead("Before")).await;
        let id = id_of(&before, "leadid");
        let model = store.publish(overlay(SCORE), somebody()).await.unwrap();
        assert!(model.table("lead").unwrap().column("new_score").is_some());
        let row = get(&store, "lead", id).await.unwrap();
        assert_eq!((row.text("subject"), row.value("new_score")), ("Before", &Value::Whole(5)));
        let row = update(&store, "lead", id, Row::new().with("new_score", 42)).await.unwrap();
        store.close().await;
        let store = place.open().await;
        assert_eq!(store.model().version, 1);
        assert_eq!(get(&store, "lead", id).await, Some(row));
        assert!(store::Store::plan(&place.url).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_taken_away_comes_back_with_its_values() {
    on_every_store(async |store| {
        store.publish(overlay(SCORE), somebody()).await.unwrap();
        let row = insert(&store, "lead", lead("Scored").with("new_score", 77)).await;
        let id = id_of(&row, "leadid");
        store.publish(overlay(""), somebody()).await.unwrap();
        assert!(!get(&store, "lead", id).await.unwrap().contains("new_score"));
        store.publish(overlay(SCORE), somebody()).await.unwrap();
        assert_eq!(get(&store, "lead", id).await.unwrap().value("new_score"), &Value::Whole(77));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_taken_away_leaves_its_name_to_one_of_another_type() {
    on_every_store(async |store| {
        store.publish(overlay(SCORE), somebody()).await.unwrap();
        insert(&store, "lead", lead("Scored").with("new_score", 77)).await;
        store.publish(overlay(""), somebody()).await.unwrap();
        let (kept, _) = store.kept().await.unwrap();
        assert_eq!((kept[0].to_string(), kept[0].rows), ("lead.new_score".to_owned(), 1));
        let text = "[table.lead.columns.new_score]\nlabel = \"Score\"\ntype = \"text\"\nlength = 10\n";
        store.publish(overlay(text), somebody()).await.unwrap();
        insert(&store, "lead", lead("Worded").with("new_score", "high")).await;
        let (kept, _) = store.kept().await.unwrap();
        assert_eq!((kept[0].to_string(), kept[0].rows), ("lead.zz1_new_score".to_owned(), 1), "the former values");
        store.purge("lead", Some("zz1_new_score".to_owned()), somebody()).await.unwrap().unwrap();
        assert!(store.kept().await.unwrap().0.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_published_table_can_be_written_at_once() {
    on_every_store(async |store| {
        store
            .publish(
                overlay(
                    r#"
                [new_table.new_site]
                label = "Site"
                ownership = "organization"
                [new_table.new_site.columns.name]
                label = "Name"
                type = "text"
                length = 100
                searchable = true
                [new_table.new_site.columns.accountid]
                label = "Account"
                type = "lookup"
                targets = ["account"]
                "#,
                ),
                somebody(),
            )
            .await
            .unwrap();
        let account = insert(&store, "account", account("Contoso")).await;
        let parent = reference("account", id_of(&account, "accountid"));
        let site = insert(&store, "new_site", stamped().with("name", "Plant").with("accountid", parent)).await;
        assert_eq!(get(&store, "new_site", id_of(&site, "new_siteid")).await, Some(site));
        assert_eq!(store.check().await.unwrap().findings, []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_is_enforced_and_refused_while_rows_contradict_it() {
    on_every_store(async |store| {
        let key = overlay("[[table.account.key]]\nname = \"number\"\ncolumns = [\"accountnumber\"]\n");
        let one = insert(&store, "account", account("One").with("accountnumber", "A-1")).await;
        let two = insert(&store, "account", account("Two").with("accountnumber", "a-1")).await;
        match store.publish(key.clone(), somebody()).await {
            Err(StoreError::Migration(message)) => assert!(message.contains("account"), "{message}"),
            other => panic!("{other:?}"),
        }
        assert_eq!(store.model().version, 0);
        let id = id_of(&two, "accountid");
        update(&store, "account", id, Row::new().with("accountnumber", "A-2")).await.unwrap();
        store.publish(key, somebody()).await.unwrap();
        match update(&store, "account", id, Row::new().with("accountnumber", "a-1")).await {
            Err(StoreError::DuplicateKey { table, columns }) => {
                assert_eq!((table.as_str(), columns), ("account", vec!["accountnumber".to_owned()]));
            }
            other => panic!("{other:?}"),
        }
        // Empty values do not collide.
        for _ in 0..2 {
            insert(&store, "account", account("Without number")).await;
        }
        assert!(get(&store, "account", id_of(&one, "accountid")).await.is_some());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_type_is_refused_with_the_place() {
    on_every_store(async |store| {
        store.publish(overlay(SCORE), somebody()).await.unwrap();
        let text = "[table.lead.columns.new_score]\nlabel = \"Score\"\ntype = \"text\"\nlength = 10\n";
        match store.publish(overlay(text), somebody()).await {
            Err(StoreError::Migration(message)) => assert!(message.contains("lead.new_score"), "{message}"),
            other => panic!("{other:?}"),
        }
        insert(&store, "lead", lead("Still scored").with("new_score", 1)).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_places_after_the_point_keep_the_value() {
    on_every_store(async |store| {
        let rate = |precision: u32| {
            overlay(&format!(
                "[table.lead.columns.new_rate]\nlabel = \"Rate\"\ntype = \"decimal\"\nprecision = {precision}\n"
            ))
        };
        store.publish(rate(2), somebody()).await.unwrap();
        let value: rust_decimal::Decimal = "1.25".parse().unwrap();
        let row = insert(&store, "lead", lead("Rated").with("new_rate", value)).await;
        let id = id_of(&row, "leadid");
        store.publish(rate(4), somebody()).await.unwrap();
        assert_eq!(get(&store, "lead", id).await.unwrap().value("new_rate"), &Value::Decimal(value));
        assert!(matches!(store.publish(rate(1), somebody()).await, Err(StoreError::Migration(_))));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unsound_customisation_changes_nothing() {
    on_every_store(async |store| {
        let unsound = "[table.lead.columns.new_site]\nlabel = \"Site\"\ntype = \"lookup\"\ntargets = [\"nowhere\"]\n";
        let refused = store.publish(overlay(unsound), somebody()).await;
        assert!(matches!(refused, Err(StoreError::Model(_))), "{refused:?}");
        assert_eq!(store.model().version, 0);
        assert!(store.overlay().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn reads_and_writes_go_on_while_somebody_publishes() {
    on_every_store(async |store| {
        let row = insert(&store, "lead", lead("Busy")).await;
        let id = id_of(&row, "leadid");
        let mut others = Vec::new();
        for number in 0..3 {
            let store = store.clone();
            others.push(tokio::spawn(async move {
                for round in 0..40 {
                    get(&store, "lead", id).await.unwrap();
                    insert(&store, "lead", lead(&format!("Lead {number}/{round}"))).await;
                }
            }));
        }
        for number in 0..4 {
            let column = format!("[table.lead.columns.new_c{number}]\nlabel = \"C\"\ntype = \"text\"\nlength = 10\n");
            store.publish(overlay(&column), somebody()).await.unwrap();
        }
        for other in others {
            other.await.unwrap();
        }
        assert_eq!(store.model().version, 4);
        assert_eq!(store.check().await.unwrap().findings, []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn customisations_made_from_an_older_model_overwrite_nobodys() {
    on_every_place(async |place| {
        let (here, there) = (place.open().await, place.open().await);
        let seen = there.overlay();
        here.publish_over(here.overlay(), overlay(SCORE), somebody()).await.unwrap();
        let late = there.publish_over(seen, overlay(""), somebody()).await;
        assert!(matches!(late, Err(StoreError::ModelChanged)), "{late:?}");
        assert!(here.model().table("lead").unwrap().column("new_score").is_some());
        // What else is published, such as duplicate rules, is in nobody's way.
        let count = |writer: &mut store::Writer<'_>| {
            writer.count_publication()?;
            Ok::<_, StoreError>(())
        };
        there.write_alone(count).await.unwrap();
        there.publish_over(here.overlay(), overlay(""), somebody()).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_notices_what_was_published() {
    on_every_place(async |place| {
        let (here, there) = (place.open().await, place.open().await);
        here.publish(overlay(SCORE), somebody()).await.unwrap();
        // A write looks at once, a reader within about a second.
        let row = insert(&there, "lead", lead("Scored").with("new_score", 9)).await;
        assert_eq!(row.value("new_score"), &Value::Whole(9));
        here.publish(overlay(""), somebody()).await.unwrap();
        for _ in 0..100 {
            if there.model().version == 2 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("it has not noticed");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_model_no_longer_has_is_listed_and_purged_with_its_files() {
    on_every_place(async |place| {
        let store = place.open().await;
        store
            .publish(
                overlay(
                    r#"
                [table.lead.columns.new_picture]
                label = "Picture"
                type = "file"
                [table.lead.columns.new_partner]
                label = "Partner"
                type = "lookup"
                targets = ["account", "contact"]
                [new_table.new_site]
                label = "Site"
                ownership = "organization"
                [new_table.new_site.columns.name]
                label = "Name"
                type = "text"
                length = 100
                searchable = true
                "#,
                ),
                somebody(),
            )
            .await
            .unwrap();
        let account = id_of(&insert(&store, "account", account("Fabrikam")).await, "accountid");
        let picture = uuid::Uuid::now_v7();
        store.write(move |writer| writer.put_file(picture, b"a picture")).await.unwrap();
        let row = lead("Kept").with("new_picture", picture).with("new_partner", reference("account", account));
        let id = id_of(&insert(&store, "lead", row).await, "leadid");
        insert(&store, "new_site", stamped().with("name", "Berlin")).await;
        assert!(store.kept().await.unwrap().0.is_empty());
        store.publish(overlay(""), somebody()).await.unwrap();

        let (kept, _) = store.kept().await.unwrap();
        let kept: Vec<(String, u64)> = kept.iter().map(|data| (data.to_string(), data.rows)).collect();
        let named = |name: &str| kept.iter().find(|(it, _)| it == name).map(|(_, rows)| *rows);
        assert_eq!(kept[0], ("new_site".to_owned(), 1));
        assert_eq!((named("lead.new_picture"), named("lead.new_partner"), kept.len()), (Some(1), Some(1), 3));
        let purge = async |table: &str, column: Option<&str>| {
            store.purge(table, column.map(str::to_owned), somebody()).await.unwrap()
        };
        assert_eq!(purge("lead", Some("subject")).await, None, "only what is kept is purged");
        assert_eq!(purge("lead", None).await, None);
        for (table, column) in [("new_site", None), ("lead", Some("new_picture")), ("lead", Some("new_partner"))] {
            assert_eq!(purge(table, column).await.unwrap().data.rows, 1);
            assert_eq!(purge(table, column).await, None);
        }
        let file = store.read(move |reader| reader.file(picture)).await.unwrap();
        assert_eq!(file, None);
        assert_eq!(get(&store, "lead", id).await.unwrap().text("subject"), "Kept");
        insert(&store, "lead", lead("After")).await;
        assert!(store.check().await.unwrap().findings.is_empty());
        store.close().await;
        let store = place.open().await;
        let (kept, purged) = store.kept().await.unwrap();
        assert_eq!((kept.len(), purged.len()), (0, 3), "every purge is recorded");
        assert_eq!(purged[0].origin, somebody().origin);
        store.publish(overlay(SCORE), somebody()).await.unwrap();
        store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_published_when_by_what_way_and_what_is_kept_for_good() {
    on_every_place(async |place| {
        let store = place.open().await;
        let began = jiff::Timestamp::now() - jiff::SignedDuration::from_secs(1);
        store.publish(overlay(SCORE), somebody()).await.unwrap();
        let other = Actor { user: uuid::Uuid::from_u128(2), origin: "command".to_owned(), ..somebody() };
        store.publish_over(store.overlay(), overlay(""), other).await.unwrap();
        let unsound = "[table.lead.columns.new_score]\nlabel = \"Score\"\ntype = \"choice\"\n";
        store.publish(overlay(unsound), somebody()).await.unwrap_err();
        store.close().await;

        let store = place.open().await;
        let page = async |before: Option<u64>, limit| {
            store.read(move |reader| reader.publications(before, limit)).await.unwrap()
        };
        let all = page(None, 10).await;
        let told: Vec<(u64, u128, &str, &str)> =
            all.iter().map(|it| (it.version, it.user.as_u128(), it.origin.as_str(), it.changes[0].as_str())).collect();
        let left = "column lead/new_score leaves the model; its values are kept in the database";
        assert_eq!(told, [(2, 2, "command", left), (1, 1, "test", "column lead/new_score (Score) is added")]);
        assert!(all.iter().all(|it| it.at > began && it.at <= jiff::Timestamp::now()), "{all:?}");
        assert_eq!((page(None, 1).await, page(Some(2), 10).await), (all[..1].to_vec(), all[1..].to_vec()));
    })
    .await;
}
