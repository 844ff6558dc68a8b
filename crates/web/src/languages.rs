//! In which language a request is answered.

use std::{
    collections::HashMap,
    sync::{Arc, RwLock},
};

use axum::{extract::Request, http::header, middleware::Next, response::Response};
use language::{Language, in_language, translated};
use model::Model;

/// Answers in the language that the browser asks for, until it is known who asks.
pub(crate) async fn answer(request: Request, next: Next) -> Response {
    let accepted = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    in_language(Language::accepted(accepted.unwrap_or_default()), next.run(request)).await
}

/// The declarations with labels in the languages that were asked for, each made once a version.
#[derive(Clone, Default)]
pub(crate) struct Labelled(Arc<RwLock<HashMap<Language, Pair>>>);

/// A model and the same in other words.
type Pair = (Arc<Model>, Arc<Model>);

impl Labelled {
    /// `model` in the language of the request.
    pub fn in_current_language(&self, model: &Arc<Model>) -> Arc<Model> {
        let language = Language::current();
        if language == Language::English {
            return Arc::clone(model);
        }
        let known = self.0.read().ok().and_then(|pairs| pairs.get(&language).cloned());
        if let Some((_, labelled)) = known.filter(|(of, _)| Arc::ptr_eq(of, model)) {
            return labelled;
        }
        let labelled = Arc::new(model.in_other_words(|word| *word = translated(word).into_owned()));
        if let Ok(mut pairs) = self.0.write() {
            pairs.insert(language, (Arc::clone(model), Arc::clone(&labelled)));
        }
        labelled
    }
}
