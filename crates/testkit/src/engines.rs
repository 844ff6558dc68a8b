//! The same tests on both engines.

use std::sync::Arc;

use crate::Common;

/// What tests begin with on `SQLite` and on `PostgreSQL`: one [`Common`] for each.
#[derive(Debug)]
pub struct OnEachEngine<T>([Common<T>; 2]);

impl<T> OnEachEngine<T> {
    /// Nothing yet.
    pub const fn new() -> Self {
        Self([Common::new(), Common::new()])
    }

    /// What the tests on this engine share; `make` makes it if no test holds it.
    pub async fn get(&self, postgres: bool, make: impl AsyncFnOnce(bool) -> T) -> Arc<T> {
        self.0[usize::from(postgres)].get(async || make(postgres).await).await
    }

    /// Runs a test on `SQLite`, then on `PostgreSQL` (`true`). What tests begin with is held on both
    /// meanwhile, so that it is not made again for the second.
    pub async fn run(&self, make: impl AsyncFn(bool) -> T, test: impl AsyncFn(bool)) {
        let _kept = (self.get(false, &make).await, self.get(true, &make).await);
        for postgres in [false, true] {
            eprintln!("on {}", if postgres { "PostgreSQL" } else { "SQLite" });
            test(postgres).await;
        }
    }
}

impl<T> Default for OnEachEngine<T> {
    fn default() -> Self {
        Self::new()
    }
}
