//! A request about somebody's data, answered from the command line.

use crate::world::{Engine, World, set_up_on_each_engine};

const PEOPLE: &str = "\
Topic,First Name,Last Name,Company Name,E-mail
Robots,Jane,Undoe,Fabrikam,jane@undoe.example
Pumps,Ada,Byron,Contoso,ada@byron.example
";

#[test]
fn somebody_is_found_handed_out_and_erased_and_once_more_after_a_restore() {
    set_up_on_each_engine(|world| {
        let file = world.file("leads.csv", PEOPLE);
        world.does(&["import", &file]);
        world.does(&["backup", "older.backup"]);
        let jane = ["--email", "jane@undoe.example"];
        let with = |command: &'static str, more: &[&'static str]| [&["privacy", command], &jane[..], more].concat();
        assert!(world.does(&with("find", &[])).contains("Jane Undoe"));
        world.refuses(2, &["privacy", "find"]);
        assert!(world.does(&with("export", &["--output", "jane.zip"])).contains("jane.zip written"));
        assert!(std::fs::read(world.path("jane.zip")).unwrap().starts_with(b"PK"));

        let unsure = world.refuses(2, &with("erase", &["--reference", "R-1"]));
        assert!(unsure.contains("--yes"), "{unsure}");
        let report = world.tells(&with("erase", &["--reference", "R-1", "--yes", "--json"]));
        assert_eq!(report["reference"], "R-1");
        assert_eq!(world.does(&with("find", &[])).trim(), "nothing was found");
        world.does(&["privacy", "ledger", "--output", "erasures.json"]);
        let checked = world.does(&["check"]);
        assert!(checked.contains("nothing is wrong") && checked.contains("values were erased"), "{checked}");

        let other = World::empty(Engine::Sqlite);
        let of_world = |name: &str| world.path(name).display().to_string();
        other.does(&["restore", &of_world("older.backup")]);
        assert!(other.does(&with("find", &[])).contains("Jane Undoe"));
        let again = other.does(&["privacy", "again", &of_world("erasures.json")]);
        assert!(again.contains("1 of 1"), "{again}");
        assert_eq!(other.does(&with("find", &[])).trim(), "nothing was found");
        assert!(other.does(&["privacy", "retention"]).contains("no retention rules"));
        assert!(other.does(&["check"]).contains("nothing is wrong"));
    });
}
