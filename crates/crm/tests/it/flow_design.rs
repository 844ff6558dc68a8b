//! An administrator designs a flow: in a draft, checked and tried, then published.

use crate::world::{World, crm, in_every_world};
use crm::{
    Error, Origin, Row,
    process::{
        Journey, Transfer,
        design::{ConditionEdit, Design, Edit, FlowState, Join, Revision, Spot, StageForm, TrialNext},
    },
};
use model::{Filter, Operator, Reference, StageCategory, StageStep};

const DEALS: &str = "opportunitysalesprocess";

async fn edit(world: &World, flow: &str, edit: Edit) -> crm::Result<uuid::Uuid> {
    world.app.designer().edit(&world.admin, Origin::Page, flow, None, edit).await
}

async fn open(world: &World, flow: &str) -> Design {
    world.app.designer().open(&world.admin, flow).await.unwrap()
}

fn labels(design: &Design) -> Vec<&str> {
    design.process.stages.iter().map(|stage| stage.label.as_str()).collect()
}

fn stage(label: &str, category: StageCategory) -> StageForm {
    StageForm { label: label.to_owned(), category, table: "opportunity".to_owned(), relationship: None }
}

fn required(column: &str) -> StageStep {
    StageStep { column: column.to_owned(), action: None, label: String::new(), required: true }
}

fn at_least(amount: i64) -> Filter {
    Filter::compare("estimatedvalue", Operator::Ge, amount)
}

fn to(table: &str, id: uuid::Uuid) -> Reference {
    Reference::new(table, id)
}

async fn journey(world: &World, record: &Reference) -> Journey {
    world.app.processes().journey(&world.seller, record.clone()).await.unwrap().unwrap()
}

/// A new flow for deals with two stages more, one of them only for large ones.
async fn large_deals(world: &World) -> String {
    let designer = world.app.designer();
    let flow = designer.create(&world.admin, Origin::Page, "Large deals", "opportunity", None).await.unwrap();
    edit(world, &flow, Edit::AddStep("start".to_owned(), required("customerneed"))).await.unwrap();
    edit(world, &flow, Edit::AddStage(stage("Approve", StageCategory::Approval))).await.unwrap();
    edit(world, &flow, Edit::AddStage(stage("Close", StageCategory::Close))).await.unwrap();
    let approve = Spot::Stage("approve".to_owned());
    let add = ConditionEdit::Add(Vec::new(), at_least(1000));
    edit(world, &flow, Edit::Condition(approve, add)).await.unwrap();
    flow
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_kept_leads_nobody_and_is_published_as_a_version() {
    in_every_world(async |world| {
        let designer = world.app.designer();
        let flow = large_deals(&world).await;
        assert_eq!(flow, "new_large_deals");
        let design = open(&world, &flow).await;
        assert_eq!((labels(&design), design.problems.len()), (vec!["Start", "Approve", "Close"], 0));
        assert!(world.app.model().process(&flow).is_none(), "nothing is in force before it is published");
        let listed = designer.flows(&world.admin).await.unwrap();
        let listed = listed["opportunity"].iter().find(|it| it.name == flow).unwrap().clone();
        assert_eq!((listed.state, listed.version, listed.drafted), (FlowState::Draft, None, true));

        let published = designer.publish(&world.admin, Origin::Page, &flow, None, &[]).await.unwrap();
        assert_eq!(published.version, 1);
        assert!(open(&world, &flow).await.draft.is_none());
        let deal = to("opportunity", world.deal("Later", 10).await);
        assert_eq!(journey(&world, &deal).await.name, DEALS, "a new flow comes last in the order");
        designer.reorder(&world.admin, Origin::Page, &flow, true).await.unwrap();
        let deal = to("opportunity", world.deal("First", 10).await);
        assert_eq!(journey(&world, &deal).await.name, flow);
        designer.set_active(&world.admin, Origin::Page, &flow, false).await.unwrap();
        let deal = to("opportunity", world.deal("Off", 10).await);
        assert_eq!(journey(&world, &deal).await.name, DEALS);
        let error = designer.delete(&world.admin, Origin::Page, &flow).await.unwrap_err();
        assert!(error.to_string().contains("switch it off instead"), "{error}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flow_that_nobody_followed_is_deleted_and_a_shipped_one_gets_its_stages_back() {
    in_every_world(async |world| {
        let designer = world.app.designer();
        let flow = large_deals(&world).await;
        designer.publish(&world.admin, Origin::Page, &flow, None, &[]).await.unwrap();
        designer.delete(&world.admin, Origin::Page, &flow).await.unwrap();
        assert!(matches!(designer.open(&world.admin, &flow).await, Err(Error::Unknown(_))));

        edit(&world, DEALS, Edit::RemoveStage("develop".to_owned())).await.unwrap();
        designer.publish(&world.admin, Origin::Page, DEALS, None, &[]).await.unwrap();
        designer.delete(&world.admin, Origin::Page, DEALS).await.unwrap();
        let model = world.app.model();
        let deals = model.process(DEALS).unwrap();
        assert_eq!((deals.stages.len(), deals.version), (4, 3));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_of_a_draft_can_be_undone_and_the_whole_draft_thrown_away() {
    in_every_world(async |world| {
        edit(&world, DEALS, Edit::MoveStage("close".to_owned(), 0)).await.unwrap();
        let act = edit(&world, DEALS, Edit::RemoveStage("develop".to_owned())).await.unwrap();
        assert_eq!(labels(&open(&world, DEALS).await), ["Close", "Qualify", "Propose"]);
        world.app.undo(&world.admin, Origin::Page, act).await.unwrap();
        assert_eq!(labels(&open(&world, DEALS).await), ["Close", "Qualify", "Develop", "Propose"]);
        world.app.designer().discard(&world.admin, Origin::Page, DEALS).await.unwrap();
        assert_eq!(labels(&open(&world, DEALS).await), ["Qualify", "Develop", "Propose", "Close"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn steps_and_nested_conditions_are_changed_part_by_part() {
    in_every_world(async |world| {
        let flow = large_deals(&world).await;
        let spot = || Spot::Stage("approve".to_owned());
        let condition = async |change: ConditionEdit| edit(&world, &flow, Edit::Condition(spot(), change)).await;
        condition(ConditionEdit::Join(Vec::new(), Join::Any)).await.unwrap();
        condition(ConditionEdit::Add(Vec::new(), Filter::All(Vec::new()))).await.unwrap();
        let design = open(&world, &flow).await;
        assert!(design.problems[0].message.contains("a group has no conditions"), "{:?}", design.problems);
        condition(ConditionEdit::Add(vec![1], Filter::unary("budgetamount", Operator::NotNull))).await.unwrap();
        condition(ConditionEdit::Add(vec![1], at_least(10))).await.unwrap();
        condition(ConditionEdit::Replace(vec![1, 1], at_least(20))).await.unwrap();
        let wanted = Filter::Any(vec![
            at_least(1000),
            Filter::All(vec![Filter::unary("budgetamount", Operator::NotNull), at_least(20)]),
        ]);
        let design = open(&world, &flow).await;
        assert_eq!(design.process.stages[1].condition, Some(wanted));
        assert!(design.problems.is_empty(), "{:?}", design.problems);
        let error = condition(ConditionEdit::Remove(vec![4])).await.unwrap_err();
        assert!(error.to_string().contains("not there any more"), "{error}");
        condition(ConditionEdit::Remove(vec![1])).await.unwrap();
        condition(ConditionEdit::Remove(vec![0])).await.unwrap();
        assert_eq!(open(&world, &flow).await.process.stages[1].condition, None, "an empty condition is none");

        edit(&world, &flow, Edit::AddStep("start".to_owned(), required("description"))).await.unwrap();
        edit(&world, &flow, Edit::MoveStep("start".to_owned(), 1, 0)).await.unwrap();
        edit(&world, &flow, Edit::RemoveStep("start".to_owned(), 1)).await.unwrap();
        let steps = open(&world, &flow).await.process.stages[0].steps.clone();
        assert_eq!(steps, [required("description")]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_meant_for_another_state_of_the_flow_is_not_made() {
    in_every_world(async |world| {
        let designer = world.app.designer();
        let remove = |at| Edit::RemoveStep("qualify".to_owned(), at);
        let meant_for = async |seen, edit| designer.edit(&world.admin, Origin::Page, DEALS, Some(seen), edit).await;
        let published = open(&world, DEALS).await.revision();
        meant_for(published, remove(0)).await.unwrap();
        let error = meant_for(published, remove(0)).await.unwrap_err();
        assert!(matches!(error, Error::Changed { .. }), "somebody began a draft meanwhile: {error}");

        let drafted = open(&world, DEALS).await.revision();
        edit(&world, DEALS, remove(0)).await.unwrap();
        let before = open(&world, DEALS).await;
        let other = Edit::ChangeStep("qualify".to_owned(), 0, required("customerneed"));
        assert!(matches!(meant_for(drafted, other).await, Err(Error::Changed { .. })));
        let taken = designer.take_version(&world.admin, Origin::Page, DEALS, Some(drafted), 1).await;
        assert!(taken.is_err());
        assert_eq!(open(&world, DEALS).await.process, before.process, "no step was overwritten");
        meant_for(before.revision(), remove(0)).await.unwrap();

        for revision in [published, drafted] {
            assert_eq!(revision.to_string().parse(), Ok(revision));
        }
        assert!("x".parse::<Revision>().is_err());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_draft_that_was_looked_at_is_published() {
    in_every_world(async |world| {
        let designer = world.app.designer();
        edit(&world, DEALS, Edit::RemoveStage("develop".to_owned())).await.unwrap();
        let seen = designer.preview(&world.admin, DEALS).await.unwrap().design.revision();
        edit(&world, DEALS, Edit::RemoveStage("propose".to_owned())).await.unwrap();
        let error = designer.publish(&world.admin, Origin::Page, DEALS, Some(seen), &[]).await.unwrap_err();
        assert!(matches!(error, Error::Changed { .. }), "{error}");
        assert_eq!(world.app.model().process(DEALS).unwrap().version, 1);

        let seen = open(&world, DEALS).await.revision();
        designer.publish(&world.admin, Origin::Page, DEALS, Some(seen), &[]).await.unwrap();
        assert!(open(&world, DEALS).await.draft.is_none());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_changed_while_a_draft_is_published_is_not_lost() {
    in_every_world(async |world| {
        let designer = world.app.designer();
        edit(&world, DEALS, Edit::RemoveStage("develop".to_owned())).await.unwrap();
        let meanwhile = async {
            // Behind the reading of the draft; the publication takes longer than this.
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            edit(&world, DEALS, Edit::AddStage(stage("Meanwhile", StageCategory::Close))).await.unwrap();
        };
        let (published, ()) = tokio::join!(designer.publish(&world.admin, Origin::Page, DEALS, None, &[]), meanwhile);
        published.unwrap();
        let design = open(&world, DEALS).await;
        assert!(labels(&design).contains(&"Meanwhile"), "{:?}", labels(&design));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_published_version_is_told_of_even_where_records_cannot_be_moved() {
    in_every_world(async |world| {
        edit(&world, DEALS, Edit::RemoveStage("develop".to_owned())).await.unwrap();
        let nowhere = uuid::Uuid::now_v7();
        let transfer = Transfer { version: Some(1), from: nowhere, to: nowhere };
        let designer = world.app.designer();
        let published = designer.publish(&world.admin, Origin::Page, DEALS, None, &[transfer]).await.unwrap();
        let outcome = published.transfer.unwrap();
        assert_eq!((published.version, outcome.moved), (2, 0));
        assert!(outcome.broken.unwrap().to_string().contains("no such stage"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_unsound_is_told_at_its_place_and_not_published() {
    in_every_world(async |world| {
        edit(&world, DEALS, Edit::AddStep("develop".to_owned(), required("colour"))).await.unwrap();
        let design = open(&world, DEALS).await;
        assert_eq!(design.problems[0].place, "process opportunitysalesprocess: stage develop: step 5");
        let error = world.app.designer().publish(&world.admin, Origin::Page, DEALS, None, &[]).await.unwrap_err();
        assert!(matches!(error, Error::Model(_)), "{error}");
        let nameless = edit(&world, DEALS, Edit::AddStage(stage("  ", StageCategory::Close))).await.unwrap_err();
        assert!(matches!(&nameless, Error::Invalid(fields) if fields[0].column == "label"), "{nameless}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_tried_on_a_real_record_and_nothing_is_written() {
    in_every_world(async |world| {
        let flow = large_deals(&world).await;
        let (small, large) = (world.deal("Small", 10).await, world.deal("Large", 5000).await);
        let before = world.get("opportunity", large).await;
        let walk = async |deal, moves, as_if| {
            let record = Reference::new("opportunity", deal);
            world.app.designer().try_on(&world.admin, &flow, record, moves, as_if).await.unwrap()
        };
        let trial = walk(large, 0, false).await;
        assert_eq!((&trial.next, trial.walked[0].missing.len()), (&TrialNext::Missing, 1));
        assert_eq!(trial.ahead, ["Approve", "Close"]);
        assert_eq!(walk(small, 0, true).await.ahead, ["Close"], "the branch is for large deals");
        assert_eq!(walk(large, 1, false).await.walked.len(), 1, "the gate holds");
        let trial = walk(large, 9, true).await;
        let walked: Vec<&str> = trial.walked.iter().map(|stage| stage.label.as_str()).collect();
        assert_eq!((walked, trial.next), (vec!["Start", "Approve", "Close"], TrialNext::End));
        assert_eq!(trial.offers.iter().map(|offer| offer.tried).collect::<Vec<_>>(), [false, true]);
        assert_eq!(world.get("opportunity", large).await, before);
        assert_eq!(journey(&world, &to("opportunity", large)).await.name, DEALS);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn publishing_tells_who_is_concerned_and_moves_them() {
    in_every_world(async |world| {
        let designer = world.app.designer();
        let deal = to("opportunity", world.deal("Running", 10).await);
        let processes = world.app.processes();
        processes.advance(&world.seller().await, Origin::Page, deal.clone()).await.unwrap();
        edit(&world, DEALS, Edit::RemoveStage("develop".to_owned())).await.unwrap();
        let preview = designer.preview(&world.admin, DEALS).await.unwrap();
        assert_eq!((preview.version, preview.waiting.len()), (2, 1));
        let waiting = &preview.waiting[0];
        assert_eq!((waiting.label.as_str(), waiting.count, waiting.version), ("Develop", 1, Some(1)));
        let transfer = Transfer { version: waiting.version, from: waiting.stage, to: waiting.proposed.unwrap() };
        let published = designer.publish(&world.admin, Origin::Page, DEALS, None, &[transfer]).await.unwrap();
        assert_eq!((published.version, published.transfer.unwrap().moved), (2, 1));
        assert_eq!(journey(&world, &deal).await.current().unwrap().label, "Qualify");

        designer.take_version(&world.admin, Origin::Page, DEALS, None, 1).await.unwrap();
        designer.publish(&world.admin, Origin::Page, DEALS, None, &[]).await.unwrap();
        assert_eq!(world.app.model().process(DEALS).unwrap().stages.len(), 4, "an earlier version is in force again");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_administrators_and_customizers_design() {
    in_every_world(async |world| {
        let designer = world.app.designer();
        let seller = world.seller().await;
        let remove = Edit::RemoveStage("develop".to_owned());
        assert!(matches!(designer.open(&seller, DEALS).await, Err(Error::Forbidden(_))));
        assert!(matches!(designer.flows(&seller).await, Err(Error::Forbidden(_))));
        let refused = designer.edit(&seller, Origin::Page, DEALS, None, remove.clone()).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))));
        let refused = designer.publish(&seller, Origin::Page, DEALS, None, &[]).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))));
        let draft = Row::new().with("name", "x").with("uniquename", "new_x").with("definition", "{}");
        let refused =
            world.app.create(&seller, Origin::WebApi, crm::NewRecord::of("processdraft", draft.clone())).await;
        assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
        let refused = world.app.create(&world.admin, Origin::WebApi, crm::NewRecord::of("processdraft", draft)).await;
        assert!(refused.unwrap_err().to_string().contains("cannot be read"), "what is no flow is not kept");

        world.app.identity().give_role(&world.admin, world.seller.user, "System Customizer").await.unwrap();
        let customizer = world.seller().await;
        designer.edit(&customizer, Origin::Page, DEALS, None, remove).await.unwrap();
        designer.publish(&customizer, Origin::Page, DEALS, None, &[]).await.unwrap();
    })
    .await;
}
