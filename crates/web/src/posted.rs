//! What a form sent, once it is sure that the form was ours.

use axum::{
    body::Bytes,
    extract::{FromRequest, Multipart, Request},
    http::{HeaderMap, StatusCode, header},
};
use language::tr;

use crate::{
    app::Site,
    failure::Failure,
    session::{Entrant, Me},
};

/// Field and header that carry the session's token.
pub(crate) const TOKEN: &str = "csrf";
const TOKEN_HEADER: &str = "x-csrf-token";

/// A form of the person who is signed in.
pub(crate) struct Posted {
    pub me: Me,
    pub typed: Typed,
}

/// What was typed, exactly as it was typed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Typed {
    values: Vec<(String, String)>,
    files: Vec<Upload>,
}

/// A file that was sent.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    /// Of the form.
    pub field: String,
    /// As the sender calls it.
    pub name: String,
    pub content_type: String,
    pub bytes: Bytes,
}

impl Typed {
    /// What a form without files sends, or a query string.
    pub fn parse(text: &str) -> Self {
        let values = form_urlencoded::parse(text.as_bytes()).into_owned().collect();
        Self { values, files: Vec::new() }
    }

    /// The last value of a field: a switch sends `false` before its `true`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The last value of a field, or "".
    pub fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    /// Puts a value in place of those of a field.
    pub fn set(&mut self, name: &str, value: &str) {
        self.values.retain(|(key, _)| key != name);
        self.values.push((name.to_owned(), value.to_owned()));
    }

    /// Puts several values in place of those of a field; an empty one stays where there is none.
    pub fn set_all<'v>(&mut self, name: &str, values: impl Iterator<Item = &'v str>) {
        self.set(name, "");
        self.values.extend(values.filter(|value| !value.is_empty()).map(|value| (name.to_owned(), value.to_owned())));
    }

    /// Adds a value to those of a field.
    pub fn add(&mut self, name: &str, value: &str) {
        self.values.push((name.to_owned(), value.to_owned()));
    }

    /// All values of a field that are not empty.
    pub fn all<'t>(&'t self, name: &'t str) -> impl Iterator<Item = &'t str> {
        self.values.iter().filter(move |(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }

    /// True where the form has this field, be it empty.
    pub fn has(&self, name: &str) -> bool {
        self.values.iter().any(|(key, _)| key == name)
    }

    /// The file sent for a field.
    pub fn file(&self, name: &str) -> Option<&Upload> {
        self.files.iter().find(|file| file.field == name)
    }

    /// All files sent for a field.
    pub fn files<'t>(&'t self, name: &'t str) -> impl Iterator<Item = &'t Upload> {
        self.files.iter().filter(move |file| file.field == name)
    }

    /// Fields whose name begins with `prefix`, under the name without it.
    pub fn with_prefix(&self, prefix: &str) -> Self {
        let values =
            self.values.iter().filter_map(|(key, value)| Some((key.strip_prefix(prefix)?.to_owned(), value.clone())));
        Self { values: values.collect(), files: Vec::new() }
    }

    /// The ids of selected rows.
    pub fn ids(&self) -> Result<Vec<uuid::Uuid>, Failure> {
        self.all("id")
            .map(|id| id.parse().map_err(|_| Failure::Bad(tr!("“{}” is not the number of a row", id))))
            .collect()
    }

    async fn read(request: Request, site: &Site) -> Result<Self, Failure> {
        let content_type =
            request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if content_type.starts_with("multipart/form-data") {
            let parts = Multipart::from_request(request, site)
                .await
                .map_err(|error| unread(error.status(), error.body_text()))?;
            return Self::read_parts(parts).await;
        }
        let body =
            String::from_request(request, site).await.map_err(|error| unread(error.status(), error.body_text()))?;
        Ok(Self::parse(&body))
    }

    async fn read_parts(mut parts: Multipart) -> Result<Self, Failure> {
        let mut typed = Self::default();
        while let Some(part) = parts.next_field().await.map_err(|error| unread(error.status(), error.body_text()))? {
            let field = part.name().unwrap_or_default().to_owned();
            let name = part.file_name().map(str::to_owned);
            let content_type = part.content_type().unwrap_or("application/octet-stream").to_owned();
            let bytes = part.bytes().await.map_err(|error| unread(error.status(), error.body_text()))?;
            match name {
                // A file field without a file is sent as an empty file without a name.
                Some(name) if name.is_empty() && bytes.is_empty() => {}
                Some(name) => typed.files.push(Upload { field, name, content_type, bytes }),
                None => typed.values.push((field, String::from_utf8_lossy(&bytes).into_owned())),
            }
        }
        Ok(typed)
    }
}

/// Why a form could not be read.
fn unread(status: StatusCode, text: String) -> Failure {
    if status == StatusCode::PAYLOAD_TOO_LARGE { Failure::TooLarge } else { Failure::Bad(text) }
}

/// Refuses a form that does not carry the session's token in a field or a header.
pub(crate) fn require_token(me: &Me, header: Option<&str>, field: Option<&str>) -> Result<(), Failure> {
    require(&me.csrf, header, field)
}

fn require(csrf: &str, header: Option<&str>, field: Option<&str>) -> Result<(), Failure> {
    let genuine = |token: Option<&str>| token.is_some_and(|token| !token.is_empty() && same(token, csrf));
    if genuine(header) || genuine(field) {
        return Ok(());
    }
    tracing::warn!(target: "security", "a form without the token of its session was refused");
    Err(Failure::Forged)
}

/// The token of a script's request.
pub(crate) fn token_header(headers: &HeaderMap) -> Option<String> {
    headers.get(TOKEN_HEADER).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// Compares in the same time wherever the difference is.
pub(crate) fn same(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.bytes().zip(other.bytes()).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

impl FromRequest<Site> for Posted {
    type Rejection = Failure;

    async fn from_request(request: Request, site: &Site) -> Result<Self, Failure> {
        let me = Me::of(request.headers(), site).await?;
        let header = token_header(request.headers());
        let typed = Typed::read(request, site).await?;
        require_token(&me, header.as_deref(), typed.get(TOKEN))?;
        Ok(Self { me, typed })
    }
}

/// A form of somebody who is not signed in yet; the handler checks its token.
pub(crate) struct PostedByVisitor {
    pub headers: HeaderMap,
    pub typed: Typed,
}

impl FromRequest<Site> for PostedByVisitor {
    type Rejection = Failure;

    async fn from_request(request: Request, site: &Site) -> Result<Self, Failure> {
        let headers = request.headers().clone();
        Ok(Self { headers, typed: Typed::read(request, site).await? })
    }
}

/// A form of somebody whose session may still be half open.
pub(crate) struct PostedByEntrant {
    pub entrant: Entrant,
    pub typed: Typed,
}

impl FromRequest<Site> for PostedByEntrant {
    type Rejection = Failure;

    async fn from_request(request: Request, site: &Site) -> Result<Self, Failure> {
        let entrant = Entrant::of(request.headers(), site).await?;
        let header = token_header(request.headers());
        let typed = Typed::read(request, site).await?;
        require(&entrant.session.csrf, header.as_deref(), typed.get(TOKEN))?;
        Ok(Self { entrant, typed })
    }
}
