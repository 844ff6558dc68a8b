//! The stages of a flow on pages: what the panel shows, what it saves, what it refuses.

use crate::world::{World, in_every_world};
use axum::http::StatusCode;
use crm::{NewRecord, Origin, Row};
use model::Reference;
use uuid::Uuid;

const FLOW: &str = "opportunitysalesprocess";

/// The flow asks for the decision maker before its first stage is left; returns its stages.
async fn gate(world: &World) -> Vec<Uuid> {
    let mut overlay = (*world.app.customization().overlay()).clone();
    let mut flow = (**world.app.model().process(FLOW).unwrap()).clone();
    for step in &mut flow.stages[0].steps {
        step.required = step.column == "decisionmaker";
    }
    let stages = flow.stages.iter().map(|stage| stage.id).collect();
    overlay.set_process(flow);
    world.app.customization().publish(&world.admin, Origin::Page, overlay).await.unwrap();
    stages
}

async fn deal(world: &World, name: &str, owner: &crm::Caller) -> Uuid {
    let row = Row::new().with("name", name).with("ownerid", Reference::new("systemuser", owner.user));
    world.app.create(&world.admin, Origin::Page, NewRecord::of("opportunity", row)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panel_names_what_is_missing_and_saves_with_the_move_or_not_at_all() {
    in_every_world(async |world| {
        let stages = gate(&world).await;
        let deal = deal(&world, "Robots", &world.seller).await;
        let mut browser = world.browser().await;
        let panel = browser.get(&format!("/opportunities/{deal}/stages/{}", stages[0])).await;
        assert!(panel.has("Still needed before the next stage") && panel.has("Next stage"), "{}", panel.text);

        let (address, stage) = (format!("/opportunities/{deal}/stage"), stages[0].to_string());
        let typed = [("stage", stage.as_str()), ("description", "They want it all"), ("move", "next")];
        let refused = browser.post(&address, &typed).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.has("Identify Decision Maker") && refused.has("marked complete"), "{}", refused.text);
        assert!(refused.has("They want it all"), "what was typed stays: {}", refused.text);
        assert!(!world.get("opportunity", deal).await.has("description"), "nothing is half-saved");

        let typed = [typed[0], typed[1], ("decisionmaker", "true"), ("name", "Robots for all"), typed[2]];
        let moved = browser.post(&address, &typed).await;
        let page = browser.get(moved.leads_to()).await;
        assert!(page.has("Moved to Develop."), "{}", page.text);
        let row = world.get("opportunity", deal).await;
        let told = (row.text("stepname"), row.text("description"), row.text("name"));
        assert_eq!(told, ("2-Develop", "They want it all", "Robots for all"), "the form is saved along");
        let act = page.after("action=\"/acts/");
        browser.post(&format!("/acts/{act}"), &[]).await;
        let row = world.get("opportunity", deal).await;
        assert_eq!((row.text("stepname"), row.text("name")), ("1-Qualify", "Robots"), "all of it is undone");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panel_writes_nothing_back_over_what_others_saved_meanwhile() {
    in_every_world(async |world| {
        let stages = gate(&world).await;
        let deal = deal(&world, "Robots", &world.seller).await;
        let set = async |text: &str, need: &str| {
            let theirs = Row::new().with("description", text).with("customerneed", need);
            world.app.update(&world.admin, Origin::Page, "opportunity", deal, theirs, None).await.unwrap();
        };
        set("Robots", "Speed").await;
        let mut browser = world.browser().await;
        let panel = browser.get(&format!("/opportunities/{deal}/stages/{}", stages[0])).await;
        let version = panel.after("name=\"version\" value=\"");
        set("Many robots", "Speed").await;

        let (address, stage) = (format!("/opportunities/{deal}/stage"), stages[0].to_string());
        let typed =
            [("stage", stage.as_str()), ("version", &version), ("description", "Robots"), ("decisionmaker", "true")];
        browser.post(&address, &typed).await;
        let row = world.get("opportunity", deal).await;
        assert_eq!(row.text("description"), "Many robots", "what only they changed stays");
        assert_eq!(row.value("decisionmaker").as_boolean(), Some(true));

        let typed = [typed[0], typed[1], ("description", "A robot"), typed[3]];
        let refused = browser.post(&address, &typed).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.has("changed this to “Many robots”") && refused.has("A robot"), "{}", refused.text);
        // The form beside it is of the older version still; what was shown is not asked again.
        let seen = refused.after("name=\"seen_description\" value=\"");
        let typed = [typed[0], typed[1], typed[2], typed[3], ("seen_description", &seen)];
        browser.post(&address, &typed).await;
        assert_eq!(world.get("opportunity", deal).await.text("description"), "A robot");

        let typed = [typed[0], typed[1], typed[4], ("customerneed", "Precision")];
        set("A robot", "Price").await;
        let refused = browser.post(&address, &typed).await;
        assert!(refused.has("save the form first"), "only the form shows both: {}", refused.text);
        assert_eq!(world.get("opportunity", deal).await.text("customerneed"), "Price");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_only_read_a_deal_sees_its_stages_and_moves_nothing() {
    in_every_world(async |world| {
        let stages = gate(&world).await;
        let deal = deal(&world, "Not mine", &world.admin).await;
        let mut browser = world.browser().await;
        let panel = browser.get(&format!("/opportunities/{deal}/stages/{}", stages[0])).await;
        assert_eq!(panel.status, StatusCode::OK);
        assert!(!panel.has("<form") && panel.has("Identify Decision Maker"), "{}", panel.text);
        let page = browser.get(&format!("/opportunities/{deal}")).await;
        assert!(page.has("Stage statistics") && !page.has("Abandon flow"), "{}", page.text);
        browser.post(&format!("/opportunities/{deal}/process?move=abandon"), &[]).await;
        let stage = stages[1].to_string();
        browser.post(&format!("/opportunities/{deal}/stage"), &[("stage", &stage), ("move", "active")]).await;
        let journey = world.app.processes().journey(&world.admin, Reference::new("opportunity", deal)).await.unwrap();
        let journey = journey.unwrap();
        assert!(journey.is_active() && journey.current().is_some_and(|stage| stage.label == "Qualify"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flow_is_switched_abandoned_and_taken_up_again() {
    in_every_world(async |world| {
        let lead = world.lead("Robots", "Lind").await;
        let choice = crm::leads::QualifyChoice {
            account: crm::leads::AccountChoice::Create,
            opportunities: vec![crm::leads::OpportunityDraft::default()],
            ..crm::leads::QualifyChoice::default()
        };
        let done = world.app.leads().qualify(&world.seller, Origin::Page, lead, choice).await.unwrap();
        let deal = format!("/opportunities/{}", done.opportunities[0]);
        let mut browser = world.browser().await;
        let dialog = browser.get(&format!("{deal}/process")).await;
        let other = world.app.model().process(FLOW).unwrap().id.to_string();
        assert!(dialog.has(&other) && dialog.has("Opportunity Sales Process"), "{}", dialog.text);
        let nothing = browser.post(&format!("{deal}/process"), &[("process", "")]).await;
        assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
        let switched = browser.post(&format!("{deal}/process"), &[("process", &other)]).await;
        let page = browser.get(switched.leads_to()).await;
        assert!(page.has("Switched to Opportunity Sales Process."), "{}", page.text);
        let ended = browser.post(&format!("{deal}/process?move=abandon"), &[]).await;
        let page = browser.get(ended.leads_to()).await;
        assert!(page.has("Abandoned") && page.has("Reactivate flow"), "{}", page.text);
        let history = browser.get(&format!("{deal}/history")).await;
        assert!(history.has("abandoned the flow") && history.has("switched away from the flow"), "{}", history.text);
        browser.post(&format!("{deal}/process?move=reactivate"), &[]).await;
        assert!(browser.get(&deal).await.has("Active for"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn statistics_are_there_for_each_flow_and_for_no_other_name() {
    in_every_world(async |world| {
        let mut browser = world.browser().await;
        let empty = browser.get(&format!("/process-flows/{FLOW}")).await;
        assert!(empty.has("No record went through this flow yet"), "{}", empty.text);
        deal(&world, "Robots", &world.seller).await;
        let page = browser.get(&format!("/process-flows/{FLOW}?period=year")).await;
        assert!(page.has("1, 0 % moved on") && page.has("role=\"img\""), "{}", page.text);
        assert_eq!(browser.get("/process-flows/nosuch").await.status, StatusCode::NOT_FOUND);
        assert_eq!(browser.get("/process-flows").await.leads_to(), "/process-flows/leadtoopportunitysalesprocess");
    })
    .await;
}
