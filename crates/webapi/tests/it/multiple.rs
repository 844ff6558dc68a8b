//! Many rows in one request.

use serde_json::{Value, json};

use crate::world::*;

const ACTION: &str = "Microsoft.Dynamics.CRM";

async fn act(world: &World, action: &str, targets: Value) -> Answer {
    world.send("POST", &format!("accounts/{ACTION}.{action}"), &[], Some(&json!({ "Targets": targets }))).await
}

async fn names(world: &World) -> Vec<String> {
    let all = world.get("accounts?$select=name&$orderby=name").await;
    all["value"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

fn created(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    body["Ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_created_together_and_named_in_their_order() {
    in_every_world(async |world| {
        let typed = |name: &str| json!({ "@odata.type": "Microsoft.Dynamics.CRM.account", "name": name });
        let with_contact = json!({ "name": "C", "contact_customer_accounts": [{ "lastname": "Berg" }] });
        let ids = created(&act(&world, "CreateMultiple", json!([typed("B"), typed("A"), with_contact])).await);
        for (id, name) in ids.iter().zip(["B", "A", "C"]) {
            assert_eq!(world.get(&format!("accounts({id})?$select=name")).await["name"], name);
        }
        assert_eq!(world.get("contacts?$select=lastname").await["value"][0]["lastname"], "Berg");
        assert_eq!(created(&act(&world, "CreateMultiple", json!([])).await), [""; 0]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_row_that_is_refused_refuses_all_and_is_named() {
    in_every_world(async |world| {
        let good = json!({ "name": "Good" });
        for (bad, said) in [
            (json!({ "name": "x".repeat(5_000) }), "characters fit"),
            (json!({ "nonsense": 1 }), "nonsense"),
            (json!({ "@odata.type": "Microsoft.Dynamics.CRM.lead", "name": "L" }), "another table"),
            (
                json!({ "name": "B", "primarycontactid@odata.bind": format!("/contacts({})", uuid_of_nobody()) }),
                "contact",
            ),
            (json!(7), "Targets"),
        ] {
            let refused = act(&world, "CreateMultiple", json!([good, bad, good])).await;
            assert!(refused.status.is_client_error(), "{bad}: {}", refused.body);
            assert!(refused.body.contains("Targets[1]: ") && refused.body.contains(said), "{bad}: {}", refused.body);
            assert_eq!(names(&world).await, [""; 0], "{bad}");
        }
        let many = vec![good.clone(); 1_001];
        let refused = act(&world, "CreateMultiple", json!(many)).await;
        assert_eq!(refused.status, 400);
        assert!(refused.body.contains("at most 1000"), "{}", refused.body);
        let without = world.send("POST", &format!("accounts/{ACTION}.CreateMultiple"), &[], Some(&json!({}))).await;
        assert_eq!(without.status, 400, "{}", without.body);
        assert_eq!(world.send("GET", &format!("accounts/{ACTION}.CreateMultiple"), &[], None).await.status, 405);
        assert_eq!(act(&world, "ForgetMultiple", json!([])).await.status, 404);
    })
    .await;
}

fn uuid_of_nobody() -> &'static str {
    "11111111-2222-3333-4444-555555555555"
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_changed_together_by_their_keys() {
    in_every_world(async |world| {
        let ids = created(&act(&world, "CreateMultiple", json!([{ "name": "A" }, { "name": "B" }])).await);
        let changes = json!([
            { "accountid": ids[0], "name": "A2" },
            { "@odata.id": format!("accounts({})", ids[1]), "name": "B2" },
        ]);
        let changed = act(&world, "UpdateMultiple", changes).await;
        assert_eq!(changed.status, 204, "{}", changed.body);
        assert_eq!(names(&world).await, ["A2", "B2"]);

        let missing = json!([{ "accountid": ids[0], "name": "A3" }, { "accountid": uuid_of_nobody(), "name": "N" }]);
        let refused = act(&world, "UpdateMultiple", missing).await;
        assert_eq!(refused.status, 404, "{}", refused.body);
        assert!(refused.body.contains("Targets[1]: "), "{}", refused.body);
        assert_eq!(names(&world).await, ["A2", "B2"], "all or none");
        let nameless = act(&world, "UpdateMultiple", json!([{ "name": "A3" }])).await;
        assert_eq!(nameless.status, 400);
        assert!(nameless.body.contains("accountid"), "{}", nameless.body);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_are_not_there_are_made_where_that_is_asked_for() {
    in_every_world(async |world| {
        let ids = created(&act(&world, "CreateMultiple", json!([{ "name": "A", "accountnumber": "1" }])).await);
        let token = format!("Bearer {}", world.token);
        let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
        let key = json!({ "columns": ["accountnumber"] }).to_string();
        let put = world.raw("PUT", "/api/customization/key/account/new_number", &headers, key).await;
        assert_eq!(put.status, 200, "{}", put.body);
        let rows = json!([
            { "@odata.id": "accounts(accountnumber='1')", "name": "A2" },
            { "@odata.id": "accounts(accountnumber='2')", "name": "B" },
            { "@odata.id": "accounts(accountnumber='2')", "name": "B2" },
            { "accountid": uuid_of_nobody(), "name": "C" },
        ]);
        let written = act(&world, "UpsertMultiple", rows).await;
        assert_eq!(written.status, 204, "{}", written.body);
        assert_eq!(names(&world).await, ["A2", "B2", "C"]);
        let all = world.get("accounts?$select=accountnumber&$orderby=name").await;
        assert_eq!((&all["value"][0]["accountid"], &all["value"][1]["accountnumber"]), (&json!(ids[0]), &json!("2")));
        assert_eq!(all["value"][2]["accountid"], uuid_of_nobody());
    })
    .await;
}
