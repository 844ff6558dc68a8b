//! What the tests of a program have in common.

use std::{
    sync::{Arc, Weak},
    thread,
};

use tokio::sync::Mutex;

/// Something costly that many tests begin with: made when the first one asks for it, and dropped
/// with the last one that holds it. (A plain static would never be dropped, and what it has on a
/// disk or a server would stay.)
#[derive(Debug)]
pub struct Common<T>(Mutex<Weak<T>>);

impl<T> Common<T> {
    /// Nothing yet.
    pub const fn new() -> Self {
        Self(Mutex::const_new(Weak::new()))
    }

    /// What the tests share; `make` makes it if no test holds it. Whoever asks meanwhile waits.
    pub async fn get(&self, make: impl AsyncFnOnce() -> T) -> Arc<T> {
        let mut known = self.0.lock().await;
        if let Some(shared) = known.upgrade() {
            return shared;
        }
        let shared = Arc::new(make().await);
        *known = Arc::downgrade(&shared);
        shared
    }

    /// The same, blocking; also from inside an asynchronous runtime.
    pub fn get_blocking(&self, make: impl FnOnce() -> T + Send) -> Arc<T>
    where
        T: Send + Sync,
    {
        let get = || {
            let mut known = self.0.blocking_lock();
            known.upgrade().unwrap_or_else(|| {
                let shared = Arc::new(make());
                *known = Arc::downgrade(&shared);
                shared
            })
        };
        // A thread of its own: inside a runtime, waiting for the lock is forbidden.
        thread::scope(|scope| scope.spawn(get).join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    }
}

impl<T> Default for Common<T> {
    fn default() -> Self {
        Self::new()
    }
}
