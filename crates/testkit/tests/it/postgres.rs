//! The servers a test can ask for, through the public face.
use pipewright_testkit::{Options, Postgres, StopMode};
use tokio_postgres::{Client, NoTls};

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("the server answers");
    tokio::spawn(connection);
    client
}

async fn count(client: &Client, query: &str) -> i64 {
    client.query_one(query, &[]).await.expect("the query is right").get(0)
}

fn durable() -> Postgres {
    let options = Options { durable: true, ..Options::default() };
    Postgres::private(options).expect("a private server starts")
}

#[tokio::test]
async fn two_databases_of_the_shared_server_are_separate() {
    let server = Postgres::shared().unwrap();
    let (one, other) = (server.database().unwrap(), server.database().unwrap());
    let (in_one, in_other) = (connect(one.url()).await, connect(other.url()).await);
    in_one.batch_execute("CREATE TABLE lead (topic text)").await.unwrap();
    let tables = "SELECT count(*) FROM pg_tables WHERE tablename = 'lead'";
    assert_eq!(count(&in_one, tables).await, 1);
    assert_eq!(count(&in_other, tables).await, 0);
}

#[tokio::test]
async fn a_dropped_database_is_gone_even_with_a_client_connected() {
    let server = Postgres::shared().unwrap();
    let database = server.database().unwrap();
    let name = database.name().to_owned();
    let _guest = connect(database.url()).await;
    let onlooker = connect(&server.url()).await;
    let query = format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'");
    assert_eq!(count(&onlooker, &query).await, 1);
    drop(database);
    assert_eq!(count(&onlooker, &query).await, 0);
}

#[tokio::test]
async fn a_private_server_keeps_its_committed_rows_over_a_hard_kill() {
    let mut server = durable();
    let database = server.database().unwrap();
    let client = connect(database.url()).await;
    client.batch_execute("CREATE TABLE lead (topic text); INSERT INTO lead VALUES ('kept')").await.unwrap();
    client.batch_execute("BEGIN; INSERT INTO lead VALUES ('never committed')").await.unwrap();

    server.kill_hard().unwrap();
    assert!(tokio_postgres::connect(database.url(), NoTls).await.is_err(), "it is really dead");
    server.start().unwrap();

    let client = connect(database.url()).await;
    let topics: Vec<String> =
        client.query("SELECT topic FROM lead", &[]).await.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(topics, ["kept"]);
}

#[tokio::test]
async fn a_private_server_is_found_at_the_same_address_after_stop_and_restart() {
    let mut server = durable();
    let before = server.url();
    for mode in [StopMode::Smart, StopMode::Fast, StopMode::Immediate] {
        server.stop(mode).unwrap();
        assert!(tokio_postgres::connect(&before, NoTls).await.is_err(), "{mode:?}");
        server.start().unwrap();
    }
    server.restart().unwrap();
    assert_eq!(server.url(), before);
    assert_eq!(count(&connect(&before).await, "SELECT 1::bigint").await, 1);
}

#[tokio::test]
async fn only_a_durable_server_waits_for_the_disk_and_settings_are_obeyed() {
    let settings = vec![("application_name".to_owned(), "it's ours".to_owned())];
    let quick = Postgres::private(Options { settings, ..Options::default() }).unwrap();
    let client = connect(&quick.url()).await;
    let setting = async |client: &Client, name: &str| -> String {
        client.query_one(&format!("SHOW {name}"), &[]).await.unwrap().get(0)
    };
    assert_eq!(setting(&client, "fsync").await, "off");
    assert_eq!(setting(&client, "application_name").await, "it's ours");
    assert_eq!(setting(&client, "max_connections").await, "200");
    assert_eq!(setting(&client, "listen_addresses").await, "127.0.0.1");
    let server = durable();
    assert_eq!(setting(&connect(&server.url()).await, "fsync").await, "on");
}
