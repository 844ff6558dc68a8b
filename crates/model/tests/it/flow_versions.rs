//! Versions of flows in the overlay: what was published stays beside what is in force.

use std::collections::BTreeSet;

use pipewright_model::{Filter, Model, Overlay, Process};

const FLOW: &str = "opportunitysalesprocess";

/// The model with an overlay edited like this over `present`, as publishing makes it.
fn published(present: &Model, overlay: &Overlay, edit: impl FnOnce(&mut Process)) -> (Overlay, Model) {
    let mut overlay = overlay.clone();
    let mut process = (**present.process(FLOW).unwrap()).clone();
    edit(&mut process);
    overlay.set_process(process);
    kept(present, overlay)
}

fn kept(present: &Model, mut overlay: Overlay) -> (Overlay, Model) {
    overlay.keep_process_versions(present).unwrap();
    let text = overlay.to_toml().unwrap();
    let overlay = Overlay::from_toml(&text).unwrap();
    let model = Model::merge(&overlay, present.version + 1).unwrap();
    (overlay, model)
}

fn labels(process: &Process) -> Vec<&str> {
    process.stages.iter().map(|stage| stage.label.as_str()).collect()
}

#[test]
fn a_flow_with_other_stages_is_a_new_version_and_the_former_one_is_kept_whole() {
    let base = Model::base();
    assert_eq!(base.process(FLOW).unwrap().version, 1);
    let (overlay, model) = published(&base, &Overlay::default(), |flow| drop(flow.stages.remove(1)));
    let flow = model.process(FLOW).unwrap();
    assert_eq!((flow.version, labels(flow)), (2, vec!["Qualify", "Propose", "Close"]));
    assert_eq!(labels(&flow.in_version(1)), ["Qualify", "Develop", "Propose", "Close"]);
    assert_eq!(flow.in_version(1).stages, base.process(FLOW).unwrap().stages);

    let (_, model) = published(&model, &overlay, |flow| flow.stages[0].label = "Know".to_owned());
    let flow = model.process(FLOW).unwrap();
    assert_eq!((flow.version, flow.earlier.len()), (3, 2));
    assert_eq!(labels(&flow.in_version(2)), ["Qualify", "Propose", "Close"]);
}

#[test]
fn switching_off_renaming_or_moving_a_flow_makes_no_version_and_concerns_all_of_them() {
    let base = Model::base();
    let (overlay, model) = published(&base, &Overlay::default(), |flow| drop(flow.stages.remove(1)));
    let (overlay, model) = published(&model, &overlay, |flow| {
        flow.label = "Deals".to_owned();
        flow.active = false;
        flow.order = 7;
    });
    let flow = model.process(FLOW).unwrap();
    assert_eq!((flow.version, overlay.process_versions.len()), (2, 1));
    assert_eq!((flow.in_version(1).label.as_str(), flow.in_version(1).active), ("Deals", false));
}

#[test]
fn giving_the_shipped_stages_back_is_a_version_too() {
    let base = Model::base();
    let (mut overlay, model) = published(&base, &Overlay::default(), |flow| drop(flow.stages.remove(1)));
    overlay.reset_process(FLOW);
    let (overlay, model) = kept(&model, overlay);
    let flow = model.process(FLOW).unwrap();
    assert_eq!((flow.version, labels(flow).len(), overlay.processes.len()), (3, 4, 0));
    assert_eq!(labels(&flow.in_version(2)), ["Qualify", "Propose", "Close"]);
}

#[test]
fn an_overlay_from_a_file_does_not_lose_the_versions_in_force() {
    let base = Model::base();
    let (_, model) = published(&base, &Overlay::default(), |flow| drop(flow.stages.remove(1)));
    let (_, model) = kept(&model, Overlay::default());
    let flow = model.process(FLOW).unwrap();
    assert_eq!((flow.version, flow.earlier.len()), (3, 2), "what was published in between is still there");
}

#[test]
fn versions_that_nothing_needs_are_forgotten_but_numbers_are_not_given_twice() {
    let (mut overlay, mut model) = (Overlay::default(), Model::base());
    for label in ["A", "B", "C"] {
        (overlay, model) = published(&model, &overlay, |flow| flow.stages[0].label = label.to_owned());
    }
    assert_eq!(model.process(FLOW).unwrap().version, 4);
    overlay.forget_process_versions(FLOW, &BTreeSet::from([2]));
    let numbers: Vec<u32> = overlay.process_versions.iter().map(|kept| kept.version).collect();
    assert_eq!(numbers, [2, 3]);
    assert_eq!(Model::merge(&overlay, 9).unwrap().process(FLOW).unwrap().version, 4);
}

#[test]
fn what_an_earlier_version_needs_cannot_be_taken_out_of_the_model() {
    let base = Model::base();
    let (mut overlay, _) = published(&base, &Overlay::default(), |flow| drop(flow.stages.remove(1)));
    overlay.process_versions[0].stages[1].steps[0].column = "new_gone".to_owned();
    let error = Model::merge(&overlay, 2).unwrap_err().to_string();
    assert!(error.contains("version 1: stage develop: step 1"), "{error}");
}

#[test]
fn a_stage_that_is_gone_is_led_by_the_latest_version_that_has_it() {
    let base = Model::base();
    let (_, model) = published(&base, &Overlay::default(), |flow| drop(flow.stages.remove(1)));
    let flow = model.process(FLOW).unwrap();
    let develop = base.process(FLOW).unwrap().stages[1].id;
    assert_eq!(flow.with_stage(develop).unwrap().version, 1);
    assert_eq!(flow.with_stage(flow.stages[0].id).unwrap().version, 2);
    assert!(flow.with_stage(uuid_of_nothing()).is_none());
}

fn uuid_of_nothing() -> uuid::Uuid {
    uuid::Uuid::nil()
}

#[test]
fn the_rule_of_a_shipped_flow_is_a_small_change_that_can_be_taken_back() {
    let base = Model::base();
    let rule = Filter::compare("estimatedvalue", pipewright_model::Operator::Ge, 1000);
    let (overlay, model) = published(&base, &Overlay::default(), |flow| flow.rule = Some(rule.clone()));
    assert_eq!(model.process(FLOW).unwrap().rule, Some(rule));
    assert_eq!(model.process(FLOW).unwrap().version, 1, "who is led by it is no matter of its stages");
    assert!(!overlay.is_empty());
}

#[test]
fn a_draft_is_checked_as_publishing_would_and_unfinished_groups_are_told() {
    let base = Model::base();
    let mut flow = (**base.process(FLOW).unwrap()).clone();
    assert_eq!(base.check_process(&flow), []);
    flow.stages[2].steps[0].column = "colour".to_owned();
    flow.stages[1].condition = Some(Filter::Any(Vec::new()));
    flow.rule = Some(Filter::unary("colour", pipewright_model::Operator::Null));
    let told: Vec<String> = base.check_process(&flow).iter().map(ToString::to_string).collect();
    let place = "process opportunitysalesprocess";
    for expected in ["stage propose: step 1: ", "stage develop: condition: a group has no conditions", "rule: "] {
        let expected = format!("{place}: {expected}");
        assert!(told.iter().any(|line| line.starts_with(&expected)), "{expected} in {told:#?}");
    }
}
