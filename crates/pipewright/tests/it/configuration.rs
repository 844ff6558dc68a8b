//! A flag beats the environment, the environment beats the file, the file beats the default.

use crate::world::{ADMIN, Engine, Outcome, PASSWORD, Server, World};

const SECRET: &str = "geheim-4711";

#[test]
fn flags_beat_the_environment_which_beats_the_file_which_beats_the_default() {
    let world = World::empty(Engine::Sqlite);
    let init = ["init", "--admin-email", ADMIN];
    let link_of = |mut command: std::process::Command| Outcome::of(command.output().unwrap()).expect(0).printed;

    let link = link_of(world.bare_command(&init));
    assert!(world.path("pipewright.db").exists() && link.starts_with("http://127.0.0.1:8080/"), "{link}");

    world.file(
        "pipewright.toml",
        "database = \"sqlite:file.db\"\nlisten = \"127.0.0.1:0\"\npublic_url = \"https://file.example\"\n",
    );
    let link = link_of(world.bare_command(&init));
    assert!(world.path("file.db").exists() && link.starts_with("https://file.example/"), "{link}");

    let mut command = world.bare_command(&init);
    command.env("PIPEWRIGHT_DATABASE", "sqlite:environment.db").env("PIPEWRIGHT_PUBLIC_URL", "https://env.example/");
    let link = link_of(command);
    assert!(world.path("environment.db").exists() && link.starts_with("https://env.example/password/"), "{link}");

    let flags = [&init[..], &["--database", "sqlite:flag.db", "--public-url", "https://flag.example"]].concat();
    let mut command = world.bare_command(&flags);
    command.env("PIPEWRIGHT_DATABASE", "sqlite:never.db").env("PIPEWRIGHT_PUBLIC_URL", "https://env.example/");
    let link = link_of(command);
    assert!(world.path("flag.db").exists() && link.starts_with("https://flag.example/"), "{link}");
    assert!(!world.path("never.db").exists());

    world.file("other.toml", "database = \"sqlite:file.db\"\nlisten = \"127.0.0.1:0\"\n");
    let mut command = world.bare_command(&["serve"]);
    command.env("PIPEWRIGHT_CONFIG", "other.toml");
    let server = Server::start(command, world.path("server.log"));
    assert_eq!(server.get("/sign-in", None).status, 200, "listens where the file says");
    assert_eq!(server.stop().code, Some(0));
}

#[test]
fn a_configuration_that_is_wrong_is_refused_with_the_place() {
    let world = World::empty(Engine::Sqlite);
    for (text, named) in [("databse = \"x\"", "databse"), ("listen = \"nonsense\"", "listen"), ("listen", "line 1")] {
        world.file("pipewright.toml", text);
        let complaint = world.refuses(2, &["check"]);
        assert!(complaint.contains("pipewright.toml") && complaint.contains(named), "{complaint}");
    }
    let complaint = world.refuses(2, &["check", "--config", "absent.toml"]);
    assert!(complaint.contains("absent.toml"), "{complaint}");
    world.refuses(2, &["check", "--listen", "nonsense"]);
}

#[test]
fn a_password_in_an_address_is_never_printed_or_logged() {
    let world = World::empty(Engine::Postgres);
    let address = world.address.replace("postgres@", &format!("postgres:{SECRET}@"));
    assert_ne!(address, world.address);
    let mut seen = String::new();
    let mut run = |address: &str, arguments: &[&str]| {
        let mut command = world.bare_command(arguments);
        command.env("PIPEWRIGHT_DATABASE", address).env("PIPEWRIGHT_LOG", "trace");
        let outcome = Outcome::of(command.output().unwrap());
        seen.push_str(&outcome.printed);
        seen.push_str(&outcome.complaint);
        outcome.code
    };
    assert_eq!(run(&address, &["init", "--admin-email", ADMIN]), 0);
    assert_eq!(run(&address, &["check"]), 0);
    assert_eq!(run(&address, &["backup", "copy.backup"]), 0);
    assert_eq!(run(&address, &["restore", "copy.backup"]), 1);
    assert_eq!(run(&address, &["serve", "--listen", "1.2.3.4:1"]), 4);
    assert_eq!(run(&format!("{address}_absent"), &["check"]), 4);
    assert_eq!(run(&format!("postgres://ada:{SECRET}@127.0.0.1:1/crm"), &["check"]), 4);
    assert_eq!(run(&format!("postgres://ada:{SECRET}@127.0.0.1:port/crm"), &["check"]), 2);
    assert_eq!(run(&format!("mysql://ada:{SECRET}@127.0.0.1/crm"), &["check"]), 2);
    assert_eq!(run(&address, &["check", "--nonsense"]), 2);
    assert_eq!(run(&address, &["serve", "--help"]), 0);
    world.file("pipewright.toml", &format!("database = \"{address}\"\n"));
    let empty = World::empty(Engine::Postgres);
    let second = empty.address.replace("postgres@", &format!("postgres:{SECRET}@"));
    assert_eq!(run(&second, &["restore", "copy.backup"]), 0);

    let mut command = world.bare_command(&["serve", "--listen", "127.0.0.1:0"]);
    command.env("PIPEWRIGHT_LOG", "trace");
    let server = Server::start(command, world.path("server.log"));
    assert_eq!(server.get("/sign-in", None).status, 200);
    server.stop();
    seen.push_str(&world.read("server.log"));
    assert!(seen.len() > 1000, "the log is on");
    assert!(!seen.contains(SECRET), "{}", seen.lines().find(|line| line.contains(SECRET)).unwrap());
}

#[test]
fn a_password_known_from_a_breach_is_refused_where_a_list_is_configured() {
    let world = World::empty(Engine::Sqlite);
    world.file("password", PASSWORD);
    world.file(
        "breached.txt",
        "98DECC62ECE399A22ED30D490EF333BE7FDE7385:12\r\nFFFFFFFEE791CBAC0F6305CAF0CEE06BBE131160:2\r\n",
    );
    let init = ["init", "--admin-email", ADMIN, "--admin-password-file", "password"];
    let refused = |mut command: std::process::Command| {
        Outcome::of(command.output().unwrap()).expect(1).names("this password is known from a breach");
    };
    refused(world.command(&[&init[..], &["--breached-passwords", "breached.txt"]].concat()));
    let mut command = world.command(&init);
    command.env("PIPEWRIGHT_BREACHED_PASSWORDS", "breached.txt");
    refused(command);
    world.file("pipewright.toml", "breached_passwords = \"breached.txt\"\n");
    refused(world.command(&init));

    world.file("breached.txt", "hunter2\npassword\n");
    world.run(&init).expect(2).names("breached.txt");
    world.file("breached.txt", "FFFFFFFEE791CBAC0F6305CAF0CEE06BBE131160:2\n");
    world.does(&init);
}
