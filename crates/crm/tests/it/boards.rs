//! Boards: rows in lanes, the totals of lanes, and what it means to move a card.

use crate::world::{World, crm, in_every_world};
use crm::{
    Error, Origin, Row,
    boards::{Axis, Board, Cards, Sum, Totals},
};
use model::{Filter, Order, Reference};
use rust_decimal::Decimal;
use uuid::Uuid;

/// The board that the seller sees.
fn board(world: &World, table: &str, by: &str) -> Board {
    let model = world.app.model();
    Board::named(&model, &world.seller, model.table(table).unwrap(), by).unwrap()
}

fn sum(world: &World, table: &str) -> Option<Sum> {
    let table = world.app.table(table).unwrap();
    Sum::first(&Sum::all(&world.seller, &table), &table).cloned()
}

async fn totals(world: &World, board: &Board, filter: Filter) -> Totals {
    let sum = sum(world, &board.table.name);
    world.app.boards().totals(&world.seller, board, filter, sum.as_ref()).await.unwrap()
}

/// Label, count, sum and weighted sum of the lanes that have cards.
async fn filled(world: &World, board: &Board) -> Vec<(String, u64, i64, i64)> {
    let totals = totals(world, board, Filter::everything()).await;
    let whole = |amount: Decimal| i64::try_from(amount.trunc().mantissa()).unwrap();
    let lanes = board.lanes.iter().zip(totals.lanes).filter(|(_, total)| total.count > 0);
    lanes
        .map(|(lane, it)| (lane.label.clone(), it.count, whole(it.sum.normalize()), whole(it.weighted.normalize())))
        .collect()
}

async fn move_to(world: &World, board: &Board, id: Uuid, lane: &str, also: Row) -> crm::Result<Uuid> {
    let lane = board.lanes.iter().find(|known| known.label == lane).unwrap();
    world.app.boards().move_card(&world.seller, Origin::Page, board, id, lane, also).await
}

async fn cards(world: &World, board: &Board, lane: &str) -> Cards {
    let lane = board.lanes.iter().find(|known| known.label == lane).unwrap();
    let table = &board.table;
    let query = world
        .app
        .new_query(&world.seller, &table.name)
        .select([table.primary_key.as_str(), table.primary_name.as_str(), "stageid", "createdon"])
        .matching(lane.filter(board))
        .order_by(Order::ascending(table.primary_name.as_str()));
    world.app.boards().cards(&world.seller, board, vec![query]).await.unwrap()
}

async fn weighted_deal(world: &World, name: &str, revenue: i64, probability: i64) -> Uuid {
    let deal = world.deal(name, revenue).await;
    world.update("opportunity", deal, Row::new().with("closeprobability", probability)).await.unwrap();
    deal
}

#[tokio::test(flavor = "multi_thread")]
async fn which_board_comes_unasked_is_the_same_in_whatever_words_the_model_is_read() {
    in_every_world(async |world| {
        let model = world.app.model();
        // Backwards, labels sort otherwise.
        let others = model.in_other_words(|word| *word = word.chars().rev().collect());
        for (name, table) in &model.tables {
            let of = |model: &model::Model| {
                let board = Board::named(model, &world.admin, model.table(name).unwrap(), "");
                board.map(|board| board.axis.key())
            };
            assert_eq!(of(&model), of(&others), "{}", table.name);
        }
        // It is the first choice that the table declares.
        assert_eq!(board(&world, "account", "").axis.key(), "industrycode");
        assert_eq!(board(&world, "task", "").axis.key(), "statecode");
        assert_eq!(board(&world, "lead", "").axis.key(), "stage:leadtoopportunitysalesprocess");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lanes_count_and_sum_all_their_rows_weighted_by_the_chance_of_winning() {
    in_every_world(async |world| {
        weighted_deal(&world, "Small", 1_000, 10).await;
        let large = weighted_deal(&world, "Large", 30_000, 50).await;
        world.deal("Without a chance", 500).await;
        let board = board(&world, "opportunity", "stage");
        assert_eq!(filled(&world, &board).await, [("Qualify".to_owned(), 3, 31_500, 15_100)]);

        move_to(&world, &board, large, "Develop", Row::new()).await.unwrap();
        let lanes = filled(&world, &board).await;
        assert_eq!(lanes, [("Qualify".to_owned(), 2, 1_500, 100), ("Develop".to_owned(), 1, 30_000, 15_000)]);

        let open = Filter::eq("statecode", 0);
        assert!(board.totals_are_kept(&world.admin, &open, sum(&world, "opportunity").as_ref(), false));
        let by_name = Filter::compare("name", model::Operator::Contains, "Small");
        assert!(!board.totals_are_kept(&world.admin, &by_name, None, false));
        assert_eq!(totals(&world, &board, by_name).await.lanes.iter().map(|lane| lane.count).sum::<u64>(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn amounts_are_offered_for_sums_but_no_shares_and_no_numbers_of_imports() {
    in_every_world(async |world| {
        let table = world.app.table("opportunity").unwrap();
        let offered: Vec<_> = Sum::all(&world.seller, &table).into_iter().map(|sum| sum.column).collect();
        for amount in ["estimatedvalue", "actualvalue", "discountamount"] {
            assert!(offered.iter().any(|column| column == amount), "{offered:?}");
        }
        for other in ["closeprobability", "discountpercentage", "importsequencenumber"] {
            assert!(!offered.iter().any(|column| column == other), "{offered:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deals_of_all_flows_stand_side_by_side_in_the_phases_and_move_in_their_own_flow() {
    in_every_world(async |world| {
        let direct = world.deal("Direct", 10).await;
        let lead = world.lead("From a lead").await;
        let opportunities = vec![crm::leads::OpportunityDraft::default()];
        let contact = crm::leads::ContactChoice::Create;
        let choice = crm::leads::QualifyChoice { contact, opportunities, ..Default::default() };
        world.app.leads().qualify(&world.seller, Origin::Page, lead, choice).await.unwrap();
        let board = board(&world, "opportunity", "stage");
        assert_eq!(board.axis, Axis::Phase);
        move_to(&world, &board, direct, "Develop", Row::new()).await.unwrap();

        let page = cards(&world, &board, "Develop").await;
        let found: Vec<Row> = page.pages[0].to_rows().collect();
        assert_eq!(found.len(), 2, "{found:?}");
        let qualified = found.iter().find(|row| row.text("name") != "Direct").unwrap();
        let qualified = qualified.value("opportunityid").as_id().unwrap();
        move_to(&world, &board, qualified, "Propose", Row::new()).await.unwrap();
        assert_eq!(world.get("opportunity", qualified).await.text("stepname"), "3-Propose");

        let flow = self::board(&world, "opportunity", "stage:opportunitysalesprocess");
        let totals = totals(&world, &flow, Filter::everything()).await;
        assert_eq!((totals.lanes.iter().map(|lane| lane.count).sum::<u64>(), totals.elsewhere), (1, 1));
        let refused = move_to(&world, &flow, qualified, "Close", Row::new()).await.unwrap_err();
        assert!(matches!(&refused, Error::Refused(why) if why.contains("has no such stage")), "{refused}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_says_which_fields_the_stage_asks_for_and_goes_on_with_them_as_one_act() {
    in_every_world(async |world| {
        let mut overlay = (*world.app.customization().overlay()).clone();
        let mut process = (**world.app.model().process("opportunitysalesprocess").unwrap()).clone();
        for step in &mut process.stages[0].steps {
            step.required = step.column == "purchasetimeframe";
        }
        overlay.processes.push(process);
        world.app.customization().publish(&world.admin, Origin::Page, overlay).await.unwrap();
        let deal = world.deal("Gated", 10).await;
        let board = board(&world, "opportunity", "stage:opportunitysalesprocess");

        let error = move_to(&world, &board, deal, "Develop", Row::new()).await.unwrap_err();
        assert!(matches!(&error, Error::Invalid(fields) if fields[0].column == "purchasetimeframe"), "{error}");
        assert_eq!(world.get("opportunity", deal).await.text("stepname"), "1-Qualify");

        let filled = Row::new().with("purchasetimeframe", 1);
        let act = move_to(&world, &board, deal, "Develop", filled).await.unwrap();
        let moved = world.get("opportunity", deal).await;
        assert_eq!((moved.text("stepname"), moved.value("purchasetimeframe").as_whole()), ("2-Develop", Some(1)));

        world.app.undo(&world.seller, Origin::Page, act).await.unwrap();
        let back = world.get("opportunity", deal).await;
        assert_eq!((back.text("stepname"), back.has("purchasetimeframe")), ("1-Qualify", false));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_deal_opens_again_in_an_open_lane_and_none_is_closed_without_a_reason() {
    in_every_world(async |world| {
        let deal = world.deal("Won and back", 10).await;
        let board = board(&world, "opportunity", "stage");
        let refused = move_to(&world, &board, deal, "Won", Row::new()).await.unwrap_err();
        assert!(matches!(&refused, Error::Refused(why) if why.contains("Close as Won")), "{refused}");

        let won = crm::opportunities::CloseRequest { opportunity: deal, status: Some(3), ..Default::default() };
        world.app.opportunities().win(&world.seller, Origin::Page, won).await.unwrap();
        assert_eq!(filled(&world, &board).await[0].0, "Won");

        move_to(&world, &board, deal, "Develop", Row::new()).await.unwrap();
        let open = world.get("opportunity", deal).await;
        assert_eq!((open.value("statecode").as_whole(), open.text("stepname")), (Some(0), "2-Develop"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_choice_makes_lanes_with_one_for_rows_without_a_value() {
    in_every_world(async |world| {
        let lead = world.lead("Robots").await;
        let board = board(&world, "lead", "leadsourcecode");
        assert_eq!(filled(&world, &board).await, [("No lead source".to_owned(), 1, 0, 0)]);
        let source = board.lanes.last().unwrap().label.clone();
        move_to(&world, &board, lead, &source, Row::new()).await.unwrap();
        assert_eq!(filled(&world, &board).await[0].0, source);
        move_to(&world, &board, lead, "No lead source", Row::new()).await.unwrap();
        assert!(!world.get("lead", lead).await.has("leadsourcecode"));

        let status = self::board(&world, "lead", "statuscode");
        move_to(&world, &status, lead, "Contacted", Row::new()).await.unwrap();
        move_to(&world, &status, lead, "Cannot Contact", Row::new()).await.unwrap();
        let closed = world.get("lead", lead).await;
        assert_eq!((closed.value("statecode").as_whole(), closed.value("statuscode").as_whole()), (Some(2), Some(5)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_may_not_see_is_neither_counted_nor_moved() {
    in_every_world(async |world| {
        let account = world.create_as_admin("account", Row::new().with("name", "Secret Inc")).await;
        let secret = Row::new().with("name", "Secret").with("customerid", Reference::new("account", account));
        let secret = world.create_as_admin("opportunity", secret).await;
        world.deal("Mine", 10).await;
        let seller = world.seller().await;
        let model = world.app.model();
        let board = Board::named(&model, &seller, model.table("opportunity").unwrap(), "stage").unwrap();
        let rows = world.app.boards().totals_by_owner(&seller, &board, Filter::everything(), None).await.unwrap();
        let mine = world.count("opportunity").await;
        let counted: u64 = rows.iter().flat_map(|of| &of.totals.lanes).map(|lane| lane.count).sum();
        assert_eq!(counted, mine);
        if mine == 1 {
            let lane = board.lanes.iter().find(|lane| lane.label == "Develop").unwrap();
            let hidden = world.app.boards().move_card(&seller, Origin::Page, &board, secret, lane, Row::new()).await;
            assert!(matches!(hidden, Err(Error::NotFound { .. })), "{hidden:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_tells_since_when_it_is_in_its_stage() {
    in_every_world(async |world| {
        let deal = world.deal("Ages", 10).await;
        let board = board(&world, "opportunity", "stage");
        let created = world.get("opportunity", deal).await.value("createdon").as_date_time();
        assert_eq!(cards(&world, &board, "Qualify").await.since.get(&deal).copied(), created);
        move_to(&world, &board, deal, "Develop", Row::new()).await.unwrap();
        assert!(cards(&world, &board, "Develop").await.since.get(&deal).copied() > created);
    })
    .await;
}

/// A seller who reads deals, but no lead.
async fn without_leads(world: &World) -> crm::Caller {
    let all = model::Privileges::all(model::Depth::Organization);
    let role = model::Role {
        label: "Deals only".to_owned(),
        description: String::new(),
        everything: false,
        customizes: false,
        acts_for_others: false,
        own_tables: model::Privileges::default(),
        tables: ["opportunity", "account", "contact"].iter().map(|table| ((*table).to_owned(), all)).collect(),
    };
    let mut overlay = model::Overlay::default();
    overlay.roles.insert("new_deals_only".to_owned(), role);
    world.app.customization().publish(&world.admin, Origin::Page, overlay).await.unwrap();
    let row = Row::new()
        .with("firstname", "Dora")
        .with("lastname", "Deals")
        .with("internalemailaddress", "dora@contoso.example")
        .with("businessunitid", Reference::new("businessunit", world.admin.business_unit));
    let id = world.create_as_admin("systemuser", row).await;
    world.app.identity().give_role(&world.admin, id, "Deals only").await.unwrap();
    world.app.caller(id).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_tells_its_age_also_to_who_may_not_see_the_lead_it_came_from() {
    in_every_world(async |world| {
        let lead = world.lead("Robots").await;
        let every = (true, true, true);
        let leads = world.app.leads();
        let outcome = leads.qualify_plainly(&world.seller, Origin::Page, lead, every, |_| {}).await.unwrap();
        let deal = outcome.opportunities[0];
        let by_stage = board(&world, "opportunity", "stage");
        move_to(&world, &by_stage, deal, "Propose", Row::new()).await.unwrap();
        let expected = cards(&world, &by_stage, "Propose").await.since.get(&deal).copied();
        let dora = without_leads(&world).await;
        let query = world.app.new_query(&dora, "opportunity").select(["opportunityid", "stageid", "createdon"]);
        let seen = world.app.boards().cards(&dora, &by_stage, vec![query]).await.unwrap();
        assert_eq!(seen.since.get(&deal).copied(), expected);
        assert!(expected.is_some());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_yes_and_no_makes_two_lanes_between_which_cards_move() {
    in_every_world(async |world| {
        let account = world.create("account", Row::new().with("name", "Fabrikam").with("creditonhold", false)).await;
        let by_flag = board(&world, "account", "creditonhold");
        assert_eq!(by_flag.axis.key(), "creditonhold");
        let [_, no, yes] = &by_flag.lanes[..] else { panic!("three lanes: {:?}", by_flag.lanes) };
        assert_eq!(filled(&world, &by_flag).await, [(no.label.clone(), 1, 0, 0)]);
        move_to(&world, &by_flag, account, &yes.label, Row::new()).await.unwrap();
        assert_eq!(world.get("account", account).await.value("creditonhold").as_boolean(), Some(true));
        assert_eq!(filled(&world, &by_flag).await, [(yes.label.clone(), 1, 0, 0)]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_board_is_kept_as_each_person_left_it() {
    in_every_world(async |world| {
        let (app, seller) = (&world.app, &world.seller);
        app.keep_board(seller, Origin::Page, "opportunity", "by=stage&sum=".to_owned()).await.unwrap();
        app.fold_lane(seller, Origin::Page, "opportunity", "stage/propose".to_owned(), true).await.unwrap();
        app.fold_lane(seller, Origin::Page, "opportunity", "stage/close".to_owned(), true).await.unwrap();
        app.fold_lane(seller, Origin::Page, "opportunity", "stage/close".to_owned(), false).await.unwrap();
        let kept = app.kept_board(seller, "opportunity").await.unwrap();
        assert_eq!(kept.layout, "by=stage&sum=");
        assert_eq!(kept.folded.into_iter().collect::<Vec<_>>(), ["stage/propose"]);
        assert_eq!(app.kept_board(seller, "lead").await.unwrap(), crm::workspace::KeptBoard::default());
        assert_eq!(app.kept_board(&world.admin, "opportunity").await.unwrap(), crm::workspace::KeptBoard::default());
        let long = app.keep_board(seller, Origin::Page, "lead", "x".repeat(3000)).await;
        assert!(matches!(long, Err(Error::Refused(_))));
    })
    .await;
}
