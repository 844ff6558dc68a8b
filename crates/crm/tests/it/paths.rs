//! How records went through their stages goes out, and comes in where an administrator brings it.

use crate::world::{World, in_every_world};
use crm::{
    Origin,
    export::{ExportRequest, Format},
    leads::{AccountChoice, ContactChoice, OpportunityDraft, QualifyChoice},
    process::{Journey, StageState},
};
use model::Reference;
use pipewright_crm as crm;
use uuid::Uuid;

const FLOW: &str = "leadtoopportunitysalesprocess";
const VISITS: &str = "processstagevisit";

async fn export(world: &World, table: &str, raw: bool) -> String {
    let request = ExportRequest { table: table.to_owned(), format: Format::Csv, raw, ..ExportRequest::default() };
    String::from_utf8(world.exported(&world.admin, request).await).unwrap()
}

async fn taken_out(world: &World, tables: &[&str], raw: bool) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for table in tables {
        files.push((format!("{table}.csv"), export(world, table, raw).await));
    }
    files
}

/// A lead that was qualified into a deal, which went on a stage and back.
async fn walked(world: &World) -> Uuid {
    let lead = world.lead("Robots").await;
    let choice = QualifyChoice {
        account: AccountChoice::Create,
        contact: ContactChoice::Create,
        opportunities: vec![OpportunityDraft::default()],
        ..QualifyChoice::default()
    };
    let done = world.app.leads().qualify(&world.seller, Origin::Page, lead, choice).await.unwrap();
    let deal = *done.opportunities.first().unwrap();
    let record = Reference::new("opportunity", deal);
    let flows = world.app.processes();
    flows.advance(&world.seller, Origin::Page, record.clone()).await.unwrap();
    flows.back(&world.seller, Origin::Page, record.clone()).await.unwrap();
    flows.advance(&world.seller, Origin::Page, record).await.unwrap();
    deal
}

async fn journey(world: &World, deal: Uuid) -> Journey {
    world.app.processes().journey(&world.admin, Reference::new("opportunity", deal)).await.unwrap().unwrap()
}

/// The stages with where they lie.
fn told(journey: &Journey) -> Vec<String> {
    let stages = journey.stages.iter();
    stages.map(|stage| format!("{} {:?} {:?}", stage.label, stage.state, stage.record.is_some())).collect()
}

/// The visits in the order they were made, with their times, reasons and people.
async fn visits(world: &World) -> Vec<String> {
    let columns = ["enteredon", "lefton", "stagename", "recordid", "durationseconds", "leavereason"];
    let query =
        world.app.new_query(&world.admin, VISITS).select(columns).order_by(model::Order::ascending("enteredon"));
    let rows = world.app.query(&world.admin, query).await.unwrap();
    rows.rows.iter().map(|row| format!("{row:?}")).collect()
}

const ALL: &[&str] =
    &[VISITS, FLOW, "opportunity", "lead", "account", "contact", "systemuser", "businessunit", "transactioncurrency"];

#[tokio::test(flavor = "multi_thread")]
async fn the_path_of_a_deal_moves_into_another_organisation_with_its_times() {
    for raw in [true, false] {
        let (source, fresh) = (World::new(raw).await, World::new(!raw).await);
        let deal = walked(&source).await;
        let files = taken_out(&source, ALL, raw).await;
        let report = fresh.bring_in(&files).await;
        for file in &report.files {
            assert_eq!(file.failed, 0, "{}: {:#?}", file.file, file.warnings);
        }
        assert_eq!(told(&journey(&fresh, deal).await), told(&journey(&source, deal).await));
        assert_eq!(visits(&fresh).await, visits(&source).await);
        // The deal goes on from where it stood.
        let record = Reference::new("opportunity", deal);
        fresh.app.processes().advance(&fresh.admin, Origin::Page, record).await.unwrap();
        let active = |journey: Journey| journey.stages.iter().position(|stage| stage.state == StageState::Active);
        let (before, after) = (active(journey(&source, deal).await), active(journey(&fresh, deal).await));
        assert_eq!(after, before.map(|before| before + 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_comes_back_without_a_change_and_a_whole_import_of_it_is_undone() {
    in_every_world(async |world| {
        walked(&world).await;
        for raw in [true, false] {
            for table in [FLOW, VISITS] {
                let same = world.bring_in(&taken_out(&world, &[table], raw).await).await;
                let file = &same.files[0];
                assert_eq!((file.unchanged, file.failed), (file.rows, 0), "{table} raw {raw}: {file:#?}");
                assert!(file.rows > 0 && file.warnings.is_empty(), "{table} raw {raw}: {file:#?}");
            }
        }
        let fresh = World::new(false).await;
        let report = fresh.bring_in(&taken_out(&world, ALL, true).await).await;
        fresh.app.imports().undo(&fresh.admin, Origin::Import, report.act).await.unwrap();
        for table in [FLOW, VISITS, "opportunity"] {
            assert_eq!(export(&fresh, table, true).await.lines().count(), 1, "{table}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_an_administrator_brings_a_path_in() {
    let world = World::new(false).await;
    walked(&world).await;
    let files = taken_out(&world, &[VISITS], true).await;
    let refused = world.try_to_bring_in(&world.seller().await, &files).await.unwrap_err();
    assert!(refused.to_string().contains("administrator"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_that_cannot_have_been_walked_is_refused_with_the_reason() {
    in_every_world(async |world| {
        let deal = walked(&world).await;
        let lines = export(&world, VISITS, true).await;
        let header = lines.lines().next().unwrap().trim_start_matches('\u{feff}').to_owned();
        let columns: Vec<&str> = header.split(',').collect();
        let left = lines.lines().skip(1).find(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let place = columns.iter().position(|column| *column == "lefton").unwrap();
            !cells[place].is_empty() && line.contains(&deal.to_string())
        });
        let left = left.unwrap().to_owned();
        let with = |changes: &[(&str, &str)]| {
            let mut cells: Vec<String> = left.split(',').map(str::to_owned).collect();
            cells[0] = Uuid::now_v7().to_string();
            for (column, value) in changes {
                let place = columns.iter().position(|known| known == column).unwrap();
                (*value).clone_into(&mut cells[place]);
            }
            format!("{header}\r\n{}\r\n", cells.join(","))
        };
        let nowhere = Uuid::now_v7().to_string();
        let wrong = [
            (with(&[("lefton", "2001-01-01T00:00:00Z")]), "before it was entered"),
            (with(&[("lefton", "2999-01-01T00:00:00Z")]), "still to come"),
            (with(&[("lefton", ""), ("durationseconds", "")]), "not left"),
            (with(&[("processinstanceid", &nowhere)]), "is not here"),
            (with(&[("processname", "new_other")]), "no process flow 'new_other'"),
        ];
        for (file, reason) in wrong {
            let report = world.bring_in(&[("processstagevisit.csv".to_owned(), file)]).await;
            assert_eq!((report.files[0].created, report.files[0].failed), (0, 1), "{reason}: {report:#?}");
            let left_out = &world.app.imports().failed_rows(&world.admin, report.act).await.unwrap()[0].content;
            let left_out = String::from_utf8_lossy(left_out);
            assert!(left_out.contains(reason), "{reason}: {left_out}");
        }
        // One that is here is not told otherwise.
        let edited = export(&world, VISITS, true).await.replacen("Qualify", "Invent", 1);
        let report = world.bring_in(&[("processstagevisit.csv".to_owned(), edited)]).await;
        assert_eq!((report.files[0].updated, report.files[0].failed), (0, 1), "{report:#?}");
        // A second path beside the one that was walked.
        let flow = export(&world, FLOW, true).await;
        let instance = flow.lines().nth(1).unwrap().split(',').next().unwrap().to_owned();
        let second = flow.replace(&instance, &Uuid::now_v7().to_string());
        let report = world.bring_in(&[(format!("{FLOW}.csv"), second)]).await;
        assert_eq!((report.files[0].created, report.files[0].failed), (0, 1), "{report:#?}");
    })
    .await;
}
