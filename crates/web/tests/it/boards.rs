//! Boards: lanes with totals, cards, moves with and without a script, values changed in place.

use crate::world::{Answer, Browser, World, in_every_world};
use axum::http::StatusCode;
use crm::{NewRecord, Origin, Row};
use model::Reference;
use rust_decimal::Decimal;
use uuid::Uuid;

async fn deal(world: &World, name: &str, revenue: i64) -> Uuid {
    let account = world.create("account", Row::new().with("name", format!("{name} Inc"))).await;
    let row = Row::new()
        .with("name", name)
        .with("customerid", Reference::new("account", account))
        .with("estimatedvalue", Decimal::new(revenue, 0))
        .with("closeprobability", 50);
    world.create("opportunity", row).await
}

/// The part of the page that is this lane.
fn lane<'a>(answer: &'a Answer, label: &str) -> &'a str {
    let (_, rest) = answer.text.split_once(&format!("data-label=\"{label}\"")).unwrap();
    rest.split("<section").next().unwrap()
}

/// As the board's script posts a move.
async fn drop_card(browser: &mut Browser, id: Uuid, to: &str, more: &str) -> Answer {
    let body = format!("csrf={}&id={id}&to={to}&board=by%3Dstage{more}", browser.token());
    let request = axum::http::Request::post("/opportunities/board/moves")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("host", "crm.example")
        .header("hx-request", "true")
        .header("hx-target", "board");
    browser.ask(request.body(axum::body::Body::from(body)).unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_shows_lanes_with_their_totals_and_cards() {
    in_every_world(async |world| {
        deal(&world, "Robots", 12_000).await;
        deal(&world, "Cranes", 3_000).await;
        let mut browser = world.browser().await;
        let board = browser.get("/opportunities/board").await;
        assert_eq!(board.status, StatusCode::OK, "{}", board.text);
        let qualify = lane(&board, "Qualify");
        assert!(qualify.contains("15,000") && qualify.contains("7,500"), "{qualify}");
        assert!(qualify.contains("Robots") && qualify.contains("Cranes"));
        assert!(lane(&board, "Won").contains("board-cards"));
        let narrowed = browser.get("/opportunities/board?q=robots").await;
        assert!(lane(&narrowed, "Qualify").contains("Robots") && !narrowed.has("Cranes"));
        let by_rating = browser.get("/opportunities/board?by=opportunityratingcode").await;
        assert!(lane(&by_rating, "Warm").contains("Robots"));
        assert!(browser.get("/opportunities").await.has("/opportunities/board"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lane_loads_as_it_scrolls_and_loses_no_card() {
    in_every_world(async |world| {
        for number in 0..45 {
            deal(&world, &format!("Deal {number:02}"), 10).await;
        }
        let mut browser = world.browser().await;
        let mut page = browser.get("/opportunities/board").await;
        let mut seen = names(&page);
        assert!(seen.len() < 45, "all come at once");
        while page.has("board-more") {
            page = browser.get(&page.after("class=\"board-more\"><a href=\"")).await;
            seen.extend(names(&page));
        }
        seen.sort();
        let expected: Vec<String> = (0..45).map(|number| format!("Deal {number:02}")).collect();
        assert_eq!(seen, expected);
    })
    .await;
}

fn names(answer: &Answer) -> Vec<String> {
    answer.text.split("data-name=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_answers_with_the_card_the_new_totals_and_a_way_back() {
    in_every_world(async |world| {
        let robots = deal(&world, "Robots", 12_000).await;
        let mut browser = world.browser().await;
        browser.get("/opportunities/board").await;
        let moved = drop_card(&mut browser, robots, "develop", "").await;
        assert_eq!(moved.status, StatusCode::OK, "{}", moved.text);
        assert!(moved.has("“Robots” moved to Develop.") && moved.has("lane-develop-total") && moved.has("Undo"));
        assert_eq!(world.get("opportunity", robots).await.text("stepname"), "2-Develop");
        let undo = moved.after("<form method=\"post\" action=\"");
        browser.post(&undo, &[]).await;
        assert_eq!(world.get("opportunity", robots).await.text("stepname"), "1-Qualify");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_script_a_card_moves_by_a_page_of_lanes() {
    in_every_world(async |world| {
        let robots = deal(&world, "Robots", 12_000).await;
        let mut browser = world.browser().await;
        let board = browser.get("/opportunities/board?view=all&by=stage").await;
        let choice = browser.get(&board.after("<a class=\"board-move\" href=\"")).await;
        assert!(choice.has("value=\"propose\""), "{}", choice.text);
        let query = choice.after("name=\"board\" value=\"");
        let values = [("id", &*robots.to_string()), ("to", "propose"), ("board", query.as_str())];
        let moved = browser.post("/opportunities/board/moves", &values).await;
        assert_eq!(moved.status, StatusCode::SEE_OTHER);
        assert_eq!(moved.leads_to(), "/opportunities/board?view=all&by=stage");
        assert!(browser.get("/opportunities/board?view=all&by=stage").await.has("“Robots” moved to Propose."));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_stage_asks_for_is_asked_for_and_nothing_else() {
    in_every_world(async |world| {
        let mut overlay = (*world.app.customization().overlay()).clone();
        let mut process = (**world.app.model().process("opportunitysalesprocess").unwrap()).clone();
        for step in &mut process.stages[0].steps {
            step.required = step.column == "purchasetimeframe";
        }
        overlay.processes.push(process);
        world.app.customization().publish(&world.admin, Origin::Page, overlay).await.unwrap();
        let robots = deal(&world, "Robots", 12_000).await;
        let mut browser = world.browser().await;
        browser.get("/opportunities/board").await;

        let asked = drop_card(&mut browser, robots, "develop", "").await;
        assert_eq!((asked.status, asked.header("hx-retarget")), (StatusCode::UNPROCESSABLE_ENTITY, "#dialogs"));
        assert!(asked.has("name=\"purchasetimeframe\"") && !asked.has("name=\"budgetamount\""), "{}", asked.text);
        assert_eq!(world.get("opportunity", robots).await.text("stepname"), "1-Qualify");

        let moved = drop_card(&mut browser, robots, "develop", "&asked=purchasetimeframe&purchasetimeframe=1").await;
        assert_eq!(moved.status, StatusCode::OK, "{}", moved.text);
        assert_eq!(world.get("opportunity", robots).await.text("stepname"), "2-Develop");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_is_changed_on_its_card_and_a_wrong_one_is_said_there() {
    in_every_world(async |world| {
        let robots = deal(&world, "Robots", 12_000).await;
        let mut browser = world.browser().await;
        browser.get("/opportunities/board").await;
        let path = format!("/opportunities/board/cards/{robots}?by=stage");
        let open = browser.get(&format!("{path}&edit=estimatedvalue")).await;
        assert!(open.has("name=\"estimatedvalue\""), "{}", open.text);
        let wrong = browser.post(&path, &[("column", "estimatedvalue"), ("estimatedvalue", "much")]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.has("value=\"much\""));
        browser.post(&path, &[("column", "estimatedvalue"), ("estimatedvalue", "9000")]).await;
        let now = world.get("opportunity", robots).await.value("estimatedvalue").as_decimal();
        assert_eq!(now, Some(Decimal::new(9_000, 0)));
        let other = browser.post(&path, &[("column", "statecode"), ("statecode", "1")]).await;
        assert_eq!(other.status, StatusCode::NOT_FOUND, "what is no field of a card is not changed there");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_others_changed_meanwhile_is_asked_about_on_its_card() {
    in_every_world(async |world| {
        let robots = deal(&world, "Robots", 12_000).await;
        let mut browser = world.browser().await;
        browser.get("/opportunities/board").await;
        let path = format!("/opportunities/board/cards/{robots}?by=stage");
        let open = browser.get(&format!("{path}&edit=estimatedvalue")).await;
        let version = open.after("name=\"version\" value=\"");
        let theirs = Row::new().with("estimatedvalue", Decimal::new(20_000, 0));
        world.app.update(&world.admin, Origin::Page, "opportunity", robots, theirs, None).await.unwrap();
        let stored = async || world.get("opportunity", robots).await.value("estimatedvalue").as_decimal();

        let mine = [("column", "estimatedvalue"), ("version", version.as_str()), ("estimatedvalue", "9000")];
        let answer = browser.post(&path, &mine).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text);
        assert!(answer.has("System Administrator changed this to") && answer.has("value=\"9000\""), "{}", answer.text);
        assert_eq!(stored().await, Some(Decimal::new(20_000, 0)));

        let version = answer.after("name=\"version\" value=\"");
        browser.post(&path, &[mine[0], ("version", &version), mine[2]]).await;
        assert_eq!(stored().await, Some(Decimal::new(9_000, 0)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_needs_the_token_and_the_right_to_write() {
    in_every_world(async |world| {
        let account = world
            .app
            .create(&world.admin, Origin::Page, NewRecord::of("account", Row::new().with("name", "A")))
            .await
            .unwrap();
        let row = Row::new().with("name", "Theirs").with("customerid", Reference::new("account", account));
        let theirs = world.app.create(&world.admin, Origin::Page, NewRecord::of("opportunity", row)).await.unwrap();
        let mut browser = world.browser().await;
        browser.get("/opportunities/board").await;
        let id = theirs.to_string();
        let values = [("id", id.as_str()), ("to", "develop"), ("board", "by=stage")];
        let forged = browser.post_with_token("/opportunities/board/moves", &values, "guessed").await;
        assert_eq!(forged.status, StatusCode::FORBIDDEN);
        let refused = browser.post("/opportunities/board/moves", &values).await;
        assert!([StatusCode::FORBIDDEN, StatusCode::NOT_FOUND].contains(&refused.status), "{}", refused.text);
        let stays = world.app.get(&world.admin, "opportunity", theirs, None).await.unwrap();
        assert_eq!(stays.text("stepname"), "1-Qualify");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_owner_has_a_row_where_that_is_chosen() {
    in_every_world(async |world| {
        deal(&world, "Robots", 12_000).await;
        let mut browser = world.browser().await;
        let board = browser.get("/opportunities/board?view=open&by=stage&rows=ownerid").await;
        assert!(board.has("aria-label=\"Sam Seller\"") && board.has("Sam Seller: Qualify"), "{}", board.text);
    })
    .await;
}

/// What is between the tags of a card that changed, with where it goes.
fn told(answer: &Answer, id: Uuid) -> Option<&str> {
    let (_, rest) = answer.text.split_once(&format!("data-changed=\"{id}\""))?;
    rest.split("</ul>").next()
}

#[tokio::test(flavor = "multi_thread")]
async fn cards_that_others_changed_come_with_their_lane_and_place_and_the_totals() {
    in_every_world(async |world| {
        let (robots, cranes) = (deal(&world, "Robots", 12_000).await, deal(&world, "Cranes", 3_000).await);
        let gone = deal(&world, "Gone", 1).await;
        let mut browser = world.browser().await;
        let board = browser.get("/opportunities/board?view=all&by=stage&sort=name").await;
        let address = board.after("data-board-changed=\"");
        let moved = drop_card(&mut browser, robots, "develop", "").await;
        assert_eq!(moved.status, StatusCode::OK, "{}", moved.text);
        world.app.delete(&world.admin, Origin::Page, "opportunity", gone, None).await.unwrap();
        let ask = format!("{address}&id={robots}&id={cranes}&id={gone}&loaded=3~qualify~&loaded=0~develop~");
        let answer = browser.get_part(&ask, "").await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        assert!(told(&answer, robots).unwrap().contains("data-into=\"develop\""), "{}", answer.text);
        assert!(told(&answer, cranes).unwrap().contains("data-into=\"qualify\""));
        assert!(told(&answer, gone).is_none(), "it is not on the board any more");
        assert!(answer.has("lane-develop-total") || answer.has("data-count-again"));

        // What the view does not show, and lanes that are not loaded, are left out.
        let narrowed = browser.get("/opportunities/board?view=all&by=stage&q=cranes").await;
        let address = narrowed.after("data-board-changed=\"");
        let answer = browser.get_part(&format!("{address}&id={robots}&loaded=0~develop~"), "").await;
        assert!(told(&answer, robots).is_none(), "{}", answer.text);
        let many: String = (0..61).map(|_| format!("&id={}", Uuid::now_v7())).collect();
        assert_eq!(browser.get_part(&format!("{address}{many}"), "").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_opens_as_it_was_left_and_a_link_shows_it_otherwise_for_once() {
    in_every_world(async |world| {
        deal(&world, "Robots", 12_000).await;
        let mut browser = world.browser().await;
        let chosen = axum::http::Request::get("/opportunities/board?by=opportunityratingcode&days=30")
            .header("hx-request", "true")
            .header("hx-target", "board-results")
            .header("hx-trigger", "board-layout");
        browser.ask(chosen.body(axum::body::Body::empty()).unwrap()).await;
        assert!(browser.get("/opportunities/board").await.has("data-label=\"Warm\""));
        assert!(browser.get("/opportunities/board?by=stage").await.has("data-label=\"Propose\""));
        assert!(browser.get("/opportunities/board").await.has("data-label=\"Warm\""), "the link did not change it");

        let fold = [("by", "stage"), ("folded", "true")];
        let done = browser.post("/opportunities/board/lanes/propose/fold", &fold).await;
        assert_eq!(done.leads_to(), "/opportunities/board");
        let board = browser.get("/opportunities/board?by=stage").await;
        assert_eq!(board.text.matches("is-folded").count(), 1, "one lane");
        let nowhere = browser.post("/opportunities/board/lanes/nowhere/fold", &fold).await;
        assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_is_pinned_and_one_without_cards_says_how_to_get_some() {
    in_every_world(async |world| {
        let mut browser = world.browser().await;
        let board = browser.get("/opportunities/board?view=all").await;
        assert!(board.has("Pin this board") && board.has("class=\"empty-state\""), "{}", board.text);
        browser.post("/pins", &[("item", "opportunity/board/all"), ("what", "board"), ("keep", "true")]).await;
        let page = browser.get("/leads").await;
        assert!(page.has("/opportunities/board?view=all") && page.has("(board)"));
        deal(&world, "Robots", 12_000).await;
        assert!(!browser.get("/opportunities/board?view=all").await.has("class=\"empty-state\""));
    })
    .await;
}
