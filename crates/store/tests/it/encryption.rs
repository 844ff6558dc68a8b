//! Encrypted connections to PostgreSQL servers of every kind.

use crate::certificates::{Authority, Certified};
use pipewright_store as store;
use store::{DatabaseUrl, Store, StoreError, StoreOptions};
use testkit::{Options, Postgres, Scratch, ServerCertificate, TestDatabase};
use tokio_postgres::{Client, NoTls};

/// A server of the test's own with an empty database, and a folder for certificates.
struct World {
    scratch: Scratch,
    database: TestDatabase,
    server: Postgres,
}

impl World {
    fn new(options: Options) -> Self {
        let server = Postgres::private(options).unwrap();
        let database = server.database().unwrap();
        Self { scratch: Scratch::new().unwrap(), database, server }
    }

    fn encrypting(certificate: ServerCertificate) -> Self {
        Self::new(Options { certificate: Some(certificate), ..Options::default() })
    }

    /// The path of a file with this content.
    fn file(&self, name: &str, content: &str) -> String {
        let path = self.scratch.file(name);
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    }

    /// The address of the database with these parameters.
    fn url(&self, parameters: &str) -> String {
        format!("{}?{parameters}", self.database.url())
    }

    /// The same for somebody else and under another host name.
    fn url_of(&self, user: &str, host: &str, parameters: &str) -> String {
        let (port, name) = (self.server.port(), self.database.name());
        format!("postgres://{user}@{host}:{port}/{name}?hostaddr=127.0.0.1&{parameters}")
    }

    /// Somebody who may do everything.
    async fn role(&self, statement: &str) {
        self.behind().await.batch_execute(statement).await.unwrap();
    }

    /// Which version of TLS the store's connections use; none where they are not encrypted.
    async fn encryption_of(&self, url: &str) -> Option<String> {
        let store = open(url).await.unwrap_or_else(|error| panic!("{url}: {error}"));
        let used = self
            .behind()
            .await
            .query(
                "SELECT DISTINCT version FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                 WHERE application_name = 'pipewright'",
                &[],
            )
            .await
            .unwrap();
        store.close().await;
        assert_eq!(used.len(), 1, "{url}");
        used[0].get(0)
    }

    async fn is_encrypted(&self, parameters: &str) -> bool {
        self.encryption_of(&self.url(parameters)).await.is_some()
    }

    async fn behind(&self) -> Client {
        let (client, connection) = tokio_postgres::connect(&self.server.url(), NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }
}

async fn open(url: &str) -> Result<Store, StoreError> {
    let url: DatabaseUrl = url.parse().unwrap();
    Store::open(&url, StoreOptions { readers: 2, ..StoreOptions::default() }).await
}

/// Why the store does not open.
async fn refusal(url: &str) -> String {
    match open(url).await {
        Ok(_) => panic!("{url} was opened"),
        Err(StoreError::Unavailable(message) | StoreError::BadUrl(message)) => message,
        Err(other) => panic!("{url}: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_encrypted_unless_the_address_forbids_it() {
    let authority = Authority::new("Our Authority");
    let world = World::encrypting(authority.sign("database server", &["127.0.0.1"]).for_server());
    let root = world.file("root.crt", &authority.pem());
    for parameters in [
        String::new(),
        "sslmode=prefer".to_owned(),
        "sslmode=require".to_owned(),
        format!("sslmode=require&sslrootcert={root}"),
        format!("sslmode=verify-ca&sslrootcert={root}"),
        format!("sslmode=verify-full&sslrootcert={root}"),
    ] {
        assert_eq!(world.encryption_of(&world.url(&parameters)).await.as_deref(), Some("TLSv1.3"), "{parameters}");
    }
    assert!(!world.is_encrypted("sslmode=disable").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_for_another_host_is_refused_by_verify_full_only() {
    let authority = Authority::new("Our Authority");
    let world = World::encrypting(authority.sign("database server", &["db.example"]).for_server());
    let root = world.file("root.crt", &authority.pem());
    let told = refusal(&world.url(&format!("sslmode=verify-full&sslrootcert={root}"))).await;
    assert!(told.contains("is for db.example, not for 127.0.0.1"), "{told}");
    assert!(told.contains("subjectAltName") && told.contains("sslmode=verify-ca"), "{told}");
    assert!(world.is_encrypted(&format!("sslmode=verify-ca&sslrootcert={root}")).await);
    let by_name = world.url_of("postgres", "db.example", &format!("sslmode=verify-full&sslrootcert={root}"));
    assert!(world.encryption_of(&by_name).await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_an_unknown_authority_is_refused_with_what_to_do() {
    let authority = Authority::new("Our Authority");
    let world = World::encrypting(authority.sign("database server", &["127.0.0.1"]).for_server());
    let stranger = world.file("stranger.crt", &Authority::new("A Stranger").pem());
    // The last two ask the authorities of the machine.
    for parameters in [
        format!("sslmode=verify-full&sslrootcert={stranger}"),
        format!("sslmode=verify-ca&sslrootcert={stranger}"),
        format!("sslmode=require&sslrootcert={stranger}"),
        "sslmode=verify-full".to_owned(),
        "sslmode=verify-full&sslrootcert=system".to_owned(),
    ] {
        let told = refusal(&world.url(&parameters)).await;
        assert!(told.contains("with sslrootcert=PATH in the database address"), "{parameters}: {told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_without_a_certificate_is_refused_by_name() {
    let world = World::new(Options::default());
    let letter = world.file("letter.txt", "Dear customer");
    let told = refusal(&world.url(&format!("sslmode=verify-full&sslrootcert={letter}"))).await;
    assert!(told.contains(&letter) && told.contains("holds no certificate in PEM form"), "{told}");
    let told = refusal(&world.url("sslmode=verify-full&sslrootcert=/nowhere/root.crt")).await;
    assert!(told.contains("/nowhere/root.crt of sslrootcert") && told.contains("cannot be read"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_encryption_is_used_unless_the_address_requires_it() {
    let world = World::new(Options::default());
    assert!(!world.is_encrypted("").await);
    assert!(!world.is_encrypted("sslmode=prefer").await);
    for mode in ["require", "verify-ca", "verify-full"] {
        let told = refusal(&world.url(&format!("sslmode={mode}"))).await;
        assert!(told.contains("does not offer encryption; set ssl = on"), "{mode}: {told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn prefer_does_without_encryption_where_the_server_admits_nothing_else() {
    let certificate = Certified::by_itself(&["127.0.0.1"], 4000).for_server();
    let access = vec!["hostnossl all all all trust".to_owned(), "host all all all reject".to_owned()];
    let world = World::new(Options { certificate: Some(certificate), access, ..Options::default() });
    assert!(!world.is_encrypted("sslmode=prefer").await);
    let told = refusal(&world.url("sslmode=require")).await;
    assert!(told.contains("pg_hba.conf"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_knows_outdated_encryption_only_is_told_apart() {
    let certificate = Certified::by_itself(&["127.0.0.1"], 4000).for_server();
    let settings = [("ssl_min_protocol_version", "TLSv1"), ("ssl_max_protocol_version", "TLSv1.1")];
    let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let world = World::new(Options { certificate: Some(certificate), settings, ..Options::default() });
    assert!(!world.is_encrypted("sslmode=prefer").await);
    let told = refusal(&world.url("sslmode=require")).await;
    assert!(told.contains("must allow TLS 1.2 or 1.3"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_signed_by_itself_is_trusted_where_it_is_listed() {
    let certified = Certified::by_itself(&["127.0.0.1"], 4000);
    let world = World::encrypting(certified.for_server());
    let copy = world.file("server.crt", &certified.certificate);
    assert!(world.is_encrypted(&format!("sslmode=verify-full&sslrootcert={copy}")).await);
    let other = world.file("other.crt", &Certified::by_itself(&["127.0.0.1"], 4000).certificate);
    let told = refusal(&world.url(&format!("sslmode=verify-full&sslrootcert={other}"))).await;
    assert!(told.contains("with sslrootcert=PATH in the database address"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_certificate_is_refused_where_certificates_are_looked_at() {
    let certified = Certified::by_itself(&["127.0.0.1"], 2001);
    let world = World::encrypting(certified.for_server());
    let copy = world.file("server.crt", &certified.certificate);
    let told = refusal(&world.url(&format!("sslmode=verify-ca&sslrootcert={copy}"))).await;
    assert!(told.contains("has expired; renew it"), "{told}");
    assert!(world.is_encrypted("sslmode=require").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_version_1_encrypts_but_names_no_host() {
    let certified = Certified::of_version_1();
    let world = World::encrypting(certified.for_server());
    let copy = world.file("server.crt", &certified.certificate);
    assert!(world.is_encrypted("sslmode=require").await);
    assert!(world.is_encrypted(&format!("sslmode=verify-ca&sslrootcert={copy}")).await);
    let told = refusal(&world.url(&format!("sslmode=verify-full&sslrootcert={copy}"))).await;
    assert!(told.contains("issued anew as version 3 with the host in its subjectAltName"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_wants_a_certificate_gets_ours() {
    let (ours, clients) = (Authority::new("Our Authority"), Authority::new("Authority of Clients"));
    let mut certificate = ours.sign("database server", &["127.0.0.1"]).for_server();
    certificate.client_authority = Some(clients.pem());
    let access = vec!["hostssl all crm all cert".to_owned()];
    let world = World::new(Options { certificate: Some(certificate), access, ..Options::default() });
    world.role("CREATE ROLE crm SUPERUSER LOGIN").await;
    let with = |name: &str, certified: &Certified| {
        let certificate = world.file(&format!("{name}.crt"), &certified.certificate);
        let key = world.file(&format!("{name}.key"), &certified.key);
        world.url_of("crm", "127.0.0.1", &format!("sslmode=require&sslcert={certificate}&sslkey={key}"))
    };
    assert!(world.encryption_of(&with("crm", &clients.sign("crm", &[]))).await.is_some());
    let told = refusal(&with("stranger", &Authority::new("A Stranger").sign("crm", &[]))).await;
    assert!(told.contains("did not accept our certificate") && told.contains("sslcert=PATH"), "{told}");
    let told = refusal(&world.url_of("crm", "127.0.0.1", "sslmode=require")).await;
    assert!(told.contains("valid client certificate"), "{told}");
    let (certificate, key) = (clients.sign("crm", &[]).certificate, clients.sign("crm", &[]).key);
    let told = refusal(&with("mixed", &Certified { certificate, key })).await;
    assert!(told.contains("does not fit the certificate of sslcert"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_bound_to_the_certificate_and_never_repeated() {
    let authority = Authority::new("Our Authority");
    let certificate = authority.sign("database server", &["127.0.0.1"]).for_server();
    let access = vec!["host all crm all scram-sha-256".to_owned()];
    let world = World::new(Options { certificate: Some(certificate), access, ..Options::default() });
    world.role("CREATE ROLE crm SUPERUSER LOGIN PASSWORD 'opensesame'").await;
    let bound = world.url_of("crm:opensesame", "127.0.0.1", "sslmode=require&channel_binding=require");
    assert!(world.encryption_of(&bound).await.is_some());
    for url in [
        world.url_of("crm:opensesam", "127.0.0.1", "sslmode=require"),
        world.url_of("crm:opensesam", "127.0.0.1", "sslmode=no"),
        world.url_of("crm:opensesam", "127.0.0.1", "sslmode=verify-full"),
        world.url_of("crm:opensesam@", "127.0.0.1", "sslmode=require"),
    ] {
        let told = refusal(&url).await;
        assert!(!told.contains("sesam"), "{told}");
        assert!(!format!("{:?}", url.parse::<DatabaseUrl>().unwrap()).contains("sesam"));
    }
}
