//! FetchXML: rows, joins, groups, pages and what is refused.

use crate::access::helper;
use crate::world::{World, column, in_every_world};
use serde_json::{Value, json};

const ANNOTATED: (&str, &str) = ("prefer", "odata.include-annotations=\"*\"");

pub fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

async fn fetched(world: &World, set: &str, xml: &str) -> Value {
    world.get_with(&format!("{set}?fetchXml={}", escaped(xml)), &[ANNOTATED]).await
}

/// The names of the accounts that `inside` of their entity asks for, by name.
async fn names(world: &World, inside: &str) -> Vec<String> {
    let xml = format!(
        "<fetch><entity name='account'><attribute name='name'/><order attribute='name'/>{inside}</entity></fetch>"
    );
    texts(&fetched(world, "accounts", &xml).await, "name")
}

fn texts(answer: &Value, name: &str) -> Vec<String> {
    column(answer, name).into_iter().map(|value| value.as_str().unwrap_or_default().to_owned()).collect()
}

/// Three accounts, two with deals, one below another.
async fn accounts(world: &World) -> (String, String) {
    let deals = json!([
        {"name": "big", "estimatedvalue": 500, "estimatedclosedate": "2026-02-10"},
        {"name": "small", "estimatedvalue": 5, "estimatedclosedate": "2026-02-20"},
    ]);
    let alpha = json!({
        "name": "Alpha & Söhne", "telephone1": "1", "revenue": 10, "opportunity_customer_accounts": deals,
        "primarycontactid": {"firstname": "Ada", "lastname": "Ångström"},
    });
    let alpha = world.create("accounts", alpha).await;
    let deals = json!([{"name": "huge", "estimatedvalue": 900, "estimatedclosedate": "2027-02-01"}]);
    let beta = json!({
        "name": "Beta_100%", "telephone1": "Beta_100%", "opportunity_customer_accounts": deals,
        "parentaccountid@odata.bind": format!("/accounts({alpha})"),
    });
    let beta = world.create("accounts", beta).await;
    world.create("accounts", json!({"name": "Gamma", "telephone1": "3", "revenue": 30})).await;
    (alpha, beta)
}

const DEALS: &str = "<link-entity name='opportunity' from='customerid' to='accountid'";

#[tokio::test(flavor = "multi_thread")]
async fn a_client_asks_in_fetchxml_for_rows_and_what_they_are_linked_to() {
    in_every_world(async |world| {
        let (alpha, beta) = accounts(&world).await;
        let (a, b, c) = ("Alpha & Söhne", "Beta_100%", "Gamma");
        let upper = alpha.to_uppercase();
        for (inside, expected) in [
            (String::new(), vec![a, b, c]),
            ("<filter><condition attribute='name' operator='eq' value='alpha &amp; SÖHNE'/></filter>".into(), vec![a]),
            ("<filter><condition attribute='name' operator='like' value='%[_]100[%]'/></filter>".into(), vec![b]),
            ("<filter><condition attribute='name' operator='like' value='_a%'/></filter>".into(), vec![c]),
            ("<filter><condition attribute='name' operator='not-like' value='%a'/></filter>".into(), vec![a, b]),
            ("<filter><condition attribute='name' operator='begins-with' value='be'/></filter>".into(), vec![b]),
            ("<filter><condition attribute='name' operator='ends-with' value='ma'/></filter>".into(), vec![c]),
            ("<filter><condition attribute='revenue' operator='null'/></filter>".into(), vec![b]),
            ("<filter><condition attribute='revenue' operator='ne' value='10'/></filter>".into(), vec![b, c]),
            ("<filter><condition attribute='revenue' operator='between'><value>10</value><value>20.5</value></condition></filter>".into(), vec![a]),
            ("<filter><condition attribute='telephone1' operator='in'><value>1</value><value>3</value></condition></filter>".into(), vec![a, c]),
            ("<filter><condition attribute='name' operator='eq' valueof='telephone1'/></filter>".into(), vec![b]),
            ("<filter><condition attribute='createdon' operator='today'/><condition attribute='createdon' operator='last-x-hours' value='2'/></filter>".into(), vec![a, b, c]),
            ("<filter><condition attribute='createdon' operator='olderthan-x-days' value='2'/></filter>".into(), vec![]),
            ("<filter><condition attribute='createdon' operator='on-or-after' value='2020-01-01'/><condition attribute='ownerid' operator='eq-userid'/></filter>".into(), vec![a, b, c]),
            (format!("<filter><condition attribute='parentaccountid' operator='eq' value='{{{upper}}}'/></filter>"), vec![b]),
            (format!("<filter><condition attribute='accountid' operator='under' value='{alpha}'/></filter>"), vec![b]),
            (format!("<filter><condition attribute='accountid' operator='eq-or-above' value='{beta}'/></filter>"), vec![a, b]),
            ("<filter type='or'><condition attribute='revenue' operator='gt' value='20'/><filter><condition attribute='revenue' operator='le' value='10'/><condition attribute='telephone1' operator='eq' value='1'/></filter></filter>".into(), vec![a, c]),
            // Joined rows: as many as there are partners, or one.
            (format!("{DEALS}/>"), vec![a, a, b]),
            (format!("{DEALS} link-type='exists'><filter><condition attribute='estimatedvalue' operator='gt' value='1'/></filter></link-entity>"), vec![a, b]),
            (format!("{DEALS} link-type='outer' alias='o'/><filter><condition entityname='o' attribute='opportunityid' operator='null'/></filter>"), vec![c]),
            (format!("{DEALS} link-type='outer' alias='o'><filter><condition attribute='estimatedvalue' operator='gt' value='600'/></filter></link-entity>"), vec![a, b, c]),
            (format!("<filter type='or'>{DEALS} link-type='any'><filter><condition attribute='name' operator='eq' value='huge'/></filter></link-entity><condition attribute='name' operator='eq' value='gamma'/></filter>"), vec![b, c]),
            (format!("<filter>{DEALS} link-type='not any'/></filter>"), vec![c]),
            (format!("<filter>{DEALS} link-type='all'><filter><condition attribute='estimatedvalue' operator='lt' value='400'/></filter></link-entity></filter>"), vec![b]),
            // By columns that are no lookup, nested in one another.
            ("<filter><link-entity name='account' from='telephone1' to='name' link-type='any'/></filter>".into(), vec![b]),
            ("<filter><link-entity name='account' from='telephone1' to='name' link-type='all'><filter><condition attribute='revenue' operator='gt' value='1'/></filter></link-entity></filter>".into(), vec![b]),
            (format!("<filter><link-entity name='account' from='parentaccountid' to='accountid' link-type='any'>{DEALS}><filter><condition attribute='name' operator='eq' value='huge'/></filter></link-entity></link-entity></filter>"), vec![a]),
            ("<link-entity name='account' from='accountid' to='parentaccountid'><filter><condition attribute='name' operator='begins-with' value='alp'/></filter></link-entity>".into(), vec![b]),
            ("<link-entity name='account' from='accountid' to='parentaccountid' alias='up' link-type='outer'/><filter><condition attribute='name' operator='ne' valueof='up.name'/></filter>".into(), vec![a, b, c]),
            (format!("<link-entity name='account' from='accountid' to='parentaccountid' alias='up'>{DEALS} alias='o'><filter><condition attribute='name' operator='eq' value='small'/></filter></link-entity></link-entity>"), vec![b]),
        ] {
            assert_eq!(names(&world, &inside).await, expected, "{inside}");
        }
        columns_of_links(&world, &alpha).await;
        sorted_by_links(&world).await;
        groups(&world).await;
    })
    .await;
}

async fn columns_of_links(world: &World, alpha: &str) {
    let xml = format!(
        "<fetch top='1'><entity name='account'><attribute name='name'/><attribute name='primarycontactid'/><attribute name='revenue' alias='money'/>
           <filter><condition attribute='accountid' operator='eq' value='{alpha}'/></filter>
           <link-entity name='contact' from='contactid' to='primarycontactid' link-type='outer' alias='who'><attribute name='lastname'/><attribute name='ownerid'/></link-entity>
           <link-entity name='opportunity' from='customerid' to='accountid'><attribute name='estimatedvalue'/><attribute name='statecode' alias='state'/><order attribute='estimatedvalue' descending='true'/></link-entity>
         </entity></fetch>"
    );
    let answer = fetched(world, "accounts", &xml).await;
    let row = &answer["value"][0];
    assert!(row["@odata.etag"].as_str().unwrap().starts_with("W/\""), "{row}");
    assert_eq!(row["accountid"], *alpha);
    assert_eq!(row["_primarycontactid_value@OData.Community.Display.V1.FormattedValue"], "Ada Ångström");
    assert_eq!(row["_primarycontactid_value@Microsoft.Dynamics.CRM.associatednavigationproperty"], "primarycontactid");
    assert_eq!((&row["money"], &row["who.lastname"]), (&json!(10.0), &json!("Ångström")), "{row}");
    assert_eq!(row["who.ownerid@Microsoft.Dynamics.CRM.lookuplogicalname"], "systemuser");
    assert_eq!((&row["opportunity1.estimatedvalue"], &row["state"]), (&json!(500.0), &json!(0)), "{row}");
    assert_eq!(row["state@OData.Community.Display.V1.FormattedValue"], "Open");
    // The first rows have no next page.
    assert_eq!(answer["@Microsoft.Dynamics.CRM.fetchxmlpagingcookie"], Value::Null);

    let distinct = "<fetch distinct='true' returntotalrecordcount='true'><entity name='account'><attribute name='ownerid'/></entity></fetch>";
    let answer = fetched(world, "accounts", distinct).await;
    assert_eq!(answer["value"].as_array().unwrap().len(), 1, "{answer}");
    assert_eq!(answer["@Microsoft.Dynamics.CRM.totalrecordcount"], 1);
    let all = "<fetch returntotalrecordcount='true'><entity name='account'><all-attributes/></entity></fetch>";
    let answer = fetched(world, "accounts", all).await;
    assert_eq!(answer["@Microsoft.Dynamics.CRM.totalrecordcount"], 3);
    assert!(answer["value"][0].as_object().unwrap().contains_key("_ownerid_value"), "{answer}");
}

async fn sorted_by_links(world: &World) {
    let xml = "<fetch><entity name='opportunity'><attribute name='name'/>
        <order entityname='a' attribute='name' descending='true'/><order attribute='estimatedvalue'/>
        <link-entity name='account' from='accountid' to='customerid' alias='a'/></entity></fetch>";
    assert_eq!(texts(&fetched(world, "opportunities", xml).await, "name"), ["huge", "small", "big"]);
    let xml = format!(
        "<fetch><entity name='account'><attribute name='name'/>{DEALS} alias='o'><attribute name='name'/><order attribute='estimatedvalue'/></link-entity></entity></fetch>"
    );
    assert_eq!(texts(&fetched(world, "accounts", &xml).await, "o.name"), ["small", "big", "huge"]);
}

async fn groups(world: &World) {
    let xml = "<fetch aggregate='true'><entity name='opportunity'>
        <attribute name='opportunityid' alias='n' aggregate='count'/><attribute name='estimatedvalue' alias='total' aggregate='sum'/>
        <attribute name='estimatedvalue' alias='mean' aggregate='avg'/><attribute name='ownerid' alias='who' groupby='true'/>
        <attribute name='estimatedclosedate' alias='month' groupby='true' dategrouping='month'/><attribute name='estimatedclosedate' alias='year' groupby='true' dategrouping='year'/>
        <order alias='year' descending='true'/></entity></fetch>";
    let answer = fetched(world, "opportunities", xml).await;
    let shown: Vec<_> = answer["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (&row["n"], &row["total"], &row["month"], &row["year"]))
        .collect();
    assert_eq!(
        shown,
        [(&json!(1), &json!(900.0), &json!(2), &json!(2027)), (&json!(2), &json!(505.0), &json!(2), &json!(2026))]
    );
    assert_eq!(answer["value"][1]["mean"], json!(252.5));
    assert_eq!(answer["value"][1]["who@Microsoft.Dynamics.CRM.lookuplogicalname"], "systemuser");
    assert!(answer["value"][1]["total@OData.Community.Display.V1.FormattedValue"].is_string(), "{answer}");

    // Without the year, months of all years are one group; weeks and days are numbers, too.
    let xml = "<fetch aggregate='true'><entity name='opportunity'><attribute name='opportunityid' alias='n' aggregate='count'/>
        <attribute name='estimatedclosedate' alias='part' groupby='true' dategrouping='PART'/><order alias='part'/></entity></fetch>";
    for (part, expected) in [
        ("month", json!([[2, 3]])),
        ("quarter", json!([[1, 3]])),
        ("day", json!([[1, 1], [10, 1], [20, 1]])),
        ("week", json!([[6, 1], [7, 1], [8, 1]])),
    ] {
        let answer = fetched(world, "opportunities", &xml.replace("PART", part)).await;
        let shown: Vec<Value> =
            answer["value"].as_array().unwrap().iter().map(|row| json!([row["part"], row["n"]])).collect();
        // Which week a day lies in depends on the organisation's first day of the week.
        if part == "week" {
            assert_eq!(shown.len(), 3, "{answer}");
        } else {
            assert_eq!(json!(shown), expected, "{part}");
        }
    }
    // By columns and over columns of joined tables, page by page.
    let xml = |page: &str| {
        format!(
            "<fetch aggregate='true' count='1' {page}><entity name='account'><attribute name='name' alias='company' groupby='true'/>{DEALS} alias='o'><attribute name='estimatedvalue' alias='best' aggregate='max'/><attribute name='statecode' alias='state' groupby='true'/><attribute name='name' alias='different' aggregate='countcolumn' distinct='true'/></link-entity><order alias='best' descending='true'/></entity></fetch>"
        )
    };
    let first = fetched(world, "accounts", &xml("")).await;
    let row = &first["value"][0];
    assert_eq!(
        (&row["company"], &row["best"], &row["state"], &row["different"]),
        (&json!("Beta_100%"), &json!(900.0), &json!(0), &json!(1))
    );
    assert_eq!(first["@Microsoft.Dynamics.CRM.morerecords"], true);
    let second = fetched(world, "accounts", &xml("page='2'")).await;
    assert_eq!(
        (texts(&second, "company"), &second["@Microsoft.Dynamics.CRM.morerecords"]),
        (vec!["Alpha & Söhne".to_owned()], &Value::Null)
    );
}

/// What a client does with the cookie of an answer: takes the inner one out and decodes it twice.
fn next_page(answer: &Value) -> Option<(String, u32)> {
    let cookie = answer["@Microsoft.Dynamics.CRM.fetchxmlpagingcookie"].as_str()?;
    let inner = cookie.split("pagingcookie=\"").nth(1).unwrap().split('"').next().unwrap();
    let mut text = inner.to_owned();
    for _ in 0..2 {
        let mut bytes = Vec::new();
        let mut rest = text.as_bytes();
        while let Some((first, behind)) = rest.split_first() {
            if *first == b'%' {
                bytes.push(u8::from_str_radix(std::str::from_utf8(&behind[..2]).unwrap(), 16).unwrap());
                rest = &behind[2..];
            } else {
                bytes.push(*first);
                rest = behind;
            }
        }
        text = String::from_utf8(bytes).unwrap();
    }
    let page = text.strip_prefix("<cookie page=\"").unwrap().split('"').next().unwrap().parse::<u32>().unwrap();
    assert!(text.ends_with("</cookie>"), "{text}");
    Some((text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;"), page + 1))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_reads_all_pages_by_their_cookies_while_others_write() {
    in_every_world(async |world| {
        for (n, company) in ["d", "b", "a", "c", "e \"<&ä"].iter().enumerate() {
            world.create("leads", json!({"subject": format!("s{}", n % 2), "lastname": "x", "companyname": company})).await;
        }
        let xml = |paging: &str| format!("<fetch count='2' {paging}><entity name='lead'><attribute name='companyname'/><order attribute='companyname'/></entity></fetch>");
        let mut seen = Vec::new();
        let mut paging = String::new();
        loop {
            let answer = fetched(&world, "leads", &xml(&paging)).await;
            seen.extend(texts(&answer, "companyname"));
            // Before the place where the page ended: nothing is repeated by it.
            world.create("leads", json!({"subject": "new", "lastname": "x", "companyname": "A0"})).await;
            let Some((cookie, page)) = next_page(&answer) else {
                assert_eq!(answer["@Microsoft.Dynamics.CRM.morerecords"], Value::Null, "{answer}");
                break;
            };
            paging = format!("page='{page}' paging-cookie=\"{cookie}\"");
        }
        assert_eq!(seen, ["a", "b", "c", "d", "e \"<&ä"]);
        // Counted off without a cookie, and behind the end.
        let answer = fetched(&world, "leads", &xml("page='2'")).await;
        assert_eq!(texts(&answer, "companyname"), ["A0", "A0"]);
        assert_eq!(fetched(&world, "leads", &xml("page='9'")).await["value"], json!([]));
        let said = world.refused("GET", &format!("leads?fetchXml={}", escaped(&xml("page='400000'"))), None, 400).await;
        assert!(said.contains("too far"), "{said}");
        // Small pages are counted off in long strides.
        let far = "<fetch count='1' page='9999'><entity name='lead'><attribute name='companyname'/></entity></fetch>";
        assert_eq!(fetched(&world, "leads", far).await["value"], json!([]));
        let third = xml("page='3'").replace("count='2'", "count='1'");
        assert_eq!(texts(&fetched(&world, "leads", &third).await, "companyname"), ["A0"]);
        // Without annotations there is no cookie, and one of another order is refused.
        let plain = world.get(&format!("leads?fetchXml={}", escaped(&xml("")))).await;
        assert!(plain["@Microsoft.Dynamics.CRM.morerecords"].is_null(), "{plain}");
        let other = xml(&paging).replace("<order attribute='companyname'/>", "<order attribute='subject'/>");
        let said = world.refused("GET", &format!("leads?fetchXml={}", escaped(&other)), None, 400).await;
        assert!(said.contains("page marker"), "{said}");
        // Joined rows in pages of one, each once.
        accounts(&world).await;
        let xml = |paging: &str| format!("<fetch count='1' {paging}><entity name='account'><attribute name='name'/>{DEALS} link-type='outer' alias='o'><attribute name='name'/><order attribute='name' descending='true'/></link-entity></entity></fetch>");
        let (mut seen, mut paging) = (Vec::new(), String::new());
        loop {
            let answer = fetched(&world, "accounts", &xml(&paging)).await;
            seen.extend(texts(&answer, "o.name"));
            let Some((cookie, page)) = next_page(&answer) else { break };
            paging = format!("page='{page}' paging-cookie=\"{cookie}\"");
        }
        assert_eq!(seen, ["small", "huge", "big", ""]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_query_cannot_mean_is_refused_with_the_reason() {
    let world = World::new(false).await;
    let links = "<link-entity name='account' from='accountid' to='parentaccountid'/>".repeat(16);
    let conditions = format!("<filter>{}</filter>", "<condition attribute='name' operator='null'/>".repeat(501));
    let deep = format!("{}{}", "<filter>".repeat(60), "</filter>".repeat(60));
    let names: String = (0..6).map(|n| format!("<attribute name='name' alias='n{n}'/>")).collect();
    let counts: String = (0..101).map(|n| format!("<attribute name='name' aggregate='max' alias='n{n}'/>")).collect();
    let wide = "<link-entity name='account' from='telephone1' to='name'><all-attributes/></link-entity>".repeat(15);
    let on = |column: &str, operator: &str, day: &str| {
        format!(
            "<fetch><entity name='opportunity'><filter><condition attribute='{column}' operator='{operator}' value='{day}'/></filter></entity></fetch>"
        )
    };
    for day in ["2026-02-10", "2026-02-10T00:00:00", "2026-02-10T12:00:00Z"] {
        for xml in [on("estimatedclosedate", "eq", day), on("createdon", "on", day)] {
            fetched(&world, "opportunities", &xml).await;
        }
    }
    for (column, operator) in [("estimatedclosedate", "eq"), ("createdon", "on")] {
        let xml = on(column, operator, "2026-02-10 or so");
        let said = world.refused("GET", &format!("opportunities?fetchXml={}", escaped(&xml)), None, 400).await;
        assert!(said.contains("give a date"), "{said}");
    }
    for (xml, expected) in [
        (format!("<fetch><entity name='account'>{names}</entity></fetch>"), "more than 5 times"),
        (format!("<fetch aggregate='true'><entity name='account'>{counts}</entity></fetch>"), "more than 100 attributes"),
        (format!("<fetch><entity name='account'><all-attributes/>{wide}</entity></fetch>"), "too much for one answer"),
        ("<fetch><entity name='account'>".to_owned(), "does not end"),
        ("<fetch><entity name='account'></fetch>".to_owned(), "well-formed"),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]><fetch><entity name='account'/></fetch>".to_owned(), "document types"),
        ("<fetch><entity name='account'><filter><condition attribute='name' operator='in'><value>&a;</value></condition></filter></entity></fetch>".to_owned(), "entity '&a;'"),
        ("<fetch><entity name='lead'/></fetch>".to_owned(), "not that of the address"),
        ("<fetch><entity name='account'><attribute name='nome'/></entity></fetch>".to_owned(), "'nome'"),
        ("<fetch><entity name='account'><filter><condition attribute='name' operator='resembles' value='x'/></filter></entity></fetch>".to_owned(), "'resembles'"),
        ("<fetch><entity name='account'><filter><condition attribute='name' operator='eq'/></filter></entity></fetch>".to_owned(), "exactly one value"),
        ("<fetch><entity name='account'><filter><condition attribute='revenue' operator='gt' value='much'/></filter></entity></fetch>".to_owned(), "revenue"),
        ("<fetch><entity name='account'><filter><condition attribute='createdon' operator='last-x-days' value='-1'/></filter></entity></fetch>".to_owned(), "whole number"),
        ("<fetch><entity name='account'><filter><condition entityname='z' attribute='name' operator='null'/></filter></entity></fetch>".to_owned(), "alias 'z'"),
        ("<fetch aggregate='true'><entity name='account'><attribute name='name'/></entity></fetch>".to_owned(), "aggregate or groupby"),
        ("<fetch aggregate='true'><entity name='account'><attribute name='name' aggregate='sum' alias='x'/></entity></fetch>".to_owned(), "summed"),
        ("<fetch top='5' page='2'><entity name='account'/></fetch>".to_owned(), "'top'"),
        ("<fetch top='5001'><entity name='account'/></fetch>".to_owned(), "at most 5000"),
        ("<fetch count='0'><entity name='account'/></fetch>".to_owned(), "from 1"),
        ("<fetch paging-cookie='x'><entity name='account'/></fetch>".to_owned(), "paging-cookie"),
        ("<fetch sideways='1'><entity name='account'/></fetch>".to_owned(), "'sideways'"),
        ("<fetch><entity name='account'><attribute name='name' alias='a b'/></entity></fetch>".to_owned(), "alias"),
        (format!("<fetch><entity name='account'>{links}</entity></fetch>"), "15 link-entities"),
        (format!("<fetch><entity name='account'>{conditions}</entity></fetch>"), "500 conditions"),
        (format!("<fetch><entity name='account'>{deep}</entity></fetch>"), "nested deeper"),
    ] {
        let said = world.refused("GET", &format!("accounts?fetchXml={}", escaped(&xml)), None, 400).await;
        assert!(said.starts_with("fetchXml") || said.contains(expected), "{said}");
        assert!(said.contains(expected), "{}: {said}", xml.chars().take(200).collect::<String>());
    }
    let beside = format!("accounts?$select=name&fetchXml={}", escaped("<fetch><entity name='account'/></fetch>"));
    let said = world.refused("GET", &beside, None, 400).await;
    assert!(said.contains("$select"), "{said}");
    // Long queries go into a batch.
    let xml = escaped("<fetch top='1'><entity name='account'><attribute name='name'/></entity></fetch>");
    let body = format!(
        "--b\r\nContent-Type: application/http\r\n\r\nGET accounts?fetchXml={xml} HTTP/1.1\r\n\r\n\r\n--b--\r\n"
    );
    let token = format!("Bearer {}", world.token);
    let headers = [("authorization", token.as_str()), ("content-type", "multipart/mixed; boundary=b")];
    let answer = world.raw("POST", "/api/data/v9.2/$batch", &headers, body).await;
    assert!(answer.body.contains("200 OK") && answer.body.contains("\"value\":[]"), "{}", answer.body);
}

/// Keys match where they are of the same table, whichever columns hold them.
#[tokio::test(flavor = "multi_thread")]
async fn links_over_lookups_of_several_tables_find_their_partners() {
    in_every_world(async |world| {
        let (alpha, beta) = accounts(&world).await;
        let lead = json!({"subject": "of alpha", "lastname": "x", "parentaccountid@odata.bind": format!("/accounts({alpha})")});
        world.create("leads", lead).await;
        world.create("leads", json!({"subject": "of nobody", "lastname": "x"})).await;
        let xml = |inside: &str| format!("<fetch><entity name='lead'><attribute name='subject'/>{inside}</entity></fetch>");
        let found = fetched(&world, "leads", &xml("<link-entity name='opportunity' from='customerid' to='parentaccountid' alias='o'><attribute name='name'/><order attribute='name'/></link-entity>")).await;
        assert_eq!(texts(&found, "o.name"), ["big", "small"]);
        // All have one owner, who is a person in both tables.
        let by_owner = "<filter><link-entity name='lead' from='ownerid' to='ownerid' link-type='KIND'/></filter>";
        assert_eq!(names(&world, &by_owner.replace("KIND", "not any")).await, Vec::<String>::new());
        assert_eq!(names(&world, &by_owner.replace("KIND", "any")).await.len(), 3);
        let person = json!({"lastname": "Beta's", "parentcustomerid_account@odata.bind": format!("/accounts({beta})")});
        world.create("contacts", person).await;
        let xml = "<fetch><entity name='opportunity'><attribute name='name'/><link-entity name='contact' from='parentcustomerid' to='customerid' alias='c'><attribute name='lastname'/></link-entity></entity></fetch>";
        let found = fetched(&world, "opportunities", xml).await;
        assert_eq!((texts(&found, "name"), texts(&found, "c.lastname")), (vec!["huge".to_owned()], vec!["Beta's".to_owned()]));
        // What is about an activity of any kind is about its twin.
        let parties = json!([{"participationtypemask": 2, "partyid_account@odata.bind": format!("/accounts({alpha})")}]);
        world.create("phonecalls", json!({"subject": "call", "phonecall_activity_parties": parties})).await;
        let xml = "<fetch><entity name='activitypointer'><attribute name='subject'/><link-entity name='activityparty' from='activityid' to='activityid'><filter><condition attribute='participationtypemask' operator='eq' value='2'/></filter></link-entity></entity></fetch>";
        assert_eq!(texts(&fetched(&world, "activitypointers", xml).await, "subject"), ["call"]);
    })
    .await;
}

/// "not any" of the row itself turns a filter round, also that of a linked row.
#[tokio::test(flavor = "multi_thread")]
async fn a_filter_of_a_linked_row_turned_round_asks_about_that_row() {
    let world = World::new(false).await;
    accounts(&world).await;
    // Of deals: the account's own deals, asked for in a filter that is turned round twice.
    let of = |kind: &str| {
        format!("<fetch><entity name='account'><attribute name='name'/><order attribute='name'/>
            <link-entity name='account' from='accountid' to='parentaccountid'>
              <link-entity name='account' from='accountid' to='accountid' link-type='exists'><filter>
                <link-entity name='opportunity' from='customerid' to='accountid' link-type='{kind}'><filter><condition attribute='name' operator='eq' value='big'/></filter></link-entity>
              </filter></link-entity>
            </link-entity></entity></fetch>")
    };
    // The row below the one with the big deal.
    assert_eq!(texts(&fetched(&world, "accounts", &of("any")).await, "name"), ["Beta_100%"]);
    assert_eq!(texts(&fetched(&world, "accounts", &of("not any")).await, "name"), Vec::<String>::new());
}

/// Leads of all qualities, several of each: 1 is hot, 2 warm, 3 cold.
async fn graded(world: &World) {
    for (number, quality) in [Some(1), Some(3), Some(2), None, Some(1), Some(2), Some(3)].into_iter().enumerate() {
        let lead = json!({"subject": number.to_string(), "lastname": "x", "leadqualitycode": quality});
        world.create("leads", lead).await;
    }
    let lost = world.create("leads", json!({"subject": "lost", "lastname": "x", "leadqualitycode": null})).await;
    let closed = world.patch(&format!("leads({lost})"), &[], json!({"statecode": 2, "statuscode": 4})).await;
    assert_eq!(closed.status, 204, "{}", closed.body);
}

fn by_quality(more: &str) -> String {
    format!(
        "<fetch count='3' {more}><entity name='lead'><attribute name='subject'/><attribute name='leadqualitycode'/>
           <filter><condition attribute='statecode' operator='eq' value='0'/></filter>
           <order attribute='leadqualitycode' descending='true'/><order attribute='subject'/></entity></fetch>"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn choices_are_sorted_by_their_labels_unless_their_numbers_are_asked_for() {
    in_every_world(async |mut world| {
        graded(&world).await;
        let (mut subjects, mut next) = (Vec::new(), String::new());
        for page in 1..4 {
            let answer = fetched(&world, "leads", &by_quality(&format!("page='{page}' {next}"))).await;
            subjects.extend(texts(&answer, "subject"));
            next = cookie_of(&answer);
        }
        // Warm, hot, cold, none.
        assert_eq!(subjects, ["2", "5", "0", "4", "1", "6", "3"]);
        let raw = fetched(&world, "leads", &by_quality("useraworderby='true'")).await;
        assert_eq!(texts(&raw, "subject"), ["1", "6", "2"]);
        // The states are Open, Qualified and Disqualified, in an index.
        let states = |more: &str| {
            format!("<fetch {more}><entity name='lead'><attribute name='subject'/><order attribute='statecode'/><order attribute='createdon' descending='true'/></entity></fetch>")
        };
        let by_label = texts(&fetched(&world, "leads", &states("top='2'")).await, "subject");
        assert_eq!(by_label, ["lost", "6"]);
        let by_number = texts(&fetched(&world, "leads", &states("top='2' useraworderby='true'")).await, "subject");
        assert_eq!(by_number, ["6", "5"]);

        let shown = |inside: &str| {
            format!("<fetch {inside}<order attribute='leadqualitycode'/></entity></fetch>")
        };
        let distinct = shown("distinct='true'><entity name='lead'><attribute name='leadqualitycode'/>");
        let distinct = fetched(&world, "leads", &distinct).await;
        assert_eq!(column(&distinct, "leadqualitycode"), [&json!(null), &json!(3), &json!(1), &json!(2)]);
        let linked = "<fetch><entity name='systemuser'><link-entity name='lead' from='ownerid' to='systemuserid' alias='l'><attribute name='subject'/><order attribute='leadqualitycode'/><order attribute='subject'/></link-entity></entity></fetch>";
        let linked = texts(&fetched(&world, "systemusers", linked).await, "l.subject");
        assert_eq!(linked, ["3", "lost", "1", "6", "0", "4", "2", "5"]);
        let groups = |raw: &str| {
            format!("<fetch aggregate='true' {raw}><entity name='lead'><attribute name='leadid' alias='n' aggregate='count'/><attribute name='leadqualitycode' alias='quality' groupby='true'/><order alias='quality'/></entity></fetch>")
        };
        let of = async |raw: &str| {
            let answer = fetched(&world, "leads", &groups(raw)).await;
            column(&answer, "quality").into_iter().map(Value::as_i64).collect::<Vec<_>>()
        };
        assert_eq!(of("").await, [None, Some(3), Some(1), Some(2)]);
        assert_eq!(of("useraworderby='true'").await, [None, Some(1), Some(2), Some(3)]);
        relabelled(&world).await;
        who_sees_some_leads_sorts_these(&mut world).await;
    })
    .await;
}

/// Their own and what was shared with them, each found by itself.
async fn who_sees_some_leads_sorts_these(world: &mut World) {
    let shared = world.create("leads", json!({"subject": "shared", "lastname": "x"})).await;
    let (token, id) = helper(world).await;
    let access = json!({
        "Target": {"@odata.type": "Microsoft.Dynamics.CRM.lead", "leadid": shared},
        "PrincipalAccess": {
            "Principal": {"@odata.type": "Microsoft.Dynamics.CRM.systemuser", "systemuserid": id},
            "AccessMask": "ReadAccess",
        },
    });
    let granted = world.send("POST", "GrantAccess", &[], Some(&access)).await;
    assert_eq!(granted.status, 204, "{}", granted.body);
    world.token = token;
    for subject in ["open", "gone", "open too", "gone too"] {
        let lead = world.create("leads", json!({"subject": subject, "lastname": "x"})).await;
        if subject.starts_with("gone") {
            world.patch(&format!("leads({lead})"), &[], json!({"statecode": 2, "statuscode": 4})).await;
        }
    }
    let (mut subjects, mut next) = (Vec::new(), String::new());
    for page in 1..4 {
        let xml = format!(
            "<fetch count='2' page='{page}' {next}><entity name='lead'><attribute name='subject'/><order attribute='statecode'/><order attribute='subject'/></entity></fetch>"
        );
        let answer = fetched(world, "leads", &xml).await;
        subjects.extend(texts(&answer, "subject"));
        next = cookie_of(&answer);
    }
    assert_eq!(subjects, ["gone", "gone too", "open", "open too", "shared"]);
    assert_eq!(next, "", "the last page has no cookie");
}

/// What leads on from a page, as the next query holds it.
fn cookie_of(answer: &Value) -> String {
    let Some(cookie) = answer["@Microsoft.Dynamics.CRM.fetchxmlpagingcookie"].as_str() else { return String::new() };
    format!("paging-cookie='{}'", cookie.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;"))
}

/// Where labels change their order, a page of before leads nowhere.
async fn relabelled(world: &World) {
    let first = fetched(world, "leads", &by_quality("")).await;
    let token = format!("Bearer {}", world.token);
    let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
    let label = json!({"label": "Zealous"}).to_string();
    let put = world.raw("PATCH", "/api/customization/option/lead/leadqualitycode/3", &headers, label).await;
    assert_eq!(put.status, 200, "{}", put.body);
    let next = by_quality(&format!("page='2' {}", cookie_of(&first)));
    let said = world.refused("GET", &format!("leads?fetchXml={}", escaped(&next)), None, 400).await;
    assert!(said.contains("belongs to another list or order"), "{said}");
    assert_eq!(texts(&fetched(world, "leads", &by_quality("")).await, "subject"), ["1", "6", "2"]);
}
