//! Nothing else is done than what was asked for, and nothing is left out without a word.

use serde_json::{Value, json};

use crate::world::*;

async fn id_of(world: &World, set: &str, body: Value) -> String {
    let made = world.send("POST", set, &[("prefer", "return=representation")], Some(&body)).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let row = made.json();
    let context = row["@odata.context"].as_str().unwrap();
    assert!(context.contains(set), "{context}");
    let key = if set == "opportunities" { "opportunityid" } else { &format!("{}id", set.trim_end_matches('s')) };
    row[key].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_typed_link_reads_and_empties_only_what_is_of_its_type() {
    in_every_world(async |world| {
        let account = id_of(&world, "accounts", json!({ "name": "Halden" })).await;
        let deal = json!({ "name": "Cells", "customerid_account@odata.bind": format!("/accounts({account})") });
        let deal = id_of(&world, "opportunities", deal).await;
        let row = format!("opportunities({deal})");
        let customer =
            async || world.get(&format!("{row}?$select=_customerid_value")).await["_customerid_value"].clone();

        assert_eq!(world.send("GET", &format!("{row}/customerid_contact/$ref"), &[], None).await.status, 204);
        assert_eq!(world.send("DELETE", &format!("{row}/customerid_contact/$ref"), &[], None).await.status, 204);
        assert_eq!(customer().await, json!(account), "an account is no contact");
        for body in [json!({ "customerid_contact": null }), json!({ "customerid_contact@odata.bind": null })] {
            assert_eq!(world.send("PATCH", &row, &[], Some(&body)).await.status, 204);
            assert_eq!(customer().await, json!(account), "{body}");
        }
        let contact = id_of(&world, "contacts", json!({ "lastname": "Berg" })).await;
        let both =
            json!({ "customerid_account": null, "customerid_contact@odata.bind": format!("/contacts({contact})") });
        assert_eq!(world.send("PATCH", &row, &[], Some(&both)).await.status, 204);
        assert_eq!(customer().await, json!(contact));
        assert_eq!(world.send("DELETE", &format!("{row}/customerid_contact/$ref"), &[], None).await.status, 204);
        assert_eq!(customer().await, Value::Null);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_never_left_out_because_of_a_page_size() {
    in_every_world(async |world| {
        for number in 0..60 {
            id_of(&world, "accounts", json!({ "name": format!("A{number}") })).await;
        }
        let asked = "accounts?$apply=groupby((name),aggregate($count as n))";
        let all = world.get_with(asked, &[("prefer", "odata.maxpagesize=50")]).await;
        assert_eq!(all["value"].as_array().unwrap().len(), 60);
        let some = world.get(&format!("{asked}&$orderby=name&$top=7")).await;
        assert_eq!(some["value"].as_array().unwrap().len(), 7);
        assert_eq!(world.send("GET", &format!("{asked}&$skiptoken=x"), &[], None).await.status, 400);
        let far = "accounts?$skiptoken=<cookie pagenumber=\"9000\" />"
            .replace('"', "%22")
            .replace('<', "%3C")
            .replace('>', "%3E");
        assert_eq!(world.send("GET", &far, &[], None).await.status, 400, "nobody counts through millions of rows");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_acts_in_their_own_name_who_asked_to_act_for_somebody_else() {
    let world = World::new(false).await;
    let me = world.get("WhoAmI").await["UserId"].as_str().unwrap().to_owned();
    let body = json!({ "name": "X" });
    for header in ["mscrmcallerid", "callerobjectid"] {
        let other =
            world.send("POST", "accounts", &[(header, "11111111-2222-3333-4444-555555555555")], Some(&body)).await;
        assert_eq!(other.status, 404);
        assert!(other.body.contains("11111111-2222-3333-4444-555555555555"), "{}", other.body);
    }
    assert_eq!(world.send("GET", "WhoAmI", &[("mscrmcallerid", &me)], None).await.status, 200);
    assert_eq!(world.get("accounts/$count").await, json!(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_are_taken_as_lists_objects_and_members_of_enumerations() {
    let world = World::new(false).await;
    let account = id_of(&world, "accounts", json!({ "name": "O'Brien, \"Sons\"" })).await;
    let me = world.get("WhoAmI").await["UserId"].as_str().unwrap().to_owned();
    // An object in the place of the parameter, with a comma in it.
    let target = format!("{{\"@odata.id\":\"accounts({account})\",\"name\":\"a,b\"}}")
        .replace('"', "%22")
        .replace('{', "%7B")
        .replace('}', "%7D");
    let path = format!("systemusers({me})/Microsoft.Dynamics.CRM.RetrievePrincipalAccess(Target={target})");
    let told = world.send("GET", &path, &[], None).await;
    assert_eq!(told.status, 200, "{}", told.body);
    assert!(told.body.contains("ReadAccess"), "{}", told.body);
    let by_member = world
        .get("EntityDefinitions(LogicalName='lead')/Attributes?$select=LogicalName&$filter=AttributeType eq Microsoft.Dynamics.CRM.AttributeTypeCode'State'")
        .await;
    assert_eq!(by_member["value"][0]["LogicalName"], "statecode");
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_are_answered_in_json_also_where_there_is_nothing_and_by_the_address_they_used() {
    let world = World::new(false).await;
    let nothing = world.raw("GET", "/api/unheard/of", &[], String::new()).await;
    assert_eq!(nothing.status, 404);
    assert!(nothing.json()["error"]["message"].as_str().unwrap().contains("/api/unheard/of"));
    let behind = [("x-forwarded-proto", "https"), ("x-forwarded-host", "crm.contoso.example")];
    let me = world.get_with("WhoAmI", &behind).await;
    assert!(me["@odata.context"].as_str().unwrap().starts_with("https://crm.contoso.example/api/data/v9.2/"), "{me}");
    let rows = world.send("GET", "accounts", &[("prefer", "odata.maxpagesize=9000")], None).await;
    assert_eq!(rows.headers["preference-applied"], "odata.maxpagesize=5000", "what was applied, not what was asked");
}
