//! Files that were written in another language than English.

use crate::world::{World, in_every_world};
use crm::{
    export::ExportRequest,
    import::{FileReport, InputFile, ProposeOptions, Report},
};
use language::{Language, in_language};
use model::Filter;
use pipewright_crm as crm;
use testkit::Scratch;

/// As a German spreadsheet program writes it.
const GERMAN: &str = "Thema;Vorname;Nachname;Firmenname;Bewertung;Budgetbetrag\r\n\
    Kräne;Lena;Lehmann;Kranbau GmbH;Heiß;25000,50\r\n\
    Pumpen;Paul;Petersen;Pumpenwerk AG;kalt;1200,00\r\n";

async fn rating(world: &World, topic: &str) -> Option<i64> {
    world.one("lead", "subject", topic).await.value("leadqualitycode").as_whole()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_with_german_headings_and_choices_comes_in_whoever_brings_it() {
    for language in [Language::English, Language::German] {
        in_every_world(async |world| {
            let report = in_language(language, Box::pin(world.bring_in(&[("Leads.csv", GERMAN)]))).await;
            let file = &report.files[0];
            assert_eq!((file.table.as_str(), file.created, file.failed), ("lead", 2, 0), "{file:#?}");
            assert!(file.warnings.is_empty() && file.notes.is_empty(), "{file:#?}");
            assert_eq!((rating(&world, "Kräne").await, rating(&world, "Pumpen").await), (Some(1), Some(3)));
            let crane = world.one("lead", "subject", "Kräne").await;
            assert_eq!(crane.text("companyname"), "Kranbau GmbH");
            assert_eq!(
                crane.value("budgetamount").as_decimal().map(|amount| amount.normalize().to_string()).as_deref(),
                Some("25000.5")
            );
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deals_stand_in_the_stage_that_a_german_file_names_and_an_unknown_one_is_told_of() {
    let names = [("Kräne", "Anbieten"), ("Pumpen", "ENTWICKELN"), ("Räder", "Propose"), ("Riemen", "Nirgends")];
    let id = |number: usize| uuid::Uuid::from_u128(number as u128 + 1);
    let rows = names.iter().enumerate().map(|(at, (name, stage))| format!("{};{name};{stage}\r\n", id(at)));
    let file = format!("opportunityid;Thema;Pipelinephase\r\n{}", rows.collect::<String>());
    for (language, told) in [
        (
            Language::English,
            "Pipeline phase: new opportunities cannot stand in a stage 'Nirgends'; they begin as others do",
        ),
        (
            Language::German,
            "Pipelinephase: neue Verkaufschancen können nicht in einer Phase „Nirgends“ stehen; sie beginnen wie andere",
        ),
    ] {
        in_every_world(async |world| {
            let report = in_language(language, Box::pin(world.bring_in(&[("opportunities.csv", &file)]))).await;
            let of_file = &report.files[0];
            assert_eq!((of_file.table.as_str(), of_file.created), ("opportunity", 4), "{of_file:#?}");
            for (name, stage) in
                [("Kräne", "3-Propose"), ("Pumpen", "2-Develop"), ("Räder", "3-Propose"), ("Riemen", "1-Qualify")]
            {
                assert_eq!(world.one("opportunity", "name", name).await.text("stepname"), stage, "{name}");
            }
            let warnings: Vec<_> =
                of_file.warnings.iter().map(|it| (it.message.as_str(), it.rows.as_slice())).collect();
            assert_eq!(warnings, [(told, [5].as_slice())]);
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn english_words_mean_what_they_say_before_those_of_other_languages() {
    in_every_world(async |world| {
        let english = "Topic,Last name,Rating\nCranes,Lehmann,Hot\nPumps,Petersen,Cold\n";
        let report = in_language(Language::German, Box::pin(world.bring_in(&[("leads.csv", english)]))).await;
        assert_eq!(report.files[0].created, 2, "{report:#?}");
        assert_eq!((rating(&world, "Cranes").await, rating(&world, "Pumps").await), (Some(1), Some(3)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_bears_the_labels_of_whoever_takes_it_out_and_comes_back_for_all() {
    in_every_world(async |world| {
        let lead = world.lead("Cranes").await;
        world.update("lead", lead, crm::Row::new().with("leadqualitycode", 1).with("donotemail", true)).await.unwrap();
        let request = || ExportRequest { table: "lead".to_owned(), ..ExportRequest::default() };
        let german = in_language(Language::German, Box::pin(world.exported(&world.seller, request()))).await;
        let text = String::from_utf8(german.clone()).unwrap();
        let (headings, row) = text.split_once('\n').unwrap();
        assert!(headings.contains("Thema") && headings.contains("Bewertung"), "{headings}");
        assert!(row.contains("Heiß"), "{row}");
        let raw = ExportRequest { raw: true, ..request() };
        let raw = String::from_utf8(in_language(Language::German, Box::pin(world.exported(&world.seller, raw))).await)
            .unwrap();
        assert!(raw.contains("leadqualitycode") && !raw.contains("Heiß"), "{raw}");
        for language in [Language::German, Language::English] {
            let report = in_language(language, Box::pin(world.bring_in(&[("Leads.csv", &german)]))).await;
            let file: &FileReport = &report.files[0];
            assert_eq!((file.unchanged, file.failed), (1, 0), "{file:#?}");
            assert!(file.warnings.is_empty(), "{file:#?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_come_in_is_told_in_the_language_of_whoever_brings_it() {
    in_every_world(async |world| {
        let file =
            "Topic,Last name,Budget amount\nCranes,Lehmann,\nPumps,Petersen,much\nWheels,Hansen,12\nBelts,Klein,13\n";
        for (language, told) in [
            (Language::English, "not brought in: Budget amount: 'much' is not a number; write it as 1234.50"),
            (Language::German, "nicht importiert: Budget amount: „much“ ist keine Zahl; schreiben Sie sie wie 1234.50"),
        ] {
            let report: Report = in_language(language, Box::pin(world.bring_in(&[("leads.csv", file)]))).await;
            let told_of: Vec<&str> = report.files[0].warnings.iter().map(|warning| warning.message.as_str()).collect();
            assert!(told_of.contains(&told), "{told_of:#?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_proposed_is_said_in_the_language_of_whoever_asks() {
    in_every_world(async |world| {
        let scratch = Scratch::new().unwrap();
        let path = scratch.file("leads.csv");
        std::fs::write(&path, "Topic,Last name,Shoe size\nCranes,Lehmann,\n").unwrap();
        let imports = world.app.imports();
        let propose = || imports.propose(&world.admin, vec![InputFile::at(&path)], ProposeOptions::default());
        let why = |proposal: crm::import::Proposal| proposal.mapping.to_toml().unwrap();
        assert!(why(propose().await.unwrap()).contains("it is empty in every row"));
        let german = in_language(Language::German, propose()).await.unwrap();
        assert!(why(german).contains("sie ist in jeder Zeile leer"));
        assert_eq!(
            world
                .app
                .query(&world.admin, world.app.new_query(&world.admin, "lead").matching(Filter::everything()))
                .await
                .unwrap()
                .rows
                .len(),
            0
        );
    })
    .await;
}
