//! The exact shapes that go over the wire.

use std::fmt::Write as _;

use crate::world::{World, in_every_world};
use serde_json::{Value, json};

/// The answer with what differs from run to run replaced by what it stands for.
fn steady(answer: &Value) -> String {
    let mut known = Vec::new();
    let text = serde_json::to_string_pretty(answer).unwrap();
    let mut shown = String::new();
    let mut rest = text.as_str();
    while !rest.is_empty() {
        if let Some(guid) = rest.get(..36).filter(|text| uuid::Uuid::try_parse(text).is_ok()) {
            let number = known.iter().position(|other| *other == guid).unwrap_or_else(|| {
                known.push(guid);
                known.len() - 1
            });
            write!(shown, "<id {}>", number + 1).unwrap();
            rest = &rest[36..];
        } else if let Some(tag) = rest.strip_prefix("W/\\\"") {
            shown.push_str("W/\\\"<version>\\\"");
            rest = &tag[tag.find("\\\"").unwrap() + 2..];
        } else {
            let character = rest.chars().next().unwrap();
            shown.push(character);
            rest = &rest[character.len_utf8()..];
        }
    }
    shown
}

async fn deal(world: &World) -> String {
    let deal = world.deal("Press", 1234.5).await;
    let changes = json!({"estimatedclosedate": "2027-02-28", "description": "Line 1\nLine 2"});
    assert_eq!(world.patch(&format!("opportunities({deal})"), &[], changes).await.status, 204);
    deal
}

const COLUMNS: &str = "$select=name,estimatedvalue,estimatedclosedate,statecode,statuscode,description,_customerid_value,_parentcontactid_value";

#[tokio::test]
async fn a_row() {
    in_every_world(async |world| {
        let deal = deal(&world).await;
        let row = world.get(&format!("opportunities({deal})?{COLUMNS}&$expand=customerid_account($select=name)")).await;
        insta::assert_snapshot!("row", steady(&row));
        let annotated = world
            .get_with(&format!("opportunities({deal})?{COLUMNS}"), &[("prefer", "odata.include-annotations=\"*\"")])
            .await;
        insta::assert_snapshot!("row_with_annotations", steady(&annotated));
    })
    .await;
}

#[tokio::test]
async fn a_list_and_its_groups() {
    in_every_world(async |world| {
        deal(&world).await;
        world.deal("Drill", 20.0).await;
        let list = world.get_with("opportunities?$select=name&$orderby=name&$count=true", &[("prefer", "odata.maxpagesize=1,odata.include-annotations=\"*\"")]).await;
        let mut list = list;
        assert!(list["@odata.nextLink"].take().as_str().unwrap().starts_with("http://crm.example/api/data/v9.2/opportunities?$select=name&$orderby=name&$count=true&$skiptoken="));
        insta::assert_snapshot!("list", steady(&list));
        let groups = world.get_with("opportunities?$apply=groupby((statuscode),aggregate($count%20as%20n,estimatedvalue%20with%20sum%20as%20total))", &[("prefer", "odata.include-annotations=\"*\"")]).await;
        insta::assert_snapshot!("groups", steady(&groups));
    })
    .await;
}

#[tokio::test]
async fn an_error() {
    in_every_world(async |world| {
        let answer = world.send("GET", "leads?$select=nosuch", &[], None).await;
        insta::assert_snapshot!("error", serde_json::to_string_pretty(&answer.json()).unwrap());
    })
    .await;
}

/// Definitions that a program made, as they are told to it.
#[tokio::test]
async fn a_definition() {
    in_every_world(async |world| {
        let label = |text: &str| json!({"LocalizedLabels": [{"Label": text, "LanguageCode": 1033}]});
        let table = json!({
            "SchemaName": "new_Plan", "DisplayName": label("Plan"), "HasNotes": true,
            "Attributes": [
                {"@odata.type": "Microsoft.Dynamics.CRM.StringAttributeMetadata", "SchemaName": "new_Name", "DisplayName": label("Name"), "IsPrimaryName": true},
                {"@odata.type": "Microsoft.Dynamics.CRM.PicklistAttributeMetadata", "SchemaName": "new_Kind", "DisplayName": label("Kind"),
                    "OptionSet": {"Options": [{"Value": 1, "Label": label("Short")}]}},
            ],
        });
        let made = world.send("POST", "EntityDefinitions", &[("prefer", "return=representation")], Some(&table)).await;
        assert_eq!(made.status, 201, "{}", made.body);
        insta::assert_snapshot!("made_table", steady(&made.json()));
        let path = "EntityDefinitions(LogicalName='new_plan')/Attributes(LogicalName='new_kind')/Microsoft.Dynamics.CRM.PicklistAttributeMetadata";
        insta::assert_snapshot!("made_column", steady(&world.get(&format!("{path}?$expand=OptionSet")).await));
    })
    .await;
}

#[tokio::test]
async fn who_asks_for_annotations_is_told_more_beside_an_error() {
    let world = World::new(false).await;
    let asked = [("prefer", "odata.include-annotations=\"*\"")];
    let error = world.send("GET", "leads?$select=nosuch", &asked, None).await.json()["error"].clone();
    assert_eq!(error["@Microsoft.PowerApps.CDS.InnerError.Message"], error["message"]);
    assert_eq!(error["@Microsoft.PowerApps.CDS.ErrorDetails.HttpStatusCode"], "400");
    assert!(error["@Microsoft.PowerApps.CDS.TraceText"].as_str().unwrap().contains("nosuch"), "{error}");
    let asked = [("prefer", "odata.include-annotations=\"OData.Community.Display.V1.FormattedValue\"")];
    let error = world.send("GET", "leads?$select=nosuch", &asked, None).await.json()["error"].clone();
    assert_eq!(error.as_object().unwrap().len(), 2, "only code and message: {error}");
}
