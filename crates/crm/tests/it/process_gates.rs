//! What a flow asks before it moves, whichever face asks, and what can be done with it as a whole.

use crate::world::{World, crm, in_every_world};
use crm::{
    Caller, Error, Origin, Row,
    leads::{AccountChoice, ContactChoice, OpportunityDraft, QualifyChoice},
    process::{FlowChange, Journey, JourneyState, LeaveReason, Move, StageState},
};
use model::{Condition, Filter, Operator, Process, Reference, Stage, StageCategory, StageStep, Value};
use uuid::Uuid;

const DEALS: &str = "opportunitysalesprocess";
const LEADS: &str = "leadtoopportunitysalesprocess";

/// Publishes a flow as an administrator changed it.
async fn change(world: &World, flow: &str, edit: impl FnOnce(&mut Process)) {
    let mut process = (**world.app.model().process(flow).unwrap()).clone();
    edit(&mut process);
    publish(world, process).await;
}

async fn publish(world: &World, process: Process) {
    let mut overlay = (*world.app.customization().overlay()).clone();
    overlay.set_process(process);
    world.app.customization().publish(&world.admin, Origin::Page, overlay).await.unwrap();
}

fn require(process: &mut Process, stage: usize, column: &str) {
    let step = process.stages[stage].steps.iter_mut().find(|step| step.column == column);
    step.unwrap().required = true;
}

async fn deal(world: &World, name: &str) -> Reference {
    Reference::new("opportunity", world.deal(name, 10).await)
}

async fn journey(world: &World, record: &Reference) -> Journey {
    world.app.processes().journey(&world.seller, record.clone()).await.unwrap().unwrap()
}

async fn active(world: &World, record: &Reference) -> String {
    let journey = journey(world, record).await;
    let stage = journey.stages.iter().find(|stage| stage.state == StageState::Active);
    stage.map_or_else(|| "none".to_owned(), |stage| stage.label.clone())
}

async fn step(world: &World, record: &Reference, step: Move) -> crm::Result<Uuid> {
    world.app.processes().carry_out(&world.seller().await, Origin::Page, record.clone(), step).await
}

fn missing(error: &Error) -> Vec<&str> {
    match error {
        Error::Invalid(fields) => fields.iter().map(|field| field.column.as_str()).collect(),
        _ => Vec::new(),
    }
}

fn whole() -> QualifyChoice {
    QualifyChoice {
        account: AccountChoice::Create,
        contact: ContactChoice::Create,
        opportunities: vec![OpportunityDraft::default()],
        ..QualifyChoice::default()
    }
}

async fn qualify(world: &World, lead: Uuid) -> crm::Result<Reference> {
    let done = world.app.leads().qualify(&world.seller().await, Origin::Page, lead, whole()).await?;
    Ok(Reference::new("opportunity", done.opportunities[0]))
}

#[tokio::test(flavor = "multi_thread")]
async fn stages_cannot_be_leapt_over_while_their_required_steps_are_empty() {
    in_every_world(async |world| {
        change(&world, DEALS, |flow| {
            require(flow, 0, "purchasetimeframe");
            require(flow, 1, "identifycompetitors");
        })
        .await;
        let deal = deal(&world, "Leap").await;
        let close = journey(&world, &deal).await.stages[3].id;
        let error = step(&world, &deal, Move::To(close)).await.unwrap_err();
        assert_eq!(missing(&error), ["purchasetimeframe"]);
        world.update("opportunity", deal.id, Row::new().with("purchasetimeframe", 1)).await.unwrap();
        let error = step(&world, &deal, Move::To(close)).await.unwrap_err();
        assert_eq!(missing(&error), ["identifycompetitors"]);
        assert!(error.to_string().contains("Identify Competitors"), "the step bears its own name: {error}");
        assert_eq!(active(&world, &deal).await, "Qualify", "nothing of a refused move stays");
        world.update("opportunity", deal.id, Row::new().with("identifycompetitors", true)).await.unwrap();
        step(&world, &deal, Move::To(close)).await.unwrap();
        assert_eq!(active(&world, &deal).await, "Close");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_is_not_qualified_into_an_opportunity_before_its_required_steps_are_filled() {
    in_every_world(async |world| {
        change(&world, LEADS, |flow| require(flow, 0, "decisionmaker")).await;
        let lead = world.lead("Gated").await;
        assert_eq!(missing(&qualify(&world, lead).await.unwrap_err()), ["decisionmaker"]);
        assert_eq!(world.get("lead", lead).await.value("statecode").as_whole(), Some(0));

        let without = QualifyChoice { opportunities: Vec::new(), ..whole() };
        let other = world.lead("No opportunity").await;
        world.app.leads().qualify(&world.seller().await, Origin::Page, other, without).await.unwrap();
        assert_eq!(active(&world, &Reference::new("lead", other)).await, "Qualify", "the flow does not move on");

        world.update("lead", lead, Row::new().with("decisionmaker", true)).await.unwrap();
        let deal = qualify(&world, lead).await.unwrap();
        assert_eq!(active(&world, &deal).await, "Develop");
        assert_eq!(active(&world, &Reference::new("lead", lead)).await, "Develop", "both show the same flow");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flow_leads_back_to_the_lead_and_on_again_to_the_same_opportunity() {
    in_every_world(async |world| {
        let lead = world.lead("There and back").await;
        let deal = qualify(&world, lead).await.unwrap();
        step(&world, &deal, Move::Back).await.unwrap();
        assert_eq!(active(&world, &deal).await, "Qualify");
        let at_lead = Reference::new("lead", lead);
        step(&world, &at_lead, Move::Next).await.unwrap();
        assert_eq!(active(&world, &deal).await, "Develop");
        let records: Vec<_> = journey(&world, &at_lead).await.stages.into_iter().map(|stage| stage.record).collect();
        assert_eq!(records, [Some(at_lead), Some(deal.clone()), Some(deal.clone()), Some(deal)]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_is_undone_whole() {
    in_every_world(async |world| {
        let deal = deal(&world, "Undone").await;
        step(&world, &deal, Move::Next).await.unwrap();
        let before = world.get("opportunity", deal.id).await;
        let act = step(&world, &deal, Move::Next).await.unwrap();
        world.app.undo(&world.seller().await, Origin::Page, act).await.unwrap();
        let after = world.get("opportunity", deal.id).await;
        for column in ["stageid", "traversedpath", "stepname", "processid", "salesstage"] {
            assert_eq!(after.value(column), before.value(column), "{column}");
        }
        assert_eq!(active(&world, &deal).await, "Develop");
        let develop = journey(&world, &deal).await.stages[1].id;
        let (visits, _) = world.app.processes().visits(&world.seller, deal.clone(), develop).await.unwrap();
        assert_eq!(visits.len(), 1);
        assert!(visits[0].left.is_none(), "the stay goes on");
        step(&world, &deal, Move::Next).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_abandoned_flow_waits_until_it_is_reactivated_and_both_can_be_undone() {
    in_every_world(async |world| {
        let deal = deal(&world, "Given up").await;
        let act = step(&world, &deal, Move::Abandon).await.unwrap();
        let refused = step(&world, &deal, Move::Next).await.unwrap_err();
        assert!(refused.to_string().contains("abandoned; reactivate it first"), "{refused}");
        world.app.undo(&world.seller().await, Origin::Page, act).await.unwrap();
        step(&world, &deal, Move::Abandon).await.unwrap();
        step(&world, &deal, Move::Reactivate).await.unwrap();
        step(&world, &deal, Move::Next).await.unwrap();
        let (told, _) = world.app.history(&world.seller, "opportunity", deal.id, 50).await.unwrap();
        let model = world.app.model();
        let told: Vec<_> = told.iter().filter_map(|entry| FlowChange::of(&model, entry)).collect();
        assert_eq!(told, [FlowChange::Reactivated, FlowChange::Abandoned], "both stand in the record's history");
        let again = step(&world, &deal, Move::Reactivate).await.unwrap_err();
        assert!(again.to_string().contains("goes on already"), "{again}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_switched_to_another_flow_and_back_to_where_it_was() {
    in_every_world(async |world| {
        let lead = world.lead("Two flows").await;
        let deal = qualify(&world, lead).await.unwrap();
        step(&world, &deal, Move::Next).await.unwrap();
        let choices = world.app.processes().choices(&world.seller, deal.clone()).await.unwrap();
        let labels: Vec<&str> = choices.iter().map(|choice| choice.label.as_str()).collect();
        assert_eq!(labels, ["Opportunity Sales Process"]);

        step(&world, &deal, Move::Switch(choices[0].id)).await.unwrap();
        let now = journey(&world, &deal).await;
        assert_eq!(
            (now.label.as_str(), active(&world, &deal).await.as_str()),
            ("Opportunity Sales Process", "Qualify")
        );
        assert!(journey(&world, &Reference::new("lead", lead)).await.state == JourneyState::Switched);
        step(&world, &deal, Move::Next).await.unwrap();

        let back = world.app.processes().choices(&world.seller, deal.clone()).await.unwrap();
        let act = step(&world, &deal, Move::Switch(back[0].id)).await.unwrap();
        let now = journey(&world, &deal).await;
        assert_eq!((now.name.as_str(), active(&world, &deal).await.as_str()), (LEADS, "Propose"));
        let propose = now.stages[2].id;
        let (visits, _) = world.app.processes().visits(&world.seller, deal.clone(), propose).await.unwrap();
        assert_eq!(visits.iter().map(|visit| visit.reason).collect::<Vec<_>>(), [None, Some(LeaveReason::Switched)]);
        world.app.undo(&world.seller().await, Origin::Page, act).await.unwrap();
        assert_eq!(
            (journey(&world, &deal).await.name.as_str(), active(&world, &deal).await.as_str()),
            (DEALS, "Develop")
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_deal_stays_in_its_stage() {
    in_every_world(async |world| {
        let deal = deal(&world, "Closed").await;
        let request = crm::opportunities::CloseRequest { opportunity: deal.id, ..Default::default() };
        world.app.opportunities().lose(&world.seller().await, Origin::Page, request).await.unwrap();
        let refused = step(&world, &deal, Move::Next).await.unwrap_err();
        assert!(refused.to_string().contains("reopen it"), "{refused}");
    })
    .await;
}

/// Large deals need an approval; so do hot ones from a known budget.
fn branch(value: i64) -> Filter {
    let at_least = |column: &str, value: Value| {
        Filter::Condition(Condition { column: column.into(), operator: Operator::Ge, values: vec![value], other: None })
    };
    Filter::Any(vec![
        at_least("estimatedvalue", Value::from(value)),
        Filter::All(vec![Filter::eq("opportunityratingcode", 1), at_least("budgetamount", Value::from(1))]),
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branch_is_taken_where_its_conditions_hold() {
    in_every_world(async |world| {
        change(&world, DEALS, |flow| {
            let approval = Stage {
                name: "approval".to_owned(),
                label: "Approval".to_owned(),
                id: Uuid::nil(),
                category: StageCategory::Approval,
                table: "opportunity".to_owned(),
                relationship: None,
                condition: Some(branch(1000)),
                steps: Vec::new(),
            };
            flow.stages.insert(1, approval);
        })
        .await;
        let labels = async |deal: &Reference| -> Vec<String> {
            journey(&world, deal).await.stages.into_iter().map(|stage| stage.label).collect()
        };
        let small = deal(&world, "Small").await;
        assert_eq!(labels(&small).await, ["Qualify", "Develop", "Propose", "Close"]);
        let large = Reference::new("opportunity", world.deal("Large", 5000).await);
        assert_eq!(labels(&large).await, ["Qualify", "Approval", "Develop", "Propose", "Close"]);
        let both = Row::new().with("opportunityratingcode", 1).with("budgetamount", rust_decimal::Decimal::TEN);
        world.update("opportunity", small.id, Row::new().with("opportunityratingcode", 1)).await.unwrap();
        assert_eq!(labels(&small).await.len(), 4, "both parts of AND must hold");
        world.update("opportunity", small.id, both).await.unwrap();
        step(&world, &small, Move::Next).await.unwrap();
        assert_eq!(active(&world, &small).await, "Approval");
        step(&world, &small, Move::Next).await.unwrap();
        assert_eq!(active(&world, &small).await, "Develop", "branches merge");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flow_for_some_roles_leads_nobody_else() {
    in_every_world(async |world| {
        let own = Process {
            name: "new_managers".to_owned(),
            label: "For managers".to_owned(),
            order: 0,
            roles: vec!["Sales Manager".to_owned()],
            ..(**world.app.model().process(DEALS).unwrap()).clone()
        };
        publish(&world, own).await;
        let deal = deal(&world, "Seller's").await;
        assert_eq!(journey(&world, &deal).await.name, DEALS, "the seller gets the next flow in order");
        let managers = world.app.model().process("new_managers").unwrap().id;
        let refused = step(&world, &deal, Move::Switch(managers)).await.unwrap_err();
        assert!(matches!(&refused, Error::Forbidden(why) if why.contains("Sales Manager")), "{refused}");
        world.app.identity().give_role(&world.admin, world.seller.user, "Sales Manager").await.unwrap();
        step(&world, &deal, Move::Switch(managers)).await.unwrap();
        assert_eq!(journey(&world, &deal).await.name, "new_managers");
    })
    .await;
}

/// Changes the flow's row of a deal, as the Web API does.
async fn patch(world: &World, caller: &Caller, flow: &str, id: Uuid, changes: Row) -> crm::Result<Row> {
    world.app.update(caller, Origin::WebApi, flow, id, changes, None).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flows_row_is_written_only_by_the_moves_it_stands_for() {
    in_every_world(async |world| {
        change(&world, DEALS, |flow| require(flow, 0, "purchasetimeframe")).await;
        let deal = deal(&world, "By row").await;
        let seller = world.seller().await;
        let new = crm::NewRecord::of(DEALS, Row::new().with("opportunityid", deal.clone()));
        let id = world.app.create(&seller, Origin::WebApi, new).await.unwrap();
        let develop = journey(&world, &deal).await.stages[1].id.to_string();
        let to_develop = || Row::new().with("activestageid", develop.as_str());

        let error = patch(&world, &seller, DEALS, id, to_develop()).await.unwrap_err();
        assert_eq!(missing(&error), ["purchasetimeframe"]);
        let error = patch(&world, &seller, DEALS, id, Row::new().with("completedon", jiff::Timestamp::now())).await;
        assert_eq!(missing(&error.unwrap_err()), ["completedon"]);
        world.update("opportunity", deal.id, Row::new().with("purchasetimeframe", 1)).await.unwrap();
        patch(&world, &seller, DEALS, id, to_develop()).await.unwrap();
        assert_eq!(active(&world, &deal).await, "Develop");
        patch(&world, &seller, DEALS, id, Row::new().with("statecode", 1).with("statuscode", 3)).await.unwrap();
        assert!(!journey(&world, &deal).await.is_active());
        patch(&world, &seller, DEALS, id, Row::new().with("statecode", 0)).await.unwrap();
        assert_eq!(active(&world, &deal).await, "Develop");

        for (table, row) in [(DEALS, id), ("processstagevisit", first_visit(&world).await)] {
            let refused = world.app.delete(&seller, Origin::WebApi, table, row, None).await.unwrap_err();
            assert!(matches!(refused, Error::Refused(_)), "{table}: {refused}");
        }
    })
    .await;
}

async fn first_visit(world: &World) -> Uuid {
    let query = world.app.new_query(&world.admin, "processstagevisit").select(["processstagevisitid"]);
    let rows = world.app.query(&world.admin, query).await.unwrap();
    rows.to_rows().next().unwrap().value("processstagevisitid").as_id().unwrap()
}

async fn flow_row(world: &World, flow: &str) -> Uuid {
    let key = world.app.model().table(flow).unwrap().primary_key.clone();
    let query = world.app.new_query(&world.admin, flow).select([key.as_str()]);
    world.app.query(&world.admin, query).await.unwrap().to_rows().next().unwrap().value(&key).as_id().unwrap()
}

/// A lead of the administrator's, qualified by them; the seller reads both and writes neither.
async fn qualified_by_admin(world: &World, topic: &str) -> (Reference, Reference) {
    let lead = Row::new().with("subject", topic).with("lastname", "Lead").with("companyname", "Fabrikam Ltd");
    let lead = world.create_as_admin("lead", lead).await;
    let done = world.app.leads().qualify(&world.admin, Origin::Page, lead, whole()).await.unwrap();
    (Reference::new("lead", lead), Reference::new("opportunity", done.opportunities[0]))
}

async fn step_as_admin(world: &World, record: &Reference, step: Move) -> crm::Result<Uuid> {
    world.app.processes().carry_out(&world.admin, Origin::Page, record.clone(), step).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flow_whose_deal_was_deleted_is_led_by_who_may_change_the_lead() {
    in_every_world(async |world| {
        let (lead, deal) = qualified_by_admin(&world, "Deal gone").await;
        world.delete_as_admin("opportunity", deal.id).await;
        let seller = world.seller().await;
        let flow = flow_row(&world, LEADS).await;
        let refused = step(&world, &lead, Move::Abandon).await.unwrap_err();
        assert!(matches!(refused, Error::Forbidden(_)), "{refused}");
        let ended = Row::new().with("statecode", 1).with("statuscode", 3);
        let refused = patch(&world, &seller, LEADS, flow, ended).await.unwrap_err();
        assert!(matches!(refused, Error::Forbidden(_)), "{refused}");
        assert!(journey(&world, &lead).await.is_active());

        step_as_admin(&world, &lead, Move::Abandon).await.unwrap();
        let refused = step(&world, &lead, Move::Reactivate).await.unwrap_err();
        assert!(matches!(refused, Error::Forbidden(_)), "{refused}");
        let refused = patch(&world, &seller, LEADS, flow, Row::new().with("statecode", 0)).await.unwrap_err();
        assert!(matches!(refused, Error::Forbidden(_)), "{refused}");
        assert!(!journey(&world, &lead).await.is_active());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn required_steps_of_a_deleted_deal_are_not_passed_by() {
    in_every_world(async |world| {
        change(&world, LEADS, |flow| require(flow, 3, "presentfinalproposal")).await;
        let lead = world.lead("Deal gone").await;
        let deal = qualify(&world, lead).await.unwrap();
        let close = journey(&world, &deal).await.stages[3].id;
        step(&world, &deal, Move::To(close)).await.unwrap();
        world.delete_as_admin("opportunity", deal.id).await;
        let lead = Reference::new("lead", lead);
        let refused = step(&world, &lead, Move::Finish).await.unwrap_err();
        assert!(refused.to_string().contains("is gone"), "{refused}");
        assert!(journey(&world, &lead).await.is_active());
        step(&world, &lead, Move::Abandon).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_change_where_a_flow_stands_cannot_switch_away_from_it() {
    in_every_world(async |world| {
        let (lead, deal) = qualified_by_admin(&world, "At the lead again").await;
        step_as_admin(&world, &deal, Move::Back).await.unwrap();
        let to_seller = Row::new().with("ownerid", Reference::new("systemuser", world.seller.user));
        world.app.update(&world.admin, Origin::Page, "opportunity", deal.id, to_seller, None).await.unwrap();
        let other = world.app.model().process(DEALS).unwrap().id;
        let refused = step(&world, &deal, Move::Switch(other)).await.unwrap_err();
        assert!(matches!(refused, Error::Forbidden(_)), "{refused}");
        let now = journey(&world, &lead).await;
        assert_eq!((now.name.as_str(), now.is_active()), (LEADS, true), "the flow was not put aside");
        step_as_admin(&world, &deal, Move::Next).await.unwrap();
        step(&world, &deal, Move::Switch(other)).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_any_kind_can_have_a_flow() {
    in_every_world(async |world| {
        let stage = |name: &str, category: StageCategory, step: &str| Stage {
            name: name.to_owned(),
            label: name.to_owned(),
            id: Uuid::nil(),
            category,
            table: "account".to_owned(),
            relationship: None,
            condition: None,
            steps: vec![StageStep { column: step.to_owned(), action: None, label: String::new(), required: true }],
        };
        publish(
            &world,
            Process {
                name: "new_onboarding".to_owned(),
                label: "Onboarding".to_owned(),
                description: String::new(),
                id: Uuid::nil(),
                table: "account".to_owned(),
                order: 1,
                active: true,
                roles: Vec::new(),
                rule: None,
                version: 0,
                earlier: Vec::new(),
                stages: vec![
                    stage("Check", StageCategory::Identify, "accountnumber"),
                    stage("Welcome", StageCategory::Close, "telephone1"),
                ],
            },
        )
        .await;
        let account = world.create("account", Row::new().with("name", "Fabrikam").with("accountnumber", "A1")).await;
        let account = Reference::new("account", account);
        step(&world, &account, Move::Next).await.unwrap();
        assert_eq!(active(&world, &account).await, "Welcome");
        let error = step(&world, &account, Move::Finish).await.unwrap_err();
        assert_eq!(missing(&error), ["telephone1"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn statistics_count_entries_moves_and_times_of_each_stage() {
    in_every_world(async |world| {
        let deals = [deal(&world, "One").await, deal(&world, "Two").await, deal(&world, "Three").await];
        step(&world, &deals[0], Move::Next).await.unwrap();
        step(&world, &deals[1], Move::Next).await.unwrap();
        step(&world, &deals[1], Move::Back).await.unwrap();
        step(&world, &deals[1], Move::Abandon).await.unwrap();
        for period in [crm::process::Period::Always, crm::process::Period::Quarter] {
            for caller in [&world.admin, &world.seller().await] {
                let found = world.app.processes().statistics(caller, DEALS.to_owned(), period).await.unwrap();
                let told: Vec<_> = found
                    .stages
                    .iter()
                    .map(|s| (s.label.as_str(), s.entered, s.moved_on, s.moved_back, s.given_up, s.not_left()))
                    .collect();
                let expected = [
                    ("Qualify", 4, 2, 0, 1, 1),
                    ("Develop", 2, 0, 1, 0, 1),
                    ("Propose", 0, 0, 0, 0, 0),
                    ("Close", 0, 0, 0, 0, 0),
                ];
                assert_eq!(told, expected, "{period:?}");
                assert_eq!(found.stages[0].conversion(), Some(50));
                assert!(found.stages[0].average.is_some() && found.stages[0].median.is_some());
                assert_eq!((found.stages[2].average, found.stages[2].conversion()), (None, None));
            }
        }
    })
    .await;
}
