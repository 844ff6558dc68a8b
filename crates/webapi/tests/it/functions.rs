//! What a client asks by functions: how much there is, and what a new row begins with.

use serde_json::json;

use crate::{fetch::escaped, world::*};

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
        // Some clients write the number.
        let numbered = |number: &str| {
            let address = from(&account, "accounts", "contact");
            address.replace("Microsoft.Dynamics.CRM.TargetFieldType'ValidForCreate'", number)
        };
        let contact = world.get(&numbered("1")).await;
        assert_eq!(contact["parentcustomerid_account@odata.bind"], format!("accounts({account})"));
        world.refused("GET", &numbered("7"), None, 400).await;
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

#[tokio::test(flavor = "multi_thread")]
async fn a_client_learns_where_it_is_and_what_somebody_may_do() {
    let world = World::new(false).await;
    let told = world
        .get("RetrieveCurrentOrganization(AccessType=@p)?@p=Microsoft.Dynamics.CRM.EndpointAccessType'Default'")
        .await;
    let me = world.get("WhoAmI").await;
    assert_eq!(told["Detail"]["OrganizationId"], me["OrganizationId"]);
    assert_eq!(told["Detail"]["FriendlyName"], "Contoso");
    let addresses = &told["Detail"]["Endpoints"]["Values"];
    assert_eq!(addresses, &json!(["http://crm.example/", "http://crm.example/api/data/v9.2/"]));
    world.refused("GET", "RetrieveCurrentOrganization(AccessType='Nonsense')", None, 400).await;
    let (_, helper) = crate::access::helper(&world).await;
    let held = world.get(&format!("systemusers({helper})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()")).await;
    let held = held["RolePrivileges"].as_array().unwrap();
    assert_eq!(held.len(), 8, "the role is about leads only: {held:?}");
    let read = held.iter().find(|held| held["PrivilegeName"] == "prvReadLead").unwrap();
    assert_eq!((&read["Depth"], &read["BusinessUnitId"]), (&json!("Basic"), &me["BusinessUnitId"]));
    let all = world
        .get(&format!(
            "systemusers({})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()",
            me["UserId"].as_str().unwrap()
        ))
        .await;
    let all = all["RolePrivileges"].as_array().unwrap();
    assert!(all.iter().all(|held| held["Depth"] == "Global") && all.len() > 100);
    for name in ["prvReadActivity", "prvWriteNote", "prvReadUser", "prvActOnBehalfOfAnotherUser"] {
        assert!(all.iter().any(|held| held["PrivilegeName"] == name), "{name}: {all:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_reads_what_a_row_and_one_column_went_through() {
    in_every_world(async |world| {
        let id = world.create("accounts", json!({"name": "First", "telephone1": "1"})).await;
        world.patch(&format!("accounts({id})"), &[], json!({"name": "Second"})).await;
        world.patch(&format!("accounts({id})"), &[], json!({"telephone1": null})).await;
        let of =
            |function: &str, more: &str| format!("{function}(Target=@t{more})?@t={{'@odata.id':'accounts({id})'}}");
        let second = world
            .get(&format!("{}&@p={{'PageNumber':2,'Count':1}}", of("RetrieveRecordChangeHistory", ",PagingInfo=@p")))
            .await["AuditDetailCollection"]
            .clone();
        assert_eq!((second["AuditDetails"].as_array().unwrap().len(), &second["MoreRecords"]), (1, &json!(true)));
        assert_eq!(second["AuditDetails"][0]["NewValue"]["name"], "Second");
        let told = world.get(&of("RetrieveRecordChangeHistory", "")).await["AuditDetailCollection"].clone();
        let details = told["AuditDetails"].as_array().unwrap();
        assert_eq!((details.len(), &told["MoreRecords"]), (3, &json!(false)), "{told}");
        let newest = &details[0];
        assert_eq!((&newest["OldValue"]["telephone1"], newest["NewValue"].get("telephone1")), (&json!("1"), None));
        assert_eq!(details[1]["NewValue"]["name"], "Second");
        assert_eq!(
            (&details[2]["AuditRecord"]["operation"], &details[2]["NewValue"]["name"]),
            (&json!(1), &json!("First"))
        );
        let me = world.get("WhoAmI").await["UserId"].clone();
        assert_eq!(
            (&newest["AuditRecord"]["_userid_value"], &newest["AuditRecord"]["_objectid_value"]),
            (&me, &json!(id))
        );
        let paged = format!("{}&@p={{'PageNumber':2,'Count':1}}", of("RetrieveRecordChangeHistory", ",PagingInfo=@p"));
        let paged = world.get(&paged).await["AuditDetailCollection"].clone();
        assert_eq!((&paged["AuditDetails"][0], &paged["MoreRecords"]), (&details[1], &json!(true)));
        let cookie = paged["PagingCookie"].as_str().unwrap().to_owned();
        let third = |number: usize, cookie: &str| {
            let page = json!({ "PageNumber": number, "Count": 1, "PagingCookie": cookie });
            format!("{}&@p={}", of("RetrieveRecordChangeHistory", ",PagingInfo=@p"), escaped(&page.to_string()))
        };
        // What is written meanwhile does not move the pages.
        world.patch(&format!("accounts({id})"), &[], json!({ "telephone1": "3" })).await;
        let last = world.get(&third(3, &cookie)).await["AuditDetailCollection"].clone();
        assert_eq!((&last["AuditDetails"], &last["PagingCookie"]), (&json!([details[2]]), &json!("")), "{last}");
        assert_eq!(last["MoreRecords"], false);
        for bent in [cookie.replace(&id, "00000000-0000-0000-0000-000000000001"), "nonsense".to_owned()] {
            let said = world.refused("GET", &third(3, &bent), None, 400).await;
            assert!(said.starts_with("PagingInfo.PagingCookie: send it as the answer before gave it"), "{said}");
        }
        let said = world.refused("GET", &third(7, &cookie), None, 400).await;
        assert!(said.contains("it leads to page 3, but PageNumber is 7"), "{said}");
        let far =
            format!("{}&@p={{'PageNumber':900000,'Count':100}}", of("RetrieveRecordChangeHistory", ",PagingInfo=@p"));
        assert!(world.refused("GET", &far, None, 400).await.contains("paging cookie"));
        let names = world.get(&of("RetrieveAttributeChangeHistory", ",AttributeLogicalName='name'")).await;
        let names = names["AuditDetailCollection"]["AuditDetails"].as_array().unwrap().clone();
        assert_eq!(names.len(), 2, "{names:?}");
        assert!(names[1]["NewValue"].get("telephone1").is_none(), "only the one column: {names:?}");
        world
            .refused("GET", &of("RetrieveAttributeChangeHistory", ",AttributeLogicalName='nonsense'"), None, 400)
            .await;
        let gone = of("RetrieveRecordChangeHistory", "").replace(&id, "00000000-0000-0000-0000-000000000001");
        world.refused("GET", &gone, None, 404).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_history_is_read_page_by_page_each_change_once() {
    in_every_world(async |world| {
        let id = world.create("accounts", json!({ "name": "0" })).await;
        for number in 1..46 {
            world.patch(&format!("accounts({id})"), &[], json!({ "name": number.to_string() })).await;
        }
        for function in ["RetrieveRecordChangeHistory(", "RetrieveAttributeChangeHistory(AttributeLogicalName='name',"]
        {
            let page = async |cookie: &str| {
                let page = json!({ "Count": 23, "PagingCookie": cookie }).to_string();
                let target = format!("{function}Target=@t,PagingInfo=@p)?@t={{'@odata.id':'accounts({id})'}}");
                world.get(&format!("{target}&@p={}", escaped(&page))).await["AuditDetailCollection"].clone()
            };
            let first = page("").await;
            let second = page(first["PagingCookie"].as_str().unwrap()).await;
            assert_eq!((&first["MoreRecords"], &second["MoreRecords"]), (&json!(true), &json!(false)), "{second}");
            let details = [&first, &second].into_iter().flat_map(|page| page["AuditDetails"].as_array().unwrap());
            let names: Vec<&str> = details.map(|detail| detail["NewValue"]["name"].as_str().unwrap()).collect();
            let expected: Vec<String> = (0..46).rev().map(|number| number.to_string()).collect();
            assert_eq!(names, expected);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_asks_what_the_clock_shows_elsewhere_and_how_an_address_is_written() {
    let world = World::new(false).await;
    let local = world.get("LocalTimeFromUtcTime(TimeZoneCode=110,UtcTime=2027-07-01T08:30:00Z)").await;
    assert_eq!(local["LocalTime"], "2027-07-01T10:30:00Z");
    let utc = world.get("UtcTimeFromLocalTime(TimeZoneCode=35,LocalTime=2027-01-01T10:30:00Z)").await;
    assert_eq!(utc["UtcTime"], "2027-01-01T15:30:00Z");
    let message = world
        .refused("GET", "UtcTimeFromLocalTime(TimeZoneCode=35,LocalTime='2027-01-01T10:30:00-05:00')", None, 400)
        .await;
    assert!(message.contains("LocalTime"), "the zone is named by its number: {message}");
    let message =
        world.refused("GET", "LocalTimeFromUtcTime(TimeZoneCode=999,UtcTime=2027-07-01T08:30:00Z)", None, 400).await;
    assert!(message.contains("GetAllTimeZonesWithDisplayName"), "{message}");
    let zones = world.get("GetAllTimeZonesWithDisplayName(LocaleId=1033)").await;
    assert!(zones["value"].as_array().unwrap().iter().any(|zone| zone["timezonecode"] == 110));
    let address = world
        .get(
            "FormatAddress(Line1='1 Main St',City='Springfield',StateOrProvince='IL',PostalCode='62701',Country='USA')",
        )
        .await;
    assert_eq!(address["Address"], "1 Main St\r\nSpringfield, IL 62701\r\nUSA");
}
