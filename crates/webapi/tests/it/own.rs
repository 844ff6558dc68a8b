//! What Pipewright offers beside the Dataverse contract.

use crate::world;

use crate::world::{World, in_every_world};
use axum::http::StatusCode;
use serde_json::{Value, json};

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
        let headers = [("authorization", token.as_str())];
        let stands = world.raw("GET", &format!("/api/imports/{number}"), &headers, String::new()).await;
        let stands: Value = serde_json::from_str(&stands.body).unwrap();
        assert_eq!((&stands["status"], &stands["files"][0]["created"]), (&json!("Completed"), &json!(2)), "{stands}");
        let undone =
            world.raw("DELETE", &format!("/api/imports/{number}"), &[("authorization", &token)], String::new()).await;
        assert_eq!(undone.status, StatusCode::OK, "{}", undone.body);
        assert_eq!(world.send("GET", "leads/$count", &[], None).await.body, "0");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn duplicates_are_treated_as_said_and_rows_left_out_can_be_fetched() {
    in_every_world(async |world| {
        let token = format!("Bearer {}", world.token);
        let headers = [("authorization", token.as_str())];
        let file =
            |phone: &str| format!("Account Name,Main Phone,Number of Employees\nFabrikam,{phone},12\nAdatum,,few\n");
        let first = upload(&world, "/api/imports", &[("file", Some("accounts.csv"), &file("1"))]).await;
        let report: Value = serde_json::from_str(&first.body).unwrap();
        assert_eq!((&report["files"][0]["created"], &report["files"][0]["failed"]), (&json!(1), &json!(1)), "{report}");
        let number = report["act"].as_str().unwrap();
        let left_out =
            world.raw("GET", &format!("/api/imports/{number}/failed/accounts.csv"), &headers, String::new()).await;
        assert!(left_out.body.contains("Adatum") && left_out.body.contains("not a whole number"), "{}", left_out.body);
        let kept = world.raw("GET", &format!("/api/imports/{number}"), &headers, String::new()).await;
        assert_eq!(serde_json::from_str::<Value>(&kept.body).unwrap()["files"], report["files"]);

        let parts = [
            ("file", Some("accounts.csv"), file("2")),
            ("match", None, "name".into()),
            ("duplicates", None, "update".into()),
        ];
        let parts: Vec<(&str, Option<&str>, &str)> =
            parts.iter().map(|(name, file, text)| (*name, *file, text.as_str())).collect();
        let second = upload(&world, "/api/imports", &parts).await;
        let report: Value = serde_json::from_str(&second.body).unwrap();
        assert_eq!(report["files"][0]["updated"], 1, "{report}");
        let wrong = upload(&world, "/api/imports", &[parts[0], ("duplicates", None, "merge")]).await;
        assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
        assert!(wrong.body.contains("skip, update or create"), "{}", wrong.body);
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
