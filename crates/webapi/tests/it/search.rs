//! Looking for words in several tables at once.

use serde_json::{Value, json};

use crate::world::*;

async fn search(world: &World, asked: Value) -> Answer {
    ask(world, "v2.0/query", asked).await
}

async fn ask(world: &World, what: &str, asked: Value) -> Answer {
    let token = format!("Bearer {}", world.token);
    let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
    world.raw("POST", &format!("/api/search/{what}"), &headers, asked.to_string()).await
}

async fn found(world: &World, asked: Value) -> Value {
    let answer = search(world, asked).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    serde_json::from_str(answer.json()["response"].as_str().unwrap()).unwrap()
}

fn names(response: &Value) -> Vec<(&str, &str)> {
    let rows = response["Value"].as_array().unwrap().iter();
    rows.map(|row| {
        let name = row["Attributes"].as_object().unwrap().iter().find(|(name, _)| name.ends_with("name")).unwrap();
        (row["EntityName"].as_str().unwrap(), name.1.as_str().unwrap())
    })
    .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn words_are_found_in_several_tables() {
    in_every_world(async |world| {
        world.create("accounts", json!({"name": "Northern Halden Works"})).await;
        let best = world.create("accounts", json!({"name": "Halden Robotics", "accountnumber": "H1"})).await;
        world.create("contacts", json!({"firstname": "Kari", "lastname": "Halden"})).await;
        world.create("accounts", json!({"name": "Moe AS"})).await;
        let asked = json!({"search": "halden", "entities": "[{\"name\":\"account\"},{\"name\":\"contact\"}]", "count": true});
        let response = found(&world, asked).await;
        assert_eq!(response["Count"], 3, "{response}");
        assert_eq!(names(&response)[0], ("account", "Halden Robotics"), "a name that begins so comes first");
        assert_eq!(names(&response).len(), 3, "{response}");
        let first = &response["Value"][0];
        assert_eq!((&first["Id"], &first["ObjectTypeCode"]), (&json!(best), &json!(1)));
        assert!(response["Error"].is_null());
        let narrowed = json!({"search": "halden", "entities": "[{\"name\":\"account\",\"selectColumns\":[\"name\",\"accountnumber\"],\"filter\":\"accountnumber eq 'H1'\"}]", "top": 1});
        let response = found(&world, narrowed).await;
        assert_eq!(response["Count"], -1);
        assert_eq!(response["Value"][0]["Attributes"]["accountnumber"], "H1");
        let everywhere = found(&world, json!({"search": "halden", "skip": 1})).await;
        assert_eq!(everywhere["Value"].as_array().unwrap().len(), 2);
        for (asked, wrong) in [
            (json!({"search": " "}), "search"),
            (json!({"search": "a", "facets": "[\"name\"]"}), "facets"),
            (json!({"search": "a | b"}), "'|'"),
            (json!({"search": "a", "orderby": "[\"nonsense desc\"]"}), "nonsense"),
            (json!({"search": "a", "filter": "nonsense eq 1"}), "nonsense"),
            (json!({"search": "a", "options": "{'querytype': 'lucene'}"}), "querytype"),
            (json!({"search": "a", "nonsense": 1}), "nonsense"),
            (json!({"search": "a", "entities": "[{\"name\":\"nonsense\"}]"}), "nonsense"),
            (json!({"search": "a", "entities": "[{\"name\":\"account\",\"selectColumns\":[\"nonsense\"]}]"}), "nonsense"),
        ] {
            let refused = search(&world, asked).await;
            assert_eq!(refused.status, 400, "{}", refused.body);
            assert!(refused.message().contains(wrong), "{}", refused.body);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_finds_what_they_may_not_see() {
    let mut world = World::new(false).await;
    world.create("leads", json!({"subject": "Hidden", "lastname": "Halden"})).await;
    assert_eq!(found(&world, json!({"search": "halden"})).await["Value"].as_array().unwrap().len(), 1);
    world.token = crate::access::helper(&world).await.0;
    assert_eq!(found(&world, json!({"search": "halden", "count": true})).await["Count"], 0);
    world.token = "nonsense".to_owned();
    assert_eq!(search(&world, json!({"search": "halden"})).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_found_is_marked_filtered_and_sorted() {
    in_every_world(async |world| {
        for (name, city) in [("Halden Works", "Oslo"), ("Åse Hálden", "Bergen"), ("Moe AS", "Halden")] {
            world.create("accounts", json!({"name": name, "address1_city": city})).await;
        }
        world.create("contacts", json!({"lastname": "Halden"})).await;
        let accounts = "[{\"name\":\"account\",\"selectColumns\":[\"name\"]}]";
        let answer = search(&world, json!({"search": "halden", "entities": accounts, "orderby": "[\"name desc\"]", "options": "{'searchmode': 'all'}"})).await;
        let context = "http://crm.example/api/data/v9.2/$metadata#Microsoft.Dynamics.CRM.searchqueryResponse";
        assert_eq!(answer.json()["@odata.context"], context);
        let response: Value = serde_json::from_str(answer.json()["response"].as_str().unwrap()).unwrap();
        let rows = response["Value"].as_array().unwrap();
        let named = |name: &str| rows.iter().find(|row| row["Attributes"]["name"] == name).expect(name);
        assert_eq!(named("Halden Works")["Highlights"]["name"], json!(["{crmhit}Halden{/crmhit} Works"]));
        assert_eq!(named("Åse Hálden")["Highlights"]["name"], json!(["Åse {crmhit}Hálden{/crmhit}"]));
        let order: Vec<&Value> = rows.iter().map(|row| &row["Attributes"]["name"]).filter(|name| *name != "Åse Hálden").collect();
        assert_eq!(order.last().unwrap(), &"Halden Works", "{response}");
        let best = json!({"search": "halden", "entities": accounts, "orderby": "[\"@search.score desc\", \"name desc\"]"});
        let best = found(&world, best).await;
        let best: Vec<&Value> = best["Value"].as_array().unwrap().iter().map(|row| &row["Attributes"]["name"]).collect();
        assert_eq!((best[0], best.len()), (&json!("Halden Works"), rows.len()), "what fits best comes first: {best:?}");
        assert_ne!(best[1], "Halden Works");
        let filtered = found(&world, json!({"search": "halden", "filter": "createdon lt 2001-01-01"})).await;
        assert_eq!(filtered["Value"], json!([]));
        let newest = found(&world, json!({"search": "halden", "orderby": "[\"createdon desc\"]", "top": 1})).await;
        assert_eq!(newest["Value"][0]["EntityName"], "contact", "{newest}");
        world.create("annotations", json!({"subject": "Note", "notetext": "<p>About a <b>gondola</b> &amp; more</p>"})).await;
        let note = found(&world, json!({"search": "gondola", "entities": "[{\"name\":\"annotation\"}]"})).await;
        let marked = &note["Value"][0]["Highlights"]["notetext"];
        assert_eq!(marked, &json!(["About a {crmhit}gondola{/crmhit} & more"]), "{note}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_suggests_rows_and_completes_words_while_somebody_types() {
    let world = World::new(false).await;
    world.create("accounts", json!({"name": "Halden Robotics"})).await;
    world.create("accounts", json!({"name": "Robotic Arms"})).await;
    world.create("accounts", json!({"name": "Robotics Lab"})).await;
    let told = ask(&world, "v2.0/suggest", json!({"search": "robo", "entities": "[{\"name\":\"account\"}]", "top": 2}))
        .await
        .json();
    let response: Value = serde_json::from_str(told["response"].as_str().unwrap()).unwrap();
    let rows = response["Value"].as_array().unwrap();
    assert_eq!(rows.len(), 2, "{response}");
    assert!(rows[0]["Text"].as_str().unwrap().starts_with("{crmhit}Robotic"), "{response}");
    assert_eq!(rows[0]["Document"]["@search.entityname"], "account");
    let told = ask(&world, "v2.0/autocomplete", json!({"search": "halden robo"})).await.json();
    let response: Value = serde_json::from_str(told["response"].as_str().unwrap()).unwrap();
    assert_eq!(response["Value"], "halden {crmhit}robotics{/crmhit}");
    for count in ["returntotalrecordcount", "returnTotalRecordCount"] {
        let mut asked = json!({"search": "halden", "entities": ["account"], "searchMode": "all"});
        asked[count] = json!(true);
        assert_eq!(ask(&world, "v1.0/query", asked).await.json()["totalrecordcount"], 1, "{count}");
    }
    let told =
        ask(&world, "v1.0/query", json!({"search": "halden", "entities": ["account"], "returntotalrecordcount": true}))
            .await
            .json();
    assert_eq!((&told["totalrecordcount"], &told["value"][0]["name"]), (&json!(1), &json!("Halden Robotics")));
    assert_eq!(told["value"][0]["@search.highlights"]["name"][0], "{crmhit}Halden{/crmhit} Robotics");
    let told = ask(&world, "v1.0/autocomplete", json!({"search": "rob"})).await.json();
    assert_eq!(told["value"], "{crmhit}robotics{/crmhit}");
    for (what, status) in [("v2.0/nonsense", 404), ("v3.0/query", 404)] {
        assert_eq!(ask(&world, what, json!({"search": "halden"})).await.status, status);
    }
    let short = ask(&world, "v2.0/suggest", json!({"search": "ro"})).await;
    assert_eq!(short.status, 400, "{}", short.body);
    // The same as actions of the data.
    let asked = json!({"search": "halden", "entities": "[{\"name\":\"account\"}]", "count": true});
    let told = world.send("POST", "searchquery", &[], Some(&asked)).await;
    assert_eq!(told.status, 200, "{}", told.body);
    let response: Value = serde_json::from_str(told.json()["response"].as_str().unwrap()).unwrap();
    assert_eq!(response["Count"], 1);
    let told = world.send("POST", "searchautocomplete", &[], Some(&json!({"search": "halden robo"}))).await.json();
    assert!(told["response"].as_str().unwrap().contains("robotics"), "{told}");
    let refused = world.refused("POST", "searchsuggest", Some(json!({"search": "halden", "nonsense": 1})), 400).await;
    assert!(refused.contains("nonsense"), "{refused}");
    for (action, body, wrong) in [
        ("searchquery", json!({"search": "halden", "skip": 501}), "skip"),
        ("searchsuggest", json!({"search": "halden", "skip": 1}), "skip"),
        ("searchautocomplete", json!({"search": "halden", "top": 1}), "top"),
    ] {
        let refused = world.refused("POST", action, Some(body), 400).await;
        assert!(refused.contains(wrong), "{action}: {refused}");
    }
}
