//! A request, read and authenticated.

use std::sync::Arc;

use axum::{
    body::{Bytes, to_bytes},
    extract::Request as HttpRequest,
    http::{HeaderMap, Method, Uri},
};
use crm::{App, Caller};
use model::Model;

use super::{
    Server,
    batch::Part,
    on_behalf::{self, authenticate},
};
use crate::{
    csdl::Cache,
    error::{Error, Result},
    odata::{QueryOptions, ResourcePath},
    wire::Preferences,
};

/// Largest body: a 32 MB attachment in base64 with room for the rest.
const BODY_LIMIT: usize = 48 * 1024 * 1024;
const VERSIONS: [&str; 3] = ["v9.0", "v9.1", "v9.2"];
const BASE: &str = "/api/data/";

/// A request in the name of a caller.
#[derive(Clone)]
pub struct Request {
    /// The domain.
    pub app: App,
    /// In whose name.
    pub caller: Caller,
    /// The declarations in force, the same for the whole request.
    pub model: Arc<Model>,
    /// `$metadata`, made once for all requests.
    pub schema: Arc<Cache>,
    /// `HEAD` counts as `GET`.
    pub method: Method,
    /// `http://host/api/data/v9.2/`
    pub root: String,
    /// The path below the root, as it was sent.
    pub raw_path: String,
    /// The same, understood.
    pub path: ResourcePath,
    /// The query string.
    pub options: QueryOptions,
    /// The `Prefer` header.
    pub prefer: Preferences,
    /// All headers.
    pub headers: HeaderMap,
    body: Bytes,
}

impl Request {
    /// Read a request: who asks first, then what.
    pub(super) async fn read(server: Server, request: HttpRequest) -> Result<Self> {
        let (parts, body) = request.into_parts();
        let caller = authenticate(&server.app, &parts.headers).await?;
        let (version, raw_path) = split_version(parts.uri.path())?;
        let root = format!("{}{BASE}{version}/", origin(server.public_url.as_deref(), &parts.headers, &parts.uri));
        let options = QueryOptions::parse(parts.uri.query().unwrap_or_default())?;
        let path = ResourcePath::parse(raw_path, &options)?;
        let body = to_bytes(body, BODY_LIMIT).await.map_err(|_| Error::TooLarge { limit: BODY_LIMIT })?;
        Ok(Self {
            model: server.app.model(),
            app: server.app,
            schema: server.schema,
            caller,
            method: if parts.method == Method::HEAD { Method::GET } else { parts.method },
            root,
            raw_path: raw_path.to_owned(),
            path,
            options,
            prefer: Preferences::read(&parts.headers),
            headers: parts.headers,
            body,
        })
    }

    /// The same over the declarations now in force, which decide what the caller may do with which rows.
    pub async fn renewed(&self) -> Result<Self> {
        let model = self.app.model();
        let caller = authenticate(&self.app, &self.headers).await?;
        Ok(Self { caller, model, ..self.clone() })
    }

    /// A request in a part of a batch: in the same name, over the same declarations. It counts as a
    /// request of whoever sent the batch.
    pub fn part(&self, part: &Part) -> Result<Self> {
        on_behalf::refuse_another(&part.headers, &self.caller)?;
        self.app.admit_request(self.caller.acting().unwrap_or(self.caller.user))?;
        let target = below_version(&part.target)?;
        let (raw_path, query) = target.split_once('?').unwrap_or((target, ""));
        let options = QueryOptions::parse(query)?;
        Ok(Self {
            app: self.app.clone(),
            caller: self.caller.clone(),
            model: Arc::clone(&self.model),
            schema: Arc::clone(&self.schema),
            method: if part.method == Method::HEAD { Method::GET } else { part.method.clone() },
            root: self.root.clone(),
            raw_path: raw_path.to_owned(),
            path: ResourcePath::parse(raw_path, &options)?,
            options,
            prefer: Preferences::read(&part.headers),
            headers: part.headers.clone(),
            body: Bytes::from(part.body.clone()),
        })
    }

    /// The body as it came.
    pub fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// The body as text.
    pub fn text(&self) -> Result<&str> {
        std::str::from_utf8(&self.body).map_err(|_| Error::BadBody("the body is not UTF-8".to_owned()))
    }

    /// True where the client asks not to make what seems to be there already
    /// (`MSCRM.SuppressDuplicateDetection: false`); without the header duplicates are its own matter.
    pub fn detects_duplicates(&self) -> bool {
        let header = self.headers.get("mscrm.suppressduplicatedetection").and_then(|value| value.to_str().ok());
        header.is_some_and(|value| value.trim().eq_ignore_ascii_case("false"))
    }

    /// A refusal of this method.
    pub fn not_allowed(&self, resource: &'static str, allowed: &'static str) -> Error {
        Error::MethodNotAllowed { method: self.method.to_string(), resource, allowed }
    }
}

/// What of an address in a part stands below the version: it may be whole, or begin at the root.
fn below_version(target: &str) -> Result<&str> {
    match target.split_once(BASE) {
        Some((_, rest)) => {
            let (version, path) = rest.split_once('/').unwrap_or((rest, ""));
            if VERSIONS.contains(&version) { Ok(path) } else { Err(Error::UnknownResource(version.to_owned())) }
        }
        None if target.contains("://") => Err(Error::UnknownResource(target.to_owned())),
        None => Ok(target.trim_start_matches('/')),
    }
}

fn split_version(path: &str) -> Result<(&str, &str)> {
    let rest = path.strip_prefix(BASE).unwrap_or_default();
    let (version, path) = rest.split_once('/').unwrap_or((rest, ""));
    if VERSIONS.contains(&version) { Ok((version, path)) } else { Err(Error::UnknownResource(version.to_owned())) }
}

/// Scheme and host of links: as configured (`public_url`), else as the client asked.
pub fn origin(public_url: Option<&str>, headers: &HeaderMap, uri: &Uri) -> String {
    if let Some(url) = public_url {
        return url.trim_end_matches('/').to_owned();
    }
    let said = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    // What a proxy in front says is settled before a request comes here.
    let host = said("x-forwarded-host")
        .or_else(|| said("host"))
        .or_else(|| uri.authority().map(axum::http::uri::Authority::as_str))
        .unwrap_or("localhost");
    let scheme = said("x-forwarded-proto").or(uri.scheme_str()).unwrap_or("http");
    format!("{scheme}://{host}")
}
