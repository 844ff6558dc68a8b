//! Column security over the Web API: profiles are rows, and a secured column tells nothing.

use crate::world::{Answer, BASE, World, in_every_world};
use serde_json::{Value, json};

/// A salesperson in a world where the credit limit of accounts is secured; the token and the id.
async fn seller(world: &World) -> (String, String) {
    let overlay = "[table.account.change.creditlimit]\nsecured = true\n";
    let admin = world.app.engine().await.unwrap();
    let overlay = toml::from_str(overlay).unwrap();
    world.app.customization().publish(&admin, crm::Origin::CommandLine, overlay).await.unwrap();
    let units = world.get("businessunits?$select=businessunitid").await;
    let unit = format!("/businessunits({})", units["value"][0]["businessunitid"].as_str().unwrap());
    let person = json!({"firstname": "Sam", "lastname": "Seller", "internalemailaddress": "sam@contoso.example",
                        "businessunitid@odata.bind": unit});
    let id = world.create("systemusers", person).await;
    let user = id.parse().unwrap();
    world.app.identity().give_role(&admin, user, "Salesperson").await.unwrap();
    let token = world.app.identity().create_token(&admin, user, "tests", 1).await.unwrap();
    (token, id)
}

async fn as_seller(world: &World, token: &str, method: &str, path: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let body = if body.is_null() { String::new() } else { body.to_string() };
    world.raw(method, &format!("{BASE}{}", path.replace(' ', "%20")), &headers, body).await
}

/// An account of the seller's own.
async fn account(world: &World, seller: &str) -> String {
    let owner = format!("/systemusers({seller})");
    world.create("accounts", json!({"name": "Fabrikam", "creditlimit": 4321, "ownerid@odata.bind": owner})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secured_column_reads_as_null_and_answers_no_question() {
    in_every_world(async |world| {
        let (token, id) = seller(&world).await;
        let account = account(&world, &id).await;
        let contact =
            json!({"lastname": "Berg", "parentcustomerid_account@odata.bind": format!("/accounts({account})")});
        world.create("contacts", contact).await;
        for path in [
            format!("accounts({account})"),
            format!("accounts({account})?$select=name,creditlimit,creditlimit_base"),
            "accounts?$select=creditlimit".to_owned(),
            "contacts?$select=lastname&$expand=parentcustomerid_account($select=creditlimit)".to_owned(),
        ] {
            let answer = as_seller(&world, &token, "GET", &path, &Value::Null).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.body);
            assert!(answer.body.contains(r#""creditlimit":null"#), "{path}: {}", answer.body);
            assert!(!answer.body.contains("4321"), "{path}: {}", answer.body);
        }
        let alone = as_seller(&world, &token, "GET", &format!("accounts({account})/creditlimit"), &Value::Null).await;
        assert_eq!(alone.status, 204);
        for path in [
            "accounts?$select=name&$filter=creditlimit gt 4000",
            "accounts?$select=name&$filter=not (creditlimit_base eq null)",
            "accounts?$select=name&$orderby=creditlimit desc",
            "accounts?$apply=aggregate(creditlimit with sum as total)",
            "accounts?$apply=groupby((creditlimit),aggregate($count as n))",
            "accounts/$count?$filter=creditlimit eq 4321",
            "contacts?$select=lastname&$filter=parentcustomerid_account/creditlimit eq 4321",
        ] {
            let answer = as_seller(&world, &token, "GET", path, &Value::Null).await;
            assert_eq!(answer.status, 403, "{path}: {}", answer.body);
            let said = answer.message();
            assert!(said.contains("(account.creditlimit") && said.contains("secured column"), "{path}: {said}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn setting_a_secured_column_is_refused_and_nothing_is_written() {
    in_every_world(async |world| {
        let (token, id) = seller(&world).await;
        let account = account(&world, &id).await;
        let path = format!("accounts({account})");
        let changes = json!({"name": "Changed", "creditlimit": 4321});
        let answer = as_seller(&world, &token, "PATCH", &path, &changes).await;
        assert_eq!(answer.status, 403, "{}", answer.body);
        let said = answer.message();
        assert!(said.contains("Credit limit (account.creditlimit)"), "{said}");
        let one = as_seller(&world, &token, "PUT", &format!("{path}/creditlimit"), &json!({"value": 1})).await;
        assert_eq!(one.status, 403, "{}", one.body);
        let made = as_seller(&world, &token, "POST", "accounts", &json!({"name": "New", "creditlimit": 1})).await;
        assert_eq!(made.status, 403, "{}", made.body);
        let held = world.get("accounts?$select=name,creditlimit").await;
        assert_eq!(held["value"].as_array().unwrap().len(), 1);
        assert_eq!((&held["value"][0]["name"], &held["value"][0]["creditlimit"]), (&json!("Fabrikam"), &json!(4321.0)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_is_made_of_rows_as_in_dataverse_and_takes_effect_at_once() {
    in_every_world(async |world| {
        let (token, id) = seller(&world).await;
        let account = account(&world, &id).await;
        let path = format!("accounts({account})?$select=creditlimit");
        let seen = async || as_seller(&world, &token, "GET", &path, &Value::Null).await.json()["creditlimit"].clone();
        let profile = world.create("fieldsecurityprofiles", json!({"name": "Credit control"})).await;
        let permission = |column: &str| {
            json!({"entityname": "account", "attributelogicalname": column, "canread": 4,
                   "fieldsecurityprofileid@odata.bind": format!("/fieldsecurityprofiles({profile})")})
        };
        let said = world.refused("POST", "fieldpermissions", Some(permission("revenue")), 400).await;
        assert!(said.contains("there is no secured column account.revenue"), "{said}");
        let allowed = world.create("fieldpermissions", permission("creditlimit")).await;
        assert_eq!(seen().await, Value::Null);

        let link = json!({"@odata.id": format!("{BASE}fieldsecurityprofiles({profile})")});
        let tied = format!("systemusers({id})/systemuserprofiles_association");
        assert_eq!(world.send("POST", &format!("{tied}/$ref"), &[], Some(&link)).await.status, 204);
        assert_eq!(seen().await, json!(4321.0));
        let filtered = "accounts?$select=name&$filter=creditlimit gt 4000";
        assert_eq!(as_seller(&world, &token, "GET", filtered, &Value::Null).await.status, 200);
        let changes = json!({"creditlimit": 1});
        let address = format!("accounts({account})");
        assert_eq!(as_seller(&world, &token, "PATCH", &address, &changes).await.status, 403);
        let more = world.patch(&format!("fieldpermissions({allowed})"), &[], json!({"canupdate": 4})).await;
        assert_eq!(more.status, 204, "{}", more.body);
        assert_eq!(as_seller(&world, &token, "PATCH", &address, &changes).await.status, 204);

        let untied = world.send("DELETE", &format!("{tied}({profile})/$ref"), &[], None).await;
        assert_eq!(untied.status, 204, "{}", untied.body);
        assert_eq!(seen().await, Value::Null);
    })
    .await;
}
