//! Looking for words in several tables at once.

use serde_json::{Value, json};

use crate::world::*;

async fn search(world: &World, asked: Value) -> Answer {
    let token = format!("Bearer {}", world.token);
    let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
    world.raw("POST", "/api/search/v2.0/query", &headers, asked.to_string()).await
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
