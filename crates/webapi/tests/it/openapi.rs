//! What a tool learns from `openapi.json`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    access::{as_helper, helper},
    world::*,
};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Every request of a document: address, method, and what is told of it.
fn calls(document: &Value) -> Vec<(&str, &str, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let of = |path: &'_ String| path.clone();
    assert_eq!(paths.keys().map(of).collect::<BTreeSet<_>>().len(), paths.len());
    paths
        .iter()
        .flat_map(|(path, item)| {
            METHODS.iter().filter_map(move |method| Some((path.as_str(), *method, item.get(*method)?)))
        })
        .collect()
}

/// Every place that is referred to.
fn references<'d>(value: &'d Value, found: &mut BTreeSet<&'d str>) {
    match value {
        Value::Object(members) => {
            for (name, inner) in members {
                match inner {
                    Value::String(to) if name == "$ref" => drop(found.insert(to)),
                    _ => references(inner, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

/// The address with the names of its parameters left out, as tools tell addresses apart.
fn skeleton(path: &str) -> String {
    path.split('{').map(|part| part.split_once('}').map_or(part, |(_, rest)| rest)).collect::<Vec<_>>().join("{}")
}

fn holds_together(document: &Value) {
    let mut found = BTreeSet::new();
    references(document, &mut found);
    for to in found {
        assert!(document.pointer(to.trim_start_matches('#')).is_some(), "{to} leads nowhere");
    }
    let calls = calls(document);
    let ids: BTreeSet<&str> = calls.iter().map(|(_, _, call)| call["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), calls.len(), "ids are unique");
    let paths = document["paths"].as_object().unwrap();
    let skeletons: BTreeSet<String> = paths.keys().map(|path| skeleton(path)).collect();
    assert_eq!(skeletons.len(), paths.len(), "no two addresses mean the same");
    for (path, method, call) in calls {
        let declared: BTreeSet<&str> = call["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|parameter| parameter["in"] == "path")
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        let named: BTreeSet<&str> = path.split('{').skip(1).map(|part| part.split_once('}').unwrap().0).collect();
        assert_eq!(declared, named, "{method} {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_finds_every_table_with_what_can_be_done() {
    let world = World::new(false).await;
    let document = world.get("openapi.json").await;
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["servers"][0]["url"], "http://crm.example");
    holds_together(&document);
    let paths = &document["paths"];
    for set in world.get("").await["value"].as_array().unwrap() {
        let path = format!("{BASE}{}", set["name"].as_str().unwrap());
        assert!(paths[&path]["get"].is_object(), "{path}");
    }
    for (path, methods) in [
        ("leads", &["get", "post"][..]),
        ("leads({leadid})", &["get", "patch", "delete"]),
        ("leads({leadid})/{column}", &["get", "put", "delete"]),
        ("leads({leadid})/{navigation}/$ref", &["get", "put", "post", "delete"]),
        ("leads({leadid})/parentaccountid", &["get"]),
        ("leads({leadid})/Microsoft.Dynamics.CRM.QualifyLead", &["post"]),
        ("leads/Microsoft.Dynamics.CRM.CreateMultiple", &["post"]),
        ("leads/$count", &["get"]),
        ("activitypointers", &["get"]),
        ("WhoAmI()", &["get"]),
        ("WinOpportunity", &["post"]),
        ("RetrieveTotalRecordCount(EntityNames=@EntityNames)", &["get"]),
        ("$batch", &["post"]),
        ("$metadata", &["get"]),
        ("EntityDefinitions(LogicalName='{LogicalName}')/Attributes", &["get"]),
    ] {
        let item = paths[format!("{BASE}{path}")].as_object().unwrap_or_else(|| panic!("{path} is missing"));
        assert_eq!(item.keys().collect::<Vec<_>>(), methods.to_vec(), "{path}");
    }
    assert!(paths["/api/search/v2.0/query"]["post"].is_object());
    let flows = &document["components"]["securitySchemes"]["oauth"]["flows"];
    assert_eq!(flows["authorizationCode"]["authorizationUrl"], "http://crm.example/oauth2/authorize");
    assert_eq!(flows["clientCredentials"]["tokenUrl"], "http://crm.example/oauth2/token");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_learns_types_limits_and_what_choices_mean() {
    let world = World::new(false).await;
    let document = world.get("openapi.json?tables=lead,opportunity").await;
    holds_together(&document);
    let schemas = &document["components"]["schemas"];
    let deal = &schemas["opportunity"]["properties"];
    assert_eq!(deal["name"]["type"], json!(["string", "null"]));
    assert!(deal["name"]["maxLength"].as_u64().unwrap() >= 100);
    assert_eq!(deal["opportunityid"]["type"], "string");
    assert_eq!(deal["_customerid_value"]["x-targets"], json!(["account", "contact"]));
    assert_eq!(deal["estimatedclosedate"]["format"], "date");
    assert!(deal["estimatedvalue"]["maximum"].is_number());
    for computed in ["estimatedvalue_base", "createdon", "versionnumber"] {
        assert_eq!(deal[computed]["readOnly"], true, "{computed}");
    }
    let state = &deal["statecode"];
    assert_eq!(state["enum"], json!([0, 1, 2, null]));
    assert!(state["description"].as_str().unwrap().contains("1 Won"), "{state}");
    let new = &schemas["opportunity.create"];
    assert_eq!(new["properties"]["customerid_account@odata.bind"]["writeOnly"], true);
    assert!(new["properties"].get("createdon").is_none() && new["properties"].get("_customerid_value").is_none());
    // What the document says of a body is so.
    let other = format!("{BASE}accounts");
    assert!(document["paths"].get(&other).is_none(), "only what was asked for");
    let row = json!({"name": "Hall 3", "estimatedvalue": 12.5, "statuscode": 1, "estimatedclosedate": "2027-02-28"});
    for member in row.as_object().unwrap().keys() {
        assert!(new["properties"].get(member).is_some(), "{member}");
    }
    world.create("opportunities", row).await;
    // What an operation may leave out of its answer is told to be null perhaps.
    let query = "RetrieveMetadataChanges(Query=@q)?@q={\"Properties\":{\"PropertyNames\":[]}}".replace('"', "%22");
    assert!(world.get(&query.replace('{', "%7B").replace('}', "%7D")).await["DeletedMetadata"].is_null());
    let deleted = &schemas["RetrieveMetadataChangesResponse"]["properties"]["DeletedMetadata"];
    assert_eq!(deleted["anyOf"][1]["type"], "null");
    // Changes are followed from a set, not from what a row leads to.
    let asks_for_changes = |path: &str| {
        let parameters = &document["paths"][format!("{BASE}{path}")]["get"]["parameters"];
        parameters.as_array().unwrap().contains(&json!({"$ref": "#/components/parameters/deltatoken"}))
    };
    assert!(asks_for_changes("leads") && !asks_for_changes("leads({leadid})/Lead_Tasks"));
    let said = world.refused("GET", "openapi.json?tables=lead,nonsense", None, 400).await;
    assert!(said.contains("'nonsense'"), "{said}");
    world.refused("GET", "openapi.json?tables=,", None, 400).await;
    world.refused("GET", "openapi.json?$select=a", None, 400).await;
    world.refused("POST", "openapi.json", None, 405).await;
    let stranger = world.raw("GET", &format!("{BASE}openapi.json"), &[], String::new()).await;
    assert_eq!(stranger.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_tells_of_what_the_caller_may_do_and_no_more() {
    in_every_world(async |world| {
        let (token, _) = helper(&world).await;
        let document = as_helper(&world, &token, "GET", "openapi.json", "").await.json();
        holds_together(&document);
        let paths = document["paths"].as_object().unwrap();
        assert!(paths[&format!("{BASE}leads")]["post"].is_object());
        for hidden in ["opportunities", "accounts"] {
            assert!(!paths.contains_key(&format!("{BASE}{hidden}")), "{hidden}");
        }
        assert!(!paths.contains_key(&format!("{BASE}leads({{leadid}})/parentaccountid")));
        // Currencies are read by everybody and looked after by others.
        assert!(paths[&format!("{BASE}transactioncurrencies")].get("post").is_none());
        let asked = as_helper(&world, &token, "GET", "openapi.json?tables=account", "").await;
        assert_eq!(asked.status, 400, "{}", asked.body);
    })
    .await;
}
