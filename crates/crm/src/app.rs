//! The application: a store with the domain over it.

use std::sync::{Arc, RwLock};

use model::Model;
use store::{DatabaseUrl, FeedPosition, Reader, Store, StoreOptions, Writer};
use uuid::Uuid;

use crate::{Caller, Error, Organization, Origin, Result, duplicates, identity::Throttle, records::Work};

/// The running application. Cheap to clone.
#[derive(Clone)]
pub struct App {
    store: Store,
    organization: Arc<RwLock<Option<Arc<Organization>>>>,
    throttle: Throttle,
    editing_model: Arc<tokio::sync::Mutex<()>>,
    duplicate_rules: duplicates::rules::Cache,
    building_keys: Arc<tokio::sync::Mutex<()>>,
}

impl App {
    /// Opens the database (the embedded one is created where it is missing) and migrates it to
    /// this release.
    pub async fn open(url: &DatabaseUrl) -> Result<Self> {
        let app = Self::over(Store::open(url, StoreOptions::default()).await?);
        crate::identity::roles::keep_roles(&app).await?;
        duplicates::shipped::keep_rules(&app).await?;
        Ok(app)
    }

    /// The application over an open store.
    pub fn over(store: Store) -> Self {
        Self {
            store,
            organization: Arc::default(),
            throttle: Throttle::default(),
            editing_model: Arc::default(),
            duplicate_rules: duplicates::rules::Cache::default(),
            building_keys: Arc::default(),
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

    /// The declarations in force.
    pub fn model(&self) -> Arc<Model> {
        self.store.model()
    }

    /// The organisation's settings.
    pub async fn organization(&self) -> Result<Arc<Organization>> {
        if let Some(known) = self.organization.read().ok().and_then(|slot| slot.clone()) {
            return Ok(known);
        }
        let loaded = Arc::new(self.store.read(Organization::load).await?);
        if let Ok(mut slot) = self.organization.write() {
            *slot = Some(loaded.clone());
        }
        Ok(loaded)
    }

    /// The engine itself as a caller: for set-up and maintenance, never for a request.
    pub async fn engine(&self) -> Result<Caller> {
        Ok(Caller::engine(self.organization().await?))
    }

    /// The person with this id.
    pub async fn caller(&self, user: Uuid) -> Result<Caller> {
        let organization = self.organization().await?;
        self.store.read(move |reader| Caller::load(reader, &organization, user)).await
    }

    /// The last committed change known to this process; wakes whoever waits for news.
    pub fn changes(&self) -> tokio::sync::watch::Receiver<FeedPosition> {
        self.store.changes()
    }

    /// Reads on one consistent snapshot.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut Reader<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.store.read(read).await
    }

    /// One act of `caller` in one transaction, durable when this returns.
    pub async fn work<T: Send + 'static>(
        &self,
        caller: &Caller,
        origin: Origin,
        act: impl FnOnce(&mut Work<'_, '_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let caller = caller.clone();
        let watch = duplicates::keep::Watch::new(self.duplicate_rules.clone());
        let (result, settings_changed, rules_changed) = self
            .store
            .write(move |writer: &mut Writer<'_>| -> Result<(T, bool, bool)> {
                let mut work = Work::new(writer, caller, origin, watch);
                let result = act(&mut work)?;
                Ok((result, work.settings_changed(), work.has_changed_rules()))
            })
            .await?;
        if settings_changed {
            self.forget_organization();
        }
        if rules_changed && origin != Origin::Engine {
            duplicates::publish::build_now(self).await;
        }
        Ok(result)
    }

    /// Settings are read anew at the next use.
    pub(crate) fn forget_organization(&self) {
        if let Ok(mut slot) = self.organization.write() {
            *slot = None;
        }
    }

    /// The duplicate rules, as last read.
    pub(crate) const fn duplicate_rules(&self) -> &duplicates::rules::Cache {
        &self.duplicate_rules
    }

    /// Held while match keys are made.
    pub(crate) async fn building_keys(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.building_keys.lock().await
    }

    /// Held while the customisations are read, changed and published.
    pub(crate) async fn editing_model(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.editing_model.lock().await
    }

    pub(crate) const fn throttle(&self) -> &Throttle {
        &self.throttle
    }

    /// The table of this logical name.
    pub fn table(&self, name: &str) -> Result<Arc<model::Table>> {
        self.model().table(name).cloned().ok_or_else(|| Error::Unknown(format!("there is no table '{name}'")))
    }
}
