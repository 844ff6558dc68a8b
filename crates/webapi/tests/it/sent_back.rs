//! Rows that clients send back as they have read them, and what else a body may say.

use serde_json::{Value, json};

use crate::world::in_every_world;

#[tokio::test]
async fn a_row_may_be_sent_back_with_what_only_the_server_sets() {
    in_every_world(async |world| {
        let account = world.create("accounts", json!({"name": "Halden"})).await;
        let bind = format!("/accounts({account})");
        let lead = json!({"subject": "a", "lastname": "b", "firstname": "c", "parentaccountid@odata.bind": bind});
        let path = format!("leads({})", world.create("leads", lead).await);
        let everything = [("prefer", "odata.include-annotations=\"*\"")];
        let mut row = world.get_with(&path, &everything).await;
        let before = row.clone();
        row["subject"] = json!("changed");
        // Neither a wrong moment nor a wrong owner is taken from it.
        for (name, value) in [
            ("createdon", json!("1999-01-01T00:00:00Z")),
            ("modifiedon", json!("rubbish")),
            ("versionnumber", json!(1)),
            ("fullname", json!("Somebody Else")),
            ("_ownerid_value", json!("018f6e0a-5c1d-7b3a-9c6e-2f1d4b8a7e90")),
            ("_createdby_value", Value::Null),
            ("_parentaccountid_value", Value::Null),
        ] {
            row[name] = value;
        }
        let answer = world.patch(&path, &[], row).await;
        assert_eq!(answer.status, 204, "{}", answer.body);
        let after = world.get(&path).await;
        assert_eq!(after["subject"], "changed");
        for name in ["createdon", "fullname", "_ownerid_value", "_createdby_value", "_parentaccountid_value"] {
            assert_eq!(after[name], before[name], "{name}");
        }
        assert!(after["versionnumber"].as_i64() > before["versionnumber"].as_i64());

        let body = json!({"subject": "d", "lastname": "e", "createdon": "1999-01-01T00:00:00Z", "fullname": "x"});
        let made = world.get(&format!("leads({})", world.create("leads", body).await)).await;
        assert_eq!((made["fullname"].as_str(), &made["subject"]), (Some("e"), &json!("d")));
        assert!(made["createdon"].as_str() > Some("2020"), "{made}");
    })
    .await;
}

#[tokio::test]
async fn what_is_not_there_is_still_refused_and_what_only_the_server_sets_is_not_put_by_itself() {
    in_every_world(async |world| {
        let path = format!("leads({})", world.create("leads", json!({"subject": "a", "lastname": "b"})).await);
        let nowhere = json!({"_nosuch_value": null});
        let message = world.refused("PATCH", &path, Some(nowhere), 400).await;
        assert_eq!(message, "Could not find a property named '_nosuch_value' on type 'Microsoft.Dynamics.CRM.lead'.");
        let when = json!({"value": "1999-01-01T00:00:00Z"});
        world.refused("PUT", &format!("{path}/createdon"), Some(when), 400).await;
        let who = json!({"value": null});
        world.refused("PUT", &format!("{path}/_ownerid_value"), Some(who), 405).await;
        let wrong = json!({"statecode": 1, "statuscode": 1});
        world.refused("PATCH", &path, Some(wrong), 400).await;
    })
    .await;
}

#[tokio::test]
async fn a_row_of_another_table_is_refused() {
    in_every_world(async |world| {
        let with = |kind: &str| json!({"@odata.type": kind, "subject": "a", "lastname": "b"});
        let wrong = Some(with("Microsoft.Dynamics.CRM.account"));
        assert_eq!(
            world.refused("POST", "leads", wrong, 400).await,
            "@odata.type: 'account' is not what is written here; send Microsoft.Dynamics.CRM.lead or leave it out"
        );
        for right in ["#Microsoft.Dynamics.CRM.lead", "Microsoft.Dynamics.CRM.lead", "mscrm.crmbaseentity"] {
            world.create("leads", with(right)).await;
        }
        let task = json!({"@odata.type": "Microsoft.Dynamics.CRM.activitypointer", "subject": "Call"});
        world.create("tasks", task).await;
    })
    .await;
}

#[tokio::test]
async fn a_lookup_points_at_one_row_only() {
    in_every_world(async |world| {
        let account = world.create("accounts", json!({"name": "Halden"})).await;
        let contact = world.create("contacts", json!({"lastname": "Berg"})).await;
        let both = json!({
            "name": "Cells",
            "customerid_account@odata.bind": format!("/accounts({account})"),
            "customerid_contact@odata.bind": format!("/contacts({contact})"),
        });
        let said = "customerid_contact: the body already links another row for 'customerid', which points at one row only; send one of them";
        assert_eq!(world.refused("POST", "opportunities", Some(both), 400).await, said);
        let made = json!({
            "name": "Cells",
            "customerid_account@odata.bind": format!("/accounts({account})"),
            "customerid_contact": {"lastname": "New"},
        });
        assert_eq!(world.refused("POST", "opportunities", Some(made), 400).await, said);
        assert_eq!(world.send("GET", "contacts/$count", &[], None).await.body, "1");
    })
    .await;
}

#[tokio::test]
async fn an_owner_is_told_by_its_name_whoever_it_is() {
    in_every_world(async |world| {
        let unit = world.get("WhoAmI").await["BusinessUnitId"].as_str().unwrap().to_owned();
        let unit = format!("/businessunits({unit})");
        let team = json!({"name": "North", "teamtype": 0, "businessunitid@odata.bind": unit});
        let team = world.create("teams", team).await;
        let role = world.get("roles?$select=roleid&$filter=name eq 'System Administrator'").await;
        let role = json!({"@odata.id": format!("roles({})", role["value"][0]["roleid"].as_str().unwrap())});
        let roles = format!("teams({team})/teamroles_association/$ref");
        assert_eq!(world.send("POST", &roles, &[], Some(&role)).await.status, 204);
        world.create("leads", json!({"subject": "1", "lastname": "mine"})).await;
        let theirs = json!({"subject": "2", "lastname": "theirs", "ownerid@odata.bind": format!("/teams({team})")});
        world.create("leads", theirs).await;
        let leads = world.get("leads?$select=subject&$orderby=subject&$expand=ownerid($select=name,ownerid)").await;
        let owners: Vec<&Value> = leads["value"].as_array().unwrap().iter().map(|lead| &lead["ownerid"]).collect();
        let me = world.get("WhoAmI").await;
        let name = world
            .get("systemusers?$select=fullname&$filter=Microsoft.Dynamics.CRM.EqualUserId(PropertyName='systemuserid')")
            .await;
        assert_eq!((&owners[0]["ownerid"], &owners[0]["name"]), (&me["UserId"], &name["value"][0]["fullname"]));
        assert!(owners[0]["name"].is_string() && owners[0].get("fullname").is_none(), "{}", owners[0]);
        assert_eq!((&owners[1]["ownerid"], &owners[1]["name"]), (&json!(team), &json!("North")));
        let both = world.get("leads?$select=subject&$orderby=subject&$expand=ownerid($select=name,fullname)").await;
        assert_eq!(both["value"][0]["ownerid"]["name"], both["value"][0]["ownerid"]["fullname"]);
        world.refused("GET", "leads?$expand=ownerid($select=nosuch)", None, 400).await;
    })
    .await;
}
