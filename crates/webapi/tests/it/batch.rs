//! Many requests in one.

use serde_json::{Value, json};

use crate::world::*;

/// A part: request line and headers, and a body.
fn part(head: &str, body: &Value) -> String {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    format!(
        "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n{head}\r\nContent-Type: application/json\r\n\r\n{body}\r\n"
    )
}

/// A part of a change set with its number.
fn numbered(number: u32, head: &str, body: &Value) -> String {
    format!("Content-ID: {number}\r\n{}", part(head, body))
}

fn change_set(parts: &[String]) -> String {
    let inner: String = parts.iter().map(|part| format!("--changes\r\n{part}")).collect();
    format!("Content-Type: multipart/mixed; boundary=changes\r\n\r\n{inner}--changes--\r\n")
}

async fn batch(world: &World, parts: &[String], headers: &[(&str, &str)]) -> Answer {
    let body: String = parts.iter().map(|part| format!("--batch\r\n{part}")).collect();
    let token = format!("Bearer {}", world.token);
    let mut all = vec![("authorization", token.as_str()), ("content-type", "multipart/mixed; boundary=\"batch\"")];
    all.extend_from_slice(headers);
    world.raw("POST", &format!("{BASE}$batch"), &all, format!("{body}--batch--\r\n")).await
}

/// The status lines of an answer, in order.
fn statuses(answer: &Answer) -> Vec<&str> {
    answer.body.lines().filter_map(|line| line.strip_prefix("HTTP/1.1 ")).collect()
}

async fn names(world: &World) -> Vec<String> {
    let all = world.get("accounts?$select=name&$orderby=name").await;
    all["value"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_answered_one_after_the_other() {
    in_every_world(async |world| {
        let parts = [
            part("POST /api/data/v9.2/accounts HTTP/1.1", &json!({ "name": "B" })),
            part(
                "POST http://elsewhere.example/api/data/v9.2/accounts HTTP/1.1\r\nPrefer: return=representation",
                &json!({ "name": "A" }),
            ),
            part("GET accounts?$select=name&$orderby=name HTTP/1.1", &Value::Null),
            part("GET accounts/$count HTTP/1.1", &Value::Null),
        ];
        let answer = batch(&world, &parts, &[]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let kind = answer.headers["content-type"].to_str().unwrap();
        let boundary = kind.strip_prefix("multipart/mixed; boundary=").unwrap();
        assert!(answer.body.starts_with(&format!("--{boundary}\r\n")), "{}", answer.body);
        assert!(answer.body.ends_with(&format!("--{boundary}--\r\n")), "{}", answer.body);
        assert_eq!(statuses(&answer), ["204 No Content", "201 Created", "200 OK", "200 OK"]);
        assert!(answer.body.contains("OData-EntityId: http://crm.example/api/data/v9.2/accounts("), "{}", answer.body);
        assert!(answer.body.contains("\"value\":[{") && answer.body.contains("\"name\":\"A\""), "{}", answer.body);
        assert!(answer.body.contains("text/plain"), "{}", answer.body);
        assert_eq!(names(&world).await, ["A", "B"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_batch_defines_the_rest_of_it_uses() {
    let world = World::new(false).await;
    let label = |text: &str| json!({"LocalizedLabels": [{"Label": text, "LanguageCode": 1033}]});
    let table = json!({
        "SchemaName": "new_Plan", "DisplayName": label("Plan"), "DisplayCollectionName": label("Plans"),
        "Attributes": [{
            "@odata.type": "Microsoft.Dynamics.CRM.StringAttributeMetadata", "SchemaName": "new_Name",
            "DisplayName": label("Name"), "IsPrimaryName": true, "MaxLength": 50,
        }],
    });
    let parts = [
        part("POST EntityDefinitions HTTP/1.1", &table),
        change_set(&[numbered(1, "POST new_plans HTTP/1.1", &json!({"new_name": "First"}))]),
        part("GET new_plans?$select=new_name HTTP/1.1", &Value::Null),
    ];
    let answer = batch(&world, &parts, &[]).await;
    assert_eq!(statuses(&answer), ["204 No Content", "204 No Content", "200 OK"], "{}", answer.body);
    assert!(answer.body.contains("\"new_name\":\"First\""), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_error_ends_a_batch_unless_it_shall_go_on() {
    in_every_world(async |world| {
        let parts = [
            part("POST accounts HTTP/1.1", &json!({ "name": "A" })),
            part("POST accounts HTTP/1.1", &json!({ "nonsense": 1 })),
            part("POST accounts HTTP/1.1", &json!({ "name": "B" })),
        ];
        let stopped = batch(&world, &parts, &[]).await;
        assert_eq!(stopped.status, 400);
        assert_eq!(statuses(&stopped), ["204 No Content", "400 Bad Request"]);
        assert!(stopped.body.contains("nonsense"), "{}", stopped.body);
        assert_eq!(names(&world).await, ["A"]);
        let gone_on = batch(&world, &parts, &[("prefer", "odata.continue-on-error")]).await;
        assert_eq!((gone_on.status.as_u16(), gone_on.header("preference-applied")), (200, "odata.continue-on-error"));
        assert_eq!(statuses(&gone_on), ["204 No Content", "400 Bad Request", "204 No Content"]);
        assert_eq!(names(&world).await, ["A", "A", "B"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_set_is_carried_out_as_one_and_its_parts_refer_to_each_other() {
    in_every_world(async |world| {
        let parts = [change_set(&[
            numbered(1, "POST accounts HTTP/1.1", &json!({ "name": "Halden" })),
            numbered(
                2,
                "POST contacts HTTP/1.1",
                &json!({ "lastname": "Berg", "parentcustomerid_account@odata.bind": "$1" }),
            ),
            numbered(3, "PATCH $1 HTTP/1.1", &json!({ "name": "Halden AS", "primarycontactid@odata.bind": "$2" })),
            numbered(4, "POST contacts HTTP/1.1", &json!({ "lastname": "$1" })),
            numbered(5, "PUT $1/primarycontactid/$ref HTTP/1.1", &json!({ "@odata.id": "$4" })),
        ])];
        let answer = batch(&world, &parts, &[]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(statuses(&answer), ["204 No Content"; 5]);
        for number in 1..=5 {
            assert!(answer.body.contains(&format!("Content-ID: {number}\r\n")), "{}", answer.body);
        }
        let account = world.get("accounts?$select=name&$expand=primarycontactid($select=lastname)").await;
        let account = &account["value"][0];
        assert_eq!((&account["name"], &account["primarycontactid"]["lastname"]), (&json!("Halden AS"), &json!("$1")));
        let contact = world.get("contacts?$select=_parentcustomerid_value&$filter=lastname eq 'Berg'").await;
        assert_eq!(contact["value"][0]["_parentcustomerid_value"], account["accountid"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_set_that_fails_leaves_nothing_behind() {
    in_every_world(async |world| {
        let kept = world.create("accounts", json!({ "name": "Kept" })).await;
        let delete = numbered(2, &format!("DELETE accounts({kept}) HTTP/1.1"), &Value::Null);
        let create = numbered(1, "POST accounts HTTP/1.1", &json!({ "name": "A" }));
        for (last, status, said) in [
            (
                numbered(3, "POST accounts HTTP/1.1", &json!({ "name": "x".repeat(5_000) })),
                "400 Bad Request",
                "characters fit",
            ),
            (
                numbered(3, "POST contacts HTTP/1.1", &json!({ "parentcustomerid_account@odata.bind": "$9" })),
                "400 Bad Request",
                "$9",
            ),
            (numbered(3, "GET accounts HTTP/1.1", &Value::Null), "400 Bad Request", "not possible in a change set"),
            (
                numbered(3, &format!("PATCH accounts({kept}) HTTP/1.1\r\nIf-Match: W/\"1\""), &json!({ "name": "N" })),
                "404 Not Found",
                "Does Not Exist",
            ),
        ] {
            let answer = batch(&world, &[change_set(&[create.clone(), delete.clone(), last])], &[]).await;
            assert_eq!(answer.status, 400, "{}", answer.body);
            assert_eq!(statuses(&answer), [status], "one answer for all: {}", answer.body);
            assert!(answer.body.contains(said), "{said}: {}", answer.body);
            assert_eq!(names(&world).await, ["Kept"]);
        }
        let stale = numbered(1, &format!("DELETE accounts({kept}) HTTP/1.1\r\nIf-Match: W/\"1\""), &Value::Null);
        let answer = batch(&world, &[change_set(&[stale])], &[]).await;
        assert_eq!(statuses(&answer), ["412 Precondition Failed"]);
    })
    .await;
}

/// Clients put every write of a batch into a change set.
#[tokio::test(flavor = "multi_thread")]
async fn an_action_alone_in_a_change_set_is_carried_out() {
    in_every_world(async |world| {
        let lead = world.create("leads", json!({ "lastname": "Berg", "subject": "Cranes" })).await;
        let head = format!("POST leads({lead})/Microsoft.Dynamics.CRM.QualifyLead HTTP/1.1");
        let body = json!({ "CreateAccount": false, "CreateContact": true, "CreateOpportunity": false, "Status": 3 });
        let answer = batch(&world, &[change_set(&[numbered(1, &head, &body)])], &[]).await;
        assert_eq!(statuses(&answer), ["200 OK"], "{}", answer.body);
        assert!(answer.body.contains("boundary=changesetresponse_") && answer.body.contains("Content-ID: 1"));
        assert_eq!(world.get(&format!("leads({lead})?$select=statecode")).await["statecode"], 1);
        let again = batch(&world, &[change_set(&[numbered(1, &head, &body)])], &[]).await;
        assert_eq!((again.status.as_u16(), statuses(&again).len()), (400, 1), "{}", again.body);
        let read = change_set(&[numbered(1, &format!("GET leads({lead}) HTTP/1.1"), &Value::Null)]);
        assert_eq!(batch(&world, &[read], &[]).await.status, 400);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn single_columns_and_links_change_in_a_change_set_and_references_may_be_words() {
    in_every_world(async |world| {
        let lead = world.create("leads", json!({ "lastname": "Berg", "jobtitle": "Buyer", "subject": "Old" })).await;
        let (made, deal) = (uuid::Uuid::now_v7(), world.deal("Cranes", 10.0).await);
        let named = |id: &str, head: &str, body: &Value| format!("Content-ID: {id}\r\n{}", part(head, body));
        let parts = [
            named("subject", &format!("PUT leads({lead})/subject HTTP/1.1"), &json!({ "value": "Cranes" })),
            named("title", &format!("DELETE leads({lead})/jobtitle HTTP/1.1"), &Value::Null),
            named("upserted", &format!("PATCH accounts({made}) HTTP/1.1"), &json!({ "name": "A" })),
            named("again", "PATCH $upserted HTTP/1.1", &json!({ "telephone1": "1" })),
            named("rival", "POST competitors HTTP/1.1", &json!({ "name": "Rival" })),
            named(
                "link",
                &format!("POST opportunities({deal})/opportunitycompetitors_association/$ref HTTP/1.1"),
                &json!({ "@odata.id": "$rival" }),
            ),
        ];
        let answer = batch(&world, &[change_set(&parts)], &[]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let changed = world.get(&format!("leads({lead})?$select=subject,jobtitle")).await;
        assert_eq!((&changed["subject"], &changed["jobtitle"]), (&json!("Cranes"), &Value::Null));
        let account = world.get(&format!("accounts({made})?$select=name,telephone1")).await;
        assert_eq!((&account["name"], &account["telephone1"]), (&json!("A"), &json!("1")));

        let rivals = format!("opportunities({deal})/opportunitycompetitors_association");
        let rival = world.get(&rivals).await["value"][0]["competitorid"].as_str().unwrap().to_owned();
        let unlink = |id: &str| named("1", &format!("DELETE {rivals}/$ref?$id={id} HTTP/1.1"), &Value::Null);
        let known = named("known", &format!("PATCH competitors({rival}) HTTP/1.1"), &json!({ "name": "Known" }));
        let answer = batch(&world, &[change_set(&[known, unlink("$known")])], &[]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(world.get(&rivals).await["value"], json!([]));
        let other = named("2", &format!("PUT leads({lead})/subject HTTP/1.1"), &json!({ "value": "Not this" }));
        let twice = change_set(&[other, unlink(&format!("competitors({rival})"))]);
        assert_eq!(batch(&world, &[twice], &[]).await.status, 400);
        assert_eq!(world.get(&format!("leads({lead})?$select=subject")).await["subject"], "Cranes");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_longer_than_any_url_go_in_a_batch_and_what_is_no_batch_is_refused_in_json() {
    let world = World::new(false).await;
    let many = (0..400).map(|number| format!("'Account number {number}'")).collect::<Vec<_>>().join(",");
    let asked = format!("GET accounts?$filter=name in ({many}) HTTP/1.1");
    assert!(asked.len() > 8_000);
    let answer = batch(&world, &[part(&asked, &Value::Null)], &[]).await;
    assert_eq!(statuses(&answer), ["200 OK"], "{}", answer.body);
    let token = format!("Bearer {}", world.token);
    let wrong = world.raw("POST", &format!("{BASE}$batch"), &[("authorization", &token)], "{}".to_owned()).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.json()["error"]["message"].as_str().unwrap().contains("multipart/mixed"));
    assert_eq!(
        batch(&world, &[part("POST $batch HTTP/1.1", &json!({}))], &[]).await.status,
        400,
        "no batch in a batch"
    );
    assert_eq!(world.send("GET", "$batch", &[], None).await.status, 405);
}
