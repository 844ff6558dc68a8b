//! A whole organisation is taken out and comes back: into itself without a change, and into
//! another organisation as the same rows.

use std::collections::{BTreeMap, HashSet};

use crate::world::World;
use crm::{
    export::{ExportRequest, Format},
    import::FileReport,
};
use language::{Language, in_language, translated};
use model::Table;
use pipewright_crm as crm;
use testkit::Scratch;

/// Every table that an import fills, in no order that matters.
const TABLES: &[&str] = &[
    "phonecall",
    "email",
    "task",
    "appointment",
    "annotation",
    "connection",
    "opportunityproduct",
    "opportunity",
    "lead",
    "contact",
    "account",
    "competitor",
    "productpricelevel",
    "product",
    "pricelevel",
    "territory",
    "team",
    "systemuser",
    "transactioncurrencyrate",
    "transactioncurrency",
    "businessunit",
    "connectionrole",
];

async fn export(world: &World, table: &str, view: Option<&str>, format: Format, raw: bool) -> Vec<u8> {
    let request = ExportRequest {
        table: table.to_owned(),
        view: view.map(str::to_owned),
        format,
        raw,
        ..ExportRequest::default()
    };
    world.exported(&world.admin, request).await
}

async fn fill(world: &World, leads: u32) {
    let plan =
        demo::Plan { leads, seed: 3, today: jiff::Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date() };
    demo::load(&world.app, &plan, |_, _| {}).await.unwrap();
}

fn counts(file: &FileReport) -> [u64; 5] {
    [file.created, file.updated, file.unchanged, file.skipped, file.failed]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_view_of_every_table_comes_back_without_a_change() {
    // Views differ in their columns, which are the same to both engines: one of them sees them all.
    for (postgres, every_view) in [(false, true), (true, false)] {
        let world = World::new(postgres).await;
        fill(&world, 24).await;
        for name in TABLES {
            let table = world.app.table(name).unwrap();
            let views = table.views.iter().map(|view| Some(view.name.clone())).filter(|_| every_view);
            for (place, view) in std::iter::once(None).chain(views).enumerate() {
                // The other forms are the same for every view.
                let forms = [(Format::Csv, false), (Format::Csv, true), (Format::Xlsx, false), (Format::Xlsx, true)];
                let forms = if place == 0 { &forms[..] } else { &forms[..1] };
                for (format, raw) in forms {
                    comes_back(&world, &table, view.as_deref(), *format, *raw).await;
                }
            }
        }
    }
}

async fn comes_back(world: &World, table: &Table, view: Option<&str>, format: Format, raw: bool) {
    let bytes = export(world, &table.name, view, format, raw).await;
    if empty(&bytes, format) {
        return;
    }
    let ending = if format == Format::Csv { "csv" } else { "xlsx" };
    let report = world.bring_in(&[(format!("{}.{ending}", table.plural_label), bytes)]).await;
    let file = &report.files[0];
    if file.rows == 0 {
        return;
    }
    let what = format!("{} {view:?} {ending} raw: {raw}", table.name);
    assert_eq!(file.table, table.name, "{what}");
    assert_eq!(counts(file), [0, 0, file.rows, 0, 0], "{what}: {:#?}", file.warnings);
    assert!(file.warnings.is_empty(), "{what}: {:#?}", file.warnings);
    let lines = file.notes.iter().filter(|note| note.contains("the system sets")).count();
    assert!(lines <= 1, "{what}: {:#?}", file.notes);
    assert!(!file.notes.iter().any(|note| note.contains("no column of")), "{what}: {:#?}", file.notes);
}

fn empty(bytes: &[u8], format: Format) -> bool {
    format == Format::Csv && String::from_utf8_lossy(bytes).lines().count() < 2
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_comes_back_from_german_without_a_change() {
    let world = World::new(false).await;
    fill(&world, 24).await;
    for name in TABLES {
        let table = world.app.table(name).unwrap();
        let bytes = in_language(Language::German, Box::pin(export(&world, name, None, Format::Csv, false))).await;
        if empty(&bytes, Format::Csv) {
            continue;
        }
        let label = in_language(Language::German, async { translated(&table.plural_label).into_owned() }).await;
        let report = world.bring_in(&[(format!("{label}.csv"), bytes)]).await;
        let file = &report.files[0];
        assert_eq!(file.table, table.name);
        assert_eq!(counts(file), [0, 0, file.rows, 0, 0], "{name}: {:#?}", file.warnings);
        assert!(file.warnings.is_empty(), "{name}: {:#?}", file.warnings);
        assert!(!file.notes.iter().any(|note| note.contains("no column of")), "{name}: {:#?}", file.notes);
    }
}

/// What a new organisation says otherwise as a matter of course.
const OF_THE_PLACE: &[&str] = &[
    "createdby",
    "modifiedby",
    "modifiedon",
    "createdon",
    "overriddencreatedon",
    "organizationid",
    "exchangerate",
    "openrevenue",
];

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_moves_into_another_one() {
    for raw in [false, true] {
        eprintln!("raw: {raw}");
        let (source, fresh) = (World::new(false).await, World::new(raw).await);
        fill(&source, 24).await;
        let mut files = Vec::new();
        for name in TABLES {
            let bytes = export(&source, name, None, Format::Csv, raw).await;
            if !empty(&bytes, Format::Csv) {
                files.push((format!("{name}.csv"), bytes));
            }
        }
        let report = fresh.bring_in(&files).await;
        for file in &report.files {
            assert_eq!(file.failed, 0, "{}: {:#?}", file.file, file.warnings);
        }
        let again = fresh.bring_in(&files).await;
        for file in &again.files {
            assert_eq!((file.created, file.failed), (0, 0), "{}: {:#?}", file.file, file.warnings);
        }
        for name in TABLES {
            let before = rows(&export(&source, name, None, Format::Csv, false).await);
            let after = rows(&export(&fresh, name, None, Format::Csv, false).await);
            let table = source.app.table(name).unwrap();
            let ignored: HashSet<String> = OF_THE_PLACE
                .iter()
                .flat_map(|name| {
                    let label = table.column(name).map(|column| column.label.clone()).unwrap_or_default();
                    [format!("{label} ({name})"), label]
                })
                .collect();
            let mut differences = BTreeMap::<String, Vec<String>>::new();
            for (key, row) in &before {
                // Where another row may not have the same name, the one that was there is it.
                let name_column = &table.column(&table.primary_name).unwrap().label;
                let same_name =
                    || after.values().find(|now| row.get(name_column).is_some_and(|n| now.get(name_column) == Some(n)));
                let Some(now) = after.get(key).or_else(same_name) else {
                    differences.entry("missing".into()).or_default().push(format!("{row:?}"));
                    continue;
                };
                for (header, value) in row {
                    // Amounts in the base currency are computed at the rate of the day they are written.
                    let of_the_place = ignored.contains(header) || header.ends_with("(base)");
                    if value != &now[header] && header != &table.primary_key && !of_the_place {
                        let told = format!("{value:?} is {:?}", now[header]);
                        differences.entry(header.clone()).or_default().push(told);
                    }
                }
            }
            for told in differences.values_mut() {
                told.truncate(3);
            }
            assert!(differences.is_empty(), "{name}, raw {raw}: {differences:#?}");
        }
    }
}

/// Rows by what people know them by; the key itself where they have no name of their own.
fn rows(bytes: &[u8]) -> BTreeMap<String, BTreeMap<String, String>> {
    let scratch = Scratch::new().unwrap();
    let path = scratch.file("rows.csv");
    std::fs::write(&path, bytes).unwrap();
    let mut source = tabular::Source::open(&path, &tabular::Options::default()).unwrap();
    let headers = source.headers().to_vec();
    let mut rows = BTreeMap::new();
    for row in source.rows() {
        let cells = row.unwrap().cells;
        rows.insert(cells[0].clone(), headers.iter().cloned().zip(cells).collect());
    }
    rows
}
