//! Rights over the Web API: sharing, and what is hidden.

use crate::world::{Answer, BASE, World, in_every_world};
use serde_json::{Value, json};

/// A person who sees only their own and what is shared with them; the token and the id.
pub async fn helper(world: &World) -> (String, String) {
    let overlay = r#"
        [role.new_helper]
        label = "Helper"
        [role.new_helper.tables]
        lead = { all = "user" }
    "#;
    let admin = world.app.engine().await.unwrap();
    let overlay = toml::from_str(overlay).unwrap();
    world.app.customization().publish(&admin, crm::Origin::CommandLine, overlay).await.unwrap();
    let person = json!({"firstname": "Hal", "lastname": "Helper", "internalemailaddress": "hal@contoso.example"});
    let units = world.get("businessunits?$select=businessunitid").await;
    let unit = format!("/businessunits({})", units["value"][0]["businessunitid"].as_str().unwrap());
    let mut person: Value = person;
    person["businessunitid@odata.bind"] = json!(unit);
    let id = world.create("systemusers", person).await;
    let user = id.parse().unwrap();
    world.app.identity().give_role(&admin, user, "Helper").await.unwrap();
    let token = world.app.identity().create_token(&admin, user, "tests", 1).await.unwrap();
    (token, id)
}

pub async fn as_helper(world: &World, token: &str, method: &str, path: &str, body: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    world.raw(method, &format!("{BASE}{}", path.replace(' ', "%20")), &headers, body.to_owned()).await
}

fn target(lead: &str) -> Value {
    json!({"@odata.type": "Microsoft.Dynamics.CRM.lead", "leadid": lead})
}

fn person(id: &str) -> Value {
    json!({"@odata.type": "Microsoft.Dynamics.CRM.systemuser", "systemuserid": id})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_lead_is_seen_and_changed_as_far_as_it_is_shared() {
    in_every_world(async |world| {
        let (token, id) = helper(&world).await;
        let lead = world.create("leads", json!({"subject": "Robots", "lastname": "Berg"})).await;
        let path = format!("leads({lead})");
        assert_eq!(as_helper(&world, &token, "GET", &path, "").await.status, 404);
        assert_eq!(as_helper(&world, &token, "GET", "leads/$count", "").await.body, "0");

        let share = |mask: &str| {
            json!({"Target": target(&lead), "PrincipalAccess": {"Principal": person(&id), "AccessMask": mask}})
        };
        let said = world.refused("POST", "GrantAccess", Some(share("LookAccess")), 400).await;
        assert!(said.contains("'LookAccess' is no access right"), "{said}");
        assert_eq!(world.send("POST", "GrantAccess", &[], Some(&share("ReadAccess"))).await.status, 204);
        assert_eq!(as_helper(&world, &token, "GET", &path, "").await.status, 200);
        let change = r#"{"jobtitle": "Buyer"}"#;
        assert_eq!(as_helper(&world, &token, "PATCH", &path, change).await.status, 403);

        // Granting adds, modifying replaces, revoking ends it.
        assert_eq!(world.send("POST", "GrantAccess", &[], Some(&share("WriteAccess"))).await.status, 204);
        assert_eq!(as_helper(&world, &token, "PATCH", &path, change).await.status, 204);
        assert_eq!(world.send("POST", "ModifyAccess", &[], Some(&share("ReadAccess"))).await.status, 204);
        assert_eq!(as_helper(&world, &token, "PATCH", &path, change).await.status, 403);
        let revoke = json!({"Target": target(&lead), "Revokee": person(&id)});
        assert_eq!(world.send("POST", "RevokeAccess", &[], Some(&revoke)).await.status, 204);
        assert_eq!(as_helper(&world, &token, "GET", &path, "").await.status, 404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_row_leaks_through_no_way_of_asking() {
    in_every_world(async |world| {
        let (token, _) = helper(&world).await;
        let account = world.create("accounts", json!({"name": "Secret Ltd", "revenue": 1000})).await;
        let lead = json!({"subject": "Robots", "lastname": "Berg", "companyname": "Secret Ltd",
                          "parentaccountid@odata.bind": format!("/accounts({account})")});
        world.create("leads", lead).await;
        for path in [
            "leads?$select=subject".to_owned(),
            "leads?$filter=contains(companyname,'Secret')&$count=true".to_owned(),
            "leads?$apply=groupby((companyname),aggregate($count as n))".to_owned(),
            "leads?$expand=parentaccountid($select=name)".to_owned(),
            "accounts?$select=name".to_owned(),
            format!("accounts({account})?$select=name"),
            format!("accounts({account})/lead_parent_account"),
            "accounts?$apply=aggregate(revenue with sum as total)".to_owned(),
            "principalobjectaccessset".to_owned(),
        ] {
            let answer = as_helper(&world, &token, "GET", &path, "").await;
            assert!(!answer.body.contains("Secret") && !answer.body.contains("1000"), "{path}: {}", answer.body);
        }
    })
    .await;
}

fn address(lead: &str) -> String {
    format!("@t={{'@odata.id':'leads({lead})'}}")
}

#[tokio::test(flavor = "multi_thread")]
async fn who_shares_a_record_and_what_somebody_may_do_with_it_is_told() {
    in_every_world(async |world| {
        let (_, id) = helper(&world).await;
        let lead = world.create("leads", json!({"subject": "Robots", "lastname": "Berg"})).await;
        let principals = format!("RetrieveSharedPrincipalsAndAccess(Target=@t)?{}", address(&lead));
        let access =
            format!("systemusers({id})/Microsoft.Dynamics.CRM.RetrievePrincipalAccess(Target=@t)?{}", address(&lead));
        assert_eq!(world.get(&principals).await["PrincipalAccesses"], json!([]));
        assert_eq!(world.get(&access).await["AccessRights"], json!("None"));

        let share = json!({"Target": target(&lead),
                           "PrincipalAccess": {"Principal": person(&id), "AccessMask": "WriteAccess,ReadAccess"}});
        assert_eq!(world.send("POST", "GrantAccess", &[], Some(&share)).await.status, 204);
        let told = world.get(&principals).await;
        let context = told["@odata.context"].as_str().unwrap();
        assert!(context.ends_with("$metadata#Microsoft.Dynamics.CRM.RetrieveSharedPrincipalsAndAccessResponse"));
        let one = json!({"AccessMask": "ReadAccess, WriteAccess",
                         "Principal": {"@odata.type": "#Microsoft.Dynamics.CRM.systemuser",
                                       "ownerid": id, "systemuserid": id}});
        assert_eq!(told["PrincipalAccesses"], json!([one]));
        let told = world.get(&access).await;
        assert_eq!(told["AccessRights"], json!("ReadAccess, WriteAccess"));
        let context = told["@odata.context"].as_str().unwrap();
        assert!(context.ends_with("$metadata#Microsoft.Dynamics.CRM.RetrievePrincipalAccessResponse"));

        // The row may also be named by type and key, without an alias.
        let inline = format!(
            "systemusers({id})/Microsoft.Dynamics.CRM.RetrievePrincipalAccess(Target={{'@odata.id':'leads({lead})'}})"
        );
        assert_eq!(world.get(&inline).await["AccessRights"], json!("ReadAccess, WriteAccess"));
        let said = world.refused("GET", "RetrieveSharedPrincipalsAndAccess()", None, 400).await;
        assert!(said.contains("'Target' is missing"), "{said}");
        world.refused("POST", "RetrieveSharedPrincipalsAndAccess", None, 405).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn members_of_a_records_access_team_are_added_and_removed() {
    in_every_world(async |world| {
        let (token, id) = helper(&world).await;
        let lead = world.create("leads", json!({"subject": "Robots", "lastname": "Berg"})).await;
        let template = json!({"teamtemplatename": "Lead team", "objecttypecode": 4, "defaultaccessrightsmask": 3});
        let template = world.create("teamtemplates", template).await;
        let body = json!({"Record": target(&lead),
                          "TeamTemplate": {"@odata.type": "Microsoft.Dynamics.CRM.teamtemplate",
                                           "teamtemplateid": template}});
        let post = async |action: &str| {
            let path = format!("systemusers({id})/Microsoft.Dynamics.CRM.{action}");
            world.send("POST", &path, &[], Some(&body)).await
        };
        let path = format!("leads({lead})");
        let added = post("AddUserToRecordTeam").await;
        assert_eq!(added.status, 200, "{}", added.body);
        let team = added.json()["AccessTeamId"].as_str().unwrap().to_owned();
        assert_eq!(as_helper(&world, &token, "PATCH", &path, r#"{"jobtitle": "Buyer"}"#).await.status, 204);
        let found = world.get(&format!("teams({team})?$select=teamtype,systemmanaged,_regardingobjectid_value")).await;
        assert_eq!((&found["teamtype"], &found["systemmanaged"]), (&json!(1), &json!(true)));
        assert_eq!(found["_regardingobjectid_value"], json!(lead));

        assert_eq!(post("RemoveUserFromRecordTeam").await.json()["AccessTeamId"], json!(team));
        assert_eq!(as_helper(&world, &token, "GET", &path, "").await.status, 404);
    })
    .await;
}
