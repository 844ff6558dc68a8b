//! Qualify, win, lose; who may ask; what is not there.

use crate::world::{World, in_every_world};
use serde_json::json;

#[tokio::test]
async fn qualifying_answers_with_what_it_created() {
    in_every_world(async |world| {
        let lead = world
            .create(
                "leads",
                json!({"subject": "Robots", "lastname": "Berg", "companyname": "Fabrikam", "budgetamount": 500}),
            )
            .await;
        let path = format!("leads({lead})/Microsoft.Dynamics.CRM.QualifyLead");
        let wanted = json!({"CreateAccount": true, "CreateContact": true, "CreateOpportunity": true, "Status": 3});
        let message = world
            .refused("POST", &path, Some(json!({"CreateAccount": true, "CreateContact": true, "Status": 3})), 400)
            .await;
        assert_eq!(message, "QualifyLead: the parameter 'CreateOpportunity' is missing; send true or false");
        let answer = world.send("POST", &path, &[], Some(&wanted)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let created = answer.json();
        let types: Vec<&str> =
            created["value"].as_array().unwrap().iter().map(|row| row["@odata.type"].as_str().unwrap()).collect();
        assert_eq!(
            types,
            [
                "#Microsoft.Dynamics.CRM.account",
                "#Microsoft.Dynamics.CRM.contact",
                "#Microsoft.Dynamics.CRM.opportunity"
            ]
        );
        let deal = created["value"][2]["opportunityid"].as_str().unwrap();
        let lead_row =
            world.get(&format!("leads({lead})?$select=statecode,statuscode,_qualifyingopportunityid_value")).await;
        assert_eq!(
            (&lead_row["statecode"], &lead_row["statuscode"], &lead_row["_qualifyingopportunityid_value"]),
            (&json!(1), &json!(3), &json!(deal))
        );
        let deal_row = world
            .get(&format!(
                "opportunities({deal})?$select=name,_originatingleadid_value&$expand=customerid_account($select=name)"
            ))
            .await;
        assert_eq!(
            (&deal_row["name"], &deal_row["_originatingleadid_value"], &deal_row["customerid_account"]["name"]),
            (&json!("Robots"), &json!(lead), &json!("Fabrikam"))
        );
        let again = world.refused("POST", &path, Some(wanted), 400).await;
        assert!(again.contains("qualified"), "{again}");
    })
    .await;
}

#[tokio::test]
async fn a_client_that_asks_for_it_is_stopped_before_it_makes_a_company_twice() {
    in_every_world(async |world| {
        world.create("accounts", json!({"name": "Fabrikam"})).await;
        let lead = json!({"subject": "Robots", "lastname": "Berg", "companyname": "Fabrikam"});
        let lead = world.create("leads", lead).await;
        let path = format!("leads({lead})/Microsoft.Dynamics.CRM.QualifyLead");
        let wanted = json!({"CreateAccount": true, "CreateContact": true, "CreateOpportunity": true, "Status": 3});
        let careful = [("MSCRM.SuppressDuplicateDetection", "false")];
        let stopped = world.send("POST", &path, &careful, Some(&wanted)).await;
        assert_eq!(stopped.status, 412, "{}", stopped.body);
        let error = &stopped.json()["error"];
        assert_eq!(error["code"], "0x80040333");
        assert!(error["message"].as_str().unwrap().contains("Fabrikam"), "{error}");
        assert_eq!(world.get(&format!("leads({lead})?$select=statecode")).await["statecode"], 0);

        let done = world.send("POST", &path, &[("MSCRM.SuppressDuplicateDetection", "true")], Some(&wanted)).await;
        assert_eq!(done.status, 200, "{}", done.body);
        assert_eq!(world.send("GET", "accounts/$count", &[], None).await.body, "2");
    })
    .await;
}

#[tokio::test]
async fn deals_are_won_and_lost_once() {
    in_every_world(async |world| {
        let won = world.deal("Press", 100.0).await;
        let close = |id: &str, more: serde_json::Value| {
            let mut close = json!({"subject": "Done", "opportunityid@odata.bind": format!("/opportunities({id})")});
            close.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            close
        };
        let body = json!({"Status": 3, "OpportunityClose": close(&won, json!({"@odata.type": "Microsoft.Dynamics.CRM.opportunityclose", "actualrevenue": 90.5, "actualend": "2026-05-04T10:00:00Z"}))});
        let answer = world.send("POST", "WinOpportunity", &[], Some(&body)).await;
        assert_eq!(answer.status, 204, "{}", answer.body);
        let row = world.get(&format!("opportunities({won})?$select=statecode,statuscode,actualvalue,actualclosedate")).await;
        assert_eq!((&row["statecode"], &row["statuscode"], &row["actualvalue"], &row["actualclosedate"]), (&json!(1), &json!(3), &json!(90.5), &json!("2026-05-04")));
        let message = world.refused("POST", "WinOpportunity", Some(body), 400).await;
        assert!(message.contains("closed already"), "{message}");

        let lost = world.deal("Drill", 50.0).await;
        let rival = world.create("competitors", json!({"name": "Rival"})).await;
        let wrong = json!({"Status": 3, "OpportunityClose": close(&lost, json!({}))});
        let message = world.refused("POST", "LoseOpportunity(Status=4)", Some(json!({})), 400).await;
        assert!(message.contains("not from the address"), "{message}");
        let message = world.refused("POST", "LoseOpportunity", Some(wrong), 400).await;
        assert!(message.contains("does not belong to Lost"), "{message}");
        let body = json!({"Status": 4, "OpportunityClose": close(&lost, json!({"competitorid@odata.bind": format!("/competitors({rival})")}))});
        assert_eq!(world.send("POST", "LoseOpportunity", &[], Some(&body)).await.status, 204);
        let closes = world.get(&format!("opportunities({lost})/Opportunity_OpportunityClose?$expand=competitorid($select=name)")).await;
        assert_eq!(closes["value"][0]["competitorid"]["name"], "Rival");
    })
    .await;
}

#[tokio::test]
async fn who_am_i_and_the_service_document_work_in_every_version() {
    in_every_world(async |world| {
        let token = format!("Bearer {}", world.token);
        for version in ["v9.0", "v9.1", "v9.2"] {
            for path in ["WhoAmI", "WhoAmI()"] {
                let answer = world
                    .raw("GET", &format!("/api/data/{version}/{path}"), &[("authorization", &token)], String::new())
                    .await;
                let me = answer.json();
                assert_eq!(
                    me["@odata.context"],
                    format!("http://crm.example/api/data/{version}/$metadata#Microsoft.Dynamics.CRM.WhoAmIResponse")
                );
                assert!(
                    ["UserId", "BusinessUnitId", "OrganizationId"]
                        .iter()
                        .all(|name| me[name].as_str().is_some_and(|id| id.len() == 36))
                );
            }
            for end in ["", "/"] {
                let answer = world
                    .raw("GET", &format!("/api/data/{version}{end}"), &[("authorization", &token)], String::new())
                    .await;
                let sets = answer.json();
                assert!(
                    sets["value"]
                        .as_array()
                        .unwrap()
                        .contains(&json!({"name": "leads", "kind": "EntitySet", "url": "leads"}))
                );
            }
        }
    })
    .await;
}

#[tokio::test]
async fn strangers_are_sent_away_and_unknown_addresses_named() {
    in_every_world(async |world| {
        for headers in [&[][..], &[("authorization", "Bearer nonsense")], &[("authorization", "Basic abc")]] {
            let answer = world.raw("GET", "/api/data/v9.2/leads", headers, String::new()).await;
            assert_eq!(answer.status, 401);
            assert!(answer.header("www-authenticate").starts_with("Bearer"));
            answer.message();
        }
        for path in [
            "nosuchset",
            "leads/nosuch",
            "nosuchset(11111111-2222-4333-8444-555555555555)",
            "leads(11111111-2222-4333-8444-555555555555)",
            "UnheardDefinitions",
            "leads(11111111-2222-4333-8444-555555555555)/nosuch",
        ] {
            world.refused("GET", path, None, 404).await;
        }
        for (method, path) in [
            ("PATCH", "leads"),
            ("DELETE", "leads"),
            ("POST", "leads(11111111-2222-4333-8444-555555555555)"),
            ("POST", "WhoAmI"),
            ("GET", "WinOpportunity"),
        ] {
            world.refused(method, path, Some(json!({})), 405).await;
        }
        let missing = world.refused("GET", "leads(6F9619FF-8B86-D011-B42D-00C04FC964FF)", None, 404).await;
        assert_eq!(missing, "lead With Id = 6f9619ff-8b86-d011-b42d-00c04fc964ff Does Not Exist");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_asks_for_the_totals_of_a_deal_and_for_what_it_brought() {
    let world = World::new(false).await;
    let deal = world.deal("Robots", 10.0).await;
    let target = json!({"Target": {"@odata.type": "Microsoft.Dynamics.CRM.opportunity", "opportunityid": deal}});
    let line = json!({"productdescription": "Arm", "priceperunit": 100, "quantity": 3, "opportunityid@odata.bind": format!("/opportunities({deal})")});
    world.create("opportunityproducts", line).await;
    let priced = world.send("POST", "CalculatePrice", &[], Some(&target)).await;
    assert_eq!(priced.status, 204, "{}", priced.body);
    assert_eq!(world.get(&format!("opportunities({deal})?$select=totalamount")).await["totalamount"], 300.0);
    let value = format!("CalculateActualValueOpportunity(OpportunityId={deal})");
    assert!(world.refused("GET", &value, None, 400).await.contains("not won"));
    let close = json!({"Status": 3, "OpportunityClose": {"subject": "Won", "actualrevenue": 250.5, "opportunityid@odata.bind": format!("/opportunities({deal})")}});
    assert_eq!(world.send("POST", "WinOpportunity", &[], Some(&close)).await.status, 204);
    assert_eq!(world.get(&value).await["Value"], 250.5);
    assert!(world.refused("POST", "CalculatePrice", Some(target), 400).await.contains("closed"));
    let account = json!({"Target": {"@odata.type": "Microsoft.Dynamics.CRM.account", "accountid": deal}});
    world.refused("POST", "CalculatePrice", Some(account), 400).await;
}
