//! A flow is changed while records are led by it: they stay on their version, or are moved by what was
//! chosen for each stage.

use crate::world::{World, crm, in_every_world};
use crm::{
    Error, Origin,
    process::{Journey, LeaveReason, Move, Period, Portion, StageState, Transfer, Waiting},
};
use model::{Condition, Filter, Operator, Process, Reference, Value};
use uuid::Uuid;

const DEALS: &str = "opportunitysalesprocess";

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

async fn deal(world: &World, name: &str, revenue: i64) -> Reference {
    Reference::new("opportunity", world.deal(name, revenue).await)
}

async fn step(world: &World, record: &Reference, step: Move) {
    world.app.processes().carry_out(&world.seller().await, Origin::Page, record.clone(), step).await.unwrap();
}

async fn journey(world: &World, record: &Reference) -> Journey {
    world.app.processes().journey(&world.seller, record.clone()).await.unwrap().unwrap()
}

async fn labels(world: &World, record: &Reference) -> Vec<String> {
    journey(world, record).await.stages.into_iter().map(|stage| stage.label).collect()
}

async fn active(world: &World, record: &Reference) -> String {
    let journey = journey(world, record).await;
    let stage = journey.stages.iter().find(|stage| stage.state == StageState::Active);
    stage.map_or_else(|| "none".to_owned(), |stage| stage.label.clone())
}

fn stage(world: &World, label: &str) -> Uuid {
    let model = world.app.model();
    let flow = model.process(DEALS).unwrap();
    flow.all_stages().find(|stage| stage.label == label).unwrap().id
}

async fn waiting(world: &World) -> Vec<Waiting> {
    let process = (**world.app.model().process(DEALS).unwrap()).clone();
    world.app.processes().waiting(&world.admin, process).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_record_stays_on_its_version_and_a_new_one_gets_the_new_version() {
    in_every_world(async |world| {
        let running = deal(&world, "Running", 10).await;
        step(&world, &running, Move::Next).await;
        change(&world, DEALS, |flow| drop(flow.stages.remove(1))).await;

        assert_eq!(active(&world, &running).await, "Develop", "a stage that is gone is still shown");
        assert_eq!(labels(&world, &running).await, ["Qualify", "Develop", "Propose", "Close"]);
        step(&world, &running, Move::Back).await;
        step(&world, &running, Move::Next).await;
        assert_eq!(active(&world, &running).await, "Develop", "its own version leads it");

        let new = deal(&world, "New", 10).await;
        assert_eq!(labels(&world, &new).await, ["Qualify", "Propose", "Close"]);
        step(&world, &new, Move::Next).await;
        assert_eq!(active(&world, &new).await, "Propose");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_whose_first_stage_is_gone_is_led_by_the_version_that_has_it() {
    in_every_world(async |world| {
        let unmoved = deal(&world, "Unmoved", 10).await;
        change(&world, DEALS, |flow| drop(flow.stages.remove(0))).await;
        assert_eq!(active(&world, &unmoved).await, "Qualify");
        step(&world, &unmoved, Move::Next).await;
        assert_eq!(labels(&world, &unmoved).await, ["Qualify", "Develop", "Propose", "Close"]);
        assert_eq!(active(&world, &deal(&world, "New", 10).await).await, "Develop");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn running_records_are_counted_and_moved_by_the_mapping_and_this_can_be_undone() {
    in_every_world(async |world| {
        let (one, two) = (deal(&world, "One", 10).await, deal(&world, "Two", 10).await);
        let (late, aside) = (deal(&world, "Late", 10).await, deal(&world, "Ended", 10).await);
        for record in [&one, &two, &late, &aside] {
            step(&world, record, Move::Next).await;
        }
        step(&world, &late, Move::Next).await;
        step(&world, &aside, Move::Abandon).await;
        let develop = stage(&world, "Develop");
        change(&world, DEALS, |flow| drop(flow.stages.remove(1))).await;
        let (qualify, propose) = (stage(&world, "Qualify"), stage(&world, "Propose"));

        let found = waiting(&world).await;
        let told: Vec<_> = found.iter().map(|it| (it.version, it.label.as_str(), it.count, it.proposed)).collect();
        let expected = [(Some(1), "Develop", 2, Some(qualify)), (Some(1), "Propose", 1, Some(propose))];
        assert_eq!(told, expected, "an ended flow is not moved");

        let transfers = [
            Transfer { version: Some(1), from: develop, to: propose },
            Transfer { version: Some(1), from: propose, to: propose },
        ];
        let refused = world.app.processes().transfer(&world.seller, Origin::Page, DEALS, &transfers).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
        let done = world.app.processes().transfer(&world.admin, Origin::Page, DEALS, &transfers).await.unwrap();
        assert_eq!((done.moved, done.more, done.reasons.len()), (3, false, 0), "{:?}", done.reasons);
        assert_eq!(labels(&world, &one).await, ["Qualify", "Propose", "Close"]);
        assert_eq!(active(&world, &one).await, "Propose");
        assert_eq!(world.get("opportunity", one.id).await.text("stepname"), "3-Propose");
        assert!(waiting(&world).await.is_empty());
        let (stays, _) = world.app.processes().visits(&world.admin, one.clone(), develop).await.unwrap();
        assert_eq!(stays[0].reason, Some(LeaveReason::Transferred), "the stay in the former stage is kept");
        let (stays, _) = world.app.processes().visits(&world.admin, late.clone(), propose).await.unwrap();
        assert!(stays.len() == 1 && stays[0].left.is_none(), "in the same stage the stay goes on: {stays:?}");

        world.app.undo(&world.admin, Origin::Page, done.act).await.unwrap();
        assert_eq!(active(&world, &one).await, "Develop");
        assert_eq!(labels(&world, &late).await, ["Qualify", "Develop", "Propose", "Close"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn records_that_never_moved_are_moved_out_of_a_stage_that_is_gone() {
    in_every_world(async |world| {
        let unmoved = deal(&world, "Unmoved", 10).await;
        let moved = deal(&world, "Moved", 10).await;
        step(&world, &moved, Move::Next).await;
        step(&world, &moved, Move::Back).await;
        let qualify = stage(&world, "Qualify");
        change(&world, DEALS, |flow| drop(flow.stages.remove(0))).await;
        let develop = stage(&world, "Develop");
        let told: Vec<_> = waiting(&world).await.into_iter().map(|it| (it.version, it.count)).collect();
        assert_eq!(told, [(Some(1), 1), (None, 1)]);
        let transfer = Transfer { version: None, from: qualify, to: develop };
        let done = world.app.processes().transfer(&world.admin, Origin::Page, DEALS, &[transfer]).await.unwrap();
        assert_eq!(done.moved, 1, "{:?}", done.reasons);
        assert_eq!(active(&world, &unmoved).await, "Develop");
        assert_eq!(active(&world, &moved).await, "Qualify", "the other one stays on its version");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn records_that_cannot_be_moved_do_not_keep_the_others_from_their_turn() {
    in_every_world(async |world| {
        for name in ["A", "B", "C"] {
            let moved = deal(&world, name, 10).await;
            step(&world, &moved, Move::Next).await;
            step(&world, &moved, Move::Back).await;
        }
        for name in ["D", "E", "F"] {
            deal(&world, name, 10).await;
        }
        let qualify = stage(&world, "Qualify");
        change(&world, DEALS, |flow| drop(flow.stages.remove(0))).await;
        let transfer = [Transfer { version: None, from: qualify, to: stage(&world, "Develop") }];
        let some = async || {
            let portion = Portion { batch: 1, enough: 2 };
            let processes = world.app.processes();
            processes.transfer_some(&world.admin, Origin::Page, DEALS, &transfer, portion).await.unwrap()
        };
        let first = some().await;
        assert_eq!((first.moved, first.more), (2, true), "those that its own version leads come first and stay");
        let second = some().await;
        assert_eq!((second.moved, second.more), (1, false));
        let rest = waiting(&world).await;
        assert!(rest.iter().all(|it| it.version == Some(1)), "{rest:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_not_moved_to_a_stage_on_another_table() {
    in_every_world(async |world| {
        let leads = "leadtoopportunitysalesprocess";
        let flow = world.app.model().process(leads).cloned().unwrap();
        let transfer = Transfer { version: Some(1), from: flow.stages[0].id, to: flow.stages[1].id };
        let error = world.app.processes().transfer(&world.admin, Origin::Page, leads, &[transfer]).await.unwrap_err();
        assert!(error.to_string().contains("records stay on their table"), "{error}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_that_no_record_needs_are_forgotten() {
    in_every_world(async |world| {
        for label in ["A", "B", "C"] {
            change(&world, DEALS, |flow| flow.stages[0].label = label.to_owned()).await;
        }
        let kept = |world: &World| -> Vec<u32> {
            let model = world.app.model();
            model.process(DEALS).unwrap().earlier.iter().map(|earlier| earlier.version).collect()
        };
        assert_eq!(kept(&world), [3], "only the last one, from which the number follows");
        let led = deal(&world, "Led by the fourth", 10).await;
        step(&world, &led, Move::Next).await;
        for label in ["D", "E", "F"] {
            change(&world, DEALS, |flow| flow.stages[0].label = label.to_owned()).await;
        }
        assert_eq!(kept(&world), [4, 6]);
        assert_eq!(labels(&world, &led).await[0], "C");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_a_running_version_asks_for_cannot_be_taken_out() {
    in_every_world(async |world| {
        let mut overlay = (*world.app.customization().overlay()).clone();
        let column = r#"
            [table.opportunity.columns.new_score]
            label = "Score"
            type = "whole"
        "#;
        overlay.tables = model::Overlay::from_toml(column).unwrap().tables;
        world.app.customization().publish(&world.admin, Origin::Page, overlay).await.unwrap();
        change(&world, DEALS, |flow| flow.stages[1].steps[0].column = "new_score".to_owned()).await;
        let led = deal(&world, "Led", 10).await;
        step(&world, &led, Move::Next).await;
        change(&world, DEALS, |flow| drop(flow.stages[1].steps.remove(0))).await;
        let mut without = (*world.app.customization().overlay()).clone();
        without.tables.clear();
        let error = world.app.customization().publish(&world.admin, Origin::Page, without).await.unwrap_err();
        assert!(error.to_string().contains("version 2: stage develop: step 1"), "{error}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rule_of_a_flow_decides_which_new_records_it_leads() {
    in_every_world(async |world| {
        let at_least = |amount: i64| {
            Filter::Condition(Condition {
                column: "estimatedvalue".into(),
                operator: Operator::Ge,
                values: vec![Value::from(amount)],
                other: None,
            })
        };
        let large = Process {
            name: "new_large".to_owned(),
            label: "Large deals".to_owned(),
            order: 0,
            rule: Some(at_least(1000)),
            ..(**world.app.model().process(DEALS).unwrap()).clone()
        };
        publish(&world, large).await;
        let (small, big) = (deal(&world, "Small", 10).await, deal(&world, "Big", 5000).await);
        assert_eq!(journey(&world, &small).await.name, DEALS);
        assert_eq!(journey(&world, &big).await.name, "new_large");
        step(&world, &small, Move::Switch(world.app.model().process("new_large").unwrap().id)).await;
        assert_eq!(journey(&world, &small).await.name, "new_large", "whoever works on it may still choose");

        let mut overlay = (*world.app.customization().overlay()).clone();
        let mut unsound = (**world.app.model().process("new_large").unwrap()).clone();
        unsound.rule = Some(Filter::unary("estimatedvalue_base", Operator::NotNull));
        overlay.set_process(unsound);
        let error = world.app.customization().publish(&world.admin, Origin::Page, overlay).await.unwrap_err();
        assert!(error.to_string().contains("process new_large: rule"), "{error}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn statistics_tell_of_stages_that_only_earlier_versions_have() {
    in_every_world(async |world| {
        let (_unmoved, moved) = (deal(&world, "Unmoved", 10).await, deal(&world, "Moved", 10).await);
        step(&world, &moved, Move::Next).await;
        step(&world, &moved, Move::Next).await;
        change(&world, DEALS, |flow| drop(flow.stages.drain(0..2))).await;
        deal(&world, "New", 10).await;
        for caller in [&world.admin, &world.seller().await] {
            let found = world.app.processes().statistics(caller, DEALS.to_owned(), Period::Always).await.unwrap();
            let told: Vec<_> =
                found.stages.iter().map(|s| (s.label.as_str(), s.former, s.entered, s.moved_on, s.last)).collect();
            let expected = [
                ("Propose", false, 2, 0, false),
                ("Close", false, 0, 0, true),
                ("Qualify", true, 2, 1, false),
                ("Develop", true, 1, 1, false),
            ];
            assert_eq!(told, expected);
        }
    })
    .await;
}
