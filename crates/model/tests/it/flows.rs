//! Process flows as files and in an organisation's overlay.

use pipewright_model::{Filter, Model, Overlay, Process, StageStep, StepAction};

const FLOW: &str = "opportunitysalesprocess";

/// What is wrong with the shipped flow after this edit.
fn wrong(edit: impl FnOnce(&mut Process)) -> Vec<String> {
    let mut process = (**Model::base().process(FLOW).unwrap()).clone();
    edit(&mut process);
    let mut overlay = Overlay::default();
    overlay.set_process(process);
    match Model::merge(&overlay, 1) {
        Ok(_) => Vec::new(),
        Err(error) => error.to_string().lines().map(str::to_owned).collect(),
    }
}

fn is_told(problems: &[String], parts: &[&str]) {
    assert!(problems.iter().any(|line| parts.iter().all(|part| line.contains(part))), "{parts:?} in {problems:#?}");
}

fn step(column: &str, action: Option<StepAction>) -> StageStep {
    StageStep { column: column.to_owned(), action, label: String::new(), required: false }
}

#[test]
fn both_shipped_flows_are_sound_and_nobody_is_shut_out() {
    let model = Model::base();
    let flows: Vec<(&str, usize)> =
        model.processes.iter().map(|flow| (flow.name.as_str(), flow.stages.len())).collect();
    assert_eq!(flows, [("leadtoopportunitysalesprocess", 4), (FLOW, 4)]);
    assert!(model.processes.iter().all(|flow| flow.is_for(&[])));
}

#[test]
fn a_wrong_step_is_told_with_its_stage_and_number() {
    let place = "process opportunitysalesprocess: stage develop: step 5";
    let with = |step: StageStep| wrong(|flow| flow.stages[1].steps.push(step));
    is_told(&with(step("colour", None)), &[place, "opportunity has no column colour"]);
    is_told(&with(step("", None)), &[place, "name a column or an action"]);
    is_told(&with(step("name", Some(StepAction::AddTask))), &[place, "not both"]);
    is_told(&with(step("", Some(StepAction::Qualify))), &[place, "works on lead, not on opportunity"]);
    let required = StageStep { required: true, ..step("", Some(StepAction::AddTask)) };
    is_told(&with(required), &[place, "an action cannot be required"]);
    let unfillable = StageStep { required: true, ..step("stepname", None) };
    is_told(&with(unfillable), &[place, "set by the system"]);
    assert!(with(step("", Some(StepAction::AddTask))).is_empty());
}

#[test]
fn a_wrong_branch_or_role_is_told_with_its_place() {
    is_told(
        &wrong(|flow| flow.stages[0].condition = Some(Filter::eq("name", "x"))),
        &["stage qualify", "first stage cannot have a condition"],
    );
    is_told(
        &wrong(|flow| flow.stages[2].condition = Some(Filter::eq("colour", "red"))),
        &["process opportunitysalesprocess: stage propose", "colour"],
    );
    is_told(&wrong(|flow| flow.roles = vec!["Wizard".to_owned()]), &["there is no security role “Wizard”"]);
    let role = vec!["Salesperson".to_owned(), "Salesperson".to_owned()];
    is_told(&wrong(|flow| flow.roles = role), &["role Salesperson stands twice"]);
}

#[test]
fn a_shipped_flow_kept_to_some_roles_stays_the_shipped_one() {
    let overlay = "[process_change.opportunitysalesprocess]\nroles = [\"Sales Manager\"]\n";
    let model = Model::merge(&Overlay::from_toml(overlay).unwrap(), 1).unwrap();
    let flow = model.process(FLOW).unwrap();
    assert!(!flow.is_for(&["Salesperson".to_owned()]) && flow.is_for(&["Sales Manager".to_owned()]));
    assert_eq!(flow.stages, Model::base().process(FLOW).unwrap().stages);
}

#[test]
fn a_flow_with_branches_and_actions_is_written_as_it_was_read() {
    let text = "\
[[process]]
name = \"new_flow\"
label = \"Flow\"
table = \"opportunity\"
roles = [\"Salesperson\"]

[[process.stage]]
name = \"begin\"
label = \"Begin\"
category = \"qualify\"

[[process.stage.step]]
column = \"customerneed\"
required = true

[[process.stage.step]]
action = \"add_phonecall\"
label = \"Call the customer\"

[[process.stage]]
name = \"approve\"
label = \"Approve\"
category = \"approval\"
condition = { any = [{ column = \"estimatedvalue\", op = \"ge\", value = 1000 }, { all = [{ column = \"opportunityratingcode\", op = \"eq\", value = 1 }, { column = \"budgetamount\", op = \"not-null\" }] }] }

[[process.stage]]
name = \"end\"
label = \"End\"
category = \"close\"
";
    let overlay = Overlay::from_toml(text).unwrap();
    Model::merge(&overlay, 1).unwrap();
    assert_eq!(Overlay::from_toml(&overlay.to_toml().unwrap()).unwrap(), overlay);
}
