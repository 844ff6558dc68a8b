//! What a client asks by functions: how much there is, and what a new row begins with.

use serde_json::json;

use crate::world::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_client_learns_how_many_rows_tables_hold() {
    in_every_world(async |world| {
        for name in ["A", "B", "C"] {
            world.create("accounts", json!({"name": name})).await;
        }
        let asked = "RetrieveTotalRecordCount(EntityNames=@p1)?@p1=['account','lead']";
        let counts = world.get(asked).await;
        let context =
            "http://crm.example/api/data/v9.2/$metadata#Microsoft.Dynamics.CRM.RetrieveTotalRecordCountResponse";
        assert_eq!(counts["@odata.context"], context);
        let told = json!({"Count": 2, "IsReadOnly": false, "Keys": ["account", "lead"], "Values": [3, 0]});
        assert_eq!(counts["EntityRecordCountCollection"], told);
        // Once, however often it is named.
        let repeated = world.get("RetrieveTotalRecordCount(EntityNames=@p1)?@p1=['account','lead','account']").await;
        assert_eq!(repeated["EntityRecordCountCollection"], told);
        for (path, wrong) in [
            ("RetrieveTotalRecordCount", "'EntityNames' is missing"),
            ("RetrieveTotalRecordCount(EntityNames=['nonsense'])", "'nonsense' does not exist"),
            ("RetrieveTotalRecordCount(EntityNames=['lead'],Other=1)", "'Other' is no parameter"),
            ("RetrieveTotalRecordCount(EntityNames=7)", "must be logical names"),
            ("RetrieveTotalRecordCount(EntityNames=['lead'])?$top=1", "$top"),
        ] {
            let message = world.refused("GET", path, None, 400).await;
            assert!(message.contains(wrong), "{path}: {message}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_row_begins_with_what_it_takes_over_from_another() {
    in_every_world(async |world| {
        let account = world.create("accounts", json!({"name": "Halden Robotics"})).await;
        let from = |id: &str, set: &str, target: &str| {
            format!("InitializeFrom(EntityMoniker=@p1,TargetEntityName=@p2,TargetFieldType=@p3)?@p1={{'@odata.id':'{set}({id})'}}&@p2='{target}'&@p3=Microsoft.Dynamics.CRM.TargetFieldType'ValidForCreate'")
        };
        let contact = world.get(&from(&account, "accounts", "contact")).await;
        assert_eq!(contact["@odata.context"], "http://crm.example/api/data/v9.2/$metadata#contacts/$entity");
        assert_eq!(contact["@odata.type"], "#Microsoft.Dynamics.CRM.contact");
        assert_eq!(contact["parentcustomerid_account@odata.bind"], format!("accounts({account})"));
        // It can be sent as it is, with what is still missing.
        let mut row = contact;
        row["lastname"] = json!("Berg");
        let made = world.create("contacts", row).await;
        let read = world.get(&format!("contacts({made})?$select=_parentcustomerid_value")).await;
        assert_eq!(read["_parentcustomerid_value"], account);
        let lead = world.create("leads", json!({"subject": "Line 7", "lastname": "Moe", "companyname": "Moe AS"})).await;
        let deal = world.get(&from(&lead, "leads", "opportunity")).await;
        assert_eq!((&deal["name"], &deal["originatingleadid@odata.bind"]), (&json!("Line 7"), &json!(format!("leads({lead})"))));
        assert!(deal.get("ownerid@odata.bind").is_none(), "the new row is its maker's: {deal}");
        let gone = "00000000-0000-0000-0000-000000000001";
        world.refused("GET", &from(gone, "accounts", "contact"), None, 404).await;
        let message = world.refused("GET", &from(&account, "accounts", "organization"), None, 400).await;
        assert!(message.contains("takes nothing over"), "{message}");
        let fields = from(&account, "accounts", "contact").replace("ValidForCreate", "Nonsense");
        world.refused("GET", &fields, None, 400).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parameter_that_an_operation_does_not_take_is_refused_and_not_ignored() {
    let world = World::new(false).await;
    let lead = world.create("leads", json!({"subject": "A", "lastname": "B"})).await;
    let qualify = format!("leads({lead})/Microsoft.Dynamics.CRM.QualifyLead");
    let mut body = json!({"CreateAccount": false, "CreateContact": true, "CreateOpportunity": false, "Status": 3});
    body["SourceCampaignId"] = json!({"campaignid": lead});
    let message = world.refused("POST", &qualify, Some(body.clone()), 400).await;
    assert!(message.contains("there are no campaigns"), "{message}");
    body["SourceCampaignId"] = json!(null);
    assert_eq!(world.send("POST", &qualify, &[], Some(&body)).await.status, 200);
    world.refused("GET", "WhoAmI(Nonsense=1)", None, 400).await;
    world.refused("GET", "leads/Microsoft.Dynamics.CRM.CreateMultiple", None, 405).await;
    world.refused("GET", &qualify.replace("QualifyLead", "WhoAmI"), None, 404).await;
}
