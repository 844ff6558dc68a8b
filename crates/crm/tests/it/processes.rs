//! Process flows: stages, gates, the time spent in each.

use crate::world::{World, crm, in_every_world};
use crm::{Error, Origin, Row, process::StageState};
use model::{Filter, Reference};

async fn stages(world: &World, record: &Reference) -> Vec<(String, StageState)> {
    let journey = world.app.processes().journey(&world.seller, record.clone()).await.unwrap().unwrap();
    journey.stages.into_iter().map(|stage| (stage.label, stage.state)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_opportunity_stands_in_the_first_stage_and_moves_on() {
    in_every_world(async |world| {
        let deal = Reference::new("opportunity", world.deal("Moves", 10).await);
        let before = stages(&world, &deal).await;
        assert_eq!(before[0], ("Qualify".to_owned(), StageState::Active));

        world.app.processes().advance(&world.seller, Origin::Page, deal.clone()).await.unwrap();

        let after = stages(&world, &deal).await;
        assert_eq!((after[0].1, after[1].1), (StageState::Done, StageState::Active));
        assert_eq!(world.get("opportunity", deal.id).await.text("stepname"), "2-Develop");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_visit_of_every_stage_is_kept() {
    in_every_world(async |world| {
        let deal = Reference::new("opportunity", world.deal("Back and forth", 10).await);
        let processes = world.app.processes();
        processes.advance(&world.seller, Origin::Page, deal.clone()).await.unwrap();
        processes.back(&world.seller, Origin::Page, deal.clone()).await.unwrap();
        processes.advance(&world.seller, Origin::Page, deal.clone()).await.unwrap();

        let visits = world
            .app
            .new_query(&world.seller, "processstagevisit")
            .select(["stagename", "lefton"])
            .matching(Filter::eq("recordid", deal))
            .order_by(model::Order::ascending("enteredon"));
        let visits = world.app.query(&world.seller, visits).await.unwrap();
        let visits: Vec<(String, bool)> =
            visits.to_rows().map(|v| (v.text("stagename").to_owned(), v.has("lefton"))).collect();
        let expected = [("Qualify", true), ("Develop", true), ("Qualify", true), ("Develop", false)];
        assert_eq!(visits, expected.map(|(name, left)| (name.to_owned(), left)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_cannot_enter_the_opportunity_stages_before_it_is_qualified() {
    in_every_world(async |world| {
        let lead = Reference::new("lead", world.lead("Not yet").await);
        let error = world.app.processes().advance(&world.seller, Origin::Page, lead).await.unwrap_err();
        assert!(matches!(&error, Error::Refused(why) if why.contains("qualify the lead first")), "{error}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_required_step_must_be_filled_before_the_stage_is_left() {
    in_every_world(async |world| {
        let mut overlay = (*world.app.customization().overlay()).clone();
        let mut process = (**world.app.model().process("opportunitysalesprocess").unwrap()).clone();
        for step in &mut process.stages[0].steps {
            step.required = step.column == "purchasetimeframe";
        }
        let gated = process.stages[0].steps.iter().any(|step| step.required);
        assert!(gated, "the shipped first stage asks for the time frame");
        overlay.processes.push(process);
        world.app.customization().publish(&world.admin, Origin::Page, overlay).await.unwrap();

        let deal = Reference::new("opportunity", world.deal("Gated", 10).await);
        let error = world.app.processes().advance(&world.seller, Origin::Page, deal.clone()).await.unwrap_err();
        assert!(matches!(&error, Error::Invalid(fields) if fields[0].column == "purchasetimeframe"), "{error}");

        world.update("opportunity", deal.id, Row::new().with("purchasetimeframe", 1)).await.unwrap();
        world.app.processes().advance(&world.seller, Origin::Page, deal).await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finished_process_moves_no_more_until_it_is_reactivated() {
    in_every_world(async |world| {
        let deal = Reference::new("opportunity", world.deal("Done", 10).await);
        let processes = world.app.processes();
        let early = processes.finish(&world.seller, Origin::Page, deal.clone()).await.unwrap_err();
        assert!(early.to_string().contains("move on to “Develop” first"), "{early}");
        for _ in 0..3 {
            processes.advance(&world.seller, Origin::Page, deal.clone()).await.unwrap();
        }
        processes.finish(&world.seller, Origin::Page, deal.clone()).await.unwrap();
        assert!(processes.advance(&world.seller, Origin::Page, deal.clone()).await.is_err());
        processes.reactivate(&world.seller, Origin::Page, deal.clone()).await.unwrap();
        processes.back(&world.seller, Origin::Page, deal).await.unwrap();
    })
    .await;
}
