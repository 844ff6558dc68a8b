//! Duplicates and merge by the Web API.

use crate::world::in_every_world;
use serde_json::json;

const DETECT: &[(&str, &str)] = &[("MSCRM.SuppressDuplicateDetection", "false")];

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_is_refused_where_the_client_asks_for_it() {
    in_every_world(async |world| {
        let row = json!({"lastname": "Byron", "emailaddress1": "ada@contoso.example"});
        let known = world.create("contacts", row.clone()).await;
        let refused = world.send("POST", "contacts", DETECT, Some(&row)).await;
        assert_eq!(refused.status, 412, "{}", refused.body);
        let error = &refused.json()["error"];
        assert_eq!(error["code"], "0x80040333");
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with("A record was not created or updated because a duplicate"), "{message}");
        assert!(message.contains("Byron") && message.contains("same e-mail address"), "{message}");

        let other = world.create("contacts", row.clone()).await;
        let unchanged = world.patch(&format!("contacts({other})"), DETECT, json!({"jobtitle": "Countess"})).await;
        assert_eq!(unchanged.status, 204, "{}", unchanged.body);
        let moved = world.create("contacts", json!({"lastname": "Cole"})).await;
        let refused =
            world.patch(&format!("contacts({moved})"), DETECT, json!({"emailaddress1": "ADA@contoso.example"})).await;
        assert_eq!(refused.status, 412, "{}", refused.body);
        let upsert = format!("contacts({})", uuid_like(&known));
        let refused = world.patch(&upsert, DETECT, row).await;
        assert_eq!(refused.status, 412, "{}", refused.body);
    })
    .await;
}

/// Another key of the same form.
fn uuid_like(id: &str) -> String {
    let last = if id.ends_with('0') { '1' } else { '0' };
    format!("{}{last}", &id[..id.len() - 1])
}

#[tokio::test(flavor = "multi_thread")]
async fn duplicates_are_retrieved_for_stored_rows_and_for_rows_to_be() {
    in_every_world(async |world| {
        let account =
            world.create("accounts", json!({"name": "Fabrikam Inc", "websiteurl": "https://fabrikam.example"})).await;
        let lead = json!({"subject": "Robots", "lastname": "Berg", "companyname": "FABRIKAM Ltd."});
        let lead = world.create("leads", lead).await;
        let call = "RetrieveDuplicates(BusinessEntity=@p1,MatchingEntityName=@p2,PagingInfo=@p3)";
        let ask = async |entity: &str, table: &str| {
            let path =
                format!("{call}?@p1={}&@p2='{table}'&@p3={}", encoded(entity), encoded("{'PageNumber':1,'Count':50}"));
            world.get(&path).await
        };
        let found =
            ask(&format!("{{\"@odata.type\":\"Microsoft.Dynamics.CRM.lead\",\"leadid\":\"{lead}\"}}"), "account").await;
        assert_eq!(found["value"][0]["accountid"], json!(account), "{found}");
        assert_eq!(found["value"][0]["name"], "Fabrikam Inc");
        let found = ask("{'@odata.type':'Microsoft.Dynamics.CRM.account','name':'Fabrikam'}", "account").await;
        assert_eq!(found["value"].as_array().unwrap().len(), 1);
        let found = ask("{'@odata.type':'Microsoft.Dynamics.CRM.account','name':'Contoso'}", "account").await;
        assert_eq!(found["value"], json!([]));
        let message = world.refused("GET", "RetrieveDuplicates(MatchingEntityName='account')", None, 400).await;
        assert!(message.contains("BusinessEntity"), "{message}");
    })
    .await;
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn merge_keeps_the_content_sent_and_moves_what_hung_on_the_other() {
    in_every_world(async |world| {
        let master = world.create("accounts", json!({"name": "Fabrikam"})).await;
        let other = world.create("accounts", json!({"name": "Fabrikam Ltd", "telephone1": "555"})).await;
        let contact = json!({"lastname": "Berg", "parentcustomerid_account@odata.bind": format!("/accounts({other})")});
        let contact = world.create("contacts", contact).await;
        let typed = |id: &str| json!({"@odata.type": "Microsoft.Dynamics.CRM.account", "accountid": id});
        let body = json!({
            "Target": typed(&master),
            "Subordinate": typed(&other),
            "UpdateContent": {"@odata.type": "Microsoft.Dynamics.CRM.account", "telephone1": "555"},
            "PerformParentingChecks": false
        });
        let answer = world.send("POST", "Merge", &[], Some(&body)).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (204, ""));
        let row = world.get(&format!("accounts({master})?$select=telephone1,name")).await;
        assert_eq!((&row["telephone1"], &row["name"]), (&json!("555"), &json!("Fabrikam")));
        let row = world.get(&format!("accounts({other})?$select=merged,statecode,_masterid_value")).await;
        assert_eq!(
            (&row["merged"], &row["statecode"], &row["_masterid_value"]),
            (&json!(true), &json!(1), &json!(master))
        );
        let row = world.get(&format!("contacts({contact})?$select=_parentcustomerid_value")).await;
        assert_eq!(row["_parentcustomerid_value"], json!(master));
        let again = world.refused("POST", "Merge", Some(body), 400).await;
        assert!(again.contains("merged into another"), "{again}");
        let missing = world.refused("POST", "Merge", Some(json!({"Target": typed(&master)})), 400).await;
        assert!(missing.contains("'Subordinate' must be a row"), "{missing}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_is_made_published_and_taken_back() {
    in_every_world(async |world| {
        let rule =
            json!({"name": "Same job", "baseentityname": "contact", "matchingentityname": "contact", "actioncode": 1});
        let rule = world.create("duplicaterules", rule).await;
        let condition = json!({
            "regardingobjectid@odata.bind": format!("/duplicaterules({rule})"),
            "baseattributename": "jobtitle", "matchingattributename": "jobtitle", "operatorcode": 0
        });
        world.create("duplicateruleconditions", condition).await;
        let publish = format!("duplicaterules({rule})/Microsoft.Dynamics.CRM.PublishDuplicateRule");
        assert_eq!(world.send("POST", &publish, &[], None).await.status, 204);
        world.app.duplicates().settled().await.unwrap();
        let state = world.get(&format!("duplicaterules({rule})?$select=statecode,statuscode")).await;
        assert_eq!((&state["statecode"], &state["statuscode"]), (&json!(1), &json!(2)));
        world.create("contacts", json!({"lastname": "One", "jobtitle": "Owner"})).await;
        // A rule that blocks blocks whatever the header says.
        let blocked = world.send("POST", "contacts", &[], Some(&json!({"lastname": "Two", "jobtitle": "owner"}))).await;
        assert_eq!(blocked.status, 412, "{}", blocked.body);
        let answer = world.send("POST", "UnpublishDuplicateRule", &[], Some(&json!({"DuplicateRuleId": rule}))).await;
        assert_eq!(answer.status, 204, "{}", answer.body);
        world.app.duplicates().settled().await.unwrap();
        world.create("contacts", json!({"lastname": "Two", "jobtitle": "owner"})).await;
    })
    .await;
}
