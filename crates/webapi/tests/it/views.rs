//! Views on the wire: those of the organisation, those of people, and who may read what by them.

use crate::access::{as_helper, helper};
use crate::fetch::escaped;
use crate::world::{World, column, in_every_world};
use serde_json::{Value, json};

async fn leads(world: &World) {
    for (subject, budget) in [("one", 10), ("two", 30), ("three", 20)] {
        let company = json!({"name": format!("{subject} Inc")});
        let lead = json!({"subject": subject, "lastname": "x", "budgetamount": budget, "parentaccountid": company});
        world.create("leads", lead).await;
    }
}

/// A view of leads by their accounts, as the pages keep it.
fn kept(name: &str) -> Value {
    let definition = json!({
        "columns": ["subject", {"column": "parentaccountid.name", "width": 240}],
        "filter": {"any": [
            {"column": "budgetamount", "op": "gt", "value": 15},
            {"column": "parentaccountid.name", "op": "eq", "value": "nobody"},
        ]},
        "order": ["budgetamount desc"],
    });
    json!({"name": name, "returnedtypecode": "lead", "definition": definition.to_string()})
}

async fn sorted_by_what_lookups_point_at(world: &World) {
    let xml = |raw: &str| {
        let fetch = format!(
            "<fetch count='2' {raw}><entity name='lead'><attribute name='subject'/><attribute name='parentaccountid'/><order attribute='parentaccountid'/></entity></fetch>"
        );
        format!("leads?fetchXml={}", escaped(&fetch))
    };
    assert_eq!(column(&world.get(&xml("")).await, "subject"), ["one", "three"]);
    assert_eq!(column(&world.get(&xml("page='2'")).await, "subject"), ["two"]);
    let raw = world.get(&xml("useraworderby='true'")).await;
    assert!(column(&raw, "_parentaccountid_value").is_sorted_by_key(|id| id.as_str()), "{raw}");
}

#[tokio::test(flavor = "multi_thread")]
async fn views_are_listed_told_in_fetchxml_and_asked_for_by_their_identifier() {
    in_every_world(async |world| {
        leads(&world).await;
        let views = world
            .get("savedqueries?$select=name,savedqueryid,fetchxml,layoutxml&$filter=returnedtypecode eq 'lead' and querytype eq 0&$orderby=name")
            .await;
        assert!(views["value"].as_array().unwrap().len() > 3, "{views}");
        // What a view shows and what its FetchXML finds are the same rows.
        for view in views["value"].as_array().unwrap() {
            let id = view["savedqueryid"].as_str().unwrap();
            let by_id = world.get(&format!("leads?savedQuery={id}")).await;
            let fetchxml = view["fetchxml"].as_str().unwrap();
            let by_xml = world.get(&format!("leads?fetchXml={}", escaped(fetchxml))).await;
            assert_eq!(column(&by_id, "leadid"), column(&by_xml, "leadid"), "{view}");
            assert!(view["layoutxml"].as_str().unwrap().contains("<cell name=\""), "{view}");
        }
        sorted_by_what_lookups_point_at(&world).await;
        let filter = "$filter=returnedtypecode eq 'lead' and querytype eq 0";
        let counted = world.send("GET", &format!("savedqueries/$count?{filter}"), &[], None).await;
        assert_eq!(counted.body, views["value"].as_array().unwrap().len().to_string());
        let first = views["value"][0]["savedqueryid"].as_str().unwrap();
        let said = world.refused("GET", &format!("leads?savedQuery={first}&userQuery={first}"), None, 400).await;
        assert!(said.contains("one of them"), "{said}");
        let one = world.get(&format!("savedqueries({first})?$select=name")).await;
        assert_eq!(one["name"], views["value"][0]["name"]);
        world.refused("GET", &format!("leads({first})"), None, 404).await;
        world.refused("GET", "savedqueries(01a20ea3-80f6-7595-82f5-cff19ea9bd52)", None, 404).await;
        world.refused("GET", "leads?savedQuery=01a20ea3-80f6-7595-82f5-cff19ea9bd52", None, 404).await;
        let said = world.refused("GET", &format!("accounts?savedQuery={first}"), None, 400).await;
        assert!(said.contains("'lead'"), "{said}");
        world.refused("POST", "savedqueries", Some(json!({})), 405).await;

        let id = world.create("userqueries", kept("Rich")).await;
        let rows = world.get(&format!("leads?userQuery={id}&$count=true")).await;
        assert_eq!(column(&rows, "subject"), ["two", "three"]);
        assert_eq!((&rows["@odata.count"], &rows["value"][0]["parentaccountid.name"]), (&json!(2), &json!("two Inc")));
        // In pages as other lists.
        let page = world.get_with(&format!("leads?userQuery={id}"), &[("prefer", "odata.maxpagesize=1")]).await;
        let next = page["@odata.nextLink"].as_str().unwrap().split("/v9.2/").nth(1).unwrap().to_owned();
        let page = world.get_with(&next, &[("prefer", "odata.maxpagesize=1")]).await;
        assert_eq!((column(&page, "subject"), &page["@odata.nextLink"]), (vec![&json!("three")], &Value::Null));
        // What is told of it finds the same.
        let own = world.get("userqueries?$select=name,fetchxml,layoutxml,querytype").await;
        let own = &own["value"][0];
        assert_eq!((&own["name"], &own["querytype"]), (&json!("Rich"), &json!(0)), "{own}");
        assert!(own["layoutxml"].as_str().unwrap().contains("<cell name=\"parentaccountid.name\" width=\"240\" />"), "{own}");
        let by_xml = world.get(&format!("leads?fetchXml={}", escaped(own["fetchxml"].as_str().unwrap()))).await;
        assert_eq!(column(&by_xml, "subject"), ["two", "three"]);
        let whole = world.get(&format!("userqueries({id})")).await;
        assert_eq!(whole["fetchxml"], own["fetchxml"]);
        // Also among the rows of an account.
        let account = rows["value"][1]["parentaccountid.name"].clone();
        assert_eq!(account, "three Inc");
        let accounts = world.get("accounts?$select=name&$filter=name eq 'three Inc'").await;
        let account = accounts["value"][0]["accountid"].as_str().unwrap();
        let rows = world.get(&format!("accounts({account})/lead_parent_account?userQuery={id}")).await;
        assert_eq!(column(&rows, "subject"), ["three"]);
        // Written in FetchXML it is the same view.
        let copy = json!({"name": "Copy", "fetchxml": own["fetchxml"], "layoutxml": own["layoutxml"], "querytype": 0});
        let copy = world.create("userqueries", copy).await;
        let copy = world.get(&format!("userqueries({copy})?$select=definition,returnedtypecode,layoutxml")).await;
        assert_eq!((&copy["returnedtypecode"], &copy["layoutxml"]), (&json!("lead"), &own["layoutxml"]));
        let changed = "<fetch><entity name='lead'><attribute name='subject'/><filter><condition attribute='subject' operator='eq' value='one'/></filter></entity></fetch>";
        assert_eq!(world.patch(&format!("userqueries({id})"), &[], json!({"fetchxml": changed})).await.status, 204);
        assert_eq!(column(&world.get(&format!("leads?userQuery={id}")).await, "subject"), ["one"]);
        for (body, expected) in [
            (json!({"name": "x", "fetchxml": changed, "definition": "{}"}), "not both"),
            (json!({"name": "x", "fetchxml": changed.replace("<fetch>", "<fetch top='1'>")}), "no top"),
            (json!({"name": "x", "layoutxml": "<grid/>"}), "together with fetchxml"),
            (json!({"name": "x", "fetchxml": changed, "layoutxml": "<grid><row><cell name='nome'/></row></grid>"}), "'nome'"),
            (json!({"name": "x", "fetchxml": "<fetch><entity name='account'><link-entity name='lead' from='parentaccountid' to='accountid'/></entity></fetch>"}), "once"),
        ] {
            let said = world.refused("POST", "userqueries", Some(body), 400).await;
            assert!(said.contains(expected), "{said}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_reads_more_by_fetchxml_or_by_a_view_than_they_may() {
    in_every_world(async |world| {
        leads(&world).await;
        let (token, id) = helper(&world).await;
        let company = json!({"name": "Hidden Inc"});
        let lead = json!({"subject": "theirs", "lastname": "x", "budgetamount": 99, "parentaccountid": company,
            "ownerid@odata.bind": format!("/systemusers({id})")});
        world.create("leads", lead).await;
        let view = world.create("userqueries", kept("Rich")).await;
        let asked = async |xml: &str| {
            let answer = as_helper(&world, &token, "GET", &format!("leads?fetchXml={}", escaped(xml)), "").await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            answer.json()
        };
        let link = |kind: &str, inside: &str| {
            format!("<fetch><entity name='lead'><attribute name='subject'/><link-entity name='account' from='accountid' to='parentaccountid' alias='a' link-type='{kind}'>{inside}</link-entity></entity></fetch>")
        };
        let rows = asked("<fetch returntotalrecordcount='true'><entity name='lead'><attribute name='subject'/></entity></fetch>").await;
        assert_eq!((column(&rows, "subject"), &rows["@Microsoft.Dynamics.CRM.totalrecordcount"]), (vec![&json!("theirs")], &json!(1)));
        let rows = asked(&link("outer", "<attribute name='name'/>")).await;
        assert_eq!((&rows["value"][0]["subject"], &rows["value"][0]["a.name"]), (&json!("theirs"), &Value::Null), "{rows}");
        assert_eq!(asked(&link("inner", "")).await["value"], json!([]));
        assert_eq!(asked(&link("exists", "")).await["value"], json!([]));
        // As a join, too, and in groups.
        let filter = "<filter><condition attribute='name' operator='not-null'/></filter><attribute name='name'/>";
        assert_eq!(asked(&link("outer", filter)).await["value"][0]["a.name"], Value::Null);
        let groups = "<fetch aggregate='true'><entity name='lead'><attribute name='leadid' alias='n' aggregate='count'/>
            <link-entity name='account' from='name' to='companyname' link-type='inner'/></entity></fetch>";
        assert_eq!(asked(groups).await["value"][0]["n"], 0);
        let groups = "<fetch aggregate='true'><entity name='lead'><attribute name='budgetamount' alias='sum' aggregate='sum'/></entity></fetch>";
        assert_eq!(asked(groups).await["value"][0]["sum"], json!(99.0));

        assert_eq!(as_helper(&world, &token, "GET", &format!("leads?userQuery={view}"), "").await.status, 404);
        assert_eq!(as_helper(&world, &token, "GET", &format!("userqueries({view})"), "").await.status, 404);
    })
    .await;
}
