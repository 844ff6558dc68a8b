//! Creating, reading, changing and deleting single rows.

use crate::world::{column, in_every_world};
use serde_json::json;

#[tokio::test]
async fn a_created_lead_is_found_at_the_address_that_came_back() {
    in_every_world(async |world| {
        let body = json!({"subject": "Robotics line", "firstname": "Lena", "lastname": "Größe & Co", "budgetamount": 12345.67, "donotphone": true});
        let answer = world.send("POST", "leads", &[], Some(&body)).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (204, ""));
        assert_eq!(answer.header("odata-version"), "4.0");
        let id = answer.id();
        assert_eq!(answer.header("odata-entityid"), format!("http://crm.example/api/data/v9.2/leads({id})"));
        assert_eq!(answer.header("location"), answer.header("odata-entityid"));

        let read = world.send("GET", &format!("leads({})?$select=subject,fullname,budgetamount,donotphone,statecode,_ownerid_value", id.to_uppercase()), &[], None).await;
        assert_eq!(read.header("content-type"), "application/json; odata.metadata=minimal");
        let row = read.json();
        assert_eq!(row["@odata.context"], "http://crm.example/api/data/v9.2/$metadata#leads(subject,fullname,budgetamount,donotphone,statecode,_ownerid_value)/$entity");
        assert_eq!(row["fullname"], "Lena Größe & Co");
        assert!(read.body.contains("\"budgetamount\":12345.6700,"), "{}", read.body);
        assert_eq!((&row["donotphone"], &row["statecode"], &row["leadid"]), (&json!(true), &json!(0), &json!(id)));
        assert_eq!(row["@odata.etag"], read.header("etag"));
        let me = world.get("WhoAmI").await;
        assert_eq!(row["_ownerid_value"], me["UserId"]);
        assert_eq!(row.as_object().unwrap().len(), 9);
    })
    .await;
}

#[tokio::test]
async fn the_largest_amounts_keep_every_digit() {
    in_every_world(async |world| {
        let headers = [("prefer", "return=representation")];
        let body = r#"{"subject":"x","lastname":"y","budgetamount":99999999999.9999}"#;
        let token = format!("Bearer {}", world.token);
        let headers = [("authorization", token.as_str()), headers[0]];
        let answer = world.raw("POST", "/api/data/v9.2/leads?$select=budgetamount", &headers, body.to_owned()).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        assert!(answer.body.contains("\"budgetamount\":99999999999.9999"), "{}", answer.body);
        assert_eq!(answer.header("preference-applied"), "return=representation");
    })
    .await;
}

#[tokio::test]
async fn annotations_come_only_when_asked_for() {
    in_every_world(async |world| {
        let deal = world.deal("Press", 1234.5).await;
        let path = format!("opportunities({deal})?$select=estimatedvalue,statuscode,_customerid_value,_ownerid_value");
        let bare = world.get(&path).await;
        assert!(bare.as_object().unwrap().keys().all(|name| name.starts_with('@') || !name.contains('@')), "{bare}");
        let row = world.get_with(&path, &[("prefer", "odata.include-annotations=\"*\"")]).await;
        assert_eq!(row["estimatedvalue@OData.Community.Display.V1.FormattedValue"], "$1,234.50");
        assert_eq!(row["statuscode@OData.Community.Display.V1.FormattedValue"], "In Progress");
        assert_eq!(row["_customerid_value@OData.Community.Display.V1.FormattedValue"], "Press Inc");
        assert_eq!(row["_customerid_value@Microsoft.Dynamics.CRM.lookuplogicalname"], "account");
        assert_eq!(row["_customerid_value@Microsoft.Dynamics.CRM.associatednavigationproperty"], "customerid_account");
        assert_eq!(row["_ownerid_value@Microsoft.Dynamics.CRM.associatednavigationproperty"], "ownerid");
        let some = world.get_with(&path, &[("prefer", "odata.include-annotations=\"Microsoft.Dynamics.CRM.*\"")]).await;
        assert!(some["statuscode@OData.Community.Display.V1.FormattedValue"].is_null());
        assert_eq!(some["_customerid_value@Microsoft.Dynamics.CRM.lookuplogicalname"], "account");
    })
    .await;
}

#[tokio::test]
async fn patch_changes_creates_or_refuses_as_the_headers_say() {
    in_every_world(async |world| {
        let id = world.create("leads", json!({"subject": "a", "lastname": "b"})).await;
        let path = format!("leads({id})");
        let etag = world.send("GET", &path, &[], None).await.header("etag").to_owned();
        let answer = world.patch(&path, &[("if-none-match", "null")], json!({"subject": "c"})).await;
        assert_eq!((answer.status.as_u16(), answer.id()), (204, id.clone()));
        assert_eq!(world.patch(&path, &[("if-match", &etag)], json!({"subject": "d"})).await.status, 412);
        assert_eq!(world.send("DELETE", &path, &[("if-match", &etag)], None).await.status, 412);
        assert_eq!(world.patch(&path, &[("if-none-match", "*")], json!({"subject": "e"})).await.status, 412);
        assert_eq!(world.get(&path).await["subject"], "c");

        let unknown = "leads(11111111-2222-4333-8444-555555555555)";
        assert_eq!(world.patch(unknown, &[("if-match", "*")], json!({"subject": "f"})).await.status, 404);
        let created = world
            .patch(unknown, &[("prefer", "return=representation")], json!({"subject": "g", "lastname": "h"}))
            .await;
        assert_eq!(created.status, 201, "{}", created.body);
        assert_eq!(created.json()["leadid"], "11111111-2222-4333-8444-555555555555");
        let again = world
            .send(
                "POST",
                "leads",
                &[],
                Some(&json!({"leadid": "11111111-2222-4333-8444-555555555555", "subject": "i", "lastname": "j"})),
            )
            .await;
        assert_eq!(again.status, 412, "{}", again.body);
        assert_eq!(again.json()["error"]["code"], "0x80040237");

        assert_eq!(world.send("DELETE", unknown, &[], None).await.status, 204);
        assert_eq!(world.send("DELETE", unknown, &[], None).await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn an_unchanged_row_is_not_sent_again() {
    in_every_world(async |world| {
        let id = world.create("leads", json!({"subject": "a", "lastname": "b"})).await;
        let first = world.send("GET", &format!("leads({id})"), &[], None).await;
        let second = world.send("GET", &format!("leads({id})"), &[("if-none-match", first.header("etag"))], None).await;
        assert_eq!((second.status.as_u16(), second.body.as_str()), (304, ""));
        let annotated = [("if-none-match", first.header("etag")), ("prefer", "odata.include-annotations=\"*\"")];
        assert_eq!(world.send("GET", &format!("leads({id})"), &annotated, None).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn single_columns_are_read_written_and_cleared() {
    in_every_world(async |world| {
        let id = world.create("leads", json!({"subject": "a", "lastname": "b"})).await;
        let path = format!("leads({id})/jobtitle");
        assert_eq!(world.send("GET", &path, &[], None).await.status, 204);
        assert_eq!(world.send("PUT", &path, &[], Some(&json!({"value": "Buyer"}))).await.status, 204);
        assert_eq!(world.get(&path).await["value"], "Buyer");
        assert_eq!(world.send("GET", &format!("{path}/$value"), &[], None).await.body, "Buyer");
        assert_eq!(world.send("DELETE", &path, &[], None).await.status, 204);
        assert_eq!(world.send("GET", &path, &[], None).await.status, 204);
    })
    .await;
}

#[tokio::test]
async fn links_are_made_by_every_form_of_address_and_undone_by_null() {
    in_every_world(async |world| {
        let account = world.create("accounts", json!({"name": "Fabrikam"})).await;
        for link in [format!("/accounts({account})"), format!("accounts({account})"), format!("https://other.example/api/data/v9.0/accounts({account})")] {
            let id = world.create("leads", json!({"subject": "a", "lastname": "b", "parentaccountid@odata.bind": link})).await;
            let path = format!("leads({id})?$select=_parentaccountid_value");
            assert_eq!(world.get(&path).await["_parentaccountid_value"], account.as_str());
            assert_eq!(world.patch(&format!("leads({id})"), &[], json!({"parentaccountid": null})).await.status, 204);
            assert!(world.get(&path).await["_parentaccountid_value"].is_null());
        }
        let body = |name: &str, link: &str| Some(json!({"subject": "a", "lastname": "b", format!("{name}@odata.bind"): link}));
        let message = world.refused("POST", "leads", body("ParentAccountId", &format!("/accounts({account})")), 400).await;
        assert!(message.contains("'ParentAccountId'"), "{message}");
        let message = world.refused("POST", "leads", body("parentaccountid", "/contacts(11111111-2222-4333-8444-555555555555)"), 400).await;
        assert_eq!(message, "parentaccountid@odata.bind: leads to account, not to contact; for another table use its typed navigation property");
        let message = world.refused("POST", "leads", body("parentaccountid", "/accounts(11111111-2222-4333-8444-555555555555)"), 400).await;
        assert!(message.contains("there is no account with id 11111111"), "{message}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lookup_of_several_tables_is_linked_by_alternate_keys_of_each() {
    in_every_world(async |world| {
        let token = format!("Bearer {}", world.token);
        let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
        for (key, columns) in [
            ("account/new_number", json!(["accountnumber"])),
            ("contact/new_mail", json!(["emailaddress1", "lastname"])),
        ] {
            let body = json!({ "columns": columns }).to_string();
            let put = world.raw("PUT", &format!("/api/customization/key/{key}"), &headers, body).await;
            assert_eq!(put.status, 200, "{}", put.body);
        }
        let account = world.create("accounts", json!({"name": "A", "accountnumber": "O'1"})).await;
        let contact = world.create("contacts", json!({"lastname": "Lind", "emailaddress1": "l@a.example"})).await;
        let by_number = "/accounts(accountnumber='O''1')";
        let by_mail = "/contacts(lastname='Lind',emailaddress1='l@a.example')";

        let deal = json!({"name": "D", "customerid_account@odata.bind": by_number});
        let deal = format!("opportunities({})", world.create("opportunities", deal).await);
        let customer = async || {
            let row = world
                .get_with(
                    &format!("{deal}?$select=_customerid_value"),
                    &[("prefer", "odata.include-annotations=\"*\"")],
                )
                .await;
            let table = row["_customerid_value@Microsoft.Dynamics.CRM.lookuplogicalname"].as_str().unwrap().to_owned();
            (table, row["_customerid_value"].as_str().unwrap().to_owned())
        };
        assert_eq!(customer().await, ("account".to_owned(), account.clone()));
        let changed = world.patch(&deal, &[], json!({"customerid_contact@odata.bind": by_mail})).await;
        assert_eq!(changed.status, 204, "{}", changed.body);
        assert_eq!(customer().await, ("contact".to_owned(), contact.clone()));
        let reference = json!({"@odata.id": format!("http://crm.example/api/data/v9.2{by_number}")});
        let put = world.send("PUT", &format!("{deal}/customerid_account/$ref"), &[], Some(&reference)).await;
        assert_eq!(put.status, 204, "{}", put.body);
        assert_eq!(customer().await, ("account".to_owned(), account.clone()));
        // Of an activity, and of a row that is made along with another.
        let task = json!({"subject": "Call", "regardingobjectid_contact_task@odata.bind": by_mail});
        let task = world.create("tasks", task).await;
        let about = world.get(&format!("tasks({task})?$select=_regardingobjectid_value")).await;
        assert_eq!(about["_regardingobjectid_value"], contact);
        let deals = json!([{"name": "E", "customerid_account@odata.bind": by_number}]);
        let owner = json!({"lastname": "Owner", "emailaddress1": "o@a.example", "opportunity_parent_contact": deals});
        world.create("contacts", owner).await;
        let found =
            world.get("opportunities?$select=name&$filter=customerid_account/accountnumber eq 'O''1'&$orderby=name");
        assert_eq!(column(&found.await, "name"), ["D", "E"]);

        for (body, status, wrong) in [
            (json!({"customerid_account@odata.bind": "/accounts(accountnumber='O''2')"}), 404, "accountnumber='O''2'"),
            (json!({"customerid_account@odata.bind": by_mail}), 400, "customerid_account@odata.bind"),
            (json!({"customerid_contact@odata.bind": "/contacts(lastname='Lind')"}), 400, "emailaddress1,lastname"),
            (json!({"customerid_account@odata.bind": "/accounts(name='A')"}), 400, "an alternate key: accountnumber"),
        ] {
            let said = world.refused("PATCH", &deal, Some(body), status).await;
            assert!(said.contains(wrong), "{wrong}: {said}");
        }
        assert_eq!(customer().await, ("account".to_owned(), account), "nothing of what was refused is done");
    })
    .await;
}

#[tokio::test]
async fn rows_that_belong_together_are_created_together_or_not_at_all() {
    in_every_world(async |world| {
        let body = json!({
            "name": "Adventure Works",
            "primarycontactid": {"lastname": "Berg"},
            "opportunity_customer_accounts": [{"name": "Line 1", "Opportunity_Tasks": [{"subject": "Call back"}]}],
        });
        let id = world.create("accounts", body).await;
        let account = world.get(&format!("accounts({id})?$select=name&$expand=primarycontactid($select=lastname),opportunity_customer_accounts($select=name;$expand=Opportunity_Tasks($select=subject))")).await;
        assert_eq!(account["primarycontactid"]["lastname"], "Berg");
        assert_eq!(account["opportunity_customer_accounts"][0]["name"], "Line 1");
        assert_eq!(account["opportunity_customer_accounts"][0]["Opportunity_Tasks"][0]["subject"], "Call back");

        let before = world.send("GET", "accounts/$count", &[], None).await.body;
        let broken = json!({"name": "Half", "opportunity_customer_accounts": [{"name": "x", "estimatedvalue": -5}]});
        assert_eq!(world.send("POST", "accounts", &[], Some(&broken)).await.status, 400);
        assert_eq!(world.send("GET", "accounts/$count", &[], None).await.body, before);
    })
    .await;
}

#[tokio::test]
async fn bad_bodies_are_refused_with_the_column_and_what_would_be_right() {
    in_every_world(async |world| {
        let with = |name: &str, value: serde_json::Value| Some(json!({"subject": "a", "lastname": "b", name: value}));
        for (name, value, expected) in [
            ("budgetamount", json!("12"), "budgetamount: the text '12' does not fit; write a number without quotes"),
            ("donotphone", json!(1), "donotphone: 1 does not fit; write true or false without quotes"),
            ("leadsourcecode", json!("Web"), "leadsourcecode: the text 'Web' does not fit; write the number of an option without quotes"),
            ("nosuchcolumn", json!(1), "Could not find a property named 'nosuchcolumn' on type 'Microsoft.Dynamics.CRM.lead'."),
            ("JobTitle", json!("x"), "Could not find a property named 'JobTitle' on type 'Microsoft.Dynamics.CRM.lead'; did you mean 'jobtitle'?"),
        ] {
            assert_eq!(world.refused("POST", "leads", with(name, value), 400).await, expected);
        }
        let long = "x".repeat(400);
        let answer = world.send("POST", "leads", &[], with("subject", json!(long)).as_ref()).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["error"]["code"]), (400, &json!("0x80044331")), "{}", answer.body);
        let unknown = world.send("POST", "leads", &[], with("leadsourcecode", json!(4711)).as_ref()).await;
        assert_eq!(unknown.status, 400, "{}", unknown.body);
        let token = format!("Bearer {}", world.token);
        for body in ["", "{", "[]", "{\"subject\":}", "nonsense"] {
            let answer = world.raw("POST", "/api/data/v9.2/leads", &[("authorization", &token)], body.to_owned()).await;
            assert_eq!(answer.status, 400, "{body}");
            answer.message();
        }
        assert_eq!(world.send("GET", "leads/$count", &[], None).await.body, "0");
    })
    .await;
}

#[tokio::test]
async fn of_many_writers_with_one_version_exactly_one_wins() {
    in_every_world(async |world| {
        let id = world.create("leads", json!({"subject": "a", "lastname": "b"})).await;
        let path = format!("leads({id})");
        let etag = world.send("GET", &path, &[], None).await.header("etag").to_owned();
        let headers = [("if-match", etag.as_str())];
        let write = |number: u32| world.patch(&path, &headers, json!({"subject": format!("writer {number}")}));
        let (a, b, c, d) = tokio::join!(write(1), write(2), write(3), write(4));
        let mut statuses = [a, b, c, d].map(|answer| answer.status.as_u16());
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 412, 412, 412]);
    })
    .await;
}

#[tokio::test]
async fn a_note_keeps_its_file_byte_for_byte() {
    in_every_world(async |world| {
        let deal = world.deal("Press", 10.0).await;
        let body = json!({"subject": "Offer", "filename": "offer.bin", "mimetype": "application/octet-stream", "documentbody": "AAEC/wo=", "objectid_opportunity@odata.bind": format!("/opportunities({deal})")});
        let note = world.create("annotations", body).await;
        let row = world.get(&format!("annotations({note})")).await;
        assert_eq!((&row["documentbody"], &row["filesize"], &row["isdocument"]), (&json!("AAEC/wo="), &json!(5), &json!(true)));
        let list = world.get("annotations").await;
        assert!(list["value"][0].get("documentbody").is_none(), "{list}");
        assert_eq!(world.get("annotations?$select=documentbody").await["value"][0]["documentbody"], "AAEC/wo=");
        // Another file's identifier is no content: nobody reads a file by guessing its key.
        let stolen = json!({"documentbody": "018f6e0a-5c1d-7b3a-9c6e-2f1d4b8a7e90"});
        assert_eq!(world.patch(&format!("annotations({note})"), &[], stolen).await.status, 400);
        assert_eq!(world.patch(&format!("annotations({note})"), &[], json!({"documentbody": null})).await.status, 204);
        let row = world.get(&format!("annotations({note})?$select=documentbody,filesize")).await;
        assert!(row["documentbody"].is_null() && row["filesize"].is_null(), "{row}");
    })
    .await;
}

#[tokio::test]
async fn a_call_has_its_parties() {
    in_every_world(async |world| {
        let contact = world.create("contacts", json!({"lastname": "Berg"})).await;
        let me = world.get("WhoAmI").await["UserId"].as_str().unwrap().to_owned();
        let body = json!({"subject": "Call", "phonecall_activity_parties": [
            {"partyid_systemuser@odata.bind": format!("/systemusers({me})"), "participationtypemask": 1},
            {"partyid_contact@odata.bind": format!("/contacts({contact})"), "participationtypemask": 2},
        ]});
        let call = world.create("phonecalls", body).await;
        let row = world.get(&format!("phonecalls({call})?$select=subject&$expand=phonecall_activity_parties($select=participationtypemask,_partyid_value;$orderby=participationtypemask)")).await;
        let parties = row["phonecall_activity_parties"].as_array().unwrap();
        assert_eq!(json!(parties.iter().map(|party| &party["_partyid_value"]).collect::<Vec<_>>()), json!([me, contact]));
        let pointers = world.get("activitypointers?$select=subject,activitytypecode").await;
        assert_eq!((&pointers["value"][0]["subject"], &pointers["value"][0]["activitytypecode"]), (&json!("Call"), &json!("phonecall")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_answer_cannot_be_given_writes_nothing() {
    in_every_world(async |world| {
        let lead = world.create("leads", json!({ "lastname": "Berg" })).await;
        let shown = [("prefer", "return=representation")];
        let unknown = uuid::Uuid::now_v7();
        for wish in ["$select=nope", "$expand=nope", "$expand=Lead_Tasks($select=nope)", "$expand=("] {
            let new = json!({ "lastname": "Not this" });
            for (method, path) in [
                ("POST", "leads".to_owned()),
                ("PATCH", format!("leads({lead})")),
                ("PATCH", format!("leads({unknown})")),
            ] {
                let answer = world.send(method, &format!("{path}?{wish}"), &shown, Some(&new)).await;
                assert_eq!(answer.status, 400, "{method} {path} {wish}: {}", answer.body);
            }
        }
        let all = world.get("leads?$select=lastname").await;
        assert_eq!(column(&all, "lastname"), [&json!("Berg")]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alternate_key_without_a_value_names_no_row() {
    in_every_world(async |world| {
        let token = format!("Bearer {}", world.token);
        let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
        let key = json!({ "columns": ["accountnumber"] }).to_string();
        let put = world.raw("PUT", "/api/customization/key/account/new_number", &headers, key).await;
        assert_eq!(put.status, 200, "{}", put.body);
        world.create("accounts", json!({ "name": "Without a number" })).await;
        for (method, body) in [("GET", None), ("PATCH", Some(json!({ "name": "Hit" }))), ("DELETE", None)] {
            let told = world.refused(method, "accounts(accountnumber=null)", body, 400).await;
            assert!(told.contains("accountnumber"), "{told}");
        }
        let deal = json!({ "name": "Deal", "customerid_account@odata.bind": "/accounts(accountnumber=null)" });
        world.refused("POST", "opportunities", Some(deal), 400).await;
        assert_eq!(world.get("accounts").await["value"][0]["name"], "Without a number");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_computing_with_binary_fractions_leaves_behind_is_no_figure() {
    in_every_world(async |world| {
        for (sent, kept) in [("0.30000000000000004", 0.3), ("3.3000000000000003", 3.3), ("12.5", 12.5)] {
            let body = format!(r#"{{"lastname":"Berg","budgetamount":{sent}}}"#);
            let id = world.create("leads", serde_json::from_str(&body).unwrap()).await;
            assert_eq!(world.get(&format!("leads({id})?$select=budgetamount")).await["budgetamount"], kept, "{sent}");
        }
        let exact = json!({ "lastname": "Berg", "budgetamount": 0.123_456 });
        world.refused("POST", "leads", Some(exact), 400).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_count_is_that_of_all_rows_also_behind_the_last_page() {
    in_every_world(async |world| {
        for name in ["A", "B", "C"] {
            world.create("accounts", json!({ "name": name })).await;
        }
        let page =
            |number: u32| format!("accounts?$count=true&$skiptoken=%3Ccookie%20pagenumber=%22{number}%22%20/%3E");
        for number in [2, 9] {
            let answer = world.get_with(&page(number), &[("prefer", "odata.maxpagesize=2")]).await;
            assert_eq!(answer["@odata.count"], 3, "page {number}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_write_a_row_that_is_not_there_yet_one_makes_it_and_the_others_change_it() {
    in_every_world(async |world| {
        let path = format!("accounts({})", uuid::Uuid::now_v7());
        let write = |name: &'static str| world.patch(&path, &[], json!({ "name": name }));
        let (a, b, c, d) = tokio::join!(write("A"), write("B"), write("C"), write("D"));
        for answer in [a, b, c, d] {
            assert_eq!(answer.status, 204, "{}", answer.body);
        }
        assert_eq!(world.get("accounts").await["value"].as_array().unwrap().len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_created_along_as_deep_as_they_are_nested() {
    in_every_world(async |world| {
        let below = |inner: serde_json::Value, level: usize| {
            let children = if inner.is_null() { json!([]) } else { json!([inner]) };
            json!({ "name": format!("Level {level:02}"), "account_parent_account": children })
        };
        let nested = |levels: usize| (1..=levels).rev().fold(serde_json::Value::Null, below);
        world.create("accounts", nested(50)).await;
        let all = world.get("accounts?$select=name,_parentaccountid_value&$orderby=name").await;
        let (names, parents) = (column(&all, "name"), column(&all, "_parentaccountid_value"));
        assert_eq!((names.len(), names[49]), (50, &json!("Level 50")));
        assert_eq!(parents[49], column(&all, "accountid")[48]);
        let told = world.refused("POST", "accounts", Some(nested(51)), 400).await;
        assert!(told.contains("50 deep"), "{told}");
    })
    .await;
}
