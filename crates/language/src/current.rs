//! Which language the task at work is to answer in.

use std::{cell::Cell, future::Future};

use crate::Language;

tokio::task_local! {
    static SPOKEN: Cell<Language>;
}

impl Language {
    /// The language of the request being answered; English outside of one.
    pub fn current() -> Self {
        SPOKEN.try_with(Cell::get).unwrap_or_default()
    }
}

/// Answers a request in a language, which [`speak`] may still change.
pub async fn in_language<T>(language: Language, answer: impl Future<Output = T>) -> T {
    SPOKEN.scope(Cell::new(language), answer).await
}

/// Does something in English, such as writing to a log, whose readers are not those of the request.
pub fn in_english<T>(work: impl FnOnce() -> T) -> T {
    SPOKEN.sync_scope(Cell::new(Language::English), work)
}

/// Does something in a language, without waiting for anything.
pub fn within<T>(language: Language, work: impl FnOnce() -> T) -> T {
    SPOKEN.sync_scope(Cell::new(language), work)
}

/// From here on the request is answered in this language: its sender has become known. Does nothing
/// outside of a request.
pub fn speak(language: Language) {
    let _ = SPOKEN.try_with(|spoken| spoken.set(language));
}

/// The language of a request, taken along to where it goes on: to another thread or another task.
#[derive(Debug, Clone, Copy)]
pub struct Carried(Language);

impl Carried {
    /// Takes the current language along.
    pub fn here() -> Self {
        Self(Language::current())
    }

    /// Does something in it.
    pub fn in_scope<T>(self, work: impl FnOnce() -> T) -> T {
        SPOKEN.sync_scope(Cell::new(self.0), work)
    }

    /// Goes on in it.
    pub fn with<F: Future>(self, work: F) -> impl Future<Output = F::Output> {
        in_language(self.0, work)
    }
}
