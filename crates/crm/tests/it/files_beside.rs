//! Files of notes and pictures go out beside their rows and come back with them.

use std::io::{Read, Write};

use crate::world::{World, in_every_world, to};
use crm::{
    Origin, Row,
    export::{ExportRequest, Format},
    import::{InputFile, ProposeOptions, Report},
};
use pipewright_crm as crm;
use testkit::Scratch;
use uuid::Uuid;

const OFFER: &[u8] = b"%PDF-1.7 an offer";
const PICTURE: &[u8] = b"\x89PNG\r\n\x1a\n a picture";

async fn export(world: &World, table: &str, format: Format, raw: bool) -> Vec<u8> {
    let request = ExportRequest { table: table.to_owned(), format, raw, ..ExportRequest::default() };
    world.exported(&world.admin, request).await
}

fn counts(report: &Report) -> [u64; 4] {
    let file = &report.files[0];
    [file.created, file.updated, file.unchanged, file.failed]
}

/// A company with a picture and a note with a file.
async fn fill(world: &World) -> (Uuid, Uuid) {
    let picture = world.store_file(PICTURE).await;
    let account = Row::new().with("name", "Fabrikam").with("entityimage", model::Value::Id(picture));
    let account = world.create_as_admin("account", account).await;
    let offer = world.store_file(OFFER).await;
    let note = Row::new()
        .with("subject", "Our offer")
        .with("objectid", to("account", account))
        .with("filename", "Offer 1/2.pdf")
        .with("mimetype", "application/pdf")
        .with("documentbody", model::Value::Id(offer));
    let plain = Row::new().with("subject", "A call").with("objectid", to("account", account));
    world.create_as_admin("annotation", plain).await;
    (account, world.create_as_admin("annotation", note).await)
}

/// What a file column of a row holds.
async fn held(world: &World, table: &str, id: Uuid, column: &str) -> Option<Vec<u8>> {
    let row = world.app.get(&world.admin, table, id, None).await.unwrap();
    let file = row.value(column).as_id()?;
    world.app.file(&world.admin, file).await.unwrap()
}

fn entries(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(archive)).unwrap();
    let mut entries = Vec::new();
    for place in 0..archive.len() {
        let mut entry = archive.by_index(place).unwrap();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        entries.push((entry.name().unwrap().into_owned(), content));
    }
    entries
}

fn archive(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, content) in entries {
        archive.start_file(name.as_str(), zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_notes_lie_beside_the_rows_under_their_names() {
    in_every_world(async |world| {
        let (_, note) = fill(&world).await;
        let found = entries(&export(&world, "annotation", Format::Zip, false).await);
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        let place = format!("files/{note}/Offer 1_2.pdf");
        assert_eq!(names, [place.as_str(), "Notes.csv"], "{}", String::from_utf8_lossy(&found[0].1));
        assert_eq!(found[0].1, OFFER);
        assert!(String::from_utf8_lossy(&found[1].1).contains(&place));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_out_with_its_files_comes_back_without_a_change() {
    in_every_world(async |world| {
        fill(&world).await;
        for raw in [false, true] {
            for (table, rows) in [("annotation", 2), ("account", 1)] {
                let file = export(&world, table, Format::Zip, raw).await;
                let same = world.bring_in(&[("export.zip", &file)]).await;
                assert_eq!(counts(&same), [0, 0, rows, 0], "{table}: {same:#?}");
                assert!(same.files[0].warnings.is_empty(), "{table}: {same:#?}");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn notes_and_pictures_move_into_another_organisation_with_their_files_and_are_taken_back() {
    for postgres in [false, true] {
        let (source, fresh) = (World::new(!postgres).await, World::new(postgres).await);
        let (account, note) = fill(&source).await;
        let notes = export(&source, "annotation", Format::Zip, false).await;
        let accounts = export(&source, "account", Format::Zip, false).await;
        let told = fresh.bring_in(&[("notes.zip", &notes), ("accounts.zip", &accounts)]).await;
        assert!(told.files.iter().all(|file| file.failed == 0 && file.created > 0), "{told:#?}");
        assert_eq!(held(&fresh, "annotation", note, "documentbody").await.unwrap(), OFFER);
        assert_eq!(held(&fresh, "account", account, "entityimage").await.unwrap(), PICTURE);
        let row = fresh.app.get(&fresh.admin, "annotation", note, None).await.unwrap();
        assert_eq!((row.text("filename"), row.value("filesize").as_whole()), ("Offer 1/2.pdf", Some(17)));
        fresh.app.imports().undo(&fresh.admin, Origin::Import, told.act).await.unwrap();
        assert_eq!((fresh.count("annotation").await, fresh.count("account").await), (0, 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_changed_in_the_archive_changes_the_note() {
    in_every_world(async |world| {
        let (_, note) = fill(&world).await;
        let mut found = entries(&export(&world, "annotation", Format::Zip, false).await);
        found[0].1 = b"%PDF-1.7 a better offer".to_vec();
        let told = world.bring_in(&[("notes.zip", &archive(&found))]).await;
        assert_eq!(counts(&told), [0, 1, 1, 0], "{told:#?}");
        assert_eq!(held(&world, "annotation", note, "documentbody").await.unwrap(), b"%PDF-1.7 a better offer");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_missing_is_told_and_its_note_not_brought_in_without_it() {
    let (source, fresh) = (World::new(false).await, World::new(false).await);
    let (_, note) = fill(&source).await;
    let accounts = export(&source, "account", Format::Csv, true).await;
    fresh.bring_in(&[("accounts.csv", &accounts)]).await;
    let found = entries(&export(&source, "annotation", Format::Zip, false).await);
    let told = fresh.bring_in(&[("notes.csv", &found[1].1)]).await;
    assert_eq!(counts(&told), [1, 0, 0, 1], "{told:#?}");
    let left_out = &fresh.app.imports().failed_rows(&fresh.admin, told.act).await.unwrap()[0].content;
    assert!(String::from_utf8_lossy(left_out).contains("lies in the ZIP"), "{}", String::from_utf8_lossy(left_out));

    // Where the note is there, it stays as it is.
    let told = source.bring_in(&[("notes.csv", &found[1].1)]).await;
    assert_eq!(counts(&told), [0, 0, 2, 0], "{told:#?}");
    assert!(told.files[0].warnings[0].message.contains("left as it is"), "{told:#?}");

    // The rows left out, mended into the archive.
    let mended = archive(&[found[0].clone(), ("notes.csv".to_owned(), left_out.clone())]);
    let told = fresh.bring_in(&[("notes.zip", &mended)]).await;
    assert_eq!(counts(&told), [1, 0, 0, 0], "{told:#?}");
    assert_eq!(held(&fresh, "annotation", note, "documentbody").await.unwrap(), OFFER);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unpacked_archive_comes_in_from_its_folder_and_no_other_file_with_it() {
    let (source, fresh) = (World::new(false).await, World::new(false).await);
    let (_, note) = fill(&source).await;
    let accounts = export(&source, "account", Format::Csv, true).await;
    fresh.bring_in(&[("accounts.csv", &accounts)]).await;
    let found = entries(&export(&source, "annotation", Format::Zip, false).await);
    let scratch = Scratch::new().unwrap();
    for (name, content) in &found {
        std::fs::create_dir_all(scratch.file(name).parent().unwrap()).unwrap();
        std::fs::write(scratch.file(name), content).unwrap();
    }
    std::fs::write(scratch.file("secret.pdf"), b"%PDF-1.7 a secret").unwrap();
    let table = String::from_utf8(found[1].1.clone()).unwrap();
    let outside = table.replace(&found[0].0, "files/../secret.pdf");
    std::fs::write(scratch.file("outside.csv"), outside).unwrap();
    let told = fresh
        .bring_in_from(&fresh.admin, vec![InputFile::at(scratch.file("outside.csv")).with_files_beside()])
        .await
        .unwrap();
    assert_eq!(counts(&told), [1, 0, 0, 1], "{told:#?}");

    let told = fresh
        .bring_in_from(&fresh.admin, vec![InputFile::at(scratch.file("Notes.csv")).with_files_beside()])
        .await
        .unwrap();
    assert_eq!(counts(&told), [1, 0, 1, 0], "{told:#?}");
    assert_eq!(held(&fresh, "annotation", note, "documentbody").await.unwrap(), OFFER);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_without_a_table_and_one_that_is_broken_are_named() {
    let world = World::new(false).await;
    let scratch = Scratch::new().unwrap();
    for content in [archive(&[("readme.md".to_owned(), b"hello".to_vec())]), b"PK\x03\x04 broken".to_vec()] {
        std::fs::write(scratch.file("strange.zip"), content).unwrap();
        let input = vec![InputFile::at(scratch.file("strange.zip"))];
        let refused = world.app.imports().propose(&world.admin, input, ProposeOptions::default()).await.unwrap_err();
        assert!(refused.to_string().contains("strange.zip"), "{refused}");
    }
}
