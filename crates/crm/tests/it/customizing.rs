//! An administrator shapes the model while everybody works.

use crate::world::{World, crm, in_every_world, to};
use crm::{
    Error, Origin, Row,
    customization::parts::{Outcome, Purpose},
    views::Definition,
};
use model::{Filter, PartAddress, PartKind, PartOrigin, Reference};
use serde_json::{Value as Json, json};

fn address(kind: &str, name: &str) -> PartAddress {
    PartAddress::new(kind.parse().unwrap(), name).unwrap()
}

async fn put(world: &World, kind: &str, name: &str, document: Json) -> crm::Result<Outcome> {
    let customization = world.app.customization();
    customization.put(&world.admin, Origin::Page, &address(kind, name), &document, Purpose::Publish).await
}

async fn remove(world: &World, kind: &str, name: &str) -> crm::Result<Option<Outcome>> {
    let customization = world.app.customization();
    customization.remove(&world.admin, Origin::Page, &address(kind, name), Purpose::Publish).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_adds_a_column_and_it_is_there_for_everybody_at_once() {
    in_every_world(async |world| {
        let before = world.lead("Old lead").await;
        let score = json!({ "label": "Score", "type": "whole", "max": 100 });
        let customization = world.app.customization();
        let wanted = address("column", "lead/new_score");
        let refused =
            customization.put(&world.seller, Origin::Page, &wanted, &score, Purpose::Publish).await.unwrap_err();
        assert!(matches!(refused, Error::Forbidden(_)), "{refused}");

        let tried = customization.put(&world.admin, Origin::Page, &wanted, &score, Purpose::Try).await.unwrap();
        assert_eq!(tried.changes, ["column lead/new_score (Score) is added"]);
        assert!(customization.part(&world.admin, &wanted).unwrap().is_none(), "a trial changes nothing");

        let version = world.app.model().version;
        let done = put(&world, "column", "lead/new_score", score.clone()).await.unwrap();
        assert!(done.published);
        assert_eq!(world.app.model().version, version + 1);
        put(&world, "column", "lead/new_score", score).await.unwrap();
        assert_eq!(world.app.model().version, version + 1, "the same again is no change");

        world.update("lead", before, Row::new().with("new_score", 7)).await.unwrap();
        let query = world.app.new_query(&world.seller, "lead").select(["subject"]).matching(Filter::eq("new_score", 7));
        assert_eq!(world.app.query(&world.seller, query).await.unwrap().rows.len(), 1);
        let said = world.update("lead", before, Row::new().with("new_score", 101)).await.unwrap_err().to_string();
        assert!(said.contains("Score (new_score)"), "{said}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_put_back_has_its_values_again() {
    in_every_world(async |world| {
        let score = json!({ "label": "Score", "type": "whole" });
        put(&world, "column", "lead/new_score", score.clone()).await.unwrap();
        let lead = world.lead("Scored").await;
        world.update("lead", lead, Row::new().with("new_score", 42)).await.unwrap();
        remove(&world, "column", "lead/new_score").await.unwrap().unwrap();
        assert!(world.app.table("lead").unwrap().column("new_score").is_none());
        assert!(remove(&world, "column", "lead/new_score").await.unwrap().is_none(), "it is gone");
        put(&world, "column", "lead/new_score", score).await.unwrap();
        assert_eq!(world.get("lead", lead).await.value("new_score").as_whole(), Some(42));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_are_refused_with_their_place_and_change_nothing() {
    in_every_world(async |world| {
        let number = json!({ "label": "Score", "type": "whole" });
        put(&world, "column", "lead/new_score", number.clone()).await.unwrap();
        let view = json!({ "label": "Scored", "columns": ["fullname", "new_score"] });
        put(&world, "view", "lead/new_scored", view).await.unwrap();
        let before = world.app.customization().overlay();

        let said = put(&world, "column", "lead/score", number).await.unwrap_err().to_string();
        assert!(said.contains("lead.score") && said.contains("new_score"), "{said}");
        let memo = json!({ "label": "Score", "type": "memo" });
        let said = put(&world, "column", "lead/new_score", memo).await.unwrap_err().to_string();
        assert!(said.contains("lead.new_score: its values cannot become this type"), "{said}");
        let said = remove(&world, "column", "lead/new_score").await.unwrap_err().to_string();
        assert!(said.contains("column lead/new_score: this cannot be removed while it is still used"), "{said}");
        assert!(said.contains("view new_scored: column 2"), "{said}");
        let said = remove(&world, "column", "lead/subject").await.unwrap_err().to_string();
        assert!(said.contains("this is shipped and cannot be removed"), "{said}");
        let said = remove(&world, "table", "lead").await.unwrap_err().to_string();
        assert!(said.contains("table lead: this is shipped"), "{said}");
        assert_eq!(world.app.customization().overlay(), before);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shorter_column_is_refused_while_rows_need_the_length() {
    in_every_world(async |world| {
        let text = |length: u32| json!({ "label": "Motto", "type": "text", "length": length });
        put(&world, "column", "lead/new_motto", text(50)).await.unwrap();
        let lead = world.lead("Motto").await;
        world.update("lead", lead, Row::new().with("new_motto", "x".repeat(40))).await.unwrap();
        let said = put(&world, "column", "lead/new_motto", text(20)).await.unwrap_err().to_string();
        assert!(said.contains("new_motto"), "{said}");
        put(&world, "column", "lead/new_motto", text(40)).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_option_that_rows_have_is_hidden_rather_than_removed() {
    in_every_world(async |world| {
        let source = "lead/leadsourcecode";
        let added = put(&world, "option", &format!("{source}/next"), json!({ "label": "Podcast" })).await.unwrap();
        assert_eq!(added.name, "lead/leadsourcecode/100000000");
        let lead = world.lead("Heard of us").await;
        world.update("lead", lead, Row::new().with("leadsourcecode", 100_000_000)).await.unwrap();
        let said = remove(&world, "option", &added.name).await.unwrap_err().to_string();
        assert!(said.contains("1 rows have 100000000 (Podcast)") && said.contains("hide it"), "{said}");
        put(&world, "option", &added.name, json!({ "label": "Podcast", "hidden": true })).await.unwrap();
        world.update("lead", lead, Row::new().with("leadsourcecode", 1)).await.unwrap();
        remove(&world, "option", &added.name).await.unwrap().unwrap();
        assert!(world.app.customization().overlay().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_reason_that_rows_have_stays() {
    in_every_world(async |world| {
        let reason = json!({ "state": 0, "label": "Nurturing" });
        let added = put(&world, "status", "lead/next", reason).await.unwrap();
        let lead = world.lead("Slow one").await;
        world.update("lead", lead, Row::new().with("statuscode", 100_000_000)).await.unwrap();
        let said = remove(&world, "status", &added.name).await.unwrap_err().to_string();
        assert!(said.contains("(Nurturing)"), "{said}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_stays_while_somebodys_own_view_or_a_rule_of_duplicates_speaks_of_it() {
    in_every_world(async |world| {
        put(&world, "column", "lead/new_score", json!({ "label": "Score", "type": "whole" })).await.unwrap();
        put(&world, "column", "account/new_code", json!({ "label": "Code", "type": "text" })).await.unwrap();
        put(&world, "table", "new_site", json!({ "label": "Site" })).await.unwrap();
        let view = Definition {
            columns: serde_json::from_value(json!(["subject", "new_score"])).unwrap(),
            filter: Filter::compare("new_score", model::Operator::Gt, model::Value::Whole(5)),
            order: Vec::new(),
            group: None,
        };
        let mine = world.app.keep_personal_view(&world.seller, Origin::Page, "lead", "My hot ones", &view);
        let mine = mine.await.unwrap();
        let rule = Row::new()
            .with("name", "Same code")
            .with("baseentityname", "account")
            .with("matchingentityname", "account");
        let rule = world.create_as_admin("duplicaterule", rule).await;
        let condition = Row::new()
            .with("regardingobjectid", to("duplicaterule", rule))
            .with("baseattributename", "new_code")
            .with("matchingattributename", "name");
        let condition = world.create_as_admin("duplicaterulecondition", condition).await;
        let sites =
            Row::new().with("name", "Sites").with("baseentityname", "new_site").with("matchingentityname", "new_site");
        let sites = world.create_as_admin("duplicaterule", sites).await;

        let said = remove(&world, "column", "lead/new_score").await.unwrap_err().to_string();
        assert!(said.contains("cannot be removed while it is still used"), "{said}");
        assert!(said.contains("saved view \"My hot ones\" of Sam Seller (lead): column 2"), "{said}");
        assert!(
            said.contains("saved view \"My hot ones\" of Sam Seller (lead): lead has no column"),
            "the filter: {said}"
        );
        let said = remove(&world, "column", "account/new_code").await.unwrap_err().to_string();
        assert!(said.contains("duplicate rule \"Same code\": a condition compares account.new_code"), "{said}");
        let said = remove(&world, "table", "new_site").await.unwrap_err().to_string();
        assert!(said.contains("duplicate rule \"Sites\": it speaks of the table new_site"), "{said}");
        assert!(world.app.table("lead").unwrap().column("new_score").is_some());

        world.app.delete_personal_view(&world.seller, Origin::Page, mine).await.unwrap();
        world.delete_as_admin("duplicaterulecondition", condition).await;
        world.delete_as_admin("duplicaterule", sites).await;
        remove(&world, "column", "lead/new_score").await.unwrap().unwrap();
        remove(&world, "column", "account/new_code").await.unwrap().unwrap();
        remove(&world, "table", "new_site").await.unwrap().unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_out_of_the_model_is_purged_by_administrators_only() {
    in_every_world(async |world| {
        let score = json!({ "label": "Score", "type": "whole" });
        put(&world, "column", "lead/new_score", score.clone()).await.unwrap();
        let lead = world.lead("Scored").await;
        world.update("lead", lead, Row::new().with("new_score", 42)).await.unwrap();
        let customization = world.app.customization();
        let purge = async |caller, purpose| customization.purge(caller, Origin::Page, "lead.new_score", purpose).await;
        let said = purge(&world.admin, Purpose::Publish).await.unwrap_err().to_string();
        assert!(said.contains("is part of the model"), "{said}");
        remove(&world, "column", "lead/new_score").await.unwrap().unwrap();

        assert!(matches!(purge(&world.seller, Purpose::Publish).await, Err(Error::Forbidden(_))));
        assert!(matches!(customization.kept_aside(&world.seller).await, Err(Error::Forbidden(_))));
        let tried = purge(&world.admin, Purpose::Try).await.unwrap();
        assert_eq!((tried.data.rows, tried.purged), (1, false));
        assert!(purge(&world.admin, Purpose::Publish).await.unwrap().purged);
        let said = purge(&world.admin, Purpose::Publish).await.unwrap_err().to_string();
        assert!(said.contains("nothing is kept under the name lead.new_score"), "{said}");
        let aside = customization.kept_aside(&world.admin).await.unwrap();
        assert_eq!((aside.kept.len(), aside.purged.len()), (0, 1));
        assert_eq!((aside.purged[0].user, aside.purged[0].data.rows), (world.admin.user, 1));
        put(&world, "column", "lead/new_score", score).await.unwrap();
        assert!(world.get("lead", lead).await.value("new_score").is_null(), "its values are gone");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_made_at_the_same_time_are_all_kept() {
    in_every_world(async |world| {
        let column =
            |number: u32| (format!("lead/new_c{number}"), json!({ "label": format!("C{number}"), "type": "whole" }));
        let (first, second, third) = (column(1), column(2), column(3));
        let done = tokio::join!(
            put(&world, "column", &first.0, first.1.clone()),
            put(&world, "column", &second.0, second.1.clone()),
            put(&world, "column", &third.0, third.1.clone()),
        );
        done.0.unwrap();
        done.1.unwrap();
        done.2.unwrap();
        let own = world.app.customization().parts(&world.admin, Some(PartKind::Column), Some("lead")).unwrap();
        assert_eq!(own.iter().filter(|part| part.origin == PartOrigin::Own).count(), 3);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_own_table_carries_notes_and_activities_and_they_go_with_it() {
    in_every_world(async |world| {
        let project = json!({ "label": "Project", "notes": true, "activities": true });
        put(&world, "table", "new_project", project).await.unwrap();
        let id = world.create("new_project", Row::new().with("name", "Robots")).await;
        let about = || to("new_project", id);
        world.create("annotation", Row::new().with("notetext", "Budget confirmed").with("objectid", about())).await;
        let task = Row::new().with("subject", "Call back").with("regardingobjectid", about());
        world.create("task", task).await;

        let regarding = Filter::eq("regardingobjectid", Reference::new("new_project", id));
        let query = world.app.new_query(&world.seller, "activitypointer").select(["subject"]).matching(regarding);
        let found = world.app.query(&world.seller, query).await.unwrap();
        assert_eq!(found.rows.len(), 1);

        let said = put(&world, "table", "new_other", json!({ "label": "Other" })).await.map(|_| ());
        said.unwrap();
        let other = world.create("new_other", Row::new().with("name", "No notes")).await;
        let note = Row::new().with("notetext", "x").with("objectid", to("new_other", other));
        let record = crm::NewRecord::of("annotation", note);
        let said = world.app.create(&world.seller, Origin::Page, record).await.unwrap_err().to_string();
        assert!(said.contains("this cannot point at new_other"), "{said}");

        world.app.delete(&world.seller().await, Origin::Page, "new_project", id, None).await.unwrap();
        assert_eq!((world.count("annotation").await, world.count("task").await), (0, 0));
        let report = world.app.store().check().await.unwrap();
        assert!(report.findings.is_empty(), "{report:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_paired_and_cascade_as_their_relationships_say() {
    in_every_world(async |world| {
        put(&world, "table", "new_project", json!({ "label": "Project" })).await.unwrap();
        let lookup = json!({ "label": "Account", "type": "lookup", "targets": ["account"] });
        put(&world, "column", "new_project/accountid", lookup).await.unwrap();
        put(&world, "relationship", "new_project/accountid", json!({ "on_delete": "cascade" })).await.unwrap();
        put(&world, "many_to_many", "new_project/new_project_contacts", json!({ "other": "contact" })).await.unwrap();
        assert!(world.app.table("new_project_contacts").is_ok());
        let account = world.create("account", Row::new().with("name", "Fabrikam")).await;
        world.create("new_project", Row::new().with("name", "P").with("accountid", to("account", account))).await;
        world.app.delete(&world.seller, Origin::Page, "account", account, None).await.unwrap();
        assert_eq!(world.count("new_project").await, 0);
        remove(&world, "many_to_many", "new_project/new_project_contacts").await.unwrap().unwrap();
        remove(&world, "table", "new_project").await.unwrap().unwrap();
        assert!(world.app.customization().overlay().is_empty());
    })
    .await;
}
