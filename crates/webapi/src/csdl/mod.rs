//! `$metadata`: what there is, as the Common Schema Definition Language of OData 4.0 tells it (OASIS,
//! "OData CSDL XML Representation"), made from the model and the table of operations. It is large, so
//! it is made and packed once for each model.

mod container;
mod definitions;
mod entity;
mod facets;
pub(crate) mod navigation;
mod operation;
mod schema;
mod xml;

pub use definitions::{SETS as OF_METADATA, is_kind};

use std::{
    io::{self, Write as _},
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    body::Bytes,
    http::{HeaderMap, Method, StatusCode, header},
    response::Response,
};
use flate2::{Compression, write::GzEncoder};
use model::Model;
use sha2::{Digest, Sha256};

use crate::{
    error::{Error, Result},
    handlers::{Request, empty, xml as answer},
};

/// The document of a model.
#[derive(Debug)]
struct Document {
    /// Keeps the model it was made of, so that another cannot come to stand in its place.
    model: Arc<Model>,
    plain: Bytes,
    packed: Bytes,
    tag: String,
}

/// The document last made.
#[derive(Debug, Default)]
pub struct Cache(Mutex<Option<Arc<Document>>>);

impl Cache {
    fn of(&self, model: &Arc<Model>) -> io::Result<Arc<Document>> {
        // Held while it is made: who asks meanwhile would only make it as well.
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(document) = last.as_ref().filter(|document| Arc::ptr_eq(&document.model, model)) {
            return Ok(Arc::clone(document));
        }
        let document = Arc::new(Document::of(model)?);
        *last = Some(Arc::clone(&document));
        Ok(document)
    }
}

impl Document {
    fn of(model: &Arc<Model>) -> io::Result<Self> {
        let plain = schema::write(model)?;
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(&plain)?;
        let digest = Sha256::digest(&plain);
        let tag = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect::<String>();
        Ok(Self {
            model: Arc::clone(model),
            packed: packed.finish()?.into(),
            plain: plain.into(),
            // Weak: the same document, packed or not.
            tag: format!("W/\"{tag}\""),
        })
    }
}

/// Answers with the document, in XML whatever `Accept` says.
pub fn serve(request: &Request) -> Result<Response> {
    if request.method != Method::GET {
        return Err(request.not_allowed("$metadata", "GET"));
    }
    request.options.allow(&[])?;
    if let Some(format) = request.options.get("$format").filter(|format| !format.contains("xml")) {
        return Err(Error::BadRequest(format!(
            "$format: $metadata is not told as '{format}', only as application/xml"
        )));
    }
    let document = request.schema.of(&request.model)?;
    if said(&request.headers, &header::IF_NONE_MATCH).any(|known| known == "*" || known == document.tag) {
        return Ok(with_tag(empty(StatusCode::NOT_MODIFIED), &document.tag));
    }
    let takes_packed = said(&request.headers, &header::ACCEPT_ENCODING).any(|coding| {
        let (coding, weight) = coding.split_once(';').unwrap_or((coding, ""));
        coding.trim().eq_ignore_ascii_case("gzip") && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
    });
    let response =
        if takes_packed { answer(document.packed.clone(), true) } else { answer(document.plain.clone(), false) };
    Ok(with_tag(response, &document.tag))
}

/// The items of a header, where it is there.
pub(crate) fn said<'h>(headers: &'h HeaderMap, name: &header::HeaderName) -> impl Iterator<Item = &'h str> {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

/// With the version of the document.
pub(crate) fn with_tag(mut response: Response, tag: &str) -> Response {
    if let Ok(value) = tag.parse() {
        response.headers_mut().insert(header::ETAG, value);
    }
    response.headers_mut().append(header::VARY, header::HeaderValue::from_static("accept-encoding"));
    response
}
