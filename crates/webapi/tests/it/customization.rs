//! An administrator shapes the model through the API.

use crate::world::{Answer, World, in_every_world};
use axum::http::StatusCode;
use serde_json::{Value, json};

async fn ask(world: &World, method: &str, path: &str, body: &Value) -> Answer {
    let token = format!("Bearer {}", world.token);
    let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
    let body = if body.is_null() { String::new() } else { body.to_string() };
    world.raw(method, &format!("/api/customization{path}"), &headers, body).await
}

async fn done(world: &World, method: &str, path: &str, body: Value) -> Value {
    let answer = ask(world, method, path, &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{method} {path}: {}", answer.body);
    answer.json()
}

async fn refused(world: &World, method: &str, path: &str, body: Value, status: u16) -> String {
    let answer = ask(world, method, path, &body).await;
    assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
    answer.message()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_is_put_written_to_changed_and_removed() {
    in_every_world(async |world| {
        let score = json!({ "type": "whole", "label": "Score" });
        let tried = done(&world, "PUT", "/column/lead/new_score?dry_run=true", score.clone()).await;
        assert_eq!(
            (&tried["published"], &tried["changes"][0]),
            (&json!(false), &json!("column lead/new_score (Score) is added"))
        );
        let put = done(&world, "PUT", "/column/lead/new_score", score.clone()).await;
        assert_eq!(
            (&put["kind"], &put["name"], &put["published"]),
            (&json!("column"), &json!("lead/new_score"), &json!(true))
        );
        assert_eq!(
            done(&world, "GET", "/column/lead/new_score", Value::Null).await,
            json!({ "label": "Score", "type": "whole" })
        );

        let lead = json!({ "subject": "Scored", "lastname": "Lead", "new_score": 7 });
        let created = world.send("POST", "leads", &[], Some(&lead)).await;
        assert_eq!(created.status, StatusCode::NO_CONTENT, "{}", created.body);

        done(&world, "PATCH", "/column/lead/new_score", json!({ "max": 10, "description": "From 1 to 10" })).await;
        let said = world.refused("POST", "leads", Some(json!({ "lastname": "Lead", "new_score": 11 })), 400).await;
        assert!(said.contains("Score (new_score)"), "{said}");

        let own = done(&world, "GET", "/column?table=lead&own=true", Value::Null).await;
        assert_eq!(
            own["value"],
            json!([{ "kind": "column", "name": "lead/new_score", "label": "Score", "origin": "own" }])
        );
        done(&world, "DELETE", "/column/lead/new_score", Value::Null).await;
        refused(&world, "GET", "/column/lead/new_score", Value::Null, 404).await;
        refused(&world, "DELETE", "/column/lead/new_score", Value::Null, 404).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_out_is_listed_and_purged() {
    in_every_world(async |world| {
        done(&world, "PUT", "/column/lead/new_score", json!({ "type": "whole", "label": "Score" })).await;
        let lead = json!({ "subject": "Scored", "lastname": "Lead", "new_score": 7 });
        world.send("POST", "leads", &[], Some(&lead)).await;
        refused(&world, "DELETE", "/kept/lead/new_score", Value::Null, 400).await;
        done(&world, "DELETE", "/column/lead/new_score", Value::Null).await;
        let kept = json!([{ "table": "lead", "column": "new_score", "rows": 1 }]);
        assert_eq!(done(&world, "GET", "/kept", Value::Null).await, json!({ "kept": kept, "purged": [] }));
        let tried = done(&world, "DELETE", "/kept/lead/new_score?dry_run=true", Value::Null).await;
        assert_eq!((&tried["rows"], &tried["purged"]), (&json!(1), &json!(false)));
        let gone = done(&world, "DELETE", "/kept/lead/new_score", Value::Null).await;
        assert_eq!(gone["purged"], true);
        let after = done(&world, "GET", "/kept", Value::Null).await;
        assert_eq!((&after["kept"], &after["purged"][0]["origin"]), (&json!([]), &json!("webapi")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_published_what_is_told_the_newest_first() {
    in_every_world(async |world| {
        let nothing = json!({ "value": [], "before": null });
        assert_eq!(done(&world, "GET", "/history", Value::Null).await, nothing);
        done(&world, "PUT", "/column/lead/new_score", json!({ "type": "whole", "label": "Score" })).await;
        done(&world, "PUT", "/column/lead/new_rank?dry_run=true", json!({ "type": "whole", "label": "Rank" })).await;
        let key = json!({ "SchemaName": "new_score", "KeyAttributes": ["new_score"] });
        let made = world.send("POST", "EntityDefinitions(LogicalName='lead')/Keys", &[], Some(&key)).await;
        assert_eq!(made.status, StatusCode::NO_CONTENT, "{}", made.body);
        let engine = world.app.engine().await.unwrap();
        world.app.customization().publish(&engine, crm::Origin::CommandLine, model::Overlay::default()).await.unwrap();

        let all = done(&world, "GET", "/history", Value::Null).await;
        let told: Vec<_> =
            all["value"].as_array().unwrap().iter().map(|it| [&it["origin"], &it["changes"][0]]).collect();
        assert_eq!(
            told,
            [
                ["command", "column lead/new_score leaves the model; its values are kept in the database"],
                ["webapi", "key lead/new_score is added"],
                ["webapi", "column lead/new_score (Score) is added"],
            ]
        );
        let me = world.get("WhoAmI").await["UserId"].clone();
        let [command, _, first] = &all["value"].as_array().unwrap()[..] else { panic!("{all}") };
        assert_eq!((&first["user"], &first["user_name"]), (&me, &json!("System Administrator")));
        assert_eq!((&command["user"], &command["user_name"]), (&json!(uuid::Uuid::nil()), &Value::Null));
        assert!(first["at"].as_str().unwrap() < command["at"].as_str().unwrap(), "{all}");

        let page = done(&world, "GET", "/history?count=1", Value::Null).await;
        assert_eq!((&page["value"][0], &page["before"]), (command, &command["version"]));
        let rest = done(&world, "GET", &format!("/history?before={}", page["before"]), Value::Null).await;
        assert_eq!((&rest["value"], &rest["before"]), (&json!(all["value"].as_array().unwrap()[1..]), &Value::Null));
        let said = refused(&world, "GET", "/history?count=1000", Value::Null, 400).await;
        assert_eq!(said, "count is 1000; a page has 1 to 200");
        refused(&world, "GET", "/history?after=3", Value::Null, 400).await;
        let nobody = world.raw("GET", "/api/customization/history", &[], String::new()).await;
        assert_eq!(nobody.status, StatusCode::UNAUTHORIZED, "{}", nobody.body);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn indexes_states_and_hidden_views_are_put_and_taken_back() {
    in_every_world(async |world| {
        done(&world, "PUT", "/index/lead/leadsourcecode,-createdon", json!({})).await;
        done(&world, "PATCH", "/state/lead/0", json!({ "label": "In work" })).await;
        let views = done(&world, "GET", "/view?table=lead", Value::Null).await;
        let view = format!("/view/{}", views["value"].as_array().unwrap().last().unwrap()["name"].as_str().unwrap());
        done(&world, "PATCH", &view, json!({ "hidden": true })).await;
        assert_eq!(done(&world, "GET", &view, Value::Null).await["hidden"], true);
        for part in ["/index/lead/leadsourcecode,-createdon", "/state/lead/0", &view] {
            done(&world, "DELETE", part, Value::Null).await;
        }
        assert_eq!(done(&world, "GET", &view, Value::Null).await["hidden"], Value::Null);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_travels_as_one_file() {
    in_every_world(async |world| {
        done(&world, "PUT", "/column/lead/new_score", json!({ "type": "whole", "label": "Score" })).await;
        let shown = ask(&world, "GET", "", &Value::Null).await;
        assert!(shown.body.contains("new_score"), "{}", shown.body);
        let token = format!("Bearer {}", world.token);
        let headers = [("authorization", token.as_str())];
        let again = world.raw("PUT", "/api/customization", &headers, shown.body).await;
        assert_eq!(again.status, StatusCode::NO_CONTENT, "{}", again.body);
        let tried = world.raw("PUT", "/api/customization?dry_run=true", &headers, String::new()).await;
        let told = "column lead/new_score leaves the model; its values are kept in the database";
        assert_eq!(tried.json()["changes"], json!([told]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mistakes_are_refused_with_their_place() {
    in_every_world(async |world| {
        let lookup = json!({ "type": "lookup", "label": "X", "targets": ["nowhere"] });
        let said = refused(&world, "PUT", "/column/lead/new_x", lookup, 400).await;
        assert!(said.contains("lead.new_x") && said.contains("nowhere"), "{said}");
        let said = refused(&world, "PUT", "/column/lead/new_x", json!({ "type": "texxt", "label": "X" }), 400).await;
        assert!(said.contains("column lead/new_x: type: unknown variant `texxt`"), "{said}");
        let said = refused(&world, "PUT", "/column/lead", json!({}), 400).await;
        assert!(said.contains("TABLE/COLUMN"), "{said}");
        let said = refused(&world, "PUT", "/colum/lead/new_x", json!({}), 400).await;
        assert!(said.contains("write table, column"), "{said}");
        refused(&world, "PUT", "/column/lead/new_x", json!([1]), 400).await;
        let said = refused(&world, "DELETE", "/view/lead/my_open", Value::Null, 400).await;
        assert!(said.contains("shipped"), "{said}");
        let file = "[table.lead.columns.new_x]\nlabel = \"X\"\ntype = \"lookup\"\ntargets = [\"nowhere\"]\n";
        let token = format!("Bearer {}", world.token);
        let answer = world.raw("PUT", "/api/customization", &[("authorization", &token)], file.to_owned()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(answer.body.contains("new_x") && answer.body.contains("nowhere"), "{}", answer.body);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_own_table_has_rows_notes_and_tasks() {
    in_every_world(async |world| {
        let project = json!({ "label": "Project", "notes": true, "activities": true });
        done(&world, "PUT", "/table/new_project", project).await;
        let budget = json!({ "type": "money", "label": "Budget" });
        done(&world, "PUT", "/column/new_project/new_budget", budget).await;
        let id = world.create("new_projects", json!({ "name": "Robots", "new_budget": 1200.5 })).await;
        let note = json!({ "notetext": "Agreed", "objectid_new_project@odata.bind": format!("/new_projects({id})") });
        world.create("annotations", note).await;
        let bind = "regardingobjectid_new_project_task@odata.bind";
        let task = world.create("tasks", json!({ "subject": "Call", bind: format!("/new_projects({id})") })).await;
        let read = world.get(&format!("tasks({task})?$select=subject,_regardingobjectid_value")).await;
        assert_eq!(read["_regardingobjectid_value"], json!(id));
        let read = world.get(&format!("annotations?$filter=_objectid_value%20eq%20{id}&$select=notetext")).await;
        assert_eq!(read["value"].as_array().unwrap().len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_administrators_see_and_change_the_model() {
    in_every_world(async |world| {
        let unit = world.get("businessunits?$select=name").await["value"][0]["businessunitid"].clone();
        let seller = json!({
            "firstname": "Sam", "lastname": "Seller", "internalemailaddress": "sam@contoso.example",
            "businessunitid@odata.bind": format!("/businessunits({})", unit.as_str().unwrap()),
        });
        let seller: uuid::Uuid = world.create("systemusers", seller).await.parse().unwrap();
        let seller = world.app.caller(seller).await.unwrap();
        let token = world.app.identity().create_token(&seller, seller.user, "tests", 1).await.unwrap();
        let token = format!("Bearer {token}");
        for (method, path) in
            [("GET", ""), ("GET", "/column"), ("GET", "/column/lead/subject"), ("DELETE", "/column/lead/subject")]
        {
            let headers = [("authorization", token.as_str())];
            let answer = world.raw(method, &format!("/api/customization{path}"), &headers, String::new()).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{method} {path}: {}", answer.body);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_is_put_can_be_given_at_once() {
    let world = World::new(false).await;
    let role = json!({ "label": "Reader", "tables": { "lead": { "read": "organization" } } });
    done(&world, "PUT", "/role/new_reader?dry_run=true", role.clone()).await;
    let roles = "roles?$filter=name eq 'Reader'&$select=roleid";
    assert_eq!(world.get(roles).await["value"], json!([]), "a dry run makes none");
    done(&world, "PUT", "/role/new_reader", role).await;
    let made = world.get(roles).await;
    let id = made["value"][0]["roleid"].as_str().expect("the role has a row");
    let me = world.get("WhoAmI").await["UserId"].as_str().unwrap().to_owned();
    let given = world
        .send(
            "POST",
            &format!("systemusers({me})/systemuserroles_association/$ref"),
            &[],
            Some(&json!({ "@odata.id": format!("roles({id})") })),
        )
        .await;
    assert_eq!(given.status, StatusCode::NO_CONTENT, "{}", given.body);
}
