//! A small organisation to test in, on SQLite and on PostgreSQL.

use std::sync::{Arc, Mutex};

use crm::{
    App, Caller, NewRecord, Origin, Row,
    export::ExportRequest,
    identity::{SetUp, SignInSettings, Vault},
    import::{Control, InputFile, ProposeOptions, Report, RunOptions},
};
use model::{Reference, Value};
pub use pipewright_crm as crm;
use testkit::{OnEachEngine, Place, Scratch};
use uuid::Uuid;

/// An organisation with an administrator and a seller.
pub struct World {
    pub app: App,
    pub admin: Caller,
    pub seller: Caller,
    place: Place,
    _origin: Arc<Beginning>,
}

/// What each world begins with, on SQLite and on PostgreSQL.
static BEGINNINGS: OnEachEngine<Beginning> = OnEachEngine::new();

struct Beginning {
    place: Place,
    admin: Uuid,
    seller: Uuid,
}

/// Runs a test in a world on each engine.
pub async fn in_every_world(test: impl AsyncFn(World)) {
    BEGINNINGS.run(Beginning::new, async |postgres| test(World::new(postgres).await).await).await;
}

impl Beginning {
    async fn new(postgres: bool) -> Self {
        let place = Place::empty(postgres).unwrap();
        let app = App::open(&place.address().parse().unwrap()).await.unwrap();
        let set_up = SetUp {
            organization: "Contoso".into(),
            admin_email: "ada@contoso.example".into(),
            admin_password: Some("correct horse battery".into()),
            ..SetUp::default()
        };
        let admin = app.identity().set_up(set_up).await.unwrap();
        let admin = app.caller(admin).await.unwrap();
        let unit = Reference::new("businessunit", admin.business_unit);
        let seller = Row::new()
            .with("firstname", "Sam")
            .with("lastname", "Seller")
            .with("internalemailaddress", "sam@contoso.example")
            .with("businessunitid", unit);
        let seller = app.create(&admin, Origin::Page, NewRecord::of("systemuser", seller)).await.unwrap();
        app.identity().give_role(&admin, seller, "Salesperson").await.unwrap();
        app.close().await;
        Self { place, admin: admin.user, seller }
    }
}

impl World {
    pub async fn new(postgres: bool) -> Self {
        let origin = BEGINNINGS.get(postgres, Beginning::new).await;
        let place = origin.place.copy().unwrap();
        let app = App::open(&place.address().parse().unwrap()).await.unwrap();
        let admin = app.caller(origin.admin).await.unwrap();
        let seller = app.caller(origin.seller).await.unwrap();
        if postgres {
            let vault = Vault::of_key("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=").unwrap();
            app.configure_sign_in(SignInSettings { vault, ..SignInSettings::default() });
        }
        Self { app, admin, seller, place, _origin: origin }
    }

    /// The same organisation as another process has it open.
    pub async fn elsewhere(&self) -> App {
        App::open(&self.place.address().parse().unwrap()).await.unwrap()
    }

    /// A file in the folder of this world.
    pub fn file(&self, name: &str) -> std::path::PathBuf {
        self.place.file(name)
    }

    /// Changes a security role, as an administrator does.
    pub async fn change_role(&self, name: &str, changes: Row) {
        let query = self.app.new_query(&self.admin, "role").matching(model::Filter::eq("name", name));
        let role = self.app.query(&self.admin, query.select(["roleid"])).await.unwrap();
        let role = role.to_rows().next().unwrap().value("roleid").as_id().unwrap();
        self.app.update(&self.admin, Origin::Page, "role", role, changes, None).await.unwrap();
    }

    /// Changes the organisation's settings, as an administrator does.
    pub async fn change_organization(&self, changes: Row) {
        let id = self.app.organization().await.unwrap().id;
        self.app.update(&self.admin, Origin::Page, "organization", id, changes, None).await.unwrap();
    }

    /// Sets the moments that are kept with the administrator's secrets of a kind back by so much.
    pub async fn age_secrets(&self, kind: &'static str, by: jiff::SignedDuration) {
        let user = self.admin.user;
        let store = self.app.store();
        store
            .write(move |writer: &mut store::Writer<'_>| -> crm::Result<()> {
                for secret in writer.secrets_of(kind, user)? {
                    let mut data = secret.data.clone();
                    for name in ["seen", "began", "proved"] {
                        let moment: jiff::Timestamp = data[name].as_str().unwrap().parse().unwrap();
                        data[name] = (moment - by).to_string().into();
                    }
                    writer.replace_secret(&secret, secret.expires, &data)?;
                }
                Ok(())
            })
            .await
            .unwrap();
    }

    /// The seller, with what they may do by now.
    pub async fn seller(&self) -> Caller {
        self.app.caller(self.seller.user).await.unwrap()
    }

    /// Creates a row as the seller.
    pub async fn create(&self, table: &str, row: Row) -> Uuid {
        self.app.create(&self.seller().await, Origin::Page, NewRecord::of(table, row)).await.unwrap()
    }

    /// Creates a row as the administrator.
    pub async fn create_as_admin(&self, table: &str, row: Row) -> Uuid {
        self.app.create(&self.admin, Origin::Page, NewRecord::of(table, row)).await.unwrap()
    }

    /// Deletes a row as the administrator.
    pub async fn delete_as_admin(&self, table: &'static str, id: Uuid) {
        self.app.work(&self.admin, Origin::Page, move |work| work.delete(table, id, None)).await.unwrap();
    }

    /// Changes a row as the seller.
    pub async fn update(&self, table: &str, id: Uuid, changes: Row) -> crm::Result<Row> {
        self.app.update(&self.seller().await, Origin::Page, table, id, changes, None).await
    }

    /// A lead with a company.
    pub async fn lead(&self, topic: &str) -> Uuid {
        let row = Row::new()
            .with("subject", topic)
            .with("firstname", "Lena")
            .with("lastname", "Lead")
            .with("companyname", "Fabrikam Ltd")
            .with("emailaddress1", "lena@fabrikam.example")
            .with("budgetamount", rust_decimal::Decimal::new(25_000, 0));
        self.create("lead", row).await
    }

    /// An open opportunity with an account as its customer.
    pub async fn deal(&self, name: &str, revenue: i64) -> Uuid {
        let account = self.create("account", Row::new().with("name", format!("{name} Inc"))).await;
        let row = Row::new()
            .with("name", name)
            .with("customerid", Reference::new("account", account))
            .with("estimatedvalue", rust_decimal::Decimal::new(revenue, 0));
        self.create("opportunity", row).await
    }

    /// A row as the seller sees it.
    pub async fn get(&self, table: &str, id: Uuid) -> Row {
        self.app.get(&self.seller, table, id, None).await.unwrap()
    }

    /// What an export writes.
    pub async fn exported(&self, caller: &Caller, request: ExportRequest) -> Vec<u8> {
        let buffer = Buffer::default();
        self.app.exports().run(caller, request, buffer.clone()).await.unwrap();
        let bytes = buffer.0.lock().unwrap();
        bytes.clone()
    }

    /// Brings files in as the administrator, the way the import itself proposes.
    pub async fn bring_in(&self, files: &[(impl AsRef<str>, impl AsRef<[u8]>)]) -> Report {
        self.try_to_bring_in(&self.admin, files).await.unwrap()
    }

    /// The same as somebody whom it may be refused.
    pub async fn try_to_bring_in(
        &self,
        caller: &Caller,
        files: &[(impl AsRef<str>, impl AsRef<[u8]>)],
    ) -> crm::Result<Report> {
        let scratch = Scratch::new().unwrap();
        let mut inputs = Vec::new();
        for (name, content) in files {
            let path = scratch.file(name.as_ref());
            std::fs::write(&path, content).unwrap();
            inputs.push(InputFile::at(path));
        }
        self.bring_in_from(caller, inputs).await
    }

    /// The same from files that lie somewhere.
    pub async fn bring_in_from(&self, caller: &Caller, inputs: Vec<InputFile>) -> crm::Result<Report> {
        let imports = self.app.imports();
        let proposal = imports.propose(caller, inputs.clone(), ProposeOptions::default()).await?;
        imports.run(caller, Origin::Import, inputs, proposal.mapping, RunOptions::default(), Control::default()).await
    }

    /// How many rows of `table` the seller sees.
    pub async fn count(&self, table: &str) -> u64 {
        let mut query = self.app.new_query(&self.seller, table).take(1);
        query.page.count = true;
        self.app.query(&self.seller, query).await.unwrap().total.unwrap()
    }
}

/// A target that can be looked into afterwards.
#[derive(Clone, Default)]
pub struct Buffer(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A lookup value.
pub fn to(table: &str, id: Uuid) -> Value {
    Reference::new(table, id).into()
}

impl World {
    /// Stores a file, to be put into a row.
    pub async fn store_file(&self, content: &'static [u8]) -> Uuid {
        let id = Uuid::now_v7();
        let put = move |writer: &mut store::Writer<'_>| -> crm::Result<()> { Ok(writer.put_file(id, content)?) };
        self.app.store().write(put).await.unwrap();
        id
    }
}
