//! What Pipewright offers beside the Dataverse contract.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(clippy::format_push_string, reason = "speed is no matter here")]

mod world;

use axum::http::StatusCode;
use serde_json::{Value, json};
use world::{World, in_every_world};

const BOUNDARY: &str = "----parts";

async fn upload(world: &World, path: &str, parts: &[(&str, Option<&str>, &str)]) -> world::Answer {
    let mut body = String::new();
    for (name, file, content) in parts {
        let file = file.map(|file| format!("; filename=\"{file}\"")).unwrap_or_default();
        body += &format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{content}\r\n");
    }
    body += &format!("--{BOUNDARY}--\r\n");
    let (token, kind) = (format!("Bearer {}", world.token), format!("multipart/form-data; boundary={BOUNDARY}"));
    world.raw("POST", path, &[("authorization", &token), ("content-type", &kind)], body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_added_through_the_api_can_be_written_and_travels_in_the_customisation_file() {
    in_every_world(async |world| {
        let token = format!("Bearer {}", world.token);
        let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
        let column = json!({ "name": "new_score", "type": "whole", "label": "Score" }).to_string();
        let added = world.raw("POST", "/api/customization/tables/lead/columns", &headers, column).await;
        assert_eq!(added.status, StatusCode::CREATED, "{}", added.body);

        let lead = json!({ "subject": "Scored", "lastname": "Lead", "new_score": 7 });
        let created = world.send("POST", "leads", &[], Some(&lead)).await;
        assert_eq!(created.status, StatusCode::NO_CONTENT, "{}", created.body);

        let shown = world.raw("GET", "/api/customization", &headers, String::new()).await;
        assert!(shown.body.contains("new_score"), "{}", shown.body);
        let again = world.raw("PUT", "/api/customization", &headers, shown.body).await;
        assert_eq!(again.status, StatusCode::NO_CONTENT, "{}", again.body);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistaken_customisation_is_refused_with_its_place() {
    in_every_world(async |world| {
        let token = format!("Bearer {}", world.token);
        let file = "[table.lead.columns.new_x]\nlabel = \"X\"\ntype = \"lookup\"\ntargets = [\"nowhere\"]\n";
        let answer = world.raw("PUT", "/api/customization", &[("authorization", &token)], file.to_owned()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(answer.body.contains("new_x") && answer.body.contains("nowhere"), "{}", answer.body);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_imported_reported_and_taken_back() {
    in_every_world(async |world| {
        let file = "First name,Last name,Topic,Company name\nLena,Lind,Robots,Fabrikam\nOle,Olsen,Belts,Adatum\n";
        let dry = upload(&world, "/api/imports", &[("file", Some("leads.csv"), file), ("dry_run", None, "true")]).await;
        assert_eq!(dry.status, StatusCode::OK, "{}", dry.body);
        let count = world.send("GET", "leads/$count", &[], None).await;
        assert_eq!(count.body, "0", "a dry run writes nothing");

        let done = upload(&world, "/api/imports", &[("file", Some("leads.csv"), file)]).await;
        let report: Value = serde_json::from_str(&done.body).unwrap();
        assert_eq!(
            (&report["files"][0]["table"], &report["files"][0]["created"]),
            (&json!("lead"), &json!(2)),
            "{report}"
        );

        let token = format!("Bearer {}", world.token);
        let number = report["act"].as_str().unwrap();
        let undone =
            world.raw("DELETE", &format!("/api/imports/{number}"), &[("authorization", &token)], String::new()).await;
        assert_eq!(undone.status, StatusCode::OK, "{}", undone.body);
        assert_eq!(world.send("GET", "leads/$count", &[], None).await.body, "0");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_nothing_is_told() {
    in_every_world(async |world| {
        let answer = world.raw("GET", "/api/customization", &[], String::new()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(answer.headers.contains_key("www-authenticate"));
    })
    .await;
}
