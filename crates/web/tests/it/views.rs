//! The shape of a list: filters put together, columns, order, groups, totals, views.

use axum::http::StatusCode;
use crm::{NewRecord, Origin, Row};
use model::Reference;

use crate::world::{Answer, Browser, World, in_every_world};

fn names(answer: &Answer) -> Vec<String> {
    answer.text.split("data-row-link").skip(1).map(|rest| rest[1..].split('<').next().unwrap().to_owned()).collect()
}

/// What the dialog of filters sends, for these nodes.
async fn apply(browser: &mut Browser, fields: &[(&str, &str)]) -> Answer {
    browser.get("/leads?view=all").await;
    let mut values = vec![("view", "all"), ("node", "0"), ("n0-kind", "group")];
    values.extend_from_slice(fields);
    browser.post("/leads/filters", &values).await
}

async fn deal(world: &World, name: &str, amount: i64, rating: i64) {
    let account = world.create("account", Row::new().with("name", format!("{name} Ltd"))).await;
    let row = Row::new()
        .with("name", name)
        .with("estimatedvalue", amount)
        .with("opportunityratingcode", rating)
        .with("customerid", Reference::new("account", account));
    world.create("opportunity", row).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_are_joined_by_and_and_or_in_groups() {
    in_every_world(async |world| {
        for (topic, name) in [("Robots", "Robot"), ("Cranes", "Crane"), ("Belts", "Belt")] {
            world.lead(topic, name).await;
        }
        let mut browser = world.browser().await;
        let fields = [
            ("n0-any", "all"),
            ("node", "1"),
            ("n1-kind", "condition"),
            ("n1-in", "0"),
            ("n1-column", "companyname"),
            ("n1-was", "companyname"),
            ("n1-operator", "contains"),
            ("n1-value", "Fabrikam"),
            ("node", "2"),
            ("n2-kind", "group"),
            ("n2-in", "0"),
            ("n2-any", "any"),
            ("node", "3"),
            ("n3-kind", "condition"),
            ("n3-in", "2"),
            ("n3-column", "subject"),
            ("n3-operator", "begins-with"),
            ("n3-value", "Rob"),
            ("node", "4"),
            ("n4-kind", "condition"),
            ("n4-in", "2"),
            ("n4-column", "subject"),
            ("n4-operator", "begins-with"),
            ("n4-value", "Cra"),
        ];
        let applied = apply(&mut browser, &fields).await;
        assert_eq!(applied.status, StatusCode::SEE_OTHER, "{}", applied.text);
        let address = applied.leads_to().to_owned();
        let list = browser.get(&address).await;
        let mut found = names(&list);
        found.sort();
        assert_eq!(found, ["Lena Crane", "Lena Robot"]);
        assert!(list.has("Topic begins with “Rob” or Topic begins with “Cra”"), "{}", list.text);
        assert!(
            browser.get(&format!("{address}&format=csv")).await.has("Lena Robot"),
            "it is taken out as it is shown"
        );
        let dialog = browser.get_part(&address.replace("/leads?", "/leads/filters?"), "dialogs").await;
        assert!(dialog.has("value=\"Rob\"") && dialog.has("value=\"Cra\""), "{}", dialog.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_found_by_what_points_at_them_and_by_what_they_point_at() {
    in_every_world(async |world| {
        let called = world.lead("Robots", "Robot").await;
        world.lead("Cranes", "Crane").await;
        let call = Row::new().with("subject", "First call").with("regardingobjectid", Reference::new("lead", called));
        world.create("phonecall", call).await;
        let mut browser = world.browser().await;
        let has = "[\"has\",\"phonecall\",\"regardingobjectid\",\"subject:begins-with:First\"]";
        for (kind, expected) in [("has", "Lena Robot"), ("none", "Lena Crane")] {
            let related = [
                ("node", "1"),
                ("n1-kind", "related"),
                ("n1-in", "0"),
                ("n1-none", kind),
                ("n1-table", "phonecall"),
                ("n1-through", "regardingobjectid"),
                ("node", "2"),
                ("n2-kind", "condition"),
                ("n2-in", "1"),
                ("n2-column", "subject"),
                ("n2-operator", "begins-with"),
                ("n2-value", "First"),
            ];
            let applied = apply(&mut browser, &related).await;
            assert_eq!(names(&browser.get(applied.leads_to()).await), [expected], "{kind} {has}");
        }
        let through = browser.get("/leads?view=all&f=ownerid(systemuser).fullname:contains:Seller").await;
        assert_eq!(names(&through).len(), 2);
        assert!(through.has("(Owner: User)"), "{}", through.text);
        let edit = through.after("title=\"Change this filter\" hx-get=\"");
        assert!(
            browser.get_part(&edit, "editor").await.has("value=\"Seller\""),
            "a chip on a related column is changed"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_is_not_complete_says_what_it_lacks() {
    in_every_world(async |world| {
        let mut browser = world.browser().await;
        let one = [("node", "1"), ("n1-kind", "condition"), ("n1-in", "0")];
        let refused = apply(&mut browser, &one).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.has("Choose a column") && refused.has("One condition is not complete."), "{}", refused.text);
        let mut wrong = one.to_vec();
        wrong.extend([("n1-column", "budgetamount"), ("n1-operator", "ge"), ("n1-value", "about 5")]);
        assert!(apply(&mut browser, &wrong).await.has("“about 5” is not a number"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_with_a_bent_filter_is_refused_with_a_sentence() {
    in_every_world(async |world| {
        world.lead("Robots", "Robot").await;
        let mut browser = world.browser().await;
        let deep = format!("{}%22subject:null%22{}", "[%22any%22,".repeat(60), "]".repeat(60));
        for filter in ["nonsense", "[", "[%22has%22,%22task%22]", "[%22all%22,[]]", &deep] {
            let answer = browser.get(&format!("/leads?view=all&f={filter}")).await;
            assert!(answer.status.is_client_error(), "{filter}");
            assert!(answer.has("is not a filter"), "{filter}: {}", answer.text);
        }
        for filter in ["[%22has%22,%22lead%22,%22subject%22]", "[%22none%22,%22nothing%22,%22x%22]", "a.b.c:eq:1"] {
            let answer = browser.get(&format!("/leads?view=all&f={filter}")).await;
            assert!(answer.status.is_client_error(), "{filter}");
        }
        let many: Vec<(String, String)> = (0..300).map(|n| ("node".to_owned(), n.to_string())).collect();
        let many: Vec<(&str, &str)> = many.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert!(apply(&mut browser, &many).await.has("at most 100 conditions"));
        let knot = [("node", "1"), ("n1-kind", "group"), ("n1-in", "2"), ("node", "2"), ("n2-in", "1")];
        assert!(!apply(&mut browser, &knot).await.status.is_server_error(), "groups that stand in each other");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_filter_dialog_grows_by_conditions_groups_and_related_rows() {
    in_every_world(async |world| {
        let mut browser = world.browser().await;
        browser.get("/leads?view=all").await;
        let start = [("view", "all"), ("node", "0"), ("n0-kind", "group")];
        let with = |more: &[(&'static str, &'static str)]| [start.as_slice(), more].concat();
        let added = browser.post("/leads/filters/edit", &with(&[("do", "add:0")])).await;
        assert_eq!(added.text.matches("Remove this condition").count() / 2, 1, "{}", added.text);
        let group = browser.post("/leads/filters/edit", &with(&[("do", "group:0")])).await;
        assert!(group.has("Group of conditions"));
        let related = browser.post("/leads/filters/edit", &with(&[("relate", "0=phonecall:regardingobjectid")])).await;
        assert!(related.has("Has no") && related.has("Phone Calls"), "{}", related.text);
        let line = [("node", "1"), ("n1-kind", "condition"), ("n1-in", "0")];
        let far = [&line[..], &[("n1-column", "parentaccountid."), ("do", "column:1")]].concat();
        let far = browser.post("/leads/filters/edit", &with(&far)).await;
        assert!(far.has("value=\"parentaccountid.name\"") && far.has("‹ Back"), "columns of the account: {}", far.text);
        let gone = browser.post("/leads/filters/edit", &with(&[&line[..], &[("do", "remove:1")]].concat())).await;
        assert!(!gone.has("Remove this condition"));
        assert_eq!(
            browser.post("/leads/filters/edit", &with(&[("do", "add:99")])).await.status,
            StatusCode::BAD_REQUEST
        );
        let forged = browser.post_with_token("/leads/filters/edit", &start, "forged").await;
        assert_eq!(forged.status, StatusCode::FORBIDDEN);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_order_and_widths_are_chosen_and_stay_in_the_address() {
    in_every_world(async |world| {
        world.lead("Robots", "Robot").await;
        world.lead("Cranes", "Crane").await;
        let mut browser = world.browser().await;
        browser.get("/leads?view=all").await;
        let chosen = [
            ("view", "all"),
            ("column", "fullname"),
            ("column", "subject"),
            ("width.subject", "320"),
            ("column", "ownerid(systemuser).internalemailaddress"),
            ("sort_key", "companyname"),
            ("order.companyname", "asc"),
            ("sort_key", "subject"),
            ("order.subject", "desc"),
        ];
        let applied = browser.post("/leads/columns", &chosen).await;
        let list = browser.get(applied.leads_to()).await;
        assert_eq!(names(&list), ["Lena Robot", "Lena Crane"], "{}", applied.leads_to());
        assert!(list.has("sam@contoso.example") && list.has("width=\"320\""), "{}", list.text);
        assert_eq!(list.text.matches(" data-column=\"").count(), 3, "{}", list.text);
        assert!(list.has("(changed, not saved)") && list.has("Reset"));
        let csv = browser.get(&format!("{}&format=csv", applied.leads_to())).await;
        assert!(csv.has("sam@contoso.example"), "{}", csv.text);
        for (field, value, message) in [
            ("width.fullname", "7", "a whole number from 60 to 900"),
            ("column", "nothing", "no column nothing"),
            ("sort_key", "a.b", "Lead has no column a"),
        ] {
            let refused = browser.post("/leads/columns", &[("column", "fullname"), (field, value)]).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
            assert!(refused.has(message), "{field}: {}", refused.text);
        }
        let moved = [("column", "fullname"), ("column", "subject"), ("do", "down:fullname")];
        let moved = browser.post("/leads/columns/edit", &moved).await;
        let places = ["subject", "fullname"].map(|name| moved.text.find(&format!("name=\"column\" value=\"{name}\"")));
        assert!(places[0].unwrap() < places[1].unwrap());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_with_shift_sorts_by_one_more_column() {
    in_every_world(async |world| {
        let mut browser = world.browser().await;
        world.lead("Robots", "Robot").await;
        let list = browser.get("/leads?view=all&sort=-companyname").await;
        let also: Vec<&str> =
            list.text.split("data-also=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let also = also.into_iter().find(|href| href.contains("sort=subject")).unwrap().replace("&amp;", "&");
        assert!(also.contains("sort=-companyname&sort=subject"), "{also}");
        let sorted = browser.get(&also).await;
        assert_eq!(sorted.text.matches("class=\"sort-place\"").count(), 2, "{}", sorted.text);
        assert!(
            browser.get("/leads?view=all&sort=companyname&desc=1").await.has("aria-sort=\"descending\""),
            "as it was written before"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_stand_in_groups_that_open_to_their_rows() {
    in_every_world(async |world| {
        for (name, amount, rating) in [("Robots", 1000, 1), ("Cranes", 500, 1), ("Belts", 70, 3)] {
            deal(&world, name, amount, rating).await;
        }
        let mut browser = world.browser().await;
        let address = "view=all&group=opportunityratingcode&c=name&c=estimatedvalue&sort=name";
        assert!(browser.get(&format!("/opportunities?{address}")).await.has("/opportunities/groups?"));
        let groups = browser.get_part(&format!("/opportunities/groups?{address}"), "grid-groups").await;
        let place = |text: &str| groups.text.find(text).unwrap_or_else(|| panic!("{text} in {}", groups.text));
        assert!(place("<span>Hot</span>") < place("<span>Cold</span>"), "as the choice is declared");
        assert!(groups.has("1,500") && groups.has("70"), "{}", groups.text);
        let rows = browser.get_part(&groups.after("data-group-toggle hx-get=\""), "x").await;
        assert_eq!(names(&rows), ["Cranes", "Robots"]);
        let totals = browser.get_part(&format!("/opportunities/totals?{address}"), "x").await;
        assert!(totals.has("1,570"), "{}", totals.text);
        for (by, label) in [
            ("estimatedclosedate:month", "(empty)"),
            ("customerid", "Robots Ltd"),
            ("name", "Belts"),
            ("createdon:quarter", "Q"),
        ] {
            let groups = browser.get_part(&format!("/opportunities/groups?view=all&group={by}"), "x").await;
            assert!(groups.has(label), "{by}: {}", groups.text);
            let rows = browser.get_part(&groups.after("data-group-toggle hx-get=\""), "x").await;
            assert!(!names(&rows).is_empty(), "{by}");
        }
        for bent in ["group=nothing", "group=name:month", "group=createdon", "group=opportunityid"] {
            let groups = browser.get_part(&format!("/opportunities/groups?view=all&{bent}"), "x").await;
            assert!(groups.status.is_client_error(), "{bent}");
            assert_eq!(browser.get(&format!("/opportunities?view=all&{bent}")).await.status, StatusCode::OK, "{bent}");
        }
        let bent = browser.get_part("/opportunities/groups/rows?view=all&group=customerid&in=%3Dx", "x").await;
        assert!(bent.status.is_client_error(), "{}", bent.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn further_rows_follow_those_that_are_there() {
    in_every_world(async |world| {
        for number in 0..70 {
            world.lead("Robots", &format!("Lead {number:03}")).await;
        }
        let mut browser = world.browser().await;
        let first = browser.get("/leads?view=all&sort=fullname").await;
        let more = first.after("<tr class=\"grid-more\" id=\"grid-more\"><td colspan=\"");
        assert!(!more.is_empty());
        let next = first.after("title=\"Next page\" hx-get=\"");
        let further = browser.get_part(&format!("{next}&from=1"), "grid-more").await;
        assert_eq!(names(&further).len(), 20);
        assert!(further.has("1–70") && !further.has("grid-more"), "{}", further.text);
        assert!(browser.get("/leads/count?view=all").await.has("of 70"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_keeps_columns_groups_and_nested_filters_and_can_be_reset() {
    in_every_world(async |world| {
        world.lead("Robots", "Robot").await;
        world.lead("Cranes", "Crane").await;
        let mut browser = world.browser().await;
        browser.get("/leads?view=all").await;
        let filter = "[\"any\",\"subject:contains:robot\",\"subject:contains:belt\"]";
        let values = [
            ("view", "all"),
            ("f", filter),
            ("c", "fullname:200"),
            ("c", "subject"),
            ("sort", "-subject"),
            ("name", "Mine"),
        ];
        let kept = browser.post("/leads/views", &values).await;
        let address = kept.leads_to().to_owned();
        let page = browser.get(&address).await;
        assert_eq!(names(&page), ["Lena Robot"]);
        assert!(page.has("width=\"200\"") && !page.has("(changed, not saved)"), "{}", page.text);
        let changed = browser.get(&format!("{address}&as=1&c=subject")).await;
        assert!(changed.has("(changed, not saved)") && changed.has("Save changes") && changed.has("Reset"));

        browser.post(&format!("/leads/views/default?{}", address.split_once('?').unwrap().1), &[]).await;
        assert_eq!(names(&browser.get("/leads").await), ["Lena Robot"], "it is seen first");
        browser.post("/leads/views/default?view=all", &[]).await;
        assert_eq!(names(&browser.get("/leads").await).len(), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_is_shared_with_a_colleague_and_taken_back() {
    in_every_world(async |world| {
        world.lead("Robots", "Robot").await;
        let mut browser = world.browser().await;
        browser.get("/leads?view=all").await;
        let kept = browser
            .post("/leads/views", &[("view", "all"), ("name", "Team view"), ("f", "subject:contains:robot")])
            .await;
        let address = kept.leads_to().to_owned();
        let id = address.split("view=").nth(1).unwrap().split('&').next().unwrap().to_owned();
        let ada = format!("systemuser:{}", world.admin.user);
        let shares = format!("/leads/views/{id}/shares");
        assert!(browser.get_part(&shares, "dialogs").await.has("data-lookup"));
        assert!(browser.post(&shares, &[("principalid", "")]).await.has("Choose the user or team"));
        browser.post(&shares, &[("principalid", &ada), ("may", "")]).await;

        let mut theirs = world.stranger();
        theirs.sign_in("ada@contoso.example").await;
        let page = theirs.get(&address).await;
        assert!(page.has("Shared with me") && page.has("Team view"), "{}", page.text);
        assert!(!page.has("Delete this view") && !page.has("Share this view"));
        assert_eq!(theirs.get(&shares).await.status, StatusCode::NOT_FOUND);

        assert!(browser.get_part(&shares, "dialogs").await.has("Stop sharing"));
        browser.post(&format!("{shares}/systemuser/{}/end", world.admin.user), &[]).await;
        assert!(theirs.get(&address).await.has("There is no view"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_takes_the_same_filters() {
    in_every_world(async |world| {
        for (name, amount) in [("Robots", 1000), ("Cranes", 500), ("Belts", 70)] {
            deal(&world, name, amount, 1).await;
        }
        let mut browser = world.browser().await;
        let filter = "%5B%22any%22,%22estimatedvalue:ge:1000%22,%22customerid(account).name:begins-with:Belts%22%5D";
        let board = browser.get(&format!("/opportunities/board?view=all&by=opportunityratingcode&f={filter}")).await;
        assert_eq!(board.status, StatusCode::OK, "{}", board.text);
        assert!(
            board.has("data-name=\"Robots\"") && board.has("data-name=\"Belts\"") && !board.has("data-name=\"Cranes\"")
        );
        let dialog = browser
            .get_part(&board.after("title=\"Change this filter\" aria-haspopup=\"dialog\" hx-get=\""), "dialogs")
            .await;
        assert!(
            dialog.has("name=\"by\" value=\"opportunityratingcode\""),
            "it comes back to the board: {}",
            dialog.text
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_conditions_of_the_organisations_view_can_be_changed_for_oneself() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Robot").await;
        let closed = Row::new().with("statecode", 2).with("statuscode", 4);
        world.app.update(&world.seller, Origin::Page, "lead", lead, closed, None).await.unwrap();
        world
            .app
            .create(
                &world.seller,
                Origin::Page,
                NewRecord::of("lead", Row::new().with("subject", "Open").with("lastname", "Open")),
            )
            .await
            .unwrap();
        let mut browser = world.browser().await;
        assert_eq!(names(&browser.get("/leads?view=open").await).len(), 1);
        let dialog = browser.get_part("/leads/filters?view=open", "dialogs").await;
        assert!(dialog.has("shows only rows where") && dialog.has("Change these, too"), "{}", dialog.text);
        let opened = browser.get_part("/leads/filters?view=open&open=1", "dialogs").await;
        assert!(opened.has("name=\"as\" value=\"1\"") && !opened.has("Change these, too"), "{}", opened.text);
        let all = browser.get("/leads?view=open&as=1").await;
        assert_eq!(names(&all).len(), 2, "without its conditions: {}", all.text);
        assert!(all.has("(changed, not saved)"));
    })
    .await;
}
