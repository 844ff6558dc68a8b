//! An organisation shapes the model from the command line.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod world;

use world::{World, set_up_on_each_engine};

const ADD_SCORE: [&str; 8] = ["customize", "add-column", "lead", "new_score", "--type", "whole", "--label", "Score"];

#[test]
fn an_added_column_takes_values_and_travels_to_another_database() {
    set_up_on_each_engine(|world| {
        assert_eq!(world.does(&["customize", "export"]), "");
        world.does(&ADD_SCORE);
        world.does(&[
            "customize",
            "add-column",
            "lead",
            "new_mood",
            "--type",
            "choice",
            "--label",
            "Mood",
            "--options",
            "Good,Bad",
        ]);
        let exported = world.does(&["customize", "export"]);
        assert!(exported.contains("new_score") && exported.contains("Bad"), "{exported}");
        let leads = world.file("leads.csv", "Topic,Last Name,Score,Mood\nRobots,Lead,42,Bad\n");
        world.does(&["import", &leads]);
        assert!(world.does(&["export", "lead"]).contains(",42,"));

        let other = World::empty(world.engine.other());
        other.set_up();
        let file = other.file("customisations.toml", &exported);
        other.does(&["customize", "import", &file, "--dry-run"]);
        assert_eq!(other.does(&["customize", "export"]), "", "a dry run changes nothing");
        other.does(&["customize", "import", &file]);
        assert_eq!(other.does(&["customize", "export"]), exported);
        other.does(&["check"]);
    });
}

#[test]
fn a_mistake_is_refused_with_its_place_and_changes_nothing() {
    set_up_on_each_engine(|world| {
        world.does(&ADD_SCORE);
        let before = world.does(&["customize", "export"]);
        let mistakes = [
            ("[table.leadd]\nlabel = \"x\"\n", "table.leadd"),
            ("[table.lead.change.nosuch]\nlabel = \"x\"\n", "table.lead.change.nosuch"),
            ("[table.lead.columns.new_y]\nlabel = \"x\"\ntype = \"lookup\"\ntargets = [\"nosuch\"]\n", "lead.new_y"),
            ("[table.lead.columns.new_y]\nlabel = \"x\"\ntype = \"texxt\"\n", ":3: unknown variant `texxt`"),
            ("[table.lead.columns.score]\nlabel = \"x\"\ntype = \"whole\"\n", "lead.score"),
            ("[table.lead\n", "1"),
        ];
        for (text, place) in mistakes {
            let file = world.file("mistake.toml", text);
            for dry_run in [Some("--dry-run"), None] {
                let import: Vec<&str> = ["customize", "import", &file].into_iter().chain(dry_run).collect();
                let complaint = world.refuses(1, &import);
                assert!(complaint.contains(place), "{text}: {complaint}");
            }
        }
        for (column, kind, named) in [("score", "whole", "new_score"), ("new_x", "nonsense", "nonsense")] {
            let add = ["customize", "add-column", "lead", column, "--type", kind, "--label", "x"];
            let complaint = world.refuses(1, &add);
            assert!(complaint.contains(named), "{complaint}");
        }
        assert!(world.refuses(1, &ADD_SCORE).contains("new_score"), "it is there already");
        assert!(world.refuses(2, &["customize", "import", "absent.toml"]).contains("absent.toml"));
        assert_eq!(world.does(&["customize", "export"]), before);
        world.does(&["check"]);
    });
}
