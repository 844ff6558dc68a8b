//! Files by themselves: sent whole and in chunks, read whole and in parts.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::world::*;

const PIXEL: &[u8] = b"\x89PNG\r\n\x1a\n and what a picture goes on with";

async fn octets(world: &World, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let token = format!("Bearer {}", world.token);
    let mut all = vec![("authorization", token.as_str()), ("content-type", "application/octet-stream")];
    all.extend_from_slice(headers);
    let path = if path.starts_with("/api") { path.to_owned() } else { format!("{BASE}{path}") };
    world.raw(method, &path, &all, body.to_owned()).await
}

async fn note(world: &World) -> String {
    let deal = world.deal("Robots", 1.0).await;
    let note = json!({"subject": "Offer", "objectid_opportunity@odata.bind": format!("/opportunities({deal})")});
    world.create("annotations", note).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_sends_a_file_whole_and_reads_it_in_parts() {
    in_every_world(async |world| {
        let id = note(&world).await;
        let path = format!("annotations({id})/documentbody");
        let sent =
            octets(&world, "PATCH", &path, &[("x-ms-file-name", "Angebot%20f%C3%BCr%20Berg.txt")], "0123456789").await;
        assert_eq!(sent.status, 204, "{}", sent.body);
        let row = world.get(&format!("annotations({id})?$select=filename,filesize,documentbody")).await;
        assert_eq!((&row["filename"], &row["filesize"]), (&json!("Angebot für Berg.txt"), &json!(10)));
        assert_eq!(row["documentbody"], "MDEyMzQ1Njc4OQ==", "the note tells it as ever");
        let whole = octets(&world, "GET", &format!("{path}?size=full"), &[], "").await;
        assert_eq!(
            (whole.status.as_u16(), whole.body.as_str(), whole.header("x-ms-file-size")),
            (200, "0123456789", "10")
        );
        assert_eq!(whole.header("x-ms-file-name"), "Angebot%20f%C3%BCr%20Berg%2Etxt");
        assert!(whole.header("content-disposition").starts_with("attachment; filename*=UTF-8''Angebot"));
        let part = octets(&world, "GET", &format!("{path}/$value"), &[("range", "bytes=3-5")], "").await;
        assert_eq!(
            (part.status.as_u16(), part.body.as_str(), part.header("content-range")),
            (206, "345", "bytes 3-5/10")
        );
        let outside = octets(&world, "GET", &format!("{path}/$value"), &[("range", "bytes=99-")], "").await;
        assert_eq!(
            (outside.status, outside.header("content-range")),
            (StatusCode::RANGE_NOT_SATISFIABLE, "bytes */10")
        );
        assert_eq!(octets(&world, "DELETE", &path, &[], "").await.status, 204);
        assert_eq!(octets(&world, "GET", &format!("{path}?size=full"), &[], "").await.status, 204);
        for (headers, body, wrong) in [
            (vec![], "x", "x-ms-file-name"),
            (vec![("x-ms-file-name", "game.exe")], "x", "program"),
            (vec![("x-ms-file-name", "../x.txt")], "x", "slashes"),
        ] {
            let refused = octets(&world, "PATCH", &path, &headers, body).await;
            assert!(refused.status == 400 && refused.message().contains(wrong), "{}", refused.body);
        }
        let gone = path.replace(&id, "00000000-0000-0000-0000-000000000001");
        assert_eq!(octets(&world, "PATCH", &gone, &[("x-ms-file-name", "a.txt")], "x").await.status, 404);
        assert_eq!(octets(&world, "PATCH", &path.replace("documentbody", "subject"), &[], "x").await.status, 405);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_sends_a_file_in_chunks() {
    in_every_world(async |world| {
        let id = note(&world).await;
        let path = format!("annotations({id})/documentbody");
        let begun =
            octets(&world, "PATCH", &path, &[("x-ms-transfer-mode", "chunked"), ("x-ms-file-name", "long.txt")], "")
                .await;
        assert_eq!((begun.status.as_u16(), begun.header("x-ms-chunk-size")), (200, "4194304"), "{}", begun.body);
        let place = begun.header("location").strip_prefix("http://crm.example").unwrap().to_owned();
        let chunk = async |range: &str, body: &str| {
            octets(&world, "PATCH", &place, &[("content-range", range), ("x-ms-file-name", "long.txt")], body).await
        };
        assert_eq!(chunk("bytes 0-3/10", "0123").await.status, 206);
        assert_eq!(
            octets(&world, "GET", &format!("{path}/$value"), &[], "").await.status,
            204,
            "it is not there before it is whole"
        );
        for (range, body, wrong) in [
            ("bytes 0-3/10", "0123", "begins at byte 4"),
            ("bytes 4-6/11", "456", "same size"),
            ("bytes 4-9/10", "456", "Content-Range"),
            ("4-6", "456", "Content-Range"),
        ] {
            let refused = chunk(range, body).await;
            assert!(refused.status == 400 && refused.message().contains(wrong), "{range}: {}", refused.body);
        }
        assert_eq!(chunk("bytes 4-9/10", "456789").await.status, 204);
        assert_eq!(octets(&world, "GET", &format!("{path}/$value"), &[], "").await.body, "0123456789");
        assert_eq!(world.get(&format!("annotations({id})?$select=filename")).await["filename"], "long.txt");
        assert!(chunk("bytes 0-3/10", "0123").await.message().contains("not known"), "an upload is finished once");
        let absurd = chunk("bytes 0-18446744073709551615/1", "0").await;
        assert_eq!(absurd.status, 400, "{}", absurd.body);
        // What the upload insists on holds when it begins and when it ends.
        let begin = async |etag: &str| {
            let headers = [("x-ms-transfer-mode", "chunked"), ("x-ms-file-name", "long.txt"), ("if-match", etag)];
            octets(&world, "PATCH", &path, &headers, "").await
        };
        assert_eq!(begin("W/\"1\"").await.status, 412);
        let row = world.get(&format!("annotations({id})?$select=subject")).await;
        let begun = begin(row["@odata.etag"].as_str().unwrap()).await;
        assert_eq!(begun.status, 200, "{}", begun.body);
        let place = begun.header("location").strip_prefix("http://crm.example").unwrap();
        world.patch(&format!("annotations({id})"), &[], json!({"subject": "Another offer"})).await;
        let last = octets(&world, "PATCH", place, &[("content-range", "bytes 0-3/4")], "lost").await;
        assert_eq!(last.status, 412, "{}", last.body);
        assert_eq!(octets(&world, "GET", &format!("{path}/$value"), &[], "").await.body, "0123456789");
        // Of an empty file there is no part.
        let sent = octets(&world, "PATCH", &path, &[("x-ms-file-name", "empty.txt")], "").await;
        assert_eq!(sent.status, 204, "{}", sent.body);
        let empty = octets(&world, "GET", &format!("{path}/$value"), &[("range", "bytes=0-")], "").await;
        assert_eq!((empty.status.as_u16(), empty.body.as_str()), (200, ""));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_of_ones_own_takes_files_of_its_size_with_their_names() {
    let world = World::new(false).await;
    let engine = world.app.engine().await.unwrap();
    let (helper, user) = crate::access::helper(&world).await;
    for (column, kind) in [
        ("new_contract", json!({"label": "Contract", "type": "file", "max_bytes": 20})),
        ("new_contract_name", json!({"label": "Contract's name", "type": "text", "length": 255})),
    ] {
        let token = format!("Bearer {}", world.token);
        let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
        let path = format!("/api/customization/column/account/{column}");
        let put = world.raw("PUT", &path, &headers, kind.to_string()).await;
        assert_eq!(put.status, 200, "{}", put.body);
    }
    let id = world.create("accounts", json!({"name": "Berg AS"})).await;
    let path = format!("accounts({id})/new_contract");
    let named = [("x-ms-file-name", "contract.txt")];
    assert_eq!(octets(&world, "PATCH", &path, &named, "signed").await.status, 204);
    assert_eq!(
        world.get(&format!("accounts({id})?$select=new_contract_name")).await["new_contract_name"],
        "contract.txt"
    );
    assert_eq!(
        octets(&world, "GET", &format!("{path}/$value"), &[], "").await.header("x-ms-file-name"),
        "contract.txt"
    );
    let large = octets(&world, "PATCH", &path, &named, &"x".repeat(21)).await;
    assert!(large.status == 400 && large.message().contains("20 bytes"), "{}", large.body);
    let begun = octets(&world, "PATCH", &path, &[named[0], ("x-ms-transfer-mode", "chunked")], "").await;
    let place = begun.header("location").strip_prefix("http://crm.example").unwrap().to_owned();
    let chunk = octets(&world, "PATCH", &place, &[("content-range", "bytes 0-3/21")], "0123").await;
    assert!(chunk.status == 400 && chunk.message().contains("20 bytes"), "{}", chunk.body);
    // A picture is one, or it is refused.
    let picture = format!("accounts({id})/entityimage");
    let refused = octets(&world, "PATCH", &picture, &[("x-ms-file-name", "a.txt")], "no picture").await;
    assert!(refused.status == 400 && refused.message().contains("picture"), "{}", refused.body);
    let value: Value = json!({"value": base64(PIXEL)});
    assert_eq!(world.send("PUT", &picture, &[], Some(&value)).await.status, 204);
    let read = octets(&world, "GET", &format!("{picture}/$value"), &[("range", "bytes=9-")], "").await;
    assert_eq!(read.header("x-ms-file-name"), "entityimage.png", "no name of it is kept");
    // Somebody who may not change the row begins no upload, and nobody goes on with another's.
    let mut world = world;
    world.token = helper;
    assert_eq!(octets(&world, "PATCH", &path, &named, "x").await.status, 404);
    assert_eq!(octets(&world, "PATCH", &path, &[named[0], ("x-ms-transfer-mode", "chunked")], "").await.status, 404);
    world.app.identity().give_role(&engine, user.parse().unwrap(), "Sales Team Member").await.unwrap();
    let begun = octets(&world, "PATCH", &path, &[named[0], ("x-ms-transfer-mode", "chunked")], "").await;
    assert_eq!(begun.status, 403, "they see it but may not change it: {}", begun.body);
    assert_ne!(octets(&world, "PATCH", &place, &[("content-range", "bytes 0-3/4")], "0123").await.status, 204);
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
