//! Every command explains itself.

use crate::world::{Engine, World};

/// The commands below `path`, from the help itself.
fn commands(world: &World, path: &[&str]) -> Vec<Vec<String>> {
    let help = world.does(&[path, &["--help"]].concat());
    let mut found = vec![path.iter().map(|&word| word.to_owned()).collect()];
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    for line in lines {
        let indent = line.len() - line.trim_start().len();
        let name = line.split_whitespace().next().unwrap();
        if indent == 2 && name != "help" {
            assert!(line.split_whitespace().nth(1).is_some(), "{name} has no explanation");
            found.extend(commands(world, &[path, &[name]].concat()));
        }
    }
    found
}

#[test]
fn every_command_explains_itself() {
    let world = World::empty(Engine::Sqlite);
    let found: Vec<String> = commands(&world, &[]).iter().map(|path| path.join(" ")).collect();
    for promised in [
        "serve",
        "init",
        "token create",
        "user password-link",
        "demo",
        "import",
        "export",
        "backup",
        "restore",
        "check",
        "customize list",
        "customize show",
        "customize put",
        "customize remove",
        "customize check",
        "customize export",
        "customize import",
        "customize add-column",
    ] {
        assert!(found.iter().any(|path| path == promised), "{promised} is missing in {found:?}");
    }
    for path in &found {
        let arguments: Vec<&str> = path.split_whitespace().chain(["--help"]).collect();
        let help = world.does(&arguments);
        let mut lines = help.lines().skip_while(|line| *line != "Options:").skip(1).peekable();
        while let Some(line) = lines.next() {
            // An option's explanation stands beside it or on the line below it.
            if line.trim_start().starts_with('-') {
                let beside = line.trim_start().split("  ").nth(1).is_some();
                let below = lines.peek().is_some_and(|next| !next.trim().is_empty() && !next.trim().starts_with('-'));
                assert!(beside || below, "{path}: '{}' has no explanation", line.trim());
            }
        }
    }
    assert!(!world.path("crm.db").exists(), "help touches no database");
}

#[test]
fn the_version_is_told_and_exit_codes_are_explained() {
    let world = World::empty(Engine::Sqlite);
    assert_eq!(world.does(&["--version"]).trim_end(), format!("pipewright {}", env!("CARGO_PKG_VERSION")));
    assert!(world.does(&["--help"]).contains("Exit codes"));
}

#[test]
fn what_is_no_command_is_used_wrongly() {
    let world = World::empty(Engine::Sqlite);
    for wrong in [&["sreve"][..], &[], &["init"], &["demo", "--leads", "many"], &["import"]] {
        world.refuses(2, wrong);
    }
}
