//! An organisation shapes the model from the command line.

use crate::world::{World, set_up_on_each_engine};

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

#[test]
fn parts_are_listed_shown_edited_put_back_and_removed() {
    set_up_on_each_engine(|world| {
        assert_eq!(world.does(&["customize", "list"]), "");
        world.does(&[
            "customize",
            "put",
            "column",
            "lead/new_year",
            "--set",
            "label=Budget year",
            "--set",
            "type=whole",
        ]);
        assert_eq!(world.does(&["customize", "list"]), "own      column lead/new_year  Budget year\n");
        let shown = world.does(&["customize", "show", "column", "lead/new_year"]);
        assert_eq!(shown, "label = \"Budget year\"\ntype = \"whole\"\n");

        let file = world.file("year.toml", &format!("{shown}min = 2000\nmax = 2100\n"));
        let tried = world.does(&["customize", "put", "column", "lead/new_year", "--file", &file, "--dry-run"]);
        assert!(tried.contains("nothing was changed") && tried.contains("lead/new_year changes"), "{tried}");
        let told = world.tells(&["customize", "put", "column", "lead/new_year", "--file", &file, "--json"]);
        assert_eq!(told["changes"][0], "column lead/new_year changes: type, limits or options");
        let json = world.file("year.json", "{\"label\": \"Year\", \"type\": \"whole\"}");
        world.does(&["customize", "put", "column", "lead/new_year", "--file", &json]);
        assert_eq!(world.tells(&["customize", "show", "column", "lead/new_year", "--json"])["label"], "Year");

        let added = world.does(&["customize", "put", "option", "lead/leadsourcecode/next", "--set", "label=Podcast"]);
        assert!(added.starts_with("published: option lead/leadsourcecode/100000000"), "{added}");
        world.does(&["customize", "put", "column", "lead/subject", "--set", "label=Wish"]);
        let listed = world.tells(&["customize", "list", "column", "--json"]);
        let origins: Vec<&str> =
            listed.as_array().unwrap().iter().map(|part| part["origin"].as_str().unwrap()).collect();
        assert_eq!(origins, ["changed", "changed", "own"], "{listed}");

        world.does(&["customize", "remove", "column", "lead/new_year"]);
        world.does(&["customize", "remove", "column", "lead/subject"]);
        world.does(&["customize", "remove", "option", "lead/leadsourcecode/100000000"]);
        assert_eq!(world.does(&["customize", "export"]), "");
        let all = world.does(&["customize", "list", "view", "--table", "lead", "--all"]);
        assert!(all.lines().all(|line| line.starts_with("shipped  view lead/")), "{all}");
        world.does(&["check"]);
    });
}

#[test]
fn a_wrong_part_is_refused_with_what_would_be_right() {
    set_up_on_each_engine(|world| {
        let put = ["customize", "put", "column", "lead/new_x"];
        assert!(world.refuses(2, &put).contains("--set PROPERTY=VALUE"));
        assert!(world.refuses(2, &["customize", "put", "colum", "x", "--set", "a=b"]).contains("write table, column"));
        assert!(world.refuses(2, &["customize", "show", "column", "lead"]).contains("TABLE/COLUMN"));
        assert!(
            world.refuses(1, &["customize", "show", "column", "lead/new_x"]).contains("customize list column --all")
        );
        assert!(world.refuses(1, &["customize", "remove", "column", "lead/subject"]).contains("shipped"));
        let file = world.file("x.toml", "label = \"X\"\ntyp = \"text\"\n");
        let said = world.refuses(1, &["customize", "put", "column", "lead/new_x", "--file", &file]);
        assert!(said.contains("column lead/new_x: typ: unknown field `typ`"), "{said}");
        let file = world.file("x.toml", "label = X\n");
        let said = world.refuses(1, &["customize", "put", "column", "lead/new_x", "--file", &file]);
        assert!(said.contains("x.toml") && said.contains("line 1"), "{said}");
        let whole = world.file("whole.toml", "[table.lead.columns.new_x]\nlabel = \"X\"\ntype = \"text\"\n");
        let said = world.does(&["customize", "check", "--file", &whole]);
        assert!(said.contains("column lead/new_x (X) is added"), "{said}");
        assert_eq!(world.does(&["customize", "list"]), "");
    });
}

#[test]
fn indexes_labels_of_states_and_hidden_views_are_parts_too() {
    set_up_on_each_engine(|world| {
        let added = world.does(&["customize", "put", "index", "lead/leadsourcecode,-createdon"]);
        assert!(added.contains("index lead (leadsourcecode, -createdon) is added"), "{added}");
        world.does(&["customize", "put", "state", "lead/0", "--set", "label=In work"]);
        let views = world.tells(&["customize", "list", "view", "--table", "lead", "--all", "--json"]);
        let view = views.as_array().unwrap().last().unwrap()["name"].as_str().unwrap().to_owned();
        let hidden = world.does(&["customize", "put", "view", &view, "--set", "hidden=true"]);
        assert!(hidden.contains(&format!("view {view} is removed")), "{hidden}");
        let listed = world.does(&["customize", "list"]);
        let lines: Vec<&str> = listed.lines().collect();
        assert_eq!(lines[0], "changed  state lead/0  In work");
        assert!(lines[1].starts_with(&format!("changed  view {view}")), "{listed}");
        assert_eq!(lines[2], "own      index lead/leadsourcecode,-createdon");
        world.does(&["customize", "put", "view", &view, "--set", "hidden=false"]);
        world.does(&["customize", "remove", "state", "lead/0"]);
        world.does(&["customize", "remove", "index", "lead/leadsourcecode,-createdon"]);
        assert_eq!(world.does(&["customize", "export"]), "");
    });
}

#[test]
fn what_was_taken_out_is_kept_until_it_is_purged() {
    set_up_on_each_engine(|world| {
        world.does(&["customize", "add-column", "lead", "new_score", "--type", "whole", "--label", "Score"]);
        let leads = world.file("leads.csv", "Last Name,Score\nLind,1\nOlsen,2\nPetrov,\n");
        world.does(&["import", &leads]);
        assert!(world.refuses(1, &["customize", "purge", "lead.new_score", "--yes"]).contains("part of the model"));
        world.does(&["customize", "remove", "column", "lead/new_score"]);
        assert_eq!(world.does(&["customize", "purge", "--list"]), "kept    lead.new_score  2 rows have a value\n");
        let said = world.refuses(2, &["customize", "purge", "lead.new_score"]);
        assert!(said.contains("2 rows have a value") && said.contains("--yes"), "{said}");
        let said = world.refuses(2, &["customize", "purge", "lead.new_scores", "--yes"]);
        assert!(said.contains("kept are: lead.new_score"), "{said}");
        let told = world.tells(&["customize", "purge", "lead.new_score", "--yes", "--json"]);
        assert_eq!((&told["rows"], &told["purged"]), (&2.into(), &true.into()));
        let told = world.tells(&["customize", "purge", "--json"]);
        assert!(told["kept"].as_array().unwrap().is_empty(), "{told:#}");
        assert_eq!(
            (&told["purged"][0]["column"], &told["purged"][0]["origin"]),
            (&"new_score".into(), &"command".into())
        );
        world.does(&["check"]);
        let history = world.does(&["customize", "history"]);
        let lines: Vec<&str> = history.lines().collect();
        assert!(lines[0].starts_with("version ") && lines[0].ends_with("the engine by way of command"), "{history}");
        assert_eq!(lines[1], "  column lead/new_score leaves the model; its values are kept in the database");
        assert_eq!(lines[3..], ["  column lead/new_score (Score) is added"], "{history}");
        let told = world.tells(&["customize", "history", "--count", "1", "--json"]);
        assert_eq!((&told["value"][0]["origin"], &told["before"]), (&"command".into(), &told["value"][0]["version"]));
        world.does(&["customize", "add-column", "lead", "new_score", "--type", "whole", "--label", "Score"]);
        assert!(world.does(&["export", "lead", "--raw"]).contains("new_score"));
        world.does(&["check"]);
    });
}
