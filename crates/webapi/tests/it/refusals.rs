//! What cannot be done is said in the words of what was asked.

use serde_json::{Value, json};

use crate::world::{World, in_every_world};

#[tokio::test]
async fn a_lookup_is_read_by_itself_as_it_stands_in_its_row() {
    in_every_world(async |world| {
        let lead = world.create("leads", json!({"subject": "a", "lastname": "b"})).await;
        let owner = world.get(&format!("leads({lead})/_ownerid_value")).await;
        assert_eq!(owner["value"], world.get("WhoAmI").await["UserId"]);
        let context = format!("http://crm.example/api/data/v9.2/$metadata#leads({lead})/_ownerid_value");
        assert_eq!(owner["@odata.context"], context);
        let raw = world.send("GET", &format!("leads({lead})/_ownerid_value/$value"), &[], None).await;
        assert_eq!(json!(raw.body), owner["value"]);
        assert_eq!(world.send("GET", &format!("leads({lead})/_nosuch_value"), &[], None).await.status, 404);
        assert_eq!(world.send("GET", &format!("leads({lead})/_parentaccountid_value"), &[], None).await.status, 204);
    })
    .await;
}

#[tokio::test]
async fn what_is_not_linked_is_not_unlinked() {
    in_every_world(async |world| {
        let deal = world.deal("Press", 10.0).await;
        let other = world.create("competitors", json!({"name": "Rival"})).await;
        let path = format!("opportunities({deal})/opportunitycompetitors_association({other})/$ref");
        let said = format!(
            "opportunitycompetitors_association: {other} is not linked to this row, so there is nothing to unlink"
        );
        assert_eq!(world.refused("DELETE", &path, None, 404).await, said);
    })
    .await;
}

#[tokio::test]
async fn queries_that_ask_for_nothing_are_refused() {
    in_every_world(async |world| {
        let none = "leads?$filter=Microsoft.Dynamics.CRM.In(PropertyName='leadsourcecode',PropertyValues=[])";
        assert_eq!(
            world.refused("GET", none, None, 400).await,
            "$filter: Microsoft.Dynamics.CRM.In needs PropertyValues=['1','2']"
        );
        assert_eq!(
            world.refused("GET", "leads?fetchXml=", None, 400).await,
            "fetchXml: is empty; send a query: <fetch><entity name=\"account\" /></fetch>"
        );
        let attributes = "EntityDefinitions(LogicalName='lead')/Attributes";
        world.refused("GET", &format!("{attributes}/Microsoft.Dynamics.CRM.NoSuchAttributeMetadata"), None, 404).await;
        let floats = world.get(&format!("{attributes}/Microsoft.Dynamics.CRM.DoubleAttributeMetadata")).await;
        assert_eq!(floats["value"], json!([]), "a type of Dataverse, which nothing is of here");
    })
    .await;
}

#[tokio::test]
async fn a_wrong_method_is_told_in_json_beside_the_data_too() {
    in_every_world(async |world| {
        let token = format!("Bearer {}", world.token);
        for path in ["/api/search/v2.0/query", "/api/imports", "/api/webhooks/x/secret"] {
            let answer = world.raw("DELETE", path, &[("authorization", &token)], String::new()).await;
            assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, "POST"), "{path}");
            assert_eq!(answer.header("content-type"), "application/json; odata.metadata=minimal");
            assert_eq!(answer.message(), "DELETE is not possible on this address; the Allow header says what is");
        }
    })
    .await;
}

async fn create_competitors(world: &World, count: usize) {
    for first in (0..count).step_by(1_000) {
        let targets: Vec<Value> = (first..count.min(first + 1_000))
            .map(|number| json!({"@odata.type": "Microsoft.Dynamics.CRM.competitor", "name": format!("C{number}")}))
            .collect();
        let body = json!({ "Targets": targets });
        let answer = world.send("POST", "competitors/Microsoft.Dynamics.CRM.CreateMultiple", &[], Some(&body)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}

#[tokio::test]
async fn more_than_a_page_is_read_in_pages_up_to_the_number_asked_for() {
    in_every_world(async |world| {
        create_competitors(&world, 5_004).await;
        let first = world.get("competitors?$select=name&$top=5003").await;
        assert_eq!(first["value"].as_array().unwrap().len(), 5_000);
        let next = first["@odata.nextLink"].as_str().expect("more rows");
        let last = world.get(next.strip_prefix("http://crm.example/api/data/v9.2/").unwrap()).await;
        assert_eq!(last["value"].as_array().unwrap().len(), 3);
        assert!(last.get("@odata.nextLink").is_none());
        let whole = world.get("competitors?$select=name&$top=5000").await;
        assert!(whole.get("@odata.nextLink").is_none());
    })
    .await;
}

#[tokio::test]
async fn a_key_of_ones_own_is_no_part_of_the_shipped_app() {
    in_every_world(async |world| {
        let keys = "EntityDefinitions(LogicalName='account')/Keys";
        let key = json!({"SchemaName": "new_NameKey", "KeyAttributes": ["name"]});
        let made = world.send("POST", keys, &[], Some(&key)).await;
        assert!(made.status.is_success(), "{}", made.body);
        let key = world.get(&format!("{keys}(LogicalName='new_namekey')")).await;
        assert_eq!(key["IsManaged"], false);
        let shipped = world.get("EntityDefinitions(LogicalName='role')/Keys(LogicalName='role_name')").await;
        assert_eq!(shipped["IsManaged"], true);
        world.create("accounts", json!({"name": "Halden"})).await;
        let again = Some(json!({"name": "Halden"}));
        let message = world.refused("POST", "accounts", again, 412).await;
        assert!(message.starts_with("another account with the same"), "{message}");
    })
    .await;
}
