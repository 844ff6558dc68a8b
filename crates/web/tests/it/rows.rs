//! What is done with rows of a list: in their cells, by their menus, with many at once.

use crate::world::{Answer, Browser, World, in_every_world, somebody};
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use crm::{Origin, Row};
use model::{Depth, Filter, Privilege, Privileges};
use std::time::Duration;
use uuid::Uuid;

/// Posts as a script of the list does.
async fn post_part(browser: &mut Browser, path: &str, values: &[(&str, &str)]) -> Answer {
    let token = browser.token().to_owned();
    let body =
        form_urlencoded::Serializer::new(String::new()).append_pair("csrf", &token).extend_pairs(values).finish();
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::HOST, "crm.example")
        .header("hx-request", "true")
        .header("hx-current-url", "http://crm.example/leads?view=all");
    browser.ask(request.body(Body::from(body)).unwrap()).await
}

async fn version(world: &World, lead: Uuid) -> String {
    world.get("lead", lead).await.value("versionnumber").as_whole().unwrap().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_is_changed_in_its_cell_and_the_row_comes_back_as_it_is_now() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Berg").await;
        let mut browser = world.browser().await;
        let list = browser.get("/leads?view=all").await;
        assert!(list.has("data-edit=\"companyname\"") && !list.has("data-edit=\"statuscode\""));
        assert!(!list.has("data-edit=\"ownerid\"") && !list.has("data-edit=\"fullname\""));
        let cell = format!("/leads/{lead}/cell");
        let field = browser.get_part(&format!("{cell}?column=companyname&list=view%3Dall"), "").await;
        assert!(field.has("value=\"Fabrikam Ltd\""), "{}", field.text);
        let seen = version(&world, lead).await;
        let typed =
            [("column", "companyname"), ("version", &*seen), ("list", "view=all"), ("companyname", "Contoso GmbH")];
        let saved = post_part(&mut browser, &cell, &typed).await;
        assert_eq!(saved.status, StatusCode::OK, "{}", saved.text);
        assert_eq!(saved.header("hx-reswap"), "none");
        assert!(saved.has("Contoso GmbH") && saved.has(&format!("data-id=\"{lead}\"")));
        assert!(saved.has("changed.") && saved.has("Undo"));
        let undo = saved.after("<form method=\"post\" action=\"");
        browser.post(&undo, &[]).await;
        assert_eq!(world.get("lead", lead).await.text("companyname"), "Fabrikam Ltd");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_value_is_explained_at_its_cell_and_stays_typed() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Berg").await;
        let mut browser = world.browser().await;
        let cell = format!("/leads/{lead}/cell");
        let wrong = [("column", "emailaddress1"), ("list", ""), ("emailaddress1", "not an address")];
        let refused = post_part(&mut browser, &cell, &wrong).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.has("aria-invalid=\"true\"") && refused.has("value=\"not an address\""), "{}", refused.text);
        let empty = [("column", "lastname"), ("list", ""), ("lastname", "")];
        assert!(post_part(&mut browser, &cell, &empty).await.has("Must be filled"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_change_the_same_cell_both_see_what_is_stored() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Berg").await;
        let mut browser = world.browser().await;
        let seen = version(&world, lead).await;
        let theirs = Row::new().with("companyname", "Theirs Ltd");
        world.app.update(&world.admin, Origin::Page, "lead", lead, theirs, None).await.unwrap();
        let cell = format!("/leads/{lead}/cell");
        let mine = [("column", "companyname"), ("version", &*seen), ("list", ""), ("companyname", "Mine Ltd")];
        let contested = post_part(&mut browser, &cell, &mine).await;
        assert_eq!(contested.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(contested.has("Theirs Ltd") && contested.has("Mine Ltd") && contested.has("Take theirs"));
        assert_eq!(world.get("lead", lead).await.text("companyname"), "Theirs Ltd", "nothing is overwritten");
        let now = contested.after("name=\"version\" value=\"");
        let again = [("column", "companyname"), ("version", &*now), ("list", ""), ("companyname", "Mine Ltd")];
        assert_eq!(post_part(&mut browser, &cell, &again).await.status, StatusCode::OK);
        assert_eq!(world.get("lead", lead).await.text("companyname"), "Mine Ltd");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_changed_does_not_open() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Berg").await;
        let mut browser = world.browser().await;
        for column in ["statecode", "statuscode", "ownerid", "fullname", "createdon", "nothing"] {
            let answer = browser.get_part(&format!("/leads/{lead}/cell?column={column}"), "").await;
            assert!(!answer.has("data-cell-form"), "{column}");
            let forced = post_part(&mut browser, &format!("/leads/{lead}/cell"), &[("column", column)]).await;
            assert_ne!(forced.status, StatusCode::OK, "{column}");
        }
        world.app.leads().disqualify(&world.seller, Origin::Page, vec![lead], 4).await.unwrap();
        assert!(!browser.get("/leads?view=all").await.has("data-edit="), "a closed row");
        let answer = browser.get_part(&format!("/leads/{lead}/cell?column=companyname"), "").await;
        assert!(answer.has("is closed and read-only"), "{}", answer.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_only_read_is_offered_nothing_that_writes() {
    in_every_world(async |world| {
        let read = Privileges::default().with(Privilege::Read, Depth::Organization);
        let lead = world.lead("Robots", "Berg").await;
        let (_, mut reader) = somebody(&world, &[("lead", read)]).await;
        let list = reader.get("/leads?view=all").await;
        assert!(list.has("Lena Berg") && !list.has("data-edit="));
        for what in ["/leads/edits", "/leads/deletions", "/leads/shares"] {
            assert!(!list.has(&format!("\"{what}\"")), "{what}");
        }
        let menu = reader.get_part(&format!("/leads/{lead}/commands?list="), "").await;
        assert!(menu.has(">Open<") && !menu.has(">Delete<") && !menu.has(">Edit<") && !menu.has(">Qualify<"));
        let field = reader.get_part(&format!("/leads/{lead}/cell?column=companyname"), "").await;
        assert!(!field.has("data-cell-form"));
        let id = lead.to_string();
        let values = [("id", id.as_str()), ("column", "jobtitle"), ("jobtitle", "Buyer")];
        assert_eq!(reader.post("/leads/edits", &values).await.status, StatusCode::FORBIDDEN);
        assert_eq!(world.get("lead", lead).await.text("jobtitle"), "");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_of_many_rows_are_set_and_cleared_and_undone_at_once() {
    in_every_world(async |world| {
        let leads = [world.lead("One", "One").await, world.lead("Two", "Two").await];
        let closed = world.lead("Three", "Three").await;
        world.app.leads().disqualify(&world.seller, Origin::Page, vec![closed], 4).await.unwrap();
        let ids: Vec<String> = leads.iter().chain([&closed]).map(Uuid::to_string).collect();
        let query: String = ids.iter().map(|id| format!("id={id}&")).collect();
        let mut browser = world.browser().await;
        let dialog = browser.get_part(&format!("/leads/edits?{query}"), "dialogs").await;
        assert!(dialog.has("Edit 3 leads") && dialog.has("<option value=\"jobtitle\""), "{}", dialog.text);
        assert!(!dialog.has("<option value=\"statecode\"") && !dialog.has("<option value=\"ownerid\""));
        let added = browser.get_part("/leads/edits/column?add=jobtitle", "").await;
        assert!(added.has("name=\"jobtitle\"") && added.has("name=\"clear\" value=\"jobtitle\""));

        let mut values: Vec<(&str, &str)> = ids.iter().map(|id| ("id", id.as_str())).collect();
        assert!(browser.post("/leads/edits", &values).await.has("Choose at least one column"));
        values.extend([("column", "jobtitle"), ("jobtitle", ""), ("column", "companyname"), ("companyname", "")]);
        assert!(browser.post("/leads/edits", &values).await.has("Give a value, or choose to clear it"));
        values.extend([("jobtitle", "Buyer"), ("clear", "companyname")]);
        let done = browser.post("/leads/edits", &values).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
        for lead in leads {
            let row = world.get("lead", lead).await;
            assert_eq!((row.text("jobtitle"), row.text("companyname")), ("Buyer", ""));
        }
        let told = browser.get(done.leads_to()).await;
        assert!(told.has("2 leads changed, 1 not.") && told.has("read-only"), "{}", told.text);
        let undo = told.after("action=\"/acts/");
        browser.post(&format!("/acts/{undo}"), &[]).await;
        assert_eq!(world.get("lead", leads[0]).await.text("companyname"), "Fabrikam Ltd");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_list_beyond_its_page_is_changed_while_a_page_tells_how_far_it_is() {
    in_every_world(async |world| {
        for number in 0..205 {
            world.lead("Robots", &format!("Lead {number:03}")).await;
        }
        world.lead("Cranes", "Crane").await;
        let mut browser = world.browser().await;
        let list = "view=all&f=subject:eq:Robots";
        let told = browser.get(&format!("/leads/selection?all={}", list.replace('&', "%26"))).await;
        assert!(told.has("All 205 leads selected"), "{}", told.text);
        let values = [("all", list), ("count", "205"), ("column", "jobtitle"), ("jobtitle", "Buyer")];
        let begun = browser.post("/leads/edits", &values).await;
        assert!(begun.leads_to().starts_with("/bulk/"), "{}", begun.leads_to());
        let page = begun.leads_to().to_owned();
        let mut told = browser.get(&page).await;
        while !told.has("Back to the list") {
            assert!(told.has("of 205 leads") && told.has("Stop"), "{}", told.text);
            tokio::time::sleep(Duration::from_millis(50)).await;
            told = browser.get(&page).await;
        }
        assert!(told.has("205 leads changed."), "{}", told.text);
        let others = Filter::compare("jobtitle", model::Operator::Ne, "Buyer");
        let query = world.app.new_query(&world.seller, "lead").select(["lastname"]).matching(others).take(500);
        let left = world.app.query(&world.seller, query).await.unwrap();
        assert_eq!(left.rows.len(), 1, "only what the list does not show");
        let mut stranger = world.stranger();
        stranger.sign_in("ada@contoso.example").await;
        assert_eq!(stranger.get(&page).await.status, StatusCode::NOT_FOUND, "it is nobody else's");
        let undo = format!("/acts/{}", told.after("action=\"/acts/"));
        browser.post(&undo, &[]).await;
        assert!(browser.get("/leads?view=all&f=jobtitle:eq:Buyer").await.has("No leads fit"));
    })
    .await;
}

/// How many leads have become buyers.
async fn buyers(world: &World) -> usize {
    let query = world.app.new_query(&world.seller, "lead").select(["leadid"]).take(5000);
    world.app.query(&world.seller, query.matching(Filter::eq("jobtitle", "Buyer"))).await.unwrap().rows.len()
}

/// So many leads, of which nothing can be changed any more.
async fn closed_leads(world: &World, count: usize) -> Vec<String> {
    let rows: Vec<Row> = (0..count)
        .map(|number| Row::new().with("subject", "Robots").with("lastname", format!("Lead {number:03}")))
        .collect();
    let create = move |work: &mut crm::Work<'_, '_>| {
        rows.into_iter().map(|row| work.create_all(crm::NewRecord::of("lead", row))).collect()
    };
    let seller = world.app.caller(world.seller.user).await.unwrap();
    let ids: Vec<Uuid> = world.app.work(&seller, Origin::Page, create).await.unwrap();
    for ids in ids.chunks(100) {
        world.app.leads().disqualify(&seller, Origin::Page, ids.to_vec(), 4).await.unwrap();
    }
    ids.iter().map(Uuid::to_string).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_list_that_has_grown_since_it_was_confirmed_is_left_alone() {
    in_every_world(async |world| {
        for name in ["One", "Two", "Three"] {
            world.lead("Robots", name).await;
        }
        let mut browser = world.browser().await;
        let change = [("all", "view=all"), ("column", "jobtitle"), ("jobtitle", "Buyer")];
        let confirmed = |count: &'static str| change.into_iter().chain([("count", count)]).collect::<Vec<_>>();
        let grown = browser.post("/leads/edits", &confirmed("2")).await;
        let told = browser.get(grown.leads_to()).await;
        assert!(told.has("holds 3 leads by now, more than the 2 that you confirmed"), "{}", told.text);
        let unseen = browser.post("/leads/edits", &change).await;
        assert!(browser.get(unseen.leads_to()).await.has("3 leads by now, and you were not told so"));
        let deleted = browser.post("/leads/deletions", &[("all", "view=all"), ("count", "2")]).await;
        assert!(browser.get(deleted.leads_to()).await.has("nothing was done"));
        assert_eq!(
            (buyers(&world).await, world.app.selected(&world.seller, "lead", all()).await.unwrap().len()),
            (0, 3)
        );
        let done = browser.post("/leads/edits", &confirmed("3")).await;
        assert!(browser.get(done.leads_to()).await.has("3 leads changed."));
    })
    .await;
}

fn all() -> crm::bulk::Selection {
    crm::bulk::Selection::Matching(Filter::compare("lastname", model::Operator::Ne, "Nobody"))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_begun_is_done_to_its_end_where_the_browser_goes_away() {
    in_every_world(async |world| {
        let mut ids = Vec::new();
        for number in 0..150 {
            ids.push(world.lead("Robots", &format!("Lead {number:03}")).await.to_string());
        }
        let mut browser = world.browser().await;
        let rows = ids.iter().map(|id| ("id", id.as_str()));
        let values: Vec<(&str, &str)> = rows.chain([("column", "jobtitle"), ("jobtitle", "Buyer")]).collect();
        let posting = browser.post("/leads/edits", &values);
        let some_done = async {
            while buyers(&world).await == 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::select! { _ = posting => {}, () = some_done => {} }
        let all_done = async {
            while buyers(&world).await < 150 {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), all_done).await.expect("the rest is done as well");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_refusals_the_first_reasons_are_told_and_how_many_there_are() {
    in_every_world(async |world| {
        closed_leads(&world, 505).await;
        let mut browser = world.browser().await;
        let values = [("all", "view=all"), ("count", "505"), ("column", "jobtitle"), ("jobtitle", "Buyer")];
        let begun = browser.post("/leads/edits", &values).await;
        let mut told = browser.get(begun.leads_to()).await;
        while !told.has("Back to the list") {
            tokio::time::sleep(Duration::from_millis(50)).await;
            told = browser.get(begun.leads_to()).await;
        }
        assert!(told.has("505 leads left as they are") && told.has("And 5 more."), "{}", told.text);
        assert_eq!(told.text.matches("read-only").count(), 500);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_ten_reports_of_a_person_are_kept() {
    in_every_world(async |world| {
        let ids = closed_leads(&world, 4).await;
        let rows = ids.iter().map(|id| ("id", id.as_str()));
        let values: Vec<(&str, &str)> = rows.chain([("column", "jobtitle"), ("jobtitle", "Buyer")]).collect();
        let mut browser = world.browser().await;
        let mut reports = Vec::new();
        for _ in 0..11 {
            let done = browser.post("/leads/edits", &values).await;
            reports.push(format!("/bulk/{}", browser.get(done.leads_to()).await.after("href=\"/bulk/")));
        }
        assert_eq!(browser.get(&reports[0]).await.status, StatusCode::NOT_FOUND, "the oldest went");
        for report in &reports[1..] {
            assert!(browser.get(report).await.has("4 leads left as they are"));
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn how_many_rows_it_is_about_stands_as_the_reader_writes_numbers() {
    in_every_world(async |world| {
        let mut browser = world.browser().await;
        assert!(browser.get_part("/leads/edits?count=1234", "dialogs").await.has("Edit 1,234 leads"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_that_was_set_is_told_in_the_word_of_its_command() {
    in_every_world(async |world| {
        let rule = Row::new().with("name", "Old leads").with("targetentityname", "lead").with("amount", 24);
        let rule = crm::NewRecord::of("retentionrule", rule);
        let rule = world.app.create(&world.admin, Origin::Page, rule).await.unwrap();
        let mut browser = world.stranger();
        browser.sign_in("ada@contoso.example").await;
        for (to, command, told) in
            [(1, "Turn on", "Retention Rule turned on."), (0, "Turn off", "Retention Rule turned off.")]
        {
            let page = browser.get(&format!("/retentionrules/{rule}")).await;
            assert!(page.has(&format!(">{command}<")), "{}", page.text);
            let done = browser.post(&format!("/retentionrules/states?to={to}&id={rule}"), &[]).await;
            let page = browser.get(done.leads_to()).await;
            assert!(page.has(told), "{}", page.text);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leads_are_qualified_together_after_one_look_at_what_becomes_of_them() {
    in_every_world(async |world| {
        let open = world.lead("Robots", "Berg").await.to_string();
        let closed = world.lead("Cranes", "Crane").await;
        world.app.leads().disqualify(&world.seller, Origin::Page, vec![closed], 4).await.unwrap();
        let closed = closed.to_string();
        let mut browser = world.browser().await;
        let dialog = browser.get_part(&format!("/leads/qualifications?id={open}&id={closed}"), "dialogs").await;
        assert!(dialog.has("Qualify 2 leads") && dialog.has("New: Fabrikam Ltd"), "{}", dialog.text);
        assert!(dialog.has("Stays as it is: disqualified"));
        let yes = [("account", "true"), ("contact", "true"), ("opportunity", "true")];
        let values: Vec<(&str, &str)> = [("id", open.as_str()), ("id", &closed)].into_iter().chain(yes).collect();
        let done = browser.post("/leads/qualifications", &values).await;
        assert!(browser.get(done.leads_to()).await.has("1 lead qualified, 1 not."));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn selected_records_are_shared_with_somebody_beside_what_was_shared() {
    in_every_world(async |world| {
        let own = Privileges::all(Depth::User);
        let (user, mut theirs) =
            somebody(&world, &[("lead", own), ("activitypointer", own), ("annotation", own)]).await;
        let leads = [world.lead("One", "One").await.to_string(), world.lead("Two", "Two").await.to_string()];
        let mut browser = world.browser().await;
        let rows: Vec<(&str, &str)> = leads.iter().map(|id| ("id", id.as_str())).collect();
        let refused = browser.post("/leads/shares", &rows).await;
        assert!(refused.has("Choose the user or team") && refused.has("Choose at least one"));
        let whom = format!("systemuser:{user}");
        let values: Vec<(&str, &str)> =
            rows.into_iter().chain([("principalid", whom.as_str()), ("privileges", "read")]).collect();
        let done = browser.post("/leads/shares", &values).await;
        assert!(browser.get(done.leads_to()).await.has("2 leads shared with Tara Tried."));
        for lead in &leads {
            assert_eq!(theirs.get(&format!("/leads/{lead}")).await.status, StatusCode::OK);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_selected_rows_lead_to_their_comparison() {
    in_every_world(async |world| {
        let (one, other) = (world.lead("One", "One").await, world.lead("Two", "Two").await);
        let mut browser = world.browser().await;
        let merge = browser.get_part(&format!("/leads/merges?id={one}&id={other}"), "dialogs").await;
        assert_eq!(merge.leads_to(), format!("/leads/{one}/duplicates?with={other}"));
        let alone = browser.get_part(&format!("/leads/merges?id={one}"), "dialogs").await;
        assert!(alone.has("Select two leads"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rows_menu_offers_what_its_state_allows_and_edits_it_in_a_short_dialog() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Berg").await;
        let mut browser = world.browser().await;
        let menu = browser.get_part(&format!("/leads/{lead}/commands?list=view%3Dall"), "").await;
        for label in ["Open", "Edit", "Qualify", "Disqualify", "Assign", "Log a call", "New task", "Pin", "Delete"] {
            assert!(menu.has(&format!(">{label}<")), "{label}: {}", menu.text);
        }
        assert!(!menu.has(">Reactivate<"));
        let dialog = browser.get_part(&format!("/leads/{lead}/edit?list=view%3Dall"), "dialogs").await;
        assert!(dialog.has("Edit “Lena Berg”") && dialog.has("name=\"companyname\""), "{}", dialog.text);
        let typed = [("column", "companyname"), ("companyname", "Contoso GmbH")];
        let saved = post_part(&mut browser, &format!("/leads/{lead}/edit"), &typed).await;
        assert_eq!(saved.leads_to(), "/leads?view=all", "back to the list as it was");
        assert_eq!(world.get("lead", lead).await.text("companyname"), "Contoso GmbH");
        world.app.leads().disqualify(&world.seller, Origin::Page, vec![lead], 4).await.unwrap();
        let menu = browser.get_part(&format!("/leads/{lead}/commands?list="), "").await;
        assert!(menu.has(">Reactivate<") && !menu.has(">Edit<") && !menu.has(">Qualify<"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_sorted_by_a_text_is_jumped_in_by_letter_and_read_on_from_there() {
    in_every_world(async |world| {
        for name in ["Alpine", "Berg", "Miller", "Neon"] {
            world.create("account", Row::new().with("name", name)).await;
        }
        let mut browser = world.browser().await;
        let list = browser.get("/accounts?view=all&sort=name").await;
        assert!(
            list.has("class=\"jump-bar\"") && !browser.get("/accounts?view=all&sort=createdon").await.has("jump-bar")
        );
        let jumped = browser.get("/accounts?view=all&sort=name&letter=m").await;
        assert!(jumped.has("Miller") && jumped.has("Neon") && !jumped.has(">Berg<"), "{}", jumped.text);
        let before = browser.get(&jumped.after("title=\"Previous page\" hx-get=\"")).await;
        assert!(before.has("Alpine") && before.has("Berg") && !before.has("Miller"));
        let letters = browser.get("/accounts/letters?view=all&sort=name").await;
        assert!(letters.has("letter=a") && letters.has(">A</a>"), "{}", letters.text);
        assert_eq!(browser.get("/accounts/letters?view=all&sort=createdon").await.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn closed_opportunities_are_reopened_together() {
    in_every_world(async |world| {
        let deal = world.create("opportunity", Row::new().with("name", "Robots")).await;
        let lost = crm::opportunities::CloseRequest { opportunity: deal, ..Default::default() };
        world.app.opportunities().lose(&world.seller, Origin::Page, lost).await.unwrap();
        let mut browser = world.browser().await;
        let done = browser.post("/opportunities/reopenings", &[("id", &*deal.to_string())]).await;
        assert!(browser.get(done.leads_to()).await.has("Opportunity reopened."));
        assert_eq!(world.get("opportunity", deal).await.value("statecode").as_whole(), Some(0));
        let again = browser.post("/opportunities/reopenings", &[("id", &*deal.to_string())]).await;
        assert!(browser.get(again.leads_to()).await.has("open already"));
    })
    .await;
}
