//! A database of each released version, customised and filled, opens in this one with every value
//! intact. What a release keeps of itself is made by `scripts/keep-release`.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use crate::world::{Engine, World, on_each_engine};
use flate2::read::GzDecoder;

/// The folders of all releases.
fn releases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/releases");
    let releases: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(!releases.is_empty());
    releases
}

fn unpacked(file: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    GzDecoder::new(File::open(file).unwrap()).read_to_end(&mut bytes).unwrap();
    bytes
}

/// Rows by their key, each as its values by column, of a file whose first column is the key.
fn rows(csv: &[u8]) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(csv);
    let columns = reader.headers().unwrap().clone();
    let row = |row: csv::StringRecord| {
        let values = columns.iter().zip(&row).map(|(column, value)| (column.to_owned(), value.to_owned()));
        (row[0].to_owned(), values.collect())
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}

/// Compares every value the release wrote out with what this version reads.
fn compare(world: &World, release: &Path) {
    let mut compared = 0;
    for file in fs::read_dir(release).unwrap().map(|entry| entry.unwrap().path()) {
        let name = file.file_name().unwrap().to_str().unwrap();
        let Some(table) = name.strip_suffix(".csv.gz") else { continue };
        let now = rows(world.does(&["export", table, "--raw"]).as_bytes());
        for (key, former) in rows(&unpacked(&file)) {
            let row = now.get(&key).unwrap_or_else(|| panic!("{table} {key} is gone"));
            for (column, value) in former {
                assert_eq!(row.get(&column), Some(&value), "{table} {key}: {column}");
                compared += 1;
            }
        }
    }
    assert!(compared > 5_000, "{compared} values are too few");
}

/// What was customised is in force, and the file that was attached is whole.
fn compare_customisations(world: &World) {
    let own = world.does(&["customize", "export"]);
    for part in ["new_site", "new_segment", "Öffentlich", "new_visitor", "Wish"] {
        assert!(own.contains(part), "{part} is not in {own}");
    }
    let token = world.does(&["token", "create", "--user", "ada@contoso.example"]);
    let server = world.serve();
    let note =
        server.get("/api/data/v9.2/annotations?$select=documentbody&$filter=subject%20eq%20'Plan'", Some(token.trim()));
    assert!(note.text.contains("AAECA//+/Q=="), "{}", note.text);
    server.stop();
}

#[test]
fn a_file_of_each_release_opens_with_every_value_intact() {
    for release in releases() {
        let world = World::empty(Engine::Sqlite);
        fs::write(world.path("crm.db"), unpacked(&release.join("database.gz"))).unwrap();
        assert!(world.does(&["check"]).contains("nothing is wrong"));
        compare(&world, &release);
        compare_customisations(&world);
        assert!(world.does(&["check"]).contains("nothing is wrong"));
    }
}

#[test]
fn a_backup_of_each_release_is_restored_with_every_value_intact() {
    on_each_engine(|world| {
        for release in releases() {
            let world = World::empty(world.engine);
            fs::write(world.path("release.backup"), unpacked(&release.join("database.gz"))).unwrap();
            world.does(&["restore", &world.path("release.backup").display().to_string()]);
            compare(&world, &release);
            compare_customisations(&world);
            assert!(world.does(&["check"]).contains("nothing is wrong"));
        }
    });
}
