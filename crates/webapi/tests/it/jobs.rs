//! Jobs that go on in the background: deleting many rows.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::world::*;

const TAKEN_OVER_AFTER: Duration = Duration::from_millis(300);

pub fn carry_out_jobs(world: &World) -> JoinHandle<()> {
    tokio::spawn(crm::jobs::keep_running(world.app.clone(), TAKEN_OVER_AFTER))
}

async fn begin(world: &World, queries: Value) -> String {
    let asked = json!({"JobName": "Tidy up", "QuerySet": queries, "SendEmailNotification": false, "ToRecipients": [],
        "CCRecipients": [], "RecurrencePattern": ""});
    let answer = world.send("POST", "BulkDelete", &[], Some(&asked)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let told = answer.json();
    assert_eq!(
        told["@odata.context"],
        "http://crm.example/api/data/v9.2/$metadata#Microsoft.Dynamics.CRM.BulkDeleteResponse"
    );
    told["JobId"].as_str().unwrap().to_owned()
}

async fn job(world: &World, id: &str) -> Value {
    world.get(&format!("asyncoperations({id})")).await
}

pub async fn over(world: &World, id: &str) -> Value {
    for _ in 0..300 {
        let now = job(world, id).await;
        if now["statecode"] == 3 {
            return now;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the job does not end: {}", job(world, id).await);
}

fn named(operator: &str, value: &str) -> Value {
    json!([{"@odata.type": "Microsoft.Dynamics.CRM.QueryExpression", "EntityName": "account",
        "ColumnSet": {"@odata.type": "Microsoft.Dynamics.CRM.ColumnSet", "AllColumns": false, "Columns": []},
        "Criteria": {"FilterOperator": "And", "Conditions": [
            {"AttributeName": "name", "Operator": operator, "Values": [{"Value": value, "Type": "System.String"}]}]}}])
}

async fn count(world: &World, set: &str) -> String {
    let answer = world.send("GET", &format!("{set}/$count"), &[], None).await;
    answer.body
}

async fn many_accounts(world: &World, name: &str, many: usize) {
    let rows: Vec<Value> = (0..many).map(|n| json!({"name": format!("{name} {n}")})).collect();
    let answer = world
        .send("POST", "accounts/Microsoft.Dynamics.CRM.CreateMultiple", &[], Some(&json!({"Targets": rows})))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_deletes_many_rows_in_the_background_and_asks_how_far_it_is() {
    in_every_world(async |world| {
        many_accounts(&world, "Old", 230).await;
        let kept = world.create("accounts", json!({"name": "Kept"})).await;
        let lead = world.create("leads", json!({"subject": "Old lead", "lastname": "Moe"})).await;
        let first = begin(&world, named("BeginsWith", "Old")).await;
        assert_eq!(job(&world, &first).await["statuscode"], 0, "it waits to be carried out");
        let runner = carry_out_jobs(&world);
        let told = over(&world, &first).await;
        assert_eq!((&told["statuscode"], &told["successcount"], &told["failurecount"]), (&json!(30), &json!(230), &json!(0)), "{told}");
        assert_eq!((&told["operationtype"], &told["primaryentitytype"], &told["acts"]), (&json!(13), &json!("account"), &told["actid"]));
        assert_eq!(count(&world, "accounts").await, "1");
        let fetch = "<fetch><entity name='lead'><filter><condition attribute='subject' operator='eq' value='Old lead'/></filter></entity></fetch>";
        let both = json!([{"@odata.type": "#Microsoft.Dynamics.CRM.FetchExpression", "Query": fetch},
            {"EntityName": "account", "Criteria": {"Conditions": [{"AttributeName": "accountid", "Operator": "In", "Values": [{"Value": kept, "Type": "System.Guid"}]}]}}]);
        let second = over(&world, &begin(&world, both).await).await;
        assert_eq!((&second["successcount"], &second["primaryentitytype"]), (&json!(2), &json!(null)), "{second}");
        world.refused("GET", &format!("leads({lead})"), None, 404).await;
        runner.abort();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_goes_on_where_it_was_when_its_process_ended() {
    in_every_world(async |world| {
        many_accounts(&world, "Old", 900).await;
        let id = begin(&world, named("BeginsWith", "Old")).await;
        let runner = carry_out_jobs(&world);
        while job(&world, &id).await["successcount"] == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        runner.abort();
        runner.await.unwrap_err();
        many_accounts(&world, "Old since then", 1).await;
        let runner = carry_out_jobs(&world);
        let told = over(&world, &id).await;
        assert_eq!(
            (&told["statuscode"], &told["successcount"]),
            (&json!(30), &json!(900)),
            "each is counted once: {told}"
        );
        assert_eq!(count(&world, "accounts").await, "1", "what came in after the job began is none of it");
        let act = told["actid"].as_str().unwrap().parse().unwrap();
        let caller = world.app.identity().by_token(&world.token).await.unwrap();
        let undone = world.app.work(&caller, crm::Origin::Page, move |work| work.undo(act)).await.unwrap();
        assert_eq!((undone, count(&world, "accounts").await.as_str()), (900, "901"), "it is one act");
        runner.abort();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_deletes_only_what_its_beginner_may_delete_and_can_be_canceled() {
    let mut world = World::new(false).await;
    many_accounts(&world, "Ada's", 2).await;
    let admin = world.token.clone();
    let (helper, user) = crate::access::helper(&world).await;
    let engine = world.app.engine().await.unwrap();
    world.app.identity().give_role(&engine, user.parse().unwrap(), "Sales Team Member").await.unwrap();
    world.token = helper.clone();
    world.create("contacts", json!({"lastname": "Mine"})).await;
    let contacts = json!([{"EntityName": "contact"}]);
    let own = begin(&world, contacts.clone()).await;
    let theirs = begin(&world, named("BeginsWith", "Ada")).await;
    let canceled = begin(&world, contacts.clone()).await;
    let changed =
        world.patch(&format!("asyncoperations({canceled})"), &[], json!({"statecode": 3, "statuscode": 32})).await;
    assert_eq!(changed.status, 204, "{}", changed.body);
    world.token.clone_from(&admin);
    world.create("contacts", json!({"lastname": "Ada's"})).await;
    let runner = carry_out_jobs(&world);
    let told = over(&world, &theirs).await;
    assert_eq!((&told["successcount"], &told["failurecount"]), (&json!(0), &json!(2)), "{told}");
    assert!(told["message"].as_str().unwrap().contains("delete"), "{told}");
    let told = over(&world, &own).await;
    assert_eq!((&told["successcount"], &told["failurecount"]), (&json!(1), &json!(1)), "{told}");
    assert_eq!(job(&world, &canceled).await["statuscode"], 32);
    assert_eq!(count(&world, "accounts").await, "2");
    runner.abort();
    // A job whose beginner is gone ends, and says why.
    world.token.clone_from(&helper);
    let orphan = begin(&world, contacts).await;
    world.token = admin;
    world.patch(&format!("systemusers({user})"), &[], json!({"isdisabled": true})).await;
    let runner = carry_out_jobs(&world);
    let told = over(&world, &orphan).await;
    assert_eq!(told["statuscode"], 31, "{told}");
    assert!(told["message"].as_str().unwrap().contains("disabled"), "{told}");
    runner.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_bulk_deletion_cannot_do_is_refused_before_it_begins() {
    let world = World::new(false).await;
    let asked = |queries: Value| json!({"JobName": "x", "QuerySet": queries});
    let with = |name: &str, value: Value| {
        let mut body = asked(named("Equal", "x"));
        body[name] = value;
        body
    };
    let joined = "<fetch><entity name='account'><link-entity name='contact' from='parentcustomerid' to='accountid'/></entity></fetch>";
    for (body, wrong) in [
        (json!({"JobName": "x"}), "'QuerySet' is missing"),
        (asked(json!([])), "1 to 20"),
        (asked(json!([{"EntityName": "nonsense"}])), "nonsense"),
        (asked(named("Nonsense", "x")), "nonsense"),
        (asked(json!([{"EntityName": "account", "Nonsense": 1}])), "Nonsense"),
        (asked(json!([{"EntityName": "account", "TopCount": 5}])), "TopCount"),
        (asked(json!([{"@odata.type": "Microsoft.Dynamics.CRM.FetchExpression", "Query": joined}])), "exists"),
        (
            asked(
                json!([{"@odata.type": "Microsoft.Dynamics.CRM.FetchExpression", "Query": "<fetch top='1'><entity name='account'/></fetch>"}]),
            ),
            "top",
        ),
        (with("SendEmailNotification", json!(true)), "SendEmailNotification"),
        (with("RecurrencePattern", json!("FREQ=DAILY;")), "RecurrencePattern"),
        (with("ToRecipients", json!([{"activitypartyid": "x"}])), "ToRecipients"),
        (with("StartDateTime", json!("soon")), "StartDateTime"),
    ] {
        let message = world.refused("POST", "BulkDelete", Some(body), 400).await;
        assert!(message.contains(wrong), "{message}");
    }
    let later = with("StartDateTime", json!("2099-01-01T00:00:00Z"));
    let later = world.send("POST", "BulkDelete", &[], Some(&later)).await.json()["JobId"].as_str().unwrap().to_owned();
    assert_eq!(job(&world, &later).await["statuscode"], 10);
    let message = world.refused("POST", "asyncoperations", Some(json!({"name": "x"})), 400).await;
    assert!(message.contains("BulkDelete"), "{message}");
    let message =
        world.refused("PATCH", &format!("asyncoperations({later})"), Some(json!({"statecode": 3})), 400).await;
    assert!(message.contains("32"), "{message}");
}
