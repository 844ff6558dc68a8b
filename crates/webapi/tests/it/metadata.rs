//! What a client reads about the tables before it touches a row.

use serde_json::{Value, json};

use crate::world::*;

/// A property of each item of an answer.
fn each(answer: &Value, name: &str) -> Vec<Value> {
    answer["value"].as_array().unwrap().iter().map(|item| item[name].clone()).collect()
}

/// The members of an item that are not told of every item.
fn keys(item: &Value) -> Vec<&str> {
    item.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_told_by_its_name_and_by_its_identifier() {
    let world = World::new(false).await;
    let lead = world.get("EntityDefinitions(LogicalName='lead')").await;
    assert_eq!(lead["@odata.context"], "http://crm.example/api/data/v9.2/$metadata#EntityDefinitions/$entity");
    for (name, value) in [
        ("LogicalName", json!("lead")),
        ("SchemaName", json!("Lead")),
        ("EntitySetName", json!("leads")),
        ("LogicalCollectionName", json!("leads")),
        ("CollectionSchemaName", json!("Leads")),
        ("PrimaryIdAttribute", json!("leadid")),
        ("PrimaryNameAttribute", json!("fullname")),
        ("ObjectTypeCode", json!(4)),
        ("OwnershipType", json!("UserOwned")),
        ("IsCustomEntity", json!(false)),
        ("IsActivity", json!(false)),
        ("IsIntersect", json!(false)),
    ] {
        assert_eq!(lead[name], value, "{name}");
    }
    assert_eq!(lead["DisplayName"]["UserLocalizedLabel"]["Label"], "Lead");
    assert_eq!(lead["DisplayName"]["LocalizedLabels"][0]["LanguageCode"], 1033);
    let id = lead["MetadataId"].as_str().unwrap();
    assert_eq!(world.get(&format!("EntityDefinitions({id})")).await, lead);
    assert_eq!(world.get("EntityMetadata(LogicalName='lead')").await["MetadataId"], lead["MetadataId"]);
    assert_eq!(world.get("EntityDefinitions(LogicalName='lead')/EntitySetName").await["value"], "leads");
    let missing = world.send("GET", "EntityDefinitions(LogicalName='Lead')", &[], None).await;
    assert_eq!(missing.status, 404, "{}", missing.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_are_found_by_conditions_chosen_columns_and_order() {
    let world = World::new(false).await;
    let all = world.get("EntityDefinitions?$select=EntitySetName,LogicalName").await;
    assert!(each(&all, "LogicalName").contains(&json!("opportunity")));
    assert_eq!(keys(&all["value"][0]), ["MetadataId", "LogicalName", "EntitySetName"]);
    let two = world
        .get("EntityDefinitions?$select=LogicalName&$filter=LogicalName eq 'lead' or LogicalName eq 'contact'&$orderby=LogicalName desc&$count=true")
        .await;
    assert_eq!(each(&two, "LogicalName"), ["lead", "contact"]);
    assert_eq!(two["@odata.count"], 2);
    assert_eq!(world.get("EntityDefinitions?$filter=LogicalName eq 'unheard_of'").await["value"], json!([]));
    let shown = world.get("EntityDefinitions?$filter=IsPrivate eq false and IsIntersect eq true&$top=1").await;
    assert_eq!(shown["value"].as_array().unwrap().len(), 1);
    let labelled = world.get("EntityDefinitions?$filter=DisplayName/UserLocalizedLabel/Label eq 'Lead'").await;
    assert_eq!(each(&labelled, "LogicalName"), ["lead"]);
    let with_column = world
        .get("EntityDefinitions?$select=LogicalName&$filter=Attributes/any(a:a/LogicalName eq 'leadsourcecode')")
        .await;
    assert_eq!(each(&with_column, "LogicalName"), ["lead"]);
    for (path, wrong) in [
        ("EntityDefinitions?$select=Nonsense", "Nonsense"),
        ("EntityDefinitions?$filter=Nonsense eq 1", "Nonsense"),
        ("EntityDefinitions?$orderby=Nonsense", "Nonsense"),
        ("EntityDefinitions?$expand=Nonsense", "Nonsense"),
        ("EntityDefinitions?$filter=LogicalName eq 1", "two types"),
        ("EntityDefinitions?$skiptoken=1", "$skiptoken"),
    ] {
        let refused = world.send("GET", path, &[], None).await;
        assert_eq!(refused.status, 400, "{path}: {}", refused.body);
        assert!(refused.body.contains(wrong), "{path}: {}", refused.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_are_told_as_what_they_are() {
    let world = World::new(false).await;
    let all =
        world.get("EntityDefinitions(LogicalName='opportunity')/Attributes?$select=LogicalName,AttributeType").await;
    let kinds: Vec<(&str, &str)> = all["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["LogicalName"].as_str().unwrap(), item["AttributeType"].as_str().unwrap()))
        .collect();
    for expected in [
        ("opportunityid", "Uniqueidentifier"),
        ("name", "String"),
        ("description", "Memo"),
        ("customerid", "Customer"),
        ("ownerid", "Owner"),
        ("estimatedvalue", "Money"),
        ("estimatedclosedate", "DateTime"),
        ("statecode", "State"),
        ("statuscode", "Status"),
        ("closeprobability", "Integer"),
        ("versionnumber", "BigInt"),
    ] {
        assert!(kinds.contains(&expected), "{expected:?} in {kinds:?}");
    }
    let name = world.get("EntityDefinitions(LogicalName='opportunity')/Attributes(LogicalName='name')").await;
    assert_eq!(name["@odata.type"], "#Microsoft.Dynamics.CRM.StringAttributeMetadata");
    assert!(name["MaxLength"].as_i64().unwrap() >= 100 && name["IsPrimaryName"] == true, "{name}");
    assert_eq!(name["RequiredLevel"]["Value"], "ApplicationRequired");
    let lookup = "EntityDefinitions(LogicalName='opportunity')/Attributes(LogicalName='customerid')/Microsoft.Dynamics.CRM.LookupAttributeMetadata?$select=Targets";
    assert_eq!(world.get(lookup).await["Targets"], json!(["account", "contact"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_of_choices_and_their_numbers_are_told() {
    let world = World::new(false).await;
    let choices = world
        .get("EntityDefinitions(LogicalName='lead')/Attributes/Microsoft.Dynamics.CRM.PicklistAttributeMetadata?$select=LogicalName&$expand=OptionSet($select=Options),GlobalOptionSet($select=Options)")
        .await;
    let source =
        choices["value"].as_array().unwrap().iter().find(|item| item["LogicalName"] == "leadsourcecode").unwrap();
    assert_eq!(source["GlobalOptionSet"], Value::Null);
    let options = source["OptionSet"]["Options"].as_array().unwrap();
    let web = options.iter().find(|option| option["Label"]["UserLocalizedLabel"]["Label"] == "Web").unwrap();
    assert_eq!(web["Value"], 8);
    let path = "EntityDefinitions(LogicalName='lead')/Attributes(LogicalName='statuscode')/Microsoft.Dynamics.CRM.StatusAttributeMetadata/OptionSet";
    let statuses = world.get(path).await;
    let new = &statuses["Options"][0];
    assert_eq!((new["Value"].as_i64(), new["State"].as_i64()), (Some(1), Some(0)), "{statuses}");
    let states = world
        .get("EntityDefinitions(LogicalName='lead')/Attributes/Microsoft.Dynamics.CRM.StateAttributeMetadata?$expand=OptionSet")
        .await;
    assert_eq!(
        each(&states["value"][0]["OptionSet"].clone().wrapped("Options"), "Value"),
        [json!(0), json!(1), json!(2)]
    );
    let yes_or_no = "EntityDefinitions(LogicalName='lead')/Attributes(LogicalName='donotemail')?$expand=OptionSet";
    let refused = world.send("GET", yes_or_no, &[], None).await;
    assert_eq!(refused.status, 200, "{}", refused.body);
    let not_one = "EntityDefinitions(LogicalName='lead')/Attributes(LogicalName='subject')/Microsoft.Dynamics.CRM.PicklistAttributeMetadata";
    assert_eq!(world.send("GET", not_one, &[], None).await.status, 404);
}

trait Wrapped {
    fn wrapped(self, name: &str) -> Value;
}

impl Wrapped for Value {
    /// A list as the value of an answer.
    fn wrapped(mut self, name: &str) -> Value {
        json!({ "value": self[name].take() })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn relationships_are_told_from_both_of_their_ends_and_all_together() {
    let world = World::new(false).await;
    let below = world.get("EntityDefinitions(LogicalName='opportunity')/ManyToOneRelationships").await;
    let customers: Vec<&Value> =
        below["value"].as_array().unwrap().iter().filter(|item| item["ReferencingAttribute"] == "customerid").collect();
    let found: Vec<_> = customers
        .iter()
        .map(|item| {
            (
                item["ReferencedEntity"].as_str().unwrap(),
                item["ReferencingEntityNavigationPropertyName"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(found, [("account", "customerid_account"), ("contact", "customerid_contact")]);
    let above = world
        .get("EntityDefinitions(LogicalName='account')/OneToManyRelationships?$filter=ReferencingEntity eq 'opportunity' and ReferencingAttribute eq 'customerid'")
        .await;
    assert_eq!(above["value"][0]["ReferencedEntityNavigationPropertyName"], "opportunity_customer_accounts");
    let by_name = world.get("RelationshipDefinitions(SchemaName='opportunity_customer_accounts')").await;
    assert_eq!(by_name["@odata.type"], "#Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata");
    assert_eq!(by_name["MetadataId"], above["value"][0]["MetadataId"]);
    let cast = world.get("RelationshipDefinitions/Microsoft.Dynamics.CRM.ManyToManyRelationshipMetadata").await;
    let pair = cast["value"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["IntersectEntityName"] == "opportunitycompetitors")
        .unwrap();
    assert_eq!(
        (pair["Entity1IntersectAttribute"].as_str(), pair["Entity2IntersectAttribute"].as_str()),
        (Some("opportunityid"), Some("competitorid")),
        "{pair}"
    );
    assert_eq!(pair["@odata.type"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_learn_which_messages_a_table_takes() {
    let world = World::new(false).await;
    let asked = "sdkmessagefilters?$select=sdkmessagefilterid&$expand=sdkmessageid($select=name)&$filter=(sdkmessageid/name eq 'Create' or sdkmessageid/name eq 'Unheard') and primaryobjecttypecode eq 'lead'";
    let found = world.get(asked).await;
    let rows = found["value"].as_array().unwrap();
    assert_eq!(rows.len(), 1, "{found}");
    assert_eq!(rows[0]["sdkmessageid"]["name"], "Create");
    assert_eq!(keys(&rows[0]), ["sdkmessagefilterid", "sdkmessageid"]);
    assert_eq!(world.get("RetrieveAvailableLanguages").await["LocaleIds"], json!([1033, 1031]));
    assert_eq!(world.get("RetrieveVersion()").await["Version"], "9.2.0.0");
}

#[tokio::test(flavor = "multi_thread")]
async fn choices_that_several_tables_share_are_told_once() {
    let world = World::new(false).await;
    let all = world.get("GlobalOptionSetDefinitions?$select=Name").await;
    let names = each(&all, "Name");
    assert!(names.contains(&json!("budgetstatus")) && !names.contains(&json!("leadsourcecode")), "{names:?}");
    let shared = world.get("GlobalOptionSetDefinitions(Name='budgetstatus')").await;
    assert_eq!((&shared["IsGlobal"], &shared["OptionSetType"]), (&json!(true), &json!("Picklist")));
    assert!(shared["Options"].as_array().unwrap().len() > 1, "{shared}");
    let id = shared["MetadataId"].as_str().unwrap();
    assert_eq!(world.get(&format!("GlobalOptionSetDefinitions({id})")).await, shared);
    let path = "EntityDefinitions(LogicalName='lead')/Attributes(LogicalName='budgetstatus')/Microsoft.Dynamics.CRM.PicklistAttributeMetadata?$expand=OptionSet,GlobalOptionSet";
    let column = world.get(path).await;
    assert_eq!(
        (&column["OptionSet"]["Name"], &column["GlobalOptionSet"]["MetadataId"]),
        (&json!("budgetstatus"), &json!(id))
    );
    world.refused("GET", "GlobalOptionSetDefinitions(Name='nonsense')", None, 404).await;
    world.refused("DELETE", &format!("GlobalOptionSetDefinitions({id})"), None, 400).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_keeps_definitions_and_asks_whether_they_changed() {
    let world = World::new(false).await;
    let equals = |name: &str, value: &str| json!({"PropertyName": name, "ConditionOperator": "Equals", "Value": {"Type": "System.String", "Value": value}});
    let query = json!({
        "Criteria": {"FilterOperator": "Or", "Conditions": [equals("LogicalName", "lead"), equals("LogicalName", "contact")]},
        "Properties": {"AllProperties": false, "PropertyNames": ["DisplayName", "Attributes", "ManyToOneRelationships"]},
        "AttributeQuery": {
            "@odata.type": "Microsoft.Dynamics.CRM.AttributeQueryExpression",
            "Properties": {"PropertyNames": ["OptionSet", "AttributeType"]},
            "Criteria": {"FilterOperator": "And", "Conditions": [
                {"PropertyName": "AttributeType", "ConditionOperator": "In", "Value": {"Type": "System.String[]", "Value": "[\"Picklist\",\"State\"]"}},
                {"PropertyName": "IsCustomAttribute", "ConditionOperator": "Equals", "Value": {"Type": "System.Boolean", "Value": "false"}},
            ]},
        },
        "RelationshipQuery": {"Properties": {"PropertyNames": ["ReferencingAttribute"]}, "Criteria": {"Conditions": [equals("ReferencedEntity", "account")]}},
    });
    let encoded = |query: &Value| query.to_string().replace('"', "%22").replace('\\', "%5C");
    let ask = |query: &Value| format!("RetrieveMetadataChanges(Query=@p1)?@p1={}", encoded(query));
    let first = world.get(&ask(&query)).await;
    let tables = first["EntityMetadata"].as_array().unwrap();
    assert_eq!(tables.len(), 2, "{first}");
    let lead = tables.iter().find(|table| table["LogicalName"] == "lead").unwrap();
    assert_eq!(
        keys(lead),
        ["MetadataId", "LogicalName", "DisplayName", "Attributes", "ManyToOneRelationships", "HasChanged"]
    );
    let source =
        lead["Attributes"].as_array().unwrap().iter().find(|one| one["LogicalName"] == "leadsourcecode").unwrap();
    assert_eq!(source["AttributeType"], "Picklist");
    assert!(source["OptionSet"]["Options"].as_array().unwrap().len() > 1, "{source}");
    assert!(lead["Attributes"].as_array().unwrap().iter().all(|one| one["AttributeType"] != "String"));
    assert!(
        lead["ManyToOneRelationships"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["ReferencingAttribute"] == "parentaccountid")
    );
    let stamp = first["ServerVersionStamp"].as_str().unwrap();
    let again =
        format!("RetrieveMetadataChanges(Query=@p1,ClientVersionStamp=@p2)?@p1={}&@p2='{stamp}'", encoded(&query));
    assert_eq!(world.get(&again).await["EntityMetadata"], json!([]));
    let token = format!("Bearer {}", world.token);
    let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
    let column = json!({"label": "Budget year", "type": "whole", "min": 2000, "max": 2999});
    world.raw("PUT", "/api/customization/column/lead/new_budgetyear", &headers, column.to_string()).await;
    let expired = world.send("GET", &again, &[], None).await;
    assert_eq!((expired.status.as_u16(), expired.json()["error"]["code"].as_str()), (400, Some("0x80044352")));
    let counted = world.send("GET", "EntityDefinitions/$count?$filter=LogicalName eq 'lead'", &[], None).await;
    assert_eq!(counted.body, "1");
    let path = "EntityDefinitions(LogicalName='lead')/Attributes/$count?$filter=LogicalName eq 'subject'";
    assert_eq!(world.send("GET", path, &[], None).await.body, "1");
    for (query, wrong) in [
        (json!({"Properties": {"PropertyNames": ["Nonsense"]}}), "Nonsense"),
        (
            json!({"Criteria": {"Conditions": [{"PropertyName": "LogicalName", "ConditionOperator": "In", "Value": {"Type": "System.String", "Value": "a,".repeat(1_001)}}]}}),
            "1000 values",
        ),
        (json!({"Criteria": {"Conditions": [equals("Nonsense", "x")]}}), "Nonsense"),
        (json!({"Criteria": {"Conditions": [equals("ObjectTypeCode", "x")]}}), "another type"),
        (json!({"Nonsense": {}}), "Nonsense"),
    ] {
        let message = world.refused("GET", &ask(&query), None, 400).await;
        assert!(message.contains(wrong), "{query}: {message}");
    }
}
