//! The designer of process flows on pages: what administrators change, and what others do not reach.

use crate::world::{Answer, Browser, World, in_every_world};
use axum::http::StatusCode;
use crm::{
    NewRecord, Origin, Row,
    process::{
        Move,
        design::{ConditionEdit, Edit, Spot},
    },
};
use model::{Filter, Reference, Related};
use uuid::Uuid;

const DEALS: &str = "/process-designer/opportunitysalesprocess";

async fn administrator(world: &World) -> Browser {
    let mut browser = world.stranger();
    browser.sign_in("ada@contoso.example").await;
    browser
}

/// Posts a change of a flow, as the page that was shown last does.
async fn change(browser: &mut Browser, flow: &str, rest: &str, values: &[(&str, &str)]) -> Answer {
    let seen = state(browser, flow).await;
    browser.post(&format!("{flow}{rest}"), &[values, &[("seen", &seen)]].concat()).await
}

/// The state of a flow that its page is shown for.
async fn state(browser: &mut Browser, flow: &str) -> String {
    let rest = browser.get(flow).await.after("hx-vals=\"{&quot;seen&quot;:&quot;");
    rest.split('&').next().unwrap_or_default().to_owned()
}

async fn deal(world: &World, name: &str) -> Reference {
    let row = Row::new().with("name", name).with("estimatedvalue", rust_decimal::Decimal::from(5000));
    let id: Uuid = world.app.create(&world.admin, Origin::Page, NewRecord::of("opportunity", row)).await.unwrap();
    Reference::new("opportunity", id)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_makes_a_flow_from_nothing_and_publishes_it() {
    in_every_world(async |world| {
        let mut browser = administrator(&world).await;
        let list = browser.get("/process-designer").await;
        assert!(list.has("Lead to Opportunity Sales Process") && list.has("New flow"), "{}", list.text);
        let refused = browser.post("/process-designer", &[("label", " "), ("table", "opportunity")]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.has("Give it a name."), "{}", refused.text);
        let made = browser.post("/process-designer", &[("label", "Large deals"), ("table", "opportunity")]).await;
        let flow = made.leads_to().to_owned();
        assert_eq!(flow, "/process-designer/new_large_deals");

        let stage = [("label", "Approve"), ("category", "Approval"), ("table", "opportunity")];
        change(&mut browser, &flow, "/stages", &stage).await;
        let step = [("what", "customerneed"), ("label", "What they need"), ("required", "true")];
        change(&mut browser, &flow, "/stages/start/steps", &step).await;
        let condition = [
            ("of", "stage:approve"),
            ("at", ""),
            ("filter_column", "estimatedvalue"),
            ("filter_operator", "ge"),
            ("filter_value", "1,000"),
        ];
        change(&mut browser, &flow, "/condition", &condition).await;
        let part = [("of", "stage:approve"), ("at", ""), ("do", "group")];
        change(&mut browser, &flow, "/condition/part", &part).await;
        let page = browser.get(&flow).await;
        assert!(page.has("What they need") && page.has("2. Approve"), "{}", page.text);
        assert!(page.has("a group has no conditions") || page.has("A group has no conditions"), "{}", page.text);
        let preview = browser.get_part(&format!("{flow}/publication"), "dialogs").await;
        assert!(preview.has("Mend it first"), "{}", preview.text);
        let part = [("of", "stage:approve"), ("at", "1"), ("do", "remove")];
        change(&mut browser, &flow, "/condition/part", &part).await;

        let preview = browser.get_part(&format!("{flow}/publication"), "dialogs").await;
        assert!(preview.has("It will be version 1. No running record is concerned."), "{}", preview.text);
        change(&mut browser, &flow, "/publication", &[]).await;
        let page = browser.get(&flow).await;
        assert!(page.has("Version 1 is in force.") && page.has("Version 1</"), "{}", page.text);
        let past = browser.get("/customizations").await;
        assert!(past.has("process new_large_deals is added") && past.has("System Administrator"), "{}", past.text);
        let published = world.app.model().process("new_large_deals").unwrap().clone();
        assert!(published.stages[0].steps[0].required && published.stages[1].condition.is_some());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_shows_the_records_under_way_and_moves_them_as_chosen() {
    in_every_world(async |world| {
        let deal = deal(&world, "Under way").await;
        world.app.processes().carry_out(&world.admin, Origin::Page, deal.clone(), Move::Next).await.unwrap();
        let mut browser = administrator(&world).await;
        change(&mut browser, DEALS, "/stages/develop/removal", &[]).await;
        let page = browser.get(DEALS).await;
        assert!(page.has("Unpublished changes") && page.has("Stage removed."), "{}", page.text);

        let preview = browser.get_part(&format!("{DEALS}/publication"), "dialogs").await;
        assert!(preview.has("Develop (version 1)") && preview.has("Stay on their version"), "{}", preview.text);
        let from = preview.after("name=\"from_0\" value=\"");
        let propose = world.app.model().process("opportunitysalesprocess").unwrap().stages[2].id.to_string();
        let done = change(&mut browser, DEALS, "/publication", &[("from_0", &from), ("to_0", &propose)]).await;
        let page = browser.get(done.leads_to()).await;
        assert!(page.has("Version 2 is in force. 1 record moved."), "{}", page.text);
        let journey = world.app.processes().journey(&world.admin, deal.clone()).await.unwrap().unwrap();
        assert_eq!(journey.current().unwrap().label, "Propose");

        let act = page.after("action=\"/acts/");
        browser.post(&format!("/acts/{act}"), &[]).await;
        let journey = world.app.processes().journey(&world.admin, deal).await.unwrap().unwrap();
        assert_eq!(journey.current().unwrap().label, "Develop");
        let later = browser.get_part(&format!("{DEALS}/publication"), "dialogs").await;
        assert!(later.has("Move records of"), "they can still be moved later: {}", later.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_meant_for_an_earlier_state_of_a_flow_is_refused_and_the_flow_shown_again() {
    in_every_world(async |world| {
        let mut browser = administrator(&world).await;
        let steps = |world: &World| world.app.model().process("opportunitysalesprocess").unwrap().stages[0].steps.len();
        change(&mut browser, DEALS, "/stages/qualify/steps/0/removal", &[]).await;
        let dialog = browser.get_part(&format!("{DEALS}/stages/qualify/steps/0"), "dialogs").await;
        let seen = dialog.after("name=\"seen\" value=\"");
        let publication = browser.get_part(&format!("{DEALS}/publication"), "dialogs").await;
        assert_eq!(publication.after("name=\"seen\" value=\""), seen, "dialogs carry the state they were shown for");
        change(&mut browser, DEALS, "/stages/qualify/steps/0/removal", &[]).await;

        let now = state(&mut browser, DEALS).await;
        let (step, last) = ([("what", "customerneed"), ("seen", &seen)], steps(&world) - 1);
        for rest in ["/stages/qualify/steps/0".to_owned(), format!("/stages/qualify/steps/{last}")] {
            let answer = browser.post(&format!("{DEALS}{rest}"), &step).await;
            let page = browser.get(answer.leads_to()).await;
            assert!(page.has("Somebody changed this flow meanwhile"), "{rest}: {}", page.text);
        }
        let refused = browser.post(&format!("{DEALS}/publication"), &[("seen", &seen)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.has("The draft was changed since; look at it again"), "{}", refused.text);
        assert_eq!(state(&mut browser, DEALS).await, now, "nothing was changed or published");
        let unsaid = browser.post(&format!("{DEALS}/stages/qualify/steps/0/removal"), &[]).await;
        assert_eq!(unsaid.status, StatusCode::BAD_REQUEST);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_read_as_in_lists_and_negations_in_words_of_their_own() {
    in_every_world(async |world| {
        let related = |filter| {
            let (table, through) = ("task".to_owned(), "regardingobjectid".to_owned());
            Filter::Related(Related { table, through, filter: Box::new(filter), at: None })
        };
        let urgent = Filter::eq("subject", "Call");
        let parts = [related(urgent.clone()), related(Filter::Not(Box::new(urgent)))];
        for part in parts {
            let edit = Edit::Condition(Spot::Rule, ConditionEdit::Add(Vec::new(), part));
            let flow = "opportunitysalesprocess";
            world.app.designer().edit(&world.admin, Origin::Page, flow, None, edit).await.unwrap();
        }
        let page = administrator(&world).await.get(DEALS).await;
        assert!(page.has("where Subject is Call"), "{}", page.text);
        assert!(page.has("where not (Subject is Call)"), "{}", page.text);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_walked_through_with_a_record_without_saving() {
    in_every_world(async |world| {
        let deal = deal(&world, "Tried").await;
        let mut browser = administrator(&world).await;
        let step = [("what", "customerneed"), ("required", "true")];
        change(&mut browser, DEALS, "/stages/qualify/steps", &step).await;
        let page = browser.get(&format!("{DEALS}/trial?q=Tried")).await;
        assert!(page.has("Tried") && page.has(&deal.id.to_string()), "{}", page.text);
        let walk = |moves: &str| format!("{DEALS}/trial?table=opportunity&record={}&moves={moves}", deal.id);
        let page = browser.get(&walk("0")).await;
        assert!(page.has("required steps are empty") && page.has("Customer need"), "{}", page.text);
        let page = browser.get(&format!("{}&as_if=1", walk("3"))).await;
        assert!(page.has("This is the last stage"), "{}", page.text);
        let row = world.app.get(&world.admin, "opportunity", deal.id, None).await.unwrap();
        assert_eq!(row.text("stepname"), "1-Qualify");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seller_neither_sees_nor_reaches_the_designer() {
    in_every_world(async |world| {
        let mut browser = world.browser().await;
        assert!(!browser.get("/home").await.has("/process-designer"));
        let trial = format!("{DEALS}/trial");
        for address in ["/process-designer", DEALS, "/process-designer/new", "/customizations", &trial] {
            assert_eq!(browser.get(address).await.status, StatusCode::FORBIDDEN, "{address}");
        }
        for rest in ["/stages/develop/removal", "/publication", "/state", "/order", "/deletion", "/discarding"] {
            let answer = browser.post(&format!("{DEALS}{rest}"), &[("active", "false"), ("seen", "v1")]).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{rest}");
        }
        let mut browser = administrator(&world).await;
        let forged = browser.post_with_token(&format!("{DEALS}/stages/develop/removal"), &[], "forged").await;
        assert_eq!(forged.status, StatusCode::FORBIDDEN);
        assert!(!browser.get(DEALS).await.has("Unpublished changes"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_into_a_flow_is_shown_as_text() {
    in_every_world(async |world| {
        let mut browser = administrator(&world).await;
        let label = "<script>alert(1)</script>";
        let made = browser.post("/process-designer", &[("label", label), ("table", "lead")]).await;
        let flow = made.leads_to().to_owned();
        let stage = [("label", label), ("category", "Close"), ("table", "lead")];
        change(&mut browser, &flow, "/stages", &stage).await;
        let page = browser.get(&flow).await;
        assert!(!page.has("<script>alert"), "{}", page.text);
        for address in [format!("{flow}/stages/nothing"), format!("{flow}/condition?of=x"), format!("{DEALS}x")] {
            let answer = browser.get(&address).await;
            assert!(answer.status.is_client_error(), "{address}: {}", answer.status);
        }
    })
    .await;
}
