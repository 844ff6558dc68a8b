//! Rows are taken out and come back.

use crate::world::{Buffer, World, in_every_world, to};
use crm::{
    Origin, Row,
    export::{ExportRequest, Format},
    import::{Control, InputFile, ProposeOptions, Report, RunOptions},
};
use pipewright_crm as crm;
use testkit::Scratch;

async fn export(world: &World, request: ExportRequest) -> Vec<u8> {
    world.exported(&world.seller, request).await
}

async fn text(world: &World, request: ExportRequest) -> String {
    String::from_utf8(export(world, request).await).unwrap().trim_start_matches('\u{feff}').to_owned()
}

async fn bring_in(world: &World, name: &str, content: &[u8]) -> Report {
    let scratch = Scratch::new().unwrap();
    let path = scratch.file(name);
    std::fs::write(&path, content).unwrap();
    let files = vec![InputFile::at(path)];
    let proposal = world.app.imports().propose(&world.admin, files.clone(), ProposeOptions::default()).await.unwrap();
    world
        .app
        .imports()
        .run(&world.admin, Origin::Import, files, proposal.mapping, RunOptions::default(), Control::default())
        .await
        .unwrap()
}

fn of(table: &str) -> ExportRequest {
    ExportRequest { table: table.to_owned(), ..ExportRequest::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_raw_export_comes_back_and_changes_the_rows_it_came_from() {
    in_every_world(async |world| {
        let deal = world.deal("Robotics", 25_000).await;
        let other = world.deal("Conveyors", 7_000).await;
        let raw = text(&world, ExportRequest { raw: true, ..of("opportunity") }).await;
        assert!(raw.starts_with("opportunityid,"), "{raw}");
        let same = bring_in(&world, "opportunities.csv", raw.as_bytes()).await;
        assert_eq!((same.files[0].unchanged, same.files[0].failed), (2, 0), "{same:#?}");

        let edited = raw.replace("Robotics,", "Robotics line,");
        let changed = bring_in(&world, "opportunities.csv", edited.as_bytes()).await;
        assert_eq!((changed.files[0].updated, changed.files[0].unchanged), (1, 1), "{changed:#?}");
        assert_eq!(world.get("opportunity", deal).await.text("name"), "Robotics line");
        assert_eq!(world.get("opportunity", other).await.text("name"), "Conveyors");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_for_people_has_labels_and_names() {
    in_every_world(async |world| {
        world.deal("Robotics", 25_000).await;
        let file = text(&world, of("opportunity")).await;
        let header = file.lines().next().unwrap();
        assert!(header.starts_with("opportunityid,Topic,"), "{header}");
        assert!(
            header.contains(",Potential customer,")
                && file.contains("Robotics Inc")
                && file.contains("Sam Seller")
                && file.contains("In Progress"),
            "{file}"
        );
        let mut headers: Vec<&str> = header.split(',').collect();
        let count = headers.len();
        headers.sort_unstable();
        headers.dedup();
        assert_eq!(headers.len(), count, "no two headers are the same");
        let same = bring_in(&world, "opportunities.csv", file.as_bytes()).await;
        assert_eq!((same.files[0].unchanged, same.files[0].failed), (1, 0), "{same:#?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_is_exported_with_its_rows_and_columns_as_a_workbook_too() {
    in_every_world(async |world| {
        world.create("account", Row::new().with("name", "Fabrikam").with("telephone1", "+49 30 123")).await;
        let parent = world.create("account", Row::new().with("name", "=HYPERLINK(1)")).await;
        world.create("account", Row::new().with("name", "Child").with("parentaccountid", to("account", parent))).await;
        let view = world.app.table("account").unwrap().default_view().unwrap().name.clone();
        let csv = text(&world, ExportRequest { view: Some(view.clone()), ..of("account") }).await;
        assert_eq!(csv.lines().count(), 4, "{csv}");
        assert!(csv.contains("'=HYPERLINK(1)"), "a spreadsheet program must not run it: {csv}");
        let same = bring_in(&world, "accounts.csv", csv.as_bytes()).await;
        assert_eq!((same.files[0].unchanged, same.files[0].failed), (3, 0), "{same:#?}");
        let workbook = export(&world, ExportRequest { view: Some(view), format: Format::Xlsx, ..of("account") }).await;
        assert!(workbook.starts_with(b"PK"));
        let same = bring_in(&world, "accounts.xlsx", &workbook).await;
        assert_eq!((same.files[0].unchanged, same.files[0].failed), (3, 0), "{same:#?}");
        let unknown = world
            .app
            .exports()
            .run(&world.seller, ExportRequest { view: Some("nonsense".into()), ..of("account") }, Buffer::default())
            .await;
        assert!(unknown.unwrap_err().to_string().contains("there are"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_the_system_puts_together_is_not_taken_for_a_street() {
    in_every_world(async |world| {
        let account = Row::new().with("name", "Fabrikam").with("address1_city", "Rome");
        let account = world.create("account", account).await;
        let file = text(&world, of("account")).await;
        let same = bring_in(&world, "accounts.csv", file.as_bytes()).await;
        assert_eq!((same.files[0].unchanged, same.files[0].failed), (1, 0), "{same:#?}");
        assert_eq!(world.get("account", account).await.text("address1_line1"), "");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_of_many_rows_has_each_of_them_once() {
    in_every_world(async |world| {
        let rows: String = (0..4_500).map(|number| format!("P{number}\n")).collect();
        bring_in(&world, "products.csv", format!("product\n{rows}").as_bytes()).await;
        let file = text(&world, of("product")).await;
        assert_eq!(file.lines().count(), 4_501);
    })
    .await;
}
