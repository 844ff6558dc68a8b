//! Lists: filters, order, pages, counts, expansions, groups.

use crate::world::{World, column, in_every_world};
use serde_json::{Value, json};

/// Five leads that differ in everything a filter can ask about.
async fn five_leads(world: &World) -> String {
    let account = world
        .create(
            "accounts",
            json!({"name": "Fabrikam", "primarycontactid": {"firstname": "Ada", "lastname": "Ångström"}}),
        )
        .await;
    for (subject, lastname, budget, more) in [
        ("100% robots", "O'Brien", Some(100.5), json!({"leadsourcecode": 1, "donotphone": true})),
        ("under_score", "Zeta", Some(20.0), json!({"leadsourcecode": 2, "jobtitle": "under_score"})),
        (
            "Plus+And&",
            "ångström",
            None,
            json!({"jobtitle": "Plus+And&", "parentaccountid@odata.bind": format!("/accounts({account})")}),
        ),
        ("underXscore", "Alpha", Some(-0.0), json!({"leadsourcecode": 2})),
        ("日本 line", "beta", Some(3000.0), json!({"leadsourcecode": 3})),
    ] {
        let mut body = json!({"subject": subject, "lastname": lastname, "budgetamount": budget});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        world.create("leads", body).await;
    }
    account
}

fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

async fn subjects(world: &World, filter: &str) -> Vec<String> {
    let answer = world.get(&format!("leads?$select=subject&$orderby=createdon&%24filter={}", escaped(filter))).await;
    column(&answer, "subject").into_iter().map(|subject| subject.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn filters_find_what_they_say() {
    in_every_world(async |world| {
        let account = five_leads(&world).await;
        let (robots, under, plus, x, japan) = ("100% robots", "under_score", "Plus+And&", "underXscore", "日本 line");
        let by_account = format!("_parentaccountid_value eq {account}");
        let by_account_quoted = format!("parentaccountid/accountid eq '{account}'");
        for (filter, expected) in [
            ("lastname eq 'o''brien'", vec![robots]),
            ("contains(subject,'%')", vec![robots]),
            ("contains(subject,'r_s')", vec![under]),
            ("startsWith(subject,'UNDER')", vec![under, x]),
            ("endswith(subject,'+And&')", vec![plus]),
            ("not contains(subject,'under') and budgetamount ne null", vec![robots, japan]),
            ("subject eq '日本 LINE'", vec![japan]),
            ("leadsourcecode ne 2", vec![robots, plus, japan]),
            ("leadsourcecode eq 1 or leadsourcecode eq 3", vec![robots, japan]),
            ("leadsourcecode in (1,3)", vec![robots, japan]),
            ("budgetamount gt 20 and budgetamount le 3000", vec![robots, japan]),
            ("20 ge budgetamount", vec![under, x]),
            ("budgetamount eq null", vec![plus]),
            ("donotphone eq true", vec![robots]),
            ("donotphone", vec![robots]),
            ("subject eq jobtitle", vec![under, plus]),
            (by_account.as_str(), vec![plus]),
            (by_account_quoted.as_str(), vec![plus]),
            ("parentaccountid/name eq 'fabrikam'", vec![plus]),
            ("parentaccountid/primarycontactid/lastname eq 'ÅNGSTRÖM'", vec![plus]),
            ("createdon gt 2020-01-01 and createdon lt 2999-12-31T23:59:59Z", vec![robots, under, plus, x, japan]),
            (
                "Microsoft.Dynamics.CRM.In(PropertyName='leadsourcecode',PropertyValues=[\"1\",'3'])",
                vec![robots, japan],
            ),
            (
                "Microsoft.Dynamics.CRM.Between(PropertyName='budgetamount',PropertyValues=['20','101'])",
                vec![robots, under],
            ),
            ("Microsoft.Dynamics.CRM.EqualUserId(PropertyName='ownerid') and leadsourcecode eq 1", vec![robots]),
            (
                "Microsoft.Dynamics.CRM.LastXHours(PropertyName='createdon',PropertyValue=2) and leadsourcecode eq 1",
                vec![robots],
            ),
            ("Microsoft.Dynamics.CRM.Yesterday(PropertyName='createdon')", vec![]),
            ("1 eq 1 and leadsourcecode eq 1", vec![robots]),
        ] {
            assert_eq!(subjects(&world, filter).await, expected, "{filter}");
        }
    })
    .await;
}

#[tokio::test]
async fn any_and_all_ask_about_related_rows() {
    in_every_world(async |world| {
        world.create("accounts", json!({"name": "None"})).await;
        let opportunities = json!([{"name": "big", "estimatedvalue": 500}, {"name": "small", "estimatedvalue": 5}]);
        world.create("accounts", json!({"name": "Mixed", "opportunity_customer_accounts": opportunities})).await;
        world
            .create(
                "accounts",
                json!({"name": "Big", "opportunity_customer_accounts": [{"name": "huge", "estimatedvalue": 900}]}),
            )
            .await;
        for (filter, expected) in [
            ("opportunity_customer_accounts/any()", json!(["Big", "Mixed"])),
            ("not opportunity_customer_accounts/any()", json!(["None"])),
            (
                "opportunity_customer_accounts/any(o:o/estimatedvalue gt 100 and startswith(o/name,'b'))",
                json!(["Mixed"]),
            ),
            ("opportunity_customer_accounts/all(o:o/estimatedvalue gt 100)", json!(["Big", "None"])),
        ] {
            let answer = world.get(&format!("accounts?$select=name&$orderby=name&$filter={}", escaped(filter))).await;
            assert_eq!(json!(column(&answer, "name")), expected, "{filter}");
        }
    })
    .await;
}

#[tokio::test]
async fn wrong_queries_are_refused_with_the_name_and_what_would_be_right() {
    in_every_world(async |world| {
        for (query, expected) in [
            ("$filter=nosuch eq 1", "Could not find a property named 'nosuch' on type 'Microsoft.Dynamics.CRM.lead'."),
            ("$select=Subject", "Could not find a property named 'Subject' on type 'Microsoft.Dynamics.CRM.lead'; did you mean 'subject'?"),
            ("$filter=Ownerid eq null", "Could not find a property named 'Ownerid' on type 'Microsoft.Dynamics.CRM.lead'; did you mean '_ownerid_value'?"),
            ("$filter=leadsourcecode eq 'x'", "leadsourcecode: cannot be compared with a text; write the number of an option: 1"),
            ("$filter=createdon eq 5", "createdon: cannot be compared with a whole number; write a date and time: 2027-03-01T08:30:00Z"),
            ("$filter=customerid/name eq 'x'", "'customerid' of lead can lead to several tables (account, contact); name one of its typed navigation properties"),
            ("$orderby=subject up", "$orderby: 'subject up' is no order; write 'column', 'column asc' or 'column desc'"),
            ("$skip=5", "$skip: not supported; there are $select, $filter, $orderby, $top, $count, $expand, $skiptoken"),
            ("$top=x", "$top: 'x' must be a whole number from 0"),
            ("$expand=subject", "$expand: 'subject' is a plain column of lead; name it in $select"),
            ("$expand=Parentaccountid", "Could not find a property named 'Parentaccountid' on type 'Microsoft.Dynamics.CRM.lead'; did you mean 'parentaccountid'?"),
            ("$count=yes", "$count: 'yes' must be true or false"),
        ] {
            let path = format!("leads?{}", query.replace(' ', "%20"));
            assert_eq!(world.refused("GET", &path, None, 400).await, expected, "{query}");
        }
        let message = world.refused("GET", "leads?$skiptoken=rubbish", None, 400).await;
        assert!(!message.is_empty());
    })
    .await;
}

#[tokio::test]
async fn following_the_next_links_shows_each_row_once() {
    in_every_world(async |world| {
        for number in 0..23 {
            world.create("leads", json!({"subject": format!("Lead {}", number % 4), "lastname": format!("N{number}"), "leadsourcecode": (number % 3) + 1})).await;
        }
        let prefer = [("prefer", "odata.maxpagesize=5")];
        let mut path = "leads?$select=lastname&$orderby=subject%20desc,leadsourcecode&$count=true&$filter=startswith(lastname,%27N%27)".to_owned();
        let (mut seen, mut pages) = (Vec::new(), 0);
        loop {
            let answer = world.send("GET", &path, &prefer, None).await;
            assert_eq!(answer.header("preference-applied"), "odata.maxpagesize=5");
            let page = answer.json();
            assert_eq!(page["@odata.count"], 23);
            seen.extend(column(&page, "lastname").into_iter().map(|name| name.as_str().unwrap().to_owned()));
            pages += 1;
            if pages == 2 {
                // A row that sorts before everything seen does not shift the pages to come.
                world.create("leads", json!({"subject": "Zzz", "lastname": "X-inserted"})).await;
            }
            let Some(next) = page["@odata.nextLink"].as_str() else { break };
            path = next.strip_prefix("http://crm.example/api/data/v9.2/").expect("an absolute link").to_owned();
        }
        assert_eq!(pages, 5);
        let mut unique = seen.clone();
        unique.sort();
        unique.dedup();
        assert_eq!((seen.len(), unique.len()), (23, 23));

        let top = world.get_with("leads?$top=7&$select=lastname", &prefer).await;
        assert_eq!(column(&top, "lastname").len(), 7);
        assert!(top["@odata.nextLink"].is_null());
        assert_eq!(world.get("leads?$top=0").await["value"], json!([]));
        let third = world.get_with("leads?$select=lastname&$orderby=subject%20desc,leadsourcecode&$filter=startswith(lastname,%27N%27)&$skiptoken=%3Ccookie%20pagenumber=%223%22%20istracking=%22False%22%20/%3E", &prefer).await;
        assert_eq!(json!(column(&third, "lastname")), json!(seen[10..15]));
        let count = world.send("GET", "leads/$count?$filter=leadsourcecode%20eq%201", &[], None).await;
        assert_eq!((count.header("content-type"), count.body.as_str()), ("text/plain", "8"));
    })
    .await;
}

#[tokio::test]
async fn expansions_show_rows_pointed_at_and_rows_that_point_here() {
    in_every_world(async |world| {
        five_leads(&world).await;
        let leads = world.get("leads?$select=subject&$orderby=createdon&$expand=parentaccountid($select=name;$expand=primarycontactid($select=lastname)),ownerid($select=fullname)").await;
        let accounts = column(&leads, "parentaccountid");
        assert!(accounts[0].is_null());
        assert_eq!(accounts[2]["name"], "Fabrikam");
        assert_eq!(accounts[2]["primarycontactid"]["lastname"], "Ångström");
        assert_eq!(column(&leads, "ownerid")[0]["fullname"], "System Administrator");
        for name in ["A", "B"] {
            let deals: Vec<Value> = (1..=3).map(|n| json!({"name": format!("{name}{n}"), "estimatedvalue": n * 10})).collect();
            world.create("accounts", json!({"name": name, "opportunity_customer_accounts": deals})).await;
        }
        let accounts = world.get("accounts?$select=name&$orderby=name&$filter=name%20ne%20%27Fabrikam%27&$expand=opportunity_customer_accounts($select=name;$filter=estimatedvalue%20gt%2010;$orderby=estimatedvalue%20desc;$top=1)").await;
        let shown: Vec<Vec<&str>> = column(&accounts, "opportunity_customer_accounts")
            .into_iter()
            .map(|deals| deals.as_array().unwrap().iter().map(|deal| deal["name"].as_str().unwrap()).collect())
            .collect();
        assert_eq!(shown, [["A3"], ["B3"]]);
        let id = column(&accounts, "accountid")[0].as_str().unwrap().to_owned();
        let deals = world.get(&format!("accounts({id})/opportunity_customer_accounts?$select=name&$orderby=name&$count=true")).await;
        assert_eq!((json!(column(&deals, "name")), &deals["@odata.count"]), (json!(["A1", "A2", "A3"]), &json!(3)));
        let deal = column(&deals, "opportunityid")[0].as_str().unwrap().to_owned();
        assert_eq!(world.get(&format!("opportunities({deal})/customerid_account?$select=name")).await["name"], "A");
        assert_eq!(world.send("GET", &format!("opportunities({deal})/customerid_contact"), &[], None).await.status, 204);
    })
    .await;
}

#[tokio::test]
async fn pairs_are_linked_listed_expanded_and_unlinked() {
    in_every_world(async |world| {
        let deal = world.deal("Press", 10.0).await;
        let rival = world.create("competitors", json!({"name": "Rival"})).await;
        let links = format!("opportunities({deal})/opportunitycompetitors_association/$ref");
        let body = json!({"@odata.id": format!("http://crm.example/api/data/v9.2/competitors({rival})")});
        for _ in 0..2 {
            assert_eq!(world.send("POST", &links, &[], Some(&body)).await.status, 204);
        }
        assert_eq!(column(&world.get(&links).await, "@odata.id"), [&body["@odata.id"]]);
        let names = world.get(&format!("opportunities({deal})/opportunitycompetitors_association?$select=name")).await;
        assert_eq!(json!(column(&names, "name")), json!(["Rival"]));
        let expanded = world.get("opportunities?$select=name&$expand=opportunitycompetitors_association($select=name)&$filter=opportunitycompetitors_association/any(c:c/name%20eq%20%27rival%27)").await;
        assert_eq!(expanded["value"][0]["opportunitycompetitors_association"][0]["name"], "Rival");
        let link = format!("opportunities({deal})/opportunitycompetitors_association({rival})/$ref");
        assert_eq!(world.send("DELETE", &link, &[], None).await.status, 204);
        assert_eq!(world.send("DELETE", &link, &[], None).await.status, 404);
        assert_eq!(world.get(&links).await["value"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn groups_are_counted_and_summed() {
    in_every_world(async |world| {
        for (name, value) in [("a", 10.0), ("b", 20.5), ("c", 0.25)] {
            world.deal(name, value).await;
        }
        let account = world.get("accounts?$filter=name%20eq%20%27a%20Inc%27&$select=name").await["value"][0]["accountid"].as_str().unwrap().to_owned();
        let more = json!({"name": "d", "customerid_account@odata.bind": format!("/accounts({account})")});
        world.create("opportunities", more).await;
        let prefer = [("prefer", "odata.include-annotations=\"OData.Community.Display.V1.FormattedValue\"")];
        let answer = world.send("GET", "opportunities?$apply=filter(statecode%20eq%200)/groupby((statuscode),aggregate($count%20as%20n,estimatedvalue%20with%20sum%20as%20total,estimatedvalue%20with%20average%20as%20mean,estimatedvalue%20with%20max%20as%20most))", &prefer, None).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let group = &answer.json()["value"][0];
        assert_eq!((&group["statuscode"], &group["n"], &group["total"], &group["mean"], &group["most"]), (&json!(1), &json!(4), &json!(30.75), &json!(10.25), &json!(20.5)));
        assert_eq!(group["statuscode@OData.Community.Display.V1.FormattedValue"], "In Progress");
        assert_eq!(group["total@OData.Community.Display.V1.FormattedValue"], "$30.75");
        let by_customer = world.get_with("opportunities?$apply=groupby((_customerid_value),aggregate($count%20as%20n))&$orderby=n%20desc&$top=1", &prefer).await;
        assert_eq!((&by_customer["value"][0]["_customerid_value"], &by_customer["value"][0]["n"]), (&json!(account), &json!(2)));
        assert_eq!(by_customer["value"][0]["_customerid_value@OData.Community.Display.V1.FormattedValue"], "a Inc");
        let by_name = world.get("opportunities?$apply=groupby((customerid_account/name),aggregate(estimatedvalue%20with%20sum%20as%20total))&$orderby=total%20desc").await;
        assert_eq!((&by_name["value"][0]["customerid_account"]["name"], &by_name["value"][0]["total"]), (&json!("b Inc"), &json!(20.5)));
        let euro = json!({"currencyname": "Euro", "isocurrencycode": "EUR", "currencysymbol": "€", "exchangerate": 0.9, "currencyprecision": 2});
        world.create("transactioncurrencies", euro).await;
        let all = world.get_with("opportunities?$apply=aggregate(estimatedvalue%20with%20sum%20as%20total,estimatedvalue_base%20with%20sum%20as%20base)", &prefer).await;
        let all = &all["value"][0];
        assert_eq!((&all["total"], &all["base"]), (&json!(30.75), &json!(30.75)));
        let said = |name: &str| &all[format!("{name}@OData.Community.Display.V1.FormattedValue")];
        assert_eq!((said("total"), said("base")), (&json!("30.75"), &json!("$30.75")), "which currency it is, nobody knows");
    })
    .await;
}

/// `SQLite` adds up in 64 bits, `PostgreSQL` in more.
#[tokio::test(flavor = "multi_thread")]
async fn totals_too_large_to_be_kept_or_shown_are_refused_and_never_inexact() {
    in_every_world(async |world| {
        let amount = 922_337_203_685_477.0;
        let deal = world.deal("First", amount).await;
        for name in ["Second", "Third"] {
            let account = json!({ "name": name });
            let body = json!({ "name": name, "estimatedvalue": amount, "budgetamount": amount, "customerid_account": account });
            let answer = world.send("POST", "opportunities", &[], Some(&body)).await;
            let is_told = answer.status == 204 || (answer.status == 400 && answer.body.contains("922,337,203,685,477"));
            assert!(is_told, "{} {}", answer.status, answer.body);
        }
        let turned = json!({ "actualvalue": amount });
        assert_eq!(world.patch(&format!("opportunities({deal})"), &[], turned).await.status, 204);
        let turned = world.patch(&format!("opportunities({deal})"), &[], json!({ "actualvalue": -amount })).await;
        assert!([204, 400].contains(&turned.status.as_u16()), "{} {}", turned.status, turned.body);
        for column in ["estimatedvalue", "budgetamount"] {
            let sum = format!("opportunities?$apply=aggregate({column}%20with%20sum%20as%20total)");
            let answer = world.send("GET", &sum, &[], None).await;
            assert!([200, 400].contains(&answer.status.as_u16()), "{} {}", answer.status, answer.body);
        }
        let kept = world.get(&format!("opportunities({deal})?$select=estimatedvalue")).await;
        assert_eq!(kept["estimatedvalue"], amount);
        assert!(world.app.store().check().await.unwrap().is_sound());
    })
    .await;
}
