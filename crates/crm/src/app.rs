//! The application: a store with the domain over it.

use std::sync::{Arc, RwLock};

use language::{Carried, tr};
use model::Model;
use store::{DatabaseUrl, FeedPosition, Reader, Store, StoreOptions, Writer};
use tracing::Span;
use uuid::Uuid;

use crate::{
    Caller, Error, Organization, Origin, Result, duplicates,
    identity::{Pace, SignInSettings, Vault},
    live::Live,
    records::Work,
};

/// The running application. Cheap to clone.
#[derive(Clone)]
pub struct App {
    store: Store,
    organization: Arc<RwLock<Option<Arc<Organization>>>>,
    sign_in: Arc<RwLock<Arc<SignInSettings>>>,
    pace: Arc<Pace>,
    editing_model: Arc<tokio::sync::Mutex<()>>,
    duplicate_rules: duplicates::rules::Cache,
    building_keys: Arc<tokio::sync::Mutex<()>>,
    live: Arc<Live>,
    wake_jobs: Arc<tokio::sync::Notify>,
}

impl App {
    /// Opens the database (the embedded one is created where it is missing) and migrates it to
    /// this release.
    pub async fn open(url: &DatabaseUrl) -> Result<Self> {
        Self::open_with(url, StoreOptions::default()).await
    }

    /// As [`App::open`], with options of the store.
    pub async fn open_with(url: &DatabaseUrl, options: StoreOptions) -> Result<Self> {
        language::start();
        let app = Self::over(Store::open(url, options).await?);
        if let DatabaseUrl::Sqlite(path) = url {
            app.configure_sign_in(SignInSettings { vault: Vault::beside(path), ..SignInSettings::default() });
        }
        crate::identity::roles::keep_roles(&app).await?;
        duplicates::shipped::keep_rules(&app).await?;
        Ok(app)
    }

    /// The application over an open store.
    pub fn over(store: Store) -> Self {
        Self {
            live: Arc::new(Live::over(store.clone())),
            store,
            organization: Arc::default(),
            sign_in: Arc::default(),
            pace: Arc::default(),
            editing_model: Arc::default(),
            duplicate_rules: duplicates::rules::Cache::default(),
            building_keys: Arc::default(),
            wake_jobs: Arc::default(),
        }
    }

    /// Waits for what is being written and closes the database.
    pub async fn close(self) {
        self.store.close().await;
    }

    /// The store below, for backup, check and publishing.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Whether this process reads the database itself (SQLite), so that reading takes its processors.
    pub fn reads_itself(&self) -> bool {
        self.store.is_embedded()
    }

    /// The declarations in force.
    pub fn model(&self) -> Arc<Model> {
        self.store.model()
    }

    /// The organisation's settings as they are in the database now, whichever process changed them
    /// last. They are read only where they have changed.
    pub async fn organization(&self) -> Result<Arc<Organization>> {
        self.read_in_organization(|_, organization| Ok(Arc::clone(organization))).await
    }

    /// The engine itself as a caller: for set-up and maintenance, never for a request.
    pub async fn engine(&self) -> Result<Caller> {
        Ok(Caller::engine(self.organization().await?))
    }

    /// The person with this id.
    pub async fn caller(&self, user: Uuid) -> Result<Caller> {
        self.read_in_organization(move |reader, organization| Caller::load(reader, organization, user)).await
    }

    /// Reads on one consistent snapshot, with the organisation's settings as they are in it.
    pub(crate) async fn read_in_organization<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut Reader<'_>, &Arc<Organization>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (known, request, language) = (self.known_organization(), Span::current(), Carried::here());
        let outcome = self.store.read(move |reader| -> Result<_> {
            let _request = request.enter();
            let organization = Organization::current(reader, known)?;
            let result = language.in_scope(|| read(reader, &organization));
            Ok((result, organization))
        });
        let (result, organization) = outcome.await?;
        self.keep_organization(&organization);
        result
    }

    fn known_organization(&self) -> Option<Arc<Organization>> {
        self.organization.read().ok().and_then(|slot| slot.clone())
    }

    /// Two readers may keep theirs in the wrong order; the next one notices by the version.
    fn keep_organization(&self, found: &Arc<Organization>) {
        let is_known = |known: &Arc<Organization>| Arc::ptr_eq(known, found);
        if !self.known_organization().as_ref().is_some_and(is_known)
            && let Ok(mut slot) = self.organization.write()
        {
            *slot = Some(Arc::clone(found));
        }
    }

    /// The last committed change known to this process; wakes whoever waits for news.
    pub fn changes(&self) -> tokio::sync::watch::Receiver<FeedPosition> {
        self.store.changes()
    }

    /// What is committed, told to whoever looks at it.
    pub const fn live(&self) -> &Arc<Live> {
        &self.live
    }

    /// Reads on one consistent snapshot.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut Reader<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (request, language) = (Span::current(), Carried::here());
        self.store.read(move |reader| request.in_scope(|| language.in_scope(|| read(reader)))).await
    }

    /// One act of `caller` in one transaction, durable when this returns.
    pub async fn work<T: Send + 'static>(
        &self,
        caller: &Caller,
        origin: Origin,
        act: impl FnOnce(&mut Work<'_, '_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if caller.within().is_reading() {
            return Err(Error::Forbidden(tr!(
                "this program may only read; ask for the scope 'crm', or an administrator to let the program change something"
            )));
        }
        // What is logged and said on the way belongs to the request, on whatever thread.
        let (caller, request, language) = (caller.clone(), Span::current(), Carried::here());
        let watch = duplicates::keep::Watch::new(self.duplicate_rules.clone());
        let (result, rules_changed) = self
            .store
            .write(move |writer: &mut Writer<'_>| -> Result<(T, bool)> {
                let _request = request.enter();
                let mut work = Work::new(writer, caller, origin, watch);
                let result = language.in_scope(|| act(&mut work))?;
                let rules_changed = work.has_changed_rules();
                work.touched().announce(writer)?;
                Ok((result, rules_changed))
            })
            .await?;
        if rules_changed && origin != Origin::Engine {
            duplicates::publish::build_now(self).await;
        }
        Ok(result)
    }

    /// The duplicate rules, as last read.
    pub(crate) const fn duplicate_rules(&self) -> &duplicates::rules::Cache {
        &self.duplicate_rules
    }

    /// Held while match keys are made.
    pub(crate) async fn building_keys(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.building_keys.lock().await
    }

    /// Tells that there is a job to be done.
    pub(crate) fn wake_jobs(&self) -> &tokio::sync::Notify {
        &self.wake_jobs
    }

    /// Held while the customisations are read, changed and published.
    pub(crate) async fn editing_model(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.editing_model.lock().await
    }

    /// Says how people sign in to this server, as far as that is not kept in the database.
    pub fn configure_sign_in(&self, settings: SignInSettings) {
        if let Ok(mut slot) = self.sign_in.write() {
            *slot = Arc::new(settings);
        }
    }

    /// Counts a request of this person's to the Web API.
    ///
    /// # Errors
    /// [`Error::TooManyRequests`] where they have made more than are allowed.
    pub fn admit_request(&self, user: Uuid) -> Result<()> {
        self.pace.admit(user, self.sign_in_settings().api_requests)
    }

    /// How people sign in to this server, as far as that is not kept in the database.
    pub fn sign_in_settings(&self) -> Arc<SignInSettings> {
        self.sign_in.read().map(|slot| slot.clone()).unwrap_or_default()
    }

    /// The table of this logical name.
    pub fn table(&self, name: &str) -> Result<Arc<model::Table>> {
        self.model().table(name).cloned().ok_or_else(|| Error::Unknown(tr!("there is no table '{name}'", name)))
    }
}
