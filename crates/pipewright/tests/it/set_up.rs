//! An empty database is set up once, or not at all.

use crate::world::{ADMIN, Engine, World, on_each_engine, set_up_on_each_engine};

#[test]
fn a_set_up_database_is_sound_and_not_set_up_again() {
    on_each_engine(|world| {
        let password = world.file("password", "correct horse battery\n");
        let init = ["init", "--admin-email", ADMIN, "--admin-password-file", &password];
        assert!(world.does(&init).contains(ADMIN));
        let before = world.rows("systemuser");
        assert_eq!(before.len(), 1);
        let complaint = world.refuses(1, &["init", "--admin-email", "eve@contoso.example"]);
        assert!(complaint.contains("set up already"), "{complaint}");
        assert_eq!(world.rows("systemuser"), before);
        world.does(&["check"]);
    });
}

#[test]
fn without_a_password_a_link_is_printed_and_nothing_else() {
    on_each_engine(|world| {
        let init = ["init", "--admin-email", ADMIN, "--public-url", "https://crm.contoso.example/"];
        let printed = world.does(&init);
        assert!(printed.starts_with("https://crm.contoso.example/password/"), "{printed}");
        assert_eq!(printed.lines().count(), 1, "{printed}");
        let server = world.serve();
        let path = printed.trim_end().trim_start_matches("https://crm.contoso.example");
        assert_eq!(server.get(path, None).status, 200);
        let another = world.does(&["user", "password-link", "--user", ADMIN]);
        assert!(another.starts_with("http://127.0.0.1:8080/password/"), "{another}");
    });
}

#[test]
fn what_is_wrong_at_set_up_is_refused_and_leaves_nothing_behind() {
    on_each_engine(|world| {
        let short = world.file("short", "short\n");
        let good = world.file("password", "correct horse battery");
        let complaint = world.refuses(1, &["init", "--admin-email", ADMIN, "--admin-password-file", &short]);
        assert!(complaint.contains("at least"), "{complaint}");
        let wrong = [
            (1, "--admin-email", "ada", "e-mail address"),
            (1, "--time-zone", "Mars/Olympus", "time zone"),
            (1, "--currency", "dollars", "currency"),
            (1, "--organization", "  ", "name"),
            (2, "--admin-password-file", "absent", "absent"),
        ];
        for (code, flag, value, named) in wrong {
            let mut init = vec!["init", flag, value];
            if flag != "--admin-email" {
                init.extend(["--admin-email", ADMIN]);
            }
            let complaint = world.refuses(code, &init);
            assert!(complaint.contains(named), "{flag}: {complaint}");
        }
        let complaint = world.refuses(1, &["serve", "--listen", "127.0.0.1:0"]);
        assert!(complaint.contains("pipewright init"), "{complaint}");
        world.does(&["init", "--admin-email", ADMIN, "--admin-password-file", &good]);
        assert_eq!(world.rows("systemuser").len(), 1);
        assert_eq!(world.rows("role").len(), 7, "each shipped role once");
    });
}

#[test]
fn a_password_file_of_windows_is_read_like_any_other() {
    let world = World::empty(Engine::Sqlite);
    let password = world.file("password", "correct horse battery\r\n");
    world.does(&["init", "--admin-email", ADMIN, "--admin-password-file", &password]);
}

#[test]
fn a_command_for_an_unknown_user_is_used_wrongly() {
    set_up_on_each_engine(|world| {
        for command in [["token", "create"], ["user", "password-link"]] {
            let complaint = world.refuses(2, &[command[0], command[1], "--user", "eve@contoso.example"]);
            assert!(complaint.contains("eve@contoso.example"), "{complaint}");
        }
        let leads = world.file("leads.csv", "Topic,Last Name\nRobots,Lead\n");
        world.refuses(2, &["import", &leads, "--user", "eve@contoso.example"]);
        world.refuses(2, &["export", "lead", "--user", "eve@contoso.example"]);
    });
}

#[test]
fn a_wrong_database_address_is_used_wrongly_and_an_absent_server_is_a_failure() {
    let world = World::empty(Engine::Sqlite);
    for address in ["mysql://root@localhost/crm", "sqlite:", "crm.db", "postgres://ada@127.0.0.1:port/crm"] {
        let complaint = world.refuses(2, &["check", "--database", address]);
        assert!(complaint.contains("address") || complaint.contains("file"), "{complaint}");
    }
    let complaint = world.refuses(4, &["check", "--database", "postgres://ada@127.0.0.1:1/crm"]);
    assert!(complaint.contains("not available"), "{complaint}");
}

#[test]
fn a_mistyped_path_is_not_an_empty_sound_database() {
    let world = World::empty(Engine::Sqlite);
    for command in ["check", "serve", "customize export", "export lead", "backup copy.db", "token create --user a@b.c"]
    {
        let arguments: Vec<&str> = command.split(' ').collect();
        let complaint = world.refuses(1, &arguments);
        assert!(complaint.contains("crm.db"), "{command}: {complaint}");
    }
    assert!(!world.path("crm.db").exists());
}

#[test]
fn a_file_of_something_else_is_left_alone() {
    let world = World::empty(Engine::Sqlite);
    world.file("crm.db", "Dear diary, this is no database, and it is longer than a hundred bytes so that nobody could mistake it for one.");
    let before = world.read("crm.db");
    let complaint = world.run(&["init", "--admin-email", ADMIN]);
    assert!([1, 4].contains(&complaint.code), "{complaint:?}");
    assert_eq!(world.read("crm.db"), before);
}
