//! Who asks, and by what browser.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use crm::{Caller, format::Style};
use percent_encoding::percent_decode_str;

use crate::{
    app::Site,
    components::Theme,
    failure::Failure,
    flash::{self, Flash},
};

/// Name of the session's cookie.
pub(crate) const COOKIE: &str = "pipewright_session";

/// What the browser says about itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Browser {
    /// Asked by a script for a part of a page.
    pub htmx: bool,
    /// Id of the element that the answer goes into.
    pub target: Option<String>,
    /// The page on which this was asked for: path and query.
    pub page: Option<String>,
    /// Reached over HTTPS, so that cookies may be limited to it.
    pub secure: bool,
    /// Light or dark.
    pub theme: Theme,
    /// Its name and version.
    pub agent: String,
}

/// The person who is signed in, with what belongs to this one request.
#[derive(Clone)]
pub(crate) struct Me {
    pub caller: Caller,
    /// Token that every form of this session carries.
    pub csrf: String,
    /// How numbers and dates are written for this person.
    pub style: Style,
    pub browser: Browser,
    /// What the page before wants told.
    pub flash: Option<Flash>,
    /// The session's secret, for signing out.
    pub secret: String,
}

impl Browser {
    /// Reads the headers.
    pub fn of(headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        Self {
            htmx: text("hx-request") == Some("true"),
            target: text("hx-target").map(str::to_owned),
            page: text("hx-current-url").or_else(|| text("referer")).and_then(path_of).map(str::to_owned),
            secure: text("x-forwarded-proto") == Some("https"),
            theme: Theme::from_cookie(cookie(headers, "theme").unwrap_or_default()),
            agent: text("user-agent").unwrap_or_default().to_owned(),
        }
    }

    /// A cookie that scripts cannot read, kept for `seconds` (0 removes it).
    pub fn cookie(&self, name: &str, value: &str, seconds: i64) -> String {
        let secure = if self.secure { "; Secure" } else { "" };
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
    }
}

/// Path and query of an address.
fn path_of(address: &str) -> Option<&str> {
    let (_, rest) = address.split_once("://")?;
    rest.find('/').map(|at| &rest[at..])
}

/// The value of a cookie.
pub(crate) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

impl Me {
    /// The person whose session the request carries.
    pub async fn of(headers: &HeaderMap, site: &Site) -> Result<Self, Failure> {
        let secret = cookie(headers, COOKIE).ok_or(crm::Error::NotSignedIn)?.to_owned();
        let signed_in = site.app.identity().by_session(&secret).await?;
        let decoded = |name: &str| {
            cookie(headers, name).and_then(|value| percent_decode_str(value).decode_utf8().ok()).unwrap_or_default()
        };
        let caller = signed_in.caller.as_browser_says(&decoded("tz"), &decoded("locale"));
        Ok(Self {
            style: Style::of(&caller),
            caller,
            csrf: signed_in.csrf,
            browser: Browser::of(headers),
            flash: cookie(headers, flash::COOKIE).and_then(Flash::read),
            secret,
        })
    }
}

impl FromRequestParts<Site> for Me {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Failure> {
        Self::of(&parts.headers, site).await
    }
}
